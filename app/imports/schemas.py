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
from app.imports.answers import Answers, QuestionKind, summed_up
from app.imports.by_hand import BY_HAND, FAULTS_BY_HAND, HINTS_BY_HAND
from app.imports.limits import MOST_COLUMNS, MOST_ROWS
from app.imports.rows import RowLevel
from app.language import Language, Text
from app.messages import PROBLEMS, say_fault
from app.wire import Answer, Id, Page, Wire, answer_from

LevelFilter = Literal["all", RowLevel]
ImportState = Literal["queued", "judging", "judged", "committing", "committed", "failed"]
Heading = Annotated[str, Field(max_length=200)]
FieldName = Annotated[str, Field(max_length=100)]
RowNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


BY = "columns"


class Committing(Wire):
    """The body of a commit. `rows`: `good`: all that are; `all`: the whole file, or nothing where a row of it cannot be; or their numbers.

    `accept`: questions that are answered with yes for all rows. A row that is named by its number is accepted as it is.
    `contacts`: keeps the people of these rows as contacts of their points, for this reason and until this day; without it they are not kept.
    """

    rows: Literal["good", "all"] | Annotated[list[RowNumber], Field(min_length=1, max_length=MOST_ROWS)] = "good"
    accept: Annotated[tuple[QuestionKind, ...], Field(max_length=8, strict=False)] = ()
    contacts: ContactTerms | None = None


class Rejudging(Wire):
    """What is said of a file before it is judged again. `columns`: from headings to fields (null: not to be read), beside what was said before;
    `sheet`: another sheet or layer.
    """

    columns: Annotated[dict[Heading, FieldName | None], Field(max_length=MOST_COLUMNS, default_factory=dict)]
    sheet: Annotated[str | None, Field(min_length=1, max_length=100)] = None


class Answering(Wire):
    """Answers to questions, kept until the commit counts them: with yes or no for these `rows`, or for all rows of these `kinds`. What was said of
    a row alone goes before what is said of its kind.
    """

    answer: Literal["yes", "no"]
    kinds: Annotated[tuple[QuestionKind, ...], Field(max_length=8, strict=False)] = ()
    rows: Annotated[tuple[RowNumber, ...], Field(max_length=500, strict=False)] = ()


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
    samples: NotRequired[list[str]]
    """The first different values, shortened; none of columns that hold people."""


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


class ImportAnswers(Answer):
    """What was answered so far: kinds of questions with yes, single rows with yes, single rows with no."""

    accept: list[QuestionKind]
    rows: list[int]
    refused: list[int]


class Import(Answer):
    """How it stands with an import. What the file is like is told once it has been read."""

    id: Id
    category: str
    name: str
    """Of the file, as its sender calls it."""
    state: ImportState
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
    findings: NotRequired[dict[str, int]]
    """By their code, in how many rows."""
    answers: NotRequired[ImportAnswers]
    problem: NotRequired[ImportProblem]


class Imports(Page):
    imports: list[Import]


class Repair(Answer):
    """How a coordinate was read. `raw`: the cells that it was read from, where the row asks about it."""

    raw: NotRequired[dict[str, str]]
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
    name: NotRequired[str]
    lon: NotRequired[float]
    lat: NotRequired[float]
    verdict: NotRequired[str]
    """Of the place."""
    asks: list[QuestionKind]
    is_accepted: NotRequired[bool]
    """Of a row that asks: whether a commit of all good rows would take it, by what was answered so far."""
    findings: list[Finding]


# A class has no member of that name.
_OfImport = TypedDict("_OfImport", {"import": Id})


class Report(_OfImport, Page):
    """What was found, row by row."""

    state: ImportState
    counts: Counts
    rows: list[ReportRow]


def import_json(row: Row, language: Language, by: str = BY) -> Import:
    found: Mapping[str, Any] = row["found"]
    progress: Progress = {"done": row["done"], "total": row["total"]}
    columns = [_column(one, language) for one in found["columns"]] if "columns" in found else None
    problem = problem_json(row["problem"], language, by) if row["problem"] else None
    members = {"id": str(row["id"]), "sha256": row["sha256"].hex(), "progress": progress, "columns": columns, "problem": problem}
    members |= {"people": found.get("people") or None, "notes": notes_json(found, language, by) or None}
    members["answers"] = Answers.of(row["options"]).json() if row["options"].get("answers") else None
    return answer_from(Import, {**row, **found, **members})


