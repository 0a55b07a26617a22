"""Accounts, tokens and passwords as clients send them and get them back."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints

from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.rights import Role, Scope
from app.wire import Wire

# Also what identity servers use for names. In a path as it stands.
NAME = r"[A-Za-z0-9][A-Za-z0-9._@+-]{1,99}"
AccountName = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=100)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;:\x00-\x1f]+@[^@\s<>,;:\x00-\x1f]+\.[^@\s<>,;:\x00-\x1f]+$", max_length=254)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Kelurahan = Annotated[list[Annotated[str, StringConstraints(max_length=20)]], Field(max_length=100)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=10)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]
ChosenPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


class NewAccount(Wire):
    """A PIC has at least one kelurahan, the others none."""

    name: AccountName
    role: Role
    kelurahan: Kelurahan = Field(default_factory=list)
    email: Email | None = None


class ChangedAccount(Wire):
    """Only what is to change. The role of an account stays: who gets another office gets another account."""

    active: bool | None = None
    email: Email | None = None
    kelurahan: Kelurahan | None = None
    oidc_subject: None = None
    """null ends the tie to the identity server, so that the account can be tied anew."""


class HandingOver(Wire):
    """To whom a PIC hands over: the name of an account of the role pic."""

    to: AccountName


class NewToken(Wire):
    label: Label | None = None
    scopes: Scopes | None = None
    expires_days: Annotated[int, Field(ge=1, le=400)] = 90


class SigningIn(Wire):
    account: Annotated[str, StringConstraints(max_length=100)]
    password: Password
    label: Label | None = None
    scopes: Scopes | None = None


class ChangedPassword(Wire):
    current: Password
    new: ChosenPassword


class NewPassword(Wire):
    password: ChosenPassword


class ChangedMe(Wire):
    email: Email | None


class ReadNotices(Wire):
    """The notices that have been read."""

    read: Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=500)]


def account_json(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("name", "role", "active", "kelurahan", "email", "oidc_subject", "has_password", "created_at", "last_used_at")
    return {name: row[name] for name in shown if row[name] is not None}


def token_json(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("id", "prefix", "label", "scopes", "origin", "created_at", "expires_at", "last_used_at")
    return {name: row[name] for name in shown if row[name] is not None}
