"""The administrator's pages by their forms: what they do, what they say where something is wrong, and that they show text as text."""

import re
from html import unescape

import pytest

from app.audit.record import Action
from app.connections import open_once
from app.pages.managing_words import ACTIONS
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, MOJOROTO, a_feature, a_token, published, submitted, value

pytestmark = pytest.mark.anyio
PAGE = {"Accept": "text/html"}
SCRIPT = "<script>alert(1)</script>"


async def sent(admin: Client, path: str, **fields: str) -> tuple[int, str, str]:
    """Status, text and where it leads."""
    answer = await admin.post(path, data=fields, headers=PAGE)
    return answer.status_code, unescape(answer.text), answer.headers.get("location", "")


async def test_every_word_of_the_record_has_a_sentence() -> None:
    assert set(ACTIONS) == set(Action)


async def test_an_account_from_the_form_to_its_first_password(as_role: AsRole, client: Client) -> None:
    admin = await as_role("admin", name="kepala")
    status, _, leads_to = await sent(
        admin, "/portal/kelola/akun/baru", name="pic-bujel", role="pic", kelurahan="Bujel, 35.71.01.1011", email=""
    )
    assert (status, leads_to) == (303, "/portal/kelola/akun/pic-bujel?sudah=baru")
    page = (await admin.get(leads_to, headers=PAGE)).text
    assert "Akun ditambahkan" in page
    assert (await admin.get("/accounts/pic-bujel")).json()["kelurahan"] == sorted([BUJEL, MOJOROTO])
    status, page, _ = await sent(admin, "/portal/kelola/akun/pic-bujel/tautan")
    link = re.search(r"http://titik\.test(/me/reset/[\w-]+)", page)
    assert status == 200
    assert link is not None
    assert "<svg" in page
    chosen = await client.post(link[1], json={"password": "jembatan lama brantas"})
    assert chosen.status_code == 204


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"name": "pic-x", "role": "pic", "kelurahan": "Atlantis"}, "kelurahan", "Bujel"),
        ({"name": "a b", "role": "opd"}, "name", "tanpa spasi; misalnya pic-semampir"),
        ({"name": "PIC Semampir", "role": "pic", "email": "bukan surel"}, "name", 'id="kelurahan-error"'),
        ({"name": "PIC Semampir", "role": "pic", "email": "bukan surel"}, "name", "misalnya nama@contoh.id"),
        ({"name": "pic-y", "role": "pic"}, "kelurahan", ""),
        ({"name": "pic-z", "role": "opd", "email": "bukan surel"}, "email", ""),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    as_role: AsRole, fields: dict[str, str], field: str, sentence: str
) -> None:
    admin = await as_role("admin")
    status, page, _ = await sent(admin, "/portal/kelola/akun/baru", **fields)
    assert status in {400, 422}
    assert f'id="{field}-error"' in page
    shown = re.search(rf'<input id="{field}"[^>]*>', page)
    assert shown is not None
    assert "autofocus" in shown[0]
    assert f'aria-describedby="{field}-hint {field}-error"' in shown[0]
    assert f'value="{fields["name"]}"' in page
    assert sentence in page


async def test_a_name_that_is_taken_is_said(as_role: AsRole) -> None:
    admin = await as_role("admin", name="kepala")
    status, page, _ = await sent(admin, "/portal/kelola/akun/baru", name="kepala", role="opd")
    assert status == 409
    assert 'class="error" id="name-error"' in page
    assert 'value="kepala"' in page


async def test_an_account_is_changed_handed_over_and_ended(as_role: AsRole, database: Settings) -> None:
    admin, leaving = await as_role("admin", name="kepala"), await as_role("pic", MOJOROTO, name="siti")
    await a_token(database, "pic", [BUJEL], "budi")
    path = "/portal/kelola/akun/siti"
    assert (await sent(admin, path, kelurahan="Mojoroto", email="siti@kediri.example", active="true"))[0] == 303
    assert (await admin.get("/accounts/siti")).json()["email"] == "siti@kediri.example"
    status, page, _ = await sent(admin, f"{path}/serah-terima", to="tidak-ada")
    assert (status, 'value="tidak-ada"' in page) == (404, True)
    status, page, _ = await sent(admin, f"{path}/serah-terima", to="budi")
    assert (status, "Diserahkan kepada budi" in page) == (200, True)
    assert (await leaving.get("/me")).status_code == 401
    assert set((await admin.get("/accounts/budi")).json()["kelurahan"]) == {BUJEL, MOJOROTO}
    status, page, _ = await sent(admin, "/portal/kelola/akun/kepala", email="")
    assert (status, 'role="alert"' in page) == (409, True)
    status, page, _ = await sent(admin, "/portal/kelola/akun/budi/akhiri")
    assert (status, "Diakhiri: 1" in page) == (200, True)


