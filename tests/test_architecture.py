"""The house rules, held by tests: who imports whom, what is pure, what every error says, how long things may get."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pgqueuer
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS

from app import ROOT, errors
from app.categories import rules as category_rules
from app.collections import kinds
from app.http import problems
from app.http.route import StrictRoute
from app.language import Text
from app.messages import FAULTS, PROBLEMS
from app.photos.storing import PICTURES
from app.routers import ROUTERS
from app.settings import Settings
from app.wire import _CODES
from app.write_guard import LACKING
from scripts import rooms

MODULES = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted((ROOT / "app").rglob("*.py"))}
# "rules, workflow, codes, coordinates, geo": plain functions over plain values.
PURE = [
    name
    for name in MODULES
    if name.endswith("/rules.py")
    or name.startswith(("app/coordinates/", "app/disclosure/"))
    or name in tuple(f"app/categories/{one}.py" for one in ("names", "patterns", "subset", "templates", "widening"))
    or name in ("app/figures/expression.py", "app/figures/periods.py", "app/indicators/naming.py")
    or name in ("app/geo.py", "app/workflow/table.py", *(f"app/regions/{one}.py" for one in ("cities", "codes", "columns", "notes")))
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


def linted(place: Path) -> subprocess.CompletedProcess[bytes]:
    """In a process of its own: the library disables all loggers that it does not know."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=place, env={**os.environ, "PYTHONPATH": str(place)}, capture_output=True
    )


def test_imports_point_one_way() -> None:
    ended = linted(ROOT)
    assert ended.returncode == EXIT_STATUS_SUCCESS, ended.stdout.decode()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("db.py", "from app.imports import limits"),
        ("published/catalogue.py", "from app.webhooks import rules"),
        ("points/queries.py", "from app.http import paging"),
        # Beside each other.
        ("contacts/queries.py", "from app.photos import queries"),
        # Without a place.
        ("attic.py", ""),
    ],
)
def test_an_arrow_that_runs_up_is_refused(tmp_path: Path, module: str, line: str) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    sabotaged = tmp_path / "app" / module
    sabotaged.write_text((sabotaged.read_text() if sabotaged.exists() else "") + f"\n\n{line}\n")
    ended = linted(tmp_path)
    assert ended.returncode != EXIT_STATUS_SUCCESS
    assert re.search(rb"arrows run down BROKEN|attic", ended.stdout + ended.stderr)


def test_the_tree_in_contributing_is_the_tree() -> None:
    tree = (ROOT / "CONTRIBUTING.md").read_text().split("## The tree")[1].split("```")[1]
    named = set(re.findall(r"[a-z_0-9]+(?:/|\.py)", tree.split("app/\n")[1].split("\nmigrations/")[0].replace("docs/", "")))
    there = {path.name + ("/" if path.is_dir() else "") for path in (ROOT / "app").iterdir()} - {"__init__.py", "__pycache__/"}
    assert named == there


def test_the_picture_of_the_rooms_is_today_s() -> None:
    assert (ROOT / "docs" / "rooms.md").read_text() == rooms.page(), "make rooms"


