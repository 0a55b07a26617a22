"""Is the point where it says? The verdicts of DESIGN §4, over distances alone and over polygons with gaps, overlaps and second parts."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from app.errors import Misplaced
from app.placement.rules import NEIGHBOURS_SHOWN, Edition, Nearby, Placement, declare, place, tolerance_m
from app.points.rules import neighbourhood_number
from app.points.schemas import placement_json

EDITION = Edition(1, "2024", 10.0, approximate=False)
HERE, *OTHERS = [f"35.71.01.100{i}" for i in range(1, 9)]
WORST_LAST = ("inside", "near", "elsewhere", "outside")
Distances = Mapping[str, float]

distances = st.just(0.0) | st.floats(0.001, 300)
tolerances = st.floats(15, 250)
accuracies = st.floats(0.001, 10_000)
others_around = st.dictionaries(st.sampled_from(OTHERS), distances)


def nearby(around: Distances) -> list[Nearby]:
    return [Nearby(code, f"Kelurahan {code}", "Mojoroto", distance, 90.0 if distance else None) for code, distance in around.items()]


def judged(around: Distances, tolerance: float = 30, declared: str = HERE) -> Placement:
    return place(declared, nearby(around), tolerance, EDITION)


# -- tolerance


@pytest.mark.parametrize(
    ("accuracy", "edition", "tolerance"),
    [
        (None, 0, 20),
        (None, 10, 30),
        (5, 20, 25),
        (5, 5, 15),
        (7.5, 7.5, 15),
        (0.1, 0, 15),
        (99, 1, 100),
        (90, 30, 100),
        (10_000, 0, 100),
        (5, 250, 250),
        (None, 100, 100),
        (60, 120, 120),
    ],
)
def test_tolerance_is_the_sum_of_accuracies_within_limits(accuracy: float | None, edition: float, tolerance: float) -> None:
    assert tolerance_m(accuracy, edition) == tolerance


@given(accuracies, accuracies, st.floats(0, 1000))
def test_tolerance_stays_in_its_limits_and_grows_with_accuracy(one: float, other: float, edition: float) -> None:
    narrow, wide = sorted((tolerance_m(one, edition), tolerance_m(other, edition)))
    assert max(15, edition) <= narrow <= wide <= max(100, edition)
    assert (tolerance_m(min(one, other), edition), tolerance_m(max(one, other), edition)) == (narrow, wide)


# -- verdicts


@pytest.mark.parametrize(
    ("around", "verdict", "found", "flags"),
    [
        ({HERE: 0}, "inside", HERE, ()),
        ({HERE: 0, OTHERS[0]: 3}, "inside", HERE, ()),
        ({HERE: 0, OTHERS[0]: 0}, "inside", HERE, ("overlap",)),
        ({HERE: 0.001}, "near", HERE, ("near",)),
        ({HERE: 30}, "near", HERE, ("near",)),
        ({HERE: 12, OTHERS[0]: 0}, "near", OTHERS[0], ("near",)),
        ({HERE: 12, OTHERS[0]: 4, OTHERS[1]: 9}, "near", OTHERS[0], ("near",)),
        ({HERE: 12, OTHERS[0]: 20}, "near", HERE, ("near",)),
        ({HERE: 30.1, OTHERS[0]: 0}, "elsewhere", OTHERS[0], ()),
        ({HERE: 30.1, OTHERS[0]: 30}, "elsewhere", OTHERS[0], ()),
        ({HERE: 9000, OTHERS[0]: 30, OTHERS[1]: 0}, "elsewhere", OTHERS[1], ()),
        ({HERE: 30.1, OTHERS[0]: 30.1}, "outside", None, ()),
        ({HERE: 30.1}, "outside", None, ()),
    ],
)
def test_the_four_verdicts_at_30_m(around: Distances, verdict: str, found: str | None, flags: tuple[str, ...]) -> None:
    placement = judged(around)
    assert (placement.verdict, placement.kelurahan and placement.kelurahan.code, placement.flags) == (verdict, found, flags)
    assert placement.accepted == (verdict in {"inside", "near"})
    assert placement.declared == nearby(around)[0]
    assert placement.edition is EDITION


@given(distances, others_around, tolerances)
def test_the_verdict_is_that_of_the_table(claimed: float, others: Distances, tolerance: float) -> None:
    placement = judged({HERE: claimed, **others}, tolerance)
    within = [distance for distance in others.values() if distance <= tolerance]
    reached = {"inside": claimed == 0, "near": 0 < claimed <= tolerance, "elsewhere": claimed > tolerance and bool(within)}
    assert [verdict for verdict, holds in reached.items() if holds] == ([placement.verdict] if placement.verdict != "outside" else [])


@given(st.data(), distances, others_around, tolerances)
def test_the_verdict_depends_on_distances_alone(data: st.DataObject, claimed: float, others: Distances, tolerance: float) -> None:
    """Neither the order of the kelurahan nor their codes, names or bearings matter."""
    around = nearby({HERE: claimed, **others})
    codes = data.draw(st.permutations([HERE, *OTHERS]))
    renamed = [Nearby(codes[i], "", "", one.distance_m, 7.0) for i, one in enumerate(around)]
    shuffled = data.draw(st.permutations(renamed))
    before, after = place(HERE, around, tolerance, EDITION), place(codes[0], shuffled, tolerance, EDITION)
    assert (before.verdict, before.flags, before.declared.distance_m) == (after.verdict, after.flags, after.declared.distance_m)
    assert [one.distance_m for one in before.neighbours] == [one.distance_m for one in after.neighbours]


@given(distances, distances, others_around, tolerances)
def test_moving_closer_to_the_declared_never_worsens_the_verdict(one: float, other: float, others: Distances, tolerance: float) -> None:
    verdicts = [judged({HERE: claimed, **others}, tolerance).verdict for claimed in sorted((one, other))]
    assert verdicts == sorted(verdicts, key=WORST_LAST.index)


@given(distances, others_around, tolerances, tolerances)
def test_more_tolerance_never_worsens_the_verdict(claimed: float, others: Distances, one: float, other: float) -> None:
    verdicts = [judged({HERE: claimed, **others}, tolerance).verdict for tolerance in sorted((one, other), reverse=True)]
    assert verdicts == sorted(verdicts, key=WORST_LAST.index)


@given(distances, others_around, tolerances)
def test_others_decide_only_what_lies_beyond_tolerance(claimed: float, others: Distances, tolerance: float) -> None:
    alone, among = judged({HERE: claimed}, tolerance), judged({HERE: claimed, **others}, tolerance)
    assert alone.accepted == among.accepted
    if alone.accepted:
        assert alone.verdict == among.verdict


@given(distances, others_around, tolerances)
def test_the_place_is_in_what_covers_it_else_in_the_nearest_within_tolerance(claimed: float, others: Distances, tolerance: float) -> None:
    around = {HERE: claimed, **others}
    found = judged(around, tolerance).kelurahan
    nearest = min(around.values())
    if nearest > tolerance:
        assert found is None
    else:
        assert found is not None
        assert found.distance_m == nearest
        if claimed == 0:
            assert found.code == HERE


@given(distances, others_around)
def test_neighbours_are_the_nearest_others_nearest_first(claimed: float, others: Distances) -> None:
    shown = judged({HERE: claimed, **others}).neighbours
    assert [one.distance_m for one in shown] == sorted(others.values())[:NEIGHBOURS_SHOWN]
    assert all(others[one.code] == one.distance_m for one in shown)


def test_a_declared_kelurahan_without_a_distance_cannot_be_judged() -> None:
    with pytest.raises(LookupError):
        judged({OTHERS[0]: 0})


def test_the_verdict_as_clients_see_it() -> None:
    answer: dict[str, Any] = placement_json(judged({HERE: 12.345, OTHERS[0]: 0, OTHERS[1]: 29.97}))
    assert (answer["verdict"], answer["kelurahan"], answer["distance_m"], answer["bearing"]) == ("near", OTHERS[0], 12.3, 90.0)
    assert [(one["code"], one["distance_m"]) for one in answer["neighbours"]] == [(OTHERS[0], 0.0), (OTHERS[1], 30.0)]
    assert answer["edition"] == "2024"
    outside = placement_json(judged({HERE: 500}))
    assert (outside["kelurahan"], outside["distance_m"]) == (None, 500.0)


# -- real editions: metres on a plane stand for distances on the ground

WEST_SIDE, ISLAND = box(0, 0, 1000, 1000), box(3000, 0, 3200, 200)
PLAN: dict[str, BaseGeometry] = {
    HERE: MultiPolygon([WEST_SIDE, ISLAND]),
    OTHERS[0]: box(1050, 0, 2000, 600),
    OTHERS[1]: box(990, 600, 2000, 1000),
}


def on_the_plan(x: float, y: float, declared: str = HERE) -> Placement:
    return judged({code: shape.distance(Point(x, y)) for code, shape in PLAN.items()}, 30, declared)


@pytest.mark.parametrize(
    ("x", "y", "verdict", "found", "flags"),
    [
        (500, 500, "inside", HERE, ()),
        (1000, 300, "inside", HERE, ()),
        (995, 800, "inside", HERE, ("overlap",)),
        (3100, 100, "inside", HERE, ()),
        (3220, 100, "near", HERE, ("near",)),
        (1010, 300, "near", HERE, ("near",)),
        (1028, 300, "near", OTHERS[0], ("near",)),
        (1035, 300, "elsewhere", OTHERS[0], ()),
        (1500, 300, "elsewhere", OTHERS[0], ()),
        (2500, 300, "outside", None, ()),
    ],
)
def test_gaps_overlaps_and_second_parts(x: float, y: float, verdict: str, found: str | None, flags: tuple[str, ...]) -> None:
    placement = on_the_plan(x, y)
    assert (placement.verdict, placement.kelurahan and placement.kelurahan.code, placement.flags) == (verdict, found, flags)


def test_in_an_overlap_both_claims_hold_and_both_are_flagged() -> None:
    for declared in (HERE, OTHERS[1]):
        placement = on_the_plan(995, 800, declared)
        assert (placement.verdict, placement.declared.code, placement.flags) == ("inside", declared, ("overlap",))
        assert placement.kelurahan == placement.declared


# -- which kelurahan is claimed


def test_what_is_declared_counts_even_where_it_is_wrong() -> None:
    assert declare(HERE, OTHERS[:1], nearby({OTHERS[0]: 0}), 30) == HERE


def test_without_a_declaration_it_is_the_writers_only_one_even_far_away() -> None:
    assert declare(None, [HERE], nearby({HERE: 5000, OTHERS[0]: 0}), 30) == HERE


@pytest.mark.parametrize("own", [[], [HERE, OTHERS[1]]])
def test_else_it_is_the_only_one_within_tolerance(own: list[str]) -> None:
    assert declare(None, own, nearby({OTHERS[0]: 30, HERE: 30.1}), 30) == OTHERS[0]


@pytest.mark.parametrize(
    ("around", "candidates"),
    [
        ({}, []),
        ({HERE: 30.1}, []),
        ({HERE: 0, OTHERS[0]: 30}, [HERE, OTHERS[0]]),
        ({HERE: 0, OTHERS[0]: 0, OTHERS[1]: 31}, [HERE, OTHERS[0]]),
    ],
)
def test_else_the_candidates_are_told(around: Distances, candidates: list[str]) -> None:
    with pytest.raises(Misplaced) as caught:
        declare(None, [], nearby(around), 30)
    assert caught.value.code == "kelurahan-unclear"
    assert caught.value.members["candidates"] == [{"code": code, "name": f"Kelurahan {code}"} for code in candidates]


@given(st.lists(st.sampled_from([HERE, *OTHERS]), unique=True), st.dictionaries(st.sampled_from([HERE, *OTHERS]), distances), tolerances)
def test_what_is_inferred_is_never_a_guess(own: list[str], around: Distances, tolerance: float) -> None:
    within = [code for code, distance in around.items() if distance <= tolerance]
    try:
        claimed = declare(None, own, nearby(around), tolerance)
    except Misplaced:
        assert len(own) != 1
        assert len(within) != 1
    else:
        assert [claimed] in (own, within)


# -- RT and RW


@pytest.mark.parametrize(
    "text", ["1", "01", "001", "0000001", " 1 ", "RT 1", "RT.01", "RT. 01", "rt001", "RT-1", "RT: 1", "RT/01", "Rw 01", "I", "RT I", "RW.I"]
)
def test_every_spelling_of_the_first_neighbourhood(text: str) -> None:
    assert neighbourhood_number(text) == "01"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "000",
        "RT",
        "RT 0",
        "1000",
        "1a",
        "a1",
        "1.5",
        "RT 1 RW 2",
        "1/2",
        "+1",
        "RTT 1",
        "R 1",
        "iv",
        "x",
        "IIII",
        "XC",
        "1\x00",
        "½",
        "²",
    ],
)
def test_what_is_no_neighbourhood_number(text: str) -> None:
    assert neighbourhood_number(text) is None


@given(st.integers(1, 999), st.sampled_from(["", "RT", "RW", "rt.", "RT "]), st.integers(0, 4))
def test_a_number_keeps_its_value_in_every_spelling(number: int, title: str, zeros: int) -> None:
    kept = neighbourhood_number(f"{title}{'0' * zeros}{number}")
    assert kept is not None
    assert (int(kept), len(kept)) == (number, max(2, len(str(number))))


@given(st.text(max_size=20) | st.text("RTW 0123456789.-/:", max_size=20))
def test_a_kept_number_stays_as_it_is(text: str) -> None:
    kept = neighbourhood_number(text)
    if kept is not None:
        assert neighbourhood_number(kept) == kept
        assert kept.isascii()
        assert kept.isdigit()


def test_roman_capitals_are_read_and_nothing_that_only_looks_like_them() -> None:
    assert [neighbourhood_number(text) for text in ("II", "RW IV", "IX", "XIV", "LXXXIX", "VX", "IC", "LL")] == [
        "02",
        "04",
        "09",
        "14",
        "89",
        None,
        None,
        None,
    ]
