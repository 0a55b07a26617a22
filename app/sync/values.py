"""Carrying out what a phone recorded of the figures of a kelurahan: any number of times, once."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, cast

from app import idempotency
from app.access.rights import Actor
from app.db import WriteSession
from app.figures import queries
from app.figures.queries import WorkRow
from app.figures.rules import WHOLE, FigureKey, id_of
from app.points.schemas import content_hash
from app.profiles import service
from app.profiles.schemas import SentProfile
from app.profiles.service import ProfileTarget
from app.sync.schemas import ProfileChange


class ProfileOutcome(NamedTuple):
    """What became of a change, and its figures as they are now. `repeated`: it had been carried out before."""

    status: Literal["changed", "unchanged"]
    rows: Sequence[WorkRow]
    repeated: bool = False


async def carry_out(
    session: WriteSession, actor: Actor, target: ProfileTarget, change: ProfileChange, sent: Mapping[str, object]
) -> ProfileOutcome:
    """Carries out one change, or gives the outcome that it had when it was sent before. As `profiles.service.submit`."""
    actor.demand_kelurahan(target.kelurahan)
    key, content = idempotency.of_change(change.client_id), content_hash("sync", sent)
    keys = [FigureKey(one.indicator, one.indicator_class or WHOLE) for one in change.values]
    if earlier := await idempotency.claim(session, actor.id, key, content, id_of(target.kelurahan, keys[0], target.period)):
        rows = await session.all(queries.OF_PROFILE, kelurahan=target.kelurahan, period=str(target.period))
        return ProfileOutcome(cast("Literal['changed', 'unchanged']", earlier.outcome), _among(rows, keys), repeated=True)
    rows, stored = await service.submit(session, actor, target, SentProfile(values=change.values, draft=change.draft))
    status: Literal["changed", "unchanged"] = "changed" if stored else "unchanged"
    await idempotency.settle(session, actor.id, key, None, status)
    return ProfileOutcome(status, _among(rows, keys))


def _among(rows: Sequence[WorkRow], keys: Sequence[FigureKey]) -> list[WorkRow]:
    return [row for row in rows if FigureKey(row["indicator"], row["indicator_class"]) in keys]
