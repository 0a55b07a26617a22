"""Where does a point lie, and may it? Pure decisions over distances; the contract is `docs/placement.md`.

All distances are geodesic metres on WGS 84, bearings degrees clockwise from north.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.errors import Misplaced

Verdict = Literal["inside", "near", "elsewhere", "outside"]


ACCURACY_WHEN_UNKNOWN_M = 20.0


TOLERANCE_AT_LEAST_M = 15.0


TOLERANCE_AT_MOST_M = 100.0


NEIGHBOURS_SHOWN = 5


SAME_DEGREES = 1e-7 / 2
"""What an export rounds away: places that differ by no more are one."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The boundary edition that a verdict rests on."""

    id: int
    name: str
    accuracy_m: float
    approximate: bool


@dataclass(frozen=True, slots=True)
class Nearby:
    """A kelurahan, seen from a place: 0 m when it covers the place; `bearing` leads from its nearest edge to the place."""

    code: str
    name: str
    kecamatan: str
    distance_m: float
    bearing: float | None = None

    @property
    def covers(self) -> bool:
        return self.distance_m == 0


class Placement(NamedTuple):
    """The verdict. `kelurahan` is where the place lies: what covers it, else the nearest within tolerance, else nothing."""

    verdict: Verdict
    declared: Nearby
    kelurahan: Nearby | None
    neighbours: tuple[Nearby, ...]
    edition: Edition
    flags: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        return self.verdict in ("inside", "near")


def is_same_place(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Of two pairs of degrees."""
    return all(abs(first - second) <= SAME_DEGREES for first, second in zip(one, other, strict=True))


def tolerance_m(accuracy_m: float | None, edition_accuracy_m: float) -> float:
    """How far from the declared kelurahan a place may lie and still be believed, metres."""
    wanted = (accuracy_m or ACCURACY_WHEN_UNKNOWN_M) + edition_accuracy_m
    return max(min(max(wanted, TOLERANCE_AT_LEAST_M), TOLERANCE_AT_MOST_M), edition_accuracy_m)


def declare(declared: str | None, own: Sequence[str], nearby: Sequence[Nearby], tolerance: float) -> str:
    """The kelurahan that a feature claims: the one it names, else the writer's only one, else the only one within tolerance.

    `Misplaced` with the candidates where that leaves none or several.
    """
    if declared is not None:
        return declared
    if len(own) == 1:
        return own[0]
    within = [kelurahan for kelurahan in nearby if kelurahan.distance_m <= tolerance]
    if len(within) != 1:
        raise Misplaced("kelurahan-unclear", members={"candidates": [{"code": k.code, "name": k.name} for k in within]})
    return within[0].code


def place(declared: str, nearby: Sequence[Nearby], tolerance: float, edition: Edition) -> Placement:
    """Judges a place by its distances. `nearby` holds the declared kelurahan and every other within tolerance.

    LookupError when the declared kelurahan is not among them.
    """
    by_distance = sorted(nearby, key=lambda kelurahan: (kelurahan.distance_m, kelurahan.code))
    claimed = next((kelurahan for kelurahan in by_distance if kelurahan.code == declared), None)
    if claimed is None:
        raise LookupError(declared)
    others = tuple(kelurahan for kelurahan in by_distance if kelurahan.code != declared)
    found: Nearby | None = claimed if claimed.covers else by_distance[0]
    flags: tuple[str, ...] = ()
    verdict: Verdict
    if claimed.covers:
        verdict = "inside"
        flags = ("overlap",) if any(other.covers for other in others) else ()
    elif claimed.distance_m <= tolerance:
        verdict, flags = "near", ("near",)
    elif others and others[0].distance_m <= tolerance:
        verdict = "elsewhere"
    else:
        verdict, found = "outside", None
    return Placement(verdict, claimed, found, others[:NEIGHBOURS_SHOWN], edition, flags)
