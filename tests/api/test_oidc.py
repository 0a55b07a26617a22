"""Signing in at a city's identity server: a browser, the service and a provider, each with a socket of its own."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from pydantic import SecretStr, ValidationError

from app.accounts import binding, discovery, oidc, queries
from app.accounts.tokens import is_wellformed
from app.connections import open_once
from app.db import Database
from app.errors import Forbidden
from app.main import create_app
from app.routers import sign_in
from app.settings import Settings
from app.statement import Statement
from tests.api.test_html import check_policy
from tests.factories import MOJOROTO, a_feature, a_token, code_of, execute
from tests.oidc_provider import ALGORITHMS, CLAIMS, CLIENT_ID, HEADERS, REALM, SECRET
from tests.test_cli import COMMAND, ROOT, environment

pytestmark = pytest.mark.anyio

REFUSED = (401, "sign-in-refused")
UNAVAILABLE = (503, "identity-server-unavailable")
NO_ACCOUNT = (403, "account-not-there")


class Provider:
    """The process of `tests/oidc_provider.py`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.oidc_provider"],
            cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        self._address = self._process.stdout.readline().strip()
        self.issuer = self._address + REALM

    def told(self, **wanted: Any) -> dict[str, int]:
        """Tells it what to do from now on; what it was asked for until now."""
        counts: dict[str, int] = httpx.post(f"{self._address}/control", content=json.dumps(wanted), trust_env=False).json()
        return counts

    def end(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def process() -> Iterator[Provider]:
    one = Provider()
    yield one
    one.end()


@pytest.fixture
def provider(process: Provider) -> Provider:
    process.told(reset=True)
    return process


@pytest.fixture
async def unbound(database: Settings) -> Settings:
    """Budi writes for Mojoroto, and nobody has said who that is at the identity server."""
    await a_token(database, "pic", [MOJOROTO], "budi")
    return database


@pytest.fixture
async def budi(unbound: Settings) -> Settings:
    """An administrator has said so."""
    await change(unbound, "UPDATE titik.account SET oidc_subject = 'sub-1' WHERE name = 'budi'")
    return unbound


class Browser(httpx.AsyncClient):
    """Goes where it is sent one step at a time, and keeps its cookies."""

    def __init__(self, service: str) -> None:
        super().__init__(base_url=service, follow_redirects=False, trust_env=False, timeout=30)

    async def leave(self) -> httpx.Response:
        away = await self.get("/tokens/oidc")
        assert away.status_code == 303, away.text
        return away

    async def come_back_with(self) -> str:
        """The address to which the identity server sends it back, not gone to yet."""
        there = await self.get((await self.leave()).headers["location"])
        assert there.status_code == 302, there.text
        return str(there.headers["location"])

    async def sign_in(self, **headers: str) -> httpx.Response:
        return await self.get(await self.come_back_with(), headers=headers)


class Service:
    def __init__(self, url: str, app: Any) -> None:
        self.url, self.app = url, app
        self._browsers: list[Browser] = []

    def browser(self) -> Browser:
        self._browsers.append(Browser(self.url))
        return self._browsers[-1]

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.aclose()


@asynccontextmanager
async def serving(settings: Settings, provider: Provider, **changes: Any) -> AsyncIterator[Service]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        how = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": SecretStr(SECRET), "public_url": url}
        app = create_app(settings.model_copy(update=how | changes))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        service = Service(url, app)
        try:
            while not server.started:
                assert not running.done()
                await asyncio.sleep(0.01)
            yield service
        finally:
            await service.close()
            server.should_exit = True
            await running


@pytest.fixture
async def service(budi: Settings, provider: Provider) -> AsyncIterator[Service]:
    async with serving(budi, provider) as one:
        yield one


async def rows(settings: Settings, sql: str) -> list[dict[str, Any]]:
    async with open_once(settings.owner_dsn) as session:
        return [dict(row) for row in await session.all(Statement(sql))]


async def change(settings: Settings, sql: str) -> None:
    async with open_once(settings.owner_dsn) as session:
        await execute(session, sql)


# -- the way


async def test_who_signs_in_gets_a_token_that_works(service: Service, budi: Settings) -> None:
    browser = service.browser()
    away = await browser.leave()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{service.url}/tokens/oidc/callback"
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"], asked["ui"]) == (
        "code",
        "S256",
        "openid profile",
        "kota",
    )
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert away.headers["cache-control"] == "no-store"
    cookie = away.headers["set-cookie"]
    assert re.fullmatch(r"titik-oidc=[\w.-]+; HttpOnly; Max-Age=600; Path=/tokens/oidc; SameSite=lax", cookie)
    back = (await browser.get(away.headers["location"])).headers["location"]
    answer = await browser.get(back)
    assert (answer.status_code, answer.headers["cache-control"], answer.headers["content-type"]) == (200, "no-store", "application/json")
    body = answer.json()
    assert body.keys() == {"token", "account", "role", "expires_at"}
    assert (body["account"], body["role"], is_wellformed(body["token"])) == ("budi", "pic", True)
    assert 'titik-oidc=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not browser.cookies
    authorized = {"Authorization": f"Bearer {body['token']}"}
    assert (await browser.post("/collections/posyandu/items", json=a_feature(), headers=authorized)).status_code == 201
    stored = await rows(budi, "SELECT origin, expires_at - created_at AS valid FROM titik.token ORDER BY id DESC LIMIT 1")
    assert (stored[0]["origin"], round(stored[0]["valid"].total_seconds() / 3600)) == ("oidc", 168)


