"""The streets under the maps: whose they are, and that their host is the only one that pages may ask beside our own."""

import pytest
from pydantic import ValidationError

from app.pages.frame import policy
from app.settings import Basemap, Settings

URL, ATTRIBUTION = "https://peta.example:8443/jalan/{z}/{x}/{y}.png?v=2", "© OpenStreetMap"


def test_a_template_with_its_attribution() -> None:
    basemap = Settings(basemap_url=URL, basemap_attribution=ATTRIBUTION).basemap
    assert basemap == Basemap(URL, ATTRIBUTION, "https://peta.example:8443")
    directives = dict(part.split(" ", 1) for part in policy(basemap.origin).split("; "))
    with_host = {name for name, sources in directives.items() if "https://peta.example:8443" in sources.split()}
    assert with_host == {"img-src", "connect-src"}
    assert "unsafe" not in policy(basemap.origin)


def test_without_one_nobody_else_is_named() -> None:
    assert Settings().basemap is None
    assert "http" not in policy()


@pytest.mark.parametrize(
    "url",
    [
        "peta.example/{z}/{x}/{y}", "ftp://peta.example/{z}/{x}/{y}", "https://peta.example/{z}/{x}", "https://u:p@peta.example/{z}/{x}/{y}",
        "https://peta.example;script-src */{z}/{x}/{y}", "https://{s}.peta.example/{z}/{x}/{y}", "https:///{z}/{x}/{y}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must be like"):
        Settings(basemap_url=url, basemap_attribution=ATTRIBUTION)


def test_it_needs_an_attribution() -> None:
    with pytest.raises(ValidationError, match="TITIK_BASEMAP_ATTRIBUTION"):
        Settings(basemap_url=URL)
