"""How a concept and an indicator may be called, as far as a program can tell it: what BPS asks of names in INDAH. Pure.

The guide of INDAH has these rules for the names of concepts. That an indicator's own name has capitals and tells no period and no region either is
our inference (docs/indicators.md).
"""

import re
from collections.abc import Collection, Iterator

from app.errors import Fault
from app.language import words

_SMALL = words("atau antara bagi dalam dan dari dengan di ke menurut oleh pada per serta tanpa terhadap untuk yang")
_MEASURES = (
    "Angka", "Banyaknya", "Indeks", "Jumlah", "Laju", "Median", "Modus", "Nilai Tengah", "Persen", "Persentase", "Proporsi", "Rasio", "Rata-rata", "Rerata", "Total",
)  # fmt: skip
_SHORTENED = words("dll dsb jml kab kec kel kk org pddk pend persentasi prov rmh rt rw sbg thn tk")
_MONTHS = words("Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember")
_PERIODS = words("Bulanan Harian Mingguan Sebulan Sehari Semester Seminggu Setahun Tahunan Triwulan Triwulanan")
_LEVELS = "Desa|Kelurahan|Kecamatan|Kota|Kabupaten|Provinsi"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_IN_BRACKETS = re.compile(r"\(([A-Z]{2,})\)")
_CAPITALS = re.compile(r"\b(?![IVX]+\b)[A-Z]{2,}\b")


def concept_faults(concept: str, where: str, places: Collection[str]) -> Iterator[Fault]:
    """Of the name of a concept. `places`: names of regions."""
    yield from _capital_faults(concept, where)
    if any(concept.casefold().startswith(f"{measure.casefold()} ") for measure in _MEASURES):
        yield Fault(where, "concept-measure")
    if _is_shortened(concept):
        yield Fault(where, "concept-shortened")
    yield from _bound_faults(concept, where, places)


def name_faults(name: str, where: str, places: Collection[str]) -> Iterator[Fault]:
    """Of the name of an indicator, which may begin with its measure."""
    yield from _capital_faults(name, where)
    yield from _bound_faults(name, where, places)


def _capital_faults(name: str, where: str) -> Iterator[Fault]:
    small = [word for at, word in enumerate(_WORD.findall(name)) if word[0].islower() and (word not in _SMALL or at == 0)]
    if small:
        yield Fault(where, "name-capitals")


def _is_shortened(concept: str) -> bool:
    """Capitals that stand alone (`NPWP`); behind their words, in brackets, they are well (`Nomor Pokok Wajib Pajak (NPWP)`)."""
    for found in _IN_BRACKETS.finditer(concept):
        initials = "".join(word[0] for word in _WORD.findall(concept[: found.start()]) if word not in _SMALL).upper()
        if not initials.endswith(found[1]):
            return True
    without = _IN_BRACKETS.sub("", concept)
    parts = _WORD.findall(without)
    return bool(_CAPITALS.search(without) or re.search(r"[^\W\d_]\.", without) or any(word.casefold() in _SHORTENED for word in parts))


def _bound_faults(name: str, where: str, places: Collection[str]) -> Iterator[Fault]:
    """What ties it to a time or a place: the same would then be there again for each of them."""
    parts = set(_WORD.findall(name))
    if parts & (_MONTHS | _PERIODS) or re.search(r"\b(?:19|20)[0-9]{2}\b|\bper (?:Tahun|Bulan|Hari|Minggu)\b", name):
        yield Fault(where, "name-period")
    after_level = [found[1].casefold() for found in re.finditer(rf"\b(?:{_LEVELS}) (.+)", name)]
    known = [place.casefold() for place in places]
    if "Indonesia" in parts or any(rest == place or rest.startswith(f"{place} ") for rest in after_level for place in known):
        yield Fault(where, "name-region")