def name_tests(tree: ast.AST) -> list[str]:
    """Comparisons of a collection with names: `collection == "points"`, `one.id in AREAS`, `collection not in (POINTS, *AREAS)`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            asked = [
                one for one in sides if isinstance(one, (ast.Name, ast.Attribute)) and re.search(r"collection(\.id)?$", ast.unparse(one))
            ]
            named = {text.value for one in sides for text in ast.walk(one) if isinstance(text, ast.Constant)} & NAMES_OF_COLLECTIONS
            constants = {name.id for one in sides for name in ast.walk(one) if isinstance(name, ast.Name) and name.id.isupper()}
            if (asked and (named or constants)) or constants & {"POINTS", "AREAS", "AREA_LEVELS"}:
                found.append(ast.unparse(node))
        if (
            isinstance(node, ast.match_case)
            and {one.value for one in ast.walk(node.pattern) if isinstance(one, ast.Constant)} & NAMES_OF_COLLECTIONS
        ):
            found.append(ast.unparse(node))
    return found


NAMES_OF_COLLECTIONS = {name for kind in kinds.KINDS for name in kind.ids}


def test_only_its_own_kind_knows_a_collection_by_its_name() -> None:
    found = {name: name_tests(tree) for name, tree in MODULES.items() if not name.startswith("app/collections/kinds/")}
    assert {name: tests for name, tests in found.items() if tests} == {}


@pytest.mark.parametrize(
    "line",
    [
        'if collection == "points": pass',
        "x = None if reading.collection in AREAS else 1",
        'x = one.collection not in ("kelurahan", "kecamatan")',
        "x = name in (POINTS, *AREAS)",
        'match collection:\n    case "points" | "kelurahan": pass',
    ],
)
def test_a_test_on_the_name_of_a_collection_is_found(line: str) -> None:
    assert name_tests(ast.parse(line))


def test_only_the_doors_import_fastapi() -> None:
    importers = {name for name, tree in MODULES.items() if any(one.split(".")[0] == "fastapi" for one in imported(tree))}
    assert {name for name in importers if not name.startswith(("app/routers/", "app/http/"))} == {"app/main.py"}


def test_of_pgqueuer_nothing_is_used_but_what_it_offers() -> None:
    used = {name for tree in MODULES.values() for name in imported(tree) if name.split(".")[0] == "pgqueuer"} - {"pgqueuer"}
    assert {f"pgqueuer.{name}" for name in pgqueuer.__all__} >= used > set()


def test_the_rules_were_found() -> None:
    assert {"app/points/rules.py", "app/categories/rules.py", "app/coordinates/rescue.py", "app/workflow/table.py"} <= set(PURE)


@pytest.mark.parametrize("name", PURE)
def test_rules_are_pure(name: str) -> None:
    tree = MODULES[name]
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.Global))]
    strangers = {"time", "random", "os", "asyncio", "fastapi", "starlette", "sqlalchemy", "asyncpg", "httpx"}
    assert not {one.split(".")[0] for one in imported(tree)} & strangers
    # Also others that are pure themselves, and the wire types of their own room.
    pure = [one.removesuffix(".py").replace("/", ".") for one in (*PURE, *(f"{Path(name).parent}/schemas.py",))]
    strange = (one for one in imported(tree) if one.startswith("app.") and not one.startswith(tuple(pure)))
    ours = {".".join(one.split(".")[:2]) for one in strange if one != ".".join(Path(name).parts[:2])}
    assert ours <= {"app.errors", "app.language", "app.geo", "app.common_fields"}
    assert not {called for called, _ in calls(tree)} & {"now", "today", "utcnow", "open", "print"}


def test_only_the_database_module_commits() -> None:
    for name, tree in MODULES.items():
        if name == "app/db.py":
            continue
        assert not {called for called, _ in calls(tree)} & {"commit", "rollback"}, name
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        assert not [text for text in texts if re.match(r"\s*(COMMIT|ROLLBACK|BEGIN)\b", text)], name


def test_nobody_inside_speaks_of_http_exceptions() -> None:
    """`http/problems.py` turns those of the router itself into answers; nobody raises one."""
    speaking = {name for name, tree in MODULES.items() if "HTTPException" in ast.dump(tree)}
    assert speaking == {"app/http/problems.py"}
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
    modules = {path.stem for path in (ROOT / "app" / "routers").glob("*.py")} - {"__init__", "exports", "description", "work"}
    assert [importlib.import_module(f"app.routers.{module}").router in ROUTERS for module in sorted(modules)] == [True] * len(modules)


# -- size


def test_modules_and_functions_stay_short() -> None:
    for name in MODULES:
        assert len((ROOT / name).read_text().splitlines()) <= 350, name
    functions = [
        (name, node)
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert [(name, node.name) for name, node in functions if (node.end_lineno or 0) - node.lineno >= 60] == []


def test_any_stands_for_little() -> None:
    """At most 8 lines of a thousand: what is JSON for others is `object` here, and rows have types (`app/statement.py`)."""
    lines = [line for name in MODULES for line in (ROOT / name).read_text().splitlines()]
    assert len([line for line in lines if re.search(r"\bAny\b", line)]) <= len(lines) * 8 / 1000


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
    """The few places whose code is no constant, each with the codes that it can make; of a child that reads a sheet those of its readers, which are."""
    computed = sorted({where.split(":")[0] for where, code, _ in raised() if code is None})
    assert computed == [
        "app/http/parameters.py", "app/http/problems.py", "app/imports/sheet.py", "app/points/judging.py", "app/storage/blobs.py", "app/wire.py", "app/write_guard.py",
    ]  # fmt: skip
    named = {text for tree in MODULES.values() for called, call in calls(tree) if called == "uuid_of" for text in constants(call.args[1])}
    possible = (
        {"point-elsewhere", "point-outside", "body-too-deep", "body-not-json"}
        | {PICTURES.unavailable, *problems._OF_STATUS.values()}
        | named
        | LACKING
    )
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

    # Others, as that of a job whose file is gone, reach no client.
    ours = {kind for kind in below(errors.TitikError) if kind.__module__ == errors.__name__}
    assert ours - {errors.OperatorError} == set(problems.STATUS)
    assert set(problems.STATUS.values()) <= set(problems._WORDS)


# -- documents


def test_every_setting_is_described() -> None:
    described = set(
        re.findall(r"^\| `TITIK_([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text().split("## Read elsewhere")[0], re.MULTILINE)
    )
    assert described == {name.upper() for name in Settings.model_fields}


def test_a_decision_that_was_replaced_says_so_at_its_top() -> None:
    heads = {path.name: path.read_text().split("\n## ")[0] for path in (ROOT / "docs" / "adr").glob("*.md")}
    for name, head in heads.items():
        assert re.search(r"^# \d{4}: .+\n\n\d{4}-\d\d-\d\d, accepted", head), name
        status = head.split("accepted", 1)[1].split("\n\n")[0]
        for sentence in status.split(";"):
            for other in re.findall(r"\((\d{4}-[\w-]+\.md)\)", sentence):
                assert f"({name})" in heads[other], f"{other} does not name {name}"


def test_nothing_names_a_place_on_a_machine() -> None:
    files = [
        path
        for kind in ("app", "tests", "migrations", "docs")
        for path in Path(ROOT / kind).rglob("*")
        if path.suffix in (".py", ".md", ".json", ".sql")
    ]
    needle = "/wo" + "rk/"
    assert [str(path.relative_to(ROOT)) for path in files if needle in path.read_text()] == []


def test_what_a_document_names_is_there() -> None:
    named = re.compile(r"\b(?:app|tests|scripts|benchmarks|chaos|conformance|docs|migrations)/[\w/.-]+\.(?:py|md|html|css|sh)\b")
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "web").glob("*/**/*.ts")]
    found = [(path.name, name) for path in documents if "node_modules" not in path.parts for name in named.findall(path.read_text())]
    assert len(found) > 50
    assert [(document, name) for document, name in found if not (ROOT / name).exists()] == []


def test_every_template_is_made_of_templates_that_are_there() -> None:
    folder = ROOT / "app" / "pages" / "templates"
    named = re.compile(r'{%-? *(?:extends|from|import|include) "([^"]+)"')
    found = [(path.name, name) for path in folder.glob("*.html") for name in named.findall(path.read_text())]
    assert len(found) > 50
    assert [(template, name) for template, name in found if not (folder / name).exists()] == []


# -- names


def named_types(tree: ast.Module) -> Iterator[str]:
    """Classes and aliases of types that a module defines."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name[:1].isupper() and not name.isupper():
                yield name


def test_a_type_has_one_name_and_a_name_one_type() -> None:
    named = Counter(name for tree in MODULES.values() for name in set(named_types(tree)))
    assert len(named) > 500
    assert [name for name, number in named.items() if number > 1] == []


@pytest.mark.parametrize("name", MODULES)
def test_no_name_stands_for_anything(name: str) -> None:
    """STYLE: what a thing is, not that somebody was told of it, asked for it or kept it. Parameters and functions carry a name furthest."""
    vague = {"told", "asked", "said"}
    defined = [node for node in ast.walk(MODULES[name]) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.arg))]
    assert [one for node in defined if (one := node.arg if isinstance(node, ast.arg) else node.name).strip("_") in vague] == []
