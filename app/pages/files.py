"""Pages of files: sending one, what its columns were taken for, what was found in its rows, and saving it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.boundaries.outlines import Outline
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.map import MapPlace, draw

HOME = "/portal/impor"
_TITLE = Text("Impor berkas", "Import a file")
_CAPTION = Text(
    "Baris yang tampil, dan batas kelurahan. Bentuk tandanya sama seperti di tabel.",
    "The rows that are listed, and the boundaries of kelurahan. The marks are those of the table.",
)
STATES: Mapping[str, tuple[Text, Text]] = {
    "queued": (Text("Menunggu giliran", "Waiting its turn"), Text("Tunggu sebentar.", "Wait a moment.")),
    "judging": (Text("Sedang diperiksa", "Being checked"), Text("Tunggu sebentar.", "Wait a moment.")),
    "judged": (Text("Sudah diperiksa", "Checked"), Text("Lihat hasilnya, lalu simpan.", "Look at the result, then save.")),
    "committing": (Text("Sedang disimpan", "Being saved"), Text("Tunggu sebentar.", "Wait a moment.")),
    "committed": (
        Text("Sudah disimpan", "Saved"),
        Text("Selesai. Titiknya menunggu pemeriksa.", "Done. Its points wait for the reviewer."),
    ),
    "failed": (Text("Tidak dapat dibaca", "Could not be read"), Text("Lihat sebabnya, lalu coba lagi.", "See why, then try again.")),
}
LEVELS: Mapping[str, Text] = {
    "good": Text("Baik", "Good"),
    "warned": Text("Perhatian", "Warning"),
    "question": Text("Perlu dijawab", "To be answered"),
    "fault": Text("Salah", "Wrong"),
}
KINDS: Mapping[str, Text] = {
    "place": Text("Letak dan koordinat", "Place and coordinate"),
    "kelurahan": Text("Kelurahan", "Kelurahan"),
    "likeness": Text("Kembar atau mirip", "Twins and likenesses"),
    "content": Text("Isi sel", "Content of cells"),
    "columns": Text("Kolom", "Columns"),
    "people": Text("Data orang", "Data of people"),
}
QUESTIONS: Mapping[str, Text] = {
    "repairs": Text("Koordinat yang diperbaiki", "Repaired coordinates"),
    "commas": Text("Koma desimal di koordinat", "Decimal commas in coordinates"),
    "swaps": Text("Lintang dan bujur tertukar", "Latitude and longitude exchanged"),
    "signs": Text("Tanda minus hilang atau ganda", "A minus sign lost or doubled"),
    "units": Text("Meter atau datum lain, diubah ke derajat WGS 84", "Metres or another datum, made degrees of WGS 84"),
    "readings": Text("Koordinat yang dibaca dengan cara lain", "Coordinates that are read in another way"),
    "near-duplicates": Text("Mirip dengan titik lain", "Like another point"),
    "names": Text("Nama sendiri", "Names of their own"),
}
_ACTS: Mapping[str, Text] = {
    "create": Text("titik baru", "new point"),
    "update": Text("mengubah titik", "changes a point"),
    "same": Text("sama seperti sekarang", "the same as now"),
}
_ROLES: Mapping[str, Text] = {
    "ketua": Text("Ketua", "Chair"), "sekretaris": Text("Sekretaris", "Secretary"), "bendahara": Text("Bendahara", "Treasurer"),
    "kader": Text("Kader", "Health volunteer"), "petugas": Text("Petugas", "Officer"), "lainnya": Text("Lainnya", "Other"),
}  # fmt: skip
# About a mark of 11 pixels, around its middle: told apart without colour, the worst with the most corners.
_SHAPES: Mapping[str, str] = {"warned": "M0-6L6 5H-6Z", "question": "M0-7L7 0L0 7L-7 0Z", "fault": "M-5-5H5V5H-5Z"}


class _Sparse(dict[str, Any]):
    """What an answer leaves out is nothing on a page."""

    def __missing__(self, name: str) -> None:
        return None


def _sparse(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Sparse({name: _sparse(member) for name, member in value.items()})
    return [_sparse(one) for one in value] if isinstance(value, list) else value


class Trouble(NamedTuple):
    """What was wrong with what somebody sent: of the whole, and by field; and what they had typed."""

    title: str = ""
    detail: str = ""
    hint: str = ""
    fields: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}
    status: int = 200


class FileCategory(NamedTuple):
    id: str
    title: str


class UploadLimits(NamedTuple):
    """What may be sent, and how much of it is used."""

    most_bytes: int
    most_rows: int
    open: int
    most_open: int
    used_mb: int
    most_mb: int


class Target(NamedTuple):
    """A field that a column can be taken for. `group`: of all points, of the category, of people."""

    name: str
    title: str
    group: str


class Shown(NamedTuple):
    """Which rows of a report are listed: those of a `level` ("": all that are not simply good), with a finding of a `kind`, behind a number."""

    level: str
    kind: str
    after: int

    def query(self, **changed: object) -> str:
        values = {"tampil": self.level, "temuan": self.kind, "setelah": self.after or ""} | changed
        return urlencode({name: value for name, value in values.items() if value})


class ReportView(NamedTuple):
    """`kinds`: how many rows have something of each kind. `following`: behind which number the next page begins."""

    shown: Shown
    kinds: Mapping[str, int]
    rows: Sequence[Mapping[str, Any]]
    following: int | None
    places: Sequence[Mapping[str, Any]]
    plan: Mapping[str, int]


def listing(
    frame: Frame,
    categories: Sequence[FileCategory],
    imports: Sequence[Mapping[str, Any]],
    older: str | None,
    limits: UploadLimits,
    trouble: Trouble,
) -> str:
    """The form, the templates, one's own imports. `older`: the id behind which the next page of them begins."""
    language = frame.language
    titles = {category.id: category.title for category in categories}
    return page(
        "files_list.html", frame, _TITLE.say(language), categories=categories, limits=limits, trouble=_sparse(trouble._asdict()), older=older, home=_home(frame),
        imports=[_summary(one, titles, language) for one in imports], most_mb=limits.most_bytes >> 20,
    )  # fmt: skip


