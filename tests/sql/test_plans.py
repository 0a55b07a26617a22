"""The statements that are run most use the indexes made for them, by whatever plan PostgreSQL keeps."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from app.atlas import queries as atlas
from app.categories import queries as categories
from app.cluster.server import ADMIN
from app.collections import items, selection
from app.collections.query import read
from app.collections.sources import source_of_points
from app.collections.values import Values
from app.db import IN_ORDER, Database, WriteSession, prepare_connection
from app.feed import changes
from app.geo import Bbox, place_ranges, place_sides
from app.indicators import counting
from app.indicators.queries import shipped
from app.language import Text
from app.placement.locating import LOCATE
from app.published import catalogue
from app.published.catalogue import CategoryCard, Half
from app.regions import queries as regions
from app.reviews import nearby, walking
from app.reviews.queue import PAGES, SORTINGS, Wanted
from app.settings import Settings
from app.statement import Statement
from app.tiles import tiles
from app.tiles.quadtree import Tile
from app.tiles.tilesets import Tileset
from app.webhooks import queries as webhooks
from benchmarks.load import recorded
from tests.factories import MOJOROTO, tile_of

pytestmark = pytest.mark.anyio

Connection = Any

# 20,000 points and an edition of 3,000 kelurahan; all of it is rolled back.
WORLD = (
    """
    INSERT INTO titik.region (code, level, name, parent_code, bps_code)
    SELECT '99.99.99.' || n, 'kelurahan', 'K' || n, '35.71.01', 'B' || n FROM generate_series(1000, 3999) n
    """,
    """
    INSERT INTO titik.boundary (edition_id, region_code, geom, area_km2, label)
    SELECT e.id, '99.99.99.' || 1000 + n, ST_Multi(ST_MakeEnvelope(x, y, x + 0.01, y + 0.01, 4326)), 1, ST_SetSRID(ST_MakePoint(x + 0.005, y + 0.005), 4326)
      FROM titik.boundary_edition e, generate_series(0, 2999) n, LATERAL (SELECT 113 + (n % 60) * 0.01 AS x, -9 + (n / 60) * 0.01 AS y) place
     WHERE e.active
    """,
    """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties, feature, common_length, place, words)
    SELECT gen_random_uuid(), n, CASE WHEN n % 2 = 0 THEN 'posyandu' ELSE 'rt' END, '35.71.01.' || 1001 + n % 46, '35.71.01', 'P' || n, geom,
           ST_Transform(geom, 3857), now(), 1, '{"kelurahan_name": "K"}', repeat('x', 500), 100,
           titik.place(ST_X(geom), ST_Y(geom)), 'p' || n
      FROM (SELECT n, ST_SetSRID(ST_MakePoint(111.9 + (n % 200) * 0.001, -7.9 + (n / 200) * 0.002), 4326) AS geom
              FROM generate_series(0, 19999) n) made
    """,
    """
    INSERT INTO published.kelurahan_total (kelurahan, category, number)
    SELECT '99.99.99.' || n, c, 0 FROM generate_series(1000, 3999) n, unnest(ARRAY['posyandu', 'rt']) c
    """,
    "ANALYZE titik.region, titik.boundary, titik.boundary_edition, published.item, published.cluster, published.change, published.kelurahan_total",
)


@pytest.fixture
async def world(database: Settings) -> AsyncIterator[Connection]:
    # The superuser of the cluster can take on any role, and so ask as those who ask, of a world that is never committed; with the settings
    # of the pool that runs the statements.
    connection = await asyncpg.connect(database.owner_dsn.replace("titik_owner@", f"{ADMIN}@"), server_settings={"jit": "off", **IN_ORDER})
    await prepare_connection(connection)
    transaction = connection.transaction()
    await transaction.start()
    for statement in WORLD:
        await connection.execute(statement)
    yield connection
    await transaction.rollback()
    await connection.close()


class Hot(NamedTuple):
    """A statement, what it is asked, the indexes of which it must use one, and the tables it must not read from end to end."""

    statement: Statement[object]
    values: dict[str, object]
    indexes: set[str]
    tables: set[str]


AFTER = UUID(int=0)
PUBLIC: tuple[Half, bool] = ("published", False)
PAGE: dict[str, object] = {"category": "posyandu", "after_place": -1, "after": AFTER, "limit": 10}
SIDES: dict[str, object] = Bbox(112.0, -7.82, 112.01, -7.81)._asdict()
LOWS, HIGHS = zip(*place_ranges(Bbox(**SIDES)), strict=True)  # type: ignore[arg-type]
BITS = dict(zip(items._BITS, place_sides(Bbox(**SIDES)), strict=True))  # type: ignore[arg-type]
BOX: dict[str, object] = SIDES | BITS | {"lows": list(LOWS), "highs": list(HIGHS), "countable": 0}
TILESET = Tileset("posyandu", Text("", ""), "", "", "posyandu", categories=("posyandu", "rt"))
HOT = {
    "locate": Hot(LOCATE, {"lons": [113.3], "lats": [-8.8], "declared": [MOJOROTO]}, {"idx_boundary_geom"}, {"boundary"}),
    "a page": Hot(items._ALL.joined[PUBLIC], PAGE, {"ix_item_category_place_id"}, {"item"}),
    "a page of rows": Hot(items._ALL.rows[PUBLIC], PAGE, {"ix_item_category_place_id"}, {"item"}),
    "a page of a kelurahan": Hot(
        items._BY_KELURAHAN.joined[PUBLIC],
        PAGE | {"kelurahan": MOJOROTO},
        {"ix_item_category_kelurahan_place_id"},
        {"item"},
    ),
    "all points of a kelurahan": Hot(
        items._BY_KELURAHAN.joined["published", True],
        {name: value for name, value in PAGE.items() if name != "category"} | {"kelurahan": MOJOROTO},
        {"ix_item_kelurahan_place_id"},
        {"item"},
    ),
    "a box that is counted": Hot(items._BY_PLACE.joined[PUBLIC], PAGE | BOX | {"countable": 1001}, {"ix_item_category_place_id"}, {"item"}),
    "a box": Hot(items._BY_PLACE.joined[PUBLIC], PAGE | BOX, {"ix_item_category_place_id"}, {"item"}),
    "a box of rows": Hot(
        items._BY_PLACE.rows[PUBLIC], {k: v for k, v in (PAGE | BOX).items() if k != "countable"}, {"ix_item_category_place_id"}, {"item"}
    ),
    "one": Hot(items._ONE[PUBLIC], {"category": "posyandu", "id": AFTER}, {"pk_item", "ix_item_category_id"}, {"item"}),
    "a page of a point": Hot(atlas._POINT_PAGE["published"], {"id": AFTER}, {"pk_item"}, {"item", "photo"}),
    "a page of a kelurahan with its numbers": Hot(
        atlas._KELURAHAN_PAGE["published"], {"code": MOJOROTO}, {"pk_kelurahan_total"}, {"kelurahan_total"}
    ),
    "changes": Hot(
        changes.PAGE["published"], {"history": 0, "transaction": "0", "seq": 0, "limit": 101}, {"ix_change_of_point"}, {"change", "item"}
    ),
    "a tile": Hot(
        tiles._POINTS["published"], tiles.values(TILESET, Tile(16, 53159, 34197)), {"ix_item_category_quad_id"}, {"item", "cluster"}
    ),
}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def check(plan: dict[str, Any], hot: Hot) -> None:
    used = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
    assert hot.indexes & used
    assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan" and node["Relation Name"] in hot.tables]


@pytest.mark.parametrize("name", HOT)
async def test_planned_for_its_values_it_uses_its_index(world: Connection, name: str) -> None:
    hot = HOT[name]
    (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + hot.statement.sql, *hot.statement.values(hot.values))
    check(explained["Plan"], hot)


@pytest.mark.parametrize("name", HOT)
async def test_planned_for_any_values_it_uses_its_index(world: Connection, name: str) -> None:
    """The plan that PostgreSQL keeps after five runs, and that the writing pool always takes."""
    hot = HOT[name]
    await world.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await world.execute("PREPARE hot AS " + hot.statement.sql)
    nothing = ", ".join("NULL" for _ in hot.statement.names)
    (explained,) = await world.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE hot ({nothing})")
    await world.execute("DEALLOCATE hot")
    check(explained["Plan"], hot)


# Of the categories that have points here.
COUNTED = [one["count"] for one in shipped() if one["count"] and one["count"]["category"] in ("posyandu", "rt")]
COUNTED += [
    {
        "category": "posyandu",
        "filter": "CASEI(name) LIKE 'p1%' OR strata IN ('madya', 'mandiri')",
        "share": True,
        "of": "strata IS NOT NULL",
    }
]


@pytest.mark.parametrize("codes", [[MOJOROTO], ["35.71.01.1001", "35.71.01.1002", MOJOROTO]])
async def test_what_is_counted_from_the_map_reads_its_kelurahan_alone(world: Connection, codes: list[str]) -> None:
    half: Half = "published"
    for count in COUNTED:
        card = CategoryCard(
            count["category"],
            Text("", ""),
            Text("", ""),
            schemas()[count["category"]],
            "public",
            {"published": frozenset(), "internal": frozenset()},
        )
        built, values = Statement.built(counting.statement_of(source_of_points(half, card), half, count, codes))
        (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + built.sql, *built.values(values))
        check(explained["Plan"], Hot(built, values, {"ix_item_category_kelurahan_place_id"}, {"item"}))


def schemas() -> dict[str, dict[str, Any]]:
    return {one["id"]: one["attribute_schema"] for one in categories.shipped()}


async def test_fixed_statements_read_in_order_and_composed_ones_may_sort(database: Settings) -> None:
    opened = await Database.connect(database)
    setting = Statement("SELECT current_setting('enable_sort') || current_setting('enable_incremental_sort')")
    assert await opened.public.value(setting) == await opened.internal.value(setting) == "offoff"
    assert await opened.public.value(Statement.built(text(setting.sql))[0]) == "onon"
    await opened.close()


# -- row-level security: its conditions are no operators of an index, and may be asked before them


ROLES = {
    "anybody": (
        "titik_public",
        None,
        ("locate", "a page", "a page of a kelurahan", "a box", "a box that is counted", "one", "changes", "a tile"),
    ),
    "a pic": ("titik_service", "pic", ("locate",)),
    "a walidata": ("titik_service", "walidata", ("locate",)),
    "a service without an actor": ("titik_service", None, ("locate",)),
}


@pytest.mark.parametrize("who", ROLES)
async def test_whoever_asks_the_spatial_indexes_are_used(world: Connection, who: str) -> None:
    """As the role that the service asks as, and with the actor that a transaction has; for its values and for any."""
    role, actor, names = ROLES[who]
    await world.execute(f"SET LOCAL ROLE {role}")
    if actor is not None:
        await world.execute("SELECT set_config('titik.role', $1, true), set_config('titik.kelurahan', $2, true)", actor, MOJOROTO)
    for name in names:
        hot = HOT[name]
        (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + hot.statement.sql, *hot.statement.values(hot.values))
        check(explained["Plan"], hot)
        await world.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await world.execute("PREPARE hot AS " + hot.statement.sql)
        (explained,) = await world.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE hot ({', '.join('NULL' for _ in hot.statement.names)})")
        await world.execute("DEALLOCATE hot")
        await world.execute("SET LOCAL plan_cache_mode = auto")
        check(explained["Plan"], hot)
    assert await world.fetchval("SELECT current_user::text") == role


async def test_what_the_service_looks_at_without_an_actor_is_under_no_policy(world: Connection) -> None:
    """Regions, editions and boundaries are open to all; a policy on them would keep PostgreSQL from their spatial index."""
    policies = await world.fetch("SELECT schemaname || '.' || tablename AS name FROM pg_policies")
    assert {row["name"] for row in policies} == {
        f"titik.{name}"
        for name in (
            "point",
            "revision",
            "contact",
            "import",
            "import_file",
            "import_row",
            "photo",
            "identity_request",
            "boundary_job",
            "report",
            "progress",
            "progress_delta",
            "profile_value",
            "value_revision",
        )
    }


async def test_locating_measures_candidates_only(world: Connection) -> None:
    """One geodesic distance costs as much as the rest of the statement: few polygons are looked at, of three thousand."""
    asked = {"lons": [113.305], "lats": [-8.795], "declared": [MOJOROTO]}
    analysed = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + LOCATE.sql, *LOCATE.values(asked))
    read = [node for node in nodes(analysed[0]["Plan"]) if node.get("Relation Name") == "boundary"]
    assert read
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) < 40


PROPOSED = """
    WITH writer AS (
        INSERT INTO titik.account (name, role) VALUES ('{state}', 'admin') RETURNING id
    ), made AS (
        INSERT INTO titik.point (id, category, kelurahan) SELECT gen_random_uuid(), 'posyandu', '35.71.01.1011' FROM generate_series(1, {number}) RETURNING id
    )
    INSERT INTO titik.revision (id, point_id, number, state, category, kelurahan, geom, method, name, attributes, content_sha256, edition_id, verdict, found_in, distance_m,
                                placement, flags, created_by, held_by)
    SELECT gen_random_uuid(), made.id, 1, '{state}', 'posyandu', '35.71.01.1011', ST_SetSRID(ST_MakePoint(112 + (n % 200) * 0.001, -7.9 + (n / 200) * 0.001), 4326),
           'gps', 'Melati', '{{}}', sha256('x'), e.id, 'inside', '35.71.01.1011', 0, '{{}}', '{{}}', a.id, a.id
      FROM (SELECT id, row_number() OVER () AS n FROM made) made, titik.boundary_edition e, writer a
     WHERE e.active
