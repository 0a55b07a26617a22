"""The walk of the README, typed exactly as it stands there, against a trial of its own."""

import json
import math
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest

from app.geo import distance_m
from tests.factories import IN_MOJOROTO, MOJOROTO
from tests.test_cli import ROOT, Served, a_folder, environment

README = ROOT / "README.md"


def walk() -> str:
    """The one block of commands between the two marks."""
    marked = re.findall(r"^<!-- walk -->$(.*?)^<!-- /walk -->$", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(marked) == 1
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", marked[0], re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    return blocks[0]


@pytest.fixture(scope="module")
def walked() -> Iterator[tuple[Path, Served]]:
    """Where the commands were typed, and the service that answered them."""
    with a_folder() as folder:
        served = Served(folder / ".titik", env=environment(), cwd=folder)
        try:
            done = subprocess.run(
                ["bash", "-e"], input=walk(), cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stderr + done.stdout
            assert not [token for token in served.tokens.values() if token in done.stdout + done.stderr]
            yield folder, served
        finally:
            served.kill()


def read(walked: tuple[Path, Served], name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((walked[0] / name).read_bytes())
    return found


def test_the_walk_begins_with_the_tokens_of_the_trial() -> None:
    commands = [line for line in walk().splitlines() if line and not line.startswith("#")]
    assert re.fullmatch(r"(\.|source) \.titik/demo-tokens\.env", commands[0])
    assert sum("curl " in line for line in commands) == 5


def test_the_point_is_posted_and_inside(walked: tuple[Path, Served]) -> None:
    point, asked = read(walked, "point.json"), read(walked, "verdict.json")
    assert point["type"] == "Feature"
    assert (point["properties"]["state"], point["properties"]["kelurahan"]) == ("submitted", MOJOROTO)
    assert point["properties"]["placement"]["verdict"] == "inside"
    assert asked == point
    lines = [json.loads(line) for line in walked[1].printed.splitlines()]
    answered = [(line["method"], line["status"]) for line in lines if line.get("event") == "request"]
    assert answered == [("POST", 201), ("GET", 200), ("POST", 200), ("GET", 200), ("GET", 200)]


def test_the_point_is_published_and_read_by_everybody(walked: tuple[Path, Served]) -> None:
    point, published, items = (read(walked, name) for name in ("point.json", "published.json", "items.json"))
    assert published == {"revision": point["properties"]["revision"], "point": point["id"], "state": "published", "version": 1}
    (found,) = [item for item in items["features"] if item["id"] == point["id"]]
    assert found["geometry"] == point["geometry"]
    assert items["numberReturned"] == len(items["features"]) > 1
    assert not {"placement", "state", "revision"} & found["properties"].keys()


def test_the_tile_holds_the_point(walked: tuple[Path, Served]) -> None:
    point = read(walked, "point.json")
    (z, y, x) = map(int, re.findall(r"WebMercatorQuad/(\d+)/(\d+)/(\d+)", walk())[0])
    layers = mapbox_vector_tile.decode((walked[0] / "tile.mvt").read_bytes(), default_options={"y_coord_down": True})
    (found,) = [one for one in layers["posyandu"]["features"] if one["properties"]["id"] == point["id"]]
    column, row = (one / layers["posyandu"]["extent"] for one in found["geometry"]["coordinates"])
    assert distance_m(*_lon_lat(z, x + column, y + row), *IN_MOJOROTO) < 2


def _lon_lat(zoom: int, column: float, row: float) -> tuple[float, float]:
    """The place of a tile's coordinates (WebMercatorQuad)."""
    return column / 2**zoom * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**zoom))))


def test_ctrl_c_ends_it(walked: tuple[Path, Served]) -> None:
    assert walked[1].end(signal.SIGINT) == 130
