"""What every route has in common: HEAD, the media types of bodies, the host. On the connection itself: tests/test_http.py."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from app.db import WriteSession
from app.http.checks import media_types
from app.http.route import StrictRoute
from app.http.visiting import PageRoute
from app.main import create_app
from app.routers import ROUTERS
from app.settings import Settings
from app.uuid7 import uuid7
from tests.api.test_bad_input import MARK, POSYANDU, STORED, refusal
from tests.api.test_landing import ENDLESS
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, running, value

pytestmark = pytest.mark.anyio

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, StrictRoute)]
GETS = sorted(route.path_format for route in ROUTES if "GET" in (route.methods or ()) and route.path != ENDLESS)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def filled(path: str) -> str:
    parts = {
        "collection": "posyandu",
        "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrix": "0",
        "tileRow": "0",
        "tileCol": "0",
        "version": "0",
        "style": "titik",
        "name": "style.css",
        "code": "x" * 43,
        "account": "siapa",
        "category": "posyandu",
        "indicator": "titik_rt",
        "kelurahan": "35.71.01.1011",
        "period": "2024",
        "value": str(uuid7()),
        "activity": "posyandu",
        "token": "999999",
        "edition": "tidak-ada",
        "job": str(uuid7()),
        "number": "K7QX-3M9P-TB2F",
        "session": "999999",
    }
    return path.format_map(
        {**dict.fromkeys(("item", "point", "revision", "contact", "photo", "import_id", "webhook"), str(uuid7())), **parts}
    )


# -- HEAD


@pytest.mark.parametrize("path", [*GETS, "/api", "/tidak/ada", "/collections/warung/items", "/locate?lon=112.0016&lat=-7.8041"])
async def test_head_is_get_without_its_body(as_role: AsRole, path: str) -> None:
    mutable = {"x-request-id"}
    walidata = await as_role("walidata")
    # A form has a key of its own each time, as long as any other, but not when it is compressed.
    walidata.headers["Accept-Encoding"] = "identity"
    address = filled(path)
    shown, hidden = await walidata.get(address), await walidata.head(address)
    assert (hidden.status_code, hidden.content) == (shown.status_code, b"")
    assert {name: text for name, text in hidden.headers.items() if name not in mutable} == {
        name: text for name, text in shown.headers.items() if name not in mutable
    }


async def test_allow_names_head_where_there_is_get(client: Client) -> None:
    for method, path, allowed in (
        ("DELETE", POSYANDU, "GET, HEAD, OPTIONS, POST"),
        ("POST", f"{POSYANDU}/{uuid7()}", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("POST", "/collections", "GET, HEAD, OPTIONS"),
        ("GET", "/sync", "OPTIONS, POST"),
    ):
        answer = await client.request(method, path)
        refusal(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed
    hidden = await client.head("/sync")
    assert (hidden.status_code, hidden.headers["allow"], hidden.content) == (405, "OPTIONS, POST", b"")


async def test_the_document_tells_of_bodies_and_not_of_head(client: Client) -> None:
    paths: dict[str, dict[str, Any]] = (await client.get("/api")).json()["paths"]
    assert not [path for path, operations in paths.items() if "head" in operations]
    bodies = [operation for operations in paths.values() for operation in operations.values() if "requestBody" in operation]
    assert len(bodies) >= 7
    assert [operation["operationId"] for operation in bodies if not {"408", "413", "415"} <= operation["responses"].keys()] == []


# -- media types


TAKEN = (
    None, "application/geo+json", JSON, "application/json; charset=utf-8", "APPLICATION/GEO+JSON;charset=UTF-8", "application/json ;x=1",
)  # fmt: skip


@pytest.mark.parametrize("media_type", TAKEN)
async def test_a_feature_is_taken_as_what_it_is(as_role: AsRole, media_type: str | None) -> None:
    pic = await as_role("pic", MOJOROTO)
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await pic.post(POSYANDU, content=orjson.dumps(a_feature()), headers={**headers, "Content-Encoding": "identity"})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("media_type", [None, "application/merge-patch+json", "application/merge-patch+json; charset=utf-8", JSON])
async def test_a_patch_is_taken_as_what_it_is(as_role: AsRole, media_type: str | None) -> None:
    pic = await as_role("pic", MOJOROTO)
    made = await pic.post(POSYANDU, json=a_feature())
    headers = {"If-Match": made.headers["etag"]} | ({"Content-Type": media_type} if media_type else {})
    answer = await pic.patch(f"{POSYANDU}/{made.json()['id']}", content=b'{"properties":{"name":"Posyandu Anggrek"}}', headers=headers)
    assert answer.status_code == 200, answer.text


REFUSED = (
    FORM, "multipart/form-data; boundary=a", "text/plain", "text/json", "application/xml", "application/octet-stream", "application/jsonp",
    "application/merge-patch+json", "image/png", "*/*", ";", ",", "application", MARK, f"text/{MARK * 500}",
)  # fmt: skip


@pytest.mark.parametrize("media_type", REFUSED)
async def test_a_body_of_another_type_is_refused(as_role: AsRole, owner: WriteSession, media_type: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.post(POSYANDU, content=orjson.dumps(a_feature(address=MARK)), headers={"Content-Type": media_type})
    assert "application/geo+json, application/json" in refusal(answer, 415, "media-type-unsupported")["hint"]
    assert answer.headers["accept"] == "application/geo+json, application/json"
    assert await value(owner, STORED) == 0


async def test_two_types_are_none(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.post(
        POSYANDU, content=orjson.dumps(a_feature()), headers=httpx.Headers([("Content-Type", JSON), ("Content-Type", "text/plain")])
    )
    refusal(answer, 415, "media-type-unsupported")
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "identity, gzip", "gzip, identity", MARK])
async def test_an_encoded_body_is_never_decoded(as_role: AsRole, owner: WriteSession, encoding: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    bomb = gzip.compress(b'{"a":"' + b" " * 20_000_000 + b'"}')
    answer = await pic.post(POSYANDU, content=bomb, headers={"Content-Type": JSON, "Content-Encoding": encoding})
    assert "Content-Encoding" in refusal(answer, 415, "encoding-unsupported")["hint"]
    assert answer.headers["accept-encoding"] == "identity"
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize(
    "route",
    # A file is whatever its sender calls it: what it is, is told by its bytes. Pages for whoever is signed in look at who it is first.
    [
        route
        for route in ROUTES
        if (route.openapi_extra or {}).get("requestBody")
        and "*/*" not in media_types(route.openapi_extra or {})
        and not isinstance(route, PageRoute)
    ],
    ids=lambda route: route.name,
)
async def test_every_route_with_a_body_looks_at_its_type(as_role: AsRole, route: StrictRoute) -> None:
    walidata = await as_role("walidata")
    method, path = min(route.methods or ()), filled(route.path_format)
    # The page of a one-time link is the only form.
    wrong = "text/xml" if FORM in media_types(route.openapi_extra or {}) else FORM
    answer = await walidata.request(method, path, content=b"a=b", headers={"Content-Type": wrong, "Accept-Language": "en"})
    problem = refusal(answer, 415, "media-type-unsupported")
    assert "curl" in problem["hint"]
    assert problem["title"] == "Media type not supported"


def test_a_route_takes_what_it_documents() -> None:
    def documented(*media_types: str) -> dict[str, Any]:
        return {"requestBody": {"content": {one: {} for one in media_types}}}

    assert media_types(documented(FORM)) == [FORM]
    assert media_types(documented("application/geo+json")) == ["application/geo+json", JSON]
    assert media_types({}) == []


# -- the host


@pytest.fixture
async def behind_a_proxy(database: Settings) -> AsyncIterator[Client]:
    app = create_app(database.model_copy(update={"public_url": "https://titik.kedirikota.go.id/"}))
    async with running(app), Client(transport=httpx.ASGITransport(app=app), base_url="http://titik.test") as client:
        yield client


HOSTS = (
    "",
    "titik.test/jauh",
    'a"><script>',
    "a b",
    "a,b",
    "a@b",
    "a?b",
    "a#b",
    "a\\b",
    "a%00",
    "a:b",
    "a:123456",
    "[::1",
    "-a",
    "a" * 300,
)


@pytest.mark.parametrize("host", HOSTS)
async def test_a_host_that_is_none_is_not_told_back(
    client: Client, behind_a_proxy: Client, as_role: AsRole, owner: WriteSession, host: str
) -> None:
    for path in ("/", "/?f=html", "/collections", POSYANDU):
        refusal(await client.get(path, headers={"Host": host}), 400, "host-invalid")
    pic = await as_role("pic", MOJOROTO)
    refusal(await pic.post(POSYANDU, json=a_feature(), headers={"Host": host}), 400, "host-invalid")
    assert await value(owner, STORED) == 0
    known = await behind_a_proxy.get("/collections", headers={"Host": host})
    assert known.json()["links"][0]["href"] == "https://titik.kedirikota.go.id/collections"


@pytest.mark.parametrize("host", ["titik.test", "titik.test:8000", "127.0.0.1:8000", "[::1]:8000", "localhost", "titik_web", "TITIK.test"])
async def test_a_host_that_is_one_begins_the_links(client: Client, host: str) -> None:
    forged = {"Host": host, "X-Forwarded-Host": MARK, "X-Forwarded-Proto": MARK, "Forwarded": f"host={MARK}", "X-Original-URL": f"/{MARK}"}
    answer = await client.get("/collections", headers=forged)
    assert answer.json()["links"][0]["href"] == f"http://{host}/collections"
    assert MARK not in answer.text
