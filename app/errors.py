"""What can go wrong, in the words of the domain. Knows no HTTP: `http/problems.py` turns these into answers.

An error has a `code` (a few words, stable, part of the contract), the facts that its sentences need, and perhaps
faults: the single places of the input that are wrong. The sentences themselves live in `messages.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.language import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place of an input: where (a JSON pointer, or the name of a parameter), what, and the facts of its sentence."""

    where: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def escape_pointer(part: str) -> str:
    """One step of a JSON pointer (RFC 6901 §3), kept short: a name that a client made up may be of any length."""
    return part[:100].replace("~", "~0").replace("/", "~1")


class TitikError(Exception):
    """`code` names the error; `facts` fill its sentences; `members` are shown to the client as they are."""

    code = "server-error"

    def __init__(
        self,
        code: str | None = None,
        *,
        faults: Sequence[Fault] = (),
        members: Mapping[str, object] | None = None,
        **facts: object,
    ) -> None:
        self.code = code or type(self).code
        self.faults = tuple(faults)
        self.members = dict(members or {})
        self.facts = facts
        super().__init__(self.code)


class Unauthenticated(TitikError):
    """Nobody, or nobody known, is asking."""

    code = "token-missing"


class Forbidden(TitikError):
    """The actor is known but may not do this."""

    code = "action-forbidden"


class NotFound(TitikError):
    """There is no such thing, or none that the actor may know of."""

    code = "not-found"


class Gone(TitikError):
    """It was there, and will not be there again; the answer says where to begin anew."""

    code = "changes-restarted"


class BadRequest(TitikError):
    """A parameter, or a body that cannot be read at all."""

    code = "parameter-invalid"


class Invalid(TitikError):
    """A body that can be read but breaks the rules; `faults` say where."""

    code = "body-invalid"


class Unreadable(TitikError):
    """A file that cannot be read as a table of places, or not safely."""

    code = "file-unreadable"


class Misplaced(TitikError):
    """The coordinate is not where the feature says it is (`point-elsewhere`, `point-outside`, `kelurahan-unclear`)."""

    code = "point-elsewhere"


class Conflict(TitikError):
    """The state of the thing does not allow this, or no longer."""

    code = "conflict"


class Unconditional(TitikError):
    """A change that does not say which version it rests on."""

    code = "version-missing"


class Stale(TitikError):
    """The thing has changed since the client read it; the answer tells what."""

    code = "version-stale"


class TooMany(TitikError):
    """More requests than one may send; `seconds` tells when to try again."""

    code = "rate-limited"


class TooSlow(TitikError):
    """The request did not arrive in time."""

    code = "request-too-slow"


class WrongMedia(TitikError):
    """A body of a type (`media-type-unsupported`) or in an encoding (`encoding-unsupported`) that is not read here."""

    code = "media-type-unsupported"


class AddressTooLong(TitikError):
    """An address of more bytes than any of ours has."""

    code = "address-too-long"


class HeadTooLarge(TitikError):
    """More headers, or larger ones, than any request needs."""

    code = "head-too-large"


class TooLarge(TitikError):
    """More than the service takes in one request."""

    code = "body-too-large"


class BeyondEnd(TitikError):
    """A part of a file that is not so long."""

    code = "range-beyond-end"


class Unavailable(TitikError):
    """The database does not answer now; trying again later is right."""

    code = "database-unavailable"


class OperatorError(TitikError):
    """Something that only the operator of the service can mend. The command line shows `text` and ends with 1."""

    code = "operator"

    def __init__(self, code: str, text: Text, **facts: object) -> None:
        super().__init__(code)
        self.text = text
        self.facts = facts


def from_constraint(name: str | None) -> TitikError | None:
    """The error that a violated constraint means; None where only a fault of ours can have violated it."""
    return {
        "uq_revision_open": Conflict("revision-open"),
        "uq_revision_point_id_number": Conflict("revision-open"),
        "uq_revision_published": Conflict("revision-decided"),
        "ck_revision_four_eyes": Forbidden("own-revision"),
        "ck_revision_not_by_bringer": Forbidden("own-revision"),
        "ck_account_admin": Forbidden("only-administrator"),
        "uq_account_oidc_subject": Conflict("account-bound"),
        "category_changing": Unavailable("category-changing"),
        "ck_boundary_edition_used": Conflict("edition-used"),
        "fk_revision_edition_id": Conflict("edition-used"),
        "fk_placement_change_edition_id": Conflict("edition-used"),
        "fk_import_edition_id": Conflict("edition-used"),
    }.get(name or "")
