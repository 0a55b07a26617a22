"""Schemas of categories: what widens, which patterns may be used, what names are made of. No database."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.categories.names import TAKEN
from app.categories.patterns import verdict_on
from app.categories.queries import shipped
from app.categories.rules import Category, validator_of
from app.categories.subset import in_full, schema_faults
from app.categories.templates import fields_of, render
from app.categories.widening import differences, narrowings
from app.collections.query import PARAMETERS
from app.definitions.comparing import cut_between, definition_faults, shape_of
from app.definitions.schemas import Definition
from app.imports.fields import COMMON
from app.points.bodies import PointProperties
from app.wire import parse

NAMES = ("a", "b", "c")


def _bounds(low: str, high: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={low: values, high: values})


TEXTS = st.builds(
    lambda bounds, more: {"title": "T", "type": "string", **bounds, **more},
    _bounds("minLength", "maxLength", st.integers(0, 4)),
    st.fixed_dictionaries(
        {},
        optional={
            "enum": st.lists(st.sampled_from(["x", "yy", "zzz"]), min_size=1, max_size=3, unique=True),
            "pattern": st.sampled_from(["^x", "^[xy]*$", "z"]),
            "format": st.sampled_from(["date", "email"]),
        },
    ),
)
NUMBERS = st.builds(
    lambda kind, bounds, others, more: {"title": "T", "type": kind, **bounds, **others, **more},
    st.sampled_from(["integer", "number"]),
    _bounds("minimum", "maximum", st.integers(-3, 3)),
    _bounds("exclusiveMinimum", "exclusiveMaximum", st.integers(-3, 3)),
    st.fixed_dictionaries({}, optional={"multipleOf": st.sampled_from([1, 2, 0.5])}),
)
LISTS = st.builds(
    lambda items, bounds, unique: {"title": "T", "type": "array", "items": {"type": "string", **items}, **bounds, **unique},
    _bounds("minLength", "maxLength", st.integers(0, 3)),
    _bounds("minItems", "maxItems", st.integers(0, 3)),
    st.fixed_dictionaries({}, optional={"uniqueItems": st.booleans()}),
)
ATTRIBUTES = st.one_of(TEXTS, NUMBERS, LISTS, st.just({"title": "T", "type": "boolean"}))
SCHEMAS = st.dictionaries(st.sampled_from(NAMES), ATTRIBUTES).flatmap(
    lambda properties: st.builds(
        lambda required: in_full({"properties": properties, "required": required}),
        st.lists(st.sampled_from(sorted(properties)), unique=True) if properties else st.just([]),
    )
)
VALUES = st.one_of(
    st.sampled_from(["", "x", "yy", "zzz", "xyxy", "2024-01-01", "a@b.id"]), st.integers(-4, 4), st.floats(-4, 4), st.booleans(),
    st.lists(st.sampled_from(["", "x", "yy", "zzz"]), max_size=4),
)  # fmt: skip
STORED = st.dictionaries(st.sampled_from(NAMES), VALUES)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema and one that is near it: some attributes are the same, or have lost a rule, or have another."""
    before = draw(SCHEMAS)
    properties = dict(before["properties"])
    for name in draw(st.sets(st.sampled_from(NAMES))):
        if name in properties and draw(st.booleans()):
            rules = [word for word in properties[name] if word not in ("title", "type", "items")]
            lost = draw(st.sets(st.sampled_from(rules))) if rules else set()
            properties[name] = {word: rule for word, rule in properties[name].items() if word not in lost}
        else:
            properties[name] = draw(ATTRIBUTES)
    required = [name for name in before.get("required", []) if name in properties and draw(st.booleans())]
    return before, in_full({"properties": properties, "required": required})


@given(pairs(), st.lists(STORED, min_size=1, max_size=30))
def test_what_was_valid_stays_valid_where_nothing_is_narrower(
    schemas: tuple[dict[str, Any], dict[str, Any]], stored: list[dict[str, Any]]
) -> None:
    before, after = schemas
    assume(not list(narrowings(before, after)))
    old, new = validator_of(before), validator_of(after)
    assert [one for one in stored if old.is_valid(one) and not new.is_valid(one)] == []


