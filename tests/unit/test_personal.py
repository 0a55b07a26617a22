"""Which texts tell of a person, as people really write them; and which only look so."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.categories.rules import Category
from app.points.personal import is_personal, personal_fields

TELLING = (
    "Posyandu Bu Ani", "Rumah Pak Slamet", "rumah bu siti", "RUMAH BAPAK SUGENG", "Rmh. Bpk. Budi", "Ibu Sri Wahyuni", "Hj. Siti Aminah", "Hj Aminah",
    "H. Umar", "rumah h. umar", "Rumah H.Umar", "Bu.Ani", "Sdr. Joko", "Sdri Lestari", "Ust. Hasan", "Ustadzah Nur", "Rumah Ustadz Hasan",
    "KH Anwar Manshur", "K.H. Anwar", "Kyai Anwar", "Gus Dur", "dr. Ani", "Dr. Budi Santoso", "praktik dr. Rina", "Drs. Suparman", "Ir. Bambang",
    "Mbah Karto", "Mbak Rini", "Mas Joko", "Ny. Tutik", "Tn. Rahmat", "Bidan Siti", "rumah bidan Ani", "Jl. Mawar 12, Bu Ani",
    "Jl. H. Agus Salim 5 (rumah Pak RT)", "Jl. Mawar no 3 H. Umar", "depan warung Bu Tini", "Jl. KH Wachid Hasyim 3, rumah Hj. Siti",
    "Siti Aminah, S.Pd", "Budi Santoso S.H.", "Rina, A.Md.Keb", "Ketua RT: Slamet", "ketua RT 03: Slamet", "a.n. Siti Fatimah", "kader: Rini",
    "rumah P. Slamet", "Alm. Bapak Tohir", "selatan rumah pak lurah", "Pak RT 03 RW 05 di gang", "utara masjid, Bu Nyai Hasanah", "Bu Siti dan Pak Budi",
    # telephones
    "0812-3456-7890", "Hub. 081234567890", "+62 812 3456 7890", "62812 3456 7890", "(0354) 771234", "0354-771234", "0354 77 12 34", "WA 0857.1234.5678",
    "HP: 812-3456-7890", "81234567890", "wa.me/6281234567890", "telp 771234", "0812 34 56 78 90", "0812 - 3456 - 7890", "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
    "+65 9123 4567", "021-5551234",
    # as programs for messages and other keyboards write them
    "0812\u20113456\u20117890", "0812\u20103456\u20107890", "0812\u20133456\u20137890", "0812\u22123456\u22127890", "0812 \u2013 3456 \u2013 7890",
    "\u202a+62 812\u20113456\u20117890\u202c", "0812\u200b3456\u200b7890", "0812\u20603456\u20607890", "0812/3456/7890", "0812 / 3456 / 7890", "0354 / 689123",
    "0812,3456,7890", "0812_3456_7890", "0812\u00b73456\u00b77890", "0812\u20223456\u20227890", "0812:3456:7890", "0812*3456*7890", "0812=3456=7890",
    "0812 3456  -  7890", "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660", "Ibu-Siti", "drg. Siti", "B\u00adu Siti", "Bu_Siti", "Bu\u200bSiti",
    # identity numbers
    "3571014107800001", "NIK 357101 410780 0001",
)  # fmt: skip
SILENT = (
    "Posyandu Melati 1", "Jl. KH Wachid Hasyim 12", "Jl. H. Agus Salim No. 5", "Jalan Dr. Soetomo", "Jl. Prof. Dr. Hamka 3", "Jl. Ir. H. Juanda", "Jl Pak Harto",
    "Jl. Raya KH Hasyim Asy'ari", "Gang H. Umar", "Gg. Haji Ali II", "JL. K.H. AHMAD DAHLAN 7", "jln h. agus salim", "Masjid H. Umar", "Musholla Hj. Siti",
    "Masjid Jami' KH Hasyim", "Ponpes KH Abdul Karim", "Pondok Pesantren KH Anwar", "SDN Mojoroto 2", "SD H. Isriati", "TK Bunda Maria", "RSUD dr. Iskak", "RS Dr. Soetomo",
    "Panti Asuhan Hj. Fatimah", "Makam Mbah Wasil", "Punden Mbah Jenggot", "Asrama Haji", "Perumahan H. Thohir", "Universitas Prof. Hamka",
    "Posyandu Kasih Ibu", "Posyandu Ibu Pertiwi", "Posyandu Ibu dan Anak", "Ibu Hamil", "PKK ibu-ibu", "Bapak/Ibu", "Posyandu Ibu Kartini", "kelas ibu balita",
    "Pos Kamling Blok H Mojoroto", "Blok H 12", "Kav. H Indah", "50 m dr masjid", "100 m dr. Pasar Bandar", "Toko Mas Semar", "Pakunden", "Buduran", "Gang Buntu", "Masjid Al Huda",
    "RT 001 RW 002", "RT 01/02", "Kode pos 64114", "Jl. Mawar 12-14", "SK 188.45/081/419.33/2024", "RT 08/12/14/15", "RT 08, 12, 14, 15, 16", "Bapak-Ibu", "Posyandu Bina-Ria", "08:15, 09:30, 10:45", "Senin-Kamis 08.15-12.00 13.00-15.30", "08.00 s.d. 12.00",
    "Senin 08:00-15:00, Jumat 08:00-11:30", "dibangun 08-11-2026", "2026-08-11", "-7.80391, 112.00213", "-7.81234 112.00213", "REG-2024-000123", "No. 12 Lt. 2", "SK Lurah No. 12 Tahun 2024",
    "Balai RW 02", "Kantor Kelurahan Mojoroto", "3571011011", "1.200.000", "Puskesmas Sukorame", "Perum Mojoroto Indah Blok A-12", "Posyandu Bougenville III", "milik kelurahan", "Selasa minggu ke-2",
    "Terminal Tamanan", "Sumber Banteng", "Lingkungan Kleco", "", "   ", "RW 08", "Gardu H", "Stadion Brawijaya", "0812", "sertifikat hak pakai",
)  # fmt: skip


@pytest.mark.parametrize("text", TELLING)
def test_what_tells_of_a_person_is_noticed(text: str) -> None:
    assert is_personal(text)


@pytest.mark.parametrize("text", SILENT)
def test_streets_institutions_numbers_and_hours_are_not(text: str) -> None:
    assert not is_personal(text)


@given(st.from_regex(r"8[1-9][0-9]{7,10}", fullmatch=True), st.sampled_from(("0", "+62", "62", "+62 ", "0 ")), st.sampled_from(("", "-", ".", " ")),
       st.sampled_from(("Jl. Mawar 12 ", "hp", "Posyandu Melati (", "", "RT 01/02 ")), st.integers(2, 4))  # fmt: skip
def test_no_mobile_however_it_is_written_passes(number: str, prefix: str, between: str, before: str, size: int) -> None:
    written = between.join(number[at : at + size] for at in range(0, len(number), size))
    assert is_personal(f"{before}{prefix}{written}")


@given(st.sampled_from(("Bu", "Pak", "Hj.", "H.", "Ibu", "Bapak", "Sdr.", "Ust.", "dr.", "bu", "PAK", "K.H.")), st.from_regex(r"[A-Z][a-z]{3,9}zx", fullmatch=True),
       st.sampled_from(("", "Jl. Mawar 12, ", "rumah ", "Posyandu ", "depan toko ")))  # fmt: skip
def test_a_title_with_a_name_is_noticed_and_in_a_street_it_is_not(title: str, name: str, before: str) -> None:
    assert is_personal(f"{before}{title} {name}")
    assert not is_personal(f"Jl. {title} {name} 12")


def test_a_long_text_takes_no_long_time() -> None:
    dice = random.Random(12)
    for piece in ("a", "0", "08", ". ", "ketua 1", "hp ....", "H. ", " ", "a,  ", "62-"):
        is_personal(piece * 20_000)
    is_personal("".join(dice.choices("0812 .-()/hpketua:HBu", k=50_000)))


SCHEMA = {"type": "object", "properties": {"tempat": {"type": "string"}, "telepon_kantor": {"type": "string"}, "daftar": {"type": "array"}}}


def a_category(hidden: frozenset[str] | None = frozenset(), template: str | None = None) -> Category:
    return Category("uji", 1, SCHEMA, (), template, (), "many", hidden)


def test_only_public_fields_are_looked_at_lists_too_and_an_office_may_have_a_line() -> None:
    def fields(category: Category, name: str, address: str | None, attributes: dict[str, Any]) -> tuple[str, ...]:
        return personal_fields(category, {"name": name, "address": address, "rt": None, "rw": None, "attributes": attributes})

    attributes = {"tempat": "rumah Bu Ani", "telepon_kantor": "(0354) 771234", "daftar": [{"hp": "0812 3456 7890"}], "jumlah": 3}
    assert fields(a_category(), "Pos", "Jl. H. Umar", attributes) == ("tempat", "daftar")
    assert fields(a_category(frozenset({"tempat", "daftar"})), "Pos", None, attributes) == ()
    assert fields(a_category(None), "Bu Ani", "Bu Ani", attributes) == ()
    assert fields(a_category(), "Pos", None, {"telepon_kantor": "0812-3456-7890"}) == ("telepon_kantor",)


def test_a_name_beside_the_template_may_be_anybodys() -> None:
    category = a_category(template="RT {rt} RW {rw}")
    revision: dict[str, Any] = {"address": None, "rt": "71", "rw": "02", "attributes": {}}
    assert personal_fields(category, revision | {"name": "Budi Contoh"}) == ("name",)
    assert personal_fields(category, revision | {"name": "RT 71 RW 02"}) == ()


@pytest.mark.parametrize(
    ("name", "says", "numbers"),
    [("RT 71 RW 02", True, True), ("rt.071 / rw.2", True, True), ("RT 71/02", True, True), ("71/2", True, True), ("RT 72 RW 02", False, True),
     ("RT 71", False, True), ("Budi Contoh", False, False), ("RT 71 RW 02 Budi", False, False), ("RT", False, False)],
)  # fmt: skip
def test_the_name_of_the_template_is_known_in_other_writings(name: str, says: bool, numbers: bool) -> None:  # noqa: FBT001 - columns of the table
    category = a_category(template="RT {rt} RW {rw}")
    assert (category.says_made_name(name, "RT 71 RW 02"), category.is_numbers_only(name)) == (says, numbers)
