"""The entry page before any script runs, and the key with which a telephone seals what it keeps."""

import base64
import re
import struct

import pytest

from app.pages.assets import assets
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO

pytestmark = pytest.mark.anyio


async def test_each_account_has_a_key_of_its_own_and_always_the_same(database: Settings, as_role: AsRole) -> None:
    one, other = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL)
    answers = [(await client.get("/me/entry-key")) for client in (one, one, other)]
    first, again, foreign = (answer.json() for answer in answers)
    assert first == again
    assert first["writer"] != foreign["writer"]
    assert first["key"] != foreign["key"]
    assert len(base64.b64decode(first["key"])) == 32
    assert answers[0].headers["cache-control"] == "private, no-store"


async def test_nobody_gets_a_key_without_an_account_that_enters_points(database: Settings, client: Client, as_role: AsRole) -> None:
    assert (await client.get("/me/entry-key")).status_code == 401
    assert (await (await as_role("opd")).get("/me/entry-key")).status_code == 403


async def test_the_page_is_the_same_for_everybody_and_readable_without_scripts(database: Settings, client: Client, as_role: AsRole) -> None:
    page = await client.get("/portal/catat")
    assert page.status_code == 200
    assert (await (await as_role("pic", MOJOROTO)).get("/portal/catat")).text == page.text
    assert "perlu JavaScript" in page.text
    assert 'href="/portal/impor"' in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    again = await client.get("/portal/catat", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    english = await client.get("/portal/catat", headers={"Accept-Language": "en"})
    assert "needs JavaScript" in english.text


async def test_it_brings_the_links_of_each_role_for_whoever_it_is(database: Settings, client: Client) -> None:
    menus = dict(re.findall(r'<template data-role="(\w+)">(.*?)</template>', (await client.get("/portal/catat")).text, re.DOTALL))
    assert re.findall(r'href="([^"]+)"', menus["pic"])[:3] == ["/portal/catat", "/portal/titik", "/portal/laporan"]
    assert 'href="/portal/catat" aria-current="page"' in menus["pic"]
    assert "/portal/catat" not in menus["walidata"]


async def test_the_page_for_when_there_is_no_network_is_that_of_everybody(database: Settings, client: Client, as_role: AsRole) -> None:
    page = await client.get("/portal/tanpa-jaringan")
    assert page.status_code == 200
    assert 'href="/portal/catat"' in page.text
    assert (await (await as_role("pic", MOJOROTO)).get("/portal/tanpa-jaringan")).text == page.text
    # The service worker keeps the files of the entry page, and no others.
    entry = (await client.get("/portal/catat")).text
    assert set(re.findall(r'"(/static/[^"]+)"', page.text)) <= set(re.findall(r'"(/static/[^"]+)"', entry))


async def test_it_can_be_installed(database: Settings, client: Client) -> None:
    manifest = await client.get("/portal/catat.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    document = manifest.json()
    assert (document["start_url"], document["scope"], document["display"]) == ("/portal/catat", "/portal/", "standalone")
    for icon in document["icons"]:
        answer = await client.get(icon["src"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, icon["type"])
        if icon["type"] == "image/png":
            assert "{}x{}".format(*struct.unpack(">II", answer.content[16:24])) == icon["sizes"]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in document["icons"]}
    assert "maskable" in {icon["purpose"] for icon in document["icons"]}


async def test_the_service_worker_is_asked_for_each_time(database: Settings, client: Client) -> None:
    answer = await client.get("/portal/sw.js")
    if assets().name("entry-worker.js") in assets().by_name:
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    else:
        assert answer.status_code == 404
