"""What definitions of indicators may say: names as INDAH wants them, what rests on what, and the form that makes one. No database."""

import copy
from typing import Any

import pytest

from app.indicators.form import definition_of, form_from, form_of, place_of
from app.indicators.naming import concept_faults, name_faults
from app.indicators.queries import shipped, stored
from app.indicators.rules import MAX_CHAIN, circle_of, definition_faults
from app.indicators.schemas import SUBJECTS, IndicatorDefinition
from app.messages import FAULTS, say_fault
from app.wire import parse

PLACES = ("Mojoroto", "Pesantren", "Bangsal", "Kota Kediri", "Kediri")
TAMAN: dict[str, Any] = {
    "id": "jumlah_taman", "subject": "environment", "name": {"id": "Jumlah Taman", "en": "Parks"}, "concept": {"id": "Taman", "en": "Parks"},
    "definition": {"id": "Taman kota.", "en": "City parks."}, "interpretation": {"id": "Makin banyak.", "en": "The more."},
    "formula": {"id": "Menghitung.", "en": "Counting."}, "measure": {"id": "Jumlah", "en": "Number"}, "unit": {"id": "taman", "en": "parks"},
    "source": {"id": "Dinas.", "en": "The office."},
}  # fmt: skip


def faults_of(others: dict[str, dict[str, Any]], **changes: Any) -> list[tuple[str, str]]:
    definition = parse(IndicatorDefinition, copy.deepcopy(TAMAN) | changes)
    found = definition_faults(definition, others, PLACES)
    for fault in found:
        assert "{" not in say_fault(fault.code, fault.facts, "id") + say_fault(fault.code, fault.facts, "en"), fault
    return [(fault.where, fault.code) for fault in found]


def an_indicator(name: str, **changes: Any) -> dict[str, Any]:
    return stored(
        parse(IndicatorDefinition, copy.deepcopy(TAMAN) | {"id": name, "name": {"id": f"Jumlah {name.title()}", "en": name}} | changes)
    )


# -- names


@pytest.mark.parametrize(
    ("concept", "code"),
    [
        ("rumah Tangga", "name-capitals"), ("Rumah tangga", "name-capitals"), ("dan Rumah", "name-capitals"),
        ("NPWP", "concept-shortened"), ("Jml Penduduk", "concept-shortened"), ("Kel. Miskin", "concept-shortened"), ("RT", "concept-shortened"),
        ("Jaminan Pensiun (PJ)", "concept-shortened"), ("Pddk Miskin", "concept-shortened"), ("Penduduk DKB", "concept-shortened"),
        ("Jumlah Penduduk", "concept-measure"), ("Rata-Rata Konsumsi Makanan", "concept-measure"), ("Persentase Rumah", "concept-measure"),
        ("Rasio Jenis Kelamin", "concept-measure"), ("Proporsi Lahan", "concept-measure"), ("Indeks Pembangunan", "concept-measure"),
        ("Penduduk 2026", "name-period"), ("Penduduk Januari", "name-period"), ("Konsumsi Sebulan", "name-period"),
        ("Kelahiran per Tahun", "name-period"), ("Penduduk Semester II", "name-period"), ("Laporan Bulanan", "name-period"),
        ("Penduduk Kota Kediri", "name-region"), ("Penduduk Kelurahan Mojoroto", "name-region"), ("Penduduk Indonesia", "name-region"),
        ("Taman Kecamatan Pesantren", "name-region"),
    ],
)  # fmt: skip
def test_a_concept_that_breaks_a_rule_is_found(concept: str, code: str) -> None:
    assert code in {fault.code for fault in concept_faults(concept, "/concept/id", PLACES)}


