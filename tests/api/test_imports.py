"""Files of points: handed in, judged, looked at, committed; in many formats, again, and with everything that people do to them."""

import asyncio
import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pyogrio.raw
import pytest
import xlsxwriter

from app import ROOT
from app.background.children import environment_of
from app.categories.queries import shipped
from app.connections import open_once
from app.db import WriteSession
from app.imports.limits import AT_ONCE, MOST_ROWS
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import a_feature, execute, published, submitted, value
from tests.imports.oracle import DATUMS, distance_m

OWN = "35.71.01.1011"
LAT, LON = -7.8091, 112.0012
HEADER = ("Nama", "Kelurahan", "Lintang", "Bujur", "Jenis", "Nomor registrasi", "Kader aktif")
pytestmark = pytest.mark.usefixtures("grid")


def table(*rows: Sequence[object], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def posyandu(n: int, **changed: object) -> list[object]:
    row = {"name": f"Posyandu Uji {n}", "kelurahan": "Mojoroto", "lat": f"{-7.8091 + n * 5e-4:.6f}", "lon": f"{112.0012 + n * 5e-4:.6f}",
           "jenis": "balita", "number": f"R-{n}", "kader": 5} | changed  # fmt: skip
    return list(row.values())


async def judged(client: Client, content: bytes, **asked: str) -> dict[str, Any]:
    answer = await client.post("/imports", params={"category": "posyandu", "name": "titik.csv"} | asked, content=content)
    assert answer.status_code == 202, answer.text
    return await finished(client, answer.json()["id"])


async def finished(client: Client, import_id: str) -> dict[str, Any]:
    for _ in range(300):
        found: dict[str, Any] = (await client.get(f"/imports/{import_id}")).json()
        if found["state"] in ("judged", "committed", "failed"):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def report(client: Client, one: dict[str, Any], **asked: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/imports/{one['id']}/report", params={"level": "all", "limit": "500"} | asked)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def committed(client: Client, one: dict[str, Any], **asked: object) -> dict[str, Any]:
    answer = await client.post(f"/imports/{one['id']}/commit", json=asked)
    assert answer.status_code == 202, answer.text
    return await finished(client, one["id"])


def codes(row: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in row["findings"]]


async def test_a_file_is_judged_looked_at_and_committed(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0), posyandu(1), ["", "", "", "", "", "", ""], posyandu(2, kader="lima")))
    assert one["counts"] | {"good": 2, "fault": 1, "create": 2} == one["counts"]
    assert (one["format"], one["rows"], one["blank"]) == ("csv", 3, 1)
    assert [column["field"] for column in one["columns"]] == ["name", "kelurahan", "lat", "lon", "jenis", "nomor_registrasi", "kader_aktif"]
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 0
    rows = await report(pic, one)
    assert [(row["row"], row["level"]) for row in rows] == [(2, "good"), (3, "good"), (5, "fault")]
    assert rows[2]["findings"] == [
        {"column": 7, "header": "Kader aktif", "code": "cell-not-a-whole-number", "detail": "Harus berupa bilangan bulat, misalnya 12."}
    ]
    done = await committed(pic, one)
    assert done["committed"] == {"stored": 2, "left_out": 0}
    work = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    assert {feature["properties"]["name"] for feature in work} == {"Posyandu Uji 0", "Posyandu Uji 1"}
    assert {feature["properties"]["method"] for feature in work} == {"import"}
    assert {feature["properties"]["placement"]["verdict"] for feature in work} == {"inside"}
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action = 'point.submit'") == 2


async def test_letters_and_numbers_that_cannot_be_stored_are_faults_of_their_row(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    odd: list[dict[str, Any]] = [{}, {"nama": "Posyandu \ud800"}, {"nama": "Pos\0yandu"}, {"kader_aktif": 10**30}]
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [112.0012 + n * 5e-4, -7.8091]},
         "properties": {"nama": "Posyandu Uji", "jenis": "balita", "nomor_registrasi": f"R-{n}", "Cat\ud800atan": None} | properties}
        for n, properties in enumerate(odd)
    ]  # fmt: skip
    one = await judged(pic, json.dumps({"type": "FeatureCollection", "features": features}).encode(), name="titik.geojson")
    assert [column["header"] for column in one["columns"]][3] == "Cat\ufffdatan"
    assert [codes(row) for row in await report(pic, one)] == [[], ["text-damaged"], ["nul-character"], ["cell-not-a-whole-number"]]
    assert (await pic.get(f"/imports/{one['id']}/report?f=xlsx")).status_code == 200


async def test_what_was_committed_is_reviewed_like_any_other(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    await committed(pic, await judged(pic, table(posyandu(0))))
    (waiting,) = (await walidata.get("/reviews")).json()["reviews"]
    answer = await walidata.post(f"/reviews/{waiting['revision']}/decision", json={"decision": "publish"})
    assert answer.status_code == 200, answer.text


async def test_a_new_row_at_the_very_place_of_another_point_is_asked_about(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, table(posyandu(0))))
    other = posyandu(0, name="Balai Kenanga", lat=f"{LAT + 0.000003:.6f}", number="R-9")
    one = await judged(pic, table(posyandu(0), other, posyandu(1)))
    assert [(row["level"], codes(row)) for row in await report(pic, one)] == [("good", []), ("question", ["row-place-taken"]), ("good", [])]
    assert (await committed(pic, one, accept=["near-duplicates"]))["committed"]["stored"] == 2


