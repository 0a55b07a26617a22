"""The administrator's pages of boundary editions: the list, loading a file, one edition, a job. From values to HTML. What an edition
changes: `managing_impact.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from app.boundaries.checking import ACCEPTABLE
from app.boundaries.schemas import BoundaryFinding, BoundaryJobAnswer, EditionAnswer
from app.language import Language, Text
from app.pages.frame import Frame, page
from app.pages.managing import MANAGE

EDITIONS = "/portal/kelola/batas"
_HOME, TITLE = Text("Kelola", "Manage"), Text("Batas kelurahan", "Boundaries")
_NEW, _FILE = Text("Edisi baru", "New edition"), Text("Kirim berkasnya", "Send the file")
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


def address_of(name: str, number: int | None = None) -> str:
    """The path of an edition: by its name, or by its number where no path can hold that."""
    return f"{EDITIONS}/edisi/{number if number is not None and '/' in name else quote(name, safe='')}"


def editions(frame: Frame, rows: Sequence[tuple[str, EditionAnswer]], jobs: Sequence[BoundaryJobAnswer], done: str = "") -> str:
    """`rows` with the path of each."""
    language = frame.language
    return page(
        "managing_editions.html", frame, TITLE.say(language), crumbs(frame), rows=[(frame.root + path, one) for path, one in rows],
        jobs=[(f"{frame.root}{EDITIONS}/pekerjaan/{one['id']}", _of_job(one, language)) for one in jobs], path=frame.root + EDITIONS, may_load=may_load(frame), done=done,
    )  # fmt: skip


def new_edition(frame: Frame, form: EditionForm, trouble: EditionTrouble) -> str:
    return page(
        "managing_edition_new.html", frame, _NEW.say(frame.language), crumbs(frame, (TITLE, EDITIONS)), form=form, trouble=trouble,
        path=frame.root + EDITIONS, columns=in_language(_COLUMNS, frame.language), accepted=in_language(_ACCEPTED, frame.language),
    )  # fmt: skip


def edition_file(frame: Frame, form: EditionForm, limits: FileLimits, trouble: EditionTrouble) -> str:
    own = frame.root + EDITIONS
    return page(
        "managing_edition_file.html", frame, _FILE.say(frame.language), crumbs(frame, (TITLE, EDITIONS)), form=form, trouble=trouble,
        action=f"{own}/berkas?{form.query}", back=f"{own}/baru?{form.query}", most_mb=limits.most_bytes >> 20, accepted=in_language(_ACCEPTED, frame.language),
    )  # fmt: skip


def job(frame: Frame, shown: BoundaryJobAnswer, form: EditionForm | None) -> str:
    """`form`: what was said of the file of a job that loads one, so that it need not be said again."""
    language, findings = frame.language, shown.get("problem", {}).get("findings", [])
    errors = {one["code"] for one in findings if one["severity"] == "error"}
    return page(
        "managing_edition_job.html", frame, _of_job(shown, language), crumbs(frame, (TITLE, EDITIONS)), job=shown,
        state=_STATES[shown.get("step", shown["state"])].say(language), is_busy=shown["state"] in ("queued", "working"),
        own=f"{frame.root}{EDITIONS}/pekerjaan/{shown['id']}", path=frame.root + EDITIONS, edition_path=frame.root + address_of(shown["edition"]),
        form=form, findings=findings, severities=in_language(SEVERITIES, language), columns=in_language(_COLUMNS, language),
        acceptable={code: text.say(language) for code, text in _ACCEPTED.items() if code in errors},
        can_be_accepted=not errors - set(ACCEPTABLE) - {"missing"}, is_missing="missing" in errors,
    )  # fmt: skip


def edition(frame: Frame, shown: EditionPage, path: str, trouble: EditionTrouble) -> str:
    name = shown.edition["name"]
    return page(
        "managing_edition.html", frame, name, crumbs(frame, (TITLE, EDITIONS)), shown=shown, edition=shown.edition, trouble=trouble,
        path=frame.root + path, report=f"{frame.root}/boundaries/editions/{path.rpartition('/')[2]}/report?f=html", may_load=may_load(frame),
        severities=in_language(SEVERITIES, frame.language), jobs=[f"{frame.root}{EDITIONS}/pekerjaan/{one}" for one in shown.jobs.values()],
    )  # fmt: skip


def _of_job(one: BoundaryJobAnswer, language: Language) -> str:
    return _JOBS[one["kind"]].say(language, {"name": one["edition"]})


def may_load(frame: Frame) -> bool:
    """The walidata compares; the administrator also loads and uses. Which of the two it is, the service decides."""
    return frame.visitor is None or frame.visitor.role == "admin"


def crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    first = ((_HOME, MANAGE),) if may_load(frame) else ()
    return [(title.say(frame.language), frame.root + path) for title, path in (*first, *more)]


def in_language(texts: Mapping[str, Text], language: Language) -> dict[str, str]:
    return {name: text.say(language) for name, text in texts.items()}
