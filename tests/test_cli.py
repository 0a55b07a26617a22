"""Every command through the real console entry, as an operator runs it: what it prints, how it ends, what it leaves."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from app.accounts import service as accounts
from app.accounts.tokens import is_wellformed
from app.cli.points import _import as import_points
from app.cluster import Cluster, create_database, drop_database, open_cluster
from app.cluster.place import find
from app.connections import open_once
from app.demo.division import approximate_boundaries
from app.demo.kediri import regions as shipped_regions
from app.errors import OperatorError
from app.imports import service
from app.imports.schemas import Committing
from app.main import create_app
from app.operator.operation import keep_address, migration_head
from app.settings import Settings
from app.statement import Statement
from tests import factories
from tests.conftest import SECRET
from tests.factories import APPROXIMATE, BUJEL, GRID, MOJOROTO, a_feature, running
from tests.test_cluster import _folder as a_folder
from tests.test_cluster import lives

pytestmark = pytest.mark.disruptive(33)

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")
SHIFTED, PART = "Bergeser", "Sebagian"
_number = count()


def environment(data_dir: Path | str | None = None, **variables: str) -> dict[str, str]:
    """That of whoever runs the tests, without their settings; in Indonesian."""
    foreign = ("TITIK_", "PG", "LC_", "LANG", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign) or name == "TITIK_PG_BIN"}
    chosen = {"TITIK_DATA_DIR": str(data_dir)} if data_dir else {}
    return {**kept, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **chosen, **variables}


class Done(NamedTuple):
    """How a command ended: what it was asked for stands in `printed`, what it told the operator in `told`."""

    status: int
    printed: str
    told: str


async def run(*arguments: str | Path, data_dir: Path | str | None = None, **variables: str) -> Done:
    """Runs one command to its end. None may show a traceback, whatever happens."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *map(str, arguments), env=environment(data_dir, **variables), cwd=tempfile.gettempdir(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    printed, told = await asyncio.wait_for(process.communicate(), 120)
    done = Done(process.returncode or 0, printed.decode(errors="replace"), told.decode(errors="replace"))
    assert "Traceback" not in done.told + done.printed, done.told
    return done


class Served:
    """A `titik serve --demo` in a process group of its own, ready to answer after `seconds`. Its output goes to files beside `data_dir`."""

    def __init__(self, data_dir: Path, *, command: Sequence[str] = COMMAND, options: Sequence[str] = (), **how: Any) -> None:
        began, number = time.monotonic(), next(_number)
        self._printed_to, self._told_to = (data_dir.parent / f"{stream}.{number}" for stream in ("printed", "told"))
        with self._printed_to.open("wb") as printed, self._told_to.open("wb") as told:
            self.process = subprocess.Popen(
                [*command, "serve", "--demo", "--port", "0", *options],
                **{"cwd": data_dir.parent, "env": environment(data_dir), **how},
                stdin=subprocess.DEVNULL, stdout=printed, stderr=told, start_new_session=True,
            )  # fmt: skip
        try:
            while "Ctrl-C" not in self.told:
                assert self.process.poll() is None, self.told
                assert time.monotonic() - began < 120, self.told
                time.sleep(0.02)
        except BaseException:
            self.kill()
            raise
        self.seconds = time.monotonic() - began
        self.tokens = read_tokens(data_dir)
        self.url = self.tokens.pop("TITIK_URL")

    @property
    def printed(self) -> str:
        return self._printed_to.read_text()

    @property
    def told(self) -> str:
        return self._told_to.read_text()

    @property
    def errors(self) -> str:
        """What the service logged as a fault of its own."""
        return "\n".join(line.replace("\\n", "\n") for line in self.printed.splitlines() if '"level":"error"' in line)

    def end(self, number: signal.Signals) -> int:
        """Asks all processes of the group to end, as a terminal does; the exit status of the first."""
        os.killpg(self.process.pid, number)
        return self.process.wait(30)

    def kill(self) -> None:
        """For the end of a test that failed; the cluster, if it still runs, is stopped too."""
        if self.process.poll() is None:
            self.end(signal.SIGTERM)


def read_tokens(data_dir: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (data_dir / "demo-tokens.env").read_text().splitlines())