"""
ENTRIES_READ = """
    SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = 'titik.revision'::regclass
"""


async def test_looking_for_likeness_reads_what_is_around(world: Connection) -> None:
    """Of 20,000 revisions."""
    await world.execute(PROPOSED.format(number=400, state="withdrawn"))
    await world.execute("ANALYZE titik.point, titik.revision")
    await world.execute(PROPOSED.format(number=20_000, state="submitted"))
    # As the service writes. What PostgreSQL knows of the states is from when few of them lived.
    await world.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    for _ in range(3):
        before = await world.fetchval(ENTRIES_READ)
        await world.execute(
            "SELECT titik.alike('posyandu', NULL, NULL, '{00000000-0000-0000-0000-000000000000}', 'Melati', 112.1, -7.85, 30, 0.6, 5)"
        )
        assert 0 < await world.fetchval(ENTRIES_READ) - before < 30


async def test_the_history_of_a_point_reads_its_own_revisions(world: Connection) -> None:
    """Of 20,000, and of the records only theirs."""
    await world.execute(PROPOSED.format(number=20_000, state="submitted"))
    await world.execute("ANALYZE titik.point, titik.revision")
    point = await world.fetchval("SELECT id FROM titik.point LIMIT 1")
    for _ in range(3):
        before = await world.fetchval(ENTRIES_READ)
        await world.execute("SELECT titik.public_history($1)", point)
        assert 0 < await world.fetchval(ENTRIES_READ) - before < 30


EVERY_FILTER = Wanted(
    "posyandu", "new", "near", MOJOROTO, "submitted", timedelta(days=1), ("melati",), corrected=False, clean=True,
)  # fmt: skip


async def test_a_page_of_what_waits_is_found_by_its_index(world: Connection) -> None:
    """Of 5,000 that wait among 25,000 that live; in every order, with all filters and with none, as a walidata asks, for its values and for any."""
    for state, number in (("draft", 20_000), ("submitted", 5_000)):
        await world.execute(PROPOSED.format(number=number, state=state))
    await world.execute(
        "INSERT INTO titik.placement_change (revision_id, edition_id, before, after, seen_at)"
        " SELECT id, edition_id, '{}', '{}', CASE WHEN row_number() OVER () > 50 THEN now() END FROM titik.revision"
    )
    await world.execute("ANALYZE titik.point, titik.revision, titik.account, titik.placement_change")
    await world.execute("SET LOCAL ROLE titik_service")
    await world.execute("SELECT set_config('titik.role', 'walidata', true)")
    for (turned, sorting, descending), statement in PAGES.items():
        index = "ix_placement_change_unseen" if turned else "ix_revision_queue"
        for wanted in (Wanted(), EVERY_FILTER):
            asked = wanted._replace(flag="rejudged" if turned else wanted.flag, sorting=sorting, descending=descending)
            assert asked.statement() is statement
            hot = Hot(statement, asked.values(1, None, 50), {index}, {"revision", "placement_change"})
            for mode in ("force_custom_plan", "force_generic_plan"):
                await world.execute(f"SET LOCAL plan_cache_mode = {mode}")
                (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + statement.sql, *statement.values(hot.values))
                check(explained["Plan"], hot)
    values = Wanted().statement().values(Wanted().values(1, None, 50))
    analysed = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + Wanted().statement().sql, *values)
    # What differs is looked up for the entries of the page alone.
    looked_up = [node for node in nodes(analysed[0]["Plan"]) if node.get("Relation Name") == "photo"]
    assert sum(node["Actual Loops"] for node in looked_up) <= 51 * len(looked_up)


async def test_the_way_through_the_queue_is_found_by_its_indexes(world: Connection) -> None:
    """Of 5,000 that wait among 25,000 that live: the counts of all, the steps from one, and what is around it."""
    for state, number in (("draft", 20_000), ("submitted", 5_000)):
        await world.execute(PROPOSED.format(number=number, state=state))
    # Apart from each other, as points are: 5 m, over 4 km.
    await world.execute(
        "UPDATE titik.revision SET geom = ST_Translate(geom, (number_of % 160) * 0.00005, (number_of / 160) * 0.00005)"
        " FROM (SELECT id AS of, row_number() OVER ()::int AS number_of FROM titik.revision) n WHERE n.of = id"
    )
    await world.execute("ANALYZE titik.point, titik.revision, titik.account, titik.placement_change")
    revision = await world.fetchval("SELECT id FROM titik.revision WHERE state = 'submitted' LIMIT 1 OFFSET 2500")
    await world.execute("SET LOCAL ROLE titik_service")
    await world.execute("SELECT set_config('titik.role', 'walidata', true)")
    hot = [
        Hot(walking.COUNTS, {"account_id": 1}, {"ix_revision_queue"}, {"revision"}),
        Hot(nearby.AROUND, {"revision": revision, "within_m": nearby.AROUND_M, "limit": 12}, {"uq_revision_point_id_number"}, {"revision"}),
        *(
            Hot(walking.STEPS[False, sorting, False], wanted.filters(1) | {"revision": revision}, {"ix_revision_queue"}, {"revision"})
            for wanted in (Wanted(), EVERY_FILTER)
            for sorting in SORTINGS
        ),
    ]
    for mode in ("force_custom_plan", "force_generic_plan"):
        await world.execute(f"SET LOCAL plan_cache_mode = {mode}")
        for one in hot:
            (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + one.statement.sql, *one.statement.values(one.values))
            check(explained["Plan"], one)
    for one in hot[:3]:
        analysed = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + one.statement.sql, *one.statement.values(one.values))
        assert analysed[0]["Execution Time"] < 2_000


async def test_a_page_of_changes_reads_what_it_shows(world: Connection) -> None:
    """Of 20,000, and of those that a later one follows one each."""
    await world.execute("UPDATE published.item SET feature = feature || 'y' WHERE feature_id < 1000")
    await world.execute("UPDATE titik.history SET number = number + 1")
    values = changes.PAGE["published"].values({"history": 0, "transaction": "0", "seq": 0, "limit": 101})
    for mode in ("force_custom_plan", "force_generic_plan"):
        await world.execute(f"SET LOCAL plan_cache_mode = {mode}")
        analysed = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + changes.PAGE["published"].sql, *values)
        read = [node for node in nodes(analysed[0]["Plan"]) if node.get("Relation Name") in ("change", "item")]
        assert {node["Relation Name"] for node in read} == {"change", "item"}
        assert sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in read) < 5_000
        assert "pk_change" in {node.get("Index Name") for node in read}


async def test_what_waits_for_a_webhook_is_read_in_its_order(world: Connection) -> None:
    """Of 20,000 events that others have written, for any values and for these."""
    await world.execute(
        "INSERT INTO titik.outbox (type, subject, payload) SELECT 'revision.return', n::text, '{}' FROM generate_series(1, 20000) n"
    )
    await world.execute(
        "INSERT INTO titik.webhook (id, url, types, secret, after_history, after_transaction, after_id) VALUES ($1, 'x', '{}', 'x', 0, '0', 0)",
        AFTER,
    )
    await world.execute("UPDATE titik.history SET number = number + 1")
    await world.execute("ANALYZE titik.outbox, titik.webhook")
    hot = Hot(
        webhooks.EVENTS,
        {"id": AFTER, "version": 1, "words": ["revision.return"], "limit": 50, "ahead": 10_000},
        {"ix_outbox_history_transaction_id_id"},
        {"outbox"},
    )
    due = Hot(webhooks.DUE, {}, {"ix_outbox_history_transaction_id_id"}, {"outbox"})
    for mode in ("force_custom_plan", "force_generic_plan"):
        await world.execute(f"SET LOCAL plan_cache_mode = {mode}")
        for one in (hot, due):
            (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + one.statement.sql, *one.statement.values(one.values))
            check(explained["Plan"], one)


PILE = """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties, feature, common_length, place, words)
    SELECT gen_random_uuid(), n, 'posyandu', '35.71.01.1011', '35.71.01', 'P' || n, geom, ST_Transform(geom, 3857), now(), 1, '{}', '{}', 1, 1, ''
      FROM (SELECT n, ST_SetSRID(ST_MakePoint(112.00001, -7.80001), 4326) AS geom FROM generate_series(1, 50000) n) made
