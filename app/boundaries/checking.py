"""What is to be said about a set of boundaries before anybody relies on it. Pure: polygons and figures in, a report out.

Real editions have gaps, overlaps and second parts (polygons that were simplified one by one have many): these are told, not
mended, because nobody here knows where the line should be. Only what would make the edition useless is an error.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from app.boundaries.distances import NEAR_M, remote
from app.geometry.seams import MOST_DETAILS, Geometries, area_m2, gaps, length_m, overlaps, second_parts
from app.language import Language, Text
from app.regions.codes import CITY_LEVELS, Region
from app.regions.notes import Severity

__all__ = ["Boundary", "BoundaryReport", "EditionFinding", "Severity", "area_m2", "check", "names_of"]


AREA_DIFFERENCE = 0.10
# Labels lie well inside their kelurahan; where most are farther off than this, the file is of another place or CRS.
FAR_M = 2_000
ACCEPTABLE = ("kelurahan-far", "label-far", "repaired-much")
"""Errors that may be right after all: who loads the edition can accept them, each by its code."""

_ELSEWHERE = Text(
    "Batas ini terletak di tempat lain: {count} kelurahan sampai {farthest_m} m dari tempatnya. Periksa sistem koordinat berkas.",
    "These boundaries lie elsewhere: {count} kelurahan up to {farthest_m} m from {count:its place|their places}. Check the CRS of the file.",
)
_LABEL_FAR = Text(
    "Batas {count} kelurahan jauh dari letak resminya, sampai {farthest_m} m: {names}. Periksa apakah poligonnya bergeser atau tertukar.",
    "The {count:boundary|boundaries} of {count} kelurahan {count:lies|lie} far from the official place, up to {farthest_m} m: {names}. "
    "Check that no polygon was moved or swapped.",
)
_LABEL_OUTSIDE = Text(
    "Titik label {count} kelurahan berada di luar batasnya, paling jauh {farthest_m} m: {names}. Titik lain dipakai.",
    "The label {count:point|points} of {count} kelurahan {count:lies outside its|lie outside their} boundary, at most {farthest_m} m: {names}. Another point is used.",
)
_KELURAHAN_FAR = Text(
    "{count} kelurahan terletak jauh dari kelurahan lain di kecamatannya, sampai {farthest_m} m: {names}. Periksa poligonnya; bila memang pulau terpencil, terima kelurahan-far.",
    "{count} kelurahan {count:lies|lie} far from the others of {count:its|their} kecamatan, up to {farthest_m} m: {names}. "
    "Check the {count:polygon|polygons}; if {count:it is a remote island|they are remote islands}, accept kelurahan-far.",
)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The territory of one kelurahan: its code and a MultiPolygon in EPSG:4326, lon before lat."""

    code: str
    geometry: MultiPolygon