async def test_a_kml_that_went_through_gdal_knows_its_points(as_role: AsRole, tmp_path: Path) -> None:
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    known = [await published(pic, walidata, a_feature(LON + n * 5e-4, LAT, name=f"Posyandu Uji {n}", jenis="balita")) for n in range(2)]
    ours = tmp_path / "titik.kml"
    ours.write_bytes((await pic.get("/collections/posyandu/items?f=kml")).content)
    meta, _, geometry, fields = pyogrio.raw.read(ours)
    assert {"id", "id2"} <= set(meta["fields"])
    for driver, name in (("LIBKML", "gdal.kml"), ("GPKG", "gdal.gpkg"), ("GeoJSON", "gdal.geojson")):
        path = tmp_path / name
        pyogrio.raw.write(path, geometry, fields, meta["fields"], geometry_type="Point", crs="EPSG:4326", driver=driver)
        one = await judged(pic, path.read_bytes(), name=name)
        assert [(row["act"], row["id"], codes(row)) for row in await report(pic, one)] == [("same", at["id"], []) for at in known], name
    # A field `id` alone becomes the id of the placemark; what other programs write there is none.
    marks = "".join(
        f'<Placemark id="{mark}"><name>{at["properties"]["name"]}</name><ExtendedData><Data name="jenis"><value>balita</value></Data></ExtendedData>'
        f"<Point><coordinates>{at['geometry']['coordinates'][0] + 1e-4},{LAT},0</coordinates></Point></Placemark>"
        for mark, at in zip((known[0]["id"], "titik.2"), known, strict=True)
    )
    one = await judged(pic, f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'.encode(), name="titik.kml")
    assert [(row["act"], row["id"] == at["id"]) for row, at in zip(await report(pic, one), known, strict=True)] == [
        ("update", True),
        ("create", False),
    ]


async def test_the_same_file_twice_changes_nothing(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    # Also without a natural key: by name and place.
    content = table(*(posyandu(n) for n in range(5)), posyandu(7, number=""))
    await committed(pic, await judged(pic, content))
    again = await judged(pic, content)
    assert (again["counts"]["same"], again["counts"]["create"], again["counts"]["update"]) == (6, 0, 0)
    assert (await committed(pic, again))["committed"]["stored"] == 0
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 6


async def test_an_edited_row_updates_the_point_of_its_natural_key(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, table(posyandu(0), posyandu(1))))
    one = await judged(pic, table(posyandu(0, kader=9), posyandu(1)))
    assert [(row["act"], row["level"]) for row in await report(pic, one)] == [("update", "good"), ("same", "good")]
    await committed(pic, one)
    work = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    assert {feature["properties"]["name"]: feature["properties"]["version"] for feature in work} == {
        "Posyandu Uji 0": 2,
        "Posyandu Uji 1": 1,
    }
    assert next(one for one in work if one["properties"]["version"] == 2)["properties"]["kader_aktif"] == 9


async def test_chosen_rows_or_all_or_nothing(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0), posyandu(1), posyandu(2, kader="lima")))
    refused = await pic.post(f"/imports/{one['id']}/commit", json={"rows": "all"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:titik:problem:import-has-faults")
    refused = await pic.post(f"/imports/{one['id']}/commit", json={"rows": [2, 2**31]})
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/rows", "not-one-of"),
        ("/rows/1", "number-too-large"),
    ]
    refused = await pic.post(f"/imports/{one['id']}/commit", json={"rows": [2, 4]})
    assert (refused.status_code, refused.json()["rows"]) == (409, [4])
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 0
    assert (await committed(pic, one, rows=[3]))["committed"]["stored"] == 1
    # The same again is no second commit; another choice is refused.
    assert (await pic.post(f"/imports/{one['id']}/commit", json={"rows": [3]})).status_code == 202
    assert (await pic.post(f"/imports/{one['id']}/commit", json={"rows": [2]})).status_code == 409
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 1


async def test_repairs_are_shown_and_wait_for_an_answer(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0, lat="112.0012", lon="-7.80"), posyandu(1, lat="7.80860"), posyandu(2)))
    rows = await report(pic, one)
    assert [(row["level"], codes(row)) for row in rows] == [
        ("fault", ["coordinate-too-coarse"]),
        ("question", ["coordinate-repaired"]),
        ("good", []),
    ]
    assert rows[1]["findings"][0]["repair"] == {
        "lon": 112.0017,
        "lat": -7.8086,
        "repairs": ["minus"],
        "raw": {"lat": "7.80860", "lon": "112.001700"},
    }
    assert (await committed(pic, one))["committed"]["stored"] == 1
    two = await judged(pic, table(posyandu(1, lat="7.80860")))
    assert (await committed(pic, two, accept=["repairs"]))["committed"]["stored"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"Sistem koordinat: Batavia,,,,,,\n" + table(posyandu(0)),
        b"Data posyandu,,,,,,\nDatum,Batavia,,,,,\n" + table(posyandu(0)),
        b"Nama,Kelurahan,Koordinat Batavia,,Jenis,Nomor registrasi,Kader aktif\n"
        + table(posyandu(0), header=("", "", "Lintang", "Bujur", "", "", "")),
        table([*posyandu(0), "Batavia"], header=(*HEADER, "Datum Peta")),
        table([*posyandu(0), "Batavia"], header=(*HEADER, "Nama Datum")),
        table([*posyandu(0), "Batavia"], header=(*HEADER, "Koordinat Sistem")),
    ],
)
async def test_a_datum_counts_wherever_it_is_written(as_role: AsRole, content: bytes) -> None:
    """In a title, over several columns, in a column of nearly that name: moved, and asked about with the metres."""
    pic = await as_role("pic", OWN)
    one = await judged(pic, content)
    (row,) = await report(pic, one)
    assert codes(row) == ["coordinate-repaired"]
    assert "102 m" in row["findings"][0]["detail"], row


async def test_a_title_about_anything_else_changes_nothing(as_role: AsRole) -> None:
    content = b"DATA POSYANDU KELURAHAN MOJOROTO TAHUN 1999 (WGS 84),,,,,,\n" + table(posyandu(0))
    assert (await judged(await as_role("pic", OWN), content))["counts"]["good"] == 1


