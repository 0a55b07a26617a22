"""Private answers are packed where nobody but their reader can have caused them (BREACH)."""

import gzip

import httpx
import pytest

from app.settings import Settings
from tests.api.test_sessions import a_browser
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, published, submitted

pytestmark = pytest.mark.anyio
ITEMS = "/collections/posyandu/items"
ACCEPT = {"Accept-Encoding": "gzip"}


async def length_and_text(client: Client, address: str, **headers: str) -> tuple[str | None, int, str]:
    """How it is encoded, how many bytes came, and what they say."""
    async with client.stream("GET", address, headers=ACCEPT | headers) as answer:
        assert answer.status_code == 200, address
        raw = b"".join([part async for part in answer.aiter_raw()])
    coding = answer.headers.get("content-encoding")
    assert int(answer.headers["content-length"]) == len(raw)
    assert "private" in answer.headers["cache-control"]
    if coding:
        assert "Accept-Encoding" in answer.headers["vary"]
    return coding, len(raw), (gzip.decompress(raw) if coding == "gzip" else raw).decode()


async def test_with_a_token_private_answers_are_packed(as_role: AsRole) -> None:
    pic, walidata, office = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd")
    for number in range(6):
        await published(pic, walidata, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}"))
    for who, address in ((pic, f"{ITEMS}?view=work"), (office, f"{ITEMS}?limit=10"), (pic, "/portal/titik?state=published")):
        plain = await length_and_text(who, address, **{"Accept-Encoding": "identity"})
        packed = await length_and_text(who, address)
        assert (plain[0], packed[0]) == (None, "gzip"), address
        assert (packed[2] == plain[2], packed[1] < plain[1] / 2) == (True, True), address


async def test_what_was_packed_is_not_sent_twice(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    points = [
        await submitted(pic, a_feature(112.0001 + number % 4 * 5e-4, -7.8041 - number // 4 * 5e-4, name=f"Posyandu {number}"))
        for number in range(15)
    ]
    address = f"/points/states?points={','.join(point['id'] for point in points)}"
    answer = await pic.get(address, headers=ACCEPT)
    assert (answer.headers["content-encoding"], answer.headers["etag"][:3]) == ("gzip", 'W/"')
    again = ACCEPT | {"If-None-Match": answer.headers["etag"]}
    assert (await pic.get(address, headers=again)).status_code == 304


async def test_what_another_page_may_have_asked_for_is_not_packed(client: Client, database: Settings) -> None:
    assert isinstance(client._transport, httpx.ASGITransport)
    somebody = await a_browser(client._transport, database, "walidata", name="seorang")
    address = "/portal/tinjau?q=tebakan"
    sizes = {}
    for site, coding in (("same-origin", "gzip"), ("cross-site", None), ("same-site", None), ("none", None)):
        found = await length_and_text(somebody, address, **{"Sec-Fetch-Site": site})
        assert found[0] == coding, site
        sizes[site] = found[1]
    assert sizes["same-origin"] < sizes["cross-site"] / 2
    await somebody.aclose()
