"""What readers must know of the boundaries that verdicts rest on: how exact they are, and how to load better ones."""

from typing import NotRequired, Protocol

from app.language import Language, Text
from app.wire import Answer

APPROXIMATE = Text(
    "Batas kelurahan yang dipakai hanya perkiraan ({name}, ketelitian {accuracy:.0f} m); putusan letak di dekat batas bisa keliru.",
    "The kelurahan boundaries in use are only approximate ({name}, accuracy {accuracy:.0f} m); verdicts near a boundary may be wrong.",
)
LOADING = Text(
    "Muat batas resmi: titik boundaries load BERKAS --edition NAMA --accuracy-m 5 --activate",
    "Load the official ones: titik boundaries load FILE --edition NAME --accuracy-m 5 --activate",
)
MISSING = Text(
    "Belum ada batas kelurahan; titik belum dapat diterima. Muat: titik boundaries load BERKAS --activate",
    "There are no kelurahan boundaries yet, so no point can be accepted. Load them: titik boundaries load FILE --activate",
)

WITHOUT_BOUNDARIES = Text(
    "Edisi yang dipakai tidak memuat batas untuk {names}; titik di sana belum dapat diterima. Muat satu edisi dengan semua kota: titik boundaries load BERKAS --activate",
    "The edition in use has no boundaries for {names}, so no point can be accepted there. Load one edition with all cities: titik boundaries load FILE --activate",
)


class AnEdition(Protocol):
    """Whatever tells of an edition."""

    @property
    def name(self) -> str: ...
    @property
    def accuracy_m(self) -> float: ...
    @property
    def approximate(self) -> bool: ...


def boundary_note(edition: AnEdition | None, language: Language, *, is_public: bool = False) -> str | None:
    """The sentence to show wherever verdicts are shown; None while the edition is an official one. What is to be done about it only an operator can
    do: the public is not told.
    """
    if edition is None:
        return MISSING.say(language)
    if not edition.approximate:
        return None
    note = APPROXIMATE.say(language, {"name": edition.name, "accuracy": edition.accuracy_m})
    return note if is_public else f"{note} {LOADING.say(language)}"


class Boundaries(Answer):
    """The active edition as `/` and `/locate` show it."""

    name: str
    accuracy_m: float
    approximate: bool
    note: NotRequired[str]


def edition_json(edition: AnEdition, language: Language) -> Boundaries:
    document: Boundaries = {"name": edition.name, "accuracy_m": edition.accuracy_m, "approximate": edition.approximate}
    note = boundary_note(edition, language)
    return document | {"note": note} if note else document
