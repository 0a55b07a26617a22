"""Every file is opened again, by a reader that is not its writer where there is one."""

# ruff: noqa: ASYNC220, ASYNC221, ASYNC240 - nobody else waits for the event loop of a test

import asyncio
import csv
import io
import json
import os
import pickle
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from struct import pack
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyogrio.raw import read_arrow

from app import ROOT
from app.background.private_places import PrivatePlace
from app.errors import BadRequest
from app.exports import spool, vector, worker
from app.exports.formats import FORMATS, Layer, LayerField, LayerKind, SpoolError, sweep
from app.exports.layer import LayerRow, unused, without_controls
from app.language import Text
from app.messages import FAULTS

# Each file is written by a process of its own.
pytestmark = pytest.mark.disruptive(1)
SPOOLED = ("fgb", "gpkg", "parquet", "kml", "xlsx")
KINDS: tuple[LayerKind, ...] = ("text", "integer", "number", "boolean", "instant", "date", "list")
FIELDS = tuple(
    LayerField(name, Text(f"Judul {name}", f"Title of {name}"), kind)
    for name, kind in zip(("name", "balita", "luas", "aktif", "captured_at", "didirikan", "predecessors"), KINDS, strict=True)
)
POSYANDU = Layer("posyandu", Text("Posyandu", "Health posts"), FIELDS)
NAMES = [field.name for field in FIELDS]
INSTANT = datetime(2026, 11, 22, 8, 30, 15, tzinfo=UTC)
MELATI = ("Melati 🌺 «Jl. Ā»", 40, -12.5, True, INSTANT, date(1987, 5, 1), ["a", "b"])
NOTHING = (None,) * len(FIELDS)
BLACKLISTED = ["=cmd|' /C calc'!A0", "@SUM(1)", "-1+1", "+62 354", "\t=1", "\r=1", "\n=1", "\uff1d1"]
SQUARE = shapely.to_wkb(shapely.MultiPolygon([shapely.box(112.0, -7.9, 112.1, -7.8)]), byte_order=1)


def point(lon: float, lat: float) -> bytes:
    return pack("<BIdd", 1, 1, lon, lat)


def row(at: int, values: Sequence[Any] = MELATI) -> LayerRow:
    return (f"id-{at}", point(112 + at / 1e6, -7.8), *values)


def numbered(rows: int, wkb: bytes = b" " * 21) -> pa.RecordBatch:
    return pa.record_batch({"id": pa.array(range(rows)), "place": pa.array([wkb] * rows)})


async def given_rows(rows: Sequence[LayerRow], at_once: int = 5_000) -> AsyncIterator[Sequence[LayerRow]]:
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]


async def written(name: str, rows: Sequence[LayerRow], directory: Path, layer: Layer = POSYANDU, srid: int = 4326) -> Path:
    """The file as a reader has it who saved what came."""
    path = directory / f"saved.{name}"
    path.write_bytes(b"".join([chunk async for chunk in FORMATS[name].write(layer, given_rows(rows), directory / "spool", srid)]))
    assert not list(directory.glob("spool/*"))
    return path


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def columns(path: Path) -> dict[str, list[Any]]:
    """The attributes of a file that GDAL reads."""
    _, table = read_arrow(path)
    found: dict[str, list[Any]] = pa.table(table).to_pydict()
    return found


def sheet(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))


# -- text


async def test_csv_has_a_row_each(tmp_path: Path) -> None:
    path = await written("csv", [row(1), row(2, NOTHING)], tmp_path)
    assert path.read_bytes().startswith(b"id,name,")
    assert path.read_bytes().count(b"\r\n") == 3
    full, empty = lines(path)
    assert full == {
        "id": "id-1", "name": MELATI[0], "balita": "40", "luas": "-12.5", "aktif": "true", "captured_at": "2026-11-22T08:30:15Z",
        "didirikan": "1987-05-01", "predecessors": "a; b", "lon": "112.0000010", "lat": "-7.8000000",
    }  # fmt: skip
    assert {name: empty[name] for name in NAMES} == dict.fromkeys(NAMES, "")


