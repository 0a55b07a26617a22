"""Webhooks by the administrator's forms: from the address to what was taken, what is wrong at its field, and text that stays text."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from app.pages.managing_webhooks import TYPES
from app.settings import Settings
from app.webhooks import event_types, rules
from tests.api.test_sessions import OWN, a_browser, age
from tests.api.test_webhooks import until
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, published
from tests.receiver import OK, Got, Receiving, receiving, status

pytestmark = pytest.mark.anyio
PAGE, PATH = {"Accept": "text/html"}, "/portal/kelola/webhook"
SCRIPT = "<script>alert(1)</script>"
PUBLIC = dict.fromkeys(event_types.PUBLIC, "ya")


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


async def refusing(_got: Got) -> bytes:
    return status(404, body=b"Tidak ada")


async def sent(admin: Client, path: str, **fields: str) -> httpx.Response:
    return await admin.post(path, data=fields, headers=PAGE)


async def added(admin: Client, url: str, **fields: str) -> tuple[str, str]:
    """The id of a new webhook, and its page, which has the secret."""
    answer = await sent(admin, f"{PATH}/baru", url=url, **PUBLIC, **fields)
    assert answer.status_code == 200, answer.text
    (hook,) = (await admin.get("/webhooks")).json()["webhooks"]
    return hook["id"], unescape(answer.text)


def test_every_type_of_event_has_a_sentence() -> None:
    assert TYPES.keys() == event_types.TYPES.keys()


async def test_from_the_form_to_what_was_taken(as_role: AsRole, receiver: Receiving) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    assert "Belum ada webhook" in (await admin.get(PATH, headers=PAGE)).text
    hook, page = await added(admin, receiver.url, description=f"Dasbor {SCRIPT}", categories="posyandu", kelurahan="Mojoroto")
    secret = re.search(r"whsec_[\w+/=]+", page)
    assert secret is not None
    assert "is_genuine" in page
    await published(pic, walidata, a_feature(name="Pertama"))
    (got,) = await receiver.wait(1)
    got.verify(secret[0])
    await until(admin, {"id": hook}, waiting=0)
    shown = await admin.get(f"{PATH}/{hook}", headers=PAGE)
    assert shown.headers["cache-control"] == "private, no-store"
    assert secret[0] not in shown.text
    assert "<script>alert" not in shown.text
    text = unescape(shown.text)
    assert f"Dasbor {SCRIPT}" in text
    assert "Terbit untuk pertama kali: titik" in text
    assert re.search(r'data-title="HTTP">204<', text)
    stored = (await admin.get(f"/webhooks/{hook}")).json()
    assert (stored["categories"], stored["kelurahan"]) == (["posyandu"], [MOJOROTO])
    listed = await admin.get(PATH, headers=PAGE | {"Accept-Language": "en"})
    assert ("Well" in listed.text, "<script>alert" in listed.text) == (True, False)


async def test_one_that_fails_says_why_and_is_tried_again_by_hand(
    as_role: AsRole, receiver: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FIRST_DELAY_S", 3_000.0)
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    hook, _ = await added(admin, receiver.url)
    answers = [status(500, body=SCRIPT.encode())]

    async def answering(_got: Got) -> bytes:
        return answers[-1]

    receiver.answering = answering
    point = await published(pic, walidata, a_feature(name="Pertama"))
    await until(admin, {"id": hook}, failures=1)
    text = (await admin.get(f"{PATH}/{hook}?gagal=ya", headers=PAGE)).text
    assert ("HTTP" in text, str(point["id"]) in text, "<script>alert" in text) == (True, True, False)
    assert re.search(r'data-title="HTTP">500<', text)
    assert "Dicoba lagi" in text
    answers.append(OK)
    again = await sent(admin, f"{PATH}/{hook}/kirim-ulang", failed="ya")
    assert (again.status_code, again.headers["location"]) == (303, f"{PATH}/{hook}?sudah=ulang")
    await until(admin, {"id": hook}, failures=0, waiting=0)
    assert "Tidak ada yang gagal" in (await admin.get(f"{PATH}/{hook}?gagal=ya", headers=PAGE)).text
    event = receiver.got[-1].id
    assert (await sent(admin, f"{PATH}/{hook}/kirim-ulang", event=event)).status_code == 303
    assert [one.id for one in await receiver.wait(len(receiver.got) + 1)][-1] == event
    unknown = await sent(admin, f"{PATH}/{hook}/kirim-ulang", event="00000000-0000-0000-0000-000000000000")
    assert (unknown.status_code, 'role="alert"' in unknown.text) == (404, True)
    assert (await sent(admin, f"{PATH}/{hook}/kirim-ulang", event="x")).status_code == 422


async def test_it_is_paused_changed_given_another_secret_tried_and_deleted(as_role: AsRole, receiver: Receiving) -> None:
    admin = await as_role("admin")
    hook, page = await added(admin, receiver.url)
    path = f"{PATH}/{hook}"
    assert (await sent(admin, f"{path}/keadaan", state="paused")).headers["location"] == f"{path}?sudah=dijeda"
    assert "Dijeda oleh admin" in (await admin.get(path, headers=PAGE)).text
    assert "Dijeda" in (await admin.get(PATH, headers=PAGE)).text
    assert (await sent(admin, f"{path}/keadaan", state="active")).headers["location"] == f"{path}?sudah=lanjut"
    changed = await sent(admin, path, url=f"{receiver.url}?a=1", description="Baru", kelurahan="", **{"id.titik.edition.activated": "ya"})
    assert changed.status_code == 303
    stored = (await admin.get(f"/webhooks/{hook}")).json()
    assert (stored["url"], stored["description"], stored["types"]) == (f"{receiver.url}?a=1", "Baru", ["id.titik.edition.activated"])
    rotated = await sent(admin, f"{path}/rahasia")
    secrets = [re.search(r"whsec_[\w+/=]+", unescape(one)) for one in (page, rotated.text)]
    assert secrets[0] is not None
    assert secrets[1] is not None
    assert secrets[0][0] != secrets[1][0]
    assert "Rahasia yang lama masih berlaku" in rotated.text
    assert "Percobaan diterima" in (await sent(admin, f"{path}/coba")).text
    receiver.answering = refusing
    assert "Percobaan tidak diterima" in (await sent(admin, f"{path}/coba")).text
    assert (await sent(admin, f"{path}/hapus")).headers["location"] == f"{PATH}?sudah=dihapus"
    assert "Webhook dihapus" in (await admin.get(f"{PATH}?sudah=dihapus", headers=PAGE)).text
    assert (await admin.get(path, headers=PAGE)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "bukan alamat"} | PUBLIC, "url"),
        ({"url": "https://ani:rahasia@penerima.example/"} | PUBLIC, "url"),
        ({"url": ""} | PUBLIC, "url"),
        ({"url": "https://192.0.2.1/x"}, "types"),
        ({"url": "https://192.0.2.1/x", "kelurahan": "Mojoroto, Atlantis"} | PUBLIC, "kelurahan"),
        ({"url": "https://192.0.2.1/x", "categories": "istana"} | PUBLIC, "categories"),
        ({"url": "https://192.0.2.1/x", "description": "x" * 201} | PUBLIC, "description"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(as_role: AsRole, fields: dict[str, str], field: str) -> None:
    admin = await as_role("admin")
    hook, _ = await added(admin, "https://192.0.2.1/ada")
    for path in (f"{PATH}/baru", f"{PATH}/{hook}"):
        answer = await sent(admin, path, **{"description": f"Dasbor {SCRIPT}"} | fields)
        text = unescape(answer.text)
        assert answer.status_code in {400, 422}
        assert f'id="{field}-error"' in text
        assert "<script>alert" not in answer.text
        marked = re.search(rf'<input id="{field}"[^>]*>' if field != "types" else r'<input type="checkbox"[^>]*>', answer.text)
        assert marked is not None
        assert ("autofocus" in marked[0], f"{field}-error" in marked[0]) == (True, True)
        assert text.count('value="ya" checked') == sum(name in event_types.TYPES for name in fields)
        for name in fields.keys() - event_types.TYPES.keys():
            assert f'id="{name}" name="{name}"' in text
            assert fields[name] in text
    assert len((await admin.get("/webhooks")).json()["webhooks"]) == 1


async def test_a_browser_gives_the_password_again_before_the_form_and_before_a_key(
    service: httpx.ASGITransport, as_role: AsRole, database: Settings
) -> None:
    admin, desk = await as_role("admin"), await a_browser(service, database, "admin")
    await age(database, authenticated_at="16 minutes")
    assert (await desk.get(PATH, headers=OWN)).status_code == 200
    asked = await desk.get(f"{PATH}/baru", headers=OWN)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/portal/sandi?ke={PATH}/baru")
    refused = await desk.post(f"{PATH}/baru", data={"url": "https://192.0.2.1/x", **PUBLIC}, headers=OWN)
    assert refused.status_code == 303
    assert (await admin.get("/webhooks")).json()["webhooks"] == []
    await desk.aclose()


@pytest.mark.parametrize("path", ["", "/baru", "/00000000-0000-0000-0000-000000000000"])
async def test_others_are_led_to_sign_in_or_refused(as_role: AsRole, client: Client, path: str) -> None:
    nobody = await client.get(f"{PATH}{path}", headers=PAGE)
    assert (nobody.status_code, nobody.headers["location"]) == (303, f"/portal/masuk?ke={PATH}{path}")
    assert (await (await as_role("walidata")).get(f"{PATH}{path}", headers=PAGE)).status_code == 403
