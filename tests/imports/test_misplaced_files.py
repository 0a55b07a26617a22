"""Files of points in any format, with any datum said in any way, anywhere in Indonesia: none is accepted as it is in a wrong place.

Made at random and held against `oracle`, which shares no code with the reader. A few here; `TITIK_TEST_FILES=2000` makes so many, and prints what
became of them.
"""

import csv
import io
import json
import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pyogrio
import pytest
import shapely
import xlsxwriter

from app.access.rights import Actor
from app.categories.rules import Category
from app.db import WriteSession
from app.errors import Unreadable
from app.imports import placing
from app.imports.columns import recognised
from app.imports.layout import Layout
from app.imports.placing import Placing
from app.imports.reading import open_table
from app.imports.rows import Draft, RowFinding
from app.placement.edition import ActiveEdition
from app.placement.polygons import Polygons
from app.regions.cities import Cities, City
from app.regions.codes import Directory, Region
from tests.imports.oracle import BESSEL, DATUMS, WGS84, Datum, Ellipsoid, Place, distance_m, transverse_mercator

FILES = int(os.environ.get("TITIK_TEST_FILES", "150"))
SEED = int(os.environ.get("TITIK_TEST_SEED", "12"))
ACCURACY_M = 15.0
CITIES = (
    (98.67, 3.59), (95.32, 5.55), (124.85, 1.49), (109.34, 0.02), (109.33, -0.06), (106.83, -6.2), (112.0, -7.8), (112.75, -7.26), (115.22, -8.65), (116.11, -8.58),
    (116.84, -1.24), (117.15, -0.5), (119.43, -5.15), (128.18, -3.7), (140.7, -2.54), (123.6, -10.17), (117.6, 3.3), (104.75, -2.98), (100.36, -0.95), (127.38, 0.79),
)  # fmt: skip
REGIONS = (
    Region("35.71.01", "kecamatan", "Mojoroto", "35.71", "3571010"),
    Region("35.71.01.1011", "kelurahan", "Mojoroto", "35.71.01", "3571010011"),
)
CATEGORY = Category("uji", 1, {}, (), None, (), "many")
KINDS = ("csv", "xlsx", "geojson", "jsonfg", "shp", "gpkg", "fgb", "kml")


class Written(NamedTuple):
    """A file, its name, and what it says, for whoever reads a failure."""

    path: Path
    truth: Place
    says: str
    within_m: float


def somewhere(dice: random.Random) -> Place:
    """Not within a kilometre of where one way ends and another begins: which of both is meant there depends on the datum that one asks in."""
    while True:
        lon, lat = anywhere(dice)
        areas = [way.area for datum in DATUMS for way in datum.ways]
        if all(
            abs(lon - west) > 0.01 and abs(lon - east) > 0.01 and abs(lat - south) > 0.01 and abs(lat - north) > 0.01
            for west, south, east, north in areas
        ):
            return lon, lat


def anywhere(dice: random.Random) -> Place:
    if dice.random() < 0.5:
        lon, lat = dice.choice(CITIES)
        return lon + dice.uniform(-0.02, 0.02), lat + dice.uniform(-0.02, 0.02)
    return dice.uniform(95.2, 140.9), dice.uniform(-10.9, 5.9)


def a_datum(dice: random.Random, at: Place) -> Datum:
    """Often one that is used there."""
    there = [one for one in DATUMS if one.code and one.best(*at)]
    return dice.choice(there) if dice.random() < 0.5 else dice.choice(DATUMS)


