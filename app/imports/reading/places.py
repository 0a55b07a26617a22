"""Where features are: points of any CRS become lon, lat in EPSG:4326, everything else becomes a fault of its row."""

import re
import struct
from collections.abc import Iterator, Sequence
from math import isfinite
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import Unreadable
from app.imports.reading.table import Shift, SourceRow, Stated

if TYPE_CHECKING:
    from app.coordinates.transforming import Transformation

_POINT: Final = 1
_MULTIPOINT: Final = 4
_CODE: Final = re.compile(
    r"\[?(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[\w.]*:)?(\w+)\]?|https?://www\.opengis\.net/def/crs/(EPSG|OGC)/[\w.]+/(\w+)"
    r"|https?://www\.opengis\.net/gml/srs/(epsg)\.xml#(\w+)",
    re.IGNORECASE,
)
_DEGREES: Final = {"EPSG:4326", "OGC:CRS84", "EPSG:4979", "OGC:CRS84H"}
_MOST_SYSTEMS: Final = 20
"""Of one file: a name for each feature would take PROJ longer than all that is read."""


class Where(NamedTuple):
    """A point as the file has it, x before y, or the fault that it is none. `stated`: where it says itself in which CRS it is; `accuracy_m`:
    where it says how exact it is.
    """

    place: tuple[float, float] | None = None
    fault: str | None = None
    stated: Stated | None = None
    accuracy_m: float | None = None


NOWHERE: Final = Where()
"""Of a record, which has no geometry."""
MISSING: Final = Where(None, "geometry-missing")
NOT_A_POINT: Final = Where(None, "geometry-not-a-point")
SEVERAL: Final = Where(None, "geometry-several-points")
NO_COORDINATES: Final = Where(None, "geometry-coordinates")


def from_wkb(wkb: bytes | None) -> Where:
    """ISO or extended WKB, of which only the first two numbers are read. Never raises."""
    if not wkb:
        return MISSING
    try:
        kind, at, order = _head(wkb, 0)
        if kind == _MULTIPOINT:
            (count,) = Struct(f"{order}I").unpack_from(wkb, at)
            if count != 1:
                return SEVERAL if count else MISSING
            kind, at, order = _head(wkb, at + 4)
        if kind != _POINT:
            return NOT_A_POINT
        x, y = Struct(f"{order}dd").unpack_from(wkb, at)
    except (struct.error, IndexError):
        return NO_COORDINATES
    # As WKB says that a point is empty.
    return MISSING if x != x and y != y else Where((x, y))  # noqa: PLR0124 - not a number


def _head(wkb: bytes, at: int) -> tuple[int, int, str]:
    """Kind of the geometry there without its dimensions, where its content begins, and the order of its bytes."""
    order = "<" if wkb[at] else ">"
    (kind,) = Struct(f"{order}I").unpack_from(wkb, at + 1)
    with_srid = 4 if kind & 0x2000_0000 else 0
    return (kind & 0x0FFF_FFFF) % 1000, at + 5 + with_srid, order


def code_of(text: str) -> str | None:
    """`EPSG:32749` of the ways in which a code is written; None where it is none."""
    match = _CODE.fullmatch(text.strip())
    return ":".join(part for part in match.groups() if part).upper() if match else None


class _System(NamedTuple):
    """A CRS in use. `to_degrees` None: its numbers are degrees of WGS 84."""

    to_degrees: "Transformation | None" = None
    north_first: bool = False

    @property
    def is_projected(self) -> bool:
        return self.to_degrees is not None and self.to_degrees.is_projected


def located(batches: Iterator[list[SourceRow]], crs: str | None) -> Iterator[list[SourceRow]]:
    """The rows with their places in degrees, and what moved them. `crs` is a code or WKT; None where the file does not say. What a row states
    of itself goes before it.

    `Unreadable` where it does not say and the numbers are no degrees, and where what it says cannot be true of them.
    """
    system = _system(crs) if crs else _System()
    own: dict[str, _System | None] = {}
    for number, batch in enumerate(batches):
        if number == 0 or crs is None:
            _check([row.place for row in batch if row.place is not None and row.stated is None], crs, projected=system.is_projected)
        places: dict[int, list[int]] = {}
        systems: dict[int, _System] = {}
        for at, row in enumerate(batch):
            if row.place is None:
                continue
            of_row = system if row.stated is None else _own(row.stated.crs, own)
            if of_row is None:
                batch[at] = row._replace(place=None, stated=None, fault="geometry-crs-not-known")
                continue
            if row.stated is not None:
                is_turned = row.stated.as_defined and of_row.north_first
                batch[at] = row._replace(place=row.place[::-1] if is_turned else row.place, stated=None)
            places.setdefault(id(of_row), []).append(at)
            systems[id(of_row)] = of_row
        for key, rows in places.items():
            _move(batch, rows, systems[key])
        yield batch