def one(
    frame: Frame,
    found: Mapping[str, Any],
    category: str,
    targets: Sequence[Target],
    report: ReportView | None,
    outlines: Sequence[Outline],
    trouble: Trouble,
) -> str:
    """One import, in whichever state. `report`: of one that was judged."""
    language = frame.language
    state, following = (text.say(language) for text in STATES[found["state"]])
    return page(
        "files_import.html", frame, found["name"], [(_TITLE.say(language), _home(frame))], found=_sparse(found), category=category, trouble=_sparse(trouble._asdict()),
        state=state, following=following, home=_home(frame), own=f"{_home(frame)}/{found['id']}", is_busy=found["state"] in ("queued", "judging", "committing"),
        columns=_sparse(list(_columns(found, targets, trouble))), targets=_grouped(targets), report=_sparse(_report(report, found, language)) if report else None,
        drawing=draw(outlines, _marks(report, f"{_home(frame)}/{found['id']}", language)) if report else None, caption=_CAPTION.say(language),
        levels=_worded(LEVELS, language), questions=_worded(QUESTIONS, language), roles=_worded(_ROLES, language),
    )  # fmt: skip


def rescued(frame: Frame, answer: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What became of each record of a rescue file. `names`: what the records are called, by their ids."""
    results = [{**one, "name": names.get(one["client_id"] or "") or "-"} for one in answer["results"]]
    pictures = [{**one, "name": Text("Foto", "Photo").say(frame.language)} for one in answer["photos"]]
    return page(
        "files_rescued.html", frame, _RESCUED.say(frame.language), [(_TITLE.say(frame.language), _home(frame))], answer=answer, home=_home(frame),
        refused=_sparse([one for one in (*results, *pictures) if "problem" in one]), repeated=sum(one.get("repeated", False) for one in results),
        stored=sum("problem" not in one and not one["repeated"] for one in results), photos=sum("problem" not in one for one in pictures),
    )  # fmt: skip


_RESCUED = Text("Berkas penyelamat", "Rescue file")


def _home(frame: Frame) -> str:
    return frame.root + HOME


def _worded(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}


def _summary(found: Mapping[str, Any], titles: Mapping[str, str], language: Language) -> dict[str, Any]:
    state, following = (text.say(language) for text in STATES[found["state"]])
    return {**found, "state_text": state, "following": following, "category_title": titles.get(found["category"], found["category"])}


def _columns(found: Mapping[str, Any], targets: Sequence[Target], trouble: Trouble) -> Iterator[dict[str, Any]]:
    known = {target.name for target in targets}
    for at, column in enumerate(found.get("columns") or ()):
        chosen = trouble.typed.get(f"kolom-{at}", column.get("field") or "")
        yield {**column, "at": at, "chosen": chosen if chosen in known else ""}


def _grouped(targets: Iterable[Target]) -> dict[str, list[Target]]:
    groups: dict[str, list[Target]] = {}
    for target in targets:
        groups.setdefault(target.group, []).append(target)
    return groups


def _report(report: ReportView, found: Mapping[str, Any], language: Language) -> dict[str, Any]:
    shown, counts = report.shown, found["counts"]
    unlike_good = counts["warned"] + counts["question"] + counts["fault"]
    filters = [("", Text("Yang perlu dilihat", "What needs a look").say(language), unlike_good)]
    is_answered = report.plan["unanswered"] < counts["question"]
    texts = {**LEVELS, "question": _ANSWERED} if is_answered else LEVELS
    filters += [(level, text.say(language, {"left": report.plan["unanswered"]}), counts[level]) for level, text in texts.items()]
    filters += [("all", Text("Semua", "All").say(language), found["rows"])]
    return {
        "filters": [(f"?{shown.query(tampil=level, temuan='', setelah='')}#baris", text, number, level == shown.level) for level, text, number in filters],
        "kinds": [
            (f"?{shown.query(tampil='', temuan='' if kind == shown.kind else kind, setelah='')}#baris", text.say(language), report.kinds[kind], kind == shown.kind)
            for kind, text in KINDS.items()
            if report.kinds.get(kind)
        ],
        "rows": [{**row, "act_text": _ACTS[row["act"]].say(language) if row.get("act") else "", "edge": _edge(row)} for row in report.rows],
        "next": f"?{shown.query(setelah=report.following)}#baris" if report.following else None,
        "first": f"?{shown.query(setelah='')}#baris" if shown.after else None,
        "tally": {**counts, "question": report.plan["unanswered"]},
        "accepted": counts["question"] - report.plan["unanswered"],
        "back": shown.query(),
        "plan": report.plan,
        "is_cut": len(report.places) == MOST_PLACES,
    }  # fmt: skip


_ANSWERED = Text("Pertanyaan, {left} belum dijawab", "Questions, {left} not answered")
MOST_PLACES = 500
"""Marks of a drawn map: more would hide each other."""


def _edge(row: Mapping[str, Any]) -> dict[str, str] | None:
    """What was in the file, and as what it was read."""
    repair = next((one["repair"] for one in row["findings"] if "repair" in one), None)
    if repair is None:
        return None
    before = ", ".join(repair.get("raw", {}).values())
    return {"before": before, "after": f"{repair['lat']:.6f}, {repair['lon']:.6f}"}


def _marks(report: ReportView, own: str, language: Language) -> list[MapPlace]:
    on_page = {row["row"] for row in report.rows}
    marks = []
    for place in sorted(report.places, key=lambda one: tuple(LEVELS).index(one["level"])):
        number, level = place["number"], place["level"]
        title = Text("Baris {row}: {name} ({level})", "Row {row}: {name} ({level})").say(
            language, {"row": number, "name": place["name"] or "-", "level": LEVELS[level].say(language).lower()}
        )
        href = f"#baris-{number}" if number in on_page else f"{own}?{report.shown.query(setelah=number - 1)}#baris-{number}"
        marks.append(MapPlace(place["lon"], place["lat"], title, href, kind=level, shape=_SHAPES.get(level)))
    return marks
