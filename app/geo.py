"""Plain geography: positions, boxes, CRS, geodesic distance, compass words, tile numbers. Pure; `lon, lat` always in this order."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError

from app.language import Language, Text

WGS84 = Geod(ellps="WGS84")
MAX_ZOOM = 22
# Names alone (`EPSG:32749`, a URN, a URI of OGC): a whole definition could make PROJ open files.
_CRS_NAME = re.compile(r"\w[\w.:/-]*", re.ASCII)

_COMPASS = (
    Text("utara", "north"),
    Text("timur laut", "northeast"),
    Text("timur", "east"),
    Text("tenggara", "southeast"),
    Text("selatan", "south"),
    Text("barat daya", "southwest"),
    Text("barat", "west"),
    Text("barat laut", "northwest"),
)


class Bbox(NamedTuple):
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


class Crs(NamedTuple):
    """A CRS as OGC API names it: its URI, its number in EPSG, whether its first axis points north, so that it says lat before lon, and whether
    it counts degrees.
    """

    uri: str
    srid: int
    north_first: bool = False
    is_geographic: bool = True

    @property
    def members(self) -> dict[str, object]:
        """What GeoJSON in this CRS says of it at its top, in the two ways that are read: GDAL looks for it nowhere else. None of them for that of
        RFC 7946.
        """
        if self == CRS84:
            return {}
        return {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{self.srid}"}}, "coordRefSys": self.uri}


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326)
_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/0/|urn:ogc:def:crs:EPSG::|EPSG:)([1-9][0-9]{3,5})|\[EPSG:([1-9][0-9]{3,5})\]", re.ASCII
)


@lru_cache(maxsize=256)
def parse_crs(text: str) -> Crs:
    """The CRS of a URI (or `EPSG:32749`). ValueError where it is none for coordinates of two axes on the ground."""
    if text in (CRS84.uri, "OGC:CRS84", "[OGC:CRS84]"):
        return CRS84
    found = _EPSG.fullmatch(text)
    try:
        crs = CRS.from_epsg(int(found[1] or found[2])) if found else None
    except CRSError:
        crs = None
    if crs is None or found is None or not (crs.is_geographic or crs.is_projected) or len(crs.axis_info) != 2:
        raise ValueError(text)
    srid = int(found[1] or found[2])
    is_north_first = crs.axis_info[0].direction.lower() == "north"
    return Crs(f"http://www.opengis.net/def/crs/EPSG/0/{srid}", srid, is_north_first, crs.is_geographic)


# Degrees (WGS 84), web maps, degrees of Indonesia's own datum (SRGI2013).
CRS_EVERYWHERE = (4326, 3857, 9470)


def crs_around(extent: Sequence[float]) -> tuple[int, ...]:
    """The CRS that suit a piece of Indonesia, by their numbers in EPSG: those for everywhere, and the zones of UTM and TM-3 that it touches.
    `extent`: west, south, east, north in degrees.
    """
    west, south, east, north = extent
    hemispheres = ([32700] if south < 0 else []) + ([32600] if north >= 0 else [])
    utm = [hemisphere + zone for hemisphere in hemispheres for zone in range(_zone(west, 6, -180), _zone(east, 6, -180) + 1)]
    # DGN95 / Indonesia TM-3, zone 46.2 (from 93° east) to 54.1.
    tm_3 = [23829 + zone for zone in range(max(_zone(west, 3, 93), 1), min(_zone(east, 3, 93), 16) + 1)]
    return *CRS_EVERYWHERE, *utm, *tm_3


def _zone(lon: float, width: int, first: int) -> int:
    """The number of a zone, from 1."""
    return math.floor((lon - first) / width) + 1


def box_in_degrees(crs: Crs, west: float, south: float, east: float, north: float) -> Bbox:
    """A box in degrees that holds one of another CRS (easting first). ValueError where that CRS does not reach so far."""
    try:
        transformer = Transformer.from_crs(CRS.from_epsg(crs.srid), CRS.from_epsg(4326), always_xy=True)
        sides = transformer.transform_bounds(west, south, east, north, densify_pts=21)
    except ProjError as error:
        raise ValueError(crs.uri) from error
    if not all(math.isfinite(side) for side in sides):
        raise ValueError(crs.uri)
    return Bbox(*sides)


def is_position(lon: float, lat: float) -> bool:
    """Whether this can be a longitude and a latitude at all, in degrees."""
    return -180 <= lon <= 180 and -90 <= lat <= 90


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Geodesic metres on WGS 84."""
    return float(WGS84.inv(lon_a, lat_a, lon_b, lat_b)[2])