async def test_csv_cells_are_no_formulas(tmp_path: Path) -> None:
    rows = [row(at, (text, -1, -0.5, False, None, None, [text, "x"])) for at, text in enumerate(BLACKLISTED)]
    found = lines(await written("csv", rows, tmp_path))
    assert [one["name"] for one in found] == [f"'{text}" for text in BLACKLISTED]
    assert [one["predecessors"] for one in found] == [f"'{text}; x" for text in BLACKLISTED]
    assert {(one["balita"], one["luas"]) for one in found} == {("-1", "-0.5")}


async def test_geojsonseq_is_a_record_each(tmp_path: Path) -> None:
    features = [json.dumps({"type": "Feature", "id": str(at), "properties": {"name": "🌺"}}) for at in range(600)]
    path = await written("geojsonseq", [(feature,) for feature in features], tmp_path)
    records = path.read_bytes().decode().split("\x1e")
    assert records[0] == ""
    assert all(record.endswith("\n") and record.count("\n") == 1 for record in records[1:])
    assert [json.loads(record) for record in records[1:]] == [json.loads(feature) for feature in features]


# -- GDAL


@pytest.mark.parametrize("name", ["fgb", "gpkg"])
async def test_vector_files_keep_kinds_and_places(tmp_path: Path, name: str) -> None:
    path = await written(name, [row(1), row(2, NOTHING)], tmp_path)
    info = pyogrio.read_info(path)
    assert (info["features"], info["crs"], info["geometry_type"], info["encoding"]) == (2, "EPSG:4326", "Point", "UTF-8")
    day = "datetime64[D]" if name == "gpkg" else "datetime64[ms]"  # FlatGeobuf has no dates
    assert list(info["fields"]) == ["id", *NAMES]
    assert list(info["dtypes"]) == ["object", "object", "int64", "float64", "bool", "datetime64[ms]", day, "object"]
    found = columns(path)
    at = found["id"].index("id-1")
    assert [found[one][at] for one in NAMES[:4]] == list(MELATI[:4])
    assert found["captured_at"][at].replace(tzinfo=UTC) == INSTANT  # a FlatGeobuf has the zone row by row, which Arrow has no word for
    assert found["didirikan"][at] in (date(1987, 5, 1), datetime(1987, 5, 1))  # noqa: DTZ001 - it has none
    assert found["predecessors"][at] == "a; b"
    assert [found[one][1 - at] for one in NAMES] == [None] * len(NAMES)
    geometry = shapely.from_wkb(found[next(one for one in found if one not in info["fields"] and "geom" in one)][at])
    assert (geometry.x, geometry.y) == (112.000001, -7.8)


async def test_a_geopackage_is_one_file_with_an_index_and_a_title(tmp_path: Path) -> None:
    path = await written("gpkg", [row(at) for at in range(20)], tmp_path)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT identifier, description, srs_id FROM gpkg_contents").fetchall() == [
            ("Posyandu", "Posyandu / Health posts", 4326)
        ]
        assert database.execute("SELECT count(*) FROM rtree_posyandu_geom").fetchone() == (20,)
        assert database.execute("PRAGMA journal_mode").fetchone() != ("wal",)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        types = {name: kind for _, name, kind, *_ in database.execute("PRAGMA table_info(posyandu)")}
    assert (types["aktif"], types["captured_at"], types["didirikan"]) == ("BOOLEAN", "DATETIME", "DATE")


async def test_a_flatgeobuf_has_an_index_unless_it_is_large(tmp_path: Path) -> None:
    few = await written("fgb", [row(at, NOTHING) for at in range(50)], tmp_path)
    assert pyogrio.read_info(few)["capabilities"]["fast_spatial_filter"]
    assert len(pyogrio.read_bounds(few, bbox=(112, -8, 112.0000045, -7))[0]) == 5
    assert vector._is_indexed(iter([numbered(10)] * 3), "place")[0]
    assert not vector._is_indexed(iter([numbered(10), numbered(1, b" " * 9)]), "place")[0]
    indexed, rest = vector._is_indexed(iter([numbered(vector.INDEXED), numbered(1), numbered(7)]), "place")
    assert not indexed
    assert [batch.num_rows for batch in rest] == [vector.INDEXED, 1, 7]


