"""What a reviewer reads: kinds, states, flags and verdicts in words, and the reasons for which an entry is returned. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.geo import compass, distance_words
from app.language import Language, Text


class FlagWords(NamedTuple):
    """`label` names it, `why` says what to look at."""

    label: Text
    why: Text


KINDS = {
    "new": Text("Baru", "New"),
    "change": Text("Perubahan", "Change"),
    "confirm": Text("Masih ada", "Still there"),
    "move": Text("Pindah letak", "Moved place"),
    "close": Text("Penutupan", "Closing"),
}

STATES = {
    "draft": Text("konsep", "draft"),
    "submitted": Text("menunggu tinjauan", "waiting for review"),
    "returned": Text("dikembalikan", "returned"),
    "published": Text("terbit", "published"),
    "unpublished": Text("ditarik dari peta", "taken off the map"),
    "withdrawn": Text("ditarik pengisi", "withdrawn"),
    "superseded": Text("diganti isian baru", "replaced by a newer entry"),
}

_MISFIT = FlagWords(
    Text("Tidak seperti yang diharapkan", "Not as expected"),
    Text(
        "Pemeriksaan angka menemukan sesuatu. Baca penjelasan pengisi.",
        "A check of the figures found something. Read the writer's explanation.",
    ),
)
FLAGS = {
    **dict.fromkeys(("misfit-parts", "misfit-classes", "misfit-at_most", "misfit-change", "misfit-map"), _MISFIT),
    "near": FlagWords(
        Text("Di tepi batas", "At the boundary"),
        Text(
            "Letaknya sedikit di luar kelurahan yang disebut, masih dalam toleransi.",
            "It lies a little outside the kelurahan that it names, within the tolerance.",
        ),
    ),
    "overlap": FlagWords(
        Text("Batas tumpang tindih", "Overlapping boundaries"),
        Text("Dua kelurahan sama-sama memuat tempat ini. Pastikan milik siapa.", "Two kelurahan hold this place. Make sure whose it is."),
    ),
    "override": FlagWords(
        Text("Di luar kelurahan, dengan alasan", "Outside its kelurahan, with a reason"),
        Text(
            "Letaknya di luar kelurahan yang disebut. Baca alasan pengisi.",
            "It lies outside the kelurahan that it names. Read the writer's reason.",
        ),
    ),
    "near-duplicate": FlagWords(
        Text("Mungkin ganda", "Perhaps a duplicate"),
        Text(
            "Ada titik sejenis yang dekat dan namanya mirip. Pengisi menyatakan ini titik lain; bandingkan.",
            "A point of the same category is near and has a similar name. The writer says that this is another one; compare them.",
        ),
    ),
    "same-place": FlagWords(
        Text("Koordinat sama persis", "The very same coordinates"),
        Text("Titik lain punya koordinat yang sama persis.", "Another point has exactly these coordinates."),
    ),
    "clock-ahead": FlagWords(
        Text("Waktu pendataan di depan", "Time of capture ahead"),
        Text("Jam ponsel pengisi lebih maju dari jam layanan.", "The writer's phone was ahead of the clock of the service."),
    ),
    "rejudged": FlagWords(
        Text("Batas baru mengubah letaknya", "New boundaries have moved it"),
        Text(
            "Menurut edisi batas yang baru titik ini ada di tempat lain. Bandingkan putusan lama dan baru.",
            "By the newer edition of boundaries it lies elsewhere. Compare the old and the new verdict.",
        ),
    ),
    "unconditional": FlagWords(
        Text("Ditulis tanpa melihat versi", "Written without a look at the version"),
        Text(
            "Pengisi mengubah titik tanpa menyebut versi yang dilihatnya. Perubahan orang lain bisa tertimpa.",
            "The writer changed the point without naming the version that they saw. A change by others may be lost.",
        ),
    ),
    "personal": FlagWords(
        Text("Mungkin data pribadi", "Perhaps personal data"),
        Text(
            "Teks yang akan umum memuat nomor telepon, NIK, atau nama orang.",
            "A text that will be public holds a telephone or identity number, or a person's name.",
        ),
    ),
    "photo-far": FlagWords(
        Text("Foto diambil jauh", "Photo taken far away"),
        Text("Foto menyebut tempat lain daripada titiknya.", "The photo names another place than the point."),
    ),
    "photo-old": FlagWords(
        Text("Foto lama", "Old photo"),
        Text("Foto diambil jauh sebelum pendataan.", "The photo was taken long before the capture."),
    ),
}

# The writer reads them in Indonesian, whatever the reviewer reads.
REASONS = (
    Text("Letaknya kurang tepat; ukur ulang di tempatnya.", "The place is not exact; measure it again on the spot."),
    Text("Titik ini sudah ada; lengkapi yang sudah ada.", "This point is there already; complete that one."),
    Text("Kelurahannya keliru; periksa batasnya.", "The kelurahan is wrong; check its boundary."),
    Text("Nama belum sesuai; tulis nama yang dipakai warga.", "The name is not right; write the one that people use."),
    Text("Nomor RT atau RW belum ada atau keliru.", "The number of the RT or RW is missing or wrong."),
    Text("Alamat belum lengkap.", "The address is not complete."),
    Text(
        "Foto kurang jelas atau bukan tempat ini; foto ulang dari depan.",
        "The photo is unclear or of another place; take it again from the front.",
    ),
    Text("Memuat data pribadi; hapus dari nama atau alamat.", "It holds personal data; take them out of the name or the address."),
)
REASONS_OF_CLOSING = (
    Text("Titik ini masih ada; periksa lagi di tempatnya.", "This point is still there; look again on the spot."),
    Text("Alasan penutupan belum jelas.", "The reason of the closing is not clear."),
    Text("Titik ini pindah, bukan tutup; usulkan letak barunya.", "This point has moved, not closed; propose its new place."),
)

_INSIDE = Text("Di dalam {declared}.", "Within {declared}.")
_NEAR = Text(
    "{distance} di luar {declared} (sebelah {side} batasnya), masih dalam toleransi {tolerance}.",
    "{distance} outside {declared} (to the {side} of its boundary), within the tolerance of {tolerance}.",
)
_ELSEWHERE = Text(
    "Di {found}, bukan di {declared}: {distance} dari batasnya, ke {side}. Toleransi {tolerance}.",
    "In {found}, not in {declared}: {distance} from its boundary, to the {side}. The tolerance is {tolerance}.",
)
_OUTSIDE = Text(
    "Di luar semua kelurahan: {distance} dari batas {declared}, ke {side}. Toleransi {tolerance}.",
    "Outside every kelurahan: {distance} from the boundary of {declared}, to the {side}. The tolerance is {tolerance}.",
)
_VERDICTS = {"inside": _INSIDE, "near": _NEAR, "elsewhere": _ELSEWHERE, "outside": _OUTSIDE}
_SHORT_VERDICTS = {
    "inside": Text("di dalam kelurahannya", "within its kelurahan"),
    "near": Text("{distance} di luar kelurahannya, masih dalam toleransi", "{distance} outside its kelurahan, within the tolerance"),
    "elsewhere": Text("di kelurahan lain ({found}), {distance}", "in another kelurahan ({found}), {distance}"),
    "outside": Text("di luar semua kelurahan, {distance}", "outside every kelurahan, {distance}"),
}
_TURNED = Text("Sebelum batas baru: {before}. Sekarang: {after}.", "Before the new boundaries: {before}. Now: {after}.")
_AGES = (
    (timedelta(days=14), timedelta(weeks=1), Text("{number} minggu", "{number} {number:week|weeks}")),
    (timedelta(hours=48), timedelta(days=1), Text("{number} hari", "{number} {number:day|days}")),
    (timedelta(minutes=90), timedelta(hours=1), Text("{number} jam", "{number} {number:hour|hours}")),
    (timedelta(minutes=1), timedelta(minutes=1), Text("{number} menit", "{number} {number:minute|minutes}")),
)

_MOMENT = Text("kurang dari semenit", "less than a minute")


def verdict_words(placement: Mapping[str, Any], declared: str, tolerance_m: float, language: Language) -> str:
    """The verdict on a place as a sentence. `declared`: the name of the kelurahan that it claims."""
    bearing = placement.get("bearing")
    facts = {
        "declared": declared,
        "found": placement.get("kelurahan_name") or "-",
        "distance": distance_words(placement["distance_m"], language),
        "side": compass(bearing).say(language) if bearing is not None else "-",
        "tolerance": distance_words(tolerance_m, language),
    }
    return _VERDICTS[placement["verdict"]].say(language, facts)


def turned_words(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str], language: Language) -> str:
    """What other boundaries have made of a place. `names`: of kelurahan, by code."""
    return _TURNED.say(language, {"before": _short_verdict(before, names, language), "after": _short_verdict(after, names, language)})


def _short_verdict(verdict: Mapping[str, Any], names: Mapping[str, str], language: Language) -> str:
    code = verdict.get("kelurahan") or "-"
    facts = {"found": names.get(code, code), "distance": distance_words(verdict["distance_m"], language)}
    return _SHORT_VERDICTS[verdict["verdict"]].say(language, facts)


def flag_words(flag: str) -> FlagWords:
    """What nobody has described yet is called by its own word."""
    return FLAGS.get(flag) or FlagWords(Text(flag, flag), Text("", ""))


def age_words(since: datetime, now: datetime, language: Language) -> str:
    """How long, in the largest unit of which there are two."""
    for at_least, unit, words in _AGES:
        if now - since >= at_least:
            return words.say(language, {"number": (now - since) // unit})
    return _MOMENT.say(language)
