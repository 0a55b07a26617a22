"""`view=work`: what one works on, by state and kelurahan, counted, as pages and as tables."""

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted

pytestmark = pytest.mark.anyio

WORK = "/collections/posyandu/items?view=work"
IN_BUJEL = (111.9895, -7.8001)
EVIL = '=HYPERLINK("http://x";"klik")'


async def found(who: Client, query: str = "") -> set[str]:
    page = (await who.get(WORK + query)).json()
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]), page
    return {one["properties"]["name"] for one in page["features"]}


async def one_in_each_state(pic: Client, walidata: Client) -> None:
    drafted = await pic.post("/collections/posyandu/items?draft=true", json=a_feature(name="draft"))
    assert drafted.status_code == 201, drafted.text
    await submitted(pic, a_feature(112.0026, name="submitted", strata="madya", address=EVIL))
    returned = await submitted(pic, a_feature(112.0036, name="returned"))
    await walidata.post(decision_of(returned), json={"decision": "return", "reason": "Ragu"})
    await published(pic, walidata, a_feature(112.0046, name="published"))
    ended = await published(pic, walidata, a_feature(112.0056, name="unpublished"))
    await walidata.post(f"/points/{ended['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"})
    gone = await submitted(pic, a_feature(112.0066, name="withdrawn"))
    await pic.delete(f"/collections/posyandu/items/{gone['id']}", headers={"If-Match": "*"})


STATES = {"draft", "submitted", "returned", "published", "unpublished"}


async def test_work_is_filtered_by_state_and_kelurahan_and_counted(as_role: AsRole) -> None:
    pic, bujel, walidata = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata")
    await one_in_each_state(pic, walidata)
    await submitted(bujel, a_feature(*IN_BUJEL, name="Bujel"))
    assert await found(pic) == STATES
    assert await found(walidata) == STATES | {"Bujel"}
    for state in STATES:
        assert await found(pic, f"&state={state}") == {state}
    assert await found(walidata, "&state=submitted,published") == {"submitted", "published", "Bujel"}
    assert await found(walidata, f"&kelurahan={BUJEL}") == await found(walidata, "&kelurahan=Bujel") == {"Bujel"}
    assert await found(walidata, f"&state=submitted&kelurahan={MOJOROTO}") == {"submitted"}
    assert await found(walidata, f"&state=published&kelurahan={BUJEL}") == set()
    assert code_of(await pic.get(f"{WORK}&kelurahan={BUJEL}")) == (403, "kelurahan-not-yours")


async def test_a_published_point_with_an_open_change_is_one_entry_in_the_state_of_the_change(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    changed = await pic.patch(f"/collections/posyandu/items/{point['id']}", json={"properties": {"rw": "1"}}, headers={"If-Match": "*"})
    assert (await found(pic, "&state=published"), len(await found(pic, "&state=submitted")), len(await found(pic))) == (set(), 1, 1)
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    assert (len(await found(pic, "&state=published")), await found(pic, "&state=submitted")) == (1, set())


async def test_the_count_is_of_all_pages(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    for number in range(5):
        await submitted(pic, a_feature(112.0016 + number / 1000, name=f"P{number}"))
    seen, url = [], f"{WORK}&state=submitted&limit=2"
    while url:
        page = (await pic.get(url)).json()
        assert page["numberMatched"] == 5
        seen += [one["properties"]["name"] for one in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == [f"P{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "parameter", "tells"),
    [("state=terbit", "state", "unpublished"), ("state=", "state", "draft"), ("f=fgb", "f", "geojson, csv, xlsx"), ("f=html", "f", "csv"),
     ("bbox=1,2,3,4", "bbox", "state"), ("kelurahan=35.71.01.9999", "kelurahan", "kelurahan"), ("limit=0", "limit", "")],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_what_there_is(as_role: AsRole, query: str, parameter: str, tells: str) -> None:
    answer = await (await as_role("walidata")).get(f"{WORK}&{query}")
    assert code_of(answer) == (400, "parameter-invalid")
    assert [tells in fault["detail"] for fault in answer.json()["errors"] if fault["parameter"] == parameter] == [True]


async def tables(who: Client, query: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The CSV and the workbook, by the links of the page."""
    page = (await who.get(WORK + query)).json()
    links = {link["type"].partition(";")[0]: link["href"] for link in page["links"] if link["rel"] == "alternate"}
    assert set(links) == {"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    text, book = [await who.get(href) for href in links.values()]
    assert (text.status_code, book.status_code, text.headers["cache-control"]) == (200, 200, "private, no-store")
    rows = openpyxl.load_workbook(BytesIO(book.content)).worksheets[0].iter_rows(values_only=True)
    names = next(rows)
    return list(csv.DictReader(StringIO(text.text))), [dict(zip(names, row, strict=True)) for row in rows]


async def test_work_goes_along_as_a_table_in_which_nothing_is_a_formula(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await one_in_each_state(pic, walidata)
    written, sheet = await tables(pic)
    assert {row["name"]: row["state"] for row in written} == {state: state for state in STATES}
    assert {row["name"]: row["state"] for row in sheet} == {state: state for state in STATES}
    (one,) = (await tables(pic, f"&state=submitted&kelurahan={MOJOROTO}"))[0]
    assert (one["address"], one["strata"], one["verdict"], one["version"], one["lon"], one["lat"]) == (
        f"'{EVIL}", "madya", "inside", "1", "112.0026000", "-7.8041000",
    )  # fmt: skip
    (row,) = [row for row in sheet if row["name"] == "submitted"]
    assert (row["address"], row["lon"], row["version"]) == (EVIL, 112.0026, 1)
    assert len((await pic.get(f"{WORK}&f=csv&limit=2")).text.splitlines()) == 3


@pytest.mark.parametrize("role", ["opd", "pembina", "admin"])
async def test_who_does_not_work_on_points_gets_no_table(as_role: AsRole, role: str) -> None:
    assert code_of(await (await as_role(role)).get(f"{WORK}&f=csv")) == (403, "action-forbidden")


async def test_every_item_has_every_property_for_those_who_work_on_it_too(as_role: AsRole) -> None:
    """GDAL, QGIS and R make their columns of the first items."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await one_in_each_state(pic, walidata)
    for who in (pic, walidata):
        features = (await who.get(WORK)).json()["features"]
        (names,) = {frozenset(one["properties"]) for one in features}
        assert {"rt", "puskesmas_pembina", "predecessors", "override_reason", "succession", "state", "version"} <= names
        assert next(one for one in features if one["properties"]["name"] == "submitted")["properties"]["rt"] is None
        one = (await who.get(f"/collections/posyandu/items/{features[0]['id']}")).json()
        assert one["properties"].keys() == names


async def test_work_on_all_points_together_says_where_it_is_listed(as_role: AsRole, client: Client) -> None:
    pic = await as_role("pic", MOJOROTO)
    for collection in ("points", "kelurahan"):
        answer = await pic.get(f"/collections/{collection}/items?view=work")
        assert code_of(answer) == (400, "parameter-invalid")
        assert "/collections/KATEGORI/items?view=work" in answer.json()["errors"][0]["detail"]
    described = (await client.get("/api")).json()["paths"]
    offering = {path for path in described if any(one["name"] == "view" for one in described[path].get("get", {}).get("parameters", ()))}
    assert not offering & {"/collections/points/items", "/collections/kelurahan/items"}
    assert "/collections/posyandu/items" in offering
