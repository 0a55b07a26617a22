"""Tries a city out of one file of boundaries, on an empty database of its own: `make try-city FILE=… CITY=35.78`.

Four commands of `titik` (regions, boundaries, an administrator, serving), the rest over HTTP as people do it: the administrator signs in by the
link, lets an officer and a walidata in; a point is posted, published, read as a page and as a tile; a table with the names of all kelurahan is
imported. Says what it does, and ends with 1 at the first thing that is not as it should be.
"""

import argparse
import csv
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import shapely.geometry

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-c", "import sys; sys.argv[0] = 'titik'; from app.cli import main; main()")
PASSWORD = "percobaan kota yang pertama"  # noqa: S105 - of a database that is gone a moment later
NAME = "Posyandu Percobaan"
START_S = JUDGED_S = 180
ZOOM = 14


class Trouble(Exception):
    """Something is not as it should be."""


class Place(NamedTuple):
    """A kelurahan, and a place within it."""

    code: str
    name: str
    kecamatan: str
    lon: float
    lat: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("city")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="titik-city-", ignore_cleanup_errors=True) as folder:
        # The user of the database has to come in.
        Path(folder).chmod(0o711)
        try:
            try_city(wanted.file.resolve(), wanted.city, Path(folder))
        except Trouble as trouble:
            print(f"FAILED: {trouble}")
            sys.exit(1)
    print("All of it works.")


def try_city(file: Path, city: str, data_dir: Path) -> None:
    titik = Titik(data_dir)
    titik.run("regions", "load", str(file), "--city", city)
    titik.run("boundaries", "load", str(file), "--edition", "Percobaan", "--activate")
    link = titik.run("account", "add", "admin", "--role", "admin").strip().rpartition("/me/")[2]
    with titik.serving() as address:
        expect(titik.number <= 5, f"{titik.number} commands")
        places = kelurahan_of(address)
        print(f"  {len(places)} kelurahan and desa")
        with signed_in(address, "admin", link) as admin:
            let_in(admin, {"name": "walidata", "role": "walidata"})
            let_in(admin, {"name": "petugas", "role": "pic", "kelurahan": [places[0].code]})
            links = [reset_link(admin, name) for name in ("petugas", "walidata")]
        with signed_in(address, "petugas", links[0]) as officer, signed_in(address, "walidata", links[1]) as walidata:
            publish_a_point(officer, walidata, places[0])
            read_it(address, places[0])
            import_names(walidata, places[1:])


class Titik:
    """The commands of an operator, in an environment of their own; `number` counts them."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.number = 0
        self._data_dir = data_dir
        foreign = ("TITIK_", "PG", "LC_", "LANG")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign) or name == "TITIK_PG_BIN"}
        self._environment = (
            kept | {"TITIK_DATA_DIR": str(data_dir), "TITIK_LANGUAGE": "en", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)} | settings
        )

    def run(self, *arguments: str) -> str:
        """What the command printed on standard output."""
        self._say(arguments)
        done = subprocess.run([*COMMAND, *arguments], env=self._environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        print("".join(f"  {line}\n" for line in done.stderr.splitlines()), end="")
        expect(done.returncode == 0, f"titik {arguments[0]} ended with {done.returncode}")
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of the service."""
        self._say(("serve", "--port", "0"))
        log = self._data_dir.with_name(f"{self._data_dir.name}.log")
        with log.open("wb") as told:
            process = subprocess.Popen(  # noqa: S603 - ours
                [*COMMAND, "serve", "--port", "0"], env=self._environment, stdout=told, stderr=told, start_new_session=True
            )
        try:
            yield self._address(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            log.unlink()

    def _address(self, process: "subprocess.Popen[bytes]") -> str:
        ends = time.monotonic() + START_S
        while time.monotonic() < ends and process.poll() is None:
            try:
                address = (self._data_dir / "serve.url").read_text().strip()
                if httpx.get(f"{address}/health/ready").is_success:
                    return address
            except (OSError, httpx.HTTPError):
                pass
            time.sleep(0.1)
        raise Trouble("the service does not answer")

    def _say(self, arguments: Sequence[str]) -> None:
        self.number += 1
        print(f"{self.number}. titik {' '.join(arguments)}")


def expect(is_so: object, trouble: str) -> None:
    if not is_so:
        raise Trouble(trouble)


def answer(got: httpx.Response, status: int) -> Any:
    """The JSON of an answer, or its text."""
    expect(got.status_code == status, f"{got.request.method} {got.request.url} answered {got.status_code}: {got.text[:400]}")
    return got.json() if "json" in got.headers.get("content-type", "") else got.text


def kelurahan_of(address: str) -> list[Place]:
    features = answer(httpx.get(f"{address}/collections/kelurahan/items", params={"limit": 10_000}, timeout=60), 200)["features"]
    expect(features, "no kelurahan can be read")
    return [_place(feature) for feature in features]


def _place(feature: dict[str, Any]) -> Place:
    inside = shapely.geometry.shape(feature["geometry"]).representative_point()
    properties = feature["properties"]
    return Place(feature["id"], properties["name"], properties["kecamatan"], round(inside.x, 7), round(inside.y, 7))


@contextmanager
def signed_in(address: str, account: str, link: str) -> Iterator[httpx.Client]:
    """By a link for a password, which works once."""
    answer(httpx.post(f"{address}/me/reset/{link.rpartition('/')[2]}", json={"password": PASSWORD}), 204)
    token = answer(httpx.post(f"{address}/tokens/password", json={"account": account, "password": PASSWORD}), 201)["token"]
    print(f"  {account} has signed in by the link")
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        yield client


def let_in(admin: httpx.Client, account: dict[str, Any]) -> None:
    answer(admin.post("/accounts", json=account), 201)


def reset_link(admin: httpx.Client, account: str) -> str:
    return str(answer(admin.post(f"/accounts/{account}/reset-link"), 201)["link"])


def publish_a_point(officer: httpx.Client, walidata: httpx.Client, place: Place) -> None:
    properties = {"name": NAME, "kelurahan": place.name, "accuracy_m": 8}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]}, "properties": properties}
    posted = answer(officer.post("/collections/posyandu/items", json=feature), 201)["properties"]
    verdict = posted["placement"]["verdict"]
    expect((posted["kelurahan"], verdict) == (place.code, "inside"), f"the point lies {verdict} of {posted['kelurahan']}")
    answer(walidata.post(f"/reviews/{posted['revision']}/decision", json={"decision": "publish"}), 200)
    print(f"  a point of {place.name} ({place.code}) was posted and published")


