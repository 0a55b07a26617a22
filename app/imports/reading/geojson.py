"""GeoJSON (RFC 7946), its text sequences (RFC 8142), and other JSON that holds points, feature by feature: a file is never held as a whole."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.errors import Unreadable
from app.imports.limits import MOST_COLUMNS
from app.imports.reading import records
from app.imports.reading.encoding import encoding_of
from app.imports.reading.features import Feature, table_of
from app.imports.reading.geometry import cell_of, where_of
from app.imports.reading.places import NOWHERE, Where, code_of
from app.imports.reading.scanning import Scanner, Sequence
from app.imports.reading.table import Stated, Table

_WGS84, _WGS84_LON_LAT, _UNKNOWN = "EPSG:4326", "OGC:CRS84", "-"
_WGS84_NAMES: Final = (_WGS84, _WGS84_LON_LAT, "EPSG:4979", "OGC:CRS84H")
_OTHER_TYPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection", "Topology"}
)
# Lists of any length, as collections and APIs call them; another one has to fit into memory with all that stands around it.
_LISTS: Final = frozenset({"features", "value", "results", "data", "records", "rows", "items", "entries", "elements", "points"})


def _can_matter(value: object) -> bool:
    """Not a long list without a single object in it, which says nothing of a point."""
    return not isinstance(value, list) or len(value) <= MOST_COLUMNS or any(isinstance(one, dict) for one in value)


class _Document:
    """A file whose features or records can be read again and again; what else it says is known after the first time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = encoding_of(path)
        self._members: dict[str, object] = {}
        self._has_list = False
        self.has_places = False

    def features(self) -> Iterator[Feature]:
        """Of a collection (RFC 7946, or Esri's), of a list of records, wherever in the outermost object it stands, or of the object itself."""
        with self._path.open(encoding=self._encoding.name, errors=self._encoding.errors) as file:
            scanner = Scanner(file)
            if scanner.peek() == "[":
                self._has_list = True
                yield from map(self._feature, scanner.array())
            elif scanner.peek() == "{":
                yield from self._within(scanner)
            else:
                # A text or a number is JSON too.
                scanner.value()
            scanner.end()
        if self._has_list:
            return
        if self._members.get("type") in _OTHER_TYPES or not self._members:
            raise Unreadable("geojson-without-features")
        held = list(records.held_in(self._members))
        yield from map(self._feature, held or [self._members])

    def _within(self, scanner: Scanner) -> Iterator[Feature]:
        for name in scanner.members():
            if scanner.peek() == "[" and name in _LISTS:
                self._has_list = True
                # What stands behind the features is known when they are read again.
                yield from map(self._feature, scanner.array())
                continue
            value = scanner.value()
            if name not in self._members and len(self._members) >= MOST_COLUMNS:
                raise Unreadable("columns-too-many", most=MOST_COLUMNS)
            self._members[name] = value if _can_matter(value) else None

    def _feature(self, value: object) -> Feature:
        feature = feature_of(value, self._members)
        self.has_places = self.has_places or feature.where != NOWHERE
        return feature

    def aliases(self) -> dict[str, str]:
        """By the names of fields what Esri's layers call them besides."""
        return records.aliases_of(self._members)

    def crs(self) -> str | None:
        """RFC 7946 knows no other than WGS 84, its forerunner did, and programs still write it. What JSON-FG says is about `place`."""
        if "spatialReference" in self._members:
            return records.crs_of(self._members["spatialReference"])
        if self._members.get("type") == "Feature":
            return _WGS84
        own, of_places = _named(self._members.get("crs")), _reference(self._members.get("coordRefSys"))
        if _UNKNOWN in (own, of_places):
            raise Unreadable("crs-not-known")
        return own or _WGS84


def read_geojson(path: Path) -> Table:
    document = _Document(path)
    return table_of("geojson", document.features, document.crs, lambda: document.has_places, document.aliases)


def read_geojsonseq(path: Path) -> Table:
    encoding = encoding_of(path)
    placed: set[bool] = set()

    def features() -> Iterator[Feature]:
        with path.open(encoding=encoding.name, errors=encoding.errors) as file:
            scanner = Sequence(file)
            while scanner.peek():
                feature = feature_of(scanner.value(), {})
                placed.add(feature.where != NOWHERE)
                yield feature

    return table_of("geojsonseq", features, has_places=lambda: True in placed)


def feature_of(value: object, around: Mapping[str, object]) -> Feature:
    """`around`: the members of its collection. A Feature of GeoJSON or of Esri, or a record without any form."""
    if not isinstance(value, dict) or value.get("type") in _OTHER_TYPES:
        raise Unreadable("geojson-without-features")
    if value.get("type") != "Feature":
        return records.esri_feature(value, around) if isinstance(value.get("attributes"), dict) else records.record(value)
    properties = value.get("properties")
    values = {name: cell_of(cell) for name, cell in properties.items()} if isinstance(properties, dict) else {}
    identity = value.get("id")
    if isinstance(identity, str | int | float) and values.get("id") is None:
        values = {"id": cell_of(identity), **{name: cell for name, cell in values.items() if name != "id"}}
    return Feature(values, _placed(value, around))


def _placed(feature: Mapping[str, object], around: Mapping[str, object]) -> Where:
    """The point, and the CRS that it, its feature or the collection names; what is nearest to it counts. `place` is in `coordRefSys` and
    `geometry` then is in WGS 84 (JSON-FG), else `geometry` is in `crs` (GeoJSON 2008).
    """
    place, geometry = feature.get("place"), feature.get("geometry")
    if isinstance(place, dict):
        stated = _reference(place.get("coordRefSys")) or _reference(feature.get("coordRefSys")) or _reference(around.get("coordRefSys"))
        return where_of(place)._replace(stated=Stated(stated or _WGS84_LON_LAT, as_defined=True))
    where = where_of(geometry)
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
