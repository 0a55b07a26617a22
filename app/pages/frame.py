"""What every page has around it: from values to HTML. Pages work without scripts, and nothing in them comes from another host but a base map.

Everything is escaped by the templates (`templates/*.html`).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.language import Language, Text
from app.pages.assets import STYLE, assets
from app.pages.navigation import navigation
from app.pages.times import day_time, moment_time
from app.pages.visitor import Visitor
from app.regions.cities import Cities
from app.settings import Basemap

Links = Sequence[Mapping[str, object]]


class Frame(NamedTuple):
    """`here` is the address of the service, `links` lead to the same in other formats, `cities` are those whose data it shows; `path`, with
    its query, is where the page lies within the service.
    """

    here: str
    language: Language
    links: Links
    cities: Cities
    path: str = "/"
    visitor: Visitor | None = None
    basemap: Basemap | None = None

    @property
    def root(self) -> str:
        """The path under which the service lies, without a slash at its end: a page refers to what is its own by paths alone, so that it
        works under each name of its host.
        """
        return urlsplit(self.here).path


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def version() -> str:
    """Another one with every change of a template, a script or the style sheet: pages that were kept elsewhere are then old."""
    texts = sorted((one.name, one.read_text()) for one in files("app.pages").joinpath("templates").iterdir())
    return hashlib.sha256(repr((texts, sorted(assets().by_name))).encode()).hexdigest()[:6]


def policy(basemap: str = "") -> str:
    """The Content-Security-Policy of every page. It runs and loads nothing but our own files, and is shown in nobody else's frame: whatever
    text gets into it stays text. `basemap` is the origin of the pictures of streets, where there are any.
    """
    others = f" {basemap}" if basemap else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' data: blob:{others}; connect-src 'self'{others}; worker-src 'self'; manifest-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def page(template: str, frame: Frame, title: str, crumbs: Iterable[tuple[str, str]] = (), **values: object) -> str:
    def say(indonesian: str, english: str) -> str:
        return Text(indonesian, english).say(frame.language)

    def number(value: int) -> str:
        return f"{value:,}".replace(",", "." if frame.language == "id" else ",")

    def asset(name: str) -> str:
        """The address of a script, an image or a style sheet."""
        return f"{frame.root}/static/{assets().name(name)}"

    def moment(at: datetime, region: str | None = None, *, seconds: bool = False) -> Markup:
        """When it was, by the clock of a region; of all cities where none is named."""
        return moment_time(at, frame.language, frame.cities.zone_of(region), seconds=seconds)

    def day(at: date) -> Markup:
        return day_time(at, frame.language, frame.cities.zone)

    common = {
        "here": frame.here, "root": frame.root, "language": frame.language, "links": frame.links, "page_path": frame.path,
        "visitor": frame.visitor, "navigation": navigation(frame.visitor), "attribution": frame.cities.attribution, "style": asset(STYLE),
    }  # fmt: skip
    shared = {"say": say, "number": number, "moment": moment, "day": day, "length": length, "asset": asset, "crumbs": list(crumbs)}
    return _environment().get_template(template).render(**common, **shared, title=title, **values)


def length(metres: int) -> str:
    return f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
