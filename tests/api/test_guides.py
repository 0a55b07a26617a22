"""The guides over HTTP: for everybody, kept by caches, each picture there, under a sub-path too."""

import re

import httpx
import pytest

from app.main import create_app
from app.pages.guides import GUIDES, HOME
from app.settings import Settings
from tests.api.test_html import BROWSER, Page, page_of
from tests.conftest import Client
from tests.factories import running

pytestmark = pytest.mark.anyio

ADDRESSES = [HOME, *(one.path(name) for name, one in GUIDES.items())]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_guide_is_public_well_formed_and_kept(client: Client, address: str) -> None:
    page = await page_of(client, address)
    assert len(page.all("h1")) == 1
    answer = await client.get(address, headers={"Accept": BROWSER})
    assert answer.headers["cache-control"].startswith("public")
    again = await client.get(address, headers={"Accept": BROWSER, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    english = await client.get(address, headers={"Accept": BROWSER, "Accept-Language": "en"})
    assert english.headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("name", GUIDES)
async def test_an_english_reader_reads_english_with_the_same_pictures(client: Client, name: str) -> None:
    page = await page_of(client, GUIDES[name].path(name), **{"Accept-Language": "en"})
    indonesian = await page_of(client, GUIDES[name].path(name))
    assert page.all("html")[0]["lang"] == "en"
    assert GUIDES[name].title.en in page.said
    assert [one["src"] for one in page.all("img")] == [one["src"] for one in indonesian.all("img")]
    assert page.said.count("The page in Indonesian.") == len(page.all("img"))


@pytest.mark.parametrize("name", GUIDES)
async def test_every_picture_is_there_and_kept_for_good(client: Client, name: str) -> None:
    page = await page_of(client, GUIDES[name].path(name))
    pictures = page.all("img")
    assert pictures
    for picture in pictures:
        assert re.fullmatch(r"/static/guide-[\w-]+-[0-9a-f]{8}\.png", str(picture["src"]))
        answer = await client.get(str(picture["src"]))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert "immutable" in answer.headers["cache-control"]


async def test_under_a_sub_path_everything_stays_under_it(database: Settings) -> None:
    app = create_app(database.model_copy(update={"public_url": "https://kota.example/titik/"}))
    async with running(app), Client(transport=httpx.ASGITransport(app), base_url="http://inside.test") as client:
        for address in ADDRESSES:
            page = Page((await client.get(address, headers={"Accept": BROWSER})).text)
            found = [str(one.get("href") or one.get("src")) for tag, one in page.found if tag in {"a", "img", "link", "script"}]
            assert [one for one in found if not one.startswith(("/titik/", "https://kota.example/titik/", "#"))] == []
