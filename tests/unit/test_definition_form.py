"""A definition as a form: there and back nothing is lost, and what the form has no field for stays."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.categories.queries import shipped
from app.categories.subset import ORDER, in_full
from app.definitions.comparing import definition_faults, differences_between
from app.definitions.form import CategoryForm, FieldForm, form_from, form_of, stepped
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
    assert fields["nomor"].kept == {"pattern": "^[0-9]{4}$"}
    assert fields["bangku"].kept == {"multipleOf": 2}
    assert (fields["alat"].kind, fields["jam"].kind) == ("other", "other")
    changed = fields["nomor"]._replace(kind="whole")
    assert (changed.kept, changed.lost) == ({}, ["pattern"])


def test_fields_are_added_moved_and_removed() -> None:
    form = form_of(whole(PARK), 1)
    more, focus = stepped(form, "add")
    assert (len(more.fields), focus) == (10, "f9-title_id")
    moved, focus = stepped(form, "down-0")
    assert ([field.name for field in moved.fields[:2]], focus) == (["bangku", "zona"], "f1-down")
    places = {name: one[ORDER] for name, one in whole(definition_of(moved)[0])["attribute_schema"]["properties"].items()}
    assert (places["bangku"], places["zona"]) == (1, 2)
    fewer, focus = stepped(form, "remove-8")
    assert ("alat" in definition_of(fewer)[0]["attribute_schema"]["properties"], focus) == (False, "add")
    for nonsense in ("", "up-0", "down-8", "remove-99", "remove-x", "hapus-1", "up-²"):
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
    )  # fmt: skip
    wrong = definition_of(CategoryForm(expected_count="banyak", fields=fields))[1]
    assert {one.where for one in wrong} == {"expected_count", "f0-low", "f0-name", "f1-name", "f1-title_id", "f2-options", "f3-high"}


def test_pointers_lead_to_fields() -> None:
    form = form_of(whole(PARK), 1)
    places = {
        "/title/en": "title_en", "/colour": "colour", "/required": "required", "/natural_key/0": "key", "/name_template/id": "name_template",
        "/attribute_schema/properties/zona/enum/0": "f0-options", "/attribute_schema/properties/bangku/minimum": "f1-low",
        "/attribute_schema/properties/bangku/multipleOf": "f1-more", "/attribute_schema/properties/luas/exclusiveMaximum": "f2-more",
        "/attribute_schema/properties/nomor": "f3-name", "/field_visibility/penjaga": "f4-visibility", "/field_visibility/rw": "seen-rw",
        "/field_visibility/photos": "shows_photos", "/attribute_schema/properties/alat/items/enum": "f8-more", "/attribute_schema": "", "/x": "", "": "",
    }  # fmt: skip
    assert {pointer: place_of(form, pointer) for pointer in places} == places


def test_a_broken_form_never_breaks_the_page() -> None:
    for sent in (
        {},
        {"count": "9999"},
        {"count": "-1"},
        {"count": "2", "f0-more": "{", "f1-more": "[]", "more": "1"},
        {"f0-kind": "x", "count": "1"},
    ):
        definition, _ = definition_of(form_from(sent))
        assert definition["attribute_schema"]["type"] == "object"
        faults = definition_faults(Definition.model_construct(**definition))
        assert all(fault.code for fault in faults)
