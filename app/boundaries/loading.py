"""Reads boundary files as people have them: any vector format of GDAL, the column names of BIG, BPS and OCHA, any CRS.

The outcome is one MultiPolygon in EPSG:4326 for every kelurahan that the file holds, and notes on all that was guessed, repaired
or dropped. Which row is which kelurahan is told in `columns.py`, what becomes of its shape in `repairing.py`; whether the outcome
is good is judged in `checking.py`.
"""

import glob
import hashlib
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, NamedTuple, NoReturn

import pyogrio
from pyproj import CRS
from pyproj.exceptions import ProjError

from app.boundaries.checking import Boundary, EditionFinding
from app.boundaries.columns import FIELDS, Matches, can_tell, matched, notes_on, recognised
from app.boundaries.repairing import decoded, repaired, to_degrees, united
from app.coordinates.headers import crs_of_flatgeobuf
from app.errors import OperatorError
from app.language import Text
from app.regions.codes import Directory, Region
from app.regions.columns import rows_of

_NO_MAPPING: Mapping[str, str] = MappingProxyType({})
_SUFFIXES = {".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml", ".kmz", ".gml", ".tab", ".mif", ".topojson"}
# Formats of GDAL that only point to other files or to servers must not be followed, whatever the file is called.
_POINTERS = {
    "OGR_VRT",
    "WFS",
    "OAPIF",
    "OGCAPI",
    "HTTP",
    "EEDA",
    "Elasticsearch",
    "Carto",
    "NGW",
    "PLSCENES",
    "CSW",
    "GTFS",
    "ADBC",
    "GDALG",
}
ACCURACY_M = 10.0
_CHUNK, _LONGEST_MEMBER = 1 << 20, 400
_MEMBER = re.compile(rb'"crs"\s{0,50}:\s{0,50}(\{[^}]{0,200}\})')
_DEGREES = re.compile(rb'(?:EPSG:[\w.]*:?4326|CRS:?84)"')
_MOST_UNPACKED_BYTES = 4 << 30

# Each refusal: what is wrong, and what to do.
_REFUSALS: Mapping[str, Text] = {
    "boundary-file-missing": Text(
        "Berkas {file} tidak ada. Folder (.gdb) harap dijadikan .zip dahulu.",
        "There is no file {file}. A folder (.gdb) is to be zipped first.",
    ),
    "boundary-file-unreadable": Text(
        "Berkas {file} tidak dapat dibaca sebagai peta. Yang dapat: GeoJSON, GeoPackage, shapefile (dalam .zip), FlatGeobuf, KML, GML.",
        "The file {file} cannot be read as a map. GeoJSON, GeoPackage, shapefile (in a .zip), FlatGeobuf, KML and GML can.",
    ),
    "mapping-unknown": Text(
        "--map tidak mengenal {unknown}. Yang dikenal: {known}.",
        "--map does not know {unknown}. It knows {known}.",
    ),
    "columns-not-recognised": Text(
        "Tidak ada lapisan poligon dengan kolom kode atau nama kelurahan. Yang ada: {layers}. "
        "Sebutkan kolomnya dengan --map code=KOLOM (atau bps_code, name, kecamatan).",
        "There is no layer of polygons with a column of codes or names of kelurahan. There is: {layers}. "
        "Name the column with --map code=COLUMN (or bps_code, name, kecamatan).",
    ),
    "crs-nested": Text(
        "Di {file} sistem koordinat (crs) disebut di dalam fitur atau geometri, bukan di atas. Buka di QGIS, tetapkan CRS lapisannya, lalu ekspor ke EPSG:4326.",
        "In {file} a feature or geometry names its CRS (crs), rather than the top. Open it in QGIS, set the CRS of the layer, and export it to EPSG:4326.",
    ),
    "layer-unclear": Text(
        "Beberapa lapisan memuat kelurahan yang sama banyaknya: {layers}. Simpan satu lapisan saja ke dalam berkas.",
        "Several layers hold equally many kelurahan: {layers}. Save just one of them to a file.",
    ),
    "no-kelurahan-found": Text(
        "Tidak satu baris pun dari lapisan {layer} cocok dengan kelurahan yang dikenal (misalnya: {examples}). "
        "Sebutkan kolomnya dengan --map code=KOLOM, atau periksa apakah ini berkas kota yang benar.",
        "No row of layer {layer} matches a known kelurahan (for example: {examples}). "
        "Name the column with --map code=COLUMN, or check that this is the file of the right city.",
    ),
}


@dataclass(frozen=True, slots=True)
class LoadedEdition:
    """The boundaries by code, in EPSG:4326; the CRS they came in, the SHA-256 (hex) of the file, and notes on the reading."""

    boundaries: tuple[Boundary, ...]
    crs: str
    sha256: str
    notes: tuple[EditionFinding, ...]


class _BoundaryLayer(NamedTuple):
    source: str
    name: str
    columns: tuple[str, ...]
    is_polygonal: bool


