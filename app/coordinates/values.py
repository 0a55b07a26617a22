"""One written value of a coordinate, as a cell or a half of a text holds it: every number that it may mean. Pure.

Degrees as decimals, as degrees and minutes, or with seconds, in Indonesian and English notation; metres; what spreadsheets make of all that.
"""

import re
import unicodedata
from typing import Literal, NamedTuple

Axis = Literal["lon", "lat"]


class Ordinate(NamedTuple):
    """A number, degrees or metres; the repairs that it needs; the axis where a letter or a word names it, and whether that also says on which
    side of zero it lies; and how far the true one may be from it, in the unit of the number.
    """

    number: float
    repairs: tuple[str, ...] = ()
    axis: Axis | None = None
    is_signed: bool = False
    precision: float = 1.0


# Minus sign, dashes and full-width hyphen; ordinal indicator and rings; primes, quotation marks and accents.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2013\u2014\u2010\u2011\u2012\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00ba\u02da\u1d52", "°"),
        **dict.fromkeys("\u2032\u2019\u2018\u0060\u00b4\u02b9", "'"),
        **dict.fromkeys("\u2033\u201d\u201c\u02ba", '"'),
    }
)
_IN_WORDS = (
    (re.compile(r"\b(?:derajat|degrees?|deg)\b\.?"), "°"),
    (re.compile(r"\b(?:menit|minutes?|min)\b\.?"), "'"),
    (re.compile(r"\b(?:detik|seconds?|sec)\b\.?"), '"'),
    (re.compile(r"''"), '"'),
)
# Degrees with a `d`, as PROJ and receivers write them: the `s` of seconds is south where no other letter says the side.
_LETTERED = re.compile(
    r"(?<![\w.,])(?P<before>[nsew]\s?)?(?P<d>[+-]?\d{1,3}(?:[.,]\d+)?)\s?d(?:\s?(?P<m>\d{1,2}(?:[.,]\d+)?)\s?(?:m|')(?:\s?(?P<s>\d{1,2}(?:[.,]\d+)?)"
    r"(?P<mark>\s?(?:(?(before)s|s(?=\s?[nsew](?![a-z\d])))|\"))?)?)?(?=\s?(?:[nsewu]|ls|lu|bt|bb)(?![a-z])|\s?[nsew]\d|\s|[,;)]|$)"
)
# As phones space after a point.
_SPACED = re.compile(r"(?<![\w.,])([+-]?\d{1,3})\. (\d{4,8})(?!\d|[.,]\d)")
# Degrees, minutes and seconds of both values, told apart by a comma alone.
_UNMARKED = re.compile(r"([+-]?\d{1,3}) (\d{1,2}) (\d{1,2}(?:\.\d+)?) ?[,;/|] ?([+-]?\d{1,3}) (\d{1,2}) (\d{1,2}(?:\.\d+)?)")
# The longer ones first: `lintang selatan` is not `lintang`.
_AXES: dict[str, tuple[Axis, int]] = {
    "lintang selatan": ("lat", -1), "lintang utara": ("lat", 1), "bujur timur": ("lon", 1), "bujur barat": ("lon", -1),
    "ls": ("lat", -1), "lu": ("lat", 1), "bt": ("lon", 1), "bb": ("lon", -1),
    "south": ("lat", -1), "north": ("lat", 1), "east": ("lon", 1), "west": ("lon", -1),
    "latitude": ("lat", 0), "lintang": ("lat", 0), "lat": ("lat", 0),
    "longitude": ("lon", 0), "bujur": ("lon", 0), "long": ("lon", 0), "lng": ("lon", 0), "lon": ("lon", 0),
    "s": ("lat", -1), "n": ("lat", 1), "u": ("lat", 1), "e": ("lon", 1), "t": ("lon", 1), "w": ("lon", -1), "b": ("lon", -1),
}  # fmt: skip
AXIS = "|".join(re.escape(word) for word in _AXES)
NUMBER = r"[+-]*\s?\d+(?:[.,]\d+)*"
AXIS_WORD = re.compile(rf"(?<![a-z])(?:{AXIS})(?![a-z])")
_SEXAGESIMAL = re.compile(
    r"(?P<sign>[+-]*)\s*(?P<d>\d{1,3}(?:[.,]\d+)?)\s*°\s*(?:(?P<m>\d{1,2}(?:[.,]\d+)?)\s*'?\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*\"?)?)?"
)
_PARTS = re.compile(
    r"(?P<sign>[+-]*)\s*(?P<d>\d{1,3})(?:\s+|\s*:\s*)(?P<m>\d{1,2}(?:[.,]\d+)?)(?:(?:\s+|\s*:\s*)(?P<s>\d{1,2}(?:[.,]\d+)?))?"
)
_PLAIN = re.compile(r"(?P<sign>[+-]*)\s?(?P<rest>\d+(?:[.,]\d+)*)")
# A lost point stood behind one to three digits; with less than three behind it the number was no place.
_WHOLE_DIGITS, _LOST_AT_LEAST = (1, 2, 3), 3
_MOST_DIGITS = 20