def notes_json(found: Mapping[str, Any], language: Language, by: str = BY) -> list[ImportNote]:
    headers = [one["header"] for one in found.get("columns", ())]
    return [
        {
            "code": one["code"],
            "headers": [headers[at] for at in one["columns"]],
            "detail": sentence(one, language, by),
        }
        for one in found.get("notes", ())
    ]


def _column(one: Mapping[str, Any], language: Language) -> ImportColumn:
    column: ImportColumn = {"header": one["header"]}
    if one.get("samples"):
        column["samples"] = one["samples"]
    return column | {"field": one["field"], "title": Text(*one["title"]).say(language)} if one["field"] else column


def problem_json(problem: Mapping[str, Any], language: Language, by: str = BY) -> ImportProblem:
    message = PROBLEMS[problem["code"]]
    facts = problem.get("facts", {})
    document: ImportProblem = {"code": problem["code"], "title": message.title.say(language), "detail": message.detail.say(language, facts)}
    hint = (HINTS_BY_HAND.get(problem["code"], message.hint) if by == BY_HAND else message.hint).say(language, facts)
    return document | {"hint": hint} if hint else document


def row_json(row: Row, headers: list[str], answers: Answers, language: Language, by: str = BY) -> ReportRow:
    findings = [finding_json(one, headers, row["repair"], language, by) for one in row["findings"] or ()]
    point, asks = str(row["point_id"]) if row["point_id"] else None, row["asks"].split()
    is_accepted = answers.accepts(row["number"], asks) if row["level"] == "question" else None
    return answer_from(
        ReportRow, {**row, "row": row["number"], "id": point, "asks": summed_up(asks), "is_accepted": is_accepted, "findings": findings}
    )


def finding_json(
    finding: Mapping[str, Any], headers: list[str], repair: Mapping[str, Any] | None, language: Language, by: str = BY
) -> Finding:
    document: Finding = {"code": finding["code"], "detail": sentence(finding, language, by)}
    if (column := finding.get("column")) is not None and column < len(headers):
        document = {"column": column + 1, "header": headers[column], **document}
    facts = finding.get("facts", {})
    if "repairs" in facts:
        document["repair"] = {"lon": facts["lon"], "lat": facts["lat"], "repairs": facts["repairs"]}
        if repair:
            document["repair"]["raw"] = repair["raw"]
    return document


def sentence(finding: Mapping[str, Any], language: Language, by: str = BY) -> str:
    """What is said of a finding, or of a note. `by`: what says which column is what."""
    facts = _facts(finding, language, by)
    if by == BY_HAND and finding["code"] in FAULTS_BY_HAND:
        return FAULTS_BY_HAND[finding["code"]].say(language, facts)
    if finding["code"] == "kelurahan-not-found" and "like" in facts:
        return say_fault("kelurahan-like", facts, language)
    # Two columns that contradict each other are no two places in one text, although nothing else is to be done about them.
    is_of_columns = finding["code"] == "coordinate-several-places" and "other" in facts
    return say_fault("coordinate-columns-apart" if is_of_columns else finding["code"], facts, language)


def _facts(finding: Mapping[str, Any], language: Language, by: str) -> dict[str, Any]:
    """What a sentence about a finding is filled with, in words."""
    facts = {"by": by, **finding.get("facts", {})}
    if "titles" in facts:
        facts["title"] = Text(*facts["titles"]).say(language)
    if "repairs" in facts:
        facts["repairs"] = ", ".join(words.repair(one).say(language) for one in facts["repairs"])
    if "bearing" in facts:
        facts["direction"] = compass(facts["bearing"]).say(language)
    if "distance_m" in facts:
        facts["distance"] = distance_words(facts["distance_m"], language)
    return facts
