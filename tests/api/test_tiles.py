"""Tiles, opened by a reader of Mapbox Vector Tiles."""

import math
from typing import Any

import mapbox_vector_tile
import pytest

from app.connections import open_once
from app.db import WriteSession
from app.published import projection
from app.settings import Settings
from app.tiles import tiles
from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, execute, published, tile_of, value

pytestmark = pytest.mark.anyio

TILES = "/collections/posyandu/tiles/WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"
EXTENT, BUFFER = 4096, 64
MOST_BYTES = 500_000
# Ready-made rows; the path from post to row is tested elsewhere. `{lon}` and `{lat}` are made of n.
ROWS = """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties, feature, common_length, place, words)
    SELECT md5(n::text)::uuid, n, {category}, '35.71.01.1011', '35.71.01', n || repeat('N', 180), geom, ST_Transform(geom, 3857), now(), 1,
           '{{"kelurahan_name": "Mojoroto", "status": "active"}}', '{{}}', 1, titik.place(ST_X(geom), ST_Y(geom)), 'p' || n
      FROM (SELECT n, ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326) AS geom FROM generate_series(1, {number}) n) made
"""
# 20,000 points of two categories on a grid around Kediri, and 50,000 of one within a few metres.
SPREAD = ROWS.format(
    category="(ARRAY['posyandu', 'rt'])[1 + n % 2]", lon="111.8 + n % 200 * 0.002", lat="-8.0 + n / 200 * 0.004", number=20_000
)
PILE = ROWS.format(category="'posyandu'", lon="112.0016 + n % 7 * 0.00001", lat="-7.8041 + n % 11 * 0.00001", number=50_000)


def layers_of(content: bytes) -> dict[str, Any]:
    """Rows counted downwards."""
    found: dict[str, Any] = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True}) if content else {}
    return found


async def get(client: Client, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MVT), answer.text
    assert len(answer.content) <= MOST_BYTES
    return layers_of(answer.content)


async def layer_of(client: Client, tile: str) -> dict[str, Any]:
    """The one layer of a tile."""
    layers = await get(client, f"{TILES}/{tile}")
    (layer,) = layers.values()
    assert layers.keys() == {"posyandu" if int(tile.split("/", maxsplit=1)[0]) >= 10 else "clusters"}
    found: dict[str, Any] = layer
    return found


async def fill(database: Settings, rows: str) -> None:
    async with open_once(database.owner_dsn) as session:
        await execute(session, rows)


def units(lon: float, lat: float, tile: str) -> tuple[float, float]:
    """Where a place is in a tile, in units of its extent."""
    zoom, row, column = map(int, tile.split("/"))
    across = (lon + 180) / 360 * 2**zoom - column
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom - row
    return across * EXTENT, down * EXTENT


def all_tiles(zoom: int, west: float, south: float, east: float, north: float) -> list[str]:
    _, first_row, first_column = map(int, tile_of(west, north, zoom).split("/"))
    _, last_row, last_column = map(int, tile_of(east, south, zoom).split("/"))
    return [f"{zoom}/{y}/{x}" for y in range(first_row, last_row + 1) for x in range(first_column, last_column + 1)]


def is_own(feature: dict[str, Any]) -> bool:
    """Whether a point lies in the tile itself, not only in its buffer."""
    x, y = feature["geometry"]["coordinates"]
    return bool(0 <= x < EXTENT and 0 <= y < EXTENT)


# -- points


@pytest.mark.parametrize("zoom", [0, 6, 10, 14, 18, 22])
async def test_every_point_is_where_it_is(as_role: AsRole, client: Client, owner: WriteSession, zoom: int) -> None:
    point = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    tile = tile_of(*IN_MOJOROTO, zoom)
    layer = await layer_of(client, tile)
    assert (layer["version"], layer["extent"]) == (2, EXTENT)
    (drawn,) = layer["features"]
    if zoom < 10:
        assert drawn["properties"] == {"point_count": 1}
    else:
        assert drawn["id"] == await value(owner, "SELECT feature_id FROM titik.point")
        assert drawn["properties"] == {
            "id": point["id"],
            "name": "Posyandu Melati",
            "kelurahan": MOJOROTO,
            "kelurahan_name": "Mojoroto",
            "category": "posyandu",
            "status": "active",
        }
    assert drawn["geometry"]["type"] == "Point"
    for shown, exact in zip(drawn["geometry"]["coordinates"], units(*IN_MOJOROTO, tile), strict=True):
        # Half a unit, and what float64 loses on the way through metres.
        assert abs(shown - exact) <= 0.501


