"""What is installed from a wheel, away from any checkout: all of its files, and a trial in an empty folder."""

import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from app import __version__
from app.exports.formats import FORMATS
from app.operator.operation import migration_head
from tests.test_cli import ROOT, Served, environment
from tests.test_cluster import _folder as a_folder

pytestmark = pytest.mark.disruptive(16)

OFFLINE = ("--no-deps", "--no-index", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what a clone has, without anything from the network."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", *OFFLINE, "--wheel-dir", str(made), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=200)
    (found,) = made.glob("*.whl")
    return found


def test_every_file_of_the_program_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    ours = {str(file.relative_to(ROOT)) for name in ("app", "migrations") for file in (ROOT / name).rglob("*") if file.is_file()}
    ours = {name for name in ours if "__pycache__" not in name}
    assert {
        "app/cluster/roles.sql",
        "migrations/env.py",
        "app/pages/templates/base.html",
        "app/pages/styles/tokens.css",
        "app/pages/images/icon.svg",
    } <= ours
    assert [name for name in ours if re.fullmatch(r"app/pages/static/portal-\w+\.js\.br", name)], "scripts/setup builds the scripts"
    assert ours - packed == set()
    assert wheel.name == f"titik-{__version__}-py3-none-any.whl"


def test_an_installed_titik_serves_a_trial_in_an_empty_folder(wheel: Path) -> None:
    """Beside the packages that it needs, which are those of the tests."""
    with a_folder() as folder:
        venv.create(folder / "venv", with_pip=False)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", *OFFLINE, str(wheel)], check=True, timeout=100)
        site = sysconfig.get_path("purelib", vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")})
        # A path in a .pth is a folder for modules only: the .pth there, which leads into the checkout, is not read.
        (Path(site) / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        empty = folder / "empty"
        empty.mkdir()
        command, variables = folder / "venv" / "bin" / "titik", environment()
        del variables["PYTHONPATH"]

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [str(command), *arguments], cwd=empty, env=variables, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        asked = [str(python), "-P", "-c", "import app; print(app.__path__[0])"]
        where = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
        assert where.stdout.strip() == str(Path(site) / "app")
        assert run("--version") == f"titik {__version__}\n"
        assert "CREATE EXTENSION IF NOT EXISTS postgis" in run("db", "roles")
        served = Served(empty / ".titik", command=(str(command),), env=variables)
        try:
            with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
                assert client.get("/collections/posyandu/items").json()["numberReturned"] > 0
                page = client.get("/", headers={"Accept": "text/html"})
                assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
                for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
                    assert client.get(address).status_code == 200, address
                # Files are made by a process that works elsewhere, for a folder that is named without a beginning.
                for name in FORMATS:
                    assert client.get("/collections/posyandu/items", params={"f": name}).status_code == 200, name
            for one in FORMATS.values():
                run("points", "export", "posyandu", f"posyandu.{one.extension}")
            assert {file.suffix for file in empty.glob("posyandu.*") if file.stat().st_size} == {
                f".{one.extension}" for one in FORMATS.values()
            }
            assert not list(empty.glob(".posyandu.*"))
            assert run("db", "status") == f"schema {migration_head()} head {migration_head()}\n"
            assert served.end(signal.SIGTERM) == 0
            assert not served.errors
        finally:
            served.kill()
