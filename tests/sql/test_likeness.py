"""Which points are the same, or look it: asked of the service role as the actor of a transaction, with row-level security on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.categories import queries as categories
from app.connections import open_once
from app.db import Database, WriteSession
from app.errors import Conflict
from app.points.likeness import look_alike
from app.points.rules import neighbourhood_number
from app.published import projection
from app.settings import Settings
from app.statement import Statement
from app.uuid7 import uuid7
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_token

pytestmark = pytest.mark.anyio

LON, LAT = IN_MOJOROTO
METRE = 1 / 110_594
"""A metre to the north, in degrees, at the latitude of Kediri."""

ACT = Statement("SELECT set_config('titik.role', :role, true), set_config('titik.kelurahan', :kelurahan, true)")
STORE = Statement("""
    WITH point AS (
        INSERT INTO titik.point (id, category, kelurahan, status)
        VALUES (CAST(:point_id AS uuid), CAST(:category AS text), CAST(:kelurahan AS text), CAST(:status AS text)) RETURNING id
    )
    INSERT INTO titik.revision (id, point_id, number, state, category, kelurahan, geom, method, name, rw, rt, attributes, content_sha256, edition_id,
                                verdict, distance_m, placement, flags, created_by, held_by, decided_by, decided_at, decision_reason)
    SELECT point.id, point.id, 1, CAST(:state AS text), CAST(:category AS text), CAST(:kelurahan AS text), ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 'gps',
           CAST(:name AS text), CAST(:rw AS text), CAST(:rt AS text), CAST(:attributes AS jsonb), '\\x', e.id, 'inside', 0, '{}', '{}',
           1, 1, 2, now(), 'Alasan'
      FROM point, titik.boundary_edition e WHERE e.active