@pytest.mark.parametrize(
    ("lat", "lon", "expected"), [(LAT, LON, []), (LAT, LON + 0.0001, []), (LAT, LON + 0.003, ["coordinate-several-places"])]
)
async def test_two_coordinates_of_a_row_mean_one_place(as_role: AsRole, lat: float, lon: float, expected: list[str]) -> None:
    pic = await as_role("pic", OWN)
    for text in (f"{lat}, {lon}", f"https://maps.google.com/?q={lat},{lon}"):
        one = await judged(pic, table([*posyandu(0, lat=LAT, lon=LON), text], header=(*HEADER, "Koordinat"), delimiter=";"))
        assert [codes(row) for row in await report(pic, one)] == [expected], text


async def test_one_cell_leads_nowhere_that_it_does_not_name(as_role: AsRole) -> None:
    """A datum, two places and a route, as they stand in files of offices."""
    pic = await as_role("pic", OWN)
    route = "https://www.google.com/maps/dir/-7.8100,112.0100/Kantor/@-7.81,112.01,15z/data=!4m9!4m8!1m1!4e1"
    ends = "!1m5!1m1!1s0x2e785:0x1a2b!2m2!1d112.0021!2d-7.8089"
    cells = ["S 7.81048 E 112.00259 (TOKYO)", "6P4J52W2+CR / 6P4J52JJ+22", f"{route}!1m1!4e1", "-7.8085, 112.0015 (Batavia)", route + ends]
    rows = [[f"Posyandu {n}", "Mojoroto", cell, "balita", f"R-{n}"] for n, cell in enumerate(cells)]
    one = await judged(pic, table(*rows, header=("Nama", "Kelurahan", "Koordinat", "Jenis", "Nomor registrasi")))
    found = await report(pic, one)
    assert [codes(row) for row in found[:3]] == [["coordinate-datum-far"], ["coordinate-several-places"], ["coordinate-route"]]
    assert [row["level"] for row in found] == ["fault", "fault", "fault", "question", "good"]
    assert found[3]["findings"][0]["repair"]["repairs"] == ["datum-4211-102"]


async def test_what_was_repaired_stays_known(as_role: AsRole, owner: WriteSession) -> None:
    """To the reviewer and for good; the audit, which nobody can purge, names the repairs without the text."""
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    pair = table(posyandu(1, lat=" 7.80860"), posyandu(2))
    await committed(pic, await judged(pic, pair), accept=["repairs"])
    pasted = table(["Posyandu Teks", "7,808600 LS 112,003700 BT", "Mojoroto"], header=("Nama", "Koordinat", "Kelurahan"))
    await committed(pic, await judged(pic, pasted), accept=["repairs"])
    waiting = {one["name"]: one for one in (await walidata.get("/reviews")).json()["reviews"]}
    assert waiting["Posyandu Uji 1"]["repair"] == {"raw": {"lat": "7.80860", "lon": "112.001700"}, "repairs": ["minus"]}
    assert waiting["Posyandu Uji 2"]["repair"] is None
    text = waiting["Posyandu Teks"]["repair"]
    assert text["raw"] == {"coordinate": "7,808600 LS 112,003700 BT"}
    assert text["repairs"]
    (version,) = (await pic.get(f"/points/{waiting['Posyandu Uji 1']['point']}/revisions")).json()["revisions"]
    assert version["repair"]["repairs"] == ["minus"]
    assert await value(
        owner, "SELECT detail -> 'repairs' FROM titik.audit WHERE subject = :it", it=waiting["Posyandu Uji 1"]["revision"]
    ) == ["minus"]
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action = 'point.submit' AND detail ? 'repairs'") == 2


FAULTS = {
    "kelurahan-not-found": posyandu(0, kelurahan="Entahlah"),
    "kelurahan-not-your-own": posyandu(0, kelurahan="Bujel"),
    "coordinate-missing": posyandu(0, lat="", lon=""),
    "coordinate-date": posyandu(0, lat="7-Agu"),
    "coordinate-nothing-read": posyandu(0, lat="di sini", lon="di sana"),
    "row-elsewhere": posyandu(0, lon="112.0155"),
    "row-outside": posyandu(0, lat="-7.9000", lon="112.3001"),
    "attribute-enum": posyandu(0, jenis="bayi"),
    "attribute-minimum": posyandu(0, kader=-4),
    "row-field-missing": posyandu(0, name=""),
}


async def test_faults_name_their_column_and_say_what_to_do(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*FAULTS.values()))
    for code, row in zip(FAULTS, await report(pic, one), strict=True):
        assert (row["level"], codes(row)) == ("fault", [code])
        assert "column" in row["findings"][0]
        assert len(row["findings"][0]["detail"]) > 10
    english = await pic.get(f"/imports/{one['id']}/report", headers={"Accept-Language": "en"})
    assert "is not known" in english.json()["rows"][0]["findings"][0]["detail"]


