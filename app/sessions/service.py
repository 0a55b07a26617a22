"""Browsers that are signed in: beginning a session, who comes with its cookie, ending it. A secret is in its cookie alone, here its hash."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.access.rights import Actor
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import NotFound, Unauthenticated
from app.sessions import queries
from app.sessions.rules import Device, hash_secret, is_wellformed, successor_of
from app.settings import Settings

ORIGINS = ("password", "oidc", "link")
MOST = 50
"""Sessions of one account; with one more, that which was not used for the longest ends."""
UNFINISHED_S = 900
"""How long somebody may take for the second factor."""

ENDED = ("session-ended", "second-factor-missing")
"""What is wrong with a cookie that lets nobody in, or not yet."""


class Begun(NamedTuple):
    """A session whose secret is to go into a cookie now. `awaiting`: what is lacking before it lets anybody in."""

    secret: str
    expires_at: datetime
    awaiting: str | None


class CookieHolder(NamedTuple):
    """Who came with a cookie. `successor`: the secret that the answer is to bring, where one is due."""

    actor: Actor
    successor: str | None
    expires_at: datetime


class Unfinished(NamedTuple):
    """A session that still lacks the second factor: its `code`, or the `enrolment` of one."""

    session_id: int
    account_id: int
    account: str
    awaiting: str


class SessionReused(Unauthenticated):
    """An old secret came back: somebody has a copy. The session is to be ended, for good and on its own."""

    code = "session-ended"

    def __init__(self, session_id: int) -> None:
        super().__init__()
        self.session_id = session_id


class SessionUnfinished(Unauthenticated):
    """The password was right, but the second factor is lacking."""

    code = "second-factor-missing"


async def begin(
    session: WriteSession,
    settings: Settings,
    account_id: int,
    origin: str,
    device: Device,
    address: str | None,
    *,
    is_complete: bool = False,
) -> Begun:
    """A session of an active account, as long as those of its role; half of one where a second factor is asked for, unless it was shown
    before (`is_complete`). `Unauthenticated` where the account is active no longer.
    """
    holder = await session.first(queries.HOLDER, account_id=account_id)
    if holder is None:
        raise Unauthenticated("sign-in-wrong")
    await session.run(queries.ACT_AS, account_id=account_id)
    awaiting = None
    # The identity server asks for what it wants itself.
    if origin == "password" and not is_complete:
        is_demanded = holder["role"] in settings.second_factor_roles
        awaiting = "code" if holder["has_factor"] else "enrolment" if is_demanded else None
    lifetime = settings.session_lifetimes[holder["role"]]
    secret = secrets.token_urlsafe(32)
    stored = await session.one(
        queries.STORE_SESSION,
        account_id=account_id, hash=hash_secret(settings.secret, secret), origin=origin, awaiting=awaiting, address=address,
        browser=device.browser, system=device.system,
        idle_s=UNFINISHED_S if awaiting else lifetime.idle_s, lasts_s=UNFINISHED_S if awaiting else lifetime.absolute_s,
    )  # fmt: skip
    await session.run(queries.END_OLDEST, account_id=account_id, most=MOST)
    await record(session, Action.SESSION_BEGIN, stored["id"], account_id=account_id, detail={"origin": origin}, notify=False)
    return Begun(secret, stored["expires_at"], awaiting)


async def sign_in(session: WriteSession, key: bytes, secret: str) -> CookieHolder:
    """Who holds this cookie; from here on the transaction acts as that account. `Unauthenticated` where nobody does (`session-ended`), or
    not wholly (`SessionUnfinished`); `SessionReused`.
    """
    row = await _row(session, key, secret)
    if row["awaiting"] is not None:
        raise SessionUnfinished
    actor = Actor(
        row["account_id"], row["name"], row["role"], tuple(row["kelurahan"]), row["categories"], session_id=row["session_id"],
        is_fresh=row["is_fresh"],
    )  # fmt: skip
    return CookieHolder(actor, successor_of(key, secret) if row["is_offered"] else None, row["expires_at"])


async def unfinished(session: WriteSession, key: bytes, secret: str) -> Unfinished | None:
    """The session of this cookie, where it lacks the second factor; the transaction acts as its account. None where it lacks nothing.
    `Unauthenticated`.
    """
    row = await _row(session, key, secret)
    if row["awaiting"] is None:
        return None
    await session.run(queries.ACT_AS, account_id=row["account_id"])
    return Unfinished(row["session_id"], row["account_id"], row["name"], row["awaiting"])


async def _row(session: WriteSession, key: bytes, secret: str) -> queries.SessionSignInRow:
    if not is_wellformed(secret):
        raise Unauthenticated("session-ended")
    row = await session.first(
        queries.SIGN_IN_SESSION, hash=hash_secret(key, secret), successor_hash=hash_secret(key, successor_of(key, secret))
    )
    if row is None:
        raise Unauthenticated("session-ended")
    if row["is_reused"]:
        raise SessionReused(row["session_id"])
    return row


async def renew(session: WriteSession, key: bytes, actor: Actor, secret: str) -> Begun:
    """Another secret for the session in use, in which the password was given a moment ago; `secret` is the one that came with it."""
    if actor.session_id is None:
        raise Unauthenticated("session-ended")
    return await _renew(session, key, actor.session_id, secret)


async def _renew(session: WriteSession, key: bytes, session_id: int, secret: str) -> Begun:
    new = secrets.token_urlsafe(32)
    stored = await session.first(queries.RENEW, session_id=session_id, hash=hash_secret(key, new), earlier_hash=hash_secret(key, secret))
    if stored is None:
        raise Unauthenticated("session-ended")
    return Begun(new, stored["expires_at"], None)


async def complete(session: WriteSession, settings: Settings, lacking: Unfinished, secret: str) -> Begun:
    """The second factor was shown: a whole session, as long as those of its role, with another secret."""
    holder = await session.one(queries.HOLDER, account_id=lacking.account_id)
    lifetime = settings.session_lifetimes[holder["role"]]
    await session.run(queries.COMPLETE, session_id=lacking.session_id, idle_s=lifetime.idle_s, lasts_s=lifetime.absolute_s)
    return await _renew(session, settings.secret, lacking.session_id, secret)


async def make_link(session: WriteSession, key: bytes, account_id: int, seconds: float) -> str:
    """The code of a link that signs in once: an operator's, for a trial."""
    code = secrets.token_urlsafe(32)
    await session.value(queries.ADD_SIGN_IN_LINK, account_id=account_id, hash=hash_secret(key, code), seconds=seconds)
    return code


