"""CQL2 as text and JSON: what is read, what is refused and how, and that nothing hostile costs time or the process."""

import ast
import contextlib
import re
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import cql2 as library
import orjson
import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Numeric, Table, Text

from app import ROOT
from app.collections.queryables import of_items, schema_of
from app.cql2 import literals
from app.cql2.filters import Queryable, condition
from app.cql2.reading import MAX_LENGTH, parse
from app.cql2.text import FUNCTIONS, MAX_DEPTH
from app.errors import BadRequest
from app.language import Text as Words
from app.messages import FAULTS
from app.models.published import PublishedItemRecord
from app.statement import driver_dialect
from tests.test_architecture import placeholders

THINGS = Table(
    "thing",
    MetaData(),
    *(Column(name, Text()) for name in ("t", "u")),
    Column("n", Numeric()),
    Column("i", Integer()),
    *(Column(name, Boolean()) for name in ("b", "c")),
    *(Column(name, DateTime(timezone=True)) for name in ("at", "to")),
    Column("d", Date()),
    Column("l", Text()),
)
KINDS = {
    "t": "text",
    "u": "text",
    "n": "number",
    "i": "integer",
    "b": "boolean",
    "c": "boolean",
    "at": "instant",
    "to": "instant",
    "d": "date",
    "l": "list",
}
QUERYABLES = {name: Queryable(name, kind, THINGS.c[name], Words(name, name)) for name, kind in KINDS.items()} | {  # type: ignore[arg-type]
    "g": Queryable("g", "geometry", PublishedItemRecord.__table__.c.geom, Words("g", "g"))
}


def compiled(text: str, language: str = "cql2-text", **more: Any) -> tuple[str, list[object]]:
    made = condition(parse(text, language), QUERYABLES, **more).compile(dialect=driver_dialect())
    return str(made), [made.params[name] for name in made.positiontup or ()]


def code_of(text: str, language: str = "cql2-text") -> str:
    with pytest.raises(BadRequest) as caught:
        compiled(text, language)
    (fault,) = caught.value.faults
    assert fault.where in ("filter", "filter-lang")
    sentence = FAULTS[fault.code].say("en", fault.facts) + FAULTS[fault.code].say("id", fault.facts)
    assert "sesuatu_rahasia" not in sentence
    return fault.code


