"""What is done for many rows at once says what is said of one: places by polygons in memory, names by trigrams, likeness by one statement."""

import math
import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.connections import open_once
from app.db import WriteSession
from app.imports import queries
from app.imports.seen import RowKeys, Seen, similarity
from app.placement.locating import PlaceQuery, locate
from app.placement.polygons import Polygons
from app.settings import Settings
from app.statement import Statement
from tests.factories import MOJOROTO

pytestmark = pytest.mark.anyio

SIMILARITY = Statement("SELECT similarity(CAST(:one AS text), CAST(:other AS text))")
# What a single post takes.
SHARED = Statement("SELECT pg_try_advisory_xact_lock_shared(hashtextextended('alike rt', 0))")
NAMES = st.text(st.sampled_from("abcdeé Z0189-_/.'"), max_size=20)


@pytest.fixture
async def session(database: Settings) -> AsyncIterator[WriteSession]:
    async with open_once(database.owner_dsn) as opened:
        yield opened


async def test_polygons_in_memory_say_what_the_statement_says(session: WriteSession) -> None:
    dice = random.Random(20261124)
    places = [PlaceQuery(dice.uniform(111.95, 112.09), dice.uniform(-7.88, -7.77)) for _ in range(2_000)]
    polygons = await Polygons.load(session)
    around = polygons.around([place.lon for place in places], [place.lat for place in places])
    _, told = await locate(session, places)
    covered = 0
    for ours, theirs in zip(around, told, strict=True):
        assert {one.code for one in ours if one.covers} == {one.code for one in theirs if one.covers}
        if not any(one.covers for one in theirs):
            assert ours == ()
            continue
        covered += 1
        reach_m = polygons.edition.accuracy_m
        distances = {one.code: one.distance_m for one in ours}
        for other in theirs:
            if other.distance_m < reach_m - 1:
                assert abs(distances[other.code] - other.distance_m) < max(0.3, other.distance_m * 0.01)
        assert set(distances) >= {one.code for one in theirs if one.distance_m < reach_m - 1}
    assert covered > 500


async def test_polygons_of_squares_with_gaps_and_overlaps(grid: Settings) -> None:
    async with open_once(grid.owner_dsn) as session:
        polygons = await Polygons.load(session)
    inside, gap, overlap = polygons.around([112.0050, 112.01015, 112.0202], [-7.8050, -7.8050, -7.8050])
    assert [(one.code, one.covers) for one in inside] == [(MOJOROTO, True)]
    assert gap == ()
    assert [one.covers for one in overlap] == [True, True]


@pytest.mark.parametrize("is_last", [False, True])
async def test_those_who_post_wait_for_the_last_look_only(database: Settings, session: WriteSession, is_last: bool) -> None:  # noqa: FBT001 - a parameter
    nobody = UUID(int=0)
    await session.all(
        queries.TAKEN_SINCE, id=nobody, numbers=None, accept=[], accepted=[], refused=[], category="rt", since=nobody, commons=["kelurahan"], attributes=[], is_last=is_last
    )  # fmt: skip
    async with open_once(database.owner_dsn) as other:
        assert await other.value(SHARED) is not is_last


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(one=NAMES, other=NAMES)
async def test_names_are_alike_as_postgresql_says(session: WriteSession, one: str, other: str) -> None:
    assert similarity(one, other) == pytest.approx(await session.value(SIMILARITY, one=one, other=other), abs=1e-6)


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), max_size=40))
def test_rows_near_each_other_are_found_wherever_the_cells_lie(places: list[tuple[int, int]]) -> None:
    """Against looking at all of them."""
    seen = Seen()
    before: list[tuple[float, float]] = []
    for number, (east, north) in enumerate(places):
        lon, lat = 112.0 + east * 1e-4, -7.8 + north * 1e-4
        # 30 m, but for what the metres of a degree leave open.
        distances = [math.hypot((lon - x) * 0.99075, lat - y) * 110_500 for x, y in before]
        found = seen.compare([RowKeys(number, place=(lon, lat), name="Posyandu Melati")])
        codes = [one.code for one in found.get(number, ())]
        if any(distance < 29.5 for distance in distances):
            assert "rows-alike" in codes
        if all(distance > 30.5 for distance in distances):
            assert "rows-alike" not in codes
        before.append((lon, lat))
