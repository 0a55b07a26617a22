"""A style for MapLibre over the tiles of everything: nothing else is fetched, neither sprites nor glyphs nor tiles of others."""

from typing import Any

from app.language import Language, Text
from app.published.tile_documents import ATTRIBUTION, MATRIX_SET, STYLE
from app.published.tilesets import AREA_BANDS, LABELS_FROM, POINTS_FROM, Tileset

STYLE_ID = "titik"
TITLE = Text("Titik: semua titik dan batas", "Titik: all points and boundaries")
# Apart for most colour-blind eyes too (Okabe and Ito); categories take them in the order of their names, again and again.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#5E3C99")
_OTHER = "#555555"
# Without `glyphs`, MapLibre GL JS draws text with the fonts of the machine (from 5.11 on).
_FONT = ["sans-serif"]
_HALO = {"text-color": "#26323c", "text-halo-color": "#ffffff", "text-halo-width": 1.5}


def styles(here: str, language: Language) -> dict[str, Any]:
    links = [{"rel": "stylesheet", "type": STYLE, "href": f"{here}/styles/{STYLE_ID}"}]
    return {"default": STYLE_ID, "styles": [{"id": STYLE_ID, "title": TITLE.say(language), "links": links}]}


def style(tileset: Tileset, here: str, language: Language, *, labels: bool) -> dict[str, Any]:
    """`labels`: with text, which older maps refuse without glyphs."""
    return {
        "version": 8,
        "name": TITLE.say(language),
        "sources": {
            "titik": {"type": "vector", "url": f"{here}{tileset.path}/{MATRIX_SET}/tilejson.json", "attribution": ATTRIBUTION},
        },
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": "#f5f3ee"}},
            _fill(),
            _line("kelurahan", "#a9a294", 0.6, 1.4),
            _line("kecamatan", "#7d7361", 1.0, 2.6),
            _clusters(),
            _points(tileset),
            *(_texts() if labels else []),
        ],
    }


def _fill() -> dict[str, Any]:
    return _drawn("kecamatan-fill", "fill", "kecamatan") | {"paint": {"fill-color": "#fdfcf9", "fill-outline-color": "rgba(0,0,0,0)"}}


def _line(level: str, colour: str, thin: float, thick: float) -> dict[str, Any]:
    return _drawn(f"{level}-line", "line", level) | {
        "minzoom": AREA_BANDS[level][0][0],
        "layout": {"line-join": "round"},
        "paint": {"line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 8, thin, 16, thick]},
    }


def _clusters() -> dict[str, Any]:
    size = ["interpolate", ["linear"], ["sqrt", ["get", "point_count"]], 1, 4, 10, 9, 100, 18, 1000, 26]
    paint = {
        "circle-color": "#2f6f8f",
        "circle-opacity": 0.75,
        "circle-radius": size,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1,
    }
    return _drawn("clusters", "circle", "clusters") | {"layout": {"circle-sort-key": ["-", ["get", "point_count"]]}, "paint": paint}


def _points(tileset: Tileset) -> dict[str, Any]:
    colours = [part for n, category in enumerate(tileset.categories) for part in (category, _COLOURS[n % len(_COLOURS)])]
    colour: Any = ["match", ["get", "category"], *colours, _OTHER] if colours else _OTHER
    radius = ["interpolate", ["linear"], ["zoom"], POINTS_FROM, 2.5, 14, 5, 18, 9]
    paint = {"circle-color": colour, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1}
    return _drawn("points", "circle", tileset.layer) | {"minzoom": POINTS_FROM, "paint": paint}


def _texts() -> list[dict[str, Any]]:
    numbers = _drawn("cluster-numbers", "symbol", "clusters") | {
        "filter": [">", ["get", "point_count"], 1],
        "layout": {"text-field": ["to-string", ["get", "point_count"]], "text-font": _FONT, "text-size": 11},
        "paint": {"text-color": "#ffffff"},
    }
    names = _drawn("point-names", "symbol", "points") | {
        "minzoom": 15,
        "layout": {"text-field": ["get", "name"], "text-font": _FONT, "text-size": 11, "text-anchor": "top", "text-offset": [0, 0.8]},
        "paint": _HALO,
    }
    return [numbers, names, *(_area_names(level, size) for level, size in (("kelurahan", 12), ("kecamatan", 14)))]


def _area_names(level: str, size: int) -> dict[str, Any]:
    return _drawn(f"{level}-names", "symbol", "labels") | {
        "minzoom": LABELS_FROM[level],
        "filter": ["==", ["get", "level"], level],
        "layout": {"text-field": ["get", "name"], "text-font": _FONT, "text-size": size},
        "paint": _HALO,
    }


def _drawn(name: str, kind: str, layer: str) -> dict[str, Any]:
    return {"id": name, "type": kind, "source": "titik", "source-layer": layer}
