"""A city out of one file, on an empty database: as `make try-city` does it, for a kabupaten and a kota that are made up here."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from tests.test_cli import ROOT, environment

# Squares of 0.02° in two provinces that are none: a kabupaten with desa and a kelurahan, two of one name, and a kota within reach of another
# zone of UTM (114° east). As in the files of BIG of 2023 there are no names of kecamatan and kota, and no codes of BPS.
KABUPATEN = {
    "98.03.01.2001": "Sukamaju", "98.03.01.2002": "Sidomulyo", "98.03.02.2001": "Sukamaju", "98.03.02.1002": "Pasar Baru",
}  # fmt: skip
KOTA = {"98.71.01.1001": "Timur Laut", "98.71.01.1002": "Tenggara", "98.71.02.1001": "Barat Daya"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("province") / "batas.gpkg"
    villages = [*enumerate(KABUPATEN.items()), *((at + 30, village) for at, village in enumerate(KOTA.items()))]
    shapes = [shapely.MultiPolygon([shapely.box(113.40013 + 0.02 * at, -7.02117, 113.42013 + 0.02 * at, -7.00131)]) for at, _ in villages]
    codes, names = zip(*(village for _, village in villages), strict=True)
    columns = {
        "NAMOBJ": [f"DESA/KELURAHAN {name}" for name in names], "KDEPUM": codes, "WADMKD": names, "KDCPUM": [code[:8] for code in codes],
        "KDPKAB": [code[:5] for code in codes], "KDPPUM": ["98"] * len(codes), "WADMPR": ["Provinsi Uji"] * len(codes),
    }  # fmt: skip
    pyogrio.raw.write(
        path, np.array(shapely.to_wkb(shapes), dtype=object), [np.array(column, dtype=object) for column in columns.values()], list(columns),
        layer="ADMINISTRASI_AR_DESAKEL", geometry_type="MultiPolygon", crs="EPSG:4326", driver="GPKG",
    )  # fmt: skip
    return path


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("city", "number"), [("98.03", len(KABUPATEN)), ("98.71", len(KOTA))])
def test_a_city_is_tried_out_of_its_file(file: Path, city: str, number: int) -> None:
    done = tried(file, city)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it works." in done.stdout
    assert f"{number} kelurahan and desa" in done.stdout
    assert f"{number - 1} rows with the names of their kelurahan were imported" in done.stdout
    assert "4. titik serve" in done.stdout
    assert "5. titik" not in done.stdout


def test_a_city_that_is_not_in_the_file_ends_it(file: Path) -> None:
    done = tried(file, "98.72")
    assert done.returncode == 1
    assert "There is no region of 98.72 in this file. There is: 98.03, 98.71." in done.stdout
    assert "FAILED: titik regions ended with 1" in done.stdout


def tried(file: Path, city: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "scripts.try_city", str(file), city],
        cwd=ROOT, env=environment() | {"TMPDIR": os.environ.get("TMPDIR", "/tmp")}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
