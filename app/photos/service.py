"""Photos of a point: added once however often they are sent, looked at by who works on it, removed."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import NOTHING, PHOTO, Action, Hashed, record
from app.db import ReadSession, Row, WriteSession
from app.errors import Conflict, NotFound, Unavailable
from app.idempotency import demand_same
from app.photos import queries
from app.photos.developing import Picture
from app.photos.queries import PhotoRow, PublishedPhotoRow
from app.photos.rules import AT_MOST, judge
from app.photos.storing import has_pair, put_pair
from app.points import queries as points
from app.published.catalogue import Half
from app.regions.queries import read_cities
from app.storage.blobs import Store
from app.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo as it was sent: for which point, under which id (None: it gets one), and the hash of its bytes."""

    point_id: UUID
    photo_id: UUID | None
    sha256: bytes

    @classmethod
    def of(cls, point_id: UUID, photo_id: UUID | None, content: bytes) -> "Sent":
        return cls(point_id, photo_id, hashlib.sha256(content).digest())


async def expect(session: WriteSession, actor: Actor, sent: Sent) -> PhotoRow | None:
    """The photo where it is there already; None where it may come. Asked before anybody decodes it.

    `NotFound` where the actor sees no such point, `Conflict` where there is no room, or the id belongs to other bytes.
    """
    actor.demand(Action.PHOTO_ADD)
    await _current(session, sent.point_id)
    return await _known(session, sent)


async def is_kept(store: Store, row: PhotoRow) -> bool:
    """Whether the bytes of a photo that is known are there."""
    return await has_pair(store, row["sha256"])


async def keep(store: Store, picture: Picture, row: PhotoRow | None = None) -> None:
    """Puts the bytes there, outside of any transaction: a bucket that hangs keeps nobody from a connection. `row`: the photo that has lost them;
    what is developed again, perhaps by a newer decoder, lies where that is looked for.
    """
    await put_pair(store, row["sha256"] if row else _hash_of(picture), (picture.content, picture.small))


async def keep_unless_swept(store: Store, picture: Picture, row: PhotoRow) -> None:
    """After the row is committed: a sweep may have taken bytes that an earlier try had left, and with them those of this one. Now it cannot."""
    if not await has_pair(store, row["sha256"]):
        await keep(store, picture, row)


def _hash_of(picture: Picture) -> bytes:
    return hashlib.sha256(picture.content).digest()


async def add(session: WriteSession, actor: Actor, sent: Sent, picture: Picture) -> tuple[PhotoRow, bool]:
    """The photo, and whether it is new. Its bytes are there already (`keep`): what is acknowledged can be fetched. `Unavailable` for the moment
    in which a sweep removes such bytes.
    """
    actor.demand(Action.PHOTO_ADD)
    sha256 = _hash_of(picture)
    if not await session.value(queries.WRITING, sha256=sha256):
        raise Unavailable("too-busy")
    kelurahan = await session.value(queries.HOLD, point_id=sent.point_id)
    if kelurahan is None:
        raise NotFound("point-unknown")
    current = await _current(session, sent.point_id)
    if known := await _known(session, sent):
        return known, False
    shot = picture.shot.by((await read_cities(session)).zone_of(kelurahan)) if picture.shot.is_of_clock else picture.shot
    found = judge(shot, current, datetime.now(UTC))
    row = await session.first(
        queries.ADD,
        id=sent.photo_id or uuid7(), point_id=sent.point_id, kelurahan=kelurahan, number=current["version"], account_id=actor.id,
        sha256=sha256, source_sha256=sent.sha256, width=picture.width, height=picture.height, bytes=len(picture.content),
        taken_at=shot.taken_at, distance_m=found.distance_m, flags=list(found.flags),
    )  # fmt: skip
    if row is None:
        raise Conflict("id-taken")
    await _record(session, actor, Action.PHOTO_ADD, row["id"], sent.point_id, kelurahan, hashed=PHOTO)
    return row, True


async def of_point(session: WriteSession, actor: Actor, point_id: UUID) -> list[PhotoRow] | None:
    """All photos, for those who work on the point; None where the actor is not one of them."""
    if not actor.may(Action.PHOTO_READ) or await session.value(queries.POINT, point_id=point_id) is None:
        return None
    return await session.all(queries.OF_POINT, point_id=point_id)


async def shown_of_point(session: ReadSession, half: Half, point_id: UUID) -> list[PublishedPhotoRow]:
    """Those that the walidata has published with the point."""
    statement = queries.PUBLIC_OF_POINT if half == "published" else queries.INTERNAL_OF_POINT
    return await session.all(statement, point_id=point_id)


async def remove(session: WriteSession, actor: Actor, point_id: UUID, photo_id: UUID) -> None:
    """Its bytes go later, when nothing can need them any more (`sweeping.py`)."""
    actor.demand(Action.PHOTO_REMOVE)
    kelurahan = await session.value(queries.HOLD, point_id=point_id)
    if kelurahan is None:
        raise NotFound("point-unknown")
    if await session.value(queries.REMOVE, id=photo_id, point_id=point_id) is None:
        raise NotFound("photo-unknown")
    await _record(session, actor, Action.PHOTO_REMOVE, photo_id, point_id, kelurahan)


async def _current(session: WriteSession, point_id: UUID) -> Row:
    current = await points.newest(session, None, point_id)
    if current is None:
        raise NotFound("point-unknown")
    return current


async def _known(session: WriteSession, sent: Sent) -> PhotoRow | None:
    """Under its id; without one, by its bytes: the same photo of the same point is the same photo."""
    rows = await session.all(queries.OF_POINT, point_id=sent.point_id)
    for row in rows:
        if row["id"] == sent.photo_id:
            demand_same(row["source_sha256"], sent.sha256, Conflict("id-taken"))
        if row["source_sha256"] == sent.sha256 and sent.photo_id in (None, row["id"]):
            return row
    if len(rows) >= AT_MOST:
        raise Conflict("photos-full", most=AT_MOST)
    return None


async def _record(
    session: WriteSession, actor: Actor, action: Action, photo_id: UUID, point_id: UUID, kelurahan: str, hashed: Hashed = NOTHING
) -> None:
    # Most photos are nobody's business outside, and those that are come with a revision.
    detail: dict[str, object] = {"point": str(point_id)}
    await record(session, action, photo_id, account_id=actor.id, kelurahan=kelurahan, detail=detail, notify=False, hashed=hashed)
