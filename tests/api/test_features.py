"""Reading by whatever OGC API Features lets one ask: filters, times, words, orders, CRS, properties, files, versions; for whom what is shown."""

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import brotli
import httpx
import pyogrio
import pytest
import shapely
import zstandard
from pyproj import Transformer

from app.collections import items, selection
from app.connections import open_once
from app.exports.formats import FORMATS
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, a_feature, code_of, execute, published, submitted

pytestmark = pytest.mark.anyio

POSYANDU = "/collections/posyandu/items"
UTM = "http://www.opengis.net/def/crs/EPSG/0/32749"
LAT_LON = "http://www.opengis.net/def/crs/EPSG/0/4326"
NAMES = ("Anggrek", "Bougenville", "Cempaka", "Dahlia", "Edelweis")


@pytest.fixture
async def five(as_role: AsRole) -> list[dict[str, Any]]:
    """Five published posyandu of Mojoroto in a row to the east, by name; the last two without a time and without volunteers."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    features = []
    for n, name in enumerate(NAMES):
        more: dict[str, Any] = {"captured_at": f"2026-0{n + 1}-15T08:00:00Z", "kader_aktif": 9 - n} if n < 3 else {}
        sent = a_feature(
            112.0016 + n / 1000, name=f"Posyandu {name}", address=f"Jalan Kédiri {n}", jenis=("balita", "lansia")[n % 2], **more
        )
        features.append(await published(pic, walidata, sent))
    return features


async def names(client: Client, address: str) -> list[str]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["name"].removeprefix("Posyandu ")[0] for feature in answer.json()["features"]]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("datetime=2026-02-15T08:00:00Z", "BDE"), ("datetime=2026-02-15", "BDE"), ("datetime=2026-02-01/..", "BCDE"),
        ("datetime=../2026-02-15", "ABDE"),
        ("datetime=2026-01-15T08:00:00Z/2026-02-15T07:59:59Z", "ADE"), ("datetime=../..", "ABCDE"),
        ("jenis=lansia", "BD"), ("kader_aktif=8", "B"), ("jenis=balita&kader_aktif=9", "A"), (f"kelurahan={MOJOROTO}&jenis=balita", "ACE"),
        (f"kelurahan={BUJEL}&jenis=balita", ""),
        ("q=anggrek", "A"), ("q=POSYANDU  da", "D"), ("q=da,angg", "AD"), ("q=da posyandu", ""), ("q=kédiri 3", "D"), ("q=kediri", ""), ("q=100%25", ""),
        ("words=da posyandu", "D"), ("words=3 Kédiri mojoroto", "D"), ("words=dahlia bujel", ""), ("words=posyandu", "ABCDE"), ("words=mojoroto&jenis=lansia", "BD"),
        ("words=angg,", "A"), ("words=da,angg", ""), ("words=", "ABCDE"), ("words=100%25", ""), ("words=kel. mojoroto dahlia", "D"),
        ("filter=kader_aktif>7", "AB"), ("filter=kader_aktif IS NULL", "DE"), ("filter=name LIKE '%25a' AND jenis='lansia'", "D"),
        ("filter=CASEI(name) LIKE CASEI('%25ANGGREK')", "A"), ("filter=captured_at > TIMESTAMP('2026-02-01T00:00:00Z')", "BC"),
        ("filter=S_INTERSECTS(geometry,BBOX(112.0015,-7.81,112.0027,-7.80))", "AB"),
        ('filter-lang=cql2-json&filter={"op":"=","args":[{"property":"jenis"},"lansia"]}', "BD"),
        ("sortby=-name", "EDCBA"), ("sortby=kader_aktif", "CBADE"), ("sortby=-kader_aktif,-name", "ABCED"), ("sortby=jenis,-name", "ECADB"),
        ("sortby=+name&offset=3", "DE"), ("limit=2&sortby=name", "AB"), ("offset=4", "E"), ("offset=9", ""),
        ("bbox=112.0015,-7.81,112.0027,-7.80&jenis=balita", "A"),
    ],
)  # fmt: skip
async def test_a_selection(client: Client, query: str, found: str) -> None:
    listed = await names(client, f"{POSYANDU}?{query.replace('+', '%2B')}")
    assert "".join(listed) == found


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "sortby", ["name", "-name", "kader_aktif", "-kader_aktif", "captured_at,-name", "jenis,-kader_aktif", "-accuracy_m"]
)
async def test_pages_in_any_order_hold_everything_once(client: Client, sortby: str) -> None:
    whole = await names(client, f"{POSYANDU}?sortby={sortby}")
    found: list[str] = []
    following: str | None = f"{POSYANDU}?sortby={sortby}&limit=2"
    while following:
        page = (await client.get(following)).json()
        found += [feature["properties"]["name"].removeprefix("Posyandu ")[0] for feature in page["features"]]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert found == whole
    assert sorted(found) == list("ABCDE")


@pytest.mark.usefixtures("five")
async def test_how_many_there_are(client: Client) -> None:
    async def counted(query: str) -> tuple[int, int | None]:
        page = (await client.get(f"{POSYANDU}?{query}")).json()
        assert "numberEstimated" not in page
        return page["numberReturned"], page.get("numberMatched")

    box = "bbox=112.0015,-7.8042,112.0057,-7.8040"
    for limit in (1, 2, 5, 10):
        returned = min(limit, 5)
        for query in (
            "",
            box,
            f"kelurahan={MOJOROTO}",
            f"{box}&kelurahan={MOJOROTO}",
            "near=112.003,-7.8041",
            "q=posyandu",
            "filter=name LIKE 'P%25'",
        ):
            assert await counted(f"limit={limit}&{query}") == (returned, 5), query
        assert await counted(f"limit={limit}&jenis=balita") == (min(limit, 3), 3)
    for query, number in (("", 5), (box, 5), (f"kelurahan={MOJOROTO}", 5), (f"kelurahan={BUJEL}", 0), ("jenis=balita", 3), ("limit=1", 5)):
        assert await counted(f"resultType=hits&{query}") == (0, number)
    assert await counted("offset=1&limit=9") == (4, 5)
    assert await counted(f"bbox=0,0,1,1&kelurahan={MOJOROTO}") == (0, 0)


@pytest.mark.usefixtures("five")
async def test_what_there_is_more_of_than_is_counted_is_not_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither exactly nor by a guess; and how many are shown at once changes nothing of it."""
    for module, name in ((items, "COUNTED"), (selection, "SMALL")):
        monkeypatch.setattr(module, name, 3)
    monkeypatch.setattr(selection, "COUNTED_ALONE", 4)
    for query in ("bbox=112.0015,-7.8042,112.0057,-7.8040", "q=posyandu", "near=112.003,-7.8041", "jenis=balita"):
        for limit in (1, 2):
            page = (await client.get(f"{POSYANDU}?limit={limit}&{query}")).json()
            assert not {"numberMatched", "numberEstimated"} & page.keys(), query
    assert (await client.get(f"{POSYANDU}?limit=1&bbox=112.0015,-7.8042,112.0037,-7.8040")).json()["numberMatched"] == 3
    assert "numberMatched" not in (await client.get(f"{POSYANDU}?resultType=hits&q=posyandu")).json()
    assert (await client.get(f"{POSYANDU}?resultType=hits&kelurahan={MOJOROTO}")).json()["numberMatched"] == 5


