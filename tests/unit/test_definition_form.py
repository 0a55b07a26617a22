"""A definition as a form: there and back nothing is lost, and what the form has no field for stays."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.categories.queries import shipped
from app.categories.subset import FORMATS, ORDER, in_full
from app.definitions.comparing import definition_faults, differences_between
from app.definitions.field_form import KINDS, OTHER, FieldForm, field_of, kind_of
from app.definitions.form import CategoryForm, form_from, form_of, stepped
from app.definitions.form_writing import definition_of, made_name, names_of, place_of
from app.definitions.schemas import Definition
from app.wire import parse

PARK: dict[str, Any] = {
    "id": "taman", "title": {"id": "Taman", "en": "Parks"}, "description": {"id": "Taman kota.", "en": "City parks."},
    "required": ["name", "accuracy_m"], "natural_key": ["nomor", "kelurahan"], "cardinality": "many", "name_template": None,
    "field_visibility": {"penjaga": "internal", "rw": "restricted", "photos": "public"}, "audience": "internal", "public_decimals": 3,
    "expected_count": 46, "colour": "#123456", "icon": "TK",
    "attribute_schema": {
        "type": "object", "title": "Isian taman", "required": ["zona"],
        "properties": {
            "zona": {"type": "string", "title": "Zona", "x-title-en": "Zone", "enum": ["aktif", "pasif"], "examples": ["aktif"]},
            "bangku": {"type": "integer", "title": "Bangku", "minimum": 0, "maximum": 500, "multipleOf": 2},
            "luas": {"type": "number", "title": "Luas", "minimum": 0.5, "exclusiveMaximum": 10},
            "nomor": {"type": "string", "title": "Nomor", "pattern": "^[0-9]{4}$", "description": "Empat angka."},
            "penjaga": {"type": "string", "title": "Penjaga", "maxLength": 100, "x-titik-unit": "orang"},
            "lampu": {"type": "boolean", "title": "Lampu"},
            "dibuka": {"type": "string", "title": "Dibuka", "format": "date"},
            "jam": {"type": "string", "title": "Jam", "format": "time"},
            "alat": {"type": "array", "title": "Alat", "items": {"type": "string", "enum": ["ayunan", "perosotan"]}, "maxItems": 5},
            "hari": {"type": "string", "title": "Hari", "enum": ["2026-01-01"], "format": "date"},
        },
    },
}  # fmt: skip


def whole(definition: Mapping[str, Any]) -> dict[str, Any]:
    read = parse(Definition, dict(definition))
    return {**read.model_dump(mode="json", exclude={"version", "links", "steps"}), "attribute_schema": in_full(read.attribute_schema)}


def as_sent(form: CategoryForm) -> dict[str, str]:
    """As a browser sends it."""
    sent = {name: value for name, value in form._asdict().items() if isinstance(value, str)}
    sent |= {f"required-{name}": "on" for name in form.required} | {f"key-{name}": "on" for name in form.keys}
    sent |= {f"seen-{name}": seen for name, seen in form.seen.items()} | {"count": str(len(form.fields))}
    if form.shows_photos:
        sent["shows_photos"] = "on"
    for at, field in enumerate(form.fields):
        sent |= {f"f{at}-{name}": "on" if value is True else value for name, value in field._asdict().items() if value is not False}
    return sent


@pytest.mark.parametrize("definition", [PARK, *shipped()], ids=lambda one: one["id"])
def test_there_and_back_nothing_is_lost(definition: dict[str, Any]) -> None:
    before = whole(definition)
    back, wrong = definition_of(form_from(as_sent(form_of(before, 3))))
    assert wrong == []
    assert differences_between(before, whole(back)) == []
    assert whole(back)["natural_key"] == before["natural_key"]


def test_what_the_form_has_no_field_for_is_told() -> None:
    fields = {field.name: field for field in form_of(whole(PARK), 1).fields}
    assert fields["zona"].kept == {"examples": ["aktif"]}
    assert fields["penjaga"].kept == {"x-titik-unit": "orang"}
    assert (fields["hari"].kind, dict(fields["hari"].kept)) == (OTHER, {"type": "string", "enum": ["2026-01-01"], "format": "date"})
    both = field_of(
        "a",
        {"type": "integer", "title": "A", "minimum": 1, "exclusiveMinimum": 0},
        is_known=True,
        is_required=False,
        visibility="public",
        is_key=False,
    )
    assert (both.low, both.low_excluded, both.kept) == ("1", False, {"exclusiveMinimum": 0})
    changed = both._replace(kind="text")
    assert (changed.kept, changed.lost) == ({}, ["exclusiveMinimum"])
    odd = field_of(
        "a",
        {"type": "array", "title": "A", "items": {"type": "string", "enum": ["x"], "minLength": 1}},
        is_known=True,
        is_required=False,
        visibility="public",
        is_key=False,
    )
    assert (odd.kept, odd._replace(kind="text").lost) == ({"items": {"minLength": 1}}, ["items"])


def test_everything_that_a_field_can_be_has_fields_of_its_own() -> None:
    fields = {field.name: field for field in form_of(whole(PARK), 1).fields}
    assert (fields["bangku"].step, fields["bangku"].low) == ("2", "0")
    assert (fields["luas"].low_excluded, fields["luas"].high, fields["luas"].high_excluded) == (False, "10", True)
    assert (fields["nomor"].pattern, fields["nomor"].pattern_own) == ("own", "^[0-9]{4}$")
    assert (fields["jam"].kind, fields["alat"].kind, fields["alat"].options, fields["alat"].high) == (
        "time",
        "choices",
        "ayunan\nperosotan",
        "5",
    )
    more: dict[str, dict[str, Any]] = {
        "choice": {"enum": ["a"]},
        "choices": {"items": {"type": "string", "enum": ["a"]}},
        "lines": {"items": {"type": "string"}},
    }
    for name, kind in KINDS.items():
        schema = {"type": kind.type, **({"format": kind.format} if kind.format else {}), **more.get(name, {})}
        assert kind_of(schema) == name


def test_without_english_words_the_indonesian_ones_stand_in_for_them() -> None:
    form = CategoryForm(title_id="Taman", title_en=" ", description_id="Taman kota.")
    definition, wrong = definition_of(form)
    assert (definition["title"], definition["description"]) == ({"id": "Taman", "en": "Taman"}, {"id": "Taman kota.", "en": "Taman kota."})
    assert (wrong, definition_faults(parse(Definition, definition))) == ([], [])
    english = definition_of(form._replace(title_en="Parks", description_en="City parks."))[0]
    assert (english["title"]["en"], english["description"]["en"]) == ("Parks", "City parks.")


def test_a_form_that_was_filled_in_says_what_was_meant() -> None:
    form = CategoryForm(
        title_id="Taman", title_en="Parks", description_id="T", description_en="P", cardinality="many",
        fields=(
            FieldForm(title_id="Alat", kind="choices", options="ayunan\nbangku", low="1", is_unique=True, low_excluded=True),
            FieldForm(title_id="Tautan", kind="lines", item_kind="link", item_high="200", high="3", pattern="own", pattern_own="^https://"),
            FieldForm(title_id="Luas", kind="number", low="0", low_excluded=True, high="10,5", step="0.5", examples="1,5\n2", pattern="^[A-Z]+$"),
            FieldForm(title_id="Jam", kind="time", low="3", step="2"), FieldForm(title_id="Kode", pattern="^[0-9]{5}$", high="5", examples="64110"),
        ),
    )  # fmt: skip
    definition, wrong = definition_of(form)
    assert wrong == []
    assert definition_faults(parse(Definition, definition)) == []
    assert [{word: value for word, value in one.items() if word != "title"} for one in definition["attribute_schema"]["properties"].values()] == [
        {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string", "enum": ["ayunan", "bangku"]}},
        {"type": "array", "maxItems": 3, "items": {"type": "string", "format": "uri", "maxLength": 200, "pattern": "^https://"}},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 10.5, "multipleOf": 0.5, "examples": [1.5, 2]},
        {"type": "string", "format": "time"},
        {"type": "string", "maxLength": 5, "pattern": "^[0-9]{5}$", "examples": ["64110"]},
    ]  # fmt: skip


_COUNTS, _NUMBERS = st.integers(0, 9), st.integers(-9, 9) | st.sampled_from([0.5, 2.25, 1e-7])
_TEXT_WORDS = {
    "enum": st.lists(st.sampled_from(["aktif", "pasif", "dua kata", " tepi ", "a\nb"]), min_size=1, unique=True), "minLength": _COUNTS, "maxLength": _COUNTS,
    "pattern": st.sampled_from(["^[0-9]{5}$", "^x", "^a $", "^a\n$"]), "format": st.sampled_from(FORMATS),
}  # fmt: skip
_MORE = {
    "x-titik-unit": st.just("orang"), "description": st.just("Petunjuk."),
    "examples": st.lists(st.sampled_from(["a", "b ", 1, 1.5, True, None, "12"]), max_size=3),
}  # fmt: skip


def _of(
    kinds: list[str], words: Mapping[str, st.SearchStrategy[Any]], **needed: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.sampled_from(kinds), "title": st.just("Judul"), **needed}, optional={**words, **_MORE})


_NUMBER_WORDS = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBERS), "multipleOf": st.sampled_from([1, 0.5]),
}  # fmt: skip
SCHEMAS = st.one_of(
    _of(["string"], _TEXT_WORDS), _of(["integer", "number"], _NUMBER_WORDS), _of(["boolean"], {}),
    _of(
        ["array"], {"minItems": _COUNTS, "maxItems": _COUNTS, "uniqueItems": st.booleans()},
        items=st.fixed_dictionaries({"type": st.just("string")}, optional={**_TEXT_WORDS, "x-titik-note": st.just("a")}),
    ),
)  # fmt: skip


@given(st.lists(SCHEMAS, min_size=1, max_size=3))
def test_whatever_a_schema_says_comes_back(schemas: list[dict[str, Any]]) -> None:
    before = whole(PARK) | {"field_visibility": {}, "natural_key": []}
    before["attribute_schema"] = in_full({"type": "object", "properties": {f"isian_{at}": one for at, one in enumerate(schemas)}})
    back = definition_of(form_from(as_sent(form_of(before, 3))))[0]["attribute_schema"]["properties"]
    assert [_plainly(one) for one in back.values()] == [_plainly(one) for one in before["attribute_schema"]["properties"].values()]


def _plainly(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is not said, and what is said to be no rule, are the same."""
    return {word: value for word, value in schema.items() if (word, value) != ("uniqueItems", False)}


