"""Categories by a form: what it does, what it says where something is wrong, and that nothing is lost on the way."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, published

pytestmark = pytest.mark.anyio
PAGE = {"Accept": "text/html"}
HOME = "/portal/kelola/kategori"
NEW = f"{HOME}/kategori-baru"
SCRIPT = "<script>alert(1)</script>"
PARK: dict[str, Any] = {
    "id": "taman", "title": {"id": "Taman", "en": "Parks"}, "description": {"id": "Taman kota.", "en": "City parks."}, "required": ["name"],
    "natural_key": [], "field_visibility": {"penjaga": "internal"}, "colour": "#118833", "icon": "T",
    "attribute_schema": {
        "type": "object",
        "properties": {
            "zona": {"type": "string", "title": "Zona", "enum": ["aktif", "pasif"]},
            "bangku": {"type": "integer", "title": "Bangku", "minimum": 0, "maximum": 500},
            "nomor": {"type": "string", "title": "Nomor", "pattern": "^[0-9]{4}$"},
            "penjaga": {"type": "string", "title": "Penjaga", "maxLength": 100, "x-titik-unit": "orang"},
        },
    },
}  # fmt: skip


class _Form(HTMLParser):
    """The fields of the form of a category, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside, self._select, self._area = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        is_on = "checked" in found or found.get("type") not in ("checkbox", "radio")
        if tag == "form":
            self._inside = found.get("id") == "kategori"
        elif not self._inside:
            return
        elif tag == "input" and is_on and "name" in found:
            self.fields[found["name"]] = found.get("value", "on")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and ("selected" in found or self._select not in self.fields):
            self.fields[self._select] = found["value"]
        elif tag == "textarea":
            self._area = found["name"]
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._inside and self._area:
            self.fields[self._area] += data


def fields_of(page: str) -> dict[str, str]:
    return _Form(page).fields


async def sent(admin: Client, path: str, fields: dict[str, str], step: str) -> tuple[int, str, str]:
    answer = await admin.post(path, data=fields | {"step": step}, headers=PAGE)
    return answer.status_code, answer.text, answer.headers.get("location", "")


