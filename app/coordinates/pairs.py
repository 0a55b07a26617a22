"""Two values in a text of people: where one ends and the other begins, and all that the two may mean together. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from app.coordinates.reads import METRES_PER_DEGREE, Readings, read_of, together
from app.coordinates.rescue import Reading, Zone, readings
from app.coordinates.values import AXIS, NUMBER, Ordinate, values

AxisOrder = Literal["lat-lon", "lon-lat"]

_ONE = rf"{NUMBER}(?:(?:\s*[°'\":]\s*|\s+)\d+(?:[.,]\d+)*){{0,2}}\s*[°'\"]*"
_BEFORE = re.compile(rf"(?<![a-z])(?:{AXIS})(?![a-z])\s*[:=]?\s*{_ONE}")
_AFTER = re.compile(rf"{_ONE}\s*(?<![a-z])(?:{AXIS})(?![a-z])")
_DEGREES = re.compile(r"[+-]*\d{1,3}(?:[.,]\d+)?\s*°(?:\s*\d{1,2}(?:[.,]\d+)?\s*'?)?(?:\s*\d{1,2}(?:[.,]\d+)?\s*\"?)?")
# What may stand around and between two values, and says nothing of the place.
_BESIDE = re.compile(r"[\s,;:/|()\[\]{}.=-]|\b(?:dan|and)\b")
_HEIGHT = re.compile(
    r"(?:\b(?:alt(?:itude)?|elev(?:ation|asi)?|ketinggian|tinggi|height|akurasi|accuracy|acc|hdop)\b\s*[:=.]?\s*|±\s*)"
    r"[+-]?\d{1,4}(?:[.,]\d+)?\s*(?:m(?:dpl|eters?|etres?)?\b)?|(?<![\d.,-])-?\d{1,4}(?:[.,]\d+)?\s*(?:mdpl\b|masl\b|m$)"
)
_MOST_DEGREES = 180
_HEIGHTS, _ACCURACIES = (-500.0, 9_000.0), (0.0, 9_999.0)


# What divides two values, and of which form more of them are a place with its height and its accuracy.
_FORMS: dict[str, tuple[str, ...]] = {
    r"\s*[;|\t\n/]\s*": ("(?!)",) * 4,
    r",\s+": (r"[+-]?\d{1,3}\.\d{3,}",) * 2 + (NUMBER,) * 2,
    r"\s+": (NUMBER,) * 4,
}


def without_height(text: str) -> str:
    """A height or an accuracy that is called so is none of the two values."""
    return _HEIGHT.sub(" ", text)


def read_pair(text: str, zones: Sequence[Zone], order: AxisOrder) -> Readings:
    """Of a normalised text that holds two values and nothing else."""
    return together([paired(first, second, zones, order) for first, second in _halves(without_height(text))])


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """The ways in which a text is two values."""
    if marked := _marked(text):
        yield marked
        return
    text = re.sub(r"[()\[\]{}]", " ", text).strip()
    for mark, forms in _FORMS.items():
        parts = [part for part in re.split(mark, text) if part]
        if len(parts) == 2 or (len(parts) in (3, 4) and all(re.fullmatch(form, part) for form, part in zip(forms, parts, strict=False))):
            # Four numbers are a place with its height and its accuracy, as forms store it; or two places, which are none.
            if not _are_two_places(parts):
                yield parts[0], parts[1]
            return
    parts = text.split(",")
    for at in range(1, len(parts)):
        if max(at, len(parts) - at) <= 2:
            yield ",".join(parts[:at]), ",".join(parts[at:])


def _are_two_places(parts: Sequence[str]) -> bool:
    numbers = [one.number for part in parts if (one := next(iter(values(part)), None))]
    if len(numbers) < 3 or len(numbers) != len(parts):
        return len(parts) > 2
    first, second, third = numbers[:3]
    fourth = numbers[3] if len(numbers) == 4 else 0.0
    if not (_HEIGHTS[0] <= third <= _HEIGHTS[1] and _ACCURACIES[0] <= fourth <= _ACCURACIES[1]):
        return True
    # Without signs: one of the two may have lost its minus.
    near = [abs(abs(one) - abs(other)) < 1 for one, other in ((first, third), (second, fourth), (first, fourth), (second, third))]
    return len(numbers) == 4 and ((near[0] and near[1]) or (near[2] and near[3]))


def _marked(text: str) -> tuple[str, str] | None:
    """Two values that letters, words or degree signs tell apart, if the text is nothing else."""
    before, after = list(_BEFORE.finditer(text)), list(_AFTER.finditer(text))
    found = before if len(before) == 2 and not text[:1].isdigit() else after if len(after) == 2 else before
    if len(found) != 2 and "°" in text:
        found = list(_DEGREES.finditer(text))
    if len(found) != 2:
        return None
    first, second = found
    beside = text[: first.start()] + " " + text[first.end() : second.start()] + " " + text[second.end() :]
    # A letter that belongs to neither may be the one that says where it is; a number, another place.
    return (first[0].strip(" ,;"), second[0].strip(" ,;")) if not _BESIDE.sub("", beside) else None


def paired(first: str, second: str, zones: Sequence[Zone], order: AxisOrder) -> Readings:
    """All readings of two values."""
    found: list[tuple[Reading, float]] = []
    for one in values(first.strip().lower()):
        for other in values(second.strip().lower()):
            if one.axis is not None and one.axis == other.axis:
                continue
            # A spreadsheet drops a zero at the end: the finer one tells how exact both were. It drops two or more of a hundred, or ten thousand.
            finer, coarser = sorted((one.precision, other.precision))
            precision_m = (finer if coarser < 99 * finer else coarser) * METRES_PER_DEGREE
            found += [
                (reading, 1.0 if any(repair.startswith(("utm", "tm3")) for repair in reading.repairs) else precision_m)
                for reading in _of(one, other, zones, order)
            ]
    return read_of(found)


def _of(one: Ordinate, other: Ordinate, zones: Sequence[Zone], order: AxisOrder) -> Iterator[Reading]:
    is_named = one.axis is not None or other.axis is not None
    lat_first = one.axis == "lat" or other.axis == "lon" if is_named else order == "lat-lon"
    lat, lon = (one, other) if lat_first else (other, one)
    for reading in readings(lon.number, lat.number, zones):
        if ("swap" in reading.repairs and is_named) or ("minus" in reading.repairs and lat.is_signed):
            continue
        repairs = reading.repairs
        is_metric = any(zone.name in repairs for zone in zones)
        if is_metric and any(value.repairs and abs(value.number) <= _MOST_DEGREES for value in (one, other)):
            # A number with a point put in to make degrees of it: on the equator it would be a northing too.
            continue
        if lat_first and not is_named and is_metric:
            # Of metres the easting is written first, by those too who write the latitude first.
            repairs = repairs[1:] if repairs[0] == "swap" else ("swap", *repairs)
        yield reading._replace(repairs=tuple(dict.fromkeys((*lat.repairs, *lon.repairs, *repairs))))
