"""The private PostGIS cluster of a trial: made, started, shared by every process that needs it, stopped by the last one.

Where it lies is decided in `place`, which programs run it in `binaries`, how it is
started and stopped in `server`, and its settings in `settings`.

Two lock files in the home of the cluster keep the processes apart. Whoever uses the cluster holds `cluster.users` shared;
whoever starts or stops it holds `cluster.lock` alone. The kernel drops both when a process dies, however it dies, so that
nothing has to be cleaned up: a cluster that was left running is used again, and stopped by the last who leaves properly.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.cluster import binaries as found_binaries
from app.cluster import place as places
from app.cluster import server
from app.cluster.place import ClusterPlace
from app.errors import OperatorError
from app.language import Text, of_terminal

DATABASE = "titik"

SERVED = Text(
    id="Direktori {path} sudah dilayani oleh `titik serve` lain (pid {pid}).\n"
    "Hentikan dulu dengan `kill {pid}`, atau pilih TITIK_DATA_DIR lain.",
    en="The directory {path} is already served by another `titik serve` (pid {pid}).\n"
    "Stop it with `kill {pid}`, or choose another TITIK_DATA_DIR.",
)
NO_DATABASE = Text(
    id="Di {path} belum ada basis data. `titik serve` membuatnya; bila sudah ada di tempat lain, isi TITIK_DATA_DIR atau TITIK_DATABASE_URL.",
    en="There is no database in {path}. `titik serve` makes one; if it is elsewhere, set TITIK_DATA_DIR or TITIK_DATABASE_URL.",
)
NOT_PREPARED = Text(
    id="Basis data {name} tidak berhasil disiapkan. Kata PostgreSQL:\n{log}",
    en="The database {name} could not be prepared. PostgreSQL says:\n{log}",
)

_ROLES = """
SELECT format('CREATE ROLE %I %s', name, options)
  FROM (VALUES ('titik_owner', 'LOGIN'), ('titik_service', 'LOGIN NOINHERIT'), ('titik_public', 'NOLOGIN'), ('titik_internal', 'NOLOGIN'))
       AS wanted (name, options)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\\gexec
GRANT titik_public, titik_internal TO titik_service;
"""
_DATABASE = """
SELECT format('CREATE DATABASE %I OWNER titik_owner TEMPLATE %I', :'name', :'template')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name')
\\gexec
"""
_EXTENSIONS = (
    """
SET client_min_messages = warning;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO titik_owner;
"""
    + "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in found_binaries.EXTENSIONS)
    + """
-- SRGI2013, the datum of Indonesia, and its UTM zones: PROJ has known them for years, the list of PostGIS 3.3 does not.
INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, proj4text)
SELECT 9470, 'EPSG', 9470, '+proj=longlat +ellps=WGS84 +no_defs'
 UNION ALL
SELECT 9440 + zone, 'EPSG', 9440 + zone, format('+proj=utm +zone=%s +south +ellps=WGS84 +units=m +no_defs', zone)
  FROM generate_series(47, 54) AS zone
    ON CONFLICT DO NOTHING;
"""
)


@dataclass(frozen=True)
class Cluster:
    """A running cluster. Whoever can enter `socket_dir` may connect as any role; nobody else can at all."""

    pgdata: Path
    socket_dir: Path
    binaries: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{quote(database, safe='')}?host={quote(os.fsencode(self.socket_dir), safe='')}"


def _show(message: Text) -> None:
    sys.stderr.write(message.say(of_terminal(os.environ)) + "\n")


@contextmanager
def open_cluster(data_dir: Path, *, say: Callable[[Text], None] = _show, durable: bool = True, make: bool = True) -> Iterator[Cluster]:
    """The running cluster of `data_dir`: made when there is none, started when it is not running, stopped after its last user.

    `durable=False` is for tests: a crash of the machine may lose the data. Raises OperatorError, without `make` also where there is none.
    """
    if not make and not places.has_cluster(data_dir):
        raise OperatorError("no-database", NO_DATABASE, path=data_dir.resolve())
    place = places.find(data_dir)
    with _opened(place.home / "cluster.lock") as lock, _opened(place.home / "cluster.users") as users:
        try:
            with places.writing(place.home), _alone(lock):
                fcntl.flock(users, fcntl.LOCK_SH)
                binaries = _binaries_for(place, say)
                socket_dir = server.start(place, binaries, say, durable=durable)
                cluster = Cluster(place.pgdata, socket_dir, binaries)
                _prepare(cluster, place)
            yield cluster
        finally:
            with _alone(lock):
                fcntl.flock(users, fcntl.LOCK_UN)
                with suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    server.stop(place)


@contextmanager
def only_service(data_dir: Path) -> Iterator[None]:
    """Held by the one `titik serve` of a data directory. Raises OperatorError (`already-served`) for a second one."""
    with places.writing(data_dir):
        path = places.make_data_dir(data_dir) / "serve.lock"
    with _opened(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError("already-served", SERVED, path=path.parent, pid=_written_pid(path)) from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield


def create_database(cluster: Cluster, name: str, template: str | None = None) -> None:
    """Another database of `titik_owner`, with the extensions; or a copy of `template`. Nothing happens when it exists."""
    _psql(cluster, "postgres", _DATABASE, name=name, template=template or "template1")
    if template is None:
        _psql(cluster, name, _EXTENSIONS)


def drop_database(cluster: Cluster, name: str) -> None:
    """Drops a database if it exists, and the connections to it."""
    _psql(cluster, "postgres", 'DROP DATABASE IF EXISTS :"name" WITH (FORCE);', name=name)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A lock file; not inherited by the server, which would keep the locks. Root leaves it to the owner of the directory."""
    with places.writing(path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
        yield file
    finally:
        os.close(file)


@contextmanager
def _alone(lock: int) -> Iterator[None]:
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _written_pid(path: Path) -> str:
    for _ in range(20):
        if pid := path.read_text().strip():
            return pid
        time.sleep(0.05)  # the other one has the lock, and is about to write
    return "?"


def _binaries_for(place: ClusterPlace, say: Callable[[Text], None]) -> Path:
    """The programs that the cluster needs; the cluster itself is made here when there is none."""
    version = place.pgdata / "PG_VERSION"
    if version.exists():
        return found_binaries.of_major(int(version.read_text()), place.pgdata)
    binaries = found_binaries.newest()
    say(
        Text(
            id=f"Membuat basis data PostGIS di {place.home} (hanya sekali) …", en=f"Making a PostGIS database in {place.home} (only once) …"
        )
    )
    server.make(place, binaries)
    return binaries


def _prepare(cluster: Cluster, place: ClusterPlace) -> None:
    """Roles, database and extensions, the first time; a mark beside the data says that it is done."""
    if not place.mark.exists():
        _psql(cluster, "postgres", _ROLES)
        create_database(cluster, DATABASE)
        server.write(place.mark, "1\n", place.user)


def _psql(cluster: Cluster, database: str, script: str, **values: str) -> None:
    settings = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
    command = [
        str(cluster.binaries / "psql"),
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        *settings,
        "-d",
        cluster.url(server.ADMIN, database),
    ]
    environment = server.environment(cluster.binaries)
    done = subprocess.run(  # noqa: S603
        command, input=script, env=environment, cwd="/", capture_output=True, text=True, start_new_session=True, check=False
    )
    if done.returncode:
        raise OperatorError("database-not-prepared", NOT_PREPARED, name=database, log=server.last_lines(done.stderr))
