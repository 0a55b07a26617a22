"""The form of a profile: chosen, filled in, asked about, sent, returned and corrected."""

import re

import pytest

from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, PUBLISH

pytestmark = pytest.mark.anyio
HOME = "/portal/profil"
FORM = f"{HOME}/{MOJOROTO}/2025"
ENGLISH = {"Accept-Language": "en"}


async def pic_of(as_role: AsRole) -> Client:
    return await as_role("pic", MOJOROTO)


async def work(client: Client, period: str = "2025") -> dict[str, tuple[float | None, str, str]]:
    rows = (await client.get(f"/profiles/{MOJOROTO}/{period}?view=work")).json()["values"]
    return {one["indicator"]: (one["value"], one["meaning"], one["state"]) for one in rows}


async def test_a_kelurahan_and_a_period_lead_to_the_form(as_role: AsRole) -> None:
    pic = await pic_of(as_role)
    shown = (await pic.get(HOME)).text
    assert "Mojoroto" in shown
    assert "Bujel" not in shown
    led = await pic.get(f"{HOME}?kelurahan={MOJOROTO}&periode=2025-S1")
    assert (led.status_code, led.headers["location"]) == (303, f"{HOME}/{MOJOROTO}/2025-S1")
    wrong = await pic.get(f"{HOME}?kelurahan={MOJOROTO}&periode=2025-S3")
    assert (wrong.status_code, "Tulis seperti 2026" in wrong.text, 'value="2025-S3"' in wrong.text) == (422, True, True)
    assert (await pic.get(f"{HOME}/{BUJEL}/2025")).status_code == 403


async def test_figures_are_sent_and_kept_as_drafts(as_role: AsRole) -> None:
    pic = await pic_of(as_role)
    kept = await pic.post(FORM, data={"angka:jumlah_rw": "8", "langkah": "simpan"})
    assert (kept.status_code, kept.headers["location"]) == (303, f"{FORM}?sudah=simpan")
    assert await work(pic) == {"jumlah_rw": (8, "value", "draft")}
    sent = {
        "angka:jumlah_rw": "8",
        "versi:jumlah_rw": "1",
        "angka:luas_wilayah": "2,49",
        "arti:jumlah_lingkungan": "not-applicable",
        "status": "tetap",
    }
    answer = await pic.post(FORM, data={**sent, "langkah": "kirim"})
    assert answer.headers["location"] == f"{FORM}?sudah=kirim"
    assert await work(pic) == {
        "jumlah_rw": (8, "value", "submitted"), "luas_wilayah": (2.49, "value", "submitted"), "jumlah_lingkungan": (None, "not-applicable", "submitted"),
    }  # fmt: skip
    shown = (await pic.get(f"{FORM}?sudah=kirim")).text
    assert "Angka sudah dikirim" in shown
    assert 'name="angka:luas_wilayah" value="2,49"' in shown


async def test_an_ambiguous_number_is_asked_about_and_nothing_is_lost(as_role: AsRole) -> None:
    pic = await pic_of(as_role)
    answer = await pic.post(FORM, data={"angka:jumlah_kk": "1.234", "angka:jumlah_rw": "8", "langkah": "kirim"})
    assert answer.status_code == 422
    assert "Maksudnya 1234, atau 1,2340?" in answer.text
    assert 'name="angka:jumlah_kk" value="1.234"' in answer.text
    assert 'name="angka:jumlah_rw" value="8"' in answer.text
    assert await work(pic) == {}
    english = await pic.post(FORM, data={"angka:jumlah_kk": "1.234"}, headers=ENGLISH)
    assert "Do you mean 1234, or 1,2340?" in english.text


