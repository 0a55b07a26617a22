"""Reading pages and single points, and posting with an id of one's own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from app.connections import open_once
from app.db import WriteSession
from app.settings import Settings
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, code_of, decision_of, execute, published, submitted, value

pytestmark = pytest.mark.anyio

POSYANDU = "/collections/posyandu/items"

# Ready-made rows, a grid of 150 by 67 around Kediri, for what needs many: the path from post to row is tested elsewhere.
MANY = """
    INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties, feature, common_length, place, words)
    SELECT made.id, n, 'posyandu', CASE WHEN n % 3 = 0 THEN '35.71.01.1011' ELSE '35.71.01.1006' END, '35.71.01', 'P' || n, geom,
           ST_Transform(geom, 3857), now(), 1, properties, feature, common_length, titik.place(ST_X(geom), ST_Y(geom)), 'p' || n
      FROM (SELECT n, gen_random_uuid() AS id, ST_SetSRID(ST_MakePoint(111.5 + (n % 150) * 0.005, -8 + (n / 150) * 0.005), 4326) AS geom
              FROM generate_series(0, 10049) n) made,
           LATERAL (SELECT jsonb_build_object('category', 'posyandu', 'name', 'P' || n) AS properties) shown,
           titik.fragment(made.id, geom, properties)
