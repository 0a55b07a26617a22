"""From the shapes of a file to one valid MultiPolygon in EPSG:4326 for each code: decoding, coordinates, repair, union.

Nothing is mended in silence: every step hands back notes on what it changed or dropped.
"""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.geometry import MultiPolygon

from app.boundaries.checking import Boundary, EditionFinding, Severity, names_of
from app.coordinates.transforming import Transformation
from app.errors import OperatorError
from app.geometry.seams import MOST_DETAILS, Geometries, area_m2
from app.language import Text
from app.regions.codes import Region

_POLYGON, _MULTIPOLYGON = 3, 6
# Loops of a slip of the hand are far smaller; of two lobes that cross, nobody knows which was meant.
MUCH = 0.05

_REFUSALS: Mapping[str, Text] = {
    "axes-swapped": Text(
        "Koordinat di {file} tertukar: lintang ditulis di depan bujur. Ekspor ulang dengan bujur (x) di depan.",
        "The coordinates of {file} are swapped: latitude stands before longitude. Export again with longitude (x) first.",
    ),
    "datum-unknown": Text(
        "Datum dari sistem koordinat di {file} ({crs}) tidak dikenal; tanpa itu semua batas dapat meleset ratusan meter. "
        "Ekspor ulang ke EPSG:4326 dari program yang mengenalnya, atau sertakan .prj yang benar.",
        "The datum of the CRS of {file} ({crs}) is not known; without it all boundaries may be off by hundreds of metres. "
        "Export to EPSG:4326 with a program that knows it, or add the right .prj.",
    ),
    "datum-not-exact": Text(
        "Perubahan dari datum {datum} ke WGS 84 untuk {file} di tempat ini setepat {accuracy}; edisi ini harus setepat {wanted:g} m. "
        "Ekspor ulang ke EPSG:4326 dengan cara yang lebih tepat, atau sebutkan ketelitian yang sebenarnya dengan --accuracy-m.",
        "From datum {datum} to WGS 84 is exact to {accuracy} at this place for {file}; this edition is to be exact to {wanted:g} m. "
        "Export to EPSG:4326 in a more exact way, or say the actual accuracy by --accuracy-m.",
    ),
    "crs-unknown": Text(
        "Koordinat di {file} (mis. {x:.0f}, {y:.0f}) bukan derajat dan tidak sesuai dengan sistem koordinatnya ({crs}). "
        "Ekspor ulang ke EPSG:4326, atau sertakan .prj yang benar (UTM 49S = EPSG:32749, TM-3 49.2 = EPSG:23836).",
        "The coordinates of {file} (e.g. {x:.0f}, {y:.0f}) are not degrees and do not fit their CRS ({crs}). "
        "Export to EPSG:4326, or add the right .prj (UTM 49S = EPSG:32749, TM-3 49.2 = EPSG:23836).",
    ),
}
_NOTES: Mapping[str, tuple[Severity, Text]] = {
    "not-an-area": (
        "warning",
        Text(
            "{count} baris tidak berisi poligon yang dapat dipakai dan dilewati.",
            "{count} {count:row holds|rows hold} no polygon that can be used and {count:was|were} left out.",
        ),
    ),
    "crs-assumed": (
        "warning",
        Text(
            "Berkas tidak menyebut sistem koordinat; dianggap WGS 84 (EPSG:4326).",
            "The file names no CRS; WGS 84 (EPSG:4326) was assumed.",
        ),
    ),
    "crs-transformed": (
        "info",
        Text(
            "Diubah dari {crs} ke EPSG:4326; datumnya menggeser batas paling banyak {moved_m} m.",
            "Transformed from {crs} to EPSG:4326; its datum moved the lines by {moved_m} m at most.",
        ),
    ),
    "repaired": (
        "warning",
        Text(
            "Garis batas {count} baris berpotongan dan diperbaiki ({names}); luasnya berubah paling banyak {change_m2} m².",
            "The lines of {count} {count:row|rows} crossed and were repaired ({names}); areas changed by {change_m2} m² at most.",
        ),
    ),
    "repaired-much": (
        "error",
        Text(
            "Perbaikan garis mengubah banyak luas {count} baris ({names}), sampai {change_m2} m². Perbaiki di perangkat GIS; bila hasilnya benar, terima repaired-much.",
            "The repair changed much of the {count:area|areas} of {count} {count:row|rows} ({names}), up to {change_m2} m². "
            "Correct {count:it|them} in a GIS; if the outcome is right, accept repaired-much.",
        ),
    ),
    "rows-united": (
        "info",
        Text(
            "{count} kelurahan terdiri atas beberapa baris, yang digabungkan: {names}.",
            "{count} kelurahan came in several rows, which were united: {names}.",
        ),
    ),
}


