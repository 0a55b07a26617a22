"""Indicators by a form: added, changed, and where something is wrong it is said at the field and nothing that was typed is lost."""

from typing import Any

import pytest

from app.indicators.form import form_of
from tests.conftest import AsRole, Client

pytestmark = pytest.mark.anyio
PAGE = {"Accept": "text/html"}
HOME = "/portal/kelola/indikator"
NEW = f"{HOME}/indikator-baru"
SCRIPT = "<script>alert(1)</script>"
TYPED = {
    "name_id": "Jumlah Taman", "name_en": "Parks", "concept_id": "Taman", "concept_en": "Parks", "definition_id": "Taman kota.", "definition_en": "City parks.",
    "interpretation_id": "Makin banyak.", "interpretation_en": "The more.", "formula_id": "Menghitung.", "formula_en": "Counting.",
    "measure_id": "Jumlah", "measure_en": "Number", "unit_id": "taman", "unit_en": "parks", "source_id": "Dinas.", "source_en": "The office.",
    "subject": "environment", "kind": "entered", "audience": "public", "levels-kelurahan": "on", "periods-year": "on", "decimals": "0", "minimum": "0",
    "checks": "2", "check0-kind": "change", "check0-percent": "20", "check0-severity": "warning", "check1-kind": "", "check1-severity": "warning",
}  # fmt: skip


@pytest.fixture
async def admin(as_role: AsRole) -> Client:
    return await as_role("admin")


def typed_again(answer: dict[str, Any]) -> dict[str, str]:
    """The form of an indicator as a browser would send it unchanged."""
    form = form_of(answer, answer["version"])
    sent = {"checks": str(len(form.checks)), **form.texts}
    sent |= {name: value for name, value in form._asdict().items() if isinstance(value, str) and name != "id"}
    sent |= {f"levels-{one}": "on" for one in form.levels} | {f"periods-{one}": "on" for one in form.periods}
    return sent | {f"check{at}-{name}": getattr(check, name) for at, check in enumerate(form.checks) for name in check._fields}


async def test_an_indicator_is_added_by_hand(admin: Client, client: Client) -> None:
    assert "Jumlah Penduduk" in (await admin.get(HOME, headers=PAGE)).text
    assert "Tambahkan indikator" in (await admin.get(NEW, headers=PAGE)).text
    added = await admin.post(NEW, data=TYPED, headers=PAGE)
    assert (added.status_code, added.headers["location"]) == (303, f"{HOME}/jumlah_taman?sudah=baru")
    assert "Indikator ditambahkan." in (await admin.get(added.headers["location"], headers=PAGE)).text
    stored = (await client.get("/indicators/jumlah_taman")).json()
    assert (stored["name"], stored["checks"][0]["percent"], stored["threshold"]) == ({"id": "Jumlah Taman", "en": "Parks"}, 20.0, None)
    again = await admin.post(NEW, data=TYPED, headers=PAGE)
    assert again.status_code == 409
    assert 'id="id-error"' in again.text


async def test_saved_unchanged_it_stays_the_same_version(admin: Client, client: Client) -> None:
    for name in ("penduduk_menurut_agama", "jumlah_penduduk", "kepadatan_penduduk"):
        before = (await client.get(f"/indicators/{name}")).json()
        saved = await admin.post(f"{HOME}/{name}", data=typed_again(before), headers=PAGE)
        assert saved.status_code == 303, saved.text
        assert (await client.get(f"/indicators/{name}")).json() == before


async def test_a_change_makes_a_version_and_one_on_an_old_page_is_refused(admin: Client, client: Client) -> None:
    before = (await client.get("/indicators/jumlah_rt")).json()
    sent = typed_again(before) | {"threshold": "7"}
    assert (await admin.post(f"{HOME}/jumlah_rt", data=sent, headers=PAGE)).status_code == 303
    assert (await client.get("/indicators/jumlah_rt")).json()["threshold"] == 7
    late = await admin.post(f"{HOME}/jumlah_rt", data=sent | {"threshold": "9"}, headers=PAGE)
    assert late.status_code == 412
    assert "Orang lain sudah mengubah indikator ini" in late.text
    assert 'value="9"' in late.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_id": "jumlah taman"}, "name_id"),
        ({"concept_id": "Jumlah Taman"}, "concept_id"),
        ({"definition_en": ""}, "definition_en"),
        ({"id": "Taman Kota"}, "id"),
        ({"minimum": "1.234"}, "minimum"),
        ({"threshold": "lima"}, "threshold"),
        ({"kind": "computed", "expression": "jumlah_penduduk / 0"}, "expression"),
        ({"kind": "counted", "category": ""}, "category"),
        ({"kind": "counted", "category": "posyandu", "filter": "strata = 'entah'"}, "filter"),
        ({"class_title_id": "Zona", "class_title_en": "Zone", "classes": "Aktif"}, "classes"),
        ({"check0-percent": "banyak"}, "check0-percent"),
        ({"check1-kind": "at_most", "check1-indicators": "tidak_ada"}, "check1-indicators"),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    admin: Client, client: Client, changes: dict[str, str], field: str
) -> None:
    refused = await admin.post(NEW, data=TYPED | {"source_en": SCRIPT} | changes, headers=PAGE)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert SCRIPT not in refused.text
    assert "&lt;script&gt;alert(1)" in refused.text
    assert (await client.get("/indicators/jumlah_taman")).status_code == 404


async def test_nobody_else_gets_there(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    assert (await walidata.get(HOME, headers=PAGE)).status_code == 403
    assert (await walidata.post(NEW, data=TYPED, headers=PAGE)).status_code == 403
