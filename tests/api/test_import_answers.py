"""What the owner of an import says before it is committed: what its columns are, which questions are answered how; and what the report tells for it."""

import json
from typing import Any

import pytest

from app.db import WriteSession
from app.imports import service
from tests.api.test_imports import OWN, codes, committed, finished, judged, posyandu, report, table
from tests.conftest import AsRole, Client
from tests.factories import value

pytestmark = pytest.mark.usefixtures("grid")
SWAPPED = [posyandu(n, lat=f"{112.0012 + n * 5e-4:.6f}", lon=f"{-7.8091 + n * 5e-4:.6f}") for n in range(3)]


async def answered(client: Client, one: dict[str, Any], status: int = 200, **said: object) -> dict[str, Any]:
    answer = await client.post(f"/imports/{one['id']}/answers", json=said)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_columns_show_samples_and_are_said_anew(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    content = "Sebutan;Ketua;Lintang;Bujur;Jenis\n" + "".join(
        f"Posyandu {name};Bu Sri {name};-7.80{n}41;112.00{n}21;balita\n" for n, name in enumerate(("Anggrek", "Dahlia", "Melati", "Mawar"))
    )
    one = await judged(pic, content.encode())
    by_header = {column["header"]: column for column in one["columns"]}
    assert by_header["Sebutan"]["samples"] == ["Posyandu Anggrek", "Posyandu Dahlia", "Posyandu Melati"]
    assert "samples" not in by_header["Ketua"]
    assert "Sri" not in json.dumps(one)
    assert (one["counts"]["fault"], one["findings"]["row-field-unread"]) == (4, 4)
    assert (await pic.post(f"/imports/{one['id']}/judge", json={"columns": {"Sebutan": "judul"}})).status_code == 422
    answer = await pic.post(f"/imports/{one['id']}/judge", json={"columns": {"Sebutan": "name", "Jenis": None}})
    assert answer.status_code == 202
    again = await finished(pic, one["id"])
    assert [column.get("field") for column in again["columns"]] == ["name", "contact_name", "lat", "lon", None]
    assert (again["counts"]["good"], "row-field-unread" in again["findings"]) == (4, False)
    # What was said before holds as long as nothing else is said of the same heading.
    assert (await pic.post(f"/imports/{one['id']}/judge", json={"columns": {"Jenis": "jenis"}})).status_code == 202
    third = await finished(pic, one["id"])
    assert [column.get("field") for column in third["columns"]][::4] == ["name", "jenis"]
    assert (await committed(pic, third))["committed"]["stored"] == 4
    assert (await pic.post(f"/imports/{one['id']}/judge", json={})).status_code == 409


async def test_a_file_of_which_no_column_is_known_is_judged_with_what_is_said(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, b"a,b,c\nPosyandu Anggrek,-7.8041,112.0016\nPosyandu Dahlia,-7.8051,112.0026\n")
    assert (one["state"], one["problem"]["code"]) == ("failed", "columns-unknown")
    assert [column["samples"][0] for column in one["columns"]] == ["Posyandu Anggrek", "-7.8041", "112.0016"]
    assert (await pic.get(f"/imports/{one['id']}/report")).status_code == 409
    assert (await pic.post(f"/imports/{one['id']}/judge", json={"columns": {"a": "name", "b": "lat", "c": "lon"}})).status_code == 202
    again = await finished(pic, one["id"])
    assert (again["state"], again["counts"]["good"]) == ("judged", 2)


async def test_questions_are_answered_one_by_one_or_all_of_a_kind(as_role: AsRole, owner: WriteSession) -> None:
    pic, other = await as_role("pic", OWN), await as_role("pic", OWN)
    one = await judged(pic, table(*SWAPPED, posyandu(4), posyandu(5, kader="lima")))
    rows = await report(pic, one)
    assert [(row["asks"], row.get("is_accepted")) for row in rows[:4]] == [(["repairs"], False)] * 3 + [([], None)]
    assert rows[0]["findings"][0]["repair"]["raw"] == {"lat": "112.001200", "lon": "-7.809100"}
    assert (rows[4]["name"], round(rows[4]["lon"], 6)) == ("Posyandu Uji 5", 112.0037)
    await answered(other, one, 404, answer="yes", rows=[2])
    assert (await answered(pic, one, 409, answer="yes", rows=[5]))["rows"] == [5]
    await answered(pic, one, answer="yes", rows=[3])
    found = await answered(pic, one, answer="yes", kinds=["repairs"])
    found = await answered(pic, one, answer="no", rows=[4])
    assert found["answers"] == {"accept": ["repairs"], "rows": [3], "refused": [4]}
    assert [row.get("is_accepted") for row in (await report(pic, one))[:3]] == [True, True, False]
    found = await answered(pic, one, answer="no", kinds=["repairs"])
    assert [row.get("is_accepted") for row in (await report(pic, one))[:3]] == [False, True, False]
    done = await committed(pic, one)
    assert done["committed"]["stored"] == 2
    assert await value(owner, "SELECT array_agg(name ORDER BY name) FROM titik.revision") == ["Posyandu Uji 1", "Posyandu Uji 4"]
    assert (await answered(pic, one, 409, answer="yes", rows=[2]))["type"].endswith(":import-committed")


async def test_a_comma_is_accepted_without_what_changes_a_place(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    comma, swapped, unsigned = ("-7,8091", "112,0012"), ("112,0017", "-7,8091"), ("7.809100", "112.002200")
    rows = [posyandu(n, lat=lat, lon=lon) for n, (lat, lon) in enumerate((comma, swapped, unsigned))]
    one = await judged(pic, table(*rows, delimiter=";"))
    assert [row["asks"] for row in await report(pic, one)] == [["repairs"]] * 3

    async def accepted(answer: str, *kinds: str) -> list[bool]:
        await answered(pic, one, answer=answer, kinds=list(kinds))
        return [row["is_accepted"] for row in await report(pic, one)]

    assert await accepted("yes", "commas") == [True, False, False]
    assert await accepted("yes", "signs") == [True, False, True]
    assert await accepted("yes", "repairs") == [True, True, True]
    assert await accepted("no", "swaps") == [True, False, True]
    assert (await committed(pic, one))["committed"]["stored"] == 2


async def test_the_whole_file_is_committed_once_its_questions_are_answered(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*SWAPPED, posyandu(4)))
    refused = await pic.post(f"/imports/{one['id']}/commit", json={"rows": "all"})
    assert (refused.status_code, refused.json()["detail"][:2]) == (409, "3 ")
    await answered(pic, one, answer="yes", rows=[2, 3, 4])
    assert (await committed(pic, one, rows="all"))["committed"]["stored"] == 4


async def test_answers_are_forgotten_when_the_file_is_judged_again(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*SWAPPED))
    await answered(pic, one, answer="yes", kinds=["repairs"])
    assert (await pic.post(f"/imports/{one['id']}/judge", json={})).status_code == 202
    again = await finished(pic, one["id"])
    assert "answers" not in again
    assert (await committed(pic, again))["committed"]["stored"] == 0


async def test_single_answers_have_a_bound(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ANSWERS", 2)
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*SWAPPED))
    await answered(pic, one, answer="yes", rows=[2, 3])
    assert (await answered(pic, one, 409, answer="no", rows=[4]))["type"].endswith(":import-answers-full")
    assert (await answered(pic, one, answer="no", rows=[2]))["answers"] == {"accept": [], "rows": [3], "refused": [2]}


async def test_the_report_tells_findings_of_a_kind(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, table(*SWAPPED, posyandu(4, kelurahan="Tidak Ada"), posyandu(5, kader="lima"), posyandu(6)))
    assert one["findings"] == {"cell-not-a-whole-number": 1, "coordinate-repaired": 3, "kelurahan-not-found": 1}
    numbers = {kind: [row["row"] for row in await report(pic, one, kind=kind)] for kind in ("place", "kelurahan", "content", "people")}
    assert numbers == {"place": [2, 3, 4], "kelurahan": [5], "content": [6], "people": []}
    assert [codes(row) for row in await report(pic, one, kind="place", level="question")] == [["coordinate-repaired"]] * 3
    assert (await pic.get(f"/imports/{one['id']}/report?kind=ghost")).status_code == 400