async def test_who_began_on_a_page_goes_on_signed_in(service: Service, budi: Settings) -> None:
    browser = service.browser()
    assert "/portal/masuk/kota?ke=/portal/catat" in (await browser.get("/portal/masuk?ke=/portal/catat")).text
    away = await browser.get("/portal/masuk/kota?ke=/portal/catat")
    assert "prompt" not in away.headers["location"]
    back = (await browser.get(away.headers["location"])).headers["location"]
    answer = await browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/catat"), answer.text
    assert set(browser.cookies) == {"titik_session"}
    me = (await browser.get("/me")).json()
    assert (me["account"], "token" in me) == ("budi", False)
    assert await rows(budi, "SELECT origin FROM titik.session") == [{"origin": "oidc"}]
    assert await rows(budi, "SELECT 1 FROM titik.token WHERE origin = 'oidc'") == []
    again = await browser.get("/portal/masuk/kota?ke=//jahat.example")
    assert "prompt=login" in again.headers["location"]
    back = (await browser.get(again.headers["location"])).headers["location"]
    assert (await browser.get(back)).headers["location"] == "/portal/"
    await change(budi, "UPDATE titik.account SET oidc_subject = NULL")
    there = (await browser.get((await browser.get("/portal/masuk/kota")).headers["location"])).headers["location"]
    assert code_of(await browser.get(there))[0] == 403


async def test_it_is_recorded_and_no_listener_learns_of_it(service: Service, budi: Settings) -> None:
    await service.browser().sign_in()
    recorded = await rows(budi, "SELECT account_id, subject, detail FROM titik.audit WHERE action = 'token.issue' ORDER BY id DESC LIMIT 1")
    (token,) = await rows(budi, "SELECT id, account_id FROM titik.token WHERE origin = 'oidc'")
    account = token["account_id"]
    assert recorded == [{"account_id": account, "subject": str(token["id"]), "detail": {"account": account, "origin": "oidc"}}]
    assert await rows(budi, f"SELECT 1 FROM titik.outbox WHERE type = 'token.issue' AND subject = '{token['id']}'") == []


@pytest.mark.parametrize(("language", "words"), [("id", "hanya ditampilkan sekali"), ("en", "shown only once")])
async def test_a_browser_gets_a_page_that_runs_nothing_but_our_files(service: Service, language: str, words: str) -> None:
    page = await service.browser().sign_in(Accept="text/html,*/*;q=0.8", **{"Accept-Language": language})
    assert (page.headers["content-type"], page.headers["content-language"]) == ("text/html; charset=utf-8", language)
    check_policy(page)
    assert page.headers["cache-control"] == "no-store"
    assert words in page.text
    assert "budi (pic)" in page.text
    token = re.search(r"<code class=\"copied\">(.*)</code>", page.text)
    assert token
    assert is_wellformed(token[1])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_every_algorithm_that_is_believed(service: Service, provider: Provider, algorithm: str) -> None:
    provider.told(algorithm=algorithm)
    assert (await service.browser().sign_in()).status_code == 200


@pytest.mark.parametrize("right", [name for name in CLAIMS if name.startswith("right")] + ["right-without-kid"])
async def test_what_is_right_though_unusual(service: Service, provider: Provider, right: str) -> None:
    # Of the keys without a name in the token only one can have made this signature.
    provider.told(wrong=right, algorithm="ES256" if right == "right-without-kid" else "RS256")
    assert (await service.browser().sign_in()).status_code == 200


@pytest.mark.parametrize(("client", "secret"), [("basic", SECRET), ("post", SECRET), ("public", None)])
async def test_the_service_proves_itself_as_the_provider_wants(budi: Settings, provider: Provider, client: str, secret: str | None) -> None:
    provider.told(client=client)
    async with serving(budi, provider, oidc_client_secret=SecretStr(secret) if secret else None) as service:
        assert (await service.browser().sign_in()).status_code == 200


