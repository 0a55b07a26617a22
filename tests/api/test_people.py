"""People in lists of points: names that are no names of points, columns that belong to contacts, texts that a reviewer should look at."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.access.rights import Scope
from app.boundaries import service as boundaries
from app.cli.points import _import
from app.connections import open_once
from app.contacts.schemas import ContactTerms
from app.db import WriteSession
from app.imports.schemas import Committing
from app.points.flagging import flag_personal
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7
from tests.api.test_imports import codes, committed, judged, posyandu, report, table
from tests.conftest import AsRole, Client
from tests.factories import APPROXIMATE, MOJOROTO, a_feature, a_token, code_of, execute, published, submitted, value

pytestmark = pytest.mark.usefixtures("grid")
UNTIL = (datetime.now(UTC).date() + timedelta(days=500)).isoformat()
TERMS = {"legal_basis": "SK Lurah 12/2026", "term_ends_on": UNTIL}
HEADER = ("No", "Nama", "RT", "RW", "Kelurahan", "No HP", "Alamat", "Latitude", "Longitude")
CHAIRS = [
    ("1", "Budi Contoh", "71", "2", "Mojoroto", "0812-0000-0001", "Jl. Anggrek 15", "-7.80391", "112.00213"),
    ("2", "Sri Misal", "72", "2", "Mojoroto", "0812-0000-0002", "Jl. Anggrek 19", "-7.80511", "112.00333"),
]
RT = "/collections/rt/items"


def an_rt(number: str = "71", **properties: Any) -> dict[str, Any]:
    return a_feature(jenis=None, **{"name": None, "rt": number, "rw": "2", **properties})


def chairs() -> bytes:
    return table(*CHAIRS, header=HEADER)


async def names(owner: WriteSession) -> list[str]:
    return await value(owner, "SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM titik.revision") or []


async def flags_of(walidata: Client) -> list[list[str]]:
    return [one["flags"] for one in (await walidata.get("/reviews")).json()["reviews"]]


# -- the name that the category makes


async def test_another_name_than_that_of_the_category_does_not_get_in_unasked(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    refused = await pic.post(RT, json=an_rt(name="Budi Contoh"))
    assert code_of(refused) == (422, "body-invalid")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/properties/name", "name-is-made")]
    assert "RT 71 RW 02" in refused.text
    assert "Budi" not in refused.text
    assert (await pic.post(f"{RT}?draft=true", json=an_rt(name="Budi Contoh"))).status_code == 422
    confirmed = await submitted(pic, an_rt(name="RT 71 Candra Asri", confirm_name=True), "rt")
    assert confirmed["properties"]["name"] == "RT 71 Candra Asri"
    assert "confirm_name" not in json.dumps(confirmed)
    assert await value(owner, "SELECT count(*) FROM titik.revision WHERE attributes ? 'confirm_name'") == 0
    # Nobody can tell whether that is a person: the reviewer looks.
    assert await flags_of(walidata) == [["personal"]]


@pytest.mark.parametrize("written", [None, "RT 71 RW 02", "rt.071 / rw.2", "RT 71/02"])
async def test_the_name_of_the_category_in_any_writing_is_that_name(as_role: AsRole, written: str | None) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    assert (await submitted(pic, an_rt(name=written), "rt"))["properties"]["name"] == "RT 71 RW 02"
    assert await flags_of(walidata) == [[]]


async def test_changes_ask_too_and_the_name_follows_its_numbers(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, an_rt(), "rt")
    item, any_version = f"{RT}/{point['id']}", {"If-Match": "*"}
    assert (await pic.patch(item, json={"properties": {"name": "Budi Contoh"}}, headers=any_version)).status_code == 422
    assert (await pic.put(item, json=an_rt(name="Budi Contoh"), headers=any_version)).status_code == 422
    moved = await pic.patch(item, json={"properties": {"rt": "72"}}, headers=any_version)
    assert (moved.status_code, moved.json()["properties"]["name"]) == (200, "RT 72 RW 02")
    own = await pic.patch(item, json={"properties": {"name": "RT 72 Candra", "confirm_name": True}}, headers=any_version)
    assert own.json()["properties"]["placement"]["flags"] == ["personal"]
    # What was confirmed once is not asked again, and is flagged again.
    again = await pic.patch(item, json={"properties": {"jumlah_kk": 41}}, headers=any_version)
    assert (again.status_code, again.json()["properties"]["name"]) == (200, "RT 72 Candra")
    assert again.json()["properties"]["placement"]["flags"] == ["personal"]
    back = await pic.patch(item, json={"properties": {"name": None}}, headers=any_version)
    assert (back.json()["properties"]["name"], back.json()["properties"]["placement"]["flags"]) == ("RT 72 RW 02", [])
    history = (await walidata.get(f"/points/{point['id']}/revisions")).json()["revisions"]
    assert [one["flags"] for one in history] == [[], ["personal"], ["personal"], [], []]


async def test_a_phone_that_was_offline_is_asked_too(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")

    async def sync(**change: Any) -> dict[str, Any]:
        answer = await pic.post("/sync", json={"changes": [{"client_id": str(uuid7()), **change}]})
        result: dict[str, Any] = answer.json()["results"][0]
        return result

    def created(number: str, **properties: Any) -> dict[str, Any]:
        feature = an_rt(number, category="rt", **properties)
        return {"op": "create", "point": str(uuid7()), "feature": feature}

    refused = await sync(**created("71", name="Budi Contoh"))
    assert (refused["code"], refused["problem"]["errors"][0]["code"]) == (422, "name-is-made")
    assert refused["problem"]["errors"][0]["pointer"] == "/feature/properties/name"
    made = await sync(**created("71"))
    assert made["feature"]["properties"]["name"] == "RT 71 RW 02"
    # Two change different fields of one version: neither has said anything of the name.
    item = f"{RT}/{made['id']}"
    assert (await walidata.patch(item, json={"properties": {"jumlah_kk": 40}}, headers={"If-Match": "*"})).status_code == 200
    merged = await sync(op="change", point=made["id"], base=1, patch={"properties": {"rt": "75"}})
    assert (merged["status"], merged["feature"]["properties"]["name"]) == ("merged", "RT 75 RW 02")
    named = await sync(op="change", point=made["id"], base=1, patch={"properties": {"lingkungan": "rumah Bu Ani"}})
    assert (named["status"], named["feature"]["properties"]["placement"]["flags"]) == ("merged", ["personal"])
    asked = await sync(op="change", point=made["id"], base=3, patch={"properties": {"name": "Sri Misal"}})
    assert (asked["code"], asked["problem"]["errors"][0]["pointer"]) == (422, "/patch/properties/name")
    assert "Sri" not in json.dumps(asked)


# -- texts that tell of a person


@pytest.mark.parametrize(
    ("properties", "flags"),
    [({"name": "Posyandu Bu Ani"}, ["personal"]), ({"address": "Rumah Pak Slamet"}, ["personal"]), ({"address": "Jl. Mawar 1, 0812-3456-7890"}, ["personal"]),
     ({"hari_buka": "Selasa, hub. Hj. Siti"}, ["personal"]), ({"address": "Jl. KH Wachid Hasyim 12"}, []), ({"name": "Posyandu Masjid H. Umar"}, [])],
)  # fmt: skip
async def test_the_reviewer_is_told_of_them_at_every_door(
    as_role: AsRole, properties: dict[str, Any], flags: list[str], owner: WriteSession
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    posted = await submitted(pic, a_feature(**properties))
    assert posted["properties"]["placement"]["flags"] == flags
    plain = await submitted(pic, a_feature(112.003))
    patched = await pic.patch(f"/collections/posyandu/items/{plain['id']}", json={"properties": properties}, headers={"If-Match": "*"})
    assert patched.json()["properties"]["placement"]["flags"] == flags
    draft = await pic.post("/collections/posyandu/items?draft=true", json=a_feature(112.004, **properties))
    assert (await pic.post(f"/points/{draft.json()['id']}/revisions", json={"move": "submit"})).status_code == 200
    change = {
        "client_id": str(uuid7()),
        "op": "create",
        "point": str(uuid7()),
        "feature": a_feature(112.005, category="posyandu", **properties),
    }
    assert (await pic.post("/sync", json={"changes": [change]})).json()["results"][0]["code"] == 201
    header = ("Nama", "Alamat", "Hari buka", "Lintang", "Bujur")
    row = (properties.get("name", "Posyandu Uji"), properties.get("address", ""), properties.get("hari_buka", ""), "-7.8091", "112.0072")
    one = await judged(pic, table(row, header=header))
    (told,) = await report(pic, one)
    assert (told["level"], codes(told)) == (("warned", ["text-personal"]) if flags else ("good", []))
    assert (await committed(pic, one))["committed"]["stored"] == 1
    assert await flags_of(walidata) == [flags] * 5
    assert await value(
        owner, "SELECT array_agg(DISTINCT CAST(placement -> 'flags' AS text)) FROM titik.revision WHERE state = 'submitted'"
    ) == [json.dumps(flags)]


async def test_what_the_public_does_not_see_is_not_flagged(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await submitted(pic, an_rt(address="Rumah Pak Slamet"), "rt")
    assert await flags_of(walidata) == [[]]


async def test_other_boundaries_do_not_take_the_flag_away(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    await submitted(pic, a_feature(name="Posyandu Bu Ani"))
    await boundaries.activate(owner, APPROXIMATE)
    flags = "SELECT flags FROM titik.revision"
    assert "personal" in await value(owner, flags)
    assert "personal" in await value(owner, "SELECT placement ->> 'flags' FROM titik.revision")


async def test_what_an_older_version_let_in_is_flagged_once(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, an_rt(), "rt")
    await submitted(pic, a_feature(112.004))
    await execute(owner, "UPDATE titik.revision SET name = 'Budi Contoh' WHERE rt IS NOT NULL")
    assert [await flag_personal(owner) for _ in range(2)] == [1, 0]
    assert await value(owner, "SELECT array_agg(name) FROM titik.revision WHERE 'personal' = ANY (flags)") == ["Budi Contoh"]
    assert await value(owner, "SELECT placement ->> 'flags' FROM titik.revision WHERE rt IS NOT NULL") == '["personal"]'


# -- lists of people


async def test_the_chairs_of_a_list_of_rt_are_no_names_of_points(as_role: AsRole, owner: WriteSession) -> None:
    """`Nama` of such a list became the public name."""
    pic = await as_role("pic", MOJOROTO)
    one = await judged(pic, chairs(), category="rt")
    assert (one["counts"]["good"], one["counts"]["fault"], one["people"]) == (2, 0, 2)
    fields = {column["header"]: column.get("field") for column in one["columns"]}
    assert (fields["Nama"], fields["No HP"], fields["Alamat"]) == ("contact_name", "contact_phone", "address")
    (note,) = one["notes"]
    assert (note["code"], note["headers"]) == ("columns-contacts", ["Nama", "No HP"])
    assert "kontak" in note["detail"]
    english = (await pic.get(f"/imports/{one['id']}", headers={"Accept-Language": "en"})).json()["notes"][0]["detail"]
    assert "contacts" in english
    book = openpyxl.load_workbook(io.BytesIO((await pic.get(f"/imports/{one['id']}/report?f=xlsx")).content))
    assert any("Nama, No HP: Kolom ini" in str(cell.value) for (cell,) in book["Petunjuk"].iter_rows())
    done = await committed(pic, one)
    assert done["committed"] == {"stored": 2, "left_out": 0}
    assert await names(owner) == ["RT 71 RW 02", "RT 72 RW 02"]
    assert await value(owner, "SELECT count(*) FROM titik.contact") == 0
    assert await value(owner, "SELECT count(*) FROM titik.import_row WHERE people IS NOT NULL") == 0


async def test_the_people_of_a_list_become_contacts_when_reason_and_end_are_given(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    one = await judged(pic, chairs(), category="rt")
    done = await committed(pic, one, contacts=TERMS)
    assert done["committed"] == {"stored": 2, "left_out": 0, "contacts": {"added": 2, "changed": 0, "same": 0, "left_out": 0}}
    work = sorted((await pic.get(f"{RT}?view=work")).json()["features"], key=lambda feature: feature["properties"]["rt"])
    kept = [(await pic.get(f"/points/{feature['id']}/contacts")).json()["contacts"] for feature in work]
    assert [[(c["role"], c["name"], c["phone"], c["legal_basis"], c["term_ends_on"]) for c in contacts] for contacts in kept] == [
        [("ketua", "Budi Contoh", "+6281200000001", "SK Lurah 12/2026", UNTIL)],
        [("ketua", "Sri Misal", "+6281200000002", "SK Lurah 12/2026", UNTIL)],
    ]
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action = 'contact.write'") == 2
    assert await value(owner, "SELECT count(*) FROM titik.outbox WHERE type LIKE 'contact%'") == 0
    # The same list again changes nothing; with another number, and a later end, they are brought up to date.
    again = await judged(pic, chairs(), category="rt")
    assert again["counts"]["same"] == 2
    assert (await committed(pic, again, contacts=TERMS))["committed"]["contacts"] == {"added": 0, "changed": 0, "same": 2, "left_out": 0}
    other = table((*CHAIRS[0][:5], "81200000009", *CHAIRS[0][6:]), ("", "Ani Baru", *CHAIRS[1][2:]), header=HEADER)
    newer = await committed(pic, await judged(pic, other, category="rt"), contacts=TERMS)
    assert newer["committed"]["contacts"] == {"added": 1, "changed": 1, "same": 0, "left_out": 0}
    assert await value(owner, "SELECT phone FROM titik.contact WHERE name = 'Budi Contoh'") == "+6281200000009"


async def test_contacts_need_a_reason_an_end_and_the_right_to_write_them(as_role: AsRole, grid: Settings, service: Any) -> None:
    pic = await as_role("pic", MOJOROTO)
    one = await judged(pic, chairs(), category="rt")
    path = f"/imports/{one['id']}/commit"
    for terms, pointer in (
        ({"term_ends_on": UNTIL}, "/contacts/legal_basis"),
        ({"legal_basis": "SK"}, "/contacts/term_ends_on"),
        ({"legal_basis": "SK", "term_ends_on": "2020-01-01"}, "/contacts/term_ends_on"),
    ):
        refused = await pic.post(path, json={"contacts": terms})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    scopes: list[Scope] = ["write"]
    token = await a_token(grid, "pic", [MOJOROTO], "tanpa-kontak", scopes)
    async with Client(transport=service, base_url="http://titik.test", headers={"Authorization": f"Bearer {token}"}) as writer:
        own = await judged(writer, chairs(), category="rt")
        assert code_of(await writer.post(f"/imports/{own['id']}/commit", json={"contacts": TERMS})) == (403, "scope-missing")
    empty = await judged(pic, table(posyandu(0)))
    assert code_of(await pic.post(f"/imports/{empty['id']}/commit", json={"contacts": TERMS})) == (409, "import-without-contacts")


async def test_people_in_many_columns_find_their_numbers_and_what_is_wrong_is_said(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    header = (
        "Nama Posyandu",
        "Nama",
        "Jabatan",
        "HP Kader 1",
        "Nama Kader 1",
        "Kader 2",
        "No. Telp Ketua",
        "Ketua",
        "Kader aktif",
        "NIK",
        "Lintang",
        "Bujur",
    )
    rows = [
        (
            "Posyandu Melati",
            "Wati",
            "Bendahara",
            "0813 1111 2222",
            "Rini",
            "Tuti",
            "(0354) 771234",
            "Sri",
            "5",
            "3571014107800001",
            "-7.8091",
            "112.0012",
        ),
        ("Posyandu Mawar", "", "", "dua", "Rini", "", "0812 3333 4444", "", "4", "", "-7.8086", "112.0017"),
    ]
    one = await judged(pic, table(*rows, header=header))
    assert {note["code"]: note["headers"] for note in one["notes"]} == {
        "columns-contacts": ["Nama", "Jabatan", "HP Kader 1", "Nama Kader 1", "Kader 2", "No. Telp Ketua", "Ketua"], "columns-person": ["NIK"],
    }  # fmt: skip
    told = await report(pic, one)
    assert [codes(row) for row in told] == [[], ["contact-phone", "contact-nameless"]]
    assert [finding["header"] for finding in told[1]["findings"]] == ["HP Kader 1", "No. Telp Ketua"]
    await committed(pic, one, contacts=TERMS)
    assert await names(owner) == ["Posyandu Mawar", "Posyandu Melati"]
    kept = "SELECT jsonb_agg(jsonb_build_array(role, name, phone) ORDER BY name, phone NULLS LAST) FROM titik.contact"
    assert await value(owner, kept) == [
        ["kader", "Rini", "+6281311112222"], ["kader", "Rini", None], ["ketua", "Sri", "+62354771234"], ["kader", "Tuti", None], ["bendahara", "Wati", None],
    ]  # fmt: skip
    attributes = await value(owner, "SELECT string_agg(CAST(r AS text), ' ') FROM titik.revision r")
    assert not [secret for secret in ("Rini", "Tuti", "Sri", "Wati", "1111", "771234", "35710141") if secret in attributes]


async def test_names_that_a_sender_insists_on_are_asked_about(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    named = json.dumps({"Nama": "name", "No HP": None})
    one = await judged(pic, chairs(), category="rt", columns=named)
    assert [(row["level"], codes(row)) for row in await report(pic, one)] == [("question", ["name-not-made"])] * 2
    assert "notes" not in one
    assert (await committed(pic, one))["committed"]["stored"] == 0
    assert await names(owner) == []
    again = await judged(pic, chairs(), category="rt", columns=named)
    assert (await committed(pic, again, accept=["names"]))["committed"]["stored"] == 2
    assert await flags_of(walidata) == [["personal"]] * 2


async def test_the_sheet_of_titik_and_its_exports_come_back_without_a_word(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    made = table(("RT 71 RW 02", "71", "2", "-7.8039", "112.0021"), header=("Nama", "RT", "RW", "Lintang", "Bujur"))
    one = await judged(pic, made, category="rt")
    assert (one["counts"]["good"], "notes" in one, "people" in one) == (1, False, False)
    point = await published(pic, walidata, an_rt("72", name="RT 72 Candra", confirm_name=True), "rt")
    export = (await walidata.get(f"{RT}?f=csv")).content
    back = await judged(pic, export, category="rt")
    assert (back["counts"]["same"], back["counts"]["question"]) == (1, 0), point


async def test_a_list_from_the_command_line_keeps_to_it(
    as_role: AsRole, grid: Settings, tmp_path: Path, owner: WriteSession, capsys: Any
) -> None:
    await as_role("pic", MOJOROTO, name="pic-mojoroto")
    file = tmp_path / "rt.csv"
    file.write_bytes(chairs())
    terms = ContactTerms(legal_basis="SK", term_ends_on=date.fromisoformat(UNTIL))
    options: dict[str, Any] = {"sheet": None, "columns": {}}
    await _import(grid, "pic-mojoroto", "rt", file, options, Committing(contacts=terms))
    said = capsys.readouterr()
    assert "Nama, No HP" in said.out + said.err
    assert "2 baru" in said.out + said.err
    async with open_once(grid.owner_dsn) as session:
        assert await names(session) == ["RT 71 RW 02", "RT 72 RW 02"]
        assert await session.value(Statement("SELECT count(*) FROM titik.contact")) == 2