async def test_kml_is_xml_with_a_typed_schema(tmp_path: Path) -> None:
    rows = [row(1), row(2, NOTHING), row(3, ("a\x01b\x0b<&>\ufffe", 1, 2.0, False, None, None, ["\x02c"]))]
    path = await written("kml", rows, tmp_path)
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ET.fromstring(path.read_text("utf-8"))
    types = {one.get("name"): one.get("type") for one in root.iterfind(".//k:SimpleField", space)}
    assert types["balita"] == types["luas"] == "float"
    assert types["didirikan"] == "string"
    marks = root.findall(".//k:Placemark", space)
    assert [mark.findtext("k:name", None, space) for mark in marks] == [MELATI[0], None, "ab<&>"]
    data = {one.get("name"): one.text for one in marks[0].iterfind(".//k:SimpleData", space)}
    assert data == {"id": "id-1", "balita": "40", "luas": "-12.5", "aktif": "true", "captured_at": "2026-11-22T08:30:15Z",
                    "didirikan": "1987-05-01", "predecessors": "a; b"}  # fmt: skip
    assert marks[0].findtext(".//k:coordinates", None, space) == "112.000001,-7.8"
    assert FORMATS["kml"].only_4326
    assert not FORMATS["gpkg"].only_4326


@pytest.mark.skipif(not shutil.which("ogrinfo"), reason="another GDAL is not installed")
@pytest.mark.parametrize("name", ["fgb", "gpkg", "kml"])
async def test_another_gdal_reads_them(tmp_path: Path, name: str) -> None:
    path = await written(name, [row(at) for at in range(7)], tmp_path)
    said = subprocess.run(["ogrinfo", "-ro", "-so", "-al", path], capture_output=True, text=True, check=True).stdout
    assert "Feature Count: 7" in said
    assert "WGS 84" in said


# -- Parquet


async def test_parquet_is_geoparquet(tmp_path: Path) -> None:
    path = await written("parquet", [row(1), row(3), row(2, NOTHING)], tmp_path)
    file = pq.ParquetFile(path)
    geo = json.loads(file.metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert column["bbox"] == [112.000001, -7.8, 112.000003, -7.8]
    assert column["covering"] == {"bbox": {corner: ["bbox", corner] for corner in ("xmin", "ymin", "xmax", "ymax")}}
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS("OGC:CRS84")
    types = [file.schema_arrow.field(one).type for one in NAMES]
    assert types == [pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us", "UTC"), pa.date32(), pa.list_(pa.string())]
    table = file.read()
    assert [table.column(one)[0].as_py() for one in NAMES] == list(MELATI)
    assert [table.column(one)[2].as_py() for one in NAMES] == list(NOTHING)
    assert table.column("bbox")[1].as_py() == {"xmin": 112.000003, "ymin": -7.8, "xmax": 112.000003, "ymax": -7.8}
    assert table.column("geometry")[0].as_py() == row(1)[1]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


async def test_parquet_readers_can_skip_row_groups(tmp_path: Path) -> None:
    layer = Layer("points", Text("Titik", "Points"), ())
    path = await written("parquet", [row(at, ()) for at in range(120_001)], tmp_path, layer)
    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)] == [25_000, 25_000, 25_000, 25_000, 20_001]
    group = metadata.row_group(1)
    xmin = next(group.column(at) for at in range(group.num_columns) if group.column(at).path_in_schema == "bbox.xmin")
    assert (xmin.statistics.min, xmin.statistics.max) == (112.025, 112.049999)
    assert pq.read_table(path, columns=["id"]).column("id").to_pylist() == [f"id-{at}" for at in range(120_001)]


async def test_numbers_of_json_that_a_column_cannot_hold(tmp_path: Path) -> None:
    """JSON Schema calls 3.0 an integer, and bounds none."""
    rows = [row(0, (None, 2**70, 2**60 + 1, None, None, None, None)), row(1, (None, 3.0, 7, None, None, None, []))]
    found = pq.read_table(await written("parquet", rows, tmp_path)).to_pydict()
    assert found["balita"] == [None, 3]
    assert found["luas"] == [float(2**60), 7.0]
    assert found["predecessors"] == [None, []]


# -- spreadsheets


