"""Features whose columns nobody declares: the file is read once for their names, and again for the rows."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from app.errors import Unreadable
from app.imports.limits import MOST_COLUMNS, MOST_ROWS
from app.imports.reading.places import Where, located
from app.imports.reading.table import Blanks, Cell, SourceRow, Table, batched, checked_columns, tidied


class Feature(NamedTuple):
    values: Mapping[str, Cell]
    where: Where


def table_of(
    kind: str,
    features: Callable[[], Iterator[Feature]],
    crs: Callable[[], str | None] = lambda: "EPSG:4326",
    has_places: Callable[[], bool] = lambda: True,
    aliases: Callable[[], Mapping[str, str]] = dict,
) -> Table:
    """`features` begins anew each time it is called; `crs`, `has_places` and `aliases` are asked after it was read once."""
    names = _names(features())
    blanks = Blanks()
    rows = feature_rows(([feature.values.get(name) for name in names], feature.where) for feature in features())
    called = aliases()
    return Table(
        kind,
        checked_columns(names),
        located(batched(_filled(rows, blanks)), crs()),
        has_places=has_places(),
        skipped_blank=blanks,
        aliases=checked_columns([called.get(name, "") for name in names]) if called else (),
    )


def _names(features: Iterator[Feature]) -> list[str]:
    """In the order in which they first appear."""
    names: dict[str, None] = {}
    for count, feature in enumerate(features):
        if count == MOST_ROWS:
            raise Unreadable("rows-too-many", most=MOST_ROWS)
        names.update(dict.fromkeys(feature.values))
        if len(names) > MOST_COLUMNS:
            raise Unreadable("columns-too-many", most=MOST_COLUMNS)
    return list(names)


def feature_rows(features: Iterator[tuple[list[Cell], Where]]) -> Iterator[SourceRow]:
    for number, (values, where) in enumerate(features, 1):
        cells, fault = tidied(values, len(values))
        if fault is None and any(isinstance(cell, str) and "\ufffd" in cell for cell in cells):
            fault = "text-damaged"
        yield SourceRow(number, cells, where.place, where.fault or fault, stated=where.stated, accuracy_m=where.accuracy_m)


def _filled(rows: Iterator[SourceRow], blanks: Blanks) -> Iterator[SourceRow]:
    for row in rows:
        if row.place is None and row.fault in (None, "geometry-missing") and all(cell is None for cell in row.cells):
            blanks.count += 1
        else:
            yield row
