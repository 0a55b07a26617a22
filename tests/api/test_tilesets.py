"""What maps are told of tiles, and that the tiles are so: tilesets, TileJSON, the style, addresses with a version."""

import re
from typing import Any

import mapbox_vector_tile
import pytest
import shapely

from app.connections import open_once
from app.http.conformance import CONFORMANCE
from app.settings import Settings
from app.tiles.documents import collection_links, landing_links
from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, activate_grid, code_of, published, tile_of, value

pytestmark = pytest.mark.anyio

QUAD = "WebMercatorQuad"
COLLECTIONS = ["posyandu", "rt", "points", "kelurahan", "kecamatan"]
PATHS = [*(f"/collections/{name}/tiles" for name in COLLECTIONS), "/tiles"]
HERE = "http://titik.test"


async def get(client: Client, path: str) -> Any:
    answer = await client.get(path.removeprefix(HERE))
    assert answer.status_code == 200, answer.text
    return answer.json()


def link(document: Any, rel: str) -> str:
    (found,) = [one["href"] for one in document["links"] if one["rel"].endswith(rel)]
    assert found.startswith(HERE)
    return str(found)


async def layers(client: Client, path: str) -> dict[str, Any]:
    answer = await client.get(path.removeprefix(HERE))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    return dict(mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})) if answer.content else {}


