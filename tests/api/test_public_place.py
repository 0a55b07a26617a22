"""What a rounded place and a hidden field give away: the same at every publication, and no more than was promised."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mapbox_vector_tile import decode

from app.connections import open_once
from app.db import WriteSession
from app.published import projection
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, execute, tile_of, value

pytestmark = pytest.mark.anyio

PUBLISH = {"decision": "publish"}
AT_ONCE, TIMES = 50, 4
# A square of Bujel in the edition of squares, up to its edges.
WEST, EAST, SOUTH, NORTH = 112.0103, 112.0203, -7.8100, -7.8000


async def publish(as_role: AsRole, feature: dict[str, Any], collection: str, code: str) -> dict[str, Any]:
    posted = await (await as_role("pic", code)).post(f"/collections/{collection}/items", json=feature)
    assert posted.status_code == 201, posted.text
    answered: dict[str, Any] = posted.json()
    decided = await (await as_role("walidata")).post(f"/reviews/{answered['properties']['revision']}/decision", json=PUBLISH)
    assert decided.status_code == 200, decided.text
    return answered


def rt(number: int, lon: float, lat: float) -> dict[str, Any]:
    return a_feature(lon, lat, name=None, jenis=None, rt=str(number), rw="1")


# -- places


async def test_publishing_again_and_rebuilding_move_nothing(grid: Settings, as_role: AsRole) -> None:
    """Places that were shaken anew each time would give the true one away: their middle."""
    places = [(112.0104, -7.8051), (112.0202, -7.80004), (112.0106, -7.80996), (112.0155, -7.8055)]
    for number, place in enumerate(places, 1):
        await publish(as_role, rt(number, *place), "rt", BUJEL)
    shown = "SELECT jsonb_agg(jsonb_build_array(ST_AsText(geom), ST_AsText(geom_mercator), feature) ORDER BY id) FROM published.item"
    async with open_once(grid.owner_dsn) as session:
        first = await value(session, shown)
        points = await value(session, "SELECT array_agg(id) FROM published.item")
        assert len(points) == len(places)
        for _ in range(10):
            await projection.publish(session, points)
            assert await value(session, shown) == first
        await projection.rebuild(session)
        assert await value(session, shown) == first


_ANYWHERE = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))


@settings(
    max_examples=TIMES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(places=st.lists(_ANYWHERE, min_size=AT_ONCE, max_size=AT_ONCE, unique=True))
async def test_a_public_place_has_three_decimals_and_lies_in_its_kelurahan(
    grid: Settings, as_role: AsRole, places: list[tuple[float, float]]
) -> None:
    """Two hundred true places, up to the very edges of a kelurahan."""
    async with open_once(grid.owner_dsn) as session:
        for table in ("published.item", "internal.item", "titik.revision", "titik.point"):
            await execute(session, f"DELETE FROM {table}")
    await publish(as_role, rt(1, 112.0155, -7.8055), "rt", BUJEL)
    async with open_once(grid.owner_dsn) as session:
        await _copy(session, places)
        await projection.rebuild(session)
        # Every column that holds a place, and the text that is served.
        wrong = await value(
            session,
            "SELECT count(*) FROM published.item i"
            " JOIN titik.boundary b ON b.region_code = i.kelurahan"
            " JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active"
            " CROSS JOIN LATERAL (SELECT feature::jsonb #>> '{geometry,coordinates,0}' AS lon, feature::jsonb #>> '{geometry,coordinates,1}' AS lat) told"
            " WHERE NOT (ST_Covers(b.geom, i.geom) AND ST_Transform(i.geom, 3857) = i.geom_mercator"
            " AND told.lon ~ '^-?\\d+(\\.\\d{1,3})?$' AND told.lat ~ '^-?\\d+(\\.\\d{1,3})?$'"
            " AND told.lon::float8 = ST_X(i.geom) AND told.lat::float8 = ST_Y(i.geom))",
        )
        assert (wrong, await value(session, "SELECT count(*) FROM published.item")) == (0, AT_ONCE + 1)
        # The halves tell the same points apart, so the internal one was not rounded by mistake.
        exact = "SELECT count(*) FROM internal.item i JOIN titik.revision r ON r.point_id = i.id WHERE i.geom = r.geom"
        assert await value(session, exact) == AT_ONCE + 1


async def _copy(session: WriteSession, places: list[tuple[float, float]]) -> None:
    """As many published points as there are places, else like the one that is there."""
    ids = [uuid7() for _ in places]
    named = {"ids": ids, "lons": [lon for lon, _ in places], "lats": [lat for _, lat in places]}
    new = "unnest(CAST(:ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS new (id, lon, lat, place)"
    columns = await value(
        session,
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE table_schema = 'titik'"
        " AND table_name = 'revision' AND column_name NOT IN ('id', 'point_id', 'geom', 'rt')",
    )
    await value(
        session,
        f"WITH point AS (INSERT INTO titik.point (id, category, kelurahan) SELECT new.id, p.category, p.kelurahan FROM titik.point p, {new}"
        f" RETURNING id), revision AS (INSERT INTO titik.revision (id, point_id, geom, rt, {columns})"
        f" SELECT new_id, new_id, ST_SetSRID(ST_MakePoint(lon, lat), 4326), (place + 1)::text, {columns}"
        f" FROM titik.revision, (SELECT id AS new_id, lon, lat, place FROM {new}) made RETURNING id) SELECT count(*) FROM revision",
        **named,
    )


# -- fields


FIELDS: dict[str, Any] = {
    "name": "Posyandu Rahasia-Q7",
    "address": "Gang Rahasia-Q8",
    "nomor_sk": "Rahasia-Q9",
    "captured_at": "2026-11-22T08:31:07Z",
}
SEEN = {"public": (True, True), "internal": (False, True), "restricted": (False, False)}


@pytest.mark.parametrize("visibility", SEEN)
async def test_a_field_is_in_those_halves_only_that_may_have_it(
    database: Settings, as_role: AsRole, client: Client, visibility: str
) -> None:
    """Also the fields that have a column of their own, from which tiles are made."""
    rules = dict.fromkeys(FIELDS, visibility) if visibility != "public" else {}
    try:
        await _set_visibility(database, rules)
        point = await publish(as_role, a_feature(**FIELDS), "posyandu", MOJOROTO)
        async with open_once(database.owner_dsn) as session:
            halves = [await value(session, f"SELECT string_agg(item::text, ' ') FROM {half}.item") for half in ("published", "internal")]
        lon, lat = point["geometry"]["coordinates"]
        tile = await client.get(f"/collections/posyandu/tiles/WebMercatorQuad/{tile_of(lon, lat, 14)}")
        assert len(decode(tile.content)["posyandu"]["features"]) == 1
        page = await client.get("/collections/posyandu/items")
        for text in ("Rahasia-Q7", "Rahasia-Q8", "Rahasia-Q9", "08:31:07"):
            assert tuple(text in half for half in halves) == SEEN[visibility], text
            assert (text in page.text) == SEEN[visibility][0]
        assert (b"Rahasia-Q7" in tile.content) == SEEN[visibility][0]
    finally:
        await _set_visibility(database, {"tempat": "internal"})


async def _set_visibility(database: Settings, rules: dict[str, str]) -> None:
    async with open_once(database.owner_dsn) as session:
        await value(
            session,
            "UPDATE titik.category SET field_visibility = CAST(:rules AS jsonb), version = version + 1 WHERE id = 'posyandu' RETURNING 1",
            rules=rules,
        )


async def test_why_a_point_lies_elsewhere_is_in_neither_half(grid: Settings, as_role: AsRole) -> None:
    feature = a_feature(112.0152, -7.805, kelurahan=MOJOROTO, override_reason="Rumah Rahasia-Q6")
    await publish(as_role, feature, "posyandu", MOJOROTO)
    async with open_once(grid.owner_dsn) as session:
        for half in ("published", "internal"):
            said = await value(session, f"SELECT string_agg(item::text, ' ') FROM {half}.item")
            assert said
            assert "Rahasia-Q6" not in said
