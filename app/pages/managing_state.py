"""The state of the service for its administrator: parts, queues, and the slowest routes of the last hour. From values to HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.review_words import age_words

STATE = "/portal/kelola/keadaan"
SLOW_MS = 1_000.0
"""A route of which one request in twenty takes longer is marked."""
_TITLE = Text("Keadaan layanan", "State of the service")
_MANAGE = Text("Kelola", "Manage")


class PartShown(NamedTuple):
    """`advice` says what is wrong and what to do; empty where all is well."""

    name: str
    advice: str


class WaitingShown(NamedTuple):
    kind: str
    number: int
    failed: int
    oldest_at: datetime | None


class RouteShown(NamedTuple):
    method: str
    route: str
    requests: int
    errors: int
    median_ms: float
    p95_ms: float
    most_ms: float


class StatePage(NamedTuple):
    """`free` and `total` are bytes of the disk."""

    is_ready: bool
    parts: Sequence[PartShown]
    free: int
    total: int
    queues: Sequence[WaitingShown]
    routes: Sequence[RouteShown]
    now: datetime


class _QueueWords(NamedTuple):
    """`late`: what waits longer is marked, and `advice` says what to do then. `path`: where it is looked at."""

    title: Text
    late: timedelta
    advice: Text
    path: str = ""


PARTS: Mapping[str, Text] = {
    "writing": Text("Menyimpan ke basis data", "Storing in the database"),
    "boundaries": Text("Batas kelurahan", "Boundaries of the kelurahan"),
    "cities": Text("Batas setiap kota atau kabupaten", "Boundaries of every city"),
    "photos": Text("Tempat foto", "The place of photos"),
    "files": Text("Tempat menyusun berkas unduhan", "The place where downloads are put together"),
    "disk": Text("Ruang di disk layanan", "Room on the disk of the service"),
}
ADVICE: Mapping[str, Text] = {
    "cities": Text(
        "Edisi batas yang dipakai tidak memuat semua kota; titik di kota yang tidak ada belum dapat diterima. Muat satu edisi yang memuat semuanya.",
        "The edition in use does not have every city; points of those that it lacks cannot be accepted. Load one edition that has them all.",
    ),
    "photos": Text(
        "Foto baru tidak dapat disimpan; titik tetap dapat. Periksa TITIK_PHOTO_STORE dan log layanan.",
        "New photos cannot be kept; points can. Look at TITIK_PHOTO_STORE and the log of the service.",
    ),
    "files": Text(
        "Unduhan seperti GeoPackage dan Excel gagal. Periksa apakah direktori di TITIK_DATA_DIR dapat ditulis.",
        "Downloads such as GeoPackage and Excel fail. Look whether the directory of TITIK_DATA_DIR can be written.",
    ),
    "disk": Text(
        "Hampir habis. Kosongkan disk atau tambah; bila penuh, tidak ada lagi yang dapat disimpan.",
        "Nearly used up. Make room or add some; once it is full nothing can be stored any more.",
    ),
}
QUEUES: Mapping[str, _QueueWords] = {
    "review": _QueueWords(
        Text("Isian menunggu walidata", "Entries waiting for the walidata"), timedelta(days=7),
        Text("Ingatkan walidata, atau tambah akun walidata.", "Remind the walidata, or add another account of a walidata."), "/portal/kelola/akun?role=walidata",
    ),
    "report": _QueueWords(
        Text("Laporan warga belum selesai", "Reports of citizens, not closed"), timedelta(days=7),
        Text("Ingatkan PIC kelurahannya.", "Remind the PIC of the kelurahan."), "/portal/kelola/akun?role=pic",
    ),
    "import": _QueueWords(
        Text("Berkas impor sedang diperiksa atau dimasukkan", "Files being judged or committed"), timedelta(minutes=15),
        Text("Pekerja sibuk atau terhenti: periksa log layanan, lalu mulai ulang layanannya.", "Workers are busy or stuck: look at the log of the service, then start it again."),
    ),
    "boundary": _QueueWords(
        Text("Pekerjaan batas kelurahan", "Jobs of boundaries"), timedelta(minutes=30),
        Text("Pekerja sibuk atau terhenti: periksa log layanan, lalu mulai ulang layanannya.", "Workers are busy or stuck: look at the log of the service, then start it again."),
    ),
    "retry": _QueueWords(
        Text("Pekerjaan yang diulang karena gagal", "Jobs tried again because they failed"), timedelta(minutes=5),
        Text('Cari "job ended" di log layanan; di sana ada sebabnya.', 'Look for "job ended" in the log of the service; it says why.'),
    ),
    "delivery": _QueueWords(
        Text("Kabar webhook belum diterima", "Events of webhooks, not taken yet"), timedelta(minutes=15),
        Text("Lihat webhook mana yang gagal, dan hubungi penerimanya.", "See which webhook fails, and call its receiver."), "/portal/kelola/webhook",
    ),
    "mail": _QueueWords(
        Text("Pemberitahuan menunggu surel", "Notices waiting to be mailed"), timedelta(hours=1),
        Text("Periksa TITIK_SMTP_URL dan server surelnya.", "Look at TITIK_SMTP_URL and at the mail server."),
    ),
    "identity": _QueueWords(
        Text("Orang yang minta dikaitkan dengan akun", "People who ask to be bound to an account"), timedelta(days=2),
        Text("Buka akunnya, pastikan orangnya, lalu kaitkan.", "Open the account, make sure who it is, then bind it."), "/portal/kelola/akun",
    ),
    "seal": _QueueWords(
        Text("Catatan perbuatan belum disegel", "Rows of the record, not sealed yet"), timedelta(minutes=5),
        Text("Penyegelan terhenti: periksa log layanan.", "Sealing has stopped: look at the log of the service."), "/portal/kelola/catatan/periksa",
    ),
}  # fmt: skip

_TRIED = Text("{number} pernah gagal", "{number} {number:has|have} failed before")
_RECEIVERS = Text("{number} webhook gagal atau dijeda", "{number} {number:webhook|webhooks} failing or paused")


def state(frame: Frame, shown: StatePage) -> str:
    language = frame.language
    return page(
        "managing_state.html", frame, _TITLE.say(language), [(_MANAGE.say(language), f"{frame.root}/portal/kelola")], shown=shown,
        parts=[(PARTS[part.name].say(language), part.advice, _size(shown, part, language)) for part in shown.parts],
        queues=[_queue(frame, row, shown.now) for row in shown.queues], duration=lambda ms: _duration(ms, language), slow_ms=SLOW_MS,
    )  # fmt: skip


def advice(part: str, frame: Frame) -> str:
    return ADVICE[part].say(frame.language)


def _queue(frame: Frame, row: WaitingShown, now: datetime) -> dict[str, object]:
    words, age = QUEUES[row.kind], now - row.oldest_at if row.oldest_at else timedelta()
    return {
        "title": words.title.say(frame.language), "number": row.number, "failed": row.failed, "path": words.path,
        "failed_text": (_RECEIVERS if row.kind == "delivery" else _TRIED).say(frame.language, {"number": row.failed}),
        "age": age_words(row.oldest_at, now, frame.language) if row.oldest_at else "",
        "advice": words.advice.say(frame.language) if age > words.late or (row.kind == "delivery" and row.failed) else "",
    }  # fmt: skip


def _size(shown: StatePage, part: PartShown, language: Language) -> str:
    """What a part has beside its state."""
    if part.name != "disk":
        return ""
    facts = {"free": _gigabytes(shown.free, language), "total": _gigabytes(shown.total, language)}
    return Text("{free} dari {total} bebas", "{free} of {total} free").say(language, facts)


def _gigabytes(number: int, language: Language) -> str:
    return f"{_decimal(number / 1e9, language)} GB"


def _duration(ms: float, language: Language) -> str:
    """Two or three figures, as exact as it is known."""
    if ms >= SLOW_MS:
        return f"{_decimal(ms / 1000, language)} s"
    return f"{_decimal(ms, language)} ms" if ms < 10 else f"{ms:.0f} ms"


def _decimal(number: float, language: Language) -> str:
    text = f"{number:.1f}"
    return text.replace(".", ",") if language == "id" else text
