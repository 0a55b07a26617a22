"""Made-up points for measuring: so many of them in 83,000 made-up kelurahan all over Indonesia, most of those in 300 towns.

Written straight into the read half as `published.projection` would write them, because posting ten million points takes a day.
"""

import asyncio
import sys
import time

from app.db import Statement, WriteSession, open_once

KELURAHAN = 83_000
TOWNS = 300
CATEGORIES = ("posyandu", "pos_kamling", "rt", "kantor_kelurahan")
BATCH = 500_000

# A dice that always falls the same, from 0 to 1, for a number and a purpose.
DICE = """
    CREATE OR REPLACE FUNCTION pg_temp.dice(n bigint, purpose text) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT (hashtextextended(purpose, n) & 4503599627370495)::float8 / 4503599627370496 $$
"""
# Sums of dice are near enough to a normal distribution.
KELURAHAN_SQL = f"""
    CREATE TEMP TABLE kelurahan AS
    SELECT n, '99.' || lpad((n / 10000)::text, 2, '0') || '.' || lpad((n / 100 % 100)::text, 2, '0') || '.' || (1000 + n % 100) AS code,
           'Desa ' || n AS name,
           CASE WHEN n % 5 < 3 THEN 96 + 44 * pg_temp.dice(n % {TOWNS}, 'x') + 0.25 * (pg_temp.dice(n, 'a') + pg_temp.dice(n, 'b') - 1)
                ELSE 95 + 46 * pg_temp.dice(n, 'x') END AS lon,
           CASE WHEN n % 5 < 3 THEN -10 + 15 * pg_temp.dice(n % {TOWNS}, 'y') + 0.25 * (pg_temp.dice(n, 'c') + pg_temp.dice(n, 'd') - 1)
                ELSE -11 + 17 * pg_temp.dice(n, 'y') END AS lat
      FROM generate_series(0, {KELURAHAN - 1}) n
"""
POINTS = """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, captured_at, verified_at, version,
                                properties, feature, common_length, place, words)
    SELECT made.id, n, category, code, left(code, 8), name, geom, ST_Transform(geom, 3857), captured_at, captured_at, 1, properties,
           fragment.feature, fragment.common_length, titik.place(ST_X(geom), ST_Y(geom)), titik.folded(name)
      FROM (SELECT s.n, ('01900000-' || lpad(to_hex(s.n / 65536), 4, '0') || '-7' || lpad(to_hex(s.n % 4096), 3, '0') || '-8000-'
                       || lpad(to_hex(s.n), 12, '0'))::uuid AS id,
                   (ARRAY['posyandu', 'posyandu', 'pos_kamling', 'rt'])[1 + s.n % 4] AS category,
                   k.code, k.name AS kelurahan_name, 'Titik ' || s.n || ' ' || k.name AS name,
                   timestamptz '2026-01-01' + s.n % 20000000 * interval '1 second' AS captured_at,
                   ST_SetSRID(ST_MakePoint(round((k.lon + 0.02 * (pg_temp.dice(s.n, 'p') - 0.5))::numeric, 7)::float8,
                                           round((k.lat + 0.02 * (pg_temp.dice(s.n, 'q') - 0.5))::numeric, 7)::float8), 4326) AS geom
              FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS s (n) JOIN kelurahan k ON k.n = s.n % 83000) made,
           LATERAL (SELECT jsonb_build_object('category', category, 'name', name, 'kelurahan', code, 'kelurahan_name', kelurahan_name,
                        'kecamatan', 'Kecamatan ' || left(code, 8), 'status', 'active', 'rw', lpad((n % 20)::text, 2, '0'),
                        'accuracy_m', 5 + n % 20, 'method', 'gps', 'captured_at', to_char(captured_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                        'verified_at', to_char(captured_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                        'jenis', 'balita', 'kader_aktif', n % 10) AS properties) shown,
           LATERAL titik.fragment(made.id, geom, properties) fragment
"""
INDEXES = Statement("""
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
      FROM pg_index WHERE indrelid = 'published.item'::regclass AND NOT indisprimary
""")
SETTLED = (
    """INSERT INTO published.collection (category, number) SELECT category, count(*) FROM published.item GROUP BY category
       ON CONFLICT (category) DO UPDATE SET number = EXCLUDED.number, version = collection.version + 1""",
    "ALTER TABLE published.item ENABLE TRIGGER USER",
    "ANALYZE published.item",
)


async def execute(session: WriteSession, sql: str, **named: object) -> None:
    await session.run(Statement(sql), **named)


async def fill(owner_url: str, number: int) -> float:
    """Empties the public half and fills it with `number` points; the seconds that took."""
    began = time.perf_counter()
    async with open_once(owner_url) as session:
        await execute(session, "SET LOCAL maintenance_work_mem = '1GB'")
        await execute(session, "ALTER TABLE published.item DISABLE TRIGGER USER")
        await execute(session, "TRUNCATE published.item")
        indexes = await session.all(INDEXES)
        for index in indexes:
            await execute(session, f"DROP INDEX {index['name']}")
        await execute(session, DICE)
        await execute(session, KELURAHAN_SQL)
        for first in range(0, number, BATCH):
            await execute(session, POINTS, first=first, last=min(first + BATCH, number) - 1)
            print(f"{min(first + BATCH, number):,} points, {time.perf_counter() - began:.0f} s", file=sys.stderr)
        for index in indexes:
            await execute(session, index["definition"])
        if await session.value(Statement("SELECT to_regprocedure('published.rebuild_clusters()') IS NOT NULL")):
            await execute(session, "SELECT published.rebuild_clusters()")
        for statement in SETTLED:
            await execute(session, statement)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(f"{asyncio.run(fill(sys.argv[1], int(sys.argv[2]))):.0f} s")
