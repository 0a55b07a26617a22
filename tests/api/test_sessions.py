"""Browsers that are signed in: the cookie in place of a token, from our own pages only; rotation; ending; what nobody else is served."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.accounts import service as accounts
from app.accounts.passwords import Passwords
from app.accounts.schemas import NewAccount
from app.connections import open_once
from app.main import create_app
from app.sessions import service as sessions
from app.sessions.rules import Device, successor_of
from app.settings import Settings
from app.statement import Statement
from tests.conftest import SECRET, AsRole, Client
from tests.factories import MOJOROTO, a_feature, a_token, code_of, execute, published, running, submitted, value

pytestmark = pytest.mark.anyio

PASSWORD, OTHER = "melati di tepi kali", "jembatan lama brantas"
HERE = "http://titik.test"
OWN = {"Sec-Fetch-Site": "same-origin"}
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
KEY = SECRET.encode()
_HASH = Passwords()
SET = Statement("INSERT INTO titik.password (account_id, hash) VALUES (CAST(:account_id AS int), :hash)")

Browser = Callable[..., Awaitable[Client]]


async def account(settings: Settings, role: str, *kelurahan: str, name: str, password: str | None = None) -> int:
    async with open_once(settings.owner_dsn) as session:
        account_id = await accounts.add_account(session, NewAccount(name=name, role=role, kelurahan=list(kelurahan)))  # type: ignore[arg-type]
        if password:
            await session.run(SET, account_id=account_id, hash=await _HASH.hash(password))
        return account_id


def jar(secret: str) -> httpx.Cookies:
    """As if the service had set it: what it sets then takes its place."""
    cookies = httpx.Cookies()
    cookies.set("titik_session", secret, domain="titik.test")
    return cookies


async def a_browser(service: httpx.ASGITransport, database: Settings, role: str, *kelurahan: str, name: str | None = None) -> Client:
    """In which a new account is signed in, without the time that a password takes."""
    account_id = await account(database, role, *kelurahan, name=name or role)
    async with open_once(database.owner_dsn) as session:
        begun = await sessions.begin(session, database, account_id, "password", Device("Chrome", "Android"), "10.0.0.7")
    return Client(transport=service, base_url=HERE, headers=OWN, cookies=jar(begun.secret))


@pytest.fixture
async def browser(service: httpx.ASGITransport, database: Settings) -> AsyncIterator[Browser]:
    """`await browser("pic", MOJOROTO)`."""
    opened: list[Client] = []

    async def sign_in(role: str, *kelurahan: str, name: str | None = None) -> Client:
        opened.append(await a_browser(service, database, role, *kelurahan, name=name or f"{role}-{len(opened)}"))
        return opened[-1]

    yield sign_in
    for one in opened:
        await one.aclose()


async def enter(client: Client, name: str, password: str = PASSWORD, ke: str = "", **headers: str) -> httpx.Response:
    where = f"/portal/masuk?ke={ke}" if ke else "/portal/masuk"
    return await client.post(where, data={"akun": name, "sandi": password}, headers={"Sec-Fetch-Site": "same-origin", **headers})


async def age(settings: Settings, **ago: str) -> None:
    """Moves instants of every session into the past: `rotated_at="2 hours"`."""
    async with open_once(settings.owner_dsn) as session:
        for column, interval in ago.items():
            await execute(session, f"UPDATE titik.session SET {column} = {column} - interval '{interval}'")


def secret_of(client: Client) -> str:
    return client.cookies["titik_session"]


def holding(service: httpx.ASGITransport, secret: str) -> Client:
    return Client(transport=service, base_url=HERE, headers=OWN, cookies=jar(secret))


# -- the way in and out


async def test_the_way_of_an_officer_in_and_out(client: Client, database: Settings) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    form = await client.get("/portal/masuk")
    assert (form.status_code, form.headers["cache-control"]) == (200, "private, no-store")
    assert 'autocomplete="current-password"' in form.text
    entered = await enter(client, "pic-mojoroto", ke="/portal/titik%3Fstate%3Dreturned", **{"User-Agent": PHONE})
    assert (entered.status_code, entered.headers["location"]) == (303, "/portal/titik?state=returned"), entered.text
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("titik_session=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")
    lifetime = re.search(r"; Max-Age=(\d+);", cookie)
    assert lifetime is not None
    assert int(lifetime[1]) in {7775999, 7776000}
    me = (await client.get("/me")).json()
    assert (me["account"], me["role"], "token" in me) == ("pic-mojoroto", "pic", False)
    assert (await client.get("/portal/masuk?ke=/portal/catat")).headers["location"] == "/portal/catat"
    left = await client.post("/portal/keluar", headers=OWN)
    assert (left.status_code, left.headers["location"]) == (303, "/portal/masuk")
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert "titik_session" not in client.cookies
    assert code_of(await client.get("/me")) == (401, "token-missing")


async def test_a_wrong_password_stands_at_its_field(client: Client, database: Settings) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    refused = await enter(client, "pic-mojoroto", OTHER)
    assert refused.status_code == 401
    assert 'value="pic-mojoroto"' in refused.text
    assert OTHER not in refused.text
    assert 'aria-describedby="sandi-error" aria-invalid="true" autofocus' in refused.text
    assert "Nama akun atau sandinya salah." in refused.text
    assert "set-cookie" not in refused.headers
    empty = await client.post("/portal/masuk", data={"akun": "", "sandi": ""}, headers=OWN)
    assert empty.status_code == 422
    assert 'aria-describedby="akun-error" aria-invalid="true" autofocus' in empty.text


@pytest.mark.parametrize(
    "away", ["//jahat.example", "/\\jahat.example", "https://jahat.example", "javascript:alert(1)", "/\t/jahat.example"]
)
async def test_nobody_is_led_elsewhere(browser: Browser, away: str) -> None:
    officer = await browser("pic", MOJOROTO)
    led = await officer.get("/portal/masuk", params={"ke": away})
    assert (led.status_code, led.headers["location"]) == (303, "/portal/")


# -- the cookie in place of a token


async def test_a_cookie_opens_what_a_token_opens(browser: Browser, as_role: AsRole) -> None:
    officer, colleague = await browser("pic", MOJOROTO), await as_role("walidata")
    posted = await submitted(officer, a_feature())
    own = f"/collections/posyandu/items/{posted['id']}"
    seen = await officer.get(own)
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, no-store")
    assert "Cookie" in seen.headers["vary"]
    assert code_of(await officer.get("/accounts")) == (403, "action-forbidden")
    assert (await colleague.get("/reviews")).json()["reviews"][0]["point"] == posted["id"]
    assert "PUT" in (await officer.options(own)).headers["allow"]


async def test_a_token_counts_before_the_cookie(browser: Browser, database: Settings) -> None:
    officer = await browser("pic", MOJOROTO)
    token = await a_token(database, "opd", name="opd-lain")
    assert (await officer.get("/me", headers={"Authorization": f"Bearer {token}"})).json()["account"] == "opd-lain"
    assert code_of(await officer.get("/me", headers={"Authorization": "Bearer titik_falsch"})) == (401, "token-unknown")


async def test_what_was_remembered_for_everybody_is_not_for_who_is_signed_in(browser: Browser, as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    officer = await browser("opd")
    # An RT is public to three digits and without its address.
    await published(pic, walidata, a_feature(name=None, jenis=None, rt="5", rw="1", address="Jl. Rahasia 9"), "rt")
    tile = "/collections/rt/tiles/WebMercatorQuad/14/8547/13287"
    lists = "/collections/rt/items"
    public, again = await client.get(tile), await client.get(tile)
    own = await officer.get(tile)
    assert public.content == again.content
    assert "private" not in public.headers["cache-control"]
    assert own.headers["cache-control"] == "private, no-store"
    assert "Rahasia" in (await officer.get(lists)).text
    assert "Rahasia" not in (await client.get(lists)).text
    assert (await client.get(tile)).content == public.content
    assert (await officer.get(tile, headers={"If-None-Match": public.headers["etag"]})).status_code == 200


async def test_who_was_signed_in_still_sees_what_everybody_sees(browser: Browser, database: Settings) -> None:
    officer = await browser("pic", MOJOROTO)
    await age(database, last_used_at="31 days")
    for address in ("/", "/collections/posyandu/items", "/portal/masuk", "/categories"):
        assert (await officer.get(address)).status_code == 200, address
    assert code_of(await officer.get("/me")) == (401, "session-ended")
    wrong = Client(transport=officer._transport, base_url=HERE, cookies={"titik_session": "unsinn"})
    assert code_of(await wrong.get("/me")) == (401, "session-ended")


# -- from our own pages only


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://jahat.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": HERE},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": HERE},
        {"Origin": "https://titik.test"},
        {"Origin": "null"},
        {},
    ],
)
async def test_another_site_changes_nothing(browser: Browser, headers: dict[str, str]) -> None:
    officer = await browser("pic", MOJOROTO)
    del officer.headers["sec-fetch-site"]
    refused = await officer.post("/collections/posyandu/items", json=a_feature(), headers=headers)
    assert code_of(refused) == (403, "cross-site")
    assert code_of(await officer.post("/portal/keluar", headers=headers)) == (403, "cross-site")
    assert (await officer.get("/me")).status_code == 200


@pytest.mark.parametrize("headers", [OWN, {"Origin": HERE}, {**OWN, "Origin": "null"}])
async def test_our_own_pages_change_what_they_may(browser: Browser, headers: dict[str, str]) -> None:
    officer = await browser("pic", MOJOROTO)
    del officer.headers["sec-fetch-site"]
    assert (await officer.post("/collections/posyandu/items", json=a_feature(), headers=headers)).status_code == 201


async def test_another_site_signs_nobody_in(client: Client, database: Settings) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    refused = await client.post(
        "/portal/masuk", data={"akun": "pic-mojoroto", "sandi": PASSWORD}, headers={"Origin": "https://jahat.example"}
    )
    assert code_of(refused) == (403, "cross-site")
    assert "set-cookie" not in refused.headers


async def test_programs_need_no_origin(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    posted = await pic.post("/collections/posyandu/items", json=a_feature(), headers={"Sec-Fetch-Site": "cross-site"})
    assert posted.status_code == 201


async def test_no_origin_may_read_with_the_cookie(browser: Browser) -> None:
    officer = await browser("pic", MOJOROTO)
    answer = await officer.get("/me", headers={"Origin": "https://jahat.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


# -- rotation


async def test_a_secret_is_followed_by_another_and_a_copy_of_it_ends_the_session(
    browser: Browser, database: Settings, service: httpx.ASGITransport
) -> None:
    officer = await browser("pic", MOJOROTO)
    first = secret_of(officer)
    assert "set-cookie" not in (await officer.get("/me")).headers
    await age(database, rotated_at="2 hours")
    offered = await officer.get("/me")
    second = secret_of(officer)
    assert (second, offered.headers["cache-control"]) == (successor_of(KEY, first), "private, no-store")
    thief = holding(service, first)
    # Not yet taken up: what is under way, and a browser that was killed before it wrote the cookie down, come with the first.
    assert (await officer.get("/me")).status_code == 200
    assert "set-cookie" not in (await thief.get("/me")).headers
    await age(database, offered_at="2 minutes")
    assert (await officer.get("/me")).status_code == 200
    assert (await thief.get("/me")).status_code == 200
    await age(database, rotated_at="4 minutes")
    assert code_of(await thief.get("/me")) == (401, "session-ended")
    assert code_of(await officer.get("/me")) == (401, "session-ended")
    async with open_once(database.owner_dsn) as session:
        detail = await value(session, "SELECT detail FROM titik.audit WHERE action = 'session.end'")
    assert detail == {"reason": "reused"}


async def test_an_answer_that_was_lost_is_given_again(browser: Browser, database: Settings, service: httpx.ASGITransport) -> None:
    officer = await browser("pic", MOJOROTO)
    first = secret_of(officer)
    await age(database, rotated_at="2 hours")
    assert (await holding(service, first).get("/me")).cookies["titik_session"] == successor_of(KEY, first)
    # Ten days without a network, with the old cookie.
    await age(database, offered_at="10 days", last_used_at="10 days", rotated_at="10 days")
    assert (await officer.get("/me")).status_code == 200
    assert secret_of(officer) == successor_of(KEY, first)


async def test_of_many_at_once_one_is_offered_the_next_secret(browser: Browser, database: Settings, service: httpx.ASGITransport) -> None:
    officer = await browser("pic", MOJOROTO)
    first = secret_of(officer)
    await age(database, rotated_at="2 hours")
    many = [holding(service, first) for _ in range(12)]
    answers = await asyncio.gather(*(one.get("/me") for one in many))
    assert {one.status_code for one in answers} == {200}
    assert [one.cookies["titik_session"] for one in answers if "set-cookie" in one.headers] == [successor_of(KEY, first)]
    await age(database, offered_at="2 minutes")
    mixed = [holding(service, successor_of(KEY, first) if number % 2 else first) for number in range(12)]
    assert {one.status_code for one in await asyncio.gather(*(one.get("/me") for one in mixed))} == {200}


async def test_an_offer_that_was_undone_is_none(browser: Browser, database: Settings) -> None:
    officer = await browser("pic", MOJOROTO)
    await age(database, rotated_at="2 hours")
    refused = await officer.post("/collections/posyandu/items", json={"type": "Feature"})
    assert (refused.status_code, "set-cookie" in refused.headers) == (422, False)
    assert "set-cookie" in (await officer.get("/me")).headers


# -- the end


async def test_a_session_ends_with_time_the_password_and_the_account(browser: Browser, database: Settings, as_role: AsRole) -> None:
    admin = await as_role("admin")
    officer = await browser("pic", MOJOROTO, name="pic-mojoroto")
    await age(database, last_used_at="29 days")
    assert (await officer.get("/me")).status_code == 200
    await age(database, expires_at="91 days")
    assert code_of(await officer.get("/me")) == (401, "session-ended")
    await age(database, expires_at="-91 days")
    assert (await officer.get("/me")).status_code == 200
    link = (await admin.post("/accounts/pic-mojoroto/reset-link")).json()["link"]
    assert (await admin.post(link, json={"password": OTHER})).status_code == 204
    assert code_of(await officer.get("/me")) == (401, "session-ended")
    clerk = await browser("opd", name="opd-1")
    assert (await admin.patch("/accounts/opd-1", json={"active": False})).status_code == 200
    assert code_of(await clerk.get("/me")) == (401, "session-ended")


async def test_a_lost_telephone_is_signed_out_by_an_administrator(browser: Browser, as_role: AsRole) -> None:
    admin, officer = await as_role("admin"), await browser("pic", MOJOROTO, name="pic-mojoroto")
    assert (await admin.delete("/accounts/pic-mojoroto/tokens")).json() == {"revoked": 1}
    assert code_of(await officer.get("/me")) == (401, "session-ended")


async def test_last_use_is_written_once_a_minute(browser: Browser, database: Settings) -> None:
    officer = await browser("pic", MOJOROTO)
    seen: list[Any] = []
    for ago in ("30 seconds", "40 seconds"):
        await age(database, last_used_at=ago)
        await officer.get("/me")
        async with open_once(database.owner_dsn) as session:
            seen.append(await value(session, "SELECT extract(epoch FROM now() - last_used_at)::float8 FROM titik.session"))
    assert seen[0] > 25
    assert seen[1] < 25


async def test_who_signs_in_again_leaves_no_session_behind(client: Client, database: Settings) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    for _ in range(2):
        assert (await enter(client, "pic-mojoroto")).status_code == 303
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT count(*) FROM titik.session WHERE ended_at IS NULL") == 1


@pytest.mark.parametrize(
    ("public", "name", "path"),
    [
        ("https://titik.kota.example", "__Host-titik_session", "/"),
        ("https://kota.example/titik", "__Secure-titik_session", "/titik"),
        ("http://kota.example/titik", "titik_session", "/titik"),
    ],
)
async def test_the_cookie_is_as_narrow_as_the_address_lets_it_be(database: Settings, public: str, name: str, path: str) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    app = create_app(database.model_copy(update={"public_url": public}))
    headers = {"Origin": public.removesuffix("/titik"), "Host": "dalam:8000"}
    async with running(app), Client(transport=httpx.ASGITransport(app), base_url="http://dalam:8000") as client:
        entered = await client.post("/portal/masuk?ke=/portal/catat", data={"akun": "pic-mojoroto", "sandi": PASSWORD}, headers=headers)
        prefix = "" if path == "/" else path
        assert (entered.status_code, entered.headers["location"]) == (303, f"{prefix}/portal/catat"), entered.text
        cookie = entered.headers["set-cookie"]
        secret = cookie.partition("=")[2].partition(";")[0]
        assert cookie.startswith(f"{name}=")
        assert cookie.endswith(f"; Path={path}; HttpOnly; SameSite=Lax" + ("; Secure" if public.startswith("https") else ""))
        assert (await client.get("/me", headers={"Cookie": f"{name}={secret}"})).status_code == 200
        if name != "titik_session":
            # What another host of the domain or a page over http could plant is not looked at.
            assert code_of(await client.get("/me", headers={"Cookie": f"titik_session={secret}"})) == (401, "token-missing")


async def test_an_account_of_a_trial_is_told_where_its_password_is(browser: Browser) -> None:
    for name, is_told in (("demo-admin", True), ("kepala", False)):
        page = await (await browser("admin", name=name)).get("/portal/sandi", headers={"Accept": "text/html"})
        assert (page.status_code, "demo-password" in page.text) == (200, is_told)


async def test_a_link_of_a_trial_signs_in_once(client: Client, database: Settings) -> None:
    account_id = await account(database, "walidata", name="demo-walidata")
    async with open_once(database.owner_dsn) as session:
        link = f"/portal/masuk/{await sessions.make_link(session, database.secret, account_id, 60)}"
    for _ in range(2):
        page = await client.get(link)
        assert (page.status_code, "demo-walidata" in page.text) == (200, True)
    answers = await asyncio.gather(*(client.post(link, headers=OWN) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [303, 404, 404]
    client.cookies.clear()
    assert code_of(await client.get(link)) == (404, "link-ended")
    async with open_once(database.owner_dsn) as session:
        ended = f"/portal/masuk/{await sessions.make_link(session, database.secret, account_id, -1)}"
    assert code_of(await client.post(ended, headers=OWN)) == (404, "link-ended")
    # Nor does it set a password.
    async with open_once(database.owner_dsn) as session:
        other = await sessions.make_link(session, database.secret, account_id, 60)
    assert code_of(await client.get(f"/me/reset/{other}")) == (404, "link-ended")


async def test_tries_of_a_password_are_counted_on_the_page_too(client: Client, database: Settings) -> None:
    await account(database, "pic", MOJOROTO, name="pic-mojoroto", password=PASSWORD)
    for _ in range(5):
        await enter(client, "pic-mojoroto", OTHER)
        await client.post("/tokens/password", json={"account": "pic-mojoroto", "password": OTHER})
    refused = await enter(client, "pic-mojoroto")
    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (429, True)
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize("role", ["admin", "walidata"])
async def test_a_page_that_names_who_is_signed_in_is_shown_to_nobody_else(client: Client, browser: Browser, role: str) -> None:
    somebody = await browser(role, name="nama-rahasia")
    page = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    for path in ("/", "/collections", "/portal/peta", "/collections/posyandu/items", "/conformance", "/api.html"):
        own = await somebody.get(path, headers=page)
        assert (own.status_code, "nama-rahasia" in own.text, own.headers["cache-control"]) == (200, True, "private, no-store"), path
        assert "nama-rahasia" not in (await client.get(path, headers=page)).text, path
        assert "nama-rahasia" in (await somebody.get(path, headers=page)).text, path
