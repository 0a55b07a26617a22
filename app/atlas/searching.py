"""What somebody looks for on the map: from the fields of its form to the parameters of a collection, and to a page of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from app.atlas.reading import ReadPlace, read_place, says_numbers
from app.collections import kinds
from app.collections.kinds.kind import Described
from app.collections.paging import read_page
from app.collections.query import DEFAULT_WITHIN_M, ItemsQuery, read
from app.collections.values import Values
from app.coordinates.rescue import Reading
from app.db import ReadSession
from app.errors import BadRequest, Fault
from app.placement.rules import Nearby
from app.published.catalogue import Half, Known
from app.regions.codes import Directory, Region

FIELDS = ("q", "category", "kelurahan", "near", "within_m", "bbox", "sortby", "read")
"""Of the form and of links to a view. `read=words`: `q` is neither a place nor the name of a kelurahan."""
SORTED_BY_NAME = 20_000
"""So many items are put in the order of their names; more come in the order of their places, for which there is an index."""
ALL_POINTS = "points"
_LIKE_IT = 3
_WORDS = ("nothing-read", "other-words", "date")
"""Why a text is no place, where nothing in it looks like one."""


class FoundPlace(NamedTuple):
    """A place that a text means, in WGS 84 degrees, with the repairs that lead to it and the kelurahan where it lies."""

    lon: float
    lat: float
    repairs: tuple[str, ...] = ()
    kelurahan: Nearby | None = None

    @property
    def near(self) -> str:
        """As the parameter has it."""
        return f"{round(self.lon, 7)},{round(self.lat, 7)}"


@dataclass(frozen=True, slots=True)
class Search:
    """`collection` and `parameters` ask for the same over the API, without page and format."""

    collection: str
    parameters: Mapping[str, str]
    place: FoundPlace | None = None
    """Around which is looked."""
    named: Region | None = None
    """The kelurahan that `q` names."""
    choices: Sequence[FoundPlace] = ()
    """Where `q` may lie, when it can be read in several ways."""
    like_it: Sequence[Region] = ()
    """Kelurahan whose names contain `q`."""
    reason: str | None = None
    """Why `q`, which looks like a coordinate, is no place."""


class FoundPoints(NamedTuple):
    """What is shown of a search: Features, how many there are in all (None: not counted), the cursor of what follows, and which fields were of no use."""

    search: Search
    collection: Described
    features: Sequence[Mapping[str, Any]]
    matched: int | None
    cursor: str | None
    faults: Sequence[Fault]


async def find(
    session: ReadSession, half: Half, known: Known, secret: bytes, sent: Mapping[str, str], limit: int, cursor: str | None = None
) -> FoundPoints:
    """A page of the points that somebody looks for. Fields that are wrong are left out, and told. `NotFound` for a category that there is not."""
    search = await understand(session, known, sent)
    collection = kinds.one(known, half, search.collection)
    total = collection.standing(known).number
    parameters = {**search.parameters, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    query, faults = _read(parameters, half, known, collection)
    if not query.sortby and query.near is None and (query.kelurahan or total <= SORTED_BY_NAME):
        query = replace(query, sortby=(("name", False),))
    page = await read_page(session, collection, query, secret, total)
    return FoundPoints(search, collection, orjson.loads(b"[" + page.features + b"]"), page.matched, page.cursor, faults)


def _read(parameters: Mapping[str, str], half: Half, known: Known, collection: Described) -> tuple[ItemsQuery, Sequence[Fault]]:
    values = Values(known.directory, collection.cards)

    def query_of(fields: Mapping[str, str]) -> ItemsQuery:
        return read(fields, half, collection.id, collection.source.queryables, known.srids, values=values)

    try:
        return query_of(parameters), ()
    except BadRequest as error:
        wrong = {fault.where for fault in error.faults}
        if not wrong & parameters.keys():
            raise
        # A distance goes with its place.
        wrong |= {"within_m"} if "near" in wrong else set()
        return query_of({name: value for name, value in parameters.items() if name not in wrong}), error.faults


async def understand(session: ReadSession, known: Known, sent: Mapping[str, str]) -> Search:
    """`sent`: those of `FIELDS` that are not empty. What is wrong with them is found when the collection is asked."""
    text = sent.get("q", "").strip()
    parameters = {name: sent[name] for name in ("kelurahan", "near", "within_m", "bbox", "sortby") if name in sent}
    place, named, reason = None, None, None
    choices: Sequence[FoundPlace] = ()
    like_it: Sequence[Region] = ()
    if text and sent.get("read") != "words":
        if says_numbers(text) and known.edition:
            place, choices, reason = await _place(session, known, text)
        named = None if place or choices else _kelurahan(known.directory, text)
        like_it = () if place or choices or named else _names_with(known.directory, text)
    if place:
        parameters |= {"near": place.near, "within_m": sent.get("within_m", f"{DEFAULT_WITHIN_M:.0f}")}
    elif named:
        parameters.setdefault("kelurahan", named.code)
    elif text and not choices:
        parameters["q" if sent.get("read") == "words" else "words"] = text
    category = sent.get("category")
    collection = ALL_POINTS if category is None else category
    return Search(collection, parameters, place or _around(parameters.get("near")), named, choices, like_it, reason)


async def _place(session: ReadSession, known: Known, text: str) -> tuple[FoundPlace | None, Sequence[FoundPlace], str | None]:
    """The one place that a text means, or those that it may mean, or why it is none."""
    read = await read_place(session, known.cities, text)
    if read.decided.reading:
        return _found(read, read.decided.reading), (), None
    choices = tuple(_found(read, one) for one in read.around) if read.decided.decision == "ambiguous" else ()
    reason = read.decided.reason if not choices and read.decided.reason not in _WORDS else None
    return None, choices, reason


def _found(read: ReadPlace, reading: Reading) -> FoundPlace:
    nearby = read.around[reading]
    return FoundPlace(reading.lon, reading.lat, tuple(reading.repairs), nearby[0] if nearby else None)


def _around(near: str | None) -> FoundPlace | None:
    """The place that a link or the phone names; None where it is none, which the collection will say."""
    try:
        lon, lat = map(float, (near or "").split(","))
    except ValueError:
        return None
    return FoundPlace(lon, lat)


def _kelurahan(directory: Directory, text: str) -> Region | None:
    """The one that is called so. A mere number is a word of a name: `posyandu 1011` finds what is called so, and not a code."""
    return directory.by_code(text) if directory.looks_like_code(text) else directory.by_name(text)


def _names_with(directory: Directory, text: str) -> Sequence[Region]:
    wanted = text.casefold()
    if len(wanted) < 3:
        return ()
    return [region for region in directory.kelurahan.values() if wanted in region.name.casefold()][:_LIKE_IT]