"""


@pytest.fixture
async def many(database: Settings) -> None:
    async with open_once(database.owner_dsn) as session:
        await execute(session, MANY)


async def pages(client: Client, address: str) -> AsyncIterator[dict[str, Any]]:
    """Every page from here on, by its `next` link."""
    following: str | None = address
    while following:
        answer = await client.get(following)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/geo+json"
        page = answer.json()
        yield page
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)


async def everything(client: Client, address: str, size: int) -> list[str]:
    """The ids of all pages; every page but the last is full."""
    sizes, ids = [], []
    async for page in pages(client, address):
        sizes.append(page["numberReturned"])
        ids += [feature["id"] for feature in page["features"]]
        assert page["numberReturned"] == len(page["features"])
    assert set(sizes[:-1]) <= {size}
    assert 0 < sizes[-1] <= size
    return ids


# -- pages


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("", "true"),
        ("&kelurahan=35.71.01.1011", "kelurahan = '35.71.01.1011'"),
        ("&bbox=111.6,-7.9,111.9,-7.8", "geom && ST_MakeEnvelope(111.6, -7.9, 111.9, -7.8, 4326)"),
        (
            "&bbox=111.6,-7.9,111.9,-7.8&kelurahan=35.71.01.1006",
            "kelurahan = '35.71.01.1006' AND geom && ST_MakeEnvelope(111.6, -7.9, 111.9, -7.8, 4326)",
        ),
    ],
    ids=["everything", "a kelurahan", "a box", "a box and a kelurahan"],
)
async def test_following_next_gives_everything_once_and_in_order(client: Client, owner: WriteSession, query: str, condition: str) -> None:
    """Along the curve of places, whatever is asked for."""
    wanted = await value(owner, f"SELECT array_agg(id::text ORDER BY place, id) FROM published.item WHERE {condition}")
    size = 1_000 if len(wanted) > 2_000 else 97
    assert len(wanted) > 2 * size
    assert await everything(client, f"{POSYANDU}?limit={size}{query}", size) == wanted


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("limit", ["10001", "1000000000"])
async def test_a_limit_above_the_maximum_is_clamped(client: Client, limit: str) -> None:
    sizes = [page["numberReturned"] async for page in pages(client, f"{POSYANDU}?limit={limit}")]
    assert sizes == [10_000, 50]


@pytest.mark.usefixtures("many")
async def test_a_page_has_ten_items_unless_asked_otherwise(client: Client) -> None:
    assert (await client.get(POSYANDU)).json()["numberReturned"] == 10
    assert (await client.get(f"{POSYANDU}?limit=1")).json()["numberReturned"] == 1


async def test_a_page_that_is_just_full_has_no_next(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    for _ in range(3):
        await published(pic, walidata, a_feature())
    assert [page["numberReturned"] async for page in pages(client, f"{POSYANDU}?limit=3")] == [3]
    assert [page["numberReturned"] async for page in pages(client, f"{POSYANDU}?limit=2")] == [2, 1]


async def test_an_empty_collection_is_an_empty_page(client: Client) -> None:
    page = (await client.get("/collections/pos_kamling/items")).json()
    assert (page["type"], page["features"], page["numberReturned"]) == ("FeatureCollection", [], 0)


LON, LAT = IN_MOJOROTO


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        (f"{LON},{LAT},{LON},{LAT}", 1),
        (f"{LON - 0.001},{LAT - 0.001},{LON},{LAT}", 1),
        (f"{LON + 0.0001},{LAT - 1},{LON + 1},{LAT + 1}", 0),
        ("-180,-90,180,90", 1),
        (f"{LON - 1},{LAT - 1},0,{LON + 1},{LAT + 1},100", 1),
        ("111,-8,-170,0", 1),
        ("113,-8,-170,0", 0),
        ("113,-8,112.5,0", 1),
        ("170,-8,-170,0", 0),
    ],
    ids=["a point", "its corner", "beside it", "the world", "with heights", "over the antimeridian", "that but past it",
         "almost around the world", "at the antimeridian"],
)  # fmt: skip
async def test_a_box_holds_what_it_touches_also_over_the_antimeridian(as_role: AsRole, client: Client, bbox: str, found: int) -> None:
    await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature())
    assert (await client.get(f"{POSYANDU}?bbox={bbox}")).json()["numberReturned"] == found


# -- GeoJSON


def check_feature(feature: dict[str, Any]) -> None:
    """RFC 7946 §3.2, §7.1; its points have degrees in the order lon, lat (§3.1.1)."""
    assert feature["type"] == "Feature"
    assert isinstance(feature["id"], str)
    assert not {"coordinates", "geometries", "features", "crs"} & feature.keys()
    assert isinstance(feature["properties"], dict)
    geometry = feature["geometry"]
    assert geometry.keys() == {"type", "coordinates"}
    assert geometry["type"] == "Point"
    lon, lat = geometry["coordinates"]
    assert isinstance(lon, float)
    assert 111 < lon < 113
    assert -9 < lat < -7


def check_collection(page: dict[str, Any]) -> None:
    """RFC 7946 §3.3, §7.1, and the links and members of OGC API Features §7.16."""
    assert page["type"] == "FeatureCollection"
    assert not {"coordinates", "geometries", "geometry", "properties", "crs"} & page.keys()
    for feature in page["features"]:
        check_feature(feature)
    assert page["numberReturned"] == len(page["features"])
    assert "timeStamp" not in page
    assert {"self", "collection"} <= {link["rel"] for link in page["links"]}
    assert all(link["href"].startswith("http://titik.test/") and link["type"] for link in page["links"])


async def test_a_page_and_its_items_are_geojson(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    name = 'Posyandu "Melati" \\ Ü 井 \U0001f600 </script>'
    for number in range(3):
        await published(pic, walidata, a_feature(name=f"{name} {number}", address="baris satu\nbaris dua"))
    page = (await client.get(f"{POSYANDU}?limit=2")).json()
    check_collection(page)
    assert page["features"][0]["properties"]["name"] == f"{name} 0"
    for feature in page["features"]:
        alone = await client.get(f"{POSYANDU}/{feature['id']}")
        assert alone.headers["content-type"] == "application/geo+json"
        check_feature(alone.json())
        assert {member: alone.json()[member] for member in feature} == feature


async def test_a_published_point_says_what_the_contract_promises(as_role: AsRole, client: Client) -> None:
    sent = a_feature(address="Jalan Veteran 1", rw="RW 2", rt="003", accuracy_m=7.5, captured_at="2026-11-22T08:30:00+07:00", kader_aktif=5)
    point = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), sent)
    properties = (await client.get(f"{POSYANDU}/{point['id']}")).json()["properties"]
    assert datetime.fromisoformat(properties.pop("verified_at")).tzinfo is not None
    assert {name: value for name, value in properties.items() if value is not None} == {
        "category": "posyandu", "name": "Posyandu Melati", "kelurahan": MOJOROTO, "kelurahan_name": "Mojoroto", "kecamatan": "Mojoroto",
        "status": "active", "address": "Jalan Veteran 1", "rw": "02", "rt": "03", "accuracy_m": 7.5, "method": "gps",
        "captured_at": "2026-11-22T01:30:00Z", "jenis": "balita", "kader_aktif": 5,
    }  # fmt: skip


# -- one point, seen by different people


async def test_a_pic_sees_the_work_in_its_own_kelurahan_and_only_there(as_role: AsRole, client: Client) -> None:
    own, foreign, opd = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("opd")
    point = await submitted(own, a_feature())
    path = f"{POSYANDU}/{point['id']}"
    seen = await own.get(path)
    assert (seen.status_code, seen.json()) == (200, point)
    assert (await (await as_role("walidata")).get(path)).json() == point
    for reader in (client, foreign, opd):
        assert code_of(await reader.get(path)) == (404, "item-unknown")
    assert (await (await as_role("walidata")).post(decision_of(point), json={"decision": "publish"})).status_code == 200
    assert (await own.get(path)).json()["properties"]["state"] == "published"
    public = (await client.get(path)).json()
    assert not {"state", "revision", "version", "placement"} & public["properties"].keys()
    # Where the children are weighed is internal.
    public["properties"]["tempat"] = None
    for reader in (foreign, opd):
        assert (await reader.get(path)).json() == public


async def test_a_point_is_found_in_its_own_collection_only(as_role: AsRole, client: Client) -> None:
    pic = await as_role("pic", MOJOROTO)
    point = await published(pic, await as_role("walidata"), a_feature())
    for reader in (client, pic):
        assert code_of(await reader.get(f"/collections/rt/items/{point['id']}")) == (404, "item-unknown")


async def test_work_is_private_and_carries_its_version(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    posted = await pic.post(POSYANDU, json=a_feature())
    path = f"{POSYANDU}/{posted.json()['id']}"
    assert posted.headers["location"] == f"http://titik.test{path}"
    for answer in (posted, await pic.get(path), await walidata.get(path)):
        assert answer.headers["cache-control"] == "private, no-store"
        # Of one that was compressed the tag is weak.
        assert answer.headers["etag"].removeprefix("W/") == '"1"'
        assert answer.headers["vary"].removesuffix(", Accept-Encoding") == "Authorization, Cookie"
        assert answer.headers["content-type"] == "application/geo+json"
    await walidata.post(decision_of(posted.json()), json={"decision": "publish"})
    public = await client.get(path)
    assert (public.headers["etag"], public.headers["vary"]) == ('"p1.1"', "Accept, Authorization, Cookie")
    assert "private" not in public.headers.get("cache-control", "")


# -- ids that clients make


def full_feature() -> dict[str, Any]:
    """Everything that a phone may send, so that each member is compared."""
    return a_feature(
        112.00163123456789, -7.804112345678901, id=str(uuid7()), address="Jalan Veteran 1", rw="2", rt="RT.3", accuracy_m=10,
        captured_at="2026-11-22T08:30:00.5+07:00", method="map", sasaran=10, kader_aktif=2, spm_sosial=True, override_reason="Pindahan",
    )  # fmt: skip


async def test_the_same_again_is_answered_with_the_same_body(as_role: AsRole, owner: WriteSession) -> None:
    pic, feature = await as_role("pic", MOJOROTO), full_feature()
    first = await pic.post(POSYANDU, json=feature)
    assert (first.status_code, first.json()["id"]) == (201, feature["id"])
    for body in (feature, dict(reversed(feature.items()))):
        again = await pic.post(POSYANDU, json=body)
        assert again.status_code == 200
        assert again.content == first.content
        assert {name: again.headers[name] for name in ("etag", "location", "cache-control")} == {
            name: first.headers[name] for name in ("etag", "location", "cache-control")
        }
    assert await value(owner, "SELECT count(*) FROM titik.revision") == 1


async def test_what_is_read_later_is_what_was_answered_at_first(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    posted = await pic.post(POSYANDU, json=full_feature())
    assert (await pic.get(posted.headers["location"])).json() == posted.json()


async def test_an_id_with_other_content_or_of_somebody_else_is_a_conflict(as_role: AsRole, owner: WriteSession) -> None:
    pic, feature = await as_role("pic", MOJOROTO), full_feature()
    assert (await pic.post(POSYANDU, json=feature)).status_code == 201
    other = feature | {"properties": feature["properties"] | {"name": "Posyandu Mawar"}}
    assert code_of(await pic.post(POSYANDU, json=other)) == (409, "id-taken")
    stranger = await as_role("pic", BUJEL)
    kept = {name: what for name, what in feature["properties"].items() if name != "kelurahan"}
    assert code_of(await stranger.post(POSYANDU, json=feature | {"properties": kept})) == (409, "id-taken")
    assert code_of(await pic.post("/collections/pos_kamling/items", json=a_feature(id=feature["id"], jenis=None))) == (409, "id-taken")
    assert await value(owner, "SELECT array_agg(name) FROM titik.revision") == ["Posyandu Melati"]


async def test_sixteen_at_once_store_one(as_role: AsRole, owner: WriteSession) -> None:
    pic, feature = await as_role("pic", MOJOROTO), full_feature()
    answers = await asyncio.gather(*(pic.post(POSYANDU, json=feature) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.content for answer in answers}) == 1
    for table in ("titik.point", "titik.revision", "titik.audit WHERE action = 'point.submit'", "titik.outbox WHERE type = 'point.submit'"):
        assert await value(owner, f"SELECT count(*) FROM {table}") == 1
