"""Which datum a word means: Batavia, `EPSG:4211`, `D_Indonesian_1974`, WGS 84. Pure.

What a datum does to a place is told by `app.coordinates.transforming`.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError

from app.coordinates.transforming import Transformation


class Datum(NamedTuple):
    """A datum (and, where a code says so, a grid in metres) by the name that people know, and its CRS, e.g. `EPSG:4211`."""

    name: str
    crs: str

    @property
    def is_projected(self) -> bool:
        return _is_projected(self.crs)


class Mentioned(NamedTuple):
    """The datums that a text names, each once, and the text without them. `is_unknown`: it speaks of a datum that is not known, or it
    names an ellipsoid, which is none: nothing may be read from it then.
    """

    datums: tuple[Datum, ...]
    rest: str
    is_unknown: bool


WGS84 = Datum("WGS 84", "EPSG:4326")
# Spellings beside those of EPSG, as maps, land offices and programs write them; letters and digits only.
_ALIASES = {
    "EPSG:4326": "wgs wgs1984 worldgeodeticsystem1984",
    "EPSG:4322": "wgs1972",
    "EPSG:4755": "dgn dgn1995 datumgeodesinasional datumgeodesinasional1995 datumgeodesinasional95",
    "EPSG:9470": "srgi sistemreferensigeospasialindonesia sistemreferensigeospasialindonesia2013",
    "EPSG:4211": "genuk bataviagenuk gunungbatavia gununggenuk ggenuk",
    "EPSG:4238": "id1974 indonesian1974 indonesia1974 indonesian74 indonesia74 datumindonesia1974",
    "EPSG:4613": "gunungsegara gsegara",
    "EPSG:4267": "nad1927",
    "EPSG:4269": "nad1983",
    "EPSG:4284": "pulkovo",
}
_ELLIPSOIDS = frozenset(
    {"bessel", "bessel1841", "clarke", "clarke1866", "clarke1880", "everest", "everest1830", "grs80", "grs1980", "grs67", "hayford",
     "international1924", "krassovsky", "krassowsky", "krasovsky", "airy"}
)  # fmt: skip
_INDONESIA = (92.0, -13.95, 141.46, 7.79)
_TOKEN = re.compile(r"[a-z]+|\d+")
_MOST_TOKENS = 8
# Between the tokens of one name: no comma, because that ends it.
_JOINT = re.compile(r"[\s_.()/-]*")
_GOES_ON = re.compile(r"[a-z0-9]|[.,]\d|\s*[°'\"]")
_CODE = re.compile(r"\b(?:epsg|srid|urn:ogc:def:crs:epsg)\s*(?:code|kode)?\s*[:=]{0,2}\s*(\d{4,6})\b(?![.,]\d)(?:\s*;)?|\bcrs84\b")
_SPEAKS = r"(?:datum|[ge]?ll?ipsoide?|sph?[ae]?e?roid|sferoid|crs|srs|srid|epsg|gcs)"
_LEFT = re.compile(rf"\b{_SPEAKS}(?:\b|_)")
_BESIDE = re.compile(rf"(?:\b{_SPEAKS}\b\s*[:=]?\s*)*\0(?:\s*\b{_SPEAKS}\b)?")
_BRACKETS = re.compile(r"[(\[]\s*[)\]]")


def datum_of(words: str) -> Datum | None:
    """The datum that these words name, and nothing else: a cell of a column `Datum`, a name in a .prj, a number of EPSG. None: not known."""
    if re.fullmatch(r"\s*\d{4,6}\s*", words):
        return _of_code(int(words))
    found = mentioned(words)
    return found.datums[0] if len(found.datums) == 1 and not found.is_unknown and not re.search(r"\w", found.rest) else None


def mentioned(text: str) -> Mentioned:
    """What a text (a heading, a cell with a coordinate) says of datums."""
    rest, found, is_unknown = text.lower(), list[Datum](), False
    for match in reversed(list(_CODE.finditer(rest))):
        datum = _of_code(int(match[1])) if match[1] else WGS84
        is_unknown |= datum is None
        found += [datum] if datum else []
        rest = f"{rest[: match.start()]}\0{rest[match.end() :]}"
    for start, end, crs in reversed(_named(rest)):
        is_unknown |= crs is None
        found += [_datum(crs)] if crs else []
        rest = f"{rest[:start]}\0{rest[end:]}"
    rest = _BRACKETS.sub(" ", _BESIDE.sub(" ", rest))
    is_unknown = is_unknown or _LEFT.search(rest) is not None
    return Mentioned(tuple(dict.fromkeys(reversed(found))), re.sub(r"[^\S\t\n]+", " ", rest).strip(), is_unknown)


def _named(text: str) -> list[tuple[int, int, str | None]]:
    """Where names stand, the longest that fit, and their CRS; None for an ellipsoid."""
    tokens = list(_TOKEN.finditer(text))
    found: list[tuple[int, int, str | None]] = []
    at = 0
    while at < len(tokens):
        length, crs = _longest(text, tokens[at : at + _MOST_TOKENS])
        if length:
            start, end = tokens[at].start(), tokens[at + length - 1].end()
            # `Batavia (Genuk)` ends with its bracket.
            found.append((start, end + (text.count("(", start, end) > text.count(")", start, end)), crs))
        at += length or 1
    return found


def _longest(text: str, tokens: list[re.Match[str]]) -> tuple[int, str | None]:
    """How many of these tokens are a name, 0 where none is."""
    key, length, crs = "", 0, None
    start = tokens[0].start()
    if tokens[0][0].isdigit() or text[max(start - 1, 0) : start].isalnum():
        return 0, None
    for count, token in enumerate(tokens, 1):
        if count > 1 and not _JOINT.fullmatch(text, tokens[count - 2].end(), token.start()):
            break
        key += token[0]
        is_end = _GOES_ON.match(text, token.end()) is None
        if is_end and (known := _known(key))[0]:
            length, crs = count, known[1]
    return length, crs


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The CRS of each name of EPSG and of the aliases; letters and digits only. A later one does not displace an earlier one."""
    names = {name: crs for crs, spelled in _ALIASES.items() for name in spelled.split()}
    listed = query_crs_info(auth_name="EPSG", pj_types=[PJType.GEOGRAPHIC_2D_CRS], allow_deprecated=False)
    for info in listed:
        names.setdefault(_key(info.name), f"EPSG:{info.code}")
    for info in listed:
        if info.area_of_use and _meet(info.area_of_use.bounds, _INDONESIA) and (datum := CRS.from_epsg(int(info.code)).datum):
            names.setdefault(_key(datum.name), f"EPSG:{info.code}")
    return names


