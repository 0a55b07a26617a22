"""Codes, names and the figures of Kota Kediri."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.kediri import regions as shipped_regions
from app.regions.codes import MOST_TOLD, Directory, Region, crosswalk, level_of, normalise_name, parent_of, parse_code

REGIONS = shipped_regions()
KELURAHAN = [region for region in REGIONS if region.level == "kelurahan"]
CROSSWALK = crosswalk(REGIONS)


def test_shipped_regions_are_one_kota_three_kecamatan_and_46_kelurahan() -> None:
    assert [sum(region.level == level for region in REGIONS) for level in ("kota", "kecamatan", "kelurahan")] == [1, 3, 46]
    assert (REGIONS[0].code, REGIONS[0].name, REGIONS[0].bps_code) == ("35.71", "Kota Kediri", "3571")
    assert [sum(region.parent_code == code for region in REGIONS) for code in ("35.71.01", "35.71.02", "35.71.03")] == [14, 17, 15]


def test_every_region_stands_after_its_parent() -> None:
    seen: set[str | None] = {None}
    for region in REGIONS:
        assert region.parent_code in seen
        assert region.level == level_of(region.code)
        seen.add(region.code)


def test_codes_are_unique_and_figures_plausible() -> None:
    assert len({region.code for region in REGIONS}) == len({region.bps_code for region in REGIONS}) == len(REGIONS)
    assert sum(region.area_km2 or 0 for region in KELURAHAN) == pytest.approx(67.216, abs=0.001)
    for region in REGIONS:
        assert 111.9548 < (region.label_lon or 0) < 112.0824
        assert -7.8762 < (region.label_lat or 0) < -7.7713


def test_no_name_or_alias_means_two_kelurahan() -> None:
    spellings = [(normalise_name(spelling), region.code) for region in KELURAHAN for spelling in (region.name, *region.aliases)]
    assert len({name for name, _ in set(spellings)}) == len(set(spellings))


@pytest.mark.parametrize(
    "text",
    [
        "35.71.01.1001",
        " 35.71.01.1001 ",
        "35 71 01 1001",
        "35-71-01-1001",
        "3571011001",
        "3571011001.0",
        "3571010007",
        "3571010007.0",
        "ID3571010007",
        "id3571010007",
        "35.71.010.007",
    ],
)
def test_every_way_to_write_a_code(text: str) -> None:
    assert parse_code(text, CROSSWALK) == "35.71.01.1001"


@pytest.mark.parametrize(
    ("text", "code"),
    [("35.71", "35.71"), ("3571", "35.71"), ("35.71.02", "35.71.02"), ("357102", "35.71.02"), ("3571020", "35.71.02")],
)
def test_codes_of_the_upper_levels(text: str, code: str) -> None:
    assert parse_code(text, CROSSWALK) == code


@pytest.mark.parametrize("text", ["", "Bandar Lor", "35.71.01.10011", "357101", "1", "35.7", "٣٥٧١٠١١٠٠١", "-7.8187", "nan", "1e9"])
def test_what_is_no_code_of_a_kelurahan(text: str) -> None:
    assert parse_code(text) in {None, "35.71.01"}


def test_bps_digits_need_the_crosswalk() -> None:
    assert parse_code("3571010007") is None
    assert parse_code("3571011001") == "35.71.01.1001"


def test_the_crosswalk_decides_over_the_look_of_the_digits_and_stays_silent_where_both_readings_exist() -> None:
    here = Region("35.01.01.2001", "kelurahan", "A", "35.01.01", "3501011002")
    there = Region("35.01.01.1002", "kelurahan", "B", "35.01.01", "3501010001")
    assert parse_code("3501011002", crosswalk([here])) == "35.01.01.2001"
    assert parse_code("3501011002", crosswalk([here, there])) is None
    assert parse_code("3501010001", crosswalk([here, there])) == there.code


def test_parents_and_levels() -> None:
    assert [parent_of(code) for code in ("35.71.01.1001", "35.71.01", "35.71")] == ["35.71.01", "35.71", None]
    with pytest.raises(ValueError, match="35"):
        level_of("35")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kampungdalem", "Kampung Dalem"),
        ("SETONO  PANDE", "Setonopande"),
        ("Kelurahan Bandar Lor", "bandar lor"),
        ("Kel. Pojok", "Pojok"),
        ("DESA/KELURAHAN Widoro", "Widoro"),
        ("Ringin-Anom", "Ringinanom"),
        ("Kecamatan Kota", "Kota"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


def test_a_title_alone_and_a_word_that_begins_like_one_stay() -> None:
    assert normalise_name("Kelurahan") == "kelurahan"
    assert normalise_name("Kelutan") == "kelutan"
    assert normalise_name("Kota Kediri") == "kotakediri"


@given(st.text(max_size=40))
def test_any_text_is_survived_and_a_normal_form_stays_as_it_is(text: str) -> None:
    normal = normalise_name(text)
    assert normalise_name(normal) == normal
    code = parse_code(text, CROSSWALK)
    if code is not None:
        assert parse_code(code, CROSSWALK) == code


@given(st.sampled_from(REGIONS))
def test_both_codes_of_a_region_lead_to_it(region: Region) -> None:
    assert parse_code(region.code) == region.code
    assert parse_code(region.bps_code or "", CROSSWALK) == region.code
    assert parse_code(region.code.replace(".", ""), CROSSWALK) == region.code


@pytest.mark.parametrize("text", ["35.71.01.1011", "3571011011.0", "3571010008", "ID3571010008", "Mojoroto", " kel.  MOJOROTO "])
def test_a_kelurahan_is_found_by_code_or_name(text: str) -> None:
    found = Directory(REGIONS).find(text)
    assert found is not None
    assert found.code == "35.71.01.1011"


@pytest.mark.parametrize("text", ["", " ", "Entahlah", "35.71.01", "35.71.01.9999", "9" * 5_000, "Mojoroto" * 1_000])
def test_what_means_no_kelurahan_finds_none(text: str) -> None:
    directory = Directory(REGIONS)
    assert directory.find(text) is None
    assert len(directory.nearest(text)) == 46


def test_two_of_one_name_are_told_first_with_their_codes() -> None:
    twins = [Region(f"35.01.{part:02d}.1001", "kelurahan", "Sukorejo", f"35.01.{part:02d}", f"35010{part:02d}001") for part in (1, 2)]
    others = [Region(f"35.01.03.{1001 + n}", "kelurahan", f"Desa {n}", "35.01.03", f"350103{n:04d}") for n in range(100)]
    directory = Directory([*others, *twins])
    assert directory.find("sukorejo") is None
    assert directory.named("SUKOREJO") is not None
    several = directory.unknown("kelurahan", "Sukorejo")
    assert (several.code, several.facts["known"]) == ("kelurahan-several", "Sukorejo: 35.01.01.1001; Sukorejo: 35.01.02.1001")
    known = str(directory.unknown("kelurahan", "Sukoreja").facts["known"])
    assert known.startswith("Sukorejo (35.01.01.1001), Sukorejo (35.01.02.1001), ")
    assert known.endswith(f"… (+{102 - MOST_TOLD})")
