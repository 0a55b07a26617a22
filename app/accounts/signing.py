"""What lets somebody in: tokens, passwords, one-time links. A secret is shown once and kept as a hash."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from app import audit
from app.accounts import binding, queries, tokens
from app.accounts.binding import Asking
from app.accounts.passwords import Passwords, is_guessable
from app.accounts.rights import Actor, Role, Scope
from app.accounts.schemas import ChangedPassword, KeptToken, NewToken, SigningIn, token_json
from app.accounts.service import ORIGINS
from app.audit import Action
from app.db import Row, WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unauthenticated
from app.inbox import queries as inbox
from app.plaintext import plain

if TYPE_CHECKING:
    from app.accounts.oidc import Identity

TOKENS_AT_MOST = 200
LINK_SECONDS = 24 * 3600.0
DAY_SECONDS = 86_400.0
# Tokens that came from signing in end with the password that they came from; those that were issued for systems do not.
SIGNED_IN = ("password", "oidc")


class Issued(NamedTuple):
    """A token that can be read this one time."""

    token: str
    id: int
    expires_at: datetime


async def issue(
    session: WriteSession,
    secret: bytes,
    account_id: int,
    seconds: float,
    *,
    origin: str = "issued",
    label: str | None = None,
    scopes: Sequence[Scope] | None = None,
    without_if_match: bool = False,
    by: int | None = None,
) -> Issued:
    """A new token of an active account. `Conflict` where it has too many, or is active no longer."""
    if await session.value(queries.TOKENS_LEFT, account_id=account_id) >= TOKENS_AT_MOST:
        raise Conflict("tokens-full", most=TOKENS_AT_MOST)
    if origin != "issued":
        await session.run(queries.ACT_AS, account_id=account_id)
    token = tokens.new_token()
    stored = await session.first(
        queries.STORE_TOKEN,
        account_id=account_id, prefix=token[: tokens.SHOWN], hash=tokens.hash_token(secret, token),
        label=label, scopes=None if scopes is None else sorted(set(scopes)), without_if_match=without_if_match, origin=origin, seconds=seconds,
    )  # fmt: skip
    if stored is None:
        raise Unauthenticated("sign-in-wrong")
    detail: dict[str, object] = {"account": account_id, "origin": origin}
    detail |= {"scopes": sorted(set(scopes))} if scopes is not None else {}
    detail |= {"without_if_match": True} if without_if_match else {}
    await audit.record(session, Action.TOKEN_ISSUE, stored["id"], account_id=by, detail=detail, told=False)
    return Issued(token, stored["id"], stored["expires_at"])


async def issue_own(session: WriteSession, secret: bytes, actor: Actor, new: NewToken) -> Issued:
    """Another token of one's own, which may do no more than the one in use."""
    actor.demand(Action.TOKEN_ISSUE)
    scopes = new.scopes if new.scopes is not None else actor.scopes
    if actor.scopes is not None and (beyond := set(scopes or ()) - set(actor.scopes)):
        raise Forbidden("scope-missing", scopes=", ".join(sorted(beyond)))
    return await issue(
        session, secret, actor.id, new.expires_days * DAY_SECONDS,
        label=new.label, scopes=scopes, without_if_match=new.without_if_match, by=actor.id,
    )  # fmt: skip


async def issue_for(
    session: WriteSession,
    secret: bytes,
    name: str,
    seconds: float,
    label: str | None,
    scopes: Sequence[Scope] | None,
    *,
    without_if_match: bool = False,
) -> Issued:
    """What an operator issues at the command line. `NotFound` where there is no such active account."""
    account_id: int | None = await session.value(queries.FIND_ACCOUNT, name=name)
    if account_id is None:
        raise NotFound("account-unknown")
    await inbox.tell_of_account(session, None, "token-issued", account_id)
    return await issue(session, secret, account_id, seconds, label=label and plain(label), scopes=scopes, without_if_match=without_if_match)


async def read_tokens(session: WriteSession, actor: Actor) -> list[KeptToken]:
    """One's own tokens that are valid, the newest first; `current` is the one in use."""
    actor.demand(Action.TOKEN_READ)
    rows = await session.all(queries.TOKENS, account_id=actor.id)
    return [token_json(row, actor.token_id) for row in rows]


async def revoke(session: WriteSession, actor: Actor, token_id: int) -> None:
    """Ends one of one's own tokens; the one in use too: that is signing out."""
    actor.demand(Action.TOKEN_REVOKE)
    if await session.value(queries.REVOKE, token_id=token_id, account_id=actor.id) is None:
        raise NotFound("token-not-there")
    await audit.record(session, Action.TOKEN_REVOKE, token_id, account_id=actor.id, told=False)


