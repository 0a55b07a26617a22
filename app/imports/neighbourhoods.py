"""RT and RW in one cell, as people and identity cards write them: `002/005`, `RT. 002 RW. 005`, `RW 05 RT 02`, `02/V`. Pure."""

import re
from typing import NamedTuple

from app.imports.cells import without_zeros
from app.points.rules import figures

# Roman only in capitals: a small `x` or `v` is a mark, or a slip.
_NUMBER = r"(?:\d{1,3}(?!\d)|(?-i:[IVXL]{1,7})(?![a-z0-9]))"
_NAMED = re.compile(rf"(?<![a-z])(?P<what>r\.?\s?[tw])\.?(?:\s*(?:no|nomor)\b)?[\s.:\-]*(?P<number>{_NUMBER})", re.IGNORECASE)
_REVERSED = re.compile(rf"(?:rw)?[\s.:]*(?P<rw>{_NUMBER})\s*[/\\\-|,;:.\s]\s*(?:rt)?[\s.:]*(?P<rt>{_NUMBER})", re.IGNORECASE)
_PAIR = re.compile(rf"(?:rt)?[\s.:]*(?P<rt>{_NUMBER})\s*[/\\\-|,;:.\s]\s*(?:rw)?[\s.:]*(?P<rw>{_NUMBER})", re.IGNORECASE)
_ONE = re.compile(rf"[\s.:\-]*(?P<number>{_NUMBER})[\s.]*", re.IGNORECASE)
_BESIDE = re.compile(r"[\s.,;:/\\|()\-]+|\bdan\b")


BOTH = ("rt_rw", "rw_rt")
"""Columns that hold RT and RW, in this order."""


class NeighbourhoodNumbers(NamedTuple):
    """As they are written in figures; None where the cell does not say."""

    rt: str | None = None
    rw: str | None = None


def numbers_in(text: str, field: str) -> NeighbourhoodNumbers:
    """Of a column called `rt`, `rw` or both (`rt_rw`, `rw_rt`); nothing where the cell is something else, or has two meanings."""
    text = without_zeros(text.strip())
    if len(text) > 40:
        return NeighbourhoodNumbers()
    named = list(_NAMED.finditer(text))
    if named:
        found = {re.sub(r"[.\s]", "", one["what"]).lower(): figures(one["number"]) for one in named}
        rest = _NAMED.sub(" ", text)
        if len(found) == len(named) and not _BESIDE.sub("", rest):
            return NeighbourhoodNumbers(found.get("rt"), found.get("rw"))
    # Two figures under a heading that names one of them say nothing of which is which.
    if (field in BOTH or named) and (pair := (_REVERSED if field == "rw_rt" else _PAIR).fullmatch(text)):
        return NeighbourhoodNumbers(figures(pair["rt"]), figures(pair["rw"]))
    if one := _ONE.fullmatch(text):
        number = figures(one["number"])
        # Of both the first, which is what is mostly filled in alone.
        return NeighbourhoodNumbers(rw=number) if field in ("rw", "rw_rt") else NeighbourhoodNumbers(rt=number)
    return NeighbourhoodNumbers()
