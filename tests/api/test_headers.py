"""The headers of every GET: those that keep browsers careful, and those that let pages of other sites read what is public."""

import httpx
import pytest

from app.main import create_app
from app.routers import landing
from app.settings import Settings
from tests.api.test_landing import ENDLESS, LIKELY, ODD
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, published, running

pytestmark = pytest.mark.anyio

ELSEWHERE = {"Origin": "https://peta.example"}
EXPOSED = (
    "Accept-Ranges, Allow, Content-Crs, Content-Disposition, Content-Range, ETag, Link, Location, OGC-NumberMatched, RateLimit, Retry-After, "
    "Titik-Changes-Cursor"
)
PAGE = "default-src 'none'; script-src 'self'; style-src 'self'; "


async def everything(client: Client) -> list[str]:
    """Each GET of the document, with values that are there and with others, as JSON and as a page, and what is nowhere."""
    document = (await client.get("/api")).json()
    paths = [
        path.format_map(values)
        for path, methods in document["paths"].items()
        if "get" in methods and path != ENDLESS
        for values in (LIKELY, ODD)
    ]
    return [address for path in paths for address in (path, f"{path}?f=html", f"{path}?warna=merah")] + ["/tidak/ada"]


async def test_of_every_get_and_its_errors(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    addresses = [
        *await everything(client),
        f"/collections/posyandu/items/{point['id']}",
        f"/collections/posyandu/items/{point['id']}?f=html",
    ]
    seen = set()
    for address in addresses:
        answer = await client.get(address, headers=ELSEWHERE)
        told = answer.headers
        assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "same-origin"), address
        assert (told["access-control-allow-origin"], told["access-control-expose-headers"]) == ("*", EXPOSED), address
        assert "access-control-allow-credentials" not in told
        if told.get("content-type", "").startswith("text/html"):
            assert told["content-security-policy"].startswith(PAGE), address
            assert "frame-ancestors 'none'" in told["content-security-policy"]
            assert told["content-language"] in ("id", "en")
        if answer.status_code >= 400:
            assert told["cache-control"] == "no-store", address
        own = await pic.get(address, headers=ELSEWHERE)
        assert "access-control-allow-origin" not in own.headers, address
        if own.status_code == 200 and "cache-control" in own.headers:
            assert "no-store" in own.headers["cache-control"], address
        seen |= {answer.status_code, own.status_code}
    assert {200, 400, 401, 404} <= seen


async def test_pages_of_other_sites_may_ask_to_read(client: Client) -> None:
    asking = {**ELSEWHERE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "Accept, if-none-match"}
    answer = await client.options("/collections/posyandu/items", headers=asking)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "accept, accept-language, content-type, if-none-match, if-range, range"
    assert answer.headers["access-control-max-age"] == "86400"
    assert answer.headers["x-request-id"]
    assert (await client.options("/", headers={**ELSEWHERE, "Access-Control-Request-Method": "HEAD"})).status_code == 204


@pytest.mark.parametrize(
    "asking",
    [
        {**ELSEWHERE, "Access-Control-Request-Method": "POST"},
        {**ELSEWHERE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"},
        {**ELSEWHERE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "accept, x-lain"},
    ],
)
async def test_they_may_neither_write_nor_use_a_token(client: Client, asking: dict[str, str]) -> None:
    answer = await client.options("/collections/posyandu/items", headers=asking)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    written = await client.post("/collections/posyandu/items", headers=ELSEWHERE, json=a_feature())
    assert "access-control-allow-origin" not in written.headers


async def test_what_nobody_foresaw_has_them_too(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("tidak terduga")

    monkeypatch.setattr(landing, "_landing", broken)
    app = create_app(database.model_copy(update={"log_level": "critical"}))
    async with (
        running(app),
        Client(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://titik.test") as client,
    ):
        answer = await client.get("/", headers=ELSEWHERE)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "terduga" not in answer.text.replace("tidak terduga.", "")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert (answer.headers["access-control-allow-origin"], answer.headers["x-content-type-options"]) == ("*", "nosniff")


async def test_a_page_of_items_tells_its_links_as_a_header(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    for n in range(3):
        await published(pic, walidata, a_feature(112.0016 + n / 1000, name=f"Posyandu {n}"))
    for who, accept in ((client, "identity"), (client, "gzip"), (client, "gzip"), (pic, "gzip")):
        answer = await who.get("/collections/posyandu/items?limit=2", headers={"Accept-Encoding": accept})
        links = {link["rel"]: link["href"] for link in answer.json()["links"] if link["rel"] != "alternate"}
        assert {rel: answer.links[rel]["url"] for rel in answer.links} == links
        assert links.keys() == {"self", "next", "collection", "http://www.opengis.net/def/rel/ogc/1.0/queryables"}
    long = await client.get("/collections/posyandu/items?limit=2&filter=" + " OR ".join(["rw='1'"] * 200))
    assert long.status_code == 200
    assert answer.links["collection"]["type"] == "application/json"
    assert set(long.links) == {"collection", "http://www.opengis.net/def/rel/ogc/1.0/queryables"}