def in_metres(dice: random.Random, datum: Datum, at: Place, on: Ellipsoid) -> tuple[float, float, int, bool, float]:
    """Easting, northing, zone, whether it is a southern one, and its middle meridian."""
    zone = int((at[0] + 180) // 6) + 1
    is_south = at[1] < 0 if dice.random() < 0.9 else True
    x, y = datum.from_wgs84(*at)
    east, north = transverse_mercator(x, y, on, zone * 6 - 183, 0.9996, 500_000, 10_000_000 if is_south else 0)
    return east, north, zone, is_south, zone * 6 - 183


# -- what is written


def a_table(dice: random.Random, at: Place) -> tuple[list[str], list[object], str]:
    """Headings, the row, and what it says."""
    if dice.random() < 0.3:
        return a_table_in_metres(dice, at)
    datum = a_datum(dice, at)
    name = dice.choice(datum.names)
    x, y = datum.from_wgs84(*at)
    lat, lon = f"{y:.8f}", f"{x:.8f}"
    pair = f"{lat}, {lon}"
    code = f"{datum.code}" if datum.code else name
    column = dice.choice(("Datum", "DATUM", "Datum Geodesi", "Sistem Koordinat", "geodeticDatum", "Sistem Referensi"))
    said = dice.choice((name, f"Datum {name}", name.lower()))
    ways: list[tuple[list[str], list[object]]] = [
        (["Nama", f"Lintang ({name})", f"Bujur ({name})"], ["A", lat, lon]),
        (["Nama", f"Lintang {name}", f"Bujur {name}"], ["A", lat, lon]),
        (["Nama", f"Lintang ({name})", "Bujur"], ["A", lat, lon]),
        (["Nama", f"Koordinat ({name})"], ["A", pair]),
        (["Nama", "Lintang", "Bujur", dice.choice(("srid", "SRID", "EPSG", "CRS"))], ["A", lat, lon, dice.choice((code, f"EPSG:{code}"))]),
        (["Nama", "Koordinat"], ["A", f"{pair} ({name})"]),
        (["Nama", "Lintang", "Bujur", column], ["A", lat, lon, said]),
        (["Nama", "Koordinat", column], ["A", pair, said]),
    ]
    headings, row = dice.choice(ways)
    return headings, row, f"{headings} {row}"


def a_table_in_metres(dice: random.Random, at: Place) -> tuple[list[str], list[object], str]:
    is_shifted = dice.random() < 0.5
    datum = a_datum(dice, at) if is_shifted else DATUMS[0]
    name = dice.choice(datum.names)
    east, north, zone, is_south, _ = in_metres(dice, datum, at, datum.ellipsoid)
    half = "S" if is_south else "N"
    said = dice.choice((f"{zone}{half}", f"UTM {zone}{half}", f"{zone}"))
    numbers: list[object] = [round(east, 3), round(north, 3)]
    ways: list[tuple[list[str], list[object]]] = [
        (["Nama", f"X (UTM {zone}{half} {name})", f"Y (UTM {zone}{half} {name})"], ["A", *numbers]),
        (["Nama", "X", "Y", dice.choice(("Zona", "Zona UTM", "UTM Zone")), "Datum"], ["A", *numbers, said, name]),
        (["Nama", "X", "Y", "Datum"], ["A", *numbers, name]),
        (["Nama", "X", "Y", "Sistem Koordinat"], ["A", *numbers, f"{name} UTM zona {zone}{half}"]),
    ]
    if not is_shifted:
        ways.append((["Nama", "X", "Y", "Zona"], ["A", *numbers, said]))
        ways.append((["Nama", "X", "Y", "srid"], ["A", *numbers, str((32700 if is_south else 32600) + zone)]))
    headings, row = dice.choice(ways)
    return headings, row, f"{headings} {row}"


def a_csv(dice: random.Random, folder: Path, at: Place) -> Written:
    headings, row, says = a_table(dice, at)
    text = io.StringIO()
    csv.writer(text).writerows([headings, row, row])
    path = folder / "a.csv"
    path.write_text(text.getvalue())
    return Written(path, at, says, 0.5)


def an_xlsx(dice: random.Random, folder: Path, at: Place) -> Written:
    headings, row, says = a_table(dice, at)
    path = folder / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        lines: list[Sequence[object]] = [headings, row, row]
        for number, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                is_number = isinstance(cell, str) and number and cell.replace(".", "", 1).lstrip("-").isdigit() and dice.random() < 0.5
                sheet.write(number, column, float(cast("str", cell)) if is_number else cell)
    return Written(path, at, says, 0.5)


def a_geojson(dice: random.Random, folder: Path, at: Place) -> Written:
    datum = a_datum(dice, at)
    code, place = datum.code, datum.from_wgs84(*at)
    if dice.random() < 0.3:
        east, north, zone, is_south, _ = in_metres(dice, DATUMS[0], at, WGS84)
        code, place = (32700 if is_south else 32600) + zone, (east, north)
    name = dice.choice(
        (
            f"EPSG:{code}",
            f"urn:ogc:def:crs:EPSG::{code}",
            f"http://www.opengis.net/def/crs/EPSG/0/{code}",
            f"urn:ogc:def:crs:EPSG:6.9:{code}",
        )
    )
    where = dice.choice(("collection", "behind", "feature", "geometry", "column"))
    crs = {"type": "name", "properties": {"name": name}}
    properties: dict[str, Any] = {"Nama": "A"}
    if where == "column" and code < 30_000:
        # The geometry says nothing, so it is in WGS 84; a column says otherwise, or the same.
        properties["Datum"] = dice.choice(datum.names)
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": list(place)}}
    if where == "feature":
        feature["crs"] = crs
    if where == "geometry" or (where == "column" and code >= 30_000):
        cast("dict[str, Any]", feature["geometry"])["crs"] = crs
    document: dict[str, Any] = {"type": "FeatureCollection"} | ({"crs": crs} if where == "collection" else {})
    document |= {"features": [feature, feature]} | ({"crs": crs} if where == "behind" else {})
    path = folder / "a.geojson"
    path.write_text(json.dumps(document))
    return Written(path, at, f"{where} {name} {properties.get('Datum', '')}", 0.5)


def a_jsonfg(dice: random.Random, folder: Path, at: Place) -> Written:
    datum = a_datum(dice, at)
    x, y = datum.from_wgs84(*at)
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{datum.code}"
    reference: Any = dice.choice((uri, f"[EPSG:{datum.code}]", {"type": "Reference", "href": uri}))
    geometry = dice.choice((None, {"type": "Point", "coordinates": list(at)}))
    place = dice.choice(({"type": "Point", "coordinates": [y, x]}, None)) if geometry else {"type": "Point", "coordinates": [y, x]}
    feature = {"type": "Feature", "properties": {"Nama": "A"}, "geometry": geometry, "place": place}
    path = folder / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "coordRefSys": reference, "features": [feature, feature]}))
    return Written(path, at, f"{reference} {place} {geometry}", 0.5)


