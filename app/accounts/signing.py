"""A token for who has shown who they are."""

from dataclasses import dataclass, field
from datetime import datetime

from app import audit
from app.accounts import queries, tokens
from app.accounts.oidc import Identity
from app.audit import Action
from app.db import WriteSession
from app.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, whose it is, and how long it is valid."""

    token: str = field(repr=False)
    account: str
    role: str
    expires_at: datetime


async def by_identity(session: WriteSession, secret: bytes, identity: Identity, seconds: float) -> Issued:
    """`Forbidden` where no account, or none that is active, belongs to this identity."""
    who = {"subject": identity.subject, "called": identity.called}
    # Twice: of two first sign-ins at once, the one that waited for the other sees only then that the account is its own.
    account = await session.first(queries.OIDC_ACCOUNT, **who) or await session.first(queries.OIDC_ACCOUNT, **who)
    if account is None:
        raise Forbidden("account-not-there")
    token = tokens.new_token()
    stored = await session.one(
        queries.STORE_SIGNED_IN,
        account_id=account["id"],
        prefix=token[: tokens.SHOWN],
        hash=tokens.hash_token(secret, token),
        origin="oidc",
        seconds=seconds,
    )
    detail = {"account": account["id"], "origin": "oidc"}
    await audit.record(session, Action.TOKEN_ISSUE, stored["id"], account_id=account["id"], detail=detail, told=False)
    return Issued(token, account["name"], account["role"], stored["expires_at"])
