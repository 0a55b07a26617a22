"""Whole editions in other datums: shifted rightly, or refused; never unshifted. Held against `oracle`, which is none of PROJ and of `app`."""

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from app.boundaries import loading
from app.boundaries.loading import read_boundaries
from app.errors import OperatorError
from tests.imports.oracle import (
    AUSTRALIAN,
    BESSEL,
    CLARKE,
    DATUMS,
    GRS80,
    INDONESIAN,
    WGS84,
    Datum,
    Ellipsoid,
    distance_m,
    transverse_mercator,
)
from tests.unit.test_boundaries import BIG, REGIONS, SQUARES, notes, refusal, write

# All with `TITIK_TEST_FILES`, which takes minutes.
OTHERS = (WGS84, BESSEL, INDONESIAN, GRS80, AUSTRALIAN, CLARKE) if os.environ.get("TITIK_TEST_FILES") else (WGS84,)
Move = Callable[[float, float], tuple[float, float]]
GEOGCS = 'GEOGCS["{name}",DATUM["{datum}",SPHEROID["{spheroid}",{a!r},{rf!r}]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
UTM = (
    'PROJCS["{name}_UTM_49S",{0},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",111],'
    'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",10000000],UNIT["Meter",1]]'
)


def moved(move: Move) -> list[Any]:
    def of_all(coordinates: Any) -> Any:
        return np.array([move(x, y) for x, y in coordinates])

    return [shapely.transform(square, of_all) for square in SQUARES]


def with_prj(directory: Path, prj: str, move: Move) -> Path:
    for old in directory.glob("a.*"):
        old.unlink()
    write(directory / "a.shp", BIG, moved(move), crs=None, geometry_type="Polygon")
    (directory / "a.prj").write_text(prj)
    path = directory / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in ("shp", "shx", "dbf", "prj"):
            archive.write(directory / f"a.{part}", f"a.{part}")
    return path


def farthest_m(path: Path, **options: Any) -> float | None:
    """Metres between a corner and where it should be; None where the file is refused, in words."""
    try:
        edition = read_boundaries(path, REGIONS, **options)
    except OperatorError as error:
        if error.code not in ("datum-unknown", "datum-not-exact"):
            raise
        return None
    corners = [shapely.get_coordinates(boundary.geometry) for boundary in edition.boundaries]
    assert len(corners) == len(SQUARES)
    wanted = [shapely.get_coordinates(square) for square in SQUARES]
    return max(
        min(distance_m(tuple(one), tuple(other)) for other in theirs) for ours, theirs in zip(corners, wanted, strict=True) for one in ours
    )


def spellings() -> Iterator[tuple[str, Datum, Ellipsoid, bool]]:
    """Names of datums, beside their own ellipsoid and beside wrong ones."""
    for datum in DATUMS:
        for name in (*datum.names, datum.names[0].removeprefix("D_").replace("_", " "), datum.names[0].upper()):
            yield name, datum, datum.ellipsoid, True
            for other in OTHERS:
                if other != datum.ellipsoid:
                    yield name, datum, other, False


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.slow(45)
def test_an_edition_of_any_prj_is_shifted_rightly_or_refused(tmp_path: Path, *, projected: bool) -> None:
    """None of many spellings comes in unshifted, as one with `D_Bessel_1841` did, 102 m off."""
    good = refused = 0
    for name, datum, ellipsoid, is_own in spellings():
        # GDAL goes by the name of the whole where it does not know that of the datum.
        called = f"GCS_{name}" if is_own else "GCS_WGS_1984"
        base = GEOGCS.format(name=called, datum=name, spheroid=ellipsoid.name, a=ellipsoid.a, rf=ellipsoid.rf)

        def move(lon: float, lat: float, datum: Datum = datum, ellipsoid: Ellipsoid = ellipsoid) -> tuple[float, float]:
            x, y = datum.from_wgs84(lon, lat)
            return transverse_mercator(x, y, ellipsoid, 111, 0.9996, 500_000, 10_000_000) if projected else (x, y)

        path = with_prj(tmp_path, UTM.format(base, name=name) if projected else base, move)
        off = farthest_m(path)
        if off is not None:
            assert off < 0.5, (name, ellipsoid.name, off)
            if not is_own:
                assert datum.ellipsoid.a == ellipsoid.a, (name, ellipsoid.name)
        good += off is not None
        refused += off is None
    assert good >= 20
    assert refused >= 50


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("datum", [one for one in DATUMS if one.code in (4755, 9470, 4211, 4238)], ids=lambda one: one.names[1])
@pytest.mark.parametrize("kind", ["gpkg", "fgb", "geojson"])
def test_an_edition_of_a_datum_of_indonesia_is_read(tmp_path: Path, datum: Datum, kind: str) -> None:
    path = write(tmp_path / f"a.{kind}", BIG, moved(datum.from_wgs84), crs=f"EPSG:{datum.code}", geometry_type="Polygon")
    assert (farthest_m(path) or 0.0) < 0.5
    found = notes(read_boundaries(path, REGIONS))["crs-transformed"]
    assert found["moved_m"] == pytest.approx({4755: 0.0, 9470: 0.2, 4211: 101.7, 4238: 28.3}[datum.code], abs=0.3)