@given(SCHEMAS)
def test_a_schema_is_no_narrower_than_itself_and_of_the_subset(schema: dict[str, Any]) -> None:
    assert list(narrowings(schema, schema)) == []
    assert list(differences(schema, schema)) == []
    assert {fault.code for fault in schema_faults(schema, "")} <= {"schema-range"}
    assert in_full(schema) == schema


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9]{5}$",
        "^[0-9+() .-]{5,25}$",
        "^\\d+$",
        "^(ab|c)?x$",
        "^([a-z]+\\d)?$",
        "[)(+]*",
        "\\(a+\\)+",
        "^[[]x]+$",
        "^\\p{Lu}\\p{L}+$",
        "^(abc)+$",
    ],
)
def test_patterns_that_any_engine_matches_quickly(pattern: str) -> None:
    assert verdict_on(pattern) == "linear"


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "(a*)*b", "^(a|a)*$", "^(?:a*)*$", "^(\\w+\\s?)*$", "(?=a)b", "(?<!a)b", "(a)\\1", "(((a?){2}){30}){30}", "((a+)b)*c"],
)
def test_patterns_that_keep_some_engines_busy(pattern: str) -> None:
    assert verdict_on(pattern) == "pattern-backtracks"


@pytest.mark.parametrize("pattern", ["(", "[", "a{2000}{2000}", "*a"])
def test_patterns_that_are_none(pattern: str) -> None:
    assert verdict_on(pattern) == "pattern-unreadable"


def test_the_stored_pattern_is_matched_by_the_linear_engine() -> None:
    """What an earlier version let in takes linear time too."""
    validator = validator_of({"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}})
    assert not validator.is_valid({"a": "a" * 100_000 + "!"})


def test_nothing_is_fetched() -> None:
    with pytest.raises(Exception, match="Retrieval is disabled"):
        validator_of({"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}})


@pytest.mark.parametrize("template", ["{a.b}", "{a[0]}", "{}", "{0}", "{a!r}", "{a:>10}", "{{a}}", "{a", "a}", "{A}"])
def test_a_brace_stands_for_nothing_but_a_property(template: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        fields_of(template)


def test_a_name_is_made_of_properties_beside_and_within() -> None:
    template = "RT {rt} RW {rw} {jenis}"
    assert fields_of(template) == ("rt", "rw", "jenis")
    assert render(template, {"rt": "001", "rw": "002", "jenis": 3}) == "RT 001 RW 002 3"
    assert render(template, {"rt": "001", "rw": "002", "attributes": {"jenis": "a{rt}"}}) == "RT 001 RW 002 a{rt}"
    assert render(template, {"rt": "001", "rw": None, "jenis": "x"}) is None


def test_names_that_attributes_cannot_have_are_all_that_there_are() -> None:
    parameters = {name for name in PARAMETERS if "-" not in name and name.islower()}
    assert {*PointProperties.model_fields, *(field.name for field in COMMON), *parameters} <= TAKEN


@pytest.mark.parametrize("definition", shipped(), ids=lambda one: str(one["id"]))
def test_what_is_shipped_keeps_the_rules(definition: dict[str, Any]) -> None:
    assert definition_faults(parse(Definition, definition)) == []
    template = definition["name_template"]
    category = Category(
        id=definition["id"], version=1, attribute_schema=definition["attribute_schema"], required=tuple(definition["required"]),
        name_template=template and template["id"], natural_key=tuple(definition["natural_key"]), cardinality=definition["cardinality"],
    )  # fmt: skip
    assert list(category.faults({})) == []


def test_what_a_change_hides() -> None:
    plain: dict[str, Any] = {
        "field_visibility": {},
        "attribute_schema": {"properties": {"a": {}, "b": {}}},
        "public_decimals": None,
        "audience": "public",
    }
    hidden = shape_of({**plain, "field_visibility": {"a": "internal", "b": "restricted", "photos": "public"}})
    cut = cut_between(shape_of(plain), hidden)
    assert (cut.public, cut.internal, cut.withheld) == (frozenset({"a", "b"}), frozenset({"b"}), False)
    assert not cut_between(hidden, shape_of(plain)).is_any
    assert cut_between(shape_of(plain), shape_of({**plain, "public_decimals": 3})).withheld
    assert not cut_between(shape_of({**plain, "public_decimals": 3}), shape_of(plain)).withheld
    assert cut_between(shape_of(plain), shape_of({**plain, "audience": "internal"})).withheld
    assert cut_between(shape_of(plain), shape_of({**plain, "attribute_schema": {"properties": {"a": {}}}})).public == frozenset({"b"})