""")

Asking = Callable[..., Any]


def a_revision(**properties: Any) -> dict[str, Any]:
    known = {"point_id": uuid7(), "category": "posyandu", "kelurahan": MOJOROTO, "lon": LON, "lat": LAT, "name": "Posyandu Melati"}
    return {**known, "rw": None, "rt": None, "attributes": {}, "predecessors": [], **properties}


async def stored(session: WriteSession, revision: dict[str, Any], state: str = "submitted", status: str = "active") -> str:
    await session.run(STORE, **{name: revision[name] for name in revision if name != "predecessors"}, state=state, status=status)
    return str(revision["point_id"])


async def alike(session: WriteSession, revision: dict[str, Any], *, confirmed: bool = False) -> tuple[str, ...]:
    category = await categories.get(session, revision["category"], 0)
    return await look_alike(session, category, revision, confirmed=confirmed)


async def refused(session: WriteSession, revision: dict[str, Any], *, confirmed: bool = False) -> tuple[str, list[dict[str, Any]]]:
    with pytest.raises(Conflict) as raised:
        await alike(session, revision, confirmed=confirmed)
    candidates = raised.value.members["candidates"]
    assert isinstance(candidates, list)
    return raised.value.code, candidates


@pytest.fixture
async def acting(database: Settings) -> AsyncIterator[Callable[..., Any]]:
    """`async with acting("pic", MOJOROTO) as session`: a transaction of the service role, as on the way of a phone."""
    for name, role in (("penulis", "walidata"), ("pemeriksa", "walidata")):
        await a_token(database, role, name=name)
    opened = await Database.connect(database)

    @asynccontextmanager
    async def transaction(role: str, *kelurahan: str) -> AsyncIterator[WriteSession]:
        async with opened.open_write() as session:
            await session.one(ACT, role=role, kelurahan=",".join(kelurahan))
            yield session

    yield transaction
    await opened.close()


# -- natural keys

KEYS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"category": "rt", "name": "RT 01 RW 02", "rw": "02", "rt": "01"}, {}, {"rw": "03", "name": "RT 01 RW 03"}),
    ({"category": "kantor_kelurahan", "name": "Kantor"}, {"name": "Balai lain"}, {"kelurahan": BUJEL}),
    ({"attributes": {"nomor_registrasi": "R-7"}}, {"name": "Anggrek"}, {"name": "Anggrek", "attributes": {"nomor_registrasi": "R-8"}}),
    (
        {"category": "pos_kamling", "name": "Pos Garuda", "rw": "02", "rt": "01"},
        {"name": " POS  garuda "},
        {"name": "Elang Jawa"},
    ),
]


@pytest.mark.parametrize(("first", "same", "other"), KEYS, ids=[key[0].get("category", "posyandu") for key in KEYS])
async def test_two_live_points_of_a_category_do_not_share_its_key(
    acting: Asking, first: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    far = {"lat": LAT + 200 * METRE}
    async with acting("walidata") as session:
        assert await alike(session, a_revision(**first)) == ()
        known = await stored(session, a_revision(**first))
        code, candidates = await refused(session, a_revision(**first, **far) | same, confirmed=True)
        assert code == "natural-key-taken"
        expected = {"id": known, "name": first.get("name", "Posyandu Melati"), "kelurahan": MOJOROTO, "state": "submitted"}
        assert candidates == [expected | {"distance_m": pytest.approx(200, abs=0.5)}]
        assert await alike(session, a_revision(**first, **far) | other) == ()


async def test_an_rt_written_three_ways_is_one(acting: Asking) -> None:
    async with acting("pic", MOJOROTO) as session:
        await stored(session, a_revision(category="rt", name="RT 01 RW 02", rw="02", rt="01"))
        for rt, rw in (("1", "2"), ("01", "RW 02"), ("RT.01", "002")):
            numbers = {"rt": neighbourhood_number(rt), "rw": neighbourhood_number(rw)}
            assert (await refused(session, a_revision(category="rt", name="RT 01 RW 02", **numbers)))[0] == "natural-key-taken"


async def test_a_key_with_an_empty_part_is_none(acting: Asking) -> None:
    async with acting("pic", MOJOROTO) as session:
        for number, attributes in enumerate(({}, {"nomor_registrasi": " "}, {"nomor_registrasi": ""})):
            revision = a_revision(attributes=attributes, lat=LAT + 100 * number * METRE)
            assert await alike(session, revision) == ()
            await stored(session, revision)


@pytest.mark.parametrize(
    ("state", "status", "taken"),
    [("draft", "active", True), ("submitted", "active", True), ("returned", "active", True), ("published", "active", True),
     ("withdrawn", "active", False), ("superseded", "active", False), ("published", "closed", False)],
)  # fmt: skip
async def test_only_what_lives_is_in_the_way(acting: Asking, state: str, status: str, taken: bool) -> None:  # noqa: FBT001
    revision = a_revision(category="kantor_kelurahan", name="Kantor")
    async with acting("pic", MOJOROTO) as session:
        await stored(session, revision, state, status)
        again = {**revision, "point_id": uuid7()}
        if taken:
            assert (await refused(session, again))[0] == "natural-key-taken"
        else:
            assert await alike(session, again) == ()
        # A point is never in its own way.
        assert await alike(session, revision) == ()


async def test_of_two_at_once_with_the_same_key_one_waits_and_is_refused(acting: Asking) -> None:
    async def post() -> str:
        try:
            async with acting("pic", MOJOROTO) as session:
                revision = a_revision(category="rt", name="RT 01 RW 02", rw="02", rt="01")
                await alike(session, revision)
                await asyncio.sleep(0.1)
                await stored(session, revision)
        except Conflict as error:
            return error.code
        return "stored"

    assert sorted(await asyncio.gather(*(post() for _ in range(4)))) == ["natural-key-taken"] * 3 + ["stored"]


# -- near-duplicates


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"lat": LAT + 29 * METRE}, True),
        ({"lat": LAT + 31 * METRE}, False),
        ({"lon": LON + 29 / 110_300}, True),
        ({"lon": LON + 31 / 110_300}, False),
        ({"name": "POSYANDU MELATI 1", "lat": LAT + 5 * METRE}, True),
        ({"name": "Posyandu Kenanga", "lat": LAT + 5 * METRE}, False),
        ({"category": "pos_kamling", "lat": LAT + 5 * METRE}, False),
    ],
)
async def test_a_similar_name_nearby_is_told_unless_confirmed(acting: Asking, properties: dict[str, Any], found: bool) -> None:  # noqa: FBT001
    async with acting("pic", MOJOROTO) as session:
        known = await stored(session, a_revision())
        proposed = a_revision() | properties
        if found:
            code, candidates = await refused(session, proposed)
            assert (code, [one["id"] for one in candidates]) == ("near-duplicate", [known])
        else:
            assert await alike(session, proposed) == ()
        assert await alike(session, proposed, confirmed=True) == (("near-duplicate",) if found else ())


async def test_at_most_five_are_shown_the_nearest_first(acting: Asking) -> None:
    async with acting("pic", MOJOROTO) as session:
        known = [await stored(session, a_revision(lat=LAT + metres * METRE)) for metres in (6, 1, 5, 2, 4, 3)]
        _, candidates = await refused(session, a_revision())
        assert [one["id"] for one in candidates] == [known[index] for index in (1, 3, 5, 4, 2)]
        assert [round(one["distance_m"]) for one in candidates] == [1, 2, 3, 4, 5]


async def test_the_same_place_is_flagged_in_any_category(acting: Asking) -> None:
    async with acting("pic", MOJOROTO) as session:
        await stored(session, a_revision(category="kantor_kelurahan", name="Kantor"))
        rt = a_revision(category="rt", name="RT 01 RW 02", rw="02", rt="01")
        assert await alike(session, rt) == ("same-place",)
        await stored(session, rt)
        # Their names come from their numbers: not alike, though the letters are.
        assert await alike(session, a_revision(category="rt", name="RT 02 RW 02", rw="02", rt="02")) == ("same-place",)
        assert await alike(session, a_revision(lat=LAT + 1e-7)) == ()


# -- what others may know


async def test_what_is_foreign_and_not_public_is_taken_but_never_named(acting: Asking, database: Settings) -> None:
    registered = {"kelurahan": BUJEL, "name": "Rahasia", "attributes": {"nomor_registrasi": "R-7"}}
    async with open_once(database.owner_dsn) as session:
        await stored(session, a_revision(**registered))
    async with acting("pic", MOJOROTO) as session:
        assert await refused(session, a_revision(attributes={"nomor_registrasi": "R-7"})) == ("natural-key-taken", [])
        # Nor does a similar name give it away.
        assert await alike(session, a_revision(name="Rahasia", lat=LAT + METRE)) == ()
    async with acting("walidata") as session:
        assert (await refused(session, a_revision(name="Rahasia")))[1][0]["name"] == "Rahasia"
    async with acting("") as session:
        assert await alike(session, a_revision(name="Rahasia", lat=LAT + METRE)) == ()


async def test_what_is_foreign_and_public_is_shown_as_everybody_sees_it(acting: Asking, database: Settings) -> None:
    revision = a_revision(kelurahan=BUJEL, attributes={"nomor_registrasi": "R-7"})
    async with open_once(database.owner_dsn) as session:
        await stored(session, revision, "published")
        await projection.publish(session, [revision["point_id"]])
    async with acting("pic", MOJOROTO) as session:
        shown = {"id": str(revision["point_id"]), "name": "Posyandu Melati", "kelurahan": BUJEL, "distance_m": 0.0, "state": "published"}
        assert await refused(session, a_revision(name="Lain", attributes={"nomor_registrasi": "R-7"})) == ("natural-key-taken", [shown])
        assert await refused(session, a_revision()) == ("near-duplicate", [shown])


async def test_the_distance_of_a_foreign_home_is_that_of_its_public_place(acting: Asking, database: Settings) -> None:
    revision = a_revision(category="pos_kamling", kelurahan=BUJEL, name="Pos Garuda")
    async with open_once(database.owner_dsn) as session:
        await stored(session, revision, "published")
        await projection.publish(session, [revision["point_id"]])
        moved = Statement("UPDATE published.item SET geom = ST_Translate(geom, 0, :degrees)")
        await session.run(moved, degrees=20 * METRE)
    async with acting("pic", MOJOROTO) as session:
        _, (shown,) = await refused(session, a_revision(category="pos_kamling", name="Pos Garuda"))
        assert shown["distance_m"] == pytest.approx(20, abs=0.2)
    async with acting("pic", BUJEL) as session:
        _, (shown,) = await refused(session, a_revision(category="pos_kamling", name="Pos Garuda"))
        assert shown["distance_m"] == 0


# -- speed

MANY = """
    WITH point AS (
        INSERT INTO titik.point (id, category, kelurahan)
        SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'posyandu' ELSE 'rt' END, '35.71.01.' || 1001 + n % 14 FROM generate_series(1, 20000) n
        RETURNING id, feature_id, category, kelurahan
    )
    INSERT INTO titik.revision (id, point_id, number, state, category, kelurahan, geom, method, name, rw, rt, attributes, content_sha256, edition_id,
                                verdict, distance_m, placement, flags, created_by, held_by)
    SELECT id, id, 1, 'submitted', category, kelurahan,
           ST_SetSRID(ST_MakePoint(111.9 + (feature_id % 200) * 0.001, -7.9 + (feature_id / 200) * 0.001), 4326), 'gps', 'P' || feature_id,
           (feature_id % 40)::text, (feature_id % 97)::text, jsonb_build_object('nomor_registrasi', 'R-' || feature_id, 'jenis', 'balita'),
           '\\x', (SELECT e.id FROM titik.boundary_edition e WHERE e.active), 'inside', 0, '{}', '{}', 1, 1
      FROM point
