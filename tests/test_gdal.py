"""GDAL copies a collection in which only the last of 1,000 items has a value: the system's (3.6 on Debian 12) and that of pyogrio's wheel."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from app.connections import open_once
from app.published import projection
from app.settings import Settings
from tests.conftest import SECRET, AsRole
from tests.factories import MOJOROTO, a_feature, empty, execute, published
from tests.test_cli import COMMAND, environment

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(12)]

NUMBER = 1_000
LAST: dict[str, Any] = {"buka": True, "hari": ["Senin", "Rabu"], "luas_m2": 12.5, "mulai": "2026-01-02", "pekerja": 7, "pemilik": "Ibu Sri"}
KINDS = {
    "buka": "OFTInteger", "hari": "OFTStringList", "luas_m2": "OFTReal", "mulai": "OFTDate", "pekerja": "OFTInteger", "pemilik": "OFTString",
    "captured_at": "OFTDateTime", "accuracy_m": "OFTReal", "address": "OFTString",
}  # fmt: skip
CATEGORY = """
    INSERT INTO titik.category (id, title, description, attribute_schema, required, natural_key, cardinality, field_visibility)
    VALUES ('gerai', '{"id": "Gerai", "en": "Stalls"}', '{"id": "Gerai", "en": "Stalls"}',
            '{"type": "object", "properties": {
                "buka": {"type": "boolean"}, "hari": {"type": "array", "items": {"type": "string"}}, "luas_m2": {"type": "number"},
                "mulai": {"type": "string", "format": "date"}, "pekerja": {"type": "integer"}, "pemilik": {"type": "string"}}}',
            '{name}', '{}', 'many', '{}')
"""
# Like a published sample point, but for what is known of it.
POINTS = """
    WITH sample AS MATERIALIZED (
        SELECT p AS point, r AS revision FROM titik.revision r JOIN titik.point p ON p.id = r.point_id WHERE r.state = 'published' LIMIT 1
    ), numbered AS MATERIALIZED (
        SELECT n, ('01990000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id FROM generate_series(1, {number}) n
    ), point AS (
        INSERT INTO titik.point OVERRIDING SYSTEM VALUE
        SELECT (jsonb_populate_record(s.point, jsonb_build_object('id', n.id, 'category', 'gerai', 'feature_id', 1000000 + n.n))).*
          FROM sample s, numbered n
    )
    INSERT INTO titik.revision
    SELECT (jsonb_populate_record(s.revision, jsonb_build_object(
               'id', gen_random_uuid(), 'point_id', n.id, 'category', 'gerai', 'name', 'Gerai ' || n.n, 'rw', NULL, 'rt', NULL, 'accuracy_m', NULL, 'captured_at', NULL,
               'address', NULL, 'attributes', '{{}}'::jsonb)
               || CASE n.n WHEN {number} THEN jsonb_build_object('attributes', '{attributes}'::jsonb, 'captured_at', '2026-02-03T04:05:06Z',
                                                                 'accuracy_m', 3.5, 'address', 'Jalan Veteran 1') ELSE '{{}}' END)).*
      FROM sample s, numbered n
"""


@pytest.fixture
async def collections(database: Settings, as_role: AsRole, tmp_path: Path) -> AsyncIterator[str]:
    """The address of the collections, served by a process of its own."""
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    async with open_once(database.owner_dsn) as session:
        await execute(session, CATEGORY)
        await execute(session, POINTS.format(number=NUMBER, attributes=json.dumps(LAST)))
        await projection.rebuild(session)
    variables = {"TITIK_DATABASE_URL": database.service_dsn, "TITIK_SECRET_KEY": SECRET, "TITIK_RATE_LIMIT": "off"}
    told = tmp_path / "told"
    with told.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "serve", "--port", "0", env=environment(tmp_path, **variables), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        async with asyncio.timeout(120):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", told.read_text())):
                assert process.returncode is None, told.read_text()
                await asyncio.sleep(0.05)
        yield f"{found[0]}/collections"
    finally:
        process.terminate()
        await process.wait()
    await empty(database)
    async with open_once(database.owner_dsn) as session:
        await execute(session, "DELETE FROM titik.category WHERE id = 'gerai'")


def _columns(source: str) -> dict[str, list[Any]]:
    meta, _, _, fields = pyogrio.raw.read(source)
    return {name: list(values) for name, values in zip(meta["fields"], fields, strict=True)}


async def test_a_wheel_of_gdal_keeps_all_columns_with_their_types(collections: str) -> None:
    about = pyogrio.read_info(f"OAPIF:{collections}/gerai")
    types = dict(zip(about["fields"], about["ogr_types"], strict=True))
    assert {name: types[name] for name in KINDS} == KINDS
    columns = _columns(f"OAPIF:{collections}/gerai")
    assert {len(values) for values in columns.values()} == {NUMBER}
    last = {name: values[-1] for name, values in columns.items()}
    assert (bool(last["buka"]), list(last["hari"]), str(last["mulai"])) == (True, LAST["hari"], LAST["mulai"])
    assert (float(last["luas_m2"]), int(last["pekerja"]), last["pemilik"], last["address"]) == (12.5, 7, "Ibu Sri", "Jalan Veteran 1")


def _asked_first() -> list[str]:
    """ogr2ogr of GDAL 3.13.3 cannot copy from any OGC API unless something has asked for the columns before (docs/reading.md)."""
    version = subprocess.run(["ogr2ogr", "--version"], check=True, capture_output=True, text=True).stdout
    return ["-where", "1=1"] if "GDAL 3.13." in version else []


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="needs the package gdal-bin")
@pytest.mark.parametrize("collection", ["gerai", "points"])
async def test_the_gdal_of_the_system_keeps_all_columns(collections: str, collection: str, tmp_path: Path) -> None:
    """It knows no schema: what it finds on its first page it takes for the columns."""
    copy = tmp_path / "copy.gpkg"
    command = ["ogr2ogr", *_asked_first(), str(copy), f"OAPIF:{collections}/{collection}", collection]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=120)
    columns = _columns(str(copy))
    (last,) = [n for n, name in enumerate(columns["name"]) if name == f"Gerai {NUMBER}"]
    last_of = {name: str(values[last]) for name, values in columns.items()}
    assert (last_of["address"], float(last_of["accuracy_m"])) == ("Jalan Veteran 1", 3.5)
    if collection == "gerai":
        assert (last_of["pemilik"], int(float(last_of["pekerja"])), float(last_of["luas_m2"])) == ("Ibu Sri", 7, 12.5)
        assert last_of["mulai"].replace("/", "-") == LAST["mulai"]
        assert last_of["buka"].lower() in ("true", "1", "1.0")
        assert re.findall(r"\w+", last_of["hari"])[-2:] == LAST["hari"]
