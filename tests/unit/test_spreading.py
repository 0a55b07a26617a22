"""Marks that would lie on each other are told apart."""

import math
import random

import pytest

from app.pages.spreading import spread

SIZE = (640.0, 400.0)
APART = 30.0


def nearest(marks: list[tuple[float, float]], fixed: list[tuple[float, float]]) -> float:
    return min(math.dist(one, other) for at, one in enumerate(marks) for other in [*marks[:at], *fixed])


def test_what_has_room_stays_where_it_is() -> None:
    marks = [(100.0, 100.0), (200.0, 100.0), (100.0, 200.0)]
    assert spread(marks, [(320.0, 200.0)], SIZE, APART) == marks


def test_marks_at_the_very_same_place_part() -> None:
    fixed = [(320.0, 200.0)]
    found = spread([(320.0, 200.0)] * 12, fixed, SIZE, APART)
    assert nearest(found, fixed) > APART - 1
    # They stay about where they belong.
    assert max(math.dist(one, fixed[0]) for one in found) < 4 * APART


@pytest.mark.parametrize("seed", range(30))
def test_a_crowd_is_told_apart_within_the_map(seed: int) -> None:
    chance = random.Random(seed)
    fixed = [(320.0, 200.0), (330.0, 215.0)]
    marks = [(320 + chance.gauss(0, 25), 200 + chance.gauss(0, 25)) for _ in range(12)]
    found = spread(marks, fixed, SIZE, APART)
    assert nearest(found, fixed) > APART - 1
    assert all(0 < x < SIZE[0] and 0 < y < SIZE[1] for x, y in found)
    assert spread(marks, fixed, SIZE, APART) == found


def test_at_the_edge_nothing_leaves_the_map() -> None:
    found = spread([(0.0, 0.0), (1.0, 1.0), (640.0, 400.0)], [], SIZE, APART)
    assert nearest(found, []) > APART - 1
    assert all(APART / 2 <= x <= SIZE[0] - APART / 2 and APART / 2 <= y <= SIZE[1] - APART / 2 for x, y in found)