def a_prj(dice: random.Random, datum: Datum, at: Place) -> tuple[str, Place, str]:
    """WKT of a random spelling, sometimes beside an ellipsoid that is not its own; and the numbers."""
    name = dice.choice((*datum.names, datum.names[0].upper(), datum.names[0].removeprefix("D_").replace("_", " ")))
    on = datum.ellipsoid if dice.random() < 0.85 else dice.choice((WGS84, BESSEL))
    base = (
        f'GEOGCS["{dice.choice(("GCS_" + name, "unnamed", "GCS_WGS_1984"))}",DATUM["{name}",SPHEROID["{on.name}",{on.a!r},{on.rf!r}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    )
    if dice.random() < 0.5:
        return base, datum.from_wgs84(*at), base
    east, north, _, is_south, middle = in_metres(dice, datum, at, on)
    prj = (
        f'PROJCS["x",{base},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{middle}],'
        f'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",{10_000_000 if is_south else 0}],UNIT["Meter",1]]'
    )
    return prj, (east, north), prj


def _layer(path: Path, place: Place, driver: str, crs: str | None, **columns: str) -> Path:
    names = {"Nama": "A", **columns}
    values = [np.array([value] * 2, dtype=object) for value in names.values()]
    pyogrio.raw.write(path, shapely.to_wkb(shapely.points([place] * 2)), values, list(names), geometry_type="Point", crs=crs, driver=driver)
    return path


def a_shapefile(dice: random.Random, folder: Path, at: Place) -> Written:
    prj, place, says = a_prj(dice, a_datum(dice, at), at)
    _layer(folder / "a.shp", place, "ESRI Shapefile", None)
    (folder / "a.prj").write_text(prj)
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in ("shp", "shx", "dbf", "prj"):
            archive.write(folder / f"a.{part}", f"a.{part}")
    return Written(path, at, says, 0.5)


def a_layer(kind: str) -> Callable[[random.Random, Path, Place], Written]:
    def made(dice: random.Random, folder: Path, at: Place) -> Written:
        datum = a_datum(dice, at)
        if not datum.code or dice.random() < 0.4:
            prj, place, says = a_prj(dice, datum, at)
            return Written(_layer(folder / f"a.{kind}", place, {"gpkg": "GPKG", "fgb": "FlatGeobuf"}[kind], prj), at, says, 0.5)
        path = _layer(folder / f"a.{kind}", datum.from_wgs84(*at), {"gpkg": "GPKG", "fgb": "FlatGeobuf"}[kind], f"EPSG:{datum.code}")
        return Written(path, at, f"EPSG:{datum.code}", 0.5)

    return made


def a_kml(dice: random.Random, folder: Path, at: Place) -> Written:
    """KML is in WGS 84; a column may say otherwise."""
    datum = a_datum(dice, at)
    name = dice.choice(datum.names)
    x, y = datum.from_wgs84(*at)
    path = folder / "a.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>A</name><ExtendedData><Data name="Datum">'
        f"<value>{name}</value></Data></ExtendedData><Point><coordinates>{x},{y}</coordinates></Point></Placemark></Document></kml>"
    )
    return Written(path, at, name, 0.5)


