"""The reviewer's pages: what they show equals what there is, decisions by forms, and nothing lost where two decide."""

import asyncio
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from app.connections import open_once
from app.db import WriteSession
from app.settings import Settings
from app.uuid7 import uuid7
from tests.api.test_photos import sent
from tests.api.test_queue import RETURN, changed, one_of_each_kind
from tests.conftest import AsRole, Client
from tests.factories import (
    APPROXIMATE,
    BUJEL,
    IN_MOJOROTO,
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
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

QUEUE = "/portal/tinjau"
PAGE = {"Accept": "text/html", "Accept-Language": "id"}
SCRIPT = "<script>alert(1)</script>"


class Text(HTMLParser):
    """What a reader of a page reads, and the elements that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r" ([:;,.])", r"\1", re.sub(r"\s+", " ", " ".join(self.words)))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]


async def shown(who: Client, path: str, status: int = 200) -> Text:
    answer = await who.get(path, headers=PAGE)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    return Text(answer.text)


def page_of(feature: dict[str, Any]) -> str:
    return f"{QUEUE}/{feature['properties']['revision']}"


async def many(database: Settings, of: dict[str, Any], number: int) -> list[str]:
    """So many more entries like one that waits."""
    ids = [(str(uuid7()), str(uuid7())) for _ in range(number)]
    async with open_once(database.owner_dsn) as session:
        columns = await value(
            session,
            "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_schema = 'titik' AND table_name = 'revision'"
            " AND column_name NOT IN ('id', 'point_id', 'name')",
        )
        for at, (point, revision) in enumerate(ids):
            await execute(session, f"INSERT INTO titik.point (id, category, kelurahan) VALUES ('{point}', 'posyandu', '{MOJOROTO}')")
            await execute(
                session,
                f"INSERT INTO titik.revision (id, point_id, name, {columns}) SELECT '{revision}', '{point}', 'Isian {at:03}', {columns}"
                f" FROM titik.revision WHERE id = '{of['properties']['revision']}'",
            )
    return [revision for _, revision in ids]


# -- the queue


async def test_the_queue_shows_what_waits_and_counts_it(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, name="petugas"), await as_role("walidata")
    await one_of_each_kind(pic, walidata)
    back = await submitted(pic, a_feature(112.0041, -7.8061, name="kembali"))
    await walidata.post(decision_of(back), json=RETURN)
    await changed(pic, back, {"properties": {"rw": "4"}})
    page = await shown(walidata, QUEUE)
    assert {one["href"] for one in page.all("a", **{"class": "review-name"})} == {
        f"{QUEUE}/{entry['revision']}" for entry in (await walidata.get("/reviews")).json()["reviews"]
    }
    assert "5 isian menunggu" in page.text
    for tab, number in (("Semua", 5), ("Tanpa catatan", 3), ("Dikoreksi setelah dikembalikan", 1), ("Penutupan", 1), ("Batas berubah", 0)):
        assert f"{tab} {number}" in page.text
    assert "Dikembalikan karena: Nomor RW belum ada Sejak itu berubah: Nomor RW" in page.text
    # Every tab and every choice opens a list of as many entries as it says.
    for query, number in (
        ("?kind=close", 1),
        ("?corrected=true", 1),
        ("?clean=true", 3),
        ("?kind=change&category=posyandu", 1),
        ("?q=kembali", 1),
    ):
        assert len((await shown(walidata, QUEUE + query)).all("a", **{"class": "review-name"})) == number, query


async def test_the_pages_of_the_queue_follow_one_another(as_role: AsRole, database: Settings) -> None:
    walidata = await as_role("walidata")
    first = await submitted(await as_role("pic", MOJOROTO), a_feature())
    await many(database, first, 119)
    path: str | None = f"{QUEUE}?sortby=name"
    found: list[str | None] = []
    while path:
        page = await shown(walidata, path)
        assert "120 isian" in page.text
        found += [one["href"] for one in page.all("a", **{"class": "review-name"})]
        path = next((one["href"] for one in page.all("a", rel="next")), None)
    assert len(found) == len(set(found)) == 120


async def test_an_empty_queue_says_so(as_role: AsRole) -> None:
    page = await shown(await as_role("walidata"), QUEUE)
    assert "Tidak ada yang menunggu" in page.text
    assert "Tidak ada isian yang cocok" in (await shown(await as_role("walidata"), f"{QUEUE}?kind=close")).text


@pytest.mark.parametrize("query", ["?kind=strange", "?age=long", "?clean=perhaps", "?cursor=x", "?unknown=1", "?sortby=colour"])
async def test_a_filter_that_cannot_be_is_refused(as_role: AsRole, query: str) -> None:
    assert (await (await as_role("walidata")).get(QUEUE + query, headers=PAGE)).status_code == 400


@pytest.mark.parametrize("role", ["pic", "opd", "pembina", "admin"])
async def test_only_the_walidata_reviews(as_role: AsRole, role: str) -> None:
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    other = await as_role(role, *([MOJOROTO] if role == "pic" else []))
    for path in (QUEUE, page_of(feature)):
        assert (await other.get(path, headers=PAGE)).status_code == 403
    for path in (QUEUE, page_of(feature)):
        sent_form = {"decision": "publish", "revision": feature["properties"]["revision"]}
        assert (await other.post(path, data=sent_form, headers=PAGE)).status_code == 403
    assert len((await (await as_role("walidata")).get("/reviews")).json()["reviews"]) == 1


async def test_whoever_is_not_signed_in_is_led_there_and_comes_back(client: Client, as_role: AsRole) -> None:
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    answer = await client.get(f"{page_of(feature)}?kind=new", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/portal/masuk?ke={page_of(feature)}%3Fkind%3Dnew"
    assert (await client.post(page_of(feature), data={"decision": "publish"}, headers=PAGE)).status_code == 303
    assert (await (await as_role("walidata")).get("/reviews")).json()["numberMatched"] == 1


# -- many together


async def test_three_hundred_clean_entries_are_published_by_one_form(as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    walidata, pic = await as_role("walidata", name="penguji"), await as_role("pic", MOJOROTO)
    closed = await published(pic, walidata, a_feature(112.0021, name="tutup"))
    closing = (await pic.delete(f"/collections/posyandu/items/{closed['id']}", headers={"If-Match": "*"})).json()
    await many(database, await submitted(pic, a_feature()), 299)
    page = await shown(walidata, f"{QUEUE}?clean=true")
    ticked = [str(one["value"]) for one in page.all("input", name="revision")]
    assert (len(ticked), "300 isian" in page.text) == (300, True)
    # A closing that is put among them all the same is left.
    answer = await walidata.post(f"{QUEUE}?clean=true", data={"revision": [*ticked, closing["properties"]["revision"]]}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    result = Text(answer.text).text
    assert "300 isian terbit; 1 tidak" in result
    assert "tutup: Revisi ini menutup titiknya" in result
    decided = (
        "SELECT count(DISTINCT subject) FROM titik.audit a JOIN titik.account c ON c.id = a.account_id WHERE a.action = 'revision.publish'"
    )
    assert await value(owner, f"{decided} AND c.name = 'penguji'") == 301
    assert await value(owner, "SELECT count(*) FROM titik.revision WHERE state = 'published' AND decided_by IS NOT NULL") == 301
    assert await value(owner, "SELECT count(*) FROM published.item") == 301
    assert [one["name"] for one in (await walidata.get("/reviews")).json()["reviews"]] == ["tutup"]


async def test_of_two_reviewers_each_is_told_what_the_other_has_decided(as_role: AsRole, owner: WriteSession, database: Settings) -> None:
    first, second, pic = await as_role("walidata", name="satu"), await as_role("walidata", name="dua"), await as_role("pic", MOJOROTO)
    revisions = await many(database, await submitted(pic, a_feature()), 60)
    shares = revisions[:40], revisions[20:]
    answers = await asyncio.gather(
        *(who.post(QUEUE, data={"revision": share}, headers=PAGE) for who, share in zip((first, second), shares, strict=True))
    )
    numbers = [re.search(r"(\d+) isian terbit(?:; (\d+) tidak)?", Text(answer.text).text) for answer in answers]
    done, refused = ([int((found and found[group]) or 0) for found in numbers] for group in (1, 2))
    assert (sum(done), sum(refused)) == (60, 20)
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action = 'revision.publish'") == 60
    assert await value(owner, "SELECT count(*) FROM published.item") == 60
    # The same again changes nothing, and says whose decision it was.
    again = Text((await first.post(QUEUE, data={"revision": revisions}, headers=PAGE)).text)
    assert "0 isian terbit; 60 tidak" in again.text
    assert again.text.count("oleh satu") + again.text.count("oleh dua") == 60


async def test_nothing_ticked_decides_nothing(as_role: AsRole) -> None:
    answer = await (await as_role("walidata")).post(f"{QUEUE}?clean=true", data={}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{QUEUE}?clean=true")


async def test_one_s_own_entry_is_not_published_together(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    own = await submitted(walidata, a_feature(kelurahan=MOJOROTO))
    answer = await walidata.post(QUEUE, data={"revision": own["properties"]["revision"]}, headers=PAGE)
    assert "0 isian terbit; 1 tidak" in Text(answer.text).text


# -- one entry


async def test_an_entry_shows_both_places_the_verdict_and_what_differs(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(strata="madya"))
    moved = await changed(
        pic, point, {"geometry": {"type": "Point", "coordinates": [112.0026, -7.8041]}, "properties": {"strata": "mandiri"}}
    )
    page = await shown(walidata, page_of(moved))
    assert "Di dalam Mojoroto." in page.text
    assert "pindah 110,3 m" in page.text
    assert re.search(r"Strata\w* madya mandiri", page.text)
    assert "Lama -7.804100, 112.001600" in page.text
    circle, diamond = page.all("g", **{"class": "after"}), page.all("g", **{"class": "before"})
    assert (len(circle), len(diamond), len(page.all("circle", **{"class": "tolerance"}))) == (1, 1, 1)
    assert len(page.all("path", **{"class": "area lit"})) == 1
    # Both revisions of its history.
    assert "2 · menunggu tinjauan" in page.text
    assert "1 · terbit" in page.text


async def test_what_may_be_the_same_stands_beside_it(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    lon, lat = IN_MOJOROTO
    await published(pic, walidata, a_feature(lon + 0.0001, lat, name="Posyandu Melati 1", rw="3"))
    page = await shown(walidata, page_of(await submitted(pic, a_feature(lon, lat, rw="4"))))
    assert "Mungkin ganda" in page.text
    assert "11 m · Posyandu Melati 1" in page.text
    assert "Nomor RW 04 03" in page.text
    assert len(page.all("table", **{"class": "review-table review-sides"})) == 1


async def test_photos_are_shown_and_published_where_they_are_ticked(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    photo, other = await sent(pic, feature), await sent(pic, feature, a_photo(colour=(20, 30, 200)))
    page = await shown(walidata, page_of(feature))
    assert [one["value"] for one in page.all("input", name="photo")] == [photo["id"], other["id"]]
    assert page.all("img")[0]["src"] == f"/points/{feature['id']}/photos/{photo['id']}?size=small"
    answer = await walidata.post(page_of(feature), data={"decision": "publish", "photo": photo["id"]}, headers=PAGE)
    assert answer.status_code == 303
    assert await value(owner, "SELECT array_agg(id::text) FROM titik.photo WHERE approved") == [photo["id"]]
    assert await value(owner, "SELECT array_agg(id::text) FROM internal.photo") == [photo["id"]]


async def test_deciding_leads_to_the_next_entry_of_the_same_filters(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    made = [await submitted(pic, a_feature(112.0016 + number / 1000, name=f"Pos {number}")) for number in range(3)]
    first, second, third = (one["properties"]["revision"] for one in made)
    answer = await walidata.post(f"{QUEUE}/{first}?kind=new", data={"decision": "publish"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{QUEUE}/{second}?kind=new&sudah={first}")
    page = await shown(walidata, answer.headers["location"])
    assert "Terbit: Pos 0" in page.text
    assert "1 dari 2" in page.text
    assert (await client.get(f"/collections/posyandu/items/{made[0]['id']}")).status_code == 200
    form = {"decision": "return", "reason": "Alamat belum lengkap.", "note": "Nomor rumah?"}
    answer = await walidata.post(f"{QUEUE}/{second}?kind=new", data=form, headers=PAGE)
    assert answer.headers["location"] == f"{QUEUE}/{third}?kind=new&sudah={second}"
    assert (await pic.get(f"/reviews/{second}")).json()["decision_reason"] == "Alamat belum lengkap. Nomor rumah?"
    answer = await walidata.post(f"{QUEUE}/{third}?kind=new", data={"decision": "publish"}, headers=PAGE)
    assert answer.headers["location"] == f"{QUEUE}?kind=new&sudah={third}"
    assert "Terbit: Pos 2" in (await shown(walidata, answer.headers["location"])).text


async def test_a_return_without_a_reason_says_so_at_the_field(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    answer = await walidata.post(page_of(feature), data={"decision": "return", "reason": "", "note": "   "}, headers=PAGE)
    page = Text(answer.text)
    assert answer.status_code == 422
    assert "Pilih atau tulis dulu alasannya" in page.text
    assert [one["name"] for tag, one in page.elements if "autofocus" in one] == ["reason"]
    assert (await walidata.get("/reviews")).json()["numberMatched"] == 1


async def test_what_is_too_long_is_kept_and_refused(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    note = "panjang " * 200
    answer = await walidata.post(page_of(feature), data={"decision": "return", "note": note}, headers=PAGE)
    assert answer.status_code == 422
    assert note.strip() in Text(answer.text).text


async def test_a_closing_is_published_only_where_it_was_seen(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    closing = (await pic.delete(f"/collections/posyandu/items/{point['id']}", headers={"If-Match": "*"})).json()
    page = await shown(walidata, page_of(closing))
    assert "Titik ini akan ditutup" in page.text
    answer = await walidata.post(page_of(closing), data={"decision": "publish"}, headers=PAGE)
    assert (answer.status_code, "Centang dulu" in answer.text) == (422, True)
    assert (await client.get(f"/collections/posyandu/items/{point['id']}")).status_code == 200
    answer = await walidata.post(page_of(closing), data={"decision": "publish", "closing": "seen"}, headers=PAGE)
    assert answer.status_code == 303
    assert (await client.get(f"/collections/posyandu/items/{point['id']}")).status_code in (404, 410)


async def test_a_closing_is_returned_without_a_tick(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    closing = (await pic.delete(f"/collections/posyandu/items/{point['id']}", headers={"If-Match": "*"})).json()
    form = {"decision": "return", "reason": "Alasan penutupan belum jelas."}
    assert (await walidata.post(page_of(closing), data=form, headers=PAGE)).status_code == 303


@pytest.mark.parametrize("mine", ["publish", "return"])
async def test_where_another_was_quicker_both_decisions_are_shown(as_role: AsRole, mine: str) -> None:
    first, second, pic = await as_role("walidata", name="cepat"), await as_role("walidata"), await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    theirs = {"decision": "return", "reason": "Nomor RT atau RW belum ada atau keliru.", "note": "RW berapa?"}
    assert (await first.post(page_of(feature), data=theirs, headers=PAGE)).status_code == 303
    form = {"decision": mine, "reason": "Alamat belum lengkap.", "note": "Jalan apa?"}
    answer = await second.post(page_of(feature), data=form, headers=PAGE)
    page = Text(answer.text).text
    assert answer.status_code == 409
    assert "Keputusan Anda belum tersimpan" in page
    assert "dikembalikan, oleh cepat" in page
    assert "Nomor RT atau RW belum ada atau keliru. RW berapa?" in page
    assert "Alamat belum lengkap. Jalan apa?" in page
    assert (await pic.get(f"/reviews/{feature['properties']['revision']}")).json()["decided_by"] == "cepat"


async def test_what_was_replaced_leads_to_what_replaced_it(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature())
    newer = await changed(pic, feature, {"properties": {"rw": "7"}})
    answer = await walidata.post(page_of(feature), data={"decision": "publish"}, headers=PAGE)
    assert answer.status_code == 409
    assert page_of(newer) in [one["href"] for one in Text(answer.text).all("a")]


async def test_one_s_own_entry_has_no_form(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    own = await submitted(walidata, a_feature(kelurahan=MOJOROTO))
    page = await shown(walidata, page_of(own))
    assert "isian Anda sendiri" in page.text
    assert page.all("form", id="menerbitkan") == []
    assert code_of(await walidata.post(decision_of(own), json=PUBLISH)) == (403, "own-revision")


async def test_a_script_in_a_text_is_text(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await submitted(pic, a_feature(name=SCRIPT, address=f'"{SCRIPT}'))
    await walidata.post(decision_of(feature), json={"decision": "return", "reason": SCRIPT})
    again = await changed(pic, feature, {"properties": {"rw": "2"}})
    note = f"</textarea>{SCRIPT}"
    answers = [await walidata.get(path, headers=PAGE) for path in (QUEUE, page_of(again), page_of(feature), f"{QUEUE}?q=script")]
    answers.append(await walidata.post(page_of(feature), data={"decision": "return", "note": note}, headers=PAGE))
    for answer in answers:
        page = Text(answer.text)
        assert "alert(1)" in page.text
        assert [one for one in page.all("script") if not (one.get("src") or "").startswith("/static/")] == []
        assert "unsafe" not in answer.headers["content-security-policy"]


async def test_an_entry_that_is_none_is_not_found(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    for name in (uuid7(), "bukan-id"):
        assert (await walidata.get(f"{QUEUE}/{name}", headers=PAGE)).status_code == 404


async def test_the_pages_speak_english(as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    feature = await submitted(await as_role("pic", MOJOROTO), a_feature())
    for path, words in ((QUEUE, "1 entries wait"), (page_of(feature), "Within Mojoroto.")):
        answer = await walidata.get(path, headers={**PAGE, "Accept-Language": "en"})
        assert words in Text(answer.text).text
        assert 'lang="en"' in answer.text


# -- what other boundaries have turned


async def turned(as_role: AsRole, database: Settings, number: int = 1) -> tuple[Client, Client, list[str]]:
    """Public points of Bujel by the squares, which lie elsewhere by the boundaries of the city: the PIC, a walidata, and their revisions."""
    pic, walidata = await as_role("pic", BUJEL, name="pic-bujel"), await as_role("walidata", name="walidata-satu")
    await activate_grid(database)
    made = [await published(pic, walidata, a_feature(112.0110 + n / 1000, -7.8050, name=f"Posyandu {n}")) for n in range(number)]
    await activate(database, APPROXIMATE)
    return pic, walidata, [one["properties"]["revision"] for one in made]


async def home(who: Client) -> Text:
    return Text((await who.get("/portal/", headers=PAGE)).text)


async def test_a_point_that_boundaries_moved_is_told_seen_and_leaves_the_list(as_role: AsRole, database: Settings) -> None:
    pic, walidata, revisions = await turned(as_role, database, 3)
    there = (await walidata.get(f"/reviews/{revisions[0]}")).json()["placement"]["kelurahan_name"]
    assert "3 titik terbit berubah letaknya oleh batas baru: lihat" in (await home(walidata)).text
    assert "3 titik Anda terkena perubahan batas kelurahan: periksa" in (await home(pic)).text
    mine = await shown(pic, "/portal/titik?batas=berubah")
    assert len(mine.all("a", **{"class": "review-name"})) == 3
    assert f"Sekarang: di kelurahan lain ({there})," in mine.text
    # One by one: the next is shown, with what was done.
    page = await shown(walidata, f"{QUEUE}/{revisions[0]}?flag=rejudged")
    assert "Sebelum batas baru: di dalam kelurahannya. Sekarang: di kelurahan lain" in page.text
    assert "1 dari 3" in page.text
    assert not {"inside", "elsewhere", "Baru"} & set(page.text.split())
    answer = await walidata.post(f"{QUEUE}/{revisions[0]}/dilihat?flag=rejudged", data={}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{QUEUE}/{revisions[1]}?flag=rejudged&sudah={revisions[0]}&hasil=dilihat",
    )
    assert "Sudah dilihat: Posyandu 0" in (await shown(walidata, answer.headers["location"])).text
    # Seen by another meanwhile: nothing is done twice.
    assert (await walidata.post(f"{QUEUE}/{revisions[0]}/dilihat", data={}, headers=PAGE)).status_code == 409
    # The others together, with their number.
    page = await shown(walidata, f"{QUEUE}?flag=rejudged")
    assert "Sudah saya lihat: 2 titik" in page.text
    assert {one["value"] for one in page.all("input", name="revision")} == set(revisions[1:])
    sent = await walidata.post(f"{QUEUE}/dilihat?flag=rejudged", data={"revision": revisions}, headers=PAGE)
    page = await shown(walidata, sent.headers["location"])
    assert "2 titik sudah dilihat, dan keluar dari daftar ini. 1 tidak" in page.text
    assert page.all("a", **{"class": "review-name"}) == []
    assert "batas" not in (await home(walidata)).text.replace("Batas", "") + (await home(pic)).text
    # All are as public as before.
    assert {(await walidata.get(f"/reviews/{one}")).json()["state"] for one in revisions} == {"published"}


async def test_a_point_that_boundaries_moved_is_proposed_for_where_it_lies_now(as_role: AsRole, database: Settings) -> None:
    _, walidata, (revision,) = await turned(as_role, database)
    now = (await walidata.get(f"/reviews/{revision}")).json()["placement"]
    assert f"Pindahkan ke {now['kelurahan_name']}" in (await shown(walidata, f"{QUEUE}/{revision}?flag=rejudged")).text
    answer = await walidata.post(f"{QUEUE}/{revision}/pindah?flag=rejudged", data={}, headers=PAGE)
    assert answer.status_code == 303, answer.text
    page = await shown(walidata, answer.headers["location"])
    assert "Diusulkan pindah kelurahan: Posyandu 0. Walidata lain yang menerbitkannya." in page.text
    assert page.all("a", **{"class": "review-name"}) == []
    (proposed,) = (await walidata.get("/reviews")).json()["reviews"]
    assert [(one["property"], one["after"]) for one in proposed["changes"]] == [("kelurahan", now["kelurahan"])]
    assert (proposed["placement"]["verdict"], proposed["flags"]) == ("inside", [])
    # Four eyes: another walidata publishes it.
    decision = f"/reviews/{proposed['revision']}/decision"
    assert code_of(await walidata.post(decision, json=PUBLISH)) == (403, "own-revision")
    assert (await (await as_role("walidata")).post(decision, json=PUBLISH)).status_code == 200
    assert (await walidata.get(f"/points/{proposed['point']}")).json()["kelurahan"] == now["kelurahan"]
    assert (await walidata.post(f"{QUEUE}/{revision}/pindah", data={}, headers=PAGE)).status_code == 409


async def test_what_is_open_of_a_moved_point_is_not_replaced_unseen(as_role: AsRole, database: Settings) -> None:
    pic, walidata, (revision,) = await turned(as_role, database)
    point = (await walidata.get(f"/reviews/{revision}")).json()["point"]
    patched = await pic.patch(f"/collections/posyandu/items/{point}", json={"properties": {"rw": "5"}}, headers={"If-Match": "*"})
    assert patched.status_code == 200, patched.text
    refused = await walidata.post(f"{QUEUE}/{revision}/pindah?flag=rejudged", data={}, headers=PAGE)
    assert refused.status_code == 412
    assert f"{QUEUE}/{revision}/dilihat?flag=rejudged" in refused.text
    assert (await walidata.get(f"/points/{point}")).json()["feature"]["properties"]["rw"] == "05"
    for who in (pic, await as_role("admin")):
        for path in (f"{revision}/dilihat", f"{revision}/pindah", "dilihat"):
            assert (await who.post(f"{QUEUE}/{path}", data={"revision": revision}, headers=PAGE)).status_code == 403
