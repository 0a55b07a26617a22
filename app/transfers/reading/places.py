"""Where features are: points of any CRS become lon, lat in EPSG:4326, everything else becomes a fault of its row."""

import re
import struct
from collections.abc import Callable, Iterator
from math import isfinite
from struct import Struct
from typing import Final, NamedTuple

from app.errors import Unreadable
from app.transfers.reading.table import SourceRow

_POINT: Final = 1
_MULTIPOINT: Final = 4
_CODE: Final = re.compile(
    r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[\w.]*:)?(\w+)|https?://www\.opengis\.net/def/crs/(EPSG|OGC)/[\w.]+/(\w+)", re.IGNORECASE
)
_DEGREES: Final = {"EPSG:4326", "OGC:CRS84", "EPSG:4979", "OGC:CRS84H"}


class Where(NamedTuple):
    """A point as the file has it, x before y, or the fault that it is none."""

    place: tuple[float, float] | None = None
    fault: str | None = None


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
    return f"{match[1] or match[3]}:{match[2] or match[4]}".upper() if match else None


def located(batches: Iterator[list[SourceRow]], crs: str | None) -> Iterator[list[SourceRow]]:
    """The rows with their places in degrees. `crs` is a code or WKT; None where the file does not say.

    `Unreadable` where it does not say and the numbers are no degrees, and where what it says cannot be true of them.
    """
    to_degrees = _transformation(crs)
    for number, batch in enumerate(batches):
        places = [row.place for row in batch if row.place is not None]
        if number == 0 or crs is None:
            _check(places, crs, projected=to_degrees is not None)
        if to_degrees is None or not places:
            yield [_checked(row) for row in batch]
            continue
        moved = iter(to_degrees(places))
        yield [_checked(row if row.place is None else row._replace(place=next(moved))) for row in batch]


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


def _transformation(crs: str | None) -> Callable[[list[tuple[float, float]]], Iterator[tuple[float, float]]] | None:
    """None where the numbers are degrees of WGS 84 already."""
    code = code_of(crs) if crs else None
    if crs is None or code in _DEGREES:
        return None
    # A grid for a change of datum would be a file, or an address.
    if code is None and re.search(r"grids|\+init|pipeline", crs, re.IGNORECASE):
        raise Unreadable("crs-not-known")
    # 15 MB that files in degrees do not need.
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # noqa: PLC0415

    set_network_enabled(active=False)
    try:
        source = CRS.from_user_input(code) if code else CRS.from_wkt(crs)
        if source.equals(CRS.from_epsg(4326), ignore_axis_order=True):
            return None
        transformer = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise Unreadable("crs-not-known") from error
    if not (source.is_projected or source.is_geographic):
        raise Unreadable("crs-not-known")

    def to_degrees(places: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
        xs, ys = transformer.transform([x for x, _ in places], [y for _, y in places])
        return zip(xs, ys, strict=True)

    return to_degrees
