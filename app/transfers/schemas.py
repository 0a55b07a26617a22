"""Imports as clients see them: what is asked of one, what it answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from app.coordinates import words
from app.db import Row
from app.geo import compass, distance_words
from app.language import Language, Text
from app.messages import FAULTS, PROBLEMS
from app.transfers.limits import MOST_ROWS
from app.wire import Wire

Level = Literal["all", "good", "warned", "question", "fault"]
RowNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Committing(Wire):
    """The body of a commit. `rows`: `good`: all that are; `all`: the whole file, or nothing where a row of it cannot be; or their numbers.

    `accept`: questions that are answered with yes for all rows. A row that is named by its number is accepted as it is.
    """

    rows: Literal["good", "all"] | Annotated[list[RowNumber], Field(min_length=1, max_length=MOST_ROWS)] = "good"
    accept: Annotated[tuple[Literal["repairs", "near-duplicates"], ...], Field(max_length=2, strict=False)] = ()


def import_json(row: Row, language: Language) -> dict[str, Any]:
    """How it stands with an import."""
    found: Mapping[str, Any] = row["found"]
    answer: dict[str, Any] = {
        "id": str(row["id"]),
        "category": row["category"],
        "name": row["name"],
        "state": row["state"],
        "size": row["size"],
        "sha256": row["sha256"].hex(),
        "progress": {"done": row["done"], "total": row["total"]},
        **{name: found[name] for name in ("format", "sheet", "rows", "blank", "counts", "committed") if name in found},
        **{name: row[name] for name in ("created_at", "judged_at", "committed_at") if row[name] is not None},
    }
    if "columns" in found:
        answer["columns"] = [_column(one, language) for one in found["columns"]]
    if row["problem"]:
        answer["problem"] = problem_json(row["problem"], language)
    return answer


def _column(one: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """`{header, field, title}`; without the latter two it is not read."""
    return {"header": one["header"]} | ({"field": one["field"], "title": Text(*one["title"]).say(language)} if one["field"] else {})


def problem_json(problem: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Why nothing came of it, as a problem says it."""
    message = PROBLEMS[problem["code"]]
    facts = problem.get("facts", {})
    told = {"code": problem["code"], "title": message.title.say(language), "detail": message.detail.say(language, facts)}
    hint = message.hint.say(language, facts)
    return told | ({"hint": hint} if hint else {})


def row_json(row: Row, headers: list[str], language: Language) -> dict[str, Any]:
    """One row of the report: `{row, level, act, id, findings: [{column, header, code, detail, repair}]}`."""
    answer = {"row": row["number"], "level": row["level"]} | ({"act": row["act"]} if row["act"] else {})
    if row["point_id"] is not None:
        answer["id"] = str(row["point_id"])
    return answer | {"findings": [finding_json(one, headers, language) for one in row["findings"] or ()]}


def finding_json(finding: Mapping[str, Any], headers: list[str], language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"code": finding["code"], "detail": sentence(finding, language)}
    if (column := finding.get("column")) is not None and column < len(headers):
        told = {"column": column + 1, "header": headers[column]} | told
    facts = finding.get("facts", {})
    if "repairs" in facts:
        told["repair"] = {"lon": facts["lon"], "lat": facts["lat"], "repairs": facts["repairs"]}
    return told


def sentence(finding: Mapping[str, Any], language: Language) -> str:
    facts = dict(finding.get("facts", {}))
    if "repairs" in facts:
        facts["repairs"] = ", ".join(words.repair(one).say(language) for one in facts["repairs"])
    if "bearing" in facts:
        facts["direction"] = compass(facts["bearing"]).say(language)
    if "distance_m" in facts:
        facts["distance"] = distance_words(facts["distance_m"], language)
    return FAULTS[finding["code"]].say(language, facts)
