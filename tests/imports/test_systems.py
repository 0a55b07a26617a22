"""In which CRS a file is, however it says so. Places are held against EPSG's own parameters, worked out here, never against PROJ."""

import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from tests.imports.files import opened, refused, saved
from tests.imports.oracle import DATUMS, distance_m
from tests.imports.test_vectors import collection, feature, layer, made, point, shapefile

KEDIRI = (112.0012439, -7.8042395)
BESSEL = 'SPHEROID["Bessel 1841",6377397.155,299.1528128]'
GEOGCS = 'GEOGCS["GCS_x",DATUM["{0}",{1}],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
UTM = (
    'PROJCS["x",{0},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",111],'
    'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",10000000],UNIT["Meter",1]]'
)


def named(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def in_datum(code: int) -> tuple[float, float]:
    """Where Kediri is in the numbers of another datum."""
    return next(one for one in DATUMS if one.code == code).from_wgs84(*KEDIRI)


def read_at(path: Path, within_m: float = 0.5) -> Any:
    """The first row, which lies in Kediri."""
    row = opened(path)[1][0]
    assert row.fault is None
    assert row.place is not None
    assert distance_m(row.place, KEDIRI) < within_m, row
    return row


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "shp", "geojson"])
@pytest.mark.parametrize("code", [9470, 4755, 4238, 4211])
def test_degrees_of_every_crs_that_indonesia_uses(tmp_path: Path, kind: str, code: int) -> None:
    crs = f"EPSG:{code}"
    path = made(tmp_path, kind, geometries=shapely.points([in_datum(code)] * 2), crs=crs)
    if kind == "geojson":
        path = saved(
            tmp_path, "b.geojson", collection(*[feature(point(*in_datum(code)), {"n": 1})] * 2, crs=named(f"urn:ogc:def:crs:EPSG::{code}"))
        )
    row = read_at(path)
    # What is WGS 84 by another name has not been moved as far as anybody needs to know.
    assert (row.shift is None) == (code in (9470, 4755))
    if row.shift is not None:
        assert row.shift.moved_m == pytest.approx({4211: 101.6, 4238: 28.3}[code], abs=0.3)
        assert (row.shift.x, row.shift.y, row.shift.accuracy_m) == (*in_datum(code), {4211: 6.0, 4238: 3.0}[code])


@pytest.mark.parametrize("code", [9990, 8999, 4979, 4326])
def test_degrees_of_wgs84_by_other_names(tmp_path: Path, code: int) -> None:
    assert read_at(layer(tmp_path / "a.gpkg", geometries=shapely.points([KEDIRI] * 2), crs=f"EPSG:{code}")).shift is None


@pytest.mark.parametrize(
    ("datum", "spheroid", "code"),
    [("D_Batavia", BESSEL, 4211), ("Batavia", BESSEL, 4211), ("Genuk", BESSEL, 4211), ("Batavia (Genuk)", BESSEL, 4211), ("Batavia_Genuk", BESSEL, None),
     ("D_Indonesian_1974", 'SPHEROID["Indonesian",6378160.0,298.247]', 4238), ("Indonesian 1974", 'SPHEROID["Indonesian",6378160.0,298.247]', 4238),
     ("D_Bessel_1841", BESSEL, None), ("D_Gunung_Segara", BESSEL, None), ("unknown", BESSEL, None), ("D_WGS_1984", BESSEL, None),
     ("D_Datum_Geodesi_Nasional_1995", BESSEL, None), ("D_unknown", 'SPHEROID["WGS 84",6378137,298.257223563]', None)],
)  # fmt: skip
@pytest.mark.parametrize("projected", [False, True])
def test_a_prj_is_shifted_rightly_or_refused(tmp_path: Path, datum: str, spheroid: str, code: int | None, *, projected: bool) -> None:
    """Of its datum, never unshifted: PROJ leaves the numbers as they are where it does not know the name."""
    base = GEOGCS.format(datum, spheroid)
    x, y = in_datum(code) if code else KEDIRI
    if projected:
        a, rf = (float(part) for part in spheroid.rstrip("]").split(",")[1:])
        x, y = pyproj.Proj(proj="tmerc", lon_0=111, k=0.9996, x_0=500_000, y_0=10_000_000, a=a, rf=rf)(x, y)
    prj = (UTM.format(base) if projected else base).encode()
    path = shapefile(tmp_path, geometries=shapely.points([(x, y)] * 2), replaced={"data/posyandu.prj": prj}, without=("prj",))
    if code is not None:
        assert read_at(path).shift.datum == {4211: "Batavia", 4238: "ID74"}[code]
    elif datum == "D_Gunung_Segara":
        # It has a way, but none that holds here.
        assert {row.fault for row in opened(path)[1]} == {"geometry-datum"}
    else:
        assert refused(path) == "crs-not-known"


