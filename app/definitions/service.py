"""Categories are added and changed: checked, compared with what is stored, kept as another version, and shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.access.rights import Actor
from app.audit.record import Action, record
from app.categories import queries as category_queries
from app.categories.names import PHOTOS
from app.categories.subset import in_full
from app.db import Row, WriteSession
from app.definitions import queries, showing
from app.definitions.comparing import StoredDefinition, definition_faults, differences_between, shape_of
from app.definitions.examining import Examination, as_stored, misfits_of
from app.definitions.schemas import CategoryAnswer, ChangeReport, Definition, Misfits, PastVersion, Visibility
from app.errors import Conflict, Fault, Invalid, NotFound, Stale
from app.published.projection import HOLD_ALL

OF_A_REQUEST = Examination(within_s=20.0)
"""How far a request may look at stored values; a command takes its time."""
_DECIDED = ("version", "links", "steps")
NO_MISFITS: Misfits = {"number": 0, "examples": []}


@dataclass(frozen=True, slots=True)
class Saved:
    """The category as it is now, what has become of it, and whether anything was stored."""

    category: CategoryAnswer
    report: ChangeReport
    stored: bool


async def add(session: WriteSession, actor: Actor | None, definition: Definition, *, dry_run: bool = False) -> Saved:
    """A new category, which is a collection at once. The same again is no error; `Invalid`, or `Conflict` where the id says something else."""
    _demand(actor, Action.CATEGORY_ADD)
    wanted = _checked(definition)
    if (present := await session.first(queries.ONE, category=definition.id)) is not None:
        return _same(present, wanted)
    if not dry_run:
        await session.run(queries.HOLD_WRITERS)
        if await session.value(queries.ADD, definition=wanted) is None:
            return _same(await session.one(queries.ONE, category=definition.id), wanted)
        session.changes_public = True
        await _record(session, actor, Action.CATEGORY_ADD, definition.id, 1)
    report = ChangeReport(
        category=definition.id, version=0 if dry_run else 1, possible=True, differences=[], misfits=NO_MISFITS, rewritten=0, at_once=True
    )
    answer = answer_of({**wanted, "version": 1})
    return Saved(answer, report, stored=not dry_run)


def _same(present: Row, wanted: StoredDefinition) -> Saved:
    known = answer_of(present)
    if differences_between(as_stored(known), as_stored(wanted)):
        raise Conflict("category-there")
    report = ChangeReport(
        category=known["id"], version=known["version"], possible=True, differences=[], misfits=NO_MISFITS, rewritten=0, at_once=True
    )
    return Saved(known, report, stored=False)


async def change(
    session: WriteSession, actor: Actor | None, category: str, definition: Definition, *, versions: Sequence[int] | None = None,
    dry_run: bool = False, show: bool = False, examination: Examination = OF_A_REQUEST,
) -> Saved:  # fmt: skip
    """The category as it shall be. `versions`: those that it may rest on; empty or None: any. `show`: whether it may show what was hidden.

    `NotFound`, `Stale`, `Invalid` for what the definition says, `Conflict` where stored values would not fit, or where something would be
    shown that may not be: then nothing is changed.
    """
    _demand(actor, Action.CATEGORY_CHANGE)
    wanted = _checked(definition, category)
    await session.run(queries.ACT_AS_SYSTEM)
    await session.run(queries.TAKE_TIME)
    if not dry_run:
        # First those who publish, then those who write: each has seen the old definition to its end, or sees the new one.
        await session.run(HOLD_ALL)
        await session.run(queries.HOLD_WRITERS)
    present = await session.first(queries.ONE if dry_run else queries.ONE_HELD, category=category)
    if present is None:
        raise NotFound("category-unknown")
    if versions and present["version"] not in versions:
        raise Stale("category-stale", members={"version": present["version"]})
    before = as_stored(answer_of(present))
    report = await _report(session, before, wanted, examination)
    if dry_run or not report["differences"]:
        return Saved(answer_of(present), report, stored=False)
    if not report["possible"]:
        raise Conflict(
            "category-misfits",
            members={"misfits": report["misfits"], "differences": report["differences"]},
            number=report["misfits"]["number"],
        )
    if not show and (shown := [one["pointer"] for one in report["differences"] if one["effect"] == "shows"]):
        raise Conflict("category-shows", members={"differences": report["differences"]}, fields=", ".join(shown))
    version = await session.value(queries.SET, definition=wanted)
    if shape_of(before) != shape_of(wanted):
        await showing.follow(session, category, shape_of(before), shape_of(wanted), report["rewritten"])
    for statement in queries.BUMP:
        await session.run(statement, category=category)
    session.changes_public = True
    await _record(session, actor, Action.CATEGORY_CHANGE, category, version)
    return Saved(answer_of({**wanted, "version": version}), {**report, "version": version}, stored=True)


async def past_versions(session: WriteSession, category: str, before: int, limit: int) -> list[PastVersion]:
    """What the category has been, the newest first. `NotFound`."""
    if await session.first(queries.ONE, category=category) is None:
        raise NotFound("category-unknown")
    rows = await session.all(queries.VERSIONS, category=category, before=before, limit=limit)
    return [PastVersion(version=row["version"], at=row["at"], account=row["account"], definition=row["definition"]) for row in rows]


async def _report(session: WriteSession, before: StoredDefinition, wanted: StoredDefinition, examination: Examination) -> ChangeReport:
    found = differences_between(before, wanted)
    narrow = [one["pointer"] for one in found if one["effect"] == "narrows"]
    misfits = await misfits_of(session, before, wanted, narrow, examination) if narrow else NO_MISFITS
    rewritten = 0
    if shape_of(before) != shape_of(wanted):
        rewritten = await session.value(queries.COUNT_PUBLISHED, category=before["id"])
    return ChangeReport(
        category=before["id"],
        version=before["version"],
        possible=not misfits["number"],
        differences=found,
        misfits=misfits,
        rewritten=rewritten,
        at_once=rewritten <= showing.AT_ONCE,
    )


def _demand(actor: Actor | None, action: Action) -> None:
    if actor is not None:
        actor.demand(action)


def _checked(definition: Definition, category: str | None = None) -> dict[str, Any]:
    """As it is stored. `Invalid` with everything that is wrong."""
    faults = definition_faults(definition)
    if category is not None and definition.id != category:
        faults.append(Fault("/id", "category-id-differs", {"expected": category}))
    if faults:
        raise Invalid(faults=faults)
    wanted = definition.model_dump(mode="json", exclude=set(_DECIDED))
    # What is public unless it says otherwise need not say so.
    visibility = {name: seen for name, seen in definition.field_visibility.items() if (seen == "public") == (name == PHOTOS)}
    return {**wanted, "attribute_schema": in_full(definition.attribute_schema), "field_visibility": visibility}


async def _record(session: WriteSession, actor: Actor | None, action: Action, category: str, version: int) -> None:
    await record(session, action, category, account_id=actor.id if actor else None, detail={"version": version}, notify=False)


def public_part(category: CategoryAnswer) -> CategoryAnswer:
    """What everybody may know of a public category: without the attributes that the public does not see."""
    visibility = category["field_visibility"]
    hidden = {name for name, seen in visibility.items() if seen != "public"}
    schema = category["attribute_schema"]
    properties = {name: one for name, one in schema["properties"].items() if name not in hidden}
    required = {"required": [name for name in schema["required"] if name not in hidden]} if "required" in schema else {}
    shown: dict[str, Visibility] = {name: seen for name, seen in visibility.items() if seen == "public"}
    natural_key = [name for name in category["natural_key"] if name not in hidden]
    return {
        **category,
        "attribute_schema": {**schema, **required, "properties": properties},
        "field_visibility": shown,
        "natural_key": natural_key,
    }


def answer_of(row: StoredDefinition) -> CategoryAnswer:
    """A row or a definition as it is answered, its attributes in their order."""
    return CategoryAnswer(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        attribute_schema=category_queries.in_order(row["id"], row["attribute_schema"]),
        required=list(row["required"]),
        name_template=row["name_template"],
        natural_key=list(row["natural_key"]),
        cardinality=row["cardinality"],
        field_visibility=dict(sorted(row["field_visibility"].items())),
        audience=row["audience"],
        public_decimals=row["public_decimals"],
        expected_count=row["expected_count"],
        icon=row["icon"],
        colour=row["colour"],
        version=row["version"],
    )
