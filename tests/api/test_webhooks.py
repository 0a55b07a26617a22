"""Webhooks from end to end: real events, a real receiver, signatures verified by the library of the standard."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.background.tidying import tidy
from app.connections import open_once
from app.db import Database
from app.settings import Settings
from app.webhooks import delivering, event_types, queries, rules, sending
from app.webhooks.delivering import Deliverer
from app.webhooks.sending import Receiver, post
from tests.api.test_changes import firm
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, execute, published, submitted, value
from tests.receiver import OK, Got, Receiving, receiving, status

pytestmark = pytest.mark.anyio

POINTS = [name for name in event_types.PUBLIC if ".point." in name]
ANY = {"If-Match": "*"}


@pytest.fixture
def database(database: Settings) -> Settings:
    """The operator has named this machine: that is where the receiver of the tests is."""
    return database.model_copy(update={"webhook_networks": "127.0.0.0/8"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiving]:
    async with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FIRST_DELAY_S", 0.1)


async def a_webhook(admin: Client, url: str, types: list[str] | None = None, **more: Any) -> dict[str, Any]:
    added = await admin.post("/webhooks", json={"url": url, "types": types or POINTS, **more})
    assert added.status_code == 201, added.text
    told: dict[str, Any] = added.json()
    assert added.headers["location"].endswith(f"/webhooks/{told['id']}")
    return told


async def until(admin: Client, hook: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            told: dict[str, Any] = (await admin.get(f"/webhooks/{hook['id']}")).json()
            if all(told.get(name) == value for name, value in wanted.items()):
                return told
            await asyncio.sleep(0.05)


async def deliveries(admin: Client, hook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await admin.get(f"/webhooks/{hook['id']}/deliveries{query}")).json()["deliveries"]
    return found


# -- what is told


async def test_what_becomes_public_is_told_as_it_was_then(as_role: AsRole, client: Client, receiver: Receiving) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url)
    point = await published(pic, walidata, a_feature(name="Pertama"))
    item = f"/collections/posyandu/items/{point['id']}"
    (first,) = await receiver.wait(1)
    shown = (await client.get(item)).json()
    shown.pop("links", None)
    changed = await pic.patch(item, json={"properties": {"name": "Kedua"}}, headers=ANY)
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    await walidata.post(f"/points/{point['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"}, headers=ANY)
    got = await receiver.wait(3)
    assert [one.event["type"].removeprefix("id.titik.point.") for one in got] == ["published", "changed", "removed"]
    for one in got:
        one.verify(hook["secret"])
        assert one.headers["content-type"] == "application/cloudevents+json"
        assert one.event["id"] == one.id
        assert (one.event["subject"], one.event["category"], one.event["kelurahan"]) == (point["id"], "posyandu", MOJOROTO)
    assert {name: first.event["data"][name] for name in ("type", "id", "geometry", "properties")} == {
        name: shown[name] for name in ("type", "id", "geometry", "properties")
    }
    assert [one.event["data"].get("properties", {}).get("name") for one in got] == ["Pertama", "Kedua", None]
    assert got[2].event["data"] == {"id": point["id"], "kind": "point", "category": "posyandu", "kelurahan": MOJOROTO}
    # The receiver has an event before it is noted that it has.
    await until(admin, hook, waiting=0)
    found = await deliveries(admin, hook)
    assert [(one["event_id"], one["status"], one["code"], one["attempts"]) for one in found] == [
        (one.id, "delivered", 204, 1) for one in got[::-1]
    ]


async def test_of_the_work_ids_codes_and_states_are_told_and_drafts_are_nobody_s_business(as_role: AsRole, receiver: Receiving) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    await a_webhook(admin, receiver.url, list(event_types.INTERNAL))
    draft = await pic.post("/collections/posyandu/items?draft=true", json=a_feature(name="Rahasia Bu Siti"))
    await pic.put(f"/collections/posyandu/items/{draft.json()['id']}?draft=true", json=a_feature(name="Rahasia Bu Siti"), headers=ANY)
    sent = await submitted(pic, a_feature(112.005, name="Rahasia Pak Budi"))
    await walidata.post(decision_of(sent), json={"decision": "return", "reason": "Rahasia Bu Ani"})
    await pic.post(f"/points/{draft.json()['id']}/revisions", json={"move": "submit"}, headers=ANY)
    got = await receiver.wait(3)
    assert [one.event["type"].removeprefix("id.titik.revision.") for one in got] == ["submitted", "returned", "submitted"]
    assert "Rahasia" not in b"".join(one.body for one in got).decode()
    for one in got:
        assert set(one.event["data"]) <= {"kind", "revision", "point", "version", "category", "kelurahan", "state", "verdict"}
        assert (one.event["kind"], one.event["category"], one.event["kelurahan"]) == ("point", "posyandu", MOJOROTO)
    assert got[1].event["subject"] == sent["properties"]["revision"]


@pytest.mark.parametrize("ahead", [1, 3, delivering.LOOKED_AHEAD])
async def test_only_what_was_chosen_is_told(as_role: AsRole, receiver: Receiving, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    """However far is looked at once."""
    monkeypatch.setattr(delivering, "LOOKED_AHEAD", ahead)
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO, BUJEL), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url, ["id.titik.point.published"], kelurahan=[BUJEL], categories=["posyandu"])
    await published(pic, walidata, a_feature(name="Lain"))
    await published(pic, walidata, a_feature(111.9895, -7.8001, kelurahan=BUJEL, name=None, jenis=None, rt="1", rw="1"), "rt")
    here = await published(pic, walidata, a_feature(111.9895, -7.8001, kelurahan=BUJEL, name="Sini"))
    (got,) = await receiver.wait(1)
    assert got.event["subject"] == here["id"]
    await until(admin, hook, waiting=0)
    assert len(await deliveries(admin, hook)) == 1


async def test_what_is_chosen_while_it_is_looked_for_is_not_passed_over(
    as_role: AsRole, receiver: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url, ["id.titik.point.removed"])
    asked, may_go_on = asyncio.Event(), asyncio.Event()
    ask = Deliverer._all

    async def slowly(self: Deliverer, statement: Any, **named: object) -> Any:
        if statement is queries.EVENTS:
            asked.set()
            await may_go_on.wait()
        return await ask(self, statement, **named)

    monkeypatch.setattr(Deliverer, "_all", slowly)
    await published(pic, walidata, a_feature(name="Satu"))
    await asyncio.wait_for(asked.wait(), 30)
    assert (await admin.patch(f"/webhooks/{hook['id']}", json={"types": POINTS})).status_code == 200
    await published(pic, walidata, a_feature(name="Dua"))
    await asyncio.sleep(0.5)
    may_go_on.set()
    assert [one.event["data"]["properties"]["name"] for one in await receiver.wait(2)] == ["Satu", "Dua"]


async def test_while_nobody_listens_no_feature_is_kept(as_role: AsRole, database: Settings) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.outbox WHERE feature IS NOT NULL") == 0


# -- receivers that do not take it


async def test_what_is_not_taken_is_sent_again_the_same_bytes_and_nothing_overtakes_it(as_role: AsRole, receiver: Receiving) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    failing = True

    async def answering(_: Got) -> bytes | None:
        return status(500, body=b"rusak\x00\x1b[31m") if failing else OK

    receiver.answering = answering
    hook = await a_webhook(admin, receiver.url)
    point = await published(pic, walidata, a_feature(name="Pertama"))
    other = await published(pic, walidata, a_feature(112.006, name="Kedua"))
    await receiver.wait(2)
    changed = await pic.patch(f"/collections/posyandu/items/{point['id']}", json={"properties": {"name": "Baru"}}, headers=ANY)
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    failed = (await deliveries(admin, hook, "?status=failed"))[0]
    assert (failed["code"], failed["error"]["code"], failed["excerpt"]) == (500, "refused", "rusak  [31m")
    told = (await admin.get(f"/webhooks/{hook['id']}")).json()
    assert told["failures"] >= 1
    assert {"failing_since", "next_try_at"} <= set(told)
    # What others write in the same cluster holds back what is firm.
    await firm(admin)
    told = (await admin.get(f"/webhooks/{hook['id']}")).json()
    assert told["waiting"] == 3
    failing = False
    await until(admin, hook, waiting=0, failures=0)
    names = [one.event["data"]["properties"]["name"] for one in receiver.got]
    assert names[-3:] == ["Pertama", "Kedua", "Baru"]
    assert set(names[:-2]) == {"Pertama"}
    assert len({one.body for one in receiver.got[:-2]}) == len({one.id for one in receiver.got[:-2]}) == 1
    assert receiver.got[-2].event["subject"] == other["id"]
    assert (await deliveries(admin, hook, "?status=failed")) == []
    assert (await deliveries(admin, hook))[-1]["attempts"] == len(receiver.got) - 2


async def test_a_webhook_that_fails_too_long_is_paused_admins_are_told_and_it_goes_on_where_it_stopped(
    as_role: AsRole, receiver: Receiving, database: Settings
) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")

    async def answering(_: Got) -> bytes | None:
        return status(503)

    receiver.answering = answering
    hook = await a_webhook(admin, receiver.url)
    await published(pic, walidata, a_feature(name="Satu"))
    await receiver.wait(1)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.webhook SET failing_since = now() - interval '4 days', next_at = now()")
    told = await until(admin, hook, state="paused")
    assert told["paused"]["reason"] == "failing"
    assert "Tidak ada kabar yang hilang" in told["paused"]["text"]
    notices = (await admin.get("/me/inbox")).json()["notices"]
    assert [notice["kind"] for notice in notices] == ["webhook-paused", "reviewer-added", "admin-added"]
    await published(pic, walidata, a_feature(112.006, name="Dua"))
    number = len(receiver.got)
    await asyncio.sleep(1.5)
    assert len(receiver.got) == number

    async def better(_: Got) -> bytes | None:
        return OK

    receiver.answering = better
    resumed = (await admin.patch(f"/webhooks/{hook['id']}", json={"state": "active"})).json()
    assert (resumed["state"], resumed["failures"], "paused" in resumed) == ("active", 0, False)
    got = await receiver.wait(number + 2)
    assert [one.event["data"]["properties"]["name"] for one in got[number:]] == ["Satu", "Dua"]


async def test_who_answers_410_is_paused_at_once(as_role: AsRole, receiver: Receiving) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")

    async def answering(_: Got) -> bytes | None:
        return status(410)

    receiver.answering = answering
    hook = await a_webhook(admin, receiver.url)
    await published(pic, walidata, a_feature())
    told = await until(admin, hook, state="paused")
    assert (told["paused"]["reason"], told["waiting"]) == ("gone", 1)
    assert len(receiver.got) == 1


async def test_a_receiver_that_asks_for_time_gets_it(as_role: AsRole, receiver: Receiving, database: Settings) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")

    async def answering(_: Got) -> bytes | None:
        return status(429, "retry-after: 300")

    receiver.answering = answering
    hook = await a_webhook(admin, receiver.url)
    await published(pic, walidata, a_feature())
    await until(admin, hook, failures=1)
    async with open_once(database.owner_dsn) as session:
        assert 290 < float(await value(session, "SELECT extract(epoch FROM next_at - now()) FROM titik.webhook")) <= 300
    # Who cannot wait says so.
    assert (await admin.post(f"/webhooks/{hook['id']}/replay", json={"failed": True})).status_code == 200
    assert len(await receiver.wait(2)) == 2


BIG = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n" + b"x" * 3_000_000
ANSWERS: dict[str, tuple[bytes | None, str | None]] = {
    "taken": (OK, None),
    "taken, with an endless answer": (BIG, None),
    "a redirection is not followed": (status(302, "location: http://169.254.169.254/latest"), "redirected"),
    "no HTTP": (b"SSH-2.0-x\r\n\r\n", "answer-unreadable"),
    "hung up": (None, "answer-unreadable"),
    "an endless head": (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, "answer-unreadable"),
    "refused": (status(404), "refused"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_a_receiver_may_answer(name: str, database: Settings) -> None:
    said, error = ANSWERS[name]

    async def answering(_: Got) -> bytes | None:
        return said

    async with receiving(answering) as one:
        answer = await post(Receiver(one.url, database.networks_of_webhooks), [("webhook-id", "x")], b"{}")
    assert answer.error == error
    assert len(one.got) == 1
    assert len(answer.excerpt or "") <= 200


async def test_a_receiver_that_says_nothing_is_not_waited_for_longer_than_that(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_S", 0.3)
    hanging = asyncio.Event()

    async def silent(_: Got) -> bytes | None:
        await hanging.wait()
        return None

    async with receiving(silent) as one:
        answer = await post(Receiver(one.url, database.networks_of_webhooks), [], b"{}")
        hanging.set()
    assert (answer.error, answer.code) == ("timeout", None)
    assert 250 < answer.ms < 2_000


# -- where it leads


async def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiving
) -> None:
    """A name that leads to the world when it is looked at, and to this machine a moment later."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    loop, asked = asyncio.get_running_loop(), list[str]()

    async def rebinding(host: str, _port: int, **_: Any) -> list[Any]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, port))]

    connected = []

    class Backend:
        async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> Any:
            connected.append((host, port))
            raise OSError("the test goes nowhere")

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    monkeypatch.setattr(httpcore, "AnyIOBackend", Backend)
    answer = await post(Receiver(f"https://rebind.example:{port}/"), [], b"{}")
    assert (asked, connected) == (["rebind.example"], [("8.8.8.8", port)])
    assert answer.error == "unreachable"


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:169.254.169.254"], ["64:ff9b::7f00:1"], ["100.64.3.2"], ["fe80::1%lo"], []],
)
async def test_one_address_that_is_not_of_the_world_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    async def found(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    assert (await post(Receiver("https://a.example/"), [], b"{}")).error == "address-forbidden"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "localhost", "0"])
async def test_however_this_machine_is_written_it_is_not_reached(host: str, receiver: Receiving) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    answer = await post(Receiver(f"https://{host}:{port}/"), [], b"{}")
    assert answer.error in ("address-forbidden", "name-unresolved")
    assert receiver.got == []


