"""Who asks too often waits, and is told how long; nobody is taken for another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest
from pydantic import ValidationError

from app.http.limiting import Limits, client_address
from app.main import create_app
from app.settings import Settings
from tests.factories import MOJOROTO, a_feature, a_token, running

pytestmark = pytest.mark.anyio

NEVER = "/collections/posyandu/items/0190b5a0-0000-7000-8000-000000000000"


@asynccontextmanager
async def serving(settings: Settings, peer: str = "192.0.2.1", **limits: object) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update=limits))
    async with running(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(peer, 40_000)), base_url="http://titik.test"
    ) as client:  # fmt: skip
        yield client


async def test_an_address_that_asks_too_often_is_told_when_to_come_back(database: Settings) -> None:
    async with serving(database, rate_limit="3/minute") as client:
        answers = [await client.get("/conformance") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers[:3]] == [f'"address";r={left}' for left in (2, 1, 0)]
        refused = answers[3]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["ratelimit-policy"] == '"address";q=3;w=60'
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] in refused.json()["hint"]
        # Whoever looks after the service can always see whether it lives.
        assert {(await client.get("/health/live")).status_code for _ in range(9)} == {200}


async def test_an_account_is_counted_wherever_it_asks_from_and_stores_nothing_beyond(database: Settings) -> None:
    token = await a_token(database, "pic", [MOJOROTO], "satu")
    other = await a_token(database, "pic", [MOJOROTO], "dua")
    async with serving(database, account_rate_limit="2/minute") as client:
        headers = {"Authorization": f"Bearer {token}"}
        posts = [
            await client.post("/collections/posyandu/items", json=a_feature(112.0016 + n / 1000, name=f"Posyandu {n}"), headers=headers)
            for n in range(3)
        ]
        assert [answer.status_code for answer in posts] == [201, 201, 429]
        assert posts[2].headers["ratelimit"].startswith('"account";r=0')
        second = await client.get("/collections/posyandu/items?view=work", headers={"Authorization": f"Bearer {other}"})
        assert (second.status_code, len(second.json()["features"])) == (200, 2)


async def test_only_a_named_proxy_speaks_for_others(database: Settings) -> None:
    forged = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(3)]
    async with serving(database, rate_limit="2/minute") as client:
        assert [(await client.get("/conformance", headers=one)).status_code for one in forged] == [200, 200, 429]
    async with serving(database, "10.0.0.7", rate_limit="2/minute", proxies="10.0.0.0/8") as client:
        assert [(await client.get("/conformance", headers=one)).status_code for one in forged] == [200, 200, 200]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "salah", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, <script>", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("", "198.51.100.1", ""),
        ("::1", "2001:db8::5", "2001:db8::5"),
    ],
)
def test_who_is_asking(peer: str, forwarded: str | None, client: str) -> None:
    assert client_address(peer, forwarded, (ip_network("10.0.0.0/8"), ip_network("::1/128"))) == client


async def test_a_whole_64_counts_as_one(database: Settings) -> None:
    limits = Limits(database.model_copy(update={"rate_limit": "2/minute"}))
    windows = [limits.of_address(f"2001:db8::{number}") for number in range(3)]
    assert [window.allowed for window in windows if window] == [True, True, False]
    assert limits.of_address("2001:db8:0:1::1").allowed  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "wrong", [{"rate_limit": "banyak"}, {"account_rate_limit": "10"}, {"proxies": "kantor"}, {"streams_per_address": 0}]
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]
