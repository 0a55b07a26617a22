"""A style for MapLibre over the tiles of everything: nothing else is fetched, neither sprites nor glyphs nor tiles of others."""

from collections.abc import Mapping

from app.language import Language, Text
from app.published.areas import AREA_BANDS
from app.published.catalogue import CategoryCard, Known
from app.tiles.documents import MATRIX_SET, STYLE
from app.tiles.tilesets import LABELS_FROM, POINTS_FROM, Tileset

STYLE_ID = "titik"
TITLE = Text("Titik: semua titik dan batas", "Titik: all points and boundaries")
# Apart for most colour-blind eyes too (Okabe and Ito); categories without a colour of their own take them in the order of their names, again
# and again.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#5E3C99")
_OTHER = "#555555"
# Without `glyphs`, MapLibre GL JS draws text with the fonts of the machine (from 5.11 on).
_FONT = ["sans-serif"]
_HALO = {"text-color": "#26323c", "text-halo-color": "#ffffff", "text-halo-width": 1.5}


def styles(here: str, language: Language) -> dict[str, object]:
    links = [{"rel": "stylesheet", "type": STYLE, "href": f"{here}/styles/{STYLE_ID}"}]
    return {"default": STYLE_ID, "styles": [{"id": STYLE_ID, "title": TITLE.say(language), "links": links}]}


def style(tileset: Tileset, known: Known, here: str, language: Language, *, labels: bool) -> dict[str, object]:
    """`known` tells how categories are drawn, and whose data they are; `labels`: with text, which older maps refuse without glyphs."""
    cards = known.categories
    return {
        "version": 8,
        "name": TITLE.say(language),
        "sources": {
            "titik": {"type": "vector", "url": f"{here}{tileset.path}/{MATRIX_SET}/tilejson.json", "attribution": known.cities.attribution},
        },
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": "#f5f3ee"}},
            _fill(),
            _line("kelurahan", "#a9a294", 0.6, 1.4),
            _line("kecamatan", "#7d7361", 1.0, 2.6),
            _clusters(),
            _points(tileset, cards),
            *([*_icons(tileset, cards), *_texts()] if labels else []),
        ],
    }


def _fill() -> dict[str, object]:
    return _drawn("kecamatan-fill", "fill", "kecamatan") | {"paint": {"fill-color": "#fdfcf9", "fill-outline-color": "rgba(0,0,0,0)"}}


def _line(level: str, colour: str, thin: float, thick: float) -> dict[str, object]:
    return _drawn(f"{level}-line", "line", level) | {
        "minzoom": AREA_BANDS[level][0][0],
        "layout": {"line-join": "round"},
        "paint": {"line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 8, thin, 16, thick]},
    }


def _clusters() -> dict[str, object]:
    size = ["interpolate", ["linear"], ["sqrt", ["get", "point_count"]], 1, 4, 10, 9, 100, 18, 1000, 26]
    paint = {
        "circle-color": "#2f6f8f",
        "circle-opacity": 0.75,
        "circle-radius": size,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1,
    }
    return _drawn("clusters", "circle", "clusters") | {"layout": {"circle-sort-key": ["-", ["get", "point_count"]]}, "paint": paint}


def colour_of(number: int, card: CategoryCard | None) -> str:
    """That of a category, which is so far in the order of their names."""
    return (card.colour if card else None) or _COLOURS[number % len(_COLOURS)]


def _points(tileset: Tileset, cards: Mapping[str, CategoryCard]) -> dict[str, object]:
    colours = [part for n, category in enumerate(tileset.categories) for part in (category, colour_of(n, cards.get(category)))]
    colour: object = ["match", ["get", "category"], *colours, _OTHER] if colours else _OTHER
    radius = ["interpolate", ["linear"], ["zoom"], POINTS_FROM, 2.5, 14, 5, 18, 9]
    paint = {"circle-color": colour, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1}
    return _drawn("points", "circle", tileset.layer) | {"minzoom": POINTS_FROM, "paint": paint}


def _icons(tileset: Tileset, cards: Mapping[str, CategoryCard]) -> list[dict[str, object]]:
    """The letters or signs of categories within their circles, where these are large enough."""
    icons = {category: cards[category].icon for category in tileset.categories if category in cards and cards[category].icon}
    if not icons:
        return []
    shown: object = ["match", ["get", "category"], *(part for one in icons.items() for part in one), ""]
    size = ["interpolate", ["linear"], ["zoom"], 14, 7, 18, 12]
    layout = {"text-field": shown, "text-font": _FONT, "text-size": size, "text-allow-overlap": True}
    return [_drawn("point-icons", "symbol", tileset.layer) | {"minzoom": 14, "layout": layout, "paint": {"text-color": "#ffffff"}}]


def _texts() -> list[dict[str, object]]:
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


def _area_names(level: str, size: int) -> dict[str, object]:
    return _drawn(f"{level}-names", "symbol", "labels") | {
        "minzoom": LABELS_FROM[level],
        "filter": ["==", ["get", "level"], level],
        "layout": {"text-field": ["get", "name"], "text-font": _FONT, "text-size": size},
        "paint": _HALO,
    }


def _drawn(name: str, kind: str, layer: str) -> dict[str, object]:
    return {"id": name, "type": kind, "source": "titik", "source-layer": layer}