async def test_without_encryption_only_into_the_operator_s_networks(monkeypatch: pytest.MonkeyPatch, database: Settings) -> None:
    async def found(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("8.8.8.8", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    assert (await post(Receiver("http://a.example/", database.networks_of_webhooks), [], b"{}")).error == "not-encrypted"


@pytest.fixture
def identity(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The certificate of `receiver.example` as its server has it, and a client that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    (tmp_path / "pem").write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_over_tls_the_name_is_asked_for_though_the_address_is_fixed(
    monkeypatch: pytest.MonkeyPatch, database: Settings, identity: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    named = list[str | None]()
    identity[0].sni_callback = lambda _socket, name, _context: named.append(name)
    one = Receiving()
    server = await asyncio.start_server(one.handle, "127.0.0.1", 0, ssl=identity[0])
    port = server.sockets[0].getsockname()[1]

    async def found(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    receiver = Receiver(f"https://receiver.example:{port}/x", database.networks_of_webhooks)
    assert (await post(receiver, [("webhook-id", "x")], b"{}")).error == "tls-failed"
    monkeypatch.setattr(sending, "_tls", lambda: identity[1])
    assert (await post(receiver, [("webhook-id", "x")], b"{}")).error is None
    wrong = Receiver(f"https://other.example:{port}/x", database.networks_of_webhooks)
    assert (await post(wrong, [("webhook-id", "x")], b"{}")).error == "tls-failed"
    server.close()
    assert named == ["receiver.example", "receiver.example", "other.example"]
    assert [got.headers["host"] for got in one.got] == [f"receiver.example:{port}"]


# -- what administrators do


async def test_a_webhook_is_added_read_changed_and_removed_and_its_secret_shown_once(
    as_role: AsRole, receiver: Receiving, database: Settings
) -> None:
    admin = await as_role("admin")
    hook = await a_webhook(admin, receiver.url, categories=["rt", "rt"], description="Dinas Kesehatan")
    secret = hook.pop("secret")
    assert secret.startswith("whsec_")
    read = (await admin.get(f"/webhooks/{hook['id']}")).json()
    assert read == hook | {"waiting": 0}
    assert read["categories"] == ["rt"]
    listed = (await admin.get("/webhooks")).json()
    assert (listed["numberReturned"], listed["webhooks"][0]["id"]) == (1, hook["id"])
    changed = (await admin.patch(f"/webhooks/{hook['id']}", json={"categories": None, "types": POINTS[:1], "state": "paused"})).json()
    assert (changed["types"], "categories" in changed, changed["paused"]["reason"], changed["description"]) == (
        POINTS[:1],
        False,
        "by-hand",
        "Dinas Kesehatan",
    )
    async with open_once(database.owner_dsn) as session:
        everything = await value(
            session,
            "SELECT concat((SELECT string_agg(w::text, '') FROM titik.webhook w), (SELECT string_agg(a::text, '') FROM titik.audit a))",
        )
        assert await value(session, "SELECT count(*) FROM titik.outbox WHERE type LIKE 'webhook.%'") == 0
    assert secret.removeprefix("whsec_") not in everything
    assert (await admin.delete(f"/webhooks/{hook['id']}")).status_code == 204
    assert code_of(await admin.get(f"/webhooks/{hook['id']}")) == (404, "webhook-unknown")
    for method, path in (
        ("patch", ""),
        ("delete", ""),
        ("post", "/secret"),
        ("post", "/ping"),
        ("post", "/replay"),
        ("get", "/deliveries"),
    ):
        body: dict[str, Any] = {"json": {}} if method == "patch" or path == "/replay" else {}
        assert code_of(await admin.request(method, f"/webhooks/{hook['id']}{path}", **body)) == (404, "webhook-unknown"), path


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"url": "http//x"}, "/url", "webhook-url-invalid"), ({"url": "https://a:b@x.example"}, "/url", "webhook-url-user"),
        ({"url": "gopher://x.example/"}, "/url", "webhook-url-not-https"), ({"types": []}, "/types", "list-too-short"),
        ({"types": ["id.titik.ping"]}, "/types/0", "not-one-of"), ({"categories": ["posyandoe"]}, "/categories/0", "category-unknown"), ({"kelurahan": ["35.71.01"]}, "/kelurahan/0", "kelurahan-unknown"),
        ({"secret": "whsec_x"}, "/secret", "member-unknown"),
    ],
)  # fmt: skip
async def test_what_is_wrong_in_a_webhook_is_said(as_role: AsRole, body: dict[str, Any], pointer: str, code: str) -> None:
    admin = await as_role("admin")
    answer = await admin.post("/webhooks", json={"url": "https://x.example/", "types": POINTS, **body})
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


async def test_there_is_an_end_to_webhooks(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.webhooks.service.AT_MOST", 1)
    admin = await as_role("admin")
    await a_webhook(admin, "https://x.example/")
    assert code_of(await admin.post("/webhooks", json={"url": "https://x.example/", "types": POINTS})) == (409, "webhooks-full")


async def test_after_a_new_secret_both_are_good_for_a_day(as_role: AsRole, receiver: Receiving, database: Settings) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url)
    rotated = await admin.post(f"/webhooks/{hook['id']}/secret")
    assert rotated.status_code == 201
    new = rotated.json()["secret"]
    assert new != hook["secret"]
    await published(pic, walidata, a_feature())
    (got,) = await receiver.wait(1)
    got.verify(hook["secret"])
    got.verify(new)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.webhook SET secret_before_until = now()")
    await published(pic, walidata, a_feature(112.006, name="Lain"))
    _, later = await receiver.wait(2)
    later.verify(new)
    assert " " not in later.headers["webhook-signature"]


async def test_a_ping_tells_at_once_what_comes_of_it(as_role: AsRole, receiver: Receiving) -> None:
    admin = await as_role("admin")
    hook = await a_webhook(admin, receiver.url)
    told = (await admin.post(f"/webhooks/{hook['id']}/ping")).json()
    assert (told["status"], told["code"]) == ("delivered", 204)
    (got,) = receiver.got
    got.verify(hook["secret"])
    assert (got.event["type"], got.event["data"], got.id) == ("id.titik.ping", {"webhook": hook["id"]}, told["event_id"])
    await admin.patch(f"/webhooks/{hook['id']}", json={"url": "https://127.0.0.1:1/"})
    failed = (await admin.post(f"/webhooks/{hook['id']}/ping", headers={"Accept-Language": "en"})).json()
    assert (failed["status"], failed["error"]) == ("failed", {"code": "unreachable", "text": "The server cannot be reached."})
    assert [one["status"] for one in await deliveries(admin, hook)] == ["failed", "delivered"]


async def test_what_was_told_can_be_told_again_from_any_event_or_moment(as_role: AsRole, receiver: Receiving, database: Settings) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url)
    for number in range(3):
        await published(pic, walidata, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}"))
    first = await receiver.wait(3)
    replay = f"/webhooks/{hook['id']}/replay"
    await until(admin, hook, waiting=0)
    assert (await admin.post(replay, json={"event": first[1].id})).status_code == 200
    again = (await receiver.wait(5))[3:]
    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in first[1:]]
    await until(admin, hook, waiting=0)
    assert (await admin.post(replay, json={"since": first[0].event["time"]})).status_code == 200
    assert [one.id for one in (await receiver.wait(8))[5:]] == [one.id for one in first]
    await until(admin, hook, waiting=0)
    assert [one["attempts"] for one in await deliveries(admin, hook)] == [3, 3, 2]
    for body, expected in (
        ({}, (422, "body-invalid")),
        ({"event": first[0].id, "failed": True}, (422, "body-invalid")),
        ({"event": hook["id"]}, (404, "event-unknown")),
        ({"since": "2999-01-01T00:00:00Z"}, (404, "event-unknown")),
    ):
        assert code_of(await admin.post(replay, json=body)) == expected
    pages = [await deliveries(admin, hook, "?limit=2")]
    link = (await admin.get(f"/webhooks/{hook['id']}/deliveries?limit=2")).json()["links"][-1]
    assert link["rel"] == "next"
    pages.append((await admin.get(link["href"])).json()["deliveries"])
    assert [one["event_id"] for page in pages for one in page] == [one.id for one in first[::-1]]