async def test_what_is_odd_asks_for_an_explanation_beside_last_year(as_role: AsRole) -> None:
    pic, walidata = await pic_of(as_role), await as_role("walidata")
    await pic.post(f"{HOME}/{MOJOROTO}/2024", data={"angka:jumlah_kk": "1000", "langkah": "kirim"})
    (first,) = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    await walidata.post(f"/reviews/{first['revision']}/decision", json=PUBLISH)
    assert "2024: 1.000" in (await pic.get(FORM)).text
    asked = await pic.post(FORM, data={"angka:jumlah_kk": "2000", "langkah": "kirim"})
    assert asked.status_code == 422
    assert re.search(r'name="jelas:jumlah_kk"[^>]*aria-invalid="true"', asked.text)
    assert "berbeda 100 persen" in asked.text
    done = await pic.post(FORM, data={"angka:jumlah_kk": "2000", "jelas:jumlah_kk": "Perumahan baru", "langkah": "kirim"})
    assert done.status_code == 303
    entry = (await walidata.get("/portal/tinjau?subject_kind=value", headers={"Accept": "text/html"})).text
    revision = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"][0]["revision"]
    assert "Jumlah Kepala Keluarga" in entry
    shown = (await walidata.get(f"/portal/tinjau/{revision}")).text
    assert "Perumahan baru" in shown
    assert "2000 berbeda 100 persen dari periode sebelumnya (1000)" in shown
    assert 'id="letak"' not in shown


async def test_a_returned_figure_says_why_and_is_corrected(as_role: AsRole) -> None:
    pic, walidata = await pic_of(as_role), await as_role("walidata")
    await pic.post(FORM, data={"angka:jumlah_rw": "8", "langkah": "kirim"})
    (first,) = (await walidata.get("/reviews?subject_kind=value")).json()["reviews"]
    await walidata.post(f"/portal/tinjau/{first['revision']}", data={"decision": "return", "note": "RW 9 belum masuk"})
    shown = (await pic.get(FORM)).text
    assert "RW 9 belum masuk" in shown
    stale = await pic.post(FORM, data={"angka:jumlah_rw": "9", "versi:jumlah_rw": "7", "langkah": "kirim"})
    assert (stale.status_code, "sudah mengubah angka kelurahan ini" in stale.text) == (412, True)
    assert (await pic.post(FORM, data={"angka:jumlah_rw": "9", "versi:jumlah_rw": "1", "langkah": "kirim"})).status_code == 303
    assert await work(pic) == {"jumlah_rw": (9, "value", "submitted")}


async def test_nothing_new_is_told(as_role: AsRole) -> None:
    pic = await pic_of(as_role)
    assert (await pic.post(FORM, data={"langkah": "kirim"})).headers["location"] == f"{FORM}?sudah=sama"
    assert "tidak ada yang dikirim" in (await pic.get(f"{FORM}?sudah=sama")).text


async def test_what_the_form_does_not_ask_for_stays(as_role: AsRole) -> None:
    pic, walidata = await pic_of(as_role), await as_role("walidata")
    said = {"indicator": "jumlah_rw", "value": 8, "note": "Per 31 Desember", "source": "Buku induk"}
    assert (await pic.put(f"/profiles/{MOJOROTO}/2025", json={"values": [said]})).status_code == 200
    assert (await pic.post(FORM, data={"angka:jumlah_rw": "9", "versi:jumlah_rw": "1", "langkah": "kirim"})).status_code == 303
    (row,) = (await pic.get(f"/profiles/{MOJOROTO}/2025?view=work")).json()["values"]
    assert (row["value"], row["note"], row["source"]) == (9, "Per 31 Desember", "Buku induk")
    # Somebody was faster with a figure of which the page knew nothing.
    assert 'name="versi:jumlah_kk" value="0"' in (await pic.get(FORM)).text
    await walidata.put(f"/profiles/{MOJOROTO}/2025", json={"values": [{"indicator": "jumlah_kk", "value": 900}]})
    assert (await pic.post(FORM, data={"angka:jumlah_kk": "901", "versi:jumlah_kk": "0", "langkah": "kirim"})).status_code == 412
