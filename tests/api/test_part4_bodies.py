"""What writes may hold (OGC API Features Part 4): other CRS, nulls, members of others' GeoJSON, entity tags of others."""

from typing import Any

import pytest
from pyproj import Transformer

from app.uuid7 import uuid7
from tests.api.test_part4 import ITEMS, MERGE, at, match
from tests.conftest import AsRole
from tests.factories import IN_MOJOROTO, MOJOROTO, a_feature, code_of, published, submitted

pytestmark = pytest.mark.anyio

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def in_crs(srid: int) -> list[float]:
    """The place of the factories as its CRS writes it: the axes in the order of the authority."""
    return list(Transformer.from_crs("EPSG:4326", f"EPSG:{srid}").transform(*IN_MOJOROTO[::-1]))


def placed(coordinates: list[float], **more: Any) -> dict[str, Any]:
    return a_feature() | {"geometry": {"type": "Point", "coordinates": coordinates}} | more


# -- Content-Crs


@pytest.mark.parametrize("srid", [4326, 32749, 9470, 23836])
async def test_a_write_in_any_listed_crs_lies_where_it_says(as_role: AsRole, srid: int) -> None:
    pic = await as_role("pic", MOJOROTO)
    listed = (await pic.get("/collections/posyandu")).json()["crs"]
    assert f"{EPSG}{srid}" in listed
    header = {"Content-Crs": f"<{EPSG}{srid}>"}
    posted = await pic.post(ITEMS, json=placed(in_crs(srid)), headers=header)
    assert posted.status_code == 201, posted.text
    assert posted.headers["content-crs"] == f"<{CRS84}>"
    assert posted.json()["geometry"]["coordinates"] == pytest.approx(IN_MOJOROTO, abs=3e-6)
    shown = await pic.get(f"{at(posted.json())}?crs={EPSG}{srid}")
    assert (shown.headers["content-crs"], shown.json()["coordRefSys"]) == (f"<{EPSG}{srid}>", f"{EPSG}{srid}")
    assert shown.json()["geometry"]["coordinates"] == pytest.approx(in_crs(srid), abs=0.011)
    # What was read in a CRS may be sent back in it.
    patched = await pic.patch(at(posted.json()), json={"geometry": shown.json()["geometry"]}, headers=header | match(1) | MERGE)
    assert patched.json()["geometry"]["coordinates"] == pytest.approx(IN_MOJOROTO, abs=3e-6)
    put = await pic.put(at(posted.json()), json=placed(in_crs(srid), coordRefSys=f"{EPSG}{srid}"), headers=header | {"If-Match": "*"})
    assert put.json()["geometry"]["coordinates"] == pytest.approx(IN_MOJOROTO, abs=3e-6)


async def test_degrees_may_be_named_too(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    posted = await pic.post(ITEMS, json=a_feature(), headers={"Content-Crs": f"<{CRS84}>"})
    assert (posted.status_code, posted.json()["geometry"]["coordinates"]) == (201, list(IN_MOJOROTO))


@pytest.mark.parametrize("header", [f"<{EPSG}4211>", f"<{EPSG}2154>", f"<{EPSG}99999>", "EPSG:4211", "", "<>", "<http://peta.example/crs>"])
async def test_a_crs_that_is_not_listed_is_refused(as_role: AsRole, header: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    refused = await pic.post(ITEMS, json=a_feature(), headers={"Content-Crs": header})
    assert code_of(refused) == (400, "parameter-invalid")
    assert [(fault["parameter"], fault["code"]) for fault in refused.json()["errors"]] == [("Content-Crs", "crs-not-listed")]
    assert "32749" in refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "named",
    [
        {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}},
        {"crs": {"type": "link", "properties": {"href": "http://peta.example/crs"}}},
        {"coordRefSys": f"{EPSG}32749"},
        {"coordRefSys": "unknown"},
        {"crs": "EPSG:4211"},
    ],
)
async def test_a_body_that_names_another_crs_than_its_header_is_not_guessed_at(as_role: AsRole, named: dict[str, Any]) -> None:
    pic = await as_role("pic", MOJOROTO)
    refused = await pic.post(ITEMS, json=a_feature() | named)
    assert code_of(refused) == (422, "body-invalid")
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(f"/{next(iter(named))}", "crs-beside-header")]
    same = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "coordRefSys": CRS84}
    assert (await pic.post(ITEMS, json=a_feature() | same)).status_code == 201