async def test_a_wrong_secret_of_the_client_is_a_refusal(budi: Settings, provider: Provider) -> None:
    async with serving(budi, provider, oidc_client_secret=SecretStr("salah")) as service:
        assert code_of(await service.browser().sign_in()) == REFUSED


# -- what is refused

# What the log says of each: that it was refused for this, and not for something on the way there.
REASONS: dict[str, tuple[str, ...]] = {
    "id-token-iss": ("wrong-iss", "iss-with-a-slash", "no-iss"),
    "id-token-aud": ("wrong-aud", "no-aud", "aud-of-others"),
    "id-token-azp": ("several-aud-without-azp", "wrong-azp", "wrong-azp-alone"),
    "id-token-nonce": ("wrong-nonce", "no-nonce"),
    "id-token-exp": ("expired", "no-exp", "exp-not-a-number", "exp-that-is-no-number"),
    "id-token-iat": ("issued-in-the-future", "no-iat"),
    "id-token-nbf": ("not-yet-valid",),
    "id-token-at_hash": ("wrong-at-hash",),
    "id-token-sub": ("no-sub", "empty-sub", "sub-not-a-text", "sub-with-nul", "sub-half-a-character", "sub-too-long"),
    "id-token-unsupported_algorithm": (
        "none", "none-with-kid", "hs256-with-the-public-key", "hs256-with-the-secret-of-the-client", "hs256-with-a-key-of-the-set",
        "algorithm-not-allowed",
    ),
    "id-token-invalid_key_id": ("unknown-kid", "key-for-encryption", "key-too-small", "algorithm-of-another-key", "no-keys-at-all"),
    "id-token-bad_signature": ("wrong-signature", "key-in-the-header"),
    "id-token-invalid_header_value": ("kid-not-a-text",),
    "id-token-unsupported_header": ("critical-and-unknown",),
    "id-token-invalid_payload": ("payload-is-a-list",),
    "id-token-unreadable": ("header-is-a-list", "payload-without-end"),
    "id-token-decode_error": ("garbage", "not-ascii"),
    "id-token-missing": ("no-id-token",),
    "token-no-document": ("token-is-a-list", "token-is-not-json", "token-is-packed"),
    "answer-access_denied": ("denied",),
    "answer-iss": ("answer-of-another",),
}  # fmt: skip
WRONG = [(wrong, reason) for reason, wrongs in REASONS.items() for wrong in wrongs]


def test_every_wrong_token_of_the_provider_is_tried() -> None:
    assert {name for name in (*CLAIMS, *HEADERS) if not name.startswith("right")} <= {wrong for wrong, _ in WRONG}


@pytest.mark.parametrize(("wrong", "reason"), WRONG)
async def test_whatever_is_wrong_is_refused_the_same_way(
    service: Service, budi: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch, wrong: str, reason: str
) -> None:
    log: list[dict[str, Any]] = []
    monkeypatch.setattr(sign_in._log, "info", lambda _, **told: log.append(told), raising=False)
    provider.told(wrong=wrong)
    browser = service.browser()
    answer = await browser.sign_in()
    assert code_of(answer) == REFUSED
    assert [line["reason"] for line in log] == [reason]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    told = {name: value for name, value in answer.json().items() if name != "request_id"}
    assert told.keys() == {"type", "title", "status", "detail", "hint", "instance"}
    assert await rows(budi, "SELECT id FROM titik.token WHERE origin = 'oidc'") == []
    # It was this token that was refused, not the way. Keys that are gone are gone for a minute.
    provider.told(wrong="")
    if wrong != "no-keys-at-all":
        assert (await browser.sign_in()).status_code == 200


async def test_a_provider_that_names_itself_must_do_so_in_every_answer(budi: Settings, provider: Provider) -> None:
    provider.told(wrong="answer-without-iss")
    async with serving(budi, provider) as service:
        assert code_of(await service.browser().sign_in()) == REFUSED


async def test_one_browser_cannot_end_what_another_began(service: Service) -> None:
    one, other = service.browser(), service.browser()
    back = await one.come_back_with()
    assert code_of(await other.get(back)) == REFUSED
    await other.leave()
    assert code_of(await other.get(back)) == REFUSED


async def test_a_sign_in_ends_once(service: Service, budi: Settings) -> None:
    browser = service.browser()
    back = await browser.come_back_with()
    cookie = browser.cookies["titik-oidc"]
    assert (await browser.get(back)).status_code == 200
    assert code_of(await browser.get(back)) == REFUSED
    # Even with a copy of the cookie: the provider gives each code away once.
    assert code_of(await service.browser().get(back, headers={"Cookie": f"titik-oidc={cookie}"})) == REFUSED
    assert len(await rows(budi, "SELECT id FROM titik.token WHERE origin = 'oidc'")) == 1


