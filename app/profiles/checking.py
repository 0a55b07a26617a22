"""What the values of a kelurahan say of each other, of the period before and of the map: the checks of their definitions. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from app.figures.expression import FigureValue
from app.figures.rules import WHOLE, FigureKey, KeptDefinition, KeptDefinitions

Figures = Mapping[FigureKey, FigureValue]


class CheckedProfile(NamedTuple):
    """What values are held against. `figures`: of this kelurahan and period, those that are sent among them; `before`: of the period before;
    `counted`: what is on the map now, where the period is the present one.
    """

    figures: Figures
    before: Figures
    counted: Mapping[str, Fraction]


class CheckFinding(NamedTuple):
    """That a value does not fit: which one, by which kind of check, how grave, and what its sentence says."""

    key: FigureKey
    kind: str
    severity: str
    facts: Mapping[str, object]


def findings(sent: Collection[FigureKey], definitions: KeptDefinitions, profile: CheckedProfile) -> Iterator[CheckFinding]:
    """Of the checks that touch what is sent; each at the value that has it, or where that one is not sent, at the first that is."""
    for name in sorted(definitions):
        definition = definitions[name]
        for check in definition["checks"]:
            concerned = _concerned(name, check, profile.figures)
            at = next((key for key in concerned if key in sent), None)
            if at is None:
                continue
            if facts := _misfit(name, check, profile, at):
                yield CheckFinding(at, check["kind"], check["severity"], facts)


def _concerned(name: str, check: KeptDefinition, figures: Figures) -> list[FigureKey]:
    """The values that a check reads, the one that has it first."""
    own = FigureKey(name)
    match check["kind"]:
        case "parts" | "at_most":
            return [own, *(FigureKey(one) for one in check["indicators"])]
        case "classes":
            return [*_classes(name, figures), *(FigureKey(one) for one in check["indicators"])]
        case "change":
            return [own, *_classes(name, figures)]
        case _:
            return [own]


def _classes(name: str, figures: Figures) -> list[FigureKey]:
    return sorted(key for key in figures if key.indicator == name and key.indicator_class != WHOLE)


def _misfit(name: str, check: KeptDefinition, profile: CheckedProfile, at: FigureKey) -> dict[str, object] | None:
    """What does not fit; None where it does, or where a number is missing."""
    figures, percent = profile.figures, check["percent"]
    own, others = _number(figures, FigureKey(name)), check["indicators"]
    facts = None
    match check["kind"]:
        case "parts":
            facts = _differs(own, _sum([_number(figures, FigureKey(one)) for one in others]), percent, others)
        case "classes":
            classes = [_number(figures, key) for key in _classes(name, figures)]
            facts = _differs(_sum(classes) if classes else None, _number(figures, FigureKey(others[0])), percent, others)
        case "at_most":
            facts = _exceeds(own, _number(figures, FigureKey(others[0])), percent, others)
        case "map":
            facts = _differs(own, profile.counted.get(others[0]), percent, others)
        case "change":
            facts = _changed(_number(figures, at), _number(profile.before, at), percent)
    return facts


def _number(figures: Figures, key: FigureKey) -> Fraction | None:
    """Only numbers are compared: what is empty or does not apply is no 0."""
    found = figures.get(key)
    return found if isinstance(found, Fraction) else None


def _sum(parts: Collection[Fraction | None]) -> Fraction | None:
    """None where one is missing: what has come so far is no sum."""
    there = [part for part in parts if part is not None]
    return sum(there, Fraction(0)) if len(there) == len(parts) else None


def _differs(own: Fraction | None, other: Fraction | None, percent: float | None, others: Sequence[str]) -> dict[str, object] | None:
    if own is None or other is None or abs(own - other) <= abs(other) * (_tolerated(percent) - 1):
        return None
    return {"is": _text(own), "expected": _text(other), "with": ", ".join(others)}


def _exceeds(own: Fraction | None, other: Fraction | None, percent: float | None, others: Sequence[str]) -> dict[str, object] | None:
    if own is None or other is None or own <= other * _tolerated(percent):
        return None
    return {"is": _text(own), "expected": _text(other), "with": ", ".join(others)}


def _changed(now: Fraction | None, before: Fraction | None, percent: float) -> dict[str, object] | None:
    if now is None or not before or abs(now - before) <= abs(before) * (_tolerated(percent) - 1):
        return None
    return {"is": _text(now), "expected": _text(before), "with": f"{float(abs(now - before) / abs(before) * 100):.3g}"}


def _tolerated(percent: float | None) -> Fraction:
    return 1 + Fraction(str(percent or 0)) / 100


def _text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.6g}"
