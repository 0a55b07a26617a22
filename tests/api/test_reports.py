"""Anybody reports, without an account; the PIC answers; nothing of the point changes, and nothing leads back to who has sent it."""

import asyncio
import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.connections import open_once
from app.db import Database
from app.photos.storing import has_pair, photo_store
from app.photos.sweeping import sweep
from app.reports import receiving, rules, service
from app.reports.personal import tells_of_person
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, a_report, code_of, execute, published, value
from tests.photographs import WORDS, a_photo, opened

pytestmark = pytest.mark.anyio

Json = dict[str, Any]
NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
TEXT = "Papan namanya tertukar dengan posyandu sebelah"


@pytest.fixture
async def point(as_role: AsRole) -> str:
    """A published posyandu of Mojoroto."""
    feature = await published(await as_role("pic", MOJOROTO, name="pemilik"), await as_role("walidata"), a_feature())
    return str(feature["id"])


def an_error(point: str, **more: object) -> Json:
    return {"kind": "error", "point": point, "text": TEXT, **more}


async def sent(client: Client, report: Json, **options: Any) -> Json:
    answer = await client.post("/reports", json=report, **options)
    assert answer.status_code == 201, answer.text
    receipt: Json = answer.json()
    return receipt


async def everything(settings: Settings) -> str:
    """All rows of all tables, as one text."""
    async with open_once(settings.owner_dsn) as session:
        names = await value(
            session,
            "SELECT array_agg(c.oid::regclass::text) FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text"
            " IN ('titik', 'published', 'internal', 'queue', 'public') AND c.relname NOT IN ('spatial_ref_sys', 'boundary', 'area_shape', 'edition_area')",
        )
        return "\n".join([str(await value(session, f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t")) for name in names])


async def of_points(settings: Settings) -> str:
    tables = (
        "titik.point",
        "titik.revision",
        "published.item",
        "internal.item",
        "published.change",
        "titik.outbox",
        "published.collection",
    )
    async with open_once(settings.owner_dsn) as session:
        return "\n".join([str(await value(session, f"SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {one} t")) for one in tables])


# -- sending


async def test_anybody_reports_and_finds_the_answer_by_its_number(client: Client, as_role: AsRole, point: str, database: Settings) -> None:
    before = await of_points(database)
    answer = await client.post("/reports", json=an_error(point))
    assert answer.status_code == 201
    receipt = answer.json()
    assert NUMBER.fullmatch(receipt["number"])
    assert answer.headers["location"] == receipt["href"] == f"http://titik.test/reports/{receipt['number']}"
    found = (await client.get(f"/reports/{receipt['number'].lower().replace('-', ' ')}")).json()
    assert found == {
        "number": receipt["number"], "kind": "error", "state": "received", "created_at": found["created_at"], "kelurahan": MOJOROTO, "category": "posyandu",
        "point": point,
    }  # fmt: skip

    pic = await as_role("pic", MOJOROTO)
    (task,) = (await pic.get("/reports")).json()["reports"]
    assert (task["text"], task["name"], task["kelurahan_name"], task["personal"]) == (TEXT, "Posyandu Melati", "Mojoroto", False)
    begun = await pic.post(f"/reports/{receipt['number']}/answer", json={"state": "in-progress"})
    assert (begun.status_code, begun.json()["state"]) == (200, "in-progress")
    closing = {"state": "closed", "outcome": "fixed", "answer": "Papan sudah diganti."}
    closed = (await pic.post(f"/reports/{receipt['number']}/answer", json=closing)).json()
    assert closed["deleted_at"][:10] > closed["closed_at"][:10]

    found = (await client.get(f"/reports/{receipt['number']}")).json()
    assert (found["state"], found["outcome"], found["answer"]) == ("closed", "fixed", "Papan sudah diganti.")
    assert TEXT not in str(found)
    assert await of_points(database) == before


@pytest.mark.parametrize(
    ("report", "faults"),
    [
        ({"kind": "error"}, {"/point": "report-of-point", "/text": "report-without-text"}),
        ({"kind": "gone", "text": "   "}, {"/point": "report-of-point", "/text": "report-without-text"}),
        ({"kind": "missing", "text": "Ada pos baru"}, {"/category": "value-missing", "/kelurahan": "report-without-place"}),
        ({"kind": "missing", "text": "x", "category": "posyandu", "lon": 112.0}, {"/lat": "value-missing"}),
        ({"kind": "missing", "text": "x", "category": "posyandu", "lon": 110.0, "lat": -7.0}, {"/lon": "report-outside"}),
        ({"kind": "missing", "text": "x", "category": "kolam", "kelurahan": "Mojoroto"}, {"/category": "value-not-there"}),
        ({"kind": "missing", "text": "x", "category": "posyandu", "kelurahan": "Ngawur"}, {"/kelurahan": "kelurahan-unknown"}),
        ({"kind": "other", "text": "x"}, {"/kind": "not-one-of"}),
        ({"kind": "confirm", "point": str(uuid7())}, {"/point": "report-point-unknown"}),
        ({"kind": "confirm", "point": str(uuid7()), "text": "x" * 1001}, {"/text": "text-too-long"}),
        ({"kind": "confirm", "point": str(uuid7()), "name": "Siti"}, {"/name": "member-unknown"}),
    ],
)
async def test_what_is_wrong_is_said_where_it_is(client: Client, report: Json, faults: dict[str, str]) -> None:
    answer = await client.post("/reports", json=report)
    assert answer.status_code == 422, answer.text
    assert {one["pointer"]: one["code"] for one in answer.json()["errors"]} == faults


async def test_what_is_missing_is_reported_by_kelurahan_or_by_coordinate(client: Client, as_role: AsRole) -> None:
    missing = {"kind": "missing", "category": "Pos Kamling", "text": "Di ujung gang dekat makam"}
    numbers = [
        (await sent(client, missing | place))["number"]
        for place in (
            {"kelurahan": "bujel"},
            {"lon": IN_MOJOROTO[0], "lat": IN_MOJOROTO[1]},
            {"kelurahan": BUJEL, "lon": 112.0, "lat": -7.8},
        )
    ]
    found = [(await client.get(f"/reports/{number}")).json() for number in numbers]
    assert [(one["kelurahan"], one["category"]) for one in found] == [
        (BUJEL, "pos_kamling"),
        (MOJOROTO, "pos_kamling"),
        (BUJEL, "pos_kamling"),
    ]
    assert [one["number"] for one in (await (await as_role("pic", BUJEL)).get("/reports")).json()["reports"]] == [numbers[2], numbers[0]]


async def test_a_point_that_is_not_public_is_none_to_report_of(client: Client, as_role: AsRole) -> None:
    draft = await (await as_role("pic", MOJOROTO)).post("/collections/posyandu/items?draft=true", json=a_feature())
    answer = await client.post("/reports", json={"kind": "confirm", "point": draft.json()["id"]})
    assert [one["code"] for one in answer.json()["errors"]] == ["report-point-unknown"]


async def test_the_same_again_with_its_key_is_the_same_report(client: Client, as_role: AsRole, point: str) -> None:
    headers = {"Idempotency-Key": "0190b5a0-7000-lapor-1"}
    answers = await asyncio.gather(*(client.post("/reports", json=an_error(point), headers=headers) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 200, 201]
    assert len({one.json()["number"] for one in answers}) == 1
    other = await client.post("/reports", json=an_error(point, text="Lain lagi"), headers=headers)
    assert code_of(other) == (409, "key-used")
    assert (await (await as_role("pic", MOJOROTO)).get("/reports")).json()["numberReturned"] == 1


@pytest.mark.parametrize(
    "text", ["Hubungi 0812-3456-7890", "NIK saya 3571014107900001", "surel warga@contoh.id saja", "Kata Bu Ani sudah pindah"]
)
async def test_what_tells_of_a_person_is_taken_and_pointed_out(client: Client, as_role: AsRole, point: str, text: str) -> None:
    assert tells_of_person(text)
    receipt = await sent(client, an_error(point, text=text))
    assert receipt["personal"] is True
    (task,) = (await (await as_role("pic", MOJOROTO)).get("/reports")).json()["reports"]
    assert (task["personal"], task["text"]) == (True, text)


async def test_a_report_of_the_public_leaves_no_word_for_listeners(client: Client, as_role: AsRole, point: str, database: Settings) -> None:
    number = (await sent(client, an_error(point)))["number"]
    pic = await as_role("pic", MOJOROTO)
    await pic.post(f"/reports/{number}/answer", json={"state": "closed", "outcome": "nothing-to-do", "answer": "Sudah benar."})
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.outbox WHERE type LIKE 'report%'") == 0
        deeds = "SELECT jsonb_agg(jsonb_build_array(action, account_id IS NULL, kelurahan, detail) ORDER BY id) FROM titik.audit WHERE action LIKE 'report.%'"
        assert await value(session, deeds) == [
            ["report.send", True, MOJOROTO, {"report": "error", "point": point, "category": "posyandu"}],
            ["report.answer", False, MOJOROTO, {"state": "closed", "outcome": "nothing-to-do", "category": "posyandu"}],
        ]


# -- with a photo


def form_of(report: Json) -> dict[str, str]:
    return {name: str(one) for name, one in report.items()}


async def test_a_photo_comes_in_a_form_and_loses_what_it_told(client: Client, as_role: AsRole, point: str, database: Settings) -> None:
    original = a_photo(size=(3000, 2000), taken="2026:11:24 08:30:00")
    assert b"Kamera Rahasia" in original
    answer = await client.post("/reports", data=form_of(an_error(point)), files={"photo": ("IMG_1.jpg", original, "image/jpeg")})
    assert answer.status_code == 201, answer.text
    at = f"/reports/{answer.json()['number']}/photo"
    pic, foreign = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL)
    picture = await pic.get(at)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(picture.content)) as image:
        assert (max(image.size), dict(image.getexif())) == (2048, {})
    assert b"Kamera" not in picture.content
    assert [code_of(await who.get(at)) for who in (client, foreign, await as_role("opd"))] == [(404, "report-photo-unknown")] * 3
    assert "photo" not in (await client.get(at.removesuffix("/photo"))).json()
    small = await pic.get(f"{at}?size=small")
    assert max(opened(small.content).size) == 320


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [(b"GIF89a" + WORDS, "image/gif", "photo-format"), (b"\xff\xd8\xff" + WORDS, "image/jpeg", "photo-unreadable")],
)
async def test_what_is_no_photo_is_refused_and_nothing_is_kept(
    client: Client, point: str, database: Settings, content: bytes, media_type: str, code: str
) -> None:
    answer = await client.post("/reports", data=form_of(an_error(point)), files={"photo": ("a.jpg", content, media_type)})
    assert code_of(answer) == (422, code)
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.report") == 0


@pytest.mark.parametrize("body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n", b"nonsense"])
async def test_a_form_that_is_none_is_refused(client: Client, body: bytes) -> None:
    answer = await client.post("/reports", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_fields_of_a_form_are_read_as_members_of_json_are(client: Client) -> None:
    report = {"kind": "missing", "category": "posyandu", "lon": "112.0016", "lat": "-7,8041", "text": "Posyandu\0 baru"}
    answer = await client.post("/reports", data=report, files={"photo": ("", b"", "application/octet-stream")})
    assert {one["pointer"]: one["code"] for one in answer.json()["errors"]} == {"/lat": "not-a-number"}
    assert (await client.post("/reports", data=report | {"lat": "-7.8041"}, files={"x": ("", b"")})).status_code == 201


# -- who sees what


async def test_the_walidata_shows_text_and_photo_and_hides_them_again(client: Client, as_role: AsRole, point: str) -> None:
    answer = await client.post("/reports", data=form_of(an_error(point)), files={"photo": ("a.jpg", a_photo(), "image/jpeg")})
    number = answer.json()["number"]
    walidata, pic = await as_role("walidata"), await as_role("pic", MOJOROTO)
    assert code_of(await pic.post(f"/reports/{number}/shown", json={"text": True})) == (403, "action-forbidden")
    for showing in ({"text": True, "photo": False}, {"text": False, "photo": True}, {"text": True, "photo": True}, {}):
        assert (await walidata.post(f"/reports/{number}/shown", json=showing)).status_code == 200
        seen = (await client.get(f"/reports/{number}")).json()
        picture = await client.get(f"/reports/{number}/photo")
        assert ("text" in seen, "photo" in seen, picture.status_code == 200) == (
            showing.get("text", False), showing.get("photo", False), showing.get("photo", False),
        )  # fmt: skip


async def test_another_kelurahan_and_other_roles_see_what_strangers_see(client: Client, as_role: AsRole, database: Settings) -> None:
    number = await a_report(database, MOJOROTO, TEXT)
    stranger = (await client.get(f"/reports/{number}")).json()
    for role, *kelurahan in (("pic", BUJEL), ("opd",), ("pembina",), ("admin",)):
        who = await as_role(role, *kelurahan)
        assert (await who.get(f"/reports/{number}")).json() == stranger, role
    assert TEXT in (await (await as_role("pic", MOJOROTO)).get(f"/reports/{number}")).text
    assert (await (await as_role("pic", BUJEL)).get("/reports")).json()["reports"] == []
    assert code_of(await (await as_role("pic", BUJEL)).post(f"/reports/{number}/answer", json={"state": "in-progress"})) == (
        404,
        "report-unknown",
    )


async def test_a_list_is_filtered_and_paged(as_role: AsRole, database: Settings) -> None:
    numbers = [await a_report(database, kelurahan) for kelurahan in (MOJOROTO, MOJOROTO, BUJEL)]
    walidata = await as_role("walidata")
    await walidata.post(f"/reports/{numbers[0]}/answer", json={"state": "in-progress", "answer": "Kami lihat hari Senin."})

    async def listed(query: str) -> list[str]:
        return [one["number"] for one in (await walidata.get(f"/reports?{query}")).json()["reports"]]

    assert await listed("") == numbers[::-1]
    assert await listed("state=in-progress") == numbers[:1]
    assert await listed("kelurahan=Bujel") == numbers[2:]
    assert await listed("kind=error") == await listed("category=rt") == []
    assert await listed("category=posyandu&kind=missing&state=received") == [numbers[2], numbers[1]]
    page = (await walidata.get("/reports?limit=2")).json()
    following = (await walidata.get(next(link["href"] for link in page["links"] if link["rel"] == "next"))).json()
    assert [one["number"] for one in page["reports"] + following["reports"]] == numbers[::-1]
    assert (await walidata.get("/reports?state=lost")).status_code == 400


async def tasks(client: Client) -> list[str]:
    return [one["report"] for one in (await client.get("/me/inbox")).json()["notices"] if one["kind"] == "report"]


async def test_it_is_a_task_in_the_inbox_of_the_pic_else_of_the_walidata(client: Client, as_role: AsRole, point: str) -> None:
    pic, foreign, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    number = (await sent(client, an_error(point)))["number"]
    (notice,) = [one for one in (await pic.get("/me/inbox")).json()["notices"] if one["kind"] == "report"]
    assert (notice["report"], notice["href"], notice["state"]) == (number, f"http://titik.test/reports/{number}", "received")
    assert TEXT not in str(notice)
    assert await tasks(foreign) == await tasks(walidata) == []
    other = await sent(client, {"kind": "missing", "category": "rt", "kelurahan": "Ngampel", "text": "RT baru"})
    assert await tasks(walidata) == [other["number"]]
    assert await tasks(pic) == [number]


# -- answers


async def test_who_closes_says_how_and_why(as_role: AsRole, database: Settings) -> None:
    number = await a_report(database, MOJOROTO)
    pic = await as_role("pic", MOJOROTO)
    at = f"/reports/{number}/answer"
    for body, faults in (
        ({"state": "closed"}, {"/outcome": "value-missing", "/answer": "report-without-answer"}),
        ({"state": "in-progress", "outcome": "fixed"}, {"/outcome": "report-not-closing"}),
        ({"state": "received"}, {"/state": "not-one-of"}),
    ):
        answer = await pic.post(at, json=body)
        assert {one["pointer"]: one["code"] for one in answer.json()["errors"]} == faults
    closing = {"state": "closed", "outcome": "confirmed", "answer": "Terima kasih."}
    answers = await asyncio.gather(*(pic.post(at, json=closing) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    opened_again = (await pic.post(at, json={"state": "in-progress"})).json()
    assert {"outcome", "closed_at", "deleted_at"} & set(opened_again) == set()
    assert code_of(await pic.post(at, json={"state": "in-progress"})) == (409, "report-state")
    assert (await pic.post(at, json=closing | {"outcome": "not-reproducible"})).json()["outcome"] == "not-reproducible"


# -- limits


async def test_ten_a_day_from_one_address_over_all_workers(
    client: Client, point: str, database: Settings, service: httpx.ASGITransport
) -> None:
    other = httpx.ASGITransport(app=service.app, client=("192.0.2.9", 1))
    answers: list[httpx.Response] = []
    # Several at once, but no more than have a connection each: whoever waits too long for one is told to come again.
    for _ in range(5):
        answers += await asyncio.gather(*(client.post("/reports", json={"kind": "confirm", "point": point}) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [201] * 10 + [429] * 5
    refused = next(one for one in answers if one.status_code == 429)
    assert code_of(refused) == (429, "reports-of-address-full")
    assert 21 * 3600 < int(refused.headers["retry-after"]) <= 23 * 3600
    async with Client(transport=other, base_url="http://titik.test") as neighbour:
        assert (await neighbour.post("/reports", json={"kind": "confirm", "point": point})).status_code == 201
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.report_sender SET hour = hour - interval '23 hours'")
    assert (await client.post("/reports", json={"kind": "confirm", "point": point})).status_code == 201


async def test_whoever_guesses_numbers_is_stopped_and_learns_nothing(client: Client, as_role: AsRole, database: Settings) -> None:
    number = await a_report(database, MOJOROTO)
    unknown = [rules.number_of(n) for n in range(rules.MISSES_AN_HOUR)]
    answers = [await client.get(f"/reports/{one}") for one in unknown]
    assert {code_of(one) for one in answers} == {(404, "report-unknown")}
    assert [(await client.get(f"/reports/{one}")).status_code for one in (number, unknown[0])] == [429, 429]
    # Those who answer are let in by their token.
    assert (await (await as_role("pic", MOJOROTO)).get(f"/reports/{number}")).status_code == 200


async def test_a_deleted_number_is_answered_as_one_that_never_was(client: Client, as_role: AsRole, database: Settings) -> None:
    number = await a_report(database, MOJOROTO)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "DELETE FROM titik.report")
    deleted, never, nonsense = [(await client.get(f"/reports/{one}")).json() for one in (number, "0000-0000-0000", "apa-saja")]
    for document in (deleted, never, nonsense):
        del document["instance"], document["request_id"]
    assert deleted == never == nonsense


async def test_no_table_holds_an_address_and_its_hash_goes_within_a_day(
    point: str, database: Settings, service: httpx.ASGITransport
) -> None:
    transport = httpx.ASGITransport(app=service.app, client=("203.0.113.77", 41_234))
    async with Client(transport=transport, base_url="http://titik.test", headers={"User-Agent": "Peramban-Zx1"}) as anybody:
        number = (await sent(anybody, an_error(point)))["number"]
        await anybody.get("/reports/0000-0000-0000")
    rows = await everything(database)
    hashed = receiving.sender_key(database.secret, "report", "203.0.113.77").hex()
    plainly = hashlib.sha256(b"203.0.113.77").hexdigest()
    assert number in rows
    assert hashed in rows
    assert not [one for one in ("203.0.113.77", "Peramban-Zx1", "41234", plainly) if one in rows]
    opened_database = await Database.connect(database)
    try:
        await service_forgets(opened_database, "interval '22 hours'", database)
        assert hashed in await everything(database)
        await service_forgets(opened_database, "interval '1 hour'", database)
        assert hashed not in await everything(database)
    finally:
        await opened_database.close()


async def service_forgets(opened_database: Database, later: str, settings: Settings) -> int:
    async with open_once(settings.owner_dsn) as session:
        await execute(session, f"UPDATE titik.report_sender SET hour = hour - {later}")
    return await service.forget(opened_database)


# -- what goes


async def test_ninety_days_after_closing_it_goes_with_its_photo_and_its_notice(
    client: Client, as_role: AsRole, point: str, database: Settings
) -> None:
    pic = await as_role("pic", MOJOROTO)
    closing = {"state": "closed", "outcome": "fixed", "answer": "Beres."}
    numbers = []
    for colour in ((1, 2, 3), (90, 80, 70), (5, 5, 5)):
        photo = {"photo": ("a.jpg", a_photo(colour=colour), "image/jpeg")}
        numbers.append((await client.post("/reports", data=form_of(an_error(point)), files=photo)).json()["number"])
    for number in numbers[:2]:
        assert (await pic.post(f"/reports/{number}/answer", json=closing)).status_code == 200
    async with open_once(database.owner_dsn) as session:
        old = "UPDATE titik.report SET closed_at = now() - interval '91 days' WHERE number = :number RETURNING number"
        await value(session, old, number=numbers[0])
        await value(session, old.replace("91 days'", "89 days'"), number=numbers[1])
        await execute(session, "UPDATE titik.report SET created_at = now() - interval '500 days'")
        pictures = await value(session, "SELECT array_agg(photo_sha256 ORDER BY id) FROM titik.report")
    opened_database = await Database.connect(database)
    try:
        assert [await service.forget(opened_database) for _ in range(2)] == [1, 0]
    finally:
        await opened_database.close()
    assert [(await client.get(f"/reports/{number}")).status_code for number in numbers] == [404, 200, 200]
    assert await tasks(pic) == [numbers[2], numbers[1]]
    store = photo_store(database)
    await sweep(database, store, datetime.now(UTC) + timedelta(hours=2))
    assert [await has_pair(store, one) for one in pictures] == [False, True, True]
    assert [(await pic.get(f"/reports/{number}/photo")).status_code for number in numbers] == [404, 200, 200]
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT detail FROM titik.audit WHERE action = 'report.forget'") == {"reports": 1}


async def test_many_go_in_steps(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    for _ in range(5):
        await a_report(database, MOJOROTO)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.report SET state = 'closed', outcome = 'fixed', closed_at = now() - interval '91 days'")
    opened_database = await Database.connect(database)
    try:
        assert await service.forget(opened_database) == 5
    finally:
        await opened_database.close()
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT jsonb_agg(detail -> 'reports' ORDER BY id) FROM titik.audit") == [2, 2, 1]


async def test_a_report_follows_its_point_to_another_kelurahan(client: Client, as_role: AsRole, point: str, database: Settings) -> None:
    number = (await sent(client, an_error(point)))["number"]
    async with open_once(database.owner_dsn) as session:
        await execute(session, f"UPDATE titik.point SET kelurahan = '{BUJEL}'")
    assert [one["number"] for one in (await (await as_role("pic", BUJEL)).get("/reports")).json()["reports"]] == [number]


# -- the second line


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM titik.report",
        "WITH gone AS (UPDATE titik.report SET state = 'in-progress' RETURNING 1) SELECT count(*) FROM gone",
        "WITH gone AS (UPDATE titik.report SET text_shown = true RETURNING 1) SELECT count(*) FROM gone",
        "SELECT count(*) FROM titik.find_report((SELECT number FROM titik.report))",
    ],
)
async def test_without_an_actor_the_database_shows_no_report(database: Settings, sql: str) -> None:
    await a_report(database, MOJOROTO)
    async with open_once(database.service_dsn) as session:
        assert await value(session, sql) == 0


# -- numbers


@given(st.integers(0, 2**rules.BITS - 1))
def test_a_number_is_read_as_it_is_written_however_it_is_typed(bits: int) -> None:
    number = rules.number_of(bits)
    assert NUMBER.fullmatch(number)
    typed = number.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert rules.read_number(typed) == rules.read_number(number.replace("-", "")) == number


@given(st.integers(0, 2**rules.BITS - 1), st.integers(0, 2**rules.BITS - 1))
def test_two_numbers_are_two(one: int, other: int) -> None:
    assert (rules.number_of(one) == rules.number_of(other)) == (one == other)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_number_or_none(text: str) -> None:
    if (found := rules.read_number(text)) is not None:
        assert NUMBER.fullmatch(found)
