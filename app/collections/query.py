"""What a client asks of a collection, from the parameters of its address to one frozen value. Pure."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.collections.items import DEFAULT_LIMIT, MAX_LIMIT
from app.collections.values import NOTHING_KNOWN, SoughtWord, Unfit, Values
from app.cql2.filters import Queryable
from app.cql2.reading import parse as parse_filter
from app.errors import BadRequest, Fault
from app.geo import CRS84, Bbox, Crs, box_in_degrees, is_position, parse_bbox, parse_crs
from app.intervals import DatetimeInterval, read_interval
from app.published.catalogue import Half

PARAMETERS = (
    "bbox", "bbox-crs", "crs", "cursor", "datetime", "f", "filter", "filter-crs", "filter-lang", "limit", "near", "offset", "properties",
    "q", "resultType", "sortby", "view", "within_m", "words",
)  # fmt: skip
EDITION = "edition"
"""Of areas alone; read by the route, which alone knows which editions there are."""
MAX_OFFSET = 100_000_000
_MAX_SORTED, _MAX_PHRASES, _MAX_PHRASE, _MAX_WORDS = 5, 10, 100, 20
DEFAULT_WITHIN_M, MAX_WITHIN_M = 1_000.0, 50_000.0
# Written with any of these, or with none, it is the same word (Jum'at, Jumat), as `titik.searched` has it in the database.
APOSTROPHES = "'`\u00b4\u2018\u2019\u02bb\u02bc\u2032\uff07"
_WITHOUT_APOSTROPHES = str.maketrans("", "", APOSTROPHES)
_AROUND_WORDS = '.,;:!?()[]"\u201c\u201d'
_SAYS_NOTHING = frozenset({"di", "kel", "kelurahan", "desa", "kec", "kecamatan", "jl", "jln", "jalan", "in", "the"})
"""Of a search that has other words: what stands before a name, and is written in several ways or not at all."""


class Box(NamedTuple):
    """A box in another CRS: easting first, both ends included."""

    srid: int
    west: float
    south: float
    east: float
    north: float


class Near(NamedTuple):
    """At most so many geodesic metres from a position in degrees."""

    lon: float
    lat: float
    within_m: float


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """`trees` are filters in CQL2, with their CRS; of the `phrases` one must stand in the words of an item; each of the `words` there, or in
    the name of its kelurahan, kecamatan or category; `limit` None: nothing was said.
    """

    half: Half
    collection: str
    limit: int | None = None
    offset: int | None = None
    cursor: str | None = None
    bbox: Bbox | None = None
    box: Box | None = None
    span: DatetimeInterval | None = None
    kelurahan: str | None = None
    trees: tuple[tuple[object, Crs], ...] = ()
    sortby: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    phrases: tuple[str, ...] = ()
    words: tuple[SoughtWord, ...] = ()
    crs: Crs = CRS84
    near: Near | None = None
    only_count: bool = False
    edition_id: int | None = None
    """Of areas that are not those of the active edition."""

    @property
    def is_plain(self) -> bool:
        """Whether the fixed statements of `items.py` answer it, where the collection has ready-made fragments."""
        return not (
            self.offset
            or self.box
            or self.span
            or self.trees
            or self.sortby
            or self.phrases
            or self.words
            or self.near
            or (self.bbox and self.kelurahan)
            or self.properties is not None
            or self.crs != CRS84
        )


@dataclass(slots=True)
class _ParameterReader:
    """Reads one parameter after the other and collects what is wrong with them."""

    parameters: Mapping[str, str]
    queryables: Mapping[str, Queryable]
    srids: Collection[int]
    values: Values
    faults: list[Fault] = field(default_factory=list)

    def number(self, name: str, code: str, most: int, least: int) -> int | None:
        text = self.parameters.get(name)
        if text is None:
            return None
        if text.isdecimal() and text.isascii() and len(text) < 16 and int(text) >= least:
            return min(int(text), most)
        self.faults.append(Fault(name, code))
        return None

    def crs(self, name: str) -> Crs:
        text = self.parameters.get(name)
        crs = CRS84 if text is None else _crs(text)
        if crs is None or (crs != CRS84 and crs.srid not in self.srids):
            known = ", ".join(("CRS84", *(f"EPSG:{srid}" for srid in self.srids)))
            self.faults.append(Fault(name, "crs-not-listed", {"known": known}))
        return crs or CRS84

    def boxes(self) -> tuple[Bbox | None, Box | None]:
        """In degrees, and, where it was given in another CRS, as it was given there."""
        text, crs = self.parameters.get("bbox"), self.crs("bbox-crs")
        try:
            return (None, None) if text is None else _boxes(text, crs)
        except ValueError:
            self.faults.append(Fault("bbox", "bbox-invalid"))
            return None, None

    def span(self) -> DatetimeInterval | None:
        text = self.parameters.get("datetime")
        try:
            return None if text is None else read_interval(text)
        except ValueError:
            self.faults.append(Fault("datetime", "datetime-invalid"))
            return None

    def equal(self) -> dict[str, Any]:
        """Queryables as parameters, with their values."""
        found = {}
        for name, text in self.parameters.items():
            if name in self.queryables and name != "geometry":
                try:
                    found[name] = self.values.read(self.queryables[name], text)
                except Unfit as error:
                    self.faults.append(error.fault)
        return found

    @property
    def shown(self) -> list[str]:
        return [name for name in self.queryables if name != "geometry"]

    def names(self, text: str, parameter: str, there: Collection[str] = ()) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
        there = there or self.shown
        if unknown := [name for name in names if name not in there]:
            known = ", ".join(there)
            self.faults += [Fault(parameter, "property-unknown", {"known": known}) for _ in unknown[:1]]
        return names

    def phrases(self) -> tuple[str, ...]:
        """Alternatives by commas; the words of each stand together, in this order (OGC API Features Part 9, `/req/text-search/q-response`)."""
        if "q" not in self.parameters:
            return ()
        parts = self.parameters["q"].lower().translate(_WITHOUT_APOSTROPHES).split(",")
        phrases = tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))
        if len(phrases) > _MAX_PHRASES or any(len(phrase) > _MAX_PHRASE for phrase in phrases):
            self.faults.append(Fault("q", "list-too-long", {"expected": _MAX_PHRASES}))
        return phrases

    def words(self) -> tuple[SoughtWord, ...]:
        """Each on its own, wherever it stands. What every item has, and what says nothing beside other words, is left out."""
        texts = [word.translate(_WITHOUT_APOSTROPHES).strip(_AROUND_WORDS) for word in self.parameters.get("words", "").lower().split()]
        texts = list(dict.fromkeys(filter(None, texts)))
        if len(texts) > _MAX_WORDS or any(len(text) > _MAX_PHRASE for text in texts):
            self.faults.append(Fault("words", "list-too-long", {"expected": _MAX_WORDS}))
            return ()
        telling = [text for text in texts if text not in _SAYS_NOTHING] or texts
        return tuple(word for word in map(self.values.sought, telling) if word is not None)

    def near(self) -> Near | None:
        within = self.parameters.get("within_m")
        if "near" not in self.parameters:
            if within is not None:
                self.faults.append(Fault("within_m", "near-missing"))
            return None
        within_m = DEFAULT_WITHIN_M if within is None else _finite(within)
        if within_m is None or not 0 < within_m <= MAX_WITHIN_M:
            self.faults.append(Fault("within_m", "within-invalid", {"expected": f"{MAX_WITHIN_M:.0f}"}))
        position = [_finite(part) for part in self.parameters["near"].split(",")]
        if len(position) != 2 or position[0] is None or position[1] is None or not is_position(position[0], position[1]):
            self.faults.append(Fault("near", "near-invalid"))
            return None
        return Near(position[0], position[1], within_m or 0.0)

    def only_counts(self) -> bool:
        kind = self.parameters.get("resultType", "results")
        if kind not in ("results", "hits"):
            self.faults.append(Fault("resultType", "not-one-of", {"expected": "results, hits"}))
        if kind == "hits" and "cursor" in self.parameters:
            self.faults.append(Fault("cursor", "cursor-of-page"))
        return kind == "hits"

    def sortby(self) -> tuple[tuple[str, bool], ...]:
        """Names, each with whether it is sorted the other way round."""
        if "sortby" not in self.parameters:
            return ()
        text = self.parameters["sortby"]
        # In an address an unescaped plus is a blank.
        wanted = [(part.strip().lstrip("+-"), part.strip().startswith("-")) for part in text.split(",") if part.strip()]
        self.names(",".join(name for name, _ in wanted), "sortby", sortables(self.queryables))
        if len(wanted) > _MAX_SORTED:
            self.faults.append(Fault("sortby", "list-too-long", {"expected": _MAX_SORTED}))
        return tuple(dict(reversed(wanted)).items())[::-1]


def read(
    parameters: Mapping[str, str],
    half: Half,
    collection: str,
    queryables: Mapping[str, Queryable],
    srids: Collection[int],
    taken: Collection[str] | None = None,
    values: Values = NOTHING_KNOWN,
) -> ItemsQuery:
    """`BadRequest` with every parameter that is unknown or wrong. `taken` are the parameters that there are; None: those of items, and the
    queryables, whose values are read by `values`.
    """
    reader = _ParameterReader(parameters, queryables, srids, values)
    for name in parameters:
        if name == "geometry" or (name not in PARAMETERS and name not in queryables) if taken is None else name not in taken:
            known = {*PARAMETERS, *queryables} - {"geometry"} if taken is None else {*taken}
            reader.faults.append(Fault(name[:100], "parameter-unknown", {"known": ", ".join(sorted(known))}))
    limit = reader.number("limit", "limit-invalid", MAX_LIMIT, 1)
    offset = reader.number("offset", "offset-invalid", MAX_OFFSET, 0)
    bbox, box = reader.boxes()
    filter_crs = reader.crs("filter-crs")
    equal = reader.equal() if taken is None else {}
    kelurahan = equal.pop("kelurahan", None)
    trees: list[tuple[object, Crs]] = [({"op": "=", "args": [{"property": name}, value]}, CRS84) for name, value in equal.items()]
    if text := parameters.get("filter"):
        trees.append((parse_filter(text, parameters.get("filter-lang", "cql2-text")), filter_crs))
    query = ItemsQuery(
        half, collection, limit, offset, parameters.get("cursor"), bbox, box, reader.span(), kelurahan, tuple(trees),
        reader.sortby(), reader.names(parameters["properties"], "properties", ["id", *reader.shown]) if "properties" in parameters else None, reader.phrases(),
        reader.words(), reader.crs("crs"), reader.near(), reader.only_counts(),
    )  # fmt: skip
    if reader.faults:
        raise BadRequest(faults=reader.faults)
    return query


def sortables(queryables: Mapping[str, Queryable]) -> list[str]:
    """What has an order: no shapes, and no lists."""
    return [name for name, queryable in queryables.items() if queryable.kind not in ("geometry", "list")]


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def limit_of(query: ItemsQuery) -> int:
    return DEFAULT_LIMIT if query.limit is None else query.limit


def _crs(text: str) -> Crs | None:
    try:
        return parse_crs(text)
    except ValueError:
        return None


def _boxes(text: str, crs: Crs) -> tuple[Bbox, Box | None]:
    if crs == CRS84:
        return parse_bbox(text), None
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise ValueError(text)
    first, second = numbers[:2], numbers[len(numbers) // 2 :][:2]
    if crs.north_first:
        first, second = first[::-1], second[::-1]
    if crs.srid == CRS84.srid:
        return parse_bbox(",".join(map(repr, (*first, *second)))), None
    if first[0] > second[0] or first[1] > second[1]:
        raise ValueError(text)
    return box_in_degrees(crs, *first, *second), Box(crs.srid, *first, *second)
