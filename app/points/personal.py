"""Does a text tell of a person: a telephone number, an identity number, a title with a name behind it? Pure; the rules in words: ADR 0030.

It is a hint for the reviewer and refuses nothing. A street or an institution may be called after a person (`Jl. H. Agus Salim`, `Masjid KH Hasyim`);
a bare name without a title is not recognised: no list of names would hold.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.categories.rules import Category
from app.common_fields import FREE_TEXTS
from app.language import words

PERSONAL = "personal"
"""The flag of a revision."""

# -- numbers

_BETWEEN = r"[\s().\-]{0,3}"
_BETWEEN_GROUPS = r"[\s().\-/,_:\u00b7\u2022*=|]{1,5}"
# A mobile, also where a spreadsheet took its leading zero; an area code with its number; another country's; a number that is called one.
_TELEPHONES = (
    re.compile(rf"(?<!\d)(?:\+?62{_BETWEEN}|0){_BETWEEN}8{_BETWEEN}[1-9](?:{_BETWEEN}\d){{6,11}}(?!\d)"),
    re.compile(rf"(?<![\d.,/\-])8[1-9](?:{_BETWEEN}\d){{8,10}}(?![\d.,/])"),
    re.compile(rf"(?<![\d.,/\-])(?:\+?62{_BETWEEN}|0)[2-79]\d{{1,2}}[)]?[\s.\-]{{0,3}}(?:\d[\s.\-]?){{4,7}}\d(?!\d)"),
    re.compile(rf"\+\d(?:{_BETWEEN}\d){{7,14}}(?!\d)"),
    # In whole groups also with signs between them that single digits have for other reasons.
    re.compile(rf"(?<!\d)(?:\+?62{_BETWEEN}|0)8[1-9]\d{{1,2}}(?:{_BETWEEN_GROUPS}\d{{3,5}}){{2,4}}(?!\d)"),
    re.compile(r"(?<!\d)0[2-79]\d{1,2}\s{0,2}[/,_:\u00b7\u2022*=|]\s{0,2}\d{5,8}(?!\d)"),
    re.compile(
        r"\b(?:telepon|telpon|telp|tlp|tilp|hp|handphone|ponsel|wa|whatsapp|hub|hubungi|contact|cp)\b"
        rf"[\s.:=\-]{{0,5}}(?:no|nomor)?[\s.:=\-]{{0,5}}(?:\d{_BETWEEN}){{5,}}\d",
        re.IGNORECASE,
    ),
)
# Opening hours and dates are made of such digits too; they are taken out before.
_HOUR = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_TIMES = re.compile(rf"(?<!\d){_HOUR}\s*(?:-|\u2013|\u2014|s\.?/?d\.?|sampai|hingga)\s*{_HOUR}(?!\d)", re.IGNORECASE)
_DATES = re.compile(r"(?<!\d)(?:[0-3]?\d[-/.][01]?\d[-/.](?:19|20)\d{2}|(?:19|20)\d{2}-[01]\d-[0-3]\d)(?!\d)")
# NIK and number of the family card: six digits of the place, then day (women: 40 more), month, year, four more.
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}[\s.\-]?(?:[0-6]\d|7[01])(?:0[1-9]|1[0-2])\d{2}[\s.\-]?\d{4}(?!\d)")

# -- titles

# In whatever letters, with a point or a blank behind them.
_TITLES = words("""bu ibu buk bunda pak bapak bpk bp hj hajah hajjah haji sdr sdri saudara saudari ust ustad ustadz ustadzah ustadh kh kyai kiai nyai gus ning
    drs dra ir prof mas mbak mbah mbok ny nyonya tn tuan pakde bude paklik bulik cak alm almh almarhum almarhumah bidan bd drg pdt pendeta romo
    mr mrs ms""")
# These are words or letters of their own: only with a point, or as capitals before a name.
_TITLES_POINTED = frozenset({"h", "dr"})
# Only in front of somebody's house: `rumah P. Slamet`.
_TITLES_AT_HOME = frozenset({"p", "b"})
_HOMES = frozenset({"rumah", "rmh", "rumahnya", "kediaman"})
# Behind a name, always with its comma or point.
_DEGREES = re.compile(
    r"(?<![A-Za-z])[A-Za-z]{3,},?\s{1,3}(?:S\.\s?(?:Pd|H|E|T|Kom|Sos|Kep|Keb|Ag|Si|AP|IP|IK|Psi|Hum|KM|Farm|Gz|TP|Pt|P|S)|M\.\s?(?:Pd|H|M|Kes|Kom|Si|Ag|AP|T|Hum|Keb)"
    r"|A\.?\s?Md\b|Amd\.\s?Keb|SKM|SPd|Dipl\.)(?:I)?(?![a-z])"
)
# `Ketua: Slamet`, `a.n. Siti`.
_LABELLED = re.compile(
    r"(?:\b(?:ketua|wakil|sekretaris|bendahara|kader|petugas|koordinator|pemilik|penanggung\s?jawab|pj|narahubung|kontak|cp|contact(?:\s+person)?)"
    r"(?:\s{1,3}(?:rt|rw|posyandu|pos|kamling|lingkungan))?[\s\d/.]{0,12}[:=]\s{0,3}|\ba\.\s?n\.?\s{1,3}|\batas\s{1,3}nama\s{1,3}:?\s{0,3})[A-Za-z]{3,}",
    re.IGNORECASE,
)
# What is called after people: a title right behind one of these is a part of its name.
_NAMED_AFTER = words("""jl jln jalan gg gang lorong jembatan perum perumahan komplek kompleks taman lapangan stadion gor terminal simpang bundaran monumen patung
    museum makam pesarean punden petilasan sumber sendang asrama masjid mesjid musholla mushola musala mushalla langgar surau majelis pesantren
    ponpes pondok pp panti yayasan sd sdn sdi sdit mi min smp smpn mts mtsn sma sman smk smkn ma man tk paud tpa tpq madin madrasah sekolah universitas
    institut rs rsu rsud rsia sakit puskesmas gereja bandara pelabuhan aula""")
# What may stand between the two.
_FILLING = words(
    "raya besar kecil baru lama utama dalam agung jami jamik jamie islam umum daerah negeri swasta asuhan asrama putra putri diniyah al"
)
# What follows the word for a mother or father where nobody is meant, and what follows `dr` (from) and other short words.
_NOT_A_NAME = words("""hamil bersalin melahirkan menyusui nifas dan anak balita bayi pertiwi kota kartini rumah pkk bapak ibu muda pekerja tangga desa delima praktek
    praktik mandiri atau di ke dari dr yang untuk no nomor blok gang jalan jl jln gg masjid mesjid musholla mushola musala pasar kantor balai sd sdn smp
    sma gapura perempatan pertigaan simpang jembatan pos posyandu lapangan makam barat timur utara selatan arah depan belakang samping sebelah
    dekat bersama guru guru2 kelas kelurahan kecamatan lansia remaja kader sehat sejahtera""")
_NOT_BEFORE_LETTER = words("blok kav kavling no nomor type tipe gang gg lantai kelas golongan vitamin seri cluster")
_NOT_BEFORE_MAS = frozenset({"toko", "perhiasan", "logam", "jual", "tukang", "kali", "ikan"})
_WORD = re.compile(r"(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)(?P<mark>\.?)|(?P<end>[,;:()/\n\d\-\u2013\u2014])")
# `Ibu-Siti`
_JOINED = re.compile(r"(?<=[a-z])[\-_](?=[A-Z])")
_INITIALS = re.compile(r"\b([Kk])\.\s?([Hh])\.?(?=\s?[A-Za-z])")


def is_personal(text: str) -> bool:
    """Whether a text holds a telephone or identity number, or a person's title with a name."""
    return any(has_telephone(plain) or _IDENTITY.search(plain) is not None or has_title(plain) for plain in _plainly(text))


