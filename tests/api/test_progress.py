"""How far kelurahan have come: what is counted is what is there, for everybody who reads, after whatever has happened; and each figure opens its records."""

import asyncio
import csv
import random
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from app.connections import open_once
from app.db import WriteSession
from app.progress import keeping, queries
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, NGAMPEL, PUBLISH, a_feature, a_report, decision_of, execute, published, submitted, value

pytestmark = pytest.mark.anyio

PERIOD = "2024"
AT = {MOJOROTO: (112.002, -7.808), BUJEL: (112.0123, -7.808), NGAMPEL: (112.0223, -7.808)}
SORTS: dict[str, dict[str, Any]] = {"posyandu": {}, "pos_kamling": {"jenis": None}, "rt": {"jenis": None, "name": None}}
WORK = {"drafted", "submitted", "returned", "reports"}


async def rows(client: Client, path: str = "/progress", **asked: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    answer = await client.get(path, params={"period": PERIOD, **asked})
    while True:
        assert answer.status_code == 200, answer.text
        found += answer.json()["progress"]
        following = [link["href"] for link in answer.json()["links"] if link["rel"] == "next"]
        if not following:
            return found
        answer = await client.get(following[0])


async def row_of(client: Client, code: str = MOJOROTO, category: str = "posyandu", **asked: str) -> dict[str, Any]:
    (row,) = await rows(client, kelurahan=code, category=category, **asked)
    return row


async def number_of(client: Client, address: str) -> int:
    """So many records are listed there."""
    answer = await client.get(address)
    assert answer.status_code == 200, (address, answer.text)
    body = answer.json()
    if "values" in body:
        return len(body["values"])
    if "reports" in body:
        return len(body["reports"])
    return int(body["numberMatched"])


async def put(pic: Client, code: str, indicator: str, number: int, *, draft: bool = False) -> dict[str, Any]:
    """A figure of this kelurahan, with whatever a check may want to hear."""
    sent = {"indicator": indicator, "value": number, "explanation": "Uji"}
    answer = await pic.put(f"/profiles/{code}/{PERIOD}", json={"values": [sent], "draft": draft})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = [one for one in answer.json()["values"] if one["indicator"] == indicator]
    return found[0]


class World:
    """Accounts, and chance: each step does something that may happen to a point, a figure or a report."""

    def __init__(self, settings: Settings, pic: Client, walidata: Client, seed: int) -> None:
        self.settings, self.pic, self.walidata, self.chance = settings, pic, walidata, random.Random(seed)
        self.open: list[tuple[str, dict[str, Any]]] = []
        self.public: list[tuple[str, dict[str, Any]]] = []
        self._made = 0

    async def step(self) -> None:
        await self.chance.choice(
            [self.post, self.post, self.post, self.decide, self.decide, self.withdraw, self.unpublish, self.figure, self.report]
        )()

    async def post(self) -> None:
        self._made += 1
        category, code = self.chance.choice(list(SORTS)), self.chance.choice(list(AT))
        lon, lat = AT[code][0] + self._made % 20 * 0.0003, AT[code][1] + self._made // 20 * 0.0004
        own = {"rt": f"{self._made:03}", "rw": "001"} if category == "rt" else {"name": f"Titik {self._made}"}
        draft = "?draft=true" if self.chance.random() < 0.3 else ""
        answer = await self.pic.post(f"/collections/{category}/items{draft}", json=a_feature(lon, lat, **{**SORTS[category], **own}))
        assert answer.status_code == 201, answer.text
        if not draft:
            self.open.append((category, answer.json()))

    async def decide(self) -> None:
        if not self.open:
            return
        category, feature = self.open.pop(self.chance.randrange(len(self.open)))
        publishes = self.chance.random() < 0.7
        answer = await self.walidata.post(decision_of(feature), json=PUBLISH if publishes else {"decision": "return", "reason": "Kurang"})
        assert answer.status_code == 200, answer.text
        if publishes:
            self.public.append((category, feature))

    async def withdraw(self) -> None:
        await self._move(self.pic, self.open, {"move": "withdraw"})

    async def unpublish(self) -> None:
        await self._move(self.walidata, self.public, {"move": "unpublish", "reason": "Uji"})

    async def _move(self, client: Client, features: list[tuple[str, dict[str, Any]]], move: dict[str, str]) -> None:
        if features:
            _, feature = features.pop(self.chance.randrange(len(features)))
            answer = await client.post(f"/points/{feature['id']}/revisions", json=move)
            assert answer.status_code in (200, 204), answer.text

    async def figure(self) -> None:
        code, indicator = (
            self.chance.choice(list(AT)),
            self.chance.choice(["jumlah_rt", "jumlah_posyandu", "jumlah_pos_kamling", "jumlah_rw"]),
        )
        sent = await put(self.pic, code, indicator, self.chance.randrange(1, 40), draft=self.chance.random() < 0.3)
        if sent["state"] == "submitted" and self.chance.random() < 0.8:
            decision = PUBLISH if self.chance.random() < 0.7 else {"decision": "return", "reason": "Periksa"}
            answer = await self.walidata.post(f"/reviews/{sent['revision']}/decision", json=decision)
            assert answer.status_code == 200, answer.text

    async def report(self) -> None:
        number = await a_report(self.settings, self.chance.choice(list(AT)))
        if self.chance.random() < 0.5:
            answer = await self.pic.post(f"/reports/{number}/answer", json={"state": "in-progress", "answer": "Kami periksa"})
            assert answer.status_code == 200, answer.text


async def wrong(owner: WriteSession) -> int:
    """How many counts are not what they count, of work and of what is published; they are right afterwards."""
    newest = "SELECT kelurahan, category, count(*) AS number, max(verified_at) AS verified_at FROM {half}.item GROUP BY 1, 2"
    kept = "SELECT kelurahan, category, number, verified_at FROM {half}.kelurahan_total WHERE number <> 0"
    both = " + ".join(
        f"(SELECT count(*) FROM (({left}) EXCEPT ({right})) x)".format(half=half)
        for half in ("published", "internal")
        for left, right in ((newest, kept), (kept, newest))
    )
    return await keeping.rebuild(owner) + int(await value(owner, f"SELECT {both}"))


async def by_owner(settings: Settings, sql: str) -> None:
    async with open_once(settings.owner_dsn) as session:
        await execute(session, sql)


async def test_figures_are_the_numbers_of_their_records_and_counts_are_what_they_count(
    grid: Settings, as_role: AsRole, client: Client
) -> None:
    pic, walidata, opd = await as_role("pic", *AT), await as_role("walidata"), await as_role("opd")
    world = World(grid, pic, walidata, seed=16)
    for number in range(130):
        await world.step()
        if number % 40 == 39:
            await by_owner(grid, "SELECT titik.fold_progress(7)")
            async with open_once(grid.owner_dsn) as owner:
                assert await wrong(owner) == 0
    figures = [
        (reader, row, name)
        for reader in (client, opd, walidata, pic)
        for path, period in (("/progress", PERIOD), ("/progress", "2025"), ("/progress/profiles", PERIOD))
        for code in AT
        for row in await rows(reader, path, kelurahan=code, period=period)
        for name in row["records"]
    ]
    chosen = world.chance.sample(figures, 240)
    for reader, row, name in chosen:
        address = row["records"][name]
        if name == "expected":
            answer = (await reader.get(address)).json()
            assert (answer["value"], answer["indicator"], answer["period"]) == (
                row["expected"],
                row["expected_indicator"],
                row["expected_period"],
            )
            assert {"source", "indicator_version"} <= set(answer)
        else:
            assert await number_of(reader, address) == row[name], (address, name)
    assert {reader for reader, _, _ in chosen} == {client, opd, walidata, pic}
    # Of every kind there are some that are more than nothing.
    assert {name for _, row, name in chosen if row[name]} == WORK | {"published", "expected"}


@pytest.mark.parametrize("path", ["/progress", "/progress/profiles"])
async def test_a_total_is_the_sum_of_its_rows_and_opens_them(grid: Settings, as_role: AsRole, client: Client, path: str) -> None:
    pic, walidata = await as_role("pic", *AT), await as_role("walidata")
    world = World(grid, pic, walidata, seed=3)
    for _ in range(25):
        await world.step()
    numbers = {"expected", "published", "missing"}
    for reader, names in ((client, numbers), (walidata, numbers | {"drafted", "submitted", "returned"})):
        for level in ("kecamatan", "city"):
            for row in await rows(reader, path, level=level):
                address = urlsplit(row["records"]["rows"])
                below = await rows(reader, path, **{name: values[0] for name, values in parse_qs(address.query).items()})
                assert sum(one["kelurahan"] for one in below) == row["kelurahan"]
                for name in names:
                    assert sum(one[name] or 0 for one in below) == (row[name] or 0), (row, name)
    (city,) = [row for row in await rows(client, path, level="city") if row.get("category", "rt") == "rt"]
    assert (city["code"], city["kelurahan"]) == ("35.71", 46)


async def test_what_is_expected_is_a_published_figure_of_the_period_or_of_the_one_before(
    as_role: AsRole, client: Client, grid: Settings
) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    assert (await row_of(client, category="rt"))["expected"] is None
    office = await row_of(client, category="kantor_kelurahan")
    assert (office["expected"], office["expected_from"], office["missing"], office["share"]) == (1, "one-each", 1, 0.0)
    figure = await put(pic, MOJOROTO, "jumlah_posyandu", 3)
    assert (await row_of(client))["expected"] is None
    await walidata.post(f"/reviews/{figure['revision']}/decision", json=PUBLISH)
    await published(pic, walidata, a_feature(*AT[MOJOROTO]))
    row = await row_of(client)
    told = ("expected", "expected_from", "expected_indicator", "expected_period", "published", "missing", "share", "age_days", "drafted")
    assert [row[name] for name in told] == [3, "indicator", "jumlah_posyandu", PERIOD, 1, 2, 33.3, 0, None]
    assert (await row_of(client, period="2025"))["expected_period"] == PERIOD
    assert (await row_of(client, period="2026"))["expected"] is None


async def test_work_is_for_those_who_work(as_role: AsRole, client: Client, grid: Settings) -> None:
    pic, other, walidata, opd = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL), await as_role("walidata"), await as_role("opd")
    await submitted(pic, a_feature(*AT[MOJOROTO]))
    seen = {
        name: await row_of(one) for name, one in {"pic": pic, "other": other, "walidata": walidata, "opd": opd, "public": client}.items()
    }
    assert {name: row["submitted"] for name, row in seen.items()} == {"pic": 1, "other": None, "walidata": 1, "opd": None, "public": None}
    assert all((row["submitted"] is None) == (WORK.isdisjoint(row["records"])) for row in seen.values())
    assert (seen["pic"]["days_in_review"], seen["public"]["days_in_review"]) == (0.0, None)
    assert {row["submitted"] for row in await rows(pic, level="kecamatan")} == {None}
    answers = await client.get("/progress"), await walidata.get("/progress")
    assert [answer.headers["cache-control"].split(",")[0] for answer in answers][1] == "private"
    assert (await client.get("/progress", headers={"If-None-Match": answers[0].headers["etag"]})).status_code == 304


