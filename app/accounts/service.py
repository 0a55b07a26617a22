"""Signing in, adding accounts, issuing tokens."""

from collections.abc import Sequence

from app import audit
from app.accounts import queries, tokens
from app.accounts.rights import Actor, Role
from app.audit import Action
from app.db import WriteSession
from app.errors import OperatorError, Unauthenticated
from app.language import Text


async def sign_in(session: WriteSession, secret: bytes, token: str | None) -> Actor:
    """Who holds this token; from here on the transaction acts as that account. `Unauthenticated` where nobody does."""
    if token is None:
        raise Unauthenticated
    if not tokens.is_wellformed(token):
        raise Unauthenticated("token-unknown")
    row = await session.first(queries.SIGN_IN, token_hash=tokens.hash_token(secret, token))
    if row is None:
        raise Unauthenticated("token-unknown")
    return Actor(row["account_id"], row["name"], row["role"], tuple(row["kelurahan"]), row["categories"])


async def add_account(session: WriteSession, name: str, role: Role, kelurahan: Sequence[str]) -> int:
    """Adds an account. `OperatorError` when the name is taken, or a PIC has no kelurahan, or another role has one."""
    if (role == "pic") != bool(kelurahan):
        raise OperatorError(
            "account-kelurahan",
            Text(
                "Akun pic memerlukan sedikitnya satu --kelurahan, dan peran lain tidak memakainya.",
                "A pic account needs at least one --kelurahan, and other roles take none.",
            ),
        )
    account_id: int | None = await session.value(queries.ADD_ACCOUNT, name=name, role=role, kelurahan=list(kelurahan))
    if account_id is None:
        raise OperatorError(
            "account-taken",
            Text("Nama akun {name} sudah dipakai. Pilih nama lain.", "The account name {name} is taken. Choose another."),
            name=name,
        )
    await audit.record(session, Action.ACCOUNT_ADD, account_id, detail={"role": role, "kelurahan": list(kelurahan)})
    return account_id


async def issue_token(session: WriteSession, secret: bytes, name: str, seconds: float) -> str:
    """A new token for this account, valid so long; the only time that it can be read. `OperatorError` when there is no such account."""
    account_id: int | None = await session.value(queries.FIND_ACCOUNT, name=name)
    if account_id is None:
        raise OperatorError(
            "account-unknown",
            Text(
                "Tidak ada akun aktif bernama {name}. Buat dulu: titik account add {name} --role …",
                "There is no active account called {name}. Make it first: titik account add {name} --role …",
            ),
            name=name,
        )
    token = tokens.new_token()
    token_id = await session.value(
        queries.STORE_TOKEN,
        account_id=account_id,
        prefix=token[: tokens.SHOWN],
        hash=tokens.hash_token(secret, token),
        seconds=seconds,
    )
    await audit.record(session, Action.TOKEN_ISSUE, token_id, detail={"account": account_id})
    return token