@pytest.mark.parametrize("datum", ["D_Bessel_1841", "D_Gunung_Segara", "D_unknown", "D_Batavia"])
@pytest.mark.parametrize("kind", ["gpkg", "fgb", "zip"])
def test_the_name_of_the_whole_does_not_make_it_wgs84(tmp_path: Path, datum: str, kind: str) -> None:
    """GDAL calls a FlatGeobuf `EPSG:32749` whose base is called WGS 84, whatever its datum."""
    batavia = next(one for one in DATUMS if one.code == 4211)
    prj = UTM.format(GEOGCS.format(name="GCS_WGS_1984", datum=datum, spheroid=BESSEL.name, a=BESSEL.a, rf=BESSEL.rf), name="WGS_1984")

    def move(lon: float, lat: float) -> tuple[float, float]:
        return transverse_mercator(*batavia.from_wgs84(lon, lat), BESSEL, 111, 0.9996, 500_000, 10_000_000)

    path = write(tmp_path / f"a.{'fgb' if kind == 'zip' else kind}", BIG, moved(move), crs=prj, geometry_type="Polygon")
    if kind == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, "dalam/a.fgb")
        path = tmp_path / "a.zip"
    off = farthest_m(path)
    assert (off is None) == (datum != "D_Batavia")
    if off is not None:
        assert off < 0.5


def test_a_way_that_is_less_exact_than_the_edition_is_refused(tmp_path: Path) -> None:
    batavia = next(one for one in DATUMS if one.code == 4211)
    path = write(tmp_path / "a.gpkg", BIG, moved(batavia.from_wgs84), crs="EPSG:4211", geometry_type="Polygon")
    with pytest.raises(OperatorError) as caught:
        read_boundaries(path, REGIONS, accuracy_m=5.0)
    assert caught.value.code == "datum-not-exact"
    assert "6 m" in caught.value.text.say("en", caught.value.facts)
    assert read_boundaries(path, REGIONS, accuracy_m=6.0).boundaries
    # SRGI2013 is WGS 84 as far as anybody can tell.
    srgi = next(one for one in DATUMS if one.code == 9470)
    path = write(tmp_path / "b.gpkg", BIG, moved(srgi.from_wgs84), crs="EPSG:9470", geometry_type="Polygon")
    assert read_boundaries(path, REGIONS, accuracy_m=0.5).boundaries


@pytest.mark.parametrize("where", ["feature", "geometry"])
@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("chunk", [1 << 20, 97])
def test_a_crs_inside_a_feature_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, *, zipped: bool, chunk: int
) -> None:
    """GDAL does not look there, and PostGIS writes it there."""
    monkeypatch.setattr(loading, "_CHUNK", chunk)
    plain = write(tmp_path / "plain.geojson", BIG)
    text = plain.read_text()
    for name, is_refused in (
        ("EPSG:4211", True),
        ("urn:ogc:def:crs:EPSG::9470", True),
        ("EPSG:4326", False),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
    ):
        document = json.loads(re.sub(r'"crs"\s*:\s*\{.*?\}\s*\},', "", text, flags=re.DOTALL))
        crs = {"type": "name", "properties": {"name": name}}
        for feature in document["features"]:
            (feature if where == "feature" else feature["geometry"])["crs"] = crs
        path = tmp_path / "a.geojson"
        path.write_text(json.dumps(document))
        if zipped:
            with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
                archive.write(path, "dalam/a.geojson")
            path = tmp_path / "a.zip"
        if is_refused:
            assert refusal(path).code == "crs-nested"
        else:
            assert farthest_m(path) == pytest.approx(0.0, abs=1e-6)