"""


async def test_a_tile_reads_few_rows_however_many_points_there_are(world: Connection) -> None:
    """Of 20,000 spread points and 50,000 in one place, at every zoom, in the tiles around the pile."""
    await world.execute(PILE)
    statement = tiles._POINTS["published"]
    most = 0
    for zoom in range(23):
        z, y, x = map(int, tile_of(112.00001, -7.80001, zoom).split("/"))
        for column in range(max(0, x - 1), min(x + 2, 2**zoom)):
            values = statement.values(tiles.values(TILESET, Tile(z, column, y)))
            analysed = await world.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + statement.sql, *values)
            read = [node for node in nodes(analysed[0]["Plan"]) if node.get("Relation Name") in ("item", "cluster")]
            rows = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in read)
            assert rows <= 9 * tiles.POINTS_AT_MOST + 2 * 2 * 34 * 34
            most = max(most, rows)
    assert most > 100


# -- what is put together from the parameters of a request: the spatial index whenever a place is asked for, that of words for words

AROUND = "POLYGON((112.0 -7.82, 112.01 -7.82, 112.01 -7.81, 112.0 -7.82))"
CHOSEN = {
    "a filter by an area": ({"filter": f"S_INTERSECTS(geometry, {AROUND})"}, "idx_item_geom"),
    "a filter within an area, and by a property": ({"filter": f"S_WITHIN(geometry, {AROUND}) AND name LIKE 'P1%'"}, "idx_item_geom"),
    "a filter by an area in metres": (
        {"filter": "S_INTERSECTS(geometry, BBOX(610300, 9135500, 611400, 9136600))", "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/32749"},
        "idx_item_geom",
    ),
    "a box in metres": ({"bbox": "610300,9135500,611400,9136600", "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/32749"}, "idx_item_geom"),
    "a box and a sorting": ({"bbox": "112.0,-7.82,112.01,-7.81", "sortby": "-name"}, "idx_item_geom"),
    "words": ({"q": "p1999"}, "ix_item_words"),
    "words anywhere": ({"words": "p1999"}, "ix_item_words"),
    "a word, and one that may be a kelurahan": ({"words": "p1999 mojoroto"}, "ix_item_words"),
    "one that may be a kelurahan": ({"words": "mojoroto"}, "ix_item_words"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
async def test_what_is_chosen_by_place_or_words_uses_the_index_of_it(world: Connection, name: str) -> None:
    parameters, index = CHOSEN[name]
    card = (await catalogue._read_categories(WriteSession(world)))["posyandu"]
    origin = source_of_points("published", card)
    values_known = Values(await regions.directory(WriteSession(world)), (card,))
    asked = read(parameters, "published", "posyandu", origin.queryables, frozenset({4326, 32749}), values=values_known)
    statement, values = recorded(selection.count, origin, asked)
    (explained,) = await world.fetchval("EXPLAIN (FORMAT JSON) " + statement.sql, *statement.values(values))
    used = {node["Index Name"] for node in nodes(explained["Plan"]) if "Index Name" in node}
    assert index in used, used
