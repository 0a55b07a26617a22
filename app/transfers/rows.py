"""A row of a file on its way: from cells to values, from values to findings. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from app.errors import Fault
from app.points.rules import Placement
from app.transfers.cells import BLANK, read, seen, written
from app.transfers.fields import Column, Field
from app.transfers.people import People, Told
from app.transfers.reading.table import Cell, Shift, SourceRow
from app.transfers.systems import DATUM, PLAIN, ZONE, System, of_cell, of_heading, of_title, together

Level = Literal["good", "warned", "question", "fault"]
_RANK: Mapping[Level, int] = {"good": 0, "warned": 1, "question": 2, "fault": 3}

# What does not stand in the way, and what has to be asked: the word by which a commit accepts it. Every other code is a fault.
WARNINGS = frozenset(
    {
        "coordinate-coarse", "place-near", "place-overlap", "place-shared", "place-shared-first", "place-explained", "place-rejudged",
        "text-personal", "contact-phone", "contact-nameless", "contact-name-long",
    }
)  # fmt: skip
OF_PLACEMENT = frozenset({"place-near", "place-overlap", "place-explained", "place-rejudged", "row-elsewhere", "row-outside"})
QUESTIONS = {
    "coordinate-repaired": "repairs",
    "row-near-duplicate": "near-duplicates",
    "rows-alike": "near-duplicates",
    "name-not-made": "names",
}

_OF_PLACE, _OF_SYSTEM = ("lat", "lon", "coordinate"), (DATUM, ZONE)


class Finding(NamedTuple):
    """What is to be said of a row, or of one cell of it. `column`: where it stands, from 0; None: of the whole row."""

    code: str
    column: int | None = None
    facts: Mapping[str, object] = {}

    @property
    def level(self) -> Level:
        return "warned" if self.code in WARNINGS else "question" if self.code in QUESTIONS else "fault"

    def json(self) -> dict[str, object]:
        return (
            {"code": self.code}
            | ({} if self.column is None else {"column": self.column})
            | ({"facts": dict(self.facts)} if self.facts else {})
        )


@dataclass(slots=True)
class Draft:
    """`values`: what the file says, by field; `blank`: fields that have a column and no value here."""

    number: int
    values: dict[str, Any]
    blank: list[str]
    places: dict[str, Cell]
    place: tuple[float, float] | None = None
    shift: Shift | None = None
    """What moved the place of a layer."""
    system: System = PLAIN
    """What headings and cells say of datum and zone."""
    findings: list[Finding] = field(default_factory=list)
    kelurahan: str | None = None
    lon: float | None = None
    lat: float | None = None
    placement: Placement | None = None
    repair: dict[str, Any] | None = None
    """What a repaired coordinate was read from, `{raw, repairs}`: kept with the revision."""
    flags: list[str] = field(default_factory=list)
    people: Told | None = None
    current: Mapping[str, Any] | None = None
    """The newest revision of the point that the row is about, where there is one already."""
    has_id: bool = False
    by_id: bool = False
    is_known: bool = False
    point_id: UUID | None = None
    key: dict[str, dict[str, Any]] | None = None
    act: Literal["create", "update", "same"] | None = None
    revision: dict[str, Any] = field(default_factory=dict)
    """What the row makes of its point: columns of `titik.import_row`."""

    @property
    def level(self) -> Level:
        return max((one.level for one in self.findings), key=lambda level: _RANK[level], default="good")

    @property
    def asks(self) -> str:
        return " ".join(sorted({QUESTIONS[one.code] for one in self.findings if one.code in QUESTIONS}))

    @property
    def is_lost(self) -> bool:
        return bool(self.findings) and any(one.level == "fault" for one in self.findings)

    @property
    def is_only_misplaced(self) -> bool:
        """Nothing is wrong but that the place is elsewhere: which that of a known point may be."""
        return all(one.code in OF_PLACEMENT for one in self.findings if one.level == "fault")


class Layout:
    """The columns of a file, ready to read rows by."""

    def __init__(self, columns: Sequence[Column], people: People | None = None, above: Sequence[str] = ()) -> None:
        self.columns = columns
        self.people = people if people and people.columns else None
        self.by_field = {column.field.name: column.at for column in columns if column.field}
        self._places = [(column.at, column.field.name) for column in columns if column.field and column.field.name in _OF_PLACE]
        self._values = [
            (column, column.field, column.field.kind == "text" and not column.field.choices)
            for column in columns
            if column.field and column.field.name not in _OF_PLACE and not _says_a_system(column.field)
        ]
        self._systems = [(column.at, column.field.name) for column in columns if column.field and _says_a_system(column.field)]
        headings = [of_heading(column.header) for column in columns if column.field and column.field.name in _OF_PLACE]
        self._said = together([*headings, *map(of_title, above)])

    def read(self, row: SourceRow) -> Draft:
        cells = row.cells
        draft = Draft(row.number, {}, [], {}, row.place, row.shift, self._said)
        values, blank = draft.values, draft.blank
        for column, meant, is_plain in self._values:
            cell = cells[column.at]
            if cell is None or cell in BLANK:
                blank.append(meant.name)
            elif is_plain and cell.__class__ is str:
                # Nearly every cell of nearly every file.
                values[meant.name] = seen(written(cell) if cell[0] in "' " else cell)
            else:
                value, fault = read(cell, meant, is_canonical=column.is_canonical)
                if fault is not None:
                    draft.findings.append(self.finding(fault, meant.name))
                values[meant.name] = value
        for index, name in self._places:
            if (cell := cells[index]) is not None and cell not in BLANK:
                draft.places[name] = cell
        if self._systems:
            said = [of_cell(text, name) for index, name in self._systems if (text := written(cells[index])) not in BLANK]
            draft.system = together([self._said, *said]) if said else self._said
        _split_numbers(draft)
        if self.people is not None:
            draft.people = self.people.read(cells)
        return draft

    def finding(self, fault: Fault, name: str | None = None) -> Finding:
        """A fault by the column that it is about; its pointer says which, where no field is named."""
        if name is None:
            name = fault.where.removeprefix("/properties/").partition("/")[0]
        return Finding(fault.code, self.by_field.get(name), fault.facts)

    def place_column(self, draft: Draft) -> int | None:
        """Where the coordinate stands; of a pair the latitude."""
        return next((self.by_field[name] for name in ("coordinate", "lat", "lon") if name in draft.places), self.by_field.get("lat"))


def _says_a_system(field: Field) -> bool:
    """Not one of the category's own that is called so."""
    return field.name in _OF_SYSTEM and not field.is_attribute


def _split_numbers(draft: Draft) -> None:
    """`003/001` in one cell."""
    if (both := draft.values.pop("rt_rw", None)) is None:
        return
    first, _, second = str(both).replace("\\", "/").partition("/")
    draft.values.setdefault("rt", first.strip())
    if second.strip():
        draft.values.setdefault("rw", second.strip())
