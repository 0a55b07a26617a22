"""Which account somebody of the identity server is. The name that they have there only asks: it is whoever holds the account, signed in here
otherwise, or an administrator, who says yes.

Whoever has signed in there and asks for an account gets a code that says so. Sent with a token of that account it proves that both are one
person. An administrator needs no code: who asks is told with the account.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from app.access.rights import Actor
from app.accounts import queries
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Conflict, Fault, Forbidden, Invalid

if TYPE_CHECKING:
    from app.accounts.oidc import Identity

LASTS = timedelta(minutes=15)


class Asking(NamedTuple):
    """Somebody asks for an account, with the code that proves it."""

    account: str
    code: str
    expires_at: datetime

    def refusal(self) -> Forbidden:
        facts = {"account": self.account, "code": self.code, "expires_at": self.expires_at.isoformat(timespec="seconds")}
        return Forbidden("account-not-bound", members={"binding": facts}, account=self.account)


async def ask(session: WriteSession, secret: bytes, identity: "Identity", now: datetime) -> Asking | None:
    """Administrators and the account are told, the first time; None where no account that is active and unbound has this name."""
    row = await session.first(queries.ASK_IDENTITY, subject=identity.subject, called=identity.called)
    if row is None or identity.called is None:
        return None
    if row["is_new"]:
        await record(session, Action.IDENTITY_ASK, row["account_id"], detail=_detail(identity.subject), notify=False)
    expires_at = now + LASTS
    return Asking(identity.called, make_code(secret, row["account_id"], identity.subject, expires_at), expires_at)


async def bind_own(session: WriteSession, secret: bytes, actor: Actor, code: str) -> str:
    """Binds one's own account to whom the code names: the subject. `Invalid` for a code that is old, or of another account."""
    actor.demand(Action.IDENTITY_BIND)
    subject = read_code(secret, actor.id, code, datetime.now(UTC))
    if subject is None:
        raise Invalid(faults=[Fault("/code", "identity-code-invalid")])
    await bind(session, actor, actor.id, subject)
    return subject


async def bind(session: WriteSession, actor: Actor | None, account_id: int, subject: str) -> None:
    """What the account itself, an administrator or an operator (None) has said. `Conflict` where either is bound otherwise."""
    if not await session.value(queries.BIND_IDENTITY, account_id=account_id, subject=subject):
        raise Conflict("account-bound")
    await record(session, Action.IDENTITY_BIND, account_id, account_id=actor.id if actor else None, detail=_detail(subject), notify=False)


def make_code(secret: bytes, account_id: int, subject: str, expires_at: datetime) -> str:
    content = f"{base64.urlsafe_b64encode(subject.encode()).decode()}.{int(expires_at.timestamp())}"
    return f"{content}.{_signature(secret, account_id, content)}"


def read_code(secret: bytes, account_id: int, code: str, now: datetime) -> str | None:
    """The subject; None unless the service made this code, for this account, a short while ago."""
    content, _, signature = code.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, account_id, content).encode()):
        return None
    subject, expires_at = content.split(".")
    return base64.urlsafe_b64decode(subject).decode() if now.timestamp() < int(expires_at) else None


def _signature(secret: bytes, account_id: int, content: str) -> str:
    """With a key of its own, as that of `oidc.py`."""
    return hmac.digest(hmac.digest(secret, b"titik identity", "sha256"), f"{account_id}.{content}".encode(), "sha256").hex()


def _detail(subject: str) -> dict[str, object]:
    """Enough to tell whether two rows are about the same person of the identity server."""
    return {"subject_sha256": hashlib.sha256(subject.encode()).hexdigest()}