class _LayerTable(NamedTuple):
    """The rows of a layer as they stand in the file: WKB or None, and the texts of each recognised field."""

    crs: str | None
    geometries: Sequence[bytes | None]
    rows: Sequence[Mapping[str, str]]


def read_boundaries(
    path: Path,
    regions: Sequence[Region],
    *,
    mapping: Mapping[str, str] = _NO_MAPPING,
    layer: str | None = None,
    accuracy_m: float = ACCURACY_M,
) -> LoadedEdition:
    """The kelurahan among `regions` that the file holds, one MultiPolygon each, sorted by code.

    `mapping` names the column of a field (`code`, `bps_code`, `name`, `kecamatan`) where it is not recognised. Rows that
    belong to no given kelurahan are dropped and counted. `accuracy_m`: what the way from the datum of the file to WGS 84 must be exact to.
    OperatorError where nothing useful can be read, or it would come to lie elsewhere; it says what to do.
    """
    sha256 = _fingerprint(path)
    directory = Directory(regions)
    chosen, table, matches, notes = _choose(path, _layers(path), directory, mapping, layer)
    wanted = [index for index, region in enumerate(matches.regions) if region is not None]
    if not wanted:
        _refuse("no-kelurahan-found", layer=chosen.name, examples="; ".join((matches.unknown + matches.elsewhere)[:3]))
    notes += notes_on(matches, directory)
    codes, geometries, more = decoded([region.code for region in matches.regions if region], [table.geometries[index] for index in wanted])
    notes += more
    _check_members(path, chosen.source, table.crs)
    crs = _crs(_declared(path, chosen.source) or table.crs, path)
    geometries, more = to_degrees(geometries, crs, path, accuracy_m)
    notes += more
    geometries, more = repaired(codes, geometries, directory.kelurahan)
    notes += more
    boundaries, more = united(codes, geometries, directory.kelurahan)
    return LoadedEdition(boundaries, _name_of(crs) if crs else "EPSG:4326", sha256, tuple(notes + more))


class LayerRows(NamedTuple):
    """What a layer says beside its shapes: the cells of its columns by name."""

    name: str
    columns: tuple[str, ...]
    cells: Mapping[str, Sequence[object]]


def read_rows(path: Path, layer: str | None = None) -> list[LayerRows]:
    """Every layer of a vector file, or the one of this name, without its shapes. `OperatorError` where GDAL cannot read it."""
    if not path.is_file():
        _refuse("boundary-file-missing", file=path.name)
    found = []
    for one in _layers(path):
        if layer is None or one.name.lower() == layer.lower():
            try:
                meta, _, _, values = pyogrio.raw.read(one.source, layer=one.name, read_geometry=False)
            except (RuntimeError, ValueError, OSError) as error:
                _unreadable(path, error)
            names = tuple(str(name) for name in meta["fields"])
            found.append(LayerRows(one.name, names, dict(zip(names, values, strict=True))))
    return found


def _refuse(code: str, **facts: object) -> NoReturn:
    raise OperatorError(code, _REFUSALS[code], **facts)


def _fingerprint(path: Path) -> str:
    if not path.is_file():
        _refuse("boundary-file-missing", file=path.name)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unreadable(path: Path, error: Exception | None = None) -> NoReturn:
    raise OperatorError("boundary-file-unreadable", _REFUSALS["boundary-file-unreadable"], file=path.name) from error


