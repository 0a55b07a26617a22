"""The first pages: what this is, how far its boundaries can be trusted, what can be asked."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import APPROXIMATE, MOJOROTO, a_feature

pytestmark = pytest.mark.anyio

HOW_TO_LOAD = "titik boundaries load"


async def test_the_landing_page_says_that_the_boundaries_are_approximate_and_how_to_load_others(client: Client) -> None:
    answer = await client.get("/")
    assert (answer.headers["content-type"], answer.headers["content-language"]) == ("application/json", "id")
    page = answer.json()
    assert (page["boundaries"]["name"], page["boundaries"]["approximate"]) == (APPROXIMATE, True)
    assert "hanya perkiraan" in page["note"]
    assert HOW_TO_LOAD in page["note"]
    assert {"self", "service-desc", "conformance", "data"} <= {link["rel"] for link in page["links"]}


@pytest.mark.parametrize(("path", "accept"), [("/", "text/html,application/xhtml+xml,*/*;q=0.8"), ("/?f=html", "*/*")])
async def test_people_get_a_page_that_says_the_same(client: Client, path: str, accept: str) -> None:
    answer = await client.get(path, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="id">' in answer.text
    assert "hanya perkiraan" in answer.text
    # A command is for whoever runs the service; they read the JSON, and the guide for administrators.
    assert HOW_TO_LOAD not in answer.text
    assert "/portal/peta?category=posyandu" in answer.text


async def test_the_format_that_is_asked_for_wins_over_the_header(client: Client) -> None:
    answer = await client.get("/?f=json", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/json"
    assert "accept" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [("en", "en"), ("en-GB,en;q=0.9,id;q=0.8", "en"), ("id,en;q=0.9", "id"), ("fr", "id"), ("*", "id"), ("\xff;q=x", "id")],
)
async def test_the_language_is_that_of_the_reader_and_indonesian_else(client: Client, languages: str, chosen: str) -> None:
    note = {"id": "hanya perkiraan", "en": "only approximate"}[chosen]
    for path in ("/?f=json", "/?f=html"):
        answer = await client.get(path, headers={b"Accept-Language": languages.encode("latin-1")})
        assert answer.headers["content-language"] == chosen
        assert note in answer.text


async def test_official_boundaries_need_no_note(grid: Settings, client: Client) -> None:
    page = (await client.get("/")).json()
    assert (page["boundaries"]["approximate"], "note" in page) == (False, False)
    assert 'class="note"' not in (await client.get("/?f=html")).text


async def test_every_link_of_the_landing_page_leads_somewhere(client: Client) -> None:
    for link in (await client.get("/")).json()["links"]:
        answer = await client.get(link["href"])
        assert answer.status_code == 200
        if link["rel"] != "service-desc":
            assert answer.headers["content-type"].split(";")[0] == link["type"]


# -- collections, conformance, health


async def test_every_shipped_category_is_a_collection_in_both_languages(client: Client) -> None:
    listed = (await client.get("/collections")).json()["collections"]
    categories = ["kantor_kelurahan", "pos_kamling", "posyandu", "rt"]
    assert [one["id"] for one in listed] == ["points", *categories, "kelurahan", "kecamatan", "profiles", "profile_values"]
    english = (await client.get("/collections", headers={"Accept-Language": "en"})).json()["collections"]
    for one, other in zip(listed, english, strict=True):
        assert one["itemType"] == "feature"
        assert one["title"] != "" != other["title"]
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert (111.9 < west < 112 < east < 112.2, -7.9 < south < -7.8 < north < -7.7) == (True, True)
        alone = (await client.get(f"/collections/{one['id']}")).json()
        assert alone == one
        items = next(link["href"] for link in one["links"] if link["rel"] == "items")
        assert (await client.get(items)).status_code == 200
    assert [one["description"] for one in listed] != [one["description"] for one in english]


async def test_conformance_names_the_classes_that_are_met(client: Client) -> None:
    classes = (await client.get("/conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson" in classes


async def test_the_service_says_that_it_lives_and_is_ready(client: Client) -> None:
    live, ready = await client.get("/health/live"), await client.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()["status"], ready.json()["boundaries"]["name"]) == (200, "ok", APPROXIMATE)
    assert "warnings" not in ready.json()
    assert ready.headers["cache-control"] == "no-store"


async def test_every_answer_carries_the_headers_that_keep_browsers_careful(client: Client) -> None:
    for path in ("/", "/api", "/collections/posyandu/items", "/tidak/ada"):
        headers = (await client.get(path)).headers
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
        assert headers["x-request-id"]


# -- the description of the interface


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (what for name, what in node.items() if name == "$ref")
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


async def test_the_description_can_be_parsed_and_its_references_lead_somewhere(client: Client) -> None:
    document = (await client.get("/api")).json()
    assert document["openapi"].startswith("3.")
    assert {"title", "version"} <= document["info"].keys()
    for reference in set(references(document)):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node
    for _, path, operation in operations(document):
        declared = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert declared == {step[1:-1] for step in path.split("/") if step.startswith("{")}
        for status, response in operation["responses"].items():
            assert response["description"]
            if int(status) >= 400:
                # What cannot be read of a list may be told on its page, above the form.
                is_list = operation["operationId"].startswith("get") and operation["operationId"].endswith("Items")
                page = {"text/html"} if is_list and status == "400" else set()
                assert response["content"].keys() == {"application/problem+json"} | page


class Values(dict[str, object]):
    """The values of parameters of paths; what is not named here has the usual one."""

    def __init__(self, usual: object, **named: object) -> None:
        super().__init__(named)
        self._usual = usual

    def __missing__(self, _name: str) -> object:
        return self._usual


# Its answer has no end that a client here could wait for; tests/api/test_changes.py listens to it.
ENDLESS = "/changes/stream"
LIKELY = Values(uuid7(), collection="posyandu", matrix_set="WebMercatorQuad", z=0, y=0, x=0, account="someone", token=1, code="a" * 40)
ODD = Values("abc", collection="warung", matrix_set="lain", z="a", y=0, x=0, token="a")
TOO_LONG = Values("x" * 101, matrix_set="WebMercatorQuad", z="1" * 13, y=0, x=0, token=2**31)


def probes(method: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Requests that should each be refused in a way of its own."""
    for filled in (path.format_map(values) for values in (LIKELY, ODD, TOO_LONG)):
        yield filled, {}
        yield f"{filled}?warna=merah", {}
        yield filled, {"headers": {"Authorization": "Bearer salah"}}
        if method == "post":
            yield filled, {"content": b"{"}
            yield filled, {"json": {}}
            yield filled, {"json": a_feature()}
            yield filled, {"json": a_feature(112.2, -7.8)}
            yield filled, {"json": a_feature(kelurahan="35.71.01.1006")}
            yield filled, {"json": {"decision": "publish"}}
            yield filled, {"content": b" " * 1_100_000}


async def test_every_refusal_is_documented(client: Client, as_role: AsRole) -> None:
    who = (client, await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd"))
    seen: set[tuple[str, str, int]] = set()
    for method, path, operation in operations((await client.get("/api")).json()):
        for one in who if path != ENDLESS else ():
            for filled, sent in probes(method, path):
                answer: httpx.Response = await one.request(method.upper(), filled, **sent)
                seen.add((method, path, answer.status_code))
                kind = answer.headers.get("content-type", "").split(";")[0]
                if answer.status_code >= 400:
                    assert kind == "application/problem+json"
                    assert str(answer.status_code) in operation["responses"], (method, filled, answer.text)
    posting = {status for method, path, status in seen if (method, path) == ("post", "/collections/{collection}/items")}
    assert {201, 400, 401, 403, 404, 413, 422} <= posting
