"""Child processes: none knows a secret, each holds to the limits of its kind, and when one is ended nothing that it started is left."""

import ast
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import ROOT
from app.background.child_limits import OF_EXPORTS, OF_FILES, OF_PHOTOS, ChildLimits
from app.background.children import environment, environment_of, open_errors, read_errors, running
from app.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(2)]

SECRETS = {
    "TITIK_SECRET_KEY": "hidden of the tokens, long enough to be one",
    "TITIK_OWNER_URL": "postgresql://owner:hidden@db/titik",
    "TITIK_SMTP_URL": "smtps://mail:hidden@mail/",
    "TITIK_OIDC_CLIENT_SECRET": "hidden",
    "TITIK_TOKEN_ADMIN": "hidden",
    "AWS_SECRET_ACCESS_KEY": "hidden",
    "AWS_SESSION_TOKEN": "hidden",
    "SOMETHING_ELSE": "hidden",
}
DATABASE = "postgresql://service:known@db/titik"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TITIK_MAIL_FROM", "titik@kota.example")
    monkeypatch.setenv("TITIK_PUBLIC_URL", "https://titik.kota.example")
    return Settings(database_url=SecretStr(DATABASE), data_dir=tmp_path)


async def until(look: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not look():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.05)


KINDS: dict[str, Callable[[Settings, Path], Mapping[str, str]]] = {
    "app.photos.pixels": lambda _, __: environment(),
    "app.exports.worker": lambda _, place: environment(place),
    "app.imports.reporting": lambda _, place: environment(place),
    "app.imports.sheet": lambda _, place: environment(place),
    "app.imports.working": lambda settings, _: environment_of(settings),
}


@pytest.mark.parametrize("module", KINDS)
async def test_no_child_knows_a_secret(settings: Settings, tmp_path: Path, module: str) -> None:
    async with running(module, variables=KINDS[module](settings, tmp_path)) as process:
        known = await asyncio.to_thread(Path(f"/proc/{process.pid}/environ").read_text)
    assert "hidden" not in known
    # A job has the address of the database, which it needs; no other has anything of the service.
    assert (DATABASE in known, "TITIK_DATA_DIR" in known) == ((True, True) if module == "app.imports.working" else (False, False))
    assert "PATH=" in known


def test_a_job_is_content_with_what_it_is_given(settings: Settings) -> None:
    code = "from app.settings import Settings; s = Settings(); print(s.service_dsn, s.data_dir, s.owner_url, s.smtp_url)"
    done = subprocess.run([sys.executable, "-c", code], env=environment_of(settings), cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [DATABASE, str(settings.data_dir), "None", "None"]


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def test_one_room_starts_them_all() -> None:
    """So that none is forgotten above: whoever starts a module of ours does it there, with one of the two environments."""
    room = ast.parse((ROOT / "app/background/children.py").read_text())
    doors = {
        one.name
        for one in ast.walk(room)
        if isinstance(one, ast.AsyncFunctionDef) and any(each.arg == "variables" for each in one.args.kwonlyargs)
    }
    starting: set[str] = set()
    started: list[str] = []
    for name, tree in sources():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        starting |= {name for call in calls if named(call).startswith("create_subprocess")}
        for call in calls:
            if variables := [
                one.value
                for one in call.keywords
                if named(call) in doors and one.arg == "variables" and name != "app/background/children.py"
            ]:
                assert isinstance(variables[0], ast.Call), name
                assert named(variables[0]) in ("environment", "environment_of"), name
                started.append(name)
    assert starting == {"app/background/children.py"}
    assert set(started) == {
        "app/background/jobs.py", "app/cli/points.py", "app/exports/spool.py", "app/imports/reporting.py", "app/imports/sheet.py", "app/photos/developing.py",
    }  # fmt: skip


@pytest.mark.parametrize("module", KINDS)
def test_each_settles_before_it_reads_anything(module: str) -> None:
    main = next(node for node in ast.walk(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())) if isinstance(node, ast.FunctionDef) and node.name == "main")  # fmt: skip
    calls = [named(node) for statement in main.body[:2] for node in ast.walk(statement) if isinstance(node, ast.Call)]
    assert "settle" in calls


@pytest.mark.parametrize(
    ("module", "limits"), [("app.photos.pixels", OF_PHOTOS), ("app.exports.worker", OF_EXPORTS)], ids=["photos", "exports"]
)
async def test_the_limits_of_one_that_waits_for_its_work(module: str, limits: ChildLimits) -> None:
    async with running(module, variables=environment()) as process:
        await until(lambda: limits_of(process.pid)["Max address space"] == limits.memory)
        # Set one after the other.
        await until(lambda: os.getpriority(os.PRIO_PROCESS, process.pid) >= min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19))
        await asyncio.sleep(0.1)
        held = limits_of(process.pid)
        assert held["Max core file size"] == 0
        if limits is OF_PHOTOS:
            assert (held["Max cpu time"], held["Max file size"], held["Max open files"]) == (20, 0, 32)


def limits_of(pid: int) -> dict[str, int | None]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:25].strip(): int(line[26:46]) if line[26:46].strip().isdigit() else None for line in lines}


def settled(limits: ChildLimits, code: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    head = f"from app.background.child_limits import ChildLimits, settle\nsettle({limits!r})\n"
    return subprocess.run(
        [sys.executable, "-c", head + code], env=environment() | {"PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True, check=False
    )


def test_too_much_memory_time_or_disk_ends_the_child(tmp_path: Path) -> None:
    assert b"MemoryError" in settled(OF_FILES, "bytearray(3 << 30)", tmp_path).stderr
    assert settled(ChildLimits(OF_FILES.memory, cpu_s=1), "while True: pass", tmp_path).returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    written = settled(OF_PHOTOS, "with open('a', 'w') as file: file.write('a')", tmp_path)
    assert written.returncode
    assert not (tmp_path / "a").read_bytes()
    fallen = settled(OF_FILES, "import os; open('b', 'w').close(); os.abort()", tmp_path)
    assert fallen.returncode == -signal.SIGABRT
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


PARENT = """
import pathlib, subprocess, sys, time
below = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
path = pathlib.Path(sys.argv[1])
path.with_suffix(".new").write_text(str(below.pid))
path.with_suffix(".new").rename(path)
time.sleep(600)
"""


@pytest.mark.parametrize("how", ["left", "cancelled", "again and again"])
async def test_nothing_is_left_of_one_that_is_ended(tmp_path: Path, how: str) -> None:
    (tmp_path / "parent_of_one.py").write_text(PARENT)
    pids: list[int] = []

    async def work() -> None:
        async with running("parent_of_one", str(tmp_path / "pid"), variables=environment() | {"PYTHONPATH": str(tmp_path)}) as process:
            await until((tmp_path / "pid").exists)
            pids.extend((process.pid, int((tmp_path / "pid").read_text())))
            if how != "left":
                await asyncio.sleep(600)

    task = asyncio.create_task(work())
    if how == "left":
        await task
    else:
        await until(lambda: bool(pids))
        for _ in range(5 if how == "again and again" else 1):
            task.cancel()
            await asyncio.sleep(0)
        with suppress(asyncio.CancelledError):
            await task
    await until(lambda: not any(lives(pid) for pid in pids))


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_of_what_a_child_wrote_the_end_is_kept() -> None:
    with open_errors() as errors:
        errors.write(b"begin" + b"x" * 10_000 + b" end\n")
        told = read_errors(errors)
    assert (len(told), told[-4:], "begin" in told) == (3_999, " end", False)