@pytest.fixture
def at(database: Settings) -> dict[str, str]:
    """The variables that lead a command to the worker's database."""
    return {"TITIK_DATABASE_URL": database.service_dsn, "TITIK_OWNER_URL": database.owner_dsn, "TITIK_SECRET_KEY": SECRET}


@pytest.fixture
async def editions(database: Settings) -> AsyncIterator[Settings]:
    """Editions that a test loads are gone afterwards."""
    yield database
    await factories.activate(database, APPROXIMATE)
    await factories.forget_editions(database)


async def rows(settings: Settings, sql: str) -> list[Mapping[str, Any]]:
    async with open_once(settings.owner_dsn) as session:
        return await session.all(Statement(sql))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files as BIG gives them out, in UTM 49S: all kelurahan 250 m too far east, all but two, and one with a line that crosses itself."""
    folder = tmp_path_factory.mktemp("boundaries")
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:32749", always_xy=True)
    regions = {region.code: region for region in shipped_regions()}
    codes, shapes = zip(*((one.code, one.geometry) for one in approximate_boundaries(tuple(regions.values()))), strict=True)
    metric = shapely.transform(
        np.array(shapes, dtype=object), lambda degrees: np.column_stack(to_metres.transform(*degrees.T)) + np.array((250, 0))
    )
    assert len(metric) == 46

    def write(name: str, shapes: Any, codes: Any) -> Path:
        path = folder / f"{name}.gpkg"
        parents = [regions[regions[code].parent_code or ""] for code in codes]
        columns = {
            "KDEPUM": codes, "WADMKD": [regions[code].name for code in codes], "KDCPUM": [one.code for one in parents],
            "WADMKC": [one.name for one in parents], "KDPKAB": ["35.71"] * len(codes), "WADMKK": ["Kota Kediri"] * len(codes),
        }  # fmt: skip
        pyogrio.raw.write(
            path, shapely.to_wkb(shapes), [np.array(column, dtype=object) for column in columns.values()], list(columns),
            layer="ADMINISTRASI_AR_DESAKEL", geometry_type="MultiPolygon", crs="EPSG:32749", driver="GPKG",
        )  # fmt: skip
        return path

    bow_tie = metric.copy()
    ring = shapely.get_coordinates(max(metric[codes.index(BUJEL)].geoms, key=lambda part: part.area).exterior)
    ring[[3, 4]] = ring[[4, 3]]
    bow_tie[codes.index(BUJEL)] = shapely.MultiPolygon([shapely.Polygon(ring)])
    assert not bow_tie[codes.index(BUJEL)].is_valid
    return {
        "complete": write("batas", metric, codes),
        "part": write("sebagian", metric[2:], codes[2:]),
        "bow-tie": write("kupu", bow_tie, codes),
    }


async def test_the_schema_is_shown_and_brought_up_to_date(cluster: Cluster, worker_id: str) -> None:
    name = f"titik_empty_{worker_id}"
    create_database(cluster, name)
    at = {
        "TITIK_DATABASE_URL": cluster.url("titik_service", name),
        "TITIK_OWNER_URL": cluster.url("titik_owner", name),
        "TITIK_SECRET_KEY": SECRET,
    }
    try:
        empty = await run("db", "status", **at)
        assert (empty.status, empty.printed) == (1, f"schema - head {migration_head()}\n")
        assert "titik db upgrade" in empty.told
        first, again = await run("db", "upgrade", **at), await run("db", "upgrade", **at, TITIK_LANGUAGE="en")
        assert (first.status, again.status) == (0, 0)
        assert "diperbarui" in first.told
        assert again.told == "The schema is up to date.\n"
        known = await run("db", "status", **at)
        assert (known.status, known.printed) == (0, f"schema {migration_head()} head {migration_head()}\n")
    finally:
        drop_database(cluster, name)


async def test_an_edition_is_refused_loaded_and_listed(
    editions: Settings, at: dict[str, str], files: dict[str, Path], tmp_path: Path
) -> None:
    refused = await run("boundaries", "load", files["part"], **at)
    assert refused.status == 1
    assert "2 kelurahan tidak ada di dalam batas ini: Bandar Lor, Bandar Kidul" in refused.told
    assert "--incomplete" in refused.told
    assert len(await rows(editions, f"SELECT FROM titik.boundary_edition WHERE name NOT IN ('{GRID}')")) == 1
    (tmp_path / "catatan.geojson").write_text("bukan peta")
    done = await asyncio.gather(
        run("boundaries", "load", files["part"], "--incomplete", "--edition", PART, **at),
        run(
            "boundaries",
            "load",
            files["bow-tie"],
            "--edition",
            SHIFTED,
            "--accuracy-m",
            "5",
            "--legal-basis",
            "Perda 1/2026",
            "--accept",
            "repaired-much",
            **at,
        ),
        run("boundaries", "load", tmp_path / "tidak-ada.gpkg", **at),
        run("boundaries", "load", tmp_path / "catatan.geojson", **at),
        run("boundaries", "load", files["complete"], "--map", "code", **at),
        run("boundaries", "load", files["complete"], "--accuracy-m", "nan", **at),
        run("boundaries", "activate", "Tidak Ada", **at),
    )
    part, bow_tie, missing, no_map, no_pair, no_number, unknown = done
    assert [one.status for one in (part, bow_tie, missing, no_map, no_pair, unknown)] == [0, 0, 1, 1, 1, 1], done
    assert no_number.status in (1, 2)
    assert "Perbaikan garis mengubah banyak luas 1 baris (Bujel)" in bow_tie.told
    assert "WGS 84 / UTM zone 49S" in bow_tie.told
    assert re.search(f"titik boundaries activate '?{SHIFTED}", bow_tie.told)
    assert "tidak-ada.gpkg" in missing.told
    assert "catatan.geojson" in no_map.told
    assert "--map code=KODE" in no_pair.told
    assert "titik boundaries list" in unknown.told
    assert not "".join(one.printed for one in done)
    taken, listed = await asyncio.gather(
        run("boundaries", "load", files["complete"], "--edition", SHIFTED, **at), run("boundaries", "list", **at)
    )
    assert taken.status == 1
    assert "--edition" in taken.told
    lines = {name: line for line in listed.printed.splitlines() for name in (APPROXIMATE, SHIFTED, PART) if line.startswith(f"{name} ")}
    assert [word in lines[SHIFTED] for word in ("46", " 5 ", "kupu.gpkg", " ya ")] == [True, True, True, False]
    assert [word in lines[PART] for word in ("44", " 10 ", " ya ")] == [True, True, False]
    assert lines[APPROXIMATE].count(" ya ") == 2


SITUATION = """
    SELECT r.id, r.kelurahan, r.verdict, r.found_in, r.flags, r.edition_id, r.state, p.category,
           ST_AsBinary(s.geom) AS shown, i.geom = r.geom AS exact
      FROM titik.revision r JOIN titik.point p ON p.id = r.point_id
      LEFT JOIN published.item s ON s.id = p.id LEFT JOIN internal.item i ON i.id = p.id
     ORDER BY r.id
