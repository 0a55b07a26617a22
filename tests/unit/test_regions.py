"""Files of regions: which rows they are, what is refused, and what a second one changes."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.demo.kediri import regions as kediri
from app.errors import OperatorError, Unreadable
from app.operator.cities import read_rows
from app.regions.cities import Cities, City, zone_of_province
from app.regions.codes import Directory, Region, city_of, level_of, parent_of, parse_code
from app.regions.rules import RegionChanges, RegionReading, compare, merged, new_cities, read

BLABAK = {"code": "35.71.03.1001", "name": "Blabak", "bps_code": "3571030008", "kecamatan_code": "35.71.03", "kecamatan": "Pesantren"}
DESA = {"code": "35.06.01.2001", "name": "Bulu", "kecamatan_code": "35.06.01", "city_code": "35.06", "province": "Jawa Timur"}


def errors_of(*rows: Mapping[str, str], wanted: tuple[str, ...] = ()) -> list[str]:
    return [note.code for note in read(rows, wanted).errors]


def regions_of(reading: RegionReading) -> dict[str, Region]:
    assert not reading.errors
    return {region.code: region for region in (merged(entry, None) for entry in reading.entries)}


def changed(rows: list[dict[str, str]], there: Mapping[str, Region]) -> RegionChanges:
    return compare(read(rows).entries, there)


def test_a_row_of_a_boundary_file_brings_all_that_it_lies_in() -> None:
    regions = regions_of(read([DESA]))
    assert {code: (region.level, region.name, region.parent_code, region.bps_code) for code, region in regions.items()} == {
        "35.06": ("kabupaten", "35.06", None, None),
        "35.06.01": ("kecamatan", "35.06.01", "35.06", None),
        "35.06.01.2001": ("kelurahan", "Bulu", "35.06.01", None),
    }
    assert read([DESA]).provinces == {"35": "Jawa Timur"}
    assert not regions["35.06"].is_named


def test_a_list_of_all_levels_with_a_province_is_understood() -> None:
    rows = [
        {"code": "35", "name": "Jawa Timur"}, {"code": "35.06", "name": "KAB. KEDIRI", "parent_code": "35"},
        {"code": "35.06.01", "name": "Semen", "parent_code": "35.06"}, {"code": "3506012001", "name": "Bulu", "parent_code": "35.06.01"},
    ]  # fmt: skip
    reading = read(rows)
    assert [region.name for region in regions_of(reading).values()] == ["Kabupaten KEDIRI", "Semen", "Bulu"]
    assert reading.provinces == {"35": "Jawa Timur"}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"name": f"Desa {at}", "kecamatan": "Semen"} for at in range(46)], "codes-missing"),
        ([], "no-rows"),
        ([{"code": "3571010007", "name": "Bandar Lor"}], "code-unreadable"),
        ([DESA, {"code": "rusak", "name": "Desa"}], "code-unreadable"),
        ([DESA, DESA | {"name": "Bulusari"}], "code-twice"),
        ([DESA, DESA | {"kecamatan_code": "35.06.02"}], "two-parents"),
        ([DESA | {"parent_code": "35.06.02"}], "two-parents"),
        ([DESA | {"kecamatan_code": "35.06.02"}], "parent-differs"),
        ([DESA | {"city_code": "35.71"}], "parent-differs"),
        ([{"code": "35.06.01", "parent_code": "35.06.01.2001"}, {"code": "35.06.01.2001", "parent_code": "35.06.01"}], "cycle"),
        ([{"code": "35.06", "parent_code": "35.06"}], "cycle"),
        ([BLABAK | {"bps_code": "357103000"}], "bps-unreadable"),
        ([BLABAK | {"kecamatan_bps_code": "35710300"}], "bps-unreadable"),
        ([BLABAK, BLABAK | {"code": "35.71.03.1002", "name": "Bawang"}], "bps-twice"),
        ([DESA, BLABAK], "city-unclear"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(rows: list[dict[str, str]], code: str) -> None:
    reading = read(rows)
    assert [note.code for note in reading.errors] == [code]
    for language in ("id", "en"):
        sentence = reading.errors[0].say(language)
        assert "{" not in sentence
        assert len(sentence) > 30


def test_a_refusal_names_what_it_means() -> None:
    cycle = read([{"code": "35.06.01", "parent_code": "35.06.01.2001"}, {"code": "35.06.01.2001", "parent_code": "35.06.01"}]).errors[0]
    assert "35.06.01 → 35.06.01.2001 → 35.06.01" in cycle.say("en")
    assert "46 names" in read([{"name": f"Desa {at}"} for at in range(46)]).errors[0].say("en")
    assert "--city 35" in read([DESA, BLABAK]).errors[0].say("id")


@pytest.mark.parametrize(
    ("wanted", "cities", "left_out"), [(("35.06",), {"35.06"}, 1), (("35.71",), {"35.71"}, 1), (("35",), {"35.06", "35.71"}, 0)]
)
def test_cities_are_chosen_by_their_code_or_that_of_the_province(wanted: tuple[str, ...], cities: set[str], left_out: int) -> None:
    reading = read([DESA, BLABAK], wanted)
    assert {city_of(code) for code in regions_of(reading)} == cities
    assert [note.code for note in reading.notes] == ["left-out"] * left_out


def test_a_city_that_is_not_in_the_file_is_told() -> None:
    assert errors_of(DESA, BLABAK, wanted=("35.73",)) == ["city-missing"]
    assert errors_of(DESA, BLABAK, wanted=("35.06", "51")) == ["city-missing"]


def test_a_list_of_kecamatan_is_read_under_its_own_headings_and_no_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "kec.csv").write_text("Nama Kecamatan,Kode\nSemen,35.06.01\n")
    (tmp_path / "wilayah.csv").write_text("Kode Wilayah;Nama Wilayah\n35.06.01;Semen\n")
    (tmp_path / "lain.csv").write_text("Kode;Sebutan\n35.06.01;Semen\n")
    for name, named in (("kec.csv", "Semen"), ("wilayah.csv", "Semen"), ("lain.csv", None)):
        reading = read(read_rows(tmp_path / name))
        assert [entry.name for entry in reading.entries] == [None, named]
        assert [note.code for note in reading.notes] == ([] if named else ["names-unread"])


def test_a_mistyped_code_is_no_city() -> None:
    assert errors_of({"code": "35.6.1", "name": "Semen"}) == ["code-unreadable"]
    assert parse_code("35.6.1") is None
    assert [parse_code(text) for text in ("35 06 01", "3506", "3571010007.0", "35.06")] == ["35.06.01", "35.06", None, "35.06"]


def test_a_table_of_names_alone_adds_no_city_that_nobody_named() -> None:
    there = regions_of(read([DESA]))
    names = read([{"code": "35.07", "name": "Malang"}])
    (note,) = new_cities(names, (), there)
    assert (note.code, note.severity) == ("city-new", "error")
    assert "35.07" in note.say("id")
    assert "--city 35.07" in note.say("en")
    assert new_cities(names, ("35.07",), there) == []
    assert new_cities(read([DESA]), (), {}) == []
    assert new_cities(read([{"code": "35.06", "name": "Kediri"}]), (), there) == []


def test_a_name_that_several_have_is_told_with_their_kecamatan() -> None:
    rows = [
        {"code": f"35.06.0{at}.2001", "name": "Wonorejo", "kecamatan_code": f"35.06.0{at}", "kecamatan": kecamatan}
        for at, kecamatan in enumerate(("Semen", "Puncu", "Wates", "Gurah"), 1)
    ]
    directory = Directory(regions_of(read(rows)).values())
    fault = directory.unknown("/properties/kelurahan", "wonorejo")
    assert (fault.code, fault.facts["count"]) == ("kelurahan-several", 4)
    assert "Wonorejo (Kec. Puncu): 35.06.02.2001" in str(fault.facts["known"])
    for text in ("Wonorejo (Puncu)", "Wonorejo, Puncu", "wonorejo, Kec. Puncu", "Wonorejo (Kecamatan Puncu)"):
        found = directory.find(text)
        assert found is not None, text
        assert found.code == "35.06.02.2001"
    assert directory.find("Wonorejo (Mojoroto)") is None
    assert directory.unknown("/properties/kelurahan", "Wonorej").code == "kelurahan-unknown"


def test_several_rows_of_one_kelurahan_are_one() -> None:
    assert len(regions_of(read([DESA, DESA, DESA | {"name": ""}]))) == 3


def test_a_table_names_what_a_boundary_file_did_not_and_forgets_nothing() -> None:
    there = regions_of(read([DESA, DESA | {"code": "35.06.01.2002", "name": "Kanyoran"}]))
    named = changed([{"code": "35.06", "name": "Kediri", "bps_code": "3506"}, {"code": "35.06.01", "name": "Semen"}], there)
    assert {region.code: (region.name, region.bps_code) for region in named.named} == {
        "35.06": ("Kabupaten Kediri", "3506"),
        "35.06.01": ("Semen", None),
    }
    assert (named.added, named.renamed, named.missing, named.same) == ((), (), (), 0)
    again = changed([DESA], there | {region.code: region for region in named.regions})
    assert (again.named, again.renamed, again.changed, again.same) == ((), (), (), 3)
    assert [region.code for region in again.missing] == ["35.06.01.2002"]


def test_a_new_name_keeps_the_old_one_as_an_alias_and_capitals_are_no_new_name() -> None:
    there = regions_of(read([BLABAK]))
    renamed = changed([BLABAK | {"name": "Blabak Baru"}], there)
    assert [(old.name, new.name, new.aliases) for old, new in renamed.renamed] == [("Blabak", "Blabak Baru", ("Blabak",))]
    assert changed([BLABAK | {"name": "BLABAK"}], there).same == 3


def test_a_table_of_bps_codes_finds_its_regions_by_them() -> None:
    known = {region.bps_code or "": region.code for region in kediri()}
    reading = read([{"bps_code": "3571010007", "name": "Bandar Lor"}], known=known)
    assert [entry.code for entry in reading.entries][-1] == "35.71.01.1001"


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 9), st.sampled_from([1, 2]), st.integers(1, 30)), min_size=1, max_size=40))
def test_whatever_is_read_forms_a_tree_and_reading_it_again_changes_nothing(numbers: list[tuple[int, int, int, int]]) -> None:
    codes = {f"35.{city:02}.{kecamatan:02}.{kind}{number:03}" for city, kecamatan, kind, number in numbers}
    reading = read([{"code": code, "name": f"Desa {code[-3:]}"} for code in sorted(codes)], ("35",))
    regions = regions_of(reading)
    seen: set[str | None] = {None}
    for region in regions.values():
        assert region.parent_code == parent_of(region.code)
        assert region.parent_code in seen
        assert region.level == level_of(region.code)
        seen.add(region.code)
    again = compare(reading.entries, regions)
    assert (again.added, again.changed, again.missing, again.same) == ((), (), (), len(regions))


def test_tables_are_read_as_offices_write_them(tmp_path: Path) -> None:
    (tmp_path / "daftar.csv").write_text("Kode Desa;Nama Desa;Kode Kecamatan;Nama Kecamatan\n35.06.01.2001;Bulu;35.06.01;Semen\n")
    with xlsxwriter.Workbook(str(tmp_path / "daftar.xlsx")) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((("Kode", "Nama"), ("3506", "Kediri"), ("350601", "Semen"), (3506012001, "Bulu"))):
            sheet.write_row(at, 0, row)
    assert [region.name for region in regions_of(read(read_rows(tmp_path / "daftar.csv"))).values()] == ["35.06", "Semen", "Bulu"]
    assert [region.name for region in regions_of(read(read_rows(tmp_path / "daftar.xlsx"))).values()] == [
        "Kabupaten Kediri",
        "Semen",
        "Bulu",
    ]


def test_columns_are_named_by_hand_or_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "wilayah.csv"
    path.write_text("nomor,sebutan\n35.06.01.2001,Bulu\n")
    rows = read_rows(path, {"code": "nomor", "name": "sebutan"})
    assert [(row["code"], row["name"]) for row in rows] == [("35.06.01.2001", "Bulu")]
    with pytest.raises(OperatorError) as unknown:
        read_rows(path)
    assert unknown.value.code == "region-columns"
    assert "nomor, sebutan" in str(unknown.value.facts["columns"])
    for mapping in ({"kode": "nomor"}, {"code": "tidak ada"}):
        with pytest.raises(OperatorError) as refused:
            read_rows(path, mapping)
        assert refused.value.code == "region-mapping"


@pytest.mark.parametrize(("name", "content"), [("rusak.gpkg", b"bukan peta"), ("rusak.xlsx", b"PK\x03\x04 rusak"), ("kosong.csv", b"")])
def test_files_that_are_none_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises((OperatorError, Unreadable)):
        read_rows(tmp_path / name)
    with pytest.raises(OperatorError):
        read_rows(tmp_path / f"tidak-ada-{name}")


def test_a_name_means_the_own_kelurahan_first_then_that_of_the_own_city() -> None:
    def kelurahan(code: str, name: str) -> list[Region]:
        return [Region(code[:8], "kecamatan", f"Kec {code[6:8]}", code[:5], None), Region(code, "kelurahan", name, code[:8], None)]

    regions = {region.code: region for code in ("35.06.01.2001", "35.06.15.2011", "35.78.01.1001") for region in kelurahan(code, "Bulu")}
    directory = Directory(regions.values())
    assert directory.find("Bulu") is None
    assert directory.find("Bulu", near=["35.06.15.2011"]) == regions["35.06.15.2011"]
    assert directory.find("Bulu", near=["35.78.01.1001"]) == regions["35.78.01.1001"]
    assert directory.find("Bulu", near=["35.78.09.1001"]) == regions["35.78.01.1001"]
    assert directory.find("Bulu", near=["35.06.01.2099"]) is None
    assert directory.by_name("Bulu", "Kec 15") == regions["35.06.15.2011"]
    assert directory.by_name("Bulu", "Kec 01") is None
    assert directory.by_name("Bulu", "Kec 01", ["35.78.09.1001"]) == regions["35.78.01.1001"]


def test_cities_together_say_whom_to_name_and_which_clock_they_have() -> None:
    kota = City("35.71", "Kota Kediri", "Jawa Timur", extent=(111.95, -7.88, 112.08, -7.77))
    kabupaten = City("35.06", "Kabupaten Kediri", "Jawa Timur", attribution="Pemkab Kediri", extent=(111.8, -8.1, 112.4, -7.6))
    one, two = Cities([kota]), Cities([kota, kabupaten])
    many = Cities(City(f"35.{number:02}", f"Kabupaten {number}", "Jawa Timur") for number in range(1, 38))
    assert (one.title.id, one.attribution) == ("Kota Kediri", "Pemerintah Kota Kediri")
    assert (two.title.en, two.attribution) == ("Kabupaten Kediri and Kota Kediri", "Pemkab Kediri; Pemerintah Kota Kediri")
    assert (many.title.en, many.attribution) == ("37 cities and regencies in Jawa Timur", "Pemerintah kota dan kabupaten di Jawa Timur")
    assert two.of(["35.71.01.1001"]).all.keys() == {"35.71"}
    assert two.of([]) is two
    assert [srid for srid in one.crs if srid not in (4326, 3857, 9470)] == [32749, 23836]
    assert two.extent == (111.8, -8.1, 112.4, -7.6)


def test_the_clock_of_a_city_is_that_of_its_province() -> None:
    assert [zone_of_province(code) for code in ("35.71", "51.71", "82.05", "62.71", "64.72", "91.71")] == [
        "WIB",
        "WITA",
        "WIT",
        "WIB",
        "WITA",
        "WIT",
    ]
    cities = Cities([City("35.71", "Kota Kediri"), City("51.71", "Kota Denpasar", time_zone="WITA")])
    assert [cities.zone_of(code).tzname(None) for code in ("51.71.01.1001", "35.71.01.1001", None)] == ["WITA", "WIB", "WIB"]


def test_a_city_over_a_border_has_the_zones_of_both_sides() -> None:
    """Kabupaten Kutai Barat: 113.8 to 116.4 degrees east, over the equator."""
    crs = City("64.02", "Kabupaten Kutai Barat", extent=(113.8, -1.0, 116.4, 1.3)).crs
    assert {32649, 32650, 32749, 32750} <= set(crs)
    assert len([srid for srid in crs if 23830 <= srid <= 23845]) == 2
