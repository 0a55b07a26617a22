"""The server of the private cluster: made with `initdb`, started, stopped. Its callers see to it that only one does so at a time."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.cluster import place as places
from app.cluster import settings
from app.cluster.place import ClusterPlace, User
from app.errors import OperatorError
from app.language import Text

ADMIN = "titik_admin"
RETRY_S = 30
"""How long a start is tried again while what is left of a killed server still holds its memory."""
RECOVERY_S = 600
"""How long a starting server may replay its log, or a stopping one write its pages."""
STOP_S = 60
LOG_BYTES = 10_000_000
_QUIETLY = ("-q", "-U", ADMIN, "-d", "postgres", "-h")

NOT_MADE = Text(
    id="Basis data di {path} tidak berhasil dibuat. Kata PostgreSQL:\n{log}",
    en="The database in {path} could not be made. PostgreSQL says:\n{log}",
)
NOT_STARTED = Text(
    id="Basis data di {path} tidak berhasil dijalankan. Baris terakhir dari {file}:\n{log}",
    en="The database in {path} could not be started. The last lines of {file}:\n{log}",
)
NOT_RUN = Text(
    id="Program {program} tidak dapat dijalankan sebagai pengguna {user} ({reason}). Periksa izinnya, atau isi TITIK_DATABASE_URL.",
    en="The program {program} cannot be run as the user {user} ({reason}). Check its permissions, or set TITIK_DATABASE_URL.",
)


def make(place: ClusterPlace, binaries: Path) -> None:
    """`initdb` into a directory of another name, renamed when it is complete: one that was interrupted is never taken for a cluster."""
    for left in place.home.glob("data.*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = place.home / f"data.{secrets.token_hex(4)}"
    try:
        _initialise(place, binaries, draft)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'titik.conf'\n")
        draft.rename(place.pgdata)
        places.sync(place.home)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _initialise(place: ClusterPlace, binaries: Path, draft: Path) -> None:
    options = ["--data-checksums", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", f"--username={ADMIN}"]
    for locale in ("C.UTF-8", "C"):
        done = _run(place, binaries, "initdb", "-D", draft.name, *options, f"--locale={locale}")
        if done.returncode == 0:
            return
        if "No space left" in done.stderr or "free disk space" in done.stderr:
            raise OperatorError("disk-full", places.FULL, path=place.home)
        if "locale" not in done.stderr:
            break
    raise OperatorError("cluster-not-made", NOT_MADE, path=place.home, log=last_lines(done.stderr or done.stdout))


def start(place: ClusterPlace, binaries: Path, say: Callable[[Text], None], *, durable: bool) -> Path:
    """The directory of the socket of the running server, which is started if need be.

    After `kill -9` of the server its backends hold the shared memory for a moment, and a new server refuses to start: that passes.
    """
    begun = time.monotonic()
    while True:
        socket_dir = _socket_dir(place)
        if socket_dir and _run(place, binaries, "pg_isready", *_QUIETLY, str(socket_dir)).returncode == 0:
            return socket_dir
        waited = time.monotonic() - begun
        logged = place.log.stat().st_size if place.log.exists() else 0
        if waited > RECOVERY_S:
            raise _not_started(place, 0)
        if not _server_pid(place):  # else it is starting, or stopping
            if waited < 1 and socket_dir:
                say(Text(id="Basis data berhenti mendadak; memulihkannya …", en="The database stopped suddenly; recovering it …"))
            if not _start_once(place, binaries, durable=durable) and (waited > RETRY_S or not _may_pass(place, logged)):
                raise _not_started(place, logged)
        time.sleep(0.01 if waited < 1 else 0.2)


def _start_once(place: ClusterPlace, binaries: Path, *, durable: bool) -> bool:
    socket_dir = place.socket_dir()
    for name in (places.SOCKET, f"{places.SOCKET}.lock"):
        (socket_dir / name).unlink(missing_ok=True)
    left = _written_by_server(place)
    if left and Path(f"/proc/{left[0]}").exists():
        # The number belongs to another process by now, or to a dead one that nobody has waited for: to PostgreSQL, a running server.
        (place.pgdata / "postmaster.pid").unlink(missing_ok=True)
    write(place.pgdata / "titik.conf", settings.text(socket_dir, durable=durable), place.user)
    # Relative paths, because pg_ctl puts them into a line of shell without caring for `$` and quotes.
    options = ["-w", "-t", str(RECOVERY_S), "-D", place.pgdata.name, "-l", place.log.name]
    return _run(place, binaries, "pg_ctl", "start", *options).returncode == 0


def _may_pass(place: ClusterPlace, logged: int) -> bool:
    lines = _log_since(place, logged)
    return "shared memory block" in lines or "lock file" in lines


def _not_started(place: ClusterPlace, logged: int) -> OperatorError:
    lines = last_lines(_log_since(place, logged))
    return OperatorError("cluster-not-started", NOT_STARTED, path=place.home, file=place.log, log=lines)


def stop(place: ClusterPlace) -> None:
    """Stops the server quickly but in order (SIGINT is the "fast" of `pg_ctl stop`), and waits for it."""
    pid = _server_pid(place)
    socket_dir = _socket_dir(place)
    if pid is None:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_S
    while _is_server(place, pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    if socket_dir and not socket_dir.is_relative_to(place.home):
        with suppress(OSError):
            socket_dir.rmdir()
    with suppress(OSError):
        if place.log.stat().st_size > LOG_BYTES:
            place.log.replace(place.log.with_suffix(".log.1"))


def _written_by_server(place: ClusterPlace) -> list[str]:
    """The lines of `postmaster.pid`: process id, data directory, start, port, socket directory, …; none when there is no such file."""
    try:
        return (place.pgdata / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _socket_dir(place: ClusterPlace) -> Path | None:
    """Where the server opened its socket: it may have been started in another session, with another runtime directory."""
    lines = _written_by_server(place)
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None


def _server_pid(place: ClusterPlace) -> int | None:
    """The process id of the server while it lives. The file may be left from a killed one, and its number may be another's by now."""
    lines = _written_by_server(place)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if _is_server(place, pid) else None


