"""RT and RW in one cell, as people and identity cards write them: `002/005`, `RT. 002 RW. 005`, `RW 05 RT 02`, `02/V`. Pure."""

import re
from typing import NamedTuple

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_NUMBER = r"(?:\d{1,3}(?!\d)|[ivxl]{1,7}(?![a-z0-9]))"
_NAMED = re.compile(rf"(?<![a-z])(?P<what>r\.?\s?[tw])\.?(?:\s*(?:no|nomor)\b)?[\s.:\-]*(?P<number>{_NUMBER})", re.IGNORECASE)
_PAIR = re.compile(rf"(?:rt)?[\s.:]*(?P<rt>{_NUMBER})\s*[/\\\-|,;:.\s]\s*(?:rw)?[\s.:]*(?P<rw>{_NUMBER})", re.IGNORECASE)
_ONE = re.compile(rf"[\s.:\-]*(?P<number>{_NUMBER})[\s.]*", re.IGNORECASE)
_BESIDE = re.compile(r"[\s.,;:/\\|()\-]+|\bdan\b")


class Numbers(NamedTuple):
    """As they are written in figures; None where the cell does not say."""

    rt: str | None = None
    rw: str | None = None


def numbers_in(text: str, field: str) -> Numbers:
    """Of a column called `rt`, `rw` or both (`rt_rw`); nothing where the cell is something else, or has two meanings."""
    text = text.strip()
    if len(text) > 40:
        return Numbers()
    named = list(_NAMED.finditer(text))
    if named:
        found = {re.sub(r"[.\s]", "", one["what"]).lower(): _figures(one["number"]) for one in named}
        rest = _NAMED.sub(" ", text)
        if len(found) == len(named) and not _BESIDE.sub("", rest):
            return Numbers(found.get("rt"), found.get("rw"))
    # Two figures under a heading that names one of them say nothing of which is which.
    if (field == "rt_rw" or named) and (pair := _PAIR.fullmatch(text)):
        return Numbers(_figures(pair["rt"]), _figures(pair["rw"]))
    if one := _ONE.fullmatch(text):
        number = _figures(one["number"])
        return Numbers(rw=number) if field == "rw" else Numbers(rt=number)
    return Numbers()


def _figures(text: str) -> str | None:
    """The number in figures; None where Roman letters are no number."""
    if text.isdecimal():
        return text
    letters = [_ROMAN[letter] for letter in text.lower()]
    number = sum(-one if later > one else one for one, later in zip(letters, [*letters[1:], 0], strict=True))
    return str(number) if _roman(number) == text.lower() else None


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx")[min(tens, 8)] + (
        "",
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "vii",
        "viii",
        "ix",
    )[ones]
