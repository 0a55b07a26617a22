"""Who signs in, and what an administrator does with accounts: adding, changing, handing over."""

from collections.abc import Sequence

from app.access.rights import Actor, Role
from app.accounts import binding, queries, tokens
from app.accounts.schemas import Account, ChangedAccount, HandedOver, HandingOver, NewAccount, account_json
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound, Unauthenticated
from app.inbox import service as inbox
from app.inbox.kinds import NoticeKind
from app.regions import queries as regions
from app.sessions import service as sessions

ORIGINS = ("issued", "password", "oidc")
# What is told of a new account: those that decide what becomes public, and those that decide who does.
_ADDED: dict[Role, NoticeKind] = {"walidata": "reviewer-added", "admin": "admin-added"}


async def sign_in(session: WriteSession, secret: bytes, token: str | None) -> Actor:
    """Who holds this token; from here on the transaction acts as that account. `Unauthenticated` where nobody does."""
    if token is None:
        raise Unauthenticated
    if not tokens.is_wellformed(token):
        raise Unauthenticated("token-unknown")
    row = await session.first(queries.SIGN_IN, token_hash=tokens.hash_token(secret, token))
    if row is None:
        raise Unauthenticated("token-unknown")
    scopes = None if row["scopes"] is None else tuple(row["scopes"])
    return Actor(
        row["account_id"], row["name"], row["role"], tuple(row["kelurahan"]), row["categories"], scopes, row["token_id"],
        row["without_if_match"],
    )  # fmt: skip


