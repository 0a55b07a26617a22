"""Who may do what: one table, used by the routes, the audit and the tests."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from app.audit.record import Action
from app.errors import Forbidden

Role = Literal["admin", "walidata", "pembina", "opd", "pic"]
Scope = Literal["read", "write", "review", "contacts", "account", "admin"]

# What everybody with an account may do with what is their own.
_OWN = frozenset(
    {
        Action.ME_READ,
        Action.ME_CHANGE,
        Action.PASSWORD_CHANGE,
        Action.IDENTITY_BIND,
        Action.TOKEN_READ,
        Action.TOKEN_ISSUE,
        Action.TOKEN_REVOKE,
        Action.SESSION_READ,
        Action.SESSION_END,
        Action.SECOND_FACTOR_CHANGE,
    }
)
_CONTACTS = frozenset({Action.CONTACT_READ, Action.CONTACT_WRITE})
_WRITING = frozenset(
    {
        Action.POINT_READ_WORK,
        Action.POINT_DRAFT,
        Action.POINT_SUBMIT,
        Action.POINT_CHANGE,
        Action.POINT_CONFIRM,
        Action.POINT_CLOSE,
        Action.REVISION_SUBMIT,
        Action.REVISION_WITHDRAW,
        Action.IMPORT_READ,
        Action.IMPORT_BEGIN,
        Action.IMPORT_COMMIT,
        Action.IMPORT_REMOVE,
        Action.RESCUE_BRING,
        Action.PHOTO_READ,
        Action.PHOTO_ADD,
        Action.PHOTO_REMOVE,
        Action.REPORT_READ,
        Action.REPORT_ANSWER,
        Action.VALUE_READ_WORK,
        Action.VALUE_DRAFT,
        Action.VALUE_SUBMIT,
    }
)
_READING = frozenset({Action.ITEM_READ_INTERNAL})
_REVIEWING = frozenset(
    {
        Action.REVIEW_READ,
        Action.EDITION_COMPARE,
        Action.REVISION_PUBLISH,
        Action.REVISION_RETURN,
        Action.REVISION_UNPUBLISH,
        Action.REVISION_ACKNOWLEDGE,
        Action.PHOTO_PUBLISH,
        Action.REPORT_SHOW,
    }
)
_MANAGING = frozenset(
    {
        Action.REGION_LOAD,
        Action.CITY_CHANGE,
        Action.EDITION_LOAD,
        Action.EDITION_COMPARE,
        Action.EDITION_ACTIVATE,
        Action.EDITION_REMOVE,
        Action.ACCOUNT_READ,
        Action.ACCOUNT_ADD,
        Action.ACCOUNT_CHANGE,
        Action.ACCOUNT_HAND_OVER,
        Action.ACCOUNT_RESET_PASSWORD,
        Action.ACCOUNT_REVOKE_TOKENS,
        Action.ACCOUNT_REMOVE_SECOND_FACTOR,
        Action.CONTACT_PURGE,
        Action.DEMO_CLEAR,
        Action.CATEGORY_ADD,
        Action.CATEGORY_CHANGE,
        Action.INDICATOR_ADD,
        Action.INDICATOR_CHANGE,
        Action.AUDIT_READ,
        Action.STATE_READ,
        Action.WEBHOOK_READ,
        Action.WEBHOOK_WRITE,
        Action.WEBHOOK_REPLAY,
    }
)

RIGHTS: dict[Role, frozenset[Action]] = {
    "pic": _OWN | _READING | _WRITING | _CONTACTS,
    "walidata": _OWN | _READING | _WRITING | _CONTACTS | _REVIEWING,
    "pembina": _OWN | _READING,
    "opd": _OWN | _READING,
    "admin": _OWN | _MANAGING,
}

# Rights, keys and editions: who does this in a browser has given the password a moment ago, so that nobody else does who finds it open.
NEEDS_PASSWORD = frozenset(
    {
        Action.TOKEN_ISSUE,
        Action.IDENTITY_BIND,
        Action.SECOND_FACTOR_CHANGE,
        Action.ACCOUNT_ADD,
        Action.ACCOUNT_CHANGE,
        Action.ACCOUNT_HAND_OVER,
        Action.ACCOUNT_RESET_PASSWORD,
        Action.ACCOUNT_REMOVE_SECOND_FACTOR,
        Action.EDITION_ACTIVATE,
        Action.EDITION_REMOVE,
        Action.CATEGORY_ADD,
        Action.CATEGORY_CHANGE,
        Action.INDICATOR_ADD,
        Action.INDICATOR_CHANGE,
        Action.WEBHOOK_WRITE,
    }
)

# What a token may be limited to. A token without scopes may do whatever its account may.
SCOPES: dict[Scope, frozenset[Action]] = {
    "read": _READING
    | {Action.ME_READ, Action.POINT_READ_WORK, Action.REVIEW_READ, Action.PHOTO_READ, Action.REPORT_READ, Action.VALUE_READ_WORK},
    "write": _WRITING,
    "review": _REVIEWING,
    "contacts": _CONTACTS,
    "account": _OWN,
    "admin": _MANAGING,
}
SCOPE_NAMES: tuple[Scope, ...] = get_args(Scope)


@cache
def _allowed(role: Role, scopes: tuple[Scope, ...] | None) -> frozenset[Action]:
    """The rights of a role, as far as the scopes reach."""
    if scopes is None:
        return RIGHTS[role]
    return RIGHTS[role] & frozenset[Action]().union(*(SCOPES[scope] for scope in scopes))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `kelurahan` are the codes that a PIC writes for; `scopes` what the token is limited to, None: nothing."""

    id: int
    name: str
    role: Role
    kelurahan: tuple[str, ...] = ()
    categories: int = 0
    """Tells whether the categories that a worker remembers are still those of the database."""
    scopes: tuple[Scope, ...] | None = None
    token_id: int | None = None
    without_if_match: bool = False
    """Whether the token was issued to change points without `If-Match`."""
    session_id: int | None = None
    """That of the browser it came from; None with a token."""
    is_fresh: bool = False
    """Whether the password was given in this session within the last quarter of an hour."""

    def may(self, action: Action) -> bool:
        return action in _allowed(self.role, self.scopes)

    @property
    def actions(self) -> frozenset[Action]:
        return _allowed(self.role, self.scopes)

    def demand(self, action: Action) -> None:
        """`Forbidden` unless the role may do this, and the token too."""
        self.demand_one_of(frozenset({action}))

    def demand_one_of(self, actions: frozenset[Action]) -> None:
        """`Forbidden` unless the role may do one of these, and the token too; nothing where there are none."""
        if not actions or any(self.may(action) for action in actions):
            return
        if RIGHTS[self.role] & actions:
            needed = [scope for scope, covered in SCOPES.items() if covered & actions & RIGHTS[self.role]]
            raise Forbidden("scope-missing", scopes=", ".join(needed))
        able = [role for role, rights in RIGHTS.items() if rights & actions]
        raise Forbidden(role=self.role, able=", ".join(able) or "operator")

    def demand_password(self) -> None:
        """`Forbidden` in a browser where the password was not given a moment ago."""
        if self.session_id is not None and not self.is_fresh:
            raise Forbidden("reauthenticate")

    def demand_kelurahan(self, code: str) -> None:
        """`Forbidden` when a PIC writes for a kelurahan that is not its own."""
        if self.role == "pic" and code not in self.kelurahan:
            raise Forbidden("kelurahan-not-yours", own=", ".join(self.kelurahan))
