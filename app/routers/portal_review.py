"""The reviewer's pages: the queue, one entry, and decisions by forms. They work without scripts, on the services of `/reviews`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, cast
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.rights import Actor
from app.audit.record import Action
from app.cursors import read_cursor, write_cursor
from app.db import WriteSession
from app.errors import BadRequest, Conflict, Invalid, Misplaced, Stale, TitikError
from app.figures import history
from app.figures import queries as figures
from app.http.editing import Editing, Editor
from app.http.framing import frame_of, language_of, page_headers, root_of
from app.http.parameters import PRIVATE, RevisionId
from app.http.problems import status_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, refused_fields
from app.language import Text
from app.messages import say_fault
from app.pages import review as pages
from app.pages.frame import Frame
from app.pages.review import EntryPage, QueuePage, SeenTogether, TurnedDeed, Typed
from app.pages.visitor import Visitor
from app.photos import service as photos
from app.placement.clipping import polygons_within
from app.points.noun import POINT
from app.points.rules import REJUDGED
from app.reviews import moves, nearby, reading, service, turned, walking
from app.reviews.schemas import Entry, Review
from app.reviews.service import DECIDED_AT_ONCE, Acknowledging, Decision, Decisions
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix="/portal/tinjau", include_in_schema=False)

_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}}
_MOST_FIELDS = DECIDED_AT_ONCE + 20
_AT_ONCE = 50
_PAST_SHOWN = 20
_NEWEST = 2**31 - 1
_NOTHING_TYPED = Typed()
_CLOSING = Text(
    "Centang dulu bahwa titik ini boleh hilang dari peta, lalu tekan Terbitkan.",
    "First tick that this point may go from the map, then press Publish.",
)
_REASON = Text(
    "Pilih atau tulis dulu alasannya; pengisi perlu tahu apa yang diperbaiki.",
    "Choose or write a reason first; the writer needs to know what to mend.",
)


async def filters_of(
    kind: Annotated[str, Query(max_length=20)] = "",
    flag: Annotated[str, Query(max_length=40)] = "",
    category: Annotated[str, Query(max_length=64)] = "",
    kelurahan: Annotated[str, Query(max_length=64)] = "",
    writer: Annotated[str, Query(max_length=100)] = "",
    age: Annotated[str, Query(max_length=10)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    corrected: Annotated[str, Query(max_length=20)] = "",
    clean: Annotated[str, Query(max_length=20)] = "",
    sortby: Annotated[str, Query(max_length=20)] = "",
    subject_kind: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, str]:
    """Those that have something in them: a form sends the empty ones too."""
    return {name: value.strip() for name, value in locals().items() if value.strip()}


PageFilters = Annotated[dict[str, str], Depends(filters_of)]
JustDecided = Annotated[str, Query(alias="sudah", max_length=64)]
DeedDone = Annotated[TurnedDeed | None, Query(alias="hasil")]


@router.get("")
@needs(Action.REVIEW_READ)
async def get_queue(
    request: Request,
    filters: PageFilters,
    cursor: Annotated[str, Query(max_length=500)] = "",
    sudah: JustDecided = "",
    hasil: DeedDone = None,
    dilihat: Annotated[int | None, Query(ge=0, le=DECIDED_AT_ONCE)] = None,
    luput: Annotated[int, Query(ge=0, le=DECIDED_AT_ONCE)] = 0,
) -> Response:
    """What waits, by its filters; with `clean=true` all that may be published together. `dilihat`, `luput`: how many turned verdicts were ticked
    off together, and how many could not be.
    """
    wanted = reading.read_wanted(filters)
    purpose, secret = f"tinjau {filters.get('sortby', '')}", services(request).settings.secret
    async with Editing(request) as editor:
        reviews, matched, last = await reading.read_queue(
            editor.session, editor.actor, wanted, _place(read_cursor(secret, purpose, cursor)) if cursor else None,
            DECIDED_AT_ONCE if wanted.clean or wanted.flag == REJUDGED else _AT_ONCE,
        )  # fmt: skip
        counts = await walking.count_waiting(editor.session, editor.actor)
        choosable = counts if wanted.flag != REJUDGED else {"flag": counts.get("flag", {}), **await walking.count_turned(editor.session)}
        decided = await _decided_before(editor, sudah)
    following = urlencode({**filters, "cursor": write_cursor(secret, purpose, f"{last[1]} {last[0]}")}) if last else None
    shown = QueuePage(
        reviews,
        matched,
        counts,
        choosable,
        filters,
        f"{root_of(request)}/portal/tinjau?{following}" if following else None,
        decided,
        datetime.now(UTC),
        SeenTogether(dilihat, luput) if dilihat is not None else None,
        hasil,
    )
    return _page(request, pages.queue(_frame(request, editor.actor), services(request).catalogue.known, shown))


@router.post("", openapi_extra=_FORM)
@needs(Action.REVISION_PUBLISH)
async def post_together(request: Request, filters: PageFilters) -> Response:
    """Publishes what is ticked, each on its own; a closing never comes along."""
    revisions = _revisions_of(await _ticked(request))
    async with Editing(request) as editor:
        if not revisions:
            return RedirectResponse(f"{root_of(request)}/portal/tinjau{pages.query_of(filters)}", 303, PRIVATE)
        decisions = parse(Decisions, {"decision": "publish", "revisions": [str(one) for one in revisions]})
        results = await service.decide_many(editor.session, editor.actor, decisions)
        outcomes = await walking.outcomes_of(editor.session, revisions)
    told = [(outcomes.get(revision), result.code if isinstance(result, TitikError) else None) for revision, result in results]
    return _page(request, pages.decided(_frame(request, editor.actor), told, filters))


@router.post("/dilihat", openapi_extra=_FORM)
@needs(Action.REVISION_ACKNOWLEDGE)
async def post_seen_together(request: Request, filters: PageFilters) -> Response:
    """Ticks off the turned verdicts of what is ticked, each on its own."""
    revisions = _revisions_of(await _ticked(request))
    async with Editing(request) as editor:
        if not revisions:
            return RedirectResponse(f"{root_of(request)}/portal/tinjau{pages.query_of(filters)}", 303, PRIVATE)
        acknowledging = parse(Acknowledging, {"revisions": [str(one) for one in revisions]})
        results = await service.acknowledge(editor.session, editor.actor, acknowledging)
    refused = sum(refusal is not None for _, refusal in results)
    query = urlencode({**filters, "dilihat": len(results) - refused, "luput": refused})
    return RedirectResponse(f"{root_of(request)}/portal/tinjau?{query}", 303, PRIVATE)


@router.get("/{revision}")
@needs(Action.REVIEW_READ)
async def get_entry(
    revision: RevisionId, request: Request, filters: PageFilters, sudah: JustDecided = "", hasil: DeedDone = None
) -> Response:
    """One entry with all that there is to know of it, and the form to decide on it."""
    return await _entry(request, revision, filters, 200, sudah=sudah, deed=hasil)


@router.post("/{revision}", openapi_extra=_FORM)
@needs(Action.REVISION_PUBLISH, Action.REVISION_RETURN)
async def post_entry(revision: RevisionId, request: Request, filters: PageFilters) -> Response:
    """Decides, and goes on with the next entry of the same filters. What could not be done is shown with all that was typed."""
    sent = await _ticked(request)
    first = {name: values[-1] for name, values in sent.items()}
    typed = Typed(first.get("decision", ""), first.get("reason", ""), first.get("note", ""))
    try:
        async with Editing(request) as editor:
            await _decide(editor, revision, typed, sent)
            steps = await walking.steps_around(editor.session, editor.actor, reading.read_wanted(filters), revision)
    except Invalid as error:
        return await _entry(request, revision, filters, 422, _faulty(request, typed, error))
    except Conflict as error:
        if error.code == "closing-unnamed":
            return await _entry(
                request, revision, filters, 422, typed._replace(fault=_CLOSING.say(language_of(request)), fault_at="closing")
            )
        return await _entry(request, revision, filters, 409, typed, refused=error.code)
    return _go_on(request, filters, steps, {"sudah": str(revision)})


@router.post("/{revision}/dilihat", openapi_extra=_FORM)
@needs(Action.REVISION_ACKNOWLEDGE)
async def post_seen(revision: RevisionId, request: Request, filters: PageFilters) -> Response:
    """Ticks off a turned verdict, and goes on with the next entry of the same filters."""
    try:
        async with Editing(request) as editor:
            await turned.acknowledge_one(editor.session, editor.actor, revision)
            steps = await walking.steps_around(editor.session, editor.actor, reading.read_wanted(filters), revision)
    except Conflict as error:
        return await _entry(request, revision, filters, 409, Typed("acknowledge"), refused=error.code)
    return _go_on(request, filters, steps, {"sudah": str(revision), "hasil": "dilihat"})


@router.post("/{revision}/pindah", openapi_extra=_FORM)
@needs(Action.REVISION_ACKNOWLEDGE, Action.POINT_CHANGE)
async def post_move(revision: RevisionId, request: Request, filters: PageFilters) -> Response:
    """Proposes the kelurahan in which the point lies by the newer boundaries, and goes on with the next entry."""
    try:
        async with Editing(request) as editor:
            await turned.propose_move(editor.session, editor.actor, revision)
            steps = await walking.steps_around(editor.session, editor.actor, reading.read_wanted(filters), revision)
    except (Conflict, Invalid, Misplaced, Stale) as error:
        why = " ".join(refused_fields(request, error, "").values())
        return await _entry(request, revision, filters, status_of(error), Typed("move", fault=why))
    return _go_on(request, filters, steps, {"sudah": str(revision), "hasil": "pindah"})


def _go_on(request: Request, filters: Mapping[str, str], steps: walking.QueueSteps, news: Mapping[str, str]) -> Response:
    """To the next entry, or back to the queue; there `news` is told."""
    following = f"/{steps.next}" if steps.next else ""
    return RedirectResponse(f"{root_of(request)}/portal/tinjau{following}?{urlencode({**filters, **news})}", 303, PRIVATE)


async def _decide(editor: Editor, revision: UUID, typed: Typed, sent: Mapping[str, list[str]]) -> None:
    """A closing is published only where the box beside it is ticked: else it is one that nobody has named (`closing-unnamed`)."""
    reason = " ".join(filter(None, (typed.reason, typed.note))) or None
    named = {"decision": typed.decision, "reason": reason, "photos": sent.get("photo", [])}
    if typed.decision != "publish":
        await service.decide(editor.session, editor.actor, revision, parse(Decision, named))
        return
    kind = "close" if "seen" in sent.get("closing", ()) else None
    decisions = parse(Decisions, {**named, "reason": None, "revisions": [str(revision)], "kind": kind})
    ((_, result),) = await service.decide_many(editor.session, editor.actor, decisions)
    if isinstance(result, TitikError):
        raise result


def _faulty(request: Request, typed: Typed, error: Invalid) -> Typed:
    fault, language = error.faults[0], language_of(request)
    said = _REASON.say(language) if fault.code == "reason-missing" else say_fault(fault.code, fault.facts, language)
    return typed._replace(fault=said, fault_at="reason" if fault.where == "/reason" else "")


async def _entry(
    request: Request,
    revision: UUID,
    filters: dict[str, str],
    status: int,
    typed: Typed = _NOTHING_TYPED,
    *,
    sudah: str = "",
    refused: str | None = None,
    deed: TurnedDeed | None = None,
) -> Response:
    wanted, known = reading.read_wanted(filters), services(request).catalogue.known
    async with Editing(request, counted=False, reading=True) as editor:
        session, actor = editor.session, editor.actor
        review = await reading.read_review(session, actor, revision)
        shown = EntryPage(
            review=review, steps=await walking.steps_around(session, actor, wanted, revision),
            around=await nearby.points_around(session, revision), photos=await photos.of_point(session, actor, review["subject"]) or [],
            history=await _history(session, review),
            polygons=await polygons_within(session, box) if (box := pages.around_of(known, review)) else [], filters=filters, decided=await _decided_before(editor, sudah), typed=typed, refused=refused,
            own=review["submitted_by"] == actor.name, now=datetime.now(UTC), deed=deed,
        )  # fmt: skip
    return _page(request, pages.entry(_frame(request, actor), known, shown), status)


async def _history(session: WriteSession, review: Review) -> list[Entry]:
    """What was proposed of it, the newest first."""
    if review["subject_kind"] == POINT.kind:
        return (await moves.read_history(session, review["subject"], _NEWEST, _PAST_SHOWN))[0]["revisions"]
    rows = await session.all(figures.HISTORY, id=review["subject"], before=_NEWEST, limit=_PAST_SHOWN)
    changed = [history.differences(row["before"] or {}, row["content"]) for row in rows]
    return [cast("Entry", {**row, "revision": str(row["revision"]), "changes": one}) for row, one in zip(rows, changed, strict=True)]


async def _decided_before(editor: Editor, sudah: str) -> walking.Outcome | None:
    revision = _uuid(sudah)
    return (await walking.outcomes_of(editor.session, [revision])).get(revision) if revision else None


async def _ticked(request: Request) -> dict[str, list[str]]:
    """The values of each field: of boxes to tick there are several."""
    try:
        fields = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise BadRequest("fields-unreadable") from None
    return {name: [value.strip().replace("\0", "") for value in values] for name, values in fields.items()}


def _revisions_of(sent: Mapping[str, list[str]]) -> list[UUID]:
    """Those that are ticked, each once."""
    return list(dict.fromkeys(filter(None, (_uuid(text) for text in sent.get("revision", ())))))


def _uuid(text: str) -> UUID | None:
    """None for what is none: it names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _place(cursor: str) -> tuple[str, UUID]:
    revision, _, key = cursor.partition(" ")
    return key, UUID(revision)


def _frame(request: Request, actor: Actor) -> Frame:
    return frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))


def _page(request: Request, text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, page_headers(request) | PRIVATE)
