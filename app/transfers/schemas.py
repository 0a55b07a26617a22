"""Imports as clients see them: what is asked of one, what it answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from app.contacts.schemas import AddedContacts, ContactTerms
from app.coordinates import words
from app.db import Row
from app.geo import compass, distance_words
from app.language import Language, Text
from app.messages import PROBLEMS, say_fault
from app.transfers.limits import MOST_ROWS
from app.transfers.rows import Level as RowLevel
from app.wire import Answer, Id, Page, Wire, shown

Level = Literal["all", RowLevel]
State = Literal["queued", "judging", "judged", "committing", "committed", "failed"]
RowNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Committing(Wire):
    """The body of a commit. `rows`: `good`: all that are; `all`: the whole file, or nothing where a row of it cannot be; or their numbers.

    `accept`: questions that are answered with yes for all rows. A row that is named by its number is accepted as it is.
    `contacts`: keeps the people of these rows as contacts of their points, for this reason and until this day; without it they are not kept.
    """

    rows: Literal["good", "all"] | Annotated[list[RowNumber], Field(min_length=1, max_length=MOST_ROWS)] = "good"
    accept: Annotated[tuple[Literal["repairs", "near-duplicates", "names"], ...], Field(max_length=3, strict=False)] = ()
    contacts: ContactTerms | None = None


class Progress(Answer):
    """Rows of the step that runs; `total` is null as long as nobody knows it."""

    done: int
    total: int | None


class Counts(Answer):
    """Of rows, by how good they are and by what they make of their points."""

    good: int
    warned: int
    question: int
    fault: int
    create: int
    update: int
    same: int


class Committed(Answer):
    stored: int
    left_out: int
    """Rows whose point somebody else has changed, or whose id or key was taken, since the file was judged."""
    contacts: NotRequired[AddedContacts]


class ImportColumn(Answer):
    """Without `field` it is not read."""

    header: str
    field: NotRequired[str]
    title: NotRequired[str]


class ImportNote(Answer):
    """What is to be said once of the whole file: of the columns with these headings, or of what it lacks."""

    code: str
    headers: list[str]
    detail: str


class ImportProblem(Answer):
    """Why nothing came of it, as a problem says it."""

    code: str
    title: str
    detail: str
    hint: NotRequired[str]


class Import(Answer):
    """How it stands with an import. What the file is like is told once it has been read."""

    id: Id
    category: str
    name: str
    """Of the file, as its sender calls it."""
    state: State
    size: int
    """In bytes."""
    sha256: str
    progress: Progress
    format: NotRequired[str]
    sheet: NotRequired[str]
    rows: NotRequired[int]
    blank: NotRequired[int]
    """Rows without anything in them, which were passed over."""
    counts: NotRequired[Counts]
    committed: NotRequired[Committed]
    created_at: datetime
    judged_at: NotRequired[datetime]
    committed_at: NotRequired[datetime]
    columns: NotRequired[list[ImportColumn]]
    people: NotRequired[int]
    """In rows that can be committed: what `contacts` would keep."""
    notes: NotRequired[list[ImportNote]]
    problem: NotRequired[ImportProblem]


class Imports(Page):
    imports: list[Import]


class Repair(Answer):
    """How a coordinate was read."""

    lon: float
    lat: float
    repairs: list[str]


class Finding(Answer):
    """What is to be said of a row, or of one cell of it: that of the `column`, from 1, with this `header`."""

    column: NotRequired[int]
    header: NotRequired[str]
    code: str
    detail: str
    repair: NotRequired[Repair]


class ReportRow(Answer):
    row: int
    """As the spreadsheet counts its rows."""
    level: RowLevel
    act: NotRequired[Literal["create", "update", "same"]]
    """What it makes of its point."""
    id: NotRequired[Id]
    """Of the point."""
    findings: list[Finding]


# A class has no member of that name.
_OfImport = TypedDict("_OfImport", {"import": Id})


class Report(_OfImport, Page):
    """What was found, row by row."""

    state: State
    counts: Counts
    rows: list[ReportRow]


def import_json(row: Row, language: Language) -> Import:
    found: Mapping[str, Any] = row["found"]
    progress: Progress = {"done": row["done"], "total": row["total"]}
    columns = [_column(one, language) for one in found["columns"]] if "columns" in found else None
    problem = problem_json(row["problem"], language) if row["problem"] else None
    told = {"id": str(row["id"]), "sha256": row["sha256"].hex(), "progress": progress, "columns": columns, "problem": problem}
    told |= {"people": found.get("people") or None, "notes": notes_json(found, language) or None}
    return shown(Import, {**row, **found, **told})


def notes_json(found: Mapping[str, Any], language: Language) -> list[ImportNote]:
    headers = [one["header"] for one in found.get("columns", ())]
    return [
        {
            "code": one["code"],
            "headers": [headers[at] for at in one["columns"]],
            "detail": sentence(one, language),
        }
        for one in found.get("notes", ())
    ]


def _column(one: Mapping[str, Any], language: Language) -> ImportColumn:
    told: ImportColumn = {"header": one["header"]}
    return told | {"field": one["field"], "title": Text(*one["title"]).say(language)} if one["field"] else told


def problem_json(problem: Mapping[str, Any], language: Language) -> ImportProblem:
    message = PROBLEMS[problem["code"]]
    facts = problem.get("facts", {})
    told: ImportProblem = {"code": problem["code"], "title": message.title.say(language), "detail": message.detail.say(language, facts)}
    hint = message.hint.say(language, facts)
    return told | {"hint": hint} if hint else told


def row_json(row: Row, headers: list[str], language: Language) -> ReportRow:
    findings = [finding_json(one, headers, language) for one in row["findings"] or ()]
    point = str(row["point_id"]) if row["point_id"] else None
    return shown(ReportRow, {**row, "row": row["number"], "id": point, "findings": findings})


def finding_json(finding: Mapping[str, Any], headers: list[str], language: Language) -> Finding:
    told: Finding = {"code": finding["code"], "detail": sentence(finding, language)}
    if (column := finding.get("column")) is not None and column < len(headers):
        told = {"column": column + 1, "header": headers[column], **told}
    facts = finding.get("facts", {})
    if "repairs" in facts:
        told["repair"] = {"lon": facts["lon"], "lat": facts["lat"], "repairs": facts["repairs"]}
    return told


def sentence(finding: Mapping[str, Any], language: Language) -> str:
    """What is said of a finding, or of a note."""
    facts = dict(finding.get("facts", {}))
    if "titles" in facts:
        facts["title"] = Text(*facts["titles"]).say(language)
    if "repairs" in facts:
        facts["repairs"] = ", ".join(words.repair(one).say(language) for one in facts["repairs"])
    if "bearing" in facts:
        facts["direction"] = compass(facts["bearing"]).say(language)
    if "distance_m" in facts:
        facts["distance"] = distance_words(facts["distance_m"], language)
    return say_fault(finding["code"], facts, language)
