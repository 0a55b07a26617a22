"""The pages for people: well-formed, of one piece, in both languages, and whatever stands in the data stays text."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import shapely

from app.boundaries.outlines import Outline
from app.pages.map import MapPlace, draw
from app.routers.portal_atlas import STREETS
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, published

pytestmark = pytest.mark.anyio

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
VOID = {"meta", "link", "input", "br", "img"}
EVIL = "<script>alert(1)</script>\"'&amp; ]]> <!--"
PAGES = (
    "/", "/conformance", "/api.html", "/collections", "/collections/posyandu", "/collections/points", "/collections/posyandu/queryables",
    "/collections/posyandu/schema", "/collections/posyandu/items", "/collections/points/items", "/collections/posyandu/items?q=melati&sortby=-name",
    "/collections/rt/items", "/collections/kelurahan", "/collections/kelurahan/schema", "/collections/kecamatan/items",
    "/metadata/activities", "/metadata/activities/posyandu", "/metadata/variables",
)  # fmt: skip


class Page(HTMLParser):
    """Refuses what is not well-formed, and remembers what there is."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.text).split())


def check_policy(answer: httpx.Response) -> None:
    """One policy for all pages: files of our own are the only thing that it allows, so nothing may stand in a page itself. A page with the map that
    moves may ask for streets too, once somebody wants them.
    """
    policy = answer.headers["content-security-policy"]
    if 'src="/static/atlas-' in answer.text:
        policy = policy.replace(f" {STREETS}", "")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
        "manifest-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", answer.text)
    for attributes, text in re.findall(r"<script\b([^>]*)>(.*?)</script>", answer.text, re.DOTALL):
        assert re.fullmatch(r' type="module" src="/static/[\w.-]+"', attributes), attributes
        assert text == ""


async def page_of(client: Client, address: str, **headers: str) -> Page:
    answer = await client.get(address, headers={"Accept": BROWSER, **headers})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    check_policy(answer)
    assert {"Accept", "Accept-Language", "Accept-Encoding"} <= {part.strip() for part in answer.headers["vary"].split(",")}
    page = Page(answer.text)
    assert page.all("html") == [{"lang": answer.headers["content-language"]}]
    return page


@pytest.fixture
async def points(as_role: AsRole) -> list[dict[str, Any]]:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    names = ("Posyandu Melati", "Posyandu Mawar", EVIL)
    return [await published(pic, walidata, a_feature(112.0016 + n / 1000, name=name, address=f"Jalan {name}", kader_aktif=n)) for n, name in enumerate(names)]  # fmt: skip


@pytest.mark.usefixtures("points")
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_whole_and_of_one_piece(client: Client, path: str) -> None:
    page = await page_of(client, path)
    assert not {"iframe", "object", "embed", "img", "base"} & {tag for tag, _ in page.found}
    assert not [name for tag, attributes in page.found for name in attributes if name.startswith("on") or name in ("style", "srcset")]
    tags = [tag for tag, _ in page.found]
    assert (tags.count("h1"), tags.count("main"), tags.count("head"), tags.count("body")) == (1, 1, 1, 1)
    # Shapes of a map have titles too.
    assert tags[: tags.index("body")].count("title") == 1
    for tag, attributes in page.found:
        address = attributes.get("href") or attributes.get("action")
        if address and not address.startswith("#"):
            assert urlsplit(urljoin(f"http://titik.test{path}", address)).netloc == "titik.test", (tag, address)
    assert "url(" not in " ".join(page.text)
    labels = {label["for"] for label in page.all("label")}
    assert labels == {one["id"] for one in (*page.all("input"), *page.all("select")) if "id" in one}


@pytest.mark.usefixtures("points")
@pytest.mark.slow(10)
async def test_every_link_on_every_page_leads_somewhere(client: Client) -> None:
    seen, waiting = set(), list(PAGES)
    while waiting:
        page = await page_of(client, waiting.pop())
        for attributes in (*page.all("a"), *page.all("link")):
            address = str(attributes["href"])
            if address not in seen:
                seen.add(address)
                answer = await client.get(address, headers={"Accept": BROWSER})
                assert answer.status_code == 200, address
                if answer.headers["content-type"].startswith("text/html") and "/items" in address and len(seen) < 120:
                    waiting.append(address)
    assert len(seen) > 60


async def test_what_people_wrote_stays_text(client: Client, points: list[dict[str, Any]]) -> None:
    evil = points[2]
    for path in ("/collections/posyandu/items", f"/collections/posyandu/items/{evil['id']}"):
        raw = (await client.get(path, headers={"Accept": "text/html"})).text
        assert "<script>" not in raw.lower()
        page = await page_of(client, path)
        assert " ".join(EVIL.split()) in page.said
    page = await page_of(client, "/collections/posyandu/items?q=%22%3E%3Cscript%3Ealert(1)")
    assert next(one for one in page.all("input") if one.get("id") == "q")["value"] == '"><script>alert(1)'