def compass(bearing: float) -> Text:
    """The word for a bearing in degrees clockwise from north, of eight."""
    return _COMPASS[round(bearing / 45) % 8]


def distance_words(metres: float, language: Language) -> str:
    """Metres as people say them: `85 m`, `1,2 km` (a comma in Indonesian)."""
    if metres < 1000:
        return f"{metres:.0f} m"
    kilometres = f"{metres / 1000:.1f} km"
    return kilometres.replace(".", ",") if language == "id" else kilometres


def parse_bbox(text: str) -> Bbox:
    """`west,south,east,north`, or six numbers with heights, in degrees (OGC API Features §7.15.3). ValueError where it is none."""
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise ValueError(text)
    if len(numbers) == 6:
        numbers = numbers[:2] + numbers[3:5]
    box = Bbox(*numbers)
    if not (is_position(box.west, box.south) and is_position(box.east, box.north)) or box.south > box.north:
        raise ValueError(text)
    return box


def box_around(lon: float, lat: float, within_m: float) -> Bbox:
    """A box that holds all that is at most so many metres away. Beyond a pole, or where it would go around the world, it is as wide as that."""
    tall = within_m / 110_000
    south, north = max(-90.0, lat - tall), min(90.0, lat + tall)
    widest = math.cos(math.radians(max(abs(south), abs(north))))
    wide = tall / widest if widest > tall / 180 else 180.0
    if wide >= 180:
        return Bbox(-180, south, 180, north)
    west, east = lon - wide, lon + wide
    return Bbox(west + 360 if west < -180 else west, south, east - 360 if east > 180 else east, north)


def split_at_antimeridian(box: Bbox) -> tuple[Bbox, ...]:
    """A box whose west is greater than its east crosses the antimeridian: it is two boxes."""
    if box.west <= box.east:
        return (box,)
    return Bbox(box.west, box.south, 180, box.north), Bbox(-180, box.south, box.east, box.north)


@lru_cache(maxsize=64)
def _to_degrees(crs: str) -> Transformer:
    source = CRS.from_user_input(crs) if _CRS_NAME.fullmatch(crs) else None
    if source is None or not (source.is_geographic or source.is_projected):
        raise CRSError(crs)
    return Transformer.from_crs(source, CRS.from_epsg(4326), always_xy=True)


def to_degrees(crs: str, x: float, y: float) -> tuple[float, float]:
    """Easting and northing (or lon and lat) of `crs`, e.g. `EPSG:32749`, as WGS 84 lon, lat. ValueError where it is unknown or far off."""
    try:
        lon, lat = _to_degrees(crs).transform(x, y)
    except ProjError as error:
        raise ValueError(crs) from error
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError(crs)
    return float(lon), float(lat)


def from_degrees(crs: str, lon: float, lat: float) -> tuple[float, float]:
    """The other way round: easting and northing (or lon and lat) of `crs`. ValueError as there."""
    try:
        x, y = _to_degrees(crs).transform(lon, lat, direction="INVERSE")
    except ProjError as error:
        raise ValueError(crs) from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(crs)
    return float(x), float(y)


def all_to_degrees(crs: str, xs: object, ys: object) -> tuple[object, object]:
    """The same for arrays of many positions at once."""
    try:
        lons, lats = _to_degrees(crs).transform(xs, ys, errcheck=True)
    except ProjError as error:
        raise ValueError(crs) from error
    if not all(math.isfinite(one) for one in (*lons, *lats)):
        raise ValueError(crs)
    return lons, lats


def is_tile(zoom: int, column: int, row: int) -> bool:
    return 0 <= zoom <= MAX_ZOOM and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom


