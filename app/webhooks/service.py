"""What administrators do with webhooks."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, record
from app.categories import queries as categories
from app.categories.spellings import choice_of
from app.db import Row, Session, WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound
from app.language import Language
from app.regions import queries as regions
from app.uuid7 import uuid7
from app.webhooks import event_types, queries, rules, signing
from app.webhooks.schemas import (
    ChangedWebhook,
    Delivery,
    NewSecret,
    NewWebhook,
    Replaying,
    WaitedWebhook,
    Webhook,
    delivery_json,
    webhook_json,
)

Narrowed = TypeVar("Narrowed", NewWebhook, ChangedWebhook)
AT_MOST = 50
WAITING_AT_MOST = 1_000
SECRET_BEFORE_HOURS = 24


async def read_all(session: WriteSession, actor: Actor, language: Language) -> list[Webhook]:
    actor.demand(Action.WEBHOOK_READ)
    return [webhook_json(row, language) for row in await session.all(queries.ALL)]


async def read(session: WriteSession, actor: Actor, webhook: UUID, language: Language) -> WaitedWebhook:
    """One webhook, with how many events wait for it, up to a thousand."""
    row = await take(session, actor, webhook)
    waiting: int = await session.value(queries.WAITING, id=webhook, words=event_types.words_of(row["types"]), most=WAITING_AT_MOST)
    return {**webhook_json(row, language), "waiting": waiting}


async def take(session: WriteSession, actor: Actor, webhook: UUID) -> Row:
    actor.demand(Action.WEBHOOK_READ)
    row = await session.first(queries.ONE, id=webhook)
    if row is None:
        raise NotFound("webhook-unknown")
    return row


async def backlog(session: Session) -> queries.Backlog:
    """What waits for receivers, of all webhooks together."""
    words = [(name, str(word)) for name, known in event_types.TYPES.items() for word in known]
    return await session.one(queries.BACKLOG, types=[name for name, _ in words], words=[word for _, word in words])


async def add(session: WriteSession, actor: Actor, new: NewWebhook, secret: bytes, *, with_networks: bool) -> tuple[UUID, str]:
    """The id and the secret of a new webhook, which is told all that becomes firm from here on. `Conflict` where there are too many."""
    actor.demand(Action.WEBHOOK_WRITE)
    _check_url(new.url, with_networks=with_networks)
    new = await _understood(session, new)
    if await session.value(queries.COUNT) >= AT_MOST:
        raise Conflict("webhooks-full", most=AT_MOST)
    webhook, new_secret = uuid7(), signing.make()
    await session.run(
        queries.ADD, id=webhook, url=new.url, description=new.description, types=_once(new.types), categories=_once(new.categories),
        kelurahan=_once(new.kelurahan), secret=signing.encrypt(secret, webhook, new_secret), account_id=actor.id,
    )  # fmt: skip
    await _record(session, actor, webhook, {"added": True, "types": _once(new.types)})
    return webhook, signing.secret_text(new_secret)


async def change(session: WriteSession, actor: Actor, webhook: UUID, changed: ChangedWebhook, *, with_networks: bool) -> None:
    """Changes what is named."""
    actor.demand(Action.WEBHOOK_WRITE)
    await _hold(session, webhook)
    row = await take(session, actor, webhook)
    # A webhook has an address, types and a state: there null is as good as nothing.
    sent = {name for name in changed.model_fields_set if name not in ("url", "types", "state") or getattr(changed, name) is not None}
    if changed.url is not None:
        _check_url(changed.url, with_networks=with_networks)
    changed = await _understood(session, changed)
    target = {
        name: (_once(getattr(changed, name)) if name in ("types", "categories", "kelurahan") else getattr(changed, name))
        if name in sent
        else row[name]
        for name in ("url", "description", "types", "categories", "kelurahan")
    }
    if sent - {"state"}:
        await session.run(queries.SET_TARGET, id=webhook, **target)
    if changed.state:
        await session.run(queries.RESUME if changed.state == "active" else queries.PAUSE, id=webhook)
    await _record(session, actor, webhook, {"changed": sorted(sent)})


async def remove(session: WriteSession, actor: Actor, webhook: UUID) -> None:
    actor.demand(Action.WEBHOOK_WRITE)
    if await session.value(queries.REMOVE, id=webhook) is None:
        raise NotFound("webhook-unknown")
    await _record(session, actor, webhook, {"removed": True})


async def rotate(session: WriteSession, actor: Actor, webhook: UUID, secret: bytes) -> NewSecret:
    """A new secret, shown this once. For a day everything is signed with both."""
    actor.demand(Action.WEBHOOK_WRITE)
    await _hold(session, webhook)
    new_secret = signing.make()
    until = await session.value(
        queries.SET_SECRET, id=webhook, hours=SECRET_BEFORE_HOURS, secret=signing.encrypt(secret, webhook, new_secret)
    )
    await _record(session, actor, webhook, {"changed": ["secret"]})
    return {"secret": signing.secret_text(new_secret), "secret_before_until": until}


async def replay(session: WriteSession, actor: Actor, webhook: UUID, replaying: Replaying) -> None:
    """Goes back to before an event, or tries at once what has failed. What is older than a month is no longer there: `NotFound`."""
    actor.demand(Action.WEBHOOK_REPLAY)
    await _hold(session, webhook)
    by = replaying.model_dump(exclude_none=True)
    if len(by) != 1:
        raise Invalid(faults=[Fault("", "replay-one-of")])
    if replaying.failed:
        await session.run(queries.TRY_NOW, id=webhook)
    elif replaying.event:
        if await session.value(queries.REPLAY_EVENT, id=webhook, event=replaying.event) is None:
            raise NotFound("event-unknown")
    elif await session.value(queries.REPLAY_SINCE, id=webhook, since=replaying.since) is None:
        raise NotFound("event-unknown")
    await record(session, Action.WEBHOOK_REPLAY, webhook, account_id=actor.id, detail={"by": sorted(by)}, notify=False)


async def read_deliveries(
    session: WriteSession, actor: Actor, webhook: UUID, before: int, limit: int, *, delivered: bool | None, language: Language
) -> tuple[list[Delivery], int | None]:
    """A page of them, the newest first, and the id that the next page begins below."""
    await take(session, actor, webhook)
    rows = await session.all(queries.DELIVERIES, id=webhook, before=before, limit=limit + 1, delivered=delivered)
    return [delivery_json(row, language) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None


def ping_of(webhook: UUID, event: UUID) -> dict[str, object]:
    """An event that no transaction has written."""
    nothing: dict[str, object] = {"kind": None, "category": None, "kelurahan": None, "feature": None, "payload": {}}
    return nothing | {"event_id": event, "type": "ping", "subject": str(webhook), "created_at": datetime.now(UTC)}


async def _hold(session: WriteSession, webhook: UUID) -> Mapping[str, object]:
    row = await session.first(queries.HOLD, id=webhook)
    if row is None:
        raise NotFound("webhook-unknown")
    return row


def _check_url(url: str, *, with_networks: bool) -> None:
    match rules.url_fault(url, with_networks=with_networks):
        case "webhook-url-invalid":
            raise Invalid(faults=[Fault("/url", "webhook-url-invalid")])
        case "webhook-url-user":
            raise Invalid(faults=[Fault("/url", "webhook-url-user")])
        case "webhook-url-not-https":
            raise Invalid(faults=[Fault("/url", "webhook-url-not-https")])
        case _:
            pass


async def _understood(session: WriteSession, sent: Narrowed) -> Narrowed:
    """With the ids and codes of what it names. One that is misspelt would never be told anything, and nobody would notice."""
    known = await categories.ids(session) if sent.categories else ()
    names = [choice_of(name, known) for name in sent.categories or ()]
    listed = ", ".join(known)
    if faults := [Fault(f"/categories/{at}", "category-unknown", {"known": listed}) for at, name in enumerate(names) if name is None]:
        raise Invalid(faults=faults)
    codes = await regions.codes_of(session, sent.kelurahan or (), "/kelurahan")
    found = {"categories": _once(names), "kelurahan": codes}
    return sent.model_copy(update={name: values for name, values in found.items() if values})


def _once(values: list[Any] | None) -> list[Any] | None:
    return list(dict.fromkeys(values)) if values is not None else None


async def _record(session: WriteSession, actor: Actor, webhook: UUID, detail: dict[str, object]) -> None:
    # No listener learns of other listeners.
    await record(session, Action.WEBHOOK_WRITE, webhook, account_id=actor.id, detail=detail, notify=False)
