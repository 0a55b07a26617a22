"""The atlas for everybody: pages of points and kelurahan, the map with its list. What they count is what they list, and nothing that is not public."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.settings import Settings
from tests.api.test_html import BROWSER, EVIL, Page
from tests.api.test_sessions import a_browser
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, GAYAM, MOJOROTO, MRICAN, a_feature, published, submitted

pytestmark = pytest.mark.anyio

IN_BUJEL = (112.0150, -7.8050)


async def read(client: Client, address: str, status: int = 200, language: str = "id") -> Page:
    answer = await client.get(address, headers={"Accept": BROWSER, "Accept-Language": language})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def listed(page: Page) -> list[str]:
    """The ids of the entries of a list."""
    return [str(one["id"]).removeprefix("titik-") for one in page.all("li") if str(one.get("id")).startswith("titik-")]


def drawn(page: Page) -> list[str]:
    """The ids to which the marks of the map lead."""
    return [str(one["href"]).removeprefix("#titik-") for one in page.all("a") if str(one["href"]).startswith("#titik-")]


async def offers_reports(client: Client) -> bool:
    """Links lead to what there is."""
    return (await client.get("/lapor", headers={"Accept": BROWSER})).status_code == 200


async def a_city(as_role: AsRole) -> dict[str, str]:
    """Some points of two kelurahan; their ids by name."""
    pic, walidata = await as_role("pic", MOJOROTO, BUJEL, GAYAM), await as_role("walidata")
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("Melati", "posyandu", a_feature(112.0050, -7.8050, name="Melati", address="Jl. Mawar 1")),
        ("Anggrek", "posyandu", a_feature(112.0060, -7.8050, name="Anggrek", address="Jl. Melati 9")),
        ("Pos Utama", "pos_kamling", a_feature(112.0070, -7.8060, name="Pos Utama", jenis=None)),
        ("Kenanga", "posyandu", a_feature(*IN_BUJEL, name="Kenanga")),
    ]
    return {name: (await published(pic, walidata, feature, category))["id"] for name, category, feature in wanted}


@pytest.mark.usefixtures("grid")
async def test_a_point_has_a_page(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO, name="ibu.rahasia"), await as_role("walidata", name="pak.rahasia")
    feature = await published(pic, walidata, a_feature(112.005, -7.805, name="Melati", address="Jl. Mawar 1", accuracy_m=4.0, method="gps"))
    page = await read(client, f"/p/{feature['id']}")
    for said in ("Melati", "Jl. Mawar 1", "Kelurahan Mojoroto", "-7.80500, 112.00500", "7°48'18.0\" LS, 112°00'18.0\" BT", "UTM 49S", "geo:-7.80500,112.00500",
                 "diukur di tempat dengan GPS", "± 4 m", "Petak uji", "Diterbitkan"):  # fmt: skip
        assert said in page.said, said
    assert "rahasia" not in page.said
    assert any(one["href"] == f"/lapor?titik={feature['id']}" for one in page.all("a")) == await offers_reports(client)
    english = await read(client, f"/p/{feature['id']}", language="en")
    assert "measured on the spot by GPS" in english.said
    assert "7°48'18.0\" S" in english.said


@pytest.mark.usefixtures("grid")
async def test_the_coordinates_of_a_page_are_read_as_the_same_place(client: Client, as_role: AsRole) -> None:
    feature = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(112.00512, -7.80487))
    page = (await client.get(f"/p/{feature['id']}", headers={"Accept": "text/html"})).text
    forms = [text.replace("&#39;", "'").replace("&#34;", '"') for text in re.findall(r'<code class="whole">(.*?)</code>', page)]
    assert len(forms) == 5
    for form in forms:
        place = (await client.get("/locate", params={"text": form})).json()
        assert (place["lon"], place["lat"]) == pytest.approx((112.00512, -7.80487), abs=2e-5), form


@pytest.mark.usefixtures("grid")
async def test_history_tells_what_changed_and_not_what_it_was(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(112.005, -7.805, name="Nama lama", address="Jl. Mawar 1"))
    path = f"/collections/posyandu/items/{feature['id']}"
    etag = (await pic.get(path)).headers["etag"]
    changed = await pic.patch(path, json={"properties": {"name": "Nama baru"}}, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text
    assert "Nama baru" not in (await read(client, f"/p/{feature['id']}")).said
    assert (
        await walidata.post(f"/reviews/{changed.json()['properties']['revision']}/decision", json={"decision": "publish"})
    ).status_code == 200
    page = await read(client, f"/p/{feature['id']}")
    assert "Diperbarui : Nama" in page.said.replace("Diperbarui:", "Diperbarui :")
    assert "Nama lama" not in page.said


@pytest.mark.usefixtures("grid")
async def test_what_was_returned_is_no_part_of_the_history(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(112.005, -7.805))
    path = f"/collections/posyandu/items/{feature['id']}"
    for name, decision in (("Salah", {"decision": "return", "reason": "Namanya keliru"}), ("Benar", {"decision": "publish"})):
        etag = (await pic.get(path)).headers["etag"]
        changed = (await pic.patch(path, json={"properties": {"name": name}}, headers={"If-Match": etag})).json()
        assert (await walidata.post(f"/reviews/{changed['properties']['revision']}/decision", json=decision)).status_code == 200
    page = await read(client, f"/p/{feature['id']}")
    assert page.said.count("Diperbarui") == 1
    assert "keliru" not in page.said


@pytest.mark.usefixtures("grid")
async def test_what_is_closed_or_taken_back_says_so(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    closed = await published(pic, walidata, a_feature(112.005, -7.805, name="Yang tutup"))
    etag = (await pic.get(f"/collections/posyandu/items/{closed['id']}")).headers["etag"]
    closing = await pic.delete(f"/collections/posyandu/items/{closed['id']}", headers={"If-Match": etag})
    assert closing.status_code == 202
    assert (
        await walidata.post(f"/reviews/{closing.json()['properties']['revision']}/decision", json={"decision": "publish"})
    ).status_code == 200
    page = await read(client, f"/p/{closed['id']}", 410)
    assert "sudah ditutup" in page.said
    assert "Ditutup" in page.said
    assert "Yang tutup" not in page.said

    taken = await published(pic, walidata, a_feature(112.006, -7.805, name="Yang ditarik"))
    moved = await walidata.post(f"/points/{taken['id']}/revisions", json={"move": "unpublish", "reason": "Nama orang di dalamnya"})
    assert moved.status_code == 200, moved.text
    page = await read(client, f"/p/{taken['id']}", 410)
    assert "ditarik dari publikasi" in page.said
    assert "Nama orang" not in page.said
    assert "Yang ditarik" not in page.said


@pytest.mark.usefixtures("grid")
async def test_a_point_that_took_over_is_named_by_the_one_before(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    former = await published(pic, walidata, a_feature(112.005, -7.805))
    later = await published(pic, walidata, a_feature(112.006, -7.806, name="Melati baru", predecessors=[former["id"]]))
    page = await read(client, f"/p/{former['id']}", 410)
    assert "sudah pindah" in page.said
    assert any(str(one["href"]).endswith(f"/p/{later['id']}") for one in page.all("a"))
    assert any(str(one["href"]).endswith(f"/p/{former['id']}") for one in (await read(client, f"/p/{later['id']}")).all("a"))


@pytest.mark.usefixtures("grid")
async def test_what_never_was_public_is_unknown(client: Client, as_role: AsRole) -> None:
    waiting = await submitted(await as_role("pic", MOJOROTO), a_feature(112.005, -7.805))
    for address in (f"/p/{waiting['id']}", "/p/0199b2e0-0000-7000-8000-000000000000", "/p/nonsense", "/k/nowhere"):
        assert (await client.get(address, headers={"Accept": BROWSER})).status_code == 404


@pytest.mark.usefixtures("grid")
async def test_a_rounded_place_says_that_it_is(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(
        pic, walidata, a_feature(112.00512, -7.80487, name=None, jenis=None, rt="001", rw="002", address="Jl. Rumah 7"), "rt"
    )
    page = await read(client, f"/p/{feature['id']}")
    assert "dibulatkan ke 3 angka desimal" in page.said
    assert "Jl. Rumah" not in page.said
    assert "112.00512" not in page.said
    assert "Jl. Rumah 7" in (await read(await as_role("opd"), f"/p/{feature['id']}")).said


@pytest.mark.usefixtures("grid")
async def test_a_kelurahan_has_a_page_whose_numbers_are_those_of_its_lists(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    page = await read(client, f"/k/{MOJOROTO}")
    assert {known["Melati"], known["Anggrek"], known["Pos Utama"]} == set(listed(page))
    neighbours = {str(one["href"]).rpartition("/")[2] for one in page.all("a") if "/k/" in str(one["href"])} - {MOJOROTO}
    assert neighbours == {BUJEL, GAYAM, MRICAN}
    counts = page.said[page.said.index("Yang ada di sini") : page.said.index("Daftar titik")]
    assert all(said in counts for said in ("2 Posyandu", "1 Pos kamling", "0 Kantor kelurahan", "3 titik seluruhnya")), counts
    for link in (str(one["href"]) for one in page.all("a") if "/portal/peta?" in str(one["href"])):
        found = await read(client, link.removeprefix("http://titik.test"))
        asked = parse_qs(urlsplit(link).query)
        assert len(listed(found)) == {"posyandu": 2, "pos_kamling": 1}.get(asked.get("category", [""])[0], 3)
    renamed = await client.get("/k/mojoroto")
    assert (renamed.status_code, renamed.headers["location"]) == (303, f"http://titik.test/k/{MOJOROTO}")


@pytest.mark.usefixtures("grid")
async def test_the_list_is_what_is_looked_for(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    for query, expected in (
        ("", set(known)),
        ("q=melati", {"Melati", "Anggrek"}),
        ("q=Bujel", {"Kenanga"}),
        ("q=Bujel&read=words", set()),
        ("q=posyandu melati mojoroto", {"Melati", "Anggrek"}), ("q=kenanga bujel", {"Kenanga"}), ("q=kenanga mojoroto", set()),
        ("q=POS kamling di Kel. Mojoroto", {"Pos Utama"}), ("q=neighbourhood watch mojoroto", {"Pos Utama"}), ("q=kantor lurah mojoroto", set()),
        ("q=jalan melati anggrek", {"Anggrek"}), ("q=anggrek tidakada", set()), ("category=posyandu&q=posyandu bujel kenanga", {"Kenanga"}),
        ("category=posyandu", {"Melati", "Anggrek", "Kenanga"}),
        ("category=posyandu&kelurahan=mojoroto", {"Melati", "Anggrek"}),
        ("bbox=112.0055,-7.81,112.0075,-7.80", {"Anggrek", "Pos Utama"}),
        ("bbox=112.0055,-7.81,112.0075,-7.80&category=pos_kamling", {"Pos Utama"}),
        ("q=" + "7°48'18\" LS 112°00'18\" BT".replace(" ", "+").replace("°", "%C2%B0").replace('"', "%22"), {"Melati", "Anggrek", "Pos Utama"}),
        ("near=112.005,-7.805&within_m=150", {"Melati", "Anggrek"}),
    ):  # fmt: skip
        page = await read(client, f"/portal/peta?{query}")
        assert set(listed(page)) == {known[name] for name in expected}, query
        assert set(drawn(page)) == set(listed(page)), query
        assert f"{len(expected)} titik" in page.said, query
        for one in page.all("a"):
            if "f=csv" in str(one["href"]):
                rows = (await client.get(str(one["href"]))).text.strip().splitlines()
                assert len(rows) - 1 == len(expected), query
        # The names above the columns are explained where the files are offered.
        assert any(str(one["href"]).endswith("/schema?f=html") for one in page.all("a"))


@pytest.mark.usefixtures("grid")
async def test_the_nearest_comes_first_with_its_distance(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    page = await read(client, "/portal/peta?q=-7.8050,112.0063")
    assert listed(page) == [known["Anggrek"], known["Pos Utama"], known["Melati"], known["Kenanga"]]
    assert "33 m" in page.said
    assert "Mojoroto" in page.said


@pytest.mark.usefixtures("grid")
async def test_pages_follow_each_other_to_the_end(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    wanted = {(await published(pic, walidata, a_feature(112.001 + n * 0.0001, -7.805, name=f"Posyandu {n:03}")))["id"] for n in range(60)}
    seen: list[str] = []
    address: str | None = "/portal/peta?category=posyandu"
    while address:
        page = await read(client, address)
        seen += listed(page)
        address = next((str(one["href"]).removeprefix("http://titik.test") for one in page.all("a") if one.get("rel") == "next"), None)
    assert len(seen) == 60
    assert set(seen) == wanted
    assert "50 dari 60 titik" in (await read(client, "/portal/peta")).said


@pytest.mark.usefixtures("grid")
async def test_a_wrong_field_is_told_beside_it_and_keeps_what_was_typed(client: Client, as_role: AsRole) -> None:
    await a_city(as_role)
    page = await read(client, "/portal/peta?kelurahan=Atlantis&q=melati")
    assert {"Melati", "Anggrek"} <= set(page.said.split())
    assert any(one.get("value") == "melati" for one in page.all("input"))
    assert "kelurahan-salah" in {one.get("id") for one in page.all("p")}
    assert "Maaf" not in page.said
    page = await read(client, "/portal/peta?near=nowhere")
    assert any(one.get("role") == "alert" for one in page.all("p"))
    assert (await client.get("/portal/peta?category=unicorn", headers={"Accept": BROWSER})).status_code == 404
    assert len(listed(await read(client, "/portal/peta?fbclid=abc&utm_source=wa"))) == 4


@pytest.mark.usefixtures("grid")
async def test_whatever_stands_in_a_name_is_shown_as_text(client: Client, as_role: AsRole) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(112.005, -7.805, name=EVIL, address=EVIL))
    for address in (f"/p/{feature['id']}", f"/k/{MOJOROTO}", "/portal/peta", "/portal/peta?q=%3Cscript%3Ealert(1)"):
        page = await read(client, address)
        assert "<script>alert(1)</script>" in page.said, address
        assert all("alert" not in str(one.get("src")) for one in page.all("script"))


@pytest.mark.usefixtures("grid")
async def test_a_sheet_of_paper_numbers_its_list_as_its_map(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    page = await read(client, f"/portal/cetak?kelurahan={MOJOROTO}&paper=A3")
    assert set(listed(page)) == set(drawn(page)) == {known["Melati"], known["Anggrek"], known["Pos Utama"]}
    marked = [one["aria-label"] for one in page.all("a") if str(one["href"]).startswith("#titik-")]
    assert marked == ["1. Anggrek", "2. Melati", "3. Pos Utama"]
    for said in ("Semua titik, Kelurahan Mojoroto, Kota Kediri", "3 titik", "Skala 1 :", "(A3)", "Keadaan", "Sumber: Pemerintah Kota Kediri", "Petak uji, ± 5 m",
                 f"http://titik.test/portal/peta?kelurahan={MOJOROTO}"):  # fmt: skip
        assert said in page.said, said
    (code,) = [one for one in page.all("svg") if one.get("class") == "qr"]
    assert code["viewbox"] if "viewbox" in code else code["viewBox"]


@pytest.mark.usefixtures("grid")
async def test_the_scale_of_a_sheet_is_true(client: Client, as_role: AsRole) -> None:
    """The bar of the map, measured on paper, is as long as it says at the scale that is written beside it."""
    await a_city(as_role)
    for size, width_mm in (("A4", 165), ("A3", 250)):
        text = (await client.get(f"/portal/cetak?kelurahan={MOJOROTO}&paper={size}", headers={"Accept": "text/html"})).text
        scale = int(re.findall(r"1 : ([\d.]+)", text)[0].replace(".", ""))
        units = float(re.findall(r'class="bar" d="M12 [\d.]+v6h([\d.]+)v-6"', text)[0])
        length, unit = re.findall(r'class="tick"[^>]*>(\d+) (k?m)<', text)[0]
        bar_mm = int(length) * (1000 if unit == "km" else 1) * 1000 / scale
        assert units / 640 * width_mm == pytest.approx(bar_mm, rel=0.01)


@pytest.mark.usefixtures("grid")
async def test_the_first_page_is_the_map_and_stays_the_landing_page_of_programs(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    page = await read(client, "/")
    assert set(listed(page)) == set(known.values())
    hrefs = {str(one["href"]) for one in page.all("a")}
    assert {"/portal/", "/collections", "/api.html", "/conformance"} <= hrefs
    assert ("/lapor" in hrefs) == await offers_reports(client)
    for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        document = (await client.get("/", headers=headers)).json()
        assert {"self", "service-desc", "conformance", "data"} <= {one["rel"] for one in document["links"]}
    assert (await client.get("/?f=html")).headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.usefixtures("grid")
async def test_what_the_map_asks_for_when_it_has_moved_is_the_list_alone(client: Client, as_role: AsRole) -> None:
    known = await a_city(as_role)
    part = await read(client, "/portal/peta?part=list&bbox=112.0055,-7.81,112.0075,-7.80")
    assert set(listed(part)) == {known["Anggrek"], known["Pos Utama"]}
    assert not part.all("form")
    assert [one["id"] for one in part.all("section")] == ["daftar"]


@pytest.mark.usefixtures("grid")
async def test_of_a_coordinate_that_is_no_place_the_reason_is_told(client: Client, as_role: AsRole) -> None:
    await a_city(as_role)
    assert "kurang dari tiga desimal" in (await read(client, "/portal/peta?q=-7.8,112.0")).said


@pytest.mark.usefixtures("grid")
async def test_a_page_that_says_who_looks_at_it_is_for_them_alone(
    service: httpx.ASGITransport, database: Settings, client: Client, as_role: AsRole
) -> None:
    """Also of an administrator, who reads what everybody reads."""
    feature = await published(await as_role("pic", MOJOROTO), await as_role("walidata"), a_feature(112.005, -7.805))
    async with (
        await a_browser(service, database, "admin", name="nama.pengelola") as admin,
        await a_browser(service, database, "opd") as opd,
    ):
        for address in ("/", "/portal/peta", f"/p/{feature['id']}", f"/k/{MOJOROTO}", "/portal/cetak", "/api.html", "/collections"):
            own = await admin.get(address, headers={"Accept": BROWSER})
            assert own.status_code == 200
            assert own.headers["cache-control"] == "private, no-store", address
            assert "nama.pengelola" in own.text, address
            for other in (client, opd):
                assert "nama.pengelola" not in (await other.get(address, headers={"Accept": BROWSER})).text, address
