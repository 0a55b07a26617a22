"""Suites and programs of others: OGC CITE, GDAL, QGIS. Each gives rows of the table: what, passed, failed, and what there is to say."""

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import httpx

SUITES = {
    "ets-ogcapi-features10": ("1.9", {}),
    "ets-ogcapi-tiles10": (
        "1.2",
        {
            "tilematrixsetdefinitionuri": "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
            "urltemplatefortiles": "{url}/collections/posyandu/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}",
            "tilematrix": "10", "mintilerow": "533", "maxtilerow": "535", "mintilecol": "829", "maxtilecol": "831",
        },
    ),
}  # fmt: skip


class Outcome(NamedTuple):
    """None passed and none failed: it was not to be had, and `said` says why."""

    what: str
    passed: int = 0
    failed: int = 0
    said: str = ""


def _run(
    *command: str, cwd: Path | None = None, seconds: int = 120, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **(env or {})}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL, env=environment
    )


def cite(url: str, directory: Path) -> list[Outcome]:
    """The suites of OGC as their all-in-one jars, fetched by Maven where Java is there."""
    if not (shutil.which("java") and shutil.which("mvn")):
        return [Outcome(f"OGC CITE {suite}", said="needs java and mvn") for suite in SUITES]
    return [_suite(suite, url, directory / suite) for suite in SUITES]


def _suite(suite: str, url: str, directory: Path) -> Outcome:
    version, properties = SUITES[suite]
    directory.mkdir(parents=True, exist_ok=True)
    artifact = f"org.opengis.cite:{suite}:{version}:jar:aio"
    fetched = _run(
        "mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={directory}", cwd=directory, seconds=300
    )
    jar = next(directory.glob("*-aio.jar"), None)
    if jar is None:
        reason = next((line for line in fetched.stdout.splitlines() if "ERROR" in line), "no answer")
        return Outcome(f"OGC CITE {suite} {version}", said=f"not to be had from Maven: {reason[:160]}")
    entries = {"iut": f"{url}/", "noofcollections": "-1", **{name: text.replace("{url}", url) for name, text in properties.items()}}
    listed = "".join(f'<entry key="{name}">{text}</entry>' for name, text in entries.items())
    (directory / "run.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd"><properties>{listed}</properties>'
    )
    _run("java", "-jar", str(jar), "-o", str(directory), "run.xml", cwd=directory, seconds=900)
    results = next(directory.rglob("testng-results.xml"), None)
    if results is None:
        return Outcome(f"OGC CITE {suite} {version}", failed=1, said="the suite gave no results")
    counts = ET.parse(results).getroot().attrib  # noqa: S314 - written by the suite that was just run
    return Outcome(f"OGC CITE {suite} {version}", int(counts["passed"]), int(counts["failed"]), f"{counts['skipped']} skipped")


def gdal(url: str, directory: Path) -> list[Outcome]:
    """Reading pages by OAPIF, filtering there, and a tile by MVT."""
    if shutil.which("ogrinfo") is None:
        return [Outcome("GDAL", said="ogrinfo is not installed (gdal-bin)")]
    version = _run("ogrinfo", "--version").stdout.split(",")[0]
    total = httpx.get(f"{url}/collections/posyandu/items?limit=1").json()["numberMatched"]
    outcomes = []
    listed = _run("ogrinfo", "-ro", "-q", f"OAPIF:{url}")
    outcomes.append(_judged(f"{version}, OAPIF: collections", "posyandu" in listed.stdout, listed))
    counted = _run("ogrinfo", "-ro", "-so", f"OAPIF:{url}/collections/posyandu", "posyandu")
    outcomes.append(_judged(f"{version}, OAPIF: count", f"Feature Count: {total}" in counted.stdout, counted))
    copy = directory / "gdal.geojson"
    copied = _run("ogr2ogr", "-f", "GeoJSON", str(copy), f"OAPIF:{url}/collections/posyandu", "posyandu", "-oo", "PAGE_SIZE=50")
    whole = copy.exists() and len(json.loads(copy.read_text())["features"]) == total
    outcomes.append(_judged(f"{version}, OAPIF: all pages copied", whole, copied))
    tile = directory / "534.mvt"
    tile.write_bytes(httpx.get(f"{url}/collections/posyandu/tiles/WebMercatorQuad/14/8548/13289").content)
    read = _run("ogrinfo", "-ro", "-so", "-al", f"MVT:{tile}", "-oo", "X=13289", "-oo", "Y=8548", "-oo", "Z=14")
    outcomes.append(_judged(f"{version}, MVT: a tile", "posyandu" in read.stdout, read))
    for name in ("gpkg", "fgb", "kml", "csv", "geojsonseq"):
        file = directory / f"posyandu.{'geojsonl' if name == 'geojsonseq' else name}"
        file.write_bytes(httpx.get(f"{url}/collections/posyandu/items?f={name}", timeout=60).content)
        opened = _run("ogrinfo", "-ro", "-so", "-al", str(file))
        outcomes.append(_judged(f"{version}, {name}: opened", f"Feature Count: {total}" in opened.stdout, opened))
    return outcomes


def qgis(url: str, token: str) -> list[Outcome]:
    """Reading and editing by the Python of the system, that of QGIS's packages, or by the command in `QGIS_PYTHON`. `token`: that of a PIC."""
    python = os.environ.get("QGIS_PYTHON", "python3").split()
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": os.defpath}
    if shutil.which(python[0], path=os.defpath) is None or _run(*python, "-c", "import qgis.core", env=environment).returncode:
        return [Outcome("QGIS", said="python3-qgis is not installed")]
    half = "111.94,-7.92,112.02,-7.75"
    totals = [
        httpx.get(f"{url}/collections/posyandu/items?limit=10000&f=geojson{more}").json()["numberReturned"]
        for more in ("", f"&bbox={half}")
    ]
    read, _ = _in_qgis(python, environment, "in_qgis.py", url, *map(str, totals))
    with httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as pic:
        own = pic.post("/tokens", json={"without_if_match": True, "label": "QGIS"}).json()["token"]
        kelurahan = pic.get("/me").json()["kelurahan"][0]["code"]
        edited, ids = _in_qgis(python, environment, "in_qgis_editing.py", url, own, kelurahan)
        for what, item in ids.items():
            waiting = pic.get(f"/collections/posyandu/items/{item}").json()["properties"]
            well = waiting["state"] == "submitted" and "unconditional" in waiting["placement"]["flags"]
            edited.append(
                Outcome(f"QGIS, editing: what was {what} waits for review", int(well), int(not well), "" if well else str(waiting)[:200])
            )
    return read + edited


def _in_qgis(python: list[str], environment: Mapping[str, str], script: str, *arguments: str) -> tuple[list[Outcome], dict[str, str]]:
    """What one of the scripts beside this one told, and the points that it named."""
    text = Path(__file__).with_name(script).read_text()
    done = _run(*python, "-c", text, *arguments, seconds=300, env=environment)
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), "")
    if not line:
        return [_judged("QGIS", False, done)], {}
    told = json.loads(line)
    outcomes = [
        Outcome(f"QGIS {told['version']}, {one['what']}", int(one["well"]), int(not one["well"]), "" if one["well"] else one["said"])
        for one in told["checks"]
    ]
    return outcomes, told.get("ids", {})


def _judged(what: str, well: bool, done: subprocess.CompletedProcess[str]) -> Outcome:  # noqa: FBT001 - the verdict itself
    said = "" if well else (done.stdout + done.stderr).strip().replace("\n", " ")[:200]
    return Outcome(what, int(well), int(not well), said)
