"""The guides for the people who use the service, in `templates/guide_*.html`. The words that the Indonesian ones quote from other pages, and their pictures,
are held against the service by `tests/e2e/test_guides.py`, which takes the pictures; the English ones (`…_en.html`) against those by
`tests/unit/test_guide_words.py`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from app.language import Text
from app.pages.frame import Frame, page
from app.pages.qr import qr_code

HOME = "/panduan/"
PICTURE_SIZES: Mapping[str, tuple[int, int]] = {"phone": (360, 600), "desk": (800, 500)}
"""Width and height on the page, in CSS pixels; the files hold twice as many."""


class Guide(NamedTuple):
    title: Text
    lead: Text

    def path(self, name: str) -> str:
        return f"{HOME}{name}"


GUIDES: Mapping[str, Guide] = {
    "pic": Guide(
        Text("Panduan PIC", "Guide for PIC"),
        Text("Mencatat titik di lapangan, juga tanpa sinyal, sampai titik itu terbit.", "Recording points on the spot, also without a network, until they are published."),
    ),
    "walidata": Guide(
        Text("Panduan walidata", "Guide for the walidata"),
        Text("Memeriksa isian, lalu menerbitkan atau mengembalikannya.", "Reviewing entries, then publishing or returning them."),
    ),
    "pengelola": Guide(
        Text("Panduan pengelola", "Guide for administrators"),
        Text("Menyiapkan layanan, akun, batas, dan cadangan.", "Setting up the service, accounts, boundaries and backups."),
    ),
}  # fmt: skip
_HOME = Text("Panduan", "Guides")


def picture_file(name: str) -> str:
    """What the picture of a guide is called among the images of the pages."""
    return f"guide-{name}.png"


def guides(frame: Frame) -> str:
    """Which guides there are."""
    listed = [(one.path(name), one.title.say(frame.language), one.lead.say(frame.language)) for name, one in GUIDES.items()]
    return page("guides.html", frame, _HOME.say(frame.language), guides=listed)


def guide(frame: Frame, name: str) -> str:
    """One of them."""
    one, language = GUIDES[name], frame.language
    address = f"{frame.here}{one.path(name)}"
    return page(
        f"guide_{name}.html" if language == "id" else f"guide_{name}_{language}.html", frame, one.title.say(language), [(_HOME.say(language), f"{frame.root}{HOME}")],
        lead=one.lead.say(language), address=address, qr=qr_code(address), picture_sizes=PICTURE_SIZES, picture_file=picture_file,
        others=[(other.path(key), other.title.say(language)) for key, other in GUIDES.items() if key != name],
    )  # fmt: skip
