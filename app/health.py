"""What `titik doctor` looks at: versions, schema, roles, indexes, the active edition."""

import platform
from typing import NamedTuple

from app.db import Statement, open_once
from app.photos.storing import Store, try_out
from app.transfers import queries as transfers


class Line(NamedTuple):
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    found: str
    well: bool


VERSIONS = Statement(
    "SELECT current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis, postgis_geos_version() AS geos"
)
SETTINGS = Statement("""
    SELECT current_setting('jit') = 'off' AS jit_off, current_setting('data_checksums') = 'on' AS checksums,
           current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AS durable
""")
ROLES = Statement("""
    SELECT string_agg(wanted.name, ', ') AS missing FROM unnest(ARRAY['titik_owner', 'titik_service', 'titik_public', 'titik_internal']) AS wanted (name)
     WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
""")
REVISION = Statement("SELECT version_num FROM titik.alembic_version")
INVALID_INDEXES = Statement("""
    SELECT string_agg(i.indexrelid::regclass::text, ', ') AS names FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('titik', 'published', 'internal') AND NOT i.indisvalid
""")
# Tiles find items by `quad`, not by `geom_mercator`.
UNINDEXED_GEOMETRIES = Statement("""
    SELECT string_agg(format('%s.%s', g.f_table_schema, g.f_table_name), ', ') AS names FROM geometry_columns g
     WHERE g.f_table_schema IN ('titik', 'published', 'internal') AND g.f_geometry_column LIKE 'geom%'
       AND (g.f_table_name, g.f_geometry_column) <> ('item', 'geom_mercator')
       AND NOT EXISTS (SELECT FROM pg_indexes i WHERE i.schemaname = g.f_table_schema AND i.tablename = g.f_table_name
                          AND i.indexdef LIKE '%gist (' || g.f_geometry_column || ')%')
""")
JUDGED_BY_ANOTHER = Statement("""
    SELECT count(*) FROM titik.revision
     WHERE state IN ('draft', 'submitted', 'returned', 'published')
       AND edition_id <> (SELECT id FROM titik.boundary_edition WHERE active)
""")
EDITION = Statement("""
    SELECT name, accuracy_m, approximate, complete FROM titik.boundary_edition WHERE active
""")


async def examine(owner_url: str, head: str, photos: Store) -> list[Line]:
    """Reads only, but for a few bytes where photos are kept. The schema must be there; what else is missing is told."""
    keeps_photos = await try_out(photos)
    async with open_once(owner_url) as session:
        versions = await session.one(VERSIONS)
        set_up = await session.one(SETTINGS)
        missing = await session.value(ROLES)
        revision = await session.value(REVISION)
        broken = await session.value(INVALID_INDEXES)
        unindexed = await session.value(UNINDEXED_GEOMETRIES)
        edition = await session.first(EDITION)
        unjudged = await session.value(JUDGED_BY_ANOTHER)
        lost = [str(row["id"]) for row in await session.all(transfers.LOST)]
    lines = [
        Line("Python", platform.python_version(), well=True),
        Line("PostgreSQL", versions["postgresql"], int(versions["postgresql"].split(".")[0]) >= 14),
        Line("PostGIS", f"{versions['postgis']} (GEOS {versions['geos']})", tuple(map(int, versions["postgis"].split(".")[:2])) >= (3, 3)),
        Line("schema", f"{revision} (head {head})", revision == head),
        Line("roles", f"missing: {missing}" if missing else "ok", not missing),
        Line("indexes", ", ".join(filter(None, (broken, unindexed))) or "ok", not (broken or unindexed)),
        Line("JIT", "off" if set_up["jit_off"] else "on: slows short queries", set_up["jit_off"]),
        Line("data checksums", "on" if set_up["checksums"] else "off: a bad disk goes unnoticed", set_up["checksums"]),
        Line("photos", "ok" if keeps_photos else "cannot be written: see TITIK_PHOTO_STORE", keeps_photos),
        Line(
            "imports",
            f"{len(lost)} without a job ({', '.join(lost[:5])}): the service gives them one at its next start" if lost else "ok",
            not lost,
        ),
        Line("durability", "on" if set_up["durable"] else "off: acknowledged points may be lost", set_up["durable"]),
    ]
    if edition is None:
        return [*lines, Line("boundaries", "no active edition: titik boundaries load FILE --activate", well=False)]
    kind = "approximate" if edition["approximate"] else "official"
    lines.append(Line("boundaries", f"{edition['name']}, {kind}, {edition['accuracy_m']:g} m", edition["complete"]))
    judged = f"{unjudged} by another edition: titik boundaries activate '{edition['name']}'" if unjudged else "ok"
    return [*lines, Line("verdicts", judged, not unjudged)]