def normalised(text: str) -> str:
    """Lower case, one kind of minus, of ° ' and ", single blanks."""
    text = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME).lower()
    for words, mark in _IN_WORDS:
        text = words.sub(mark, text)
    text = re.sub(r"[^\S\t\n]+", " ", text)
    return _marked(re.sub(r"-(?: -)+", "--", text).strip())


def _marked(text: str) -> str:
    """Degrees in other writings, with ° ' and "."""
    if " " in text or "d" in text:
        text = _LETTERED.sub(_with_marks, text)
        if _SPACED.search(text) and not re.search(r"\d", _SPACED.sub("", text)):
            text = _SPACED.sub(r"\1.\2", text)
        if found := _UNMARKED.fullmatch(text):
            text = "{}°{}'{}\", {}°{}'{}\"".format(*found.groups())
    return text


def _with_marks(found: re.Match[str]) -> str:
    seconds = "" if found["s"] is None else f"{found['s']}{'' if found['mark'] is None else chr(34)}"
    minutes = "" if found["m"] is None else f"{found['m']}'"
    return f"{found['before'] or ''}{found['d']}°{minutes}{seconds}"


def values(text: str) -> list[Ordinate]:
    """All numbers that a normalised text of one value may mean, those that need no repair first; none where it is no value."""
    words = AXIS_WORD.findall(text)
    axis, side = _axis(words)
    if axis is None and words:
        return []
    text = AXIS_WORD.sub(" ", text).strip(" :=,;")
    if found := _SEXAGESIMAL.fullmatch(text) or (_PARTS.fullmatch(text) if side or ":" in text else None):
        degrees = _degrees(found)
        candidates = [] if degrees is None else [degrees]
    elif found := _PLAIN.fullmatch(text):
        candidates = _numbers(found["sign"], found["rest"])
    else:
        candidates = []
    sided = [one._replace(axis=axis, is_signed=side != 0, number=side * abs(one.number) if side else one.number) for one in candidates]
    return sorted(sided, key=lambda one: len(one.repairs))


def _axis(words: list[str]) -> tuple[Axis | None, int]:
    """One axis and one side, however often they are named; (None, 0) where nothing is named or they contradict."""
    axes, sides = {_AXES[word][0] for word in words}, {_AXES[word][1] for word in words} - {0}
    return (axes.pop(), sides.pop() if sides else 0) if len(axes) == 1 and len(sides) < 2 else (None, 0)


def _degrees(found: re.Match[str]) -> Ordinate | None:
    parts = [found["d"], found["m"], found["s"]]
    given = [part.replace(",", ".") for part in parts if part]
    degrees, minutes, seconds = (float(part) for part in (*given, "0", "0")[:3])
    # Only the last may have decimals.
    if minutes >= 60 or seconds >= 60 or any("." in part for part in given[:-1]):
        return None
    number = degrees + minutes / 60 + seconds / 3600
    unit = 60 ** (len(given) - 1)
    signs = found["sign"]
    repairs = ("double-minus",) if len(signs) > 1 else ()
    return Ordinate(-number if "-" in signs else number, repairs, precision=_step(given[-1]) / unit)


def _step(written: str) -> float:
    return float(10.0 ** -len(written.partition(".")[2]))


def _numbers(signs: str, rest: str) -> list[Ordinate]:
    groups, marks = re.split("[.,]", rest), re.findall("[.,]", rest)
    digits = "".join(groups)
    if len(digits) > _MOST_DIGITS:
        return []
    found: list[Ordinate] = []
    if not marks:
        found += [Ordinate(float(digits)), *_pointed(digits, "lost-point")]
    elif len(marks) == 1:
        comma = ("comma",) if marks == [","] else ()
        found.append(Ordinate(float(f"{groups[0]}.{groups[1]}"), comma, precision=10.0 ** -len(groups[1])))
        if len(groups[1]) == 2 and int(groups[1]) < 60:
            found.append(Ordinate(int(groups[0]) + int(groups[1]) / 60, (*comma, "minutes"), precision=1 / 60))
    is_grouped = len(groups) > 1 and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if is_grouped:
        found += [Ordinate(float(digits), ("thousands",)), *_pointed(digits, "thousands")]
    if len(marks) > 1 and len(set(marks[:-1])) == 1 and marks[-1] != marks[0]:
        comma = ("comma",) if marks[-1] == "," else ()
        found.append(Ordinate(float(f"{''.join(groups[:-1])}.{groups[-1]}"), ("thousands", *comma), precision=10.0 ** -len(groups[-1])))
    minus = -1.0 if "-" in signs else 1.0
    doubled = ("double-minus",) if len(signs) > 1 else ()
    return [one._replace(number=minus * one.number, repairs=(*doubled, *one.repairs), is_signed=False) for one in found]


def _pointed(digits: str, repair: str) -> list[Ordinate]:
    """With a point behind the first one, two or three digits."""
    numbers = {whole: float(f"{digits[:whole]}.{digits[whole:]}") for whole in _WHOLE_DIGITS if len(digits) - whole >= _LOST_AT_LEAST}
    return [Ordinate(number, (repair,), precision=10.0 ** (whole - len(digits))) for whole, number in numbers.items() if number <= 180]
