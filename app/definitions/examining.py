"""Whether what is stored fits a changed definition: all of it is looked at, some thousand values at a time."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

import orjson
from jsonschema_rs import Draft202012Validator

from app.categories.rules import validator_of
from app.db import Row, WriteSession
from app.definitions import queries
from app.definitions.comparing import StoredDefinition, key_of
from app.definitions.schemas import MisfitExample, Misfits
from app.errors import Unavailable, escape_pointer

AT_ONCE = 5_000


class Examination(NamedTuple):
    """How far it goes: `within_s` it must be done, so many `examples` are named; all are counted."""

    within_s: float
    examples: int = 20


async def misfits_of(
    session: WriteSession, before: StoredDefinition, after: StoredDefinition, pointers: Sequence[str], wanted: Examination
) -> Misfits:
    """The points that `after` would not take. `pointers`: where it is narrower than `before`. `Unavailable` where it takes too long."""
    found: Misfits = {"number": 0, "examples": []}
    if any(one.startswith("/attribute_schema") or one == "/required" for one in pointers):
        await _look_at_values(session, after, frozenset(after["required"]) - frozenset(before["required"]), found, wanted)
    if {"/natural_key", "/cardinality"} & set(pointers):
        await _look_for_twins(session, after, found, wanted.examples)
    return found


async def _look_at_values(
    session: WriteSession, after: StoredDefinition, required: frozenset[str], found: Misfits, wanted: Examination
) -> None:
    validator, until, last = validator_of(after["attribute_schema"]), time.monotonic() + wanted.within_s, None
    async with aclosing(session.batches(queries.VALUES, AT_ONCE, category=after["id"])) as batches:
        async for rows in batches:
            for row, fields in await asyncio.to_thread(_misfitting, validator, required, rows):
                if row["point"] != last:
                    _note(found, row, fields, wanted.examples)
                last = row["point"]
            if time.monotonic() > until:
                raise Unavailable("category-too-slow")


def _misfitting(validator: Draft202012Validator, required: frozenset[str], rows: Sequence[Row]) -> list[tuple[Row, list[str]]]:
    found = []
    for row in rows:
        fields = [f"/{name}" for name in sorted(required) if row["common"].get(name) in (None, "")]
        if not validator.is_valid(row["attributes"]):
            fields += _places(validator, row["attributes"])
        if fields:
            found.append((row, fields))
    return found


def _places(validator: Draft202012Validator, attributes: Mapping[str, object]) -> list[str]:
    places: list[str] = []
    for error in validator.iter_errors(attributes):
        path = "".join(f"/{escape_pointer(str(part))}" for part in error.instance_path)
        facts = error.kind.as_dict()
        names = facts.get("unexpected") or [facts["property"]] if "unexpected" in facts or "property" in facts else [None]
        places += [path if name is None else f"{path}/{escape_pointer(str(name).strip(chr(34)))}" for name in names]
    return list(dict.fromkeys(places))


async def _look_for_twins(session: WriteSession, after: StoredDefinition, found: Misfits, most: int) -> None:
    if not (fields := key_of(after)):
        return
    rows = await session.all(queries.TWINS, category=after["id"], fields=list(fields), most=most)
    for row in rows:
        _note(found, row, [f"/{field}" for field in fields], most)
    found["number"] += (rows[0]["number"] if rows else 0) - len(rows)


def _note(found: Misfits, row: Row, fields: Sequence[str], most: int) -> None:
    found["number"] += 1
    if len(found["examples"]) < most:
        example: MisfitExample = {"point": str(row["point"]), "kelurahan": row["kelurahan"], "fields": list(fields)}
        found["examples"].append(example)


def as_stored(definition: StoredDefinition) -> dict[str, Any]:
    """A definition as JSON gives it back, so that two of them can be compared."""
    stored: dict[str, Any] = orjson.loads(orjson.dumps(definition))
    return stored
