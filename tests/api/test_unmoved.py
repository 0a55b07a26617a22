"""New boundaries around a point that stays where it is: the rest of it can be changed, and its reviewer is told."""

from typing import Any

import pytest
from shapely.geometry import MultiPolygon, box

from app.boundaries import service as boundaries
from app.boundaries.checking import Boundary
from app.connections import open_once
from app.settings import Settings
from app.uuid7 import uuid7
from tests.api.test_imports import committed, judged, report, table
from tests.conftest import AsRole, Client
from tests.factories import (
    BUJEL,
    GRID_SQUARES,
    MOJOROTO,
    PUBLISH,
    a_feature,
    code_of,
    decision_of,
    load_edition,
    published,
    submitted,
    value,
)

pytestmark = pytest.mark.anyio

WEST, EAST = (112.002, -7.805), (112.0075, -7.805)
"""Of Mojoroto in both editions; of Mojoroto in the first, of Bujel in the second."""
LATER = "Petak geser"
POSYANDU = "/collections/posyandu/items"
PATCH = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}


async def activate_later(settings: Settings) -> None:
    """The border between Mojoroto and Bujel lies 600 m further west."""
    squares = GRID_SQUARES | {MOJOROTO: [(112.0000, -7.8100, 112.0045, -7.8000)], BUJEL: [(112.0045, -7.8100, 112.0203, -7.8000)]}
    async with open_once(settings.owner_dsn) as session:
        if not await value(session, "SELECT count(*) FROM titik.boundary_edition WHERE name = :name", name=LATER):
            polygons = tuple(Boundary(code, MultiPolygon([box(*part) for part in parts])) for code, parts in squares.items())
            await load_edition(session, LATER, polygons, 5.0)
        await boundaries.activate(session, LATER)


@pytest.fixture
async def pic(grid: Settings, as_role: AsRole) -> Client:
    """The PIC of Mojoroto; with the first edition active."""
    return await as_role("pic", MOJOROTO)


async def test_other_attributes_of_a_point_can_be_changed_that_boundaries_have_put_elsewhere(
    grid: Settings, pic: Client, as_role: AsRole
) -> None:
    walidata = await as_role("walidata")
    feature = await published(pic, walidata, a_feature(*EAST, kader_aktif=3))
    await activate_later(grid)
    patched = await pic.patch(f"{POSYANDU}/{feature['id']}", json={"properties": {"kader_aktif": 4}}, headers=PATCH)
    assert patched.status_code == 200, patched.text
    placement = patched.json()["properties"]["placement"]
    assert (placement["verdict"], placement["kelurahan"], placement["flags"]) == ("elsewhere", BUJEL, ["rejudged"])
    put = await pic.put(f"{POSYANDU}/{feature['id']}", json=a_feature(*EAST, kader_aktif=5), headers={"If-Match": "*"})
    assert (put.status_code, put.json()["properties"]["kelurahan"]) == (200, MOJOROTO)
    change = {"client_id": str(uuid7()), "op": "change", "point": feature["id"], "base": put.json()["properties"]["version"],
              "patch": {"properties": {"kader_aktif": 6}}}  # fmt: skip
    (result,) = (await pic.post("/sync", json={"changes": [change]})).json()["results"]
    assert (result["status"], result["feature"]["properties"]["placement"]["flags"]) == ("changed", ["rejudged"])
    (entry,) = (await walidata.get("/reviews")).json()["reviews"]
    assert entry["flags"] == ["rejudged"]
    assert (await walidata.post(decision_of(result["feature"]), json=PUBLISH)).status_code == 200


async def test_a_place_or_a_kelurahan_that_changes_is_judged(grid: Settings, pic: Client) -> None:
    feature = await submitted(pic, a_feature(*EAST))
    await activate_later(grid)
    url = f"{POSYANDU}/{feature['id']}"
    moved = {"geometry": {"type": "Point", "coordinates": [EAST[0] + 1e-5, EAST[1]]}}
    assert code_of(await pic.patch(url, json=moved, headers=PATCH)) == (422, "point-elsewhere")
    assert code_of(await pic.post(POSYANDU, json=a_feature(EAST[0], EAST[1] + 1e-3))) == (422, "point-elsewhere")
    inside = await pic.patch(url, json={"geometry": {"type": "Point", "coordinates": list(WEST)}}, headers=PATCH)
    assert (inside.status_code, inside.json()["properties"]["placement"]["flags"]) == (200, [])
    # Back is another place than that of the newest revision.
    back = await pic.patch(url, json={"geometry": {"type": "Point", "coordinates": list(EAST)}}, headers=PATCH)
    assert code_of(back) == (422, "point-elsewhere")