async def test_all_pages_are_in_one_order(client: Client, as_role: AsRole) -> None:
    """Of all, of a kelurahan, in a box, by a filter and in files: what comes first there comes first here."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    # From east to west, so that the order of entering is another one than that of places.
    sent = [a_feature(112.0056 - n / 1000, name=f"Posyandu {name}") for n, name in enumerate(NAMES)]
    for feature in sent:
        await published(pic, walidata, feature)
    whole = await names(client, POSYANDU)
    assert whole == ["E", "D", "C", "B", "A"]
    for query in (
        f"kelurahan={MOJOROTO}",
        "bbox=112,-8,113,-7",
        f"bbox=112,-8,113,-7&kelurahan={MOJOROTO}",
        "filter=true",
        "q=posyandu",
        "properties=name",
    ):
        assert await names(client, f"{POSYANDU}?{query}") == whole, query
        following: str | None = f"{POSYANDU}?{query}&limit=2"
        found = []
        while following:
            page = (await client.get(following)).json()
            found += [feature["properties"]["name"][9] for feature in page["features"]]
            following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        assert found == whole, query
    lines = (await client.get(f"{POSYANDU}?f=geojsonseq")).text.split("\x1e")[1:]
    assert [json.loads(line)["properties"]["name"][9] for line in lines] == whole


@pytest.mark.usefixtures("five")
async def test_what_is_near_comes_nearest_first(client: Client) -> None:
    """A thousandth of a degree is 110.4 m here."""
    near = "near=112.0035,-7.8041"
    assert await names(client, f"{POSYANDU}?{near}&within_m=500") == ["C", "B", "D", "A", "E"]
    assert await names(client, f"{POSYANDU}?{near}&within_m=100") == ["C", "B"]
    assert await names(client, f"{POSYANDU}?{near}&within_m=5") == []
    assert await names(client, f"{POSYANDU}?{near}&sortby=-name") == ["E", "D", "C", "B", "A"]
    assert await names(client, f"{POSYANDU}?{near}&jenis=balita") == ["C", "A", "E"]
    found, following = [], f"{POSYANDU}?{near}&limit=2"
    while following:
        page = (await client.get(following)).json()
        found += [feature["properties"]["name"][9] for feature in page["features"]]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert found == ["C", "B", "D", "A", "E"]
    areas = (await client.get("/collections/kelurahan/items?near=112.0016,-7.8041&within_m=1")).json()["features"]
    assert MOJOROTO in {one["id"] for one in areas}


async def test_names_are_found_whatever_apostrophe_they_have(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    for n, name in enumerate(("Masjid Jum'at", "Masjid Jum\u2019at", "Masjid Jumat")):
        await published(pic, walidata, a_feature(112.002 + n / 1000, name=name))
    for text in ("jumat", "jum'at", "JUM\u2019AT", "masjid jum`at"):
        page = (await client.get(POSYANDU, params={"q": text})).json()
        assert page["numberReturned"] == 3, text


@pytest.mark.usefixtures("five")
async def test_sortables_are_what_sortby_takes(client: Client) -> None:
    rel = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
    for collection in ("posyandu", "points", "kelurahan"):
        document = (await client.get(f"/collections/{collection}")).json()
        (href,) = [link["href"] for link in document["links"] if link["rel"] == rel]
        answer = await client.get(href)
        assert answer.headers["content-type"] == "application/schema+json"
        there = answer.json()["properties"]
        assert {"geometry"}.isdisjoint(there)
        for name in there:
            assert (await client.get(f"/collections/{collection}/items?sortby=-{name}")).status_code == 200, name
    classes = (await client.get("/conformance")).json()["conformsTo"]
    for one in (
        "8/1.0/conf/sortables",
        "8/1.0/conf/sorting",
        "8/1.0/conf/features-sorting",
        "9/1.0/conf/text-search",
        "9/1.0/conf/features-text-search",
    ):
        assert f"http://www.opengis.net/spec/ogcapi-features-{one}" in classes


async def test_pages_for_people_count_areas(client: Client) -> None:
    """The pages of collections say how many kelurahan there are."""
    for address in ("/collections?f=html", "/collections/kelurahan?f=html", "/collections/kelurahan/items?f=html&limit=9"):
        page = await client.get(address)
        assert re.search(r"\b46\b", re.sub("<[^>]*>", " ", page.text)), address


async def test_coordinates_come_and_go_in_other_crs(client: Client, five: list[dict[str, Any]]) -> None:
    to_utm = Transformer.from_crs(4326, 32749, always_xy=True)
    east, north = to_utm.transform(*IN_MOJOROTO)
    answer = await client.get(f"{POSYANDU}?crs={UTM}&limit=1")
    assert answer.headers["content-crs"] == f"<{UTM}>"
    assert answer.json()["features"][0]["geometry"]["coordinates"] == pytest.approx([east, north], abs=0.01)
    assert answer.json()["features"][0]["properties"] == (await client.get(f"{POSYANDU}?limit=1")).json()["features"][0]["properties"]
    flipped = (await client.get(f"{POSYANDU}/{five[0]['id']}?crs={LAT_LON}")).json()
    assert flipped["geometry"]["coordinates"] == [IN_MOJOROTO[1], IN_MOJOROTO[0]]
    assert await names(client, f"{POSYANDU}?bbox-crs={UTM}&bbox={east - 5},{north - 5},{east + 115},{north + 5}") == ["A", "B"]
    assert await names(client, f"{POSYANDU}?bbox-crs={LAT_LON}&bbox=-7.81,112.0015,-7.80,112.0027") == ["A", "B"]
    assert await names(client, f"{POSYANDU}?filter-crs={LAT_LON}&filter=S_INTERSECTS(geometry,BBOX(-7.81,112.0015,-7.80,112.0027))") == [
        "A",
        "B",
    ]
    around = "POLYGON((-7.81 112.0015,-7.80 112.0015,-7.80 112.0027,-7.81 112.0027,-7.81 112.0015))"
    assert await names(client, f"{POSYANDU}?filter-crs={LAT_LON}&filter=S_WITHIN(geometry,{around})") == ["A", "B"]
    boxed = f"BBOX({east - 5},{north - 5},{east + 115},{north + 5})"
    assert await names(client, f"{POSYANDU}?filter-crs={UTM}&filter=S_INTERSECTS(geometry,{boxed})") == ["A", "B"]


async def test_no_link_of_a_count_leads_to_a_refusal(client: Client, five: list[dict[str, Any]]) -> None:
    page = (await client.get(f"{POSYANDU}?resultType=hits&rw=01")).json()
    links = [one["href"] for one in page["links"] if one["rel"] in ("self", "alternate")]
    assert len(links) > 5
    assert {(await client.get(one)).status_code for one in links} == {200}


def _read_by_gdal(path: Path, text: str) -> tuple[str, tuple[float, float]]:
    path.write_text(text)
    meta, _, geometries, _ = pyogrio.raw.read(path)
    (point, *_) = shapely.get_coordinates(shapely.from_wkb(geometries)).tolist()
    return meta["crs"], tuple(point)


@pytest.mark.parametrize("code", [32749, 23836, 3857, 4326])
async def test_geojson_of_another_crs_says_so_at_its_top(client: Client, five: list[dict[str, Any]], tmp_path: Path, code: int) -> None:
    """`crs`, and `coordRefSys` with `place` of JSON-FG. GDAL, which looks at the top only, finds every point where it is."""
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    expected = Transformer.from_crs(4326, code, always_xy=True).transform(*IN_MOJOROTO)
    page = await client.get(f"{POSYANDU}?crs={uri}&limit=1")
    one = await client.get(f"{POSYANDU}/{five[0]['id']}?crs={uri}")
    line = (await client.get(f"{POSYANDU}?crs={uri}&limit=1&f=geojsonseq")).text.strip("\x1e\n")
    for number, text in enumerate((page.text, one.text, line)):
        document = json.loads(text)
        assert document["crs"] == {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
        assert document["coordRefSys"] == uri
        feature = document["features"][0] if number == 0 else document
        assert feature["geometry"] == feature["place"]
        assert feature["geometry"].keys() == {"type", "coordinates"}
        if not number:
            assert not {"crs", "coordRefSys"} & feature.keys()
        crs, place = _read_by_gdal(tmp_path / f"{number}.json", text)
        assert crs == f"EPSG:{code}"
        assert place == pytest.approx(expected, abs=1e-7 if code == 4326 else 0.01)
    plain = (await client.get(f"{POSYANDU}?limit=1")).json()
    assert not {"crs", "coordRefSys"} & plain.keys()
    assert "place" not in plain["features"][0]


@pytest.mark.usefixtures("five")
async def test_only_the_properties_that_are_wanted(client: Client) -> None:
    page = (await client.get(f"{POSYANDU}?properties=name,kader_aktif&sortby=name")).json()
    assert page["features"][0]["properties"] == {"name": "Posyandu Anggrek", "kader_aktif": 9}
    assert page["features"][4]["properties"] == {"name": "Posyandu Edelweis", "kader_aktif": None}
    assert page["features"][0]["geometry"]["coordinates"] == list(IN_MOJOROTO)


async def test_all_points_together_have_what_they_share(client: Client, as_role: AsRole, five: list[dict[str, Any]]) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    post = await published(pic, walidata, a_feature(112.004, name="Pos Kamling", jenis=None, aktif=True), "pos_kamling")
    page = (await client.get("/collections/points/items?limit=10")).json()
    assert {feature["id"] for feature in page["features"]} == {post["id"], *(feature["id"] for feature in five)}
    assert page["numberMatched"] == 6
    assert not {"jenis", "kader_aktif", "aktif"} & {name for feature in page["features"] for name in feature["properties"]}
    assert [one["id"] for one in (await client.get("/collections/points/items?category=pos_kamling")).json()["features"]] == [post["id"]]
    alone = (await client.get(f"/collections/points/items/{post['id']}")).json()
    assert alone["properties"]["category"] == "pos_kamling"
    assert "aktif" not in alone["properties"]
    box = (await client.get("/collections/points/items?bbox=112.0039,-7.8042,112.0041,-7.8040")).json()
    assert [feature["id"] for feature in box["features"]] == [post["id"]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("bbox=1,2,3", "bbox"), ("bbox=3,3,1,1", "bbox"), ("bbox=nan,0,1,1", "bbox"), ("bbox=0,0,inf,1", "bbox"), ("bbox=a,b,c,d", "bbox"),
        (f"bbox-crs={UTM}&bbox=9,9,1,1", "bbox"), ("bbox-crs=EPSG:1&bbox=0,0,1,1", "bbox-crs"), ("crs=EPSG:99999", "crs"), ("crs=x", "crs"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/5773", "crs"), ("datetime=kemarin", "datetime"), ("datetime=2026-02-30", "datetime"),
        ("datetime=2026-01-02T24:61:00Z", "datetime"), ("datetime=2026-02-01/2026-01-01", "datetime"), ("datetime=0000-01-01", "datetime"),
        ("limit=-1", "limit"), ("limit=abc", "limit"), ("limit=0", "limit"), ("offset=-1", "offset"), ("offset=x", "offset"), ("tidak=ada", "tidak"),
        ("sortby=tidak_ada", "sortby"), ("sortby=geometry", "sortby"), ("properties=tidak_ada", "properties"), ("view=null", "view"), ("f=exe", "f"),
        ("kader_aktif=banyak", "kader_aktif"), ("tempat=balai", "tempat"), ("filter=tempat='balai'", "filter"), ("filter=x'; DROP TABLE", "filter"),
        ("filter=" + "NOT (" * 1250 + "rw='1'" + ")" * 1250, "filter"), ("filter-lang=sql&filter=1", "filter-lang"), ("cursor=AAAA", "cursor"),
        ("cursor=AAAA&sortby=name", "cursor"), ("f=csv&cursor=AAAA", "cursor"), (f"f=kml&crs={UTM}", "crs"), ("q=" + "a" * 101, "q"), ("q=" + ",".join("abcdefghijk"), "q"), ("words=" + "a" * 101, "words"), ("words=" + "+".join("abcdefghijklmnopqrstu"), "words"),
        ("near=112", "near"), ("near=200,0", "near"), ("near=112,-7.8&within_m=0", "within_m"), ("near=112,-7.8&within_m=50001", "within_m"),
        ("near=a,b", "near"), ("near=112,nan", "near"), ("within_m=9", "within_m"), ("resultType=all", "resultType"), ("resultType=hits&f=csv", "resultType"),
        ("resultType=hits&cursor=AAAA", "cursor"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told(client: Client, query: str, parameter: str) -> None:
    refused = await client.get(f"{POSYANDU}?{query}")
    assert refused.status_code in (400, 414), refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    if refused.status_code == 400:
        assert parameter in {fault["parameter"] for fault in refused.json()["errors"]}
    assert "DROP" not in refused.text


# -- versions and encodings


async def test_a_version_is_told_by_its_tag_and_changes_with_every_publication(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature())
    first = await client.get(POSYANDU)
    assert first.headers["cache-control"].startswith("public, max-age=5")
    same = await client.get(POSYANDU, headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await client.get(POSYANDU)).content == first.content
    assert (await client.get(POSYANDU, headers={"If-None-Match": f"W/{first.headers['etag']}"})).status_code == 304
    other = await client.get("/collections/rt/items")
    await published(pic, walidata, a_feature(112.003, name="Posyandu Mawar"))
    second = await client.get(POSYANDU, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["numberReturned"]) == (200, 2)
    # Another collection has its own, which this did not change.
    assert other.json()["numberReturned"] == 0
    assert other.headers["etag"] not in (first.headers["etag"], second.headers["etag"])
    assert (await client.get("/collections/rt/items", headers={"If-None-Match": other.headers["etag"]})).status_code == 304
    assert (await client.get("/collections/rt/items", headers={"If-None-Match": second.headers["etag"]})).status_code == 200


@pytest.mark.usefixtures("five")
async def test_bodies_are_compressed_as_the_client_likes(service: httpx.ASGITransport, client: Client) -> None:
    plain = await client.get(POSYANDU, headers={"Accept-Encoding": "identity"})
    readers = {
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read(),
    }
    tags = {plain.headers["etag"]}
    for encoding, read in readers.items():
        async with client.stream("GET", POSYANDU, headers={"Accept-Encoding": f"{encoding}, gzip;q=0.1"}) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == encoding
        assert read(raw) == plain.content
        assert "Accept-Encoding" in answer.headers["vary"]
        tags.add(answer.headers["etag"])
        again = await client.get(POSYANDU, headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    assert len(tags) == 4


# -- the internal half


async def test_the_offices_of_the_city_see_internal_fields_and_nobody_keeps_them(client: Client, as_role: AsRole) -> None:
    pic, walidata, opd, admin = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd"), await as_role("admin")
    sent = {"rt": "3", "rw": "2", "name": None, "jenis": None, "address": "Jalan Rahasia 7"}
    point = await published(pic, walidata, a_feature(112.00163, -7.80413, **sent), "rt")
    public = await client.get("/collections/rt/items")
    seen = await opd.get("/collections/rt/items")
    assert "Rahasia" not in public.text
    assert seen.json()["features"][0]["properties"]["address"] == "Jalan Rahasia 7"
    assert seen.json()["features"][0]["geometry"]["coordinates"] == [112.00163, -7.80413]
    assert public.json()["features"][0]["geometry"]["coordinates"] != [112.00163, -7.80413]
    assert (seen.headers["cache-control"], "etag" in seen.headers) == ("private, no-store", False)
    alone = await opd.get(f"/collections/rt/items/{point['id']}")
    assert (alone.json()["properties"]["address"], alone.headers["cache-control"]) == ("Jalan Rahasia 7", "private, no-store")
    assert "Rahasia" not in (await admin.get("/collections/rt/items")).text
    assert (await opd.get("/collections/rt/items?filter=address LIKE '%25Rahasia%25'")).json()["numberReturned"] == 1
    assert (await client.get("/collections/rt/items?filter=address LIKE '%25Rahasia%25'")).status_code == 400
    assert (await client.get("/collections/rt/items?q=rahasia")).json()["numberReturned"] == 0
    bad = httpx.Headers({"Authorization": "Bearer titik_salah"})
    assert (await client.get("/collections/rt/items", headers=bad)).status_code == 401


# -- files


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("name", FORMATS)
async def test_a_selection_as_a_file(client: Client, name: str) -> None:
    answer = await client.get(f"{POSYANDU}?f={name}&jenis=balita")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(FORMATS[name].media_type.partition(";")[0])
    assert answer.headers["content-disposition"].startswith('attachment; filename="posyandu-v')
    assert answer.headers["content-disposition"].endswith(f'.{FORMATS[name].extension}"')
    assert len(answer.content) > 200
    by_accept = await client.get(f"{POSYANDU}?jenis=balita", headers={"Accept": FORMATS[name].media_type})
    assert by_accept.headers["content-type"] == answer.headers["content-type"]
    if name == "geojsonseq":
        lines = [json.loads(line) for line in answer.text.replace("\x1e", "").splitlines()]
        assert [line["properties"]["name"][9] for line in lines] == ["A", "C", "E"]
    if name == "csv":
        rows = answer.text.splitlines()
        assert len(rows) == 4
        assert "Posyandu Anggrek" in rows[1]


async def test_a_file_holds_everything_unless_a_limit_is_sent(client: Client, database: Settings) -> None:
    many = """
        INSERT INTO published.item (id, feature_id, category, kelurahan, kecamatan, name, geom, geom_mercator, verified_at, version, properties,
                                    feature, common_length, place, words)
        SELECT made.id, n, 'posyandu', '35.71.01.1011', '35.71.01', 'P' || n, geom, ST_Transform(geom, 3857), now(), 1, properties,
               feature, common_length, titik.place(ST_X(geom), ST_Y(geom)), 'p' || n
          FROM (SELECT n, gen_random_uuid() AS id, ST_SetSRID(ST_MakePoint(112 + n / 1e6, -7.8), 4326) AS geom
                  FROM generate_series(1, 12000) n) made,
               LATERAL (SELECT jsonb_build_object('category', 'posyandu', 'name', 'P' || n) AS properties) shown,
               titik.fragment(made.id, geom, properties)
    """
    async with open_once(database.owner_dsn) as session:
        await execute(session, many)
    assert len((await client.get(f"{POSYANDU}?f=csv")).text.splitlines()) == 12_001
    assert len((await client.get(f"{POSYANDU}?f=csv&limit=7")).text.splitlines()) == 8
    # A whole file must not cost a connection when its reader goes away in the middle.
    for _ in range(12):
        async with client.stream("GET", f"{POSYANDU}?f=geojsonseq") as answer:
            async for _chunk in answer.aiter_raw():
                break
    assert (await client.get(POSYANDU)).status_code == 200


async def test_a_draft_is_in_no_file(client: Client, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await submitted(pic, a_feature(name="Posyandu Rahasia"))
    for name in FORMATS:
        assert b"Rahasia" not in (await client.get(f"{POSYANDU}?f={name}")).content


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("code", [32748, 4269, 2154, 999999])
@pytest.mark.parametrize("parameter", ["crs", "bbox=112,-8,113,-7&bbox-crs", "filter=name='x'&filter-crs"])
async def test_a_crs_that_is_not_listed_is_refused_with_those_that_are(client: Client, code: int, parameter: str) -> None:
    answer = await client.get(f"{POSYANDU}?{parameter}=http://www.opengis.net/def/crs/EPSG/0/{code}", headers={"Accept-Language": "en"})
    assert code_of(answer) == (400, "parameter-invalid")
    (fault,) = answer.json()["errors"]
    assert fault["parameter"] == parameter.rpartition("&")[2]
    assert "EPSG:3857" in fault["detail"]


async def test_items_lead_to_what_filters_may_name(client: Client) -> None:
    """In the body and as a header, which files have too."""
    rel = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    href = f"http://titik.test{POSYANDU.removesuffix('/items')}/queryables"
    page = await client.get(POSYANDU)
    assert [one["href"] for one in page.json()["links"] if one["rel"] == rel] == [href]
    for answer in (page, await client.get(f"{POSYANDU}?f=html"), await client.get(f"{POSYANDU}?f=csv")):
        assert answer.links[rel] == {"url": href, "rel": rel, "type": "application/schema+json"}


# -- areas


async def test_the_areas_of_the_active_edition_are_collections_too(client: Client) -> None:
    page = (await client.get("/collections/kelurahan/items?limit=100")).json()
    assert (page["numberReturned"], page["numberMatched"]) == (46, 46)
    mojoroto = (await client.get(f"/collections/kelurahan/items/{MOJOROTO}")).json()
    assert (mojoroto["id"], mojoroto["properties"]["name"], mojoroto["properties"]["kecamatan"]) == (MOJOROTO, "Mojoroto", "Mojoroto")
    assert mojoroto["properties"].keys() == {"code", "bps_code", "name", "kecamatan", "area_km2"}
    assert mojoroto["geometry"]["type"] == "MultiPolygon"
    lon, lat = IN_MOJOROTO
    inside = (await client.get(f"/collections/kelurahan/items?bbox={lon},{lat},{lon},{lat}")).json()
    assert MOJOROTO in {feature["id"] for feature in inside["features"]}
    assert len((await client.get("/collections/kecamatan/items")).json()["features"]) == 3
    largest = (await client.get("/collections/kelurahan/items?sortby=-area_km2&limit=1&properties=name")).json()
    assert largest["features"][0]["properties"] == {"name": "Pojok"}
    found = (await client.get("/collections/kelurahan/items?filter=area_km2 < 0.1&q=setono")).json()
    assert [feature["properties"]["name"] for feature in found["features"]] == ["Setonogedong"]
    in_metres = (await client.get(f"/collections/kelurahan/items/{MOJOROTO}?crs={UTM}")).json()
    assert 600_000 < in_metres["geometry"]["coordinates"][0][0][0][0] < 620_000
    pages: list[str] = []
    following: str | None = "/collections/kelurahan/items?limit=20"
    while following:
        one = (await client.get(following)).json()
        pages += [feature["id"] for feature in one["features"]]
        following = next((link["href"] for link in one["links"] if link["rel"] == "next"), None)
    assert pages == sorted(pages)
    assert len(pages) == 46
    for name in ("fgb", "gpkg", "parquet", "kml", "csv", "xlsx"):
        assert len((await client.get(f"/collections/kecamatan/items?f={name}")).content) > 500
    assert (await client.get("/collections/kelurahan/items/35.71.99.1001")).status_code == 404
    assert (await client.get("/collections/kelurahan/items?kelurahan=x")).status_code == 400