def plain(tree: Any) -> Any:
    """With floats, and operators in lower case: what two parsers can be compared by."""
    if isinstance(tree, dict):
        return {key: str(value).lower() if key == "op" else plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    return float(tree) if isinstance(tree, Decimal) else tree


def p(name: str) -> dict[str, str]:
    return {"property": name}


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


TREES: list[tuple[str, Any]] = [
    ("t = 'x'", op("=", p("t"), "x")),
    ("t='x'", op("=", p("t"), "x")),
    ("  t\n=\t'x'  ", op("=", p("t"), "x")),
    ('"t" = \'x\'', op("=", p("t"), "x")),
    ("'x' = t", op("=", "x", p("t"))),
    ("t = ''", op("=", p("t"), "")),
    ("t = 'it''s'", op("=", p("t"), "it's")),
    (r"t = 'it\'s'", op("=", p("t"), "it's")),
    (r"t = 'a\tb\n'", op("=", p("t"), "a\tb\n")),
    (r"t = 'a\\nb'", op("=", p("t"), "a\\nb")),
    (r"t = 'a\zb'", op("=", p("t"), "a\\zb")),
    ("t = 'a -- b; /* c */ $1 :x %s'", op("=", p("t"), "a -- b; /* c */ $1 :x %s")),
    ("t = 'København \U0001f600'", op("=", p("t"), "København \U0001f600")),
    ("n = 1", op("=", p("n"), 1)),
    ("n = -1.5e3", op("=", p("n"), -1500)),
    ("n = .5", op("=", p("n"), Decimal("0.5"))),
    ("n = 5.", op("=", p("n"), 5)),
    ("n = +1", op("=", p("n"), 1)),
    ("n = --1", op("=", p("n"), 1)),
    ("n = -i", op("=", p("n"), op("*", -1, p("i")))),
    ("n <> 1", op("<>", p("n"), 1)),
    ("n<=1", op("<=", p("n"), 1)),
    ("n>=1", op(">=", p("n"), 1)),
    ("n -1 = 2", op("=", op("-", p("n"), 1), 2)),
    ("n - -1 = 2", op("=", op("-", p("n"), -1), 2)),
    ("n = 1 + 2 * 3", op("=", p("n"), op("+", 1, op("*", 2, 3)))),
    ("n = (1 + 2) * 3", op("=", p("n"), op("*", op("+", 1, 2), 3))),
    ("n = 10 - 3 - 2", op("=", p("n"), op("-", op("-", 10, 3), 2))),
    ("n = 2 ^ 3 ^ 2", op("=", p("n"), op("^", 2, op("^", 3, 2)))),
    ("n = -2 ^ 2", op("=", p("n"), op("^", -2, 2))),
    ("n = 2 * 3 ^ 2", op("=", p("n"), op("*", 2, op("^", 3, 2)))),
    ("n = 2 ^ 3 * 2", op("=", p("n"), op("*", op("^", 2, 3), 2))),
    ("n = 7 DIV 2 % 3 / 4", op("=", p("n"), op("/", op("%", op("div", 7, 2), 3), 4))),
    ("b = true", op("=", p("b"), True)),
    ("b = FALSE", op("=", p("b"), False)),
    ("b", p("b")),
    ("TRUE", True),
    ("NOT b", op("not", p("b"))),
    ("NOT NOT b", op("not", op("not", p("b")))),
    ("NOT n = 1 AND b", op("and", op("not", op("=", p("n"), 1)), p("b"))),
    ("NOT (n = 1 AND b)", op("not", op("and", op("=", p("n"), 1), p("b")))),
    ("b AND c AND b", op("and", p("b"), p("c"), p("b"))),
    ("b OR c AND b", op("or", p("b"), op("and", p("c"), p("b")))),
    ("(b OR c) AND b", op("and", op("or", p("b"), p("c")), p("b"))),
    ("b and c or b", op("or", op("and", p("b"), p("c")), p("b"))),
    ("(n = 1) = true", op("=", op("=", p("n"), 1), True)),
    ("((n)) = ((1))", op("=", p("n"), 1)),
    ("t LIKE 'a%'", op("like", p("t"), "a%")),
    (r"t LIKE 'a\%\_\\'", op("like", p("t"), r"a\%\_\\")),
    (r"t LIKE 'it\'s%'", op("like", p("t"), "it's%")),
    ("t NOT LIKE 'a%'", op("not", op("like", p("t"), "a%"))),
    ("CASEI(t) LIKE casei('a%')", op("like", op("casei", p("t")), op("casei", "a%"))),
    ("n BETWEEN 1 AND 2", op("between", p("n"), 1, 2)),
    ("n BETWEEN 1 AND 2 AND b", op("and", op("between", p("n"), 1, 2), p("b"))),
    ("n NOT BETWEEN 1 + 1 AND i", op("not", op("between", p("n"), op("+", 1, 1), p("i")))),
    ("n IN (1, 2)", op("in", p("n"), [1, 2])),
    ("t NOT IN ('a', 'b')", op("not", op("in", p("t"), ["a", "b"]))),
    ("n in (i, 1 + 1)", op("in", p("n"), [p("i"), op("+", 1, 1)])),
    ("CASEI(t) IN (CASEI('A'), casei('b'))", op("in", op("casei", p("t")), [op("casei", "A"), op("casei", "b")])),
    ("t IS NULL", op("isNull", p("t"))),
    ("t is not null", op("not", op("isNull", p("t")))),
    ("NOT t IS NULL", op("not", op("isNull", p("t")))),
    ("n + 1 IS NULL", op("isNull", op("+", p("n"), 1))),
    ("accenti(casei(t)) = accenti(casei('É'))", op("=", op("accenti", op("casei", p("t"))), op("accenti", op("casei", "É")))),
    ("S_INTERSECTS(g, POINT(1 2))", op("s_intersects", p("g"), {"type": "Point", "coordinates": [1, 2]})),
    ("s_within(g, POINT(1 -2 3))", op("s_within", p("g"), {"type": "Point", "coordinates": [1, -2, 3]})),
    ("S_EQUALS(g, g)", op("s_equals", p("g"), p("g"))),
    ("S_INTERSECTS(g, BBOX(1,2,3,4))", op("s_intersects", p("g"), {"bbox": [1, 2, 3, 4]})),
    ("S_TOUCHES(g, LINESTRING(0 0, 1 1))", op("s_touches", p("g"), {"type": "LineString", "coordinates": [[0, 0], [1, 1]]})),
    ("S_INTERSECTS(g, POINT Z (1 2 3))", op("s_intersects", p("g"), {"type": "Point", "coordinates": [1, 2, 3]})),
    ("S_INTERSECTS(g, point z(1 2 3))", op("s_intersects", p("g"), {"type": "Point", "coordinates": [1, 2, 3]})),
    ("S_INTERSECTS(g, MULTIPOINT Z ((1 2 3),(4 5 6)))", op("s_intersects", p("g"), {"type": "MultiPoint", "coordinates": [[1, 2, 3], [4, 5, 6]]})),
    ("S_INTERSECTS(g, LINESTRING Z (1 2 3, 4 5 6))", op("s_intersects", p("g"), {"type": "LineString", "coordinates": [[1, 2, 3], [4, 5, 6]]})),
    (
        "S_INTERSECTS(g, MULTILINESTRING Z ((1 2 3, 4 5 6)))",
        op("s_intersects", p("g"), {"type": "MultiLineString", "coordinates": [[[1, 2, 3], [4, 5, 6]]]}),
    ),
    (
        "S_INTERSECTS(g, POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 1)))",
        op("s_intersects", p("g"), {"type": "Polygon", "coordinates": [[[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1]]]}),
    ),
    (
        "S_INTERSECTS(g, MULTIPOLYGON Z (((0 0 1,1 0 1,1 1 1,0 0 1))))",
        op("s_intersects", p("g"), {"type": "MultiPolygon", "coordinates": [[[[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 0, 1]]]]}),
    ),
    (
        "S_TOUCHES(g, GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z (0 0 1, 1 1 1)))",
        op("s_touches", p("g"), {"type": "GeometryCollection", "geometries": [
            {"type": "Point", "coordinates": [1, 2, 3]},
            {"type": "LineString", "coordinates": [[0, 0, 1], [1, 1, 1]]},
        ]}),
    ),
    ("S_DISJOINT(g, MULTIPOINT(0 0, 1 1))", op("s_disjoint", p("g"), {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]})),
    ("S_DISJOINT(g, MULTIPOINT((0 0), (1 1)))", op("s_disjoint", p("g"), {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]})),
    (
        "S_OVERLAPS(g, POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5)))",
        op("s_overlaps", p("g"), {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]], [[1, 0.5], [2, 0.5], [2, 1], [1, 0.5]]]}),
    ),
    (
        "S_CROSSES(g, MULTILINESTRING((0 0, 1 1), (2 2, 3 3)))",
        op("s_crosses", p("g"), {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]}),
    ),
    (
        "S_CONTAINS(MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2))), g)",
        op("s_contains", {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]], [[[2, 2], [3, 2], [3, 3], [2, 2]]]]}, p("g")),
    ),
    ("at > TIMESTAMP('2024-01-01T00:00:00Z')", op(">", p("at"), {"timestamp": "2024-01-01T00:00:00Z"})),
    ("d = date('2024-01-01')", op("=", p("d"), {"date": "2024-01-01"})),
    ("T_AFTER(at, DATE('2024-01-01'))", op("t_after", p("at"), {"date": "2024-01-01"})),
    ("T_INTERSECTS(at, INTERVAL('..', '2024-01-01'))", op("t_intersects", p("at"), {"interval": ["..", "2024-01-01"]})),
    ("T_DURING(INTERVAL(at, \"to\"), INTERVAL('2024-01-01', '..'))", op("t_during", {"interval": [p("at"), p("to")]}, {"interval": ["2024-01-01", ".."]})),
    ("t_finishedby(INTERVAL(at, '..'), INTERVAL('..', '..'))", op("t_finishedBy", {"interval": [p("at"), ".."]}, {"interval": ["..", ".."]})),
]  # fmt: skip
# Where the library reads less, or otherwise than the grammar has it.
NOT_OF_THE_LIBRARY = (r"\'", r"\t", r"\\", "= .5", "^ 3 ^")


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[text for text, _ in TREES])
def test_text_is_read(text: str, tree: Any) -> None:
    assert plain(parse(text, "cql2-text")) == plain(tree)
    assert parse(orjson.dumps(plain(tree)).decode(), "cql2-json") == plain(tree)
    assert compiled(text)