async def test_abbreviated_headings_are_read_and_rows_of_totals_are_not(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    header = ("Nama", "Kel", "Lintang", "Bujur", "Jenis", "No registrasi", "Jml sasaran")
    total = ["Jumlah", "", "", "", "", "", 84]
    one = await judged(pic, table(posyandu(0), posyandu(1), total, header=header))
    assert [column.get("field") for column in one["columns"]] == ["name", "kelurahan", "lat", "lon", "jenis", "nomor_registrasi", "sasaran"]
    assert (one["rows"], one["counts"]["good"]) == (2, 2)
    assert [note["detail"] for note in one["notes"]] == ["Baris jumlah dilewati, karena bukan titik: 4."]


async def test_a_misspelled_kelurahan_is_guessed(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    rows = await report(pic, await judged(pic, table(posyandu(0, kelurahan="Mojorto"), posyandu(1, kelurahan="Entahlah"))))
    assert [codes(row) for row in rows] == [["kelurahan-not-found"]] * 2
    assert "Mungkin Mojoroto?" in rows[0]["findings"][0]["detail"]
    assert "Mungkin" not in rows[1]["findings"][0]["detail"]


async def test_rows_are_compared_with_each_other(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    office = {"lat": "-7.8050001", "lon": "112.0050001"}
    one = await judged(
        pic,
        table(
            posyandu(0), posyandu(0), posyandu(1, name="Posyandu Uji 0", number="R-9", lat="-7.809110", lon="112.001210"),
            *(posyandu(n, name=f"{name} {n}", **office) for n, name in ((11, "Mawar"), (12, "Kenanga"), (13, "Dahlia"), (14, "Flamboyan"))),
        ),
    )  # fmt: skip
    found = [(row["level"], codes(row)) for row in await report(pic, one)]
    assert found == [
        ("good", []), ("fault", ["row-twice"]), ("question", ["rows-alike"]),
        ("warned", ["place-shared-first"]), ("warned", ["place-shared-first"]), ("warned", ["place-shared"]), ("warned", ["place-shared"]),
    ]  # fmt: skip
    assert (one["counts"]["good"], one["counts"]["warned"]) == (1, 4)


async def test_a_point_that_is_there_already_is_asked_about(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, table(posyandu(0))))
    one = await judged(pic, table(posyandu(0, number="R-99", lat="-7.809150")))
    (row,) = await report(pic, one)
    assert (row["level"], codes(row)) == ("question", ["row-near-duplicate"])
    assert "Posyandu Uji 0" in row["findings"][0]["detail"]
    assert (await committed(pic, one, accept=["near-duplicates"]))["committed"]["stored"] == 1


async def test_a_number_that_a_foreign_point_has_is_a_fault(as_role: AsRole) -> None:
    walidata, pic = await as_role("walidata"), await as_role("pic", OWN)
    await committed(walidata, await judged(walidata, table(posyandu(0, kelurahan="Bujel", lon="112.0155"))))
    one = await judged(pic, table(posyandu(0)))
    assert [codes(row) for row in await report(pic, one)] == [["row-key-taken"]]


async def test_a_number_that_is_taken_meanwhile_leaves_its_row_out(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0), posyandu(1)))
    await committed(pic, await judged(pic, table(posyandu(3, number="R-0"))))
    assert (await committed(pic, one))["committed"] == {"stored": 1, "left_out": 1}
    assert [codes(row) for row in await report(pic, one, level="fault")] == [["row-key-taken"]]


async def test_only_what_was_asked_for_can_be_left_out(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0), posyandu(1), posyandu(2)))
    await committed(pic, await judged(pic, table(posyandu(3, number="R-0"))))
    assert (await committed(pic, one, rows=[3]))["committed"] == {"stored": 1, "left_out": 0}


async def test_what_was_said_of_the_old_place_does_not_hold_of_the_new_one(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    header = ("id", "Nama", "Lintang", "Bujur", "Status titik", "Ketelitian (m)", "Waktu pendataan", "Alasan letak")
    row = ["", "Posyandu A", "-7.8050123", "112.0041234", "inactive", "3", "01/08/2026 09:00", ""]
    await committed(pic, await judged(pic, table(row, header=header)))
    (feature,) = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    moved = table([feature["id"], "Posyandu A", "-7.8051123", "112.0041234", ""], header=header[:5])
    await committed(pic, await judged(pic, moved))
    (feature,) = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    assert feature["properties"]["status"] == "inactive"
    assert feature["properties"]["accuracy_m"] is feature["properties"]["captured_at"] is None


async def test_what_was_explained_once_stays_explained(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    header = ("id", *HEADER)
    explained = table(["", *posyandu(0, lon="112.0155"), "Kantor sementara"], header=(*header, "Alasan letak"))
    await committed(pic, await judged(pic, explained))
    (feature,) = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    one = await judged(pic, table([feature["id"], *posyandu(0, lon="112.0155", kader=9)], header=header))
    assert [(row.get("act"), codes(row)) for row in await report(pic, one)] == [("update", ["place-explained"])]


async def test_the_first_day_of_the_calendar_is_no_date(as_role: AsRole) -> None:
    one = await judged(await as_role("pic", OWN), table([*posyandu(0), "01/01/0001"], header=(*HEADER, "Tanggal")))
    assert one["counts"]["fault"] == 1


async def test_several_rows_about_one_point(as_role: AsRole) -> None:
    """The first is the one that counts, also of ids that the file has made itself."""
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, table(posyandu(0))))
    one = await judged(pic, table(posyandu(0, kader=8), posyandu(0, kader=9)))
    assert [(row.get("act"), codes(row)) for row in await report(pic, one)] == [
        ("update", []),
        (None, ["row-point-twice"]),
    ]
    assert (await committed(pic, one))["committed"] == {"stored": 1, "left_out": 0}
    new = str(uuid7())
    header = ("id", *HEADER)
    two = await judged(pic, table([new, *posyandu(1)], [new, *posyandu(2)], [str(uuid4()), *posyandu(3)], header=header))
    assert [codes(row) for row in await report(pic, two)] == [[], ["row-point-twice"], ["row-id-unknown"]]
    assert (await committed(pic, two))["committed"]["stored"] == 1


