"""The page of the map and its list: what is looked for, what there is of it, and what can be done with it. And the same on paper."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

import orjson
import shapely

from app.atlas.searching import FIELDS, FoundPlace, FoundPoints
from app.boundaries.outlines import Outline
from app.collections.items import MAX_LIMIT
from app.collections.query import DEFAULT_WITHIN_M
from app.coordinates import words
from app.geo import Bbox, distance_m, distance_words, parse_bbox
from app.language import Language, Text
from app.messages import say_fault
from app.pages.atlas import FORMATS, ListEntry, entry_of, place_of
from app.pages.frame import Frame, page
from app.pages.map import Drawing, draw
from app.pages.signs import Sign, signs
from app.pages.views import GeoFeature
from app.published.catalogue import Known
from app.regions.codes import level_of

PATH, PAPER = "/portal/peta", "/portal/cetak"
DISTANCES_M = (500, 1_000, 5_000, 50_000)
_TITLE = Text("Peta titik {cities}", "Map of the points of {cities}")
_CAPTION = Text("Titik dalam daftar; garis menunjukkan batas kelurahan", "The points of the list; lines are boundaries of kelurahan")
_ORDERS = (
    ("", Text("yang biasa", "the usual")),
    ("name", Text("nama", "name")),
    ("-verified_at", Text("terakhir diperiksa", "last checked")),
)


class SentView(NamedTuple):
    """The fields that were sent, as far as they are ours and not empty."""

    fields: Mapping[str, str]

    def href(self, here: str, path: str = PATH, **changes: str | None) -> str:
        """The address of the same view, or of one that differs in some fields; `None` takes one out."""
        kept = {name: value for name, value in {**self.fields, **changes}.items() if value}
        ordered = [(name, kept[name]) for name in (*FIELDS, "cursor", "f", "limit", "paper") if name in kept]
        return f"{here}{path}" + (f"?{urlencode(ordered)}" if ordered else "")


class Chip(NamedTuple):
    """A category to choose; `number` where it is known without asking."""

    sign: Sign
    href: str
    is_chosen: bool
    number: int | None


def sent_view(parameters: Mapping[str, str]) -> SentView:
    return SentView({name: parameters[name].strip() for name in FIELDS if parameters.get(name, "").strip()})


class MapPageOptions(NamedTuple):
    """`is_start`: the first page of the service, which also says what can be done; `is_later`: not the first of the pages of a list; `is_part`: the
    list and the categories alone, for a map that has moved; `note`: what is to be known of the boundaries.
    """

    is_start: bool = False
    is_later: bool = False
    is_part: bool = False
    note: str | None = None


def atlas(frame: Frame, known: Known, found: FoundPoints, sent: SentView, outlines: Sequence[Outline], options: MapPageOptions) -> str:
    language, cities = frame.language, frame.cities.title.say(frame.language)
    every = signs(known.visible(found.collection.half), language)
    rows = entries_of(frame, found, every)
    return page(
        "atlas_map.html", frame, _TITLE.say(language, {"cities": cities}), (), **options._asdict(), **_of_search(frame, found, sent, outlines),
        basemap=frame.basemap, rows=rows, signs=list(every.values()), signs_json=orjson.dumps([sign._asdict() for sign in every.values()]).decode(),
        chips=_chips(frame, known, found, sent, every), every_href=sent.href(frame.root, category=None), counted=counted(found, len(rows), language),
        next_href=sent.href(frame.root, cursor=found.cursor) if found.cursor else None, downloads=_downloads(frame, found),
        described=f"{frame.root}/collections/{found.collection.id}/schema?f=html",
        drawing=None if options.is_part else drawing_of(found, rows, sent, outlines), caption=_CAPTION.say(language), bounds=_bounds(known, found, rows, sent, outlines),
    )  # fmt: skip


def _of_search(frame: Frame, found: FoundPoints, sent: SentView, outlines: Sequence[Outline]) -> dict[str, object]:
    """What the form shows, and what was made of what stands in it."""
    language, search = frame.language, found.search
    return {
        "fields": {name: sent.fields.get(name, "") for name in FIELDS},
        "view": sent,
        "kelurahan": [one for one in outlines if level_of(one.code) == "kelurahan"],
        "chosen_kelurahan": search.parameters.get("kelurahan", ""),
        "distances": [(metres, distance_words(float(metres), language)) for metres in DISTANCES_M],
        "orders": [(value, text.say(language)) for value, text in _ORDERS],
        "place": _place(search.place, language) if search.place else None,
        "named": search.named,
        "choices": [_place(one, language) for one in search.choices],
        "like_it": search.like_it,
        "reason": words.REASONS[search.reason].say(language) if search.reason else None,
        "is_filtered": bool(sent.fields),
        "faults": {"q" if fault.where == "words" else fault.where: say_fault(fault.code, fault.facts, language) for fault in found.faults},
    }


def entries_of(frame: Frame, found: FoundPoints, every: Mapping[str, Sign]) -> list[ListEntry]:
    place = found.search.place
    return [entry_of(frame, feature, every, _distance(place, feature, frame.language)) for feature in found.features]


def _distance(place: FoundPlace | None, feature: GeoFeature, language: Language) -> str:
    if place is None:
        return ""
    lon, lat = feature["geometry"]["coordinates"][:2]
    return distance_words(distance_m(place.lon, place.lat, lon, lat), language)


def drawing_of(
    found: FoundPoints,
    rows: Sequence[ListEntry],
    sent: SentView,
    outlines: Sequence[Outline],
    *,
    is_numbered: bool = False,
    tallest: float = 440.0,
) -> Drawing | None:
    places = [place_of(one, f"#titik-{one.id}", number if is_numbered else None) for number, one in enumerate(rows, 1)]
    return draw(outlines, places, around=_box(sent), whole=not sent.fields, lit=found.search.parameters.get("kelurahan"), tallest=tallest)


def _box(sent: SentView) -> Bbox | None:
    try:
        return parse_bbox(sent.fields["bbox"]) if "bbox" in sent.fields else None
    except ValueError:
        return None


def _bounds(known: Known, found: FoundPoints, rows: Sequence[ListEntry], sent: SentView, outlines: Sequence[Outline]) -> str:
    """What the map shows first: the view of the link, else the kelurahan, else the places of a search, else the city."""
    if box := _box(sent):
        return ",".join(map(str, box))
    lit = found.search.parameters.get("kelurahan")
    if own := [one for one in outlines if one.code == lit]:
        return ",".join(f"{side:.6f}" for side in shapely.bounds(own[0].shape).tolist())
    if sent.fields and rows:
        lons, lats = zip(*(map(float, one.at.split(",")) for one in rows), strict=True)
        return f"{min(lons)},{min(lats)},{max(lons)},{max(lats)}"
    return ",".join(f"{side:.6f}" for side in known.cities.extent or ())


def _chips(frame: Frame, known: Known, found: FoundPoints, sent: SentView, every: Mapping[str, Sign]) -> list[Chip]:
    """In the order of their titles. Numbers only where nothing but the category is chosen: then they are those of the collections."""
    is_whole = not sent.fields.keys() - {"category", "sortby"}
    ordered = sorted(every.values(), key=lambda sign: sign.title)
    return [
        Chip(
            sign,
            sent.href(frame.root, category=sign.category),
            sent.fields.get("category") == sign.category,
            known.standing(found.collection.half, sign.category).number if is_whole else None,
        )
        for sign in ordered
    ]


def _place(place: FoundPlace, language: Language) -> dict[str, str]:
    """`text`: the place as people read it; `near`: as the parameter has it."""
    repairs = ", ".join(words.repair(one).say(language) for one in place.repairs)
    kelurahan = place.kelurahan.name if place.kelurahan else ""
    return {"text": f"{place.lat:.6f}, {place.lon:.6f}", "near": place.near, "kelurahan": kelurahan, "repairs": repairs}


def counted(found: FoundPoints, shown: int, language: Language) -> str:
    if found.matched is None:
        return Text(
            "{shown} titik di halaman ini; jumlah seluruhnya tidak dihitung", "{shown} points on this page; not all were counted"
        ).say(language, {"shown": shown})
    if found.matched > shown:
        return Text("{shown} dari {all} titik", "{shown} of {all} points").say(
            language, {"shown": shown, "all": _number(found.matched, language)}
        )
    return Text("{shown} titik", "{shown} {shown:point|points}").say(language, {"shown": shown})


def chosen(known: Known, found: FoundPoints, language: Language) -> str:
    """What was looked for, in words."""
    search = found.search
    parts = [found.collection.title.say(language)]
    if (code := search.parameters.get("kelurahan")) and (region := known.directory.find(code)):
        parts.append(f"Kelurahan {region.name}")
    if text := search.parameters.get("q") or search.parameters.get("words"):
        parts.append(f"“{text}”")
    if search.place:
        around = distance_words(float(search.parameters.get("within_m", DEFAULT_WITHIN_M)), language)
        parts.append(
            Text("{around} di sekitar {place}", "{around} around {place}").say(
                language, {"around": around, "place": f"{search.place.lat:.5f}, {search.place.lon:.5f}"}
            )
        )
    if "bbox" in search.parameters:
        parts.append(Text("bagian peta yang dipilih", "the chosen part of the map").say(language))
    return ", ".join([*parts, known.cities.title.say(language)])


def _number(value: int, language: Language) -> str:
    return f"{value:,}".replace(",", "." if language == "id" else ",")


def _downloads(frame: Frame, found: FoundPoints) -> list[tuple[str, str]]:
    """Exactly what the list shows, with all of its pages, in every format. More than one answer holds, GeoJSON has line by line."""
    path = f"{frame.root}/collections/{found.collection.id}/items"
    wrong = {fault.where for fault in found.faults}
    parameters = {name: value for name, value in found.search.parameters.items() if name not in wrong}
    fits = found.matched is not None and found.matched <= MAX_LIMIT
    whole = {"f": "geojson", "limit": str(MAX_LIMIT)} if fits else {"f": "geojsonseq"}
    return [(name, f"{path}?{urlencode(parameters | (whole if one == 'geojson' else {'f': one}))}") for one, name in FORMATS]
