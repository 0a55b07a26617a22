"""Every statement, prepared on the migrated database: PostgreSQL knows its parameters and columns, and these are what the code takes them for."""

import ast
import functools
import gc
import importlib
import inspect
import pkgutil
import typing
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType, UnionType
from typing import TypedDict
from uuid import UUID

import asyncpg
import pytest
from typing_extensions import is_typeddict

import app
from app.db import prepare_connection
from app.settings import Settings
from app.statement import Statement

pytestmark = pytest.mark.anyio

# What asyncpg and the codecs of `prepare_connection` make of each type of PostgreSQL.
TYPES: dict[str, type] = {
    "bool": bool, "int2": int, "int4": int, "int8": int, "oid": int, "float4": float, "float8": float, "numeric": Decimal,
    "text": str, "varchar": str, "name": str, "bpchar": str, "char": bytes, "uuid": UUID, "bytea": bytes,
    "timestamptz": datetime, "date": date, "interval": timedelta, "void": str, "xid8": int, "geometry": str, "regclass": str, "pg_lsn": int,
}  # fmt: skip
JSON = ("json", "jsonb")
OF_SESSIONS = {"all", "first", "one", "value", "run", "batches"}


def modules() -> list[ModuleType]:
    return [importlib.import_module(one.name) for one in pkgutil.walk_packages(app.__path__, "app.") if not one.name.endswith("__main__")]


