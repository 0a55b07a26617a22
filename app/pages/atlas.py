"""Pages of single places: a point, with what everybody may know of it, and a kelurahan, with what it has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import shapely

from app.atlas.forms import written
from app.atlas.queries import KelurahanPageRow, PublicHistory, PublicPhoto
from app.boundaries.outlines import Outline
from app.collections.kinds.kind import Described
from app.geo import Bbox
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.map import MapPlace, draw
from app.pages.signs import Sign, signs
from app.pages.views import GeoFeature, cell_text, day_cell
from app.published.catalogue import CategoryCard, Known

FORMATS = (
    ("geojson", "GeoJSON"),
    ("csv", "CSV"),
    ("xlsx", "Excel"),
    ("gpkg", "GeoPackage"),
    ("kml", "KML"),
    ("fgb", "FlatGeobuf"),
    ("parquet", "GeoParquet"),
)
# What the page says in places of its own, before all else that the point has.
_SAID = frozenset(
    {"category", "name", "kelurahan", "kelurahan_name", "kecamatan", "address", "rw", "rt", "accuracy_m", "method", "captured_at", "verified_at",
     "predecessors", "status"}
)  # fmt: skip
METHODS = {
    "gps": Text("diukur di tempat dengan GPS", "measured on the spot by GPS"),
    "map": Text("ditunjuk di peta, atau koordinatnya ditempel", "pointed out on a map, or its coordinate was pasted"),
    "import": Text("diambil dari berkas data", "taken from a file of data"),
    "geocoded": Text("dicari dari alamatnya", "found by its address"),
}
_DEEDS = {
    "new": Text("Diterbitkan", "Published"),
    "move": Text("Diterbitkan; menggantikan titik di tempat lain", "Published; it took over from a point elsewhere"),
    "merge": Text("Diterbitkan; menyatukan beberapa titik", "Published; it joins several points"),
    "split": Text("Diterbitkan; bagian dari titik yang dipecah", "Published; it is part of a point that was divided"),
    "changed": Text("Diperbarui", "Updated"),
    "closed": Text("Ditutup", "Closed"),
    "unpublished": Text("Ditarik dari publikasi", "Taken out of publication"),
}
_CHECKED = Text("Diperiksa lagi", "Checked again")
_ENDED = {
    "closed": Text("Titik ini sudah ditutup.", "This point has been closed."),
    "moved": Text("Titik ini sudah pindah.", "This point has moved."),
    "unpublished": Text("Titik ini ditarik dari publikasi.", "This point was taken out of publication."),
}
_ENDED_TITLE = Text("{category} di {kelurahan}: tidak berlaku lagi", "{category} in {kelurahan}: no longer valid")
_ALONE = Text("Letak {name}", "Where {name} is")
_OUTLINE = Text("Batas {name} dan titik-titiknya", "The boundary of {name} and its points")


class PointPage(NamedTuple):
    """What a page of a point is made of. `history` is None where nothing of it is for everybody."""

    collection: Described
    feature: GeoFeature
    history: PublicHistory | None
    photos: Sequence[PublicPhoto]
    is_public: bool


class ListEntry(NamedTuple):
    """An entry of a list of points. `distance` in words; `at`: the place as `lon,lat`."""

    id: str
    name: str
    category: str
    sign: Sign | None
    address: str
    kelurahan: str
    kelurahan_name: str
    verified: str
    at: str
    distance: str = ""
    is_inactive: bool = False


class KelurahanPage(NamedTuple):
    """`features`: the first of `number`, in the order of their names."""

    row: KelurahanPageRow
    features: Sequence[GeoFeature]
    number: int
    edition: str
    accuracy_m: float


def point(frame: Frame, known: Known, shown: PointPage, outlines: Sequence[Outline]) -> str:
    language, feature, properties = frame.language, shown.feature, shown.feature["properties"]
    lon, lat = feature["geometry"]["coordinates"][:2]
    name, zone = str(properties.get("name") or feature["id"]), frame.cities.zone_of(properties.get("kelurahan"))
    every = signs(known.visible(shown.collection.half), language)
    sign = every.get(properties["category"])
    place = MapPlace(lon, lat, name, sign=sign)
    queryables = shown.collection.source.queryables
    return page(
        "atlas_point.html", frame, name, id=feature["id"], collection=shown.collection.id, sign=sign, properties={field: properties.get(field) for field in _SAID},
        forms=written(lon, lat, language, _rounded(shown)), rounded=_rounded(shown), method=say_word(METHODS, properties.get("method"), language),
        at={field: cell_text(properties.get(field), language, zone) for field in ("captured_at", "verified_at", "accuracy_m")},
        more=[
            (queryables[field].title.say(language) if field in queryables else field, cell_text(value, language, zone))
            for field, value in properties.items()
            if value is not None and field not in _SAID
        ],
        history=shown.history, events=events(frame, shown.history, shown.collection), photos=shown.photos,
        predecessors=properties.get("predecessors") or (), signs=[sign] if sign else [], formats=FORMATS,
        drawing=draw(outlines, [place], around=_with(lon, lat, properties.get("kelurahan"), outlines), lit=properties.get("kelurahan")), caption=_ALONE.say(language, {"name": name}),
    )  # fmt: skip


def ended(frame: Frame, history: PublicHistory, card: CategoryCard, collection: Described, kelurahan_name: str) -> str:
    """Of a point that was public: what became of it, without its former name."""
    language, category = frame.language, card.title.say(frame.language)
    state = history["status"] if history["status"] in _ENDED else "unpublished"
    title = _ENDED_TITLE.say(language, {"category": category, "kelurahan": kelurahan_name})
    return page(
        "atlas_ended.html", frame, title, state=_ENDED[state].say(language), history=history, events=events(frame, history, collection),
        kelurahan_name=kelurahan_name, category=category,
    )  # fmt: skip


def events(frame: Frame, history: PublicHistory | None, collection: Described) -> list[dict[str, str]]:
    """When, and what, the newest first."""
    language, queryables = frame.language, collection.source.queryables
    if history is None:
        return []
    zone = frame.cities.zone_of(history["kelurahan"])
    found = []
    for event in history["events"]:
        titles = [queryables[one].title.say(language) for one in event["fields"] if one in queryables]
        deed = _CHECKED if event["deed"] == "changed" and not event["fields"] else _DEEDS[event["deed"]]
        found.append({"at": cell_text(event["at"], language, zone), "deed": deed.say(language), "fields": ", ".join(titles)})
    return found


def kelurahan(frame: Frame, shown: KelurahanPage, outlines: Sequence[Outline], cards: Sequence[CategoryCard]) -> str:
    language, row = frame.language, shown.row
    every = signs(cards, language)
    rows = [entry_of(frame, feature, every) for feature in shown.features]
    places = [place_of(one, f"{frame.root}/p/{one.id}") for one in rows]
    name = row["name"]
    counts = [(every[card.id], row["numbers"].get(card.id, 0)) for card in sorted(cards, key=lambda card: card.title.say(language))]
    own = [outline for outline in outlines if outline.code == row["code"]]
    drawing = draw(outlines, places, around=_around(row), lit=row["code"]) if own or places else None
    return page(
        "atlas_kelurahan.html", frame, f"Kelurahan {name}", row=row, counts=counts, total=sum(row["numbers"].values()), rows=rows, matched=shown.number,
        area=cell_text(round(row["area_km2"], 2), language, frame.cities.zone), edition=shown.edition, accuracy=f"{shown.accuracy_m:g}",
        signs=list(every.values()), drawing=drawing, caption=_OUTLINE.say(language, {"name": name}), formats=FORMATS,
    )  # fmt: skip


def entry_of(frame: Frame, feature: GeoFeature, every: Mapping[str, Sign], distance: str = "") -> ListEntry:
    properties, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"][:2]
    code = properties.get("kelurahan") or ""
    rt = " ".join(f"{word} {properties[name]}" for word, name in (("RT", "rt"), ("RW", "rw")) if properties.get(name))
    return ListEntry(
        feature["id"], str(properties.get("name") or feature["id"]), properties["category"], every.get(properties["category"]),
        ", ".join(filter(None, (properties.get("address"), rt))), code, properties.get("kelurahan_name") or "",
        day_cell(properties.get("verified_at"), frame.language, frame.cities.zone_of(code)), f"{lon},{lat}", distance,
        properties.get("status") == "inactive",
    )  # fmt: skip


def place_of(entry: ListEntry, href: str, number: int | None = None) -> MapPlace:
    """Where an entry stands on a map."""
    lon, lat = map(float, entry.at.split(","))
    title = f"{number}. {entry.name}" if number else entry.name
    return MapPlace(lon, lat, title, href, sign=entry.sign, number=number)


def _around(row: KelurahanPageRow) -> Bbox:
    return Bbox(row["west"], row["south"], row["east"], row["north"])


def _with(lon: float, lat: float, kelurahan: str | None, outlines: Sequence[Outline]) -> Bbox | None:
    """The kelurahan with the place: where it lies in it is seen at a glance."""
    own = next((outline for outline in outlines if outline.code == kelurahan), None)
    if own is None:
        return None
    west, south, east, north = shapely.bounds(own.shape).tolist()
    return Bbox(min(west, lon), min(south, lat), max(east, lon), max(north, lat))


def _rounded(shown: PointPage) -> int | None:
    """To so many decimals its place is shown."""
    return shown.history["decimals"] if shown.history and shown.is_public else None


def say_word(words: Mapping[str, Text], word: str | None, language: Language) -> str:
    return words[word].say(language) if word and word in words else word or ""