@pytest.mark.parametrize(
    "concept",
    [
        "Penduduk", "Rumah Tangga", "Nomor Pokok Wajib Pajak", "Nomor Pokok Wajib Pajak (NPWP)", "Usaha Mikro, Kecil, dan Menengah", "Konsumsi Makanan",
        "Penduduk Usia 65 Tahun ke Atas", "Pondok Pesantren", "Kantor Kelurahan", "Akses Air Bersih", "Rumah Sakit Tipe II", "Tingkat Pendidikan",
        "Laki-Laki", "Indeksasi Harga", "Totalitas",
    ],
)  # fmt: skip
def test_a_concept_that_keeps_them_is_left_alone(concept: str) -> None:
    assert [fault.code for fault in concept_faults(concept, "/concept/id", PLACES)] == []


def test_a_name_may_begin_with_its_measure_but_tells_no_time_and_no_place() -> None:
    assert list(name_faults("Jumlah Penduduk menurut Agama", "/name/id", PLACES)) == []
    assert [one.code for one in name_faults("Jumlah Penduduk Tahun 2026", "/name/id", PLACES)] == ["name-period"]
    assert [one.code for one in name_faults("Jumlah Penduduk Kota Kediri", "/name/id", PLACES)] == ["name-region"]


# -- what is shipped


def test_what_is_shipped_breaks_no_rule_and_is_whole() -> None:
    known = {one["id"]: one for one in shipped()}
    assert len(known) == len(shipped())
    for name, one in known.items():
        others = {other: each for other, each in known.items() if other != name}
        assert definition_faults(parse(IndicatorDefinition, one), others, PLACES) == [], name
    assert {one["subject"] for one in known.values()} == set(SUBJECTS)
    texts = [
        one[member] for one in known.values() for member in ("name", "concept", "definition", "interpretation", "formula", "source", "unit")
    ]
    assert all(text["id"].strip() and text["en"].strip() for text in texts)
    assert {one["kind"] for one in known.values()} == {"entered", "computed", "counted"}


def test_what_counts_people_of_the_register_has_a_threshold() -> None:
    people = [one for one in shipped() if one["subject"] in ("population", "social") and one["unit"]["id"] in ("orang", "kejadian")]
    assert len(people) > 10
    assert [one["id"] for one in people if not one["threshold"]] == []


# -- what rests on what


