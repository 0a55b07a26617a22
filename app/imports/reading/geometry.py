"""Geometries and values of JSON as places and cells."""

import json
from typing import Any, Final

from app.imports.reading.places import MISSING, NO_COORDINATES, NOT_A_POINT, SEVERAL, Where
from app.imports.reading.table import Cell

_LEAST_ACCURATE_M: Final = 10_000.0


def cell_of(value: object) -> Cell:
    """What is no plain value stays JSON text."""
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)


def accuracy_of(value: Any) -> float | None:
    """In metres; None for 0, which is how programs say that they do not know."""
    return float(value) if type(value) in (int, float) and 0 < value <= _LEAST_ACCURATE_M else None


def where_of(geometry: object) -> Where:
    """The one point of a geometry of GeoJSON; a fourth number, or a member `accuracy` as Central writes it, is its accuracy."""
    if not isinstance(geometry, dict):
        return MISSING
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "MultiPoint" and isinstance(coordinates, list):
        if len(coordinates) > 1:
            return SEVERAL
        coordinates = coordinates[0] if coordinates else []
    elif kind != "Point":
        return NOT_A_POINT
    return MISSING if coordinates == [] else _position(coordinates, geometry.get("properties"))


def _position(coordinates: object, properties: object) -> Where:
    if not isinstance(coordinates, list) or not all(type(number) in (int, float) for number in coordinates[:2]) or len(coordinates) < 2:
        return NO_COORDINATES
    try:
        accuracy = coordinates[3] if len(coordinates) > 3 else properties.get("accuracy") if isinstance(properties, dict) else None
        return Where((float(coordinates[0]), float(coordinates[1])), accuracy_m=accuracy_of(accuracy))
    except OverflowError:
        return NO_COORDINATES
