"""What the cells of a row say of its place: read in every way that they may be meant, and held against each other. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.coordinates import text as texts
from app.coordinates.datums import WGS84
from app.coordinates.reads import Readings, shifted
from app.coordinates.rescue import Zone, readings
from app.coordinates.values import normalised, values
from app.geo import distance_m
from app.imports.cells import written
from app.imports.layout import Layout
from app.imports.reading.table import Cell
from app.imports.rows import Draft, PlaceCells
from app.imports.systems import System, read_in_zones

SAME_PLACE_M = 20.0
"""Two coordinates of one row may differ by so much: a phone that was asked twice."""
_PAIR = ("lat", "lon")


class Elsewhere(NamedTuple):
    """Cells that mean another place than was taken, and the metres between; None where they mean several themselves."""

    spot: PlaceCells
    distance_m: float | None = None


class SpotReader:
    """Reads cells in the grids of a city. `middle`: lon and lat, which complete short plus codes."""

    def __init__(self, zones: Sequence[Zone], middle: tuple[float, float]) -> None:
        self._zones, self._middle = zones, middle

    def read(self, draft: Draft) -> Readings:
        """All that the place of a row may mean."""
        if draft.place is not None:
            # Numbers that were moved by a datum are none that a repair would begin with.
            found = () if draft.shift else readings(*draft.place, self._zones)
            return Readings(found, tuple(0.1 for _ in found), None if found else "nothing-read")
        if draft.system.is_unknown:
            return Readings(reason="datum-unknown")
        return self._read_cells(draft.places, draft.system)

    def elsewhere(self, draft: Draft, layout: Layout) -> Elsewhere | None:
        """What can be read and means another place than was taken; None where all that the row says agrees."""
        for spot in self._others(draft, layout):
            read = self._read_cells(spot.cells, draft.system)
            if read.reason == "several-places":
                return Elsewhere(spot)
            if read.readings and not _is_among(draft, read):
                return Elsewhere(spot, min(distance_m(draft.lon or 0.0, draft.lat or 0.0, one.lon, one.lat) for one in read.readings))
        return None

    def _others(self, draft: Draft, layout: Layout) -> Iterator[PlaceCells]:
        places = draft.places
        if "coordinate" in places and (draft.place is not None or len(places) > 1 or draft.spots):
            yield PlaceCells({"coordinate": places["coordinate"]}, layout.column("coordinate", draft) or 0)
        if all(name in places for name in _PAIR) and (draft.place is not None or len(places) > len(_PAIR) or draft.spots):
            yield PlaceCells({name: places[name] for name in _PAIR}, layout.column("lat", draft) or 0, layout.column("lon", draft))
        yield from draft.spots

    def _read_cells(self, cells: Mapping[str, Cell], system: System) -> Readings:
        datum = system.datum
        if (one := cells.get("coordinate")) is not None:
            return self._read_text(written(one), system)
        first, second = cells.get("lat"), cells.get("lon")
        if first is None or second is None:
            # Both in one of the two cells, as people paste them.
            return self._read_text(written(first if first is not None else second), system)
        metres = read_in_zones(written(second), written(first), system)
        if metres is not None:
            return shifted(metres, datum or WGS84)
        # Their columns say which is which, of metres too.
        return texts.read_cells(written(second), written(first), self._zones, "lon-lat", datum)

    def _read_text(self, text: str, system: System) -> Readings:
        parts = re.split(r"[\s,;]+", text.strip())
        datum = system.datum
        if len(parts) == 2 and (metres := read_in_zones(parts[0], parts[1], system)) is not None:
            return shifted(metres, datum or WGS84)
        return texts.read_text(text, self._zones, self._middle, datum=datum)


def said_apart(found: Elsewhere, draft: Draft, layout: Layout) -> Mapping[str, object]:
    """The facts of a sentence on columns that contradict each other: both by their headings, and how far apart. None where one cell does so."""
    if found.distance_m is None:
        return {}
    taken: list[int | None] = [layout.column(name, draft) for name in _PAIR if name in draft.places]
    if "coordinate" in draft.places and (found.spot.cells.keys() != {"coordinate"} or not taken):
        taken = [layout.column("coordinate", draft)]
    here, other = (", ".join(filter(None, map(layout.heading, columns))) for columns in ((found.spot.column, found.spot.second), taken))
    return {"here": here, "other": other, "distance_m": round(found.distance_m, 1)}


def missing_half(draft: Draft) -> str | None:
    """`lat` or `lon`, where a row has only the other one."""
    if draft.place is not None or "coordinate" in draft.places:
        return None
    lacking = [name for name in _PAIR if name not in draft.places]
    return lacking[0] if len(lacking) == 1 else None


def faulty_name(draft: Draft) -> str | None:
    """Which cell of a pair is no value of its axis; None where both are, or the place is in one cell."""
    if draft.place is not None or "coordinate" in draft.places:
        return None
    for name, most in zip(_PAIR, (90.0, 180.0), strict=True):
        cell = draft.places.get(name)
        if cell is not None and not any(_may_be(one.number, most) for one in values(normalised(written(cell)[:100]))):
            return name
    return None


def _may_be(number: float, most: float) -> bool:
    return abs(number) <= most or abs(number) >= 1_000


def _is_among(draft: Draft, read: Readings) -> bool:
    """Whether a reading is the place of a row, as exactly as it was written, or as people are who read one place twice."""
    return any(
        distance_m(draft.lon or 0.0, draft.lat or 0.0, one.lon, one.lat) <= max(SAME_PLACE_M, precision_m)
        for one, precision_m in zip(read.readings, read.precisions_m, strict=True)
    )