def test_a_formula_that_leads_back_to_itself_is_refused() -> None:
    others = {
        "a": an_indicator("a", kind="computed", expression="b + 1"),
        "b": an_indicator("b", kind="computed", expression="jumlah_taman / 2"),
    }
    assert faults_of(others, kind="computed", expression="a * 2") == [("/expression", "expression-circle")]
    assert faults_of(others, kind="computed", expression="jumlah_taman * 2") == [("/expression", "expression-itself")]
    assert faults_of({"a": an_indicator("a")}, kind="computed", expression="a * 2") == []
    assert circle_of("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert circle_of("a", {"a": {"b", "c"}, "b": {"c"}}) == []


def test_a_chain_of_indicators_has_an_end() -> None:
    others = {f"i{n}": an_indicator(f"i{n}", kind="computed", expression=f"i{n + 1} + 1") for n in range(MAX_CHAIN)}
    others[f"i{MAX_CHAIN}"] = an_indicator(f"i{MAX_CHAIN}")
    assert faults_of(others, kind="computed", expression="i1") == []
    assert faults_of(others, kind="computed", expression="i0") == [("/expression", "expression-chain")]


def test_an_unknown_indicator_is_told_with_those_that_are_alike() -> None:
    definition = parse(IndicatorDefinition, copy.deepcopy(TAMAN) | {"kind": "computed", "expression": "jumlah_pendudk / 2"})
    (fault,) = definition_faults(definition, {"jumlah_penduduk": an_indicator("jumlah_penduduk"), "luas": an_indicator("luas")})
    assert (fault.where, fault.code, fault.facts["known"]) == ("/expression", "indicator-not-there", "jumlah_penduduk")


def test_what_is_public_rests_on_nothing_internal() -> None:
    secret = {"a": an_indicator("a", audience="internal")}
    assert faults_of(secret, kind="computed", expression="a") == [("/expression", "indicator-more-secret")]
    assert faults_of(secret, kind="computed", expression="a", audience="internal") == []
    assert faults_of(secret, checks=[{"kind": "at_most", "indicators": ["a"]}]) == [("/checks/0/indicators", "indicator-more-secret")]
    user = {"a": an_indicator("a", kind="computed", expression="jumlah_taman * 2")}
    assert faults_of(user, audience="internal") == [("/audience", "indicator-used")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "Jumlah"}, ("/id", "indicator-id-invalid")),
        ({"id": "round"}, ("/id", "indicator-id-invalid")),
        ({"name": {"id": "Jumlah A", "en": "A"}}, ("/name/id", "name-not-unique")),
        ({"kind": "computed"}, ("/expression", "value-missing")),
        ({"kind": "counted"}, ("/count", "value-missing")),
        ({"expression": "a"}, ("/expression", "indicator-member-alien")),
        ({"minimum": 5, "maximum": 1}, ("/minimum", "number-too-large")),
        ({"periods": ["year", "year"]}, ("/periods/1", "listed-twice")),
        ({"checks": [{"kind": "change"}]}, ("/checks/0/percent", "value-missing")),
        ({"checks": [{"kind": "parts"}]}, ("/checks/0/indicators", "check-indicators")),
        ({"checks": [{"kind": "city", "indicators": ["a"]}]}, ("/checks/0/indicators", "check-indicators")),
        ({"checks": [{"kind": "classes", "indicators": ["a"]}]}, ("/checks/0/kind", "check-classes")),
        ({"checks": [{"kind": "map", "indicators": ["a"]}]}, ("/checks/0/indicators", "check-map")),
        ({"checks": [{"kind": "at_most", "indicators": ["jumlah_taman"]}]}, ("/checks/0/indicators", "expression-itself")),
        (
            {"classification": {"title": {"id": "A", "en": "A"}, "classes": [{"id": "a1", "title": {"id": "A", "en": "A"}}] * 2}},
            ("/classification/classes/1/id", "listed-twice"),
        ),
    ],
)
def test_each_rule_names_its_place(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert faults_of({"a": an_indicator("a")}, **changes) == [expected]
    assert expected[1] in FAULTS


# -- the form


@pytest.mark.parametrize("definition", shipped(), ids=lambda one: one["id"])
def test_a_definition_goes_through_the_form_unchanged(definition: dict[str, Any]) -> None:
    form = form_of(definition, 3)
    assert definition_of(form) == (definition, [])
    sent = {"id": form.id, "version": "3", "checks": str(len(form.checks)), **form.texts}
    sent |= {name: value for name, value in form._asdict().items() if isinstance(value, str) and name not in sent}
    sent |= (
        {f"levels-{one}": "on" for one in form.levels}
        | {f"periods-{one}": "on" for one in form.periods}
        | ({"share": "on"} if form.share else {})
    )
    sent |= {f"check{at}-{name}": getattr(check, name) for at, check in enumerate(form.checks) for name in check._fields}
    assert definition_of(form_from(sent)) == (definition, [])


def test_a_number_that_may_be_two_is_asked_for_again() -> None:
    form = form_from(
        {"minimum": "1.234", "maximum": "12,5", "threshold": "lima", "checks": "1", "check0-kind": "change", "check0-percent": "1,234"}
    )
    assert [one.where for one in definition_of(form)[1]] == ["minimum", "threshold", "check0-percent"]


def test_what_is_wrong_is_shown_at_its_field() -> None:
    form = form_from({"checks": "3", "check1-kind": "map"})
    places = {
        "/name/id": "name_id", "/concept/en": "concept_en", "/count/filter": "filter", "/count": "category", "/classification/title/en": "class_title_en",
        "/classification/classes/2/id": "classes", "/checks/0/indicators": "check1-indicators", "/expression": "expression", "/periods": "periods", "/other": "",
    }  # fmt: skip
    assert {pointer: place_of(form, pointer) for pointer in places} == places
