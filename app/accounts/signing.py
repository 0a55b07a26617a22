"""What lets somebody in: tokens, passwords, one-time links. A secret is shown once and kept as a hash."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from app.access.rights import Actor, Role, Scope
from app.accounts import binding, queries, tokens
from app.accounts.binding import Asking
from app.accounts.passwords import Passwords, is_guessable
from app.accounts.queries import NamedAccount
from app.accounts.schemas import ChangedPassword, KeptToken, NewToken, SigningIn, token_json
from app.accounts.service import ORIGINS
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unauthenticated
from app.inbox import service as inbox
from app.plaintext import plain
from app.sessions import factors
from app.sessions import queries as session_queries
from app.sessions import service as sessions
from app.settings import Settings

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
    await record(session, Action.TOKEN_ISSUE, stored["id"], account_id=by, detail=detail, notify=False)
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
    await record(session, Action.TOKEN_REVOKE, token_id, account_id=actor.id, notify=False)


async def revoke_all(session: WriteSession, actor: Actor | None, name: str) -> int:
    """Ends every token and every session of an account, and tells how many: for a telephone that was lost."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_REVOKE_TOKENS)
    account = await _account(session, name)
    number: int = await session.value(queries.REVOKE_ALL, account_id=account["id"], origins=list(ORIGINS))
    ended = await sessions.end_all(session, account["id"])
    await record(
        session,
        Action.ACCOUNT_REVOKE_TOKENS,
        account["id"],
        account_id=actor.id if actor else None,
        detail={"tokens": number, "sessions": ended},
        notify=False,
    )
    return number + ended


async def remove_second_factor(session: WriteSession, actor: Actor | None, name: str) -> None:
    """For somebody whose telephone and recovery codes are lost. Browsers that are signed in are signed out."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_REMOVE_SECOND_FACTOR)
    account = await _account(session, name)
    await factors.remove(session, account["id"])
    await sessions.end_all(session, account["id"])
    await inbox.tell_of_account(session, actor, "account-changed", account["id"])
    await record(session, Action.ACCOUNT_REMOVE_SECOND_FACTOR, account["id"], account_id=actor.id if actor else None, notify=False)


class AccountPassword(NamedTuple):
    """An account and the hash of its password."""

    account_id: int
    hash: str


async def password_of(session: WriteSession, account: str) -> AccountPassword | None:
    """None where there is no such account, or it has no password or is not active."""
    row = await session.first(queries.PASSWORD_OF, name=account)
    return AccountPassword(row["account_id"], row["hash"]) if row else None


async def check_password(
    passwords: Passwords, stored: AccountPassword | None, password: str, *, is_stranger: bool = False
) -> AccountPassword:
    """`Unauthenticated` where the account or the password is wrong; which of them, nobody is told, not even by the time it takes."""
    if not await passwords.verify(password, stored.hash if stored else None, is_stranger=is_stranger) or stored is None:
        raise Unauthenticated("sign-in-wrong")
    return stored


class ProvenAccount(NamedTuple):
    """Somebody whose password was right a moment ago. `place` (`Attempt`) is where they are."""

    account: str
    stored: AccountPassword
    place: bytes


async def confirm(session: WriteSession, known: ProvenAccount) -> int:
    """The id of the account, and its place is remembered. `Unauthenticated` where the password was changed since."""
    if await password_of(session, known.account) != known.stored:
        raise Unauthenticated("sign-in-wrong")
    await session.run(queries.REMEMBER_PLACE, key=known.place)
    return known.stored.account_id


async def by_password(session: WriteSession, settings: Settings, known: ProvenAccount, signing: SigningIn, seconds: float) -> Issued:
    """The token of somebody whose password was right a moment ago, and the code of their second factor, where there is one."""
    account_id = await confirm(session, known)
    await _demand_code(session, settings, account_id, signing.code)
    return await issue(
        session, settings.secret, account_id, seconds, origin="password", label=signing.label, scopes=signing.scopes, by=account_id
    )


async def _demand_code(session: WriteSession, settings: Settings, account_id: int, code: str | None) -> None:
    holder = await session.first(session_queries.HOLDER, account_id=account_id)
    if holder is None:
        raise Unauthenticated("sign-in-wrong")
    if holder["has_factor"]:
        if code is None:
            raise Unauthenticated("code-needed")
        await session.run(queries.ACT_AS, account_id=account_id)
        try:
            await factors.show(session, settings, account_id, code)
        except Invalid:
            raise Unauthenticated("code-wrong") from None
    elif holder["role"] in settings.second_factor_roles:
        raise Forbidden("second-factor-not-set-up")


class SignedIn(NamedTuple):
    """A token of somebody who signed in elsewhere, and whose it is."""

    token: str
    account: str
    role: Role
    expires_at: datetime


async def account_of_identity(session: WriteSession, secret: bytes, identity: "Identity") -> NamedAccount | Asking | None:
    """The active account that is bound to this identity. Else who asks for the account of that name, which is to be committed before anybody
    is refused; None where there is none.
    """
    return await session.first(queries.OIDC_ACCOUNT, subject=identity.subject) or await binding.ask(
        session, secret, identity, datetime.now(UTC)
    )


async def by_identity(session: WriteSession, secret: bytes, account: NamedAccount, seconds: float) -> SignedIn:
    """A token for who signed in elsewhere."""
    issued = await issue(session, secret, account["id"], seconds, origin="oidc", by=account["id"])
    return SignedIn(issued.token, account["name"], account["role"], issued.expires_at)


async def change_password(session: WriteSession, passwords: Passwords, actor: Actor, change: ChangedPassword) -> None:
    """The tokens that telephones have from signing in end with the old password, and all sessions."""
    actor.demand(Action.PASSWORD_CHANGE)
    try:
        await check_password(passwords, await password_of(session, actor.name), change.current.get_secret_value())
    except Unauthenticated:
        raise Invalid(faults=[Fault("/current", "password-wrong")]) from None
    await _set(session, passwords, actor.id, actor.name, change.new.get_secret_value(), "/new")
    await record(session, Action.PASSWORD_CHANGE, actor.id, account_id=actor.id, notify=False)


async def change_email(session: WriteSession, actor: Actor, email: str | None) -> None:
    actor.demand(Action.ME_CHANGE)
    await session.run(queries.SET_OWN_EMAIL, email=email)
    await record(session, Action.ME_CHANGE, actor.id, account_id=actor.id, detail={"changed": ["email"]}, notify=False)


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
    await record(session, Action.ACCOUNT_RESET_PASSWORD, account["id"], account_id=actor.id if actor else None, notify=False)
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
    await record(session, Action.PASSWORD_RESET, account_id, account_id=account_id, notify=False)
    return name


async def _set(session: WriteSession, passwords: Passwords, account_id: int, name: str, new: str, place: str) -> None:
    if is_guessable(new, name):
        raise Invalid(faults=[Fault(place, "password-guessable")])
    await session.run(queries.SET_PASSWORD, account_id=account_id, hash=await passwords.hash(new))
    await session.value(queries.REVOKE_ALL, account_id=account_id, origins=list(SIGNED_IN))
    await sessions.end_all(session, account_id)


async def _account(session: WriteSession, name: str) -> queries.AccountRow:
    row = await session.first(queries.ACCOUNT, name=name)
    if row is None:
        raise NotFound("account-unknown")
    return row
