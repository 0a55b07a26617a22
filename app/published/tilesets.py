"""Which sets of tiles there are, and what is in them: one for each category, for all points, for each level of areas, and one of everything."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import BadRequest, Fault
from app.language import Text
from app.published.catalogue import POINTS, Half, Known

POINTS_FROM = 10
"""From this zoom on points are shown, below it clusters."""
MAX_ZOOM = 18
"""The finest that a map has to ask for. Up to 22 there are tiles, but a whole one is then 150 m or less."""

# Each level of areas, in bands of zooms that are drawn from one simplified shape: from where an area is some pixels wide.
AREA_BANDS = {
    "kecamatan": ((5, 6), (7, 9), (10, 11), (12, 13), (14, 22)),
    "kelurahan": ((10, 11), (12, 13), (14, 22)),
}
LABELS_FROM = {"kecamatan": 8, "kelurahan": 11}

AREA_TITLES = {
    "kecamatan": Text("Batas kecamatan", "Boundaries of kecamatan"),
    "kelurahan": Text("Batas kelurahan", "Boundaries of kelurahan"),
}
_ALL_POINTS = Text("Semua titik", "All points")
_EVERYTHING = Text("Semua titik dan batas", "All points and boundaries")

# Names and JSON types of what features carry.
_POINT = {
    "id": "string", "name": "string", "kelurahan": "string", "kelurahan_name": "string", "category": "string", "status": "string",
}  # fmt: skip
_AREA = {"code": "string", "name": "string", "kecamatan": "string"}
_LABEL = {"level": "string", "code": "string", "name": "string"}


@dataclass(frozen=True, slots=True)
class TileLayer:
    """A layer as maps are told of it: `dimension` 0 for points, 2 for areas; `fields` name → JSON type."""

    id: str
    title: Text
    dimension: int
    min_zoom: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Tileset:
    """`layer` is that of its points. `version` grows with whatever changes a tile; `path` is where it lies, `query` how it was chosen."""

    id: str
    title: Text
    path: str
    version: str
    layer: str = POINTS
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    query: str = ""

    @property
    def layers(self) -> list[TileLayer]:
        """In the order in which they are in a tile."""
        areas = [TileLayer(level, AREA_TITLES[level], 2, AREA_BANDS[level][0][0], _AREA) for level in self.levels]
        labels = (
            [TileLayer("labels", Text("Nama wilayah", "Names of areas"), 0, min(LABELS_FROM[level] for level in self.levels), _LABEL)]
            if areas
            else []
        )
        counts = {f"count_{category}": "integer" for category in self.categories} if len(self.categories) > 1 else {}
        points = [
            TileLayer(self.layer, self.title if not areas else _ALL_POINTS, 0, POINTS_FROM, _POINT),
            TileLayer("clusters", Text("Jumlah titik", "Numbers of points"), 0, 0, {"point_count": "integer", **counts}),
        ] if self.categories else []  # fmt: skip
        return [*areas, *labels, *points]


def of_collection(known: Known, half: Half, collection: str) -> Tileset:
    """`NotFound` for a collection that this half does not have."""
    path = f"/collections/{collection}/tiles"
    if collection in AREA_BANDS:
        return Tileset(collection, AREA_TITLES[collection], path, _edition(known), levels=(collection,))
    version = str(known.standing(half, collection).version)
    if collection == POINTS:
        return Tileset(POINTS, _ALL_POINTS, path, version, categories=_visible(known, half))
    card = known.category(half, collection)
    return Tileset(card.id, card.title, path, version, layer=card.id, categories=(card.id,))


def of_dataset(known: Known, half: Half, collections: str | None = None) -> Tileset:
    """Everything, or the collections of a list with commas. `BadRequest` where one of them is none."""
    all_of_them = _visible(known, half)
    names = list(dict.fromkeys(collections.split(","))) if collections is not None else [*AREA_BANDS, POINTS]
    there_are = (*all_of_them, *AREA_BANDS, POINTS)
    if not set(names) <= set(there_are):
        raise BadRequest(faults=[Fault("collections", "not-one-of", {"expected": ", ".join(sorted(there_are))})])
    categories = all_of_them if POINTS in names else tuple(category for category in all_of_them if category in names)
    levels = tuple(level for level in AREA_BANDS if level in names)
    version = f"{known.standing(half, POINTS).version}-{_edition(known)}"
    query = f"?collections={','.join(names)}" if collections is not None else ""
    return Tileset("titik", _EVERYTHING, "/tiles", version, categories=categories, levels=levels, query=query)


def collections(known: Known, half: Half) -> Sequence[str]:
    """The names of all that have tiles of their own."""
    return (*_visible(known, half), POINTS, *AREA_BANDS)


def _visible(known: Known, half: Half) -> tuple[str, ...]:
    return tuple(sorted(card.id for card in known.visible(half)))


def _edition(known: Known) -> str:
    return f"e{known.edition.id if known.edition else 0}"