def _is_server(place: ClusterPlace, pid: int) -> bool:
    """Whether `pid` works in the data directory, as only its server does. A dead process that nobody has waited for does not."""
    if Path("/proc/self").exists():
        # Asked as the user of the server: in a container root may not look at the processes of others.
        return places.as_user(place.user, '[ "/proc/$1/cwd" -ef "$2" ]', str(pid), place.pgdata)
    return places.as_user(place.user, 'kill -0 "$1"', str(pid))


def _run(place: ClusterPlace, binaries: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a PostgreSQL program as the user of the cluster, out of reach of a Ctrl-C in our terminal."""
    try:
        return subprocess.run(  # noqa: S603
            [binaries / tool, *arguments],
            cwd=place.home,
            env=environment(binaries),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,
            umask=0o077,
            **place.user.spawn(),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise OperatorError("program-not-run", NOT_RUN, program=binaries / tool, user=place.user.name, reason=reason) from error


def environment(binaries: Path) -> dict[str, str]:
    """Without the PG* variables of the operator, which mean another server, and in English, which `_may_pass` reads."""
    library_paths = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **library_paths}


def write(path: Path, content: str, user: User) -> None:
    """Replaces a file of the cluster in one step; written under a new name, so that root follows nobody's link."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if os.geteuid() != user.uid:
            os.fchown(file, user.uid, user.gid)
        os.write(file, content.encode())
    finally:
        os.close(file)
    draft.replace(path)


def _log_since(place: ClusterPlace, size: int) -> str:
    try:
        with place.log.open("rb") as file:
            file.seek(size)
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def last_lines(text: str, count: int = 8) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])
