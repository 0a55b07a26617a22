"""GeoJSON (RFC 7946) and its text sequences (RFC 8142), feature by feature: a file is never held as a whole."""

import json
import re
from collections.abc import Iterator, Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

from app.errors import Unreadable
from app.transfers.limits import LONGEST_RECORD
from app.transfers.reading.encoding import encoding_of
from app.transfers.reading.features import Feature, table_of
from app.transfers.reading.places import MISSING, NO_COORDINATES, NOT_A_POINT, SEVERAL, Where, code_of
from app.transfers.reading.table import Cell, Stated, Table

_CHUNK: Final = 256 << 10
_UNFINISHED: Final = 16
# Of a single feature these are all of it; of a collection nothing else is held, however much there is.
_ASKED_FOR: Final = ("type", "crs", "coordRefSys", "id", "geometry", "place", "properties")
_WGS84, _WGS84_LON_LAT, _UNKNOWN = "EPSG:4326", "OGC:CRS84", "-"
_WGS84_NAMES: Final = (_WGS84, _WGS84_LON_LAT, "EPSG:4979", "OGC:CRS84H")
_BLANK: Final = re.compile(r"[ \t\r\n\ufeff]*")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


class _Scanner:
    """The values of a JSON text, one by one, with as much of it in memory as one value takes."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank; `""` at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, wanted: str) -> None:
        if self.peek() != wanted:
            self.damaged()
        self._at += 1

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                # What is wrong in the middle stays wrong, however much follows; a text that has not ended yet is told at its beginning.
                middle = len(self._text) - error.pos > _UNFINISHED and not error.msg.startswith("Unterminated")
                if middle or not self._more():
                    self.damaged()
                continue
            except RecursionError as error:
                raise Unreadable("json-too-deep") from error
            except ValueError:
                self.damaged()
            # A number may go on.
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def damaged(self) -> NoReturn:
        raise Unreadable("json-damaged", line=self._line + self._text.count("\n", 0, self._at))

    def _more(self) -> bool:
        if self._ended:
            return False
        if len(self._text) - self._at > LONGEST_RECORD:
            raise Unreadable("record-too-long", most=LONGEST_RECORD)
        chunk = self._file.read(_CHUNK)
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        self._ended = not chunk
        return not self._ended


class _Collection:
    """A file whose features can be read again and again; what else it says is known after the first time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = encoding_of(path)
        self._members: dict[str, Any] = {}

    def features(self) -> Iterator[Feature]:
        with self._path.open(encoding=self._encoding.name, errors=self._encoding.errors) as file:
            scanner = _Scanner(file)
            scanner.take("{")
            while scanner.peek() != "}":
                name = scanner.value()
                scanner.take(":")
                if name == "features":
                    # What stands behind the features is known when they are read again.
                    yield from (_feature(value, self._members) for value in self._array(scanner))
                else:
                    value = scanner.value()
                    if name in _ASKED_FOR:
                        self._members[name] = value
                if scanner.peek() == ",":
                    scanner.take(",")
                elif scanner.peek() != "}":
                    scanner.damaged()
            scanner.take("}")
            if scanner.peek():
                scanner.damaged()
        kind = self._members.get("type")
        if kind == "Feature":
            yield _feature(self._members, {})
        elif kind != "FeatureCollection":
            raise Unreadable("geojson-without-features")

    def crs(self) -> str:
        """RFC 7946 knows no other than WGS 84, its forerunner did, and programs still write it. What JSON-FG says is about `place`."""
        if self._members.get("type") == "Feature":
            return _WGS84
        own, of_places = _named(self._members.get("crs")), _reference(self._members.get("coordRefSys"))
        if _UNKNOWN in (own, of_places):
            raise Unreadable("crs-not-known")
        return own or _WGS84

    @staticmethod
    def _array(scanner: _Scanner) -> Iterator[Any]:
        scanner.take("[")
        while scanner.peek() != "]":
            yield scanner.value()
            if scanner.peek() == ",":
                scanner.take(",")
            elif scanner.peek() != "]":
                scanner.damaged()
        scanner.take("]")


