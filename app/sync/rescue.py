"""What a colleague brings of a phone that cannot send: its changes are carried out as those of its owner, and it is kept who brought them."""

import base64
import binascii
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.access.rights import Actor, Role
from app.audit.record import Action, record
from app.db import WriteSession
from app.errors import Forbidden, TitikError, Unreadable
from app.sync import queries
from app.sync.schemas import Change
from app.sync.service import ChangeOutcome, carry_out
from app.wire import Instant, Wire, parse, read_json

MOST_CHANGES, MOST_PHOTOS = 500, 300


class RescueDraft(Wire):
    """A record without a place, as it was typed: the phone keeps it."""

    id: Annotated[str, Field(max_length=100)]
    category: Annotated[str, Field(max_length=100)]
    raw: Annotated[str | None, Field(max_length=1_000)]
    values: dict[str, object]


class RescuePhoto(Wire):
    """A photo of a point of the file, under the id that the phone has made for it."""

    id: Annotated[UUID, Field(strict=False)]
    point: Annotated[UUID, Field(strict=False)]
    type: Annotated[str, Field(max_length=100)]
    base64: str

    @property
    def content(self) -> bytes:
        """`Unreadable` where it is no base64."""
        try:
            return base64.b64decode(self.base64, validate=True)
        except binascii.Error:
            raise Unreadable("rescue-unreadable") from None


class RescueFile(Wire):
    """What was only on a phone, as its page saves it: `account` has recorded it and stays its writer; `changes` as `/sync` takes them."""

    titik_rescue: Literal[1]
    account: Annotated[str, Field(min_length=1, max_length=100)]
    saved_at: Instant
    changes: Annotated[list[object], Field(max_length=MOST_CHANGES)]
    drafts: Annotated[list[RescueDraft], Field(max_length=MOST_CHANGES)]
    photos: Annotated[list[RescuePhoto], Field(max_length=MOST_PHOTOS)]
    contacts_left_out: Annotated[int, Field(ge=0)]


def read_rescue(content: bytes) -> RescueFile:
    """`Unreadable` where it is no such file, or a damaged one."""
    try:
        return parse(RescueFile, read_json(content))
    except TitikError:
        raise Unreadable("rescue-unreadable") from None


async def find_writer(session: WriteSession, bringer: Actor, name: str) -> Actor:
    """Whoever has recorded it, with no more than the bringer may write as well. `Forbidden` where that is nothing, or the writer is gone."""
    bringer.demand(Action.RESCUE_BRING)
    row = await session.first(queries.WRITER, name=name)
    if row is None or row["role"] not in ("pic", "walidata"):
        raise Forbidden("rescue-writer-gone")
    role: Role = "pic" if "pic" in (row["role"], bringer.role) else "walidata"
    reaches = [set(kelurahan) for of, kelurahan in ((row["role"], row["kelurahan"]), (bringer.role, bringer.kelurahan)) if of == "pic"]
    common = set.intersection(*reaches) if reaches else set()
    if role == "pic" and not common:
        raise Forbidden("rescue-not-yours")
    return Actor(row["id"], row["name"], role, tuple(sorted(common)), bringer.categories)


async def act_for(session: WriteSession, writer: Actor) -> None:
    """From here on the transaction acts as the writer, within what the bringer may write."""
    await session.run(queries.ACT_FOR, account_id=writer.id, role=writer.role, kelurahan=list(writer.kelurahan))


async def bring(session: WriteSession, bringer: Actor, writer: Actor, change: Change, sent: dict[str, Any]) -> ChangeOutcome:
    """One change, as if its writer had sent it: the phone that sends the same later is told that it was carried out."""
    bringer.demand(Action.RESCUE_BRING)
    await act_for(session, writer)
    outcome = await carry_out(session, writer, change, sent)
    if bringer.id != writer.id and not outcome.repeated and outcome.feature is not None:
        number = outcome.feature["properties"]["version"]
        await session.run(queries.BROUGHT, bringer=bringer.id, writer=writer.id, point_id=change.point, number=number)
    detail: dict[str, object] = {
        "writer": writer.id,
        "client_id": str(change.client_id),
        "status": outcome.status,
        "repeated": outcome.repeated,
    }
    await record(session, Action.RESCUE_BRING, change.point, account_id=bringer.id, detail=detail, notify=False)
    return outcome
