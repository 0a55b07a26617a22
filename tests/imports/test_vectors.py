"""Layers of points in every format, each made by another program than ours reads it with, where there is one."""

import json
import shutil
import sqlite3
import struct
import warnings
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from app.imports.reading import Unreadable
from tests.imports.files import opened, refused, replaced, saved, zipped

PLACES = [(112.0123456, -7.8123456), (112.02, -7.82)]
DRIVERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "geojsonl": "GeoJSONSeq", "kml": "KML", "shp": "ESRI Shapefile"}
PARTS = ("shp", "shx", "dbf", "prj", "cpg")


def layer(
    path: Path,
    *,
    geometries: list[Any] | None = None,
    crs: str | None = "EPSG:4326",
    kind: str = "Point",
    name: str | None = None,
    **options: Any,
) -> Path:
    """Two posyandu, written by GDAL."""
    shapes = geometries if geometries is not None else shapely.points(PLACES)
    columns = [np.array(["Café Melati", "Mawar"], dtype=object), np.array([12, 7])]
    append = path.exists()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes),
            columns,
            ["nama", "kader"],
            geometry_type=kind,
            crs=crs,
            driver=DRIVERS[path.suffix[1:]],
            layer=name or path.stem,
            append=append,
            **options,
        )
    return path


def shapefile(directory: Path, *, without: tuple[str, ...] = (), replaced: dict[str, bytes] | None = None, **options: Any) -> Path:
    folder = directory / "parts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    layer(folder / "posyandu.shp", **options)
    parts = {
        f"data/posyandu.{part}": (folder / f"posyandu.{part}").read_bytes()
        for part in PARTS
        if part not in without and (folder / f"posyandu.{part}").exists()
    }
    return zipped(directory / "posyandu.zip", parts | (replaced or {}))


def made(directory: Path, extension: str, **options: Any) -> Path:
    return shapefile(directory, **options) if extension == "shp" else layer(directory / f"posyandu.{extension}", **options)


@pytest.mark.parametrize("kind", DRIVERS)
def test_points_and_their_columns(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    # The name says nothing; the content does.
    table, rows = opened(path.rename(tmp_path / "kiriman.dat"))
    assert table.format == {"geojsonl": "geojsonseq"}.get(kind, kind)
    assert table.has_places
    at = [table.columns.index(name) for name in ("nama", "kader")]
    found = sorted((row.place, [row.cells[column] for column in at]) for row in rows if row.place)
    assert [place for place, _ in found] == [pytest.approx(place) for place in PLACES]
    assert [[str(cell) for cell in cells] for _, cells in found] == [["Café Melati", "12"], ["Mawar", "7"]]
    assert [(row.number, row.fault) for row in rows] == [(1, None), (2, None)]
    # No private directory is left, and no lock or index beside the file.
    assert [one.name for one in tmp_path.iterdir() if one.name != "parts"] == ["kiriman.dat"]


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "shp"])
def test_metres_become_degrees(tmp_path: Path, kind: str) -> None:
    utm = Transformer.from_crs(4326, 32749, always_xy=True)
    path = made(tmp_path, kind, geometries=shapely.points([utm.transform(*place) for place in PLACES]), crs="EPSG:32749")
    assert sorted(row.place or (0, 0) for row in opened(path)[1]) == [pytest.approx(place, abs=1e-8) for place in PLACES]


@pytest.mark.parametrize("kind", ["gpkg", "geojson"])
def test_what_is_not_one_point_is_a_fault_of_its_row(tmp_path: Path, kind: str) -> None:
    shapes = {
        "POINT (112 -7.8)": None,
        "MULTIPOINT ((112 -7.8))": None,
        "MULTIPOINT ((112 -7.8), (112.1 -7.8))": "geometry-several-points",
        "LINESTRING (112 -7.8, 112.1 -7.8)": "geometry-not-a-point",
        "POINT EMPTY": "geometry-missing",
    }
    for at, (text, fault) in enumerate(shapes.items()):
        geometry = shapely.from_wkt(text)
        path = layer(tmp_path / f"a{at}.{kind}", geometries=[geometry, shapely.Point(112, -7.8, 50)], kind="Unknown")
        rows = opened(path)[1]
        assert [row.fault for row in rows] == [fault, None], text
        assert [row.place is None for row in rows] == [fault is not None, False]


def test_lines_alone_are_refused(tmp_path: Path) -> None:
    lines = [shapely.LineString(PLACES)] * 2
    for kind in ("gpkg", "fgb", "shp"):
        assert refused(made(tmp_path, kind, geometries=lines, kind="LineString")) == "layer-without-points"


