"""Which PostgreSQL programs the private cluster runs with: found, judged, and asked for in words that can be copied.

Knows nothing of clusters. `scripts/setup` asks here too, so that there is one answer to "is PostGIS installed?".
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from app.errors import OperatorError
from app.language import Text

OLDEST = 14
"""The oldest major version that knows every setting in `settings`."""

# Which release of Debian has which major version, and where the sources of a Debian stand.
_DEBIAN = {13: "bullseye", 15: "bookworm", 17: "trixie", 18: "forky"}
_APT_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))

EXTENSIONS = ("postgis", "pg_trgm", "btree_gist", "unaccent")

MISSING = Text(
    id="PostgreSQL dengan PostGIS belum ada di mesin ini. Pasang dengan:\n  {command}\n"
    "atau isi TITIK_DATABASE_URL dengan basis data yang sudah ada.",
    en="PostgreSQL with PostGIS is not installed on this machine. Install it with:\n  {command}\n"
    "or set TITIK_DATABASE_URL to a database that you have.",
)
INCOMPLETE = Text(
    id="PostgreSQL {major} di {path} belum punya {names}. Pasang dengan:\n  {command}",
    en="PostgreSQL {major} in {path} lacks {names}. Install that with:\n  {command}",
)
VERSION_MISSING = Text(
    id="Data di {path} dibuat oleh PostgreSQL {major}, tetapi versi itu (dengan PostGIS) tidak ada lagi. Pasang dengan:\n  {command}\n"
    'Setelah itu datanya dapat dipakai seperti biasa. Untuk pindah ke versi baru: README, "A newer PostgreSQL".',
    en="The data in {path} were made by PostgreSQL {major}, but that version (with PostGIS) is missing now. Install it with:\n  {command}\n"
    'The data then work as before. To move them to a newer version: README, "A newer PostgreSQL".',
)
CHOSEN_UNFIT = Text(
    id="TITIK_PG_BIN menunjuk ke {path}, tetapi di sana tidak ada PostgreSQL ≥ {oldest} dengan PostGIS. Perbaiki atau hapus variabel itu.",
    en="TITIK_PG_BIN points to {path}, but there is no PostgreSQL ≥ {oldest} with PostGIS there. Correct the variable or unset it.",
)


def newest() -> Path:
    """The directory of the programs for a new cluster: the newest major version that has all extensions.

    Raises OperatorError (`postgis-missing`, `postgres-unfit`) with the command that installs what is missing.
    """
    found = {major: path for path in reversed(list(_places())) if (major := _major(path)) >= OLDEST}
    for major in sorted(found, reverse=True):
        if not _lacking(found[major], major):
            return found[major]
    if chosen := os.environ.get("TITIK_PG_BIN"):
        raise OperatorError("postgres-unfit", CHOSEN_UNFIT, path=chosen, oldest=OLDEST)
    if not found:
        raise OperatorError("postgis-missing", MISSING, command=_command(None))
    best = max(found)
    names = ", ".join(_lacking(found[best], best))
    raise OperatorError("postgis-missing", INCOMPLETE, major=best, path=found[best], names=names, command=_command(best))


def of_major(major: int, data: Path) -> Path:
    """The directory of the programs for the existing cluster at `data`, which only its own major version can read.

    Raises OperatorError (`postgres-version-missing`).
    """
    for path in _places():
        if _major(path) == major and not _lacking(path, major):
            return path
    raise OperatorError("postgres-version-missing", VERSION_MISSING, path=data, major=major, command=_command(major))


def _places() -> Iterator[Path]:
    """Directories that hold a server and its tools, the operator's choice first and alone if there is one."""
    if chosen := os.environ.get("TITIK_PG_BIN"):
        candidates = [Path(chosen)]
    else:
        candidates = [
            *Path("/usr/lib/postgresql").glob("*/bin"),
            *Path("/usr").glob("pgsql-*/bin"),
            *([Path(answer)] if (answer := _ask("pg_config", "--bindir")) else []),
            *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
        ]
    seen = set()
    for candidate in candidates:
        # pg_ctl runs with another working directory, so that a relative PATH entry would point elsewhere.
        tools = [candidate / tool for tool in ("initdb", "pg_ctl", "pg_isready", "psql")]
        if candidate not in seen and candidate.is_absolute() and all(os.access(tool, os.X_OK) for tool in tools):
            seen.add(candidate)
            yield candidate


def _major(binaries: Path) -> int:
    """The major version; 0 when it cannot be learned. Debian and PGDG name it in the path, which saves a process at each start."""
    named = binaries.parent.name.removeprefix("pgsql-")
    if named.isdigit():
        return int(named)
    words = (_ask(binaries / "pg_ctl", "--version") or "").split()  # "pg_ctl (PostgreSQL) 16.4 (Homebrew)"
    number = words[2].split(".")[0] if len(words) > 2 else ""
    return int(number) if number.isdigit() else 0


def _lacking(binaries: Path, major: int) -> list[str]:
    folders = [Path(f"/usr/share/postgresql/{major}/extension")] if binaries.is_relative_to("/usr/lib/postgresql") else []
    if not any((folder / "postgis.control").is_file() for folder in folders):
        shared = _ask(binaries / "pg_config", "--sharedir")
        folders += [Path(shared) / "extension"] if shared else []
        folders += [binaries.parent / "share" / inner for inner in ("extension", "postgresql/extension")]
    return [name for name in EXTENSIONS if not any((folder / f"{name}.control").is_file() for folder in folders)]


def _sources_of(major: int) -> list[str]:
    """Commands after which `apt` knows the packages of a major version that this release of the distribution does not have."""
    if apt := shutil.which("apt-cache"):
        found = subprocess.run(  # noqa: S603 - fixed words, of the distribution
            [apt, "show", f"postgresql-{major}-postgis-3"],
            capture_output=True,
            timeout=60,
            check=False,
        )
        if found.returncode == 0:
            return []
    release, here = _DEBIAN.get(major), _os_release()
    listed = next((path for path in _APT_SOURCES if path.is_file()), None)
    if here.get("ID") == "debian" and release and listed and (codename := here.get("VERSION_CODENAME")):
        # Its packages stand beside the newer ones, and replace none of them.
        added = f"/etc/apt/sources.list.d/{release}{listed.suffix}"
        return [f"sed 's/{codename}/{release}/g' {listed} | sudo tee {added}", "sudo apt-get update"]
    script = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"
    return ["sudo apt-get install postgresql-common", f"sudo {script} -y"]


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _ask(program: str | Path, option: str) -> str | None:
    if not (path := shutil.which(program)):
        return None
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  (a fixed option)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _command(major: int | None) -> str:
    """The command that installs PostGIS for `major`, or for the default version of the distribution."""
    if shutil.which("dnf"):
        return f"sudo dnf install postgresql{major or ''}-server postgresql{major or ''}-contrib postgis"
    if shutil.which("apk"):
        return f"sudo apk add postgresql{major or ''} postgresql{major or ''}-contrib postgis"
    if shutil.which("brew"):
        return "brew install postgis"
    if major:
        packages = f"postgresql-{major} postgresql-{major}-postgis-3"
        return "\n  ".join((*_sources_of(major), f"sudo apt-get install {packages}"))
    return "sudo apt-get install postgresql postgresql-postgis"
