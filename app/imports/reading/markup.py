"""KML, KMZ and GPX. Our own readers of the stream that is looked through anyway: nothing in them is ever followed or fetched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from app.errors import Unreadable
from app.imports.limits import LONGEST_TEXT, MOST_COLUMNS
from app.imports.reading.archive import Archive
from app.imports.reading.features import Feature, table_of
from app.imports.reading.guardedxml import NOT_XML, GuardedParser
from app.imports.reading.places import MISSING, NO_COORDINATES, NOT_A_POINT, SEVERAL, Where
from app.imports.reading.table import Table

_CHUNK: Final = 64 << 10
# Children of a placemark that become columns; what only describes its looks does not.
_OF_PLACEMARK: Final = {"name", "description", "address", "phoneNumber", "Snippet"}
_LONGEST_ID: Final = 36
_OTHER_SHAPES: Final = {"LineString", "LinearRing", "Polygon", "Model", "Track", "MultiTrack"}
_OF_WAYPOINT: Final = {"name", "desc", "cmt", "sym", "type", "ele", "time", "src"}

ByteSource = Callable[[], Iterator[bytes]]


class _FeatureGatherer(GuardedParser):
    """Gathers features; `taken` hands over those that are complete."""

    texts = True

    def __init__(self) -> None:
        super().__init__()
        self.complete: list[Feature] = []
        self.path: list[str] = []
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        self._pieces = []
        self.opened(name, attributes)

    def end(self, name: str) -> None:
        self.path.pop()
        self.closed(name, self.path[-1] if self.path else "", "".join(self._pieces).strip())

    def text(self, text: str) -> None:
        self._pieces.append(text)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str, within: str, text: str) -> None:
        """An element ends that stands in another; `text` is what stands in it since its last child began."""


class _Kml(_FeatureGatherer):
    def __init__(self) -> None:
        super().__init__()
        self._folders: list[str] = []
        self._values: dict[str, str] | None = None
        self._points: list[str] = []
        self._other = False
        self._key = ""
        self._id = ""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "NetworkLink":
            raise Unreadable("kml-network-link")
        if name in ("Folder", "Document"):
            self._folders.append("")
        elif name == "Placemark":
            self._values = {}
            self._id = attributes.get("id", "")
            self._points, self._other = [], False
        elif name in ("Data", "SimpleData"):
            self._key = " ".join(attributes.get("name", "").split())
        elif name in _OTHER_SHAPES:
            self._other = True

    def closed(self, name: str, within: str, text: str) -> None:
        if name in ("Folder", "Document"):
            self._folders.pop()
        elif name == "name" and within == "Folder":
            self._folders[-1] = text
        elif self._values is None:
            return
        elif name == "Placemark":
            self._finish()
        elif name == "SimpleData" or (name == "value" and within == "Data"):
            self._keep(self._key, text)
        elif within == "Placemark" and name in _OF_PLACEMARK:
            # An attribute of the same name says more than the label on the map, wherever it stands.
            if not self._values.get(name):
                self._keep(name, text)
        elif name == "coordinates" and within == "Point":
            self._points.append(text[:200])
        elif name == "when" and within == "TimeStamp":
            self._keep(name, text)

    def _keep(self, key: str, text: str) -> None:
        if self._values is None or not text:
            return
        self._values[key] = text[: LONGEST_TEXT + 1]
        if len(self._values) > MOST_COLUMNS:
            raise Unreadable("columns-too-many", most=MOST_COLUMNS)

    def _finish(self) -> None:
        values = self._values or {}
        if folder := next((one for one in reversed(self._folders) if one), ""):
            values.setdefault("folder", folder[:LONGEST_TEXT])
        if _is_of_a_point(self._id):
            values.setdefault("id", self._id)
        self.complete.append(Feature(values, _where(self._points, other=self._other)))
        self._values = None


def _is_of_a_point(text: str) -> bool:
    """Whether this is an id such as points have. GDAL writes the field `id` there; other programs number their placemarks in ways of their own."""
    try:
        return len(text) <= _LONGEST_ID and UUID(text).version == 7
    except ValueError:
        return False


def _where(points: list[str], *, other: bool) -> Where:
    if other:
        return NOT_A_POINT
    if len(points) != 1:
        return SEVERAL if points else MISSING
    return _numbers(points[0].split()[0].split(",")) if points[0] else MISSING


def _numbers(texts: list[str]) -> Where:
    """Longitude, latitude, perhaps a height. Four and more are numbers with a decimal comma, which could be read in two ways."""
    if not 2 <= len(texts) <= 3 or "_" in texts[0] + texts[1]:  # which Python would read over
        return NO_COORDINATES
    try:
        return Where((float(texts[0]), float(texts[1])))
    except ValueError:
        return NO_COORDINATES


class _Gpx(_FeatureGatherer):
    def __init__(self) -> None:
        super().__init__()
        self._where = MISSING
        self._values: dict[str, str] = {}

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "wpt":
            self._values = {}
            self._where = _numbers([attributes.get("lon", ""), attributes.get("lat", "")])

    def closed(self, name: str, within: str, text: str) -> None:
        if within == "wpt" and name in _OF_WAYPOINT and text:
            self._values[name] = text[: LONGEST_TEXT + 1]
        elif name == "wpt":
            self.complete.append(Feature(self._values, self._where))


_READERS: Final[dict[str, type[_FeatureGatherer]]] = {"kml": _Kml, "kmz": _Kml, "gpx": _Gpx}


def read_markup(path: Path, kind: str) -> Table:
    source = _of_archive(path) if kind == "kmz" else _of_file(path)
    return table_of(kind, lambda: _features(source, kind))


def _features(source: ByteSource, kind: str) -> Iterator[Feature]:
    reader = _READERS[kind]()
    any_feature = False
    try:
        for _ in reader.steps(source()):
            any_feature = any_feature or bool(reader.complete)
            yield from reader.complete
            reader.complete = []
    except NOT_XML as error:
        raise Unreadable("xml-damaged", line=reader.line) from error
    if not any_feature:
        raise Unreadable("markup-without-points")


def _of_file(path: Path) -> ByteSource:
    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    return chunks


def _of_archive(path: Path) -> ByteSource:
    """The document of a KMZ: `doc.kml`, else the only one."""
    with Archive(path) as archive:
        documents = [name for name in archive.names if name.lower().endswith(".kml") and "__MACOSX" not in name]
    named = [name for name in documents if name.lower() == "doc.kml"] or documents
    if len(named) != 1:
        raise Unreadable("kmz-several-documents")

    def chunks() -> Iterator[bytes]:
        with Archive(path) as archive:
            yield from archive.chunks(named[0])

    return chunks