async def test_xlsx_has_real_values_and_an_explanation(tmp_path: Path) -> None:
    path = await written("xlsx", [row(1), row(2, NOTHING)], tmp_path)
    book = openpyxl.load_workbook(path)
    data, notes = book.worksheets
    assert [one.value for one in data[1]] == ["id", *NAMES, "lon", "lat"]
    assert data["A1"].font.bold
    assert data.freeze_panes == "A2"
    assert data.auto_filter.ref == "A1:J3"
    values = list(MELATI)
    values[4:] = [INSTANT.replace(tzinfo=None), datetime(1987, 5, 1), "a; b"]  # noqa: DTZ001 - a cell has no zone
    assert [one.value for one in data[2]] == ["id-1", *values, 112.000001, -7.8]
    assert data["F2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert data["G2"].is_date
    assert [one.value for one in data[3]][1:8] == list(NOTHING)
    assert notes.title == "Keterangan"
    assert [one.value for one in notes[2]] == ["name", "Judul name", "Title of name"]


async def test_xlsx_cells_are_no_formulas(tmp_path: Path) -> None:
    texts = [text.strip("\t\r\n") for text in BLACKLISTED] + ["{=1}", "12", "https://titik.test", "_x0041_", "a\x01b", "internal:Sheet1!A1"]
    path = await written("xlsx", [row(at, (text, -1, None, None, None, None, [text])) for at, text in enumerate(texts)], tmp_path)
    data = openpyxl.load_workbook(path).worksheets[0]
    cells = [data.cell(at + 2, 2) for at in range(len(texts))]
    # What looks like an escape is escaped itself (ECMA-376 22.9.2.19); Excel undoes that, openpyxl does not.
    assert [cell.value for cell in cells] == [text.replace("\x01", "").replace("_x0", "_x005F_x0") for text in texts]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    assert {(data.cell(at + 2, 3).value, data.cell(at + 2, 3).data_type) for at in range(len(texts))} == {(-1, "n")}


async def test_xlsx_cuts_what_a_cell_cannot_hold(tmp_path: Path) -> None:
    texts = ["x" * 32_767, "y" * 40_000, "🌺" * 20_000]
    early = datetime(1899, 1, 1, tzinfo=UTC)
    rows = [row(at, (text, None, None, None, early, date(1850, 1, 2), None)) for at, text in enumerate(texts)]
    book = openpyxl.load_workbook(await written("xlsx", rows, tmp_path))
    found = [book.worksheets[0].cell(at, 2).value for at in (2, 3, 4)]
    assert found == [texts[0], "y" * 32_766 + "…", "🌺" * 16_383 + "…"]
    assert book.worksheets[0].cell(2, 6).value == "1899-01-01T00:00:00+00:00"
    assert book.worksheets[0].cell(2, 7).value == "1850-01-02"
    assert "2 texts that were too long are cut (…)." in [one.value for one in book.worksheets[1]["C"]]


async def test_xlsx_has_no_more_rows_than_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer("rt", Text("RT", "RT"), (), count=1_048_576)
    with pytest.raises(BadRequest) as known:
        await written("xlsx", [], tmp_path, layer)
    monkeypatch.setitem(spool.MOST_ROWS, "xlsx", 10)
    with pytest.raises(BadRequest) as passed:
        await written("xlsx", [row(at) for at in range(11)], tmp_path)
    for error, most in ((known, 1_048_575), (passed, 10)):
        (fault,) = error.value.faults
        assert (fault.where, fault.code, fault.facts) == ("f", "too-many-rows", {"expected": most})
    assert FAULTS["too-many-rows"].fill(expected=10)
    assert not list(tmp_path.glob("spool/*"))
    await written("xlsx", [row(at) for at in range(10)], tmp_path)


# -- all of them


@pytest.mark.parametrize("name", [*SPOOLED, "csv"])
async def test_no_rows_are_a_file_too(tmp_path: Path, name: str) -> None:
    path = await written(name, [], tmp_path)
    if name in ("fgb", "gpkg", "kml"):
        assert pyogrio.read_info(path, force_feature_count=True)["features"] == 0
    elif name == "parquet":
        assert pq.read_table(path).num_rows == 0
        assert "bbox" not in json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["geometry"]
    else:
        assert [list(line) for line in (sheet(path) if name == "xlsx" else csv.reader(path.open()))] == [["id", *NAMES, "lon", "lat"]]


@pytest.mark.parametrize("name", [*SPOOLED, "csv"])
async def test_polygons(tmp_path: Path, name: str) -> None:
    layer = Layer("kelurahan", Text("Kelurahan", "Kelurahan"), FIELDS[:1], "MultiPolygon", 1)
    path = await written(name, [("35.71.01.1001", SQUARE, "Pojok")], tmp_path, layer)
    if name == "parquet":
        table = pq.read_table(path)
        geometry = shapely.from_wkb(table.column("geometry")[0].as_py())
        assert table.column("bbox")[0].as_py() == {"xmin": 112.0, "ymin": -7.9, "xmax": 112.1, "ymax": -7.8}
    elif name in ("csv", "xlsx"):
        found = lines(path)[0]["wkt"] if name == "csv" else dict(zip(*sheet(path), strict=True))["wkt"]
        geometry = shapely.from_wkt(found)
    else:
        _, table = read_arrow(path)
        geometry = shapely.from_wkb(pa.table(table).column(-1)[0].as_py())
    assert geometry.geom_type == "MultiPolygon"
    assert geometry.equals(shapely.from_wkb(SQUARE))


@pytest.mark.parametrize("name", ["fgb", "gpkg", "parquet", "csv", "xlsx"])
async def test_another_crs(tmp_path: Path, name: str) -> None:
    path = await written(name, [("a", point(611_000.25, 9_137_000.5), *NOTHING)], tmp_path, srid=32749)
    if name == "parquet":
        column = json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["geometry"]
        assert pyproj.CRS.from_json_dict(column["crs"]).to_epsg() == 32749
        assert column["bbox"] == [611_000.25, 9_137_000.5] * 2
    elif name in ("csv", "xlsx"):
        found = lines(path)[0] if name == "csv" else dict(zip(*sheet(path), strict=True))
        assert (float(found["x"]), float(found["y"]), int(found["srid"])) == (611_000.25, 9_137_000.5, 32749)
    else:
        assert pyogrio.read_info(path)["crs"] == "EPSG:32749"
        assert pyogrio.read_bounds(path)[1][:2, 0].tolist() == [611_000.25, 9_137_000.5]


@pytest.mark.parametrize("name", [*SPOOLED, "csv"])
async def test_fields_that_are_called_like_our_columns(tmp_path: Path, name: str) -> None:
    taken = ("fid", "Geometry", "geom", "bbox", "lon", "description")
    layer = Layer("keterangan", Text("Apa pun", "Anything"), tuple(LayerField(one, Text(one, one), "text") for one in taken))
    path = await written(name, [row(1, taken)], tmp_path, layer)
    if name in ("fgb", "gpkg", "kml"):
        found = columns(path)
        assert [found[one][0] for one in taken if one != "description" or name != "kml"] == [
            one for one in taken if one != "description" or name != "kml"
        ]
    elif name == "parquet":
        assert pq.read_table(path, columns=list(taken)).to_pylist() == [dict(zip(taken, taken, strict=True))]
    else:
        head = lines(path)[0] if name == "csv" else dict(zip(*sheet(path), strict=True))
        assert [head[one] for one in taken] == list(taken)
        assert float(head["lon_"]) == 112.000001
    assert unused("id", ["ID", "id_"]) == "id__"


@pytest.mark.parametrize("name", ["parquet", "gpkg", "csv", "kml"])
async def test_very_long_texts(tmp_path: Path, name: str) -> None:
    text = "panjang 🌺 " * 100_000
    path = await written(name, [row(1, (text, *NOTHING[1:]))], tmp_path)
    if name == "parquet":
        assert pq.read_table(path).column("name").to_pylist() == [text]
    elif name == "csv":
        csv.field_size_limit(2_000_000)
        assert lines(path)[0]["name"] == text
    else:
        assert columns(path)["name" if name == "gpkg" else "Name"] == [text]


# -- what may go wrong


async def endless(rows: int = 1_000, pause_s: float = 0) -> AsyncIterator[Sequence[LayerRow]]:
    at = 0
    while True:
        yield [row(at + one) for one in range(rows)]
        at += rows
        await asyncio.sleep(pause_s)


def children() -> list[str]:
    """Processes of this one that are not dead."""
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False).stdout
    return [line for line in listed.splitlines() if "exports.worker" in line]


