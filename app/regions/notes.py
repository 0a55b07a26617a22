"""What there is to say of a file of regions: refusals, and what an operator should know of what was loaded."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from app.language import Language, Text

Severity = Literal["error", "warning", "info"]
_SHOWN = 5


class RegionNote(NamedTuple):
    """One thing to know: a stable `code`, and a sentence. After an error nothing of the file is stored."""

    code: str
    severity: Severity
    text: Text

    @classmethod
    def of(cls, code: str, **facts: object) -> "RegionNote":
        severity, text = _NOTES[code]
        return cls(code, severity, text.fill(**facts))

    def say(self, language: Language) -> str:
        return self.text.say(language)


def listed(texts: Iterable[str]) -> str:
    """The first few, and how many more."""
    every = list(texts)
    return ", ".join(every[:_SHOWN]) + (f", … (+{len(every) - _SHOWN})" if len(every) > _SHOWN else "")


_NOTES: Mapping[str, tuple[Severity, Text]] = {
    "codes-missing": (
        "error",
        Text(
            "Berkas ini menyebut {count} nama tetapi tidak satu pun kode (misalnya: {names}). Nama saja tidak cukup: banyak desa bernama sama. "
            "Tambahkan kolom kode Kemendagri (35.71.01.1001), atau sebutkan kolomnya: --map code=KOLOM.",
            "This file has {count} {count:name|names} but not one code (for example: {names}). Names are not enough: many villages share one. "
            "Add a column of Kemendagri codes (35.71.01.1001), or name the column: --map code=COLUMN.",
        ),
    ),
    "code-unreadable": (
        "error",
        Text(
            "{count} baris tidak berisi kode wilayah Kemendagri yang terbaca, misalnya: {rows}. Tulis seperti 35.71.01.1001; kode BPS (3571010007) "
            "hanya dikenal bila wilayahnya sudah dimuat.",
            "{count} {count:row has|rows have} no readable Kemendagri code, for example: {rows}. Write it like 35.71.01.1001; a BPS code (3571010007) is "
            "known only where its region has been loaded.",
        ),
    ),
    "code-twice": (
        "error",
        Text(
            "{count} kode dipakai untuk dua wilayah: {codes}. Setiap kode milik satu wilayah; perbaiki salah satunya.",
            "{count} {count:code stands|codes stand} for two regions: {codes}. A code belongs to one region; correct one of them.",
        ),
    ),
    "two-parents": (
        "error",
        Text(
            "{count} wilayah mempunyai dua induk: {codes}. Setiap wilayah terletak di satu induk saja; perbaiki kolom induk atau kode kecamatannya.",
            "{count} {count:region has|regions have} two parents: {codes}. A region lies in one only; correct the column of parents or of kecamatan codes.",
        ),
    ),
    "cycle": (
        "error",
        Text(
            "Induk di berkas ini berputar: {codes}. Suatu wilayah tidak dapat terletak di dalam bagiannya sendiri; perbaiki kolom induknya.",
            "The parents in this file go round in a circle: {codes}. A region cannot lie within a part of itself; correct the column of parents.",
        ),
    ),
    "parent-differs": (
        "error",
        Text(
            "{count} wilayah disebut di bawah induk yang bukan awal kodenya: {codes}. Induk 35.71.01.1001 adalah 35.71.01; perbaiki kode atau induknya.",
            "{count} {count:region is|regions are} put under a parent that is not the beginning of the code: {codes}. The parent of 35.71.01.1001 is 35.71.01; "
            "correct the code or the parent.",
        ),
    ),
    "bps-unreadable": (
        "error",
        Text(
            "{count} kode BPS tidak sesuai tingkatnya: {codes}. Kota atau kabupaten 4 angka, kecamatan 7, kelurahan atau desa 10.",
            "{count} BPS {count:code does|codes do} not fit the level: {codes}. A kota or kabupaten has 4 digits, a kecamatan 7, a kelurahan or desa 10.",
        ),
    ),
    "bps-twice": (
        "error",
        Text(
            "{count} kode BPS dipakai untuk dua wilayah: {codes}. Perbaiki salah satunya.",
            "{count} BPS {count:code stands|codes stand} for two regions: {codes}. Correct one of them.",
        ),
    ),
    "city-missing": (
        "error",
        Text(
            "Tidak ada wilayah {wanted} di berkas ini. Yang ada: {known}.",
            "There is no region of {wanted} in this file. There is: {known}.",
        ),
    ),
    "city-new": (
        "error",
        Text(
            "{count} kota atau kabupaten belum dikenal dan tidak punya kelurahan di berkas ini: {codes}. Periksa kodenya; bila memang baru, sebutkan: --city {city}.",
            "{count} {count:kota or kabupaten is|kota and kabupaten are} not known yet and {count:has|have} no kelurahan in this file: {codes}. "
            "Check the code; if it is really new, name it: --city {city}.",
        ),
    ),
    "city-unclear": (
        "error",
        Text(
            "Berkas ini memuat {count} kota dan kabupaten: {known}. Pilih dengan --city KODE; --city {province} berarti seluruh provinsi.",
            "This file holds {count} cities and regencies: {known}. Choose by --city CODE; --city {province} means the whole province.",
        ),
    ),
    "no-rows": (
        "error",
        Text(
            "Tidak ada baris wilayah di berkas ini.",
            "There is no row of a region in this file.",
        ),
    ),
    "names-unread": (
        "warning",
        Text(
            "Tidak ada kolom nama yang terbaca di berkas ini, jadi tidak ada yang diberi nama. Sebutkan kolomnya: --map name=KOLOM.",
            "No column of names was recognised in this file, so nothing was named. Name the column: --map name=COLUMN.",
        ),
    ),
    "left-out": (
        "info",
        Text(
            "{count} baris dari kota atau kabupaten lain dilewati.",
            "{count} {count:row of another city or regency was|rows of other cities or regencies were} left out.",
        ),
    ),
    "unnamed": (
        "warning",
        Text(
            "{count} wilayah belum bernama dan disebut dengan kodenya: {codes}. Beri nama nanti dengan tabel kode dan nama: titik regions load TABEL",
            "{count} {count:region has no name yet and is called by its code|regions have no name yet and are called by their codes}: {codes}. Name them later by a table "
            "of codes and names: titik regions load TABLE",
        ),
    ),
    "without-bps": (
        "info",
        Text(
            "{count} wilayah belum mempunyai kode BPS. Muat nanti dengan tabel kode dan kode_bps.",
            "{count} {count:region has|regions have} no BPS code yet. Load them later by a table of code and bps_code.",
        ),
    ),
    "renamed": (
        "warning",
        Text(
            "{count} wilayah berganti nama: {names}. Nama lama tetap dikenal.",
            "{count} {count:region has|regions have} another name: {names}. The old {count:one is|ones are} still understood.",
        ),
    ),
    "missing": (
        "warning",
        Text(
            "{count} wilayah tidak ada lagi di berkas ini dan dibiarkan: {names}. {with_points} di antaranya mempunyai titik.",
            "{count} {count:region is|regions are} no longer in this file and {count:was|were} left as {count:it is|they are}: {names}. {with_points} of them {with_points:has|have} points.",
        ),
    ),
    "loaded": (
        "info",
        Text(
            "{cities}: {kelurahan} kelurahan dan desa. {added} wilayah ditambahkan, {named} diberi nama, {changed} diubah, {same} tetap.",
            "{cities}: {kelurahan} kelurahan and desa. {added} {added:region|regions} added, {named} named, {changed} changed, {same} the same.",
        ),
    ),
}
