"""The shape of a sentence about an error, and people's words for the kinds of values that JSON Schema and filters name."""

import re
from typing import NamedTuple

from app.language import Language, Text


class Message(NamedTuple):
    """`title` names the kind of problem and never changes; `detail` says what is wrong here; `hint` what to do."""

    title: Text
    detail: Text
    hint: Text = Text("", "")


_YES_OR_NO = Text("ya atau tidak", "yes or no")
_TEXT, _LIST = Text("teks", "text"), Text("daftar", "a list")
_INSTANT = Text("tanggal dan jam (misalnya 2026-11-22T08:30:00+07:00)", "a date and time (e.g. 2026-11-22T08:30:00+07:00)")
_MAIL, _WEB = Text("alamat surel", "an e-mail address"), Text("alamat web lengkap", "a whole web address")
_KINDS = {
    "string": _TEXT,
    "text": _TEXT,
    "integer": Text("bilangan bulat", "a whole number"),
    "number": Text("angka", "a number"),
    "boolean": _YES_OR_NO,
    "array": _LIST,
    "list": _LIST,
    "object": Text("sekumpulan isian bernama", "a set of named values"),
    "null": Text("kosong", "nothing at all"),
    "date": Text("tanggal (misalnya 2027-12-31)", "a date (e.g. 2027-12-31)"),
    "instant": _INSTANT,
    "date-time": _INSTANT,
    "time": Text("jam (misalnya 08:30:00+07:00)", "a time of day (e.g. 08:30:00+07:00)"),
    "geometry": Text("bentuk di peta", "a geometry"),
    "email": _MAIL,
    "idn-email": _MAIL,
    "uri": _WEB,
    "iri": _WEB,
    "uuid": Text("id (UUID)", "an id (UUID)"),
}
_OR = Text(" atau ", " or ")
# One class of characters, so many times: what most patterns of forms are.
_CLASS = re.compile(r"\^?\[([^\]\\^]+)\]\{(\d+)(?:,(\d+))?\}\$?")
_DIGITS = Text("angka", "digits")
_CHARACTERS = Text("huruf dari: {them}", "characters of: {them}")
_SPACE = Text("spasi", "space")


def kind_words(kinds: str, language: Language) -> str:
    """The kinds of a list that is separated by commas, as people call them; what is not a kind stays. Nobody is asked for nothing."""
    named = [kind for kind in kinds.split(", ") if kind != "null"] or ["null"]
    return _OR.say(language).join(_KINDS[kind].say(language) if kind in _KINDS else kind for kind in named)


def pattern_words(pattern: str, language: Language) -> str:
    """What a pattern asks for, where it is one class of characters; any other pattern as it stands."""
    found = _CLASS.fullmatch(pattern)
    if not found:
        return pattern
    number = found[2] if found[3] in (None, found[2]) else f"{found[2]}\u2013{found[3]}"
    if found[1] in ("0-9", "\\d"):
        return f"{number} {_DIGITS.say(language)}"
    them = " ".join((*re.findall(r"\w-\w|[^\s]", found[1]), *([_SPACE.say(language)] if " " in found[1] else [])))
    return f"{number} {_CHARACTERS.say(language, {'them': them})}"
