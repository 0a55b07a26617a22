"""A walk through a guide: what one sees and presses while doing what it says, section by section, and the pictures taken on the way."""

import re
from collections import defaultdict
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Error, Locator, Page

from app.pages.guides import PICTURE_SIZES, picture_file
from tests.test_cli import ROOT

IMAGES = ROOT / "app/pages/images"
SCALE = 2
COLOURS = 32
UNLIKE = 25
"""How far the greys of a picture and of what is seen now may lie apart, of 255, when both are made small: dates and numbers differ, pages do not."""
# What can be pressed or filled in has a name as somebody reads it; that of a link to a task is its first line.
NAME = "(one) => { const copy = one.cloneNode(true); copy.querySelectorAll('[aria-hidden=true], .unseen, select, input').forEach((part) => part.remove()); return copy.textContent.replace(/\\s+/g, ' ').trim(); }"
SEEN = f"""() => {{
  const found = [...document.querySelectorAll('a, a strong, button, summary, label')].filter((one) => one.checkVisibility());
  return {{names: found.map({NAME}), text: document.body.innerText.replace(/\\s+/g, ' ')}};
}}"""
FIND = f"""([pattern, within]) => {{
  const named = (kind) => [...document.querySelectorAll(`${{within}} ${{kind}}`)].find((one) => one.checkVisibility() && !one.disabled && new RegExp(`^${{pattern}}$`).test(({NAME})(one)));
  return named('button') ?? named('a') ?? named('a strong') ?? named('summary') ?? named('label');
}}"""


class Section:
    """A part of a guide as it is read: the words that it quotes, and its pictures with what is said of each."""

    def __init__(self) -> None:
        self.presses: list[str] = []
        self.sees: list[str] = []
        self.pictures: dict[str, dict[str, str | None]] = {}
        self.is_steps = False


class GuidePage(HTMLParser):
    """`sections` by their anchor; `anchors` are all there are, `leads` those that the contents lead to."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: dict[str, Section] = {}
        self.anchors: set[str] = set()
        self.leads: list[str] = []
        self.commands: list[str] = []
        self._section = Section()
        self._quoting: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        kinds = (found.get("class") or "").split()
        if found.get("id"):
            self.anchors.add(str(found["id"]))
        if (found.get("href") or "").startswith("#"):
            self.leads.append(str(found["href"])[1:])
        if tag == "section":
            self._section = self.sections.setdefault(str(found["id"]), Section())
        if "data-picture" in found:
            self._section.pictures[str(found["data-picture"])] = found
        self._quoting = self._section.presses if "press" in kinds else self._section.sees if "sees" in kinds else self._quoting
        if "command" in kinds or tag == "pre":
            self._quoting = self.commands
        if self._quoting is not None and ({"press", "sees", "command"} & set(kinds) or tag == "pre"):
            self._quoting.append("")

    def handle_data(self, data: str) -> None:
        if self._quoting is not None:
            self._quoting[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"b", "q", "code", "pre"}:
            self._quoting = None


class Walk:
    def __init__(self, *, takes_pictures: bool) -> None:
        self.names: dict[str, set[str]] = defaultdict(set)
        self.texts: dict[str, str] = defaultdict(str)
        self.taken: dict[str, bytes] = {}
        self._sections: tuple[str, ...] = ()
        self._takes_pictures = takes_pictures

    def at(self, *sections: str) -> None:
        """What is seen from now on is what these sections speak of."""
        self._sections = sections

    def look(self, page: Page) -> None:
        seen = page.evaluate(SEEN)
        for section in self._sections:
            self.names[section] |= set(seen["names"])
            self.texts[section] += "\n" + seen["text"]

    def press(self, page: Page, name: str, within: str = "main") -> None:
        """What bears this name, as the guide writes it."""
        for tries_left in reversed(range(5)):
            found = page.wait_for_function(FIND, arg=[_pattern(name).pattern, within]).as_element()
            assert found is not None, name
            self.look(page)
            try:
                found.click(timeout=10_000)
                break
            except Error:
                # A page that brings itself up to date has put another one in its place.
                if not tries_left:
                    raise

    def wait_for(self, page: Page, text: str) -> None:
        page.get_by_text(text).filter(visible=True).first.wait_for()
        self.look(page)

    def picture(self, name: str, page: Page, at: str | Locator | None = None) -> None:
        """The window, from `at` on."""
        if at is not None:
            begin = page.locator(at).filter(visible=True).first if isinstance(at, str) else at
            begin.evaluate("one => window.scrollTo(0, Math.max(0, one.getBoundingClientRect().top + window.scrollY - 12))")
        self.look(page)
        self.taken[name] = page.screenshot()

    def check(self, guide: GuidePage) -> None:
        """Every word that the guide quotes was seen where it says, every picture is one of these."""
        missing = [
            (section, word)
            for section, read in guide.sections.items()
            for word, was_seen in [
                *((word, any(_pattern(word).fullmatch(name) for name in self.names[section])) for word in read.presses),
                *((word, _pattern(word).search(self.texts[section]) is not None) for word in read.sees),
            ]
            if not was_seen
        ]
        assert missing == [], missing
        shown = {name: found for section in guide.sections.values() for name, found in section.pictures.items()}
        assert shown.keys() == self.taken.keys()
        for name, found in shown.items():
            if self._takes_pictures:
                _keep(IMAGES / picture_file(name), self.taken[name])
            assert len(found["alt"] or "") > 20, name
            _check_picture(IMAGES / picture_file(name), self.taken[name], (int(found["width"] or 0), int(found["height"] or 0)))


def _pattern(word: str) -> re.Pattern[str]:
    """An ellipsis stands for anything, as it does for whoever reads."""
    return re.compile(".+?".join(re.escape(part) for part in " ".join(word.split()).split("…")))


def _keep(path: Path, png: bytes) -> None:
    """In few colours: letters stay sharp, and the file small."""
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def _check_picture(path: Path, png: bytes, size: tuple[int, int]) -> None:
    kept, now = Image.open(path), Image.open(BytesIO(png))
    assert size in PICTURE_SIZES.values(), path.name
    assert kept.size == now.size == (size[0] * SCALE, size[1] * SCALE), path.name
    apart = np.abs(_small(kept) - _small(now)).mean()
    assert apart <= UNLIKE, f"{path.name} is no longer what is seen ({apart:.0f}): make guides"


def _small(image: Image.Image) -> Any:
    return np.asarray(image.convert("L").resize((36, 60), Image.Resampling.BOX), dtype=float)
