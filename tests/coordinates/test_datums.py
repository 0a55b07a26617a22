"""Words for datums, and that nothing else is taken for one."""

import pytest
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from app.coordinates.datums import datum_of, mentioned, transformation


@pytest.mark.parametrize(
    ("words", "crs"),
    [
        ("WGS 84", 4326), ("wgs_1984", 4326), ("GCS_WGS_1984", 4326), ("CRS84", 4326), ("Datum WGS 84", 4326),
        ("DGN95", 4755), ("datum: DGN-95", 4755), ("Datum Geodesi Nasional 1995", 4755), ("SRGI 2013", 9470), ("srgi2013", 9470),
        ("Batavia", 4211), ("BATAVIA (Genuk)", 4211), ("Genuk", 4211), ("D_Batavia", 4211), ("Batavia (Jakarta)", 4813),
        ("ID74", 4238), ("Indonesian Datum 1974", 4238), ("D_Indonesian_1974", 4238), ("Indonesian 1974", 4238),
        ("D_Gunung_Segara", 4613), ("TOKYO", 4301), ("Tokyo datum", 4301), ("nad27", 4267), ("ITRF 2014", 9000), ("WGS 84 (G1762)", 9057),
        ("EPSG:4211", 4211), ("4211", 4211), ("SRID=4211;", 4211), ("urn:ogc:def:crs:EPSG::4238", 4238), ("EPSG:32749", 32749), ("32749", 32749),
    ],
)  # fmt: skip
def test_words_for_a_datum(words: str, crs: int) -> None:
    found = datum_of(words)
    assert found
    assert found.crs == f"EPSG:{crs}"


@pytest.mark.parametrize(
    "words",
    ["", "lokal", "Bessel", "Bessel 1841", "D_Bessel_1841", "GRS80", "datum", "Datum lokal", "EPSG:999999", "EPSG", "Batavia WGS84", "Batavia lama",
     "GPS", "EPSG:4978"],
)  # fmt: skip
def test_no_datum_is_guessed(words: str) -> None:
    assert datum_of(words) is None


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("S 7.81048 E 112.00259 (TOKYO)", ["Tokyo"], "s 7.81048 e 112.00259"),
        ("-7.8225 112.0114 WGS84 / Batavia", ["WGS 84", "Batavia"], "-7.8225 112.0114 /"),
        ("SRID=4211;POINT(112 -7)", ["Batavia"], "point(112 -7)"),
        ("Lintang (Batavia (Genuk))", ["Batavia"], "lintang"),
        ("WGS 84 / UTM zone 49S 611508 9135191", ["WGS 84"], "/ utm zone 49s 611508 9135191"),
        ("7 48 50 LS 112 0 19 BT, WGS 84", ["WGS 84"], "7 48 50 ls 112 0 19 bt,"),
        ("wgs 84 95.5 -3.1", ["WGS 84"], "95.5 -3.1"),
        ("id 74.5 12", [], "id 74.5 12"),
    ],
)
def test_a_text_without_its_datum(text: str, names: list[str], rest: str) -> None:
    found = mentioned(text)
    assert ([datum.name for datum in found.datums], found.rest, found.is_unknown) == (names, rest, False)


@pytest.mark.parametrize(
    "text", ["-7.8225, 112.0114 datum lokal", "-7.8 112 (Bessel)", "datum: ABC99 -7.8 112", "WGS84 -7 112 ellipsoid GRS80", "crs=foo"]
)
def test_a_text_that_speaks_of_another_one(text: str) -> None:
    assert mentioned(text).is_unknown


def test_every_datum_that_meets_indonesia_is_known_by_its_name() -> None:
    area = AreaOfInterest(95.0, -11.0, 141.0, 6.0)
    for info in query_crs_info(auth_name="EPSG", pj_types=[PJType.GEOGRAPHIC_2D_CRS], area_of_interest=area, contains=False):
        found = datum_of(info.name)
        assert found, info.name
        assert found.crs == f"EPSG:{info.code}"


@pytest.mark.parametrize(
    ("crs", "moved_m", "accuracy_m", "is_near"),
    [("EPSG:4211", 101.6, 6, False), ("EPSG:4238", 28.3, 3, False), ("EPSG:9470", 0.23, 1.2, True), ("EPSG:4755", 0, 1, True)],
)
def test_what_a_datum_does_in_kediri(crs: str, moved_m: float, accuracy_m: float, *, is_near: bool) -> None:
    moved = transformation(crs)([112.0], [-7.8])
    assert moved.moved_m[0] == pytest.approx(moved_m, abs=0.1)
    assert (moved.accuracy_m[0], bool(moved.is_near[0])) == (accuracy_m, is_near)


def test_a_datum_of_another_island_has_no_way_in_kediri() -> None:
    moved = transformation("EPSG:4613")([112.0], [-7.8])
    assert not moved.accuracy_m[0] >= 0
    assert moved.lons[0] != moved.lons[0]


@pytest.mark.parametrize("crs", ["EPSG:4301", "EPSG:4267", "EPSG:4277", "EPSG:28992"])
def test_a_datum_of_another_country_has_none_at_all(crs: str) -> None:
    with pytest.raises(ValueError, match=crs):
        transformation(crs)