@pytest.mark.parametrize("text", [text for text, _ in TREES if not any(one in text for one in NOT_OF_THE_LIBRARY)])
def test_another_parser_reads_the_same(text: str) -> None:
    assert plain(library.parse_text(text).to_json()) == plain(parse(text, "cql2-text"))


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("t_")])
def test_every_relation_of_time(name: str) -> None:
    sql, values = compiled(f"{name.upper()}(INTERVAL(at, to), INTERVAL('2024-01-01T00:00:00Z', '2024-06-01T00:00:00+07:00'))")
    assert "thing." in sql
    assert all(value.utcoffset().total_seconds() == 0 for value in values)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.startswith("s_")])
def test_the_index_is_asked_before_the_exact_function(name: str) -> None:
    sql, _ = compiled(f"{name}(g, POINT(112 -7.8))")
    assert "ST_" + name[2:].title() in sql
    assert ("&&" in sql) == (name != "s_disjoint")
    assert "&&" not in sql.partition("ST_" + name[2:].title())[2]


SHAPE = [
    "", " ", "t", "n", "1", "'x'", "g", "at", "l", "n + 1", "DATE('2024-01-01')", "POINT(1 2)", "BBOX(1,2,3,4)", "t AND b", "NOT t", "b OR 1",
    "casei(t)", "b AND 'true'",
]  # fmt: skip
SYNTAX = [
    "t =", "= t", "t == 'x'", "n != 1", "n = 1 AND", "AND b", "NOT", "b b", "n = 1 2", "(b", "b)", "()", "t = 'x", 't = "x', "t = x'", "n = 1;", "n = 1 /* x */",
    "n = 1AND b", "n = 1e", "n = 1..2", "n = 0x10", "n = $1", "t LIKE", "t LIKE u", "t LIKE ('a')", "t LIKE 1", "t LIKE lower('a')", "t NOT", "t NOT = 'x'", "t IN", "n IN ()",
    "n IN 1", "n IN (1,)", "n IN (,1)", "n BETWEEN 1", "n BETWEEN 1 AND", "n BETWEEN 1, 2", "t IS", "t IS 'x'", "t IS NOT", "n = NULL", "S_INTERSECTS(", "S_INTERSECTS()",
    "S_INTERSECTS(g POINT(1 2))", "S_INTERSECTS(g, POINT(1,2))", "S_INTERSECTS(g, POINT(1))", "S_INTERSECTS(g, POINT())", "S_INTERSECTS(g, POINT(a b))", "S_INTERSECTS(g, POINT(1 2 3 4))",
    "S_INTERSECTS(g, LINESTRING(0 0 1 1))", "S_INTERSECTS(g, POLYGON(0 0,1 0,1 1,0 0))", "S_INTERSECTS(g, BBOX(1 2 3 4))", "S_INTERSECTS(g, POINT EMPTY)", "at > TIMESTAMP(2024)", "d = DATE(d)",
    "d = DATE('2024-01-01', 1)", "T_AFTER(at, INTERVAL(1, 2))", "n = 1 # x", "n = `1`", "t = 'x' \\", "{}", "[1]", "n = 1 \0", "é = ¤", "a.b.c. = .", "b AND (c", "n = ((1)", "n = - ", "n = 2 ^",
    "S_INTERSECTS(g, POINT Z)", "S_INTERSECTS(g, POINT Z Z (1 2 3))", "S_INTERSECTS(g, POINT M (1 2 3))", "t Z ('a') = 1", "S_INTERSECTS(g, BBOX Z (1,2,3,4))",
    "S_INTERSECTS(g, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))", "S_INTERSECTS(g, GEOMETRYCOLLECTION())", "S_INTERSECTS(g, GEOMETRYCOLLECTION(1 2))", "S_INTERSECTS(g, GEOMETRYCOLLECTION(BBOX(1,2,3,4)))",
    "S_INTERSECTS(g, GEOMETRYCOLLECTION(g))", "S_INTERSECTS(g, GEOMETRYCOLLECTION(POINT(1 2) POINT(1 2)))",
]  # fmt: skip
UNKNOWN = [
    "foo(t) = 1",
    "now() < at",
    "pg_sleep(10) = 1",
    "S_DWITHIN(g, POINT(1 2), 3)",
    "A_CONTAINS(l, l)",
    "avg(n) > 1",
    "CAST(n) = 1",
    "ST_Buffer(g, 1) = g",
    "BEYOND(g, g)",
    "lower(t) = 'a'",
]
NAMES = [
    "S_INTERSECTS",
    "sesuatu_rahasia = 1",
    '"t.t" = 1',
    "T = 'x'",
    "geometry IS NULL",
    "S_INTERSECTS(geom, POINT(1 2))",
    "feature = 'x'",
    "INTERVAL = 1",
    'n = "sesuatu_rahasia"',
    "__class__ = 1",
    "properties = 1",
    "T_AFTER(INTERVAL(x, at), INTERVAL('..','..'))",
]
TYPES = [
    "t = 1", "n = 'sesuatu_rahasia'", "1 = '1'", "b = 1", "b = 'true'", "at = '2024-01-01T00:00:00Z'", "d = '2024-01-01'", "at > 1", "n > b", "g = g", "g = POINT(1 2)", "l = 'x'", "n LIKE '1%'", "at LIKE '2%'",
    "n IN ('a')", "t IN ('a', 1)", "n IN (1, b)", "t IN (n)", "n BETWEEN 'a' AND 'b'", "b BETWEEN false AND true", "t BETWEEN 1 AND 2", "t + 1 = 2", "t * 2 = 'a'", "n + 'x' = 1", "d + 1 = d", "b + b = 1",
    "S_INTERSECTS(g, t)", "S_INTERSECTS(t, POINT(1 2))", "S_WITHIN(g, 'POINT(1 2)')", "S_WITHIN(g, 1)", "T_AFTER(t, at)", "T_AFTER(at, '2024-01-01')", "T_AFTER(n, at)", "T_AFTER(g, at)",
    "T_DURING(at, INTERVAL('2024-01-01','..'))", "T_MEETS(INTERVAL('2024-01-01','..'), at)", "T_AFTER(INTERVAL(t, at), at)", "casei(n) = 'a'", "accenti(b) = 'a'", "CASEI(casei(1)) = 'a'", "(n = 1) = 1", "n < b < 1", "n = 1 = i",
]  # fmt: skip
OPERANDS = ["S_INTERSECTS(g)", "S_INTERSECTS(g, g, g)", "T_AFTER(at)", "casei(t, u) = 'a'", "S_EQUALS(g,g,g,g)"]
NUMBERS = [
    "n = 1e400",
    "n = -1e400",
    "n = 1e999999999999",
    "n = 1e-400",
    "n = " + "9" * 31,
    "n = 0." + "1" * 31,
    "n ^ 999 = 1",
    "n ^ i ^ 2 ^ n = 1",
    "n = 9 ^ 9 ^ 9 ^ 9",
    "n" + " * n" * 25 + " = 1",
]
INSTANTS = [
    "d = DATE('2024-13-45')", "d = DATE('2023-02-29')", "d = DATE('0000-01-01')", "d = DATE('24-01-01')", "d = DATE('20240101')", "d = DATE('2024-01-01T00:00:00Z')", "d = DATE('')",
    "at = TIMESTAMP('2024-01-01')", "at = TIMESTAMP('2024-01-01T00:00:00')", "at = TIMESTAMP('2024-01-01T25:00:00Z')", "at = TIMESTAMP('2024-01-01T00:00Z')", "at = TIMESTAMP('2024-02-30T00:00:00Z')",
    "at = TIMESTAMP('0001-01-01T00:00:00+14:00')", "at = TIMESTAMP('9999-12-31T23:59:59-14:00')", "at = TIMESTAMP('infinity')", "at = TIMESTAMP('now')", "at = TIMESTAMP('2024-01-01t00:00:00z')",
    "at = TIMESTAMP('٢٠٢٤-01-01T00:00:00Z')", "T_AFTER(at, INTERVAL('2025-01-01','2024-01-01'))", "T_AFTER(at, INTERVAL('a','b'))", "T_AFTER(at, INTERVAL('2024-01-01'))", "T_AFTER(at, INTERVAL('','..'))", "T_AFTER(at, INTERVAL('..','..','..'))",
]  # fmt: skip
GEOMETRIES = [
    "POINT(200 0)", "POINT(0 91)", "POINT(1e400 0)", "POINT(650000 9130000)", "GEOMETRYCOLLECTION(POINT(1 2), POINT(200 0))", "GEOMETRYCOLLECTION(POLYGON((0 0,1 1,1 0,0 1,0 0)))", "LINESTRING(1 1)", "LINESTRING(1 1, 1 1)", "POLYGON((0 0,1 0,1 1,0 1))", "POLYGON((0 0,1 0,0 0))", "POLYGON((0 0,1 1,1 0,0 1,0 0))",
    "POLYGON((0 0,4 0,4 4,0 0),(9 9,10 9,10 10,9 9))", "MULTIPOLYGON(((0 0,2 0,2 2,0 0)),((0 0,2 0,2 2,0 0)))", "BBOX(1,2,3)", "BBOX(1,2,3,4,5)", "BBOX(0,5,1,4)", "BBOX(0,0,181,1)", "BBOX(0,0,0,91)", "POLYGON((0 0))",
]  # fmt: skip


