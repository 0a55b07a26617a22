"""One place as people write it: in degrees, in degrees with minutes and seconds, in metres of a zone of UTM, as a plus code, as an address for apps. Pure."""

from typing import NamedTuple

from pluscodes.openlocationcode import openlocationcode

from app.geo import from_degrees
from app.language import Language, Text


class WrittenPlace(NamedTuple):
    """A way of writing, and the place in it."""

    name: str
    text: str


_DEGREES = Text("Lintang, bujur", "Latitude, longitude")
_SEXAGESIMAL = Text("Derajat, menit, detik", "Degrees, minutes, seconds")
_PLUS_CODE = Text("Kode plus", "Plus code")
_FOR_APPS = Text("Untuk aplikasi peta", "For map apps")
# Letters as Indonesian maps have them: lintang utara and selatan, bujur timur and barat.
_LETTERS: dict[Language, tuple[str, str, str, str]] = {"id": ("LU", "LS", "BT", "BB"), "en": ("N", "S", "E", "W")}


def written(lon: float, lat: float, language: Language, decimals: int | None = None) -> list[WrittenPlace]:
    """WGS 84 degrees in every form, the usual one first; `decimals`: those of a place that is rounded. A zone of UTM only where it has one."""
    degrees = _degrees(lat, decimals), _degrees(lon, decimals)
    north, south, east, west = _LETTERS[language]
    sexagesimal = f"{_parts(lat)} {north if lat >= 0 else south}, {_parts(lon)} {east if lon >= 0 else west}"
    forms = [WrittenPlace(_DEGREES.say(language), ", ".join(degrees)), WrittenPlace(_SEXAGESIMAL.say(language), sexagesimal)]
    if -80 <= lat <= 84:
        zone = min(int((lon + 180) // 6) + 1, 60)
        easting, northing = from_degrees(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}", lon, lat)
        letter = "N" if lat >= 0 else "S"
        forms.append(WrittenPlace(f"UTM {zone}{letter}", f"{zone}{letter} {easting:.0f} {northing:.0f}"))
    code = openlocationcode.encode(lat, lon, 11)
    return [*forms, WrittenPlace(_PLUS_CODE.say(language), code), WrittenPlace(_FOR_APPS.say(language), f"geo:{degrees[0]},{degrees[1]}")]


def _degrees(value: float, decimals: int | None) -> str:
    """To a centimetre, but never so few that it looks like a rough place."""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    exact = f"{value:.7f}"
    return exact.removesuffix("00")


def _parts(value: float) -> str:
    """Degrees, minutes and seconds to a tenth, which is about three metres."""
    tenths = round(abs(value) * 36_000)
    return f"{tenths // 36_000}°{tenths % 36_000 // 600:02d}'{tenths % 600 / 10:04.1f}\""
