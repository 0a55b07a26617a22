"""What the literals of a filter mean: exact numbers, texts, instants, dates, and geometries in degrees. Pure: `BadRequest` where they
mean nothing.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import shapely

from app.cql2.text import GEOMETRIES, Node
from app.errors import BadRequest, Fault
from app.geo import CRS84, Crs, all_to_degrees, is_position

# More than any value has that is stored here, and few enough for arithmetic on every row of a collection.
MAX_DIGITS = 30
MAX_VERTICES = 10_000
MAX_PATTERN = 200
MAX_WILDCARDS = 10

# PostgreSQL has no NUL in its texts, and half a surrogate pair cannot be sent at all.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
_LEVELS = dict(GEOMETRIES.values())
# What stands between two escapes of LIKE, and the wildcards in it. A backslash at the end would escape nothing.
_PATTERN = re.compile(r"(?:[^\\]|\\.)*", re.DOTALL)
_WILDCARD = re.compile(r"\\.|([%_])", re.DOTALL)


def fault(code: str, **facts: object) -> BadRequest:
    return BadRequest(faults=[Fault("filter", code, facts)])


def number(value: Decimal | float) -> Decimal:
    """The number as it was written: of a float of JSON the shortest that means the same."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or digits(exact) > MAX_DIGITS:
        raise fault("filter-number", expected=MAX_DIGITS)
    return exact


def digits(value: Decimal) -> int:
    """How many there are before or after the point, whichever is more; at least 1."""
    exponent = int(value.as_tuple().exponent)
    return max(1, abs(value.adjusted() + 1), -exponent)


def text(value: str) -> str:
    if _UNSTORABLE.search(value):
        raise fault("nul-character")
    return value


def pattern(value: str) -> str:
    """A pattern of LIKE that is short and simple enough to be matched with every row."""
    wildcards = sum(1 for found in _WILDCARD.finditer(value) if found[1])
    if len(value) > MAX_PATTERN or wildcards > MAX_WILDCARDS or not _PATTERN.fullmatch(value):
        raise fault("pattern-invalid", length=MAX_PATTERN, wildcards=MAX_WILDCARDS)
    return text(value)


def instant(value: object) -> datetime:
    """RFC 3339, with seconds and a zone, as UTC."""
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise fault("instant-invalid")


def day(value: object) -> date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise fault("instant-invalid")


def geometry(node: dict[str, object], crs: Crs = CRS84) -> object:
    """The shape in WGS 84 of a GeoJSON geometry or a `bbox`, whose coordinates are in `crs`, in the order of its axes. A GeometryCollection is what its parts
    cover together: of one dimension where it can be, else a collection of one part for each.
    """
    try:
        shape = _box(node["bbox"], crs) if "bbox" in node else _shape(node)
        if crs.north_first and "bbox" not in node:
            shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
        if crs.srid != CRS84.srid:
            shape = shapely.transform(shape, lambda xy: _transformed(xy, crs.srid))
    except (ValueError, TypeError, KeyError, OverflowError, shapely.errors.ShapelyError):
        raise fault("geometry-invalid") from None
    west, south, east, north = shape.bounds if not shape.is_empty else (math.inf,) * 4
    # The exact functions of PostGIS may fail on what is not valid.
    if not (is_position(west, south) and is_position(east, north)) or not shape.is_valid:
        raise fault("geometry-invalid")
    return _together(shape) if shape.geom_type == "GeometryCollection" else shape


def ewkb(shape: object) -> bytes:
    """Of a shape in WGS 84."""
    return bytes(shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True))


def _together(collection: Any) -> Any:
    try:
        covered = shapely.union_all(collection.geoms)
    except shapely.errors.ShapelyError:
        raise fault("geometry-invalid") from None
    if covered.geom_type != "GeometryCollection":
        return covered
    parts = shapely.get_parts(covered)
    dimensions = shapely.get_dimensions(parts)
    return shapely.GeometryCollection([shapely.union_all(parts[dimensions == one]) for one in sorted(set(dimensions))])


def _shape(node: dict[str, Any]) -> Any:
    """Bounded before GEOS sees anything of it. A collection holds no collections, as the schema of CQL2 has it."""
    if node["type"] != "GeometryCollection":
        return _simple(node, MAX_VERTICES)[0]
    shapes, left = [], MAX_VERTICES
    for part in node["geometries"]:
        shape, number_of_vertices = _simple(part, left)
        shapes.append(shape)
        left -= number_of_vertices
    return shapely.GeometryCollection(shapes)


def _simple(node: dict[str, Any], most: int) -> tuple[Any, int]:
    """A shape of at most so many vertices, and how many it has."""
    coordinates = _checked(node["coordinates"], _LEVELS[node["type"]])
    number_of_vertices = sum(1 for _ in _positions(coordinates))
    if number_of_vertices > most:
        raise ValueError
    rings = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(node["type"], [])
    if any(len(ring) < 4 or ring[0] != ring[-1] for polygon in rings for ring in polygon):
        raise ValueError
    return shapely.geometry.shape({"type": node["type"], "coordinates": coordinates}), number_of_vertices


def _checked(value: Node, levels: int) -> Any:
    """Nested lists of positions, without heights."""
    if not isinstance(value, list) or not value:
        raise ValueError
    if levels:
        return [_checked(inner, levels - 1) for inner in value]
    if not 2 <= len(value) <= 3:
        raise ValueError
    return [_coordinate(one) for one in value][:2]


def _coordinate(value: Node) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _positions(value: Any) -> Iterator[Any]:
    if isinstance(value[0], float):
        yield value
    else:
        for inner in value:
            yield from _positions(inner)


def _box(sides: Node, crs: Crs) -> Any:
    """West of its east side in degrees it crosses the antimeridian: it is two boxes. Without width or height it is a line or a point."""
    if not isinstance(sides, list) or len(sides) not in (4, 6):
        raise ValueError
    numbers = [_coordinate(one) for one in sides]
    low, high = numbers[:2], numbers[len(numbers) // 2 :][:2]
    (west, south), (east, north) = (low[::-1], high[::-1]) if crs.north_first else (low, high)
    if south > north or (west > east and crs.srid != CRS84.srid):
        raise ValueError
    if west > east:
        parts = [_area(one, south, other, north) for one, other in ((west, 180.0), (-180.0, east)) if one != other]
        return shapely.union_all(parts)
    return _area(west, south, east, north)


def _area(west: float, south: float, east: float, north: float) -> object:
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)]) if (west, south) != (east, north) else shapely.Point(west, south)
    return shapely.box(west, south, east, north)


def _transformed(xy: Any, srid: int) -> Any:
    xy[:, 0], xy[:, 1] = all_to_degrees(f"EPSG:{srid}", xy[:, 0], xy[:, 1])
    return xy
