"""What `tests/lanes.py` promises: a test that hangs fails with its name, whoever silences others is named, long tests come first or last."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import ROOT

pytestmark = pytest.mark.disruptive(12)

HEAD = """
import asyncio, logging, logging.config, threading
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio", {"use_uvloop": True}
"""


def run(folder: Path, text: str, *options: str) -> str:
    (folder / "pytest.ini").write_text("[pytest]\nanyio_mode = auto\nmarkers =\n    slow(seconds)\n    disruptive(seconds)\n")
    (folder / "test_it.py").write_text(HEAD + text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.lanes", "-p", "no:cacheprovider", "-v", *options]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=folder, env={**variables, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 1, done
    return done.stdout


def test_a_test_that_waits_for_ever_in_its_loop_fails_and_its_fixtures_end(tmp_path: Path) -> None:
    printed = run(
        tmp_path,
        """
@pytest.fixture
async def opened():
    yield
    print("closed by its fixture")

async def test_that_hangs(opened):
    await asyncio.Event().wait()

async def test_after_it():
    pass
""",
        "--timeout=8",
        "--timeout-method=thread",
    )
    assert "FAILED test_it.py::test_that_hangs - TimeoutError" in printed
    assert "closed by its fixture" in printed
    assert "1 failed, 1 passed" in printed


@pytest.mark.parametrize(
    "hanging",
    [
        "async def test_that_hangs():\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()",
        "@pytest.fixture\nasync def stuck():\n    await asyncio.Event().wait()\n\nasync def test_that_hangs(stuck):\n    pass",
    ],
    ids=["outside the loop", "in a fixture"],
)
def test_what_no_loop_can_end_ends_the_worker_under_the_name_of_the_test(tmp_path: Path, hanging: str) -> None:
    printed = run(tmp_path, f"{hanging}\n\nasync def test_after_it():\n    pass\n", "-n", "1", "--timeout=8", "--timeout-method=thread")
    assert "crashed while running 'test_it.py::test_that_hangs'" in printed
    assert "1 failed, 1 passed" in printed


def test_whoever_silences_loggers_is_named(tmp_path: Path) -> None:
    printed = run(
        tmp_path,
        """
def test_that_silences():
    logging.getLogger("asyncio")
    logging.config.dictConfig({"version": 1})

def test_after_it():
    assert not logging.getLogger("asyncio").disabled
""",
    )
    assert "test_that_silences has silenced ['asyncio'" in printed
    assert "2 passed, 1 error" in printed


def test_long_tests_are_first_and_disruptive_ones_last(tmp_path: Path) -> None:
    printed = run(
        tmp_path,
        """
@pytest.mark.disruptive(3)
def test_kills(): pass

def test_one(): pass

@pytest.mark.slow(2)
def test_computes(): pass

@pytest.mark.disruptive(9)
def test_waits(): pass

@pytest.mark.slow(5)
def test_computes_longer(): assert False

def test_another(): pass
""",
    )
    order = [line.split("::")[1].split()[0] for line in printed.splitlines() if line.startswith("test_it.py::")]
    assert order == ["test_computes_longer", "test_computes", "test_one", "test_another", "test_waits", "test_kills"]
