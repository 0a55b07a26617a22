"""The reviewer's pages: what waits, one entry with all that there is to know of it, and what became of many."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from functools import cache
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from app.collections import kinds
from app.figures.noun import VALUE
from app.geo import Bbox
from app.language import Language, Text
from app.messages import PROBLEMS
from app.pages import review_words as words
from app.pages.frame import Frame, page
from app.pages.place_map import PlaceMap, Spot, draw_place, outlines_of, sides_of, surroundings
from app.pages.review_entry import ValueReader, position_text
from app.photos.queries import PhotoRow
from app.placement.clipping import ClippedPolygon
from app.placement.rules import tolerance_m
from app.points.rules import REJUDGED
from app.published.catalogue import Known
from app.reviews.nearby import NearbyPoint
from app.reviews.schemas import Entry, Review
from app.reviews.turned import kelurahan_now
from app.reviews.walking import Outcome, QueueSteps, WaitingCounts

_TITLE = Text("Tinjau", "Review")
_PROFILE = Text("Profil kelurahan", "Profile of a kelurahan")
_DECIDED = Text("Hasil keputusan", "What was decided")
_PATH = "/portal/tinjau"
_DECISIONS = {
    "publish": Text("Terbitkan", "Publish"), "return": Text("Kembalikan", "Return"), "acknowledge": Text("Sudah saya lihat", "Seen"),
    "move": Text("Pindahkan kelurahannya", "Move it to another kelurahan"),
}  # fmt: skip
_SEEN = Text(
    "{number} titik sudah dilihat, dan keluar dari daftar ini.", "{number} {number:point was|points were} seen, and left this list."
)
_UNSEEN = Text(
    "{number} tidak: isian Anda sendiri, atau sudah dilihat orang lain.",
    "{number} {number:was|were} not: your own entries, or seen by somebody else.",
)
TurnedDeed = Literal["dilihat", "pindah"]
"""What was done about a turned verdict, as the address says it."""
_DONE = {
    "published": Text("Terbit: {name}", "Published: {name}"),
    "returned": Text("Dikembalikan: {name}", "Returned: {name}"),
    "dilihat": Text("Sudah dilihat: {name}", "Seen: {name}"),
    "pindah": Text("Diusulkan pindah kelurahan: {name}. Walidata lain yang menerbitkannya.", "Proposed for another kelurahan: {name}. Another walidata publishes it."),
}  # fmt: skip
# What the form of filters has; whatever else an address says is carried along.
FILTERS = ("kind", "flag", "category", "kelurahan", "age", "corrected", "clean", "q", "writer", "sortby", "subject_kind")
_AGES = (
    ("1d", Text("1 hari atau lebih", "1 day or longer")), ("3d", Text("3 hari atau lebih", "3 days or longer")),
    ("1w", Text("1 minggu atau lebih", "1 week or longer")), ("4w", Text("4 minggu atau lebih", "4 weeks or longer")),
)  # fmt: skip
_ORDERS = (
    ("submitted_at", Text("paling lama menunggu", "longest waiting")), ("-submitted_at", Text("terbaru", "newest")), ("name", Text("nama", "name")),
    ("kelurahan", Text("kelurahan", "kelurahan")), ("category", Text("kategori", "category")), ("submitted_by", Text("pengisi", "writer")),
    ("-distance_m", Text("paling jauh dari kelurahannya", "farthest from its kelurahan")),
)  # fmt: skip


class SeenTogether(NamedTuple):
    """How many turned verdicts were ticked off together, and how many could not be."""

    number: int
    refused: int


class QueuePage(NamedTuple):
    """`filters` are the parameters of the address, `choosable` what they can be set to, with the number of each; `following` is the address of the
    next page, `decided` what was just decided on.
    """

    reviews: Sequence[Review]
    matched: int
    counts: WaitingCounts
    choosable: WaitingCounts
    filters: Mapping[str, str]
    following: str | None
    decided: Outcome | None
    now: datetime
    seen: SeenTogether | None = None
    deed: TurnedDeed | None = None


class Typed(NamedTuple):
    """What a reviewer has chosen and written, so that nothing of it is lost when it could not be done. `fault`: what is wrong with it."""

    decision: str = ""
    reason: str = ""
    note: str = ""
    fault: str = ""
    fault_at: str = ""


class EntryPage(NamedTuple):
    """`refused`: the code of why the decision could not be, as another was quicker; `typed`: what was to be decided."""

    review: Review
    steps: QueueSteps
    around: Sequence[NearbyPoint]
    photos: Sequence[PhotoRow]
    history: Sequence[Entry]
    polygons: Sequence[ClippedPolygon]
    filters: Mapping[str, str]
    decided: Outcome | None
    typed: Typed
    refused: str | None
    own: bool
    now: datetime
    deed: TurnedDeed | None = None


def queue(frame: Frame, known: Known, shown: QueuePage) -> str:
    language = frame.language
    readings = _readings(frame, known)
    kelurahan = [(code, known.directory.kelurahan[code].name) for code in shown.choosable.get("kelurahan", {})]
    return page(
        "review_queue.html", frame, _TITLE.say(language), shown=shown, path=f"{frame.root}{_PATH}", query=query_of(shown.filters),
        entries=[_line(known, readings(review["category"], review["kelurahan"]), review, shown.now) for review in shown.reviews], tabs=_tabs(language, shown),
        choices={
            "kind": _choices(shown, "kind", [(name, text.say(language)) for name, text in words.KINDS.items()]),
            "flag": _choices(shown, "flag", [(name, one.label.say(language)) for name, one in words.FLAGS.items()]),
            "category": _choices(shown, "category", [(name, _category(known, name, language)) for name in shown.choosable.get("category", {})]),
            "kelurahan": _choices(shown, "kelurahan", sorted(kelurahan, key=lambda one: one[1])),
            "age": [(value, text.say(language), None) for value, text in _AGES],
            "sortby": [(value, text.say(language), None) for value, text in _ORDERS],
        },
        flash=_seen(shown.seen, language) or _flash(shown.decided, language, shown.deed), is_turned=shown.filters.get("flag") == REJUDGED,
    )  # fmt: skip


def entry(frame: Frame, known: Known, shown: EntryPage) -> str:
    review, language = shown.review, frame.language
    reading = _readings(frame, known)(review["category"], review["kelurahan"])
    flags = [words.flag_words(flag) for flag in (*review["flags"], *(review["photos"] or {"flags": []})["flags"])]
    alike = [one for one in shown.around if one["is_alike"]]
    reasons = words.REASONS_OF_CLOSING if review["kind"] == "close" else words.REASONS
    return page(
        "review_entry.html", frame, review["name"], [(_TITLE.say(language), f"{frame.root}{_PATH}{query_of(shown.filters)}")],
        shown=shown, review=review, reading=reading, path=f"{frame.root}{_PATH}", query=query_of(shown.filters),
        line=_line(known, reading, review, shown.now), moves_to=_name_of(known, kelurahan_now(review)), state_words=words.STATES[review["state"]].say(language), verdict=_verdict(known, review, language),
        flags=[{"label": flag.label.say(language), "why": flag.why.say(language)} for flag in flags],
        changes=reading.differences(review["changes"]), content=reading.content(review), warned=reading.warned(review) if review["subject_kind"] == VALUE.kind else [],
        corrected=reading.differences(review["corrected"]["changes"]) if review["corrected"] else [],
        alike=alike, sides=reading.side_by_side(review, alike), neighbours=[_neighbour(known, one, language) for one in shown.around],
        history=reading.history(shown.history), place=_place_map(known, shown), photos=[_photo(frame, reading, row) for row in shown.photos],
        reasons=[(reason.id, reason.say(language)) for reason in reasons], flash=_flash(shown.decided, language, shown.deed), conflict=_conflict(shown, reading, language),
        newer=next((one for one in shown.history if one["state"] == "submitted" and one["revision"] != str(review["revision"])), None),
    )  # fmt: skip


def decided(frame: Frame, results: Sequence[tuple[Outcome | None, str | None]], filters: Mapping[str, str]) -> str:
    """What became of many: each with the code of why not, or None."""
    language = frame.language
    done = [outcome for outcome, code in results if code is None and outcome]
    refused = [
        {"outcome": outcome, "why": PROBLEMS[code].detail.say(language), "state": words.STATES[outcome.state].say(language)}
        for outcome, code in results
        if code is not None and outcome
    ]
    return page(
        "review_decided.html", frame, _DECIDED.say(language), [(_TITLE.say(language), f"{frame.root}{_PATH}")], done=done, refused=refused,
        unknown=sum(outcome is None for outcome, _ in results), path=f"{frame.root}{_PATH}", query=query_of(filters),
    )  # fmt: skip


def query_of(filters: Mapping[str, str]) -> str:
    """`?kind=new`, or nothing."""
    sent = {name: filters[name] for name in FILTERS if filters.get(name)}
    return f"?{urlencode(sent)}" if sent else ""


def _readings(frame: Frame, known: Known) -> Callable[[str, str], ValueReader]:
    """For a category and a kelurahan how their values are read; each is made once for a page."""

    @cache
    def of_category(category: str, zone: timezone) -> ValueReader:
        return ValueReader(known, category, frame.language, zone)

    return lambda category, kelurahan: of_category(category, frame.cities.zone_of(kelurahan))


def _line(known: Known, reading: ValueReader, review: Review, now: datetime) -> dict[str, object]:
    """What stands of an entry in one line of the list, and in the head of its page."""
    language = reading.language
    return {
        "id": str(review["revision"]), "name": review["name"], "kind": review["kind"], "kind_words": words.KINDS[review["kind"]].say(language),
        "category": reading.category if review["subject_kind"] != VALUE.kind else _PROFILE.say(language), "kelurahan": review["kelurahan_name"], "by": review["submitted_by"],
        "age": words.age_words(review["submitted_at"], now, language) if review["submitted_at"] else "",
        "at": reading.time(review["submitted_at"]), "flags": [words.flag_words(flag).label.say(language) for flag in review["flags"]],
        "turned": _turned(known, review, language), "is_public": review["state"] == "published",
        "photos": (review["photos"] or {"number": 0})["number"], "changes": [field.title for field in reading.differences(review["changes"])],
        "corrected": review["corrected"], "corrections": [field.title for field in reading.differences((review["corrected"] or {"changes": []})["changes"])],
    }  # fmt: skip


def _tabs(language: Language, shown: QueuePage) -> list[tuple[str, str, int, bool]]:
    """Query, words, number, whether it is the one that is shown."""
    counts = shown.counts
    tabs = [
        ("", Text("Semua", "All"), counts.get("all", {}).get("", 0)),
        ("?clean=true", Text("Tanpa catatan", "Nothing to note"), counts.get("clean", {}).get("true", 0)),
        ("?corrected=true", Text("Dikoreksi setelah dikembalikan", "Corrected after return"), counts.get("corrected", {}).get("true", 0)),
        ("?kind=confirm", words.KINDS["confirm"], counts.get("kind", {}).get("confirm", 0)),
        ("?kind=close", words.KINDS["close"], counts.get("kind", {}).get("close", 0)),
        ("?flag=rejudged", Text("Batas berubah", "Boundaries changed"), counts.get("flag", {}).get("rejudged", 0)),
    ]
    here = query_of(shown.filters)
    return [(query, text.say(language), number, query == here) for query, text, number in tabs]


def _choices(shown: QueuePage, name: str, named: Sequence[tuple[str, str]]) -> list[tuple[str, str, int | None]]:
    """The values that wait, each with how many do; and the one that is chosen, though nothing waits any more."""
    counts = shown.choosable.get(name, {})
    return [(value, text, counts.get(value, 0)) for value, text in named if value in counts or value == shown.filters.get(name)]


def _category(known: Known, name: str, language: Language) -> str:
    return next((one.title.say(language) for one in kinds.listed(known, "internal") if one.id == name), name)


def _turned(known: Known, review: Review, language: Language) -> str:
    if (rejudged := review["rejudged"]) is None:
        return ""
    names = {code: kelurahan.name for code, kelurahan in known.directory.kelurahan.items()}
    return words.turned_words(rejudged["before"], rejudged["after"], names, language)


def _name_of(known: Known, code: str | None) -> str:
    return known.directory.kelurahan[code].name if code and code in known.directory.kelurahan else ""


def _seen(seen: SeenTogether | None, language: Language) -> str:
    if seen is None:
        return ""
    said = [_SEEN.say(language, {"number": seen.number})]
    return " ".join([*said, _UNSEEN.say(language, {"number": seen.refused})] if seen.refused else said)


def _flash(outcome: Outcome | None, language: Language, deed: TurnedDeed | None = None) -> str:
    if outcome is None:
        return ""
    said = _DONE.get(deed or outcome.state)
    return said.say(language, {"name": outcome.name}) if said else ""


def _tolerance(known: Known, review: Review) -> float:
    accuracy: float | None = review["accuracy_m"]  # type: ignore[typeddict-item]
    return tolerance_m(accuracy, known.edition.accuracy_m if known.edition else 0)


def _verdict(known: Known, review: Review, language: Language) -> str:
    if review["placement"] is None:
        return ""
    return words.verdict_words(review["placement"], review["kelurahan_name"], _tolerance(known, review), language)


def around_of(known: Known, review: Review) -> Bbox | None:
    """In which box polygons are drawn; None where it has no place."""
    if (after := _after(review)) is None:
        return None
    return surroundings(sides_of(after, _before(review), _tolerance(known, review)))


def _after(review: Review) -> Spot | None:
    lon, lat = review["lon"], review["lat"]
    return None if lon is None or lat is None else Spot(lon, lat, position_text(lon, lat))


def _before(review: Review) -> Spot | None:
    """Where it is in public, if that is elsewhere."""
    before = next((change["before"] for change in review["changes"] if change["property"] == "geometry"), None)
    return Spot(before[0], before[1], position_text(*before)) if isinstance(before, list) else None


def _place_map(known: Known, shown: EntryPage) -> PlaceMap | None:
    review = shown.review
    if (after := _after(review)) is None:
        return None
    others = [Spot(one["lon"], one["lat"], one["name"]) for one in shown.around]
    return draw_place(outlines_of(shown.polygons), review["kelurahan"], after, _before(review), _tolerance(known, review), others)


def _neighbour(known: Known, one: NearbyPoint, language: Language) -> dict[str, object]:
    return {
        "name": one["name"], "category": _category(known, one["category"], language), "kelurahan": one["kelurahan_name"], "is_alike": one["is_alike"],
        "distance": f"{one['distance_m']:.0f} m", "state": words.STATES[one["state"]].say(language), "revision": one["revision"],
    }  # fmt: skip


def _photo(frame: Frame, reading: ValueReader, row: PhotoRow) -> dict[str, object]:
    address = f"{frame.root}/points/{row['point_id']}/photos/{row['id']}"
    return {
        "id": str(row["id"]), "href": address, "thumbnail": f"{address}?size=small", "taken": reading.time(row["taken_at"]),
        "distance": f"{row['distance_m']:.0f} m" if row["distance_m"] is not None else "", "is_approved": row["approved"],
        "flags": [words.flag_words(flag).label.say(reading.language) for flag in row["flags"]],
    }  # fmt: skip


def _conflict(shown: EntryPage, reading: ValueReader, language: Language) -> dict[str, str] | None:
    """What another has decided meanwhile, beside what was to be decided."""
    if shown.refused is None:
        return None
    review = shown.review
    mine = _DECISIONS.get(shown.typed.decision)
    return {
        "why": PROBLEMS[shown.refused].detail.say(language), "hint": PROBLEMS[shown.refused].hint.say(language),
        "state": words.STATES[review["state"]].say(language), "by": review["decided_by"] or "", "at": reading.time(review["decided_at"]),
        "reason": review["decision_reason"] or "", "mine": mine.say(language) if mine else "",
        "typed": " ".join(filter(None, (shown.typed.reason, shown.typed.note))),
    }  # fmt: skip