# -- GeoJSON


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def feature(geometry: Any = None, properties: Any = None, **members: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties, **members}


def point(*coordinates: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": coordinates}


def test_properties_of_every_kind_and_ids(tmp_path: Path) -> None:
    text = collection(
        feature(
            point(112, -7.8, 60),
            {"nama": "A", "rt": 1, "luas": 1.5, "aktif": True, "kosong": None, "hari": ["Senin", "Selasa"], "kontak": {"telp": "0"}},
            id="x-1",
        ),
        feature(None, {"lain": "B"}, id=7),
        feature(),
    )
    table, rows = opened(saved(tmp_path, "a.json", text))
    assert table.columns == ("id", "nama", "rt", "luas", "aktif", "kosong", "hari", "kontak", "lain")
    assert rows[0].cells == ("x-1", "A", 1, 1.5, True, None, '["Senin", "Selasa"]', '{"telp": "0"}', None)
    assert (rows[0].place, rows[1].cells[0], rows[1].fault) == ((112, -7.8), 7, "geometry-missing")
    assert (len(rows), table.skipped_blank()) == (2, 1)


def with_rows(path: Path, *rows: tuple[Any, ...]) -> Path:
    """The layer in place of whose rows there are others, of texts and numbers that GDAL would not write."""
    with closing(sqlite3.connect(path)) as connection:
        triggers = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(f"DELETE FROM {path.stem}")
        connection.executemany(f"INSERT INTO {path.stem} (nama, kader) VALUES (CAST(? AS TEXT), ?)", rows)
        connection.commit()
    return path


def test_what_no_database_holds_is_replaced_and_said(tmp_path: Path) -> None:
    """Half a surrogate pair, which only an escape can write; NUL; numbers that JSON does not have."""
    text = collection(
        feature(point(112, -7.8), {"na\ud800ma\0": "Mel\udc00ati", "alamat": "Jl.\0 Mawar", "isi": {"a": "\ud800"}}, id="\ud83d")
    )
    for name in ("a.geojson", "a.geojsonl"):
        table, rows = opened(saved(tmp_path, name, text if name == "a.geojson" else json.dumps(json.loads(text)["features"][0])))
        assert table.columns == ("id", "na\ufffdma", "alamat", "isi")
        assert (rows[0].cells, rows[0].fault) == (("\ufffd", "Mel\ufffdati", "Jl. Mawar", '{"a": "\ufffd"}'), "text-damaged")
    numbers = saved(
        tmp_path, "b.geojson", collection(feature(point(112, -7.8), {"a": 10**30, "b": -(2**63), "c": 7})).replace("7}", "1e999}")
    )
    assert opened(numbers)[1][0].cells == (str(10**30), -(2**63), "inf")
    path = with_rows(layer(tmp_path / "a.gpkg"), (b"Mel\0ati", float("inf")), (b"Mel\xed\xa0\x80ati", 7))
    assert [(row.cells, row.fault) for row in opened(path)[1]] == [
        (("Melati", "inf"), "geometry-missing"),
        (("Mel\ufffd\ufffd\ufffdati", 7), "geometry-missing"),
    ]


def test_a_single_feature_and_lines_of_them(tmp_path: Path) -> None:
    one = json.dumps(feature(point(112, -7.8), {"nama": "A"}), indent=1)
    assert opened(saved(tmp_path, "a.geojson", one))[1][0].cells == ("A",)
    assert opened(saved(tmp_path, "a.geojson.txt", one))[1][0].cells == ("A",)
    for text in (f"\x1e{one}\n\x1e{one}\n", (json.dumps(json.loads(one)) + "\n") * 2):
        table, rows = opened(saved(tmp_path, "b.json", text))
        assert (table.format, len(rows)) == ("geojsonseq", 2)


def test_coordinates_that_are_none(tmp_path: Path) -> None:
    odd = [
        point(),
        point(112),
        point("112", "-7.8"),
        point(True, 1),
        {"type": "Point"},
        {"type": "MultiPoint", "coordinates": [[112, -7.8]]},
    ]
    rows = opened(saved(tmp_path, "a.json", collection(*[feature(one, {"n": 1}) for one in odd])))[1]
    wrong = "geometry-coordinates"
    assert [row.fault for row in rows] == ["geometry-missing", wrong, wrong, wrong, wrong, None]


def test_numbers_that_were_exchanged_are_kept_for_who_judges(tmp_path: Path) -> None:
    rows = opened(saved(tmp_path, "a.json", collection(feature(point(-7.8, 112.01), {"n": 1}), feature(point(112, 1e300), {"n": 1}))))[1]
    assert [(row.place, row.fault) for row in rows] == [((-7.8, 112.01), "geometry-coordinates"), (None, "geometry-coordinates")]


def test_the_crs_of_geojson(tmp_path: Path) -> None:
    def named(name: Any) -> dict[str, Any]:
        return {"type": "name", "properties": {"name": name}}

    degrees, metres = feature(point(112, -7.8), {"n": 1}), feature(point(611_000, 9_137_000), {"n": 1})
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        assert opened(saved(tmp_path, "a.json", collection(degrees, crs=named(name))))[1][0].place == (112, -7.8)
    text = json.dumps({"type": "FeatureCollection", "features": [metres], "crs": named("urn:ogc:def:crs:EPSG::32749")})
    assert opened(saved(tmp_path, "b.json", text))[1][0].place == pytest.approx((112.007, -7.806), abs=1e-3)
    for wrong in (named("+proj=utm +zone=49 +nadgrids=http://127.0.0.1/a"), named("EPSG:99999"), {"type": "link"}, 4):
        assert refused(saved(tmp_path, "c.json", collection(degrees, crs=wrong))) == "crs-not-known"
    assert refused(saved(tmp_path, "d.json", collection(metres, metres))) == "crs-untrue"


def test_json_that_is_none(tmp_path: Path) -> None:
    good = collection(*[feature(point(112, -7.8), {"nama": "x" * 500})] * 1_000)
    assert len(opened(saved(tmp_path, "a.json", good))[1]) == 1_000
    for bad in (good[:-1], good[:-200_000], good + "x", good.replace("-7.8", "NaN"), '{"type" "x"}', '{"a":1'):
        assert refused(saved(tmp_path, "b.json", bad)) == "json-damaged"
    for other in (
        '{"type":"Topology"}',
        "[1, 2]",
        '{"type":"Point","coordinates":[1,2]}',
        collection({"type": "Point"}),
        collection(1),
        "{}",
    ):
        assert refused(saved(tmp_path, "c.json", other)) in ("geojson-without-features", "json-damaged")
    assert refused(saved(tmp_path, "d.json", '{"a":' + "[" * 100_000)) == "json-too-deep"
    assert refused(saved(tmp_path, "e.json", '{"type":"FeatureCollection","features":[{"a":"' + "x" * 3_000_000)) == "record-too-long"
    assert refused(saved(tmp_path, "f.json", '{"a":' + "9" * 10_000 + "}")) == "json-damaged"


# -- KML, KMZ, GPX

KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>Kota</name>
<Style id="s"><IconStyle><Icon><href>http://127.0.0.1:9/icon.png</href></Icon></IconStyle></Style>
<Folder><name>Posyandu</name>
<Placemark><name>Melati</name><description><![CDATA[<b>Jl. Mawar</b>]]></description><styleUrl>#s</styleUrl>
<ExtendedData><Data name="RT"><displayName>x</displayName><value>001</value></Data><SchemaData schemaUrl="#a"><SimpleData name="RW">02</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 112.01,-7.81,0 </coordinates></Point></Placemark>
<Placemark><name>Garis</name><LineString><coordinates>112,-7 113,-7</coordinates></LineString></Placemark>
<Placemark><name>Dua</name><MultiGeometry><Point><coordinates>112,-7</coordinates></Point><Point><coordinates>113,-7</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>Koma</name><Point><coordinates>112,01,-7,81</coordinates></Point></Placemark>
<Placemark><name>Tanpa</name></Placemark></Folder></Document></kml>"""


def test_kml_of_google_my_maps(tmp_path: Path) -> None:
    table, rows = opened(saved(tmp_path, "a.kml", KML))
    assert (table.format, table.columns) == ("kml", ("name", "description", "RT", "RW", "folder"))
    assert (rows[0].cells, rows[0].place) == (("Melati", "<b>Jl. Mawar</b>", "001", "02", "Posyandu"), (112.01, -7.81))
    assert [row.fault for row in rows] == [
        None,
        "geometry-not-a-point",
        "geometry-several-points",
        "geometry-coordinates",
        "geometry-missing",
    ]


def test_kmz_holds_one_document(tmp_path: Path) -> None:
    table, rows = opened(zipped(tmp_path / "a.kmz", {"doc.kml": KML.encode(), "images/a.png": b"\x89PNG"}))
    assert (table.format, rows[0].place) == ("kmz", (112.01, -7.81))
    assert refused(zipped(tmp_path / "b.kmz", {"a.kml": KML.encode(), "b.kml": KML.encode()})) == "kmz-several-documents"


def test_gpx_gives_its_waypoints(tmp_path: Path) -> None:
    gpx = '<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="-7.81" lon="112.01"><ele>60</ele><name>Melati</name></wpt><trk><name>Jalan</name><trkseg><trkpt lat="-7" lon="112"/></trkseg></trk></gpx>'
    table, rows = opened(saved(tmp_path, "a.gpx", gpx))
    assert (table.format, table.columns) == ("gpx", ("ele", "name"))
    assert [(row.cells, row.place) for row in rows] == [(("60", "Melati"), (112.01, -7.81))]
    _, (odd, *_) = opened(saved(tmp_path, "d.gpx", gpx.replace('lon="112.01"', 'lon="11_2.01"')))
    assert (odd.place, odd.fault) == (None, "geometry-coordinates")
    assert refused(saved(tmp_path, "b.gpx", gpx.replace("wpt", "rtept"))) == "markup-without-points"
    assert refused(saved(tmp_path, "c.gpx", gpx[:-20])) == "xml-damaged"
    assert refused(saved(tmp_path, "d.xml", "<svg/>")) == "file-not-known"


# -- GeoPackage


def test_the_layer_of_points_is_chosen(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", name="posyandu")
    layer(path, name="jalan", kind="LineString", geometries=[shapely.LineString(PLACES)] * 2)
    assert opened(path)[0].sheet == "posyandu"
    layer(path, name="pos_kamling")
    assert refused(path) == "layers-several"
    assert opened(path, sheet="Pos_Kamling")[0].sheet == "pos_kamling"
    assert refused(path, sheet="lain") == "layer-missing"


def test_a_geopackage_cannot_make_us_run_anything(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", name="asli")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, CAST(i AS BLOB) AS geom FROM n"
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE VIEW pandangan AS {endless}")
        connection.execute("CREATE TABLE hitungan (fid INTEGER PRIMARY KEY, geom BLOB, nama TEXT AS (hex(zeroblob(100000000))))")
        connection.execute("INSERT INTO hitungan (geom) VALUES (x'00')")
        connection.execute("CREATE VIRTUAL TABLE maya USING fts5(geom)")
        connection.executemany(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', 4326, 0, 0)", [("pandangan",), ("hitungan",), ("maya",)]
        )
    assert refused(path, sheet="pandangan") == "layer-missing"
    assert refused(path, sheet="maya") == "layer-missing"
    # A computed column is not among those that are read, and no function would be run for it.
    table, rows = opened(path, sheet="hitungan")
    assert (table.columns, [row.fault for row in rows]) == ((), ["geometry-coordinates"])


def test_a_geopackage_that_is_none(tmp_path: Path) -> None:
    whole = layer(tmp_path / "a.gpkg").read_bytes()
    assert refused(saved(tmp_path, "b.gpkg", whole[:5_000])) == "layer-damaged"
    assert refused(saved(tmp_path, "c.gpkg", whole[:100] + bytes(len(whole) - 100))) == "layer-damaged"
    with sqlite3.connect(tmp_path / "d.gpkg") as connection:
        connection.execute("CREATE TABLE a (b)")
    assert refused(tmp_path / "d.gpkg") == "layer-damaged"


def test_a_geopackage_whose_list_of_layers_never_ends(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS table_name, 'geom' AS column_name, '' AS geometry_type_name, 1 AS srs_id FROM n"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE gpkg_geometry_columns")
        connection.execute(f"CREATE VIEW gpkg_geometry_columns AS {endless}")
    assert refused(path) == "layer-damaged"


# -- shapefile


@pytest.mark.parametrize("part", ["shx", "dbf", "shp"])
def test_what_is_missing_is_named(tmp_path: Path, part: str) -> None:
    assert refused(shapefile(tmp_path, without=(part,))) == "shapefile-incomplete"


def test_without_a_prj_degrees_are_believed_and_metres_are_not(tmp_path: Path) -> None:
    assert len(opened(shapefile(tmp_path, without=("prj",)))[1]) == 2
    metres = shapely.points([(611_000, 9_137_000)] * 2)
    assert refused(shapefile(tmp_path, without=("prj",), geometries=metres)) == "crs-missing"


def test_a_prj_that_lies(tmp_path: Path) -> None:
    utm = (shapefile(tmp_path, crs="EPSG:32749"), tmp_path / "parts" / "posyandu.prj")[1].read_bytes()
    assert refused(shapefile(tmp_path, replaced={"data/posyandu.prj": utm})) == "crs-untrue"
    metres = shapely.points([(611_000, 9_137_000)] * 2)
    assert refused(shapefile(tmp_path, geometries=metres)) == "crs-untrue"
    for wrong in (b"bukan WKT", b'PROJCS["a",EXTENSION["PROJ4","+proj=utm +zone=49 +nadgrids=http://127.0.0.1/x"]]', b'LOCAL_CS["a"]'):
        assert refused(shapefile(tmp_path, replaced={"data/posyandu.prj": wrong})) == "crs-not-known"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("UTF-8", b"1252"),
        ("UTF-8", b""),
        ("CP1252", b"UTF-8"),
        ("CP1252", b"ANSI 1252"),
        ("CP1252", b"../../x"),
        ("CP1252", b"12\x0052"),
        ("CP1252", None),
    ],
)
def test_a_cpg_that_lies(tmp_path: Path, written: str, said: bytes | None) -> None:
    replaced = {} if said is None else {"data/posyandu.cpg": said}
    rows = opened(shapefile(tmp_path, encoding=written, without=("cpg",), replaced=replaced))[1]
    assert rows[0].cells[0] == "Café Melati"


def test_several_shapefiles_in_one_archive(tmp_path: Path) -> None:
    one = shapefile(tmp_path)
    with zipfile.ZipFile(one) as archive:
        parts = {Path(name).name: archive.read(name) for name in archive.namelist()}
    two = zipped(
        tmp_path / "b.zip", {f"{name}/{name}{Path(part).suffix}": content for name in ("satu", "dua") for part, content in parts.items()}
    )
    assert refused(two) == "layers-several"
    assert opened(two, sheet="Dua.shp")[0].sheet == "dua"
    assert refused(two, sheet="tiga") == "layer-missing"
    # As somebody packs a folder for each kecamatan.
    alike = zipped(tmp_path / "d.zip", {f"{folder}/{part}": content for folder in ("Kota", "Mojoroto") for part, content in parts.items()})
    with pytest.raises(Unreadable) as caught:
        opened(alike)
    assert (caught.value.code, caught.value.facts) == ("layers-several", {"names": "kota/posyandu, mojoroto/posyandu"})
    assert opened(alike, sheet="Kota/Posyandu")[0].sheet == "kota/posyandu"
    assert len(opened(zipped(tmp_path / "e.zip", parts | {".": b""}))[1]) == 2
    resource_forks = zipped(tmp_path / "c.zip", parts | {f"__MACOSX/._{part}": b"\0\5\x16\7" for part in parts})
    assert len(opened(resource_forks)[1]) == 2


def test_a_shapefile_that_is_none(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, "a.shp", b"\x00\x00\x27\x0a" + bytes(96))) == "shapefile-alone"
    assert refused(shapefile(tmp_path, replaced={"data/posyandu.shp": b"x" * 200})) == "layer-damaged"
    head = struct.pack(">i20xi", 9994, 50) + struct.pack("<ii64x", 1000, 1)
    assert [row.fault for row in opened(shapefile(tmp_path, replaced={"data/posyandu.shp": head}))[1]] == ["geometry-missing"] * 2
    assert refused(saved(tmp_path, "b.fgb", b"fgb\x03fgb\x00" + b"\xff" * 200)) == "layer-damaged"


def test_dates_of_a_dbf_stay_dates(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    values = [np.array(["2026-01-02", "2026-01-03"], dtype="datetime64[D]")]
    pyogrio.raw.write(
        folder / "a.shp",
        shapely.to_wkb(shapely.points(PLACES)),
        values,
        ["sejak"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver="ESRI Shapefile",
    )
    path = zipped(tmp_path / "a.zip", {one.name: one.read_bytes() for one in folder.iterdir()})
    assert [row.cells for row in opened(path)[1]] == [(date(2026, 1, 2),), (date(2026, 1, 3),)]
    table = (folder / "a.dbf").read_bytes()
    for written, read in (
        (b"20261399", "20261399"),
        (b"00000000", None),
        (b"        ", None),
        (b"00010101", date(1, 1, 1)),
        (b"2026-1-2", "2026-1-2"),
    ):
        odd = replaced(path, {"a.dbf": table.replace(b"20260102", written)})
        assert [row.cells for row in opened(odd)[1]] == [(read,), (date(2026, 1, 3),)]


def test_a_moment_beyond_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "a.fgb"
    values = [np.array(["2026-01-02T03:04:05"] * 2, dtype="datetime64[ms]")]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.points(PLACES)), values, ["sejak"], geometry_type="Point", crs="EPSG:4326", driver="FlatGeobuf"
    )
    written = path.read_bytes()
    assert written.count(b"2026-01-02T03:04:05") == 2
    assert refused(saved(tmp_path, "b.fgb", written.replace(b"2026-01-02T03:04:05", b"9999-12-31T23:59:60"))) == "layer-damaged"
