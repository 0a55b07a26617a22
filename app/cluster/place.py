"""Where the private cluster of a data directory lies, and as whom it runs.

PostgreSQL refuses to run as root, so that for root it runs as a system user, who must be able to reach its files; and the
path of a unix socket has room for 107 bytes only. Normally everything is in `<data directory>/postgres`; where that cannot
work, the cluster of root goes to /var/lib/titik, and that of another user keeps its data there but opens its socket elsewhere.
A file in the data directory, `cluster.json`, remembers the choice.
"""

import errno
import json
import os
import pwd
import re
import secrets
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import OperatorError
from app.language import Text

LIBRARY = Path("/var/lib/titik")
SOCKET = ".s.PGSQL.5432"
MARK = "titik.prepared"
SOCKET_BYTES = 107

UNWRITABLE = Text(
    id="Direktori {path} tidak dapat ditulis ({reason}). Perbaiki izinnya, atau pilih direktori lain lewat TITIK_DATA_DIR.",
    en="The directory {path} cannot be written ({reason}). Mend its permissions, or choose another one with TITIK_DATA_DIR.",
)
FULL = Text(
    id="Tidak ada ruang lagi di disk untuk {path}. Kosongkan sebagian disk, atau pilih direktori lain lewat TITIK_DATA_DIR.",
    en="No space is left on the disk for {path}. Free some of it, or choose another directory with TITIK_DATA_DIR.",
)
FOREIGN = Text(
    id="Basis data di {path} milik pengguna {owner}. Jalankan perintah ini sebagai {owner} atau root, atau pilih TITIK_DATA_DIR lain.",
    en="The database in {path} belongs to the user {owner}. Run this as {owner} or as root, or choose another TITIK_DATA_DIR.",
)
NAMELESS = Text(
    id="PostgreSQL tidak dapat berjalan sebagai pengguna nomor {number}, yang tidak punya nama di mesin ini. "
    "Jalankan sebagai pengguna biasa, atau isi TITIK_DATABASE_URL.",
    en="PostgreSQL cannot run as user number {number}, who has no name on this machine. "
    "Run this as a named user, or set TITIK_DATABASE_URL.",
)
NO_SYSTEM_USER = Text(
    id="PostgreSQL tidak boleh berjalan sebagai root. Buat penggunanya dengan:\n  useradd --system --user-group --no-create-home titik",
    en="PostgreSQL must not run as root. Make a user for it with:\n  useradd --system --user-group --no-create-home titik",
)
LOST = Text(
    id="Basis data dari {data} ada di {path}, tetapi direktori itu hilang. Kembalikan; untuk mulai dari kosong, hapus {choice}",
    en="The database of {data} lay in {path}, and that directory is gone. Put it back; to begin with nothing, delete {choice}",
)
UNSAFE = Text(
    id="{path} bukan direktori milik pengguna {owner}; basis data tidak aman di sana. Pindahkan atau hapus.",
    en="{path} is not a directory of the user {owner}; the database would not be safe there. Move it away or delete it.",
)