async def test_a_foreign_point_is_not_taken_over_by_its_id(as_role: AsRole) -> None:
    walidata, reviewer, pic = await as_role("walidata"), await as_role("walidata"), await as_role("pic", OWN)
    await committed(walidata, await judged(walidata, table(posyandu(0, kelurahan="Bujel", lon="112.0155"))))
    (waiting,) = (await reviewer.get("/reviews")).json()["reviews"]
    assert (await reviewer.post(f"/reviews/{waiting['revision']}/decision", json={"decision": "publish"})).status_code == 200
    one = await judged(pic, table([waiting["point"], *posyandu(1, number="")], header=("id", *HEADER)))
    assert [codes(row) for row in await report(pic, one)] == [["row-id-unknown"]]


async def test_ids_of_points_out_of_sight_are_faults_of_their_rows(as_role: AsRole) -> None:
    """Of an own point that was withdrawn, and of a foreign one that nobody has published."""
    walidata, pic = await as_role("walidata"), await as_role("pic", OWN)
    withdrawn = await submitted(pic, a_feature(112.0071, -7.8021, name="Posyandu Lama"))
    answer = await pic.post(f"/points/{withdrawn['id']}/revisions", json={"move": "withdraw"})
    assert answer.status_code == 200, answer.text
    await committed(walidata, await judged(walidata, table(posyandu(0, kelurahan="Bujel", lon="112.0155"))))
    (foreign,) = (await walidata.get("/reviews")).json()["reviews"]
    rows = [[id_, *posyandu(n + 1)] for n, id_ in enumerate((withdrawn["id"], foreign["point"], str(uuid7())))]
    one = await judged(pic, table(*rows, header=("id", *HEADER)))
    assert [codes(row) for row in await report(pic, one)] == [["row-id-unknown"], ["row-id-unknown"], []]
    assert (await committed(pic, one))["committed"] == {"stored": 1, "left_out": 0}


async def test_an_id_that_a_phone_takes_meanwhile_leaves_its_row_out(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    id_ = str(uuid7())
    one = await judged(pic, table([id_, *posyandu(1)], ["", *posyandu(2)], header=("id", *HEADER)))
    await submitted(pic, a_feature(112.0071, -7.8021, id=id_, name="Posyandu Telepon"))
    assert (await committed(pic, one))["committed"] == {"stored": 1, "left_out": 1}
    assert [codes(row) for row in await report(pic, one, level="fault")] == [["row-id-taken"]]


async def test_a_file_of_several_batches_is_one_file(as_role: AsRole, owner: WriteSession) -> None:
    """Judged by several processes: of like rows the first is the good one, wherever the batches end."""
    walidata = await as_role("walidata")
    count = 2 * AT_ONCE + 7
    rows = [
        posyandu(
            0,
            name=f"Posyandu {n}",
            lat=f"{-7.8091 + n // 60 * 2e-4:.6f}",
            lon=f"{112.0011 + n % 60 * 1.4e-4:.6f}",
            number=f"R-{n % AT_ONCE}",
        )
        for n in range(count)
    ]
    one = await judged(walidata, table(*rows))
    found = await value(
        owner,
        "SELECT jsonb_agg(findings -> 0 -> 'facts' -> 'row' ORDER BY number) FROM titik.import_row WHERE findings -> 0 ->> 'code' = 'row-twice'",
    )
    assert found == [n % AT_ONCE + 2 for n in range(AT_ONCE, count)]
    assert (one["counts"]["fault"], one["progress"]) == (len(found), {"done": count, "total": count})


async def test_a_file_of_somebody_who_has_left_is_not_worked_on(as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0)))
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.import SET state = 'committing'")
        await execute(session, "UPDATE titik.account SET active = false WHERE role = 'pic'")
    command = (sys.executable, "-m", "app.imports.working", one["id"])
    process = await asyncio.create_subprocess_exec(*command, env=environment_of(database), stdin=subprocess.PIPE, cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert await value(owner, "SELECT problem ->> 'code' FROM titik.import") == "importer-gone"
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 0


async def test_an_export_comes_back_as_it_went(as_role: AsRole) -> None:
    """Exported, edited in one cell, imported: that cell is what changes. Every format; with a token exact, without as the public sees it."""
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    await committed(pic, await judged(pic, table(*(posyandu(n) for n in range(3)))))
    waiting = (await walidata.get("/reviews")).json()["reviews"]
    await walidata.post("/reviews/decisions", json={"decision": "publish", "revisions": [one["revision"] for one in waiting]})
    for form in ("csv", "xlsx", "geojson", "geojsonseq", "gpkg", "fgb", "kml"):
        exported = (await pic.get(f"/collections/posyandu/items?f={form}")).content
        one = await judged(pic, exported, name=f"posyandu.{form}")
        assert one["state"] == "judged", one
        rows = await report(pic, one)
        assert [(row["act"], codes(row)) for row in rows] == [("same", [])] * 3, (form, rows)
    exported = (await pic.get("/collections/posyandu/items?f=xlsx")).content
    book = openpyxl.load_workbook(io.BytesIO(exported))
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "kader_aktif")
    sheet.cell(3, column).value = 17
    edited = io.BytesIO()
    book.save(edited)
    one = await judged(pic, edited.getvalue(), name="posyandu.xlsx")
    assert sorted(row["act"] for row in await report(pic, one)) == ["same", "same", "update"]
    await committed(pic, one)
    (changed,) = (await walidata.get("/reviews")).json()["reviews"]
    history = (await pic.get(f"/points/{changed['point']}/revisions")).json()["revisions"][0]["changes"]
    assert history == [{"property": "kader_aktif", "before": 5, "after": 17}]