async def test_a_cookie_that_was_tampered_with_is_none(service: Service, provider: Provider) -> None:
    browser = service.browser()
    back = await browser.come_back_with()
    cookie = browser.cookies["titik-oidc"]
    state, nonce, verifier, expires_at, leads_to, signature = cookie.split(".")
    asked_before = provider.told().get("token", 0)
    for forged in (
        "",
        "....",
        "ä" * 99,
        f"{state}.{nonce}.{verifier}.{int(expires_at) + 1}.{leads_to}.{signature}",
        f"{state}.{nonce}x.{verifier}.{expires_at}.{leads_to}.{signature}",
        f"{state}.{nonce}.{verifier}.{expires_at}.{leads_to}x.{signature}",
        f"{state}.{nonce}.{verifier}.{expires_at}.{leads_to}.",
        f"{state}.{nonce}.{verifier}.{expires_at}.{leads_to}.{'0' * 64}",
        cookie[:-1],
    ):
        headers = {b"Cookie": f"titik-oidc={forged}".encode("latin-1")}
        assert code_of(await service.browser().get(back, headers=headers)) == REFUSED, forged
    # Nothing of that was worth a question to the provider.
    assert provider.told().get("token", 0) == asked_before


def test_a_cookie_is_good_for_ten_minutes_and_for_one_secret() -> None:
    journey = oidc.set_out(1000)
    cookie = oidc.seal(b"one", journey)
    assert oidc.unseal(b"one", cookie, 1599) == journey
    assert oidc.unseal(b"one", cookie, 1600) is None
    assert oidc.unseal(b"other", cookie, 1001) is None


async def test_an_expired_cookie_is_refused(service: Service, budi: Settings) -> None:
    browser = service.browser()
    back = await browser.come_back_with()
    late = oidc.seal(budi.secret, oidc.unseal(budi.secret, browser.cookies["titik-oidc"], 0)._replace(expires_at=int(time.time()) - 1))  # type: ignore[union-attr]
    assert code_of(await service.browser().get(back, headers={"Cookie": f"titik-oidc={late}"})) == REFUSED


@pytest.mark.parametrize(
    "query", ["", "?", "?code=x", "?state=x", "?code=x&state=", "?error=access_denied", "?code=x&state=%00", "?x=1&code=%ff"]
)
async def test_a_callback_that_nobody_sent_for(service: Service, query: str) -> None:
    browser = service.browser()
    await browser.leave()
    assert code_of(await browser.get(f"/tokens/oidc/callback{query}")) == REFUSED


@pytest.mark.parametrize("query", [{"code": "x" * 4097}, {"state": "x" * 129}, {"error": "x" * 129}, {"iss": "x" * 513}])
async def test_a_callback_that_is_too_long(service: Service, query: dict[str, str]) -> None:
    assert code_of(await service.browser().get("/tokens/oidc/callback", params=query)) == (400, "parameter-invalid")


async def test_a_browser_that_is_refused_is_told_what_to_do(service: Service) -> None:
    page = await service.browser().get(
        "/tokens/oidc/callback?code=%3Cb%3E&state=x", headers={"Accept": "text/html", "Accept-Language": "en"}
    )
    assert (page.status_code, page.headers["cache-control"]) == (401, "no-store")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "did not succeed" in page.text
    assert f'<a href="{service.url}/tokens/oidc">Begin again</a>' in page.text
    assert page.headers["x-request-id"] in page.text
    assert "<b>" not in page.text


# -- keys


async def test_new_keys_are_found_when_they_are_used(service: Service, provider: Provider) -> None:
    assert (await service.browser().sign_in()).status_code == 200
    for number in (2, 3, 4):
        provider.told(rotate=True)
        assert (await service.browser().sign_in()).status_code == 200
        assert provider.told()["keys"] == number


