"""Files of every format with some bytes changed: each is read, or refused in words. Nothing else is raised, and nothing is left behind."""

import io
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.imports.reading import Unreadable, open_table
from app.messages import FAULTS, PROBLEMS
from tests.imports.files import saved
from tests.imports.test_vectors import KML, layer, shapefile
from tests.imports.test_workbooks import ROWS, opendocument, text, workbook

GPX = '<gpx><wpt lat="-7.81" lon="112.01"><ele>60</ele><name>Melati</name></wpt></gpx>'
CSV = "Nama;Alamat;Lat\n" + '"Melati";"Jl. A\nB";-7,81\n' * 30
TABLE = f'<table:table table:name="Data"><table:table-row>{text("Nama", "Lat")}</table:table-row><table:table-row table:number-rows-repeated="3">{text("A", "B")}</table:table-row></table:table>'
MADE: dict[str, Callable[[Path], Path]] = {
    "csv": lambda place: saved(place, "a.csv", CSV),
    "xlsx": lambda place: workbook(place / "a.xlsx", {"Data": ROWS}),
    "ods": lambda place: opendocument(place / "a.ods", TABLE),
    "kml": lambda place: saved(place, "a.kml", KML),
    "gpx": lambda place: saved(place, "a.gpx", GPX),
    "shp": shapefile,
    "gpkg": lambda place: layer(place / "a.gpkg"),
    "fgb": lambda place: layer(place / "a.fgb"),
    "geojson": lambda place: layer(place / "a.geojson"),
    "geojsonl": lambda place: layer(place / "a.geojsonl"),
}


def mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 30])):
        at, kind = chance.randrange(len(changed) or 1), chance.random()
        if kind < 0.5:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif kind < 0.65:
            del changed[at : at + chance.randrange(1, 50)]
        elif kind < 0.8:
            changed[at:at] = changed[chance.randrange(len(changed) or 1) :][: chance.randrange(1, 200)]
        elif kind < 0.9:
            changed[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"9999"])
        else:
            del changed[at:]
    return bytes(changed)


def mutated_archive(content: bytes, chance: random.Random) -> bytes:
    """One member is changed rather than the archive, whose checksums would tell."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as other:
        victim = chance.choice(archive.namelist())
        for name in archive.namelist():
            other.writestr(name, mutated(archive.read(name), chance) if name == victim else archive.read(name))
    return target.getvalue()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", MADE)
def test_whatever_is_changed_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    source = MADE[kind](tmp_path).read_bytes()
    inner = tmp_path / "dalam"
    inner.mkdir()
    for _ in range(60):
        packed = kind in ("xlsx", "ods", "shp") and chance.random() < 0.8
        path = saved(inner, "berkas", mutated_archive(source, chance) if packed else mutated(source, chance))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                table = open_table(path, f"a.{kind}")
                for batch in table.batches:
                    assert {len(row.cells) for row in batch} <= {len(table.columns)}
                    assert {row.fault for row in batch} - {None} <= FAULTS.keys()
        except Unreadable as error:
            assert error.code in PROBLEMS  # noqa: PT017 - most are refused, some are read
        assert [one.name for one in inner.iterdir()] == ["berkas"]
