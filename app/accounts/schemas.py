"""Accounts, tokens and passwords as clients send them and get them back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field, SecretStr, StringConstraints
from typing_extensions import TypedDict

from app.access.rights import Role, Scope
from app.accounts.passwords import LONGEST, SHORTEST
from app.audit.record import Action
from app.wire import Answer, OneLine, Page, Wire, answer_from

# Also what identity servers use for names. In a path as it stands.
NAME = r"[A-Za-z0-9][A-Za-z0-9._@+-]{1,99}"
AccountName = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=100)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;:\x00-\x1f]+@[^@\s<>,;:\x00-\x1f]+\.[^@\s<>,;:\x00-\x1f]+$", max_length=254)]
# OpenID Connect Core §2.
Subject = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]+$", max_length=255)]
TokenLabel = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), OneLine]
# Codes or names.
KelurahanTexts = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=100)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=10)]
PasswordText = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]
ChosenPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


class NewAccount(Wire):
    """A PIC has at least one kelurahan, the others none."""

    name: AccountName
    role: Role
    kelurahan: KelurahanTexts = Field(default_factory=list)
    email: Email | None = None
    oidc_subject: Subject | None = None
    """Who this is at the identity server (`sub`), where that is known already."""


class ChangedAccount(Wire):
    """Only what is to change. The role of an account stays: who gets another office gets another account."""

    active: bool | None = None
    email: Email | None = None
    kelurahan: KelurahanTexts | None = None
    oidc_subject: Subject | None = None
    """Binds the account to this person of the identity server (`sub`); null ends that, and the tokens that came from it."""


class HandingOver(Wire):
    """To whom a PIC hands over: the name of an account of the role pic."""

    to: AccountName


class NewToken(Wire):
    label: TokenLabel | None = None
    scopes: Scopes | None = None
    expires_days: Annotated[int, Field(ge=1, le=400)] = 90
    without_if_match: bool = False
    """For QGIS and other programs that send no If-Match: they change whatever there is, and the reviewer is told."""


class SigningIn(Wire):
    account: Annotated[str, StringConstraints(max_length=100)]
    password: PasswordText
    label: TokenLabel | None = None
    scopes: Scopes | None = None
    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    """Of the phone, or a recovery code, where the account has a second factor."""


class SignInForm(Wire):
    """That of the page."""

    akun: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    sandi: PasswordText


class ChangedPassword(Wire):
    current: PasswordText
    new: ChosenPassword


class NewPassword(Wire):
    password: ChosenPassword


class OwnBinding(Wire):
    """The `code` that signing in at the identity server has given."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[A-Za-z0-9_=.-]+$")]


class ChangedMe(Wire):
    email: Email | None


class ReadNotices(Wire):
    """The notices that have been read."""

    read: Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=500)]


class IdentityRequest(Answer):
    subject: str
    asked_at: datetime


class Account(Answer):
    name: str
    role: Role
    active: bool
    kelurahan: list[str]
    """The codes that a PIC writes for."""
    email: NotRequired[str]
    oidc_subject: NotRequired[str]
    identity_requests: NotRequired[list[IdentityRequest]]
    """Who of the identity server asks to be let in, and is by PATCH with that `oidc_subject`."""
    has_password: bool
    created_at: datetime
    last_used_at: NotRequired[datetime]


class Accounts(Page):
    accounts: list[Account]


# A class has no member of that name.
_OfHandOver = TypedDict("_OfHandOver", {"from": str})


class HandedOver(_OfHandOver, Answer):
    to: str
    kelurahan: list[str]
    open_revisions: int
    """Drafts and what was returned."""


class ResetLink(Answer):
    account: str
    link: str
    expires_at: datetime


class Revoked(Answer):
    revoked: int


class KeptToken(Answer):
    id: int
    prefix: str
    label: NotRequired[str]
    scopes: NotRequired[list[Scope]]
    without_if_match: NotRequired[Literal[True]]
    """It changes points without If-Match."""
    origin: Literal["issued", "password", "oidc"]
    created_at: datetime
    expires_at: datetime
    last_used_at: NotRequired[datetime]
    current: NotRequired[Literal[True]]
    """The one in use."""


class Tokens(Answer):
    tokens: list[KeptToken]


class IssuedToken(Answer):
    token: str
    """Shown this once."""
    id: int
    expires_at: datetime


class SignedInToken(Answer):
    token: str
    """Shown this once."""
    account: str
    role: Role
    expires_at: datetime


class OwnKelurahan(Answer):
    code: str
    name: str


class TokenInUse(Answer):
    label: NotRequired[str]
    scopes: NotRequired[list[Scope]]
    expires_at: datetime


class SessionInUse(Answer):
    id: int
    expires_at: datetime


class Me(Answer):
    account: str
    role: Role
    email: NotRequired[str]
    kelurahan: list[OwnKelurahan]
    """Those that a PIC writes for."""
    actions: list[Action]
    """What one may do with this token, or in this session."""
    token: NotRequired[TokenInUse]
    """The one in use; missing in a browser that is signed in."""
    session: NotRequired[SessionInUse]
    unread: int


class OwnIdentity(Answer):
    account: str
    oidc_subject: str


class OwnEmail(Answer):
    account: str
    email: str | None


def account_json(row: Mapping[str, object]) -> Account:
    return answer_from(Account, row)


def token_json(row: Mapping[str, object], in_use: int | None) -> KeptToken:
    return answer_from(KeptToken, {**row, "current": True if row["id"] == in_use else None})
