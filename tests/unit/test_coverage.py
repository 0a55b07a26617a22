"""Polygons with gaps and overlaps become one coverage, and stay one however coarsely they are drawn."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from app.geometry.coverage import seamless, simplified, united
from app.geometry.seams import Geometries

TOLERANCES = [2.0, 40.0, 600.0]


def as_array(*polygons: object) -> Geometries:
    return np.array(polygons, dtype=object)


def is_gapless(coverage: Geometries, ground: float) -> None:
    """Every edge is the same on both sides: nothing overlaps, and together they have no holes but those that were there."""
    assert shapely.coverage_is_valid(coverage)
    assert shapely.is_valid(coverage).all()
    whole = shapely.union_all(coverage)
    assert shapely.area(coverage).sum() == pytest.approx(whole.area, rel=1e-9)
    assert whole.area == pytest.approx(ground, rel=0.2)


@st.composite
def maps(draw: st.DrawFn) -> Geometries:
    """A wobbly grid of cells, each moved and grown a little by itself: gaps and overlaps of some metres all along the seams."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), -1) * 2000 + random.uniform(
        -300, 300, (columns + 1, rows + 1, 2)
    )
    cells = []
    for x in range(columns):
        for y in range(rows):
            ring = corners[[x, x + 1, x + 1, x], [y, y, y + 1, y + 1]]
            wobbly = shapely.segmentize(shapely.Polygon(ring), 150)
            cells.append(
                shapely.Polygon(shapely.get_coordinates(wobbly)[:-1] + random.uniform(-8, 8, (shapely.get_num_coordinates(wobbly) - 1, 2)))
            )
    valid: Geometries = shapely.make_valid(as_array(*cells), method="structure", keep_collapsed=False)
    return valid


@given(cells=maps())
@settings(max_examples=60, deadline=None)
@pytest.mark.slow(3)
def test_neighbours_share_their_edges_at_every_coarseness(cells: Geometries) -> None:
    coverage = seamless(cells, 40)
    ground = shapely.union_all(cells).area
    is_gapless(coverage, ground)
    assert abs(shapely.area(coverage) - shapely.area(cells)).max() < 0.1 * shapely.area(cells).max()
    half = np.arange(len(cells)) // 2
    for tolerance in TOLERANCES:
        drawn = simplified(coverage, tolerance)
        is_gapless(drawn, ground)
        assert not shapely.is_empty(drawn).any()
        is_gapless(united(drawn, half, int(half.max()) + 1), ground)
    assert shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(coverage).sum()


def test_a_narrow_gap_goes_to_the_neighbour_with_most_of_its_edge_and_a_wide_one_stays() -> None:
    left, right, under = box(0, 0, 1000, 1000), box(1020, 0, 2000, 1000), box(0, -500, 2000, 0)
    over, lid = box(0, 1000, 1000, 1500), box(1000, 1000, 2000, 1500)
    filled = seamless(as_array(left, right, under, over, lid), 50)
    assert shapely.area(filled)[0] == 1_020_000  # as long as on the right, and first
    is_gapless(filled, 4_000_000)
    kept = seamless(as_array(left, right, under, over, lid), 5)
    assert shapely.area(kept).sum() == 3_980_000


def test_what_two_claim_goes_to_the_smaller_so_that_an_enclave_stays() -> None:
    whole, enclave = box(0, 0, 3000, 3000), box(1000, 1000, 2000, 2000)
    shares = seamless(as_array(whole, enclave), 1)
    assert shapely.area(shares).tolist() == [8_000_000, 1_000_000]
    is_gapless(shares, 9_000_000)


def test_one_that_is_wholly_covered_may_come_out_empty() -> None:
    square = box(0, 0, 1000, 1000)
    assert shapely.area(seamless(as_array(square, square), 1)).tolist() == [1_000_000, 0]
