"""What waits for somebody, and what of theirs waits for others, as sentences with their number, for the page where one begins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.language import Text
from app.pages.frame import Frame
from app.pages.review_words import age_words


class WaitingWork(NamedTuple):
    """`text` says how many; `path`, within the service, leads to it; `is_with_others`: they are to act, not whoever reads it."""

    number: int
    text: str
    path: str
    is_with_others: bool = False


class _Kind(NamedTuple):
    name: str
    text: Text
    path: str
    is_with_others: bool = False


KINDS = (
    _Kind("returned", Text("{number} isian dikembalikan: perbaiki lalu kirim lagi", "{number} {number:entry was|entries were} returned: correct and send again"), "/portal/titik"),
    _Kind("drafts", Text("{number} rancangan belum dikirim", "{number} {number:draft|drafts} not sent yet"), "/portal/titik"),
    _Kind("moved_mine", Text("{number} titik Anda terkena perubahan batas kelurahan: periksa", "{number} of your points {number:is|are} affected by new boundaries: have a look"), "/portal/titik?batas=berubah"),
    _Kind("submitted", Text("{number} isian Anda sedang diperiksa walidata", "{number} of your entries {number:is|are} with the walidata"), "/portal/titik", is_with_others=True),
    _Kind("new", Text("{number} titik baru menunggu diperiksa", "{number} new {number:point waits|points wait} for review"), "/portal/tinjau?kind=new"),
    _Kind("change", Text("{number} perubahan menunggu diperiksa", "{number} {number:change waits|changes wait} for review"), "/portal/tinjau?kind=change"),
    _Kind("move", Text("{number} pindah tempat menunggu diperiksa", "{number} {number:move waits|moves wait} for review"), "/portal/tinjau?kind=move"),
    _Kind("close", Text("{number} penutupan menunggu diperiksa", "{number} {number:closing waits|closings wait} for review"), "/portal/tinjau?kind=close"),
    _Kind("confirm", Text("{number} pernyataan “masih ada” menunggu diperiksa", "{number} {number:confirmation waits|confirmations wait} for review"), "/portal/tinjau?kind=confirm"),
    _Kind("moved", Text("{number} titik terbit berubah letaknya oleh batas baru: lihat", "{number} {number:point lies|points lie} elsewhere by the new boundaries: have a look"), "/portal/tinjau?flag=rejudged"),
    _Kind("reports", Text("{number} laporan warga belum dijawab", "{number} {number:report of a citizen is|reports of citizens are} not answered yet"), "/portal/laporan"),
    _Kind("without_password", Text("{number} akun belum dapat masuk: buat tautan sandinya", "{number} {number:account|accounts} cannot sign in yet: make a link for the password"), "/portal/kelola/akun"),
    _Kind("identities", Text("{number} orang minta dikaitkan dengan akun", "{number} {number:person asks|people ask} to be bound to an account"), "/portal/kelola/akun"),
    _Kind("webhooks", Text("{number} webhook dijeda atau gagal", "{number} {number:webhook is|webhooks are} paused or failing"), "/portal/kelola/webhook"),
    _Kind("unsealed", Text("{number} baris catatan belum disegel: periksa layanannya", "{number} {number:row|rows} of the record not sealed: look at the service"), "/portal/kelola/keadaan"),
)  # fmt: skip
_OLDEST = Text("yang tertua {age}", "the oldest {age}")


def waiting_work(frame: Frame, numbers: Mapping[str, Any], now: datetime) -> list[WaitingWork]:
    """Only what there is; to the first of the queue its age is added."""
    found = [
        WaitingWork(number, kind.text.say(frame.language, {"number": number}), kind.path, kind.is_with_others)
        for kind in KINDS
        if (number := numbers.get(kind.name))
    ]
    if found and (oldest := numbers.get("oldest_at")):
        age = _OLDEST.say(frame.language, {"age": age_words(oldest, now, frame.language)})
        found[0] = found[0]._replace(text=f"{found[0].text} ({age})")
    return found