async def revoke_all(session: WriteSession, actor: Actor | None, name: str) -> int:
    """Ends every token of an account: for a telephone that was lost."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_REVOKE_TOKENS)
    account = await _account(session, name)
    number: int = await session.value(queries.REVOKE_ALL, account_id=account["id"], origins=list(ORIGINS))
    await audit.record(
        session, Action.ACCOUNT_REVOKE_TOKENS, account["id"], account_id=actor.id if actor else None, detail={"tokens": number}, told=False
    )
    return number


class Kept(NamedTuple):
    """An account and the hash of its password."""

    account_id: int
    hash: str


async def password_of(session: WriteSession, account: str) -> Kept | None:
    """None where there is no such account, or it has no password or is not active."""
    row = await session.first(queries.PASSWORD_OF, name=account)
    return Kept(row["account_id"], row["hash"]) if row else None


async def check_password(passwords: Passwords, kept: Kept | None, password: str, *, is_stranger: bool = False) -> Kept:
    """`Unauthenticated` where the account or the password is wrong; which of them, nobody is told, not even by the time it takes."""
    if not await passwords.verify(password, kept.hash if kept else None, is_stranger=is_stranger) or kept is None:
        raise Unauthenticated("sign-in-wrong")
    return kept


async def by_password(session: WriteSession, secret: bytes, known: Kept, signing: SigningIn, seconds: float, place: bytes) -> Issued:
    """The token of somebody whose password was right a moment ago, unless it was changed since. `place` (`Attempt`) is remembered."""
    if await password_of(session, signing.account) != known:
        raise Unauthenticated("sign-in-wrong")
    await session.run(queries.REMEMBER_PLACE, key=place)
    return await issue(
        session, secret, known.account_id, seconds, origin="password", label=signing.label, scopes=signing.scopes, by=known.account_id
    )


class SignedIn(NamedTuple):
    """A token of somebody who signed in elsewhere, and whose it is."""

    token: str
    account: str
    role: Role
    expires_at: datetime


async def by_identity(session: WriteSession, secret: bytes, identity: "Identity", seconds: float) -> SignedIn | Asking | None:
    """A token where an active account is bound to this identity. Else who asks for the account of that name, which is to be committed
    before anybody is refused; None where there is none.
    """
    account = await session.first(queries.OIDC_ACCOUNT, subject=identity.subject)
    if account is None:
        return await binding.ask(session, secret, identity, datetime.now(UTC))
    issued = await issue(session, secret, account["id"], seconds, origin="oidc", by=account["id"])
    return SignedIn(issued.token, account["name"], account["role"], issued.expires_at)


async def change_password(session: WriteSession, passwords: Passwords, actor: Actor, change: ChangedPassword) -> None:
    """The tokens that other telephones have from signing in end with the old password."""
    actor.demand(Action.PASSWORD_CHANGE)
    try:
        await check_password(passwords, await password_of(session, actor.name), change.current.get_secret_value())
    except Unauthenticated:
        raise Invalid(faults=[Fault("/current", "password-wrong")]) from None
    await _set(session, passwords, actor.id, actor.name, change.new.get_secret_value(), "/new")
    await audit.record(session, Action.PASSWORD_CHANGE, actor.id, account_id=actor.id, told=False)


async def change_email(session: WriteSession, actor: Actor, email: str | None) -> None:
    actor.demand(Action.ME_CHANGE)
    await session.run(queries.SET_OWN_EMAIL, email=email)
    await audit.record(session, Action.ME_CHANGE, actor.id, account_id=actor.id, detail={"changed": ["email"]}, told=False)


async def make_link(session: WriteSession, secret: bytes, actor: Actor | None, name: str) -> tuple[str, datetime]:
    """The code of a link that sets a password once within a day, and until when; earlier links of the account end."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_RESET_PASSWORD)
    account = await _account(session, name)
    if not account["active"]:
        raise Conflict("account-inactive")
    code = secrets.token_urlsafe(32)
    expires_at: datetime = await session.value(
        queries.ADD_LINK, account_id=account["id"], hash=tokens.hash_token(secret, code), seconds=LINK_SECONDS
    )
    await inbox.tell_of_account(session, actor, "reset-link", account["id"])
    await audit.record(session, Action.ACCOUNT_RESET_PASSWORD, account["id"], account_id=actor.id if actor else None, told=False)
    return code, expires_at


async def account_of_link(session: WriteSession, secret: bytes, code: str) -> str:
    """Whose password a link sets. `NotFound` where it was used, is too old or never was."""
    row = await session.first(queries.LINK, hash=tokens.hash_token(secret, code))
    if row is None:
        raise NotFound("link-ended")
    return str(row["name"])


async def use_link(session: WriteSession, secret: bytes, passwords: Passwords, code: str, new: str) -> str:
    """Sets the password that a link is for, and ends the link. The name of the account."""
    name = await account_of_link(session, secret, code)
    account_id: int | None = await session.value(queries.USE_LINK, hash=tokens.hash_token(secret, code))
    if account_id is None:
        raise NotFound("link-ended")
    await session.run(queries.ACT_AS, account_id=account_id)
    await _set(session, passwords, account_id, name, new, "/password")
    await audit.record(session, Action.PASSWORD_RESET, account_id, account_id=account_id, told=False)
    return name


async def _set(session: WriteSession, passwords: Passwords, account_id: int, name: str, new: str, place: str) -> None:
    if is_guessable(new, name):
        raise Invalid(faults=[Fault(place, "password-guessable")])
    await session.run(queries.SET_PASSWORD, account_id=account_id, hash=await passwords.hash(new))
    await session.value(queries.REVOKE_ALL, account_id=account_id, origins=list(SIGNED_IN))


async def _account(session: WriteSession, name: str) -> Row:
    row = await session.first(queries.ACCOUNT, name=name)
    if row is None:
        raise NotFound("account-unknown")
    return row