async def test_a_kelurahan_that_changes_is_judged(grid: Settings, as_role: AsRole) -> None:
    both = await as_role("pic", MOJOROTO, BUJEL)
    feature = await submitted(both, a_feature(*WEST, kelurahan=MOJOROTO))
    await activate_later(grid)
    url = f"{POSYANDU}/{feature['id']}"
    assert code_of(await both.patch(url, json={"properties": {"kelurahan": BUJEL}}, headers=PATCH)) == (422, "point-elsewhere")
    # Left out of a PUT, it is what it was: not what the place would suggest now.
    put = await both.put(url, json=a_feature(*WEST, rw="03"), headers={"If-Match": "*"})
    assert (put.status_code, put.json()["properties"]["kelurahan"]) == (200, MOJOROTO)


async def test_a_reason_that_a_place_needs_cannot_be_taken_away(grid: Settings, pic: Client) -> None:
    feature = await submitted(pic, a_feature(112.0150, -7.805, kelurahan=MOJOROTO, override_reason="Aset kelurahan"))
    url = f"{POSYANDU}/{feature['id']}"
    assert code_of(await pic.patch(url, json={"properties": {"override_reason": None}}, headers=PATCH)) == (422, "point-elsewhere")
    kept = await pic.patch(url, json={"properties": {"kader_aktif": 2}}, headers=PATCH)
    assert kept.json()["properties"]["placement"]["flags"] == ["override"]


async def test_a_draft_that_was_never_judged_is_judged_when_it_is_submitted(grid: Settings, pic: Client) -> None:
    draft = await pic.post(POSYANDU, params={"draft": "true"}, json=a_feature(112.0150, -7.805, kelurahan=MOJOROTO))
    assert draft.status_code == 201, draft.text
    url = f"{POSYANDU}/{draft.json()['id']}"
    assert code_of(await pic.patch(url, json={"properties": {"kader_aktif": 2}}, headers=PATCH)) == (422, "point-elsewhere")
    assert code_of(await pic.post(f"/points/{draft.json()['id']}/revisions", json={"move": "submit"})) == (422, "point-elsewhere")


async def test_a_draft_of_what_is_published_can_be_submitted(grid: Settings, pic: Client, as_role: AsRole) -> None:
    feature = await published(pic, await as_role("walidata"), a_feature(*EAST))
    await activate_later(grid)
    drafted = await pic.patch(f"{POSYANDU}/{feature['id']}", params={"draft": "true"}, json={"properties": {"rw": "4"}}, headers=PATCH)
    assert drafted.status_code == 200, drafted.text
    moved = await pic.post(f"/points/{feature['id']}/revisions", json={"move": "submit"})
    assert (moved.status_code, moved.json()["properties"]["state"]) == (200, "submitted")


async def test_an_export_comes_back_the_same_after_new_boundaries(grid: Settings, pic: Client, as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    await published(pic, walidata, a_feature(*EAST, kader_aktif=3, nomor_registrasi="R-1"))
    await published(pic, walidata, a_feature(*WEST, name="Posyandu Anggrek"))
    await activate_later(grid)
    exported = (await pic.get(POSYANDU, params={"f": "csv"})).content
    one = await judged(pic, exported)
    assert [(row["act"], row["level"]) for row in await report(pic, one)] == [("same", "good")] * 2
    changed = await judged(pic, exported.replace(b"R-1", b"R-2"))
    rows = sorted((row["act"], row["level"], [found["code"] for found in row["findings"]]) for row in await report(pic, changed))
    assert rows == [("same", "good", []), ("update", "warned", ["place-rejudged"])]
    await committed(pic, changed, rows="good")
    features: list[dict[str, Any]] = (await pic.get(POSYANDU, params={"view": "work"})).json()["features"]
    assert {feature["properties"].get("nomor_registrasi"): feature["properties"]["placement"]["flags"] for feature in features} == {
        "R-2": ["rejudged"], None: [],
    }  # fmt: skip


async def test_a_row_that_is_known_by_its_number_keeps_its_place_too(grid: Settings, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    await submitted(pic, a_feature(*EAST, name=None, jenis=None, rt="1", rw="2"), "rt")
    await activate_later(grid)
    header = ("RT", "RW", "Lintang", "Bujur")
    rows = (("1", "2", EAST[1], EAST[0]), ("3", "2", EAST[1], EAST[0] + 1e-3))
    one = await judged(pic, table(*rows, header=header), category="rt")
    assert [(row.get("act"), [found["code"] for found in row["findings"]]) for row in await report(pic, one)] == [
        ("same", []), (None, ["row-elsewhere"]),
    ]  # fmt: skip
