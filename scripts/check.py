"""The quick lane, `make check`: style and types of what has changed since `main`, and the tests that need no database. The gate is `make test`.

Where there is no `main` to compare with, or nothing has changed, all files are looked at. Ends with 1 where anything fails.
"""

import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TESTS = ["tests/unit", "tests/coordinates", "tests/test_architecture.py", "tests/test_assertions.py"]
QUICK = ["-m", "not slow and not disruptive"]
# Two processes, of which one waits while the types are checked beside them.
WORKERS = ["-n", "2", "--dist", "worksteal"]


class Ended(NamedTuple):
    name: str
    seconds: float
    status: int
    printed: str


def main() -> None:
    begun = time.monotonic()
    with ThreadPoolExecutor() as threads:
        ended = list(threads.map(_run, *zip(*_commands(_changed()), strict=True)))
    for one in ended:
        if one.status:
            print(one.printed)
    for one in ended:
        print(f"{'failed' if one.status else 'passed'} {one.seconds:5.1f} s  {one.name}")
    print(f"{time.monotonic() - begun:.0f} s in all; before a merge: make test")
    sys.exit(any(one.status for one in ended))


def _commands(changed: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Name and arguments, of the longest first."""
    yield "tests", ["pytest", *WORKERS, *QUICK, *TESTS]
    if changed == ["."]:
        yield "types", ["mypy"]
    elif typed := _typed(changed):
        yield "types", ["mypy", *typed]
    yield "style", ["ruff", "check", *changed]
    yield "format", ["ruff", "format", "--check", *changed]


def _run(name: str, arguments: list[str]) -> Ended:
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 - one of the commands above
        [sys.executable, "-m", *arguments],
        check=False, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return Ended(name, time.monotonic() - begun, done.returncode, done.stdout)


def _typed(changed: list[str]) -> list[str]:
    """Those of the changed files that mypy is to look at."""
    folders: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]
    return [file for file in changed if file.split("/")[0] in folders]


def _changed() -> list[str]:
    """Python files that differ from where this branch left `main`, or are not yet in git; `.` where none do."""
    base = _git("merge-base", "HEAD", "origin/main") or _git("merge-base", "HEAD", "main")
    differing = _git("diff", "--name-only", "--diff-filter=d", *(base or ["HEAD"]))
    return sorted(file for file in {*differing, *_git("ls-files", "--others", "--exclude-standard")} if file.endswith(".py")) or ["."]


def _git(*arguments: str) -> list[str]:
    """The lines that it prints; none where it fails, or is not here."""
    try:
        return subprocess.run(["git", *arguments], check=True, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return []


if __name__ == "__main__":
    main()
