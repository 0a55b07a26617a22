"""What an edition changes, as a table for offices (CSV). Pure."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from app.statement import Row

_SIDES = ("before", "after")
POINTS = ("id", "revision", "category", "state", "kelurahan", *(f"{side}_{name}" for side in _SIDES for name in (
    "verdict", "kelurahan", "distance_m", "neighbour", "neighbour_m")))  # fmt: skip
AREAS = ("code", "name", "before_km2", "after_km2", "neighbours_added", "neighbours_removed")


def points_csv(points: Sequence[Row]) -> bytes:
    return _table(POINTS, (_point(point) for point in points))


def areas_csv(areas: Sequence[Row]) -> bytes:
    """Codes of several neighbours with blanks between."""
    lists = ("neighbours_added", "neighbours_removed")
    return _table(AREAS, ([" ".join(area[name]) if name in lists else area[name] for name in AREAS] for area in areas))


def _point(point: Row) -> list[object]:
    row: list[object] = [point["point"], *(point[name] for name in ("revision", "category", "state", "kelurahan"))]
    for side in _SIDES:
        one, neighbour = point[side], point[side]["neighbour"] or {}
        row += [one["verdict"], one["kelurahan"], round(one["distance_m"], 1), neighbour.get("code"), neighbour.get("distance_m")]
    return row


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    table = csv.writer(text)
    table.writerow(head)
    table.writerows(rows)
    return text.getvalue().encode()
