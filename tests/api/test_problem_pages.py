"""Errors as whoever reads them can use them: a page in a browser, a problem for a program, with the same status and headers."""

import pytest

from app.http.negotiation import favourite
from tests.api.test_html import BROWSER, Page, check_policy
from tests.conftest import AsRole, Client

pytestmark = pytest.mark.anyio

ERRORS = [
    ("GET", "/tidak/ada", 404), ("GET", "/collections/posyandu/items?warna=merah", 400), ("POST", "/collections/posyandu/items", 401),
    ("GET", "/me", 401), ("PUT", "/collections", 405), ("POST", "/portal/bahasa", 415),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address", "status"), ERRORS)
@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_browser_gets_a_page_and_a_program_the_problem(
    client: Client, method: str, address: str, status: int, language: str
) -> None:
    wanted = {"Accept-Language": language, "X-Request-Id": "penanda-1234", "Content-Type": "application/json"}
    problem = await client.request(method, address, headers=wanted, content=b"{}" if method != "GET" else None)
    shown = await client.request(method, address, headers={**wanted, "Accept": BROWSER}, content=b"{}" if method != "GET" else None)
    assert (problem.status_code, shown.status_code) == (status, status)
    assert (problem.headers["content-type"], shown.headers["content-type"]) == ("application/problem+json", "text/html; charset=utf-8")
    check_policy(shown)
    same = ("cache-control", "content-language", "www-authenticate", "allow", "accept", "x-request-id")
    assert [problem.headers.get(name) for name in same] == [shown.headers.get(name) for name in same]
    page, body = Page(shown.text), problem.json()
    assert [one["lang"] for one in page.all("html")] == [language]
    for sentence in (body["title"], body["detail"], *(fault["detail"] for fault in body.get("errors", ())), "penanda-1234"):
        assert " ".join(sentence.split()) in page.said
    assert {"/", "#main"} <= {str(one["href"]) for one in page.all("a")}


async def test_whoever_names_a_format_is_answered_in_it(client: Client) -> None:
    for address in ("/collections/posyandu/items?f=json&warna=merah", "/tidak/ada?f=geojson"):
        answer = await client.get(address, headers={"Accept": BROWSER})
        assert answer.headers["content-type"] == "application/problem+json", address
    page = await client.get("/collections/posyandu/items?f=html&warna=merah", headers={"Accept": BROWSER})
    assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_what_was_typed_stays_text(client: Client, as_role: AsRole) -> None:
    for who in (client, await as_role("pic", "35.71.01.1011")):
        answer = await who.get("/collections/%3Cscript%3Ealert(1)%3C/script%3E?x=%3Cscript%3E", headers={"Accept": BROWSER})
        assert answer.status_code == 404
        check_policy(answer)


@pytest.mark.parametrize(
    ("accept", "liked"),
    [
        (BROWSER, "text/html"), (None, "*/*"), ("*/*", "*/*"), ("application/json, text/html", "application/json"),
        ("application/json;q=0.5, text/html;q=0.9", "text/html"), ("text/html;q=x, text/csv", "text/csv"),
    ],
)  # fmt: skip
def test_the_favourite_is_the_first_of_the_best(accept: str | None, liked: str) -> None:
    assert favourite(accept) == liked
