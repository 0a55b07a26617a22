"""What all wire types share: reading JSON from strangers, strict models, the faults that pydantic finds, in our words; and what answers are
made of.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, NotRequired, TypeVar, cast, get_args

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError
from typing_extensions import TypedDict

from app.errors import BadRequest, Fault, Invalid, escape_pointer
from app.plaintext import plain, plain_lines

Model = TypeVar("Model", bound=BaseModel)

MAX_DEPTH = 32
# More members than any category has attributes; each one that is unknown would cost the time of an error.
MAX_MEMBERS = 200
MAX_FAULTS = 20
_DATE_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Where a value may be of several types, pydantic's path says of which one it speaks; in the body there is no such place.
_ALTERNATIVE = re.compile(r"(?:literal|list)\[.+\]")
# The escape itself, not a backslash that is escaped and then "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class NullIsAbsent(BaseModel):
    """Whoever writes all members, the empty ones as `null`, means those that are empty not at all."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: object) -> object:
        """Without the nulls of members that may be absent and know no null of their own: there it takes something out (RFC 7396)."""
        if not isinstance(sent, dict) or None not in sent.values():
            return sent
        fields = cls.model_fields
        return {name: value for name, value in sent.items() if value is not None or name not in fields or _knows_null(fields[name])}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        schema = handler.resolve_ref_schema(handler(core))
        needed = schema.get("required", ())
        members = {name: one if name in needed else _or_null(one) for name, one in schema.get("properties", {}).items()}
        return {**schema, "properties": members} if members else schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be absent may be null, in the words of JSON Schema."""
    if isinstance(schema.get("type"), str) and "const" not in schema:
        allowed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **allowed}
    return schema if {"type": "null"} in schema.get("anyOf", ()) else {"anyOf": [schema, {"type": "null"}]}


def _knows_null(field: FieldInfo) -> bool:
    return field.is_required() or type(None) in get_args(field.annotation)


class Wire(NullIsAbsent):
    """A body as clients send it: nothing converted, nothing unknown, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


def _instant_text(value: object) -> object:
    """RFC 3339 text only: pydantic would also take numbers, and texts of digits, as seconds or milliseconds by their size."""
    if not isinstance(value, str) or not _DATE_FIRST.match(value):
        raise PydanticCustomError("datetime_type", "text")
    return value


def _instant_in_utc(value: datetime) -> datetime:
    """The first and last hours of the calendar have no UTC time, which is what the database keeps."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_parsing", "out of range") from None


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_instant_text), AfterValidator(_instant_in_utc)]


# Before the other rules of a text: what is left is what is counted and kept.
OneLine = BeforeValidator(lambda value: plain(value) if isinstance(value, str) else value)
Lines = BeforeValidator(lambda value: plain_lines(value) if isinstance(value, str) else value)

Accuracy = Annotated[
    float | None, Field(ge=0, le=10_000, description="Metres; 0 means that it is not known"), AfterValidator(lambda metres: metres or None)
]
"""Of a receiver. Forms write 0 where it told none."""


# -- answers: described here and beside what makes them, never read again at run time

Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]


class Answer(TypedDict):
    """An object that is ours alone. Open, so that it may have more members one day; the tests close it."""


def _describe_members(schema: dict[str, Any], shape: type[Any]) -> None:
    """By the text below each member. pydantic can do so itself, but when a route is made, and reads a whole module again for each class: a third of a start."""
    for name, text in _member_texts(shape.__module__).get(shape.__name__, {}).items():
        schema["properties"][name].setdefault("description", text)


@cache
def _member_texts(module: str) -> dict[str, dict[str, str]]:
    """By class and member."""
    classes = (node for node in ast.parse(inspect.getsource(sys.modules[module])).body if isinstance(node, ast.ClassDef))
    return {
        one.name: {
            member.target.id: inspect.cleandoc(below.value.value)
            for member, below in pairwise(one.body)
            if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
        }
        for one in classes
    }


# Within the class it would be one of the members.
Answer.__pydantic_config__ = ConfigDict(json_schema_extra=_describe_members)  # type: ignore[attr-defined]


def add_members(shape: type[Answer], types: Mapping[str, Any]) -> None:
    """More members of an `Answer`, all of which are there, made of a table; those that it has already stay as they are."""
    added = {name: kind for name, kind in types.items() if name not in shape.__annotations__}
    shape.__annotations__.update(added)
    typed_dict: Any = shape
    typed_dict.__required_keys__ |= added.keys()


Shape = TypeVar("Shape")


def answer_from(shape: type[Shape], row: Mapping[str, object]) -> Shape:
    """Of a row what an `Answer` has a member for, in the order of those; what is null is missing."""
    return cast("Shape", {name: row[name] for name in shape.__annotations__ if row.get(name) is not None})


class Link(Answer):
    rel: str
    type: str
    href: str
    title: NotRequired[str]


class FaultTold(Answer):
    """What is wrong, by its JSON pointer in the body, the cell of a workbook (`Data!E12`), or the parameter's name."""

    pointer: NotRequired[str]
    cell: NotRequired[str]
    parameter: NotRequired[str]
    code: str
    detail: str


