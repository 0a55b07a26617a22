"""A row of a file on its way, and what is found of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from app.imports.answers import RepairKind
from app.imports.people import RowPeople
from app.imports.reading.table import Cell, Shift
from app.imports.systems import PLAIN, System
from app.placement.rules import Placement

RowLevel = Literal["good", "warned", "question", "fault"]
_RANK: Mapping[RowLevel, int] = {"good": 0, "warned": 1, "question": 2, "fault": 3}

# What does not stand in the way, and what has to be asked: the word by which a commit accepts it. Every other code is a fault.
WARNINGS = frozenset(
    {
        "coordinate-coarse", "place-near", "place-overlap", "place-shared", "place-shared-first", "place-explained", "place-rejudged",
        "text-personal", "contact-phone", "contact-nameless", "contact-name-long", "columns-differ", "place-columns-differ",
        "cell-merged",
    }
)  # fmt: skip
OF_PLACEMENT = frozenset(
    {"place-near", "place-overlap", "place-explained", "place-rejudged", "place-columns-differ", "row-elsewhere", "row-outside"}
)
PLACE = "place"
QUESTIONS = {
    "coordinate-repaired": "repairs",
    "row-near-duplicate": "near-duplicates",
    "row-place-taken": "near-duplicates",
    "rows-alike": "near-duplicates",
    "name-not-made": "names",
}


FindingKind = Literal["place", "kelurahan", "likeness", "people", "columns", "content"]
_KINDS: Mapping[str, FindingKind] = {
    "kelurahan": "kelurahan", "coordinate": "place", "place": "place", "geometry": "place", "point": "place", "contact": "people", "columns": "columns",
    "row-elsewhere": "place", "row-outside": "place", "row-near-duplicate": "likeness", "row-place-taken": "likeness", "rows-alike": "likeness",
    "row-twice": "likeness", "row-point-twice": "likeness", "row-key-taken": "likeness", "place-shared": "likeness", "place-shared-first": "likeness",
    "place-columns-differ": "columns", "row-field-unmatched": "columns", "row-field-unread": "columns", "text-personal": "people", "name-not-made": "people",
}  # fmt: skip


def kind_of(code: str) -> FindingKind:
    """What a finding is about, as people look for it."""
    return _KINDS.get(code) or _KINDS.get(code.partition("-")[0], "content")


_REPAIR_KINDS: Mapping[str, RepairKind] = {
    "comma": "commas", "swap": "swaps", "minus": "signs", "double-minus": "signs", "utm": "units", "tm3": "units", "datum": "units",
}  # fmt: skip


def _repair_kind(repair: str) -> RepairKind:
    """Of the name of a repair, which may go on with a zone or a datum."""
    return _REPAIR_KINDS.get(repair) or _REPAIR_KINDS.get(repair.partition("-")[0], "readings")


class RowFinding(NamedTuple):
    """What is to be said of a row, or of one cell of it. `column`: where it stands, from 0; None: of the whole row."""

    code: str
    column: int | None = None
    facts: Mapping[str, object] = {}

    @property
    def level(self) -> RowLevel:
        return "warned" if self.code in WARNINGS else "question" if self.code in QUESTIONS else "fault"

    @property
    def asks(self) -> Sequence[str]:
        """The words by which a commit accepts it. A comma beside another repair is no question of its own."""
        if self.code not in QUESTIONS:
            return ()
        repairs = self.facts.get("repairs")
        kinds = {_repair_kind(one) for one in repairs} if isinstance(repairs, list) else set()
        return sorted(kinds - {"commas"} or kinds) or [QUESTIONS[self.code]]

    def json(self) -> dict[str, object]:
        return (
            {"code": self.code}
            | ({} if self.column is None else {"column": self.column})
            | ({"facts": dict(self.facts)} if self.facts else {})
        )


class PlaceCells(NamedTuple):
    """Cells that say one place, `lat` and `lon` or `coordinate`, and their columns."""

    cells: Mapping[str, Cell]
    column: int
    second: int | None = None


@dataclass(slots=True)
class Draft:
    """`values`: what the file says, by field; `blank`: fields that have a column and no value here."""

    number: int
    values: dict[str, Any]
    blank: list[str]
    places: dict[str, Cell]
    """The cells from which the place is read."""
    at: dict[str, int] = field(default_factory=dict)
    """The columns of values that do not come from the first column of their field."""
    faulty: set[str] = field(default_factory=set)
    """Fields whose cell cannot be read, and `PLACE`."""
    regions: list[tuple[int, str]] = field(default_factory=list)
    """What further columns say of the kelurahan, each with its column."""
    spots: list[PlaceCells] = field(default_factory=list)
    """What further columns say of the place."""
    place: tuple[float, float] | None = None
    shift: Shift | None = None
    """What moved the place of a layer."""
    system: System = PLAIN
    """What headings and cells say of datum and zone."""
    findings: list[RowFinding] = field(default_factory=list)
    kelurahan: str | None = None
    lon: float | None = None
    lat: float | None = None
    placement: Placement | None = None
    repair: dict[str, object] | None = None
    """What a repaired coordinate was read from, `{raw, repairs}`: kept with the revision."""
    flags: list[str] = field(default_factory=list)
    people: RowPeople | None = None
    current: Mapping[str, Any] | None = None
    """The newest revision of the point that the row is about, where there is one already."""
    has_id: bool = False
    by_id: bool = False
    is_known: bool = False
    point_id: UUID | None = None
    key: dict[str, dict[str, object]] | None = None
    act: Literal["create", "update", "same"] | None = None
    revision: dict[str, object] = field(default_factory=dict)
    """What the row makes of its point: columns of `titik.import_row`."""

    @property
    def level(self) -> RowLevel:
        return max((one.level for one in self.findings), key=lambda level: _RANK[level], default="good")

    @property
    def asks(self) -> str:
        return " ".join(sorted({word for one in self.findings for word in one.asks}))

    @property
    def is_lost(self) -> bool:
        return bool(self.findings) and any(one.level == "fault" for one in self.findings)

    @property
    def is_only_misplaced(self) -> bool:
        """Nothing is wrong but that the place is elsewhere: which that of a known point may be."""
        return all(one.code in OF_PLACEMENT for one in self.findings if one.level == "fault")
