"""The whole way: a phone posts, the service judges, the walidata publishes, everybody reads."""

import mapbox_vector_tile

from tests.conftest import AsRole, Client
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, tile_of


async def test_a_point_goes_in_and_comes_out(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")

    posted = await pic.post("/collections/posyandu/items", json=a_feature(rt="RT.1", rw="2"))
    assert posted.status_code == 201
    feature = posted.json()
    assert feature["properties"]["placement"]["verdict"] == "inside"
    assert (feature["properties"]["rt"], feature["properties"]["kelurahan"]) == ("01", MOJOROTO)
    assert (await client.get(posted.headers["location"])).status_code == 404

    decided = await walidata.post(f"/reviews/{feature['properties']['revision']}/decision", json={"decision": "publish"})
    assert decided.status_code == 200, decided.text

    page = (await client.get("/collections/posyandu/items")).json()
    assert [item["id"] for item in page["features"]] == [feature["id"]]
    tile = await client.get(f"/collections/posyandu/tiles/WebMercatorQuad/{tile_of(*IN_MOJOROTO, 14)}")
    layer = mapbox_vector_tile.decode(tile.content)["posyandu"]
    assert [one["properties"]["id"] for one in layer["features"]] == [feature["id"]]
