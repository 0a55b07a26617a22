"""A coordinate among other words, and as JSON: brought to the way in which it stands alone. Pure."""

import json
import re
from collections.abc import Mapping

from app.coordinates.values import AXIS_WORD

_UNIT = r"(?:m(?:eters?|etres?)?\b)"
_ACCURACY = re.compile(
    rf"(?:\b(?:akurasi|ketelitian|accuracy|acc|presisi)\b(?:\s*(?:gps|nya|sekitar|kira-kira))*\s*[:=.]?\s*|±\s*|\+/?-\s*)(\d{{1,4}}(?:[.,]\d+)?)\s*{_UNIT}?"
)
_LAT = r"(?:\b(?:latitude|lintang|lat)\b\s*[:=]?\s*)?"
_LON = r"(?:\b(?:longitude|bujur|long|lng|lon)\b\s*[:=]?\s*)?"
_DECIMALS = rf"{_LAT}[+-]?\d{{1,2}}\.\d{{4,}}\s*[,;]?\s*{_LON}[+-]?\d{{2,3}}\.\d{{4,}}"
_ANGLE = r"\d{1,3}°\s*\d{1,2}'?\s*(?:\d{1,2}(?:[.,]\d+)?\"?)?"
_LETTERED = rf"{_ANGLE}\s*(?:ls|lu|[snu])\b[\s,;]*{_ANGLE}\s*(?:bt|[et])\b"
_PAIR = re.compile(rf"(?<![\w.,°+-])(?:{_DECIMALS}|{_LETTERED})(?![\w°'\"]|[.,]\d|\s*[°'\"])")
# Words by which the coordinate is that of something else, or of no place: `200 m dari …`, `bukan …`, `di utara …`, `antara … dan …`.
_TURNING = re.compile(
    r"\b(?:bukan|salah|keliru|lama|bekas|dulu|dari|ke|menuju|sebelah|samping|seberang|dekat|sekitar|kira|antara|dan|atau|sampai|tengah|pusat"
    r"|not|no|wrong|old|former|from|to|of|near|around|about|between|and|or|beside|opposite|cent(?:re|er)|west|barat"
    r"|utm|zona|zone|tm|epsg|crs|datum|srid|grid)\b|[/=|&<>\n\t]"
)
_NUMBERED = re.compile(r"\b(?:rt|rw|no|nomor|gang|gg|jl|posyandu|dusun|lingkungan|blok)\b\.?\s*\d{1,3}(?![\d.,])")
_LAT_NAMES, _LON_NAMES = ("lat", "latitude", "lintang", "y"), ("lon", "lng", "long", "longitude", "bujur", "x")
_ACCURACY_NAMES = ("accuracy", "acc", "akurasi", "accuracy_m")
_BESIDE = frozenset(
    {*_ACCURACY_NAMES, "altitude", "alt", "altitudeaccuracy", "heading", "speed", "timestamp", "name", "nama", "label", "type", "id"}
)
_LONGEST_JSON, _LONGEST = 2_000, 300


def accuracy_in(text: str) -> float | None:
    """The metres that a text calls the accuracy of its coordinate; None where it tells none, several, or 0."""
    if (found := _object(text)) is not None:
        accuracies = [value for name, value in found.items() if name in _ACCURACY_NAMES and isinstance(value, int | float)]
    else:
        accuracies = [float(one.replace(",", ".")) for one in _ACCURACY.findall(text[:_LONGEST].lower())]
    return float(accuracies[0]) if len(accuracies) == 1 and 0 < accuracies[0] <= 10_000 else None


def of_json(text: str) -> str | None:
    """An object or a pair of JSON as a text with its axes named: GeoJSON writes the longitude first, others what is no latitude. None: it is none."""
    try:
        # Numbers as they are written: 0.00009 is no 9e-05, and zeros at the end tell how exact it is.
        value = json.loads(text, parse_float=str, parse_int=str) if text[:1] in "[{" and len(text) <= _LONGEST_JSON else None
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        # Four numbers are a box.
        return _of_pair(value) if 2 <= len(value) <= 3 and _is_number(value[0]) and abs(float(value[0])) > 90 else None
    if not isinstance(value, dict):
        return None
    members = {name.lower(): one for name, one in value.items()}
    if members.get("type") == "Point":
        return _of_pair(members.get("coordinates"))
    lat, lon = ([members.pop(name) for name in names if name in members] for names in (_LAT_NAMES, _LON_NAMES))
    if len(lat) == len(lon) == 1 and _is_number(lat[0]) and _is_number(lon[0]) and members.keys() <= _BESIDE:
        return f"lat {lat[0]} lon {lon[0]}"
    return None


def alone(text: str) -> str | None:
    """The one coordinate of a normalised sentence, where nothing else of it can change what that means; None where it does, or there is none."""
    rest = _ACCURACY.sub(" ", text)
    found = _PAIR.findall(rest)
    if len(found) != 1:
        return None
    rest = _NUMBERED.sub(" ", _PAIR.sub(" ", rest))
    return None if _TURNING.search(rest) or AXIS_WORD.search(rest) or re.search(r"\d|[°+±]|\s-|-\s", rest) else found[0]


def holds_numbers(text: str) -> bool:
    """Whether there is something like a coordinate in it: then it is other words that keep it from being read."""
    return len(re.findall(r"\d[.,]\s?\d{3}|\d{6}|\d\s*°", text)) >= 2


def _object(text: str) -> Mapping[str, object] | None:
    try:
        value = json.loads(text) if text.strip()[:1] == "{" and len(text) <= _LONGEST_JSON else None
    except (ValueError, RecursionError):
        return None
    return {str(name).lower(): one for name, one in value.items()} if isinstance(value, dict) else None


def _of_pair(value: object) -> str | None:
    if not isinstance(value, list) or not 2 <= len(value) <= 4 or not all(map(_is_number, value)):
        return None
    return f"lon {value[0]} lat {value[1]}"


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,4}(?:\.\d+)?\s*", value) is not None