async def test_a_place_beyond_its_crs_is_a_fault_of_the_place(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    refused = await pic.post(ITEMS, json=placed([1e30, 1e30]), headers={"Content-Crs": f"<{EPSG}32749>"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/geometry/coordinates")
    wordless = await pic.post(ITEMS, json=placed(["timur", "utara"]), headers={"Content-Crs": f"<{EPSG}32749>"})  # type: ignore[list-item]
    assert (wordless.status_code, wordless.json()["errors"][0]["code"]) == (422, "not-a-number")


# -- null, and the members of others


EMPTY = (
    "category", "kelurahan", "address", "rw", "rt", "accuracy_m", "method", "captured_at", "override_reason", "confirm_name", "status",
    "predecessors", "succession", "kelurahan_name", "kecamatan", "verified_at", "state", "revision", "version", "placement", "jenis",
    "strata", "kader_aktif",
)  # fmt: skip


async def test_null_is_absent_for_all_that_may_be_absent(as_role: AsRole) -> None:
    """As QGIS writes a new feature: every column, the empty ones as null."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    bare = a_feature(jenis=None)
    body = bare | {"id": None, "bbox": None, "links": None, "crs": None}
    body["properties"] = dict.fromkeys(EMPTY) | bare["properties"]
    feature = await published(pic, walidata, body)
    assert {feature["properties"][name] for name in ("address", "rw", "captured_at", "jenis", "strata", "kader_aktif", "succession")} == {
        None
    }
    assert "confirm_name" not in feature["properties"]
    assert (feature["properties"]["method"], feature["properties"]["status"]) == ("gps", "active")
    read = (await pic.get(at(feature))).json()
    back = read | {
        "properties": dict.fromkeys(EMPTY) | {name: value for name, value in read["properties"].items() if name != "verified_at"}
    }
    same = await pic.put(at(feature), json=back, headers=match(1))
    assert (same.status_code, same.json()["properties"]["version"]) == (200, 1)


@pytest.mark.parametrize("name", ["name", "confirm_not_duplicate"])
async def test_a_null_is_still_missing_where_something_is_needed(as_role: AsRole, name: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    body = a_feature()
    body["properties"][name] = None
    answer = await pic.post(ITEMS, json=body)
    if name == "name":
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/properties/name", "value-missing")]
    else:
        assert answer.status_code == 201, answer.text
    nowhere = await pic.post(ITEMS, json=a_feature() | {"geometry": None})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/geometry")


async def test_null_is_absent_in_other_bodies_too(as_role: AsRole) -> None:
    pic, admin = await as_role("pic", MOJOROTO), await as_role("admin")
    for body in ({"label": None, "scopes": None, "expires_days": None}, {}):
        assert (await pic.post("/tokens", json=body)).status_code == 201
    added = await admin.post(
        "/accounts", json={"name": "opd-dinkes", "role": "opd", "kelurahan": None, "email": None, "oidc_subject": None}
    )
    assert added.status_code == 201, added.text
    change = {"op": "create", "point": str(uuid7()), "client_id": str(uuid7()), "base": None, "after": None, "draft": None}
    feature = a_feature(category="posyandu") | {"id": change["point"]}
    synced = await pic.post("/sync", json={"changes": [change | {"feature": feature, "patch": None, "reason": None}]})
    assert synced.json()["results"][0]["status"] == "created", synced.text


async def test_members_that_geojson_does_not_know_are_ignored(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    body = a_feature() | {"layer": "posyandu", "place": None, "time": {"date": "2026-11-29"}, "bbox": [1, 2, 3, 4, 5, 6, 7], "links": "x"}
    body["geometry"] |= {"bbox": [], "crs": {"a": 1}, "properties": {"altitude": 70}}
    feature = await submitted(pic, body)
    assert not {"layer", "time", "links"} & feature.keys()
    assert feature["geometry"] == {"type": "Point", "coordinates": list(IN_MOJOROTO)}
    unknown = await pic.post(ITEMS, json=a_feature(warna="merah"))
    assert [fault["code"] for fault in unknown.json()["errors"]] == ["attribute-unknown"]


@pytest.mark.parametrize(
    ("geometry", "sent", "accuracy_m"),
    [
        ({"coordinates": [*IN_MOJOROTO, 70.5, 4.2]}, None, 4.2),
        ({"coordinates": [*IN_MOJOROTO, 70.5, 4.2]}, 9.0, 9.0),
        ({"coordinates": [*IN_MOJOROTO, 0, 0]}, None, None),
        ({"coordinates": [*IN_MOJOROTO, 70.5], "properties": {"accuracy": 3.9}}, None, 3.9),
        ({"coordinates": [*IN_MOJOROTO], "properties": {"accuracy": 0}}, None, None),
        ({"coordinates": [*IN_MOJOROTO], "properties": {"accuracy": "baik"}}, None, None),
        ({"coordinates": [*IN_MOJOROTO], "properties": None}, None, None),
    ],
)
async def test_the_accuracy_is_taken_from_where_forms_put_it(
    as_role: AsRole, geometry: dict[str, Any], sent: float | None, accuracy_m: float | None
) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(accuracy_m=sent) | {"geometry": {"type": "Point", **geometry}})
    assert feature["properties"].get("accuracy_m") == accuracy_m
    assert feature["geometry"]["coordinates"] == list(IN_MOJOROTO)


# -- entity tags


@pytest.mark.parametrize("tag", ['"abc"', '"2026-11-29"', 'W/"xyz"', '"99999999999"', '""', '"1,2"', '"a", "b"', '"p1"', '"3-html"'])
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
async def test_a_tag_of_somebody_else_is_stale_and_no_fault_of_form(as_role: AsRole, tag: str, method: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    body: dict[str, Any] = {} if method == "delete" else {"json": a_feature(name="Posyandu Baru")}
    assert code_of(await pic.request(method, at(feature), headers={"If-Match": tag}, **body)) == (412, "version-stale")
    move = await pic.post(f"/points/{feature['id']}/revisions", json={"move": "withdraw"}, headers={"If-Match": tag})
    assert code_of(move) == (412, "version-stale")


@pytest.mark.parametrize("header", ["tiga", '"1', '1"', '"1" "2"', ",", '"a"b"', "", '*, "1"'])
async def test_what_is_no_tag_at_all_is_said_to_be_none(as_role: AsRole, header: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    refused = await pic.delete(at(feature), headers={"If-Match": header})
    assert (code_of(refused), refused.json()["errors"][0]["code"]) == ((400, "parameter-invalid"), "version-invalid")


async def test_one_right_tag_among_others_is_enough(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    assert (await pic.delete(at(feature), headers={"If-Match": '"a,b", "1"'})).status_code == 204
