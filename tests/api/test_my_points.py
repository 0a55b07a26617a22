"""A PIC's own points: the page that lists them, and saying that one is still there."""

import asyncio
from typing import Any

import pytest

from app.settings import Settings
from tests.api.test_review_pages import PAGE, SCRIPT, Text, many, shown
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, published, submitted
from tests.photographs import a_photo

pytestmark = pytest.mark.anyio

MINE = "/portal/titik"


def names(page: Text) -> list[str]:
    """Of the points that a page lists, in its order."""
    addresses = [str(one["href"]) for one in page.all("a", **{"class": "review-name"})]
    labels = {
        str(one["href"]).rpartition("=")[2]: str(one["aria-label"]).partition(": ")[2]
        for one in page.all("a", **{"class": "button second"})
        if "aria-label" in one
    }
    return [labels[address.rpartition("/")[2]] for address in addresses]


async def confirmed(who: Client, point: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await who.post(f"/points/{point['id']}/revisions", json={"move": "confirm"}, headers=headers)
    assert answer.status_code == 200, answer.text
    feature: dict[str, Any] = answer.json()
    return feature


async def test_a_confirmation_is_reviewed_as_such_and_renews_verified_at(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(status="inactive", rw="3", address="Jalan Mawar 1"))
    before = (await client.get(f"/collections/posyandu/items/{point['id']}")).json()["properties"]
    # It is told in whole seconds.
    await asyncio.sleep(1.1)
    feature = await confirmed(pic, point)
    assert feature["properties"]["state"] == "submitted"
    (review,) = (await walidata.get("/reviews?kind=confirm&clean=true")).json()["reviews"]
    assert (review["kind"], review["changes"], review["flags"]) == ("confirm", [], [])
    assert (await walidata.post(decision_of(feature), json=PUBLISH)).status_code == 200
    after = (await client.get(f"/collections/posyandu/items/{point['id']}")).json()["properties"]
    assert after.pop("verified_at") > before.pop("verified_at")
    assert after == before


async def test_what_is_open_is_not_lost_by_a_confirmation(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    moves = f"/points/{point['id']}/revisions"
    first = await confirmed(pic, point)
    # Twice is once, whoever says so.
    assert await confirmed(walidata, point) == first
    changed = await pic.patch(f"/collections/posyandu/items/{point['id']}", json={"properties": {"rw": "5"}}, headers={"If-Match": '"2"'})
    assert changed.status_code == 200, changed.text
    assert code_of(await pic.post(moves, json={"move": "confirm"})) == (409, "confirm-open")
    assert (await pic.get(f"/points/{point['id']}")).json()["feature"]["properties"]["rw"] == "05"
    new = await submitted(pic, a_feature(112.0041, name="Baru"))
    assert code_of(await pic.post(f"/points/{new['id']}/revisions", json={"move": "confirm"})) == (409, "move-impossible")


async def test_only_who_writes_for_its_kelurahan_confirms_a_point(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    for role, kelurahan, status in (("pic", BUJEL, 404), ("opd", None, 403), ("admin", None, 403)):
        other = await as_role(role, *([kelurahan] if kelurahan else []))
        assert (await other.post(f"/points/{point['id']}/revisions", json={"move": "confirm"})).status_code == status
    assert (await client.post(f"/points/{point['id']}/revisions", json={"move": "confirm"})).status_code == 401
    stale = await pic.post(f"/points/{point['id']}/revisions", json={"move": "confirm"}, headers={"If-Match": '"7"'})
    assert code_of(stale) == (412, "version-stale")
    # Four eyes, here too.
    own = await confirmed(walidata, point)
    assert code_of(await walidata.post(decision_of(own), json=PUBLISH))[0] in (403, 409)


async def test_a_point_that_took_over_from_another_is_confirmed_as_it_is(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    old = await published(pic, walidata, a_feature(name="Lama"))
    new = await published(pic, walidata, a_feature(112.0031, name="Baru", predecessors=[old["id"]]))
    feature = await confirmed(pic, new)
    assert feature["properties"]["predecessors"] == [old["id"]]
    assert (await walidata.get("/reviews?kind=confirm")).json()["numberMatched"] == 1
    assert (await walidata.post(decision_of(feature), json=PUBLISH)).status_code == 200
    assert (await pic.get(f"/points/{old['id']}")).json()["status"] == "moved"
    patched = await pic.patch(f"/collections/posyandu/items/{new['id']}", json={"properties": {"rw": "2"}}, headers={"If-Match": '"2"'})
    assert patched.status_code == 200, patched.text


# -- the page


async def test_the_page_lists_points_by_what_there_is_to_do_the_longest_waiting_first(as_role: AsRole) -> None:
    pic, colleague, walidata = (
        await as_role("pic", MOJOROTO, name="satu"),
        await as_role("pic", MOJOROTO, name="dua"),
        await as_role("walidata"),
    )
    for number, name in enumerate(("Pertama", "Kedua", "Ketiga")):
        await published(pic if number else colleague, walidata, a_feature(112.0016 + number / 1000, name=name, address="Jalan Melati"))
    back = await submitted(pic, a_feature(112.0056, name=SCRIPT))
    await walidata.post(decision_of(back), json={"decision": "return", "reason": f"Nama {SCRIPT}"})
    await submitted(pic, a_feature(112.0066, name="Menunggu"))
    page = await shown(pic, MINE)
    # What was returned comes first, and nothing of it is a script.
    assert names(page) == [SCRIPT]
    assert f"Dikembalikan, karena: Nama {SCRIPT}" in page.text
    assert page.all("a", href=f"/portal/catat?titik={back['id']}")
    for tab, number in (("Dikembalikan", 1), ("Draf", 0), ("Terbit", 3), ("Sedang diperiksa", 1), ("Ditutup", 0)):
        assert f"{tab} {number}" in page.text
    page = await shown(pic, f"{MINE}?state=published")
    assert names(page) == ["Pertama", "Kedua", "Ketiga"]
    assert names(await shown(pic, f"{MINE}?state=published&whose=saya")) == ["Kedua", "Ketiga"]
    assert names(await shown(pic, f"{MINE}?state=published&q=melati%20KED")) == ["Kedua"]
    assert names(await shown(pic, f"{MINE}?state=published&category=rt")) == []
    assert names(await shown(walidata, f"{MINE}?state=published")) == []
    assert names(await shown(walidata, f"{MINE}?state=published&kelurahan=Mojoroto")) == ["Pertama", "Kedua", "Ketiga"]
    assert (await pic.get(f"{MINE}?kelurahan=Bujel", headers=PAGE)).status_code == 403
    assert (await pic.get(f"{MINE}?state=x", headers=PAGE)).status_code == 400
    assert (await pic.get(f"{MINE}?cursor=x", headers=PAGE)).status_code == 400


async def test_pages_by_key_show_every_point_once_in_order(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    await many(database, await submitted(pic, a_feature(name="Awal")), 119)
    found: list[str] = []
    address: str | None = f"{MINE}?state=submitted"
    while address:
        page = await shown(pic, address)
        found += names(page)
        address = next((str(one["href"]) for one in page.all("a", rel="next")), None)
    assert len(found) == len(set(found)) == 120
    assert names(await shown(pic, MINE)) == found[:50]


async def test_two_taps_confirm_a_point_and_a_photo_goes_along(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(name="Posyandu Mawar"))
    page = f"{MINE}/{point['id']}"
    form = await shown(pic, page)
    version = form.all("input", name="version")[0]
    bad = await pic.post(page, data={"version": version["value"]}, files={"photo": ("a.jpg", b"kosong", "image/jpeg")}, headers=PAGE)
    assert bad.status_code in (415, 422)
    (field,) = Text(bad.text).all("input", name="photo")
    assert (field["aria-invalid"], "photo-error" in str(field["aria-describedby"])) == ("true", True)
    assert (await walidata.get("/reviews")).json()["numberMatched"] == 0
    good = await pic.post(page, data={"version": version["value"]}, files={"photo": ("a.jpg", a_photo(), "image/jpeg")}, headers=PAGE)
    assert (good.status_code, good.headers["location"]) == (303, f"{MINE}?state=published&sudah={point['id']}")
    (review,) = (await walidata.get("/reviews")).json()["reviews"]
    assert (review["kind"], review["photos"]["number"]) == ("confirm", 1)
    # A new photo is to be looked at.
    assert (await walidata.get("/reviews?clean=true")).json()["numberMatched"] == 0
    assert "Posyandu Mawar: dinyatakan masih ada" in (await shown(pic, good.headers["location"])).text
    entry = await shown(walidata, f"/portal/tinjau/{review['revision']}")
    assert "Pengisi menyatakan titik ini masih ada" in entry.text


async def test_what_has_changed_since_is_told_instead_of_confirmed(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature())
    changed = await pic.patch(f"/collections/posyandu/items/{point['id']}", json={"properties": {"rw": "9"}}, headers={"If-Match": '"1"'})
    await walidata.post(decision_of(changed.json()), json=PUBLISH)
    page = f"{MINE}/{point['id']}"
    for version in ("1", "", "x", "99999999999"):
        answer = await pic.post(page, data={"version": version}, headers=PAGE)
        assert answer.status_code == 412, answer.text
        assert "Di bawah ini keadaannya sekarang" in answer.text
    assert (await pic.post(page, data={"version": "2"}, headers=PAGE)).status_code == 303
    assert "Masih ada, dan isi di bawah ini benar?" not in (await shown(pic, page)).text


async def test_two_taps_propose_to_close_a_point_and_a_third_takes_it_back(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(name="Posyandu Mawar"))
    page = f"{MINE}/{point['id']}"
    assert (await shown(pic, f"{MINE}?state=published")).all("a", href=f"{page}?tutup=ya#tutup")
    form = await shown(pic, f"{page}?tutup=ya")
    reason = str(form.all("button", name="reason")[0]["value"])
    gone = await pic.post(f"{page}/tutup", data={"version": "1", "reason": reason, "note": f"Dibongkar {SCRIPT}"}, headers=PAGE)
    assert (gone.status_code, gone.headers["location"]) == (303, f"{MINE}?state=published&sudah={point['id']}")
    assert "Posyandu Mawar: dinyatakan sudah tidak ada" in (await shown(pic, gone.headers["location"])).text
    (review,) = (await walidata.get("/reviews?kind=close")).json()["reviews"]
    assert review["name"] == "Posyandu Mawar"
    entry = await shown(walidata, f"/portal/tinjau/{review['revision']}")
    assert f"{reason} Dibongkar {SCRIPT}" in entry.text
    waiting = await shown(pic, page)
    assert f"{reason} Dibongkar {SCRIPT}" in waiting.text
    assert not waiting.all("button", name="reason")
    # The page that was open before knows nothing of the version that waits.
    assert (await pic.post(f"{page}/tarik", data={"version": "1"}, headers=PAGE)).status_code == 412
    taken = await pic.post(f"{page}/tarik", data={"version": "2"}, headers=PAGE)
    assert "Usulan sudah ditarik" in (await shown(pic, taken.headers["location"])).text
    assert (await walidata.get("/reviews")).json()["numberMatched"] == 0
    assert "Masih ada, dan isi di bawah ini benar?" in (await shown(pic, page)).text


async def test_a_closing_wants_its_reason_and_can_be_explained_when_it_came_back(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(name="Posyandu Mawar"))
    page = f"{MINE}/{point['id']}"
    for note, words in (("", "Tekan salah satu sebab"), ("x" * 1001, "")):
        answer = await pic.post(f"{page}/tutup", data={"version": "1", "note": note}, headers=PAGE)
        assert answer.status_code == 422, answer.text
        (field,) = Text(answer.text).all("textarea", name="note")
        assert (field["aria-invalid"], "note-error" in str(field["aria-describedby"])) == ("true", True)
        assert words in Text(answer.text).text
        assert note in answer.text
    assert (await pic.post(f"{page}/tutup", data={"version": "1", "note": "Tutup"}, headers=PAGE)).status_code == 303
    # It waits: it is not closed twice by two tabs.
    assert (await pic.post(f"{page}/tutup", data={"version": "1", "note": "Tutup"}, headers=PAGE)).status_code == 412
    (review,) = (await walidata.get("/reviews?kind=close")).json()["reviews"]
    decision = f"/reviews/{review['revision']}/decision"
    await walidata.post(decision, json={"decision": "return", "reason": "Alasan penutupan belum jelas."})
    again = await shown(pic, page)
    assert "Alasan penutupan belum jelas." in again.text
    assert (await pic.post(f"{page}/tutup", data={"version": "2", "note": "Dibongkar bulan ini"}, headers=PAGE)).status_code == 303
    (review,) = (await walidata.get("/reviews?kind=close")).json()["reviews"]
    assert (await walidata.post(f"/reviews/{review['revision']}/decision", json=PUBLISH)).status_code == 200
    assert (await client.get(f"/p/{point['id']}", headers=PAGE)).status_code == 410
    ended = await shown(pic, page)
    assert not ended.all("button", name="reason")
    assert (await pic.post(f"{page}/tutup", data={"version": "3", "note": "Lagi"}, headers=PAGE)).status_code == 409


async def test_only_ones_own_proposal_is_offered_to_be_taken_back(as_role: AsRole) -> None:
    pic, colleague = await as_role("pic", MOJOROTO, name="satu"), await as_role("pic", MOJOROTO, name="dua")
    other = await as_role("pic", BUJEL)
    new = await submitted(pic, a_feature(name="Baru"))
    page = f"{MINE}/{new['id']}"
    assert "Ya, tarik" not in (await shown(colleague, page)).text
    assert "hilang dari daftar Anda" in (await shown(pic, page)).text
    assert (await other.post(f"{page}/tarik", data={"version": "1"}, headers=PAGE)).status_code == 404
    assert (await pic.post(f"{page}/tarik", data={"version": "1"}, headers=PAGE)).status_code == 303
    assert (await pic.get(page, headers=PAGE)).status_code == 404


async def test_clean_confirmations_are_published_together(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    points = [await published(pic, walidata, a_feature(112.0016 + number / 1000, name=f"Titik {number}")) for number in range(3)]
    revisions = [(await confirmed(pic, one))["properties"]["revision"] for one in points]
    together = await shown(walidata, "/portal/tinjau?clean=true&kind=confirm")
    assert {one["value"] for one in together.all("input", name="revision")} == set(revisions)
    answer = await walidata.post("/portal/tinjau?clean=true", data={"revision": revisions})
    assert answer.status_code in (200, 303)
    assert (await walidata.get("/reviews")).json()["numberMatched"] == 0
    assert "Diperiksa lagi" in (await client.get(f"/p/{points[0]['id']}", headers=PAGE)).text


async def test_a_point_whose_confirmation_waits_is_listed_as_published(as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    first, second = [await published(pic, walidata, a_feature(112.0016 + n / 1000, name=f"Posyandu {n}")) for n in range(2)]
    await confirmed(pic, first)
    page = await shown(pic, f"{MINE}?state=published")
    assert "Terbit 2" in page.text
    assert "Sedang diperiksa 0" in page.text
    assert {str(one["href"]).rpartition("/")[2] for one in page.all("a", **{"class": "review-name"})} == {first["id"], second["id"]}
    assert "menunggu walidata; titiknya tetap terbit." in page.text
    assert [one["href"] for one in page.all("a", **{"class": "button"})] == [f"{MINE}/{second['id']}"]
    assert "Ya, masih ada" not in (await shown(pic, f"{MINE}/{first['id']}")).text


async def test_the_walidata_takes_a_point_off_the_map_with_a_reason(as_role: AsRole, client: Client) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    point = await published(pic, walidata, a_feature(name="Terbit"))
    path, item = f"{MINE}/{point['id']}", f"/collections/posyandu/items/{point['id']}"
    assert (await shown(walidata, f"{path}?turunkan=ya")).all("details", id="turunkan")[0].keys() == {"id", "open"}
    assert (await shown(pic, path)).all("details", id="turunkan") == []
    assert (await pic.post(f"{path}/turunkan", data={"version": "1", "reason": "x"}, headers=PAGE)).status_code == 403
    empty = await walidata.post(f"{path}/turunkan", data={"version": "1"}, headers=PAGE)
    assert empty.status_code == 422
    (field,) = Text(empty.text).all("textarea", id="why")
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "why-error why-hint")
    assert (await walidata.post(f"{path}/turunkan", data={"version": "7", "reason": "x"}, headers=PAGE)).status_code == 412
    assert (await client.get(item)).status_code == 200
    sent = {"version": "1", "reason": "Memuat data pribadi.", "why": "Nomor telepon."}
    answer = await walidata.post(f"{path}/turunkan", data=sent, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?diturunkan=ya")
    page = await shown(walidata, answer.headers["location"])
    assert "Titik ini sudah tidak ada di peta." in page.text
    assert "Memuat data pribadi. Nomor telepon." in page.text
    assert (await client.get(item)).status_code in (404, 410)
    assert "Memuat data pribadi. Nomor telepon." in (await shown(pic, f"{MINE}?state=ended")).text
