"""SQL of categories, and the four that are shipped."""

from importlib.resources import files
from typing import Any

import orjson

from app.categories.rules import Category
from app.categories.spellings import choice_of
from app.categories.subset import JsonSchema
from app.db import Row, Session, WriteSession
from app.errors import BadRequest, Fault, Invalid, NotFound
from app.statement import Statement

ONE = Statement("""
    SELECT id, title, description, attribute_schema::text AS attribute_schema, required, name_template, natural_key,
           cardinality, audience, version, ARRAY(SELECT jsonb_object_keys(field_visibility)) AS hidden
      FROM titik.category WHERE id = :category
""")

ALL_PUBLIC = Statement("""
    SELECT id, title, description FROM titik.category WHERE audience = 'public' ORDER BY id
""")

NAMES = Statement("SELECT id, title FROM titik.category ORDER BY id")

IDS = Statement("SELECT id FROM titik.category ORDER BY id")

ONE_PUBLIC = Statement("""
    SELECT id, title, description FROM titik.category WHERE audience = 'public' AND id = :category
""")

SHIP = Statement("""
    INSERT INTO titik.category (id, title, description, attribute_schema, required, name_template, natural_key, cardinality,
                                field_visibility, public_decimals, expected_count)
    SELECT id, title, description, attribute_schema, required, name_template, natural_key, cardinality, field_visibility,
           public_decimals, expected_count
      FROM jsonb_to_record(CAST(:category AS jsonb)) AS shipped (
           id text, title jsonb, description jsonb, attribute_schema jsonb, required text[], name_template jsonb, natural_key text[],
           cardinality text, field_visibility jsonb, public_decimals smallint, expected_count int)
    ON CONFLICT (id) DO NOTHING
""")


# What this worker remembers, by the sum of all versions: every change of any category makes that sum greater.
_remembered: dict[tuple[str, int], Category] = {}
_REMEMBERED_AT_MOST = 256
_LONGEST = 64


async def get(session: Session, category: str, versions: int) -> Category:
    """The category with its rules. `versions` came with the actor. `NotFound` when there is none of this name."""
    if known := _remembered.get((category, versions)):
        return known
    found = await fresh(session, category)
    if len(_remembered) >= _REMEMBERED_AT_MOST:
        _remembered.clear()
    _remembered[category, versions] = found
    return found


async def fresh(session: Session, category: str) -> Category:
    """The same, read anew."""
    row = await session.first(ONE, category=category)
    if row is None:
        raise NotFound("collection-unknown")
    template = row["name_template"]
    return Category(
        id=row["id"],
        version=row["version"],
        attribute_schema=orjson.loads(row["attribute_schema"]),
        required=tuple(row["required"]),
        name_template=template["id"] if template else None,
        natural_key=tuple(row["natural_key"]),
        cardinality=row["cardinality"],
        hidden=frozenset(row["hidden"]) if row["audience"] == "public" else None,
        titles=tuple(row["title"].values()),
    )


async def id_of(session: Session, text: str) -> str | None:
    """The category that a text means, by its id or one of its titles, in any case; None where it means none."""
    ids = {name: row["id"] for row in await session.all(NAMES) for name in (*row["title"].values(), row["id"])}
    found = choice_of(text, tuple(ids))
    return ids[found] if found else None


async def meant(session: Session, text: str, versions: int, error: type[BadRequest | Invalid], where: str) -> Category:
    """The same with its rules, where it stands at `where` of a request; an `error` with those that there are where it means none."""
    try:
        return await get(session, text[:_LONGEST], versions)
    except NotFound:
        if found := await id_of(session, text[:_LONGEST]):
            return await get(session, found, versions)
        raise error(faults=[Fault(where, "value-not-there", {"known": ", ".join(await ids(session))})]) from None


async def ids(session: Session) -> tuple[str, ...]:
    return tuple(row["id"] for row in await session.all(IDS))


async def all_public(session: Session) -> list[Row]:
    return await session.all(ALL_PUBLIC)


async def one_public(session: Session, category: str) -> Row:
    row = await session.first(ONE_PUBLIC, category=category)
    if row is None:
        raise NotFound("collection-unknown")
    return row


def shipped() -> list[dict[str, Any]]:
    """The definitions of the four categories that Titik comes with, as they stand in the JSON files beside this module."""
    directory = files("app.categories") / "shipped"
    return [orjson.loads(file.read_bytes()) for file in sorted(directory.iterdir(), key=lambda file: file.name)]


def attribute_order(category: Category) -> dict[str, int]:
    """The position of each attribute in the definition."""
    return {name: at for at, name in enumerate(_ordered(category.id, category.attribute_schema.get("properties", {})))}


def in_order(category: str, schema: JsonSchema) -> dict[str, Any]:
    """The schema with its attributes in their order, as people wrote them."""
    properties = schema.get("properties", {})
    return {**schema, "properties": {name: properties[name] for name in _ordered(category, properties)}}


def _ordered(category: str, properties: JsonSchema) -> list[str]:
    """By `x-ogc-propertySeq`, else where the shipped definition has it: the database keeps members of JSON in an order of its own."""
    written: JsonSchema = next((one["attribute_schema"]["properties"] for one in shipped() if one["id"] == category), {})
    places = {name: at for at, name in enumerate((*written, *(name for name in properties if name not in written)))}
    return sorted(properties, key=lambda name: (properties[name].get("x-ogc-propertySeq", len(places)), places[name]))


async def ship(session: WriteSession) -> None:
    """Adds the shipped categories that are missing; what an administrator has changed stays as it is."""
    for category in shipped():
        await session.run(SHIP, category=category)
