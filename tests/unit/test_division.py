"""The approximate edition: complete, without gaps and overlaps, and near the figures that it is made of."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.boundaries.checking import check
from app.demo.division import ACCURACY_M, NAME, SOURCE, approximate_boundaries
from app.demo.kediri import regions as shipped_regions
from app.geo import WGS84
from app.regions.codes import Region

REGIONS = shipped_regions()
KELURAHAN = {region.code: region for region in REGIONS if region.level == "kelurahan"}
BOUNDARIES = approximate_boundaries(REGIONS)
REPORT = check(BOUNDARIES, REGIONS)


def test_every_kelurahan_has_a_valid_polygon_and_edges_are_shared_exactly() -> None:
    assert [boundary.code for boundary in BOUNDARIES] == list(KELURAHAN)
    assert REPORT.complete
    assert not REPORT.errors
    assert {one.code for one in REPORT.findings} <= {"area-differs", "label-outside", "total"}
    whole = shapely.union_all([boundary.geometry for boundary in BOUNDARIES])
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert shapely.coverage_is_valid([boundary.geometry for boundary in BOUNDARIES])


def test_coordinates_have_seven_decimals() -> None:
    coordinates = shapely.get_coordinates([boundary.geometry for boundary in BOUNDARIES])
    assert abs(coordinates - coordinates.round(7)).max() < 1e-12


def test_every_label_lies_in_its_kelurahan_or_nearly() -> None:
    for boundary in BOUNDARIES:
        region = KELURAHAN[boundary.code]
        line = shapely.shortest_line(boundary.geometry, shapely.Point(region.label_lon, region.label_lat))
        assert WGS84.geometry_length(line) <= ACCURACY_M
    inside = [
        boundary
        for boundary in BOUNDARIES
        if REPORT.labels[boundary.code] == (KELURAHAN[boundary.code].label_lon, KELURAHAN[boundary.code].label_lat)
    ]
    assert len(inside) >= 45


def test_areas_are_near_the_official_ones() -> None:
    ratios = sorted(REPORT.areas_km2[code] / (region.area_km2 or 1) for code, region in KELURAHAN.items())
    assert sum(0.9 < ratio < 1.1 for ratio in ratios) >= 30
    assert ratios[0] > 0.5
    assert ratios[-1] < 1.8
    assert pytest.approx(67.2, rel=0.08) == REPORT.total_km2


def test_the_same_every_time() -> None:
    again = approximate_boundaries(REGIONS)
    assert [boundary.geometry.wkb for boundary in again] == [boundary.geometry.wkb for boundary in BOUNDARIES]


def test_it_says_that_it_is_approximate() -> None:
    assert "perkiraan" in NAME.lower()
    assert "bukan batas resmi" in SOURCE.id
    assert "no official boundaries" in SOURCE.en


def test_kelurahan_without_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="figures"):
        approximate_boundaries([replace(REGIONS[-1], area_km2=None)])
    with pytest.raises(ValueError, match="one place"):
        approximate_boundaries([REGIONS[-1], replace(REGIONS[-1], code="35.71.03.1099")])
    with pytest.raises(ValueError, match="figures"):
        approximate_boundaries([])


@settings(max_examples=8, deadline=None)
@given(st.sets(st.sampled_from(sorted(KELURAHAN)), min_size=1, max_size=8))
def test_any_few_of_them_are_divided_too(codes: set[str]) -> None:
    some: list[Region] = [KELURAHAN[code] for code in sorted(codes)]
    report = check(approximate_boundaries(some), some)
    assert report.complete
    assert not {one.code for one in report.findings} & {"gaps", "overlaps", "invalid", "elsewhere"}