def _is_area(wkb: bytes | None) -> bool:
    """Whether WKB is a polygon or several. Judged by its first bytes: deeply nested collections must not reach GEOS at all."""
    if wkb is None or len(wkb) < 9:
        return False
    kind: int = struct.unpack_from("<I" if wkb[0] else ">I", wkb, 1)[0]
    return kind in {_POLYGON, _MULTIPOLYGON}


def decoded(codes: Sequence[str], shapes: Sequence[bytes | None]) -> tuple[list[str], Geometries, list[EditionFinding]]:
    """The codes and geometries of the rows that are areas, of the code and WKB of every row."""
    areas = [index for index, wkb in enumerate(shapes) if _is_area(wkb)]
    geometries = np.array(shapely.from_wkb([shapes[index] for index in areas], on_invalid="fix"), dtype=object)
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    usable = (shapely.get_num_coordinates(geometries) > 0) & ~np.isin(np.arange(len(areas)), owner[~np.isfinite(coordinates).all(axis=1)])
    usable_areas = [index for index, is_usable in zip(areas, usable, strict=True) if is_usable]
    notes = []
    if dropped := set(range(len(shapes))) - set(usable_areas):
        notes.append(EditionFinding.of(_NOTES, "not-an-area", (codes[index] for index in dropped), count=len(dropped)))
    return [codes[index] for index in usable_areas], geometries[usable], notes


def _are_degrees(geometries: Geometries) -> bool:
    return len(geometries) == 0 or bool((np.abs(shapely.total_bounds(geometries)) <= [180, 90, 180, 90]).all())


def to_degrees(geometries: Geometries, crs: CRS | None, path: Path, accuracy_m: float) -> tuple[Geometries, list[EditionFinding]]:
    """Geometries in EPSG:4326, lon before lat, as exact as `accuracy_m`. Without a CRS they are taken for that only if they could be.
    OperatorError if not.
    """
    notes = []
    if crs is None and _are_degrees(geometries):
        notes.append(EditionFinding.of(_NOTES, "crs-assumed"))
    elif crs is not None and not (way := _way(crs, path)).is_identity:
        geometries, moved_m = _transformed(geometries, way, path, accuracy_m)
        notes.append(EditionFinding.of(_NOTES, "crs-transformed", crs=crs.name, moved_m=round(moved_m, 1)))
    if not _are_degrees(geometries):
        _bad_coordinates(path, geometries, crs.srs if crs else None)
    return geometries, notes


def _way(crs: CRS, path: Path) -> Transformation:
    try:
        return Transformation(crs)
    except (ProjError, ValueError) as error:
        raise OperatorError("datum-unknown", _REFUSALS["datum-unknown"], file=path.name, crs=crs.name) from error