@pytest.mark.parametrize("name", ["GCS_WGS_1984", "WGS 84", "unnamed", "GCS_Batavia"])
@pytest.mark.parametrize("datum", ["unknown", "D_unknown", "Unknown", "D_Bessel_1841"])
def test_the_name_of_the_whole_is_none_of_its_datum(tmp_path: Path, name: str, datum: str) -> None:
    for spheroid in (BESSEL, 'SPHEROID["WGS_1984",6378137.0,298.257223563]'):
        prj = GEOGCS.format(datum, spheroid).replace("GCS_x", name).encode()
        assert refused(shapefile(tmp_path, replaced={"data/posyandu.prj": prj}, without=("prj",))) == "crs-not-known"


def test_a_way_of_its_own_is_gone_and_its_accuracy_is_not_known(tmp_path: Path) -> None:
    base = GEOGCS.format("Tidak dikenal", BESSEL + ",TOWGS84[-377,681,-50,0,0,0,0]")
    path = shapefile(
        tmp_path, geometries=shapely.points([in_datum(4211)] * 2), replaced={"data/posyandu.prj": base.encode()}, without=("prj",)
    )
    assert math.isinf(read_at(path).shift.accuracy_m)


PLACES_OF_CRS = ("collection", "feature", "geometry")


@pytest.mark.parametrize("where", PLACES_OF_CRS)
@pytest.mark.parametrize(
    "name",
    [
        "EPSG:4211",
        "urn:ogc:def:crs:EPSG::4211",
        "http://www.opengis.net/def/crs/EPSG/0/4211",
        "http://www.opengis.net/gml/srs/epsg.xml#4211",
    ],
)
@pytest.mark.parametrize("suffix", ["geojson", "geojsonl"])
def test_a_member_crs_is_honoured_wherever_it_stands(tmp_path: Path, where: str, name: str, suffix: str) -> None:
    """On the feature, or inside the geometry as PostGIS writes it."""
    if suffix == "geojsonl" and where == "collection":
        pytest.skip("lines have no collection")
    crs = named(name)
    geometry = point(*in_datum(4211)) | ({"crs": crs} if where == "geometry" else {})
    one = feature(geometry, {"n": 1}, **({"crs": crs} if where == "feature" else {}))
    around = {"crs": crs} if where == "collection" else {}
    text = collection(one, feature(None, {"n": 2}), **around) if suffix == "geojson" else json.dumps(one)
    assert read_at(saved(tmp_path, f"a.{suffix}", text)).shift.datum == "Batavia"


@pytest.mark.parametrize("where", ["feature", "geometry"])
@pytest.mark.parametrize(
    "crs", [named("EPSG:99999"), named("Batavia"), {"type": "link", "properties": {"href": "http://127.0.0.1:9/a"}}, 4, "EPSG:4211"]
)
def test_a_member_crs_that_is_not_known_is_a_fault_of_its_row(tmp_path: Path, where: str, crs: Any) -> None:
    geometry = point(*KEDIRI) | ({"crs": crs} if where == "geometry" else {})
    odd = feature(geometry, {"n": 1}, **({"crs": crs} if where == "feature" else {}))
    rows = opened(saved(tmp_path, "a.geojson", collection(odd, feature(point(*KEDIRI), {"n": 2}))))[1]
    assert [(row.place, row.fault) for row in rows] == [(None, "geometry-crs-not-known"), (KEDIRI, None)]


def test_features_of_several_crs_are_each_read_in_their_own(tmp_path: Path) -> None:
    utm = pyproj.Proj(proj="utm", zone=49, south=True, ellps="WGS84")(*KEDIRI)
    features = [
        feature(point(*in_datum(4211)), {"n": 1}, crs=named("EPSG:4211")),
        feature(point(*utm) | {"crs": named("EPSG:32749")}, {"n": 2}),
        feature(point(*KEDIRI), {"n": 3}),
        feature(point(*in_datum(4238)), {"n": 4}, crs={"type": "EPSG", "properties": {"code": 4238}}),
    ]
    rows = opened(saved(tmp_path, "a.geojson", collection(*features)))[1]
    assert all(row.place and distance_m(row.place, KEDIRI) < 0.5 for row in rows)
    assert [row.shift.datum if row.shift else None for row in rows] == ["Batavia", None, None, "ID74"]
    many = [feature(point(*KEDIRI), {"n": 1}, crs=named(f"EPSG:{32601 + number}")) for number in range(40)]
    assert refused(saved(tmp_path, "b.geojson", collection(*many))) == "crs-several"


URI = "http://www.opengis.net/def/crs/EPSG/0/{0}"