async def test_what_is_internal_is_no_row_of_the_public(as_role: AsRole, client: Client, grid: Settings) -> None:
    everybody = {row["category"] for row in await rows(client, kelurahan=MOJOROTO)}
    assert "posyandu" in everybody
    await by_owner(grid, "UPDATE titik.category SET audience = 'internal', version = version + 1 WHERE id = 'posyandu'")
    for _ in range(100):
        if "posyandu" not in {row["category"] for row in await rows(client, kelurahan=MOJOROTO)}:
            break
        await asyncio.sleep(0.1)
    opd = await as_role("opd")
    assert "posyandu" in {row["category"] for row in await rows(opd, kelurahan=MOJOROTO)}
    refused = await client.get("/progress?category=posyandu")
    assert refused.status_code == 400


async def test_the_newest_of_a_kelurahan_is_that_of_what_stays(as_role: AsRole, owner: WriteSession, grid: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    first = await published(pic, walidata, a_feature(*AT[MOJOROTO]))
    since = (await row_of(walidata))["verified_at"]
    second = await published(pic, walidata, a_feature(AT[MOJOROTO][0] + 0.002, AT[MOJOROTO][1], name="Posyandu Mawar"))
    assert (await row_of(walidata))["verified_at"] > since
    await walidata.post(f"/points/{second['id']}/revisions", json={"move": "unpublish", "reason": "Uji"})
    assert (await row_of(walidata))["verified_at"] == since
    await walidata.post(f"/points/{first['id']}/revisions", json={"move": "unpublish", "reason": "Uji"})
    assert (await row_of(walidata))["verified_at"] is None
    assert await wrong(owner) == 0


async def test_counts_that_were_changed_by_hand_are_found_and_mended(as_role: AsRole, grid: Settings) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    await submitted(pic, a_feature(*AT[MOJOROTO]))
    await by_owner(grid, "SELECT titik.fold_progress(100)")
    await by_owner(grid, "UPDATE titik.progress SET submitted = 7, drafted = -1")
    assert (await row_of(walidata))["submitted"] == 7
    for found in (1, 0):
        async with open_once(grid.owner_dsn) as session:
            assert await keeping.rebuild(session) == found
    row = await row_of(walidata)
    assert (row["submitted"], row["drafted"]) == (1, 0)


async def test_writers_of_a_kelurahan_do_not_wait_for_each_other(as_role: AsRole, grid: Settings, owner: WriteSession) -> None:
    """Nor for what is being folded: another transaction holds what it has counted, and a third one still counts."""
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    first = await submitted(pic, a_feature(*AT[MOJOROTO]))
    async with open_once(grid.owner_dsn) as holder:
        await execute(holder, "SELECT titik.fold_progress(100)")
        await execute(holder, f"UPDATE titik.revision SET state = 'withdrawn' WHERE id = '{first['properties']['revision']}'")
        async with asyncio.timeout(20):
            await submitted(pic, a_feature(AT[MOJOROTO][0] + 0.002, AT[MOJOROTO][1], name="Posyandu Mawar"))
            assert (await row_of(walidata))["submitted"] == 2
    assert (await row_of(walidata))["submitted"] == 1
    assert await keeping.rebuild(owner) == 0


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"level": "rw"}, ["level"]),
        ({"kelurahan": "Antah"}, ["kelurahan"]),
        ({"kecamatan": "Antah"}, ["kecamatan"]),
        ({"city": "99.99"}, ["city"]),
        ({"category": "kolam"}, ["category"]),
        ({"period": "2026-S3"}, ["period"]),
        ({"period": "2026-13", "category": "kolam"}, ["category", "period"]),
        ({"level": "kecamatan", "kelurahan": MOJOROTO}, ["kelurahan"]),
        ({"limit": "0"}, ["limit"]),
        ({"tahun": "2026"}, ["tahun"]),
        ({"f": "pdf"}, ["f"]),
    ],
)
async def test_what_there_is_not_is_refused_in_both_languages(client: Client, query: dict[str, str], names: list[str]) -> None:
    said = []
    for language in ("id", "en"):
        answer = await client.get("/progress", params=query, headers={"Accept-Language": language})
        assert answer.status_code == 400, answer.text
        assert sorted(fault["parameter"] for fault in answer.json()["errors"]) == names
        said.append([fault["detail"] for fault in answer.json()["errors"]])
    assert said[0] != said[1]


