"""Notices by mail, where the operator has named a server and the account an address. What a mail says is no secret: how many, of what
kind, and where to read them.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from app.db import Database
from app.errors import Unavailable
from app.inbox import queries
from app.inbox.kinds import KINDS
from app.language import Language, Text
from app.settings import Settings

EVERY_S = 10.0
_TIMEOUT_S = 20.0
_SUBJECT = Text("Titik: {number} pemberitahuan baru", "Titik: {number} new notices")
_SUBJECT_OF_ONE = Text("Titik: satu pemberitahuan baru", "Titik: one new notice")
_BODY = Text(
    "Di Titik ada pemberitahuan untuk Anda:\n\n{lines}\n\nAlasannya ada di kotak masuk Anda: {address}\n",
    "Titik has notices for you:\n\n{lines}\n\nThe reasons are in your inbox: {address}\n",
)

_log = structlog.get_logger("titik.mail")


@asynccontextmanager
async def mailed_meanwhile(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Sends what waits as long as the service runs; nothing where no server is named."""
    if settings.smtp_url is None:
        yield
        return
    task = asyncio.create_task(_mail_on(database, settings))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _mail_on(database: Database, settings: Settings) -> None:
    while True:
        try:
            while await send_waiting(database, settings):
                pass
        except Unavailable:
            _log.warning("mail waits: the database does not answer")
        except Exception as error:  # noqa: BLE001 - mail must not end with one mail that failed
            # Never its text: a server may quote the address in it.
            _log.error("mail failed", kind=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def send_waiting(database: Database, settings: Settings) -> int:
    """One mail to each account that notices wait for; how many went out. Those that did not are tried again later, seven times.

    A crash between sending and noting it sends a mail twice: better than never.
    """
    async with database.open_write() as session:
        await session.run(queries.ACT_AS_SYSTEM)
        claimed = await session.all(queries.CLAIM)
    of_account = defaultdict(list)
    for row in claimed:
        of_account[row["account_id"]].append(row)
    sent = 0
    for rows in of_account.values():
        message = compose(rows[0]["email"], [row["kind"] for row in rows], settings)
        try:
            await _send(message, settings)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            _log.warning("mail not accepted, tried again later", kind=type(error).__name__, notices=len(rows))
            continue
        async with database.open_write() as session:
            await session.run(queries.MAILED, ids=[row["id"] for row in rows])
        sent += 1
    return sent


def compose(recipient: str, kinds: Iterable[str], settings: Settings) -> EmailMessage:
    counted = Counter(kinds)
    language: Language = settings.language
    lines = "\n".join("- " + KINDS[kind].mail.say(language, {"number": number}) for kind, number in sorted(counted.items()))
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = recipient
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2].rstrip(">"))
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = (_SUBJECT_OF_ONE if counted.total() == 1 else _SUBJECT).say(language, {"number": counted.total()})
    message.set_content(_BODY.say(language, {"lines": lines, "address": f"{settings.public_url.rstrip('/')}/me/inbox"}))
    return message


async def _send(message: EmailMessage, settings: Settings) -> None:
    server = urlsplit(settings.smtp_server)
    implicit = server.scheme == "smtps"
    await aiosmtplib.send(
        message,
        hostname=server.hostname,
        port=server.port or (465 if implicit else 587),
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=implicit,
        # A password never goes out in the clear; without one TLS is used where the server offers it.
        start_tls=None if implicit or not server.username else True,
        timeout=_TIMEOUT_S,
    )