@pytest.mark.parametrize("zoom", [10, 13, 17, 19, 22])
async def test_a_symbol_at_an_edge_is_in_both_tiles(grid: Settings, as_role: AsRole, client: Client, zoom: int) -> None:
    """Within the buffer it is drawn on both sides; beyond it, on its own alone."""
    width = 360 / 2**zoom
    edge = math.floor((112.005 + 180) / width) * width - 180
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    if zoom < 14:  # an edge so coarse lies outside the squares
        async with open_once(grid.owner_dsn) as session:
            for n, units_beside in enumerate((BUFFER - 4, BUFFER + 4), 1):
                lon = edge - width * units_beside / EXTENT
                await execute(session, ROWS.format(category="'posyandu'", lon=lon, lat=-7.805, number=1).replace("md5(n", f"md5({n}"))
        near, beyond = [str(row) for row in await _ids(grid)]
    else:
        near = (await published(pic, walidata, a_feature(edge - width * (BUFFER - 4) / EXTENT, -7.805)))["id"]
        beyond = (await published(pic, walidata, a_feature(edge - width * (BUFFER + 4) / EXTENT, -7.805)))["id"]
    west, east = tile_of(edge - width / 2, -7.805, zoom), tile_of(edge + width / 2, -7.805, zoom)
    assert {one["properties"]["id"] for one in (await layer_of(client, west))["features"]} == {near, beyond}
    (drawn,) = (await layer_of(client, east))["features"]
    assert drawn["properties"]["id"] == near
    assert abs(drawn["geometry"]["coordinates"][0] + (BUFFER - 4)) <= 1


async def _ids(settings: Settings) -> list[Any]:
    async with open_once(settings.owner_dsn) as session:
        return list(await value(session, "SELECT array_agg(id ORDER BY ST_X(geom) DESC) FROM published.item"))


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


async def test_however_the_rows_lie_the_bytes_are_the_same(database: Settings, owner: WriteSession, client: Client) -> None:
    await fill(database, SPREAD)
    tiles_of_it = [tile for zoom in (8, 11, 14) for tile in all_tiles(zoom, 111.9, -7.9, 112.0, -7.8)[:6]]
    paths = [f"/collections/points/tiles/WebMercatorQuad/{tile}" for tile in tiles_of_it]
    before = [(await client.get(path)).content for path in paths]
    assert all(before)
    for table, index in (("item", "ix_item_category_kelurahan_place_id"), ("cluster", "pk_cluster")):
        await execute(owner, f"CLUSTER published.{table} USING {index}")
    await execute(owner, "ANALYZE published.item, published.cluster")
    await owner.run(projection.REBUILD_CLUSTERS[0])
    # Nothing of it is remembered: the version has changed.
    await execute(owner, "UPDATE published.collection SET version = version + 1")
    await execute(owner, "COMMIT")
    await client._transport.app.state.services.catalogue.refresh()  # type: ignore[attr-defined]
    assert [(await client.get(path)).content for path in paths] == before


async def test_where_nothing_lies_the_tile_is_empty(client: Client) -> None:
    answer = await client.get(f"{TILES}/14/0/0")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", MVT)


async def test_a_tile_holds_its_own_category_only(as_role: AsRole, client: Client) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(jenis=None), "pos_kamling")
    for zoom in (6, 14):
        assert await get(client, f"{TILES}/{tile_of(*IN_MOJOROTO, zoom)}") == {}
        assert len(await get(client, f"/collections/points/tiles/WebMercatorQuad/{tile_of(*IN_MOJOROTO, zoom)}")) == 1


# -- remembered


