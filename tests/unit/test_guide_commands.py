"""Every command of `titik` that a guide names is there, with its options."""

import shlex
from typing import Any

import pytest
import typer.main

from app.cli import app
from app.pages.frame import Frame
from app.pages.guides import GUIDES, guide
from app.regions.cities import Cities
from tests.e2e.guide_walk import GuidePage

FRAME = Frame("https://kota.example/titik", "id", (), Cities())


def commands_of(name: str) -> list[list[str]]:
    """The words of each, without the settings before it."""
    lines = [shlex.split(line) for text in GuidePage(guide(FRAME, name)).commands for line in text.splitlines()]
    found = [[word for word in line if not word.startswith("TITIK_")] for line in lines]
    return [line for line in found if line[:1] == ["titik"]]


def follow(arguments: list[str]) -> tuple[Any, list[str]]:
    """The command that these lead to, and what is left of them."""
    command: Any = typer.main.get_command(app)
    while arguments and arguments[0] in getattr(command, "commands", {}):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    return command, arguments


def test_every_command_is_there_with_its_options() -> None:
    found = commands_of("pengelola")
    assert len(found) > 12
    for line in found:
        command, rest = follow(line[1:])
        assert not hasattr(command, "commands"), line
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in rest if word.startswith("--")} <= known, line


@pytest.mark.parametrize("name", GUIDES)
def test_addresses_lie_under_a_sub_path(name: str) -> None:
    text = guide(FRAME, name)
    assert 'data-address="https://kota.example/titik/' in text
    assert 'href="/portal' not in text
    assert "https://kota.example/titik/panduan/" in text
