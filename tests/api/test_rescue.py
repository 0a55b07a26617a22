"""Rescue files: what a phone could not send, brought by a colleague. The writer stays the writer, the bringer is known, and twice is once."""

import asyncio
import base64
from typing import Any

import orjson
import pytest

from app.db import WriteSession
from app.errors import Forbidden
from app.uuid7 import uuid7
from tests.api.test_sync import a_change, a_create, sync_all
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, code_of, value
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


def a_file(account: str, *changes: Json, photos: list[Json] | None = None, **members: object) -> bytes:
    return orjson.dumps(
        {"titik_rescue": 1, "account": account, "saved_at": "2026-11-30T08:00:00Z", "changes": changes, "drafts": [], "photos": photos or [],
         "contacts_left_out": 0} | members
    )  # fmt: skip


def photo_of(point: str) -> Json:
    return {"id": str(uuid7()), "point": point, "type": "image/jpeg", "base64": base64.b64encode(a_photo()).decode()}


async def brought(by: Client, content: bytes) -> Json:
    answer = await by.post("/sync/rescue", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


WRITERS = """
    SELECT array_agg(DISTINCT w.name || ' ' || coalesce(b.name, '-')) FROM titik.revision r
      JOIN titik.account w ON w.id = r.created_by LEFT JOIN titik.account b ON b.id = r.brought_by
"""


async def test_the_writer_stays_the_writer_and_the_bringer_is_known(as_role: AsRole, owner: WriteSession) -> None:
    writer, colleague = await as_role("pic", MOJOROTO, name="pic-tulis"), await as_role("pic", MOJOROTO, BUJEL, name="pic-bawa")
    first, second = a_create(name="Posyandu Anggrek"), a_create(9, name="Posyandu Dahlia")
    content = a_file("pic-tulis", first, second, photos=[photo_of(first["point"])])
    found = await brought(colleague, content)
    assert [one["status"] for one in found["results"]] == ["created", "created"]
    assert (found["account"], [one["status"] for one in found["photos"]]) == ("pic-tulis", ["stored"])
    assert await value(owner, WRITERS) == ["pic-tulis pic-bawa"]
    # The same file again, and then the phone itself: nothing is doubled, and both are told that it was carried out.
    again = await brought(colleague, content)
    assert [(one["status"], one["repeated"]) for one in again["results"]] == [("created", True)] * 2
    assert [one["repeated"] for one in await sync_all(writer, first, second)] == [True, True]
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 2
    assert await value(owner, "SELECT count(*) FROM titik.photo") == 1
    audit = "SELECT array_agg(DISTINCT a.name || ' ' || u.action) FROM titik.audit u JOIN titik.account a ON a.id = u.account_id"
    assert {"pic-bawa rescue.bring", "pic-tulis point.submit"} <= set(await value(owner, audit))
    work = (await writer.get("/collections/posyandu/items?view=work")).json()["features"]
    assert {one["properties"]["name"] for one in work} == {"Posyandu Anggrek", "Posyandu Dahlia"}


async def test_two_bring_the_same_file_at_once(as_role: AsRole, owner: WriteSession) -> None:
    await as_role("pic", MOJOROTO, name="pic-tulis")
    one, other = await as_role("pic", MOJOROTO), await as_role("walidata")
    content = a_file("pic-tulis", *(a_create(n, name=f"Posyandu {n}") for n in range(5)))
    found = await asyncio.gather(brought(one, content), brought(other, content), brought(one, content))
    assert {result["status"] for each in found for result in each["results"]} == {"created"}
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 5


async def test_whoever_brings_does_not_decide(as_role: AsRole, owner: WriteSession) -> None:
    await as_role("pic", MOJOROTO, name="pic-tulis")
    bringer, other = await as_role("walidata"), await as_role("walidata")
    await brought(bringer, a_file("pic-tulis", a_create()))
    revision = str(await value(owner, "SELECT id FROM titik.revision"))
    publish = {"decision": "publish"}
    refused = await bringer.post(f"/reviews/{revision}/decision", json=publish)
    assert code_of(refused) == (403, "own-revision")
    many = (await bringer.post("/reviews/decisions", json={**publish, "revisions": [revision]})).json()
    assert "own-revision" in str(many)
    with pytest.raises(Forbidden, match="own-revision"):
        await value(
            owner, "UPDATE titik.revision SET decided_by = brought_by, decided_at = now(), state = 'published' WHERE id = :id RETURNING 1",
            id=revision,
        )  # fmt: skip
    assert (await other.post(f"/reviews/{revision}/decision", json=publish)).status_code == 200


async def test_nobody_brings_more_than_both_may_write(as_role: AsRole, owner: WriteSession) -> None:
    await as_role("pic", MOJOROTO, BUJEL, name="pic-dua")
    await as_role("opd", name="opd-satu")
    colleague, stranger = await as_role("pic", BUJEL), await as_role("pic", "35.71.01.1010")
    content = a_file("pic-dua", a_create(), a_change(str(uuid7()), 1, rw="2"))
    found = await brought(colleague, content)
    assert [one["status"] for one in found["results"]] == ["refused", "refused"]
    for by, name, code in (
        (stranger, "pic-dua", "rescue-not-yours"),
        (colleague, "opd-satu", "rescue-writer-gone"),
        (colleague, "hantu", "rescue-writer-gone"),
    ):
        answer = await by.post("/sync/rescue", content=a_file(name, a_create()), headers={"Content-Type": "application/json"})
        assert code_of(answer) == (403, code)
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Nama;Lintang\n",
        b"[]",
        b'{"titik_rescue": 2}',
        a_file("", a_create()),
        a_file("pic", photos=[{"id": "x"}]),
        a_file("pic", more=1),
    ],
)
async def test_what_is_no_rescue_file_is_refused_with_what_to_do(as_role: AsRole, content: bytes) -> None:
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.post("/sync/rescue", content=content, headers={"Content-Type": "application/json"})
    assert code_of(answer) == (422, "rescue-unreadable")
    assert "Catat" in answer.json()["hint"]


async def test_what_is_wrong_with_one_record_stops_no_other(as_role: AsRole, owner: WriteSession) -> None:
    await as_role("pic", MOJOROTO, name="pic-tulis")
    colleague = await as_role("pic", MOJOROTO)
    damaged = photo_of(str(uuid7())) | {"base64": "bukan base64!"}
    draft = {"id": "d1", "category": "posyandu", "raw": "-7,8 112", "values": {"name": "Posyandu Tanpa Letak"}}
    found = await brought(
        colleague,
        a_file("pic-tulis", a_create(warna="merah"), {"op": "x"}, a_create(9), photos=[damaged], drafts=[draft], contacts_left_out=2),
    )
    assert [one["status"] for one in found["results"]] == ["refused", "refused", "created"]
    assert (found["photos"][0]["status"], found["drafts"], found["contacts_left_out"]) == ("refused", 1, 2)
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 1
