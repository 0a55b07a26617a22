"""Pages of other origins that the operator has named: they may use a token, and nobody else's may."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError

from app.main import create_app
from app.settings import Settings
from tests.conftest import Client
from tests.described import Held
from tests.factories import MOJOROTO, a_feature, a_token, running

pytestmark = pytest.mark.anyio

NAMED, OTHER = "https://peta.kedirikota.go.id", "https://peta.example"
ITEMS = "/collections/posyandu/items"


@pytest.fixture
async def open_to_named(database: Settings) -> AsyncIterator[Client]:
    app = create_app(database.model_copy(update={"cors_origins": f"{NAMED}, http://localhost:5173"}))
    token = await a_token(database, "pic", [MOJOROTO])
    async with (
        running(app),
        Client(transport=Held(app=app), base_url="http://titik.test", headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        yield client


def preflight(origin: str, method: str, *headers: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(headers)}


def leave(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [NAMED, "http://localhost:5173"])
async def test_a_page_of_a_named_origin_writes_with_a_token(open_to_named: Client, origin: str) -> None:
    writing = preflight(origin, "POST", "authorization", "content-type", "idempotency-key", "content-crs")
    # A browser has no token in hand when it asks; one that is wrong must not be looked at.
    asked = await open_to_named.options(ITEMS, headers=writing | {"Authorization": "Bearer x"})
    assert (asked.status_code, asked.content) == (204, b"")
    assert leave(asked) == {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "accept, accept-language, authorization, content-crs, content-type, idempotency-key, if-match, "
        "if-none-match, if-range, last-event-id, range, x-request-id",
        "access-control-max-age": "86400",
    }
    assert asked.headers["vary"] == "Origin"
    posted = await open_to_named.post(ITEMS, json=a_feature(), headers={"Origin": origin})
    assert (posted.status_code, posted.headers["access-control-allow-origin"]) == (201, origin)
    assert {"ETag", "Location", "Content-Crs"} <= set(posted.headers["access-control-expose-headers"].split(", "))
    assert "Origin" in posted.headers["vary"].split(", ")
    refused = await open_to_named.put(f"{ITEMS}/{posted.json()['id']}", json=a_feature(), headers={"Origin": origin})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (428, origin)
    changing = preflight(origin, "PUT", "authorization", "if-match")
    assert (
        "PUT" in (await open_to_named.options(f"{ITEMS}/{posted.json()['id']}", headers=changing)).headers["access-control-allow-methods"]
    )


@pytest.mark.parametrize("origin", [OTHER, "null", NAMED + ":8443", NAMED.replace("https", "http"), NAMED.upper()])
async def test_a_page_of_another_origin_does_not(open_to_named: Client, origin: str) -> None:
    assert leave(await open_to_named.options(ITEMS, headers=preflight(origin, "POST", "authorization"))) == {}
    assert leave(await open_to_named.options(ITEMS, headers=preflight(origin, "GET", "authorization"))) == {}
    own = await open_to_named.get(ITEMS, headers={"Origin": origin})
    assert (own.status_code, leave(own)) == (200, {})
    assert "Origin" in own.headers["vary"].split(", ")


async def test_what_is_public_stays_one_answer_for_all(open_to_named: Client) -> None:
    del open_to_named.headers["Authorization"]
    for origin in (NAMED, OTHER):
        answer = await open_to_named.get(ITEMS, headers={"Origin": origin})
        assert (answer.headers["access-control-allow-origin"], "Origin" in answer.headers["vary"].split(", ")) == ("*", False)


@pytest.mark.parametrize(
    "origins", ["*", "null", "peta.example", "https://peta.example/", "https://Peta.example", "https://a.example https://b.example"]
)
def test_what_is_no_origin_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValidationError, match="origins as browsers send them"):
        Settings(cors_origins=origins)
