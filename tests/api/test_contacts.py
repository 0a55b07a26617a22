"""Names and telephones of people: who reads them, what is recorded of that, how they end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.connections import open_once
from app.contacts import service
from app.db import WriteSession
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, execute, submitted, value

pytestmark = pytest.mark.anyio


def a_contact(**changed: Any) -> dict[str, Any]:
    ends = (datetime.now(UTC).date() + timedelta(days=300)).isoformat()
    known = {"role": "ketua", "name": "Siti Aminah", "phone": "0812-3456.789", "legal_basis": "SK 12/2026", "term_ends_on": ends, **changed}
    return {name: value for name, value in known.items() if value is not None}


async def test_a_contact_is_kept_changed_read_and_deleted_and_all_of_it_recorded(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, name="pic-satu"), await as_role("walidata")
    point = await submitted(pic, a_feature())
    path = f"/points/{point['id']}/contacts"
    added = await pic.post(path, json=a_contact())
    assert (added.status_code, added.json()["phone"], added.headers["cache-control"]) == (201, "+628123456789", "private, no-store")
    assert added.headers["location"].endswith(f"{path}/{added.json()['id']}")
    changed = await pic.put(f"{path}/{added.json()['id']}", json=a_contact(name="Budi", phone=None))
    assert (changed.json()["name"], "phone" in changed.json()) == ("Budi", False)
    for who in (pic, walidata):
        assert (await who.get(path)).json()["contacts"] == [changed.json()]
    assert (await pic.delete(f"{path}/{added.json()['id']}")).status_code == 204
    assert (await pic.get(path)).json() == {"contacts": []}
    entries = await value(
        owner,
        "SELECT jsonb_agg(jsonb_build_array(action, detail) ORDER BY id) FROM titik.audit WHERE action LIKE 'contact.%' AND kelurahan = :code",
        code=MOJOROTO,
    )
    write, one = ["contact.write", {"point": point["id"]}], ["contact.read", {"contacts": 1}]
    assert entries == [write, write, one, one, write, ["contact.read", {"contacts": 0}]]
    assert await value(owner, "SELECT count(*) FROM titik.outbox WHERE type LIKE 'contact.%'") == 0
    everything = "SELECT (SELECT string_agg(a::text, ' ') FROM titik.audit a) || (SELECT string_agg(o::text, ' ') FROM titik.outbox o)"
    said = await value(owner, everything)
    assert not any(secret in said for secret in ("Siti", "Budi", "3456789"))


async def test_sending_it_twice_adds_one(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    path = f"/points/{(await submitted(pic, a_feature()))['id']}/contacts"
    body = a_contact(id=str(uuid7()))
    first, second = await pic.post(path, json=body), await pic.post(path, json=body)
    assert (first.status_code, second.status_code, first.content == second.content) == (201, 200, True)
    assert code_of(await pic.post(path, json=body | {"name": "Lain"})) == (409, "id-taken")
    assert await value(owner, "SELECT count(*) FROM titik.contact") == 1


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [({"phone": "dua belas"}, "/phone", "not-a-phone"), ({"phone": "123"}, "/phone", "not-a-phone"), ({"role": "raja"}, "/role", "not-one-of"),
     ({"legal_basis": None}, "/legal_basis", "value-missing"), ({"term_ends_on": "besok"}, "/term_ends_on", "not-a-date"),
     ({"term_ends_on": "2020-01-01"}, "/term_ends_on", "term-out-of-range"), ({"term_ends_on": "2999-01-01"}, "/term_ends_on", "term-out-of-range"),
     ({"nik": "3571"}, "/nik", "member-unknown")],
)  # fmt: skip
async def test_what_is_wrong_is_told_and_never_shown(as_role: AsRole, wrong: dict[str, Any], pointer: str, code: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    refused = await pic.post(f"/points/{(await submitted(pic, a_feature()))['id']}/contacts", json=a_contact(**wrong))
    assert refused.status_code == 422, refused.text
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(pointer, code)]
    assert "Siti" not in refused.text


async def test_a_point_has_at_most_twenty(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    path = f"/points/{(await submitted(pic, a_feature()))['id']}/contacts"
    statuses = [(await pic.post(path, json=a_contact(name=f"Kader {number}"))).status_code for number in range(21)]
    assert statuses == [201] * 20 + [409]


async def test_contacts_follow_their_point_to_another_kelurahan(as_role: AsRole) -> None:
    pic, next_door, walidata, second = (
        await as_role("pic", MOJOROTO),
        await as_role("pic", BUJEL),
        await as_role("walidata"),
        await as_role("walidata"),
    )
    point = await submitted(pic, a_feature())
    path = f"/points/{point['id']}/contacts"
    await pic.post(path, json=a_contact())
    item = f"/collections/posyandu/items/{point['id']}"
    moved = {"geometry": {"coordinates": [111.9895, -7.8001]}, "properties": {"kelurahan": BUJEL}}
    answer = await walidata.patch(item, json=moved, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    assert (await second.post(decision_of(answer.json()), json=PUBLISH)).status_code == 200
    assert [(await who.get(path)).status_code for who in (pic, next_door)] == [404, 200]


async def test_what_has_ended_is_purged_and_only_counted_in_the_record(as_role: AsRole, client: Client, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    path = f"/points/{(await submitted(pic, a_feature()))['id']}/contacts"
    for name in ("Siti", "Budi", "Ani"):
        await pic.post(path, json=a_contact(name=name))
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.contact SET term_ends_on = current_date - 1 WHERE name <> 'Ani'")
    for keep, left in ((True, 3), (False, 1)):
        async with open_once(database.owner_dsn) as session:
            assert await service.purge(session, datetime.now(UTC).date(), keep=keep) == {MOJOROTO: 2}
            assert await value(session, "SELECT count(*) FROM titik.contact") == left
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT jsonb_agg(detail) FROM titik.audit WHERE action = 'contact.purge'") == [{"contacts": 2}]
