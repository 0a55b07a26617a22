"""Which column of a file is which field: by its heading, and by its cells. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.categories.rules import Category
from app.transfers.cells import is_blank, written
from app.transfers.fields import ID_BESIDE_ANOTHER, Column, Field, fields_of, folded
from app.transfers.fitting import ALWAYS, are_coordinates, fits, is_like
from app.transfers.headings import Vocabulary
from app.transfers.reading.table import Cell

_MARKS_OF_AN_EXPORT = {"id", "category"}
_TEXTS = ("name", "address")
_MOST_LIKELY = 5


class Note(NamedTuple):
    """What is to be said once for the file: a code, the columns that it is about, the facts of its sentence."""

    code: str
    columns: tuple[int, ...] = ()
    facts: Mapping[str, object] = {}

    def json(self) -> dict[str, object]:
        return {"code": self.code, "columns": list(self.columns)} | ({"facts": dict(self.facts)} if self.facts else {})


def recognised(headers: Sequence[str], category: Category, named: Mapping[str, str | None] | None = None) -> list[Column]:
    """Each column with the field that its heading names. `named` says it for single headings (None: not read); it goes before what is guessed."""
    fields = fields_of(category)
    named = named or {}
    vocabulary = Vocabulary(fields, category.id.replace("_", " "), headers)
    # A column alone may be called so by chance.
    is_export = {header.strip() for header in headers} >= _MARKS_OF_AN_EXPORT
    is_beside_another = any(folded(header) == ID_BESIDE_ANOTHER for header in headers)
    columns: list[Column] = []
    for at, header in enumerate(headers):
        if header in named:
            columns.append(Column(at, header, fields.get(named[header] or ""), rank=-1))
            continue
        guess = vocabulary.read(header)
        field = fields.get(guess.field) if guess else None
        is_canonical = is_export and field is not None and header.strip() == field.name and not (field.name == "id" and is_beside_another)
        columns.append(Column(at, header, field, is_canonical, guess.rank if guess else 0, guess is not None and guess.is_loose))
    return columns


def fitted(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    category: Category,
    named: Mapping[str, str | None] | None = None,
    *,
    whole: bool = True,
) -> tuple[list[Column], list[Note]]:
    """The same columns after a look at the cells of the first `rows`; and what is to be said of those that are not what they are called.

    `whole`: these are all rows. Columns that the sender named, and those of an export, stay what they are.
    """
    fields = fields_of(category)
    kept: list[Column] = []
    notes: list[Note] = []
    for column in columns:
        field, is_free = column.field, column.header not in (named or {}) and not column.is_canonical
        if field is None or field.is_attribute or not is_free:
            kept.append(column)
            continue
        cells = [row[column.at] for row in rows if not is_blank(row[column.at])]
        if field.name in _TEXTS and are_coordinates(cells):
            # A question for a place whose name says no more than that.
            kept.append(column._replace(field=fields["coordinate"]))
        elif not (column.is_loose or field.name in ALWAYS) or (fit := fits(cells, field)):
            kept.append(column)
        else:
            is_kept = fit is None and not (whole and field.name in ("id", "status"))
            kept.append(column if is_kept else column._replace(field=None))
            if fit is False:
                code = "columns-not-ids" if field.name == "id" else "columns-not-the-field"
                notes.append(Note(code, (column.at,), {"titles": list(field.title)}))
    return _without_names_of_others(kept, rows), list(_gathered(notes))


def _without_names_of_others(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[Column]:
    """A plain `Nama` beside a name of the point is somebody's, unless it says the same."""
    names = sorted(
        (column for column in columns if column.field and column.field.name == "name"), key=lambda column: (column.rank, column.at)
    )
    strange = set()
    for column in names[1:]:
        both = [(folded(written(row[names[0].at])), folded(written(row[column.at]))) for row in rows]
        filled = [(one, other) for one, other in both if one and other]
        if folded(column.header) in ("nama", "name") and not (filled and all(one == other for one, other in filled)):
            strange.add(column.at)
    return [column._replace(field=None) if column.at in strange and column.rank >= 0 else column for column in columns]


def _gathered(notes: Sequence[Note]) -> Iterator[Note]:
    """One note for each field."""
    by_field: dict[str, Note] = {}
    for note in notes:
        field = str(note.facts)
        earlier = by_field.get(field)
        by_field[field] = note if earlier is None else earlier._replace(columns=earlier.columns + note.columns)
    yield from by_field.values()


def not_there(headers: Sequence[str], named: Mapping[str, str | None]) -> list[Note]:
    """Of headings that the sender names, those that the file does not have."""
    lacking = [heading for heading in named if heading not in headers]
    return [Note("columns-not-there", facts={"headings": ", ".join(lacking[:_MOST_LIKELY])})] if lacking else []


def likely(columns: Sequence[Column], field: Field) -> list[str]:
    """Headings of columns that are not read and may have been meant for a field that the file does not have."""
    return [column.header for column in columns if column.field is None and column.header and is_like(column.header, field)][:_MOST_LIKELY]
