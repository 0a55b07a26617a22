"""The page of an edition's check report: what was found, the worst first; then a map of where."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from app.boundaries.outlines import Outline
from app.boundaries.schemas import CheckReport, EditionAnswer
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.map import MapPlace, draw

_TITLE = Text("Laporan pemeriksaan batas: {name}", "Check report of the boundaries: {name}")
_CAPTION = Text(
    "Batas edisi ini. Titik: celah dan tumpang tindih yang terbesar.",
    "The boundaries of this edition. Dots: the largest gaps and overlaps.",
)
# Of each kind so many: a page that nobody reads to its map helps nobody. All are in the JSON.
_MOST = 10
# Degrees, some 30 m: beside a gap, as the map draws it.
_BESIDE = 3e-4
_SEVERITIES = {"error": Text("Kesalahan", "Error"), "warning": Text("Peringatan", "Warning"), "info": Text("Keterangan", "Information")}
_PLACES = {"gaps": Text("Celah", "Gap"), "overlaps": Text("Tumpang tindih", "Overlap")}


def report(frame: Frame, edition: EditionAnswer, document: CheckReport, outlines: Sequence[Outline]) -> str:
    """`document`: the report in the language of the page."""
    language = frame.language
    places = list(_places(document, outlines, language))
    return page(
        "edition_report.html", frame, _TITLE.say(language, {"name": edition["name"]}), edition=edition, document=document,
        accuracy=f"{edition['accuracy_m']:g}",
        findings=[_shown(finding, language) for finding in document["findings"]],
        notes=[_shown(finding, language) for finding in document["notes"]],
        places=places, drawing=draw(outlines, [MapPlace(one["lon"], one["lat"], one["title"]) for one in places], whole=True),
        caption=_CAPTION.say(language),
    )  # fmt: skip


def _shown(finding: Mapping[str, Any], language: Language) -> dict[str, str]:
    return {"severity": finding["severity"], "label": _SEVERITIES[finding["severity"]].say(language), "detail": finding["detail"]}


def _places(document: CheckReport, outlines: Sequence[Outline], language: Language) -> Iterator[dict[str, Any]]:
    """The largest gaps and overlaps, each with where it is, how large, and between whom."""
    names = {outline.code: outline.name for outline in outlines}
    for finding in document["findings"]:
        if finding["code"] in _PLACES:
            kind = _PLACES[finding["code"]].say(language)
            for place in finding["facts"].get("places", ())[:_MOST]:
                around = [names.get(code, code) for code in place.get("regions", ())] or _around(outlines, place["lon"], place["lat"])
                between = ", ".join(around)
                numbers = {name: _number(place[name], language) for name in ("area_m2", "width_m")}
                title = f"{kind}: {between}" if between else kind
                yield {**place, **numbers, "kind": kind, "between": between, "title": title}


def _around(outlines: Sequence[Outline], lon: float, lat: float) -> list[str]:
    """The names of the kelurahan beside a gap."""
    shapes = np.array([outline.shape for outline in outlines], dtype=object)
    return [outlines[at].name for at in np.flatnonzero(shapely.dwithin(shapes, shapely.Point(lon, lat), _BESIDE)).tolist()]


def _number(value: float, language: Language) -> str:
    return f"{value:.1f}".replace(".", "," if language == "id" else ".")
