"""Reading boundary files of many makes, and judging what was read. All files are made here."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon, box

from app.boundaries.checking import Boundary, BoundaryReport, area_m2, check
from app.boundaries.distances import remote
from app.boundaries.loading import LoadedEdition, read_boundaries
from app.errors import OperatorError
from app.regions.codes import Region

WEST, SOUTH, SIDE = 112.0, -7.85, 0.01
NAMES = ("Bandar Lor", "Bandar Kidul", "Banjarmlati", "Pojok")
# One kota with one kecamatan of four kelurahan, squares of about 1.1 km in two rows of two.
SQUARES = [box(WEST + i % 2 * SIDE, SOUTH + i // 2 * SIDE, WEST + (i % 2 + 1) * SIDE, SOUTH + (i // 2 + 1) * SIDE) for i in range(4)]
CODES = [f"35.71.01.100{i + 1}" for i in range(4)]
REGIONS = (
    Region("35.71", "kota", "Kota Kediri", None, "3571", area_km2=4.9),
    Region("35.71.01", "kecamatan", "Mojoroto", "35.71", "3571010"),
    *(
        Region(
            code,
            "kelurahan",
            name,
            "35.71.01",
            f"357101000{7 - i}",
            ("Banjar Mlati",) if name == "Banjarmlati" else (),
            area_km2=1.22,
            label_lon=square.centroid.x,
            label_lat=square.centroid.y,
        )
        for i, (code, name, square) in enumerate(zip(CODES, NAMES, SQUARES, strict=True))
    ),
)
BIG = {"KDEPUM": CODES, "WADMKD": NAMES, "KDCPUM": ["35.71.01"] * 4, "WADMKC": ["Mojoroto"] * 4, "KDPKAB": ["35.71"] * 4}
OCHA = {
    "ADM4_PCODE": [f"ID{region.bps_code}" for region in REGIONS[2:]],
    "ADM4_EN": NAMES,
    "ADM3_EN": ["Mojoroto"] * 4,
    "ADM2_EN": ["Kota Kediri"] * 4,
}


def write(path: Path, columns: Mapping[str, Sequence[object]], shapes: Sequence[Any] = SQUARES, **options: Any) -> Path:
    options = {"crs": "EPSG:4326", "geometry_type": "Unknown", **options}
    values = [np.array(column, dtype=object if isinstance(column[0], str | None) else None) for column in columns.values()]
    pyogrio.raw.write(path, np.array([shapely.to_wkb(shape) for shape in shapes], dtype=object), values, list(columns), **options)
    return path


def codes(edition: LoadedEdition) -> list[str]:
    return [boundary.code for boundary in edition.boundaries]


def notes(edition: LoadedEdition) -> dict[str, Mapping[str, Any]]:
    return {note.code: note.facts for note in edition.notes}


def is_the_squares(edition: LoadedEdition, tolerance: float = 1e-9) -> bool:
    return codes(edition) == CODES and all(
        isinstance(boundary.geometry, MultiPolygon) and boundary.geometry.symmetric_difference(square).area < tolerance
        for boundary, square in zip(edition.boundaries, SQUARES, strict=True)
    )


def refusal(path: Path, **options: Any) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        read_boundaries(path, REGIONS, **options)
    for language in ("id", "en"):
        assert "{" not in caught.value.text.say(language, caught.value.facts)
    return caught.value


def finding(report: BoundaryReport, code: str) -> Mapping[str, Any]:
    found = [one for one in report.findings if one.code == code]
    assert len(found) == 1
    assert "{" not in found[0].say("id") + found[0].say("en")
    return {**found[0].facts, "severity": found[0].severity, "regions": found[0].regions}


# -- reading


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "fgb", "shp", "shp.zip", "gml"])
def test_columns_of_big_in_every_format(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"batas.{suffix}", BIG, geometry_type="Polygon")
    edition = read_boundaries(path, REGIONS)
    assert is_the_squares(edition)
    assert notes(edition).keys() == {"layer"}
    assert len(edition.sha256) == 64
    assert edition.crs == "EPSG:4326"


def test_kml_is_read_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "batas.kml", {"Name": NAMES}, driver="LIBKML")
    edition = read_boundaries(path, REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["matched-by-name"]["count"] == 4


def test_a_shapefile_deep_in_an_archive(tmp_path: Path) -> None:
    write(tmp_path / "batas.shp", BIG, geometry_type="Polygon")
    with zipfile.ZipFile(tmp_path / "kiriman.zip", "w") as archive:
        for part in ("shp", "shx", "dbf", "prj"):
            archive.write(tmp_path / f"batas.{part}", f"kiriman/peta desa/batas.{part}")
    assert is_the_squares(read_boundaries(tmp_path / "kiriman.zip", REGIONS))


def test_columns_of_ocha_by_the_crosswalk(tmp_path: Path) -> None:
    edition = read_boundaries(write(tmp_path / "adm4.gpkg", OCHA), REGIONS)
    assert is_the_squares(edition)
    assert notes(edition).keys() == {"layer"}


def test_bps_codes_of_another_year_fall_back_to_the_name_within_the_kecamatan(tmp_path: Path) -> None:
    old = ["ID3571010099", *OCHA["ADM4_PCODE"][1:]]
    edition = read_boundaries(write(tmp_path / "adm4.gpkg", {**OCHA, "ADM4_PCODE": old}), REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["matched-by-name"]["names"] == "Bandar Lor"


def test_a_named_column_in_any_case_and_codes_as_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gpkg", {"Kode_Wil": [float(code.replace(".", "")) for code in CODES]})
    assert refusal(path).code == "columns-not-recognised"
    assert is_the_squares(read_boundaries(path, REGIONS, mapping={"code": "KODE_wil"}))
    assert refusal(path, mapping={"code": "nope"}).code == "columns-not-recognised"
    assert refusal(path, mapping={"kode": "Kode_Wil"}).code == "mapping-unknown"


def test_names_alone_in_any_spelling(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gpkg", {"NAMA": ["BANDAR LOR", "Kel. Bandarkidul", "Banjar Mlati", "Pojok"], "KECAMATAN": ["mojoroto"] * 4})
    assert is_the_squares(read_boundaries(path, REGIONS))


def test_a_name_that_occurs_twice_without_kecamatan_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gpkg", {"NAMA": ["Bandar Lor", "Pojok", "Banjarmlati", "Pojok"]})
    edition = read_boundaries(path, REGIONS)
    assert codes(edition) == [CODES[0], CODES[2]]
    assert notes(edition)["rows-unknown"]["count"] == 2


@pytest.mark.parametrize("crs", ["EPSG:32749", "EPSG:23836", "EPSG:9489"])
def test_metres_become_degrees(tmp_path: Path, crs: str) -> None:
    to_metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    shapes = [shapely.transform(square, to_metres, interleaved=False) for square in SQUARES]
    edition = read_boundaries(write(tmp_path / "utm.gpkg", BIG, shapes, crs=crs), REGIONS)
    assert is_the_squares(edition, 1e-8)
    assert "crs-transformed" in notes(edition)


def test_without_a_crs_only_degrees_are_taken(tmp_path: Path) -> None:
    edition = read_boundaries(write(tmp_path / "degrees.shp", BIG, crs=None, geometry_type="Polygon"), REGIONS)
    assert is_the_squares(edition)
    assert "crs-assumed" in notes(edition)
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:32749", always_xy=True).transform
    shapes = [shapely.transform(square, to_metres, interleaved=False) for square in SQUARES]
    for name in ("metres.shp", "metres.geojson"):
        refused = refusal(write(tmp_path / name, BIG, shapes, crs=None, geometry_type="Polygon"))
        assert refused.code == "crs-unknown"
        assert "32749" in refused.text.id


def test_swapped_axes_are_named(tmp_path: Path) -> None:
    shapes = [shapely.transform(square, lambda x, y: (y, x), interleaved=False) for square in SQUARES]
    assert refusal(write(tmp_path / "swapped.geojson", BIG, shapes)).code == "axes-swapped"


def test_a_bow_tie_is_repaired_and_told(tmp_path: Path) -> None:
    west, south, east, north = SQUARES[0].bounds
    bow = Polygon([(west, south), (east, north), (east, south), (west, north)])
    edition = read_boundaries(write(tmp_path / "bow.gpkg", BIG, [bow, *SQUARES[1:]]), REGIONS)
    repaired = edition.boundaries[0].geometry
    assert repaired.is_valid
    assert repaired.area == pytest.approx(SQUARES[0].area / 2)
    facts = notes(edition)["repaired-much"]
    assert [note.severity for note in edition.notes if note.code == "repaired-much"] == ["error"]
    assert (facts["count"], facts["names"], facts["details"][0]["region"]) == (1, "Bandar Lor", CODES[0])
    assert facts["details"][0]["area_m2"] == pytest.approx(area_m2(repaired), abs=1)


def test_a_small_loop_is_repaired_with_a_warning(tmp_path: Path) -> None:
    west, south, east, north = SQUARES[0].bounds
    loop = [(west + 0.0002, south - 0.0002), (west + 0.0002, south + 0.0002), (west + 0.0001, south - 0.0001)]
    looped = Polygon([(west, south), *loop, (east, south), (east, north), (west, north)])
    edition = read_boundaries(write(tmp_path / "loop.gpkg", BIG, [looped, *SQUARES[1:]]), REGIONS)
    assert {note.code: note.severity for note in edition.notes if note.code.startswith("repaired")} == {"repaired": "warning"}


def test_rows_of_one_code_are_united_and_heights_dropped(tmp_path: Path) -> None:
    west, south, east, north = SQUARES[0].bounds
    middle = (west + east) / 2
    halves = [shapely.force_3d(box(west, south, middle, north), 65.0), shapely.force_3d(box(middle, south, east, north), 65.0)]
    columns = {name: [column[0], *column] for name, column in BIG.items()}
    edition = read_boundaries(write(tmp_path / "halves.gpkg", columns, [*halves, *SQUARES[1:]]), REGIONS)
    assert is_the_squares(edition)
    assert not edition.boundaries[0].geometry.has_z
    assert notes(edition)["rows-united"]["count"] == 1


def test_a_file_of_the_whole_province_is_summed_up(tmp_path: Path) -> None:
    foreign = [f"35.06.{i // 20 + 1:02}.{2001 + i % 20}" for i in range(300)]
    columns = {"KDEPUM": [*CODES, *foreign, "35.71.01.1999"], "WADMKD": [*NAMES, *["Pojok"] * 300, "Khayalan"]}
    path = write(tmp_path / "jatim.gpkg", columns, [*SQUARES, *[box(113, -8, 113.1, -7.9)] * 301])
    edition = read_boundaries(path, REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["rows-elsewhere"]["count"] == 300
    assert len(notes(edition)["rows-elsewhere"]["examples"]) < 200
    assert notes(edition)["rows-unknown"]["count"] == 1


def test_a_name_of_another_kota_is_no_match(tmp_path: Path) -> None:
    columns = {"WADMKD": [*NAMES, "Pojok"], "WADMKC": ["Mojoroto"] * 5, "WADMKK": [*["KOTA KEDIRI"] * 4, "Tulungagung"]}
    edition = read_boundaries(write(tmp_path / "x.gpkg", columns, [*SQUARES, box(113, -8, 113.1, -7.9)]), REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["rows-elsewhere"]["count"] == 1


def test_a_name_that_contradicts_its_code_is_told(tmp_path: Path) -> None:
    columns = {**BIG, "WADMKD": [NAMES[1], NAMES[0], "Banjar Mlati", NAMES[3]]}
    edition = read_boundaries(write(tmp_path / "x.gpkg", columns), REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["name-differs"]["count"] == 2


def test_of_several_layers_the_one_with_most_kelurahan_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rbi.gpkg"
    write(path, {"KDEPUM": [""], "WADMKC": ["Mojoroto"]}, [shapely.union_all(SQUARES)], layer="KECAMATAN")
    write(path, BIG, layer="DESAKEL", append=True)
    write(path, {"KDEPUM": CODES}, [square.centroid for square in SQUARES], layer="titik", append=True, geometry_type="Point")
    edition = read_boundaries(path, REGIONS)
    assert is_the_squares(edition)
    assert notes(edition)["layer"]["layer"] == "DESAKEL"
    write(path, BIG, layer="DESAKEL_LAMA", append=True)
    assert refusal(path).code == "layer-unclear"
    assert is_the_squares(read_boundaries(path, REGIONS, layer="desakel_lama"))
    assert refusal(path, layer="titik").code == "columns-not-recognised"


def test_junk_geometry_is_left_out_without_harm(tmp_path: Path) -> None:
    nested: dict[str, Any] = {"type": "Point", "coordinates": [112, -7.8]}
    for _ in range(200):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    line = {"type": "LineString", "coordinates": [[112, -7.8], [112.1, -7.8]]}
    shapes = [nested, None, line, shapely.geometry.mapping(SQUARES[3])]
    features = [{"type": "Feature", "properties": {"KDEPUM": code}, "geometry": g} for code, g in zip(CODES, shapes, strict=True)]
    path = tmp_path / "junk.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    edition = read_boundaries(path, REGIONS)
    assert codes(edition) == CODES[3:]
    assert notes(edition)["not-an-area"]["count"] == 3


def test_rows_without_geometry_give_an_empty_edition_that_the_check_refuses(tmp_path: Path) -> None:
    features = [{"type": "Feature", "properties": {"KDEPUM": code}, "geometry": None} for code in CODES]
    (tmp_path / "empty.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    edition = read_boundaries(tmp_path / "empty.geojson", REGIONS)
    assert edition.boundaries == ()
    assert check(edition.boundaries, REGIONS).errors


def test_a_layer_of_points_is_no_edition(tmp_path: Path) -> None:
    path = write(tmp_path / "points.geojson", BIG, [square.centroid for square in SQUARES])
    assert refusal(path).code == "columns-not-recognised"


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "tiada.geojson").code == "boundary-file-missing"
    assert refusal(tmp_path).code == "boundary-file-missing"
    for name, content in (("a.geojson", b"hello"), ("b.zip", b"PK no"), ("c.gpkg", b""), ("d.geojson", b"{}")):
        (tmp_path / name).write_bytes(content)
        assert refusal(tmp_path / name).code == "boundary-file-unreadable"
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "-")
    assert refusal(tmp_path / "empty.zip").code == "boundary-file-unreadable"


def test_a_file_that_points_to_another_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret.gpkg", BIG, layer="secret")
    layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{tmp_path}/secret.gpkg</SrcDataSource></OGRVRTLayer>'
    pointer = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    (tmp_path / "innocent.geojson").write_text(pointer)
    assert refusal(tmp_path / "innocent.geojson").code == "boundary-file-unreadable"


def test_a_file_of_another_city_is_refused_with_examples(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path / "malang.gpkg", {"KDEPUM": ["35.73.01.1001"]}, SQUARES[:1]))
    assert refused.code == "no-kelurahan-found"
    assert "35.73.01.1001" in str(refused.facts["examples"])


# -- checking


def boundaries(*shapes: Any) -> list[Boundary]:
    return [
        Boundary(code, shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape]))
        for code, shape in zip(CODES, shapes, strict=False)
    ]


def test_a_good_edition_has_nothing_but_its_total() -> None:
    report = check(boundaries(*SQUARES), REGIONS)
    assert [one.code for one in report.findings] == ["total"]
    assert report.complete
    assert not report.errors
    assert report.extent == pytest.approx((112.0, -7.85, 112.02, -7.83))
    assert report.total_km2 == pytest.approx(4.877, abs=0.01)
    assert report.labels[CODES[0]] == (REGIONS[2].label_lon, REGIONS[2].label_lat)
    assert json.loads(json.dumps(report.as_dict()))["findings"][0]["text"]["id"].startswith("4 kelurahan")


def test_missing_unknown_duplicate_and_broken_ones_are_errors() -> None:
    west, south, east, north = SQUARES[1].bounds
    bow = Polygon([(west, south), (east, north), (east, south), (west, north)])
    given = [*boundaries(SQUARES[0], bow, SQUARES[2]), Boundary("35.71.09.1001", MultiPolygon([SQUARES[3]])), *boundaries(SQUARES[0])]
    report = check(given, REGIONS)
    assert not report.complete
    assert {one.code for one in report.errors} == {"missing", "unknown", "duplicate", "invalid"}
    assert finding(report, "missing")["regions"] == (CODES[3],)
    assert finding(report, "missing")["names"] == "Pojok"
    assert finding(report, "duplicate")["regions"] == (CODES[0],)
    assert finding(report, "invalid")["regions"] == (CODES[1],)
    assert set(report.areas_km2) == set(report.labels) == {CODES[0], CODES[2], "35.71.09.1001"}


def test_nothing_at_all_is_survived() -> None:
    report = check([], REGIONS)
    assert not report.complete
    assert report.extent is None
    assert finding(report, "missing")["count"] == 4


def test_a_gap_is_measured_in_metres() -> None:
    hole = box(WEST + SIDE - 0.001, SOUTH + 0.004, WEST + SIDE, SOUTH + 0.004 + 0.0001)
    report = check(boundaries(SQUARES[0].difference(hole), *SQUARES[1:]), REGIONS)
    facts = finding(report, "gaps")
    assert (facts["severity"], facts["count"]) == ("warning", 1)
    assert facts["widest_m"] == pytest.approx(11.06, abs=0.1)
    assert facts["area_ha"] == pytest.approx(0.12, abs=0.005)
    assert shapely.Point(facts["lon"], facts["lat"]).within(hole)


def test_an_overlap_is_measured_in_metres() -> None:
    west, south, east, north = SQUARES[0].bounds
    report = check(boundaries(box(west, south, east + 0.0001, north), *SQUARES[1:]), REGIONS)
    facts = finding(report, "overlaps")
    assert (facts["severity"], facts["count"], facts["regions"]) == ("warning", 1, tuple(CODES[:2]))
    assert facts["widest_m"] == pytest.approx(11.03, abs=0.1)
    assert facts["area_ha"] == pytest.approx(1.22, abs=0.01)
    assert facts["places"][0]["regions"] == CODES[:2]


def test_slivers_of_rounding_are_not_told() -> None:
    west, south, east, north = SQUARES[0].bounds
    report = check(boundaries(box(west, south, east + 1e-7, north), *SQUARES[1:]), REGIONS)
    assert [one.code for one in report.findings] == ["total"]


def test_second_parts_and_areas_and_labels() -> None:
    island = box(WEST + 0.03, SOUTH, WEST + 0.035, SOUTH + SIDE)
    west, south, east, _ = SQUARES[1].bounds
    report = check(boundaries(MultiPolygon([SQUARES[0], island]), box(west, south, east, south + 0.003), *SQUARES[2:]), REGIONS)
    part = finding(report, "second-parts")["details"][0]
    assert (part["region"], part["parts"]) == (CODES[0], 2)
    assert part["smaller_km2"] == pytest.approx(0.61, abs=0.01)
    assert part["distance_m"] == pytest.approx(2205, abs=5)
    assert finding(report, "area-differs")["regions"] == (CODES[0], CODES[1])
    assert finding(report, "area-differs")["details"][0]["percent"] == pytest.approx(-70, abs=1)
    assert finding(report, "label-outside")["names"] == "Bandar Kidul"
    assert shapely.Point(report.labels[CODES[1]]).within(box(west, south, east, south + 0.003))


def test_an_edition_of_another_place_is_an_error() -> None:
    moved = [shapely.transform(square, lambda x, y: (x + 0.5, y), interleaved=False) for square in SQUARES]
    report = check(boundaries(*moved), REGIONS)
    assert finding(report, "elsewhere")["severity"] == "error"
    assert report.complete


@pytest.mark.parametrize(("degrees", "codes"), [(20.0, {"kelurahan-far", "label-far"}), (0.2, {"kelurahan-far", "label-far"})])
def test_a_kelurahan_far_from_the_others_is_an_error(degrees: float, codes: set[str]) -> None:
    moved = shapely.transform(SQUARES[1], lambda x, y: (x + degrees, y), interleaved=False)
    report = check(boundaries(SQUARES[0], moved, *SQUARES[2:]), REGIONS)
    assert {one.code for one in report.errors} == codes
    assert all(one.regions == (CODES[1],) for one in report.errors)
    assert "Bandar Kidul" in finding(report, "kelurahan-far")["names"]


def test_a_kelurahan_of_which_no_place_is_known_is_measured_by_its_neighbours() -> None:
    regions = [replace(region, label_lon=None, label_lat=None) for region in REGIONS]
    moved = shapely.transform(SQUARES[1], lambda x, y: (x + 0.2, y), interleaved=False)
    assert [one.code for one in check(boundaries(SQUARES[0], moved, *SQUARES[2:]), regions).errors] == ["kelurahan-far"]


def test_islands_of_a_wide_city_are_no_error() -> None:
    """As Kramian in Sumenep: 40 km from its kecamatan, in a city of 250 km; and Bawean, a kecamatan far from the rest of its city."""
    named = ["35.29.23.2003", "35.29.23.2004", "35.29.23.2001", "35.29.01.2001", "35.29.02.2001"]
    lons = [114.4, 114.8, 114.42, 114.0, 115.2]
    shapes = [box(lon, -5.1, lon + 0.02, -5.08) for lon in lons]
    assert remote(named, np.array(shapes, dtype=object)) == {}
    alone = remote(named, np.array([shapes[0], box(120, -5.1, 120.02, -5.08), *shapes[2:]], dtype=object))
    assert list(alone) == ["35.29.23.2004"]
    assert alone["35.29.23.2004"].distance_m == pytest.approx(616_000, rel=0.01)
    assert remote(named[:1], np.array(shapes[:1], dtype=object)) == {}


def test_sentences_use_the_decimal_comma_in_indonesian_only() -> None:
    total = check(boundaries(*SQUARES), REGIONS).findings[-1]
    assert "4,9 km²" in total.say("id")
    assert "4.9 km²" in total.say("en")


@given(st.lists(st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)), min_size=4, max_size=8))
def test_any_ring_is_repaired_or_reported(ring: list[tuple[float, float]]) -> None:
    shape = Polygon([(WEST + x, SOUTH + y) for x, y in ring])
    report = check(boundaries(shape, *SQUARES[1:]), REGIONS)
    assert report.complete != any(one.code == "invalid" for one in report.findings)
    json.dumps(report.as_dict())
    for code, (lon, lat) in report.labels.items():
        assert shapely.Point(lon, lat).distance(dict(zip(CODES, [shape, *SQUARES[1:]], strict=True))[code]) < 1e-7
