"""The private cluster, tried for real: clusters in temporary directories, killed, shared, moved out of the way.

As root the server runs as a system user, and what an ordinary user does is done by a process that has become one.
"""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import pytest

from app.cluster import Cluster, binaries, create_database, drop_database, only_service, open_cluster, server
from app.cluster.place import find
from app.cluster.settings import _control_group_limits
from app.errors import OperatorError
from app.language import Text

pytestmark = pytest.mark.disruptive(8)

ROOT = os.geteuid() == 0
HERE = Path(__file__).resolve().parents[1]
USER = """
import sys
from pathlib import Path
from app.cluster import open_cluster
with open_cluster(Path(sys.argv[1]), durable=False) as cluster:
    print((cluster.pgdata / "postmaster.pid").read_text().split()[0], flush=True)
    sys.stdin.read()
"""
BECOME = """
import os, sys
from pathlib import Path
here, tests, group, user, action, folder = sys.argv[1:]
sys.path[:0] = [here, tests]
import test_cluster
os.setgroups([])
os.setgid(int(group))
os.setuid(int(user))
getattr(test_cluster, action)(Path(folder))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that the database user of root may pass through, with a short path: pytest's own is neither."""
    with _folder() as path:
        yield path


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="titik-", dir="/tmp"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        for choice in path.rglob("cluster.json"):
            home = Path(json.loads(choice.read_text())["home"])
            if home.is_absolute():
                shutil.rmtree(home)
        shutil.rmtree(path)


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    with _folder() as path, open_cluster(path / "data") as cluster:
        yield cluster


def ask(cluster: Cluster, query: str, role: str = "titik_admin", database: str = "titik") -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(cluster.url(role, database))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(answer())


def server_pid(cluster: Cluster) -> int:
    return int((cluster.pgdata / "postmaster.pid").read_text().split()[0])


def lives(pid: int) -> bool:
    """A killed process that nobody has waited for still has a number, but is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@contextmanager
def other_user(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the cluster until its standard input is closed; it prints the number of the server."""
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-c", USER, str(data_dir)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def heard_from(user: subprocess.Popen[str]) -> int:
    assert user.stdout
    return int(user.stdout.readline())