def _plainly(text: str) -> set[str]:
    """The text with one kind of digits and of hyphens, as programs for messages write others; and what is not seen (signs of direction, blanks
    without width) left out, or taken for a blank.
    """
    same = "".join(map(_same, unicodedata.normalize("NFKC", text)))
    return {"".join(blank if unicodedata.category(letter) == "Cf" else letter for letter in same) for blank in ("", " ")}


def _same(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return "-" if letter == "\u2212" or unicodedata.category(letter) == "Pd" else letter


def has_telephone(text: str) -> bool:
    plain = _DATES.sub(" x ", _TIMES.sub(" x ", text))
    return any(pattern.search(plain) for pattern in _TELEPHONES)


def has_title(text: str) -> bool:
    if _DEGREES.search(text) or _LABELLED.search(text):
        return True
    parts = [(found["word"] or "", found["mark"] or "") for found in _WORD.finditer(_INITIALS.sub("KH ", _JOINED.sub(" ", text)))]
    return any(_is_titled(parts, at) for at in range(len(parts) - 1))


def _is_titled(parts: list[tuple[str, str]], at: int) -> bool:
    """Whether a title stands here, with a name behind it, that is not a part of what is called after somebody."""
    following = parts[at + 1][0]
    if not _is_title(parts, at) or len(following) < 2 or following.lower() in _NOT_A_NAME:
        return False
    before = at - 1
    while before >= 0 and (_is_title(parts, before) or parts[before][0].lower() in _FILLING):
        before -= 1
    return before < 0 or parts[before][0].lower() not in _NAMED_AFTER


def _is_title(parts: list[tuple[str, str]], at: int) -> bool:
    word, mark = parts[at]
    lower, before = word.lower(), parts[at - 1][0].lower() if at else ""
    if lower in _TITLES:
        return not (lower == "mas" and before in _NOT_BEFORE_MAS)
    if lower in _TITLES_POINTED:
        return bool(mark or word[0].isupper()) and not (lower == "h" and before in _NOT_BEFORE_LETTER)
    return lower in _TITLES_AT_HOME and before in _HOMES


# -- a point

_TELEPHONE_FIELDS = frozenset({"telepon", "telp", "telpon", "phone", "fax", "faks", "hotline"})
_MOBILE = re.compile(rf"(?<!\d)(?:\+?62{_BETWEEN}|0){_BETWEEN}8{_BETWEEN}[1-9]")


def personal_fields(category: Category, revision: Mapping[str, Any]) -> tuple[str, ...]:
    """The public fields of a revision (common ones, and attributes) whose text tells of a person. Where the category makes the name,
    another one may be anybody's.

    In a field for telephone numbers only a mobile does: an office may publish its line.
    """
    texts = {**{name: revision[name] for name in FREE_TEXTS}, **revision["attributes"]}
    found = {field for field, value in texts.items() if any(_tells(field, one) for one in _texts(value))}
    if category.name_template is not None and not category.named_by_template(revision):
        found.add("name")
    return tuple(field for field in texts if field in found and category.is_public(field))


def _tells(field: str, text: str) -> bool:
    if _TELEPHONE_FIELDS & set(field.lower().split("_")):
        return any(_MOBILE.search(plain) is not None or has_title(plain) for plain in _plainly(text))
    return is_personal(text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
