"""The administrator's page of what using an edition of the boundaries would change, or has changed: counts, a list that can be narrowed down, a map."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import shapely

from app.boundaries.outlines import Outline
from app.boundaries.schemas import ChangeCounts, EditionAnswer, KelurahanChange, PointChange, PointVerdict
from app.geo import Bbox, distance_words
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.managing_editions import EDITIONS, TITLE, EditionTrouble, crumbs, in_language, may_load
from app.pages.map import Drawing, MapPlace, draw
from app.regions.codes import Directory

MOST_PLACES = 2_000
"""Points on a map; the list has them all."""
_IMPACT, _RESULT = (
    Text("Akibat memakai {name}", "What using {name} would change"),
    Text("Yang berubah sejak {name} dipakai", "What using {name} has changed"),
)
_VERDICTS = {
    "inside": Text("di dalam kelurahannya", "within its kelurahan"),
    "near": Text("sedikit di luar, masih wajar", "a little outside, within the tolerance"),
    "elsewhere": Text("di kelurahan lain", "in another kelurahan"),
    "outside": Text("di luar semua kelurahan", "outside all kelurahan"),
}
_IN, _OUT = Text("di {place}", "in {place}"), Text("{distance} dari {declared}", "{distance} from {declared}")
_BELIEVED = frozenset({"inside", "near"})
_SHAPES = {"warned": "M0-6L6 5H-6Z", "fault": "M-5-5H5V5H-5Z"}
LEVELS = {
    "fault": Text("tidak cocok lagi", "fits no more"),
    "good": Text("menjadi cocok", "fits from now on"),
    "warned": Text("berubah", "changes"),
}
_CAPTIONS = {
    "compare": Text(
        "Garis utuh: batas baru. Garis putus-putus: batas yang dipakai sekarang. Titik: yang hasil letaknya berubah.",
        "Solid lines: the new boundaries. Dashed lines: those in use now. Points: those whose verdict changes.",
    ),
    "activate": Text(
        "Garis utuh: batas yang mulai dipakai. Garis putus-putus: batas sebelumnya. Titik: yang hasil letaknya berubah.",
        "Solid lines: the boundaries put into use. Dashed lines: those before. Points: those whose verdict has changed.",
    ),
}
_ALL = Text("Semua", "All")


class PublicPlace(NamedTuple):
    """Of a point that is published: what everybody may know of it."""

    name: str
    lon: float
    lat: float


class ImpactFilter(NamedTuple):
    """Which points are listed; empty: all. `move`: their verdicts before and after, as `inside-outside`; `kelurahan`: the code of the declared one."""

    move: str = ""
    kelurahan: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: text for name, text in (("perubahan", self.move), ("kelurahan", self.kelurahan)) if text})

    def has(self, tally: "ChangeTally") -> bool:
        return self.move in ("", tally.move) and self.kelurahan in ("", tally.kelurahan)


class ChangeTally(NamedTuple):
    """How many points of a declared kelurahan change from one verdict to another."""

    before: str
    after: str
    kelurahan: str
    number: int

    @property
    def move(self) -> str:
        return f"{self.before}-{self.after}"


class ImpactPage(NamedTuple):
    """`tag`: by which the comparison is confirmed, while it holds; `places` by point, `following` the number behind which the list goes on."""

    edition: EditionAnswer
    kind: str
    computed_at: datetime | str
    counts: ChangeCounts
    outdated_by: str | None
    tag: str
    points: Sequence[PointChange]
    kelurahan: Sequence[KelurahanChange]
    places: Mapping[str, PublicPlace]
    after: int
    following: int | None
    tallies: Sequence[ChangeTally] = ()
    wanted: ImpactFilter = ImpactFilter()


def impact(
    frame: Frame, directory: Directory, shown: ImpactPage, path: str, before: Sequence[Outline], after: Sequence[Outline], titles: Mapping[str, str],
    trouble: EditionTrouble,
) -> str:  # fmt: skip
    """`path`: of the edition. `titles` of categories. Without outlines there is no map."""
    language, name = frame.language, shown.edition["name"]
    title = (_IMPACT if shown.kind == "compare" else _RESULT).say(language, {"name": name})
    trail = crumbs(frame, (TITLE, EDITIONS), (Text(name, name), path))
    drawing, former = _drawings(frame, shown, before, after)
    own = f"{frame.root}{path}/{'dampak' if shown.kind == 'compare' else 'hasil'}"
    return page(
        "managing_impact.html", frame, title, trail, shown=shown, edition=shown.edition, trouble=trouble, path=frame.root + path, own=own,
        moves=[(level_of(one["before"], one["after"]), _verdict(one["before"], language), _verdict(one["after"], language), one["number"]) for one in shown.counts["moves"]],
        levels=in_language(LEVELS, language), lines=[_line(one, shown.places, directory, titles, language) for one in shown.points],
        kelurahan=[_kelurahan(one, directory) for one in shown.kelurahan], drawing=drawing, former=former, caption=_CAPTIONS[shown.kind].say(language),
        filters=list(_filters(shown, own, language)), places=list(_places(shown, directory)), query=shown.wanted.query,
        is_cut=any(one["id"] not in shown.places for one in shown.points), may_load=may_load(frame), basemap=frame.basemap,
        lists=f"{frame.root}/boundaries/editions/{path.rpartition('/')[2]}/{'impact' if shown.kind == 'compare' else 'activate'}",
    )  # fmt: skip


def _filters(shown: ImpactPage, own: str, language: Language) -> Iterator[tuple[str, str, int, bool]]:
    """Links that narrow the list down to one move each: address, words, number in the chosen kelurahan, whether it is chosen."""
    moves = {one.move: f"{_verdict(one.before, language)} → {_verdict(one.after, language)}" for one in sorted(shown.tallies)}
    for move, words in ({"": _ALL.say(language)} | moves).items():
        wanted = shown.wanted._replace(move=move)
        yield (
            f"{own}{'?' if wanted.query else ''}{wanted.query}#titik",
            words,
            sum(one.number for one in shown.tallies if wanted.has(one)),
            move == shown.wanted.move,
        )


def _places(shown: ImpactPage, directory: Directory) -> Iterator[tuple[str, str, int]]:
    """The declared kelurahan: code, name, number with the chosen move."""
    named = {one.kelurahan: region.name if (region := directory.kelurahan.get(one.kelurahan)) else one.kelurahan for one in shown.tallies}
    for code, name in sorted(named.items(), key=lambda one: one[1]):
        wanted = shown.wanted._replace(kelurahan=code)
        yield code, name, sum(one.number for one in shown.tallies if wanted.has(one))


def level_of(before: str, after: str) -> str:
    """Whether a change makes a point fit, makes it fit no more, or neither."""
    return "warned" if (before in _BELIEVED) == (after in _BELIEVED) else "good" if after in _BELIEVED else "fault"


def map_of(
    before: Sequence[Outline],
    after: Sequence[Outline],
    changes: Sequence[PointChange],
    places: Mapping[str, PublicPlace],
    language: Language,
) -> dict[str, Any]:
    """What a map that can be moved draws, as GeoJSON: each feature says in `part` whether it is of the former boundaries, the new ones, or a point."""
    marks = [
        _feature(
            shapely.Point(place.lon, place.lat), part="changed", id=one["id"], name=place.name, says=_moved(one, language),
            level=level_of(one["before"]["verdict"], one["after"]["verdict"]),
        )
        for one in changes
        if (place := places.get(one["id"]))
    ]  # fmt: skip
    outlines = [_feature(one.shape, part=part, name=one.name) for part, side in (("after", after), ("before", before)) for one in side]
    return {"type": "FeatureCollection", "bbox": list(_extent([*before, *after])), "features": outlines + marks}


def _feature(shape: object, **properties: str) -> dict[str, Any]:
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def _extent(outlines: Sequence[Outline]) -> Bbox:
    return Bbox(*map(float, shapely.total_bounds([one.shape for one in outlines])))


def _drawings(
    frame: Frame, shown: ImpactPage, before: Sequence[Outline], after: Sequence[Outline]
) -> tuple[Drawing | None, Drawing | None]:
    """The new boundaries with the points, and the former ones, in the same view."""
    if not after:
        return None, None
    around, marks = _extent([*before, *after]), []
    for one in shown.points:
        if place := shown.places.get(one["id"]):
            level = level_of(one["before"]["verdict"], one["after"]["verdict"])
            title = f"{place.name}: {_moved(one, frame.language)}"
            marks.append(MapPlace(place.lon, place.lat, title, f"#titik-{one['revision']}", kind=level, shape=_SHAPES.get(level)))
    return draw(after, marks, around=around), draw(before, (), around=around) if before else None


def _line(
    one: PointChange, places: Mapping[str, PublicPlace], directory: Directory, titles: Mapping[str, str], language: Language
) -> dict[str, object]:
    region, place = directory.kelurahan.get(one["kelurahan"]), places.get(one["id"])
    declared = region.name if region else one["kelurahan"]
    return {
        "id": one["id"], "revision": one["revision"], "name": place.name if place else "", "is_public": place is not None, "state": one["state"],
        "category": titles.get(one["category"], one["category"]), "kelurahan": declared, "level": level_of(one["before"]["verdict"], one["after"]["verdict"]),
        "before": _said_of(one["before"], declared, directory, language), "after": _said_of(one["after"], declared, directory, language),
    }  # fmt: skip


def _said_of(verdict: PointVerdict, declared: str, directory: Directory, language: Language) -> str:
    """`di kelurahan lain (di Bujel), 40 m dari Mojoroto`."""
    words = _verdict(verdict["verdict"], language)
    code = verdict["kelurahan"]
    if verdict["verdict"] == "elsewhere" and code:
        region = directory.kelurahan.get(code)
        words = _IN.say(language, {"place": region.name if region else code})
    if verdict["distance_m"] > 0:
        distance = distance_words(verdict["distance_m"], language)
        return f"{words}, {_OUT.say(language, {'distance': distance, 'declared': declared})}"
    return words


def _moved(one: PointChange, language: Language) -> str:
    return f"{_verdict(one['before']['verdict'], language)} → {_verdict(one['after']['verdict'], language)}"


def _verdict(verdict: str, language: Language) -> str:
    return _VERDICTS[verdict].say(language)


def _kelurahan(one: KelurahanChange, directory: Directory) -> dict[str, object]:
    def named(codes: Sequence[str]) -> str:
        return ", ".join(region.name if (region := directory.kelurahan.get(code)) else code for code in codes)

    return {**one, "added": named(one["neighbours_added"]), "removed": named(one["neighbours_removed"])}
