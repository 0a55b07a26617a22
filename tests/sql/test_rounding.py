"""The public place of what is rounded: in its kelurahan, never finer than promised, and always the same."""

import random
from typing import Any
from uuid import UUID

import pytest
import shapely

from app.access.rights import Actor
from app.accounts import service as accounts
from app.accounts.schemas import NewAccount
from app.boundaries import queries as boundaries
from app.connections import open_once
from app.db import WriteSession
from app.demo.points import REVIEWER, WRITER
from app.points import service as points
from app.published import projection
from app.reviews import service as reviews
from app.reviews.service import Decision
from app.settings import Settings
from tests.factories import a_feature, value

pytestmark = pytest.mark.anyio

PLACES = 200
PUBLIC = """
    SELECT jsonb_object_agg(i.id, jsonb_build_array(ST_X(i.geom), ST_Y(i.geom), i.feature::jsonb -> 'geometry' -> 'coordinates'))
      FROM published.item i WHERE i.category = 'rt'
"""
TRUE = (
    "SELECT jsonb_object_agg(point_id, jsonb_build_array(kelurahan, ST_X(geom), ST_Y(geom))) FROM titik.revision WHERE state = 'published'"
)


def some_places(polygons: list[Any]) -> list[tuple[str, float, float]]:
    """Places all over the city, every fourth within a few metres of a boundary, where rounding leads astray."""
    dice = random.Random(3571)
    found: list[tuple[str, float, float]] = []
    while len(found) < PLACES:
        one = dice.choice(polygons)
        if len(found) % 4 == 0:
            edge = one.geometry.boundary.interpolate(dice.random(), normalized=True)
            lon, lat = edge.x + dice.uniform(-5e-5, 5e-5), edge.y + dice.uniform(-5e-5, 5e-5)
        else:
            west, south, east, north = one.geometry.bounds
            lon, lat = dice.uniform(west, east), dice.uniform(south, north)
        lon, lat = round(lon, 7), round(lat, 7)
        if shapely.contains_xy(one.geometry, lon, lat):
            found.append((one.code, lon, lat))
    return found


async def publish_places(session: WriteSession, places: list[tuple[str, float, float]]) -> None:
    codes = sorted({code for code, _, _ in places})
    writer = Actor(
        await accounts.add_account(session, NewAccount(name=WRITER, role="pic", kelurahan=list(codes))), WRITER, "pic", tuple(codes)
    )
    reviewer = Actor(await accounts.add_account(session, NewAccount(name=REVIEWER, role="walidata")), REVIEWER, "walidata")
    for number, (code, lon, lat) in enumerate(places):
        feature = a_feature(lon, lat, name=None, jenis=None, rt=str(number % 90 + 1), rw=str(number // 90 + 1), kelurahan=code)
        written = await points.submit(session, writer, "rt", feature)
        revision = UUID((written.feature or {})["properties"]["revision"])
        await reviews.decide(session, reviewer, revision, Decision(decision="publish"))


async def test_rounded_places_stay_in_their_kelurahan_and_are_always_the_same(database: Settings) -> None:
    """The same also when they are published again: somebody who collects rounded places of one point learns no more than from one."""
    async with open_once(database.owner_dsn) as session:
        polygons = {one.code: one for one in await boundaries.active_boundaries(session)}
        await publish_places(session, some_places(list(polygons.values())))
    async with open_once(database.owner_dsn) as session:
        public, true = await value(session, PUBLIC), await value(session, TRUE)
        assert len(public) == PLACES
        for point, (lon, lat, shown) in public.items():
            code, true_lon, true_lat = true[point]
            assert shown == [lon, lat] == [round(lon, 3), round(lat, 3)]
            assert shapely.intersects_xy(polygons[code].geometry, lon, lat)
            assert (lon, lat) != (true_lon, true_lat)
            assert max(abs(lon - true_lon), abs(lat - true_lat)) <= 0.004_5
        for again in ("publish", "publish", "rebuild", "refresh"):
            if again == "publish":
                ids = [UUID(point) for point in public]
                random.Random(1).shuffle(ids)
                await projection.publish(session, ids[:90])
                await projection.publish(session, ids[90:])
            else:
                await (projection.rebuild(session) if again == "rebuild" else projection.refresh_rounded(session))
            assert await value(session, PUBLIC) == public, again
