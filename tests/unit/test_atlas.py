"""Places in every form, and the signs of categories."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from app.atlas.forms import written
from app.coordinates import text as texts
from app.coordinates.rescue import zones_of
from app.geo import crs_around, distance_m
from app.language import Language, Text
from app.pages.signs import _luminance, signs
from app.published.catalogue import CategoryCard

KEDIRI = (111.9, -7.95, 112.1, -7.7)
ZONES = zones_of(crs_around(KEDIRI))


@settings(deadline=None)
@given(st.floats(KEDIRI[0], KEDIRI[2]), st.floats(KEDIRI[1], KEDIRI[3]), st.sampled_from(["id", "en"]))
def test_every_form_is_read_as_the_same_place(lon: float, lat: float, language: Language) -> None:
    for form in written(lon, lat, language):
        read = texts.read_text(form.text, ZONES, (112.0, -7.8))
        lands = [KEDIRI[0] - 0.1 < one.lon < KEDIRI[2] + 0.1 and KEDIRI[1] - 0.1 < one.lat < KEDIRI[3] + 0.1 for one in read.readings]
        decided = texts.decide(read, lands)
        assert decided.reading is not None, form
        assert distance_m(decided.reading.lon, decided.reading.lat, lon, lat) < 3, form


def test_seconds_never_are_sixty() -> None:
    for form in written(111.99999999, -7.99999999, "id"):
        assert not re.search(r"\b60(\.0)?\"", form.text), form
    assert written(111.99999999, -7.99999999, "en")[1].text == "8°00'00.0\" S, 112°00'00.0\" E"


def a_card(name: str, colour: str | None = None, icon: str | None = None) -> CategoryCard:
    return CategoryCard(
        name,
        Text(name.title(), name.title()),
        Text("", ""),
        {},
        "public",
        {"published": frozenset(), "internal": frozenset()},
        icon=icon,
        colour=colour,
    )


def test_categories_are_told_apart_without_their_colour() -> None:
    every = signs([a_card(name, "#0072B2") for name in ("pasar", "pos", "posyandu", "puskesmas", "rt", "rw", "sd", "smp")], "id")
    assert len({sign.shape for sign in every.values()}) == 8
    many = signs([a_card(f"{letter}{n}") for n in range(3) for letter in "abcdefg"], "id").values()
    assert len({(sign.shape, sign.letter) for sign in many}) == len(many)


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_a_letter_is_read_on_any_colour(colour: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1."""
    (sign,) = signs([a_card("rt", colour)], "id").values()
    light, dark = sorted((_luminance(sign.ink), _luminance(colour)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