def test_fields_are_added_moved_and_removed() -> None:
    form = form_of(whole(PARK), 1)
    more, focus = stepped(form, "add")
    assert (len(more.fields), focus) == (11, "f10-title_id")
    moved, focus = stepped(form, "down-0")
    assert ([field.name for field in moved.fields[:2]], focus) == (["bangku", "zona"], "f1-down")
    places = {name: one[ORDER] for name, one in whole(definition_of(moved)[0])["attribute_schema"]["properties"].items()}
    assert (places["bangku"], places["zona"]) == (1, 2)
    fewer, focus = stepped(form, "remove-9")
    assert ("hari" in definition_of(fewer)[0]["attribute_schema"]["properties"], focus) == (False, "add")
    for nonsense in ("", "up-0", "down-9", "remove-99", "remove-x", "hapus-1", "up-²"):
        assert stepped(form, nonsense)[0] == form


def test_names_are_made_of_titles_and_never_twice() -> None:
    titles = ("Jumlah bangku", "jumlah  BANGKU", "Name", "3 pohon", "é", "")
    form = CategoryForm(title_id="Points", fields=tuple(FieldForm(title_id=title) for title in titles))
    assert names_of(form) == ["jumlah_bangku", "jumlah_bangku_2", "name_2", "isian_3_pohon", "isian_e", "isian"]
    assert definition_of(form)[0]["id"] == "points_2"
    assert len(made_name("x" * 200, (), 40, "isian")) <= 40


