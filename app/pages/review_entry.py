"""One proposed entry as its reviewer reads it: fields by their titles, differences, points beside it, its history. From answers to texts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timezone
from typing import Any, NamedTuple

from markupsafe import Markup

from app.collections import kinds
from app.common_fields import BY_NAME, CONTENT
from app.errors import NotFound
from app.language import Language, Text
from app.messages import FAULTS
from app.pages import review_words as words
from app.pages.views import cell_text
from app.published.catalogue import Known
from app.reviews.nearby import NearbyPoint
from app.reviews.schemas import Entry, Review
from app.workflow.differences import Difference

_TITLES = {
    "geometry": Text("Letak", "Place"),
    "predecessors": Text("Menggantikan titik", "Takes the place of"),
    "succession": Text("Cara menggantikan", "How it takes over"),
    # Of a figure of a profile.
    "value": Text("Angka", "Number"),
    "meaning": Text("Arti", "Meaning"),
    "source": Text("Sumber", "Source"),
    "note": Text("Catatan", "Note"),
    "explanation": Text("Penjelasan pengisi", "The writer's explanation"),
    "indicator": Text("Indikator", "Indicator"),
    "class": Text("Kelas", "Class"),
    "period": Text("Periode", "Period"),
    "indicator_version": Text("Versi definisi", "Version of the definition"),
}
_STATUS = {
    "active": Text("aktif", "active"), "inactive": Text("tidak aktif", "inactive"), "moved": Text("pindah", "moved"), "closed": Text("tutup", "closed"),
}  # fmt: skip
_METHODS = {
    "gps": Text("diukur dengan GPS", "measured by GPS"), "import": Text("dari berkas", "from a file"),
    "map": Text("ditunjuk di peta, atau koordinatnya ditempel", "shown on a map, or its coordinate was pasted"),
    "geocoded": Text("dari alamat", "from its address"),
}  # fmt: skip
_MEANINGS = {
    "value": Text("angka", "a number"), "empty": Text("belum ada yang tahu", "nobody knows it yet"),
    "not-applicable": Text("tidak berlaku di sini", "does not apply here"),
}  # fmt: skip
_WORDS = {"status": _STATUS, "method": _METHODS, "meaning": _MEANINGS}
_OWN_PLACE = ("name", "kelurahan", "override_reason")
_DOT = Markup(" · ")
_COMPARED = ("name", "kelurahan_name", "address", "rw", "rt")


class ShownField(NamedTuple):
    """`before` is None where there is nothing to compare with; `note` says what the two values do not: how far."""

    title: str
    value: str
    before: str | None = None
    note: str = ""


class ValueReader:
    """How the values of a category are shown: in a language, by the clock of a city."""

    def __init__(self, known: Known, category: str, language: Language, zone: timezone) -> None:
        self.language, self._zone = language, zone
        try:
            self._queryables: Mapping[str, Any] = kinds.one(known, "internal", category).source.queryables
            self.category = kinds.one(known, "internal", category).title.say(language)
        except NotFound:
            self._queryables, self.category = {}, category

    def title(self, name: str) -> str:
        if name in _TITLES:
            return _TITLES[name].say(self.language)
        if name in BY_NAME:
            return BY_NAME[name].title.say(self.language)
        return str(self._queryables[name].title.say(self.language)) if name in self._queryables else name

    def value(self, name: str, value: object) -> str:
        if isinstance(value, str) and value in _WORDS.get(name, {}):
            return _WORDS[name][value].say(self.language)
        if name == "geometry" and isinstance(value, list):
            return position_text(value[0], value[1])
        return cell_text(value, self.language, self._zone)

    def time(self, value: object) -> str:
        return cell_text(value, self.language, self._zone)

    def differences(self, changes: Iterable[Difference]) -> list[ShownField]:
        """Field by field; what was empty or is empty now is said so."""
        empty = Text("(kosong)", "(empty)").say(self.language)
        moved = Text("pindah {metres} m", "moved {metres} m")
        return [
            ShownField(
                self.title(change["property"]),
                self.value(change["property"], change["after"]) or empty,
                self.value(change["property"], change["before"]) or empty,
                moved.say(self.language, {"metres": self.time(change["moved_m"])}) if "moved_m" in change else "",
            )
            for change in changes
        ]

    def content(self, review: Review) -> list[ShownField]:
        """All that is proposed, but for what stands in the head of the page."""
        row: Mapping[str, Any] = review
        common = [(field.name, row[field.name]) for field in CONTENT if field.name not in _OWN_PLACE]
        place = [("geometry", [row["lon"], row["lat"]])] if row["lon"] is not None else []
        named = [*common, *place, *((name, value) for name, value in row["attributes"].items() if name != "warnings")]
        return [ShownField(self.title(name), self.value(name, value)) for name, value in named if value not in (None, "")]

    def warned(self, review: Review) -> list[str]:
        """What checks have said of a figure, in sentences."""
        found: Any = review["attributes"].get("warnings") or []
        return [FAULTS[f"misfit-{one['kind']}"].say(self.language, one["facts"]) for one in found if f"misfit-{one['kind']}" in FAULTS]

    def side_by_side(self, review: Review, candidates: Sequence[NearbyPoint]) -> list[list[str]]:
        """A row for each property that one of them has: its title, what is proposed, and what each candidate has."""
        proposed: Mapping[str, Any] = review
        sides: list[Mapping[str, Any]] = [proposed, *candidates]
        names = list(dict.fromkeys(name for side in sides for name in side["attributes"]))
        rows = [[self.title(name), *(self.value(name, side[name]) for side in sides)] for name in _COMPARED]
        rows += [[self.title(name), *(self.value(name, side["attributes"].get(name)) for side in sides)] for name in names]
        return [row for row in rows if any(row[1:])]

    def history(self, entries: Iterable[Entry]) -> list[dict[str, object]]:
        return [self._past(entry) for entry in entries]

    def _past(self, entry: Entry) -> dict[str, object]:
        state = words.STATES[entry["state"]].say(self.language)
        decided = _DOT.join(filter(None, (entry.get("decided_by"), self.time(entry.get("decided_at")))))
        return {
            "version": entry["version"], "state": state, "written": _DOT.join((entry["written_by"], self.time(entry["created_at"]))),
            "decided": decided, "reason": entry.get("decision_reason") or entry.get("ended_reason") or "",
            "changed": ", ".join(self.title(change["property"]) for change in entry["changes"]),
        }  # fmt: skip


def position_text(lon: float, lat: float) -> str:
    """Latitude first, as people paste it into a map."""
    return f"{lat:.6f}, {lon:.6f}"
