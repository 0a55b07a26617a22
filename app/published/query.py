"""What a client asks of a collection, from the parameters of its address to one frozen value. Pure."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.errors import BadRequest, Fault
from app.geo import CRS84, Bbox, Crs, box_in_degrees, parse_bbox, parse_crs
from app.published.catalogue import AREAS, Half
from app.published.cql2 import parse as parse_filter
from app.published.filters import Queryable
from app.published.items import DEFAULT_LIMIT, MAX_LIMIT
from app.published.values import INSTANT, NOTHING_KNOWN, Unfit, Values

PARAMETERS = (
    "bbox", "bbox-crs", "crs", "cursor", "datetime", "f", "filter", "filter-crs", "filter-lang", "limit", "offset", "properties", "q",
    "sortby", "view",
)  # fmt: skip
MAX_OFFSET = 100_000_000
_MAX_SORTED, _MAX_WORDS = 5, 10


class Box(NamedTuple):
    """A box in another CRS: easting first, both ends included."""

    srid: int
    west: float
    south: float
    east: float
    north: float


class Span(NamedTuple):
    """From an instant to an instant, both included; None: without an end."""

    begin: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """`equal` are queryables given as parameters, `trees` filters in CQL2; `limit` None: nothing was said."""

    half: Half
    collection: str
    limit: int | None = None
    offset: int | None = None
    cursor: str | None = None
    bbox: Bbox | None = None
    box: Box | None = None
    span: Span | None = None
    kelurahan: str | None = None
    trees: tuple[tuple[Any, int], ...] = ()
    sortby: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    words: tuple[str, ...] = ()
    crs: Crs = CRS84

    @property
    def is_plain(self) -> bool:
        """Whether the ready-made fragments and the fixed statements of `items.py` answer it."""
        return self.collection not in AREAS and not (
            self.offset
            or self.box
            or self.span
            or self.trees
            or self.sortby
            or self.words
            or self.properties is not None
            or self.crs != CRS84
        )


@dataclass(slots=True)
class _Reader:
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

    def span(self) -> Span | None:
        text = self.parameters.get("datetime")
        try:
            return None if text is None else _span(text)
        except ValueError:
            self.faults.append(Fault("datetime", "datetime-invalid"))
            return None

    def equal(self) -> dict[str, Any]:
        """Queryables as parameters, with their values."""
        found = {}
        for name, queryable in self.queryables.items():
            if name in self.parameters and name != "geometry":
                try:
                    found[name] = self.values.read(queryable, self.parameters[name])
                except Unfit as error:
                    self.faults.append(error.fault)
        return found

    def names(self, text: str, parameter: str, *others: str) -> tuple[str, ...]:
        """`others` may be named beside the queryables."""
        names = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
        if unknown := [name for name in names if name not in {*self.queryables, *others} or name == "geometry"]:
            known = ", ".join(name for name in self.queryables if name != "geometry")
            self.faults += [Fault(parameter, "property-unknown", {"known": known}) for _ in unknown[:1]]
        return names

    def sortby(self) -> tuple[tuple[str, bool], ...]:
        """Names, each with whether it is sorted the other way round."""
        text = self.parameters.get("sortby", "")
        # In an address an unescaped plus is a blank.
        wanted = [(part.strip().lstrip("+-"), part.strip().startswith("-")) for part in text.split(",") if part.strip()]
        self.names(",".join(name for name, _ in wanted), "sortby")
        if len(wanted) > _MAX_SORTED:
            self.faults.append(Fault("sortby", "list-too-long", {"expected": _MAX_SORTED}))
        return tuple(dict(reversed(wanted)).items())[::-1]


def read(
    parameters: Mapping[str, str],
    half: Half,
    collection: str,
    queryables: Mapping[str, Queryable],
    srids: Collection[int],
    taken: Collection[str] = PARAMETERS,
    values: Values = NOTHING_KNOWN,
) -> Asked:
    """`BadRequest` with every parameter that is unknown or wrong. `taken` are the parameters that there are, beside the queryables, whose
    values are read by `values`.
    """
    reader = _Reader(parameters, queryables, srids, values)
    known = {*taken, *queryables} - {"geometry"}
    for name in parameters:
        if name not in known:
            reader.faults.append(Fault(name[:100], "parameter-unknown", {"known": ", ".join(sorted(known))}))
    limit = reader.number("limit", "limit-invalid", MAX_LIMIT, 1)
    offset = reader.number("offset", "offset-invalid", MAX_OFFSET, 0)
    bbox, box = reader.boxes()
    filter_crs = reader.crs("filter-crs")
    equal = reader.equal()
    kelurahan = equal.pop("kelurahan", None)
    trees: list[tuple[Any, int]] = [({"op": "=", "args": [{"property": name}, value]}, 4326) for name, value in equal.items()]
    if text := parameters.get("filter"):
        trees.append((parse_filter(text, parameters.get("filter-lang", "cql2-text")), filter_crs.srid))
    words = tuple(parameters.get("q", "").lower().replace(",", " ").split())
    if len(words) > _MAX_WORDS or any(len(word) > 100 for word in words):
        reader.faults.append(Fault("q", "list-too-long", {"expected": _MAX_WORDS}))
    asked = Asked(
        half, collection, limit, offset, parameters.get("cursor"), bbox, box, reader.span(), kelurahan, tuple(trees),
        reader.sortby(), reader.names(parameters["properties"], "properties", "id") if "properties" in parameters else None, words,
        reader.crs("crs"),
    )  # fmt: skip
    if reader.faults:
        raise BadRequest(faults=reader.faults)
    return asked


def limit_of(asked: Asked) -> int:
    return DEFAULT_LIMIT if asked.limit is None else asked.limit


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


def _span(text: str) -> Span | None:
    """None: of all times. ValueError where it is none."""
    begin, slash, end = text.partition("/")
    earliest, latest = _instant(begin, end=False), _instant(end if slash else begin, end=True)
    if (earliest and latest and earliest > latest) or (not slash and earliest is None):
        raise ValueError(text)
    return Span(earliest, latest) if earliest or latest else None


def _instant(text: str, *, end: bool) -> datetime | None:
    """An RFC 3339 instant, or a whole day; None for an open end. ValueError where it is none."""
    if text in ("", ".."):
        return None
    if not INSTANT.fullmatch(text):
        raise ValueError(text)
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return day + timedelta(days=1, microseconds=-1) if end else day
