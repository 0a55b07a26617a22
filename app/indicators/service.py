"""Indicators are added and changed, which makes another version, and shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound, Stale
from app.figures import definitions, publishing
from app.figures.definitions import IndicatorRow
from app.indicators import queries
from app.indicators.counting import count_faults, fields_of
from app.indicators.rules import definition_faults, references_of
from app.indicators.schemas import IndicatorDefinition
from app.published.catalogue import Known

MOST = 500
"""Indicators that there can be."""


@dataclass(frozen=True, slots=True)
class SavedIndicator:
    """The version that holds now, and whether it is a new one."""

    row: IndicatorRow
    stored: bool


async def add(session: WriteSession, actor: Actor, definition: IndicatorDefinition, known: Known) -> SavedIndicator:
    """A new indicator. The same again is no error; `Invalid`, or `Conflict` where the id says something else or there are too many."""
    actor.demand(Action.INDICATOR_ADD)
    others = await _held(session)
    present = others.pop(definition.id, None)
    wanted = _checked(definition, others, known)
    if present is not None:
        if present["definition"] != wanted:
            raise Conflict("indicator-there")
        return SavedIndicator(present, stored=False)
    if len(others) >= MOST:
        raise Conflict("indicators-full", expected=MOST)
    return await _store(session, actor, Action.INDICATOR_ADD, wanted, 1)


async def change(
    session: WriteSession,
    actor: Actor,
    indicator: str,
    definition: IndicatorDefinition,
    known: Known,
    versions: Sequence[int] | None = None,
) -> SavedIndicator:
    """The indicator as it shall be. `versions`: those that it may rest on; empty or None: any. `NotFound`, `Stale`, `Invalid`."""
    actor.demand(Action.INDICATOR_CHANGE)
    others = await _held(session)
    present = others.pop(indicator, None)
    if present is None:
        raise NotFound("indicator-unknown")
    if versions and present["version"] not in versions:
        raise Stale("indicator-stale", members={"version": present["version"]})
    wanted = _checked(definition, others, known, indicator)
    if present["definition"] == wanted:
        return SavedIndicator(present, stored=False)
    saved = await _store(session, actor, Action.INDICATOR_CHANGE, wanted, present["version"] + 1)
    if wanted["audience"] != "public":
        await publishing.withdraw_indicator(session, indicator)
    return saved


async def _held(session: WriteSession) -> dict[str, IndicatorRow]:
    await session.run(queries.HOLD)
    return await definitions.newest(session)


def _checked(
    definition: IndicatorDefinition, others: Mapping[str, IndicatorRow], known: Known, indicator: str | None = None
) -> dict[str, Any]:
    """As it is stored. `Invalid` with everything that is wrong."""
    faults = definition_faults(definition, {name: row["definition"] for name, row in others.items()}, places_of(known))
    if definition.count is not None:
        faults += count_faults(definition.count, definition.audience, known)
    if indicator is not None and definition.id != indicator:
        faults.append(Fault("/id", "indicator-id-differs", {"expected": indicator}))
    if faults:
        raise Invalid(faults=faults)
    return queries.stored(definition)


def places_of(known: Known) -> Collection[str]:
    """The names of regions, which a name must not have."""
    return [region.name for region in known.directory.kelurahan.values()] + [city.name for city in known.cities.all.values()]


async def _store(session: WriteSession, actor: Actor, action: Action, wanted: dict[str, Any], version: int) -> SavedIndicator:
    at = await session.value(queries.ADD, indicator=wanted["id"], version=version, definition=wanted)
    # Its name, and whether the public may know of it, are columns of profiles.
    session.changes_public = True
    await record(session, action, wanted["id"], account_id=actor.id, detail={"version": version}, notify=False)
    return SavedIndicator(IndicatorRow(id=wanted["id"], version=version, at=at, definition=wanted), stored=True)


def metadata_of(row: IndicatorRow) -> dict[str, Any]:
    """What is answered of a version: what it says, and what follows from that."""
    definition = row["definition"]
    built_from = fields_of(definition["count"]) if definition["count"] else sorted(references_of(definition))
    own = {"version": row["version"], "at": row["at"], "composite": definition["kind"] == "computed", "built_from": built_from}
    return {**definition, **own}
