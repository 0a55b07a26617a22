"""What an edition changes: verdicts of points, areas and neighbours of kelurahan. The same for finding out and for doing it: whoever
activates an edition (`service.py`) is told by these functions what they have changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

from app.db import WriteSession
from app.geometry.neighbours import neighbours
from app.placement.edition import active_edition
from app.points.judging import Rejudged, Tell, judge_by, silently
from app.published.areas import ground_of, readable_km2
from app.regions.queries import all_regions


@dataclass(frozen=True, slots=True)
class AreaChange:
    """A kelurahan whose area or neighbours are others in another edition. None: it is in one of the two only. Neighbours by code."""

    code: str
    name: str
    before_km2: float | None
    after_km2: float | None
    neighbours_added: tuple[str, ...]
    neighbours_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """What an edition changes, or has changed."""

    verdicts: Rejudged
    areas: tuple[AreaChange, ...]

    @property
    def counts(self) -> dict[str, object]:
        """Plain values for JSON."""
        verdicts = self.verdicts
        moves = [{"before": before, "after": after, "number": number} for (before, after), number in sorted(verdicts.moves.items())]
        return {"judged": verdicts.judged, "changed": verdicts.changed, "kelurahan": len(self.areas), "moves": moves}

    def listed(self) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """The points and the kelurahan, as plain values."""
        return [asdict(change) for change in self.verdicts.changes], [asdict(change) for change in self.areas]


class _Extent(NamedTuple):
    km2: float
    neighbours: frozenset[str]


async def compare(session: WriteSession, edition_id: int, tell: Tell = silently) -> EditionChanges:
    """What activating the edition now would change; nothing is written. `Conflict` where it lacks a kelurahan that has points."""
    areas = await changed_areas(session, edition_id)
    return EditionChanges(await judge_by(session, edition_id, tell=tell), areas)


async def changed_areas(session: WriteSession, edition_id: int) -> tuple[AreaChange, ...]:
    """The kelurahan that differ between the active edition and this one, by code; all of them where none is active."""
    active = await active_edition(session)
    if active is not None and active.id == edition_id:
        return ()
    before = await _extents(session, active.id) if active else {}
    after = await _extents(session, edition_id)
    names = {region.code: region.name for region in await all_regions(session)}
    both = [(code, names.get(code, code), before.get(code), after.get(code)) for code in sorted({*before, *after})]
    return tuple(_change(*each) for each in both if each[2] != each[3])


def _change(code: str, name: str, before: _Extent | None, after: _Extent | None) -> AreaChange:
    had, has = before.neighbours if before else frozenset[str](), after.neighbours if after else frozenset[str]()
    return AreaChange(
        code, name, before.km2 if before else None, after.km2 if after else None, tuple(sorted(has - had)), tuple(sorted(had - has))
    )


async def _extents(session: WriteSession, edition_id: int) -> Mapping[str, _Extent]:
    """Area and neighbours of each kelurahan. Lines that two of them draw a little differently are one, as exactly as the edition is;
    a difference of areas that nobody can read is none."""
    ground = await ground_of(session, edition_id)
    found: dict[str, set[str]] = {code: set() for code in ground.codes}
    for one, other in neighbours(ground.coverage):
        found[ground.codes[one]].add(ground.codes[other])
        found[ground.codes[other]].add(ground.codes[one])
    return {code: _Extent(readable_km2(km2), frozenset(found[code])) for code, km2 in zip(ground.codes, ground.areas_km2, strict=True)}
