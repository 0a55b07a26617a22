"""One city alone, and the same city in a database of its whole province: how much slower `/locate` and POST are there.

    python -m benchmarks.province --boundaries FILE.gpkg [--city 35.78] [--rounds 5] [--seconds 4]

FILE holds one polygon for each kelurahan and desa of the province with its code (KDEPUM). Two Titik with one worker each are filled from it by the
commands of an operator, and asked and written to in turns, at the same random places of the city; the ratio of each round counts, and the median of
the ratios is the figure.
"""

import argparse
import json
import platform
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyogrio
import shapely

from app.cluster import open_cluster
from benchmarks import load
from benchmarks.post import CLIENTS, SPREAD, Place, machine, measure_titik
from scripts.try_city import Titik

ROOT = Path(__file__).resolve().parent.parent
PATHS = 2_000
WANTED = 1.2
# One officer writes for no more.
WRITTEN_AT_MOST = 100
OFF = {"TITIK_RATE_LIMIT": "off", "TITIK_ACCOUNT_RATE_LIMIT": "off", "TITIK_LOG_LEVEL": "warning"}


class Side(NamedTuple):
    """A Titik that answers: its address, that of its database, the token of its officer, and how many kelurahan it has."""

    url: str
    owner_url: str
    token: str
    kelurahan: int


class Round(NamedTuple):
    """How many times as long the province takes."""

    locate: float
    post: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--boundaries", type=Path, required=True)
    arguments.add_argument("--city", default="35.78")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "province.md")
    wanted = arguments.parse_args()
    file = wanted.boundaries.resolve()
    codes, places = places_of(file, wanted.city)
    del places[WRITTEN_AT_MOST:]
    with tempfile.TemporaryDirectory(prefix="titik-province-") as folder:
        directory = Path(folder)
        directory.chmod(0o711)
        (directory / "paths.txt").write_text("".join(f"/locate?lon={lon}&lat={lat}\n" for lon, lat in spots(places)))
        (directory / "places.json").write_text(json.dumps(places))
        with (
            side(directory / "city", file, wanted.city, places) as city,
            side(directory / "province", file, wanted.city[:2], places) as province,
        ):
            rounds = [one_round(city, province, directory, wanted.seconds, number) for number in range(wanted.rounds)]
    told = report(rounds, wanted.city, sum(code.startswith(wanted.city) for code in codes), len(codes))
    wanted.output.write_text(told)
    print(told)


def places_of(file: Path, city: str) -> tuple[list[str], list[Place]]:
    """The codes of all kelurahan, and in those of the city that are wide enough a place around which points fit."""
    meta, table = pyogrio.read_arrow(file, columns=["KDEPUM"])
    columns = table.to_pydict()
    geoms = shapely.from_wkb(columns[meta["geometry_name"] or "wkb_geometry"])
    codes = [code or "" for code in columns["KDEPUM"]]
    places = []
    for code, geom in zip(codes, geoms, strict=True):
        if code.startswith(f"{city}."):
            lon, lat = shapely.get_coordinates(shapely.maximum_inscribed_circle(geom, 1e-4))[0].tolist()
            reach = SPREAD / 1e6
            if geom.contains(shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)):
                places.append(Place(code, lon, lat))
    return [code for code in codes if re.fullmatch(r"\d\d\.\d\d\.\d\d\.\d{4}", code)], places


def spots(places: Sequence[Place]) -> Iterator[tuple[float, float]]:
    dice = random.Random(3578)
    for _ in range(PATHS):
        place = dice.choice(places)
        yield round(place.lon + dice.uniform(-0.01, 0.01), 6), round(place.lat + dice.uniform(-0.01, 0.01), 6)


@contextmanager
def side(data_dir: Path, file: Path, region: str, places: Sequence[Place]) -> Iterator[Side]:
    """Filled by commands, and served."""
    titik = Titik(data_dir, **OFF)
    began = time.monotonic()
    titik.run("regions", "load", str(file), "--city", region)
    titik.run("boundaries", "load", str(file), "--activate")
    kelurahan = [part for place in places for part in ("--kelurahan", place.code)]
    titik.run("account", "add", "petugas", "--role", "pic", *kelurahan)
    token = titik.run("token", "issue", "petugas").strip()
    print(f"  {region} is loaded after {time.monotonic() - began:.0f} s", flush=True)
    with titik.serving() as address, open_cluster(data_dir) as cluster:
        yield Side(address, cluster.url("titik_owner"), token, len(places))


def one_round(city: Side, province: Side, directory: Path, seconds: int, number: int) -> Round:
    sides = (city, province) if number % 2 == 0 else (province, city)
    asked = {one: load.http(one.url, directory / "paths.txt", seconds, at=number * 100).per_s for one in sides}
    posted = {
        one: measure_titik(one.owner_url, {"TITIK_URL": one.url, "TITIK_TOKEN_PIC": one.token}, seconds, directory / "places.json").per_s
        for one in sides
    }
    found = Round(asked[city] / asked[province], posted[city] / posted[province])
    print(
        f"round {number + 1}: /locate {asked[city]:6.0f}/s alone, {asked[province]:6.0f}/s in the province, {found.locate:.2f} times"
        f"   POST {posted[city]:6.0f}/s, {posted[province]:6.0f}/s, {found.post:.2f} times",
        flush=True,
    )
    return found


def report(rounds: Sequence[Round], city: str, own: int, all_of_them: int) -> str:
    rows = []
    for name, ratios in (("`GET /locate`", [one.locate for one in rounds]), ("`POST …/items`", [one.post for one in rounds])):
        median = statistics.median(ratios)
        verdict = "reached" if median <= WANTED else "**missed**"
        rows.append(f"| {name} | {median:.2f} times | {min(ratios):.2f} to {max(ratios):.2f} | {WANTED} times | {verdict} |")
    return f"""# A city in a database of its province

Made by `python -m benchmarks.province`. City {city}: {own} kelurahan alone, and among {all_of_them} of the province. {len(rounds)} rounds,
{CLIENTS} connections, one worker each.

{machine()}; Python {platform.python_version()}; {load.tool()}

| | times as long | rounds | wanted | |
|---|---|---|---|---|
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    main()
