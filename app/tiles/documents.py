"""What maps are told of tiles: tile matrix sets and tilesets as OGC API Tiles has them, and TileJSON 3.0. Plain values for JSON."""

import math
from collections.abc import Mapping

from app.geo import CRS84, MAX_ZOOM
from app.language import Language, Text
from app.published.catalogue import Half, Known
from app.regions.cities import Extent
from app.tiles import tilesets
from app.tiles.quadtree import BUFFER, EXTENT
from app.tiles.tilesets import TileLayer, Tileset

MVT = "application/vnd.mapbox-vector-tile"
STYLE = "application/vnd.mapbox.style+json"
MATRIX_SET = "WebMercatorQuad"
MATRIX_SET_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
EPSG_3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILESETS_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
SCHEME_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
STYLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/styles"
WORLD: Extent = (-180.0, -85.0511287, 180.0, 85.0511287)
_HALF_WORLD_M = 20037508.342789244
_CELL_M = 2 * _HALF_WORLD_M / 256
# A pixel of a standard screen is 0.28 mm wide (OGC 17-083r4, 6.2).
_PIXEL_M = 0.00028


def landing_links(here: str) -> list[dict[str, str]]:
    """The links of the first page."""
    return [
        _link(TILESETS_REL, f"{here}/tiles"),
        _link(SCHEMES_REL, f"{here}/tileMatrixSets"),
        _link(STYLES_REL, f"{here}/styles"),
    ]


def collection_links(here: str, collection: str) -> list[dict[str, str]]:
    """The links of a collection."""
    return [_link(TILESETS_REL, f"{here}/collections/{collection}/tiles")]


def _link(
    rel: str, href: str, media_type: str = "application/json", title: Text | None = None, language: Language = "id"
) -> dict[str, str]:
    return {"rel": rel, "type": media_type, "href": href} | ({"title": title.say(language)} if title else {})


def matrix_sets(here: str) -> dict[str, object]:
    path = f"{here}/tileMatrixSets/{MATRIX_SET}"
    one = {
        "id": MATRIX_SET,
        "title": MATRIX_SET,
        "uri": MATRIX_SET_URI,
        "crs": EPSG_3857,
        "links": [_link("self", path), _link("item", path)],
    }
    return {"links": [_link("self", f"{here}/tileMatrixSets")], "tileMatrixSets": [one]}


def matrix_set(here: str) -> dict[str, object]:
    """The whole definition (OGC Two Dimensional Tile Matrix Set 2.0), of those zooms that there are."""
    return {
        "id": MATRIX_SET,
        "title": MATRIX_SET,
        "uri": MATRIX_SET_URI,
        "crs": EPSG_3857,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
        "links": [_link("self", f"{here}/tileMatrixSets/{MATRIX_SET}")],
    }


def _matrix(zoom: int) -> dict[str, object]:
    cell_m = _CELL_M / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / _PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF_WORLD_M, _HALF_WORLD_M],
        "tileWidth": 256,
        "tileHeight": 256,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def tilesets_list(tileset: Tileset, extent: Extent, known: Known, here: str, language: Language) -> dict[str, object]:
    """The one tileset of a collection or of the dataset, whole: there is no other grid."""
    return {"links": [_link("self", f"{here}{tileset.path}")], "tilesets": [metadata(tileset, extent, known, here, language)]}


def metadata(tileset: Tileset, extent: Extent, known: Known, here: str, language: Language) -> dict[str, object]:
    """A tileset whole (OGC API Tiles, tileset): its layers, how far it reaches, and the template of its tiles. `extent`: that of its data."""
    path = f"{here}{tileset.path}/{MATRIX_SET}"
    west, south, east, north = extent
    selected = {"collections": list(tileset.collections)} if tileset.collections else {}
    return {
        "title": tileset.title.say(language),
        "dataType": "vector",
        "crs": EPSG_3857,
        "tileMatrixSetId": MATRIX_SET,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "attribution": known.cities.attribution,
        "version": tileset.version,
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri},
        "centerPoint": {"coordinates": [(west + east) / 2, (south + north) / 2], "tileMatrix": "12", "crs": CRS84.uri},
        "tileMatrixSetLimits": [_limits(extent, zoom) for zoom in range(MAX_ZOOM + 1)],
        "layers": [_layer(layer, language) for layer in tileset.layers],
        **selected,
        "links": [
            _link("self", f"{path}{tileset.query}"),
            _link("item", f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{tileset.query}", MVT) | {"templated": True},
            _link(SCHEME_REL, f"{here}/tileMatrixSets/{MATRIX_SET}"),
            _link("describedby", f"{path}/tilejson.json{tileset.query}"),
        ],
    }


def _limits(extent: Extent, zoom: int) -> dict[str, object]:
    """Of the tiles that show something of this extent: also those in whose buffer it lies."""
    west, south, east, north = extent
    margin = BUFFER / EXTENT

    def at(number: float) -> int:
        return min(max(math.floor(number), 0), (1 << zoom) - 1)

    return {
        "tileMatrix": str(zoom),
        "minTileRow": at(row_of(north, zoom) - margin),
        "maxTileRow": at(row_of(south, zoom) + margin),
        "minTileCol": at(column_of(west, zoom) - margin),
        "maxTileCol": at(column_of(east, zoom) + margin),
    }


def column_of(lon: float, zoom: int) -> float:
    return (lon + 180) / 360 * 2.0**zoom


def row_of(lat: float, zoom: int) -> float:
    return (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2.0**zoom


def _layer(layer: TileLayer, language: Language) -> dict[str, object]:
    return {
        "id": layer.id,
        "title": layer.title.say(language),
        "dataType": "vector",
        "geometryDimension": layer.dimension,
        "minTileMatrix": str(layer.min_zoom),
        "maxTileMatrix": str(MAX_ZOOM),
        "propertiesSchema": {"type": "object", "properties": {name: {"type": kind} for name, kind in layer.fields.items()}},
    }


def tilejson(tileset: Tileset, extent: Extent, known: Known, half: Half, here: str, language: Language) -> dict[str, object]:
    """TileJSON 3.0. The addresses of public tiles carry the version, so that nobody has to ask twice for the same tile."""
    west, south, east, north = extent
    versioned = f"/v/{tileset.version}" if half == "published" else ""
    return {
        "tilejson": "3.0.0",
        "name": tileset.title.say(language),
        "attribution": known.cities.attribution,
        "scheme": "xyz",
        "tiles": [f"{here}{versioned}{tileset.path}/{MATRIX_SET}/{{z}}/{{y}}/{{x}}{tileset.query}"],
        "minzoom": min((layer.min_zoom for layer in tileset.layers), default=0),
        "maxzoom": tilesets.MAX_ZOOM,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, 12],
        "vector_layers": [_vector_layer(layer, language) for layer in tileset.layers],
    }


def _vector_layer(layer: TileLayer, language: Language) -> Mapping[str, object]:
    words = {"string": "String", "integer": "Number", "number": "Number"}
    return {
        "id": layer.id,
        "description": layer.title.say(language),
        "minzoom": layer.min_zoom,
        "maxzoom": tilesets.MAX_ZOOM,
        "fields": {name: words[kind] for name, kind in layer.fields.items()},
    }