async def test_addresses_and_keys_are_asked_for_once_an_hour(service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        assert (await service.browser().sign_in()).status_code == 200
    assert {name: provider.told()[name] for name in ("discovery", "keys")} == {"discovery": 1, "keys": 1}
    monkeypatch.setattr(discovery, "monotonic", lambda: time.monotonic() + 3601)
    assert (await service.browser().sign_in()).status_code == 200
    assert {name: provider.told()[name] for name in ("discovery", "keys")} == {"discovery": 2, "keys": 2}


async def test_a_hundred_at_once_with_a_key_that_nobody_knows_ask_once(
    service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await service.browser().sign_in()).status_code == 200
    provider.told(wrong="unknown-kid")
    browsers = [service.browser() for _ in range(100)]
    backs = await asyncio.gather(*(browser.come_back_with() for browser in browsers))
    answers = await asyncio.gather(*(browser.get(back) for browser, back in zip(browsers, backs, strict=True)))
    assert {code_of(answer) for answer in answers} == {REFUSED}
    counts = provider.told()
    assert (counts["token"], counts["keys"]) == (101, 2)
    # Nor any sooner than after a minute.
    assert code_of(await service.browser().sign_in()) == REFUSED
    assert provider.told()["keys"] == 2
    monkeypatch.setattr(discovery, "monotonic", lambda: time.monotonic() + 61)
    assert code_of(await service.browser().sign_in()) == REFUSED
    assert provider.told()["keys"] == 3


async def test_many_first_ones_at_once_ask_once(service: Service, provider: Provider) -> None:
    answers = await asyncio.gather(*(service.browser().sign_in() for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    counts = provider.told()
    assert (counts["discovery"], counts["keys"]) == (1, 1)


@pytest.mark.parametrize("later_s", [0, 3601])
async def test_keys_that_cannot_be_fetched_are_not_forgotten(
    service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch, later_s: int
) -> None:
    assert (await service.browser().sign_in()).status_code == 200
    provider.told(wrong="keys-down")
    monkeypatch.setattr(discovery, "monotonic", lambda: time.monotonic() + later_s)
    for _ in range(3):
        assert (await service.browser().sign_in()).status_code == 200
    # Nor is it tried again at every sign-in.
    assert provider.told()["keys"] == 1 + (later_s > 0)


async def test_a_key_that_nobody_knows_while_the_keys_cannot_be_fetched(service: Service, provider: Provider) -> None:
    assert (await service.browser().sign_in()).status_code == 200
    provider.told(rotate=True, wrong="keys-down")
    assert code_of(await service.browser().sign_in()) == REFUSED


# -- a server that does not do its part

TROUBLE = ["down", "redirects", "is-huge", "never-answers", "drips"]


@pytest.mark.parametrize("wrong", [f"{place}-{kind}" for place in ("keys", "token") for kind in TROUBLE] + ["keys-is-a-list", "keys-is-not-json", "keys-is-packed"])  # fmt: skip
async def test_trouble_is_no_refusal(service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    provider.told(wrong=wrong)
    browser = service.browser()
    back = await browser.come_back_with()
    monkeypatch.setattr(discovery, "TIMEOUT_S", 0.5)
    began = time.monotonic()
    answer = await browser.get(back)
    monkeypatch.undo()
    assert (code_of(answer), time.monotonic() - began < 5) == (UNAVAILABLE, True)
    assert int(answer.headers["retry-after"]) > 0
    counts = provider.told(wrong="")
    assert counts.get("elsewhere", 0) == 0
    assert counts.get("dripped", 0) < 40 * discovery.MOST_BYTES
    assert (await browser.sign_in()).status_code == 200


DISCOVERY = [
    *(f"discovery-{kind}" for kind in TROUBLE),
    *("discovery-other-issuer", "discovery-unsafe-token", "discovery-unsafe-keys", "discovery-unsafe-authorize", "discovery-no-token"),
    *("discovery-is-not-json", "discovery-is-a-list"),
]


@pytest.mark.parametrize("wrong", DISCOVERY)
async def test_nobody_is_sent_to_a_server_that_does_not_describe_itself(
    service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr(discovery, "TIMEOUT_S", 0.5)
    provider.told(wrong=wrong)
    browser = service.browser()
    answer = await browser.get("/tokens/oidc")
    assert code_of(answer) == UNAVAILABLE
    assert "retry-after" in answer.headers
    page = await browser.get("/tokens/oidc", headers={"Accept": "text/html"})
    assert (page.status_code, "retry-after" in page.headers, "Server identitas" in page.text) == (503, True, True)
    monkeypatch.undo()
    provider.told(wrong="")
    assert (await browser.sign_in()).status_code == 200


async def test_who_waits_for_a_server_that_is_down_does_not_wait_in_a_row(
    service: Service, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "TIMEOUT_S", 0.5)
    provider.told(wrong="discovery-never-answers")
    began = time.monotonic()
    answers = await asyncio.gather(*(service.browser().get("/tokens/oidc") for _ in range(20)))
    assert {code_of(answer) for answer in answers} == {UNAVAILABLE}
    assert time.monotonic() - began < 8


async def test_a_sign_in_waits_for_no_connection_of_the_database(
    budi: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow identity server must not keep everybody else from writing."""
    monkeypatch.setattr(discovery, "TIMEOUT_S", 3)
    async with serving(budi, provider, write_connections=1, pool_timeout_s=0.5) as service:
        backs = [(browser := service.browser(), await browser.come_back_with()) for _ in range(3)]
        provider.told(wrong="token-never-answers")
        waiting = [asyncio.create_task(browser.get(back)) for browser, back in backs]
        await asyncio.sleep(0.3)
        answer = await service.browser().get("/reviews", headers={"Authorization": "Bearer salah"})
        assert code_of(answer) == (401, "token-unknown")
        assert {code_of(one) for one in await asyncio.gather(*waiting)} == {UNAVAILABLE}


# -- whose account


async def test_an_account_belongs_to_whom_it_was_bound_whatever_they_are_called(service: Service, provider: Provider) -> None:
    assert (await service.browser().sign_in()).status_code == 200
    provider.told(claims={"sub": "sub-2", "preferred_username": "budi"})
    answer = await service.browser().sign_in()
    assert code_of(answer) == NO_ACCOUNT
    assert "admin" in answer.json()["hint"]
    # And stays theirs when they are called otherwise, or not at all.
    for claims in ({"preferred_username": "budi.santoso"}, {}):
        provider.told(claims={"sub": "sub-1", **claims})
        assert (await service.browser().sign_in()).json()["account"] == "budi"


async def test_nobody_takes_two_accounts(service: Service, budi: Settings, provider: Provider) -> None:
    await a_token(budi, "walidata", (), "wati")
    assert (await service.browser().sign_in()).json()["account"] == "budi"
    provider.told(claims={"sub": "sub-1", "preferred_username": "wati"})
    assert (await service.browser().sign_in()).json()["account"] == "budi"
    assert await rows(budi, "SELECT name FROM titik.account WHERE oidc_subject IS NOT NULL") == [{"name": "budi"}]


NOT_BOUND = (403, "account-not-bound")


async def test_a_name_alone_asks_and_binds_nothing(unbound: Settings, provider: Provider) -> None:
    admin = {"Authorization": f"Bearer {await a_token(unbound, 'admin', (), 'admin-1')}"}
    async with serving(unbound, provider) as service:
        answers = await asyncio.gather(*(service.browser().sign_in() for _ in range(8)))
        assert {code_of(answer) for answer in answers} == {NOT_BOUND}
        assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
        assert await rows(unbound, "SELECT id FROM titik.token WHERE origin = 'oidc'") == []
        assert await rows(unbound, "SELECT name FROM titik.account WHERE oidc_subject IS NOT NULL") == []
        # Asked eight times, told once: to the administrators and to the account.
        told = await rows(
            unbound,
            "SELECT a.name, n.kind FROM titik.notice n JOIN titik.account a ON a.id = n.account_id WHERE n.kind LIKE 'identity%' ORDER BY a.name",
        )
        assert told == [{"name": "admin-1", "kind": "identity-asks"}, {"name": "budi", "kind": "identity-asks"}]
        assert [row["account_id"] for row in await rows(unbound, "SELECT account_id FROM titik.audit WHERE action = 'identity.ask'")] == [
            None
        ]
        browser = service.browser()
        notice = (await browser.get("/me/inbox", headers=admin)).json()["notices"][0]
        assert (notice["kind"], notice["account"]) == ("identity-asks", "budi")
        seen = (await browser.get("/accounts/budi", headers=admin)).json()
        assert [one["subject"] for one in seen["identity_requests"]] == ["sub-1"]


async def test_an_administrator_says_who_an_account_is(unbound: Settings, provider: Provider) -> None:
    admin = {"Authorization": f"Bearer {await a_token(unbound, 'admin', (), 'admin-1')}"}
    async with serving(unbound, provider) as service:
        browser = service.browser()
        provider.told(claims={"sub": "sub-9", "preferred_username": "budi"})
        assert code_of(await service.browser().sign_in()) == NOT_BOUND
        provider.told(claims={"sub": "sub-1", "preferred_username": "budi"})
        assert code_of(await service.browser().sign_in()) == NOT_BOUND
        bound = await browser.patch("/accounts/budi", json={"oidc_subject": "sub-1"}, headers=admin)
        assert (bound.status_code, bound.json()["oidc_subject"], "identity_requests" in bound.json()) == (200, "sub-1", False)
        token = (await service.browser().sign_in()).json()["token"]
        provider.told(claims={"sub": "sub-9", "preferred_username": "budi"})
        assert code_of(await service.browser().sign_in()) == NO_ACCOUNT
        # Bound is bound: neither side has another before it is ended.
        assert code_of(await browser.patch("/accounts/budi", json={"oidc_subject": "sub-9"}, headers=admin)) == (409, "account-bound")
        other = {"name": "lain", "role": "opd", "oidc_subject": "sub-1"}
        assert code_of(await browser.post("/accounts", json=other, headers=admin)) == (409, "account-bound")
        (recorded,) = await rows(
            unbound,
            "SELECT b.name AS by, t.detail FROM titik.audit t JOIN titik.account b ON b.id = t.account_id WHERE action = 'identity.bind'",
        )
        assert (recorded["by"], recorded["detail"].keys()) == ("admin-1", {"subject_sha256"})
        kinds = [one["kind"] for one in (await browser.get("/me/inbox", headers={"Authorization": f"Bearer {token}"})).json()["notices"]]
        assert kinds == ["identity-bound", "identity-asks", "identity-asks"]
        # Who was let in by mistake is out at once.
        assert (await browser.patch("/accounts/budi", json={"oidc_subject": None}, headers=admin)).status_code == 200
        assert (await browser.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_who_has_a_token_of_the_account_says_so_with_the_code_from_there(unbound: Settings, provider: Provider) -> None:
    own, other = [{"Authorization": f"Bearer {await a_token(unbound, 'pic', [MOJOROTO], name)}"} for name in ("siti", "orang-lain")]
    provider.told(claims={"sub": "sub-1", "preferred_username": "siti"})
    async with serving(unbound, provider) as service:
        browser = service.browser()
        code = (await browser.sign_in()).json()["binding"]["code"]
        subject, expires_at, signature = code.split(".")
        late = binding.make_code(unbound.secret, 2, "sub-1", datetime.now(UTC) - timedelta(seconds=1))
        for headers, wrong in ((other, code), (own, f"{subject}.{int(expires_at) + 1}.{signature}"), (own, late), (own, "x"), (own, "..")):
            refused = await browser.post("/me/identity", json={"code": wrong}, headers=headers)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "identity-code-invalid"), wrong
        said = await browser.post("/me/identity", json={"code": code}, headers=own)
        assert (said.status_code, said.json()) == (200, {"account": "siti", "oidc_subject": "sub-1"})
        assert (await service.browser().sign_in()).json()["account"] == "siti"
    (recorded,) = await rows(unbound, "SELECT account_id, subject FROM titik.audit WHERE action = 'identity.bind'")
    assert recorded["subject"] == str(recorded["account_id"])


async def test_a_browser_is_shown_the_code(unbound: Settings, provider: Provider) -> None:
    async with serving(unbound, provider) as service:
        page = await service.browser().sign_in(Accept="text/html", **{"Accept-Language": "en"})
        assert page.status_code == 403
        assert "/me/identity" in page.text
        code = re.search(r"<code class=\"copied\">(.*)</code>", page.text)
        assert code
        assert binding.read_code(unbound.secret, 1, code[1], datetime.now(UTC)) == "sub-1"


async def test_the_service_itself_can_bind_nobody_whom_it_does_not_act_for(unbound: Settings) -> None:
    database = await Database.connect(unbound)
    try:
        for role, account, binds in (("pic", 2, False), ("pic", 1, True), ("admin", 9, True)):
            async with database.open_write() as session:
                await session.run(
                    Statement(f"SELECT set_config('titik.role', '{role}', true), set_config('titik.account', '{account}', true)")
                )
                asked = session.value(queries.BIND_IDENTITY, account_id=1, subject="sub-1")
                if binds:
                    assert await asked
                else:
                    with pytest.raises(Forbidden):
                        await asked
    finally:
        await database.close()


@pytest.mark.parametrize("called", ["siti", "Budi", "budi ", "", None, 7, ["budi"], "bu\0di", "\ud800", "b" * 256])
async def test_without_an_account_of_that_name_there_is_no_token(service: Service, budi: Settings, provider: Provider, called: Any) -> None:
    provider.told(claims={"sub": "sub-9", "preferred_username": called})
    browser = service.browser()
    answer = await browser.sign_in()
    assert code_of(answer) == NO_ACCOUNT
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await rows(budi, "SELECT name FROM titik.account WHERE oidc_subject <> 'sub-1'") == []
    assert await rows(budi, "SELECT subject FROM titik.identity_request") == []


@pytest.mark.parametrize("bound", [True, False])
async def test_an_account_that_is_not_active_stays_shut(service: Service, budi: Settings, bound: bool) -> None:  # noqa: FBT001
    if bound:
        assert (await service.browser().sign_in()).status_code == 200
    else:
        await change(budi, "UPDATE titik.account SET oidc_subject = NULL")
    await change(budi, "UPDATE titik.account SET active = false")
    assert code_of(await service.browser().sign_in()) == NO_ACCOUNT


@pytest.mark.parametrize(("verified", "expected"), [(True, NOT_BOUND), (False, NO_ACCOUNT), ("true", NO_ACCOUNT), (None, NO_ACCOUNT)])
async def test_an_address_counts_when_it_is_confirmed(
    unbound: Settings, provider: Provider, verified: Any, expected: tuple[int, str]
) -> None:
    await change(unbound, "UPDATE titik.account SET name = 'budi@kota.example'")
    provider.told(claims={"sub": "sub-1", "email": "budi@kota.example", "email_verified": verified})
    async with serving(unbound, provider, oidc_claim="email") as service:
        away = await service.browser().leave()
        assert parse_qs(urlsplit(away.headers["location"]).query)["scope"] == ["openid profile email"]
        assert code_of(await service.browser().sign_in()) == expected


# -- settings


async def test_without_an_identity_server_there_is_nothing_here(database: Settings, provider: Provider) -> None:
    async with serving(database, provider, oidc_issuer="") as service:
        for path in ("/tokens/oidc", "/tokens/oidc/callback?code=x&state=y"):
            assert code_of(await service.browser().get(path)) == (404, "identity-server-missing")


async def test_behind_https_the_cookie_is_for_https_and_for_this_path(budi: Settings, provider: Provider) -> None:
    async with serving(budi, provider, public_url="https://peta.kota.example/titik/") as service:
        away = await service.browser().get("/tokens/oidc", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert urlencode({"redirect_uri": "https://peta.kota.example/titik/tokens/oidc/callback"}) in away.headers["location"]
        assert re.fullmatch(
            r"__Secure-titik-oidc=[\w.-]+; HttpOnly; Max-Age=600; Path=/titik/tokens/oidc; SameSite=lax; Secure", away.headers["set-cookie"]
        )


async def test_a_token_is_valid_as_long_as_is_set(budi: Settings, provider: Provider) -> None:
    async with serving(budi, provider, sign_in_hours=1) as service:
        await service.browser().sign_in()
    (stored,) = await rows(budi, "SELECT expires_at - created_at AS valid FROM titik.token WHERE origin = 'oidc'")
    assert stored["valid"].total_seconds() == 3600


GOOD: dict[str, Any] = {"oidc_issuer": "https://masuk.kota.example", "oidc_client_id": "titik", "public_url": "https://titik.kota.example"}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"oidc_issuer": url} for url in ("http://masuk.kota.example", "http://127.0.0.1.evil.example", "masuk", "https://", "https://a/?b", "https://a/#b", "https://u:p@a/", "https://[")),
        *({"oidc_issuer": ""}, {"oidc_client_id": ""}, {"public_url": ""}, {"sign_in_hours": 0}, {"sign_in_hours": 2161}),
    ],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**GOOD | wrong)


@pytest.mark.parametrize(
    "issuer", ["https://masuk.kota.example/realms/kota", "http://localhost:8080", "http://127.0.0.7", "http://[::1]:8080/"]
)
def test_an_issuer_is_https_or_on_this_machine(issuer: str) -> None:
    assert Settings(**GOOD | {"oidc_issuer": issuer}).oidc_issuer == issuer


# -- the service as it is run


async def test_nothing_secret_is_in_the_log(budi: Settings, provider: Provider, tmp_path: Path) -> None:
    """`titik serve` itself, with all that it can log: neither tokens nor codes, states, cookies, subjects or names."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    variables = environment(
        tmp_path, TITIK_DATABASE_URL=budi.service_dsn, TITIK_SECRET_KEY=budi.secret.decode(), TITIK_PUBLIC_URL=url, TITIK_LOG_LEVEL="debug",
        TITIK_LOG_FORMAT="json", TITIK_OIDC_ISSUER=provider.issuer, TITIK_OIDC_CLIENT_ID=CLIENT_ID, TITIK_OIDC_CLIENT_SECRET=SECRET,
    )  # fmt: skip
    process = _started(variables, port, tmp_path / "log")
    secrets: list[str] = [SECRET, budi.secret.decode(), "sub-1", "sub-2", "budi", "Budi Santoso"]
    try:
        async with Browser(url) as browser:
            await _ready(browser, process)
            for wrong in ("", "wrong-nonce", "denied", "none", "token-down", "token-redirects", "garbage", "sub-with-nul"):
                provider.told(wrong=wrong)
                back = await browser.come_back_with()
                secrets += [*(value for values in parse_qs(urlsplit(back).query).values() for value in values), *browser.cookies.values()]
                answer = await browser.get(back)
                secrets += [answer.json()["token"]] if wrong == "" else []
                browser.cookies.clear()
            provider.told(wrong="", claims={"sub": "sub-2", "preferred_username": "budi"})
            assert code_of(await browser.sign_in()) == NO_ACCOUNT
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    logged = (tmp_path / "log").read_text()
    hidden = {secret for secret in secrets if len(secret) > 3 and secret not in ("access_denied", "kota.example", provider.issuer)}
    assert len(hidden) > 30
    assert [secret for secret in hidden if secret in logged] == []
    for reason in ("id-token-nonce", "answer-access_denied", "id-token-unsupported_algorithm", "status-500", "status-302", "id-token-sub"):
        assert f'"reason":"{reason}"' in logged
    assert '"level":"error"' not in logged
    assert "Traceback" not in logged


def _started(variables: dict[str, str], port: int, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port)],
            env=variables, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip


async def _ready(browser: Browser, process: "subprocess.Popen[bytes]") -> None:
    async with asyncio.timeout(60):
        while process.poll() is None:
            try:
                if (await browser.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError("ended")
