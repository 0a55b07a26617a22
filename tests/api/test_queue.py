"""The walidata's day: what waits and what of it differs, found by filters; what came back corrected; closings; verdicts that boundaries turned."""

from typing import Any

import pytest

from app.connections import open_once
from app.db import WriteSession
from app.operator.tampering import examine
from app.reviews.queue import SORTINGS
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import (
    APPROXIMATE,
    BUJEL,
    MOJOROTO,
    PUBLISH,
    a_feature,
    activate,
    activate_grid,
    code_of,
    decision_of,
    execute,
    published,
    submitted,
    value,
)

pytestmark = pytest.mark.anyio

RETURN = {"decision": "return", "reason": "Nomor RW belum ada"}
IN_BUJEL = (111.9895, -7.8001)


async def waiting(walidata: Client, query: str = "") -> dict[str, dict[str, Any]]:
    """The entries by their names, all of them counted."""
    page = (await walidata.get(f"/reviews{query}")).json()
    assert page["numberMatched"] == page["numberReturned"] == len(page["reviews"]), page
    return {entry["name"]: entry for entry in page["reviews"]}


async def changed(pic: Client, feature: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    answer = await pic.patch(f"/collections/posyandu/items/{feature['id']}", json=patch, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def one_of_each_kind(pic: Client, walidata: Client) -> dict[str, dict[str, Any]]:
    """What is new, changed, moved and to be closed, by these names."""
    made = {}
    for number, name in enumerate(("change", "move", "close")):
        made[name] = await published(
            pic, walidata, a_feature(112.0016 + number / 1000, name=name, strata="madya", confirm_not_duplicate=True)
        )
    made["new"] = await submitted(pic, a_feature(112.0060, name="new"))
    made["change"] = await changed(pic, made["change"], {"properties": {"strata": "mandiri", "rw": "7"}})
    made["move"] = await changed(pic, made["move"], {"geometry": {"type": "Point", "coordinates": [112.0031, -7.8041]}})
    closed = await pic.delete(f"/collections/posyandu/items/{made['close']['id']}", headers={"If-Match": "*"})
    assert closed.status_code == 202, closed.text
    made["close"] = closed.json()
    return made


# -- what each entry is


async def test_every_entry_says_what_it_is_and_what_differs(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    made = await one_of_each_kind(pic, walidata)
    entries = await waiting(walidata)
    assert {name: entry["kind"] for name, entry in entries.items()} == {name: name for name in made}
    assert {name: entry["changes"] for name, entry in entries.items()} == {
        "new": [],
        "change": [{"property": "rw", "before": None, "after": "07"}, {"property": "strata", "before": "madya", "after": "mandiri"}],
        "move": [{"property": "geometry", "before": [112.0026, -7.8041], "after": [112.0031, -7.8041], "moved_m": 55.1}],
        "close": [{"property": "status", "before": "active", "after": "closed"}],
    }
    assert entries["change"]["attributes"] == {"jenis": "balita", "strata": "mandiri"}
    assert (entries["change"]["rw"], entries["close"]["status"], entries["new"]["corrected"]) == ("07", "closed", None)


async def test_a_point_that_takes_over_from_another_is_a_move_and_one_from_several_is_new(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    old = [await published(pic, walidata, a_feature(112.0016 + number / 1000, name=f"Lama {number}")) for number in range(3)]
    await submitted(pic, a_feature(112.0070, name="Pindah", predecessors=[old[0]["id"]]))
    await submitted(pic, a_feature(112.0080, name="Gabungan", predecessors=[one["id"] for one in old[1:]]))
    entries = await waiting(walidata)
    assert (entries["Pindah"]["kind"], entries["Gabungan"]["kind"]) == ("move", "new")
    assert entries["Pindah"]["predecessors"] == [old[0]["id"]]


async def test_what_was_taken_off_the_map_comes_back_as_a_change_of_what_it_was(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    await changed(pic, point, {"properties": {"rw": "1"}})
    await walidata.post(f"/reviews/{(await waiting(walidata))['Posyandu Melati']['revision']}/decision", json=PUBLISH)
    await walidata.post(f"/points/{point['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"})
    await changed(pic, point, {"properties": {"rw": "2"}})
    entry = (await waiting(walidata))["Posyandu Melati"]
    assert (entry["kind"], entry["changes"]) == ("change", [{"property": "rw", "before": "01", "after": "02"}])


# -- finding


FOUND = {
    "category=posyandu": {"new", "change", "move", "close", "jauh"},
    "category=rt": {"RT 01 RW 02"},
    "kind=new": {"new", "jauh", "RT 01 RW 02"},
    "kind=change": {"change"},
    "kind=move": {"move"},
    "kind=close": {"close"},
    "flag=near-duplicate": {"jauh"},
    f"kelurahan={BUJEL}": {"jauh"},
    "kelurahan=bujel": {"jauh"},
    "writer=petugas-bujel": {"jauh"},
    "writer=petugas": {"new", "change", "move", "close", "RT 01 RW 02"},
    "age=2d": {"move"},
    "age=4d": set(),
    "q=brantas+jalan": {"new"},
    "corrected=true": set(),
    "kind=new&category=posyandu&q=EW": {"new"},
}


async def test_each_filter_finds_what_it_says_and_counts_it(as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    pic, bujel, walidata = (
        await as_role("pic", MOJOROTO, name="petugas"),
        await as_role("pic", BUJEL, name="petugas-bujel"),
        await as_role("walidata"),
    )
    made = await one_of_each_kind(pic, walidata)
    await changed(pic, made["new"], {"properties": {"address": "Jalan  Brantas 3"}})
    await submitted(pic, a_feature(112.0081, name=None, jenis=None, rt="1", rw="2"), "rt")
    await published(bujel, walidata, a_feature(*IN_BUJEL, name="jauh"))
    await submitted(bujel, a_feature(*IN_BUJEL, name="jauh"))
    async with open_once(database.owner_dsn) as session:
        await execute(
            session, "UPDATE titik.revision SET submitted_at = now() - interval '3 days' WHERE name = 'move' AND state = 'submitted'"
        )
    found = {query: set(await waiting(walidata, f"?{query}")) for query in FOUND}
    assert found == FOUND
    # As many match on every page, however small.
    first = (await walidata.get("/reviews?category=posyandu&limit=2&sortby=-name")).json()
    assert (first["numberMatched"], first["numberReturned"], first["reviews"][0]["name"]) == (5, 2, "new")
    assert next(link["href"] for link in first["links"] if link["rel"] == "self").endswith(
        "/reviews?category=posyandu&limit=2&sortby=-name"
    )


async def test_every_order_shows_every_entry_once(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    for number in range(5):
        await submitted(pic, a_feature(112.0016 + number / 1000, name=f"Posyandu {number // 2}"))
    for sorting in [sign + name for name in SORTINGS for sign in ("", "-")]:
        seen, url = [], f"/reviews?limit=2&sortby={sorting}"
        while url:
            page = (await walidata.get(url)).json()
            assert page["numberMatched"] == 5
            seen += page["reviews"]
            url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert len({entry["revision"] for entry in seen}) == len(seen) == 5, sorting
        if sorting.lstrip("-") == "name":
            assert [entry["name"] for entry in seen] == sorted((entry["name"] for entry in seen), reverse=sorting[0] == "-")
    cursor = (await walidata.get("/reviews?limit=2")).json()["links"][1]["href"].partition("cursor=")[2]
    assert code_of(await walidata.get(f"/reviews?sortby=name&cursor={cursor}")) == (400, "parameter-invalid")


@pytest.mark.parametrize(
    ("query", "parameter", "tells"),
    [
        ("kind=tutup", "kind", "new, change, confirm, move, close"),
        ("flag=jauh", "flag", "near-duplicate"),
        ("category=posyandoo", "category", "posyandu"),
        ("kelurahan=Mojorotto", "kelurahan", "Mojoroto"),
        ("writer=siapa", "writer", "petugas"),
        ("age=lama", "age", "3d"),
        ("corrected=perhaps", "corrected", "ya atau tidak"),
        ("sortby=warna", "sortby", "submitted_at"),
        ("sortby=--name", "sortby", "submitted_at"),
        ("kind=tutup&age=1", "age", "3d"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_there_is(as_role: AsRole, query: str, parameter: str, tells: str) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, name="petugas"), await as_role("walidata")
    await submitted(pic, a_feature())
    answer = await walidata.get(f"/reviews?{query}")
    assert code_of(answer) == (400, "parameter-invalid")
    (fault,) = [one for one in answer.json()["errors"] if one["parameter"] == parameter]
    assert tells in fault["detail"]


# -- what was returned and comes back


async def test_a_correction_is_found_with_the_reason_and_the_difference(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata", name="penguji")
    returned, again, left = [await submitted(pic, a_feature(112.0016 + number / 1000, name=f"P{number}")) for number in range(3)]
    for feature in (returned, again, left):
        await walidata.post(decision_of(feature), json=RETURN)
    await changed(pic, returned, {"properties": {"rw": "5"}})
    assert (await pic.post(f"/points/{again['id']}/revisions", json={"move": "submit"})).status_code == 200
    await submitted(pic, a_feature(112.0070, name="Baru"))
    found = await waiting(walidata, "?corrected=true")
    assert set(found) == {"P0", "P1"}
    assert set(await waiting(walidata, "?corrected=false")) == {"Baru"}
    corrected = found["P0"]["corrected"]
    assert (corrected["revision"], corrected["reason"], corrected["returned_by"]) == (
        returned["properties"]["revision"],
        RETURN["reason"],
        "penguji",
    )
    assert corrected["changes"] == [{"property": "rw", "before": None, "after": "05"}]
    assert (found["P1"]["corrected"]["revision"], found["P1"]["corrected"]["changes"]) == (found["P1"]["revision"], [])
    # Corrected once more before anybody looked, over a draft: still the same return.
    await changed(pic, returned, {"properties": {"rw": "6"}})
    entry = (await waiting(walidata, "?corrected=true"))["P0"]
    assert (entry["corrected"]["revision"], entry["corrected"]["changes"][0]["after"]) == (returned["properties"]["revision"], "06")


async def test_what_follows_a_publication_corrects_nothing(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    await walidata.post(decision_of(feature), json=RETURN)
    second = await changed(pic, feature, {"properties": {"rw": "5"}})
    await walidata.post(decision_of(second), json=PUBLISH | {"reason": "Sudah benar"})
    third = await changed(pic, feature, {"properties": {"rw": "6"}})
    assert (await waiting(walidata))["Posyandu Melati"]["corrected"] is None
    await walidata.post(decision_of(third), json=PUBLISH)
    await changed(pic, feature, {"properties": {"rw": "7"}})
    entry = (await waiting(walidata))["Posyandu Melati"]
    assert (entry["corrected"], entry["changes"]) == (None, [{"property": "rw", "before": "06", "after": "07"}])


# -- deciding on many


async def test_closings_are_decided_on_together_only_where_the_request_says_so(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    made = await one_of_each_kind(pic, walidata)
    revisions = [made[name]["properties"]["revision"] for name in ("new", "change", "close")]
    results = (await walidata.post("/reviews/decisions", json=PUBLISH | {"revisions": revisions, "kind": "close"})).json()["results"][:2]
    assert [(one["status"], one["type"].rpartition(":")[2], one["kind"]) for one in results] == [
        (409, "kind-differs", "new"),
        (409, "kind-differs", "change"),
    ]
    assert (await client.get(f"/collections/posyandu/items/{made['close']['id']}")).status_code == 404
    second = await published(pic, walidata, a_feature(112.0090, name="Tutup juga"))
    closing = (await pic.delete(f"/collections/posyandu/items/{second['id']}", headers={"If-Match": "*"})).json()
    revisions = [made["new"]["properties"]["revision"], closing["properties"]["revision"]]
    for decision in (PUBLISH, RETURN):
        results = (await walidata.post("/reviews/decisions", json=decision | {"revisions": revisions[1:]})).json()["results"]
        assert (results[0]["status"], results[0]["type"].rpartition(":")[2]) == (409, "closing-unnamed")
        assert '"kind": "close"' in results[0]["hint"]
    results = (await walidata.post("/reviews/decisions", json=PUBLISH | {"revisions": revisions})).json()["results"]
    assert [one["status"] for one in results] == [200, 409]
    assert (await walidata.post(decision_of(closing), json=PUBLISH)).status_code == 200
    assert code_of(await walidata.post("/reviews/decisions", json=PUBLISH | {"revisions": revisions, "kind": "tutup"})) == (
        422,
        "body-invalid",
    )


# -- one


async def test_one_revision_whatever_became_of_it(as_role: AsRole) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata", name="penguji")
    first = await published(pic, walidata, a_feature())
    second = await changed(pic, first, {"properties": {"rw": "5"}})
    await walidata.post(decision_of(second), json=RETURN)
    third = await changed(pic, first, {"properties": {"rw": "6"}})
    await walidata.post(decision_of(third), json=PUBLISH)
    shown = [(await pic.get(f"/reviews/{one['properties']['revision']}")).json() for one in (first, second, third)]
    assert [(one["state"], one["kind"], len(one["changes"])) for one in shown] == [
        ("superseded", "new", 0),
        ("superseded", "change", 1),
        ("published", "change", 1),
    ]
    assert [(one["decided_by"], one["decision_reason"]) for one in shown] == [
        ("penguji", None),
        ("penguji", RETURN["reason"]),
        ("penguji", None),
    ]
    assert [one["corrected"] and one["corrected"]["reason"] for one in shown] == [None, None, RETURN["reason"]]
    assert (await walidata.get(f"/reviews/{third['properties']['revision']}")).json() == shown[2]
    assert code_of(await other.get(f"/reviews/{third['properties']['revision']}")) == (404, "revision-unknown")
    assert code_of(await (await as_role("opd")).get(f"/reviews/{third['properties']['revision']}")) == (403, "action-forbidden")


async def test_a_point_by_its_id_alone(as_role: AsRole) -> None:
    pic, other, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    first = await published(pic, walidata, a_feature())
    second = await changed(pic, first, {"properties": {"rw": "5"}})
    answer = await pic.get(f"/points/{first['id']}")
    point = answer.json()
    assert answer.headers["cache-control"] == "private, no-store"
    assert (point["category"], point["kelurahan_name"], point["status"], point["successors"]) == ("posyandu", "Mojoroto", "active", [])
    assert (point["public"]["revision"], point["open"]["revision"], point["open"]["state"]) == (
        first["properties"]["revision"], second["properties"]["revision"], "submitted",
    )  # fmt: skip
    assert point["feature"]["properties"]["rw"] == "05"
    for link in point["links"]:
        assert (await pic.get(link["href"])).status_code == 200, link
    assert code_of(await other.get(f"/points/{first['id']}")) == (404, "point-unknown")


async def test_with_a_token_the_collection_of_all_points_shows_the_newest_revision_too(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    first = await published(pic, walidata, a_feature())
    await changed(pic, first, {"properties": {"rw": "5"}})
    newest = await pic.get(f"/collections/points/items/{first['id']}")
    assert (newest.json()["properties"]["rw"], newest.json()["properties"]["state"], newest.headers["etag"]) == ("05", "submitted", 'W/"2"')
    assert newest.json()["properties"] == (await pic.get(f"/collections/posyandu/items/{first['id']}")).json()["properties"]
    public = (await client.get(f"/collections/points/items/{first['id']}")).json()["properties"]
    assert "state" not in public


# -- other boundaries


async def test_verdicts_that_boundaries_turned_are_listed_until_somebody_has_seen_them(
    as_role: AsRole, database: Settings, owner: WriteSession
) -> None:
    bujel, pic, walidata = await as_role("pic", BUJEL), await as_role("pic", MOJOROTO), await as_role("walidata", name="penguji")
    public = await published(bujel, walidata, a_feature(*IN_BUJEL, name="Terbit"))
    own = await published(walidata, await as_role("walidata"), a_feature(IN_BUJEL[0], IN_BUJEL[1] - 0.001, name="Sendiri", kelurahan=BUJEL))
    open_one = await submitted(bujel, a_feature(IN_BUJEL[0] + 0.0005, IN_BUJEL[1], name="Menunggu"))
    await published(pic, walidata, a_feature(name="Tetap"))
    assert await waiting(walidata, "?flag=rejudged") == {}
    try:
        await activate_grid(database)
        listed = await waiting(walidata, "?flag=rejudged")
        assert set(listed) == {"Terbit", "Sendiri", "Menunggu"}
        assert {name: entry["state"] for name, entry in listed.items() if name != "Sendiri"} == {
            "Terbit": "published",
            "Menunggu": "submitted",
        }
        turned = listed["Terbit"]["rejudged"]
        assert (turned["before"]["verdict"], turned["before"]["kelurahan"], turned["after"]["verdict"]) == ("inside", BUJEL, "outside")
        assert turned["edition"] == "Petak uji"
        # What waits for a decision is one thing, what is public and was turned another.
        assert set(await waiting(walidata)) == {"Menunggu"}
        assert set(await waiting(walidata, f"?flag=rejudged&kelurahan={MOJOROTO}")) == set()

        revisions = [one["properties"]["revision"] for one in (public, own)]
        ticked = (await walidata.post("/reviews/acknowledgements", json={"revisions": [*revisions, str(public["id"])]})).json()["results"]
        assert [(one["status"], one.get("type", "").rpartition(":")[2]) for one in ticked] == [
            (200, ""), (403, "own-revision"), (404, "revision-unknown"),
        ]  # fmt: skip
        assert set(await waiting(walidata, "?flag=rejudged")) == {"Sendiri", "Menunggu"}
        again = (await walidata.post("/reviews/acknowledgements", json={"revisions": revisions[:1]})).json()["results"]
        assert (again[0]["status"], again[0]["type"].rpartition(":")[2]) == (409, "rejudgement-seen")
        entry = "SELECT jsonb_build_array(c.name, a.kelurahan, a.detail ->> 'revision') FROM titik.audit a JOIN titik.account c ON c.id = a.account_id"
        assert await value(owner, f"{entry} WHERE a.action = 'revision.acknowledge'") == ["penguji", BUJEL, revisions[0]]
        async with open_once(database.owner_dsn) as session:
            assert await examine(session) == []
        # Whoever decides has seen it.
        assert (await walidata.post(decision_of(open_one), json=PUBLISH)).status_code == 200
        assert set(await waiting(walidata, "?flag=rejudged")) == {"Sendiri"}
        for who in (bujel, await as_role("opd"), await as_role("admin")):
            assert code_of(await who.post("/reviews/acknowledgements", json={"revisions": revisions})) == (403, "action-forbidden")
    finally:
        await activate(database, APPROXIMATE)