def _known(key: str) -> tuple[bool, str | None]:
    """Whether it is a name at all, with or without what programs put before it, and its CRS."""
    for prefix in ("", "d", "gcs"):
        name = key.removeprefix(prefix)
        if key.startswith(prefix) and (name in _names() or name in _ELLIPSOIDS):
            return True, _names().get(name)
    return False, None


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _key(name: str) -> str:
    return "".join(_TOKEN.findall(name.lower()))


@lru_cache(maxsize=1_000)
def _is_projected(crs: str) -> bool:
    return bool(CRS.from_user_input(crs).is_projected)


@lru_cache(maxsize=1_000)
def _datum(crs: str) -> Datum:
    return Datum(CRS.from_user_input(crs).name, crs)


@lru_cache(maxsize=1_000)
def _of_code(code: int) -> Datum | None:
    """Only what can be brought to WGS 84 somewhere in Indonesia."""
    return _datum(f"EPSG:{code}") if _transformation(f"EPSG:{code}") else None


def transformation(crs: str) -> Transformation:
    """From a CRS by its name. ValueError where there is no way anywhere in Indonesia."""
    found = _transformation(crs)
    if found is None:
        raise ValueError(crs)
    return found


@lru_cache(maxsize=1_000)
def _transformation(crs: str) -> Transformation | None:
    """Making one takes a tenth of a second: strangers may name all of EPSG, so those of elsewhere are not even tried."""
    try:
        source = CRS.from_user_input(crs)
        is_here = source.area_of_use is not None and _meet(source.area_of_use.bounds, _INDONESIA)
        return Transformation(source) if is_here else None
    except (CRSError, ValueError):
        return None


def grid_to_degrees(grid: str, datum: str, easting: float, northing: float) -> tuple[float, float]:
    """Metres of `grid` (`EPSG:32749`), drawn on another datum, as lon and lat of that datum. ValueError where that cannot be."""
    try:
        lon, lat = _on_datum(grid, datum).transform(easting, northing, errcheck=True)
    except (CRSError, ProjError) as error:
        raise ValueError(datum) from error
    return float(lon), float(lat)


@lru_cache(maxsize=64)
def _on_datum(grid: str, datum: str) -> Transformer:
    base = CRS.from_user_input(datum)
    if base.prime_meridian is None or base.prime_meridian.longitude:
        # The grids count from Greenwich.
        raise CRSError(datum)
    drawn = ProjectedCRS(CRS.from_user_input(grid).coordinate_operation, geodetic_crs=base)
    return Transformer.from_crs(drawn, base, always_xy=True)
