"""Which encoding a text is in. There are three that people in Kediri save: UTF-8, what Excel calls Unicode (UTF-16), Windows-1252.

No detector by statistics: it would guess among eighty, and be wrong on a file of names and streets.
"""

import codecs
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from app.errors import Unreadable

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# A file is damaged UTF-8, rather than Windows-1252, where this many of its foreign letters are sound for each that is not.
_MOSTLY = 4


class TextEncoding(NamedTuple):
    """`name` for `open`. `damaged`: some bytes fit no letter and are read as U+FFFD."""

    name: str
    damaged: bool = False

    @property
    def errors(self) -> str:
        return "replace" if self.damaged else "strict"


def encoding_of(path: Path) -> TextEncoding:
    """Looks at the whole file, since the first foreign letter may stand in the last row. `Unreadable` where it is no text."""
    with path.open("rb") as file:
        head = file.read(4_096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return TextEncoding(name, damaged=_damage(path, name) > 0)
    if guess := _unmarked_utf16(head):
        return TextEncoding(guess, damaged=_damage(path, guess) > 0)
    # A zero here and there comes of a broken export, and is told at its row.
    if head.count(0) * 100 > len(head):
        raise Unreadable("file-not-known")
    sound, broken = _count(path, "utf-8")
    if sound >= _MOSTLY * broken:
        return TextEncoding("utf-8", damaged=broken > 0)
    return TextEncoding("latin-1" if _damage(path, "cp1252") else "cp1252")


def likeliest(path: Path, start: int, declared: str) -> str:
    """The encoding of the texts from byte `start` on: UTF-8 where they are that, else what somebody said, else Windows-1252."""
    sound, broken = _count(path, "utf-8", start)
    if sound >= _MOSTLY * broken:
        return "UTF-8"
    name = declared.upper().replace("ANSI", "").strip()
    # Whoever wrote the name may have written anything, also a NUL.
    with suppress(LookupError, ValueError):
        known = codecs.lookup(f"cp{name}" if name.isdigit() else name).name
        if known.startswith(("cp", "iso8859")) and not _count(path, known, start)[1]:
            return known.upper()
    return "CP1252"


def _unmarked_utf16(head: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every second byte."""
    pairs = max(len(head) // 2, 1)
    if head[1::2].count(0) > 0.7 * pairs and head[::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if head[::2].count(0) > 0.7 * pairs and head[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    return None


def _damage(path: Path, name: str) -> int:
    return _count(path, name)[1]


def _count(path: Path, name: str, start: int = 0) -> tuple[int, int]:
    """How many letters beyond ASCII are sound in this encoding, and how many are not."""
    decoder = codecs.getincrementaldecoder(name)("replace")
    foreign = broken = 0
    with path.open("rb") as file:
        file.seek(start)
        while True:
            chunk = file.read(_CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            if not text.isascii():
                foreign += len(text) - len(text.encode("ascii", "ignore"))
                broken += text.count("\ufffd")
            if not chunk:
                return foreign - broken, broken