def within(value: object) -> Iterator[Statement[object]]:
    """The statements of a constant, also those of tuples and dictionaries."""
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from within(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from within(one)


@functools.cache
def named() -> dict[str, Statement[object]]:
    """Those that are reached by a name of a module, and those that are made when they are first needed."""
    found: dict[int, tuple[str, Statement[object]]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, one in enumerate(within(value)):
                found.setdefault(id(one), (f"{module.__name__}.{name}[{number}]", one))
    for one in gc.get_objects():
        if isinstance(one, Statement) and not one.is_of_request:
            found.setdefault(id(one), (one.sql, one))
    return dict(found.values())


def row_of(statement: Statement[object]) -> object:
    """What stands in the brackets of `Statement[…](…)`; None where nothing does."""
    declared = getattr(statement, "__orig_class__", None)
    return typing.get_args(declared)[0] if declared else None


def alternatives(kind: object) -> set[object]:
    """Of `int | None` both; of an alias what it stands for; of `dict[str, object]` and `Literal["a"]` the plain type."""
    if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
        return {one for inner in typing.get_args(kind) for one in alternatives(inner)}
    if typing.get_origin(kind) is typing.Literal:
        return {type(value) for value in typing.get_args(kind)}
    return {kind}


def fits(kind: object, attribute: asyncpg.Attribute) -> bool:
    """Whether values of a column are what the code takes them for. What stands in a JSON column only the code knows."""
    said = alternatives(kind) - {type(None)}
    if object in said:
        return True
    if not said:
        return bool(attribute.type.name == "void")
    if attribute.type.name in JSON:
        return all(one in (object, str) or is_typeddict(one) or typing.get_origin(one) in (dict, list) for one in said)
    if attribute.type.kind == "array":
        inner = TYPES[attribute.type.name.removesuffix("[]").removeprefix("_")]
        return all(typing.get_origin(one) is list and alternatives(typing.get_args(one)[0]) - {type(None)} == {inner} for one in said)
    expected = TYPES[attribute.type.name]
    return all(inspect.isclass(one) and issubclass(one, expected) and (one is not bool or expected is bool) for one in said)


def differences(row: object, given: Sequence[asyncpg.Attribute]) -> list[str]:
    """Between what is said of a row and the columns that PostgreSQL gives."""
    names = [one.name for one in given]
    if not is_typeddict(row):
        return ["has more than one column"] if len(given) != 1 else [] if fits(row, given[0]) else [f"{names[0]} is {given[0].type.name}"]
    kinds = typing.get_type_hints(row)
    if len(names) > len(set(names)):
        return ["has a column twice"]
    found = [f"has no columns {missing}"] if (missing := sorted(set(kinds) - set(names))) else []
    found += [f"does not know {unknown}"] if (unknown := sorted(set(names) - set(kinds))) else []
    return found + [f"{one.name} is {one.type.name}" for one in given if one.name in kinds and not fits(kinds[one.name], one)]


@pytest.fixture
async def connection(database: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    opened = await asyncpg.connect(database.owner_dsn)
    await prepare_connection(opened)
    yield opened
    await opened.close()


async def test_every_statement_can_be_prepared_and_gives_the_rows_that_it_says(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The names of a row type are the columns, no more and no less; `asyncpg` gives each as the type that stands there."""
    assert len(named()) > 250
    declared = 0
    for name, statement in named().items():
        try:
            prepared = await connection.prepare(statement.sql)
        except asyncpg.PostgresError as error:
            pytest.fail(f"{name}: {error}")
        assert len(prepared.get_parameters()) == len(statement.names), name
        assert "unknown" not in {one.name for one in prepared.get_parameters()}, name
        row = row_of(statement)
        if row is None:
            continue
        declared += 1
        assert differences(row, prepared.get_attributes()) == [], name
    # It grows, and does not shrink.
    assert declared >= 70


def calls() -> Iterator[tuple[str, Statement[object], set[str]]]:
    """Where a session runs a statement that can be seen from there, and the names that it is given."""
    for module in modules():
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OF_SESSIONS and node.args):
                continue
            statement = reached(module, node.args[0])
            given = {keyword.arg for keyword in node.keywords}
            if isinstance(statement, Statement) and None not in given:
                yield f"{module.__name__}:{node.lineno}", statement, {name for name in given if name}


def reached(module: ModuleType, node: ast.expr) -> object:
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    return getattr(reached(module, node.value), node.attr, None) if isinstance(node, ast.Attribute) else None


def test_every_call_gives_the_parameters_that_its_statement_takes() -> None:
    found = list(calls())
    assert len(found) > 150
    for where, statement, given in found:
        assert given == set(statement.names), where


class Row(TypedDict):
    number: int
    name: str | None
    tags: list[str]
    detail: dict[str, object]


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT 1 AS number, 'a' AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail", None),
        ("SELECT 1 AS number, 'a' AS name, '{}'::text[] AS tags", "has no columns ['detail']"),
        ("SELECT 1 AS number, 'a' AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail, 2 AS other", "does not know ['other']"),
        ("SELECT 1.5 AS number, 'a' AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail", "number is numeric"),
        ("SELECT true AS number, 'a' AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail", "number is bool"),
        ("SELECT 1 AS number, now() AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail", "name is timestamptz"),
        ("SELECT 1 AS number, 'a' AS name, '{}'::int[] AS tags, '{}'::jsonb AS detail", "tags is int4[]"),
        ("SELECT 1 AS number, 'a' AS name, '{}'::text[] AS tags, 'x' AS detail", "detail is text"),
        ("SELECT 1 AS number, 'a' AS name, '{}'::text[] AS tags, '{}'::jsonb AS detail, 1 AS number", "has a column twice"),
    ],
)
async def test_a_row_that_is_not_what_is_said_is_found(
    connection: "asyncpg.Connection[asyncpg.Record]", sql: str, fault: str | None
) -> None:
    assert differences(Row, (await connection.prepare(sql)).get_attributes()) == ([fault] if fault else [])


async def test_a_value_that_is_not_what_is_said_is_found(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    number = (await connection.prepare("SELECT count(*)")).get_attributes()
    assert differences(int | None, number) == []
    assert differences(str, number) == ["count is int8"]
    assert differences(None, number) == ["count is int8"]
    assert differences(int, (await connection.prepare("SELECT 1 AS a, 2 AS b")).get_attributes()) == ["has more than one column"]
