"""Plain geography: positions, boxes, CRS, geodesic distance, compass words, tile numbers. Pure; `lon, lat` always in this order."""

import math
import re
from functools import lru_cache
from typing import Any, NamedTuple

from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError

from app.language import Text

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


def is_position(lon: float, lat: float) -> bool:
    """Whether this can be a longitude and a latitude at all, in degrees."""
    return -180 <= lon <= 180 and -90 <= lat <= 90


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Geodesic metres on WGS 84."""
    return float(WGS84.inv(lon_a, lat_a, lon_b, lat_b)[2])


def compass(bearing: float) -> Text:
    """The word for a bearing in degrees clockwise from north, of eight."""
    return _COMPASS[round(bearing / 45) % 8]


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


def all_to_degrees(crs: str, xs: Any, ys: Any) -> tuple[Any, Any]:
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
