"""`titik category …` as an operator runs it: what it prints, how it ends, and that a running service knows of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from tests.api.test_categories import TAMAN, a_park, taman, with_attribute
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, submitted
from tests.test_cli import run

pytestmark = pytest.mark.anyio


@pytest.fixture
def at(database: Settings) -> dict[str, str]:
    return {"TITIK_OWNER_URL": database.owner_dsn, "TITIK_DATABASE_URL": database.service_dsn, "TITIK_SECRET_KEY": database.secret.decode()}


def written(directory: Path, definition: Any, name: str = "taman.json") -> Path:
    file = directory / name
    file.write_text(definition if isinstance(definition, str) else json.dumps(definition))
    return file


async def test_a_category_from_a_file_is_a_collection_of_the_service_that_runs(
    at: dict[str, str], tmp_path: Path, client: Client, as_role: AsRole
) -> None:
    file = written(tmp_path, TAMAN)
    tried = await run("category", "add", file, "--dry-run", **at)
    assert (tried.status, "Tidak ada yang diubah" in tried.told) == (0, True)
    assert (await client.get("/collections/taman")).status_code == 404
    added = await run("category", "add", file, **at)
    assert (added.status, "sudah menjadi koleksi" in added.told) == (0, True), added
    assert (await client.get("/collections/taman")).status_code == 200
    again = await run("category", "add", file, **at)
    assert (again.status, "Tidak ada yang berubah" in again.told) == (0, True)
    shown = await run("category", "show", "taman", **at)
    back = await run("category", "set", written(tmp_path, shown.printed), **at)
    assert (back.status, "Tidak ada yang berubah" in back.told) == (0, True)
    listed = await run("category", "list", **at)
    assert ("Taman" in listed.printed, "posyandu" in listed.printed) == (True, True)

    await submitted(await as_role("pic", MOJOROTO), a_park(), "taman")
    narrower = written(tmp_path, with_attribute(TAMAN, "zona", None))
    for arguments in (("--dry-run",), ()):
        refused = await run("category", "set", narrower, *arguments, **at)
        assert (refused.status, "1 titik" in refused.told, "/zona" in refused.told, "pos timur" in refused.told) == (
            1,
            True,
            True,
            False,
        ), refused
    wider = await run(
        "category", "set", written(tmp_path, taman(title={"id": "Taman kota", "en": "City parks"})), LC_ALL="en_US.UTF-8", **at
    )
    assert (wider.status, "version 2" in wider.told, wider.printed) == (0, True, "changes /title\n"), wider
    assert (await client.get("/collections/taman")).json()["title"] == "Taman kota"


async def test_as_many_points_that_would_not_fit_are_named_as_are_asked_for(at: dict[str, str], tmp_path: Path, as_role: AsRole) -> None:
    assert (await (await as_role("admin")).post("/categories", json=TAMAN)).status_code == 201
    officer = await as_role("pic", MOJOROTO)
    for number in range(3):
        await submitted(officer, a_park(f"Taman {number}", 112.003 + number / 1000, -7.805), "taman")
    narrower = written(tmp_path, with_attribute(TAMAN, "zona", None))
    for limit, more in (("2", True), ("3", False)):
        told = (await run("category", "set", narrower, "--dry-run", "--limit", limit, **at)).told
        assert (told.count(": /zona"), "--limit 3" in told) == (int(limit), more), told


async def test_an_old_file_and_what_would_be_shown_are_refused(at: dict[str, str], tmp_path: Path) -> None:
    await run("category", "add", written(tmp_path, TAMAN), **at)
    old = (await run("category", "show", "taman", **at)).printed
    hidden = written(tmp_path, taman(field_visibility={"penjaga": "restricted", "zona": "internal"}))
    assert (await run("category", "set", hidden, **at)).status == 0
    stale = await run("category", "set", written(tmp_path, old), **at)
    assert (stale.status, "sudah berubah" in stale.told) == (1, True), stale
    asked = await run("category", "set", written(tmp_path, TAMAN), **at)
    assert (asked.status, "/field_visibility/zona" in asked.told, "--show" in asked.told) == (1, True, True), asked
    shown = await run("category", "set", written(tmp_path, TAMAN), "--show", **at)
    assert (shown.status, "versi 3" in shown.told) == (0, True), shown


async def test_what_is_no_definition_gives_one_clear_message(at: dict[str, str], tmp_path: Path) -> None:
    for definition, words in (
        ("{", "JSON"),
        (taman(id="points"), "dipakai oleh Titik sendiri"),
        (with_attribute(TAMAN, "baru", {"title": "A", "type": "string", "pattern": "^(a+)+$"}), "attribute_schema/properties/baru/pattern"),
        ("x" * 1_048_577, "1 MB"),
    ):
        refused = await run("category", "add", written(tmp_path, definition), **at)
        assert (refused.status, words in refused.told) == (1, True), refused
    for arguments in (("show", "tidak_ada"), ("set", written(tmp_path, taman(id="tidak_ada")))):
        missing = await run("category", *arguments, **at)
        assert (missing.status, "Tidak ada kategori" in missing.told) == (1, True), missing
    assert (await run("category", "add", tmp_path / "none.json", **at)).status == 1
