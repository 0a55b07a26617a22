"""What a phone sends after it was offline: a list of changes, each with an id of its own and a result of its own."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

import orjson
from pydantic import Field

from app.errors import BadRequest, Fault, Invalid, TitikError
from app.profiles.schemas import VALUES_AT_ONCE, SentValue, WorkValue
from app.reviews.service import Reason
from app.wire import Accuracy, Answer, Id, Instant, Problem, Wire, parse, read_json

CHANGES_AT_ONCE = 500
Operation = Literal["create", "change", "delete", "submit"]
Done = Literal["created", "changed", "merged", "unchanged", "submitted", "closing", "withdrawn"]


class Change(Wire):
    """One change to one point, as the phone recorded it when it had no network."""

    client_id: Annotated[UUID, Field(strict=False)]
    """Made by the phone for this change, and sent again with it as long as there is no answer."""
    kind: Literal["point"] = "point"
    """Of what it is a change."""
    op: Operation
    point: Annotated[UUID, Field(strict=False)]
    """The id of the point; of a new one the phone makes it (UUIDv7)."""
    base: Annotated[int | None, Field(ge=1, le=2_000_000_000)] = None
    """The version that the change rests on."""
    after: Annotated[UUID | None, Field(strict=False)] = None
    """In place of `base`: the `client_id` of an earlier change to the same point, whose version the phone does not know yet."""
    draft: bool = False
    """Only keep it, do not submit it."""
    captured_at: Instant | None = None
    """When the phone recorded the change; of a place that the change brings, also its property of this name."""
    accuracy_m: Accuracy = None
    """How exact that place is; becomes its property of this name."""
    feature: dict[str, object] | None = None
    """`create`: the point as a GeoJSON Feature, with its category among the properties."""
    patch: dict[str, object] | None = None
    """`change`: a JSON merge patch (RFC 7396) on the Feature of the base."""
    reason: Reason | None = None
    """`delete`: why the point is to be closed."""


class ProfileChange(Wire):
    """Figures of a kelurahan and a period, as the phone recorded them: all of them or none, as `PUT /profiles/{kelurahan}/{period}`."""

    client_id: Annotated[UUID, Field(strict=False)]
    """As of a point."""
    kind: Literal["value"]
    kelurahan: Annotated[str, Field(max_length=20)]
    period: Annotated[str, Field(max_length=10)]
    values: Annotated[list[SentValue], Field(min_length=1, max_length=VALUES_AT_ONCE)]
    """`version`: that which the phone had in hand, 0 where there was none."""
    draft: bool = False
    """Only keep them, do not submit them."""


class Changes(Wire):
    """The body of a synchronisation."""

    changes: Annotated[list[Change | ProfileChange], Field(min_length=1, max_length=CHANGES_AT_ONCE)]


class Result(Answer):
    """What became of a change, with the point as it was then; or the `problem` that stood against it."""

    client_id: Id | None
    kind: Literal["point", "value"]
    """Of what it was a change."""
    status: Literal[Done, "conflict", "refused", "later", "failed"]
    code: int
    """The HTTP status that the change would have had alone."""
    id: NotRequired[Id]
    repeated: NotRequired[bool]
    """It had been carried out before."""
    version: NotRequired[int]
    feature: NotRequired[dict[str, object]]
    values: NotRequired[list[WorkValue]]
    """Of figures: those of the change, as they are now."""
    problem: NotRequired[Problem]


class Results(Answer):
    results: list[Result]
    """In the order of the changes."""


class RescuedPhoto(Answer):
    """What became of a photo of a rescue file."""

    id: Id
    point: Id
    status: Literal["stored", "refused", "later"]
    problem: NotRequired[Problem]


class RescueAnswer(Answer):
    """What became of a rescue file, change by change and photo by photo."""

    account: str
    """Who recorded it."""
    results: list[Result]
    photos: list[RescuedPhoto]
    drafts: int
    """Records without a place, which only their phone can complete."""
    contacts_left_out: int
    """Names and telephones that are on the phone alone."""


class _Envelope(Wire):
    changes: Annotated[list[object], Field(min_length=1, max_length=CHANGES_AT_ONCE)]


# Which members an operation needs, and which it may have beside them.
_MEMBERS: dict[Operation, tuple[set[str], set[str]]] = {
    "create": ({"feature"}, {"draft", "captured_at", "accuracy_m"}),
    "change": ({"patch"}, {"base", "after", "draft", "captured_at", "accuracy_m"}),
    "delete": (set(), {"base", "after", "reason", "captured_at"}),
    "submit": (set(), {"base", "after", "captured_at"}),
}


def read_changes(body: bytes) -> list[object]:
    """The changes, none of them looked at yet. `BadRequest`, `Invalid` where the body as a whole is no list of changes.

    What is wrong within one change is refused with that one: else a single wrong text would keep a phone from ever sending the others.
    """
    try:
        envelope = read_json(body)
    except TitikError as error:
        if {fault.code for fault in error.faults} - {"nul-character", "too-many-members"} or error.code == "body-not-json":
            raise
        envelope = _loosely(body, error)
    return parse(_Envelope, envelope).changes


def _loosely(body: bytes, error: TitikError) -> dict[str, object]:
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise error from None
    if not isinstance(envelope, dict) or len(envelope) > 1:
        raise error
    return envelope


def read_change(sent: object) -> Change:
    """`Invalid` with every fault of its form, by pointers within the change."""
    members = _shallow(sent)
    change = parse(Change, members)
    if faults := list(_misfits(change, {name for name, value in members.items() if value is not None})):
        raise Invalid(faults=faults)
    return change


def read_profile_change(sent: object) -> ProfileChange:
    """The same of a change of figures."""
    return parse(ProfileChange, _shallow(sent))


def kind_of(sent: Any) -> Literal["point", "value"]:
    """Of what a change is one, however wrong the rest of it is."""
    return "value" if isinstance(sent, dict) and sent.get("kind") == "value" else "point"


def _shallow(sent: object) -> dict[str, object]:
    if not isinstance(sent, dict):
        raise Invalid(faults=[Fault("", "not-an-object")])
    try:
        read_json(orjson.dumps(sent))
    except (BadRequest, orjson.JSONEncodeError) as error:
        # Reading goes deeper than writing.
        raise Invalid(faults=[Fault("", "too-deep")]) from error
    return sent


def _misfits(change: Change, sent: set[str]) -> Iterator[Fault]:
    needed, allowed = _MEMBERS[change.op]
    known = {"client_id", "kind", "op", "point"} | needed | allowed
    yield from (Fault(f"/{name}", "member-of-other-operation", {"op": change.op}) for name in sorted(sent - known))
    yield from (Fault(f"/{name}", "value-missing") for name in sorted(needed) if getattr(change, name) is None)
    if "base" in allowed and (change.base is None) == (change.after is None):
        yield Fault("/base", "base-or-after")


def client_id_of(sent: Any) -> str | None:
    """The id of a change, however wrong the rest of it is; None where there is none to read."""
    try:
        return str(UUID(sent["client_id"]))
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