async def test_a_category_is_added_field_by_field(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    fields = fields_of((await admin.get(NEW, headers=PAGE)).text)
    fields |= {
        "title_id": "Taman kota",
        "title_en": "Parks",
        "description_id": "Taman.",
        "description_en": "Parks.",
        "colour": "#009E73",
        "icon": "★",
    }
    status, page, _ = await sent(admin, NEW, fields, "add")
    assert (status, 'id="f0-title_id"' in page) == (200, True)
    assert re.search(r'<input id="f0-title_id"[^>]*autofocus', page)
    fields = fields_of(page) | {"f0-title_id": "Zona", "f0-kind": "choice", "f0-options": "aktif\npasif", "f0-is_required": "on"}
    for title, kind in (("Bangku", "whole"), ("Penjaga", "text")):
        page = (await sent(admin, NEW, fields, "add"))[1]
        at = int(fields_of(page)["count"]) - 1
        fields = fields_of(page) | {f"f{at}-title_id": title, f"f{at}-title_en": f"{title} (en)", f"f{at}-kind": kind}
    fields |= {"f1-high": "500", "f2-visibility": "internal"}
    page = (await sent(admin, NEW, fields, "up-2"))[1]
    fields = fields_of(page)
    assert [fields[f"f{at}-title_id"] for at in range(3)] == ["Zona", "Penjaga", "Bangku"]
    status, page, _ = await sent(admin, NEW, fields, "check")
    assert status == 200
    shown = re.findall(r'<label for="contoh-(\w+)">([^<]+)</label>', page)
    assert [name for name, _ in shown] == ["name", "zona", "address", "rw", "rt", "penjaga", "bangku"]
    assert (await client.get("/categories/taman_kota")).status_code == 404
    status, _, leads_to = await sent(admin, NEW, fields_of(page), "save")
    assert (status, leads_to) == (303, f"{HOME}/taman_kota?sudah=baru")
    found = (await admin.get("/categories/taman_kota")).json()
    assert list(found["attribute_schema"]["properties"]) == ["zona", "penjaga", "bangku"]
    assert found["attribute_schema"]["required"] == ["zona"]
    assert found["attribute_schema"]["properties"]["bangku"]["maximum"] == 500
    assert (found["colour"], found["icon"], found["field_visibility"]) == ("#009E73", "★", {"penjaga": "internal"})
    assert "Kategori ditambahkan" in (await admin.get(leads_to, headers=PAGE)).text
    listed = (await admin.get(HOME, headers=PAGE)).text
    assert f'href="{HOME}/taman_kota"' in listed


async def test_what_the_form_has_no_field_for_is_kept_and_told(as_role: AsRole) -> None:
    admin = await as_role("admin")
    before = (await admin.post("/categories", json=PARK)).json()
    page = (await admin.get(f"{HOME}/taman", headers=PAGE)).text
    assert "<code>x-titik-unit: orang</code>" in page
    assert fields_of(page)["f2-pattern_own"] == "^[0-9]{4}$"
    fields = fields_of(page) | {"description_id": f"Taman {SCRIPT}"}
    page = (await sent(admin, f"{HOME}/taman", fields, "check"))[1]
    assert "keterangan" in page
    assert SCRIPT not in page
    assert (await sent(admin, f"{HOME}/taman", fields, "save"))[2] == f"{HOME}/taman?sudah=tersimpan"
    after = (await admin.get("/categories/taman")).json()
    assert after["attribute_schema"] == before["attribute_schema"]
    assert after["description"]["id"] == f"Taman {SCRIPT}"
    assert {**after, "description": 0, "version": 0} == {**before, "description": 0, "version": 0}
    page = (await admin.get(f"{HOME}/taman", headers=PAGE)).text
    assert SCRIPT not in page
    assert "Versi 2:" in page


async def test_every_kind_of_field_is_made_by_hand(as_role: AsRole) -> None:
    admin = await as_role("admin")
    fields = fields_of((await admin.get(NEW, headers=PAGE)).text)
    fields |= {"title_id": "Taman", "title_en": "Parks", "description_id": "T", "description_en": "P", "icon": "♥", "colour": "#0072B2"}
    made: dict[str, dict[str, str]] = {
        "choices": {"options": "ayunan\nbangku", "low": "1", "high": "2"}, "time": {}, "moment": {}, "email": {"high": "80"}, "link": {}, "uuid": {},
        "lines": {"item_kind": "link", "item_high": "200"}, "number": {"low": "0", "low_excluded": "on", "step": "0,5", "examples": "1,5"},
        "text": {"pattern": "^[0-9]{5}$", "examples": "64110"},
    }  # fmt: skip
    for at, (kind, typed) in enumerate(made.items()):
        fields = fields_of((await sent(admin, NEW, fields, "add"))[1])
        fields |= {f"f{at}-kind": kind, f"f{at}-title_id": kind.title()} | {f"f{at}-{name}": text for name, text in typed.items()}
    status, page, _ = await sent(admin, NEW, fields, "check")
    assert (status, 'type="datetime-local"' in page, 'type="time"' in page) == (200, True, True)
    # Its sign is drawn, beside what will happen and in each of the choices.
    assert page.count(">♥</text>") == 2
    assert 'fill="#0072B2"' in page
    assert (await sent(admin, NEW, fields_of(page), "save"))[0] == 303
    schema = (await admin.get("/categories/taman")).json()["attribute_schema"]["properties"]
    assert {name: {word: one[word] for word in one if word not in ("title", "x-ogc-propertySeq")} for name, one in schema.items()} == {
        "choices": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"type": "string", "enum": ["ayunan", "bangku"]}},
        "time": {"type": "string", "format": "time"}, "moment": {"type": "string", "format": "date-time"},
        "email": {"type": "string", "format": "email", "maxLength": 80}, "link": {"type": "string", "format": "uri"}, "uuid": {"type": "string", "format": "uuid"},
        "lines": {"type": "array", "uniqueItems": True, "items": {"type": "string", "format": "uri", "maxLength": 200}},
        "number": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5, "examples": [1.5]},
        "text": {"type": "string", "pattern": "^[0-9]{5}$", "examples": ["64110"]},
    }  # fmt: skip