async def test_a_rounded_export_moves_nothing(as_role: AsRole, client: Client) -> None:
    """What the public sees of an RT is rounded, and has no address: neither is an edit."""
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    rows = table(
        ["RT 001 RW 002", "Mojoroto", "1", "2", "-7.8051234", "112.0034567", "Jalan Rahasia 1"],
        header=("Nama", "Kelurahan", "RT", "RW", "Lintang", "Bujur", "Alamat"),
    )
    await committed(pic, await judged(pic, rows, category="rt"))
    (waiting,) = (await walidata.get("/reviews")).json()["reviews"]
    await walidata.post(f"/reviews/{waiting['revision']}/decision", json={"decision": "publish"})
    public = (await client.get("/collections/rt/items?f=csv")).content
    assert b"Rahasia" not in public
    one = await judged(pic, public, category="rt")
    assert [(row["act"], codes(row)) for row in await report(pic, one)] == [("same", [])]


async def test_the_annotated_workbook_can_be_corrected_and_sent_again(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0), posyandu(1, jenis="bayi"), posyandu(2, lat="7.80810")), name="daftar desa.csv")
    answer = await pic.get(f"/imports/{one['id']}/report?f=xlsx")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''daftar%20desa-laporan.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    assert {"titik_status", "titik_catatan", *HEADER} <= set(headers)
    status, note = headers.index("titik_status"), headers.index("titik_catatan")
    assert [row[status].value for row in sheet.iter_rows(min_row=2)] == [None, "salah", "perlu dijawab"]
    assert "balita" in str(sheet.cell(3, note + 1).value)
    sheet.cell(3, headers.index("Jenis") + 1).value = "lansia"
    sheet.cell(4, headers.index("Lintang") + 1).value = "-7.80810"
    corrected = io.BytesIO()
    book.save(corrected)
    again = await judged(pic, corrected.getvalue(), name="daftar.xlsx")
    assert (again["counts"]["good"], again["counts"]["fault"]) == (3, 0), await report(pic, again)


async def test_the_template_is_recognised_again(as_role: AsRole, client: Client) -> None:
    answer = await client.get("/categories/posyandu/template.xlsx")
    assert (answer.status_code, answer.headers["content-disposition"]) == (200, 'attachment; filename="posyandu.xlsx"')
    assert (await client.get("/categories/posyandu/template.xlsx", headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["Data"]
    headers = [cell.value for cell in sheet[1]]
    for name, cell in {
        "Nama": "Posyandu Baru",
        "Kelurahan": "Mojoroto",
        "Lintang": -7.8050123,
        "Bujur": 112.0041234,
        "Jenis": "balita",
    }.items():
        sheet.cell(2, headers.index(name) + 1).value = cell
    filled = io.BytesIO()
    book.save(filled)
    one = await judged(await as_role("pic", OWN), filled.getvalue(), name="posyandu.xlsx")
    assert [column["header"] for column in one["columns"] if "field" not in column] == []
    assert (one["counts"]["good"], one["counts"]["fault"]) == (1, 0)


@pytest.mark.parametrize("category", ["posyandu", "rt", "pos_kamling", "kantor_kelurahan"])
async def test_the_template_has_the_order_of_the_definition_and_examples_that_are_taken(as_role: AsRole, category: str) -> None:
    """Its own examples, copied to the sheet of data, are three rows in three kelurahan that can be committed."""
    book = openpyxl.load_workbook(io.BytesIO((await (await as_role("pembina")).get(f"/categories/{category}/template.xlsx")).content))
    definition = next(one for one in shipped() if one["id"] == category)["attribute_schema"]["properties"]
    headers = [str(cell.value) for cell in book["Data"][1]]
    assert headers[-len(definition) :] == [schema["title"] for schema in definition.values()]
    shown = [[str(cell.value or "") for cell in row] for row in book["Contoh"].iter_rows(min_row=2)]
    assert len({row[headers.index("Kelurahan")] for row in shown}) == len(shown) == 3
    for number, row in enumerate(shown, 2):
        for column, cell in enumerate(row, 1):
            book["Data"].cell(number, column).value = cell or None
    filled = io.BytesIO()
    book.save(filled)
    one = await judged(await as_role("walidata"), filled.getvalue(), name="contoh.xlsx", category=category)
    assert (one["rows"], one["counts"]["fault"], one["counts"]["question"]) == (3, 0, 0), one


async def test_headings_can_be_explained(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    rows = table(["Posyandu A", "-7.8050123, 112.0041234", "Mojoroto"], header=("Sebutan", "Titik lokasi GMaps", "Wilayah"))
    one = await judged(pic, rows, columns='{"Sebutan": "name", "Titik lokasi GMaps": "coordinate", "Wilayah": "kelurahan"}')
    assert one["counts"]["good"] == 1
    answer = await pic.post("/imports", params={"category": "posyandu", "columns": '{"Sebutan": "nama"}'}, content=rows)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "field-unknown")
    for wrong in ("[1]", '{"Sebutan\\u0000": "name"}'):
        answer = await pic.post("/imports", params={"category": "posyandu", "columns": wrong}, content=rows)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "columns-invalid")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>hello</body></html>", None),
        (b"PK\x03\x04 not a workbook", None),
        (b"a,b\n1,2\n", "columns-unknown"),
        (b"\x89PNG\r\n\x1a\n", None),
    ],
)
async def test_what_is_no_table_is_told(as_role: AsRole, content: bytes, code: str | None) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, content, name="berkas")
    assert one["state"] == "failed"
    assert code in (None, one["problem"]["code"])
    assert len(one["problem"]["detail"]) > 20
    assert len(one["problem"]["hint"]) > 20


