"""Objects of JSON that are no Features: records as APIs and databases give them, and the features of Esri JSON."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.errors import Unreadable
from app.imports.limits import DEEPEST
from app.imports.reading.features import Feature
from app.imports.reading.geometry import cell_of, where_of
from app.imports.reading.places import MISSING, NO_COORDINATES, NOT_A_POINT, NOWHERE, SEVERAL, Where, code_of
from app.imports.reading.table import Cell, Stated

# Web Mercator by the numbers that Esri gave it before it had one in EPSG.
_MERCATOR: Final = frozenset({102100, 102113, 900913})
_SHAPES: Final = frozenset({"rings", "paths", "curveRings", "curvePaths"})


def record(value: Mapping[str, object]) -> Feature:
    """Its values; what is nested is named by its path (`tags/name`). The first point of GeoJSON in it is its place."""
    values: dict[str, Cell] = {}
    found: list[Where] = []
    for path, one in _flat(value, "", 0):
        if isinstance(one, dict):
            found.append(where_of(one))
        else:
            values[path] = cell_of(one)
    return Feature(values, found[0] if found else NOWHERE)


def held_in(members: Mapping[str, object]) -> Iterator[object]:
    """The records of the only list of objects in an object, or in an object within it; nothing where there is none, or several."""
    within = [one for value in members.values() for one in (value.values() if isinstance(value, dict) else (value,))]
    lists = [one for one in within if isinstance(one, list) and one and all(isinstance(each, dict) for each in one)]
    if len(lists) == 1:
        yield from lists[0]


def _flat(value: Mapping[str, object], path: str, depth: int) -> Iterator[tuple[str, object]]:
    """The values by their paths; objects are only those that are points."""
    if depth > DEEPEST:
        raise Unreadable("json-too-deep")
    for name, one in value.items():
        if isinstance(one, dict) and not (one.get("type") == "Point" and "coordinates" in one):
            yield from _flat(one, f"{path}{name}/", depth + 1)
        else:
            yield path + name, one


def esri_feature(value: Mapping[str, Any], around: Mapping[str, Any]) -> Feature:
    """`{attributes, geometry: {x, y}}`; dates are milliseconds, as the fields of the collection say."""
    fields = around.get("fields")
    dates = (
        {field.get("name") for field in fields or () if isinstance(field, dict) and str(field.get("type")).startswith("esriFieldTypeDate")}
        if isinstance(fields, list)
        else set()
    )
    values = {name: _date(one) if name in dates else cell_of(one) for name, one in value["attributes"].items()}
    return Feature(values, _where(value.get("geometry")))


def aliases_of(members: Mapping[str, object]) -> dict[str, str]:
    """Of a collection of Esri: of its list of fields, and of `fieldAliases`, which goes before."""
    fields, named = members.get("fields"), members.get("fieldAliases")
    pairs = [(one.get("name"), one.get("alias")) for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    pairs += named.items() if isinstance(named, dict) else ()
    return {name: alias for name, alias in pairs if isinstance(name, str) and isinstance(alias, str)}


def _date(value: Any) -> Cell:
    if type(value) not in (int, float):
        return cell_of(value)
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return str(value)


def _where(geometry: object) -> Where:
    if not isinstance(geometry, dict):
        return MISSING
    if _SHAPES & geometry.keys():
        return NOT_A_POINT
    pair: Any = (geometry.get("x"), geometry.get("y"))
    if isinstance(points := geometry.get("points"), list):
        if len(points) != 1:
            return SEVERAL if points else MISSING
        pair = points[0][:2] if isinstance(points[0], list) else ()
    if all(number in (None, "NaN") for number in pair):
        return MISSING
    if len(pair) != 2 or not all(type(number) in (int, float) for number in pair):
        return NO_COORDINATES
    reference = geometry.get("spatialReference")
    crs = crs_of(reference) if reference else None
    return Where((float(pair[0]), float(pair[1])), stated=Stated(crs) if crs else None)


def crs_of(reference: object) -> str | None:
    """A code of EPSG, or WKT, of a `spatialReference`; None where it says nothing. `Unreadable` where it says something else."""
    if not isinstance(reference, dict) or not reference:
        return None
    numbers = [reference.get("latestWkid"), reference.get("wkid")]
    if _MERCATOR & {number for number in numbers if isinstance(number, int)}:
        return "EPSG:3857"
    code = next((code for number in numbers if isinstance(number, int) and number < 100_000 and (code := code_of(f"EPSG:{number}"))), None)
    wkt = reference.get("wkt") or reference.get("wkt2")
    if code is None and not isinstance(wkt, str):
        raise Unreadable("crs-not-known")
    return code or str(wkt)
