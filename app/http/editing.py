"""Signing in by the token or the cookie of a request, and the transaction in which its sender writes."""

from dataclasses import dataclass
from types import TracebackType

from fastapi import Request

from app.access.rights import NEEDS_PASSWORD, Actor
from app.accounts import attempts
from app.accounts import service as accounts
from app.accounts.attempts import Attempt
from app.accounts.entry_key import writer_of
from app.audit.record import Action
from app.db import WriteSession
from app.errors import Forbidden, TooMany
from app.http.credentials import SAFE, WRITER, bearer, give_cookie, has_credential, session_secret
from app.http.rights import needed
from app.http.services import services
from app.published.catalogue import Half
from app.sessions import service as sessions
from app.sessions.service import CookieHolder, SessionReused


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who is known, and the transaction in which what they do will be committed. What they may do, the service decides."""

    actor: Actor
    session: WriteSession


class Editing:
    """`async with Editing(request) as editor:` signs in and opens the transaction; it is committed on leaving, so before the answer.

    `Unauthenticated` without a token or a session that is valid, `Forbidden` where the role may do nothing of what the route declares, or where
    the password is to be given again before, or the request names another writer.

    Not a dependency with `yield`: those of request scope commit after the answer, and those of function scope cost as much as
    three statements (docs/adr/0009).

    `counted=False`: one of several transactions of a request that has been counted. `reading`: nothing is written, as in every GET; so it goes
    on while nothing can be.
    """

    __slots__ = ("_counted", "_holder", "_request", "_session", "_transaction")

    def __init__(self, request: Request, *, counted: bool = True, reading: bool = False) -> None:
        database = services(request).database
        self._request = request
        self._counted = counted
        self._holder: CookieHolder | None = None
        self._transaction = database.open_write(reading=reading or request.method in SAFE)

    async def __aenter__(self) -> Editor:
        session = self._session = await self._transaction.__aenter__()
        try:
            actor = await self._sign_in(session)
            self._check_writer(actor)
            if self._counted:
                await self._count(actor)
            declared = needed(self._request.scope["endpoint"])
            actor.demand_one_of(declared)
            if declared and declared <= NEEDS_PASSWORD and self._request.method not in SAFE:
                actor.demand_password()
        except BaseException as error:
            try:
                await self._transaction.__aexit__(type(error), error, error.__traceback__)
            finally:
                if isinstance(error, SessionReused):
                    await self._end_reused(error)
            raise
        return Editor(actor, session)

    async def _sign_in(self, session: WriteSession) -> Actor:
        secret = services(self._request).settings.secret
        if (cookie := session_secret(self._request)) is None:
            return await accounts.sign_in(session, secret, bearer(self._request))
        self._holder = await sessions.sign_in(session, secret, cookie)
        # A page asks who looks at it (`visiting.visitor_of`).
        self._request.scope["state"]["actor"] = self._holder.actor
        return self._holder.actor

    def _check_writer(self, actor: Actor) -> None:
        """What one account has recorded on a telephone is not sent by the session of another that has signed in there a moment ago."""
        named = self._request.headers.get(WRITER)
        if named is not None and named != writer_of(services(self._request).settings.secret, actor.id):
            raise Forbidden("other-writer")

    async def _end_reused(self, error: SessionReused) -> None:
        """In a transaction of its own: that of the request is undone."""
        database = services(self._request).database
        async with database.open_write() as session:
            await sessions.end_reused(session, error.session_id)

    async def _count(self, actor: Actor) -> None:
        limits = services(self._request).limits
        state = self._request.scope["state"]
        if state.get("is_counted"):
            return
        state["is_counted"] = True
        if window := limits.of_account(actor.id):
            state.setdefault("windows", []).append(window)
            if not window.allowed:
                raise TooMany(seconds=window.reset_s)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._transaction.__aexit__(kind, error, trace)
        if error is None and self._holder and self._holder.successor:
            # Only now: an offer that was rolled back is none.
            give_cookie(self._request, self._holder.successor, self._holder.expires_at)
        if self._session.changes_public:
            # Whoever has published reads it at once; other workers hear of it a moment later.
            await services(self._request).catalogue.refresh()


async def actor_of(request: Request) -> Actor | None:
    """Who reads; None without a token or a session. `Unauthenticated`."""
    if not has_credential(request):
        return None
    async with Editing(request) as editor:
        return editor.actor


async def half_of(request: Request) -> Half:
    """The half that is read: the public one, or the internal one for whoever is signed in and may. `Unauthenticated`."""
    return half_for(await actor_of(request))


def half_for(actor: Actor | None) -> Half:
    return "internal" if actor is not None and actor.may(Action.ITEM_READ_INTERNAL) else "published"


async def count_sign_in(request: Request, account: str) -> Attempt:
    """Counts a try of a password, for good. `TooMany` where there were too many of this account from this address, or from this address."""
    database = services(request).database
    state = request.scope["state"]
    async with database.open_write() as session:
        attempt = await attempts.count(session, services(request).settings, state["address"], account)
    state.setdefault("windows", []).extend(attempt.windows)
    attempt.check()
    return attempt
