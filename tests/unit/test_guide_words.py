"""The English guides say what the Indonesian ones say: the same sections, pictures and commands, and for each word that is quoted from a page the one that
the page has in English. That the Indonesian words are on the pages, the walk through the guides shows (`tests/e2e/test_guides.py`).
"""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.pages.frame import Frame
from app.pages.guides import GUIDES, guide
from app.regions.cities import Cities
from tests.e2e.guide_walk import GuidePage

ROOT = Path(__file__).resolve().parents[2]
_TEXT = r'(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)'
# say("…", "…") of templates and scripts; { id: "…", en: "…" } and ["…", "…"] of scripts.
_PAIRS = tuple(
    re.compile(text.replace("TEXT", _TEXT)) for text in (r"say\(\s*TEXT,\s*TEXT\s*,?\)", r"id: TEXT,\s*en: TEXT", r"\[TEXT,\s*TEXT\]")
)
# Written into a page from what is stored, and so the same in both.
SAME = {"Posyandu", "Posyandu (.xlsx)", "Kelurahan", "s"}
# Put together from several texts, all of which are said.
TOGETHER = {
    ("Simpan … titik", "Save … points"): (("Simpan", "Save"), ("Titik", "Points")),
    ("Diterima no. …, sedang diperiksa", "Received no. …, in review"): (
        ("Diterima no. …", "Received no. …"),
        ("…, sedang diperiksa", "…, in review"),
    ),
}
_FILLED = re.compile(r"\$?\{[^{}]*\}")


@functools.cache
def vocabulary() -> frozenset[tuple[str, str]]:
    """Every sentence that the code says in both languages, with … for what is filled in."""
    return frozenset((_bare(_FILLED.sub("…", first).strip()), _bare(_FILLED.sub("…", second).strip())) for first, second in _pairs())


def _pairs() -> Iterator[tuple[str, str]]:
    for path in (*(ROOT / "app/pages/templates").glob("*.html"), *(ROOT / "web/src").rglob("*.ts")):
        text = path.read_text()
        yield from ((one[1] or one[2] or "", one[3] or one[4] or "") for pair in _PAIRS for one in pair.finditer(text))
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text" and len(node.args) == 2:
                texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                yield from [(texts[0], texts[1])] if len(texts) == 2 else []


def is_said(indonesian: str, english: str, *, whole: bool = True) -> bool:
    """Whether one text of the code says these in its languages; without `whole` a part of one does."""
    if indonesian == english:
        return indonesian in SAME
    if parts := TOGETHER.get((indonesian, english)):
        return all(is_said(*part) for part in parts)
    pair = _bare(indonesian, " (wajib)"), _bare(english, " (required)")
    if pair in vocabulary():
        return True
    return not whole and any(pair[0] in one and pair[1] in other for one, other in vocabulary())


def _bare(word: str, mark: str = "") -> str:
    """Without what follows a name: that it is required, and a number."""
    return word.removesuffix(mark).removesuffix(" …").replace("Mojoroto", "…")


@pytest.mark.parametrize("name", GUIDES)
def test_an_english_guide_is_the_indonesian_one_in_english(name: str) -> None:
    indonesian, english = (GuidePage(guide(Frame("https://kota.example", language, (), Cities()), name)) for language in ("id", "en"))
    assert english.leads == indonesian.leads
    assert english.commands == indonesian.commands
    assert english.sections.keys() == indonesian.sections.keys()
    wrong = []
    for section, read in indonesian.sections.items():
        other = english.sections[section]
        assert other.pictures.keys() == read.pictures.keys()
        for words, others, whole in ((read.presses, other.presses, True), (read.sees, other.sees, False)):
            assert len(words) == len(others), section
            wrong += [(section, pair) for pair in zip(words, others, strict=True) if not is_said(*pair, whole=whole)]
    assert wrong == []


def test_a_word_that_is_not_on_a_page_is_found() -> None:
    assert is_said("Simpan dan kirim", "Save and send")
    assert not is_said("Simpan dan kirim", "Store and send", whole=False)
    assert not is_said("Sambungan ini tidak", "This connection is not")
    assert is_said("Sambungan ini tidak", "This connection is not", whole=False)
    assert not is_said("Simpan dan kirim", "Simpan dan kirim")
