"""Showing by a password who one is: counted, looked at, and what a browser gets for it."""

from fastapi import Request
from pydantic import SecretStr

from app.accounts import signing
from app.accounts.signing import ProvenAccount
from app.http.credentials import give_cookie, session_secret
from app.http.editing import count_sign_in
from app.http.services import services
from app.sessions import service as sessions
from app.sessions.rules import device_of
from app.sessions.service import Begun


async def known_by_password(request: Request, account: str, password: SecretStr) -> ProvenAccount:
    """`Unauthenticated` where the account or the password is wrong, `TooMany` where there were too many tries, `Unavailable`."""
    present = services(request)
    attempt = await count_sign_in(request, account)
    # No connection is held while the password is hashed for longer than it takes to look at it.
    async with present.database.open_write() as session:
        stored = await signing.password_of(session, account)
    right = await signing.check_password(present.passwords, stored, password.get_secret_value(), is_stranger=attempt.is_stranger)
    return ProvenAccount(account, right, attempt.place)


async def begin_session(
    request: Request, account_id: int, origin: str, known: ProvenAccount | None = None, *, is_complete: bool = False
) -> Begun:
    """A session for this browser, in place of the one that it has; its answer brings the cookie. `known`: whose password was right.
    `is_complete`: the second factor was shown in the one that it takes the place of.
    """
    settings = services(request).settings
    device, address = device_of(request.headers.get("user-agent")), request.scope["state"].get("address")
    database = services(request).database
    async with database.open_write() as session:
        if (earlier := session_secret(request)) is not None:
            await sessions.end_of_cookie(session, settings.secret, earlier)
        if known is not None:
            await signing.confirm(session, known)
        begun = await sessions.begin(session, settings, account_id, origin, device, address, is_complete=is_complete)
    give_cookie(request, begun.secret, begun.expires_at)
    return begun