def as_ordinary_user(action: Callable[[Path], None], folder: Path) -> None:
    """Runs a function of this module as a user without rights, who owns `folder`; right here, unless we are root."""
    if not ROOT:
        action(folder)
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    arguments = [HERE, HERE / "tests", nobody.pw_gid, nobody.pw_uid, action.__name__, folder]
    done = subprocess.run([sys.executable, "-c", BECOME, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def open_it(folder: Path) -> None:
    with open_cluster(folder / "data", durable=False) as cluster:
        assert Path(f"/proc/{server_pid(cluster)}").stat().st_uid == os.geteuid()


def be_refused(folder: Path) -> None:
    with pytest.raises(OperatorError) as refused, open_cluster(folder / "data"):
        pytest.fail("it was opened")
    assert refused.value.code == "cluster-foreign"


def use_a_long_path(folder: Path) -> None:
    data_dir = folder / ("panjang " * 12)
    with open_cluster(data_dir, durable=False) as cluster:
        assert cluster.pgdata.is_relative_to(data_dir)
        assert cluster.socket_dir.is_relative_to(f"/tmp/titik-{os.geteuid()}")
        assert cluster.socket_dir.parent.stat().st_mode & 0o777 == 0o700
    assert not cluster.socket_dir.exists()
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    with open_cluster(data_dir, durable=False) as cluster:
        assert cluster.socket_dir.is_relative_to(folder / "run")


def test_the_settings_are_those_of_a_trial(shared: Cluster) -> None:
    expected = {"data_checksums": "on", "jit": "off", "fsync": "on", "synchronous_commit": "on", "listen_addresses": "", "TimeZone": "UTC"}
    assert {name: ask(shared, f"SELECT current_setting('{name}')") for name in expected} == expected
    assert ask(shared, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'titik'") == "UTF8"
    assert not ask(shared, "SELECT string_agg(error, '; ') FROM pg_file_settings")


def test_no_tcp_port_is_open(shared: Cluster) -> None:
    links = [str(link.readlink()) for link in Path(f"/proc/{server_pid(shared)}/fd").iterdir()]
    sockets = {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:")}
    tables = [table for name in ("tcp", "tcp6") if (table := Path("/proc/net") / name).exists()]
    listed = [line.split()[9] for table in tables for line in table.read_text().splitlines()]
    assert sockets
    assert sockets.isdisjoint(listed)


def test_the_server_is_nobody_important_and_alone(shared: Cluster) -> None:
    status = Path(f"/proc/{server_pid(shared)}")
    assert status.stat().st_uid != 0
    assert os.getsid(server_pid(shared)) != os.getsid(0)
    assert shared.socket_dir.stat().st_mode & 0o777 == 0o700
    assert shared.pgdata.stat().st_mode & 0o777 == 0o700


def test_roles_and_extensions(shared: Cluster) -> None:
    rights = "string_agg(concat_ws(' ', rolname, rolsuper, rolcanlogin, rolinherit), ', ' ORDER BY rolname)"
    roles = ask(shared, f"SELECT {rights} FROM pg_roles WHERE rolname ~ '^titik_' AND rolname <> 'titik_admin'")
    assert roles == "titik_internal f f t, titik_owner f t t, titik_public f f t, titik_service f t f"
    pairs = "string_agg(roleid::regrole || ' to ' || member::regrole, ', ' ORDER BY roleid::regrole::text)"
    members = ask(shared, f"SELECT {pairs} FROM pg_auth_members WHERE roleid::regrole::text ~ '^titik'")
    assert members == "titik_internal to titik_service, titik_public to titik_service"
    assert ask(shared, "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'pg_trgm', 'btree_gist', 'unaccent')") == 4
    assert ask(shared, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'titik'") == "titik_owner"
    assert ask(shared, "CREATE SCHEMA a_new_one", role="titik_owner") is None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(shared, "CREATE TABLE public.mine ()", role="titik_service")


def test_the_url_works_with_libpq_too(shared: Cluster) -> None:
    command = [str(shared.binaries / "psql"), "-XAtc", "SELECT current_user", shared.url("titik_service")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "titik_service\n"


def test_more_databases(shared: Cluster) -> None:
    create_database(shared, "a template")
    ask(shared, "CREATE TABLE kept AS SELECT ST_Point(112, -7) AS place", role="titik_owner", database="a template")
    create_database(shared, "a copy", template="a template")
    assert ask(shared, "SELECT ST_X(place) FROM kept", role="titik_owner", database="a copy") == 112
    for name in ("a copy", "a template", "never there"):
        drop_database(shared, name)
    assert ask(shared, "SELECT count(*) FROM pg_database WHERE datname LIKE 'a %'") == 0


def test_personal_data_stay_out_of_the_log(shared: Cluster) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        ask(shared, "DO $$ BEGIN CREATE TABLE contact (phone text CHECK (phone = '')); INSERT INTO contact VALUES ('081234'); END $$")
    said = (shared.pgdata.parent / "postgresql.log").read_text()
    assert "violates check constraint" in said
    assert "081234" not in said


def test_the_last_user_stops_it_whoever_began(folder: Path) -> None:
    with ExitStack() as first:
        cluster = first.enter_context(open_cluster(folder / "data", durable=False))
        pid = server_pid(cluster)
        with other_user(folder / "data") as second:
            assert heard_from(second) == pid
            first.close()
            assert lives(pid)
            assert ask(cluster, "SELECT 1") == 1
            second.communicate(timeout=20)
            assert second.returncode == 0
    assert not lives(pid)
    begun = time.monotonic()
    with open_cluster(folder / "data", durable=False):
        assert time.monotonic() - begun < 1.5  # 0.15 s on an idle machine


def test_processes_that_begin_together_share_one_cluster(folder: Path) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        users = [stack.enter_context(other_user(folder / "data")) for _ in range(3)]
        assert len(set(pool.map(heard_from, users))) == 1
        for user in users:
            user.communicate(timeout=20)
        assert [user.returncode for user in users] == [0, 0, 0]


def test_a_cluster_left_running_by_a_killed_user_is_used_again(folder: Path) -> None:
    with other_user(folder / "data") as user:
        pid = heard_from(user)
        user.kill()
        user.wait()
    assert lives(pid)
    with open_cluster(folder / "data", durable=False) as cluster:
        assert server_pid(cluster) == pid
    assert not lives(pid)


def test_after_kill_9_of_the_server_it_recovers_with_everything_acknowledged(folder: Path) -> None:
    heard: list[Text] = []
    with ExitStack() as first:
        cluster = first.enter_context(open_cluster(folder / "data"))
        ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer", role="titik_owner")
        # A backend that is busy and does not look around: it holds the shared memory for a while after its postmaster is gone.
        busy = "DO $$ BEGIN FOR i IN 1 .. 60000000 LOOP END LOOP; END $$"
        command = [str(cluster.binaries / "psql"), "-Xqc", busy, cluster.url("titik_service")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as backend:
            time.sleep(0.3)
            os.kill(server_pid(cluster), signal.SIGKILL)
            with open_cluster(folder / "data", say=heard.append) as again:
                assert ask(again, "SELECT answer FROM kept", role="titik_owner") == 42
            backend.kill()
    assert "memulihkan" in heard[0].id


def test_a_number_that_another_process_has_got_is_not_the_server(folder: Path) -> None:
    with open_cluster(folder / "data", durable=False) as cluster:
        written = (cluster.pgdata / "postmaster.pid").read_text()
    place = find(folder / "data")
    with subprocess.Popen(["sleep", "60"], cwd="/", **place.user.spawn()) as stranger:
        server.write(cluster.pgdata / "postmaster.pid", written.replace(written.split()[0], str(stranger.pid), 1), place.user)
        with open_cluster(folder / "data", durable=False) as again:
            assert server_pid(again) != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


def test_a_killed_initdb_leaves_nothing_half_made(folder: Path) -> None:
    with other_user(folder / "data") as user:
        while not list((folder / "data").glob("postgres/data.*/base")):
            time.sleep(0.005)
            assert user.poll() is None
        user.kill()
        user.wait()
    assert not (folder / "data/postgres/data").exists()
    with open_cluster(folder / "data", durable=False) as cluster:
        assert ask(cluster, "SELECT ST_AsText(ST_Point(112, -7.8))") == "POINT(112 -7.8)"
        assert not list((folder / "data").glob("postgres/data.*"))


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    data_dir = folder / ("panjang sekali, 'dan' $aneh " * 4)
    with open_cluster(data_dir, durable=False) as cluster:
        assert ask(cluster, "SELECT 1", role="titik_service") == 1
        assert cluster.pgdata.is_relative_to(data_dir) is not ROOT
    # Root's clusters lie elsewhere, under a short path; of others the socket does, and goes with the server.
    assert cluster.socket_dir.is_relative_to(cluster.pgdata.parent) is ROOT
    assert cluster.socket_dir.exists() is ROOT


def test_an_ordinary_user_keeps_the_data_under_a_long_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    as_ordinary_user(use_a_long_path, folder)


def test_a_directory_that_only_its_owner_may_enter(folder: Path) -> None:
    folder.chmod(0o700)
    with open_cluster(folder / "data", durable=False) as cluster:
        ask(cluster, "CREATE TABLE kept ()", role="titik_owner")
        assert cluster.pgdata.is_relative_to("/var/lib/titik" if ROOT else folder)
    if ROOT:
        cluster.pgdata.parent.rename(away := cluster.pgdata.parent.with_suffix(".away"))
        with pytest.raises(OperatorError) as refused, open_cluster(folder / "data"):
            pytest.fail("it was opened")
        assert refused.value.code == "cluster-lost"
        shutil.rmtree(away)
    shutil.rmtree(folder / "data")
    with open_cluster(folder / "data", durable=False) as cluster:
        assert ask(cluster, "SELECT to_regclass('kept')") is None


def test_root_leaves_the_cluster_of_a_user_to_that_user(folder: Path) -> None:
    as_ordinary_user(open_it, folder)
    with open_cluster(folder / "data", durable=False) as cluster:
        assert Path(f"/proc/{server_pid(cluster)}").stat().st_uid == folder.stat().st_uid
    as_ordinary_user(open_it, folder)


@pytest.mark.skipif(not ROOT, reason="only root can make a cluster of somebody else")
def test_the_cluster_of_another_is_refused_in_words(folder: Path) -> None:
    with open_cluster(folder / "data", durable=False) as cluster:
        assert server_pid(cluster)
    as_ordinary_user(be_refused, folder)


def test_one_service_per_directory(folder: Path) -> None:
    with only_service(folder / "data"):
        with pytest.raises(OperatorError) as refused, only_service(folder / "data"):
            pytest.fail("there are two")
        assert str(os.getpid()) in refused.value.text.say("id", refused.value.facts)
    with only_service(folder / "data"), pytest.raises(OperatorError), only_service(folder / "data"):
        pytest.fail("there are two, after the first has ended")


def test_missing_programs_are_asked_for_with_a_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperatorError) as refused:
        binaries.of_major(3, folder)
    assert "postgresql" in refused.value.text.say("en", refused.value.facts).splitlines()[1]
    monkeypatch.setenv("TITIK_PG_BIN", str(folder))
    with pytest.raises(OperatorError) as refused, open_cluster(folder / "data", say=lambda _: None):
        pytest.fail("it was opened without programs")
    assert str(folder) in refused.value.text.say("en", refused.value.facts)


@pytest.mark.parametrize(
    ("system", "known", "expected"),
    [
        (
            {"ID": "debian", "VERSION_CODENAME": "trixie"},
            False,
            ["trixie/bookworm", "apt-get update", "install postgresql-15 postgresql-15-postgis-3"],
        ),
        ({"ID": "debian", "VERSION_CODENAME": "bookworm"}, True, ["install postgresql-15 postgresql-15-postgis-3"]),
        (
            {"ID": "ubuntu", "VERSION_CODENAME": "noble"},
            False,
            ["postgresql-common", "pgdg", "install postgresql-15 postgresql-15-postgis-3"],
        ),
    ],
)
def test_data_of_a_version_that_is_gone_come_with_commands_that_bring_it_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, system: dict[str, str], *, known: bool, expected: list[str]
) -> None:
    sources, asked = folder / "debian.sources", folder / "apt-cache"
    sources.write_text("Types: deb\n")
    asked.write_text(f"#!/bin/sh\nexit {0 if known else 100}\n")
    asked.chmod(0o755)
    monkeypatch.setattr(binaries, "_APT_SOURCES", (sources,))
    monkeypatch.setattr(binaries, "_os_release", lambda: system)
    monkeypatch.setattr(binaries, "_places", lambda: iter(()))
    monkeypatch.setattr(shutil, "which", lambda name: str(asked) if name == "apt-cache" else None)
    with pytest.raises(OperatorError) as missing:
        binaries.of_major(15, folder / "data")
    lines = str(missing.value.facts["command"]).splitlines()
    assert len(lines) == len(expected)
    assert all(words in line for words, line in zip(expected, lines, strict=True)), lines


def test_a_directory_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(OperatorError) as refused, open_cluster(folder / "file" / "data"):
        pytest.fail("it was opened in a file")
    assert str(folder / "file") in refused.value.text.say("en", refused.value.facts)


def test_a_server_that_cannot_start_shows_its_log(folder: Path) -> None:
    with open_cluster(folder / "data", durable=False) as cluster:
        assert server_pid(cluster)
    with (cluster.pgdata / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(OperatorError) as refused, open_cluster(folder / "data", durable=False):
        pytest.fail("it has started")
    assert "no_such_setting" in refused.value.text.say("id", refused.value.facts)


def test_limits_of_control_groups_are_looked_for_in_both_versions(folder: Path) -> None:
    (folder / "listing").write_text("9:name=systemd:/\n4:memory:/a/b\n0::/c\n")
    found = [str(path.relative_to(folder)) for path in _control_group_limits(folder / "listing", folder)]
    assert {"memory/a/b/memory.limit_in_bytes", "memory/memory.limit_in_bytes", "c/memory.max", "memory.max"} <= set(found)
