"""docs/conformance.md has a row for every class that is declared, and every test that it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from app.http.conformance import CONFORMANCE

ROOT = Path(__file__).resolve().parents[2]
_HEADING = re.compile(r"^## (http\S+)$", re.MULTILINE)
_ROW = re.compile(r"^\| ([^|]+) \| `([^`|]+)::(\w+)` \|$", re.MULTILINE)


def rows() -> dict[str, list[tuple[str, str, str]]]:
    """By class: requirement, file, name of the test."""
    text = (ROOT / "docs" / "conformance.md").read_text()
    _, *parts = _HEADING.split(text)
    return {uri: _ROW.findall(part) for uri, part in zip(parts[::2], parts[1::2], strict=True)}


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_the_document_is_about_the_declared_classes_and_no_others() -> None:
    assert sorted(rows()) == sorted(CONFORMANCE)


@pytest.mark.parametrize("uri", CONFORMANCE)
def test_every_class_has_rows_and_the_tests_that_they_name_exist(uri: str) -> None:
    asked = rows()[uri]
    assert asked
    assert [(file, name) for _, file, name in asked if name not in functions(file)] == []


def test_every_row_is_read() -> None:
    lines = [line for line in (ROOT / "docs" / "conformance.md").read_text().splitlines() if "::" in line]
    assert len(lines) == sum(map(len, rows().values()))