class Problem(TypedDict):
    """RFC 9457; some have more members, which their `type` tells."""

    type: str
    title: str
    status: int
    detail: str
    hint: NotRequired[str]
    instance: NotRequired[str]
    request_id: NotRequired[str]
    errors: NotRequired[Annotated[list[FaultTold], Field(max_length=MAX_FAULTS)]]


Problem.__pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[attr-defined]


class Page(Answer):
    """A part of a list."""

    numberReturned: int
    links: list[Link]
    """`self`, and `next` where there is more."""


def read_json(body: bytes) -> dict[str, object]:
    """A JSON object (RFC 8259) of at most `MAX_DEPTH` levels without NUL characters.

    `BadRequest` where it is too deep or not JSON at all (NaN and Infinity are not), `Invalid` where it is no object, has a NUL, or
    names a member twice.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # orjson gives up at 1,024 levels, long before any geometry library could see them.
        is_deep = any(word in error.msg.lower() for word in ("depth", "recursion"))
        raise BadRequest("body-too-deep" if is_deep else "body-not-json", line=error.lineno, column=error.colno) from None
    if not isinstance(value, dict):
        raise Invalid(faults=[Fault("", "not-an-object")])
    if _NUL.search(body):
        raise Invalid(faults=[Fault("", "nul-character")])
    members = _check_shape(value)
    # As many colons as members: none can be there twice. More of them stand in texts, or betray a member that was overwritten.
    if body.count(b":") != members:
        json.loads(body, object_pairs_hook=_refuse_twins)
    return value


def _refuse_twins(pairs: list[tuple[str, object]]) -> None:
    """Of two members of one name parsers take the first, or the last, or neither: so no two systems would read the same."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise Invalid(faults=[Fault("", "duplicate-key")])


def _check_shape(value: object) -> int:
    """Refuses what is nested too deep or has too many members, level by level: recursion would be what it guards against. The number of
    members of all objects together.
    """
    depth, level, members = 0, [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise BadRequest("body-too-deep")
        outer = [one for one in level if isinstance(one, (dict, list))]
        if any(isinstance(one, dict) and len(one) > MAX_MEMBERS for one in outer):
            raise Invalid(faults=[Fault("", "too-many-members", {"expected": MAX_MEMBERS})])
        members += sum(len(one) for one in outer if isinstance(one, dict))
        level = [inner for one in outer for inner in (one.values() if isinstance(one, dict) else one)]
    return members


def parse(model: type[Model], value: Mapping[str, object]) -> Model:
    """`Invalid`, with a fault for every wrong place, when the value is not of this shape."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(faults=list(faults_of(error))) from None


def faults_of(error: ValidationError) -> Iterable[Fault]:
    for found in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]:
        context = found.get("ctx", {})
        pointer = "".join(f"/{escape_pointer(part)}" for part in map(str, found["loc"]) if not _ALTERNATIVE.fullmatch(part))
        # Of a secret pydantic counts as of a list; people count its letters.
        kind = f"string_{found['type']}" if context.get("field_type") == "Value" else found["type"]
        yield Fault(pointer, _CODES.get(kind, "value-invalid"), {"expected": _expected(context)})


def _expected(context: Mapping[str, object]) -> str:
    for name in ("expected", "max_length", "min_length", "le", "ge"):
        if name in context:
            return str(context[name]).replace(" or ", ", ")
    return ""


_CODES = {
    "missing": "value-missing",
    "extra_forbidden": "member-unknown",
    "string_type": "not-text",
    "string_too_long": "text-too-long",
    "string_too_short": "text-too-short",
    "too_long": "list-too-long",
    "too_short": "list-too-short",
    "float_type": "not-a-number",
    "int_type": "not-a-number",
    "finite_number": "not-a-number",
    "greater_than_equal": "number-too-small",
    "less_than_equal": "number-too-large",
    "literal_error": "not-one-of",
    "enum": "not-one-of",
    "uuid_parsing": "not-a-uuid",
    "uuid_type": "not-a-uuid",
    "uuid_version": "not-a-uuid7",
    "timezone_aware": "timezone-missing",
    "datetime_from_date_parsing": "not-an-instant",
    "datetime_parsing": "not-an-instant",
    "datetime_type": "not-an-instant",
    "date_type": "not-a-date",
    "date_parsing": "not-a-date",
    "date_from_datetime_parsing": "not-a-date",
    "date_from_datetime_inexact": "not-a-date",
    "phone": "not-a-phone",
    "model_type": "not-an-object",
    "dict_type": "not-an-object",
    "list_type": "not-a-list",
    "bool_type": "not-yes-or-no",
    "none_required": "server-decides",
}
