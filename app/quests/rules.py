"""What should be on the map of a kelurahan and is not: which numbers, or how many where things have none. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from app.figures.rules import WHOLE, KeptDefinitions

ROSTER = "daftar_rt"
"""The indicator whose classes are the RT of a kelurahan, as `RW.RT`: 1 for one that there is, 0 for one that is no more."""
CATEGORY_OF_ROSTER = "rt"
_NUMBER = re.compile(r"(?:RT|RW)?[ ./-]*0*([0-9]{1,4}[A-Z]?)", re.ASCII)


class RtNumber(NamedTuple):
    """Of an RT within its RW, as `number_of` writes them."""

    rw: str
    rt: str


class KnownPoint(NamedTuple):
    """A point of the kelurahan with what of it tells which one it is. `id`: of the point; `standing`: as in `points/mine.py`."""

    id: str
    category: str
    standing: str
    name: str
    number: RtNumber | None
    lon: float
    lat: float


class ExpectedNumber(NamedTuple):
    """How many of a category there should be: by which figure of the profile."""

    indicator: str
    period: str
    number: int


class LatestFigure(NamedTuple):
    """The newest published value of a figure."""

    indicator: str
    indicator_class: str
    period: str
    value: float


def number_of(text: str | None) -> str | None:
    """A number as it is compared: `1`, `01`, `001` and `RT.01` are the same one. None where it is none."""
    found = _NUMBER.fullmatch((text or "").strip().upper())
    return found[1] if found else None


def rt_of(rw: str | None, rt: str | None) -> RtNumber | None:
    """None where one of the two is no number."""
    numbers = number_of(rw), number_of(rt)
    return RtNumber(numbers[0], numbers[1]) if numbers[0] and numbers[1] else None


def roster_of(figures: Iterable[LatestFigure]) -> dict[RtNumber, LatestFigure]:
    """The RT that there are by the roster, each with the figure that says so."""
    found = {}
    for figure in figures:
        if figure.indicator == ROSTER and figure.value > 0 and (number := rt_of(*figure.indicator_class.partition(".")[::2])):
            found[number] = figure
    return found


def categories_counted(definitions: KeptDefinitions) -> dict[str, str]:
    """By category the entered indicator that says how many there are: the one that is checked against the number of all its points."""
    found: dict[str, str] = {}
    for name in sorted(definitions):
        for check in definitions[name]["checks"] if definitions[name]["kind"] == "entered" else ():
            counted = definitions.get(check["indicators"][0]) if check["kind"] == "map" else None
            if counted and not counted["count"]["filter"] and not counted["count"]["share"]:
                found.setdefault(counted["count"]["category"], name)
    return found


def expected(definitions: KeptDefinitions, figures: Collection[LatestFigure]) -> dict[str, ExpectedNumber]:
    """By category how many there should be, where the profile says so: of the RT those of the roster, if there is one."""
    latest = {figure.indicator: figure for figure in figures if figure.indicator_class == WHOLE}
    found = {
        category: ExpectedNumber(indicator, latest[indicator].period, int(latest[indicator].value))
        for category, indicator in categories_counted(definitions).items()
        if indicator in latest
    }
    if roster := roster_of(figures):
        newest = max(figure.period for figure in roster.values())
        found[CATEGORY_OF_ROSTER] = ExpectedNumber(ROSTER, newest, len(roster))
    return found


def missing_numbers(roster: Collection[RtNumber], points: Iterable[KnownPoint]) -> list[RtNumber]:
    """Those of the roster that nobody has put on the map, or begun to, by RW and number."""
    there = {point.number for point in points if point.category == CATEGORY_OF_ROSTER and point.standing != "ended"}
    return sorted(set(roster) - there, key=_by_number)


def neighbours(number: RtNumber, points: Iterable[KnownPoint], most: int = 2) -> list[KnownPoint]:
    """The points whose numbers are nearest, of the same RW if there are any: beside them it is looked for."""
    numbered = [point for point in points if point.number is not None and point.standing in ("published", "submitted")]
    own = [point for point in numbered if point.number and point.number.rw == number.rw] or numbered
    return sorted(own, key=lambda point: (abs(_whole(point.number.rt) - _whole(number.rt)) if point.number else 0, point.id))[:most]


def counts_of(points: Iterable[KnownPoint], category: str) -> Mapping[str, int]:
    found = {"published": 0, "submitted": 0, "draft": 0, "returned": 0, "ended": 0}
    for point in points:
        if point.category == category:
            found[point.standing] += 1
    return found


def _by_number(number: RtNumber) -> tuple[int, str, int, str]:
    return (_whole(number.rw), number.rw, _whole(number.rt), number.rt)


def _whole(text: str) -> int:
    return int(text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
