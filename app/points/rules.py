"""What holds for a point beside its place: can its clock be right, which number has its RT? Pure."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

UNCONDITIONAL = "unconditional"
"""The flag of a change whose writer did not say which version it rests on."""
CLOCK_TOLERANCE, CLOCK_LIMIT = timedelta(minutes=10), timedelta(hours=24)
CLOCK_AHEAD = "clock-ahead"
"""The flag of a time of capture that lies ahead, as far as that may be."""
REJUDGED = "rejudged"
"""The flag of a place that boundaries which came later have put elsewhere."""


def clock(captured_at: datetime, now: datetime) -> Literal["right", "ahead", "wrong"]:
    """Telephones have wrong clocks. One that is some minutes ahead harms nobody, one of some hours the reviewer should know of; of one that
    is a day ahead the time says nothing.
    """
    ahead = captured_at - now
    return "right" if ahead <= CLOCK_TOLERANCE else "ahead" if ahead <= CLOCK_LIMIT else "wrong"


# Roman only in capitals: a small `x` or `v` is a mark, or a slip.
_NUMBER = re.compile(r"\s*(?:[Rr][TtWw])?[\s.\-/:]*(\d{1,20}|[IVXL]{1,7})\s*")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_TENS = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX")
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


@lru_cache(4_096)
def neighbourhood_number(text: str) -> str | None:
    """An RT or RW number as it is kept, at least two digits: `1`, `01`, `001`, `RT.01` and `I` are all `01`. None where it is no number."""
    found = _NUMBER.fullmatch(text)
    number = int(figures(found[1]) or 0) if found else 0
    return f"{number:02d}" if 0 < number < 1_000 else None


def figures(text: str) -> str | None:
    """A number in figures or in Roman capitals (up to 89), in figures; None where Roman letters are no number."""
    if text.isdecimal():
        return text
    letters = [_ROMAN[letter] for letter in text]
    number = sum(-one if later > one else one for one, later in zip(letters, [*letters[1:], 0], strict=True))
    tens, ones = divmod(number, 10)
    return str(number) if tens < len(_TENS) and _TENS[tens] + _ONES[ones] == text else None
