import pytest

from app.http.negotiation import preferred

OFFERED = [("json", "application/json"), ("html", "text/html"), ("csv", "text/csv; charset=utf-8")]
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "json"), ("", "json"), ("*/*", "json"), (CHROMIUM, "html"), ("text/html", "html"), ("TEXT/HTML", "html"), ("text/csv", "csv"),
        ("application/json, text/html", "json"), ("text/html, application/json", "html"), ("application/json;q=0.9, text/html", "html"),
        ("text/html;q=0.5, application/json;q=0.6", "json"), ("text/*", "html"), ("text/*, text/html;q=0.1", "csv"), ("*/*, text/csv", "csv"),
        ("text/html;q=0, */*", "json"), ("application/json;q=0, */*", "html"), ("image/png", "json"), ("text/html;q=x", "json"),
        ("text/csv; charset=utf-8; header=present", "csv"), ("text/html;q=nan", "json"), ("," * 50, "json"), ("text/html;q=7", "html"),
    ],
)  # fmt: skip
def test_the_best_representation(accept: str | None, chosen: str) -> None:
    assert preferred(accept, OFFERED) == chosen