def cases() -> list[tuple[str, str]]:
    found = [(code, text) for code, texts in (
        ("filter-invalid", SYNTAX), ("filter-operator", UNKNOWN), ("property-unknown", NAMES), ("filter-type", TYPES), ("filter-operands", OPERANDS),
        ("filter-number", NUMBERS), ("instant-invalid", INSTANTS),
    ) for text in texts]  # fmt: skip
    found += [("geometry-invalid", f"S_INTERSECTS(g, {text})") for text in GEOMETRIES]
    return found + [("filter-no-condition" if text.strip() else "filter-invalid", text) for text in SHAPE if text != "l"]


@pytest.mark.parametrize(("code", "text"), cases())
def test_what_is_no_filter_is_refused_by_its_code(code: str, text: str) -> None:
    assert code_of(text) == code


def test_the_corpus_is_large() -> None:
    assert len(TREES) + len(cases()) > 250


@pytest.mark.parametrize("pattern", ["'" + "a" * 201 + "'", "'" + "%a" * 11 + "'", "'" + "_" * 11 + "'"])
def test_a_pattern_is_short_and_simple(pattern: str) -> None:
    assert code_of(f"t LIKE {pattern}") == "pattern-invalid"
    assert code_of(f"casei(t) LIKE CASEI({pattern})") == "pattern-invalid"


