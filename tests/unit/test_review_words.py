"""The reviewer's words: every flag and kind has some, verdicts say where and how far, ages are in the largest unit; and the map of a place."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.geo import distance_m
from app.indicators.schemas import CheckKind
from app.language import Language
from app.pages import review_words as words
from app.pages.place_map import Spot, draw_place, outlines_of, sides_of, surroundings
from app.placement.clipping import ClippedPolygon
from app.points.flags import FLAGS
from app.reviews.queue import ReviewKind
from app.workflow.table import State

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_whatever_a_reviewer_may_meet_has_words() -> None:
    assert set(words.FLAGS) == {*FLAGS, "photo-far", "photo-old"} | {f"misfit-{kind}" for kind in get_args(CheckKind) if kind != "city"}
    assert set(words.KINDS) == set(get_args(ReviewKind))
    assert set(words.STATES) == set(get_args(State))
    assert words.flag_words("what-comes-later").label.say("en") == "what-comes-later"


VERDICTS = {
    "inside": ("Di dalam Bujel.", "Within Bujel."),
    "near": (
        "12 m di luar Bujel (sebelah timur laut batasnya), masih dalam toleransi 40 m.",
        "12 m outside Bujel (to the northeast of its boundary), within the tolerance of 40 m.",
    ),
    "elsewhere": (
        "Di Ngampel, bukan di Bujel: 1,5 km dari batasnya, ke selatan. Toleransi 40 m.",
        "In Ngampel, not in Bujel: 1.5 km from its boundary, to the south. The tolerance is 40 m.",
    ),
    "outside": (
        "Di luar semua kelurahan: 700 m dari batas Bujel, ke barat. Toleransi 40 m.",
        "Outside every kelurahan: 700 m from the boundary of Bujel, to the west. The tolerance is 40 m.",
    ),
}


@pytest.mark.parametrize(
    ("verdict", "metres", "bearing", "found"),
    [
        ("inside", 0.0, None, "Bujel"),
        ("near", 12.2, 44.0, "Ngampel"),
        ("elsewhere", 1_510.0, 181.0, "Ngampel"),
        ("outside", 700.0, 270.0, None),
    ],
)
def test_a_verdict_says_where_it_lies_and_how_far(verdict: str, metres: float, bearing: float | None, found: str | None) -> None:
    placement = {"verdict": verdict, "distance_m": metres, "bearing": bearing, "kelurahan_name": found}
    languages: tuple[Language, ...] = ("id", "en")
    assert tuple(words.verdict_words(placement, "Bujel", 40.0, language) for language in languages) == VERDICTS[verdict]


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=89), "89 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=30), "4 weeks"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_an_age_is_told_in_one_unit(age: timedelta, said: str) -> None:
    assert words.age_words(NOW - age, NOW, "en") == said


# -- the map


def a_city(lon: float, lat: float) -> list[ClippedPolygon]:
    halves = {"A": shapely.box(lon - 1, lat - 1, lon, lat + 1), "B": shapely.box(lon, lat - 1, lon + 1, lat + 1)}
    return [
        {"code": code, "name": code, "kecamatan": "K", "geom": shapely.to_wkb(shape), "lon": shape.centroid.x, "lat": shape.centroid.y}
        for code, shape in halves.items()
    ]


@given(
    lon=st.floats(95, 141), lat=st.floats(-11, 6), tolerance=st.floats(15, 400), east=st.floats(-0.02, 0.02), north=st.floats(-0.02, 0.02)
)
def test_both_places_and_the_tolerance_are_in_sight_and_to_scale(
    lon: float, lat: float, tolerance: float, east: float, north: float
) -> None:
    after, before = Spot(lon, lat, "new"), Spot(lon + east, lat + north, "old")
    drawn = draw_place(outlines_of(a_city(lon, lat)), "A", after, before, tolerance, [])
    assert drawn is not None
    assert drawn.before is not None
    width, height = drawn.drawing.width, drawn.drawing.height
    for spot in (drawn.after, drawn.before):
        assert 0 <= spot.x <= width
        assert 0 <= spot.y <= height
    assert drawn.radius <= drawn.after.x <= width - drawn.radius
    assert drawn.radius <= drawn.after.y <= height - drawn.radius
    # A metre is as long in every direction, and on the bar.
    metres = distance_m(lon, lat, *before[:2])
    pixels = ((drawn.after.x - drawn.before.x) ** 2 + (drawn.after.y - drawn.before.y) ** 2) ** 0.5
    # The radius is kept to a tenth, which is much of a small one.
    assert pixels == pytest.approx(metres * drawn.radius / tolerance, rel=0.02 + 0.05 / drawn.radius, abs=2)
    assert drawn.drawing.bar / drawn.drawing.bar_m == pytest.approx(drawn.radius / tolerance, rel=0.02, abs=0.02)
    assert [area.name for area in drawn.drawing.areas if area.is_lit] == ["A"]
    assert surroundings(sides_of(after, before, tolerance)).west < drawn.drawing.view.box.west


def test_a_place_from_far_away_is_left_out() -> None:
    drawn = draw_place(outlines_of(a_city(112, -7.8)), "A", Spot(112, -7.8, "new"), Spot(7.8, 112 - 90, "old"), 20, [])
    assert drawn is not None
    assert drawn.before is None
    assert drawn.drawing.view.width_m < 2_000


def test_what_is_around_keeps_the_number_of_its_line() -> None:
    spots = [Spot(112.0001, -7.8, "near"), Spot(112.5, -7.8, "far"), Spot(112.0002, -7.8, "next")]
    drawn = draw_place(outlines_of(a_city(112, -7.8)), "A", Spot(112, -7.8, "new"), None, 20, spots)
    assert drawn is not None
    assert [(one.number, one.title) for one in drawn.others] == [(1, "near"), (3, "next")]


def test_a_turned_verdict_is_told_in_words() -> None:
    before = {"verdict": "inside", "kelurahan": "a", "distance_m": 0.0}
    after = {"verdict": "elsewhere", "kelurahan": "b", "distance_m": 229.82505682}
    names = {"a": "Bandar Lor", "b": "Lirboyo"}
    said = words.turned_words(before, after, names, "id")
    assert said == "Sebelum batas baru: di dalam kelurahannya. Sekarang: di kelurahan lain (Lirboyo), 230 m."
    for verdict in VERDICTS:
        assert "{" not in words.turned_words(before | {"verdict": verdict}, after | {"kelurahan": None}, names, "en")