async def test_pages_are_whole_and_tables_say_the_same(as_role: AsRole, grid: Settings) -> None:
    pic, walidata = await as_role("pic", *AT), await as_role("walidata")
    await published(pic, walidata, a_feature(*AT[BUJEL]))
    await submitted(pic, a_feature(*AT[MOJOROTO]))
    for path in ("/progress", "/progress/profiles"):
        every = await rows(walidata, path)
        assert await rows(walidata, path, limit="7") == every
        codes = [(row["code"], row.get("category", "")) for row in every]
        assert (codes == sorted(codes), len(set(codes))) == (True, len(codes))
        assert len({row["code"] for row in every}) == 46
        table = list(csv.DictReader(StringIO((await walidata.get(path, params={"period": PERIOD, "f": "csv"})).text)))
        book = openpyxl.load_workbook(BytesIO((await walidata.get(path, params={"period": PERIOD, "f": "xlsx"})).content))
        heads, *cells = book.worksheets[0].iter_rows(values_only=True)
        for name in ("code", "expected", "published", "missing", "drafted", "submitted", "returned"):
            wanted = [row[name] for row in every]
            assert [row[name] for row in table] == ["" if one is None else str(one) for one in wanted]
            assert [row[heads.index(name)] for row in cells] == wanted
        assert all(head for head in heads)


async def test_the_public_table_has_no_columns_of_work(client: Client, grid: Settings) -> None:
    (head, *_) = csv.reader(StringIO((await client.get("/progress?f=csv")).text))
    assert WORK.isdisjoint(head)
    assert {"expected", "published", "missing", "share", "verified_at", "age_days"} <= set(head)


async def test_the_indicators_that_are_shipped_say_what_is_expected(owner: WriteSession) -> None:
    found = {row["category"]: row["indicator"] for row in await owner.all(queries.EXPECTED_BY)}
    assert found == {"posyandu": "jumlah_posyandu", "pos_kamling": "jumlah_pos_kamling", "rt": "jumlah_rt"}