def test_a_pattern_does_not_end_in_an_escape() -> None:
    assert code_of('{"op":"like","args":[{"property":"t"},"a\\\\"]}', "cql2-json") == "pattern-invalid"
    assert compiled('{"op":"like","args":[{"property":"t"},"a\\\\\\\\"]}', "cql2-json")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("filter-invalid", ""), ("filter-invalid", "{"), ("filter-invalid", "{'op':1}"), ("filter-invalid", '{"op":NaN}'), ("filter-invalid", "\0"),
        ("filter-operator", "{}"), ("filter-operator", "[]"), ("filter-operator", "null"), ("filter-no-condition", "1"), ("filter-no-condition", '"x"'),
        ("filter-operator", '{"op":"foo","args":[]}'), ("filter-operator", '{"op":1,"args":[]}'), ("filter-operator", '{"op":"=","args":{}}'), ("filter-operator", '{"op":"="}'), ("filter-operator", '{"args":[]}'),
        ("filter-operands", '{"op":"=","args":[1]}'), ("filter-operands", '{"op":"and","args":[true]}'), ("filter-operands", '{"op":"and","args":[]}'), ("filter-operands", '{"op":"not","args":[true,true]}'),
        ("filter-operands", '{"op":"isNull","args":[]}'), ("filter-operands", '{"op":"+","args":[1,2,3]}'), ("filter-operands", '{"op":"casei","args":[]}'), ("filter-operator", '{"casei":"x"}'),
        ("property-unknown", '{"property":1}'), ("property-unknown", '{"property":["t"]}'), ("property-unknown", '{"property":"sesuatu_rahasia"}'), ("property-unknown", '{"property":null}'),
        ("filter-type", '{"op":"=","args":[{"property":"t"},1]}'), ("filter-operator", '{"op":"=","args":[{"property":"t"},null]}'), ("filter-operator", '{"op":"=","args":[{"property":"t"},["x"]]}'),
        ("filter-type", '{"op":"in","args":[{"property":"t"},"x"]}'), ("filter-type", '{"op":"in","args":[{"property":"t"},[]]}'), ("filter-type", '{"op":"like","args":[{"property":"t"},{"property":"u"}]}'),
        ("nul-character", '{"op":"=","args":[{"property":"t"},"a\\u0000b"]}'), ("nul-character", '{"op":"like","args":[{"property":"t"},"a\\u0000b"]}'), ("nul-character", '{"op":"in","args":[{"property":"t"},["a\\u0000b"]]}'),
        ("filter-invalid", '{"op":"=","args":[{"property":"t"},"\\ud800"]}'), ("instant-invalid", '{"op":"=","args":[{"property":"at"},{"timestamp":1}]}'), ("instant-invalid", '{"op":"=","args":[{"property":"d"},{"date":{"property":"d"}}]}'),
        ("instant-invalid", '{"op":"t_after","args":[{"property":"at"},{"interval":"x"}]}'), ("instant-invalid", '{"op":"t_after","args":[{"property":"at"},{"interval":[1,2]}]}'),
        ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Point"}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":[]}]}'),
        ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":["Point"],"coordinates":[1,2]}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":[true,"2"]}]}'),
        ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":[[1,2]]}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Polygon","coordinates":[1,2]}]}'),
        ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"GeometryCollection","geometries":[]}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"type":"Polygon","coordinates":[[]]}]}'),
        ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"bbox":{"a":1}}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"bbox":[1,2,"3",4]}]}'), ("geometry-invalid", '{"op":"s_within","args":[{"property":"g"},{"bbox":[1,2,null,3,4,5]}]}'),
        ("filter-too-deep", "[" * 4000), ("filter-too-deep", "[" * 500 + "]" * 500), ("filter-too-deep", '{"op":"not","args":[' * 65 + "true" + "]}" * 65), ("filter-too-long", "[" + "1," * 4000 + "1]"),
        ("filter-too-large", '{"op":"and","args":[' + "{}," * 500 + "{}]}"),
    ],
)  # fmt: skip
def test_json_that_is_no_filter_is_refused_by_its_code(code: str, text: str) -> None:
    assert code_of(text, "cql2-json") == code