async def add_account(session: WriteSession, new: NewAccount, actor: Actor | None = None) -> int:
    """Adds an account. `Conflict` where the name is taken, `Invalid` where a PIC has no kelurahan or another role has one."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_ADD)
    codes = await regions.codes_of(session, new.kelurahan, "/kelurahan")
    _check_kelurahan(new.role, codes)
    account_id: int | None = await session.value(queries.ADD_ACCOUNT, name=new.name, role=new.role, kelurahan=codes, email=new.email)
    if account_id is None:
        raise Conflict("account-taken")
    if new.oidc_subject is not None:
        await binding.bind(session, actor, account_id, new.oidc_subject)
    if kind := _ADDED.get(new.role):
        await inbox.tell_of_account(session, actor, kind, account_id)
    await _record(session, actor, Action.ACCOUNT_ADD, account_id, {"role": new.role, "kelurahan": codes})
    return account_id


async def read_account(session: WriteSession, actor: Actor, name: str) -> Account:
    actor.demand(Action.ACCOUNT_READ)
    row = await session.first(queries.ACCOUNT, name=name)
    if row is None:
        raise NotFound("account-unknown")
    return account_json(row)


async def read_accounts(
    session: WriteSession, actor: Actor, after: str, role: str | None, kelurahan: str | None, limit: int
) -> tuple[list[Account], str | None]:
    """A page of accounts by name, and the name that the next page begins after."""
    actor.demand(Action.ACCOUNT_READ)
    code = await regions.code_of_parameter(session, kelurahan)
    rows = await session.all(queries.ACCOUNTS, after=after, role=role, kelurahan=code, limit=limit + 1)
    return [account_json(row) for row in rows[:limit]], rows[limit - 1]["name"] if len(rows) > limit else None


async def change_account(session: WriteSession, actor: Actor | None, name: str, change: ChangedAccount) -> None:
    """Changes what is named. Who is no longer active has no tokens any more, also not when they come back."""
    if actor is not None:
        actor.demand(Action.ACCOUNT_CHANGE)
    (account,) = await _hold(session, name)
    sent = change.model_fields_set
    codes = None
    if "kelurahan" in sent and change.kelurahan is not None:
        codes = await regions.codes_of(session, change.kelurahan, "/kelurahan")
        _check_kelurahan(account["role"], codes)
        await session.run(queries.ASSIGN, account_id=account["id"], kelurahan=codes)
    if change.active is False:
        await _deactivate(session, account)
    elif change.active:
        await session.run(queries.SET_ACTIVE, account_id=account["id"], active=True)
    if "email" in sent:
        await session.run(queries.SET_EMAIL, account_id=account["id"], email=change.email)
    if change.oidc_subject is not None:
        await binding.bind(session, actor, account["id"], change.oidc_subject)
    elif "oidc_subject" in sent:
        await session.run(queries.UNBIND, account_id=account["id"])
        await session.value(queries.REVOKE_ALL, account_id=account["id"], origins=["oidc"])
        await sessions.end_all(session, account["id"], origins=["oidc"])
    detail: dict[str, object] = {"changed": sorted(sent)}
    detail |= {"active": change.active} if change.active is not None else {}
    detail |= {"kelurahan": sorted(codes)} if codes is not None else {}
    if sent - {"oidc_subject"} or change.oidc_subject is None:
        # Who is bound to it is told on its own.
        await inbox.tell_of_account(session, actor, "account-changed", account["id"])
    await _record(session, actor, Action.ACCOUNT_CHANGE, account["id"], detail)


async def hand_over(session: WriteSession, actor: Actor | None, name: str, handing: HandingOver) -> HandedOver:
    """A PIC goes, another takes over: its kelurahan, its drafts and what was returned to it, its unread notices. The one who goes is
    active no longer. `Conflict` where they are not two active accounts of the role pic.
    """
    if actor is not None:
        actor.demand(Action.ACCOUNT_HAND_OVER)
    if name == handing.to:
        raise Invalid(faults=[Fault("/to", "successor-unfit")])
    held = {account["name"]: account for account in await _hold(session, name, handing.to)}
    predecessor, successor = held[name], held[handing.to]
    if predecessor["role"] != "pic" or successor["role"] != "pic" or not successor["active"]:
        raise Invalid(faults=[Fault("/to", "successor-unfit")])
    kelurahan: list[str] = await session.value(queries.TAKE_OVER, predecessor=predecessor["id"], successor=successor["id"])
    open_revisions: int = await session.value(queries.HAND_OVER, predecessor=predecessor["id"], successor=successor["id"])
    await _deactivate(session, predecessor)
    await inbox.tell(session, "handed-over", account_id=successor["id"])
    await inbox.tell_of_account(session, actor, "account-changed", predecessor["id"])
    detail: dict[str, object] = {"to": successor["id"], "kelurahan": kelurahan, "open_revisions": open_revisions}
    await _record(session, actor, Action.ACCOUNT_HAND_OVER, predecessor["id"], detail)
    return {"from": name, "to": handing.to, "kelurahan": kelurahan, "open_revisions": open_revisions}


async def _hold(session: WriteSession, *names: str) -> list[queries.HeldAccount]:
    rows = await session.all(queries.HOLD, names=list(names))
    if len(rows) < len(names):
        raise NotFound("account-unknown")
    return rows


async def _deactivate(session: WriteSession, account: queries.HeldAccount) -> None:
    """Ends the account and its tokens. `Conflict` for the last administrator: nobody could let anybody in again."""
    if account["role"] == "admin" and not await session.all(queries.OTHER_ADMINS, account_id=account["id"]):
        raise Conflict("last-admin")
    await session.run(queries.SET_ACTIVE, account_id=account["id"], active=False)
    await session.value(queries.REVOKE_ALL, account_id=account["id"], origins=list(ORIGINS))
    await sessions.end_all(session, account["id"])


def _check_kelurahan(role: Role, codes: Sequence[str]) -> None:
    if (role == "pic") != bool(codes):
        raise Invalid(faults=[Fault("/kelurahan", "account-kelurahan")])


async def _record(session: WriteSession, actor: Actor | None, action: Action, account_id: int, detail: dict[str, object]) -> None:
    # No listener outside is told of accounts.
    await record(session, action, account_id, account_id=actor.id if actor else None, detail=detail, notify=False)