@pytest.fixture
async def two(as_role: AsRole) -> None:
    """A posyandu and an RT are public."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature())
    await published(pic, walidata, a_feature(112.0020, name=None, jenis=None, rt="3", rw="1"), "rt")


# -- OGC API Tiles


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("path", PATHS)
async def test_from_the_list_one_finds_the_tileset_and_its_tiles(client: Client, path: str) -> None:
    listed = await get(client, path)
    (one,) = listed["tilesets"]
    # Whoever follows every link gets JSON, as OGC's own suite of tests does.
    for other in one["links"]:
        if not other.get("templated"):
            assert (await client.get(other["href"])).headers["content-type"] == "application/json"
    tileset = await get(client, link(one, "self"))
    assert one == tileset
    assert tileset["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert link(tileset, "tiling-scheme") == f"{HERE}/tileMatrixSets/{QUAD}"
    z, y, x = tile_of(*IN_MOJOROTO, 14).split("/")
    shown = await layers(client, link(tileset, "item").format(tileMatrix=z, tileRow=y, tileCol=x))
    assert shown.keys() <= {layer["id"] for layer in tileset["layers"]}
    for layer in tileset["layers"]:
        if layer["id"] not in ("labels", "clusters"):
            assert layer["id"] in shown
        for feature in shown.get(layer["id"], {"features": []})["features"]:
            assert feature["properties"].keys() <= layer["propertiesSchema"]["properties"].keys()
            assert {"Point": 0, "Polygon": 2, "MultiPolygon": 2}[feature["geometry"]["type"]] == layer["geometryDimension"]
    limits = {int(limit["tileMatrix"]): limit for limit in tileset["tileMatrixSetLimits"]}
    assert list(limits) == list(range(23))
    assert limits[14]["minTileRow"] <= int(y) <= limits[14]["maxTileRow"]
    assert limits[14]["minTileCol"] <= int(x) <= limits[14]["maxTileCol"]
    (west, south), (east, north) = tileset["boundingBox"]["lowerLeft"], tileset["boundingBox"]["upperRight"]
    # The RT is shown at a place rounded to thousandths.
    assert west <= IN_MOJOROTO[0] + 0.0005
    assert east >= IN_MOJOROTO[0] - 0.0005
    assert south <= IN_MOJOROTO[1] + 0.0005
    assert north >= IN_MOJOROTO[1] - 0.0005


@pytest.mark.usefixtures("two")
async def test_limits_are_those_of_the_data(client: Client, as_role: AsRole) -> None:
    async def bounds(path: str, query: str = "") -> list[float]:
        box = (await get(client, f"{path}/{QUAD}{query}"))["boundingBox"]
        told: list[float] = (await get(client, f"{path}/{QUAD}/tilejson.json{query}"))["bounds"]
        assert told == [*box["lowerLeft"], *box["upperRight"]]
        return told

    lon, lat = IN_MOJOROTO
    rt, posyandu, city = "/collections/rt/tiles", "/collections/posyandu/tiles", await bounds("/collections/kelurahan/tiles")
    assert await bounds(posyandu) == [lon, lat, lon, lat]
    assert await bounds("/collections/points/tiles") == await bounds("/tiles", "?collections=rt,posyandu") == [lon, lat, 112.0020, -7.804]
    # Of nothing, and of areas, it is the city.
    assert (
        await bounds("/collections/pos_kamling/tiles")
        == await bounds("/tiles")
        == await bounds("/tiles", "?collections=rt,kecamatan")
        == city
    )
    # Beyond the limits there is nothing, within them there is.
    for zoom in (0, 9, 14, 18, 22):
        (limit,) = [one for one in (await get(client, f"{posyandu}/{QUAD}"))["tileMatrixSetLimits"] if one["tileMatrix"] == str(zoom)]
        for row in range(max(limit["minTileRow"] - 1, 0), min(limit["maxTileRow"] + 1, 2**zoom - 1) + 1):
            for column in range(max(limit["minTileCol"] - 1, 0), min(limit["maxTileCol"] + 1, 2**zoom - 1) + 1):
                within = limit["minTileRow"] <= row <= limit["maxTileRow"] and limit["minTileCol"] <= column <= limit["maxTileCol"]
                assert bool(await layers(client, f"{posyandu}/{QUAD}/{zoom}/{row}/{column}")) == within
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(112.0030, lat + 0.0005, name=None, jenis=None, rt="4", rw="1"), "rt")
    assert await bounds(rt) == [112.0020, -7.804, 112.0030, -7.804]
    assert await bounds(posyandu) == [lon, lat, lon, lat]


async def test_the_grid_is_told_whole(client: Client) -> None:
    (listed,) = (await get(client, "/tileMatrixSets"))["tileMatrixSets"]
    assert link(listed, "self") == link(listed, "item")
    grid = await get(client, link(listed, "self"))
    assert (grid["id"], grid["crs"]) == (QUAD, "http://www.opengis.net/def/crs/EPSG/0/3857")
    assert [matrix["id"] for matrix in grid["tileMatrices"]] == [str(zoom) for zoom in range(23)]
    first, last = grid["tileMatrices"][0], grid["tileMatrices"][22]
    # OGC 17-083r4, D.1.
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-9)
    assert first["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
    assert (last["matrixWidth"], last["cellSize"]) == (2**22, first["cellSize"] / 2**22)


@pytest.mark.usefixtures("two")
async def test_a_tile_of_everything_has_the_chosen_collections(client: Client) -> None:
    tile = tile_of(*IN_MOJOROTO, 14)
    assert (await layers(client, f"/tiles/{QUAD}/{tile}")).keys() == {"kecamatan", "kelurahan", "labels", "points"}
    one = await layers(client, f"/tiles/{QUAD}/{tile}?collections=rt")
    assert [feature["properties"]["category"] for feature in one["points"]["features"]] == ["rt"]
    some = await layers(client, f"/tiles/{QUAD}/{tile}?collections=kelurahan,posyandu")
    assert "kecamatan" not in some
    assert {feature["properties"]["category"] for feature in some["points"]["features"]} == {"posyandu"}
    both = await layers(client, f"/tiles/{QUAD}/{tile}?collections=points")
    assert both.keys() == {"points"}
    assert {feature["properties"]["category"] for feature in both["points"]["features"]} == {"posyandu", "rt"}
    low = await layers(client, f"/tiles/{QUAD}/{tile_of(*IN_MOJOROTO, 5)}?collections=points")
    (cluster,) = low["clusters"]["features"]
    assert cluster["properties"] == {"point_count": 2, "count_posyandu": 1, "count_rt": 1}


REFUSED = {
    f"/tiles/{QUAD}/0/0/0?collections=warung": (400, "invalid-parameter"),
    f"/tiles/{QUAD}/0/0/0?collections=": (400, "invalid-parameter"),
    f"/tiles/{QUAD}/23/0/0": (400, "invalid-parameter"),
    f"/tiles/{QUAD}/3/8/0": (400, "invalid-parameter"),
    f"/tiles/{QUAD}/03/0/0": (400, "invalid-parameter"),
    f"/collections/kelurahan/tiles/{QUAD}/3/0/8": (400, "invalid-parameter"),
    f"/collections/posyandu/tiles/{QUAD}/0/0/0?collections=rt": (400, "invalid-parameter"),
    f"/collections/warung/tiles/{QUAD}/0/0/0": (404, "collection-unknown"),
    "/collections/warung/tiles": (404, "collection-unknown"),
    f"/v/0/collections/warung/tiles/{QUAD}/0/0/0": (404, "collection-unknown"),
    "/collections/posyandu/tiles/WorldCRS84Quad": (404, "not-found"),
    "/tiles/WorldCRS84Quad/0/0/0": (404, "not-found"),
    "/tiles/WorldCRS84Quad/tilejson.json": (404, "not-found"),
    "/tileMatrixSets/WorldCRS84Quad": (404, "not-found"),
    "/styles/lain": (404, "not-found"),
    "/styles/titik?labels=maybe": (400, "invalid-parameter"),
}


@pytest.mark.parametrize("path", REFUSED)
async def test_what_there_is_not_is_refused(client: Client, path: str) -> None:
    status, code = REFUSED[path]
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    if status == 404:
        assert code_of(answer) == (status, code)


async def test_links_and_classes_for_the_first_page_and_the_collections(client: Client) -> None:
    for one in (*landing_links(HERE), *collection_links(HERE, "posyandu")):
        await get(client, one["href"])
    document = await get(client, "/api")
    named = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert {f"{kind}.{name}" for kind in ("collections", "dataset") for name in ("getTile", "getTileSet", "getTileSetsList")} <= named
    assert len([one for one in CONFORMANCE if "ogcapi-tiles-1" in one]) == 8


# -- TileJSON


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("path", [*PATHS, "/tiles?collections=rt,kelurahan"])
async def test_tilejson_says_where_tiles_are_and_what_is_in_them(client: Client, path: str) -> None:
    base, question, query = path.partition("?")
    document = await get(client, f"{base}/{QUAD}/tilejson.json{question}{query}")
    assert document["tilejson"] == "3.0.0"
    (template,) = document["tiles"]
    assert re.fullmatch(rf"{HERE}/v/[0-9e-]+{base}/{QUAD}/{{z}}/{{y}}/{{x}}(\?{query})?", template)
    assert 0 <= document["minzoom"] <= document["maxzoom"] <= 30
    west, south, east, north = document["bounds"]
    lon, lat, zoom = document["center"]
    assert west <= lon <= east
    assert south <= lat <= north
    assert document["minzoom"] <= zoom <= document["maxzoom"]
    known = {layer["id"]: layer for layer in document["vector_layers"]}
    for zoom in (5, 9, 12, 16):
        z, y, x = tile_of(*IN_MOJOROTO, zoom).split("/")
        for name, layer in (await layers(client, template.format(z=z, y=y, x=x))).items():
            assert known[name]["minzoom"] <= zoom
            assert all(feature["properties"].keys() <= known[name]["fields"].keys() for feature in layer["features"])


# -- the style


async def test_the_style_draws_what_the_tiles_have_and_fetches_nothing_else(client: Client) -> None:
    style = await get(client, "/styles/titik")
    (listed,) = (await get(client, "/styles"))["styles"]
    assert listed["links"][0]["href"] == f"{HERE}/styles/titik"
    assert style["version"] == 8
    assert not {"glyphs", "sprite"} & style.keys()
    (source,) = style["sources"].values()
    there_are = {layer["id"] for layer in (await get(client, source["url"]))["vector_layers"]}
    drawn = {layer["source-layer"] for layer in style["layers"] if "source-layer" in layer}
    assert drawn == there_are == {"kecamatan", "kelurahan", "labels", "points", "clusters"}
    ids = [layer["id"] for layer in style["layers"]]
    assert len(set(ids)) == len(ids)
    assert [layer["id"] for layer in style["layers"] if layer["type"] == "symbol"]
    bare = await get(client, "/styles/titik?labels=false")
    assert [layer for layer in bare["layers"] if layer["type"] == "symbol"] == []


# -- versions


@pytest.mark.usefixtures("two")
async def test_who_has_this_version_gets_304_and_after_publishing_the_new_one(client: Client, as_role: AsRole) -> None:
    for path in (f"/collections/posyandu/tiles/{QUAD}/{tile_of(*IN_MOJOROTO, 14)}", f"/tiles/{QUAD}/{tile_of(*IN_MOJOROTO, 14)}"):
        first = await client.get(path)
        assert first.headers["cache-control"] == "public, max-age=5, must-revalidate"
        again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.head(path)).headers["etag"] == first.headers["etag"]
        pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
        await published(pic, walidata, a_feature(112.0024, name=f"Posyandu {len(path)}"))
        changed = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200
        assert changed.content != first.content


@pytest.mark.usefixtures("two")
async def test_the_address_of_a_version_is_for_ever_and_an_old_one_leads_on(client: Client, as_role: AsRole) -> None:
    tile = tile_of(*IN_MOJOROTO, 14)
    for path, query in (("/collections/rt/tiles", ""), ("/collections/kelurahan/tiles", ""), ("/tiles", "?collections=rt")):
        document = await get(client, f"{path}/{QUAD}/tilejson.json{query}")
        z, y, x = tile.split("/")
        address = document["tiles"][0].format(z=z, y=y, x=x)
        kept = await client.get(address)
        assert (kept.status_code, kept.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert kept.content == (await client.get(f"{path}/{QUAD}/{tile}{query}")).content
        old = await client.get(address.replace("/v/", "/v/0"))
        assert (old.status_code, old.headers["cache-control"]) == (307, "no-store")
        assert old.headers["location"] == f"{HERE}{path}/{QUAD}/{tile}{query}"
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(112.0030, name=None, jenis=None, rt="4", rw="1"), "rt")
    assert (await client.get(address)).status_code == 307


# -- areas


@pytest.mark.parametrize("zoom", [5, 8, 9, 10, 11, 13, 16])
async def test_areas_meet_at_their_edges_in_every_tile(client: Client, zoom: int) -> None:
    shown = await layers(client, f"/tiles/{QUAD}/{tile_of(*IN_MOJOROTO, zoom)}?collections=kelurahan,kecamatan")
    assert ("kelurahan" in shown) == (zoom >= 10)
    assert "kecamatan" in shown
    for name in shown.keys() - {"labels"}:
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in shown[name]["features"]]
        ids = [feature["id"] for feature in shown[name]["features"]]
        assert ids == sorted(int(feature["properties"]["code"].replace(".", "")) for feature in shown[name]["features"])
        whole = shapely.union_all(shapely.make_valid(shapes))
        # Whole units are as fine as a tile goes: what is lost or doubled is less than a unit along every edge.
        assert abs(sum(shape.area for shape in shapes) - whole.area) <= sum(shape.length for shape in shapes)
        holes = [ring for part in shapely.get_parts(whole) for ring in getattr(part, "interiors", ())]
        assert all(shapely.Polygon(ring).area < 16 for ring in holes)


async def test_every_edge_is_stored_the_same_on_both_sides(database: Settings) -> None:
    async with open_once(database.owner_dsn) as session:
        bands = await value(session, "SELECT array_agg(DISTINCT (level, min_zoom)::text) FROM published.area_shape")
        assert len(bands) == 8
        for level, number in (("kelurahan", 46), ("kecamatan", 3)):
            gaps = f"""
                SELECT array_agg(number = {number} AND abs(parts - whole) < 1 AND holes = 0) FROM (
                    SELECT count(*) AS number, sum(ST_Area(geom_mercator)) AS parts, ST_Area(ST_Union(geom_mercator)) AS whole,
                           ST_NumInteriorRings(ST_GeometryN(ST_Multi(ST_Union(geom_mercator)), 1)) AS holes
                      FROM published.area_shape WHERE level = '{level}' GROUP BY min_zoom) band
            """
            assert set(await value(session, gaps)) == {True}


async def test_areas_follow_the_active_edition(grid: Settings, client: Client, database: Settings) -> None:
    shown = await layers(client, f"/collections/kelurahan/tiles/{QUAD}/{tile_of(112.005, -7.805, 13)}")
    assert len(shown["kelurahan"]["features"]) <= 5
    names = {feature["properties"]["name"] for feature in shown["labels"]["features"]}
    assert "Mojoroto" in names
    async with open_once(database.owner_dsn) as session:
        feature = await value(session, "SELECT feature::jsonb FROM published.area WHERE code = :code", code=MOJOROTO)
        text = await value(session, "SELECT feature FROM published.area WHERE code = '35.71.01'")
        assert await value(session, "SELECT array_agg(code ORDER BY code) FROM published.area WHERE level = 'kecamatan'") == ["35.71.01"]
        # Made anew they are the same.
        before = await value(session, "SELECT md5(string_agg(s::text, '' ORDER BY code, min_zoom)) FROM published.area_shape s")
    await activate_grid(grid)
    async with open_once(database.owner_dsn) as session:
        assert await value(session, "SELECT md5(string_agg(s::text, '' ORDER BY code, min_zoom)) FROM published.area_shape s") == before
    assert (feature["id"], feature["geometry"]["type"]) == (MOJOROTO, "MultiPolygon")
    assert feature["properties"]["kecamatan"] == "Mojoroto"
    assert re.search(
        r'"properties":\{"code":"35.71.01","bps_code":"\d+","name":"Mojoroto","kecamatan":"Mojoroto","area_km2":[\d.]+\}\}$', text
    )