def _transformed(geometries: Geometries, way: Transformation, path: Path, accuracy_m: float) -> tuple[Geometries, float]:
    """All by one way, because lines that two rows share must stay shared; and the metres that the datum moved them at most."""
    numbers = shapely.get_coordinates(geometries)
    own = np.column_stack(way.own_degrees(numbers[:, 0], numbers[:, 1]))
    if not (np.abs(own) <= [360, 90]).all():
        _bad_coordinates(path, geometries, way.datum)
    moved = way(numbers[:, 0], numbers[:, 1], together=True)
    exact = moved.is_near | (moved.accuracy_m <= accuracy_m)
    if not exact.all():
        worst = float(np.max(moved.accuracy_m))
        known = f"{worst:g} m" if np.isfinite(worst) else "?"
        raise OperatorError(
            "datum-not-exact", _REFUSALS["datum-not-exact"], file=path.name, datum=way.datum, accuracy=known, wanted=accuracy_m
        )
    return shapely.set_coordinates(geometries.copy(), np.column_stack((moved.lons, moved.lats))), float(moved.moved_m.max(initial=0.0))


def _bad_coordinates(path: Path, geometries: Geometries, crs: str | None) -> NoReturn:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(geometries))
    if max(-west, east, -south, north) <= 180:
        raise OperatorError("axes-swapped", _REFUSALS["axes-swapped"], file=path.name)
    raise OperatorError("crs-unknown", _REFUSALS["crs-unknown"], file=path.name, x=west, y=south, crs=crs or "-")


def _polygons(geometry: object) -> MultiPolygon:
    """The polygonal parts of whatever a repair left."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon(parts[shapely.get_type_id(parts) == _POLYGON].tolist())


def repaired(codes: Sequence[str], geometries: Geometries, regions: Mapping[str, Region]) -> tuple[Geometries, list[EditionFinding]]:
    """Valid geometries: rings that cross are made into areas that do not, by the structure of shells and holes."""
    broken = np.flatnonzero(~shapely.is_valid(geometries))
    if not len(broken):
        return geometries, []
    before, reasons = geometries[broken], shapely.is_valid_reason(geometries[broken])
    mended = shapely.make_valid(before, method="structure", keep_collapsed=False)
    geometries = geometries.copy()
    details: list[dict[str, Any]] = []
    for index, old, new, reason in zip(broken.tolist(), before, mended, reasons, strict=True):
        geometries[index] = _polygons(new)
        now, change = area_m2(geometries[index]), area_m2(geometries[index]) - area_m2(old)
        details.append({"region": codes[index], "reason": str(reason), "area_m2": round(now, 1), "change_m2": round(change, 1)})
    much = [detail for detail in details if abs(detail["change_m2"]) > MUCH * detail["area_m2"]]
    little = [detail for detail in details if detail not in much]
    return geometries, [_note_on_repair(code, some, regions) for code, some in (("repaired-much", much), ("repaired", little)) if some]


def _note_on_repair(code: str, details: list[dict[str, Any]], regions: Mapping[str, Region]) -> EditionFinding:
    details = sorted(details, key=lambda detail: -abs(detail["change_m2"]))
    concerned = {detail["region"] for detail in details}
    facts = {"count": len(details), "names": names_of(concerned, regions), "change_m2": abs(details[0]["change_m2"])}
    return EditionFinding.of(_NOTES, code, concerned, **facts, details=details[:MOST_DETAILS])


def united(
    codes: Sequence[str], geometries: Geometries, regions: Mapping[str, Region]
) -> tuple[tuple[Boundary, ...], list[EditionFinding]]:
    """One MultiPolygon for each code; those of several rows are united."""
    rows: dict[str, list[int]] = {}
    for index, code in enumerate(codes):
        rows.setdefault(code, []).append(index)
    several = {code for code, indexes in rows.items() if len(indexes) > 1}
    whole = {
        code: _polygons(shapely.union_all(geometries[indexes]) if code in several else geometries[indexes[0]])
        for code, indexes in rows.items()
    }
    notes = []
    if several:
        notes.append(EditionFinding.of(_NOTES, "rows-united", several, count=len(several), names=names_of(several, regions)))
    return tuple(Boundary(code, whole[code]) for code in sorted(whole) if not whole[code].is_empty), notes
