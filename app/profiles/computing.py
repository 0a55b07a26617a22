"""Figures that are computed of those of a profile. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from app.figures.expression import ExpressionFault, FigureValue, Missing, evaluate, parse, rounded
from app.figures.rules import KeptDefinitions, figure_of
from app.indicators.rules import references_of

ComputedMeaning = Literal["value", "empty", "not-applicable", "withheld", "division-by-zero"]


class ComputedFigure(NamedTuple):
    indicator: str
    value: float | None
    meaning: ComputedMeaning


def computed(definitions: KeptDefinitions, rows: Mapping[str, tuple[str, Any]]) -> Iterator[ComputedFigure]:
    """All computed indicators that rest on what is entered. `rows`: by indicator the meaning and the value of its whole. What rests on a figure that
    is withheld is withheld.
    """
    for name in sorted(definitions):
        if definitions[name]["kind"] == "computed" and _rests_on_entered(name, definitions):
            yield _figure(name, definitions, rows)


def _figure(name: str, definitions: KeptDefinitions, rows: Mapping[str, tuple[str, Any]]) -> ComputedFigure:
    if any(rows.get(one, ("", None))[0] == "withheld" for one in _entered_by(name, definitions)):
        return ComputedFigure(name, None, "withheld")
    try:
        found = _value(name, definitions, rows)
    except ExpressionFault:
        return ComputedFigure(name, None, "division-by-zero")
    if isinstance(found, Missing):
        return ComputedFigure(name, None, found.value)
    return ComputedFigure(name, float(rounded(found, definitions[name]["decimals"])), "value")


def _value(name: str, definitions: KeptDefinitions, rows: Mapping[str, tuple[str, Any]]) -> FigureValue:
    definition = definitions[name]
    if definition["kind"] != "computed":
        return figure_of(*rows[name]) if name in rows else Missing.EMPTY
    needed = references_of(definition)
    return evaluate(parse(definition["expression"]), {one: _value(one, definitions, rows) for one in needed})


def _entered_by(name: str, definitions: KeptDefinitions) -> Iterator[str]:
    """The entered indicators that it rests on; circles are refused when they are written."""
    if definitions[name]["kind"] != "computed":
        yield name
        return
    for one in sorted(references_of(definitions[name])):
        if one in definitions:
            yield from _entered_by(one, definitions)


def _rests_on_entered(name: str, definitions: KeptDefinitions) -> bool:
    needed = references_of(definitions[name])
    return all(
        one in definitions
        and definitions[one]["kind"] != "counted"
        and (definitions[one]["kind"] == "entered" or _rests_on_entered(one, definitions))
        for one in needed
    )