def _own(crs: str, known: dict[str, _System | None]) -> _System | None:
    """The CRS that a row states; None where it is not known."""
    if crs not in known:
        if len(known) == _MOST_SYSTEMS:
            raise Unreadable("crs-several", most=_MOST_SYSTEMS)
        try:
            known[crs] = _system(crs)
        except Unreadable:
            known[crs] = None
    return known[crs]


def _move(batch: list[SourceRow], rows: Sequence[int], system: _System) -> None:
    """The rows of one CRS, in place."""
    if system.to_degrees is None:
        for at in rows:
            batch[at] = _checked(batch[at])
        return
    places = [place for at in rows if (place := batch[at].place)]
    moved = system.to_degrees([x for x, _ in places], [y for _, y in places])
    columns = (moved.lons.tolist(), moved.lats.tolist(), moved.moved_m.tolist(), moved.accuracy_m.tolist(), moved.is_near.tolist())
    for at, place, lon, lat, moved_m, accuracy_m, is_near in zip(rows, places, *columns, strict=True):
        if accuracy_m != accuracy_m:  # noqa: PLR0124 - no way
            batch[at] = _without_way(batch[at], place, system)
        else:
            shift = None if is_near else Shift(system.to_degrees.datum, system.to_degrees.epsg, place[0], place[1], moved_m, accuracy_m)
            batch[at] = batch[at]._replace(place=(lon, lat), shift=shift)


def _without_way(row: SourceRow, place: tuple[float, float], system: _System) -> SourceRow:
    """No coordinates at all; or such of a datum from which nobody knows the way here."""
    x, y = place
    if not (isfinite(x) and isfinite(y)):
        return row._replace(place=None, fault="geometry-coordinates")
    if system.is_projected or (abs(x) <= 360 and abs(y) <= 90):
        return row._replace(place=None, fault="geometry-datum")
    # Exchanged numbers are kept where they are those of WGS 84, as in `_checked`.
    is_kept = system.to_degrees is not None and bool(system.to_degrees([y], [x]).is_near[0])
    return row._replace(place=place if is_kept else None, fault="geometry-coordinates")


def _check(places: list[tuple[float, float]], crs: str | None, *, projected: bool) -> None:
    if not places:
        return
    like_degrees = [abs(x) <= 180 and abs(y) <= 180 for x, y in places]
    if crs is None and not all(like_degrees):
        raise Unreadable("crs-missing")
    # One point alone may be wrong by itself, which is told at its row.
    if (projected and all(like_degrees)) or (not projected and len(places) > 1 and not any(like_degrees)):
        raise Unreadable("crs-untrue")


def _checked(row: SourceRow) -> SourceRow:
    if row.place is None:
        return row
    lon, lat = row.place
    if abs(lon) <= 180 and abs(lat) <= 90:
        return row
    # Two numbers that were exchanged are worth keeping: whoever judges may see it.
    place = row.place if isfinite(lon) and isfinite(lat) and abs(lon) <= 90 and abs(lat) <= 180 else None
    return row._replace(place=place, fault="geometry-coordinates")


def _system(crs: str) -> _System:
    code = code_of(crs)
    if code in _DEGREES:
        return _System(None, north_first=code in ("EPSG:4326", "EPSG:4979"))
    # A grid for a change of datum would be a file, or an address.
    if code is None and re.search(r"grids|\+init|pipeline", crs, re.IGNORECASE):
        raise Unreadable("crs-not-known")
    # 15 MB that files in degrees do not need.
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    from app.coordinates.transforming import Transformation  # noqa: PLC0415

    try:
        source = CRS.from_user_input(code) if code else CRS.from_wkt(crs)
        north_first = source.axis_info[0].direction.lower() == "north" if source.axis_info else False
        to_degrees = Transformation(source)
        return _System(None if to_degrees.is_identity else to_degrees, north_first)
    except (ProjError, ValueError) as error:
        raise Unreadable("crs-not-known") from error
