"""What the cells of a row say of its place: read in every way that they may be meant, and held against each other. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from app.coordinates import text as texts
from app.coordinates.datums import WGS84
from app.coordinates.reads import Read, shifted
from app.coordinates.rescue import Zone, readings
from app.coordinates.values import normalised, values
from app.geo import distance_m
from app.transfers.cells import written
from app.transfers.layout import Layout
from app.transfers.reading.table import Cell
from app.transfers.rows import Draft, Spot
from app.transfers.systems import System, read_in_zones

SAME_PLACE_M = 20.0
"""Two coordinates of one row may differ by so much: a phone that was asked twice."""
_PAIR = ("lat", "lon")


class SpotReader:
    """Reads cells in the grids of a city. `middle`: lon and lat, which complete short plus codes."""

    def __init__(self, zones: Sequence[Zone], middle: tuple[float, float]) -> None:
        self._zones, self._middle = zones, middle

    def read(self, draft: Draft) -> Read:
        """All that the place of a row may mean."""
        if draft.place is not None:
            # Numbers that were moved by a datum are none that a repair would begin with.
            found = () if draft.shift else readings(*draft.place, self._zones)
            return Read(found, tuple(0.1 for _ in found), None if found else "nothing-read")
        if draft.system.is_unknown:
            return Read(reason="datum-unknown")
        return self._read_cells(draft.places, draft.system)

    def elsewhere(self, draft: Draft, layout: Layout) -> int | None:
        """The column of what can be read and means another place than was taken; None where all that the row says agrees."""
        for spot in self._others(draft, layout):
            read = self._read_cells(spot.cells, draft.system)
            if read.reason == "several-places" or (read.readings and not _is_among(draft, read)):
                return spot.column
        return None

    def _others(self, draft: Draft, layout: Layout) -> Iterator[Spot]:
        places = draft.places
        if "coordinate" in places and (draft.place is not None or len(places) > 1 or draft.spots):
            yield Spot({"coordinate": places["coordinate"]}, layout.column("coordinate", draft) or 0)
        if all(name in places for name in _PAIR) and (draft.place is not None or len(places) > len(_PAIR) or draft.spots):
            yield Spot({name: places[name] for name in _PAIR}, layout.column("lat", draft) or 0)
        yield from draft.spots

    def _read_cells(self, cells: Mapping[str, Cell], system: System) -> Read:
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

    def _read_text(self, text: str, system: System) -> Read:
        parts = re.split(r"[\s,;]+", text.strip())
        datum = system.datum
        if len(parts) == 2 and (metres := read_in_zones(parts[0], parts[1], system)) is not None:
            return shifted(metres, datum or WGS84)
        return texts.read_text(text, self._zones, self._middle, datum=datum)


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


def _is_among(draft: Draft, read: Read) -> bool:
    """Whether a reading is the place of a row, as exactly as it was written, or as people are who read one place twice."""
    return any(
        distance_m(draft.lon or 0.0, draft.lat or 0.0, one.lon, one.lat) <= max(SAME_PLACE_M, precision_m)
        for one, precision_m in zip(read.readings, read.precisions_m, strict=True)
    )