MAKERS: dict[str, Callable[[random.Random, Path, Place], Written]] = {
    "csv": a_csv, "xlsx": an_xlsx, "geojson": a_geojson, "jsonfg": a_jsonfg, "shp": a_shapefile, "gpkg": a_layer("gpkg"), "fgb": a_layer("fgb"), "kml": a_kml,
}  # fmt: skip


# -- what is read


def a_city(at: Place) -> Polygons:
    """One kelurahan of 20 km around a place, and nothing else."""
    lon, lat = at
    square = shapely.box(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
    edition = ActiveEdition(1, "uji", ACCURACY_M, approximate=False)
    row = {"code": REGIONS[1].code, "name": REGIONS[1].name, "kecamatan": REGIONS[0].name, "geom": shapely.to_wkb(square)}
    return Polygons(edition, [row])


async def drafts_of(written: Written) -> list[Draft]:
    table = open_table(written.path, written.path.name)
    layout = Layout(recognised(table.columns, CATEGORY))
    actor = Actor(1, "uji", "walidata")
    lon, lat = written.truth
    cities = Cities([City(REGIONS[1].code[:5], "uji", extent=(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1))])
    judge = Placing(a_city(written.truth), Directory(REGIONS), actor, layout, cities)
    drafts = []
    for batch in table.batches:
        found = [layout.read(row) for row in batch]
        for draft, row in zip(found, batch, strict=True):
            if row.fault is not None and not (row.fault == "geometry-coordinates" and row.place is not None):
                draft.findings.append(RowFinding(row.fault))
        await judge.place(cast("WriteSession", None), [draft for draft in found if not draft.is_lost])
        drafts += found
    return drafts


async def _nothing_else(_session: WriteSession, asked: Sequence[object]) -> tuple[None, list[tuple[()]]]:
    """In place of the database: what the city does not cover lies outside all."""
    return None, [() for _ in asked]


@pytest.mark.filterwarnings("ignore")
async def test_no_file_is_accepted_in_a_wrong_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "locate", _nothing_else)
    dice = random.Random(SEED)
    became: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    misplaced: list[str] = []
    for number in range(FILES):
        kind = KINDS[number % len(KINDS)]
        folder = tmp_path / str(number)
        folder.mkdir()
        written = MAKERS[kind](dice, folder, somewhere(dice))
        try:
            draft = (await drafts_of(written))[0]
        except Unreadable:
            became[kind]["refused"] += 1
            continue
        level = "refused" if draft.is_lost or draft.placement is None else "asked" if draft.level == "question" else "good"
        became[kind][level] += 1
        if level != "refused":
            off = distance_m((draft.lon or 0.0, draft.lat or 0.0), written.truth)
            if off > written.within_m:
                misplaced.append(f"{number} {kind} {level}: {off:.1f} m at {written.truth}: {written.says}")
    total = sum(became.values(), Counter[str]())
    print(f"\n{FILES} files, seed {SEED}: {dict(total)}", *(f"{kind}: {dict(counts)}" for kind, counts in became.items()), sep="\n")  # noqa: T201 - asked for
    assert not misplaced, "\n".join(misplaced)
    # It would be easy to refuse everything.
    assert total["good"] > FILES * 0.2
    assert total["asked"] > FILES * 0.02
