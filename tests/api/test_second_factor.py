"""The page of one's own account, the password again before rights and keys, and the second factor from its QR code to a lost telephone."""

import asyncio
import html
import re
from base64 import b32decode
from types import SimpleNamespace

import httpx
import pytest

from app.accounts.passwords import Passwords
from app.connections import open_once
from app.main import create_app
from app.sessions import factors, totp
from app.settings import Settings
from app.statement import Statement
from tests.api.test_sessions import OTHER, OWN, PASSWORD, PHONE, Browser, account, age, browser, enter, holding, secret_of
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, code_of, running, value

__all__ = ["browser"]

pytestmark = pytest.mark.anyio

HASHING = Passwords()
SET_PASSWORD = Statement("INSERT INTO titik.password (account_id, hash) SELECT id, :hash FROM titik.account")


def key_of(page: httpx.Response) -> bytes:
    """What the page offers to somebody who cannot scan."""
    found = re.search(r'<code class="copied">([A-Z2-7 ]+)</code>', page.text)
    assert found, page.text
    return b32decode(found[1].replace(" ", ""))


AT = 1_800_000_000.0


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a code is of the step that the test means."""
    monkeypatch.setattr(factors, "time", SimpleNamespace(time=lambda: AT))


def code_now(key: bytes, steps: int = 0) -> str:
    return totp.code_at(key, int(AT) // 30 + steps)


async def officer_with_factor(client: Client, database: Settings, name: str = "pic-mojoroto") -> tuple[bytes, list[str]]:
    """A new account that is signed in, and has set up the second factor."""
    await account(database, "pic", MOJOROTO, name=name, password=PASSWORD)
    assert (await enter(client, name)).status_code == 303
    offered = await client.get("/portal/akun/kode")
    assert offered.status_code == 200
    assert "<svg" in offered.text
    key = key_of(offered)
    shown = await client.post("/portal/akun/kode", data={"kode": code_now(key, -1)}, headers=OWN)
    assert shown.status_code == 200, shown.text
    return key, re.findall(r"<li><code>([a-z0-9-]+)</code>", shown.text)


# -- one's own browsers


async def test_browsers_are_listed_and_ended(browser: Browser, database: Settings, service: httpx.ASGITransport) -> None:
    officer = await browser("pic", MOJOROTO, name="pic-mojoroto")
    await age(database, authenticated_at="1 hour", created_at="1 hour", last_used_at="50 seconds")
    phone = Client(transport=service, base_url="http://titik.test", headers={"User-Agent": PHONE, **OWN})
    async with open_once(database.owner_dsn) as session:
        await session.run(SET_PASSWORD, hash=await HASHING.hash(PASSWORD))
    assert (await enter(phone, "pic-mojoroto")).status_code == 303
    listed = (await officer.get("/me/sessions", headers={"Accept-Language": "en"})).json()["sessions"]
    assert [(one["device"], one["origin"], "current" in one) for one in listed] == [
        ("Chrome on Android", "password", False), ("Chrome on Android", "password", True),
    ]  # fmt: skip
    assert listed[1]["address"] == "10.0.0.7"
    page = await officer.get("/portal/akun")
    assert (page.text.count("Chrome di Android</strong>"), page.text.count("peramban ini")) == (2, 1)
    assert (await officer.delete(f"/me/sessions/{listed[0]['id']}")).status_code == 204
    assert code_of(await phone.get("/me")) == (401, "session-ended")
    assert code_of(await officer.delete(f"/me/sessions/{listed[0]['id']}")) == (404, "session-not-there")
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT array_agg(action ORDER BY id) FROM titik.audit WHERE action LIKE 'session.%'") == [
            "session.begin", "session.begin", "session.end",
        ]  # fmt: skip


async def test_nobody_ends_or_sees_those_of_others(browser: Browser) -> None:
    officer, other = await browser("pic", MOJOROTO), await browser("pic", BUJEL)
    (own,) = (await officer.get("/me/sessions")).json()["sessions"]
    assert code_of(await other.delete(f"/me/sessions/{own['id']}")) == (404, "session-not-there")
    assert [one["id"] for one in (await other.get("/me/sessions")).json()["sessions"]] != [own["id"]]


async def test_all_others_end_at_once(client: Client, database: Settings, service: httpx.ASGITransport) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    phone = Client(transport=service, base_url="http://titik.test")
    for one in (client, phone):
        assert (await enter(one, "pic-mojoroto")).status_code == 303
    ended = await client.post("/portal/akun/sesi/akhiri", headers=OWN)
    assert (ended.status_code, ended.headers["location"]) == (303, "/portal/akun")
    assert (await client.get("/me")).status_code == 200
    assert code_of(await phone.get("/me")) == (401, "session-ended")
    (own,) = (await client.get("/me/sessions")).json()["sessions"]
    assert (await client.post(f"/portal/akun/sesi/{own['id']}/akhiri", headers=OWN)).headers["location"] == "/portal/masuk"
    assert "titik_session" not in client.cookies


async def test_a_changed_password_keeps_this_browser_and_ends_the_others(
    client: Client, database: Settings, service: httpx.ASGITransport
) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    phone = Client(transport=service, base_url="http://titik.test")
    for one in (client, phone):
        assert (await enter(one, "pic-mojoroto")).status_code == 303
    wrong = await client.post("/portal/akun/sandi", data={"current": OTHER, "new": OTHER}, headers=OWN)
    assert wrong.status_code == 422
    assert 'aria-describedby="current-error" aria-invalid="true" autofocus' in wrong.text
    short = await client.post("/portal/akun/sandi", data={"current": PASSWORD, "new": "kali"}, headers=OWN)
    assert 'aria-describedby="new-error new-hint" aria-invalid="true" autofocus' in short.text
    changed = await client.post("/portal/akun/sandi", data={"current": PASSWORD, "new": OTHER}, headers=OWN)
    assert (changed.status_code, changed.headers["location"]) == (303, "/portal/akun"), changed.text
    assert (await client.get("/portal/akun")).status_code == 200
    assert code_of(await phone.get("/me")) == (401, "session-ended")
    assert (await enter(phone, "pic-mojoroto", OTHER)).status_code == 303


async def test_a_page_for_somebody_leads_to_the_sign_in(client: Client) -> None:
    led = await client.get("/portal/akun")
    assert (led.status_code, led.headers["location"]) == (303, "/portal/masuk?ke=/portal/akun")


# -- the password again


async def test_rights_and_keys_ask_for_the_password_again(client: Client, database: Settings, as_role: AsRole) -> None:
    await account(database, "admin", name="admin-kota", password=PASSWORD)
    assert (await enter(client, "admin-kota")).status_code == 303
    asked = [
        ("POST", "/accounts", {"name": "opd-baru", "role": "opd"}),
        ("PATCH", "/accounts/opd-baru", {"email": "opd@kediri.example"}),
        ("POST", "/tokens", {}),
        ("POST", "/accounts/opd-baru/reset-link", None),
    ]
    for method, path, body in asked:
        assert (await client.request(method, path, json=body, headers=OWN)).is_success, path
    await age(database, authenticated_at="16 minutes")
    for method, path, body in [
        *asked,
        ("POST", "/accounts/opd-baru/hand-over", {"to": "x"}),
        ("POST", "/webhooks", {}),
        ("PUT", "/categories/posyandu", {}),
        ("POST", "/boundaries/editions/x/activate", None),
        ("DELETE", "/accounts/opd-baru/second-factor", None),
    ]:
        refused = await client.request(method, path, json=body, headers=OWN)
        assert code_of(refused) == (403, "reauthenticate"), (method, path, refused.text)
    # Reading, and what takes rights away, go on.
    assert (await client.get("/accounts")).status_code == 200
    assert (await client.delete("/accounts/opd-baru/tokens", headers=OWN)).status_code == 200
    before = secret_of(client)
    wrong = await client.post("/portal/sandi?ke=/portal/kelola", data={"sandi": OTHER}, headers=OWN)
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (401, True)
    given = await client.post("/portal/sandi?ke=/portal/kelola", data={"sandi": PASSWORD}, headers=OWN)
    assert (given.status_code, given.headers["location"]) == (303, "/portal/kelola")
    assert secret_of(client) != before
    assert (await client.post("/tokens", json={}, headers=OWN)).status_code == 201
    # What was under way with the secret before may end, but has not given the password.
    old = holding(client._transport, before)  # type: ignore[arg-type]
    assert (await old.get("/me")).status_code == 200
    assert code_of(await old.post("/tokens", json={})) == (403, "reauthenticate")
    # With a token of theirs a program does as before.
    admin = await as_role("admin")
    assert (await admin.post("/tokens", json={})).status_code == 201


# -- the second factor


async def test_the_second_factor_from_the_picture_to_the_next_sign_in(client: Client, database: Settings) -> None:
    key, recovery = await officer_with_factor(client, database)
    assert len(recovery) == 10
    async with open_once(database.owner_dsn) as session:
        assert key not in await value(session, "SELECT secret FROM titik.second_factor")
    await client.post("/portal/keluar", headers=OWN)
    entered = await enter(client, "pic-mojoroto", ke="/portal/catat")
    assert (entered.status_code, entered.headers["location"]) == (303, "/portal/kode?ke=/portal/catat")
    half = secret_of(client)
    assert code_of(await client.get("/me")) == (401, "second-factor-missing")
    assert (await client.get("/portal/akun")).headers["location"] == "/portal/kode?ke=/portal/akun"
    assert (await client.get("/collections/posyandu/items")).status_code == 200
    wrong = await client.post("/portal/kode?ke=/portal/catat", data={"kode": "000000"}, headers=OWN)
    assert (wrong.status_code, 'aria-describedby="kode-error kode-hint" aria-invalid="true" autofocus' in wrong.text) == (422, True)
    # The code that set it up is used up.
    assert (await client.post("/portal/kode", data={"kode": code_now(key, -1)}, headers=OWN)).status_code == 422
    right = await client.post("/portal/kode?ke=/portal/catat", data={"kode": f" {code_now(key)[:3]} {code_now(key)[3:]}"}, headers=OWN)
    assert (right.status_code, right.headers["location"]) == (303, "/portal/catat"), right.text
    assert secret_of(client) != half
    assert (await client.get("/me")).json()["account"] == "pic-mojoroto"
    page = html.unescape((await client.get("/portal/akun")).text)
    assert "Kode cadangan yang tersisa: 10" in page


async def test_a_recovery_code_is_good_once(client: Client, database: Settings) -> None:
    _, recovery = await officer_with_factor(client, database)
    for status in (303, 422):
        await client.post("/portal/keluar", headers=OWN)
        await enter(client, "pic-mojoroto")
        used = await client.post("/portal/kode", data={"kode": recovery[3].upper().replace("-", "")}, headers=OWN)
        assert used.status_code == status, used.text


async def test_one_code_lets_one_in_of_many_at_once(client: Client, database: Settings, service: httpx.ASGITransport) -> None:
    key, _ = await officer_with_factor(client, database)
    many = [Client(transport=service, base_url="http://titik.test") for _ in range(3)]
    for one in many:
        assert (await enter(one, "pic-mojoroto")).status_code == 303
    code = code_now(key, 1)
    answers = await asyncio.gather(*(one.post("/portal/kode", data={"kode": code}, headers=OWN) for one in many))
    assert sorted(one.status_code for one in answers) == [303, 422, 422]


async def test_programs_send_the_code_too(client: Client, database: Settings) -> None:
    key, _ = await officer_with_factor(client, database)
    client.cookies.clear()
    body = {"account": "pic-mojoroto", "password": PASSWORD}
    assert code_of(await client.post("/tokens/password", json=body)) == (401, "code-needed")
    assert code_of(await client.post("/tokens/password", json=body | {"code": "123456"})) == (401, "code-wrong")
    assert (await client.post("/tokens/password", json=body | {"code": code_now(key)})).status_code == 201
    assert code_of(await client.post("/tokens/password", json=body | {"code": code_now(key)})) == (401, "code-wrong")


async def test_an_administrator_lets_somebody_in_again_who_lost_everything(client: Client, database: Settings, as_role: AsRole) -> None:
    admin = await as_role("admin")
    await officer_with_factor(client, database)
    assert (await admin.delete("/accounts/pic-mojoroto/second-factor")).status_code == 204
    assert code_of(await client.get("/me")) == (401, "session-ended")
    assert (await enter(client, "pic-mojoroto", ke="/portal/catat")).headers["location"] == "/portal/catat"


async def test_it_is_switched_off_by_its_holder(client: Client, database: Settings) -> None:
    await officer_with_factor(client, database)
    await age(database, authenticated_at="1 hour")
    led = await client.post("/portal/akun/kode/hapus", headers={**OWN, "Referer": "http://titik.test/portal/akun"})
    assert led.headers["location"] == "/portal/sandi?ke=/portal/akun"
    assert (await client.get(led.headers["location"])).status_code == 200
    await client.post("/portal/sandi", data={"sandi": PASSWORD}, headers=OWN)
    assert (await client.post("/portal/akun/kode/hapus", headers=OWN)).headers["location"] == "/portal/akun"
    await client.post("/portal/keluar", headers=OWN)
    assert (await enter(client, "pic-mojoroto", ke="/portal/catat")).headers["location"] == "/portal/catat"


async def test_a_role_can_be_made_to_have_one(database: Settings) -> None:
    await account(database, "admin", name="admin-kota", password=PASSWORD)
    app = create_app(database.model_copy(update={"second_factor": "admin"}))
    async with running(app), Client(transport=httpx.ASGITransport(app), base_url="http://titik.test") as client:
        body = {"account": "admin-kota", "password": PASSWORD}
        assert code_of(await client.post("/tokens/password", json=body)) == (403, "second-factor-not-set-up")
        assert (await enter(client, "admin-kota", ke="/portal/kelola")).headers["location"] == "/portal/kode?ke=/portal/kelola"
        key = key_of(await client.get("/portal/kode"))
        assert key_of(await client.get("/portal/kode")) == key
        assert code_of(await client.get("/me")) == (401, "second-factor-missing")
        done = await client.post("/portal/kode?ke=/portal/kelola", data={"kode": code_now(key)}, headers=OWN)
        assert (done.status_code, len(re.findall(r"<li><code>", done.text))) == (200, 10)
        assert 'href="/portal/kelola"' in done.text
        assert (await client.get("/me")).status_code == 200
        assert code_of(await client.get("/portal/akun/kode")) == (409, "second-factor-there")
        assert code_of(await client.post("/portal/akun/kode/hapus", headers=OWN)) == (403, "second-factor-demanded")
