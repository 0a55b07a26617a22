"""Sets of tiles and what is in them: that of a category, of all points, of a level of areas, and several in one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from app.intervals import read_interval
from app.language import Text
from app.published.areas import AREA_BANDS
from app.published.catalogue import PROFILES, CategoryCard, Half, Known

POINTS_FROM = 10
"""From this zoom on points are shown, below it clusters."""
MAX_ZOOM = 18
"""The finest that a map has to ask for. Up to 22 there are tiles, but a whole one is then 150 m or less."""

LABELS_FROM = {"kecamatan": 8, "kelurahan": 11}

AREA_TITLES = {
    "kecamatan": Text("Batas kecamatan", "Boundaries of kecamatan"),
    "kelurahan": Text("Batas kelurahan", "Boundaries of kelurahan"),
}
ALL_POINTS = Text("Semua titik", "All points")
PROFILE_TITLE = Text("Profil kelurahan", "Profiles of kelurahan")
_EVERYTHING = Text("Semua titik dan batas", "All points and boundaries")

# Names and JSON types of what features carry.
_POINT = {
    "id": "string", "name": "string", "kelurahan": "string", "kelurahan_name": "string", "category": "string", "status": "string",
}  # fmt: skip
_AREA = {"code": "string", "name": "string", "kecamatan": "string"}
_PROFILE = {**_AREA, "id": "string", "period": "string", "withheld": "string", "empty": "string", "not_applicable": "string"}
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
    layer: str = "points"
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    query: str = ""
    collections: tuple[str, ...] = ()
    """Of the tileset of everything: the names of all that can be chosen."""
    indicators: tuple[str, ...] = ()
    """Of profiles: the columns."""
    span: tuple[date, date] | None = None
    """Of profiles: the days for which they are wanted; None: the newest."""

    @property
    def layers(self) -> list[TileLayer]:
        """In the order in which they are in a tile."""
        if self.indicators:
            fields = _PROFILE | dict.fromkeys(self.indicators, "number")
            return [TileLayer(self.layer, self.title, 2, AREA_BANDS["kelurahan"][0][0], fields)]
        areas = [TileLayer(level, AREA_TITLES[level], 2, AREA_BANDS[level][0][0], _AREA) for level in self.levels]
        labels = (
            [TileLayer("labels", Text("Nama wilayah", "Names of areas"), 0, min(LABELS_FROM[level] for level in self.levels), _LABEL)]
            if areas
            else []
        )
        counts = {f"count_{category}": "integer" for category in self.categories} if len(self.categories) > 1 else {}
        points = [
            TileLayer(self.layer, self.title if not areas else ALL_POINTS, 0, POINTS_FROM, _POINT),
            TileLayer("clusters", Text("Jumlah titik", "Numbers of points"), 0, 0, {"point_count": "integer", **counts}),
        ] if self.categories else []  # fmt: skip
        return [*areas, *labels, *points]


def of_areas(known: Known, level: str) -> Tileset:
    return Tileset(level, AREA_TITLES[level], _path(level), _edition(known), levels=(level,))


def of_points(known: Known, half: Half, name: str) -> Tileset:
    """That of the points of all categories."""
    return Tileset(name, ALL_POINTS, _path(name), str(known.together(half).version), categories=_visible(known, half))


def of_category(known: Known, half: Half, card: CategoryCard) -> Tileset:
    version = str(known.standing(half, card.id).version)
    return Tileset(card.id, card.title, _path(card.id), version, layer=card.id, categories=(card.id,))


def of_profiles(known: Known, half: Half, indicators: Iterable[str]) -> Tileset:
    version = known.of_profiles(half, PROFILES).tag
    return Tileset(PROFILES, PROFILE_TITLE, _path(PROFILES), version, layer=PROFILES, indicators=tuple(indicators))


def at(tileset: Tileset, datetime: str) -> Tileset:
    """The same for an instant or an interval. ValueError where it is none."""
    interval = read_interval(datetime)
    first = interval.begin.date() if interval and interval.begin else date.min
    last = interval.end.date() if interval and interval.end else date.max
    return replace(tileset, span=(first, last), query=f"?datetime={quote(datetime)}")


def of_dataset(
    known: Known, half: Half, categories: Collection[str], levels: Collection[str], collections: tuple[str, ...], query: str = ""
) -> Tileset:
    """The points of some categories and the areas of some levels in one; `collections`: the names of all that may be chosen."""
    drawn = tuple(level for level in AREA_BANDS if level in levels)
    version = f"{known.together(half).version}-{_edition(known)}"
    return Tileset(
        "titik", _EVERYTHING, "/tiles", version, categories=tuple(sorted(categories)), levels=drawn, query=query, collections=collections
    )


def _path(collection: str) -> str:
    return f"/collections/{collection}/tiles"


def _visible(known: Known, half: Half) -> tuple[str, ...]:
    return tuple(sorted(card.id for card in known.visible(half)))


def _edition(known: Known) -> str:
    return f"e{known.areas_version}"