# Both axes are cut into 2³¹ steps; 62 bits of place fit into a bigint.
_BITS = 31
_STEPS = 1 << _BITS
# How fine the cells of a box are: so many times its longer side is halved. The first ones are finer, because a page is mostly full after them,
# and what lies beside the box in a large cell would be looked at first.
_HALVED_FIRST, _HALVED_NEXT, _HALVED = 5, 4, 3
_FIRST, _NEXT = 4, 8
# Which bits of a place are of its longitude, and which of its latitude. Each set alone is in the order of its axis.
LON_BITS, LAT_BITS = 0x5555555555555555, 0x2AAAAAAAAAAAAAAA


def place(lon: float, lat: float) -> int:
    """A position as a number on a Z-order curve, as `titik.place` in the database: what is near is mostly near on it too."""
    return _spread(_step(lon + 180, 360)) | _spread(_step(lat + 90, 180)) << 1


def place_ranges(box: Bbox, after: int = 0) -> list[tuple[int, int]]:
    """The ranges of places from `after` on, in order and both ends included, that together cover a box (and a little beside it)."""
    x0, x1, y0, y1 = _sides(box)
    bits = max(x1 - x0, y1 - y0).bit_length()
    ranges: list[tuple[int, int]] = []
    cells = [
        (_spread(x) | _spread(y) << 1, x << bits, y << bits)
        for x in range(x0 >> bits, (x1 >> bits) + 1) for y in range(y0 >> bits, (y1 >> bits) + 1)
    ]  # fmt: skip
    # Cells that touch the box; the next one is the last of them.
    waiting = [(cell << 2 * bits, x, y, bits) for cell, x, y in sorted(cells, reverse=True)]
    while waiting:
        low, x, y, shift = waiting.pop()
        high = low + (1 << 2 * shift) - 1
        if high < after:
            continue
        halved = _HALVED_FIRST if len(ranges) < _FIRST else _HALVED_NEXT if len(ranges) < _NEXT else _HALVED
        last = (1 << shift) - 1
        if shift and shift > bits - halved and (x < x0 or y < y0 or x + last > x1 or y + last > y1):
            waiting += _quarters(low, x, y, shift - 1, x0, x1, y0, y1)
        elif ranges and ranges[-1][1] + 1 == low:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((max(low, after), high))
    return ranges


def _quarters(low: int, x: int, y: int, shift: int, x0: int, x1: int, y0: int, y1: int) -> list[tuple[int, int, int, int]]:
    """Those of a cell that touch the box, the last first."""
    half, quarter = 1 << shift, 1 << 2 * shift
    is_east, is_west = x + half <= x1, x + half > x0
    found = []
    if y + half <= y1:
        found += [(low + 3 * quarter, x + half, y + half, shift)] if is_east else []
        found += [(low + 2 * quarter, x, y + half, shift)] if is_west else []
    if y + half > y0:
        found += [(low + quarter, x + half, y, shift)] if is_east else []
        found += [(low, x, y, shift)] if is_west else []
    return found


def place_sides(box: Bbox) -> tuple[int, int, int, int]:
    """West, south, east and north of a box as bits of places (`LON_BITS`, `LAT_BITS`). What lies between two of them, and is equal to neither,
    lies within the box on that axis; what is equal lies perhaps.
    """
    x0, x1, y0, y1 = _sides(box)
    return _spread(x0), _spread(y0) << 1, _spread(x1), _spread(y1) << 1


def _sides(box: Bbox) -> tuple[int, int, int, int]:
    return _step(box.west + 180, 360), _step(box.east + 180, 360), _step(box.south + 90, 180), _step(box.north + 90, 180)


def _step(distance: float, whole: int) -> int:
    return min(math.floor(distance / whole * _STEPS), _STEPS - 1)


def _spread(bits: int) -> int:
    bits = (bits | bits << 16) & 0x0000FFFF0000FFFF
    bits = (bits | bits << 8) & 0x00FF00FF00FF00FF
    bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F
    bits = (bits | bits << 2) & 0x3333333333333333
    return (bits | bits << 1) & 0x5555555555555555
