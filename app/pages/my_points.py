"""Pages of the points that a PIC looks after: the list by what there is to do, and one of them with the question whether it is still there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.collections import kinds
from app.language import Language, Text
from app.pages.atlas import METHODS, say_word
from app.pages.frame import Frame, page
from app.pages.review_words import KINDS, turned_words
from app.pages.signs import signs
from app.pages.views import cell_text, day_cell
from app.points.mine import DUE_AFTER, MyPointRow, MyPoints, Standing
from app.published.catalogue import Known
from app.workflow.table import before

PATH = "/portal/titik"
TITLE = Text("Titik saya", "My points")
_STANDINGS: Mapping[Standing, Text] = {
    "returned": Text("Dikembalikan", "Returned"),
    "draft": Text("Draf", "Drafts"),
    "published": Text("Terbit", "Published"),
    "submitted": Text("Sedang diperiksa", "In review"),
    "ended": Text("Ditutup", "Closed"),
}
_LEADS: Mapping[Standing, Text] = {
    "returned": Text(
        "Walidata mengembalikan titik ini. Baca alasannya, perbaiki, lalu kirim lagi.",
        "The walidata has returned these. Read why, correct them, and send them again.",
    ),
    "draft": Text("Titik ini belum dikirim. Lanjutkan, lalu kirim.", "These have not been sent yet. Go on with them, and send them."),
    "published": Text(
        "Yang paling lama tidak diperiksa ada di atas. Datangi, lalu nyatakan masih ada, atau perbaiki.",
        "Those that nobody has looked at for longest come first. Go there, then say that it is still there, or correct it.",
    ),
    "submitted": Text(
        "Titik ini menunggu keputusan walidata. Anda tidak perlu berbuat apa-apa.",
        "These wait for the walidata's decision. There is nothing for you to do.",
    ),
    "ended": Text(
        "Titik ini sudah ditutup, pindah, atau diturunkan dari peta.", "These have been closed, have moved, or were taken off the map."
    ),
}
_ENDED = {
    "closed": Text("Sudah ditutup", "Closed"),
    "moved": Text("Sudah pindah", "Moved"),
}
_UNPUBLISHED = Text("Diturunkan dari peta", "Taken off the map")
_DONE: Mapping[str, Text] = {
    "confirm": Text(
        "{name}: dinyatakan masih ada. Setelah diterbitkan walidata, tanggal pemeriksaannya baru.",
        "{name}: confirmed as still there. Once the walidata publishes it, the time of its verification is new.",
    ),
    "close": Text(
        "{name}: dinyatakan sudah tidak ada. Titik ini hilang dari peta setelah walidata menyetujuinya. Keliru? Buka titiknya di “Sedang diperiksa”, lalu tarik.",
        "{name}: reported as gone. It leaves the map once the walidata agrees. A mistake? Open it under “In review”, and take it back.",
    ),
}
_WITHDRAWN = Text("Usulan sudah ditarik. Walidata tidak lagi melihatnya.", "It was taken back. The walidata does not see it any more.")
# The walidata reads them in Indonesian, whatever the writer reads.
_WHY_GONE = (
    Text("Tempatnya sudah tutup untuk seterusnya.", "It has closed for good."),
    Text("Bangunannya sudah tidak ada, atau dipakai untuk hal lain.", "The building is gone, or used for something else."),
    Text("Tercatat dua kali; titik yang lain sudah benar.", "It is recorded twice; the other point is right."),
    Text("Tidak pernah ada di sini.", "It was never here."),
)
# Whoever looks after the point reads them in Indonesian.
_WHY_UNPUBLISHED = (
    Text("Memuat data pribadi.", "It holds personal data."),
    Text("Letaknya salah dan menyesatkan.", "Its place is wrong and misleads people."),
    Text("Isinya salah.", "What it says is wrong."),
    Text("Terbit karena keliru.", "It was published by mistake."),
)
_WITHDRAWABLE = frozenset(before("withdraw"))
_DAYS = Text("{number} hari lalu", "{number} {number:day|days} ago")
_MONTHS = Text("{number} bulan lalu", "{number} months ago")
_YEARS = Text("lebih dari {number} tahun lalu", "more than {number} {number:year|years} ago")
_TODAY = Text("hari ini", "today")
_NOT_SHOWN = frozenset(
    {
        "name",
        "status",
        "method",
        "category",
        "kelurahan",
        "kelurahan_name",
        "kecamatan",
        "state",
        "revision",
        "version",
        "placement",
        "verified_at",
        "predecessors",
        "succession",
    }
)


class MyPointsPage(NamedTuple):
    """`filters`: what was asked for, by the names of the parameters; `kelurahan`: those to choose from, by code and name; `confirmed`: the name of
    the point about which something was said a moment ago, and what (`confirm`, `close`); `is_withdrawn`: something was taken back.
    """

    points: MyPoints
    filters: Mapping[str, str]
    kelurahan: Sequence[tuple[str, str]]
    following: str | None
    done: tuple[str, str] | None
    is_withdrawn: bool = False


class MyPointPage(NamedTuple):
    """`feature`: as it is worked on; `note`: what is wrong with what was sent, `errors`: at which field; `reason`: what was typed; `opened`: the field
    of the form that somebody came for (`note`: that it is gone, `why`: to take it off the map); `is_unpublished`: that was done a moment ago.
    """

    row: MyPointRow
    feature: Mapping[str, Any]
    photos: Sequence[str]
    note: str = ""
    errors: Mapping[str, str] = MappingProxyType({})
    reason: str = ""
    opened: str = ""
    is_unpublished: bool = False


def mine(frame: Frame, known: Known, shown: MyPointsPage) -> str:
    language, points = frame.language, shown.points
    every = signs(known.visible("internal"), language)
    return page(
        "my_points.html", frame, TITLE.say(language), path=f"{frame.root}{PATH}", shown=shown, filters=shown.filters,
        tabs=[
            (f"?{urlencode({**shown.filters, 'state': name})}", text.say(language), points.counts.get(name, 0), name == points.standing)
            for name, text in _STANDINGS.items()
        ],
        lead=_LEADS[points.standing].say(language), lines=[_line(frame, known, row) for row in points.rows], signs=list(every.values()), by_category=every,
        categories=sorted(((one.id, one.title.say(language)) for one in kinds.listed(known, "internal") if one.is_of_one_category), key=lambda one: one[1]),
        total=sum(points.counts.values()), flash=_flash(shown, language),
    )  # fmt: skip


def _flash(shown: MyPointsPage, language: Language) -> str:
    if shown.is_withdrawn:
        return _WITHDRAWN.say(language)
    name, kind = shown.done or ("", "")
    return _DONE[kind].say(language, {"name": name}) if kind in _DONE else ""


def my_point(frame: Frame, known: Known, shown: MyPointPage) -> str:
    language, row, properties = frame.language, shown.row, shown.feature["properties"]
    collection = kinds.one(known, "internal", row["category"])
    zone = frame.cities.zone_of(row["kelurahan"])
    queryables = collection.source.queryables
    lon, lat = shown.feature["geometry"]["coordinates"][:2]
    return page(
        "my_point.html", frame, row["name"], [(TITLE.say(language), f"{frame.root}{PATH}")], path=f"{frame.root}{PATH}/{row['point']}", shown=shown, row=row,
        line=_line(frame, known, row), place=f"{lat:.6f}, {lon:.6f}", category=collection.title.say(language),
        method=say_word(METHODS, properties.get("method"), language), may_close=_may_close(row),
        may_withdraw=row["state"] in _WITHDRAWABLE and frame.visitor is not None and row["held_by"] == frame.visitor.name,
        why_gone=[(reason.id, reason.say(language)) for reason in _WHY_GONE],
        may_unpublish=row["verified_at"] is not None and row["standing"] != "ended" and frame.visitor is not None and frame.visitor.role == "walidata",
        why_unpublished=[(reason.id, reason.say(language)) for reason in _WHY_UNPUBLISHED],
        facts=[
            (queryables[name].title.say(language) if name in queryables else name, cell_text(value, language, zone))
            for name, value in properties.items()
            if value is not None and name not in _NOT_SHOWN
        ],
    )  # fmt: skip


def _may_close(row: MyPointRow) -> bool:
    """It is on the map, and nothing of it waits for a decision; what was returned is to be changed, or is a closing that was not understood."""
    return row["verified_at"] is not None and row["state"] in ("published", "returned") and row["standing"] != "ended"


def _line(frame: Frame, known: Known, row: MyPointRow) -> dict[str, object]:
    language, zone = frame.language, frame.cities.zone_of(row["kelurahan"])
    card = known.categories.get(row["category"])
    numbers = " ".join(f"{word} {value}" for word, value in (("RT", row["rt"]), ("RW", row["rw"])) if value)
    state = _ENDED.get(row["status"], _UNPUBLISHED) if row["standing"] == "ended" else None
    return {
        "id": str(row["point"]), "name": row["name"], "may_close": _may_close(row), "category": card.title.say(language) if card else row["category"], "category_id": row["category"],
        "where": ", ".join(filter(None, (row["address"], numbers, row["kelurahan_name"]))), "standing": row["standing"], "state": row["state"], "version": row["version"],
        "ended": state.say(language) if state else "", "reason": (row["decision_reason"] if row["state"] == "returned" else row["ended_reason"]) or "",
        "kind": row["kind"], "kind_words": KINDS[row["kind"]].say(language) if row["kind"] else "", "photos": row["photos"], "turned": _turned(known, row, language), "by": row["held_by"],
        "verified": day_cell(row["verified_at"], language, zone), "age": _age(row["verified_at"], language),
        "is_due": row["standing"] == "published" and row["verified_at"] is not None and datetime.now(UTC) - row["verified_at"] > DUE_AFTER,
        "since": day_cell(row["since"], language, zone), "is_inactive": row["status"] == "inactive",
    }  # fmt: skip


def _turned(known: Known, row: MyPointRow, language: Language) -> str:
    if row["turned"] is None:
        return ""
    names = {code: kelurahan.name for code, kelurahan in known.directory.kelurahan.items()}
    return turned_words(row["turned"]["before"], row["turned"]["after"], names, language)


def _age(at: datetime | None, language: Language) -> str:
    if at is None:
        return ""
    days = (datetime.now(UTC) - at).days
    if days < 1:
        return _TODAY.say(language)
    words, number = (_DAYS, days) if days < 60 else (_MONTHS, days // 30) if days < 365 else (_YEARS, days // 365)
    return words.say(language, {"number": number})