def read_it(address: str, place: Place) -> None:
    page = answer(httpx.get(f"{address}/collections/posyandu/items", params={"f": "html", "limit": 100}), 200)
    expect(NAME in page and place.name in page, "the page does not show the point")
    tile = httpx.get(f"{address}/collections/posyandu/tiles/WebMercatorQuad/{_tile(place)}")
    expect(tile.status_code == 200 and NAME.encode() in tile.content, "the tile does not hold the point")
    found = answer(httpx.get(f"{address}/locate", params={"lon": place.lon, "lat": place.lat}), 200)["kelurahan"]
    expect(found and found["code"] == place.code, "/locate finds another kelurahan")
    print(f"  it stands on a page ({len(page) // 1000} kB), in a tile ({len(tile.content)} bytes), and /locate finds its kelurahan")


def _tile(place: Place) -> str:
    from app.tiles.documents import column_of, row_of  # noqa: PLC0415 - the rest needs nothing of the service

    return f"{ZOOM}/{int(row_of(place.lat, ZOOM))}/{int(column_of(place.lon, ZOOM))}"


def import_names(walidata: httpx.Client, places: Sequence[Place]) -> None:
    """One posyandu in each kelurahan, which the table names by its name and that of its kecamatan."""
    text = io.StringIO()
    rows = [(f"Posyandu Impor {at}", place.name, place.kecamatan, place.lat, place.lon) for at, place in enumerate(places)]
    csv.writer(text).writerows([("Nama", "Kelurahan", "Kecamatan", "Lintang", "Bujur"), *rows])
    query = {"category": "posyandu", "name": "percobaan.csv"}
    begun = answer(walidata.post("/imports", params=query, content=text.getvalue().encode()), 202)["id"]
    judged = _finished(walidata, begun)
    good = judged["counts"]["good"] + judged["counts"]["warned"]
    expect(
        good == len(places), f"of {len(places)} rows {good} are good: {answer(walidata.get(f'/imports/{begun}/report'), 200)['rows'][:3]}"
    )
    answer(walidata.post(f"/imports/{begun}/commit", json={"rows": "all", "accept": ["near-duplicates"]}), 202)
    expect(_finished(walidata, begun)["state"] == "committed", "the import was not committed")
    print(f"  {good} rows with the names of their kelurahan were imported")


def _finished(client: httpx.Client, begun: str) -> dict[str, Any]:
    ends = time.monotonic() + JUDGED_S
    while time.monotonic() < ends:
        found: dict[str, Any] = answer(client.get(f"/imports/{begun}"), 200)
        if found["state"] in ("judged", "committed"):
            return found
        expect(found["state"] != "failed", f"the import failed: {found}")
        time.sleep(0.2)
    raise Trouble("the import does not end")


if __name__ == "__main__":
    main()