@pytest.mark.parametrize(("languages", "language", "word"), [("en", "en", "Download"), ("id", "id", "Unduh"), ("", "id", "Unduh")])
async def test_pages_are_in_the_language_of_the_reader(client: Client, languages: str, language: str, word: str) -> None:
    answer = await client.get("/collections/posyandu/items", headers={"Accept": BROWSER, "Accept-Language": languages})
    assert answer.headers["content-language"] == language
    assert word in answer.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html"), ("*/*", "application/geo+json"), ("application/geo+json, text/html;q=0.9", "application/geo+json"),
        ("text/html;q=0.4, application/json", "application/geo+json"), ("text/csv, text/html;q=0.9", "text/csv"), ("", "application/geo+json"),
    ],
)  # fmt: skip
async def test_the_form_is_the_one_that_is_liked_best(client: Client, accept: str, kind: str) -> None:
    for path in ("/collections/posyandu/items",):
        assert (await client.get(path, headers={"Accept": accept})).headers["content-type"].partition(";")[0] == kind


async def test_the_list_has_a_map_with_its_points_and_they_lead_on(client: Client, points: list[dict[str, Any]]) -> None:
    page = await page_of(client, "/collections/posyandu/items")
    assert len([one for one in page.all("circle") if one.get("class") == "mark"]) == 3
    own = f"http://titik.test/collections/posyandu/items/{points[0]['id']}"
    assert len([one for one in page.all("a") if one["href"] == own]) == 2
    assert "3 dari 3" in page.said
    alone = await page_of(client, own)
    assert {"Posyandu Melati", "Mojoroto", "balita"} <= set(alone.text)
    assert "Kader aktif" in alone.said
    assert len([one for one in alone.all("circle") if one.get("class") == "mark"]) == 1


@pytest.mark.usefixtures("points")
async def test_the_form_keeps_what_it_was_asked_and_its_empty_fields_mean_nothing(client: Client) -> None:
    form = f"/collections/posyandu/items?f=html&limit=2&jenis=balita&q=posyandu&kelurahan={MOJOROTO}&bbox=&sortby=-name"
    page = await page_of(client, form)
    assert "2 dari 2" in page.said
    chosen = [one["value"] for one in page.all("option") if "selected" in one]
    assert chosen == [MOJOROTO, "-name"]
    hidden = {one["name"]: one["value"] for one in page.all("input") if one.get("type") == "hidden" and one["name"] != "ke"}
    assert hidden == {"f": "html", "limit": "2", "jenis": "balita"}
    codes = {one["value"] for one in page.all("option")}
    assert {MOJOROTO, BUJEL} <= codes
    first = await page_of(client, "/collections/posyandu/items?limit=2&sortby=name")
    following = next(str(one["href"]) for one in first.all("a") if one.get("rel") == "next")
    second = await page_of(client, following)
    assert "Posyandu Melati" in second.said
    assert not [one for one in second.all("a") if one.get("rel") == "next"]


async def test_whoever_works_on_a_point_sees_how_it_came_to_be_and_nobody_keeps_it(as_role: AsRole, points: list[dict[str, Any]]) -> None:
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.get(f"/collections/posyandu/items/{points[0]['id']}?f=html")
    assert (answer.status_code, "no-store" in answer.headers["cache-control"]) == (200, True)
    history = next(str(one["href"]) for one in Page(answer.text).all("a") if "/revisions" in str(one["href"]))
    assert (await pic.get(history)).status_code == 200
    listed = await pic.get("/collections/posyandu/items?f=html")
    assert (listed.headers["cache-control"], "etag" in listed.headers) == ("private, no-store", False)


async def test_the_version_of_a_page_is_not_that_of_its_data(client: Client, points: list[dict[str, Any]]) -> None:
    for path in ("/collections/posyandu/items", f"/collections/posyandu/items/{points[0]['id']}"):
        answers = [
            await client.get(path, headers={"Accept": accept, "Accept-Language": language})
            for accept, language in (("text/html", "id"), ("text/html", "en"), ("application/geo+json", "id"))
        ]
        assert len({answer.headers["etag"] for answer in answers}) == 3
    asking = {"Accept": "text/html", "Accept-Language": "id"}
    first = await client.get("/collections/posyandu/items", headers=asking)
    assert (await client.get("/collections/posyandu/items", headers={**asking, "If-None-Match": first.headers["etag"]})).status_code == 304


# -- the map alone


def test_a_map_of_nothing_is_none() -> None:
    assert draw((), ()) is None


def test_a_map_shows_its_points_within_its_frame_and_north_up() -> None:
    west, east, north = MapPlace(112.0, -7.8, "a"), MapPlace(112.02, -7.8, "b"), MapPlace(112.01, -7.79, "c", "/c")
    drawn = draw((), (west, east, north))
    assert drawn is not None
    a, b, c = drawn.marks
    assert 0 < a.x < c.x < b.x < drawn.width
    assert 0 < c.y < a.y == b.y < drawn.height
    assert (c.title, c.href) == ("c", "/c")
    # 0.02 degrees of longitude are about 2.2 km here.
    assert (b.x - a.x) / drawn.bar * drawn.bar_m == pytest.approx(2_205, rel=0.01)


def test_a_map_of_one_point_is_no_dot_without_surroundings() -> None:
    outline = Outline("1", "Mojoroto", "Mojoroto", shapely.box(111, -8, 113, -7), 112.0, -7.8)
    far = Outline("2", "Jauh", "Jauh", shapely.box(10, 10, 11, 11), 10.5, 10.5)
    drawn = draw((outline, far), (MapPlace(112.0, -7.8, "a"),))
    assert drawn is not None
    assert [area.name for area in drawn.areas] == ["Mojoroto"]
    assert [label.name for label in drawn.labels] == ["Mojoroto"]
    assert len(drawn.areas[0].d) < 100
    assert 100 <= drawn.bar_m <= 500