async def account_of_link(session: WriteSession, key: bytes, code: str) -> str:
    """Whom a link signs in. `NotFound` where it was used, is too old or never was."""
    row = await session.first(queries.SIGN_IN_LINK, hash=hash_secret(key, code))
    if row is None:
        raise NotFound("link-ended")
    return row["name"]


async def use_link(session: WriteSession, key: bytes, code: str) -> int:
    """The account of a link, which is used up. `NotFound`."""
    account_id = await session.value(queries.USE_SIGN_IN_LINK, hash=hash_secret(key, code))
    if account_id is None:
        raise NotFound("link-ended")
    return account_id


async def read_own(session: WriteSession, actor: Actor) -> list[queries.SessionRow]:
    """One's own sessions, the one used last first."""
    actor.demand(Action.SESSION_READ)
    return await session.all(queries.SESSIONS, account_id=actor.id)


async def end(session: WriteSession, actor: Actor, session_id: int) -> None:
    """Ends one of one's own sessions; the one in use too: that is signing out. `NotFound`."""
    actor.demand(Action.SESSION_END)
    if await session.value(queries.END, session_id=session_id, account_id=actor.id) is None:
        raise NotFound("session-not-there")
    await record(session, Action.SESSION_END, session_id, account_id=actor.id, notify=False)


async def end_of_cookie(session: WriteSession, key: bytes, secret: str) -> None:
    """Ends the session of a cookie, whatever it lacks: another one takes its place, or somebody signs out. Nothing where there is none."""
    try:
        row = await _row(session, key, secret)
    except Unauthenticated:
        return
    await session.run(queries.ACT_AS, account_id=row["account_id"])
    if await session.value(queries.END, session_id=row["session_id"], account_id=row["account_id"]) is not None:
        await record(session, Action.SESSION_END, row["session_id"], account_id=row["account_id"], notify=False)


async def end_others(session: WriteSession, actor: Actor) -> int:
    """Ends all of one's own sessions but the one in use, and tells how many."""
    actor.demand(Action.SESSION_END)
    number = await end_all(session, actor.id, but=actor.session_id)
    await record(session, Action.SESSION_END, "all", account_id=actor.id, detail={"sessions": number}, notify=False)
    return number


async def end_all(session: WriteSession, account_id: int, *, origins: Sequence[str] = ORIGINS, but: int | None = None) -> int:
    """Ends the sessions of an account that came from these, with what they came from: whoever calls this records it."""
    return await session.value(queries.END_ALL, account_id=account_id, but=but, origins=list(origins))


async def end_reused(session: WriteSession, session_id: int) -> None:
    """Ends a session whose old secret came back: of the two who have it, one should not."""
    account_id = await session.value(queries.ACCOUNT_OF_SESSION, session_id=session_id)
    if account_id is None:
        return
    await session.run(queries.ACT_AS, account_id=account_id)
    if await session.value(queries.END, session_id=session_id, account_id=account_id) is not None:
        await record(session, Action.SESSION_END, session_id, account_id=account_id, detail={"reason": "reused"}, notify=False)