"""
SOUGHT: list[tuple[dict[str, Any], str]] = [
    ({"attributes": {"nomor_registrasi": "R-x"}}, "ix_revision_attributes"),
    ({"category": "rt", "name": "Lain", "rw": "07", "rt": "07"}, "ix_revision_number"),
    ({"category": "kantor_kelurahan", "name": "Kantor"}, "ix_point_category_kelurahan"),
]


SCANS = """
    SELECT pg_stat_get_xact_numscans('titik.revision'::regclass) AS whole, pg_stat_get_xact_numscans('titik.idx_revision_geom'::regclass) AS place,
           pg_stat_get_xact_numscans(CAST(CAST(:index AS text) AS regclass)) AS key
"""


@pytest.mark.parametrize(("sought", "index"), SOUGHT, ids=["registration number", "RT", "office"])
async def test_looking_reads_by_indexes(acting: Asking, database: Settings, sought: dict[str, Any], index: str) -> None:
    """As the service role, by the plans that it keeps: what was scanned is counted by PostgreSQL itself."""
    for statement in (MANY, "ANALYZE titik.point, titik.revision"):
        async with open_once(database.owner_dsn) as session:
            await session.run(Statement(statement))
    async with acting("pic", MOJOROTO) as session:
        assert await alike(session, a_revision(**sought)) == ()
        scans = await session.one(Statement(SCANS), index=f"titik.{index}")
        assert (scans["whole"], scans["key"]) == (0, 1)
        assert scans["place"] >= 1
