"""Editions, their check reports, and what they change, as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, NotRequired
from urllib.parse import quote

from pydantic import Field

from app.boundaries.checking import Severity
from app.db import Row
from app.language import Language, Text
from app.messages import PROBLEMS
from app.placement.rules import Verdict
from app.points.schemas import Neighbour
from app.wire import Answer, Id, Link, Page, Wire, answer_from

JSON = "application/json"

Stored = Mapping[str, Any]
"""What a job or a report keeps as JSON."""


class Activating(Wire):
    """The body of an activation. `confirm`: the name of the edition, where no comparison is named by `If-Match`."""

    confirm: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class EditionAnswer(Answer):
    """One dated set of boundaries of all kelurahan. Whether it is the one that judges: `active`."""

    name: str
    source: str
    legal_basis: NotRequired[str]
    accuracy_m: float
    approximate: bool
    valid_from: NotRequired[date]
    valid_to: NotRequired[date]
    active: bool
    complete: bool
    """Whether it has every kelurahan."""
    kelurahan: int
    """So many it has."""
    loaded_at: datetime
    activated_at: NotRequired[datetime]
    links: list[Link]


class EditionList(Page):
    """The newest first."""

    editions: list[EditionAnswer]


class BoundaryFinding(Answer):
    """One thing to know of a set of boundaries. `regions`: the codes of those concerned; `facts`: numbers and places, by the kind of finding."""

    code: str
    severity: Severity
    regions: list[str]
    facts: dict[str, Any]
    detail: str


class CheckReport(Answer):
    """What there is to know of an edition before anybody relies on it: gaps, overlaps, what is missing, areas that differ; and, as `notes`, what
    was guessed, repaired or left out when its file was read.
    """

    edition: str
    complete: bool
    kelurahan: int
    total_km2: float
    extent: NotRequired[list[float]]
    findings: list[BoundaryFinding]
    notes: list[BoundaryFinding]
    links: list[Link]


class VerdictMove(Answer):
    """How many points change from one verdict to another."""

    before: Verdict
    after: Verdict
    number: int


class ChangeCounts(Answer):
    """`judged`: points that another edition has judged; `changed`: those of them whose verdict changes; `kelurahan`: those whose area or
    neighbours do.
    """

    judged: int
    changed: int
    kelurahan: int
    moves: list[VerdictMove]


class JobProgress(Answer):
    """Of the step that runs; `total` is null as long as nobody knows it."""

    done: int
    total: int | None


class BoundaryProblem(Answer):
    """Why nothing came of a job; with the findings, where a file was read and is not good enough."""

    code: str
    title: str
    detail: str
    hint: NotRequired[str]
    findings: NotRequired[list[BoundaryFinding]]


class BoundaryJobAnswer(Answer):
    """What was asked of an edition, and how far it is. Where it is done, `links` lead to what came of it."""

    id: Id
    kind: Literal["load", "compare", "activate"]
    edition: str
    state: Literal["queued", "working", "done", "failed"]
    step: NotRequired[Literal["reading", "checking", "storing", "kelurahan", "points", "settling"]]
    progress: JobProgress
    counts: NotRequired[ChangeCounts]
    problem: NotRequired[BoundaryProblem]
    created_at: datetime
    ended_at: NotRequired[datetime]
    links: list[Link]


class PointVerdict(Answer):
    """Where a point lies by one edition: `kelurahan` is where it lies, `distance_m` from the declared one, `neighbour` the nearest other."""

    verdict: Verdict
    kelurahan: str | None
    distance_m: float
    neighbour: Neighbour | None


class PointChange(Answer):
    """A revision (`revision`) of the point `id` whose verdict changes; `kelurahan` is the declared one, which no edition changes."""

    id: Id
    revision: Id
    category: str
    state: str
    kelurahan: str
    before: PointVerdict
    after: PointVerdict


class KelurahanChange(Answer):
    """A kelurahan whose area or neighbours change; null where it is in one of the two editions only. Neighbours share a line."""

    code: str
    name: str
    before_km2: float | None
    after_km2: float | None
    neighbours_added: list[str]
    neighbours_removed: list[str]


class _Changes(Page):
    edition: str
    computed_at: datetime
    """As of when."""
    counts: ChangeCounts
    current: NotRequired[bool]
    """Of a comparison: whether it still holds."""
    outdated_by: NotRequired[Literal["edition", "points"]]
    """What has changed since."""


class PointChanges(_Changes):
    """The points whose verdict changes, or was changed; at most 100,000 are listed, all are counted."""

    points: list[PointChange]


class KelurahanChanges(_Changes):
    """The kelurahan whose area or neighbours change, or were changed, by code."""

    kelurahan: list[KelurahanChange]


# -- from rows


def address_of(here: str, name: str, number: int) -> str:
    """Of an edition: by its name, or where no address can hold that, by its number."""
    return f"{here}/boundaries/editions/{number if '/' in name else quote(name, safe='')}"


def edition_json(row: Row, here: str) -> EditionAnswer:
    own = address_of(here, row["name"], row["id"])
    links: list[Link] = [
        {"rel": "self", "type": JSON, "href": own},
        {"rel": "report", "type": JSON, "href": f"{own}/report"},
    ]
    for level in ("kelurahan", "kecamatan"):
        items = f"{here}/collections/{level}/items?edition={quote(row['name'], safe='')}"
        links.append({"rel": "items", "type": "application/geo+json", "href": items})
    return answer_from(EditionAnswer, {**row, "links": links})


def report_json(row: Row, report: Stored, language: Language, links: list[Link]) -> CheckReport:
    lists = {name: findings_json(report.get(name, ()), language) for name in ("findings", "notes")}
    return answer_from(CheckReport, {**report, **lists, "edition": row["name"], "links": links})


def findings_json(findings: Sequence[Stored], language: Language) -> list[BoundaryFinding]:
    return [answer_from(BoundaryFinding, {**finding, "detail": finding["text"][language]}) for finding in findings]


def job_json(row: Row, here: str, language: Language) -> BoundaryJobAnswer:
    name = row["edition"] or row["options"]["edition"]
    links: list[Link] = [{"rel": "self", "type": JSON, "href": f"{here}/boundaries/jobs/{row['id']}"}]
    if row["state"] == "done":
        own = address_of(here, name, row["edition_id"])
        made = {"load": "", "compare": "/impact", "activate": "/activate"}[row["kind"]]
        links.append({"rel": "result", "type": JSON, "href": own + made})
    progress: JobProgress = {"done": row["done"], "total": row["total"]}
    problem = _problem(row["problem"], language) if row["problem"] else None
    own_members = {"id": str(row["id"]), "edition": name, "progress": progress, "counts": row["found"].get("counts"), "problem": problem}
    return answer_from(BoundaryJobAnswer, {**row, **own_members, "links": links})


def _problem(problem: Stored, language: Language) -> BoundaryProblem:
    message, facts = PROBLEMS.get(problem["code"]), problem["facts"]
    if message is None:
        # What a file can be like stands with the code that reads it, in the words of the command line.
        message = PROBLEMS["edition-not-loaded"]._replace(detail=Text(**problem["text"]))
        facts = {}
    members = {"code": problem["code"], "title": message.title.say(language), "detail": message.detail.say(language, facts)}
    hint = message.hint.say(language, facts)
    findings = findings_json(problem["findings"], language) if "findings" in problem else None
    return answer_from(BoundaryProblem, {**members, "hint": hint or None, "findings": findings})


def changes_json(job: Row, outdated_by: str | None, number: int, links: list[Link]) -> dict[str, object]:
    """All but the list itself."""
    found = job["found"]
    computed_at = found["basis"]["computed_at"] if "basis" in found else job["ended_at"].astimezone(UTC)
    members = {"edition": job["edition"], "computed_at": computed_at, "counts": found["counts"], "numberReturned": number, "links": links}
    if job["kind"] == "compare":
        members |= {"current": outdated_by is None} | ({"outdated_by": outdated_by} if outdated_by else {})
    return members


def point_json(change: Stored) -> PointChange:
    return answer_from(PointChange, {**change, "id": change["point"], **{side: _verdict(change[side]) for side in ("before", "after")}})


def _verdict(one: Stored) -> PointVerdict:
    distance_m = round(one["distance_m"], 1)
    return {"verdict": one["verdict"], "kelurahan": one["kelurahan"], "distance_m": distance_m, "neighbour": one["neighbour"]}