async def test_a_shipped_category_that_nobody_changed_does_not_change(as_role: AsRole) -> None:
    admin = await as_role("admin")
    fields = fields_of((await admin.get(f"{HOME}/posyandu", headers=PAGE)).text)
    page = (await sent(admin, f"{HOME}/posyandu", fields, "check"))[1]
    assert "Tidak ada yang berubah." in page
    assert 'value="save"' not in page


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"title_id": ""}, "title_id", 422),
        ({"colour": "hijau"}, "colour", 422),
        ({"icon": "own", "icon_own": "ABC"}, "icon", 422),
        ({"f1-low": "dua"}, "f1-low", 422),
        ({"f1-low": "600"}, "f1-low", 422),
        ({"f1-step": "0"}, "f1-step", 422),
        ({"f1-examples": "lima"}, "f1-examples", 422),
        ({"f2-pattern_own": "^(a+)+$"}, "f2-pattern_own", 422),
        ({"f2-pattern_own": ""}, "f2-pattern_own", 422),
        ({"f0-kind": "choices", "f0-low": "dua"}, "f0-low", 422),
        ({"f3-kind": "lines", "f3-item_high": "banyak"}, "f3-item_high", 422),
        ({"f0-options": ""}, "f0-options", 422),
        ({"f0-title_id": ""}, "f0-title_id", 422),
        ({"expected_count": "banyak"}, "expected_count", 422),
        ({"name_template": "RT {rt}"}, "name_template", 422),
        ({"required-name": None}, "required", 422),
        ({"f3-visibility": "siapa"}, "f3-visibility", 422),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    as_role: AsRole, change: dict[str, str | None], field: str, status: int
) -> None:
    admin = await as_role("admin")
    await admin.post("/categories", json=PARK)
    fields = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text)
    wanted = {name: value for name, value in (fields | change).items() if value is not None}
    answered, page, _ = await sent(admin, f"{HOME}/taman", wanted, "save")
    assert answered == status
    assert f'id="{field}-error"' in page
    assert f"{field}-error" in page.split('aria-describedby="', 1)[1]
    assert "autofocus" in page
    shown = fields_of(page)
    # A choice that is none is not chosen again.
    assert {name: shown.get(name) for name in wanted if name not in ("colour", "f3-visibility")} == {
        name: value for name, value in wanted.items() if name not in ("colour", "f3-visibility")
    }
    assert (await admin.get("/categories/taman")).json()["version"] == 1


async def test_points_that_would_not_fit_are_told_at_the_field(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    await admin.post("/categories", json=PARK)
    park = a_feature(name="Taman Brantas", zona="pasif", bangku=12)
    del park["properties"]["jenis"]
    await published(pic, walidata, park, "taman")
    fields = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text)
    for step, status in (("check", 200), ("save", 409)):
        answered, page, _ = await sent(admin, f"{HOME}/taman", fields | {"f1-high": "10"}, step)
        assert answered == status
        assert 'id="f1-kind-error"' in page
        assert "1 titik tidak cocok lagi" in unescape(page)
        assert "Mojoroto" in page
        assert 'value="save"' not in page
    removed = (await sent(admin, f"{HOME}/taman", fields, "remove-1"))[1]
    page = (await sent(admin, f"{HOME}/taman", fields_of(removed), "check"))[1]
    assert "isian Bangku dihapus" in page
    assert "1 titik tidak cocok lagi" in page


