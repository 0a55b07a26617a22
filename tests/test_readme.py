"""The walk of the README, typed exactly as it stands there, against a trial of its own."""

import json
import math
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import mapbox_vector_tile

from app.geo import distance_m
from tests.factories import IN_MOJOROTO, MOJOROTO
from tests.photographs import a_photo
from tests.test_cli import ROOT, Served, environment
from tests.test_cluster import _folder as a_folder

README = ROOT / "README.md"


def walk(page: Path = README) -> str:
    """The one block of commands between the two marks."""
    marked = re.findall(r"^<!-- walk -->$(.*?)^<!-- /walk -->$", page.read_text(), re.DOTALL | re.MULTILINE)
    assert len(marked) == 1
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", marked[0], re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    return blocks[0]


def test_the_walk_leads_from_a_post_to_the_map() -> None:
    """Typed by bash in the directory of the service, which ends in an orderly way with Ctrl-C."""
    commands = walk()
    with a_folder() as folder:
        served = Served(folder / ".titik", env=environment(), cwd=folder)
        try:
            done = subprocess.run(
                ["bash", "-e"], input=commands, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stderr + done.stdout
            assert not [token for token in served.tokens.values() if token in done.stdout + done.stderr]
            assert served.end(signal.SIGINT) == 130
            check_requests(served)
            check_point(folder)
            check_published(folder)
            check_tile(folder, commands)
        finally:
            served.kill()


def check_requests(served: Served) -> None:
    """What the service says that it answered: the post is really new."""
    lines = [json.loads(line) for line in served.printed.splitlines()]
    answered = [(line["method"], line["status"]) for line in lines if line.get("event") == "request"]
    assert answered == [("POST", 201), ("GET", 200), ("POST", 200), ("GET", 200), ("GET", 200)]


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_bytes())
    return found


def test_the_walk_begins_with_the_tokens_of_the_trial() -> None:
    commands = [line for line in walk().splitlines() if line and not line.startswith("#")]
    assert re.fullmatch(r"(\.|source) \.titik/demo-tokens\.env", commands[0])
    assert sum("curl " in line for line in commands) == 5


def check_point(folder: Path) -> None:
    point, asked = read(folder, "point.json"), read(folder, "verdict.json")
    assert point["type"] == "Feature"
    assert (point["properties"]["state"], point["properties"]["kelurahan"]) == ("submitted", MOJOROTO)
    assert point["properties"]["placement"]["verdict"] == "inside"
    assert asked == point


def check_published(folder: Path) -> None:
    point, published, items = (read(folder, name) for name in ("point.json", "published.json", "items.json"))
    assert published == {"revision": point["properties"]["revision"], "point": point["id"], "state": "published", "version": 1}
    (found,) = [item for item in items["features"] if item["id"] == point["id"]]
    assert found["geometry"] == point["geometry"]
    assert items["numberReturned"] == len(items["features"]) > 1
    assert not {"placement", "state", "revision"} & found["properties"].keys()


def check_tile(folder: Path, commands: str) -> None:
    point = read(folder, "point.json")
    (z, y, x) = map(int, re.findall(r"WebMercatorQuad/(\d+)/(\d+)/(\d+)", commands)[0])
    layers = mapbox_vector_tile.decode((folder / "tile.mvt").read_bytes(), default_options={"y_coord_down": True})
    (found,) = [one for one in layers["posyandu"]["features"] if one["properties"]["id"] == point["id"]]
    column, row = (one / layers["posyandu"]["extent"] for one in found["geometry"]["coordinates"])
    assert distance_m(*_lon_lat(z, x + column, y + row), *IN_MOJOROTO) < 2


def _lon_lat(zoom: int, column: float, row: float) -> tuple[float, float]:
    """The place of a tile's coordinates (WebMercatorQuad)."""
    return column / 2**zoom * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**zoom))))


def test_the_walk_of_an_import() -> None:
    """The one of docs/imports.md."""
    with a_folder() as folder:
        served = Served(folder / ".titik", env=environment(), cwd=folder)
        try:
            done = subprocess.run(
                ["bash", "-e"], input=walk(ROOT / "docs" / "imports.md"), cwd=folder, env=environment(),
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr + done.stdout
            assert (folder / "laporan.xlsx").read_bytes()[:2] == (folder / "posyandu.xlsx").read_bytes()[:2] == b"PK"
        finally:
            served.kill()
    begun, report, committing = (json.loads(one) for one in re.sub(r"\}\{", "}\n{", done.stdout).splitlines())
    assert begun["state"] == "queued"
    assert [(row["row"], row["level"]) for row in report["rows"]] == [(3, "question")]
    assert committing["state"] == "committing"


def test_the_walk_of_a_phone() -> None:
    """The one of docs/phones.md."""
    with a_folder() as folder:
        served = Served(folder / ".titik", env=environment(), cwd=folder)
        (folder / "foto.jpg").write_bytes(a_photo())
        try:
            done = subprocess.run(
                ["bash", "-e"], input=walk(ROOT / "docs" / "phones.md"), cwd=folder, env=environment(),
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr + done.stdout
        finally:
            served.kill()
    first, second, photo = (json.loads(one) for one in re.sub(r"\}\{", "}\n{", done.stdout).splitlines())
    assert [one["status"] for one in first["results"]] == ["created", "changed", "conflict"]
    assert [one.get("repeated") for one in second["results"]] == [True, True, None]
    assert photo["flags"] == ["photo-far"]
