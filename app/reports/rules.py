"""Numbers that nobody guesses, what a report must say, and what may become of it. Pure."""

from collections.abc import Iterator

from app.errors import Fault
from app.reports.schemas import NewReport, ReportOutcome, ReportState

BITS = 60
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit, nor one that makes words."""
_LETTERS, _GROUP = BITS // 5, 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

A_DAY = 10
"""Reports of one address."""
WITHIN_H = 23
"""Hours in which they are counted: with the hour until the next tidying an address is kept for no more than a day."""
MISSES_AN_HOUR = 30
"""Numbers that nobody has, asked for by one address."""

# From where each state is reached. A report that is closed can be opened again, with or without an answer.
REACHED_FROM: dict[ReportState, tuple[ReportState, ...]] = {"in-progress": ("received", "closed"), "closed": ("received", "in-progress")}


def number_of(bits: int) -> str:
    """`K7QX-3M9P-TB2F`, of `BITS` bits."""
    letters = "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(_LETTERS)))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def read_number(text: str) -> str | None:
    """The number as somebody has typed it, in any case, with or without hyphens; None where it can be none."""
    if len(text) > 4 * _LETTERS:
        return None
    letters = text.upper().translate(_MISREAD)
    if len(letters) != _LETTERS or not set(letters) <= set(_ALPHABET):
        return None
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def faults_of(report: NewReport) -> Iterator[Fault]:
    """What is missing, or too much: a report is about a point, or about a place of a category. Only a confirmation may do without words."""
    if report.kind == "missing":
        if report.point is not None:
            yield Fault("/point", "report-of-place")
        if report.category is None:
            yield Fault("/category", "value-missing")
        if report.kelurahan is None and report.lon is None and report.lat is None:
            yield Fault("/kelurahan", "report-without-place")
    elif report.point is None:
        yield Fault("/point", "report-of-point")
    if (report.lon is None) != (report.lat is None):
        yield Fault("/lon" if report.lon is None else "/lat", "value-missing")
    if not report.text and report.kind != "confirm":
        yield Fault("/text", "report-without-text")


def answer_faults(state: ReportState, outcome: ReportOutcome | None, answer: str | None) -> Iterator[Fault]:
    """Whoever closes a report says how, and answers its sender."""
    if state == "closed" and outcome is None:
        yield Fault("/outcome", "value-missing")
    if state != "closed" and outcome is not None:
        yield Fault("/outcome", "report-not-closing")
    if state == "closed" and not answer:
        yield Fault("/answer", "report-without-answer")