async def test_the_list_the_record_and_its_chain_are_shown(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin", name="kepala"), await as_role("pic", MOJOROTO, name="siti"), await as_role("walidata")
    await published(pic, walidata, a_feature(name=f"Posyandu {SCRIPT}"))
    home = await admin.get("/portal/kelola", headers=PAGE)
    assert home.status_code == 200
    listed = (await admin.get("/portal/kelola/akun?role=pic&kelurahan=mojoroto", headers=PAGE)).text
    assert ("/portal/kelola/akun/siti" in listed, "/portal/kelola/akun/kepala" in listed) == (True, False)
    record = (await admin.get("/portal/kelola/catatan?action=revision.publish", headers=PAGE)).text
    assert record.count("<tr><td>Menerbitkan</td>") == 1
    assert "Mojoroto" in record
    wrong = await admin.get(f"/portal/kelola/catatan?account={SCRIPT}", headers=PAGE)
    assert wrong.status_code == 400
    assert 'id="account-error"' in wrong.text
    assert "<script>" not in wrong.text
    chain = await admin.get("/portal/kelola/catatan/periksa", headers=PAGE | {"Accept-Language": "en"})
    assert "This part is whole" in chain.text


async def test_the_record_says_in_words_what_each_deed_is_about(as_role: AsRole) -> None:
    admin, pic, walidata = await as_role("admin", name="kepala"), await as_role("pic", MOJOROTO, name="siti"), await as_role("walidata")
    feature = await published(pic, walidata, a_feature(name=f"Posyandu {SCRIPT}"))
    await submitted(pic, a_feature(112.0050, -7.8050, name="Posyandu Rahasia"))
    await sent(admin, "/portal/kelola/akun/baru", name="opd-baru", role="opd", email="")
    page = (await admin.get("/portal/kelola/catatan", headers=PAGE)).text
    lines = re.findall(r'<tr><td>(.*?)</td>.*?data-title="Mengenai"><div>(?:<a href="([^"]+)">)?(.*?)<br>', page)
    rows = {(deed, re.sub("<[^>]+>", "", about).strip(), href) for deed, href, about in lines}
    assert ("Menerbitkan", "Posyandu &lt;script&gt;alert(1)&lt;/script&gt; (Posyandu)", f"/p/{feature['id']}") in rows
    assert ("Menambah akun", "opd-baru", "/portal/kelola/akun/opd-baru") in rows
    # Whoever reads the record may not read what is in work: its name stays untold.
    assert ("titik yang tidak terbit (Posyandu)" in page, "Posyandu Rahasia" in page, "<script>" in page) == (True, False, False)
    assert f">{feature['id']}<" not in page
    every = re.search(r'href="(/portal/kelola/catatan\?subject=[^"]+)">semua tentang ini', page)
    assert every is not None
    assert (await admin.get(every[1], headers=PAGE)).status_code == 200


@pytest.mark.parametrize("path", ["", "/akun", "/akun/baru", "/catatan", "/catatan/periksa"])
async def test_others_are_led_to_sign_in_or_refused(as_role: AsRole, client: Client, path: str) -> None:
    nobody = await client.get(f"/portal/kelola{path}", headers=PAGE)
    assert (nobody.status_code, nobody.headers["location"]) == (303, f"/portal/masuk?ke=/portal/kelola{path}")
    assert (await (await as_role("walidata")).get(f"/portal/kelola{path}", headers=PAGE)).status_code == 403


async def test_kelurahan_are_named_and_the_same_names_are_no_change(as_role: AsRole, database: Settings) -> None:
    admin = await as_role("admin", name="kepala")
    await a_token(database, "pic", [MOJOROTO, BUJEL], "siti")
    path = "/portal/kelola/akun/siti"
    page = unescape((await admin.get(path, headers=PAGE)).text)
    (typed,) = re.findall(r'id="kelurahan" name="kelurahan"[^>]*value="([^"]*)"', page)
    assert set(typed.split(", ")) == {"Mojoroto", "Bujel"}
    assert f'Mojoroto <span class="soft small">{MOJOROTO}</span>' in page
    assert f'Bujel <span class="soft small">{BUJEL}</span>' in (await admin.get("/portal/kelola/akun", headers=PAGE)).text
    changes = "SELECT count(*) FROM titik.audit WHERE action = 'account.change'"
    async with open_once(database.owner_dsn) as session:
        before = await value(session, changes)
        assert (await sent(admin, path, kelurahan=typed, email="", active="true"))[0] == 303
        assert await value(session, changes) == before
    assert (await sent(admin, path, kelurahan="Mojoroto", email="", active="true"))[0] == 303
    assert (await admin.get("/accounts/siti")).json()["kelurahan"] == [MOJOROTO]