"""
HALVES = """
    SELECT (SELECT array_agg(i::text ORDER BY i.id) FROM published.item i) AS public, (SELECT array_agg(i::text ORDER BY i.id) FROM internal.item i) AS inner
"""


async def test_samples_and_another_edition(editions: Settings, at: dict[str, str], files: dict[str, Path]) -> None:
    """Another edition judges all points again, says what changed, and rewrites no declaration; public RT stay within their kelurahan."""
    loaded = await run("demo", "load", **at)
    assert loaded.status == 0, loaded.told
    assert loaded.told.strip().splitlines()[-1] == "368 titik contoh diisi."
    before = {row["id"]: row for row in await rows(editions, SITUATION)}
    waiting = await run("boundaries", "load", files["complete"], "--edition", PART, "--accuracy-m", "5", **at)
    assert waiting.status == 0, waiting.told
    impact = await run("boundaries", "impact", PART, **at)
    assert impact.status == 0, impact.told
    assert {row["id"]: row for row in await rows(editions, SITUATION)} == before
    activated = await run("boundaries", "load", files["complete"], "--edition", SHIFTED, "--accuracy-m", "5", "--activate", **at)
    assert activated.status == 0, activated.told
    after = {row["id"]: row for row in await rows(editions, SITUATION)}
    changes = {row["revision_id"]: row for row in await rows(editions, "SELECT * FROM titik.placement_change")}

    moved = {id_ for id_ in before if (before[id_]["verdict"], before[id_]["found_in"]) != (after[id_]["verdict"], after[id_]["found_in"])}
    assert len(before) == 368
    assert 20 < len(moved) < 368
    assert f"368 titik dinilai ulang, {len(moved)} berubah" in activated.told
    assert f"{len(moved)} dari 368 titik berubah putusannya" in impact.told
    points = {row["id"]: str(row["point_id"]) for row in await rows(editions, "SELECT id, point_id FROM titik.revision")}
    assert all(points[id_] in impact.printed for id_ in moved)
    assert changes.keys() == moved
    for id_ in moved:
        assert changes[id_]["after"]["verdict"] == after[id_]["verdict"]
        assert changes[id_]["before"]["verdict"] == before[id_]["verdict"]
        assert "rejudged" in after[id_]["flags"]
    assert {id_: row["kelurahan"] for id_, row in after.items()} == {id_: row["kelurahan"] for id_, row in before.items()}
    assert len({row["edition_id"] for row in after.values()} | {row["edition_id"] for row in before.values()}) == 2

    polygons = {
        row["region_code"]: shapely.from_wkb(row["geom"])
        for row in await rows(
            editions,
            "SELECT region_code, ST_AsBinary(geom) AS geom FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active",
        )
    }
    rounded = [id_ for id_, row in after.items() if row["category"] == "rt" and row["shown"] and row["verdict"] in ("inside", "near")]
    was_outside = [id_ for id_ in rounded if not polygons[before[id_]["kelurahan"]].covers(shapely.from_wkb(before[id_]["shown"]))]
    assert was_outside, "no public RT had to move, so that nothing was tried"
    assert all(polygons[after[id_]["kelurahan"]].covers(shapely.from_wkb(after[id_]["shown"])) for id_ in rounded)
    assert all(row["exact"] for row in after.values() if row["exact"] is not None)

    halves = await rows(editions, HALVES)
    rebuilt = await run("published", "rebuild", **at)
    assert rebuilt.told == f"{sum(row['state'] == 'published' for row in after.values())} titik terbit dibuat ulang.\n"
    assert await rows(editions, HALVES) == halves
    again, cleared = await run("demo", "load", **at), await run("demo", "clear", **at, TITIK_LANGUAGE="en")
    assert "0 titik contoh" in again.told
    assert cleared.told == "The sample points are gone.\n"
    left = "SELECT (SELECT count(*) FROM titik.point) AS points, (SELECT count(*) FROM internal.item) AS items, (SELECT count(*) > 0 FROM titik.audit) AS record"
    assert dict((await rows(editions, left))[0]) == {"points": 0, "items": 0, "record": True}


async def test_accounts_and_tokens(database: Settings, at: dict[str, str]) -> None:
    no_kelurahan, no_such_role, no_such_kelurahan, too_many, nobody, no_time, added = await asyncio.gather(
        run("account", "add", "ana", "--role", "pic", **at),
        run("account", "add", "ana", "--role", "raja", **at),
        run("account", "add", "ana", "--role", "pic", "--kelurahan", "35.71.99.1001", **at),
        run("account", "add", "ana", "--role", "opd", "--kelurahan", MOJOROTO, **at),
        run("token", "issue", "nobody", **at),
        run("token", "issue", "siti", "--expires", "soon", **at),
        run("account", "add", "siti", "--role", "pic", "--kelurahan", "3571011011", "--kelurahan", "kel. bujel", **at),
    )
    refused = (no_kelurahan, no_such_role, no_such_kelurahan, too_many, nobody, no_time)
    assert [one.status for one in refused] == [1] * 6, refused
    assert all(
        words in one.told
        for words, one in zip(
            ("satu kelurahan", "walidata", "Yang ada: ", "satu kelurahan", "titik account add", "90d"), refused, strict=True
        )
    )
    assert added.status == 0
    assert "\n--kelurahan: " in no_such_kelurahan.told
    assert "titik token issue siti" in added.told
    assert not "".join(one.printed for one in (*refused, added))
    taken, issued, in_english = await asyncio.gather(
        run("account", "add", "siti", "--role", "admin", **at),
        run("token", "issue", "siti", "--expires", "12h", **at),
        run("token", "issue", "siti", TITIK_LANGUAGE="en", **at),
    )
    assert taken.status == 1
    assert "sudah dipakai" in taken.told
    assert (issued.status, issued.told) == (0, "")
    token = issued.printed.removesuffix("\n")
    short = await run("account", "change", "siti", "--email", "bukan surel", **at)
    assert short.status == 1
    assert [line for line in short.told.splitlines() if line.startswith("--email: ")], short.told
    assert is_wellformed(token)
    assert is_wellformed(in_english.printed.strip())
    assert token != in_english.printed.strip()
    async with open_once(database.owner_dsn) as session:
        actor = await accounts.sign_in(session, SECRET.encode(), token)
    assert (actor.name, actor.role, actor.kelurahan) == ("siti", "pic", (BUJEL, MOJOROTO))
    kept = await rows(
        database,
        "SELECT t::text AS token FROM titik.token t UNION ALL SELECT a::text FROM titik.audit a UNION ALL SELECT o::text FROM titik.outbox o",
    )
    assert not [row for row in kept if token in row["token"]]
    hours = await rows(
        database, "SELECT round(extract(epoch FROM expires_at - now()) / 3600) AS hours FROM titik.token ORDER BY expires_at"
    )
    assert [int(row["hours"]) for row in hours] == [12, 90 * 24]


async def test_a_reset_link_leads_to_where_the_service_is(at: dict[str, str], tmp_path: Path) -> None:
    """The address that is set, else where a service of this data directory answers, else the usual one, with a word about it."""
    assert (await run("account", "add", "budi", "--role", "admin", **at)).status == 0
    unknown = await run("account", "reset-link", "budi", data_dir=tmp_path, **at)
    assert unknown.printed.startswith("http://127.0.0.1:8000/me/reset/")
    assert "TITIK_PUBLIC_URL" in unknown.told
    keep_address(Settings(data_dir=tmp_path), "http://127.0.0.1:8123")
    served = await run("account", "reset-link", "budi", data_dir=tmp_path, **at)
    assert served.printed.startswith("http://127.0.0.1:8123/me/reset/")
    assert "TITIK_PUBLIC_URL" not in served.told
    told = await run("account", "reset-link", "budi", data_dir=tmp_path, **at, TITIK_PUBLIC_URL="https://titik.kota.example/")
    assert told.printed.startswith("https://titik.kota.example/me/reset/")


async def test_wrong_settings_give_one_clear_message(at: dict[str, str], tmp_path: Path) -> None:
    """Never a traceback, never the value itself."""
    url, nowhere = at["TITIK_DATABASE_URL"], f"postgresql://titik_owner:rahasia@/titik?host={tmp_path}"
    wrong: dict[str, tuple[dict[str, str], str]] = {
        "short secret": ({**at, "TITIK_SECRET_KEY": "pendek"}, "TITIK_SECRET_KEY"),
        "no secret": ({"TITIK_DATABASE_URL": url, "TITIK_OWNER_URL": at["TITIK_OWNER_URL"]}, "TITIK_SECRET_KEY"),
        "not PostgreSQL": ({**at, "TITIK_DATABASE_URL": "mysql://root:rahasia@localhost/titik"}, "TITIK_DATABASE_URL"),
        "not a number": ({**at, "TITIK_WRITE_CONNECTIONS": "banyak"}, "TITIK_WRITE_CONNECTIONS"),
        "no owner": ({"TITIK_DATABASE_URL": url, "TITIK_SECRET_KEY": SECRET}, "TITIK_OWNER_URL"),
        "no server": ({**at, "TITIK_OWNER_URL": nowhere}, "TITIK_OWNER_URL"),
        "no such database": ({**at, "TITIK_OWNER_URL": at["TITIK_OWNER_URL"].replace("@/titik_", "@/tidak_ada_")}, ""),
        "no such role": ({**at, "TITIK_OWNER_URL": at["TITIK_OWNER_URL"].replace("//titik_owner", "//bukan_siapa")}, ""),
        "not the owner": ({**at, "TITIK_OWNER_URL": url}, "TITIK_OWNER_URL"),
        "no address": ({**at, "TITIK_OWNER_URL": "postgresql://titik_owner@host:banyak/titik"}, ""),
    }
    done = dict(zip(wrong, await asyncio.gather(*(run("db", "status", **variables) for variables, _ in wrong.values())), strict=True))
    for case, (_, named) in wrong.items():
        assert (done[case].status, done[case].printed) == (1, ""), case
        assert named in done[case].told, case
        assert 0 < len(done[case].told.strip().splitlines()) <= 3, done[case].told
        assert not re.search("rahasia|banyak|pendek|Value error|TITIK_:", done[case].told), done[case].told
    serve = await run("serve", "--port", "0", **{**at, "TITIK_DATABASE_URL": nowhere})
    assert (serve.status, serve.printed) == (1, "")
    assert "TITIK_DATABASE_URL" in serve.told


NEED_A_DATABASE = (
    ("db", "upgrade"), ("db", "status"), ("doctor",), ("boundaries", "list"), ("account", "list"), ("token", "issue", "ana"), ("demo", "load"),
    ("published", "rebuild"), ("progress", "rebuild"), ("audit", "head"), ("contacts", "purge"), ("points", "personal"), ("points", "export", "posyandu", "a.csv"),
)  # fmt: skip


async def test_a_trial_with_and_without_its_service() -> None:
    with a_folder() as folder:
        data_dir = folder / "data"
        for refused in await asyncio.gather(*(run(*words, data_dir=data_dir) for words in NEED_A_DATABASE)):
            assert (refused.status, refused.printed, "`titik serve` membuatnya" in refused.told) == (1, "", True), refused
        assert not data_dir.exists()
        served = await asyncio.to_thread(Served, data_dir)
        try:
            first = served.tokens
            await _while_it_runs(served, data_dir)
            password = await _sign_in_by_password(served, data_dir)
            assert served.end(signal.SIGTERM) == 0
            await _check_secrets(served, data_dir)
            without = await run("token", "issue", "demo-admin", data_dir=data_dir)
            assert is_wellformed(without.printed.strip())
            assert not _server(data_dir)
            (data_dir / "demo-tokens.env").unlink()
            served = await asyncio.to_thread(Served, data_dir)
            assert not set(served.tokens.values()) & set(first.values()), "tokens are random"
            assert await _sign_in_by_password(served, data_dir) == password, "browsers stay signed in from start to start"
        finally:
            served.kill()
        assert not _server(data_dir)


def _server(data_dir: Path) -> int | None:
    written = find(data_dir).pgdata / "postmaster.pid"
    pid = int(written.read_text().split()[0]) if written.exists() else None
    return pid if pid and lives(pid) else None


async def _while_it_runs(served: Served, data_dir: Path) -> None:
    """Commands beside a running service use its cluster, leave it running, and what they do counts at once."""
    server = _server(data_dir)
    well, added, status = await asyncio.gather(
        run("doctor", data_dir=data_dir),
        run("account", "add", "siti", "--role", "pic", "--kelurahan", MOJOROTO, data_dir=data_dir),
        run("db", "status", data_dir=data_dir),
    )
    assert (well.status, added.status, status.status) == (0, 0, 0), well
    assert "✗" not in well.printed
    issued = await run("token", "issue", "siti", data_dir=data_dir)
    async with httpx.AsyncClient(base_url=served.url, trust_env=False) as client:
        for token in (issued.printed.strip(), served.tokens["TITIK_TOKEN_PIC"], served.tokens["TITIK_TOKEN_OPD"][:-1] + "!"):
            answer = await client.post("/collections/posyandu/items", json=a_feature(), headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == (401 if token.endswith("!") else 201), answer.text
    await _as_owner(data_dir, "DROP INDEX titik.idx_revision_geom")
    unwell = await run("doctor", data_dir=data_dir)
    assert unwell.status == 1
    assert [line for line in unwell.printed.splitlines() if "✗" in line and "titik.revision" in line]
    await _as_owner(data_dir, "CREATE INDEX idx_revision_geom ON titik.revision USING gist (geom)")
    assert _server(data_dir) == server


async def _sign_in_by_password(served: Served, data_dir: Path) -> str:
    """The password of the accounts of a trial is told by the file that the terminal names."""
    path = data_dir / "demo-password"
    assert (str(path) in served.printed + served.told, path.stat().st_mode & 0o777) == (True, 0o600)
    password = path.read_text().strip()
    async with httpx.AsyncClient(base_url=served.url, trust_env=False) as client:
        for account in ("demo-admin", "demo-walidata"):
            answer = await client.post("/tokens/password", json={"account": account, "password": password})
            assert answer.status_code == 201, answer.text
    return password


async def _as_owner(data_dir: Path, sql: str) -> None:
    with open_cluster(data_dir) as cluster:
        async with open_once(cluster.url("titik_owner")) as session:
            await factories.execute(session, sql)


async def _check_secrets(served: Served, data_dir: Path) -> None:
    """Tokens and the secret stand in one file each, which only the owner can read, and nowhere else."""
    secret = (data_dir / "secret.key").read_text().strip()
    assert [(data_dir / name).stat().st_mode & 0o777 for name in ("demo-tokens.env", "secret.key")] == [0o600, 0o600]
    assert len(set(served.tokens.values())) == 4
    assert all(map(is_wellformed, served.tokens.values()))
    said = served.printed + served.told + find(data_dir).log.read_text()
    assert '"path":"/collections/{collection}/items"' in said
    password = (data_dir / "demo-password").read_text().strip()
    assert not [word for word in (*served.tokens.values(), secret, password) if word[:20] in said]
    assert "titik_" not in re.sub(r"titik_(service|owner|public|internal|admin)\b", "", said)


# -- points in files


async def test_points_come_in_and_go_out_by_files(at: dict[str, str], database: Settings, tmp_path: Path) -> None:
    await run("account", "add", "pic-mojoroto", "--role", "pic", "--kelurahan", "35.71.01.1011", **at)
    file = tmp_path / "posyandu.csv"
    file.write_text(
        "Nama,Kelurahan,Lintang,Bujur,Jenis\nPosyandu A,Mojoroto,-7.8041,112.0016,balita\nPosyandu B,Mojoroto,-7.8043,112.0012,bayi\n"
    )
    asked = ["points", "import", str(file), "--category", "posyandu", "--account", "pic-mojoroto"]
    judged = await run(*asked, **at)
    assert (judged.status, "2 baris: 1 baik" in judged.told, "Belum ada yang disimpan" in judged.told) == (0, True, True), judged
    assert "Pilih salah satu: balita" in judged.printed
    assert (await run(*asked, "--commit", "all", **at)).status == 1
    committed = await run(*asked, "--commit", "good", **at)
    assert (committed.status, "1 titik disimpan" in committed.told) == (0, True), committed
    unknown = await run(*asked[:-1], "tidak-ada", **at)
    assert (unknown.status, "Tidak ada akun aktif bernama tidak-ada" in unknown.told) == (1, True)
    broken = tmp_path / "gambar.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    refused = await run("points", "import", str(broken), "--category", "posyandu", "--account", "pic-mojoroto", **at)
    assert (refused.status, "Excel" in refused.told) == (1, True), refused
    exported = await run("points", "export", "posyandu", str(tmp_path / "keluar.csv"), "--internal", **at)
    assert (exported.status, (tmp_path / "keluar.csv").read_text().startswith("id,category,name")) == (0, True), exported
    assert (await run("points", "export", "posyandu", str(tmp_path / "keluar.doc"), **at)).status == 1


@pytest.mark.parametrize("is_served", [False, True])
async def test_a_commit_that_boundaries_overtook_is_judged_again_and_says_so(
    editions: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_served: bool
) -> None:
    """Beside a service, which takes the job up as well, and without one."""
    await factories.a_token(editions, "pic", [MOJOROTO], "pic-mojoroto")
    file = tmp_path / "posyandu.csv"
    file.write_text("Nama,Kelurahan,Lintang,Bujur,Jenis\nPosyandu A,Mojoroto,-7.8041,112.0016,balita\n")

    confirm = service.confirm

    async def overtaken(*arguments: Any, **named: Any) -> Any:
        row = await confirm(*arguments, **named)
        await factories.activate_grid(editions)
        return row

    monkeypatch.setattr(service, "confirm", overtaken)
    asked = Committing(rows="good", accept=("repairs",))
    async with running(create_app(editions)) if is_served else nullcontext():
        with pytest.raises(OperatorError) as ended:
            await import_points(editions, "pic-mojoroto", "posyandu", file, {"sheet": None, "columns": {}}, asked)
    assert ended.value.code == "import-outdated"
    told = capsys.readouterr().err
    assert told.count("1 baris:") == 2
    (one,) = await rows(editions, "SELECT state, (SELECT count(*) FROM titik.revision) AS stored FROM titik.import")
    assert dict(one) == {"state": "judged", "stored": 0}
    assert not await rows(editions, "SELECT FROM queue.pgqueuer WHERE status = 'queued'")
