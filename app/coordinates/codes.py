"""Places as machines write them, wherever they stand in a text: plus codes, squares of MGRS, NMEA, ISO 6709, WKT. Pure."""

import re
from functools import reduce
from typing import NamedTuple

from pluscodes.openlocationcode import openlocationcode

from app.coordinates.grids import squares
from app.coordinates.pairs import paired
from app.coordinates.reads import METRES_PER_DEGREE, NOTHING, Readings, at
from app.coordinates.rescue import Zone

_PLUS_CODE = re.compile(r"(?<![0-9a-z+])([23456789cfghjmpqrvwx]{2,8}\+[23456789cfghjmpqrvwx]{0,7})(?![0-9a-z+])")
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_WKT = re.compile(rf"\b(?:multi)?point\s*(?:z|m|zm)?\s*\(\s*\(?\s*({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER}){{0,2}}\s*\)?\s*\)")
_SENTENCE = re.compile(r"\$?(?P<body>g[a-z](?:gga|rmc|gll|gns),[\w.,-]*)(?:\*(?P<sum>[0-9a-f]{2}))?")
_NMEA = re.compile(r"(?<![\d.])(\d{2})(\d{2}(?:\.\d+)?),?\s?([ns])[,;\s]\s*(\d{3})(\d{2}(?:\.\d+)?),?\s?([ew])\b")
_ISO_6709 = re.compile(
    r"(?<![\w.+-])(?P<lat>[+-]\d{2}(?:\d{2}){0,2}(?:\.\d+)?)(?P<lon>[+-]\d{3}(?:\d{2}){0,2}(?:\.\d+)?)(?:[+-]\d+(?:\.\d+)?)?(?:/|(?![\w.+-])|(?=crs))(?:crs(?P<crs>[\w:]+)/?)?"
)


class FoundCodes(NamedTuple):
    """What each of them means, how many are short plus codes, and the text without them."""

    reads: tuple[Readings, ...]
    plus_codes: int
    rest: str


def find(text: str, near: tuple[float, float], zones: tuple[Zone, ...]) -> FoundCodes:
    """All of a normalised text. `near`: lon and lat that complete short plus codes."""
    reads: list[Readings] = []
    for pattern, read in (
        (_WKT, lambda found: paired(found[1], found[2], zones, "lon-lat")),
        (_SENTENCE, _sentence),
        (_NMEA, _nmea),
        (_ISO_6709, _iso),
    ):
        reads += [read(found) for found in pattern.finditer(text)]
        text = pattern.sub(lambda found: f" crs {found['crs']} " if found.groupdict().get("crs") else " ", text)
    codes = [found for found in _PLUS_CODE.finditer(text) if openlocationcode.isFull(found[1]) or openlocationcode.isShort(found[1])]
    reads += [plus_code(found[1], near) for found in codes]
    text = reduce(lambda rest, found: rest.replace(found[0], " ", 1), codes, text)
    in_squares, text = squares(text)
    return FoundCodes((*reads, *in_squares), len(codes), text)


def metres_of_point(text: str) -> str | None:
    """The two numbers of a text that is one point of WKT."""
    found = list(_WKT.finditer(text))
    return f"{found[0][1]} {found[0][2]}" if len(found) == 1 and not re.search(r"\w", _WKT.sub(" ", text)) else None


def plus_code(code: str, near: tuple[float, float]) -> Readings:
    """The middle of its area; a short one is completed by what it is `near`."""
    is_whole = openlocationcode.isFull(code)
    area = openlocationcode.decode(code if is_whole else openlocationcode.recoverNearest(code, near[1], near[0]))
    half_m = (area.latitudeHi - area.latitudeLo) / 2 * METRES_PER_DEGREE
    return at(area.longitudeCenter, area.latitudeCenter, half_m, *(() if is_whole else ("short-plus-code",)))


def _sentence(found: re.Match[str]) -> Readings:
    """Of a receiver that had a fix, and whose sentence came whole."""
    fields = found["body"].split(",")
    if found["sum"] and reduce(lambda one, letter: one ^ ord(letter), found["body"].upper(), 0) != int(found["sum"], 16):
        return NOTHING
    states = {"gga": (6, "0"), "rmc": (2, "v"), "gll": (6, "v")}
    state, no_fix = states.get(fields[0][2:], (0, ""))
    if len(fields) > state and fields[state].strip() == no_fix:
        return NOTHING
    place = _NMEA.search(found["body"])
    return _nmea(place) if place else NOTHING


def _nmea(found: re.Match[str]) -> Readings:
    lat = int(found[1]) + float(found[2]) / 60
    lon = int(found[4]) + float(found[5]) / 60
    if float(found[2]) >= 60 or float(found[5]) >= 60 or lat > 90 or lon > 180:
        return NOTHING
    precision_m = 10.0 ** -len(found[2].partition(".")[2]) / 60 * METRES_PER_DEGREE
    return at(-lon if found[6] == "w" else lon, -lat if found[3] == "s" else lat, precision_m)


def _iso(found: re.Match[str]) -> Readings:
    lat, lon = _packed(found["lat"], 2), _packed(found["lon"], 3)
    if lat is None or lon is None or abs(lat[0]) > 90 or abs(lon[0]) > 180:
        return NOTHING
    return at(lon[0], lat[0], min(lat[1], lon[1]) * METRES_PER_DEGREE)


def _packed(written: str, whole: int) -> tuple[float, float] | None:
    """Degrees, and how exact, of `+DD.D`, `+DDMM.M` or `+DDMMSS.S`; None where minutes or seconds are 60 or more."""
    digits, _, decimals = written[1:].partition(".")
    parts = [digits[:whole], *(digits[at : at + 2] for at in range(whole, len(digits), 2))]
    numbers = [float(part) for part in parts]
    numbers[-1] = float(f"{parts[-1]}.{decimals or 0}")
    if any(number >= 60 for number in numbers[1:]):
        return None
    degrees = sum(number / 60.0**power for power, number in enumerate(numbers))
    return -degrees if written[0] == "-" else degrees, 10.0 ** -len(decimals) / 60.0 ** (len(parts) - 1)