def test_a_collection_is_bounded_before_geometry_is_made_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In depth, in parts and in vertices."""
    monkeypatch.setattr(literals, "MAX_VERTICES", 10)

    def of(parts: list[str]) -> str:
        return f"S_INTERSECTS(g, GEOMETRYCOLLECTION({', '.join(parts)}))"

    assert compiled(of(["POINT(1 2)"] * 10))
    assert code_of(of(["POINT(1 2)"] * 11)) == "geometry-invalid"
    assert code_of(of(["LINESTRING(1 2, 3 4, 5 6)", "MULTIPOINT(1 2, 3 4, 5 6, 7 8, 9 10, 11 12, 13 14, 15 16)"])) == "geometry-invalid"
    many = " OR ".join([f"S_TOUCHES(g, {one})" for one in ["GEOMETRYCOLLECTION(POINT(1 2))"] * 5])
    assert code_of(many) == "filter-too-heavy"
    nested_once = (
        '{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}]}'
    )
    assert code_of('{"op":"s_within","args":[{"property":"g"},' + nested_once + "]}", "cql2-json") == "geometry-invalid"
    as_json = '{"type":"GeometryCollection","geometries":[' * 70 + '{"type":"Point","coordinates":[1,2]}' + "]}" * 70
    assert code_of('{"op":"s_within","args":[{"property":"g"},' + as_json + "]}", "cql2-json") == "filter-too-deep"


@pytest.mark.parametrize("name", ["isnull", "ISNULL", "isNull"])
def test_operators_of_json_are_any_case(name: str) -> None:
    assert compiled(f'{{"op":"{name}","args":[{{"property":"t"}}]}}', "cql2-json")[0] == "(thing.t IS NULL)"


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(BadRequest) as caught:
        parse("true", "cql-text")
    assert [(one.where, one.code) for one in caught.value.faults] == [("filter-lang", "format-unknown")]


@pytest.mark.parametrize(
    ("text", "line", "column"), [("n = ", 1, 5), ("n =\n  = 1", 2, 3), ("n = 1 ; x", 1, 7), ("t = 'a\nb' 'c'", 2, 4), ("\n\n ¤", 3, 2), ("", 1, 1), ("n = 1 ?", 1, 7)]
)  # fmt: skip
def test_a_refusal_says_where(text: str, line: int, column: int) -> None:
    with pytest.raises(BadRequest) as caught:
        parse(text, "cql2-text")
    assert caught.value.faults[0].facts == {"line": line, "column": column}


# -- values are bound, never text

HOSTILE_TEXTS = [
    "x'; DROP TABLE published.item; --",
    "') OR 1=1 --",
    "$1",
    ":name",
    "%(x)s",
    "%s",
    "\\",
    '"',
    "{0}",
    "x' || pg_sleep(9) || '",
    "E'\\047'",
    "\x1b[31m",
    "ﬀ' --",
    "a\\' OR true --",
]


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS)
@pytest.mark.parametrize(
    "form",
    [
        "t = {}",
        "t <> {} AND NOT t = {}",
        "t IN ({}, 'y')",
        "casei(t) = accenti({})",
        "t IN ({}, u)",
        "t BETWEEN {} AND {}",
        "{} = u",
        "NOT ({} IS NULL)",
    ],
)
def test_texts_are_bound(hostile: str, form: str) -> None:
    literal = "'" + hostile.replace("\\", "\\\\").replace("'", "''") + "'"
    sql, values = compiled(form.replace("{}", literal))
    assert sql == compiled(form.replace("{}", "'a'"))[0].replace("'a'", "")
    assert hostile in [one for value in values for one in (value if isinstance(value, list) else [value])]


def test_patterns_are_bound() -> None:
    sql, values = compiled("t LIKE 'x''; DROP TABLE a; --%'")
    assert sql == "(thing.t LIKE $1::VARCHAR ESCAPE '\\')"
    assert values == ["x'; DROP TABLE a; --%"]


def test_numbers_dates_and_geometries_are_bound() -> None:
    sql, _ = compiled(
        "n = 987654 AND i IN (987654, 2) AND d = DATE('1987-06-05') AND at > TIMESTAMP('1987-06-05T04:03:02Z') AND S_WITHIN(g, BBOX(98,7,99,8)) AND n + 987 = 1"
    )
    assert "987" not in sql
    assert re.search(r"\d{3}", sql.replace("4326", "")) is None


def test_names_of_properties_never_reach_the_sql() -> None:
    assert compiled("\"t\" = 'x'")[0] == "(thing.t = $1::VARCHAR)"
    assert code_of("\"t; DROP TABLE x\" = 'x'") == "filter-invalid"
    assert code_of('{"op":"=","args":[{"property":"t\' OR 1=1"},"x"]}', "cql2-json") == "property-unknown"


# -- what is meant to break something


def nested(before: str, inner: str, after: str, times: int) -> str:
    return before * times + inner + after * times


BOMBS = {
    "1250 levels in 10,000 characters": nested("NOT (  ", "b", " ", 1250)[:10_000],
    "parentheses": nested("(", "b", ")", 1250),
    "parentheses that stay open": "(" * MAX_LENGTH,
    "30 that stay open": "(" * 30 + "b",
    "64 that stay open": "(" * 64 + "n = 1 x",
    "NOT (": nested("NOT (", "b", ")", 1100),
    "NOT": "NOT " * 1900 + "b",
    "signs": "n = " + "-" * 7000 + "1",
    "signs and parentheses": nested("-(", "n", ")", 2000),
    "casei": nested("casei(", "t", ")", 1000) + " = 'x'",
    "patterns": "t LIKE " + nested("casei(", "'x'", ")", 1000),
    "lists": nested("n IN (", "1", ")", 1000),
    "coordinates": "S_INTERSECTS(g, MULTIPOLYGON" + "(" * 4000,
    "collections": "S_INTERSECTS(g, " + nested("GEOMETRYCOLLECTION(", "POINT(1 2)", ")", 300),
    "a collection of many": "S_INTERSECTS(g, GEOMETRYCOLLECTION(" + ",".join(["POINT(1 2)"] * 700) + "))",
    "many collections": " OR ".join(["S_TOUCHES(g, GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(3 4,5 6)))"] * 100),
    "AND": "b" + " AND b" * 1300,
    "OR": "n=1" + " OR n=1" * 1100,
    "sums": "n=1" + "+1" * 3900,
    "powers": "n=1" + "^1" * 3900,
    "powers of properties": "n=1" + "".join(" OR n^i=1" for _ in range(200)),
    "powers of powers": "n" + "^i" * 60 + "=1",
    "comparisons": "n=1" + "=1" * 3900,
    "between": "n BETWEEN " * 700 + "1",
    "a long list": "n IN (1" + ",1" * 3900 + ")",
    "a long list of texts": "t IN ('a'" + ",'a'" * 1900 + ")",
    "a list of dates": "d IN (" + ",".join(["DATE('2024-01-01')"] * 400) + ")",
    "a list of properties": "n IN (i" + ",i" * 3900 + ")",
    "a long number": "n = " + "1" * 7900,
    "a long fraction": "n = 0." + "0" * 7900 + "1",
    "a long name": "a" * 7999,
    "names": "ñ" * 7999,
    "blanks": " " * 7999,
    "quotes": "t = '" + "''" * 3900 + "'",
    "quotes that stay open": "t = '" + "''" * 3900,
    "backslashes": "t = '" + "\\" * 7900,
    "a text": "t = '" + "x" * 7900 + "'",
    "commas": "," * 7999,
    "wildcards": "t LIKE '" + "%_" * 3000 + "'",
    "a long line": "S_INTERSECTS(g, LINESTRING(" + ",".join(f"{i % 170} {i % 80}" for i in range(1200)) + "))",
    "a tangled ring": "S_INTERSECTS(g, POLYGON((0 0," + ",".join(f"{i * 37 % 170} {i * 53 % 80}" for i in range(1100)) + ",0 0)))",
    "too long": "b" + " " * 8000,
    "far too long": "(" * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_or_read_at_once(text: str) -> None:
    def run() -> None:
        with contextlib.suppress(BadRequest):
            compiled(text)

    run()
    started = time.process_time()
    run()
    assert time.process_time() - started < 0.15


def test_the_deepest_filter_leaves_room_on_the_stack() -> None:
    def at(depth: int, run: Callable[[], object]) -> object:
        return at(depth - 1, run) if depth else run()

    used = 0
    frame: Any = sys._getframe()
    while frame:
        used, frame = used + 1, frame.f_back
    depth = MAX_DEPTH - 2
    for text in (
        nested("(", "b", ")", depth),
        "NOT " * (depth - 1) + "b",
        nested("(b OR b AND c = ", "b", ")", 20),
        nested("(c = ", "b", ")", depth),
        nested("(", "b", " IS NULL)", depth),
        "n = " + nested("(1 + ", "1", ")", depth - 2),
        "n = " + nested("1 / (", "n", ")", 15),
        "n = 1" + " + 1" * (depth - 2),
        nested("casei(", "t", ")", depth) + " = 'x'",
        nested("(c IN (b, ", "b", "))", 30),
    ):
        # A request stands on some sixty frames when it comes here.
        at(max(0, 250 - used), lambda text=text: compiled(text))  # type: ignore[misc]


# -- sentences


def test_every_fault_of_a_filter_has_its_sentences_and_their_facts() -> None:
    found = 0
    for name in ("literals", "filters", "arithmetic"):
        for node in ast.walk(ast.parse((ROOT / "app" / "cql2" / f"{name}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fault":
                assert isinstance(node.args[0], ast.Constant)
                assert placeholders(FAULTS[str(node.args[0].value)]) <= {keyword.arg for keyword in node.keywords}
                found += 1
    assert found > 20


# -- queryables


SCHEMA = {
    "properties": {
        "jumlah": {"type": "integer", "title": "Jumlah", "x-title-en": "Number"},
        "rasio": {"type": ["number", "null"]},
        "kondisi": {"type": "string", "enum": ["baik", "rusak"]},
        "mulai": {"type": "string", "format": "date"},
        "aktif": {"type": "boolean"},
        "label": {"type": "array"},
        "apa": {"type": "object"},
        "rahasia": {"type": "string"},
        "name": {"type": "integer"},
    }
}


def test_queryables_are_the_common_properties_and_those_of_the_category() -> None:
    found = of_items(SCHEMA, {"rahasia", "address"}, PublishedItemRecord.__table__)
    assert {"category", "kelurahan", "geometry", "captured_at", "jumlah", "mulai"} <= found.keys()
    assert not {"rahasia", "address", "apa", "feature", "id"} & found.keys()
    assert {name: one.kind for name, one in found.items() if name in SCHEMA["properties"]} == {
        "name": "text", "jumlah": "integer", "rasio": "number", "kondisi": "text", "mulai": "date", "aktif": "boolean", "label": "list",
    }  # fmt: skip


def test_queryables_as_json_schema() -> None:
    schema: dict[str, Any] = schema_of(of_items(SCHEMA, (), PublishedItemRecord.__table__), "RT", "https://example.test/queryables", "en")
    assert schema["$id"] == "https://example.test/queryables"
    assert schema["additionalProperties"] is False
    properties = schema["properties"]
    assert properties["jumlah"] == {"title": "Number", "type": "integer"}
    assert properties["kondisi"]["enum"] == ["baik", "rusak"]
    assert properties["mulai"] == {"title": "mulai", "type": "string", "format": "date"}
    assert properties["geometry"] == {"title": "Place", "format": "geometry-point", "x-ogc-role": "primary-geometry"}
    assert properties["captured_at"]["x-ogc-role"] == "primary-instant"
    named: dict[str, Any] = schema_of(of_items({}, (), PublishedItemRecord.__table__), "", "", "id")
    assert named["properties"]["name"]["title"] == "Nama"