def read_geojson(path: Path) -> Table:
    collection = _Collection(path)
    return table_of("geojson", collection.features, collection.crs)


def read_geojsonseq(path: Path) -> Table:
    encoding = encoding_of(path)

    def features() -> Iterator[Feature]:
        with path.open(encoding=encoding.name, errors=encoding.errors) as file:
            scanner = _Sequence(file)
            while scanner.peek():
                yield _feature(scanner.value(), {})

    return table_of("geojsonseq", features)


class _Sequence(_Scanner):
    """Values one after the other; a record separator before each is blank space like any other."""

    def peek(self) -> str:
        while (found := super().peek()) == "\x1e":
            self.take("\x1e")
        return found

    def take(self, wanted: str) -> None:
        if super().peek() != wanted:
            self.damaged()
        self._at += 1


def _feature(value: Any, around: Mapping[str, Any]) -> Feature:
    """`around`: the members of its collection."""
    if not isinstance(value, dict) or value.get("type") != "Feature":
        raise Unreadable("geojson-without-features")
    properties = value.get("properties")
    values = {name: _cell(cell) for name, cell in properties.items()} if isinstance(properties, dict) else {}
    identity = value.get("id")
    if isinstance(identity, str | int | float) and "id" not in values:
        values = {"id": _cell(identity), **values}
    return Feature(values, _placed(value, around))


def _placed(feature: Mapping[str, Any], around: Mapping[str, Any]) -> Where:
    """The point, and the CRS that it, its feature or the collection names; what is nearest to it counts. `place` is in `coordRefSys` and
    `geometry` then is in WGS 84 (JSON-FG), else `geometry` is in `crs` (GeoJSON 2008).
    """
    place, geometry = feature.get("place"), feature.get("geometry")
    if isinstance(place, dict):
        stated = _reference(place.get("coordRefSys")) or _reference(feature.get("coordRefSys")) or _reference(around.get("coordRefSys"))
        return _where(place)._replace(stated=Stated(stated or _WGS84_LON_LAT, as_defined=True))
    where = _where(geometry)
    if where.place is None or not isinstance(geometry, dict):
        return where
    if stated := _named(geometry.get("crs")) or _named(feature.get("crs")):
        return where._replace(stated=Stated(stated))
    reference = _reference(feature.get("coordRefSys")) or _reference(around.get("coordRefSys"))
    if reference in (None, *_WGS84_NAMES) or _named(around.get("crs")):
        return where
    # In degrees by the letter of JSON-FG, in that CRS by that of OGC API Features.
    return Where(None, "geometry-crs-unclear")


def _named(crs: Any) -> str | None:
    """The code in a member `crs` (GeoJSON 2008, or older yet), `_UNKNOWN` where it says something else."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict):
        return _UNKNOWN
    if str(crs.get("type")).upper() == "EPSG":
        return code_of(f"EPSG:{properties.get('code')}") or _UNKNOWN
    return code_of(str(properties.get("name"))) or _UNKNOWN


def _reference(reference: Any) -> str | None:
    """The code in a member `coordRefSys` (JSON-FG): its URI, an object with that, or the first, horizontal, of several."""
    if reference is None:
        return None
    if isinstance(reference, list):
        reference = reference[0] if reference else None
    if isinstance(reference, dict):
        reference = reference.get("href")
    return (code_of(reference) if isinstance(reference, str) else None) or _UNKNOWN


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)


def _where(geometry: Any) -> Where:
    if not isinstance(geometry, dict):
        return MISSING
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "MultiPoint" and isinstance(coordinates, list):
        if len(coordinates) > 1:
            return SEVERAL
        coordinates = coordinates[0] if coordinates else []
    elif kind != "Point":
        return NOT_A_POINT
    return MISSING if coordinates == [] else _position(coordinates)


def _position(coordinates: Any) -> Where:
    if not isinstance(coordinates, list) or not all(type(number) in (int, float) for number in coordinates[:2]) or len(coordinates) < 2:
        return NO_COORDINATES
    try:
        return Where((float(coordinates[0]), float(coordinates[1])))
    except OverflowError:
        return NO_COORDINATES
