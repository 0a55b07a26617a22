"""Metres whose grid is named: UTM, TM-3, a code of EPSG, and squares of MGRS. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.coordinates.datums import Datum
from app.coordinates.pairs import paired
from app.coordinates.reads import NOTHING, Readings, read_of
from app.coordinates.rescue import Reading, Zone, from_metres, tm3, utm

_ZONE_WORD = r"(?:utm|zona|zone|zon|z)\b[\s:.=,-]*"
_SIDES = {"selatan": True, "south": True, "ls": True, "utara": False, "north": False, "lu": False}
_SIDE = "|".join(_SIDES)
_TM3 = re.compile(
    r"(?:\btm-?\s?3\b\s*°?[\s:.,-]*(?:zona|zone)?[\s:.=-]*|\b(?:zona|zone)[\s:.=-]*)(?P<zone>4[6-9]|5[0-4])[.,](?P<half>[12])(?![\d.,]*\d)"
)
_UTM_BANDED = re.compile(rf"(?:{_ZONE_WORD})*(?<![\d.,-])\b(?P<zone>[1-9]|0[1-9]|[1-5]\d|60)\s?(?P<band>[c-hj-np-x]|{_SIDE})\b")
_UTM = re.compile(rf"\b(?:{_ZONE_WORD})+(?P<zone>[1-9]|0[1-9]|[1-5]\d|60)\b(?![.,]\d)(?:\s*(?:{_SIDE})\b)?")
_LEFT_OF_NAME = re.compile(r"\b(?:utm|zona|zone|grid|proyeksi|projection|indonesia|tm-?3)\b\s*[:=]?")
_NUMBER = r"(?P<{0}>\d[\d.,]*\d)"
_EAST, _NORTH = "e|x|me|east|easting|absis|timur|t", "n|y|mn|north|northing|ordinat|utara|u"
_BETWEEN = r"[\s,;:/|()]*"
_LABELLED = re.compile(
    rf"{_BETWEEN}(?P<label_1>{_EAST}|{_NORTH})\s*[:=]?\s*{_NUMBER.format('first')}\s*m?"
    rf"{_BETWEEN}\b(?P<label_2>{_EAST}|{_NORTH})\s*[:=]?\s*{_NUMBER.format('second')}\s*m?{_BETWEEN}"
)
_WITH_UNITS = re.compile(
    rf"{_BETWEEN}{_NUMBER.format('first')}\s*(?:m\s?)?(?P<label_1>{_EAST}|{_NORTH})\b"
    rf"{_BETWEEN}{_NUMBER.format('second')}\s*(?:m\s?)?(?P<label_2>{_EAST}|{_NORTH})\b{_BETWEEN}"
)
_BARE = re.compile(
    rf"{_BETWEEN}{_NUMBER.format('first')}\s*(?:m\b)?(?:[\s;/|]|,\s)\s*{_BETWEEN}{_NUMBER.format('second')}\s*(?:m\b)?{_BETWEEN}"
)

_SIGNED = r"(?P<{0}>[+-]?\d[\d.,]*\d)"
_AXES = re.compile(
    rf"{_BETWEEN}(?P<label_1>[xy])\s*[:=]?\s*{_SIGNED.format('first')}\s*(?:m\b)?{_BETWEEN}\b(?P<label_2>[xy])\s*[:=]?\s*{_SIGNED.format('second')}"
    rf"\s*(?:m\b)?{_BETWEEN}"
)
# More than any number of degrees.
_LEAST_METRES = 1_000

# Some write in the zone of a neighbour.
_EASTMOST, _NORTHMOST = 2_000_000, 10_000_000

_BANDS = "cdefghjklmnpqrstuvwx"
# A letter says between which latitudes; a little more for what lies on its edge.
_BAND_HEIGHT, _BAND_EDGE = 8.0, 0.02
_MGRS = re.compile(
    r"(?<![0-9a-z.,-])(?P<zone>0?[1-9]|[1-5]\d|60)\s?(?P<band>[c-hj-np-x])\s?(?P<column>[a-hj-np-z])(?P<row>[a-hj-np-v])\s?"
    r"(?:(?P<east>\d{2,5})\s(?P<north>\d{2,5})|(?P<both>\d{4}|\d{6}|\d{8}|\d{10}))(?![0-9a-z]|[.,]\d)"
)
_COLUMNS, _ROWS = ("abcdefgh", "jklmnpqr", "stuvwxyz"), "abcdefghjklmnpqrstuv"
_SQUARE, _ROWS_M = 100_000, 2_000_000


class _Metres(NamedTuple):
    """`is_labelled`: letters say which is which."""

    easting: float
    northing: float
    is_labelled: bool

    def orders(self) -> list[tuple[float, float, tuple[str, ...]]]:
        """Easting, northing and repairs: as it is written, and swapped where no letter says which is which."""
        written: tuple[float, float, tuple[str, ...]] = (self.easting, self.northing, ())
        return [written] if self.is_labelled else [written, (self.northing, self.easting, ("swap",))]


def read_metres(text: str, datum: Datum | None = None) -> Readings | None:
    """Metres in a zone that a normalised text names, in degrees of `datum`; None where it is no such text, or holds anything else."""
    for zones, rest, band in zones_in(text):
        if two := _two_metres(_LEFT_OF_NAME.sub(" ", rest)):
            found = [one for zone in zones for one in _readings(two, zone._replace(datum=datum.crs if datum else None), band)]
            return read_of([(one, 1.0) for one in found]) if found else NOTHING
    return None


def read_labelled(text: str, zones: Sequence[Zone]) -> Readings | None:
    """`X: … Y: …`, where no zone is named: metres in the zones of the city, each to be asked about, or degrees. None where it is no such text."""
    found = _AXES.fullmatch(text)
    if found is None or found["label_1"] == found["label_2"]:
        return None
    x, y = (found["first"], found["second"]) if found["label_1"] == "x" else (found["second"], found["first"])
    east, north = metres(x.lstrip("+-")), metres(y.lstrip("+-"))
    if east is None or north is None or max(east, north) < _LEAST_METRES:
        return paired(f"lon {x}", f"lat {y}", (), "lon-lat")
    readings = [one for zone in zones if zone.has(east, north) and (one := from_metres(east, north, (zone.name,), zone))]
    return read_of([(one, 1.0) for one in readings])._replace(reason="zone-missing")


def read_in_crs(text: str) -> Readings:
    """Metres of some projected CRS: the numbers as they are, easting as the first, in place of degrees."""
    two = _two_metres(_LEFT_OF_NAME.sub(" ", text))
    if two is None:
        return NOTHING
    found = [Reading(*order) for order in two.orders()]
    return Readings(tuple(found), (1.0,) * len(found))


def zones_in(text: str) -> Iterator[tuple[list[Zone], str, str | None]]:
    """The zones that it may name, the text without that, and the letter of a band, where there is one."""
    if found := _TM3.search(text):
        third = 2 * (int(found["zone"]) - 46) + (0 if found["half"] == "2" else -1)
        yield ([tm3(third)] if 0 <= third <= 15 else []), _without(text, found), None
        return
    for found in _UTM_BANDED.finditer(text):
        # Of `49S` the S is south, as people here mean it: the band S of MGRS lies beyond India.
        band = found["band"]
        is_south = _SIDES.get(band, band < "n" or band == "s")
        yield [utm(int(found["zone"]), is_south=is_south)], _without(text, found), band if len(band) == 1 and band not in "sn" else None
    for found in _UTM.finditer(text):
        yield [utm(int(found["zone"]), is_south=is_south) for is_south in (True, False)], _without(text, found), None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _two_metres(text: str) -> _Metres | None:
    """None where the text is anything but these two."""
    for pattern in (_LABELLED, _WITH_UNITS, _BARE):
        if found := pattern.fullmatch(text):
            first, second = metres(found["first"]), metres(found["second"])
            if first is None or second is None:
                return None
            if pattern is _BARE:
                return _Metres(first, second, is_labelled=False)
            is_east, other_is_east = (re.fullmatch(_EAST, found[label]) is not None for label in ("label_1", "label_2"))
            if is_east == other_is_east:
                return None
            return _Metres(first, second, is_labelled=True) if is_east else _Metres(second, first, is_labelled=True)
    return None


def _readings(two: _Metres, zone: Zone, band: str | None) -> Iterator[Reading]:
    for east, north, repairs in two.orders():
        is_possible = east < _EASTMOST and north <= _NORTHMOST
        reading = from_metres(east, north, repairs, zone) if is_possible else None
        if reading and (band is None or _is_in_band(reading.lat, band)):
            yield reading


def metres(written: str) -> float | None:
    """With points or commas of thousands, and decimals; None where they make no number."""
    groups, marks = re.split("[.,]", written), re.findall("[.,]", written)
    if len(marks) > 1 and len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        groups = ["".join(groups[:-1]), groups[-1]]
    elif marks and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]):
        groups = ["".join(groups)]
    elif len(set(marks)) < 2 and len(marks) > 1:
        return None
    try:
        return float(".".join(groups))
    except ValueError:
        return None


def _is_in_band(lat: float, band: str) -> bool:
    south = -80 + _BAND_HEIGHT * _BANDS.index(band)
    return south - _BAND_EDGE <= lat <= south + _BAND_HEIGHT + (4 if band == "x" else 0) + _BAND_EDGE


def squares(text: str) -> tuple[list[Readings], str]:
    """The middles of the squares of MGRS in a normalised text, and the text without them."""
    found = list(_MGRS.finditer(text))
    return [_square(one) for one in found], re.sub(r"\b(?:mgrs|usng)\b\s*:?", " ", _MGRS.sub(" ", text)) if found else text


def _square(found: re.Match[str]) -> Readings:
    """Nothing where the letters contradict each other: libraries answer a place then, thousands of kilometres away."""
    number, band = int(found["zone"]), found["band"]
    digits = found["both"] or ""
    east, north = (digits[: len(digits) // 2], digits[len(digits) // 2 :]) if digits else (found["east"], found["north"])
    letters = _COLUMNS[(number - 1) % 3]
    if len(east) != len(north) or found["column"] not in letters:
        return NOTHING
    side = 10 ** (5 - len(east))
    easting = (letters.index(found["column"]) + 1) * _SQUARE + int(east) * side + side / 2
    row = (_ROWS.index(found["row"]) - (5 if number % 2 == 0 else 0)) % len(_ROWS)
    northing = row * _SQUARE + int(north) * side + side / 2
    zone = utm(number, is_south=band < "n")
    # The letter of a row comes again every 2,000 km: the band says which it is.
    rows = [one for turn in range(5) if (one := from_metres(easting, northing + turn * _ROWS_M, (), zone))]
    return read_of([(one, float(side)) for one in rows if _is_in_band(one.lat, band)])
