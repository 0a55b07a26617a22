"""Who may do what: one table, used by the routes, the audit and the tests."""

from dataclasses import dataclass
from typing import Literal

from app.audit import Action
from app.errors import Forbidden

Role = Literal["admin", "walidata", "pembina", "opd", "pic"]

# What everybody with an account may do with what is their own.
_OWN = frozenset({Action.ME_READ, Action.PASSWORD_CHANGE, Action.TOKEN_READ, Action.TOKEN_ISSUE, Action.TOKEN_REVOKE})
_WRITING = frozenset(
    {
        Action.POINT_READ_WORK,
        Action.POINT_DRAFT,
        Action.POINT_SUBMIT,
        Action.POINT_CHANGE,
        Action.POINT_CLOSE,
        Action.REVISION_SUBMIT,
        Action.REVISION_WITHDRAW,
        Action.CONTACT_READ,
        Action.CONTACT_WRITE,
    }
)
_REVIEWING = frozenset({Action.REVIEW_READ, Action.REVISION_PUBLISH, Action.REVISION_RETURN, Action.REVISION_UNPUBLISH})
_MANAGING = frozenset(
    {
        Action.EDITION_LOAD,
        Action.EDITION_ACTIVATE,
        Action.ACCOUNT_READ,
        Action.ACCOUNT_ADD,
        Action.ACCOUNT_CHANGE,
        Action.ACCOUNT_HAND_OVER,
        Action.ACCOUNT_RESET_PASSWORD,
        Action.CONTACT_PURGE,
    }
)

RIGHTS: dict[Role, frozenset[Action]] = {
    "pic": _OWN | _WRITING,
    "walidata": _OWN | _WRITING | _REVIEWING,
    "pembina": _OWN,
    "opd": _OWN,
    "admin": _OWN | _MANAGING,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `kelurahan` are the codes that a PIC writes for."""

    id: int
    name: str
    role: Role
    kelurahan: tuple[str, ...] = ()
    categories: int = 0
    """Tells whether the categories that a worker remembers are still those of the database."""

    def may(self, action: Action) -> bool:
        return action in RIGHTS[self.role]

    def demand(self, action: Action) -> None:
        """`Forbidden` unless the role may do this."""
        if not self.may(action):
            raise Forbidden(role=self.role)

    def demand_one_of(self, actions: frozenset[Action]) -> None:
        """`Forbidden` unless the role may do one of these; nothing where there are none."""
        if actions and not any(self.may(action) for action in actions):
            raise Forbidden(role=self.role)

    def demand_kelurahan(self, code: str) -> None:
        """`Forbidden` when a PIC writes for a kelurahan that is not its own."""
        if self.role == "pic" and code not in self.kelurahan:
            raise Forbidden("kelurahan-not-yours", own=", ".join(self.kelurahan))