@dataclass(frozen=True)
class User:
    """As whom the server and its tools run."""

    name: str
    uid: int
    gid: int

    def spawn(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a process as this user; none when we are this user already."""
        return {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class ClusterPlace:
    """`home` holds the data, the log and the locks of the cluster; `name` is a word of its own, never used twice."""

    home: Path
    name: str
    user: User

    @property
    def pgdata(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgresql.log"

    @property
    def mark(self) -> Path:
        """Says that roles, database and extensions are made."""
        return self.pgdata / MARK

    def socket_dir(self) -> Path:
        """A directory that only `user` may enter, made if need be, whose path is short enough for a socket."""
        inside = self.home / "run"
        if _fits(inside):
            _own_directory(inside, self.user)
            return inside
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        if runtime and _fits(short := Path(runtime) / f"titik-{self.name}") and _owned(Path(runtime), self.user):
            _own_directory(short, self.user)
            return short
        shared = Path(f"/tmp/titik-{self.user.uid}")  # noqa: S108  (checked to be ours, and nobody else's)
        _own_directory(shared, self.user)
        _own_directory(shared / self.name, self.user)
        return shared / self.name


def find(data_dir: Path) -> ClusterPlace:
    """The place of the cluster of `data_dir`, chosen and made (still empty) the first time.

    Raises OperatorError when it cannot be made, is lost, or belongs to somebody else.
    """
    with writing(data_dir):
        data_dir = make_data_dir(data_dir)
        choice = data_dir / "cluster.json"
        if not choice.exists():
            _choose(data_dir, choice)
        stored = json.loads(choice.read_text())
        home = data_dir / stored["home"]  # an absolute path replaces `data_dir`
        if not home.is_relative_to(data_dir) and not home.is_dir():
            raise OperatorError("cluster-lost", LOST, data=data_dir, path=home, choice=choice)
        user = _user_of(home)
        _own_directory(home, user)
    return ClusterPlace(home, stored["name"], user)


def has_cluster(data_dir: Path) -> bool:
    """Whether a complete cluster is there; nothing is made. True too where that cannot be seen, or its home is lost: `find` says that."""
    data_dir = data_dir.resolve()
    try:
        home = data_dir / json.loads((data_dir / "cluster.json").read_text())["home"]
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        return True
    try:
        (home / "data" / MARK).stat()
    except FileNotFoundError:
        return not home.is_relative_to(data_dir) and not home.is_dir()
    except PermissionError:
        return True
    return True


def make_data_dir(data_dir: Path) -> Path:
    """`data_dir` as an absolute path without links, made when missing."""
    data_dir = data_dir.resolve()
    if not data_dir.is_dir():
        data_dir.mkdir(parents=True, exist_ok=True)
        # The database user of root must get through to its own directory; files with secrets are 0600 each.
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return data_dir


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the file system refuses into words that an operator can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OperatorError("disk-full", FULL, path=error.filename or path) from error
        reason = error.strerror or str(error)
        raise OperatorError("directory-unwritable", UNWRITABLE, path=error.filename or path, reason=reason) from error


def as_user(user: User, script: str, *arguments: str | Path) -> bool:
    """Whether a few words of shell, run as `user`, succeed. Trying it sees what mode bits hide: groups, ACLs, mounts."""
    command = ["/bin/sh", "-c", script, "sh", *map(str, arguments)]
    done = subprocess.run(command, cwd="/", capture_output=True, start_new_session=True, check=False, **user.spawn())  # noqa: S603
    return done.returncode == 0


def sync(directory: Path) -> None:
    """Makes sure that the names in `directory` survive a crash of the machine."""
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _choose(data_dir: Path, choice: Path) -> None:
    name = secrets.token_hex(8)
    home = Path("postgres")
    if os.geteuid() == 0:
        user = _system_user()
        if not as_user(user, 'cd -- "$1"', data_dir) or not _fits(data_dir / home / "run"):
            home = LIBRARY / name
            LIBRARY.mkdir(mode=0o711, parents=True, exist_ok=True)
            home.mkdir(mode=0o700)
    draft = data_dir / f"cluster.{name}"
    with draft.open("w") as file:
        file.write(json.dumps({"home": str(home), "name": name}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where a rename would replace: of two processes that begin together, both take the first one's choice.
        os.link(draft, choice)
        sync(data_dir)
    except FileExistsError:
        if home.is_absolute():
            home.rmdir()
    finally:
        draft.unlink()


def _user_of(home: Path) -> User:
    """The owner of an existing cluster, else who we are, else a system user in place of root."""
    data = home / "data"
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        if os.geteuid() == 0:
            return _system_user()
        owner = os.geteuid()
    except PermissionError:
        owner = home.stat().st_uid
    try:
        entry = pwd.getpwuid(owner)
    except KeyError:
        raise OperatorError("user-nameless", NAMELESS, number=owner) from None
    if os.geteuid() not in (0, owner):
        raise OperatorError("cluster-foreign", FOREIGN, path=home, owner=entry.pw_name)
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_user() -> User:
    """`postgres`, which the packages of every distribution make, else `titik`.

    Never `nobody`: whatever else on the machine runs as nobody could read the names and telephone numbers in the database.
    """
    for name in ("postgres", "titik"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise OperatorError("system-user-missing", NO_SYSTEM_USER)


def _fits(socket_dir: Path) -> bool:
    """Short enough for a socket, and without the characters that separate hosts in a connection string or end a quotation."""
    path = str(socket_dir / SOCKET)
    return len(os.fsencode(path)) <= SOCKET_BYTES and re.fullmatch(r"[\w/.+@ -]+", path) is not None


def _own_directory(path: Path, user: User) -> None:
    """Makes `path` for `user` alone, or makes sure of it. One that root has made but not given away yet is given away now."""
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if status.st_uid == os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
    if not _owned(path, user):
        raise OperatorError("directory-unsafe", UNSAFE, path=path, owner=user.name)
    if status.st_mode & 0o077:
        path.chmod(0o700)


def _owned(path: Path, user: User) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == user.uid