@pytest.mark.parametrize(
    "reference",
    [
        URI.format(4211),
        "[EPSG:4211]",
        {"type": "Reference", "href": URI.format(4211), "epoch": 2017.0},
        [URI.format(4211), URI.format(5773)],
    ],
)
@pytest.mark.parametrize("on", ["collection", "feature", "place"])
def test_json_fg_is_read(tmp_path: Path, reference: Any, on: str) -> None:
    """`place` in `coordRefSys`, whose axes stand as it defines them: latitude first in Batavia."""
    lon, lat = in_datum(4211)
    place = point(lat, lon) | ({"coordRefSys": reference} if on == "place" else {})
    for geometry in (None, point(0, 0)):
        one = feature(geometry, {"n": 1}, time=None, place=place, **({"coordRefSys": reference} if on == "feature" else {}))
        around = {"conformsTo": ["[ogc-json-fg-1-0.2:core]"]} | ({"coordRefSys": reference} if on == "collection" else {})
        text = collection(one, **around)
        assert read_at(saved(tmp_path, "a.json", text)).shift.datum == "Batavia"
        # The members of a collection may stand behind its features.
        behind = json.dumps({"type": "FeatureCollection", "features": [one], **around})
        assert read_at(saved(tmp_path, "b.json", behind)).shift.datum == "Batavia"


def test_json_fg_in_metres_and_without_place(tmp_path: Path) -> None:
    utm = pyproj.Proj(proj="utm", zone=49, south=True, ellps="WGS84")(*KEDIRI)
    text = collection(feature(None, {"n": 1}, place=point(*utm)), coordRefSys=URI.format(32749))
    assert read_at(saved(tmp_path, "a.json", text)).shift is None
    text = collection(feature(point(*KEDIRI), {"n": 1}, place=None), coordRefSys=URI.format(4326))
    read_at(saved(tmp_path, "b.json", text))
    # In degrees of WGS 84 by one standard, of Batavia by another.
    text = collection(feature(point(*KEDIRI), {"n": 1}), coordRefSys=URI.format(4211))
    assert [row.fault for row in opened(saved(tmp_path, "c.json", text))[1]] == ["geometry-crs-unclear"]
    references: tuple[Any, ...] = ("x", 4, [])
    for reference in references:
        text = collection(feature(None, {"n": 1}, place=point(*KEDIRI)), coordRefSys=reference)
        assert refused(saved(tmp_path, "d.json", text)) == "crs-not-known"
    text = collection(feature(None, {"n": 1}, place=point(*KEDIRI)), coordRefSys=URI.format(99999))
    assert [row.fault for row in opened(saved(tmp_path, "e.json", text))[1]] == ["geometry-crs-not-known"]


@pytest.mark.parametrize("code", [4211, 9470, 32749])
def test_json_fg_as_gdal_writes_it(tmp_path: Path, code: int) -> None:
    utm = pyproj.Proj(proj="utm", zone=49, south=True, ellps="WGS84")(*KEDIRI)
    x, y = utm if code == 32749 else in_datum(code)
    path = tmp_path / f"{code}.json"
    values = [np.array(["A"], dtype=object)]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.points([(x, y)])), values, ["nama"], geometry_type="Point", crs=f"EPSG:{code}", driver="JSONFG"
    )
    assert '"place"' in path.read_text()
    read_at(path)


def test_numbers_that_were_exchanged_are_kept_only_where_the_datum_does_not_matter(tmp_path: Path) -> None:
    for code, place in ((9470, KEDIRI[::-1]), (4211, None)):
        path = layer(tmp_path / f"{code}.gpkg", geometries=shapely.points([KEDIRI[::-1]] * 2), crs=f"EPSG:{code}")
        assert [(row.place, row.fault) for row in opened(path)[1]] == [(place, "geometry-coordinates")] * 2


def test_a_geopackage_says_its_crs_by_number_or_by_words(tmp_path: Path) -> None:
    def with_system(name: str, organization: str, number: int, definition: str) -> Path:
        path = layer(tmp_path / name, geometries=shapely.points([in_datum(4211)] * 2), crs="EPSG:4211")
        with sqlite3.connect(path) as connection:
            connection.execute(
                "UPDATE gpkg_spatial_ref_sys SET organization = ?, organization_coordsys_id = ?, definition = ? WHERE srs_id = 4211",
                (organization, number, definition),
            )
        return path

    assert read_at(with_system("a.gpkg", "EPSG", 4211, "undefined")).shift.datum == "Batavia"
    assert read_at(with_system("b.gpkg", "NONE", 1, GEOGCS.format("Batavia (Genuk)", BESSEL))).shift.datum == "Batavia"
    assert refused(with_system("c.gpkg", "NONE", 1, GEOGCS.format("D_Bessel_1841", BESSEL))) == "crs-not-known"
