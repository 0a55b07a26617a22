"""The walk of the README, typed exactly as it stands there, against a trial of its own."""

import json
import math
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import mapbox_vector_tile
import pytest

from app.cluster.binaries import newest
from app.geo import distance_m
from tests.factories import IN_MOJOROTO, MOJOROTO
from tests.photographs import a_photo
from tests.test_cli import ROOT, Served, environment
from tests.test_cluster import _folder as a_folder

pytestmark = pytest.mark.disruptive(30)

README = ROOT / "README.md"


def walk(page: Path, mark: str = "walk") -> str:
    """The one block of commands between the two marks."""
    marked = re.findall(rf"^<!-- {mark} -->$(.*?)^<!-- /{mark} -->$", page.read_text(), re.DOTALL | re.MULTILINE)
    assert len(marked) == 1
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", marked[0], re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    return blocks[0]


class Walked(NamedTuple):
    """The directory that a walk was typed in, with what it left there, the service that stands in it, and what it printed."""

    folder: Path
    served: Served
    printed: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What was printed, as the JSON texts that it is."""
        return [json.loads(one) for one in re.sub(r"\}\{", "}\n{", self.printed).splitlines()]


@contextmanager
def walked(page: Path, **files: bytes) -> Iterator[Walked]:
    """Typed by bash in the directory of a service of its own, beside `files`. It may print no token."""
    with a_folder() as folder:
        served = Served(folder / ".titik", env=environment(), cwd=folder)
        try:
            for name, content in files.items():
                (folder / name).write_bytes(content)
            done = subprocess.run(
                ["bash", "-e"], input=walk(page), cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, done.stderr + done.stdout
            assert not [token for token in served.tokens.values() if token in done.stdout + done.stderr]
            yield Walked(folder, served, done.stdout)
        finally:
            served.kill()


def test_the_walk_leads_from_a_post_to_the_map() -> None:
    """The service ends in an orderly way with Ctrl-C."""
    with walked(README) as (folder, served, _):
        assert served.end(signal.SIGINT) == 130
        check_requests(served)
        check_point(folder)
        check_published(folder)
        check_tile(folder, walk(README))


def check_requests(served: Served) -> None:
    """What the service says that it answered: the post is really new."""
    lines = [json.loads(line) for line in served.printed.splitlines()]
    answered = [(line["method"], line["status"]) for line in lines if line.get("event") == "request"]
    assert answered == [("POST", 201), ("GET", 200), ("POST", 200), ("GET", 200), ("GET", 200)]


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_bytes())
    return found


def test_the_walk_begins_with_the_tokens_of_the_trial() -> None:
    commands = [line for line in walk(README).splitlines() if line and not line.startswith("#")]
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
    with walked(ROOT / "docs" / "imports.md") as walk_of_import:
        begun, report, committing = walk_of_import.answers
        assert begun["state"] == "queued"
        assert [(row["row"], row["level"]) for row in report["rows"]] == [(3, "question")]
        assert committing["state"] == "committing"
        for name in ("laporan.xlsx", "posyandu.xlsx"):
            assert (walk_of_import.folder / name).read_bytes().startswith(b"PK")


def test_the_walk_of_a_phone() -> None:
    with walked(ROOT / "docs" / "phones.md", **{"foto.jpg": a_photo()}) as walk_of_phone:
        first, second, photo = walk_of_phone.answers
    assert [one["status"] for one in first["results"]] == ["created", "changed", "conflict"]
    assert [one.get("repeated") for one in second["results"]] == [True, True, None]
    assert photo["flags"] == ["photo-far"]


def test_a_dump_of_one_trial_becomes_another_with_the_same_points_and_tokens() -> None:
    with a_folder() as folder:

        def typed(mark: str) -> None:
            binaries = newest()
            variables = {**environment(), "PATH": f"{binaries}:{os.environ['PATH']}"}
            done = subprocess.run(
                ["bash", "-e"],
                input=walk(README, mark),
                cwd=folder,
                env=variables,
                capture_output=True,
                text=True,
                timeout=200,
                check=False,
            )
            assert done.returncode == 0, done.stderr + done.stdout

        def read(served: Served, token: str) -> list[dict[str, Any]]:
            answer = httpx.get(
                f"{served.url}/collections/rt/items?limit=1000", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60
            )
            assert answer.status_code == 200, answer.text
            features: list[dict[str, Any]] = answer.json()["features"]
            return features

        first = Served(folder / ".titik", env=environment(), cwd=folder)
        try:
            token = first.tokens["TITIK_TOKEN_OPD"]
            before = read(first, token)
            typed("dump")
        finally:
            first.kill()
        typed("begin")
        for step in ("restore", None):
            served = Served(folder / ".titik", env=environment(), cwd=folder)
            try:
                if step:
                    typed(step)
                else:
                    assert read(served, token) == before
                    assert len(before) > 50
            finally:
                served.kill()


def test_the_walk_of_the_boundaries_leads_to_another_edition() -> None:
    """What was compared is what was changed; the outlines are the same, but more exact."""
    with walked(ROOT / "docs" / "boundaries.md") as (folder, served, _):
        impact, changed = (json.loads((folder / name).read_text()) for name in ("impact.json", "changed.json"))
        assert (impact["points"], impact["counts"]) == (changed["points"], changed["counts"])
        assert impact["counts"]["judged"] > 40
        assert len((folder / "berubah.csv").read_text().splitlines()) == 1 + impact["counts"]["changed"]
        assert "<svg" in (folder / "laporan.html").read_text()
        editions = httpx.get(f"{served.url}/boundaries/editions", trust_env=False).json()["editions"]
        assert (editions[0]["name"], editions[0]["active"]) == ("Perda-2026", True)
