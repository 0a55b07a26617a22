"""The edition that judges now: its facts, and its polygons."""

from typing import NamedTuple, TypedDict

from app.db import Session
from app.statement import Statement


class EditionRow(TypedDict):
    id: int
    name: str
    accuracy_m: float
    approximate: bool


ACTIVE = Statement[EditionRow]("SELECT id, name, accuracy_m, approximate FROM titik.boundary_edition WHERE active")


ACTIVE_BOUNDARIES = Statement("""
    SELECT b.region_code, ST_AsBinary(b.geom) AS geom
      FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id
     WHERE e.active ORDER BY b.region_code
""")


# Whichever is active: also a past edition can be read.
NAMED = Statement("""
    SELECT e.id, (SELECT count(*) FROM titik.boundary b WHERE b.edition_id = e.id) AS kelurahan FROM titik.boundary_edition e WHERE e.name = :name
""")

# Kota and kabupaten of which the active edition has nothing, as people write them; NULL: there is none, or no edition.
CITIES_WITHOUT = Statement[str | None]("""
    SELECT string_agg(format('%s (%s)', c.name, c.code), ', ' ORDER BY c.code) AS names FROM titik.region c
     WHERE c.parent_code IS NULL AND EXISTS (SELECT FROM titik.boundary_edition WHERE active)
       AND NOT EXISTS (SELECT FROM titik.boundary b JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active
                        WHERE starts_with(b.region_code, c.code || '.'))
""")


class NamedEdition(NamedTuple):
    """`kelurahan`: so many it has."""

    id: int
    kelurahan: int


class ActiveEdition(NamedTuple):
    """The edition that judges now."""

    id: int
    name: str
    accuracy_m: float
    approximate: bool


async def active_edition(session: Session) -> ActiveEdition | None:
    row = await session.first(ACTIVE)
    return ActiveEdition(**row) if row else None


async def edition_named(session: Session, name: str) -> NamedEdition | None:
    row = await session.first(NAMED, name=name)
    return NamedEdition(**row) if row else None
