"""Where one begins in the portal, and all components side by side."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.language import Text
from app.pages.frame import Frame, page
from app.pages.guides import GUIDES
from app.pages.signs import signs
from app.pages.visitor import Visitor
from app.pages.waiting import WaitingWork
from app.published.catalogue import CategoryCard


class PortalTask(NamedTuple):
    """`path` lies within the service."""

    path: str
    title: Text
    text: Text


_MAP = PortalTask(
    "/portal/peta", Text("Lihat peta", "Look at the map"), Text("{number} titik terbit", "{number:point is|points are} published")
)
_DATA = PortalTask(
    "/collections", Text("Lihat dan unduh data", "Read and download the data"), Text("Daftar setiap kategori: {number} titik", "The list of each category: {number} {number:point|points}")
)  # fmt: skip
_REPORT = PortalTask(
    "/lapor", Text("Laporkan yang salah", "Report what is wrong"), Text("Tanpa akun; petugas kelurahan akan memeriksanya", "Without an account; an officer will look into it")
)  # fmt: skip
_SIGN_IN = PortalTask(
    "/portal/masuk", Text("Masuk", "Sign in"), Text("Untuk PIC, walidata dan pengelola", "For PIC, walidata and administrators")
)
_IMPORT = PortalTask(
    "/portal/impor",
    Text("Impor berkas", "Import a file"),
    Text("Banyak titik sekaligus, dari Excel atau CSV", "Many points at once, from Excel or CSV"),
)
_PROGRESS = PortalTask(
    "/portal/kemajuan", Text("Kemajuan", "Progress"), Text("Yang sudah ada dan yang masih kurang, per kelurahan", "What is there and what is missing, by kelurahan")
)  # fmt: skip
_ACCOUNT = PortalTask("/portal/akun", Text("Akun saya", "My account"), Text("Sandi, sesi, dan bahasa", "Password, sessions and language"))
_GUIDES = PortalTask(
    "/panduan/", Text("Panduan", "Guides"), Text("Langkah demi langkah, dengan gambar", "Step by step, with pictures; in Indonesian")
)
_GUIDE_OF_ROLE = {
    role: PortalTask(GUIDES[name].path(name), GUIDES[name].title, GUIDES[name].lead)
    for role, name in {"pic": "pic", "walidata": "walidata", "admin": "pengelola"}.items()
}
_OF_ROLE = {
    "pic": [
        PortalTask("/portal/catat", Text("Catat titik", "Record a point"), Text("Di lapangan, juga tanpa sinyal", "On the spot, also without a network")),
        PortalTask("/portal/titik", Text("Titik saya", "My points"), Text("Yang menunggu, dikembalikan, dan sudah terbit", "Those that wait, were returned, or are published")),
        PortalTask("/portal/profil", Text("Profil kelurahan", "Profile of a kelurahan"), Text("Angka penduduk, RT, sarana, per tahun", "Figures of people, RT and facilities, by year")),
        _IMPORT,
    ],
    "walidata": [
        PortalTask("/portal/tinjau", Text("Tinjau entri", "Review entries"), Text("Terbitkan atau kembalikan yang menunggu", "Publish or return those that wait")),
        _IMPORT,
        PortalTask("/portal/kelola/batas", Text("Batas kelurahan", "Boundaries"), Text("Lihat edisi batas, dan bandingkan yang baru", "Look at editions of boundaries, and compare new ones")),
    ],
    "admin": [PortalTask("/portal/kelola", Text("Kelola", "Manage"), Text("Akun, kategori, batas, dan webhook", "Accounts, categories, boundaries and webhooks"))],
}  # fmt: skip


def start(frame: Frame, published: int, waiting: Sequence[WaitingWork] | None, *, is_plain: bool) -> str:
    """What somebody can do next. `published`: how many points are public; `waiting`: what waits for them and what of theirs waits for others, None for whom nothing can.
    `is_plain`: the connection is neither encrypted nor within the machine.
    """
    language, visitor = frame.language, frame.visitor
    tasks = [
        {"path": task.path, "title": task.title.say(language), "text": task.text.say(language, {"number": published})}
        for task in _tasks(visitor)
    ]
    title = _HELLO.say(language, {"name": visitor.name}) if visitor else _TITLE.say(language)
    return page(
        "portal_start.html", frame, title, lead=_LEAD.say(language), tasks=tasks, is_plain=is_plain,
        waiting=None if waiting is None else [one for one in waiting if not one.is_with_others], with_others=[one for one in waiting or () if one.is_with_others],
    )  # fmt: skip


def _tasks(visitor: Visitor | None) -> list[PortalTask]:
    if visitor is None:
        return [_MAP, _DATA, _PROGRESS, _REPORT, _SIGN_IN, _GUIDES]
    return [*_OF_ROLE.get(visitor.role, ()), _PROGRESS, _MAP, _DATA, _ACCOUNT, _GUIDE_OF_ROLE.get(visitor.role, _GUIDES)]


def components(frame: Frame, cards: Iterable[CategoryCard]) -> str:
    return page("portal_components.html", frame, _COMPONENTS.say(frame.language), signs=list(signs(cards, frame.language).values()))


_TITLE = Text("Portal Titik", "The Titik portal")
_HELLO = Text("Selamat datang, {name}", "Welcome, {name}")
_LEAD = Text("Apa yang ingin Anda kerjakan?", "What would you like to do?")
_COMPONENTS = Text("Komponen", "Components")