async def test_what_was_hidden_is_shown_only_when_it_is_meant(as_role: AsRole) -> None:
    admin = await as_role("admin")
    await admin.post("/categories", json=PARK)
    fields = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text) | {"f3-visibility": "public"}
    status, page, _ = await sent(admin, f"{HOME}/taman", fields, "check")
    assert (status, 'name="show"' in page) == (200, True)
    status, page, _ = await sent(admin, f"{HOME}/taman", fields, "save")
    assert (status, 'id="f3-visibility-error"' in page, 'name="show"' in page, 'value="save"' in page) == (409, True, True, True)
    assert (await sent(admin, f"{HOME}/taman", fields | {"show": "on"}, "save"))[0] == 303
    assert (await admin.get("/categories/taman")).json()["field_visibility"] == {}
    hidden = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text) | {"audience": "internal"}
    assert (await sent(admin, f"{HOME}/taman", hidden, "save"))[0] == 303
    assert "hanya untuk kantor" in (await admin.get(HOME, headers=PAGE)).text


async def test_of_two_who_change_it_the_second_is_told(as_role: AsRole) -> None:
    admin = await as_role("admin")
    await admin.post("/categories", json=PARK)
    fields = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text)
    assert (await sent(admin, f"{HOME}/taman", fields | {"title_id": "Taman kota"}, "save"))[0] == 303
    status, page, _ = await sent(admin, f"{HOME}/taman", fields | {"title_id": "Ruang hijau"}, "save")
    assert (status, "Orang lain sudah mengubah" in page, fields_of(page)["title_id"]) == (412, True, "Ruang hijau")


async def test_a_name_that_is_taken_is_said(as_role: AsRole) -> None:
    admin = await as_role("admin")
    fields = fields_of((await admin.get(NEW, headers=PAGE)).text)
    fields |= {"id": "posyandu", "title_id": "P", "title_en": "P", "description_id": "P", "description_en": "P"}
    status, page, _ = await sent(admin, NEW, fields, "check")
    assert (status, 'id="id-error"' in page) == (409, True)


async def test_a_file_is_shown_as_a_form(as_role: AsRole) -> None:
    admin = await as_role("admin")
    path = f"{HOME}/dari-berkas"
    answer = await admin.post(path, files={"file": ("taman.json", json.dumps(PARK).encode())}, headers=PAGE)
    assert answer.status_code == 200
    assert (await admin.get("/categories/taman")).status_code == 404
    fields = fields_of(answer.text)
    assert (await sent(admin, NEW, fields, "save"))[2] == f"{HOME}/taman?sudah=baru"
    stored = (await admin.get("/categories/taman")).content
    assert fields_of((await admin.post(path, files={"file": ("taman.json", stored)}, headers=PAGE)).text)["version"] == "1"
    for content in (b"{", b"[]", b"", json.dumps(PARK | {"colour": "x"}).encode(), b" " * 300_000):
        refused = await admin.post(path, files={"file": ("x.json", content)}, headers=PAGE)
        assert refused.status_code in (400, 413, 422)
        assert 'id="file-error"' in refused.text


async def test_a_form_of_a_hundred_fields_is_taken(as_role: AsRole) -> None:
    admin = await as_role("admin")
    many = {f"isian_{n}": {"type": "string", "title": f"Isian {n}", "pattern": "^[a-z]{1,40}$", "x-title-en": "Field"} for n in range(100)}
    await admin.post("/categories", json=PARK | {"field_visibility": {}, "attribute_schema": {"type": "object", "properties": many}})
    fields = fields_of((await admin.get(f"{HOME}/taman", headers=PAGE)).text)
    status, page, _ = await sent(admin, f"{HOME}/taman", fields | {"title_id": "Seratus"}, "check")
    assert (status, "nama kategori" in page) == (200, True)


@pytest.mark.parametrize("path", ["", "/kategori-baru", "/posyandu"])
async def test_others_are_led_to_sign_in_or_refused(as_role: AsRole, client: Client, path: str) -> None:
    nobody = await client.get(f"{HOME}{path}", headers=PAGE)
    assert (nobody.status_code, nobody.headers["location"]) == (303, f"/portal/masuk?ke={HOME}{path}")
    for role in ("walidata", "opd"):
        assert (await (await as_role(role)).get(f"{HOME}{path}", headers=PAGE)).status_code == 403
