"""Editions over HTTP: loaded from files, checked, compared with the active one, activated, and read when they are past."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from shapely.affinity import translate

from app.boundaries.checking import Boundary
from app.connections import open_once
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import (
    APPROXIMATE,
    BUJEL,
    GRID,
    MOJOROTO,
    a_feature,
    activate,
    code_of,
    execute,
    forget_editions,
    published,
    squares,
    submitted,
    value,
)

pytestmark = pytest.mark.usefixtures("grid")
EDITIONS = "/boundaries/editions"
SHIFTED = "Bergeser"
# 0.001° is 110 m: farther than any tolerance of the grid.
SHIFT = 0.001


def a_file(polygons: Sequence[Boundary], **columns: str) -> bytes:
    """GeoJSON with the columns of BIG."""
    features = [
        {"type": "Feature", "properties": {"KDEPUM": one.code} | columns, "geometry": json.loads(shapely.to_geojson(one.geometry))}
        for one in polygons
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def shifted(degrees: float = SHIFT) -> tuple[Boundary, ...]:
    return tuple(Boundary(one.code, translate(one.geometry, degrees)) for one in squares())


async def ended(client: Client, job: Mapping[str, Any]) -> dict[str, Any]:
    for _ in range(400):
        found: dict[str, Any] = (await client.get(f"/boundaries/jobs/{job['id']}")).json()
        if found["state"] in ("done", "failed"):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def loaded(client: Client, content: bytes, **options: str) -> dict[str, Any]:
    answer = await client.post(
        EDITIONS, params={"name": "batas.geojson", "incomplete": "true", "accuracy_m": "5"} | options, content=content
    )
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"].endswith(f"/boundaries/jobs/{answer.json()['id']}")
    return await ended(client, answer.json())


async def compared(client: Client, edition: str) -> dict[str, Any]:
    answer = await client.post(f"{EDITIONS}/{edition}/impact")
    assert answer.status_code == 202, answer.text
    job = await ended(client, answer.json())
    assert job["state"] == "done", json.dumps(job)
    found: dict[str, Any] = (await client.get(f"{EDITIONS}/{edition}/impact?limit=500")).json()
    return found


async def activated(client: Client, edition: str) -> dict[str, Any]:
    answer = await client.post(f"{EDITIONS}/{edition}/activate", json={"confirm": edition})
    assert answer.status_code == 202, answer.text
    job = await ended(client, answer.json())
    assert job["state"] == "done", json.dumps(job)
    found: dict[str, Any] = (await client.get(f"{EDITIONS}/{edition}/activate?limit=500")).json()
    return found


@pytest.fixture(autouse=True)
async def editions_of_all(database: Settings) -> AsyncIterator[None]:
    """Leaves the two editions that all tests share."""
    yield
    await forget_editions(database)


async def test_a_file_is_loaded_compared_and_activated(as_role: AsRole, client: Client) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(112.0005, -7.8041))
    await submitted(pic, a_feature(112.005, -7.805, name="Posyandu Tengah"))
    job = await loaded(admin, a_file(shifted()), edition=SHIFTED, source="Perda uji", legal_basis="Perda 1/2026", valid_from="2026-01-01")
    assert job["state"] == "done", json.dumps(job)
    edition = (await client.get(f"{EDITIONS}/{SHIFTED}")).json()
    assert (edition["active"], edition["complete"], edition["kelurahan"], edition["legal_basis"]) == (False, False, 5, "Perda 1/2026")
    assert [one["name"] for one in (await client.get(EDITIONS)).json()["editions"]][:2] == [SHIFTED, GRID]

    impact = await compared(walidata, SHIFTED)
    assert impact["counts"] == {"judged": 2, "changed": 1, "kelurahan": 0, "moves": [{"before": "inside", "after": "outside", "number": 1}]}
    assert impact["current"] is True
    (change,) = impact["points"]
    assert (change["category"], change["kelurahan"], change["state"]) == ("posyandu", MOJOROTO, "published")
    assert change["before"] == {"verdict": "inside", "kelurahan": MOJOROTO, "distance_m": 0.0, "neighbour": change["before"]["neighbour"]}
    assert (change["after"]["verdict"], change["after"]["kelurahan"], round(change["after"]["distance_m"])) == ("outside", None, 55)

    tag = (await admin.get(f"{EDITIONS}/{SHIFTED}/impact")).headers["etag"]
    begun = await admin.post(f"{EDITIONS}/{SHIFTED}/activate", headers={"If-Match": tag})
    assert begun.status_code == 202, begun.text
    job = await ended(admin, begun.json())
    assert job["state"] == "done", json.dumps(job)
    activation = (await admin.get(f"{EDITIONS}/{SHIFTED}/activate?limit=500")).json()
    assert (activation["points"], activation["counts"]) == (impact["points"], impact["counts"])
    assert (await client.get(f"{EDITIONS}/{SHIFTED}")).json()["active"] is True
    assert (await walidata.get("/reviews?flag=rejudged")).json()["numberReturned"] == 1


async def test_an_impact_is_out_of_date_once_points_or_the_edition_changed(as_role: AsRole, database: Settings) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO)
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    await compared(admin, SHIFTED)
    tag = (await admin.get(f"{EDITIONS}/{SHIFTED}/impact")).headers["etag"]
    assert (await pic.post("/collections/posyandu/items?draft=true", json=a_feature(name="Posyandu Draf"))).status_code == 201
    assert (await admin.get(f"{EDITIONS}/{SHIFTED}/impact")).json()["current"] is True
    await submitted(pic, a_feature())
    late = await admin.get(f"{EDITIONS}/{SHIFTED}/impact")
    assert (late.json()["current"], late.json()["outdated_by"], "etag" in late.headers) == (False, "points", False)
    for sent in (tag, "*"):
        refused = await admin.post(f"{EDITIONS}/{SHIFTED}/activate", headers={"If-Match": sent})
        assert code_of(refused) == (412, "impact-outdated")
    await compared(admin, SHIFTED)
    assert (await admin.get(f"{EDITIONS}/{SHIFTED}/impact")).json()["current"] is True
    await activate(database, APPROXIMATE)
    assert (await admin.get(f"{EDITIONS}/{SHIFTED}/impact")).json()["outdated_by"] == "edition"


async def test_an_activation_needs_a_word_and_a_name_that_is_right(as_role: AsRole) -> None:
    admin = await as_role("admin")
    path = f"{EDITIONS}/{GRID}/activate"
    assert code_of(await admin.post(path)) == (428, "activation-unconfirmed")
    assert code_of(await admin.post(path, json={"confirm": "Petak"})) == (422, "body-invalid")
    assert code_of(await admin.post(path, headers={"If-Match": "petak"})) == (400, "parameter-invalid")
    assert code_of(await admin.post(path, headers={"If-Match": '"impact-0"'})) == (412, "impact-outdated")
    assert code_of(await admin.get(path)) == (404, "activation-unknown")
    assert code_of(await admin.get(f"{EDITIONS}/{GRID}/impact")) == (404, "impact-unknown")
    assert code_of(await admin.get(f"{EDITIONS}/Tidak%20Ada")) == (404, "edition-unknown")
    assert code_of(await admin.get("/boundaries/jobs/x")) == (404, "boundary-job-unknown")


async def test_an_edition_that_was_never_in_use_is_removed_and_no_other(
    as_role: AsRole, client: Client, owner: Any, database: Settings
) -> None:
    admin, walidata = await as_role("admin"), await as_role("walidata")
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    await compared(admin, SHIFTED)
    path = f"{EDITIONS}/{SHIFTED}"
    assert code_of(await walidata.delete(path)) == (403, "action-forbidden")
    assert code_of(await client.delete(path)) == (401, "token-missing")
    edition = str(await value(owner, "SELECT id FROM titik.boundary_edition WHERE name = :name", name=SHIFTED))
    # A job at work keeps it.
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.boundary_job SET state = 'queued' WHERE kind = 'compare'")
    assert code_of(await admin.delete(path)) == (409, "edition-at-work")
    async with open_once(database.owner_dsn) as session:
        await execute(session, "UPDATE titik.boundary_job SET state = 'done' WHERE kind = 'compare'")
    assert (await admin.delete(path)).status_code == 204
    assert code_of(await admin.delete(path)) == (404, "edition-unknown")
    assert code_of(await client.get(path)) == (404, "edition-unknown")
    gone = "SELECT (SELECT count(*) FROM titik.boundary b WHERE b.edition_id = :id) + (SELECT count(*) FROM published.edition_area a WHERE a.edition_id = :id)"
    assert await value(owner, gone.replace(":id", edition)) == 0
    deed = "SELECT detail -> 'name' FROM titik.audit WHERE action = 'edition.remove' AND subject = :id AND account_id IS NOT NULL"
    assert await value(owner, deed, id=edition) == SHIFTED
    # Its name is free again; one that was in use stays for good, also when another has taken its place.
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    await activated(admin, SHIFTED)
    assert code_of(await admin.delete(path)) == (409, "edition-used")
    await activated(admin, GRID)
    for name in (SHIFTED, GRID):
        assert code_of(await admin.delete(f"{EDITIONS}/{name}")) == (409, "edition-used")
    assert (await client.get(path)).status_code == 200


async def test_what_has_no_business_here_is_not_loaded(as_role: AsRole, owner: Any) -> None:
    admin = await as_role("admin")
    other_city = [Boundary(f"35.78.01.100{n}", one.geometry) for n, one in enumerate(squares(), 1)]
    refused = {
        "no-kelurahan-found": a_file(other_city),
        "edition-incomplete": a_file(squares()),
        "boundary-file-unreadable": b"bukan peta",
        "columns-not-recognised": json.dumps(
            {"type": "FeatureCollection", "features": [json.loads(a_file(squares()))["features"][0] | {"properties": {"X": 1}}]}
        ).encode(),
    }
    for code, content in refused.items():
        job = await loaded(admin, content, edition=code, incomplete="false")
        assert (job["state"], job["problem"]["code"]) == ("failed", code), job
        for said in ("title", "detail"):
            assert "{" not in job["problem"][said]
            assert "--" not in job["problem"][said]
        assert "Tidak ada yang disimpan" in job["problem"]["hint"]
    missing = await loaded(admin, refused["edition-incomplete"], edition="kurang", incomplete="false")
    (finding,) = [one for one in missing["problem"]["findings"] if one["code"] == "missing"]
    assert (finding["severity"], finding["facts"]["count"], len(finding["regions"])) == ("error", 41, 41)
    assert await value(owner, "SELECT count(*) FROM titik.boundary_edition") == 2
    assert await value(owner, "SELECT count(*) FROM titik.boundary_job_file") == 0
    english = await admin.get(f"/boundaries/jobs/{missing['id']}", headers={"Accept-Language": "en"})
    assert english.json()["problem"]["detail"].startswith("This file does not have every kelurahan")


async def test_a_kelurahan_far_away_is_loaded_only_if_it_is_accepted(as_role: AsRole, owner: Any) -> None:
    admin = await as_role("admin")
    far = [Boundary(one.code, translate(one.geometry, 20)) if one.code == BUJEL else one for one in squares()]
    job = await loaded(admin, a_file(far), edition=SHIFTED)
    assert (job["state"], job["problem"]["code"]) == ("failed", "edition-unsound")
    assert "kelurahan-far" in job["problem"]["hint"]
    errors = {one["code"]: one["regions"] for one in job["problem"]["findings"] if one["severity"] == "error"}
    assert errors["kelurahan-far"] == [BUJEL]
    unknown = await admin.post(EDITIONS, params={"name": "a.geojson", "edition": SHIFTED, "accept": "missing"}, content=a_file(far))
    assert code_of(unknown) == (400, "parameter-invalid")
    assert "kelurahan-far" in unknown.json()["errors"][0]["detail"]
    accepted = await loaded(admin, a_file(far), edition=SHIFTED, accept="kelurahan-far,label-far")
    assert accepted["state"] == "done", json.dumps(accepted)
    audit = "SELECT detail -> 'accepted' FROM titik.audit WHERE action = 'edition.load' ORDER BY id DESC LIMIT 1"
    assert await value(owner, audit) == ["kelurahan-far", "label-far"]


async def test_a_verdict_that_has_come_back_leaves_the_list(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    await published(pic, walidata, a_feature(112.0005, -7.8041))
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    await activated(admin, SHIFTED)
    assert (await walidata.get("/reviews?flag=rejudged")).json()["numberMatched"] == 1
    await activated(admin, GRID)
    assert (await walidata.get("/reviews?flag=rejudged")).json()["numberMatched"] == 0
    await activated(admin, SHIFTED)
    assert (await walidata.get("/reviews?flag=rejudged")).json()["numberMatched"] == 1


async def test_columns_are_asked_for_the_right_way_round(as_role: AsRole) -> None:
    admin = await as_role("admin")
    for sent in ("{x", '{"code": null}', "[]"):
        refused = await admin.post(EDITIONS, params={"name": "a.geojson", "columns": sent}, content=a_file(squares()))
        (fault,) = refused.json()["errors"]
        assert (fault["code"], '{"code": "KODE_DESA"}' in fault["detail"], "kecamatan" in fault["detail"]) == ("fields-invalid", True, True)


async def test_a_name_is_taken_once_and_a_key_stands_for_one_file(as_role: AsRole) -> None:
    admin = await as_role("admin")
    key = {"Idempotency-Key": "berkas-1"}
    asked = {"name": "batas.geojson", "edition": SHIFTED, "incomplete": "true"}
    first = await admin.post(EDITIONS, params=asked, content=a_file(shifted()), headers=key)
    again = await admin.post(EDITIONS, params=asked, content=a_file(shifted()), headers=key)
    assert (first.status_code, again.status_code, first.json()["id"]) == (202, 202, again.json()["id"])
    assert code_of(await admin.post(EDITIONS, params=asked, content=a_file(squares()), headers=key)) == (409, "key-used")
    assert (await ended(admin, first.json()))["state"] == "done"
    assert code_of(await admin.post(EDITIONS, params=asked, content=a_file(shifted()))) == (409, "edition-taken")
    form = await admin.post(
        EDITIONS, params={"incomplete": "true"}, files={"file": ("Lewat formulir.geojson", a_file(shifted()), "application/geo+json")}
    )
    assert form.status_code == 202, form.text
    assert (await ended(admin, form.json()))["edition"] == "Lewat formulir"
    for wrong in (
        {"edition": "a/b"},
        {"columns": "{"},
        {"columns": '{"kode": "X"}'},
        {"accuracy_m": "0"},
        {"valid_from": "kemarin"},
        {"valid_from": "0"},
        {"valid_from": "20260101"},
        {"x": "1"},
    ):
        assert (await admin.post(EDITIONS, params=asked | {"edition": "Lain"} | wrong, content=a_file(shifted()))).status_code == 400, wrong
    assert code_of(await admin.post(EDITIONS, params=asked | {"edition": "Kosong"}, content=b"")) == (422, "file-empty")


async def test_columns_that_are_not_recognised_can_be_named(as_role: AsRole) -> None:
    admin = await as_role("admin")
    features = [
        {"type": "Feature", "properties": {"KELURAHAN_ID": one.code}, "geometry": json.loads(shapely.to_geojson(one.geometry))}
        for one in shifted()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert (await loaded(admin, content, edition="Tanpa"))["problem"]["code"] == "columns-not-recognised"
    assert (await loaded(admin, content, edition="Dengan", columns='{"code": "KELURAHAN_ID"}'))["state"] == "done"


async def test_who_may_do_what(as_role: AsRole, client: Client) -> None:
    walidata, pic, opd = await as_role("walidata"), await as_role("pic", MOJOROTO), await as_role("opd")
    for somebody in (walidata, pic, opd):
        assert code_of(await somebody.post(EDITIONS, content=a_file(shifted()))) == (403, "action-forbidden")
        assert code_of(await somebody.post(f"{EDITIONS}/{GRID}/activate", json={"confirm": GRID})) == (403, "action-forbidden")
        assert (await somebody.get(f"{EDITIONS}/{GRID}/report")).status_code == 200
    for somebody in (pic, opd):
        assert code_of(await somebody.get(f"{EDITIONS}/{GRID}/impact")) == (403, "action-forbidden")
    assert (await client.get(f"{EDITIONS}/{GRID}/impact")).status_code == 401
    assert (await client.options(f"{EDITIONS}/{GRID}/impact")).headers["allow"] == "OPTIONS"
    assert (await walidata.options(f"{EDITIONS}/{GRID}/impact")).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await walidata.options(EDITIONS)).headers["allow"] == "GET, HEAD, OPTIONS"


async def test_two_activations_at_once_follow_one_another(as_role: AsRole, owner: Any) -> None:
    admin = await as_role("admin")
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    answers = await asyncio.gather(*(admin.post(f"{EDITIONS}/{name}/activate", json={"confirm": name}) for name in (SHIFTED, GRID)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([202, 202], [202, 409])
    if codes == [202, 409]:
        (refused,) = [answer for answer in answers if answer.status_code == 409]
        assert code_of(refused) == (409, "activation-under-way")
    for answer in answers:
        if answer.status_code == 202:
            assert (await ended(admin, answer.json()))["state"] == "done"
    assert await value(owner, "SELECT count(*) FROM titik.boundary_edition WHERE active") == 1
    assert await value(
        owner, "SELECT count(*) FROM titik.audit WHERE action = 'edition.activate' AND account_id IS NOT NULL"
    ) == codes.count(202)


async def test_an_edition_without_kelurahan_that_have_points_is_refused(as_role: AsRole) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO)
    await submitted(pic, a_feature())
    rest = [one for one in shifted() if one.code != MOJOROTO]
    await loaded(admin, a_file(rest), edition=SHIFTED)
    for answer in (
        await admin.post(f"{EDITIONS}/{SHIFTED}/impact"),
        await admin.post(f"{EDITIONS}/{SHIFTED}/activate", json={"confirm": SHIFTED}),
    ):
        job = await ended(admin, answer.json())
        assert (job["state"], job["problem"]["code"]) == ("failed", "edition-lacks-kelurahan")
        assert MOJOROTO in job["problem"]["detail"]
    assert (await admin.get(f"{EDITIONS}/{GRID}")).json()["active"] is True


async def test_past_editions_stay_readable(as_role: AsRole, client: Client, database: Settings) -> None:
    admin = await as_role("admin")
    await loaded(admin, a_file(shifted()), edition=SHIFTED)
    path = f"/collections/kelurahan/items/{MOJOROTO}"
    now, past = (await client.get(path)).json(), await client.get(path, params={"edition": SHIFTED})
    assert past.json()["geometry"]["coordinates"][0][0][0][0] == pytest.approx(now["geometry"]["coordinates"][0][0][0][0] + SHIFT)
    assert past.json()["properties"]["name"] == "Mojoroto"
    assert past.json()["links"][0]["href"].endswith(f"?edition={SHIFTED}")
    of_active = await client.get(path, params={"edition": GRID})
    assert of_active.json()["geometry"] == now["geometry"]
    assert past.headers["etag"] != of_active.headers["etag"]

    listed = await client.get("/collections/kelurahan/items", params={"edition": SHIFTED, "limit": "2"})
    assert (listed.json()["numberMatched"], listed.json()["numberReturned"]) == (5, 2)
    (following,) = [one["href"] for one in listed.json()["links"] if one["rel"] == "next"]
    assert f"edition={SHIFTED}" in following
    assert len((await client.get(following)).json()["features"]) == 2
    again = await client.get(
        "/collections/kelurahan/items", params={"edition": SHIFTED, "limit": "2"}, headers={"If-None-Match": listed.headers["etag"]}
    )
    assert again.status_code == 304
    west = {"edition": SHIFTED, "bbox": "112.0,-7.81,112.0009,-7.8"}
    assert (await client.get("/collections/kelurahan/items", params=west)).json()["numberReturned"] == 0
    kecamatan = (await client.get("/collections/kecamatan/items", params={"edition": SHIFTED})).json()
    assert [one["id"] for one in kecamatan["features"]] == ["35.71.01"]
    table = list(
        csv.DictReader(io.StringIO((await client.get("/collections/kelurahan/items", params={"edition": SHIFTED, "f": "csv"})).text))
    )
    assert {row["code"] for row in table} == {one.code for one in squares()}
    page = await client.get("/collections/kelurahan/items", params={"edition": SHIFTED, "f": "html"})
    assert page.status_code == 200
    assert "Mojoroto" in page.text
    before = (await client.get("/collections/kelurahan/items", params={"edition": GRID})).json()["features"]
    await activate(database, SHIFTED)
    assert (await client.get("/collections/kelurahan/items", params={"edition": GRID})).json()["features"] == before
    for wrong in ("/collections/kelurahan/items", path):
        assert code_of(await client.get(wrong, params={"edition": "Tidak Ada"})) == (400, "parameter-invalid")
    assert code_of(await client.get("/collections/posyandu/items", params={"edition": GRID})) == (400, "parameter-invalid")


async def test_a_report_is_read_by_programs_and_by_people(as_role: AsRole, client: Client) -> None:
    report = (await client.get(f"{EDITIONS}/{GRID}/report")).json()
    assert {one["code"] for one in report["findings"]} >= {"missing", "overlaps", "second-parts"}
    assert (report["complete"], report["kelurahan"]) == (False, 5)
    page = await client.get(f"{EDITIONS}/{GRID}/report", headers={"Accept": "text/html", "Accept-Language": "id"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text
    assert page.text.index("Tumpang tindih") < page.text.index('<svg viewBox="0 0 640')
    assert "Bujel" in page.text
    admin = await as_role("admin")
    odd = "Nama <i>miring"
    assert (await loaded(admin, a_file(shifted(), WADMKD="<b>tebal</b>"), edition=odd))["state"] == "done"
    page = await client.get(f"{EDITIONS}/{quote(odd)}/report?f=html")
    assert page.status_code == 200
    assert "&lt;i&gt;miring" in page.text
    assert "<i>" not in page.text


async def test_lists_come_in_pages_and_as_a_table(as_role: AsRole) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO)
    for n in range(3):
        await submitted(pic, a_feature(112.0002 + n * 1e-4, -7.8041 - n * 1e-3, name=f"Posyandu {n}"))
    halved = tuple(
        Boundary(one.code, one.geometry if one.code != BUJEL else shapely.MultiPolygon([shapely.box(112.0103, -7.81, 112.015, -7.8)]))
        for one in shifted()
    )
    await loaded(admin, a_file(halved), edition=SHIFTED)
    await compared(admin, SHIFTED)
    path = f"{EDITIONS}/{SHIFTED}/impact"
    first = (await admin.get(f"{path}?limit=2")).json()
    (following,) = [one["href"] for one in first["links"] if one["rel"] == "next"]
    second = (await admin.get(following)).json()
    assert (first["numberReturned"], second["numberReturned"]) == (2, 1)
    assert first["counts"]["changed"] == 3
    table = list(csv.DictReader(io.StringIO((await admin.get(f"{path}?f=csv")).text)))
    assert [row["revision"] for row in table] == [one["revision"] for one in first["points"] + second["points"]]
    assert {row["after_verdict"] for row in table} == {"outside"}
    areas = (await admin.get(f"{path}/kelurahan")).json()["kelurahan"]
    changed = {one["code"]: one for one in areas}
    assert changed[BUJEL]["before_km2"] > 2 * changed[BUJEL]["after_km2"] * 0.99
    assert changed[BUJEL]["neighbours_removed"]
    rows = list(csv.DictReader(io.StringIO((await admin.get(f"{path}/kelurahan?f=csv")).text)))
    assert [row["code"] for row in rows] == [one["code"] for one in areas]