@dataclass(frozen=True, slots=True)
class EditionFinding:
    """One thing to know: a stable `code`, the codes of the regions concerned, JSON-able facts, and a sentence."""

    code: str
    severity: Severity
    regions: tuple[str, ...]
    facts: Mapping[str, object]
    text: Text

    @classmethod
    def of(
        cls, sentences: Mapping[str, tuple[Severity, Text]], code: str, regions: Iterable[str] = (), **facts: object
    ) -> "EditionFinding":
        """A finding whose severity and sentence stand in a table under its code."""
        severity, text = sentences[code]
        return cls(code, severity, tuple(sorted(set(regions))), facts, text)

    def say(self, language: Language) -> str:
        """The sentence with its facts, numbers in the manner of the language (4,39 in Indonesian)."""
        spoken = {
            name: str(fact).replace(".", ",") if isinstance(fact, float) and language == "id" else fact for name, fact in self.facts.items()
        }
        return self.text.say(language, spoken)

    def as_dict(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity,
            "regions": list(self.regions),
            "facts": dict(self.facts),
            "text": {"id": self.say("id"), "en": self.say("en")},
        }


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """The findings, and what was measured on the way: geodesic km², a label (lon, lat) inside each, the extent in degrees."""

    findings: tuple[EditionFinding, ...]
    complete: bool
    total_km2: float
    extent: tuple[float, float, float, float] | None
    areas_km2: Mapping[str, float]
    labels: Mapping[str, tuple[float, float]]

    @property
    def errors(self) -> tuple[EditionFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; areas and labels are left out, because they are stored with each boundary."""
        return {
            "complete": self.complete,
            "kelurahan": len(self.areas_km2),
            "total_km2": self.total_km2,
            "extent": list(self.extent) if self.extent else None,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check(boundaries: Sequence[Boundary], regions: Sequence[Region]) -> BoundaryReport:
    """Everything that is remarkable about these boundaries of the kelurahan among `regions`.

    Never raises for bad geometry: what is not valid is reported and left out of the measurements. Takes some 18 s for 8,492
    polygons, half of it for their union.
    """
    expected = {region.code: region for region in regions if region.level == "kelurahan"}
    findings = _identities(boundaries, expected)
    sound = _sound(boundaries)
    codes, geometries = list(sound), np.array(list(sound.values()), dtype=object)
    areas = {code: round(area_m2(geometry) / 1e6, 6) for code, geometry in sound.items()}
    labels, label_findings = _labels(codes, geometries, expected)
    if codes:
        findings += (
            _gaps(geometries) + _overlaps(codes, geometries) + _second_parts(codes, geometries) + _remote(codes, geometries, expected)
        )
    findings += _areas(areas, expected) + label_findings + _total(areas, regions)
    return BoundaryReport(
        findings=tuple(sorted(findings, key=lambda finding: ("error", "warning", "info").index(finding.severity))),
        complete=expected.keys() <= sound.keys(),
        total_km2=round(sum(areas.values()), 6),
        extent=tuple(round(float(edge), 7) for edge in shapely.total_bounds(geometries)) if codes else None,  # type: ignore[arg-type]
        areas_km2=areas,
        labels=labels,
    )


def names_of(codes: Iterable[str], regions: Mapping[str, Region]) -> str:
    """Up to five names (codes where there is none) for a sentence, and how many more."""
    ordered = sorted(set(codes))
    named = ", ".join(regions[code].name if code in regions else code for code in ordered[:5])
    return named + (f", … (+{len(ordered) - 5})" if len(ordered) > 5 else "")


def _is_sound(geometry: MultiPolygon) -> bool:
    return geometry.geom_type == "MultiPolygon" and not geometry.is_empty and bool(geometry.is_valid) and area_m2(geometry) > 0


def _sound(boundaries: Sequence[Boundary]) -> dict[str, MultiPolygon]:
    """The valid polygon of each code; of several with one code the first."""
    sound: dict[str, MultiPolygon] = {}
    for boundary in boundaries:
        if boundary.code not in sound and _is_sound(boundary.geometry):
            sound[boundary.code] = boundary.geometry
    return sound


def _identities(boundaries: Sequence[Boundary], expected: Mapping[str, Region]) -> list[EditionFinding]:
    counted = Counter(boundary.code for boundary in boundaries)
    wrong: list[tuple[str, Iterable[str], Text]] = [
        (
            "missing",
            expected.keys() - counted.keys(),
            Text(
                "{count} kelurahan tidak ada di dalam batas ini: {names}. Lengkapi berkasnya; edisi tak lengkap hanya dimuat bila diminta.",
                "{count} kelurahan {count:is|are} missing: {names}. Complete the file; an incomplete edition is loaded only on express wish.",
            ),
        ),
        (
            "unknown",
            counted.keys() - expected.keys(),
            Text(
                "{count} kode tidak dikenal: {names}. Periksa kolom kode pada berkas.",
                "{count} {count:code is|codes are} not known: {names}. Check the column of codes in the file.",
            ),
        ),
        (
            "duplicate",
            [code for code, count in counted.items() if count > 1],
            Text(
                "{count} kelurahan mempunyai lebih dari satu batas: {names}. Gabungkan bagian-bagiannya menjadi satu.",
                "{count} kelurahan {count:has|have} more than one boundary: {names}. Unite the parts into one.",
            ),
        ),
        (
            "invalid",
            [boundary.code for boundary in boundaries if not _is_sound(boundary.geometry)],
            Text(
                "Batas {count} kelurahan kosong atau rusak (garisnya berpotongan): {names}. Perbaiki di perangkat GIS.",
                "The {count:boundary|boundaries} of {count} kelurahan {count:is|are} empty or broken (lines cross): {names}. Repair {count:it|them} in a GIS.",
            ),
        ),
    ]
    return [
        EditionFinding(code, "error", tuple(sorted(set(codes))), {"count": len(set(codes)), "names": names_of(codes, expected)}, text)
        for code, codes, text in wrong
        if codes
    ]


def _gaps(geometries: Geometries) -> list[EditionFinding]:
    """Ground between kelurahan that belongs to none."""
    pieces = gaps(geometries)
    if not len(pieces.areas):
        return []
    places = pieces.places()
    facts = {"count": len(pieces.areas), **pieces.facts(), "lon": places[0]["lon"], "lat": places[0]["lat"], "places": places}
    text = Text(
        "Ada {count} celah di antara kelurahan, bersama {area_ha} ha, paling lebar {widest_m} m; terbesar di bujur {lon}, lintang {lat}.",
        "{count} {count:gap|gaps} between kelurahan, together {area_ha} ha, at most {widest_m} m wide; largest at longitude {lon}, latitude {lat}.",
    )
    return [EditionFinding("gaps", "warning", (), facts, text)]


def _overlaps(codes: Sequence[str], geometries: Geometries) -> list[EditionFinding]:
    """Ground that two kelurahan claim."""
    pieces, claimants = overlaps(geometries)
    claims = [(codes[one], codes[other]) for one, other in claimants]
    pairs = set(claims)
    if not pairs:
        return []
    places = [{**place, "regions": list(claims[index])} for place, index in zip(pieces.places(), pieces.largest(), strict=True)]
    facts = {"count": len(pairs), **pieces.facts(), "places": places}
    text = Text(
        "{count} pasang kelurahan bertumpang tindih, bersama {area_ha} ha, paling lebar {widest_m} m.",
        "{count} {count:pair|pairs} of kelurahan {count:overlaps|overlap}, together {area_ha} ha, at most {widest_m} m wide.",
    )
    return [EditionFinding("overlaps", "warning", tuple(sorted({code for pair in pairs for code in pair})), facts, text)]


def _second_parts(codes: Sequence[str], geometries: Geometries) -> list[EditionFinding]:
    """Kelurahan of several parts: often right, sometimes a slip of the drawing."""
    details: list[dict[str, Any]] = [
        {
            "region": codes[index],
            "parts": parts.number,
            "smaller_km2": round(parts.smaller_m2 / 1e6, 4),
            "distance_m": round(parts.distance_m),
        }
        for index, parts in second_parts(geometries).items()
    ]
    if not details:
        return []
    details.sort(key=lambda detail: (-detail["smaller_km2"], detail["region"]))
    facts = {"count": len(details), "details": details[:MOST_DETAILS]}
    text = Text(
        "{count} kelurahan terdiri atas beberapa bagian yang terpisah. Periksa apakah memang demikian.",
        "{count} kelurahan {count:consists|consist} of several separate parts. Check that this is meant.",
    )
    return [EditionFinding("second-parts", "info", tuple(sorted(detail["region"] for detail in details)), facts, text)]


def _areas(areas: Mapping[str, float], expected: Mapping[str, Region]) -> list[EditionFinding]:
    """Kelurahan whose polygon is not about as large as the official figure says."""
    official = {code: region.area_km2 for code, region in expected.items() if region.area_km2}
    change = {code: area / official[code] - 1 for code, area in areas.items() if code in official}
    differing = sorted((code for code in change if abs(change[code]) > AREA_DIFFERENCE), key=lambda code: (-abs(change[code]), code))
    if not differing:
        return []
    details = [
        {"region": code, "km2": round(areas[code], 4), "official_km2": official[code], "percent": round(100 * change[code], 1)}
        for code in differing[:MOST_DETAILS]
    ]
    facts = {
        "count": len(differing),
        "names": names_of(differing, expected),
        "percent": round(100 * AREA_DIFFERENCE),
        "details": details,
    }
    text = Text(
        "Luas {count} kelurahan berbeda lebih dari {percent} % dari angka resminya: {names}.",
        "The {count:area|areas} of {count} kelurahan {count:differs|differ} by more than {percent} % from the official figure: {names}.",
    )
    return [EditionFinding("area-differs", "warning", tuple(sorted(differing)), facts, text)]


def _total(areas: Mapping[str, float], regions: Sequence[Region]) -> list[EditionFinding]:
    facts: dict[str, object] = {"count": len(areas), "total_km2": round(sum(areas.values()), 3)}
    text = Text("{count} kelurahan, bersama {total_km2} km².", "{count} kelurahan, together {total_km2} km².")
    official = [region.area_km2 for region in regions if region.level in CITY_LEVELS and region.area_km2]
    if official:
        facts["official_km2"] = round(sum(official), 3)
        text = Text(
            "{count} kelurahan, bersama {total_km2} km²; angka resmi kota {official_km2} km².",
            "{count} kelurahan, together {total_km2} km²; the official figure of the city is {official_km2} km².",
        )
    return [EditionFinding("total", "info", (), facts, text)]


def _labels(
    codes: Sequence[str], geometries: Geometries, expected: Mapping[str, Region]
) -> tuple[dict[str, tuple[float, float]], list[EditionFinding]]:
    """A place for the name of each: the given one where it lies inside, else the middle of the widest spot."""
    labels: dict[str, tuple[float, float]] = {}
    distances: dict[str, float] = {}
    for code, geometry in zip(codes, geometries, strict=True):
        region = expected.get(code)
        if region and region.label_lon is not None and region.label_lat is not None:
            point = shapely.Point(region.label_lon, region.label_lat)
            distances[code] = 0 if geometry.contains(point) else max(length_m(shapely.shortest_line(geometry, point)), 0.001)
            if not distances[code]:
                labels[code] = (region.label_lon, region.label_lat)
                continue
        largest = max(geometry.geoms, key=lambda part: part.area)
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=1e-5))[0]
        labels[code] = (round(float(middle[0]), 7), round(float(middle[1]), 7))
    return labels, _misplaced(distances, expected)


def _misplaced(distances: Mapping[str, float], expected: Mapping[str, Region]) -> list[EditionFinding]:
    """Of all given label points, by their metres from the polygon, those that lie outside."""
    outside = {code: distance for code, distance in distances.items() if distance}
    far = {code: distance for code, distance in outside.items() if distance > NEAR_M}
    if 2 * sum(distance > FAR_M for distance in outside.values()) > len(distances):
        return [_outside("elsewhere", "error", outside, expected, _ELSEWHERE)]
    near = {code: distance for code, distance in outside.items() if code not in far}
    findings = [_outside("label-far", "error", far, expected, _LABEL_FAR)] if far else []
    return findings + ([_outside("label-outside", "warning", near, expected, _LABEL_OUTSIDE)] if near else [])


def _outside(code: str, severity: Severity, distances: Mapping[str, float], expected: Mapping[str, Region], text: Text) -> EditionFinding:
    facts = {"count": len(distances), "names": names_of(distances, expected), "farthest_m": round(max(distances.values()))}
    return EditionFinding(code, severity, tuple(sorted(distances)), facts, text)


def _remote(codes: Sequence[str], geometries: Geometries, expected: Mapping[str, Region]) -> list[EditionFinding]:
    """Kelurahan far from all others of their kecamatan: an island, or a slip."""
    far = {code: one.distance_m for code, one in remote(codes, geometries).items()}
    return [_outside("kelurahan-far", "error", far, expected, _KELURAHAN_FAR)] if far else []
