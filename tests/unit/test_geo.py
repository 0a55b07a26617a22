"""Positions, boxes, CRS, distances, compass words, tile numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.geo import (
    LAT_BITS,
    LON_BITS,
    Bbox,
    compass,
    distance_m,
    is_position,
    is_tile,
    parse_bbox,
    place,
    place_ranges,
    place_sides,
    split_at_antimeridian,
    to_degrees,
)

NAN, INF = float("nan"), float("inf")
longitudes, latitudes = st.floats(-180, 180), st.floats(-90, 90)


@pytest.mark.parametrize(("lon", "lat"), [(112, -7.8), (180, 90), (-180, -90), (0, 0)])
def test_positions(lon: float, lat: float) -> None:
    assert is_position(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"), [(180.1, 0), (-180.1, 0), (0, 90.1), (0, -90.1), (-7.8, 112), (NAN, 0), (0, NAN), (INF, 0), (0, -INF)]
)
def test_what_is_no_position(lon: float, lat: float) -> None:
    assert not is_position(lon, lat)


def test_distances_are_geodesic_metres() -> None:
    # A degree of longitude and of latitude at the equator of WGS 84; Kediri's latitude makes the former shorter.
    assert distance_m(0, 0, 1, 0) == pytest.approx(111_319.49, abs=0.01)
    assert distance_m(0, 0, 0, 1) == pytest.approx(110_574.39, abs=0.01)
    assert distance_m(112, -7.8, 113, -7.8) == pytest.approx(110_296, abs=50)
    assert distance_m(179.5, 0, -179.5, 0) == pytest.approx(111_319.49, abs=0.01)


@given(longitudes, latitudes, longitudes, latitudes)
def test_a_distance_is_the_same_both_ways(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> None:
    there = distance_m(lon_a, lat_a, lon_b, lat_b)
    assert 0 <= there <= 20_004_000
    assert distance_m(lon_b, lat_b, lon_a, lat_a) == pytest.approx(there, abs=1e-3)


@pytest.mark.parametrize(
    ("bearing", "word"),
    [
        (0, "utara"),
        (22, "utara"),
        (23, "timur laut"),
        (90, "timur"),
        (135, "tenggara"),
        (180, "selatan"),
        (225, "barat daya"),
        (270, "barat"),
        (315, "barat laut"),
        (338, "utara"),
        (360, "utara"),
        (-90, "barat"),
    ],
)
def test_compass_words(bearing: float, word: str) -> None:
    assert compass(bearing).id == word


def test_every_compass_word_has_its_english() -> None:
    english = [compass(bearing).en for bearing in range(0, 360, 45)]
    assert english == ["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"]


@given(st.floats(0, 360))
def test_the_compass_word_is_never_more_than_half_a_sector_off(bearing: float) -> None:
    middle = 45 * [compass(direction).id for direction in range(0, 360, 45)].index(compass(bearing).id)
    assert abs((bearing - middle + 180) % 360 - 180) <= 22.5


# -- boxes


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("111.95,-7.88,112.09,-7.77", (111.95, -7.88, 112.09, -7.77)),
        (" 111.95 , -7.88, 112.09 ,-7.77 ", (111.95, -7.88, 112.09, -7.77)),
        ("111.95,-7.88,60,112.09,-7.77,90", (111.95, -7.88, 112.09, -7.77)),
        ("177,-20,-178,-16", (177, -20, -178, -16)),
        ("-180,-90,180,90", (-180, -90, 180, 90)),
        ("112,-7.8,112,-7.8", (112, -7.8, 112, -7.8)),
    ],
)
def test_boxes(text: str, box: tuple[float, ...]) -> None:
    assert parse_bbox(text) == box


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b,c,d",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "1,2,3,4,",
        "1;2;3;4",
        "112,-7.7,112.1,-7.8",
        "181,0,182,1",
        "0,-91,1,0",
        "-7.88,111.95,-7.77,112.09",
        "nan,0,1,1",
        "0,0,inf,1",
        "111,-8,nan,112,-7,90",
        "111,-8,0,112,-7,inf",
    ],
)
def test_what_is_no_box(text: str) -> None:
    with pytest.raises(ValueError):
        parse_bbox(text)


@given(longitudes, latitudes, longitudes, latitudes)
def test_a_box_means_the_same_after_it_was_split(west: float, south: float, east: float, north: float) -> None:
    box = parse_bbox(f"{west!r},{min(south, north)!r},{east!r},{max(south, north)!r}")
    parts = split_at_antimeridian(box)
    assert all(part.west <= part.east and (part.south, part.north) == (box.south, box.north) for part in parts)
    width = east - west if west <= east else 360 - (west - east)
    assert sum(part.east - part.west for part in parts) == pytest.approx(width)
    assert (parts[0].west, parts[-1].east) == (west, east)


def test_only_a_box_across_the_antimeridian_is_two() -> None:
    assert split_at_antimeridian(Bbox(111, -8, 112, -7)) == (Bbox(111, -8, 112, -7),)
    assert split_at_antimeridian(Bbox(177, -20, -178, -16)) == (Bbox(177, -20, 180, -16), Bbox(-180, -20, -178, -16))


@given(
    st.text(max_size=60)
    | st.text("0123456789.,-+einfa ", max_size=60)
    | st.lists(st.floats(-200, 200).map(repr) | st.sampled_from(["nan", "1e1", " 1", ""]), min_size=3, max_size=7).map(",".join)
    | st.tuples(longitudes, latitudes, longitudes, latitudes).map(lambda box: ",".join(map(repr, box)))
)
def test_any_text_is_a_box_of_positions_or_a_value_error(text: str) -> None:
    try:
        box = parse_bbox(text)
    except ValueError:
        return
    assert is_position(box.west, box.south)
    assert is_position(box.east, box.north)
    assert box.south <= box.north


# -- other coordinate reference systems


@pytest.mark.parametrize(
    ("crs", "x", "y", "place"),
    [
        # Where the central meridians meet the equator: false easting and northing, exactly.
        ("EPSG:32749", 500_000, 10_000_000, (111, 0)),
        ("EPSG:23836", 200_000, 1_500_000, (112.5, 0)),
        ("EPSG:4326", 112, -7.8, (112, -7.8)),
        ("OGC:CRS84", 112, -7.8, (112, -7.8)),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 112, -7.8, (112, -7.8)),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", 112, -7.8, (112, -7.8)),
        ("urn:ogc:def:crs:EPSG::32749", 500_000, 10_000_000, (111, 0)),
        ("EPSG:3857", 0, 0, (0, 0)),
    ],
)
def test_degrees_of_other_crs(crs: str, x: float, y: float, place: tuple[float, float]) -> None:
    assert to_degrees(crs, x, y) == pytest.approx(place, abs=1e-7)


@pytest.mark.parametrize(
    "crs",
    [
        "",
        "EPSG:",
        "EPSG:1",
        "EPSG:99999",
        "abc",
        "\x00",
        "\ud800",
        # Heights alone, geocentric, another planet: a CRS, but none of a place on the map.
        "EPSG:5773",
        "EPSG:4978",
        "IAU_2015:30100",
        # Definitions, which may name files.
        "+proj=longlat +ellps=WGS84 +nadgrids=/etc/hostname",
        "+proj=utm +zone=49 +south +datum=WGS84",
        '{"type": "GeographicCRS"}',
        'GEOGCS["x"]',
        "/etc/hostname",
    ],
)
def test_a_crs_that_cannot_be_used_is_a_value_error(crs: str) -> None:
    with pytest.raises(ValueError):
        to_degrees(crs, 112.0, -7.8)


@pytest.mark.parametrize(("x", "y"), [(1e30, 1e30), (NAN, 0), (INF, 0)])
def test_what_is_far_off_is_a_value_error(x: float, y: float) -> None:
    with pytest.raises(ValueError):
        to_degrees("EPSG:32749", x, y)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30) | st.integers(1000, 33000).map(lambda number: f"EPSG:{number}"), st.floats(), st.floats())
def test_no_crs_and_no_number_raises_anything_else(crs: str, x: float, y: float) -> None:
    try:
        lon, lat = to_degrees(crs, x, y)
    except ValueError:
        return
    assert abs(lon) < INF
    assert abs(lat) < INF


# -- tiles


@pytest.mark.parametrize(("zoom", "column", "row"), [(0, 0, 0), (1, 1, 1), (14, 13288, 8547), (22, (1 << 22) - 1, 0)])
def test_tiles(zoom: int, column: int, row: int) -> None:
    assert is_tile(zoom, column, row)


@pytest.mark.parametrize(
    ("zoom", "column", "row"), [(0, 1, 0), (0, 0, 1), (1, 2, 0), (1, 0, 2), (-1, 0, 0), (2, -1, 0), (2, 0, -1), (23, 0, 0)]
)
def test_what_is_no_tile(zoom: int, column: int, row: int) -> None:
    assert not is_tile(zoom, column, row)


@st.composite
def boxes(draw: st.DrawFn) -> Bbox:
    """Of any size, from a point to the world."""
    west, south = draw(longitudes), draw(latitudes)
    width, height = draw(st.sampled_from([0, 1e-7, 1e-3, 0.3, 20, 360])), draw(st.sampled_from([0, 1e-7, 1e-3, 0.3, 20, 180]))
    return Bbox(west, south, min(180.0, west + width), min(90.0, south + height))


@settings(max_examples=300, deadline=None)
@given(boxes(), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**62 - 1))
def test_the_ranges_of_a_box_hold_all_that_lies_in_it(box: Bbox, east: float, north: float, after: int) -> None:
    """In order, without overlap, few, and from a given place on the same."""
    lon = min(box.east, max(box.west, box.west + east * (box.east - box.west)))
    lat = min(box.north, max(box.south, box.south + north * (box.north - box.south)))
    here, ranges = place(lon, lat), place_ranges(box)
    assert [low <= here <= high for low, high in ranges].count(True) == 1
    assert all(one[0] <= one[1] < other[0] for one, other in zip(ranges, [*ranges[1:], (2**62, 2**62)], strict=True))
    assert len(ranges) < 60
    later = place_ranges(box, after)
    assert any(low <= here <= high for low, high in later) == (here >= after)
    assert all(low >= after for low, _ in later)


@settings(max_examples=300, deadline=None)
@given(boxes(), longitudes, latitudes)
def test_what_the_bits_of_a_place_tell_of_a_box_is_true(box: Bbox, lon: float, lat: float) -> None:
    west, south, east, north = place_sides(box)
    here = place(lon, lat)
    if west < here & LON_BITS < east:
        assert box.west <= lon <= box.east
    if box.west <= lon <= box.east:
        assert west <= here & LON_BITS <= east
    if south < here & LAT_BITS < north:
        assert box.south <= lat <= box.north
    if box.south <= lat <= box.north:
        assert south <= here & LAT_BITS <= north
