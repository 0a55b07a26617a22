"""The pyramid is what the items say, whatever was done to them in which order, by however many at once."""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.connections import open_once
from app.published import projection
from app.settings import Settings
from tests.conftest import AsRole
from tests.factories import MOJOROTO, a_feature, execute, published, value

pytestmark = pytest.mark.anyio

ADD = """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties, feature, common_length, place, words)
    SELECT n, 1, category, 'k', 'k', 'n', geom, ST_Transform(geom, 3857), now(), 1, '{}', '{}', 1, 1, ''
      FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::float8[]) made (n, category, lon, lat), LATERAL (SELECT ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom) place
    ON CONFLICT (id) DO UPDATE SET (category, geom, geom_mercator) = (EXCLUDED.category, EXCLUDED.geom, EXCLUDED.geom_mercator)
"""
TAKE = "DELETE FROM published.item WHERE id = ANY ($1::uuid[])"
RENAME = "UPDATE published.item SET name = name || 'x' WHERE id = ANY ($1::uuid[])"
ROWS = "SELECT array_agg(c::text ORDER BY category, level, y, x) FROM published.cluster c"


class Put(NamedTuple):
    item: int
    category: str
    lon: float
    lat: float


# Few items and categories, places near each other and everywhere, so that cells are shared, emptied and filled again.
NEAR = st.floats(112.0, 112.01).map(lambda lon: round(lon, 4))
PUTS = st.builds(
    Put,
    st.integers(1, 12),
    st.sampled_from(["posyandu", "rt"]),
    st.one_of(NEAR, st.floats(-180, 180)),
    st.one_of(st.just(-7.8), st.floats(-90, 90)),
)
DEEDS = st.lists(
    st.one_of(
        st.lists(PUTS, min_size=1, max_size=6, unique_by=lambda put: put.item).map(lambda puts: ("put", puts)),
        st.lists(st.integers(1, 12), min_size=1, max_size=6).map(lambda items: ("take", items)),
        st.lists(st.integers(1, 12), min_size=1, max_size=3).map(lambda items: ("rename", items)),
    ),
    max_size=12,
)


async def do(connection: Any, deed: str, what: Any) -> None:
    if deed == "put":
        columns = [[UUID(int=put.item) for put in what], *([getattr(put, name) for put in what] for name in ("category", "lon", "lat"))]
        await connection.execute(ADD, *columns)
    else:
        await connection.execute(TAKE if deed == "take" else RENAME, [UUID(int=item) for item in what])


async def test_following_every_change_gives_what_making_it_anew_gives(database: Settings) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    loop = asyncio.get_running_loop()

    async def attempt(deeds: list[tuple[str, Any]]) -> None:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for deed, what in deeds:
                await do(connection, deed, what)
            followed = await connection.fetchval(ROWS)
            assert await connection.fetchval("SELECT coalesce(min(number), 1) FROM published.cluster") > 0
            await connection.execute("SELECT published.rebuild_clusters()")
            assert await connection.fetchval(ROWS) == followed
        finally:
            await transaction.rollback()

    @given(deeds=DEEDS)
    @settings(max_examples=100, deadline=None)
    def run(deeds: list[tuple[str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(attempt(deeds), loop).result(60)

    try:
        await asyncio.to_thread(run)
    finally:
        await connection.close()


async def test_a_place_of_the_tree_is_that_of_its_cell(database: Settings) -> None:
    """The finest cells of the pyramid, the curve of the items and the tiles of PostGIS are one grid."""
    async with open_once(database.owner_dsn) as session:
        far = "SELECT {} FROM generate_series(1, 500) n, LATERAL (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(n * 0.7001 - 179, n * 0.3001 - 80), 4326), 3857) AS geom) made"
        assert await value(
            session,
            far.format("bool_and(ST_Covers(ST_TileEnvelope(18, (titik.unit_x(geom) >> 13)::int, (titik.unit_y(geom) >> 13)::int), geom))"),
        )
        assert await value(
            session, far.format("bool_and(titik.quad(geom) = titik.spread(titik.unit_x(geom)) + 2 * titik.spread(titik.unit_y(geom)))")
        )


async def test_publishing_counts_in_both_halves_and_rebuilding_changes_nothing(as_role: AsRole, database: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature())
    await published(pic, walidata, a_feature(name=None, jenis=None, rt="3", rw="1"), "rt")
    every = "SELECT jsonb_build_array((SELECT jsonb_agg(c ORDER BY c::text) FROM published.cluster c), (SELECT jsonb_agg(c ORDER BY c::text) FROM internal.cluster c))"
    async with open_once(database.owner_dsn) as session:
        before = await value(session, every)
        assert [len(half) for half in before] == [16, 16]
        await projection.rebuild(session)
        assert await value(session, every) == before
        # What has gone wrong is mended.
        await execute(session, "UPDATE published.cluster SET number = number + 5, sum_x = 0 WHERE level > 8")
        await execute(session, "DELETE FROM internal.cluster")
        await projection.rebuild(session)
        assert await value(session, every) == before


async def test_those_who_publish_at_once_do_not_wait_for_each_other_in_a_circle(as_role: AsRole, database: Settings) -> None:
    """Each puts its own points, of both categories and in the same cells as those of the others, and takes them out, over and over."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    points: list[UUID] = []
    for n in range(1, 10):
        points.append(UUID((await published(pic, walidata, a_feature(112.0016 + n * 0.0002)))["id"]))
        rt = a_feature(112.0016 + n * 0.0002, name=None, jenis=None, rt=str(n), rw="1")
        points.append(UUID((await published(pic, walidata, rt, "rt"))["id"]))

    async def publish(own: list[UUID]) -> None:
        for n in range(1, 15):
            async with open_once(database.owner_dsn) as session:
                await projection.remove(session, own[n % 5 :])
            async with open_once(database.owner_dsn) as session:
                await projection.publish(session, own)

    async def decide(one: list[UUID], other: list[UUID]) -> None:
        """As decisions on many revisions do: points of one category leave while some of the other enter."""
        for public, ended in ((one, other), (other, one)) * 10:
            async with open_once(database.owner_dsn) as session:
                await projection.follow(session, projection.Publications(public, ended))
        async with open_once(database.owner_dsn) as session:
            await projection.publish(session, [*one, *other])

    async with asyncio.timeout(60):
        await asyncio.gather(publish(points[:6]), publish(points[11:5:-1]), publish(points[12:]))
        await asyncio.gather(decide(points[0:6:2], points[1:6:2]), decide(points[7:12:2], points[6:12:2]), publish(points[12:]))
    async with open_once(database.owner_dsn) as session:
        followed = await value(session, ROWS)
        await session.run(projection.REBUILD_CLUSTERS[0])
        assert await value(session, ROWS) == followed
        assert await value(session, "SELECT sum(number) FROM published.cluster WHERE level = 4") == len(points)
