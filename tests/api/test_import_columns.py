"""What the columns of a file are said to be: over HTTP, at the command line, in the report."""

import asyncio
import json
import re
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app, main
from app.db import WriteSession
from app.operator import operation
from app.settings import Settings
from tests.api.test_imports import OWN, codes, committed, judged, report
from tests.conftest import AsRole
from tests.factories import a_feature, published, value

pytestmark = pytest.mark.usefixtures("grid")
KOBO = b"Sebutan,Status,_id,titik\nPosyandu Melati,SWASTA,412345671,-7.80391 112.00213 78.4 4.8\nPosyandu Mawar,SWASTA,412345672,-7.80511 112.00333 0 0\n"
NAMES = "SELECT array_agg(name || ' ' || coalesce(CAST(accuracy_m AS text), '-') ORDER BY name) FROM titik.revision"


async def test_a_survey_is_judged_told_of_and_committed(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    one = await judged(pic, KOBO)
    assert {note["code"]: note["headers"] for note in one["notes"]} == {"columns-not-ids": ["_id"], "columns-not-the-field": ["Status"]}
    assert "Status titik" in next(note["detail"] for note in one["notes"] if note["code"] == "columns-not-the-field")
    assert [codes(row) for row in await report(pic, one)] == [["row-field-unread"]] * 2
    english = await pic.get(f"/imports/{one['id']}/report", headers={"Accept-Language": "en"})
    assert english.json()["rows"][0]["findings"][0]["detail"].startswith(
        "Name is missing: no column is known for it. These are not read: Sebutan, Status, _id."
    )
    named = await judged(pic, KOBO, columns=json.dumps({"Sebutan": "name", "Wilayah": "kelurahan"}))
    assert "Wilayah" in next(note["detail"] for note in named["notes"] if note["code"] == "columns-not-there")
    assert named["counts"]["good"] == 2
    await committed(pic, named)
    assert await value(owner, NAMES) == ["Posyandu Mawar -", "Posyandu Melati 4.8"]


async def test_the_command_line_says_it_as_http_does(
    as_role: AsRole, grid: Settings, owner: WriteSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await as_role("pic", OWN, name="pic-mojoroto")
    (tmp_path / "a.csv").write_bytes(KOBO.replace(b"Sebutan", b"Nama = sebutan"))
    monkeypatch.setattr(operation, "read_settings", lambda: grid)
    monkeypatch.setattr(operation, "database", lambda settings, _say: nullcontext(settings))
    monkeypatch.setattr(operation, "require_schema", lambda _: None)
    call = ["points", "import", str(tmp_path / "a.csv"), "--category", "posyandu", "--account", "pic-mojoroto", "--commit", "good"]
    result = await asyncio.to_thread(CliRunner().invoke, app, [*call, "--map", "Nama = sebutan=name", "--map", "Status="])
    assert result.exit_code == 0, result.output
    assert await value(owner, NAMES) == ["Posyandu Mawar -", "Posyandu Melati 4.8"]
    wrong = await asyncio.to_thread(CliRunner().invoke, app, [*call, "--map", "Sebutan"])
    assert wrong.exit_code != 0


async def test_a_point_that_its_file_names_is_still_known_beside_ids_of_others(as_role: AsRole) -> None:
    """Columns of ids: that of Titik is the one whose cells are."""
    pic, walidata = await as_role("pic", OWN), await as_role("walidata")
    point = await published(pic, walidata, a_feature(112.0021, -7.8039, name="Posyandu Melati"))
    content = f"_id,ID titik,nama,latitude,longitude\n7,{point['id']},Posyandu Melati Baru,-7.8039,112.0021\n"
    one = await judged(pic, content.encode())
    assert (one["counts"]["update"], [note["headers"] for note in one["notes"]]) == (1, [["_id"]])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--commit", "some"], "--commit: "),
        (["--accept", "foo"], "--accept: "),
        (["--contacts-basis", "SK 1", "--contacts-until", "besok"], "--contacts-until: "),
        (["--map", "Sebutan=nama besar"], "--map: "),
        (["--map", "Judul=name"], "--map"),
    ],
)
async def test_the_command_line_names_options_as_they_are_typed(
    options: list[str],
    told: str,
    as_role: AsRole,
    grid: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await as_role("pic", OWN, name="pic-mojoroto")
    (tmp_path / "a.csv").write_bytes(KOBO)
    monkeypatch.setattr(operation, "read_settings", lambda: grid)
    monkeypatch.setattr(operation, "database", lambda settings, _say: nullcontext(settings))
    monkeypatch.setattr(operation, "require_schema", lambda _: None)
    call = ["titik", "points", "import", str(tmp_path / "a.csv"), "--category", "posyandu", "--account", "pic-mojoroto", *options]
    monkeypatch.setattr(sys, "argv", call)
    with suppress(SystemExit):
        await asyncio.to_thread(main)
    said = capsys.readouterr().err
    assert told in said
    assert not re.search(r"\b(columns|rows|accept/0)\b(?!:row)", said), said


async def test_a_column_headed_as_the_category_is_titled_is_the_name(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    await committed(pic, await judged(pic, KOBO.replace(b"Sebutan", b"Posyandu")))
    assert await value(owner, NAMES) == ["Posyandu Mawar -", "Posyandu Melati 4.8"]
