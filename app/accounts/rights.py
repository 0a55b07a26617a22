"""Who may do what: one table, used by the routes, the audit and the tests."""

from dataclasses import dataclass
from typing import Literal

from app.audit import Action
from app.errors import Forbidden

Role = Literal["admin", "walidata", "pembina", "opd", "pic"]

RIGHTS: dict[Role, frozenset[Action]] = {
    "pic": frozenset({Action.POINT_SUBMIT, Action.POINT_READ_WORK}),
    "walidata": frozenset(
        {Action.POINT_SUBMIT, Action.POINT_READ_WORK, Action.REVIEW_READ, Action.REVISION_PUBLISH, Action.REVISION_RETURN}
    ),
    "pembina": frozenset(),
    "opd": frozenset(),
    "admin": frozenset({Action.EDITION_LOAD, Action.EDITION_ACTIVATE, Action.ACCOUNT_ADD, Action.TOKEN_ISSUE}),
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

    def demand_kelurahan(self, code: str) -> None:
        """`Forbidden` when a PIC writes for a kelurahan that is not its own."""
        if self.role == "pic" and code not in self.kelurahan:
            raise Forbidden("kelurahan-not-yours", own=", ".join(self.kelurahan))
