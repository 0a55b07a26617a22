"""Editions of boundaries by hand: loaded, compared, looked at, used; and what is said where something is wrong."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import urlencode

import pytest

from app.connections import open_once
from app.settings import Settings
from app.statement import Statement
from tests.api.test_editions import SHIFTED, a_file, shifted
from tests.conftest import AsRole, Client
from tests.factories import APPROXIMATE, BUJEL, GRID, MOJOROTO, a_feature, activate, empty, published, squares, submitted

pytestmark = pytest.mark.usefixtures("grid")
PAGE = {"Accept": "text/html"}
HOME = "/portal/kelola/batas"
SCRIPT = "<script>alert(1)</script>"
SAID = {
    "edition": SHIFTED,
    "source": "Bappeda",
    "legal_basis": "Perda 1/2026",
    "valid_from": "2026-01-01",
    "accuracy_m": "5",
    "incomplete": "true",
}


@pytest.fixture(autouse=True)
async def editions_of_all(database: Settings) -> AsyncIterator[None]:
    """Leaves the two editions that all tests share."""
    yield
    if await empty(database) not in (APPROXIMATE, GRID):
        await activate(database, GRID)
    async with open_once(database.owner_dsn) as session:
        await session.run(
            Statement("DELETE FROM titik.boundary_edition WHERE name NOT IN (:approximate, :grid)"), approximate=APPROXIMATE, grid=GRID
        )


async def ended(client: Client, path: str) -> tuple[str, str]:
    """Where the page of a job leads once it is done; else its text."""
    for _ in range(600):
        answer = await client.get(path, headers=PAGE)
        if answer.status_code == 303:
            return answer.headers["location"], ""
        if "data-busy" not in answer.text:
            return "", unescape(answer.text)
        await asyncio.sleep(0.1)
    raise AssertionError(answer.text)


async def loaded(admin: Client, content: bytes = b"", **said: str) -> tuple[str, str]:
    query = urlencode(SAID | said)
    sent = await admin.post(f"{HOME}/berkas?{query}", files={"file": ("batas.geojson", content or a_file(shifted()))}, headers=PAGE)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(f"{HOME}/pekerjaan/")
    return await ended(admin, sent.headers["location"])


async def compared(admin: Client) -> str:
    begun = await admin.post(f"{HOME}/edisi/{SHIFTED}/bandingkan", data={}, headers=PAGE)
    leads_to, _ = await ended(admin, begun.headers["location"])
    assert leads_to == f"{HOME}/edisi/{SHIFTED}/dampak"
    return unescape((await admin.get(leads_to, headers=PAGE)).text)


async def test_an_edition_is_loaded_compared_and_used_by_forms_alone(as_role: AsRole, client: Client) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(112.0005, -7.8041, name=f"Posyandu {SCRIPT}"))
    hidden = await submitted(pic, a_feature(112.0005, -7.8051, name="Posyandu Rahasia"))
    assert 'name="edition"' in (await admin.get(f"{HOME}/baru", headers=PAGE)).text
    summary = (await admin.get(f"{HOME}/berkas?{urlencode(SAID)}", headers=PAGE)).text
    assert "Perda 1/2026" in summary
    leads_to, _ = await loaded(admin)
    assert leads_to == f"{HOME}/edisi/{SHIFTED}?sudah=dimuat"
    page = (await admin.get(leads_to, headers=PAGE)).text
    assert ("Batas sudah dimuat" in page, "belum dipakai" in page, "tidak lengkap" in page) == (True, True, True)

    answer = (await admin.get((await admin.post(f"{HOME}/edisi/{SHIFTED}/bandingkan", data={})).headers["location"])).status_code
    assert answer in (200, 303)
    page = await compared(admin)
    assert re.search(r"<strong>2</strong> dari 2 titik dinilai lain", page)
    # Every square is moved by as much: points change, areas and neighbours do not, and the page says how both can be.
    assert "petugas menulisnya di 1 kelurahan" in page
    assert ("Luas dan tetangga setiap kelurahan tetap. Titik dinilai lain karena" in page, "kelurahan berubah" in page) == (True, False)
    raw = (await admin.get(f"{HOME}/edisi/{SHIFTED}/dampak", headers=PAGE)).text
    assert "<script>alert" not in raw
    assert f'href="/p/{feature["id"]}"' in raw
    assert ("Posyandu Rahasia" in raw, hidden["id"][-8:] in raw) == (False, True)
    assert 'class="area former"' in raw
    drawn = (await admin.get(f"{HOME}/edisi/{SHIFTED}/dampak/peta")).json()
    parts = Counter(one["properties"]["part"] for one in drawn["features"])
    assert parts == {"before": len(squares()), "after": len(squares()), "changed": 1}
    assert drawn["features"][-1]["properties"]["id"] == feature["id"]

    tag = re.search(r'name="tag" value="([^"]+)"', raw)
    assert tag is not None
    begun = await admin.post(f"{HOME}/edisi/{SHIFTED}/pakai", data={"tag": tag[1]}, headers=PAGE)
    assert begun.status_code == 303, begun.text
    leads_to, _ = await ended(admin, begun.headers["location"])
    assert leads_to == f"{HOME}/edisi/{SHIFTED}/hasil"
    page = (await admin.get(leads_to, headers=PAGE)).text
    assert "Edisi ini dipakai." in page
    # The lines before and after, as in the comparison.
    assert page.count('class="area former"') == len(squares())
    assert "batas sebelumnya" in page
    assert (await admin.get(f"{HOME}/edisi/{SHIFTED}/hasil/peta")).json() == drawn
    assert (await client.get(f"/boundaries/editions/{SHIFTED}")).json()["active"] is True
    assert "dipakai sekarang" in (await admin.get(HOME, headers=PAGE)).text


async def test_the_list_is_narrowed_down_by_move_and_kelurahan(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin"), await as_role("pic", MOJOROTO, BUJEL), await as_role("walidata")
    # Of the two in Mojoroto one falls out of all kelurahan; that of Bujel comes to lie in Mojoroto.
    out = await submitted(pic, a_feature(112.0005, -7.8041, name="Posyandu Tepi"))
    next_door = await submitted(pic, a_feature(112.0106, -7.805, name="Posyandu Bujel"))
    await loaded(admin)
    page = await compared(walidata)
    counts = dict(re.findall(r'<a href="([^"]+)#titik"[^>]*>[^<]+<span>(\d+)</span>', page))
    own = f"{HOME}/edisi/{SHIFTED}/dampak"
    assert sum(int(number) for href, number in counts.items() if "perubahan" in href) == int(counts[own]) == 2
    moves = [href for href in counts if "perubahan" in href]
    seen = set()
    for href in moves:
        shown = (await walidata.get(href, headers=PAGE)).text
        listed = set(re.findall(r'<tr id="titik-([^"]+)"', shown))
        assert len(listed) == int(counts[href])
        assert 'aria-current="true"' in shown
        seen |= listed
        peta = (await walidata.get(href.replace("dampak?", "dampak/peta?"))).json()
        assert {one["properties"]["part"] for one in peta["features"]} == {"before", "after"}
    assert len(seen) == 2
    for code, point in ((MOJOROTO, out), (BUJEL, next_door)):
        shown = (await walidata.get(f"{own}?kelurahan={code}", headers=PAGE)).text
        assert (point["id"][-8:] in shown, shown.count('<tr id="titik-')) == (True, 1)
        assert f'<option value="{code}" selected>' in shown
    nobody = (await walidata.get(f"{own}?perubahan=near-near", headers=PAGE)).text
    assert "Tidak ada titik yang cocok dengan saringan ini." in nobody
    assert (await walidata.get(f"{own}?perubahan=x", headers=PAGE)).status_code == 400


async def test_an_edition_is_removed_by_hand_while_it_was_never_in_use(as_role: AsRole) -> None:
    admin, walidata = await as_role("admin"), await as_role("walidata")
    await loaded(admin)
    own = f"{HOME}/edisi/{SHIFTED}"
    assert f'action="{own}/hapus"' in (await admin.get(own, headers=PAGE)).text
    assert (await walidata.post(f"{own}/hapus", data={}, headers=PAGE)).status_code == 403
    gone = await admin.post(f"{own}/hapus", data={}, headers=PAGE)
    assert (gone.status_code, gone.headers["location"]) == (303, f"{HOME}?sudah=dihapus")
    page = (await admin.get(gone.headers["location"], headers=PAGE)).text
    assert ("Edisi dihapus." in page, SHIFTED in page) == (True, False)
    used = f"{HOME}/edisi/{GRID}"
    assert "/hapus" not in (await admin.get(used, headers=PAGE)).text
    kept = await admin.post(f"{used}/hapus", data={}, headers=PAGE)
    assert (kept.status_code, "tidak dapat dihapus" in kept.text) == (409, True)


async def test_a_comparison_out_of_date_is_refused_and_offers_another(as_role: AsRole, client: Client) -> None:
    admin, pic = await as_role("admin"), await as_role("pic", MOJOROTO)
    await loaded(admin)
    page = await compared(admin)
    tag = re.search(r'name="tag" value="([^"]+)"', page)
    assert tag is not None
    await submitted(pic, a_feature())
    late = await admin.post(f"{HOME}/edisi/{SHIFTED}/pakai", data={"tag": tag[1]}, headers=PAGE)
    assert late.status_code == 412
    assert "Bandingkan lagi" in late.text
    assert "sudah usang" in late.text
    assert 'name="tag"' not in late.text
    for typed, status in (("lain", 422), ("", 422), (SHIFTED, 303)):
        answer = await admin.post(f"{HOME}/edisi/{SHIFTED}/pakai", data={"confirm": typed}, headers=PAGE)
        assert answer.status_code == status, answer.text
        if status == 422:
            shown = re.search(r'<input id="confirm"[^>]*>', answer.text)
            assert shown is not None
            assert f'value="{typed}"' in shown[0]
            assert 'aria-describedby="confirm-error ' in shown[0]
    await ended(admin, answer.headers["location"])
    assert (await client.get(f"/boundaries/editions/{SHIFTED}")).json()["active"] is True


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"edition": ""}, "edition"), ({"edition": "a/b"}, "edition"), ({"edition": GRID}, "edition"), ({"edition": "x" * 101}, "edition"),
        ({"source": ""}, "source"), ({"legal_basis": "x" * 501}, "legal_basis"), ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"accuracy_m": "tepat"}, "accuracy_m"), ({"accuracy_m": "0"}, "accuracy_m"), ({"accuracy_m": "1e5"}, "accuracy_m"),
    ],
)  # fmt: skip
async def test_what_is_wrong_stands_at_its_field(as_role: AsRole, said: dict[str, str], field: str) -> None:
    admin = await as_role("admin")
    for answer in (
        await admin.get(f"{HOME}/berkas?{urlencode(SAID | said)}", headers=PAGE),
        await admin.post(f"{HOME}/berkas?{urlencode(SAID | said)}", files={"file": ("b.json", b"{}")}, headers=PAGE),
    ):
        assert answer.status_code == 400
        shown = re.search(rf'<input id="{field}" [^>]*>', answer.text)
        assert shown is not None
        assert f'aria-describedby="{field}-error' in shown[0]
        assert "autofocus" in shown[0]
        assert f'value="{(SAID | said)["source"]}"' in answer.text


@pytest.mark.parametrize("content", [b"", None])
async def test_a_file_that_cannot_be_taken_is_said_at_the_field(as_role: AsRole, content: bytes | None) -> None:
    admin = await as_role("admin")
    files = {"file": ("b.json", content)} if content is not None else {"x": (None, b"1")}
    answer = await admin.post(f"{HOME}/berkas?{urlencode(SAID)}", files=files, headers=PAGE)
    assert answer.status_code in (400, 422)
    assert 'id="file-error"' in answer.text
    assert SHIFTED in answer.text


async def test_a_file_that_is_not_good_enough_says_why_and_is_sent_again(as_role: AsRole) -> None:
    admin = await as_role("admin")
    _, page = await loaded(admin, a_file(squares()[:2]), incomplete="", edition="Kurang <script>alert(1)")
    assert "Tidak ada yang disimpan." in page
    assert 'name="incomplete"' in page
    assert '<input type="hidden" name="source" value="Bappeda">' in page
    raw = (await admin.get(f"{HOME}", headers=PAGE)).text
    assert "<script>alert" not in raw
    _, page = await loaded(admin, b'{"type": "FeatureCollection", "features": []}')
    assert 'role="alert"' in page
    assert 'name="column-code"' in page


async def test_a_walidata_compares_but_neither_loads_nor_uses(as_role: AsRole) -> None:
    admin, walidata = await as_role("admin"), await as_role("walidata")
    await loaded(admin)
    await compared(walidata)
    assert (await walidata.get(HOME, headers=PAGE)).status_code == 200
    assert (await walidata.get(f"{HOME}/baru", headers=PAGE)).status_code == 403
    assert (await walidata.post(f"{HOME}/edisi/{SHIFTED}/pakai", data={"confirm": SHIFTED}, headers=PAGE)).status_code == 403


async def test_what_is_not_there_is_said(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin")
    assert (await admin.get(f"{HOME}/edisi/tidak-ada", headers=PAGE)).status_code == 404
    assert (await admin.post(f"{HOME}/edisi/tidak-ada/bandingkan", data={}, headers=PAGE)).status_code == 404
    assert (await admin.get(f"{HOME}/edisi/{GRID}/dampak", headers=PAGE)).status_code == 303
    assert (await admin.get(f"{HOME}/edisi/{GRID}/dampak/peta")).status_code == 404
    nobody = await client.get(HOME, headers=PAGE)
    assert (nobody.status_code, nobody.headers["location"]) == (303, f"/portal/masuk?ke={HOME}")
