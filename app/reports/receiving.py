"""A report comes in: looked at, counted, stored with its photo, and made a task of the PIC. Nothing of the point changes."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import NamedTuple

from app.audit.record import Action, record
from app.categories import queries as categories
from app.categories.spellings import choice_of
from app.db import Database, Session, WriteSession
from app.errors import Conflict, Fault, Invalid, TooMany, Unavailable
from app.idempotency import demand_same, of_header
from app.inbox import service as inbox
from app.limits.windows import counted_as
from app.photos import queries as photos
from app.photos.developing import Darkroom, Picture, check_format
from app.photos.storing import has_pair, put_pair
from app.placement.locating import PlaceQuery, locate
from app.placement.rules import TOLERANCE_AT_MOST_M
from app.points.schemas import content_hash
from app.regions import queries as regions
from app.reports import queries, rules
from app.reports.schemas import NewReport
from app.storage.blobs import Store
from app.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Where reports are handed in: what it needs of the service."""

    database: Database
    photo_store: Store
    darkroom: Darkroom
    secret: bytes


class SentPhoto(NamedTuple):
    content: bytes
    media_type: str


class SentReport(NamedTuple):
    report: NewReport
    photo: SentPhoto | None
    key: str | None
    """An `Idempotency-Key`."""
    address: str


class ReportSubject(NamedTuple):
    """What a report is about, as far as it is understood."""

    kelurahan: str
    category: str


async def receive(desk: ReportDesk, sent: SentReport) -> tuple[str, bool]:
    """The number of the report, and whether it is new; False where the same came before with the same key.

    `Invalid` with what is wrong, `TooMany` from an address that has sent enough, `Conflict` where the key was used for other content.
    """
    if faults := list(rules.faults_of(sent.report)):
        raise Invalid(faults=faults)
    content, sender = _content_hash(sent), sender_key(desk.secret, "report", sent.address)
    async with desk.database.open_write() as session:
        if number := await _known(session, sent.key, content):
            return number, False
        await _demand_room(session, sender)
    subject = await _understand(desk.database.public, sent.report)
    picture = await _develop(desk, sent.photo)
    async with desk.database.open_write() as session:
        # Whoever sends the same twice at once waits here for the first.
        await session.run(queries.HOLD_SENDER, key=_lock_of(sent.key, sender))
        if number := await _known(session, sent.key, content):
            return number, False
        number = await _store(session, sent, subject, _hash_of(picture), content, sender)
    if picture is not None:
        await _put_unless_there(desk, picture)
    return number, True


def sender_key(secret: bytes, purpose: str, address: str) -> bytes:
    """What stands for an address: only with the key of the service can it be told which one that was."""
    return hmac.digest(secret, "\0".join((purpose, counted_as(address))).encode(errors="replace"), "sha256")


def _content_hash(sent: SentReport) -> bytes:
    photo = hashlib.sha256(sent.photo.content).hexdigest() if sent.photo else None
    return content_hash("report", sent.report.model_dump(mode="json"), photo)


def _lock_of(key: str | None, sender: bytes) -> bytes:
    return of_header(key).sha256 if key else sender


async def _known(session: WriteSession, key: str | None, content: bytes) -> str | None:
    """The number of the report that has come with this key. `Conflict` where that was another."""
    if key is None or (known := await session.first(queries.OF_KEY, key_sha256=of_header(key).sha256)) is None:
        return None
    demand_same(known["content_sha256"], content, Conflict("key-used"))
    return known["number"]


async def _demand_room(session: WriteSession, sender: bytes) -> None:
    if await session.value(queries.TIMES, key=sender, hours=rules.WITHIN_H) >= rules.A_DAY:
        seconds = await session.value(queries.WAIT_S, key=sender, hours=rules.WITHIN_H)
        raise TooMany("reports-of-address-full", seconds=seconds, hours=-(-seconds // 3600), most=rules.A_DAY)


async def _understand(session: Session, report: NewReport) -> ReportSubject:
    """`Invalid` for a point, a category or a place that the public does not know of."""
    if report.point is not None:
        point = await session.first(queries.PUBLISHED_POINT, id=report.point)
        if point is None:
            raise Invalid(faults=[Fault("/point", "report-point-unknown")])
        return ReportSubject(point["kelurahan"], point["category"])
    titles = {name: row["id"] for row in await categories.all_public(session) for name in (row["id"], *row["title"].values())}
    category = choice_of((report.category or "")[:64], tuple(titles))
    if category is None:
        raise Invalid(faults=[Fault("/category", "value-not-there", {"known": ", ".join(dict.fromkeys(titles.values()))})])
    return ReportSubject(await _kelurahan_of(session, report), titles[category])


async def _kelurahan_of(session: Session, report: NewReport) -> str:
    """The one that is named; else the one that the place lies in, or next to."""
    if report.kelurahan is not None:
        known = await regions.directory(session)
        if (found := known.find(report.kelurahan)) is None:
            raise Invalid(faults=[known.unknown("/kelurahan", report.kelurahan)])
        return found.code
    _, (around,) = await locate(session, [PlaceQuery(report.lon or 0.0, report.lat or 0.0)])
    nearest = around[0] if around else None
    if nearest is None or nearest.distance_m > TOLERANCE_AT_MOST_M:
        raise Invalid(faults=[Fault("/lon", "report-outside")])
    return nearest.code


async def _develop(desk: ReportDesk, photo: SentPhoto | None) -> Picture | None:
    """The picture without what the camera wrote into it; its bytes are kept before any row says so, outside of transactions."""
    if photo is None:
        return None
    check_format(photo.content, photo.media_type or None)
    picture = await desk.darkroom.develop(photo.content)
    await put_pair(desk.photo_store, hashlib.sha256(picture.content).digest(), (picture.content, picture.small))
    return picture


def _hash_of(picture: Picture | None) -> bytes | None:
    return hashlib.sha256(picture.content).digest() if picture else None


async def _put_unless_there(desk: ReportDesk, picture: Picture) -> None:
    """After the row is committed: a sweep may have taken the bytes that an earlier try had left. Now it cannot."""
    sha256 = hashlib.sha256(picture.content).digest()
    if not await has_pair(desk.photo_store, sha256):
        await put_pair(desk.photo_store, sha256, (picture.content, picture.small))


async def _store(
    session: WriteSession, sent: SentReport, subject: ReportSubject, photo_sha256: bytes | None, content: bytes, sender: bytes
) -> str:
    """Counted, stored, told and recorded in one transaction."""
    report, report_id, number = sent.report, uuid7(), rules.number_of(secrets.randbits(rules.BITS))
    if photo_sha256 is not None and not await session.value(photos.WRITING, sha256=photo_sha256):
        raise Unavailable("too-busy")
    await session.run(queries.HOLD_SENDER, key=sender)
    await _demand_room(session, sender)
    await session.run(queries.COUNT, key=sender)
    await session.run(
        queries.ADD, id=report_id, number=number, kind=report.kind, kelurahan=subject.kelurahan, category=subject.category, point_id=report.point,
        lon=report.lon, lat=report.lat, text=report.text or None, photo_sha256=photo_sha256,
        key_sha256=of_header(sent.key).sha256 if sent.key else None, content_sha256=content,
    )  # fmt: skip
    await inbox.tell(session, "report", report_id=report_id, kelurahan=subject.kelurahan, category=subject.category)
    await record(
        session, Action.REPORT_SEND, report_id, kelurahan=subject.kelurahan, category=subject.category,
        detail={"report": report.kind, "point": str(report.point) if report.point else None}, notify=False,
    )  # fmt: skip
    return number
