"""Which column of a file is which field: by its heading, and by its cells. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from app.categories.rules import Category
from app.imports.cells import is_blank, written
from app.imports.fields import ID_BESIDE_ANOTHER, Column, Field, fields_of, folded, kinds_of
from app.imports.fitting import ALWAYS, are_coordinates, fits, is_like
from app.imports.headings import TITLED, Guess, Vocabulary
from app.imports.reading.table import Cell, listed
from app.imports.roles import tells_of_a_person

_MARKS_OF_AN_EXPORT = {"id", "category"}
_TEXTS = ("name", "address")
_MOST_LIKELY = 5


class ColumnNote(NamedTuple):
    """What is to be said once for the file: a code, the columns that it is about, the facts of its sentence."""

    code: str
    columns: tuple[int, ...] = ()
    facts: Mapping[str, object] = {}

    def json(self) -> dict[str, object]:
        return {"code": self.code, "columns": list(self.columns)} | ({"facts": dict(self.facts)} if self.facts else {})


def recognised(
    headers: Sequence[str], category: Category, named: Mapping[str, str | None] | None = None, aliases: Sequence[str] = ()
) -> list[Column]:
    """Each column with the field that its heading names. `named` says it for single headings (None: not read); it goes before what is guessed.
    `aliases`: what the layer calls each column besides, empty where it does not.
    """
    fields = fields_of(category)
    named = named or {}
    vocabulary = Vocabulary(fields, kinds_of(category), headers)
    # A column alone may be called so by chance.
    is_export = {header.strip() for header in headers} >= _MARKS_OF_AN_EXPORT
    is_beside_another = any(folded(header) == ID_BESIDE_ANOTHER for header in headers)
    columns: list[Column] = []
    for at, (header, alias) in enumerate(zip_longest(headers, aliases, fillvalue="")):
        if header in named:
            columns.append(Column(at, header, fields.get(named[header] or ""), rank=-1, alias=alias))
            continue
        guess = _guessed(vocabulary, header, alias)
        field = fields.get(guess.field) if guess else None
        is_canonical = is_export and field is not None and header.strip() == field.name and not (field.name == "id" and is_beside_another)
        columns.append(Column(at, header, field, is_canonical, guess.rank if guess else 0, guess is not None and guess.is_loose, alias))
    return columns


def _guessed(vocabulary: Vocabulary, header: str, alias: str) -> Guess | None:
    """By the name of a column or by its alias, whichever is surer; an alias that tells of people says whose the name is."""
    own, other = vocabulary.read(header), vocabulary.read(alias) if alias else None
    if own and own.field in _TEXTS and other is None and tells_of_a_person(folded(alias)):
        return None
    return min(filter(None, (own, other)), key=lambda guess: guess.rank, default=None)


def by_headers(headers: Sequence[str], aliases: Sequence[str], named: Mapping[str, str | None]) -> dict[str, str | None]:
    """What the sender says of columns, by their headings where they are named by their aliases."""
    own = {alias: header for header, alias in zip(headers, aliases, strict=False) if alias and alias not in headers}
    return {own.get(heading, heading): field for heading, field in named.items()}


def fitted(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    category: Category,
    named: Mapping[str, str | None] | None = None,
    *,
    whole: bool = True,
) -> tuple[list[Column], list[ColumnNote]]:
    """The same columns after a look at the cells of the first `rows`; and what is to be said of those that are not what they are called.

    `whole`: these are all rows. Columns that the sender named, and those of an export, stay what they are.
    """
    fields = fields_of(category)
    remaining: list[Column] = []
    notes: list[ColumnNote] = []
    for column in columns:
        field, is_free = column.field, column.header not in (named or {}) and not column.is_canonical
        if field is None or field.is_attribute or not is_free:
            remaining.append(column)
            continue
        cells = [row[column.at] for row in rows if not is_blank(row[column.at])]
        if field.name in _TEXTS and are_coordinates(cells):
            # A question for a place whose name says no more than that.
            remaining.append(column._replace(field=fields["coordinate"]))
        elif not (column.is_loose or field.name in ALWAYS) or (fit := fits(cells, field)):
            remaining.append(column)
        else:
            is_kept = fit is None and not (whole and field.name in ("id", "status"))
            remaining.append(column if is_kept else column._replace(field=None))
            if fit is False:
                code = "columns-not-ids" if field.name == "id" else "columns-not-the-field"
                notes.append(ColumnNote(code, (column.at,), {"titles": list(field.title)}))
    return _without_names_of_others(remaining, rows), list(_gathered(notes))


def _without_names_of_others(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[Column]:
    """A plain `Nama` beside a name of the point is somebody's, unless it says the same; a column that is headed as the category is no second name."""
    names = sorted(
        (column for column in columns if column.field and column.field.name == "name"), key=lambda column: (column.rank, column.at)
    )
    strange = set()
    for column in names[1:]:
        both = [(folded(written(row[names[0].at])), folded(written(row[column.at]))) for row in rows]
        filled = [(one, other) for one, other in both if one and other]
        if column.rank >= TITLED or (
            folded(column.header) in ("nama", "name") and not (filled and all(one == other for one, other in filled))
        ):
            strange.add(column.at)
    return [column._replace(field=None) if column.at in strange and column.rank >= 0 else column for column in columns]


def _gathered(notes: Sequence[ColumnNote]) -> Iterator[ColumnNote]:
    """One note for each field."""
    by_field: dict[str, ColumnNote] = {}
    for note in notes:
        field = str(note.facts)
        earlier = by_field.get(field)
        by_field[field] = note if earlier is None else earlier._replace(columns=earlier.columns + note.columns)
    yield from by_field.values()


def not_there(headers: Sequence[str], named: Mapping[str, str | None]) -> list[ColumnNote]:
    """Of headings that the sender names, those that the file does not have."""
    lacking = [heading for heading in named if heading not in headers]
    return [ColumnNote("columns-not-there", facts={"headings": ", ".join(lacking[:_MOST_LIKELY])})] if lacking else []


def likely(columns: Sequence[Column], field: Field) -> list[str]:
    """Headings of columns that are not read and may have been meant for a field that the file does not have. People are meant by none but a
    field of theirs.
    """
    is_of_people = tells_of_a_person(folded(field.title.id))
    return [
        column.header
        for column in columns
        if column.field is None and column.header and any(is_like(heading, field) for heading in (column.header, column.alias))
        if is_of_people or not is_of_a_person(column)
    ][:_MOST_LIKELY]


def unread(columns: Sequence[Column]) -> str:
    """The headings of columns that are not read, as a sentence lists them; but those of people."""
    return listed([column.header for column in columns if column.field is None and column.header and not is_of_a_person(column)])


def is_of_a_person(column: Column) -> bool:
    """Whether its heading tells of people."""
    return any(tells_of_a_person(folded(heading)) for heading in (column.header, column.alias))