async def test_a_secret_that_can_no_longer_be_read_is_said(as_role: AsRole, receiver: Receiving, database: Settings) -> None:
    admin = await as_role("admin")
    hook = await a_webhook(admin, receiver.url)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.webhook SET secret = sha256('x') || sha256('y')")
    told = (await admin.post(f"/webhooks/{hook['id']}/ping")).json()
    assert told["error"]["code"] == "secret-unreadable"
    assert receiver.got == []


async def test_events_and_deliveries_are_kept_for_a_month(as_role: AsRole, receiver: Receiving, database: Settings) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url)
    await published(pic, walidata, a_feature())
    await receiver.wait(1)
    await until(admin, hook, waiting=0)
    async with open_once(database.owner_dsn) as session:
        number = await value(session, "SELECT count(*) FROM titik.outbox")
        await execute(session, "UPDATE titik.outbox SET created_at = now() - interval '31 days'")
        await execute(session, "UPDATE titik.webhook_delivery SET last_at = now() - interval '31 days'")
    opened = await Database.connect(database)
    try:
        assert [await tidy(opened) for _ in range(2)] == [number + 1, 0]
    finally:
        await opened.close()
    assert await deliveries(admin, hook) == []


async def test_a_restored_database_goes_on_where_it_was(
    as_role: AsRole, receiver: Receiving, database: Settings, service: httpx.ASGITransport
) -> None:
    """The old events have higher transactions than the new ones, and come before them all the same."""
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook = await a_webhook(admin, receiver.url)
    await admin.patch(f"/webhooks/{hook['id']}", json={"state": "paused"})
    await published(pic, walidata, a_feature(name="Sebelum"))
    async with open_once(database.owner_dsn) as session:
        for table, column in (("outbox", "transaction_id"), ("webhook", "after_transaction")):
            await execute(session, f"UPDATE titik.{table} SET {column} = ({column}::text::bigint + 1000000000)::text::xid8")
        await execute(session, "UPDATE titik.history SET identity = 'before'")
    # As when the connection to the database of before is gone: whoever connects anew looks which one it is.
    app: Any = service.app
    before: int = app.state.services.catalogue.edge.number
    another = Deliverer(database)
    await another._connect()
    await another._drop()
    await app.state.services.catalogue.refresh()
    assert app.state.services.catalogue.edge.number == before + 1
    await published(pic, walidata, a_feature(112.006, name="Sesudah"))
    await admin.patch(f"/webhooks/{hook['id']}", json={"state": "active"})
    got = await receiver.wait(2)
    assert [one.event["data"]["properties"]["name"] for one in got] == ["Sebelum", "Sesudah"]
    assert json.loads(got[0].body)["specversion"] == "1.0"
