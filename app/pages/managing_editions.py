"""The administrator's pages of boundary editions: the list, loading a file, what an edition would change, using it. From values to HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import shapely

from app.boundaries.checking import ACCEPTABLE
from app.boundaries.outlines import Outline
from app.boundaries.schemas import (
    BoundaryFinding,
    BoundaryJobAnswer,
    ChangeCounts,
    EditionAnswer,
    KelurahanChange,
    PointChange,
    PointVerdict,
)
from app.geo import Bbox, distance_words
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.managing import MANAGE
from app.pages.map import Drawing, MapPlace, draw
from app.regions.codes import Directory

EDITIONS = "/portal/kelola/batas"
MOST_PLACES = 2_000
"""Points on a map; the list has them all."""
_HOME, _EDITIONS = Text("Kelola", "Manage"), Text("Batas kelurahan", "Boundaries")
_NEW, _FILE = Text("Edisi baru", "New edition"), Text("Kirim berkasnya", "Send the file")
_IMPACT, _RESULT = (
    Text("Akibat memakai {name}", "What using {name} would change"),
    Text("Yang berubah sejak {name} dipakai", "What using {name} has changed"),
)
_JOBS = {
    "load": Text("Memuat {name}", "Loading {name}"),
    "compare": Text("Membandingkan {name}", "Comparing {name}"),
    "activate": Text("Mulai memakai {name}", "Putting {name} into use"),
}
_STATES = {
    "queued": Text("menunggu giliran", "waiting for its turn"),
    "reading": Text("membaca berkas", "reading the file"),
    "checking": Text("memeriksa batas", "checking the boundaries"),
    "storing": Text("menyimpan", "storing"),
    "kelurahan": Text("membandingkan kelurahan", "comparing kelurahan"),
    "points": Text("menilai titik", "judging points"),
    "settling": Text("menyelesaikan", "settling"),
    "working": Text("sedang dikerjakan", "at work"),
    "done": Text("selesai", "done"),
    "failed": Text("tidak berhasil", "failed"),
}
SEVERITIES = {"error": Text("Kesalahan", "Error"), "warning": Text("Peringatan", "Warning"), "info": Text("Keterangan", "Information")}
_ACCEPTED = {
    "kelurahan-far": Text("Ada kelurahan yang memang jauh dari yang lain, misalnya pulau", "A kelurahan does lie far from the others, such as an island"),
    "label-far": Text("Ada kelurahan yang memang terletak jauh dari letak resminya", "A kelurahan does lie far from its official place"),
    "repaired-much": Text("Perbaikan otomatis yang mengubah luas memang benar", "A repair that changed much of an area is right"),
}  # fmt: skip
_COLUMNS = {
    "code": Text("Kolom kode kelurahan (Kemendagri)", "Column of codes of kelurahan (Kemendagri)"),
    "bps_code": Text("Kolom kode BPS", "Column of BPS codes"),
    "name": Text("Kolom nama kelurahan", "Column of names of kelurahan"),
    "kecamatan": Text("Kolom nama kecamatan", "Column of names of kecamatan"),
}
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
_CAPTION = Text(
    "Garis utuh: batas baru. Garis putus-putus: batas yang dipakai sekarang. Titik: yang hasil letaknya berubah.",
    "Solid lines: the new boundaries. Dashed lines: those in use now. Points: those whose verdict changes.",
)


class EditionForm(NamedTuple):
    """What is said of a file of boundaries, as it was typed; `columns` by field. Its members are the parameters of the address that takes the file."""

    edition: str = ""
    source: str = ""
    legal_basis: str = ""
    valid_from: str = ""
    accuracy_m: str = "10"
    layer: str = ""
    columns: Mapping[str, str] = {}
    incomplete: bool = False
    accept: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        texts = {name: getattr(self, name) for name in ("edition", "source", "legal_basis", "valid_from", "accuracy_m", "layer")}
        named = {f"column-{field}": column for field, column in self.columns.items()}
        ticked = {f"accept-{code}": "true" for code in self.accept} | ({"incomplete": "true"} if self.incomplete else {})
        return urlencode({name: text for name, text in (texts | named | ticked).items() if text})


class EditionTrouble(NamedTuple):
    """What is wrong with a form: altogether (`sentence`), and by field; what was typed into it."""

    sentence: str = ""
    fields: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}


class FileLimits(NamedTuple):
    most_bytes: int


class EditionPage(NamedTuple):
    """`findings` are those of the check and of the reading; `compared_at` of the newest comparison, `jobs` those under way, by their kinds."""

    edition: EditionAnswer
    findings: Sequence[BoundaryFinding]
    compared_at: datetime | None
    jobs: Mapping[str, str]
    is_activated: bool
    done: str = ""


class PublicPlace(NamedTuple):
    """Of a point that is published: what everybody may know of it."""

    name: str
    lon: float
    lat: float


class ImpactPage(NamedTuple):
    """`tag`: by which the comparison is confirmed, while it holds; `places` by point, `following` the number behind which the list goes on."""

    edition: EditionAnswer
    kind: str
    computed_at: datetime
    counts: ChangeCounts
    outdated_by: str | None
    tag: str
    points: Sequence[PointChange]
    kelurahan: Sequence[KelurahanChange]
    places: Mapping[str, PublicPlace]
    after: int
    following: int | None


def address_of(name: str, number: int | None = None) -> str:
    """The path of an edition: by its name, or by its number where no path can hold that."""
    return f"{EDITIONS}/edisi/{number if number is not None and '/' in name else quote(name, safe='')}"


def editions(frame: Frame, rows: Sequence[tuple[str, EditionAnswer]], jobs: Sequence[BoundaryJobAnswer]) -> str:
    """`rows` with the path of each."""
    language = frame.language
    return page(
        "managing_editions.html", frame, _EDITIONS.say(language), _crumbs(frame), rows=[(frame.root + path, one) for path, one in rows],
        jobs=[(f"{frame.root}{EDITIONS}/pekerjaan/{one['id']}", _of_job(one, language)) for one in jobs], path=frame.root + EDITIONS, may_load=_may_load(frame),
    )  # fmt: skip


def new_edition(frame: Frame, form: EditionForm, trouble: EditionTrouble) -> str:
    return page(
        "managing_edition_new.html", frame, _NEW.say(frame.language), _crumbs(frame, (_EDITIONS, EDITIONS)), form=form, trouble=trouble,
        path=frame.root + EDITIONS, columns=_in_language(_COLUMNS, frame.language), accepted=_in_language(_ACCEPTED, frame.language),
    )  # fmt: skip


def edition_file(frame: Frame, form: EditionForm, limits: FileLimits, trouble: EditionTrouble) -> str:
    own = frame.root + EDITIONS
    return page(
        "managing_edition_file.html", frame, _FILE.say(frame.language), _crumbs(frame, (_EDITIONS, EDITIONS)), form=form, trouble=trouble,
        action=f"{own}/berkas?{form.query}", back=f"{own}/baru?{form.query}", most_mb=limits.most_bytes >> 20, accepted=_in_language(_ACCEPTED, frame.language),
    )  # fmt: skip


def job(frame: Frame, shown: BoundaryJobAnswer, form: EditionForm | None) -> str:
    """`form`: what was said of the file of a job that loads one, so that it need not be said again."""
    language, findings = frame.language, shown.get("problem", {}).get("findings", [])
    errors = {one["code"] for one in findings if one["severity"] == "error"}
    return page(
        "managing_edition_job.html", frame, _of_job(shown, language), _crumbs(frame, (_EDITIONS, EDITIONS)), job=shown,
        state=_STATES[shown.get("step", shown["state"])].say(language), is_busy=shown["state"] in ("queued", "working"),
        own=f"{frame.root}{EDITIONS}/pekerjaan/{shown['id']}", path=frame.root + EDITIONS, edition_path=frame.root + address_of(shown["edition"]),
        form=form, findings=findings, severities=_in_language(SEVERITIES, language), columns=_in_language(_COLUMNS, language),
        acceptable={code: text.say(language) for code, text in _ACCEPTED.items() if code in errors},
        can_be_accepted=not errors - set(ACCEPTABLE) - {"missing"}, is_missing="missing" in errors,
    )  # fmt: skip


def edition(frame: Frame, shown: EditionPage, path: str, trouble: EditionTrouble) -> str:
    name = shown.edition["name"]
    return page(
        "managing_edition.html", frame, name, _crumbs(frame, (_EDITIONS, EDITIONS)), shown=shown, edition=shown.edition, trouble=trouble,
        path=frame.root + path, report=f"{frame.root}/boundaries/editions/{path.rpartition('/')[2]}/report?f=html", may_load=_may_load(frame),
        severities=_in_language(SEVERITIES, frame.language), jobs=[f"{frame.root}{EDITIONS}/pekerjaan/{one}" for one in shown.jobs.values()],
    )  # fmt: skip


def impact(
    frame: Frame, directory: Directory, shown: ImpactPage, path: str, before: Sequence[Outline], after: Sequence[Outline], titles: Mapping[str, str],
    trouble: EditionTrouble,
) -> str:  # fmt: skip
    """`path`: of the edition. `titles` of categories. Without outlines there is no map."""
    language, name = frame.language, shown.edition["name"]
    title = (_IMPACT if shown.kind == "compare" else _RESULT).say(language, {"name": name})
    crumbs = _crumbs(frame, (_EDITIONS, EDITIONS), (Text(name, name), path))
    drawing, former = _drawings(frame, shown, before, after)
    own = f"{frame.root}{path}/{'dampak' if shown.kind == 'compare' else 'hasil'}"
    return page(
        "managing_impact.html", frame, title, crumbs, shown=shown, edition=shown.edition, trouble=trouble, path=frame.root + path, own=own,
        moves=[(level_of(one["before"], one["after"]), _verdict(one["before"], language), _verdict(one["after"], language), one["number"]) for one in shown.counts["moves"]],
        levels=_in_language(LEVELS, language), lines=[_line(one, shown.places, directory, titles, language) for one in shown.points],
        kelurahan=[_kelurahan(one, directory) for one in shown.kelurahan], drawing=drawing, former=former, caption=_CAPTION.say(language),
        is_cut=any(one["id"] not in shown.places for one in shown.points), may_load=_may_load(frame), basemap=frame.basemap,
        lists=f"{frame.root}/boundaries/editions/{path.rpartition('/')[2]}/{'impact' if shown.kind == 'compare' else 'activate'}",
    )  # fmt: skip


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


def _of_job(one: BoundaryJobAnswer, language: Language) -> str:
    return _JOBS[one["kind"]].say(language, {"name": one["edition"]})


def _may_load(frame: Frame) -> bool:
    """The walidata compares; the administrator also loads and uses. Which of the two it is, the service decides."""
    return frame.visitor is None or frame.visitor.role == "admin"


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    first = ((_HOME, MANAGE),) if _may_load(frame) else ()
    return [(title.say(frame.language), frame.root + path) for title, path in (*first, *more)]


def _in_language(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}
