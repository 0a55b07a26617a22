"""Tiles, opened by a reader of Mapbox Vector Tiles."""

import math
from typing import Any

import mapbox_vector_tile
import pytest

from app.db import WriteSession, open_once
from app.published import projection
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, published, tile_of, value

pytestmark = pytest.mark.anyio

TILES = "/collections/posyandu/tiles/WebMercatorQuad"
EXTENT, BUFFER = 4096, 64


async def layer_of(client: Client, tile: str) -> dict[str, Any]:
    """The one layer of a tile, rows counted downwards."""
    answer = await client.get(f"{TILES}/{tile}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    layers = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    assert layers.keys() == {"posyandu"}
    layer: dict[str, Any] = layers["posyandu"]
    return layer


def units(lon: float, lat: float, tile: str) -> tuple[float, float]:
    """Where a place is in a tile, in units of its extent."""
    zoom, row, column = map(int, tile.split("/"))
    across = (lon + 180) / 360 * 2**zoom - column
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom - row
    return across * EXTENT, down * EXTENT


@pytest.mark.parametrize("zoom", [0, 6, 14, 18, 22])
async def test_a_tile_has_one_layer_and_every_point_where_it_is(as_role: AsRole, client: Client, owner: WriteSession, zoom: int) -> None:
    point = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    tile = tile_of(*IN_MOJOROTO, zoom)
    layer = await layer_of(client, tile)
    assert (layer["version"], layer["extent"]) == (2, EXTENT)
    (drawn,) = layer["features"]
    assert drawn["id"] == await value(owner, "SELECT feature_id FROM titik.point")
    assert drawn["properties"] == {
        "id": point["id"],
        "name": "Posyandu Melati",
        "kelurahan": MOJOROTO,
        "kelurahan_name": "Mojoroto",
    }
    assert drawn["geometry"]["type"] == "Point"
    for shown, exact in zip(drawn["geometry"]["coordinates"], units(*IN_MOJOROTO, tile), strict=True):
        # Half a unit, and what float64 loses on the way through metres.
        assert abs(shown - exact) <= 0.501


async def test_a_symbol_at_an_edge_is_in_both_tiles(grid: Settings, as_role: AsRole, client: Client) -> None:
    """Within the buffer it is drawn on both sides; beyond it, on its own alone."""
    zoom = 17
    width = 360 / 2**zoom
    edge = (math.floor((112.005 + 180) / width)) * width - 180
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    near = await published(pic, walidata, a_feature(edge - width * (BUFFER - 4) / EXTENT, -7.805))
    beyond = await published(pic, walidata, a_feature(edge - width * (BUFFER + 4) / EXTENT, -7.805))
    west, east = tile_of(edge - width / 2, -7.805, zoom), tile_of(edge + width / 2, -7.805, zoom)
    assert {one["properties"]["id"] for one in (await layer_of(client, west))["features"]} == {near["id"], beyond["id"]}
    (drawn,) = (await layer_of(client, east))["features"]
    assert drawn["properties"]["id"] == near["id"]
    assert drawn["geometry"]["coordinates"][0] == -(BUFFER - 4)


async def test_the_same_data_is_the_same_bytes(as_role: AsRole, client: Client, database: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    points = [await published(pic, walidata, a_feature(name=f"Posyandu {number}")) for number in range(12)]
    tile = f"{TILES}/{tile_of(*IN_MOJOROTO, 14)}"
    before = (await client.get(tile)).content
    async with open_once(database.owner_dsn) as session:
        await projection.publish(session, [])
        for point in reversed(points):
            await projection.publish(session, [point["id"]])
    assert (await client.get(tile)).content == before


async def test_where_nothing_lies_there_is_no_content(client: Client) -> None:
    answer = await client.get(f"{TILES}/14/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_tile_holds_its_own_category_only(as_role: AsRole, client: Client) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(jenis=None), "pos_kamling")
    assert (await client.get(f"{TILES}/{tile_of(*IN_MOJOROTO, 14)}")).status_code == 204
