"""What the definition of an indicator may say, by itself and beside the others. Pure."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.categories.names import TAKEN
from app.errors import Fault
from app.figures.expression import FUNCTIONS, ExpressionFault, names_of, parse
from app.indicators.naming import concept_faults, name_faults
from app.indicators.schemas import IndicatorCheck, IndicatorDefinition

INDICATOR_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
MAX_CHAIN = 10
"""So many indicators may rest on each other, one after the other."""
_CLOSE = 5
# How many indicators each kind of check names, at least and at most; whether it needs a per cent.
_CHECKS: Mapping[str, tuple[int, int, bool]] = {
    "parts": (1, 20, False), "at_most": (1, 1, False), "classes": (1, 1, False), "change": (0, 0, True), "city": (0, 0, False), "map": (1, 1, False),
}  # fmt: skip
_NEEDED = {"computed": "expression", "counted": "count"}

# A profile has a column for each indicator, beside these, and beside what a query for profiles can say.
_COLUMNS = TAKEN | {"period", "begins", "ends", "withheld", "empty", "not_applicable"}

StoredIndicator = Mapping[str, Any]
"""A definition as its row has it."""


def definition_faults(wanted: IndicatorDefinition, others: Mapping[str, StoredIndicator], places: Collection[str] = ()) -> list[Fault]:
    """Everything that is wrong, with its JSON pointer. `others`: what the other indicators say now, by id; `places`: names of regions."""
    faults = []
    if not INDICATOR_NAME.fullmatch(wanted.id) or wanted.id in FUNCTIONS or wanted.id in _COLUMNS:
        faults.append(Fault("/id", "indicator-id-invalid"))
    faults += name_faults(wanted.name.id, "/name/id", places)
    if any(other["name"]["id"].casefold() == wanted.name.id.casefold() for other in others.values()):
        faults.append(Fault("/name/id", "name-not-unique"))
    faults += concept_faults(wanted.concept.id, "/concept/id", places)
    faults += _own_faults(wanted)
    faults += _expression_faults(wanted, others)
    for at, check in enumerate(wanted.checks):
        faults += _check_faults(check, f"/checks/{at}", wanted, others)
    if wanted.audience == "internal" and (public := _public_users(wanted.id, others)):
        faults.append(Fault("/audience", "indicator-used", {"known": ", ".join(public)}))
    return faults


def references_of(definition: StoredIndicator) -> frozenset[str]:
    """The indicators that a computed one needs; none where its expression cannot be read."""
    try:
        return names_of(parse(definition["expression"])) if definition["expression"] else frozenset()
    except ExpressionFault:
        return frozenset()


def circle_of(start: str, references: Mapping[str, Collection[str]]) -> list[str]:
    """The way from an indicator back to itself, or a way that is longer than `MAX_CHAIN`; empty where there is neither. `references`: by id
    what is needed.
    """
    ways: list[list[str]] = [[start]]
    lengths: dict[str, int] = {}
    while ways:
        way = ways.pop()
        for name in sorted(references.get(way[-1], ())):
            if name == start or len(way) > MAX_CHAIN:
                return [*way, name]
            # Another way to the same is of interest only if it is longer.
            if lengths.get(name, 0) < len(way) + 1:
                lengths[name] = len(way) + 1
                ways.append([*way, name])
    return []


def _own_faults(wanted: IndicatorDefinition) -> Iterator[Fault]:
    for kind, member in _NEEDED.items():
        is_given = getattr(wanted, member) is not None
        if is_given != (wanted.kind == kind):
            yield Fault(f"/{member}", "indicator-member-alien" if is_given else "value-missing")
    if wanted.minimum is not None and wanted.maximum is not None and wanted.minimum > wanted.maximum:
        yield Fault("/minimum", "number-too-large", {"expected": wanted.maximum})
    for member in ("levels", "periods"):
        if twice := _twice(getattr(wanted, member)):
            yield Fault(f"/{member}/{twice[0]}", "listed-twice")
    if wanted.classification:
        ids = [one.id for one in wanted.classification.classes]
        yield from (Fault(f"/classification/classes/{at}/id", "listed-twice") for at in _twice(ids))
        yield from (
            Fault(f"/classification/classes/{at}/id", "indicator-id-invalid")
            for at, one in enumerate(ids)
            if not INDICATOR_NAME.fullmatch(one)
        )
    if wanted.count and wanted.count.of is not None and not wanted.count.share:
        yield Fault("/count/of", "count-of-no-share")


def _twice(values: Sequence[str]) -> list[int]:
    return [at for at, value in enumerate(values) if value in values[:at]]


def _expression_faults(wanted: IndicatorDefinition, others: Mapping[str, StoredIndicator]) -> Iterator[Fault]:
    where = "/expression"
    if wanted.expression is None:
        return
    try:
        names = names_of(parse(wanted.expression))
    except ExpressionFault as error:
        yield Fault(where, error.code, error.facts)
        return
    if wanted.id in names:
        yield Fault(where, "expression-itself")
        return
    yield from _known_faults(names, where, wanted, others)
    references = {name: references_of(other) for name, other in others.items()} | {wanted.id: names}
    way = circle_of(wanted.id, references)
    if not way:
        # One that rests on this one may have become too long a way by it.
        way = next((found for name in sorted(others) if (found := circle_of(name, references)) and wanted.id in found), [])
    if way:
        code = "expression-circle" if way[0] == way[-1] else "expression-chain"
        yield Fault(where, code, {"known": " → ".join(way), "expected": MAX_CHAIN})


def _check_faults(check: IndicatorCheck, where: str, wanted: IndicatorDefinition, others: Mapping[str, StoredIndicator]) -> Iterator[Fault]:
    least, most, needs_percent = _CHECKS[check.kind]
    if not least <= len(check.indicators) <= most:
        yield Fault(f"{where}/indicators", "check-indicators", {"least": least, "most": most})
    if needs_percent and check.percent is None:
        yield Fault(f"{where}/percent", "value-missing")
    if wanted.id in check.indicators:
        yield Fault(f"{where}/indicators", "expression-itself")
    yield from _known_faults([name for name in check.indicators if name != wanted.id], f"{where}/indicators", wanted, others)
    if check.kind == "classes" and wanted.classification is None:
        yield Fault(f"{where}/kind", "check-classes")
    if check.kind == "map" and any(name in others and others[name]["kind"] != "counted" for name in check.indicators):
        yield Fault(f"{where}/indicators", "check-map")


def _known_faults(names: Iterable[str], where: str, wanted: IndicatorDefinition, others: Mapping[str, StoredIndicator]) -> Iterator[Fault]:
    """What is named has to be there, and may not be more secret than what names it."""
    for name in sorted(names):
        if name not in others:
            close = difflib.get_close_matches(name, others, _CLOSE) or sorted(others)[:_CLOSE]
            yield Fault(where, "indicator-not-there", {"known": ", ".join(close)})
        elif wanted.audience == "public" and others[name]["audience"] != "public":
            yield Fault(where, "indicator-more-secret", {"known": name})


def _public_users(name: str, others: Mapping[str, StoredIndicator]) -> list[str]:
    """The public indicators that name this one."""

    def names(other: StoredIndicator) -> set[str]:
        return {*references_of(other), *(one for check in other["checks"] for one in check["indicators"])}

    return sorted(user for user, other in others.items() if other["audience"] == "public" and name in names(other))