async def test_an_import_is_its_owners_alone(as_role: AsRole, client: Client) -> None:
    pic, other, opd = await as_role("pic", OWN), await as_role("pic", OWN), await as_role("opd")
    one = await judged(pic, table(posyandu(0)))
    for path in ("", "/report"):
        assert (await other.get(f"/imports/{one['id']}{path}")).status_code == 404
    assert (await other.post(f"/imports/{one['id']}/commit", json={})).status_code == 404
    assert (await other.delete(f"/imports/{one['id']}")).status_code == 404
    assert (await opd.get("/imports")).status_code == 403
    assert (await client.get("/imports")).status_code == 401
    assert [each["id"] for each in (await pic.get("/imports")).json()["imports"]] == [one["id"]]
    assert (await pic.delete(f"/imports/{one['id']}")).status_code == 204
    assert (await pic.get(f"/imports/{one['id']}")).status_code == 404


async def test_a_file_may_be_larger_than_a_point_but_not_any_size(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", OWN)
    answer = await pic.post("/imports?category=posyandu", content=b"x" * (database.max_import_bytes + 1))
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:titik:problem:body-too-large")
    assert (await pic.post("/imports?category=posyandu", content=b"")).status_code == 422
    one = await judged(pic, table(posyandu(0)))
    answer = await pic.post(f"/imports/{one['id']}/commit", json={"rows": list(range(1, MOST_ROWS + 1))})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:titik:problem:import-rows-unfit"), (
        "every row of the largest file can be named"
    )
    assert (await pic.post("/imports?category=nothing", content=b"x")).status_code == 400


async def test_rules_that_change_meanwhile_are_looked_at_again(as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(posyandu(0)))
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.category SET version = version + 1 WHERE id = 'posyandu'")
    answer = await pic.post(f"/imports/{one['id']}/commit", json={})
    assert answer.status_code == 202
    again = await finished(pic, one["id"])
    for _ in range(100):
        if again["state"] == "judged":
            break
        await asyncio.sleep(0.1)
        again = await finished(pic, one["id"])
    assert (again["state"], again["problem"]["code"]) == ("judged", "import-outdated")
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 0
    done = await committed(pic, again)
    assert done["committed"]["stored"] == 1
    assert "problem" not in done


async def test_points_that_others_have_changed_are_left_out(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, table(posyandu(0), posyandu(1))))
    one = await judged(pic, table(posyandu(0, kader=8), posyandu(1, kader=8)))
    work = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    changed = next(feature for feature in work if feature["properties"]["name"] == "Posyandu Uji 0")
    answer = await pic.patch(
        f"/collections/posyandu/items/{changed['id']}", json={"properties": {"kader_aktif": 1}},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    done = await committed(pic, one)
    assert done["committed"] == {"stored": 1, "left_out": 1}
    assert [codes(row) for row in await report(pic, one, level="fault")] == [["row-overtaken"]]


def workbook(path: Path) -> bytes:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Daftar posyandu"])
    sheet.write_row(2, 0, ["Nama Posyandu", "Desa/Kelurahan", "Koordinat", "RT/RW", "Tanggal pendataan"])
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(3, 0, ["Posyandu A", "Kel. Mojoroto", "-7.8050123, 112.0041234", "003/001"])
    sheet.write_number(3, 4, 46350, date)
    book.close()
    return path.read_bytes()


async def test_a_sheet_as_offices_write_it(as_role: AsRole, tmp_path: Path) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, workbook(tmp_path / "a.xlsx"), name="daftar.xlsx")
    assert [(row["row"], row["level"]) for row in await report(pic, one)] == [(4, "good")], await report(pic, one)
    await committed(pic, one)
    (feature,) = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    properties = feature["properties"]
    assert (properties["rt"], properties["rw"], properties["kelurahan"], properties["captured_at"]) == (
        "03",
        "01",
        OWN,
        "2026-11-23T17:00:00Z",
    )


async def test_reports_have_pages(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*(posyandu(n % 20, kader="x", number=f"R{n}") for n in range(120))))
    first: httpx.Response = await pic.get(f"/imports/{one['id']}/report?limit=50")
    following = next(link["href"] for link in first.json()["links"] if link["rel"] == "next")
    second = (await pic.get(following)).json()
    assert (first.json()["numberReturned"], second["rows"][0]["row"]) == (50, 52)
    assert (await pic.get(f"/imports/{one['id']}/report?level=bad")).status_code == 400


# -- datums


BATAVIA = ("-7.8094400", "112.0003438")
"""Where (112.0012, -7.8091) is in numbers of Batavia: taken as WGS 84 they would lie 102 m beside it."""
SRGI = ("-7.8090999", "112.0012021")


def coordinates(header: Sequence[str], *cells: object) -> bytes:
    return table(["Posyandu Uji", "Mojoroto", "balita", "R-1", *cells], header=("Nama", "Kelurahan", "Jenis", "Nomor registrasi", *header))


@pytest.mark.parametrize(
    ("header", "cells"),
    [(("Lintang (Batavia)", "Bujur (Batavia)"), BATAVIA), (("Lintang Batavia", "Bujur Batavia"), BATAVIA), (("Lintang", "Bujur", "Datum"), (*BATAVIA, "Batavia")),
     (("Lintang", "Bujur", "srid"), (*BATAVIA, 4211)), (("Koordinat (Genuk)",), (", ".join(BATAVIA),)), (("Koordinat", "Sistem koordinat"), (", ".join(BATAVIA), "Batavia (Genuk)")),
     (("lat", "lon", "geodeticDatum"), (*BATAVIA, "EPSG:4211"))],
)  # fmt: skip
async def test_a_datum_beside_a_coordinate_is_asked_about_with_its_metres(
    as_role: AsRole, header: Sequence[str], cells: Sequence[object]
) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, coordinates(header, *cells))
    (row,) = await report(pic, one)
    (finding,) = row["findings"]
    assert (row["level"], finding["code"]) == ("question", "coordinate-repaired")
    assert "Batavia" in finding["detail"]
    assert "bergeser 10" in finding["detail"]
    done = await committed(pic, one, rows="good", accept=["repairs"])
    assert done["committed"]["stored"] == 1
    (feature,) = (await pic.get("/collections/posyandu/items?view=work")).json()["features"]
    wgs84 = next(datum for datum in DATUMS if datum.code == 4211).to_wgs84(float(BATAVIA[1]), float(BATAVIA[0]))
    assert distance_m(tuple(feature["geometry"]["coordinates"]), wgs84) < 0.5