@pytest.mark.parametrize("name", SPOOLED)
async def test_who_goes_away_leaves_nothing(tmp_path: Path, name: str) -> None:
    async def export() -> None:
        async with aclosing(FORMATS[name].write(POSYANDU, endless(), tmp_path)) as chunks:
            async for _ in chunks:
                pass

    task = asyncio.create_task(export())
    for _ in range(600):
        await asyncio.sleep(0.05)
        if children():
            break
    await asyncio.sleep(0.3)
    (place,) = tmp_path.iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in place.iterdir() if path.name.startswith("export"))
    assert len(children()) == 1
    task.cancel()
    began = time.perf_counter()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.perf_counter() - began < 5
    assert not list(tmp_path.iterdir())
    assert not children()


async def test_who_stops_reading_leaves_nothing(tmp_path: Path) -> None:
    chunks = FORMATS["gpkg"].write(POSYANDU, given_rows([row(at) for at in range(5_000)]), tmp_path)
    first = await anext(chunks)
    assert len(first) == 256 * 1024
    assert not list(tmp_path.iterdir())
    await chunks.aclose()
    assert not children()


@pytest.mark.parametrize("name", [*SPOOLED, "csv"])
async def test_errors_of_the_source_reach_the_reader(tmp_path: Path, name: str) -> None:
    """Also one that looks as if the child were gone."""

    async def failing() -> AsyncIterator[Sequence[LayerRow]]:
        yield [row(at) for at in range(3_000)]
        raise ConnectionResetError("database")

    with pytest.raises(ConnectionResetError, match="database"):
        [chunk async for chunk in FORMATS[name].write(POSYANDU, failing(), tmp_path)]
    assert not list(tmp_path.iterdir())
    assert not children()


