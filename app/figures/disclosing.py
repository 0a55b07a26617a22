"""Which published figures of a city and a period the public does not get, so that no count of few persons can be worked out (`disclosure/`). Pure.

Indicators whose values add up to those of another one divide the same totals; such a family is decided about together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.disclosure.deciding import CountTable, Disclosure, decide_together
from app.disclosure.layers import Snapshot
from app.disclosure.tabulation import TOTAL, Count, TableCell, Tabulation
from app.figures.rules import WHOLE, FigureKey, KeptDefinition, KeptDefinitions


class CountedValue(NamedTuple):
    """A published value of one that counts persons."""

    kelurahan: str
    key: FigureKey
    value: int
    version: int


class DividedTotal(NamedTuple):
    """A table of a family: by which figures the total is divided (none: the total itself), each under its name as a class."""

    name: str
    figures: Mapping[str, FigureKey]


class DecidedTable(NamedTuple):
    """A table with what is to be kept of it, once it is public."""

    name: str
    counts: Mapping[TableCell, Count]
    public: frozenset[TableCell]
    disclosure: Disclosure


def root_of(indicator: str, definitions: KeptDefinitions) -> str | None:
    """The indicator whose total this one divides, or itself; None where it counts no persons."""
    if not _counts_persons(definitions.get(indicator)):
        return None
    parents = [name for name in sorted(definitions) if indicator in _divided_by(name, definitions)]
    return root_of(parents[0], definitions) if parents else indicator


def family_of(root: str, definitions: KeptDefinitions) -> list[str]:
    """All indicators of the family, its root first."""
    return [root, *(name for name in sorted(definitions) if name != root and root_of(name, definitions) == root)]


def divisions(root: str, definitions: KeptDefinitions, values: Iterable[CountedValue]) -> list[DividedTotal]:
    """The tables of a family, that of the totals first. Classes that are not defined are those that occur."""
    found = [DividedTotal(root, {TOTAL: FigureKey(root)})]
    for check in definitions[root]["checks"]:
        parts = [name for name in check["indicators"] if root_of(name, definitions) == root]
        if check["kind"] == "parts" and parts:
            found.append(DividedTotal("+".join(sorted(parts)), {name: FigureKey(name) for name in parts}))
    classified = [root, *(name for name in sorted(definitions) if root in _classes_of(name, definitions))]
    occurring = sorted({value.key for value in values if value.key.indicator_class != WHOLE})
    for name in classified:
        if classification := definitions[name]["classification"]:
            defined = [FigureKey(name, one["id"]) for one in classification["classes"]]
            keys = defined or [key for key in occurring if key.indicator == name]
            if keys:
                found.append(DividedTotal(f"{name}/", {key.indicator_class: key for key in keys}))
    return found


def decided(
    parents: Mapping[str, str | None],
    root: str,
    definitions: KeptDefinitions,
    values: Sequence[CountedValue],
    past: Mapping[str, Sequence[Snapshot]],
) -> list[DecidedTable]:
    """`parents`: of each area of the city the wider one; `past`: by the name of a table what was public of it, ever."""
    threshold = max(definitions[name]["threshold"] for name in family_of(root, definitions))
    tables = divisions(root, definitions, values)
    made = [_table(parents, table, values, past.get(table.name, ())) for table in tables]
    answers = decide_together(made, threshold)
    return [
        DecidedTable(table.name, one.counts, frozenset(_there(one) - answer.withheld), answer)
        for table, one, answer in zip(tables, made, answers, strict=True)
    ]


def withheld_of(
    root: str, definitions: KeptDefinitions, values: Sequence[CountedValue], tables: Sequence[DecidedTable]
) -> set[tuple[str, FigureKey]]:
    """The values that are not shown: those of a cell that is withheld, and those that no table has decided about."""
    shown: set[tuple[str, FigureKey]] = set()
    for form, table in zip(divisions(root, definitions, values), tables, strict=True):
        shown |= {(area, form.figures[one]) for area, one in table.public if one in form.figures}
    return {(value.kelurahan, value.key) for value in values} - shown


def _table(parents: Mapping[str, str | None], table: DividedTotal, values: Iterable[CountedValue], past: Sequence[Snapshot]) -> CountTable:
    form = Tabulation(parents, [one for one in table.figures if one != TOTAL])
    class_of = {key: one for one, key in table.figures.items()}
    counts = {
        (value.kelurahan, class_of[value.key]): Count(value.value, value.version)
        for value in values
        if value.key in class_of and value.kelurahan in parents
    }
    return CountTable(form, counts, [_in_form(form, snapshot) for snapshot in past])


def _in_form(form: Tabulation, snapshot: Snapshot) -> Snapshot:
    """Without areas and classes that there are no longer."""
    counts = {cell: count for cell, count in snapshot.counts.items() if cell in form.number and form.arcs[form.number[cell]].is_count}
    return Snapshot(counts, frozenset(cell for cell in snapshot.public if cell in form.number))


def _there(table: CountTable) -> set[TableCell]:
    return {cell for cell, value in zip(table.form.number, table.form.values(table.counts), strict=True) if value is not None}


def _counts_persons(definition: KeptDefinition | None) -> bool:
    return definition is not None and definition["threshold"] is not None and definition["kind"] == "entered"


def _divided_by(name: str, definitions: KeptDefinitions) -> Iterator[str]:
    """The indicators that add up to this one, by its checks and theirs."""
    definition = definitions[name]
    if not _counts_persons(definition):
        return
    for check in definition["checks"]:
        if check["kind"] == "parts":
            yield from (one for one in check["indicators"] if one != name)
    yield from (one for one in sorted(definitions) if one != name and name in _classes_of(one, definitions))


def _classes_of(name: str, definitions: KeptDefinitions) -> list[str]:
    """The indicators to which the classes of this one add up."""
    if not _counts_persons(definitions[name]):
        return []
    return [one for check in definitions[name]["checks"] if check["kind"] == "classes" for one in check["indicators"]]