def test_what_cannot_be_read_stands_at_its_field() -> None:
    fields = (
        FieldForm(name="a", title_id="A", kind="whole", low="dua", high="1,5"), FieldForm(name="a", title_id=""),
        FieldForm(title_id="Pilihan", kind="choice", options=" \n "), FieldForm(title_id="Teks", high="1,5"),
        FieldForm(title_id="Alat", kind="choices", low="satu"), FieldForm(title_id="Baris", kind="lines", item_high="x", pattern="own"),
        FieldForm(title_id="Luas", kind="number", step="dua", examples="1\nbanyak"),
    )  # fmt: skip
    wrong = definition_of(CategoryForm(expected_count="banyak", fields=fields))[1]
    assert {one.where for one in wrong} == {
        "expected_count", "f0-low", "f0-name", "f1-name", "f1-title_id", "f2-options", "f3-high",
        "f4-low", "f4-options", "f5-item_high", "f5-pattern_own", "f6-step", "f6-examples",
    }  # fmt: skip


def test_pointers_lead_to_fields() -> None:
    form = form_of(whole(PARK), 1)
    places = {
        "/title/en": "title_en", "/colour": "colour", "/required": "required", "/natural_key/0": "key", "/name_template/id": "name_template",
        "/attribute_schema/properties/zona/enum/0": "f0-options", "/attribute_schema/properties/bangku/minimum": "f1-low",
        "/attribute_schema/properties/bangku/multipleOf": "f1-step", "/attribute_schema/properties/luas/exclusiveMaximum": "f2-high",
        "/attribute_schema/properties/nomor/pattern": "f3-pattern_own", "/attribute_schema/properties/alat/maxItems": "f8-high",
        "/attribute_schema/properties/penjaga/x-titik-unit": "f4-more", "/attribute_schema/properties/hari/enum": "f9-more",
        "/attribute_schema/properties/nomor": "f3-name", "/field_visibility/penjaga": "f4-visibility", "/field_visibility/rw": "seen-rw",
        "/field_visibility/photos": "shows_photos", "/attribute_schema/properties/alat/items/enum/0": "f8-options", "/attribute_schema": "", "/x": "", "": "",
    }  # fmt: skip
    assert {pointer: place_of(form, pointer) for pointer in places} == places


def test_a_broken_form_never_breaks_the_page() -> None:
    for sent in (
        {},
        {"count": "9999"},
        {"count": "-1"},
        {"count": "2", "f0-more": "{", "f1-more": "[]", "more": "1"},
        {
            "count": "2",
            "f0-more": '{"items": 1}',
            "f0-kind": "lines",
            "f0-item_kind": "x",
            "f1-kind": "choices",
            "f1-more": '{"items": [1]}',
        },
        {"f0-kind": "x", "count": "1"},
    ):
        definition, _ = definition_of(form_from(sent))
        assert definition["attribute_schema"]["type"] == "object"
        faults = definition_faults(Definition.model_construct(**definition))
        assert all(fault.code for fault in faults)
