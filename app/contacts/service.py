"""Contacts of a point: read with a record of it, kept with a reason and an end, deleted when that has come."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from uuid import UUID

from app.access.rights import Actor
from app.audit.record import Action, record
from app.contacts import queries
from app.contacts.schemas import AddedContacts, Contact, ContactTerms, KeptContact, contact_json
from app.db import WriteSession
from app.errors import Conflict, Fault, Invalid, NotFound
from app.idempotency import demand_same
from app.points.schemas import content_hash
from app.statement import Statement
from app.uuid7 import uuid7

AT_MOST = 20
ADDED_AT_ONCE = 5_000
LONGEST_TERM = timedelta(days=3653)


async def read(session: WriteSession, actor: Actor, point_id: UUID) -> list[KeptContact]:
    """All contacts of a point; who read them is recorded in the same statement. `NotFound` where the actor sees no such point."""
    actor.demand(Action.CONTACT_READ)
    kelurahan = await _point(session, queries.POINT, point_id)
    rows = await session.all(
        queries.READ, point_id=point_id, account_id=actor.id, action=Action.CONTACT_READ.value, kelurahan=kelurahan
    )  # fmt: skip
    return [contact_json(row) for row in rows]


async def add(session: WriteSession, actor: Actor, point_id: UUID, contact: Contact, today: date) -> tuple[KeptContact, bool]:
    """The contact, and whether it is new; False where the same was sent before under this id. `Conflict` where that was other content."""
    actor.demand(Action.CONTACT_WRITE)
    kelurahan = await _point(session, queries.HOLD, point_id)
    columns = _columns(contact, today)
    content = content_hash("contact", str(point_id), contact.model_dump(mode="json"))
    contact_id = contact.id or uuid7()
    if contact.id is not None and (known := await session.first(queries.FIND, id=contact_id, point_id=point_id)):
        demand_same(known["content_sha256"], content, Conflict("id-taken"))
        return contact_json(known), False
    if await session.value(queries.COUNT, point_id=point_id) >= AT_MOST:
        raise Conflict("contacts-full", most=AT_MOST)
    row = await session.first(
        queries.ADD, id=contact_id, point_id=point_id, kelurahan=kelurahan, content_sha256=content, account_id=actor.id, **columns
    )  # fmt: skip
    if row is None:
        raise Conflict("id-taken")
    await _record(session, actor, row, point_id, kelurahan)
    return contact_json(row), True


async def add_many(
    session: WriteSession, actor: Actor, people: Iterable[tuple[UUID, Mapping[str, str | None]]], terms: ContactTerms
) -> AddedContacts:
    """Contacts of many points, each `{role, name, phone}`; those that are there already are brought up to date."""
    actor.demand(Action.CONTACT_WRITE)
    total: AddedContacts = {"added": 0, "changed": 0, "same": 0, "left_out": 0}
    waiting = iter(people)
    while batch := list(islice(waiting, ADDED_AT_ONCE)):
        sent = [
            {"at": at, "id": str(uuid7()), "point_id": str(point_id), **person, "role": person["role"] or terms.role,
             "content_sha256": content_hash("contacts", str(point_id), person).hex()}
            for at, (point_id, person) in enumerate(batch)
        ]  # fmt: skip
        await session.all(queries.HOLD_MANY, points=sorted({point_id for point_id, _ in batch}))
        row = await session.one(
            queries.ADD_MANY, people=sent, legal_basis=terms.legal_basis, term_ends_on=terms.term_ends_on, account_id=actor.id,
            action=Action.CONTACT_WRITE.value, most=AT_MOST,
        )  # fmt: skip
        total = {
            "added": total["added"] + row["added"],
            "changed": total["changed"] + row["changed"],
            "same": total["same"] + row["same"],
            "left_out": total["left_out"] + row["left_out"],
        }
    return total


async def change(session: WriteSession, actor: Actor, point_id: UUID, contact_id: UUID, contact: Contact, today: date) -> KeptContact:
    """The contact as it is now. `NotFound` where there is none in the actor's sight."""
    actor.demand(Action.CONTACT_WRITE)
    if contact.id not in (None, contact_id):
        raise Invalid(faults=[Fault("/id", "id-differs")])
    kelurahan = await _point(session, queries.HOLD, point_id)
    row = await session.first(queries.CHANGE, id=contact_id, point_id=point_id, **_columns(contact, today))
    if row is None:
        raise NotFound("contact-unknown")
    await _record(session, actor, row, point_id, kelurahan)
    return contact_json(row)


async def remove(session: WriteSession, actor: Actor, point_id: UUID, contact_id: UUID) -> None:
    actor.demand(Action.CONTACT_WRITE)
    kelurahan = await _point(session, queries.HOLD, point_id)
    row = await session.first(queries.REMOVE, id=contact_id, point_id=point_id)
    if row is None:
        raise NotFound("contact-unknown")
    await _record(session, actor, row, point_id, kelurahan)


async def purge(session: WriteSession, on: date, *, keep: bool) -> dict[str, int]:
    """Deletes the contacts whose term ended before that day, unless they are only to be counted; their numbers by kelurahan."""
    numbers = {row["kelurahan"]: row["number"] for row in await session.all(queries.ENDED, on=on)}
    if not keep:
        await session.run(queries.PURGE, on=on)
        await record(session, Action.CONTACT_PURGE, on.isoformat(), detail={"contacts": sum(numbers.values())}, notify=False)
    return numbers


async def _point(session: WriteSession, statement: Statement[str | None], point_id: UUID) -> str:
    kelurahan = await session.value(statement, point_id=point_id)
    if kelurahan is None:
        raise NotFound("point-unknown")
    return kelurahan


def check_term(ends_on: date, today: date, where: str = "/term_ends_on") -> None:
    if not today <= ends_on <= today + LONGEST_TERM:
        raise Invalid(faults=[Fault(where, "term-out-of-range")])


def _columns(contact: Contact, today: date) -> dict[str, object]:
    check_term(contact.term_ends_on, today)
    return contact.model_dump(exclude={"id"})


async def _record(session: WriteSession, actor: Actor, row: queries.ContactId, point_id: UUID, kelurahan: str) -> None:
    # No listener learns of contacts, not even that there are any.
    await record(
        session, Action.CONTACT_WRITE, row["id"], account_id=actor.id, kelurahan=kelurahan, detail={"point": str(point_id)}, notify=False
    )  # fmt: skip
