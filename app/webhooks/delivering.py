"""Events on their way: for each webhook one after the other, in the order of commit, until the receiver has taken it.

Every worker does so, on a connection of its own. Which of them delivers to a webhook a lock of that connection says; it ends with the worker.
What has been taken is noted before the next is sent: a worker that is killed in between sends one event again, under the same id.
"""

import asyncio
import random
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import orjson
import structlog

from app.db import Database, Row, WriteSession, prepare_connection
from app.errors import Unavailable
from app.feed.changes import IS_SETTLED, SETTLE
from app.language import Language
from app.settings import Settings
from app.statement import Statement
from app.webhooks import event_types, queries, rules, service, signing
from app.webhooks.schemas import Pong, failure_json
from app.webhooks.sending import DeliveryAttempt, Receiver, post
from app.wire import answer_from

EVERY_S = 1.0
WEBHOOKS_AT_ONCE = 8
EVENTS_AT_ONCE = 50
LOOKED_AHEAD = 10_000
MEDIA_TYPE = "application/cloudevents+json"
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Unavailable)
# What counts as trouble with the database to the driver, and is a mistake in what it was sent.
_OURS = (ValueError, asyncpg.SyntaxOrAccessError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

_log = structlog.get_logger("titik.webhooks")


@asynccontextmanager
async def delivered_meanwhile(settings: Settings) -> AsyncIterator[None]:
    """Delivers as long as the service runs. What is on its way when it ends is sent again by the next."""
    deliverer = Deliverer(settings)
    task = asyncio.create_task(deliverer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def body_of(event: Row) -> bytes:
    """The event as it is sent, each time the same bytes: nothing is read but what its transaction wrote."""
    head = orjson.dumps(rules.attributes(event, event_types.type_of(event["type"])))
    data = event["feature"].encode() if event["feature"] is not None else orjson.dumps(_facts(event), option=orjson.OPT_SORT_KEYS)
    return head[:-1] + b',"data":' + data + b"}"


def _facts(event: Row) -> dict[str, object]:
    known = {name: event[name] for name in rules.ABOUT if event[name] is not None}
    return {**known, **event["payload"], event_types.subject_name(event["type"]): event["subject"]}


async def send(settings: Settings, hook: Row, event_id: str, body: bytes) -> DeliveryAttempt:
    """One attempt, signed with all secrets of the webhook that are valid now."""
    encrypted = [one for one in (hook["secret"], hook["secret_before"]) if one is not None]
    secrets = [signing.decrypt(settings.secret, hook["id"], one) for one in encrypted]
    if secrets[0] is None:
        return DeliveryAttempt("secret-unreadable")
    signed = signing.headers([one for one in secrets if one is not None], event_id, int(time.time()), body)
    return await post(Receiver(hook["url"], settings.networks_of_webhooks), [("content-type", MEDIA_TYPE), *signed], body)


async def ping(database: Database, settings: Settings, hook: Row, language: Language) -> Pong:
    """Sends an event without content, once and at once. No transaction waits for the receiver."""
    event = service.ping_of(hook["id"], uuid4())
    answer = await send(settings, hook, str(event["event_id"]), body_of(event))
    facts = noted(answer)
    async with database.open_write() as session:
        await session.run(queries.NOTE, webhook=hook["id"], event=event["event_id"], type=rules.PING, subject=str(hook["id"]), **facts)
    outcome = "failed" if answer.error else "delivered"
    return answer_from(Pong, facts | {"event_id": str(event["event_id"]), "status": outcome, "error": failure_json(answer.error, language)})


def noted(answer: DeliveryAttempt) -> dict[str, object]:
    return {"delivered": answer.error is None, "code": answer.code, "ms": answer.ms, "error": answer.error, "excerpt": answer.excerpt}


def _tell(error: Exception) -> None:
    """Never its text: it may quote what a row held."""
    if isinstance(error, _TROUBLE) and not isinstance(error, _OURS):
        _log.warning("webhooks wait: the database does not answer", kind=type(error).__name__)
    else:
        _log.error("webhooks failed", kind=type(error).__name__, at=traceback.format_tb(error.__traceback__)[-3:])


class Deliverer:
    """One for each worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wakened = asyncio.Event()
        self._busy = asyncio.Lock()
        self._connection: asyncpg.Connection[object] | None = None
        self._working: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until it is cancelled. Nothing that goes wrong ends it."""
        try:
            while True:
                try:
                    await self._connect()
                    await self._look_on()
                except Exception as error:  # noqa: BLE001 - deliveries must not end with one that failed
                    _tell(error)
                await self._drop()
                await asyncio.sleep(EVERY_S)
        finally:
            await self._drop()

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._settings.service_dsn,
            timeout=self._settings.pool_timeout_s,
            command_timeout=self._settings.statement_timeout_ms / 1000 + 2,
            server_settings={
                "application_name": "titik-webhooks",
                "jit": "off",
                "statement_timeout": str(self._settings.statement_timeout_ms),
                "lock_timeout": str(self._settings.lock_timeout_ms),
            },
        )
        await prepare_connection(self._connection)
        await self._connection.add_listener("titik_events", lambda *_: self._wakened.set())
        # It may be another database behind the same address: then its transactions are counted anew, and must come behind those that are known.
        if not await self._value(IS_SETTLED):
            await self._all(SETTLE)

    async def _drop(self) -> None:
        """Without its connection a worker has no right to deliver: what is on its way is given up."""
        connection, self._connection = self._connection, None
        for task in self._working.values():
            task.cancel()
        await asyncio.gather(*self._working.values(), return_exceptions=True)
        self._working.clear()
        if connection is not None:
            connection.terminate()

    async def _look_on(self) -> None:
        while True:
            self._wakened.clear()
            for row in await self._all(queries.DUE):
                if (
                    len(self._working) < WEBHOOKS_AT_ONCE
                    and row["id"] not in self._working
                    and await self._value(queries.LOCK, id=row["id"])
                ):
                    self._working[row["id"]] = asyncio.create_task(self._work(row["id"]))
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._wakened.wait()

    async def _all(self, statement: Statement, **named: object) -> list[Row]:
        """One at a time: a connection can do no more."""
        async with self._busy:
            if self._connection is None:
                raise OSError
            return await WriteSession(self._connection).all(statement, **named)

    async def _value(self, statement: Statement, **named: object) -> object:
        rows = await self._all(statement, **named)
        return next(iter(rows[0].values())) if rows else None

    async def _work(self, webhook: UUID) -> None:
        try:
            while await self._deliver(webhook):
                pass
            await self._all(queries.UNLOCK, id=webhook)
        except Exception as error:  # noqa: BLE001 - those of the others go on
            _tell(error)
            # The lock goes with the connection, and all begin anew in a moment.
            if self._connection is not None:
                self._connection.terminate()
        finally:
            self._working.pop(webhook, None)

    async def _deliver(self, webhook: UUID) -> bool:
        """Some of what waits for it; whether there may be more to do now."""
        hooks = await self._all(queries.TAKE, id=webhook)
        if not hooks:
            return False
        hook = hooks[0]
        words, version = event_types.words_of(hook["types"]), hook["version"]
        found = await self._all(queries.EVENTS, id=webhook, version=version, words=words, limit=EVENTS_AT_ONCE, ahead=LOOKED_AHEAD)
        place = {"from_history": hook["after_history"], "from_transaction": hook["after_transaction"], "from_id": hook["after_id"]}
        if found[0]["id"] is None:
            # Nothing of what is there is for it: it need not be looked through again. Unless it was changed meanwhile, and wants other things.
            passed = {"history": found[0]["until_history"], "transaction": found[0]["until_transaction"], "place": found[0]["until_id"]}
            is_passed = await self._all(queries.PASS, webhook=webhook, version=version, **passed, **place)
            return bool(is_passed) and bool(found[0]["goes_on"])
        for event in found:
            answer = await send(self._settings, hook, str(event["event_id"]), body_of(event))
            known = {
                "webhook": webhook,
                "event": event["event_id"],
                "type": event_types.type_of(event["type"]),
                "subject": event["subject"],
                **noted(answer),
            }
            if answer.error is not None:
                await self._fail(hook, answer, known, place)
                return False
            to = {"history": event["history"], "transaction": event["transaction_id"], "place": event["id"]}
            now = await self._value(queries.DELIVERED, **known, **to, **place)
            if now != version:
                # It was changed meanwhile, or somebody else has taken over.
                return now is not None
            place = {f"from_{name}": value for name, value in zip(("history", "transaction", "id"), to.values(), strict=True)}
        return True

    async def _fail(self, hook: Row, answer: DeliveryAttempt, known: dict[str, object], place: dict[str, object]) -> None:
        now, longest = datetime.now(UTC), timedelta(hours=self._settings.webhook_pause_hours)
        pause = (
            "gone" if answer.error == "gone" else "failing" if hook["failing_since"] and now - hook["failing_since"] >= longest else None
        )
        delay_s = rules.delay_s(hook["failures"] + 1, random.random(), answer.retry_after_s)  # noqa: S311 - spreads attempts, guards nothing
        await self._all(queries.FAILED, **known, **place, pause=pause, delay_s=delay_s, version=hook["version"])
        _log.info("webhook not taken", webhook=str(hook["id"]), error=answer.error, code=answer.code, pause=pause)