async def test_what_was_answered_is_answered_again_until_it_changes(
    as_role: AsRole, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its address alone, without a handler; never to who has a token or has it already; in each encoding for itself."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature())
    tile = f"{TILES}/{tile_of(*IN_MOJOROTO, 14)}"
    encodings = ("identity", "gzip", "br")
    first = {encoding: await client.get(tile, headers={"Accept-Encoding": encoding}) for encoding in encodings}
    with monkeypatch.context() as patch:
        patch.setattr("app.routers.tiles._tile", None)
        for encoding, before in first.items():
            again = await client.get(tile, headers={"Accept-Encoding": encoding})
            assert (again.status_code, again.content) == (200, before.content)
            changing = {"x-request-id", "ratelimit"}
            assert {name: value for name, value in again.headers.items() if name not in changing} == {
                name: value for name, value in before.headers.items() if name not in changing
            }
        for headers in ({"If-None-Match": first["identity"].headers["etag"]}, {"Authorization": "Bearer x"}):
            with pytest.raises(TypeError):
                await client.get(tile, headers=headers)
    assert len({answer.headers["etag"] for answer in first.values()}) == 3
    await published(pic, walidata, a_feature(name="Posyandu Kenanga"))
    after = await client.get(tile, headers={"Accept-Encoding": "identity"})
    assert len(layers_of(after.content)["posyandu"]["features"]) == 2
    inside = await pic.get(tile, headers={"Accept-Encoding": "identity"})
    assert "private" in inside.headers["cache-control"]
    assert "private" not in (await client.get(tile, headers={"Accept-Encoding": "identity"})).headers["cache-control"]


async def test_what_is_oddly_long_is_refused_or_not_remembered(client: Client) -> None:
    """Its address would take more room than its tile."""
    assert (await client.get(f"/tiles/WebMercatorQuad/{'9' * 5_000}/0/0")).status_code == 400
    remembered = client._transport.app.state.services.remembered  # type: ignore[attr-defined]
    before = len(remembered._answers)
    for path in (f"{TILES}/14/0/0?{'&' * 600}", f"{TILES}/14/0/0"):
        assert (await client.get(path, headers={"Accept-Encoding": "gzip"})).status_code == 200
    await client.get(f"{TILES}/14/0/1", headers={"Accept-Encoding": "gzip," + " " * 600})
    assert len(remembered._answers) == before + 1


# -- clusters


async def test_every_point_is_in_just_one_tile_by_itself_or_in_a_number(database: Settings, client: Client) -> None:
    await fill(database, SPREAD)
    shares = {zoom: await count(client, zoom) for zoom in (4, 7, 9, 10, 11, 12, 13)}
    assert shares[9] == 20_000
    assert 0 < shares[11] < 20_000  # at its edges the grid fills only parts of tiles
    assert shares[13] == 0


async def count(client: Client, zoom: int) -> int:
    """Counts all points over all tiles of a zoom; gives how many of them are in clusters."""
    counted = dict.fromkeys(("posyandu", "rt"), 0)
    in_clusters, identities = 0, set[tuple[str, int]]()
    for tile in all_tiles(zoom, 111.79, -8.01, 112.21, -7.59):
        layers = await get(client, f"/collections/points/tiles/WebMercatorQuad/{tile}")
        assert {"points", "clusters"} != {name for name, layer in layers.items() if any(map(is_own, layer["features"]))}
        for name, layer in layers.items():
            ids = [one["id"] for one in layer["features"]]
            assert len(set(ids)) == len(ids)
            if name == "clusters":
                assert ids == sorted(ids)
            for one in filter(is_own, layer["features"]):
                assert (name, one["id"]) not in identities
                identities.add((name, one["id"]))
                if name == "points":
                    counted[one["properties"]["category"]] += 1
                    continue
                numbers = {category: one["properties"].get(f"count_{category}", 0) for category in counted}
                assert sum(numbers.values()) == one["properties"]["point_count"]
                in_clusters += one["properties"]["point_count"]
                for category, number in numbers.items():
                    counted[category] += number
    assert counted == {"posyandu": 10_000, "rt": 10_000}
    return in_clusters


async def test_a_pile_is_a_number_at_every_zoom(database: Settings, client: Client) -> None:
    """In the tile of its middle, and never as points."""
    await fill(database, PILE)
    for zoom in (0, 5, 10, 14, 17, 18, 19, 20, 22):
        total = 0
        for tile in all_tiles(zoom, 112.0015, -7.80415, 112.0018, -7.8039):
            layers = await get(client, f"{TILES}/{tile}")
            assert layers.keys() <= {"clusters"}
            total += sum(one["properties"]["point_count"] for layer in layers.values() for one in layer["features"] if is_own(one))
        assert total == 50_000, zoom


async def test_as_many_points_as_are_allowed_with_the_longest_names_stay_small(database: Settings, client: Client) -> None:
    lon, lat = IN_MOJOROTO
    rows = ROWS.format(category="'posyandu'", lon=f"{lon} + n % 37 * 0.0001", lat=f"{lat} + n / 37 * 0.0001", number=tiles.POINTS_AT_MOST)
    await fill(database, rows.replace("repeat('N', 180)", "repeat(U&'\\+01D579', 180)"))
    sizes = []
    for zoom in range(10, 19):
        answer = await client.get(f"{TILES}/{tile_of(lon, lat, zoom)}")
        sizes.append(len(answer.content))
    assert 200_000 < max(sizes) <= MOST_BYTES


async def test_what_is_published_is_in_the_number_at_once_and_gone_when_taken_back(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    tile = f"{TILES}/{tile_of(*IN_MOJOROTO, 6)}"
    first = await published(pic, walidata, a_feature())
    await published(pic, walidata, a_feature(112.0020))
    assert [one["properties"]["point_count"] for one in (await get(client, tile))["clusters"]["features"]] == [2]
    moved = await walidata.post(f"/points/{first['id']}/revisions", json={"move": "unpublish", "reason": "Salah tempat"})
    assert moved.status_code == 200, moved.text
    assert [one["properties"]["point_count"] for one in (await get(client, tile))["clusters"]["features"]] == [1]


# -- who may see more


async def test_with_a_token_the_same_tile_shows_the_exact_place(as_role: AsRole, client: Client) -> None:
    exact = (112.00163, -7.80412)
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(*exact, name=None, jenis=None, rt="3", rw="1"), "rt")
    tile = tile_of(*exact, 16)
    path = f"/collections/rt/tiles/WebMercatorQuad/{tile}"
    public = await client.get(path)
    internal = await (await as_role("opd")).get(path)
    assert internal.headers["cache-control"] == "private, no-store"
    assert "etag" not in internal.headers
    shown, exactly = (layers_of(one.content)["rt"]["features"][0]["geometry"]["coordinates"] for one in (public, internal))
    assert all(abs(a - b) <= 0.501 for a, b in zip(exactly, units(*exact, tile), strict=True))
    assert shown != exactly
    assert (await client.get(path, headers={"Authorization": "Bearer salah"})).status_code == 401
