"""The house rules, held by tests: who imports whom, what is pure, what every error says, how long things may get."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from app import errors, problems
from app.categories import rules as category_rules
from app.language import Text
from app.messages import FAULTS, PROBLEMS
from app.operation import ROOT
from app.routers import ROUTERS
from app.routers.deps import StrictRoute
from app.settings import Settings
from app.wire import _CODES
from app.write_guard import LACKING

MODULES = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted((ROOT / "app").rglob("*.py"))}
# "rules, workflow, codes, coordinates, geo": plain functions over plain values.
PURE = [
    name
    for name in MODULES
    if name.endswith("/rules.py")
    or name.startswith("app/coordinates/")
    or name in ("app/geo.py", "app/regions/codes.py", "app/reviews/workflow.py")
]
KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.TitikError)}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else "", node


def imported(tree: ast.AST) -> set[str]:
    return {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }


# -- direction


def test_imports_point_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_only_the_doors_import_fastapi() -> None:
    importers = {name for name, tree in MODULES.items() if any(one.split(".")[0] == "fastapi" for one in imported(tree))}
    assert {name for name in importers if not name.startswith("app/routers/")} == {"app/main.py", "app/problems.py"}


def test_the_rules_were_found() -> None:
    assert {"app/points/rules.py", "app/categories/rules.py", "app/coordinates/rescue.py", "app/reviews/workflow.py"} <= set(PURE)


@pytest.mark.parametrize("name", PURE)
def test_rules_are_pure(name: str) -> None:
    tree = MODULES[name]
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.Global))]
    strangers = {"time", "random", "os", "asyncio", "fastapi", "starlette", "sqlalchemy", "asyncpg", "httpx"}
    assert not {one.split(".")[0] for one in imported(tree)} & strangers
    ours = {".".join(one.split(".")[:2]) for one in imported(tree) if one.startswith("app.")}
    # Also its own siblings: of a package of rules all are pure.
    own = ".".join(Path(name).parts[:2])
    assert ours - ({own} if own == "app.coordinates" else set()) <= {"app.errors", "app.language", "app.geo"}
    assert not {called for called, _ in calls(tree)} & {"now", "today", "utcnow", "open", "print"}


def test_only_the_database_module_commits() -> None:
    for name, tree in MODULES.items():
        if name == "app/db.py":
            continue
        assert not {called for called, _ in calls(tree)} & {"commit", "rollback"}, name
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        assert not [text for text in texts if re.match(r"\s*(COMMIT|ROLLBACK|BEGIN)\b", text)], name


def test_nobody_inside_speaks_of_http_exceptions() -> None:
    """`problems.py` turns those of the router itself into answers; nobody raises one."""
    speaking = {name for name, tree in MODULES.items() if "HTTPException" in ast.dump(tree)}
    assert speaking == {"app/problems.py"}
    raised = [
        node for tree in MODULES.values() for node in ast.walk(tree) if isinstance(node, ast.Raise) and "HTTPException" in ast.dump(node)
    ]
    assert raised == []


def test_every_route_refuses_what_it_does_not_know() -> None:
    """And every module of a resource is in the list."""
    assert ROUTERS
    for router in ROUTERS:
        assert router.routes
        assert all(isinstance(route, StrictRoute) for route in router.routes)
    modules = {path.stem for path in (ROOT / "app" / "routers").glob("*.py")} - {
        "__init__",
        "answers",
        "exports",
        "conditions",
        "deps",
        "description",
        "paging",
        "rendering",
        "work",
    }
    assert [importlib.import_module(f"app.routers.{module}").router in ROUTERS for module in sorted(modules)] == [True] * len(modules)


# -- size


def test_modules_and_functions_stay_short() -> None:
    for name in MODULES:
        assert len((ROOT / name).read_text().splitlines()) <= 400, name
    functions = [
        (name, node)
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert [(name, node.name) for name, node in functions if (node.end_lineno or 0) - node.lineno >= 60] == []


# -- errors


def placeholders(*texts: Text) -> set[str]:
    return {field for text in texts for sentence in text for _, field, _, _ in Formatter().parse(sentence) if field}


def keywords(call: ast.Call) -> set[str]:
    return {keyword.arg or "**" for keyword in call.keywords} - {"faults", "members"}


def raised() -> Iterator[tuple[str, str | None, set[str]]]:
    """Where, the code (None: not a constant) and the facts of every error that is made, but those of operators, who bring their text."""
    for name, tree in MODULES.items():
        made = {id(call.func) for _, call in calls(tree)}
        for called, call in calls(tree):
            if called in KINDS and called != "OperatorError":
                code = call.args[0] if call.args else ast.Constant(KINDS[called].code)
                constant = str(code.value) if isinstance(code, ast.Constant) else None
                yield f"{name}:{call.lineno}", constant, keywords(call)
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and id(node.exc) not in made and node.exc.id in KINDS:
                yield f"{name}:{node.lineno}", KINDS[node.exc.id].code, set()


def constants(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def test_every_error_that_is_raised_has_its_sentences_and_their_facts() -> None:
    found = list(raised())
    assert len(found) > 30
    for where, code, facts in found:
        if code is not None:
            assert code in PROBLEMS, where
            assert placeholders(*PROBLEMS[code]) <= facts, where


def test_codes_that_are_made_up_when_raised_have_their_sentences_too() -> None:
    """The few places whose code is no constant, each with the codes that it can make."""
    computed = sorted({where.split(":")[0] for where, code, _ in raised() if code is None})
    assert computed == ["app/points/judging.py", "app/problems.py", "app/routers/deps.py", "app/wire.py", "app/write_guard.py"]
    named = {text for tree in MODULES.values() for called, call in calls(tree) if called == "uuid_of" for text in constants(call.args[1])}
    possible = {"point-elsewhere", "point-outside", "body-too-deep", "body-not-json"} | set(problems._OF_STATUS.values()) | named | LACKING
    assert len(named) >= 2
    assert possible <= PROBLEMS.keys()
    facts = {"declared", "found", "distance", "direction"}
    assert placeholders(*PROBLEMS["point-elsewhere"], *PROBLEMS["point-outside"]) <= facts
    assert placeholders(*PROBLEMS["body-too-deep"], *PROBLEMS["body-not-json"]) <= {"line", "column"}


def test_every_fault_has_its_sentence_and_the_facts_of_it() -> None:
    found = [(name, call) for name, tree in MODULES.items() for called, call in calls(tree) if called == "Fault"]
    assert len(found) > 20
    for name, call in found:
        facts = call.args[2] if len(call.args) > 2 else ast.Dict([], [])
        known = set(constants(ast.List([key for key in facts.keys if key]))) if isinstance(facts, ast.Dict) else {"expected"}
        codes = constants(call.args[1]) if isinstance(call.args[1], (ast.Constant, ast.IfExp)) else []
        for code in set(codes) - {"expected", "ctx"}:
            assert code in FAULTS, f"{name}:{call.lineno}"
            assert placeholders(FAULTS[code]) <= known, f"{name}:{call.lineno}"


def test_faults_of_the_validators_have_sentences_that_need_only_what_was_expected() -> None:
    codes = {*_CODES.values(), "value-invalid", *(code for code, _ in category_rules._CODES.values()), "attribute-invalid"}
    for code in codes:
        assert placeholders(FAULTS[code]) <= {"expected"}, code


def test_both_languages_say_the_same_facts() -> None:
    texts: list[Text] = [text for message in PROBLEMS.values() for text in message] + list(FAULTS.values())
    for text in texts:
        assert placeholders(Text(text.id, text.id)) == placeholders(Text(text.en, text.en)), text.id
        assert bool(text.id.strip()) == bool(text.en.strip()), text
    assert [text for text in texts if text.id == text.en and text.id] == []


def test_every_kind_of_error_has_a_status() -> None:
    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for inner in kind.__subclasses__():
            yield inner
            yield from below(inner)

    assert set(below(errors.TitikError)) - {errors.OperatorError} == set(problems.STATUS)
    assert set(problems.STATUS.values()) <= set(problems._WORDS)


# -- documents


def test_every_setting_is_described() -> None:
    described = set(
        re.findall(r"^\| `TITIK_([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text().split("## Read elsewhere")[0], re.MULTILINE)
    )
    assert described == {name.upper() for name in Settings.model_fields}


def test_nothing_names_a_place_on_a_machine() -> None:
    files = [
        path
        for kind in ("app", "tests", "migrations", "docs")
        for path in Path(ROOT / kind).rglob("*")
        if path.suffix in (".py", ".md", ".json", ".sql")
    ]
    needle = "/wo" + "rk/"
    assert [str(path.relative_to(ROOT)) for path in files if needle in path.read_text()] == []
