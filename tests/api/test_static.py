"""The scripts and the style sheet of the pages: fetched once, whole, and each page refers to them alone."""

import gzip
import re

import brotli
import pytest

from app.pages.assets import STYLE, assets
from tests.conftest import Client

pytestmark = pytest.mark.anyio

YEAR = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("", None)])
async def test_the_style_sheet_is_kept_for_good_and_comes_compressed(client: Client, accepted: str, coding: str | None) -> None:
    page = await client.get("/?f=html")
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page.text)
    assert re.fullmatch(r"/static/style-[0-9a-f]{8}\.css", address)
    async with client.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers["vary"]) == (YEAR, "Accept-Encoding")
    assert answer.headers.get("content-encoding") == coding
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress}.get(str(coding), bytes)(sent)
    assert unpacked == assets().by_name[assets().names[STYLE]].body
    again = await client.get(address, headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_file_has_its_media_type(client: Client) -> None:
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png"}
    for name in assets().by_name:
        answer = await client.get(f"/static/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, types[name[name.rindex(".") :]]), name
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["style.css", "style-00000000.css", "manifest.json", "..%2Fassets.py", "portal.js.br"])
async def test_there_is_nothing_else(client: Client, name: str) -> None:
    answer = await client.get(f"/static/{name}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