def _sources(path: Path) -> list[str]:
    """The path as GDAL wants it; of a zip archive the data sets inside, however deep in folders."""
    with path.open("rb") as file:
        if b"<OGR" in file.read(4096):
            _unreadable(path)
    if path.suffix.lower() != ".zip":
        return [str(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        _unreadable(path, error)
    if sum(member.file_size for member in members) > _MOST_UNPACKED_BYTES:
        _unreadable(path)
    inside = {
        member.filename for member in members if Path(member.filename).suffix.lower() in _SUFFIXES and "__MACOSX" not in member.filename
    }
    inside |= {name[: name.lower().index(".gdb/") + 4] for name in (member.filename for member in members) if ".gdb/" in name.lower()}
    # The braces let GDAL find the end of the archive's name also where that is not .zip.
    return [f"/vsizip/{{{path.absolute()}}}/{name}" for name in sorted(inside)]


def _layers(path: Path) -> list[_BoundaryLayer]:
    layers = []
    try:
        for source in _sources(path):
            for name in pyogrio.list_layers(source)[:, 0].tolist():
                info = pyogrio.read_info(source, layer=name)
                if info["driver"] in _POINTERS:
                    _unreadable(path)
                kind = str(info["geometry_type"])
                polygonal = any(word in kind for word in ("Polygon", "Surface", "Unknown", "Collection"))
                layers.append(_BoundaryLayer(source, name, tuple(info["fields"]), polygonal))
    except (RuntimeError, ValueError, OSError) as error:
        _unreadable(path, error)
    return layers or _unreadable(path)


def _choose(
    path: Path, layers: Sequence[_BoundaryLayer], directory: Directory, mapping: Mapping[str, str], wanted: str | None
) -> tuple[_BoundaryLayer, _LayerTable, Matches, list[EditionFinding]]:
    """The layer that was asked for, or the one that holds most of the kelurahan."""
    if unknown := sorted(mapping.keys() - set(FIELDS)):
        _refuse("mapping-unknown", unknown=", ".join(unknown), known=", ".join(FIELDS))
    named = [layer for layer in layers if wanted is None or layer.name.lower() == wanted.lower()]
    usable = [layer for layer in named if can_tell(layer.columns, mapping) and layer.is_polygonal]
    if not usable:
        _refuse("columns-not-recognised", layers="; ".join(f"{layer.name} ({', '.join(layer.columns)})" for layer in layers[:10]))
    tables = [_read(path, layer, mapping) for layer in usable]
    matches = [matched(table.rows, directory) for table in tables]
    counts = [len({region.code for region in match.regions if region}) for match in matches]
    best = counts.index(max(counts))
    if counts[best] and counts.count(counts[best]) > 1:
        _refuse("layer-unclear", layers=", ".join(layer.name for layer, count in zip(usable, counts, strict=True) if count == counts[best]))
    return usable[best], tables[best], matches[best], [_note_on_layer(usable[best], mapping)]


def _note_on_layer(layer: _BoundaryLayer, mapping: Mapping[str, str]) -> EditionFinding:
    columns = ", ".join(f"{field}={'/'.join(names)}" for field, names in recognised(layer.columns, mapping).items())
    text = Text("Dibaca dari lapisan {layer}, kolom {columns}.", "Read from layer {layer}, columns {columns}.")
    return EditionFinding("layer", "info", (), {"layer": layer.name, "columns": columns}, text)


def _read(path: Path, layer: _BoundaryLayer, mapping: Mapping[str, str]) -> _LayerTable:
    fields = recognised(layer.columns, mapping)
    try:
        with warnings.catch_warnings():
            # Rings that are not closed, and the like: what matters of it is found again by the repair.
            warnings.simplefilter("ignore", RuntimeWarning)
            meta, _, geometries, values = pyogrio.raw.read(
                layer.source, layer=layer.name, columns=sorted({name for names in fields.values() for name in names}), force_2d=True
            )
    except (RuntimeError, ValueError, OSError) as error:
        _unreadable(path, error)
    return _LayerTable(meta["crs"], list(geometries), rows_of(dict(zip(meta["fields"], values, strict=True)), fields))


def _check_members(path: Path, source: str, crs: str | None) -> None:
    """GDAL looks for the CRS of a GeoJSON at its top only; PostGIS writes it into every geometry."""
    if not source.lower().endswith((".json", ".geojson")):
        return
    if source == str(path):
        with path.open("rb") as file:
            found = _members(file)
    else:
        with zipfile.ZipFile(path) as archive, archive.open(source.rpartition("}/")[2]) as member:
            found = _members(member)
    is_degrees = crs in (None, "EPSG:4326", "OGC:CRS84")
    if len(found) > 1 if not is_degrees else any(not _DEGREES.search(one) for one in found):
        _refuse("crs-nested", file=path.name)


def _name_of(crs: CRS) -> str:
    """Its code, where it is one of EPSG by more than its name."""
    code = crs.to_epsg(70)
    return f"EPSG:{code}" if code else crs.to_wkt()


def _declared(path: Path, source: str) -> str | None:
    """What a shapefile or a FlatGeobuf says itself of its CRS: GDAL goes by names that stand beside the datum."""
    member = None if source == str(path) else source.rpartition("}/")[2]
    try:
        if source.lower().endswith(".shp"):
            return _prj(path, member)
        if not source.lower().endswith(".fgb"):
            return None
        if member is None:
            with path.open("rb") as file:
                return crs_of_flatgeobuf(file)
        with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
            return crs_of_flatgeobuf(packed)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        _unreadable(path, error)


def _prj(path: Path, member: str | None) -> str | None:
    if member is None:
        found = next((one for one in path.parent.glob(f"{glob.escape(path.stem)}.*") if one.suffix.lower() == ".prj"), None)
        content = found.read_bytes() if found else b""
    else:
        with zipfile.ZipFile(path) as archive:
            name = next((one for one in archive.namelist() if one.lower() == f"{member[:-4]}.prj".lower()), None)
            content = archive.read(name) if name else b""
    return content.decode("utf-8", "replace").strip("\ufeff \r\n\t\0") or None


def _members(file: IO[bytes]) -> list[bytes]:
    """All objects that are called `crs`, wherever they stand."""
    found: list[bytes] = []
    rest, chunk = b"", file.read(_CHUNK)
    while chunk:
        following = file.read(_CHUNK)
        window = rest + chunk
        # What begins at the very end is looked at with what follows.
        end = len(window) - _LONGEST_MEMBER if following else len(window)
        found += [match[1] for match in _MEMBER.finditer(window) if match.start() < end]
        rest, chunk = window[max(end, 0) :], following
    return found


def _crs(text: str | None, path: Path) -> CRS | None:
    try:
        return None if text is None else CRS.from_user_input(text)
    except ProjError as error:
        _unreadable(path, error)
