"""`make check` looks at what has changed, and at everything where nothing has."""

import subprocess
from pathlib import Path

import pytest

from scripts import check


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch that left `main` with one file changed, one removed."""
    monkeypatch.setattr(check, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nfiles = ["app", "tests"]\n')
    for name in ("app/old.py", "app/changed.py", "app/removed.py", "app/notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "branch")
    (tmp_path / "app/changed.py").write_text("changed = True\n")
    (tmp_path / "app/notes.md").write_text("changed\n")
    (tmp_path / "app/removed.py").unlink()
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.id", *arguments], cwd=folder, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "a change")


def test_what_the_branch_and_the_working_tree_changed(checkout: Path) -> None:
    (checkout / "scripts").mkdir()
    (checkout / "scripts/new.py").write_text("")
    assert check._changed() == ["app/changed.py", "scripts/new.py"]
    commands = dict(check._commands(check._changed()))
    assert commands["types"] == ["mypy", "app/changed.py"]
    assert commands["style"][2:] == ["app/changed.py", "scripts/new.py"]


def test_everything_where_nothing_has_changed_or_nothing_is_known(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(checkout, "checkout", "--quiet", "main")
    assert check._changed() == ["."]
    assert dict(check._commands(["."]))["types"] == ["mypy"]
    (checkout / ".git").rename(tmp_path_factory.mktemp("away") / "git")
    assert check._changed() == ["."]