@pytest.mark.parametrize("name", SPOOLED)
async def test_errors_of_the_child_reach_the_reader(tmp_path: Path, name: str) -> None:
    """A text where a number should be, and many rows behind it that nobody takes any more."""
    rows = [row(0, ("x", {}, *MELATI[2:])), *(row(at) for at in range(50_000))]
    with pytest.raises(SpoolError):
        [chunk async for chunk in FORMATS[name].write(POSYANDU, given_rows(rows), tmp_path)]
    assert not list(tmp_path.iterdir())


async def test_a_service_that_is_killed_leaves_nothing_that_is_not_swept(tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from tests.unit.test_formats import FORMATS, POSYANDU, endless
async def main():
    async for _ in FORMATS["gpkg"].write(POSYANDU, endless(200, 0.05), Path({str(tmp_path)!r})): pass
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    for _ in range(200):
        if list(tmp_path.glob("spool-*/export.gpkg")):
            break
        await asyncio.sleep(0.05)
    assert list(tmp_path.glob("spool-*/export.gpkg"))
    assert sweep(tmp_path) == 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(100):
        if not list(tmp_path.iterdir()):
            break
        await asyncio.sleep(0.05)
    assert not list(tmp_path.iterdir())


def test_only_what_nobody_holds_is_swept(tmp_path: Path) -> None:
    stale, living = tmp_path / "spool-left", PrivatePlace(tmp_path)
    (stale / "deep").mkdir(parents=True)
    (tmp_path / "other").touch()
    assert sweep(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["other", living.path.name])
    living.remove()
    assert sweep(tmp_path) == sweep(tmp_path / "missing") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_child_whose_parent_is_gone_tidies_up(tmp_path: Path) -> None:
    """Without a service to hold it: all that it was told is an order."""
    place = tmp_path / "spool-x"
    place.mkdir()
    told = pickle.dumps(spool.SpoolOrder("csv?", POSYANDU, place / "export", 4326))
    assert subprocess.run([sys.executable, "-m", worker.__name__], input=told, cwd=ROOT, check=False, capture_output=True).returncode
    code = f"from pathlib import Path; import io; from app.exports import worker; list(worker._columns(io.BytesIO(), Path({str(place)!r})))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 1
    assert not place.exists()


@pytest.mark.parametrize("name", [*SPOOLED, "csv", "geojsonseq"])
@pytest.mark.slow(5)
async def test_the_event_loop_goes_on(tmp_path: Path, name: str) -> None:
    """The longest wait of somebody else while 50,000 rows are written; making rows is not counted."""
    rows = [row(at) for at in range(50_000)]
    gaps = [0.0]

    async def beat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    task = asyncio.create_task(beat())
    size = 0
    async for chunk in FORMATS[name].write(POSYANDU, given_rows([("{}",)] * 50_000 if name == "geojsonseq" else rows), tmp_path):
        size += len(chunk)
    task.cancel()
    assert size > 100_000
    # What it is on an idle machine stands in the table of benchmarks/formats.py; a busy one takes turns away from us too. In the loop it would be seconds.
    assert sorted(gaps)[-3] < 0.25


def test_a_service_that_never_exports_pays_nothing() -> None:
    code = "import sys, app.exports.formats; print([one for one in ('pyarrow', 'pyogrio', 'xlsxwriter', 'shapely') if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout == "[]\n"


# -- whatever people type


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = st.tuples(
    st.none() | TEXTS,
    st.none() | st.integers(-(2**53), 2**53),
    st.none() | st.floats(-1e300, 1e300),
    st.none() | st.booleans(),
    st.none() | st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - UTC is added
    st.none() | st.dates(date(1901, 1, 1)),
    st.none() | st.lists(TEXTS, max_size=3),
)
ROWS = st.lists(VALUES, max_size=8)
FEW = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def saved(name: str, values: Sequence[Sequence[Any]], directory: Path) -> Path:
    return asyncio.run(written(name, [row(at, one) for at, one in enumerate(values)], directory))


@given(ROWS)
@settings(FEW, max_examples=100)
def test_any_csv_comes_back(tmp_path: Path, values: list[tuple[Any, ...]]) -> None:
    def shown(text: str | None) -> str:
        return f"'{text}" if text and text[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20" else text or ""

    found = lines(saved("csv", values, tmp_path))
    assert [one["name"] for one in found] == [shown(value[0]) for value in values]
    assert [one["balita"] for one in found] == ["" if value[1] is None else str(value[1]) for value in values]
    assert [float(one["luas"]) if one["luas"] else None for one in found] == [value[2] for value in values]
    assert [datetime.fromisoformat(one["captured_at"]) if one["captured_at"] else None for one in found] == [value[4] for value in values]
    assert [one["predecessors"] for one in found] == [shown("; ".join(value[6] or [])) for value in values]


@given(ROWS)
@FEW
@pytest.mark.slow(4)
def test_any_parquet_comes_back(tmp_path: Path, values: list[tuple[Any, ...]]) -> None:
    table = pq.read_table(saved("parquet", values, tmp_path), columns=NAMES)
    assert [tuple(one.values()) for one in table.to_pylist()] == values


@given(ROWS)
@FEW
@pytest.mark.slow(5)
def test_any_workbook_comes_back(tmp_path: Path, values: list[tuple[Any, ...]]) -> None:
    def text(value: str | None) -> str:
        """XML reads every end of a line as LF."""
        return without_controls(value or "").replace("\r\n", "\n").replace("\r", "\n")

    found = [one[1:8] for one in sheet(saved("xlsx", values, tmp_path))[1:]]
    for given_, got in zip(values, found, strict=True):
        assert (got[0] or "") == text(given_[0])
        assert got[1] == given_[1]
        assert got[2] == (None if given_[2] is None else pytest.approx(given_[2], rel=1e-14))
        assert got[3] == given_[3]
        assert (got[4] is None) == (given_[4] is None)
        if given_[4] is not None:
            assert abs(got[4] - given_[4].replace(tzinfo=None)) < timedelta(milliseconds=2)
        assert got[5] == (None if given_[5] is None else datetime(given_[5].year, given_[5].month, given_[5].day))  # noqa: DTZ001
        assert (got[6] or "") == text("; ".join(given_[6] or []))