@pytest.mark.parametrize(
    ("header", "cells"),
    [(("Lintang (SRGI2013)", "Bujur (SRGI2013)"), SRGI), (("Lintang", "Bujur", "Datum"), (*SRGI, "DGN95")), (("Lintang", "Bujur", "CRS"), (*SRGI, "WGS 84")),
     (("Lintang", "Bujur", "srid"), (*SRGI, 4326)), (("Lintang", "Bujur", "Zona"), (*SRGI, "Zona A")), (("Lintang", "Bujur", "Datum"), (*SRGI, "-")),
     (("X", "Y", "Zona"), (610_393.32, 9_136_675.3, "49S")), (("X", "Y", "srid"), (610_393.32, 9_136_675.3, 32749)),
     (("X (UTM 49S)", "Y (UTM 49S)"), (610_393.32, 9_136_675.3)), (("Easting", "Northing", "x", "y", "Zona UTM"), (1, 2, 610_393.32, 9_136_675.3, 49))],
)  # fmt: skip
async def test_what_is_wgs84_or_says_its_grid_is_good(as_role: AsRole, header: Sequence[str], cells: Sequence[object]) -> None:
    pic = await as_role("pic", OWN)
    (row,) = await report(pic, await judged(pic, coordinates(header, *cells)))
    assert (row["level"], codes(row)) == ("good", [])


@pytest.mark.parametrize(
    ("header", "cells"),
    [(("Lintang", "Bujur", "Datum"), (*BATAVIA, "Bessel")), (("Lintang", "Bujur", "Datum"), (*BATAVIA, "Lokal")), (("Lintang", "Bujur", "srid"), (*BATAVIA, 99999)),
     (("Lintang", "Bujur", "Datum"), (*BATAVIA, "Tokyo")), (("Lintang (Tokyo)", "Bujur (Tokyo)"), BATAVIA), (("Lintang (Batavia)", "Bujur (ID74)"), BATAVIA),
     (("Lintang (Batavia)", "Bujur", "Datum"), (*BATAVIA, "WGS 84")), (("X", "Y", "Zona"), (610_393.32, 9_136_675.3, "50S"))],
)  # fmt: skip
async def test_a_datum_that_is_not_known_or_leads_nowhere_is_none(as_role: AsRole, header: Sequence[str], cells: Sequence[object]) -> None:
    pic = await as_role("pic", OWN)
    (row,) = await report(pic, await judged(pic, coordinates(header, *cells)))
    assert row["level"] == "fault"
    assert {"coordinate-datum-unknown", "coordinate-datum-far", "coordinate-nothing-lands"} & set(codes(row))


async def test_metres_in_order_are_not_called_swapped(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    (row,) = await report(pic, await judged(pic, coordinates(("X", "Y"), 610_393.32, 9_136_675.3)))
    assert [one["repair"]["repairs"] for one in row["findings"]] == [["utm-49s"]]
    (row,) = await report(pic, await judged(pic, coordinates(("X", "Y"), 9_136_675.3, 610_393.32)))
    assert [one["repair"]["repairs"] for one in row["findings"]] == [["swap", "utm-49s"]]


async def test_a_geometry_of_another_datum_is_good_asked_about_or_none(as_role: AsRole, database: Settings) -> None:
    """By how exact the way is, held against the edition; and by what a column says."""
    pic = await as_role("pic", OWN)
    place = {"type": "Point", "coordinates": [float(BATAVIA[1]), float(BATAVIA[0])]}
    crs = {"type": "name", "properties": {"name": "EPSG:4211"}}

    async def level(datum: str | None = None, *, in_batavia: bool = True) -> tuple[str, list[str]]:
        properties = {"nama": "Posyandu Uji", "kelurahan": "Mojoroto", "jenis": "balita", "nomor_registrasi": "R-1", "Datum": datum}
        feature = {"type": "Feature", "geometry": place | ({"crs": crs} if in_batavia else {}), "properties": properties}
        content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
        (row,) = await report(pic, await judged(pic, content, name="titik.geojson"))
        return row["level"], codes(row)

    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.boundary_edition SET accuracy_m = 15 WHERE active")
    assert await level() == ("good", [])
    assert await level("Batavia") == ("good", [])
    assert await level("WGS 84") == ("fault", ["coordinate-datum-differs"])
    assert await level("WGS 84", in_batavia=False) == ("good", [])
    assert await level("Batavia", in_batavia=False) == ("fault", ["coordinate-datum-differs"])
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.boundary_edition SET accuracy_m = 5 WHERE active")
    assert await level() == ("question", ["coordinate-repaired"])


@pytest.mark.parametrize("form", ["gpkg", "fgb", "geojson", "csv", "xlsx"])
@pytest.mark.parametrize("code", [4326, 23836, 32749])
async def test_an_export_in_another_crs_comes_back(as_role: AsRole, client: Client, form: str, code: int) -> None:
    """Where it was; what says `x`, `y` says of which CRS they are."""
    pic = await as_role("pic", OWN)
    await published(pic, await as_role("walidata"), a_feature())
    answer = await client.get(f"/collections/posyandu/items?f={form}&crs=http://www.opengis.net/def/crs/EPSG/0/{code}&limit=10")
    assert answer.status_code == 200
    one = await judged(pic, answer.content, name=f"titik.{form}")
    for row in await report(pic, one):
        assert row["level"] in ("good", "question"), row
        assert row["act"] in ("same", "update")
