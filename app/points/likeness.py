"""Is there such a point already? By its natural key for certain, by place and name perhaps, by the very same place for the reviewer.

The looking itself is one call of `titik.alike`, which belongs to the owner of the tables (the migration says why); here is what it
is asked, and what its answer means.
"""

from collections.abc import Mapping
from typing import Any

from app.categories.rules import Category
from app.db import Row, WriteSession
from app.errors import Conflict
from app.statement import Statement

NEAR_M = 30.0
SIMILAR = 0.6
"""Of two names, by pg_trgm: 0 to 1."""
CLOSE_M = 0.5
"""So near to each other two points of a category are one, until somebody says that they are not."""
CANDIDATES_SHOWN = 5

ALIKE = Statement("""
    SELECT kind, id, name, kelurahan, distance_m, state
      FROM titik.alike(CAST(:category AS text), CAST(:key_common AS jsonb), CAST(:key_attributes AS jsonb), CAST(:but_not AS uuid[]),
                       CAST(:name AS text), CAST(:lon AS float8), CAST(:lat AS float8), CAST(:near_m AS float8),
                       CAST(:similar AS float8), CAST(:shown AS int))
     UNION
    SELECT kind, id, name, kelurahan, distance_m, state
      FROM titik.alike(CAST(:category AS text), NULL, NULL, CAST(:but_not AS uuid[]),
                       CAST(:name AS text), CAST(:lon AS float8), CAST(:lat AS float8), CAST(:close_m AS float8),
                       0, CAST(:shown AS int))
     WHERE NOT EXISTS (SELECT FROM titik.point p WHERE p.id = (CAST(:but_not AS uuid[]))[1])
     ORDER BY distance_m, name, id
""")

_COMMON = ("kelurahan", "rw", "rt", "name")


async def look_alike(session: WriteSession, category: Category, revision: Mapping[str, Any], *, confirmed: bool) -> tuple[str, ...]:
    """The flags that a revision about to be stored deserves: `same-place` where another live point has exactly its coordinates,
    `near-duplicate` where its writer has seen the candidates and confirmed that it is another. Of a point that is not stored
    yet, those within `CLOSE_M` are candidates too, whatever they are called.

    `revision` holds what will be stored: point_id, predecessors, kelurahan, lon, lat, name, rw, rt, attributes. Live is what is active, and
    published or on its way. `Conflict` (`natural-key-taken`, `near-duplicate`) with those candidates that the actor may see. Until
    the transaction ends nobody else gets past here with the same natural key.
    """
    common, attributes = natural_key(category, revision) or (None, None)
    rows = await session.all(
        ALIKE,
        category=category.id,
        key_common=common,
        key_attributes=attributes,
        but_not=[revision["point_id"], *revision["predecessors"]],
        # A name that is made of numbers says nothing that the natural key does not say better.
        name=None if category.named_by_template(revision) else revision["name"],
        lon=revision["lon"],
        lat=revision["lat"],
        near_m=NEAR_M,
        similar=SIMILAR,
        close_m=CLOSE_M,
        shown=CANDIDATES_SHOWN,
    )
    kinds = {row["kind"] for row in rows}
    if "key" in kinds:
        raise Conflict("natural-key-taken", members={"candidates": _candidates(rows, "key")})
    if "near" in kinds and not confirmed:
        raise Conflict("near-duplicate", members={"candidates": _candidates(rows, "near")})
    return tuple(flag for kind, flag in (("near", "near-duplicate"), ("place", "same-place")) if kind in kinds)


def natural_key(category: Category, revision: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The key in its two halves, common properties and attributes; None where the category has no key or a part of it is empty."""
    common: dict[str, object] = {}
    attributes: dict[str, object] = {}
    for field in category.key_fields:
        value = revision[field] if field in _COMMON else revision["attributes"].get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        (common if field in _COMMON else attributes)[field] = value
    return (common, attributes) if common or attributes else None


def _candidates(rows: list[Row], kind: str) -> list[dict[str, object]]:
    """Rows without an id stand for points that the actor may not know."""
    return [
        {
            "id": str(row["id"]),
            "name": row["name"],
            "kelurahan": row["kelurahan"],
            "distance_m": round(row["distance_m"], 1),
            "state": row["state"],
        }
        for row in rows
        if row["kind"] == kind and row["id"] is not None
    ][:CANDIDATES_SHOWN]
