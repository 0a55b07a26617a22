"""`/portal/kelola/batas`: editions of the boundaries by hand, on the services of `/boundaries`. Every step is a form that works without scripts."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from app.audit.record import Action
from app.boundaries import jobs, queries, service
from app.boundaries.jobs import Confirmation, EditionRef, KindOfChanges
from app.boundaries.outlines import Outline
from app.boundaries.schemas import edition_json, findings_json, job_json, point_json
from app.categories import queries as category_queries
from app.db import Row, WriteSession
from app.errors import Conflict, Forbidden, NotFound, TitikError, Unauthenticated
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import base_url, language_of
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rendering import GeoJson, outlines_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, page_answer, page_frame
from app.language import Text
from app.messages import say_fault
from app.pages import managing_editions as pages
from app.pages import managing_impact as impact_pages
from app.pages.managing_editions import EDITIONS, EditionForm, EditionPage, EditionTrouble
from app.pages.managing_impact import ChangeTally, ImpactFilter, ImpactPage, PublicPlace
from app.placement.edition import edition_named
from app.routers.boundaries import LAST, EditionName, JobId
from app.routers.portal_managing_edition_files import led, to_job

EDITIONS_AT_ONCE, POINTS_AT_ONCE, KELURAHAN_AT_MOST = 100, 50, 500
_OUTDATED = Text(
    "Sejak perbandingan ini dibuat, titik atau batas yang dipakai sudah berubah. Bandingkan lagi, lihat hasilnya, lalu pakai.",
    "Points, or the boundaries in use, have changed since this comparison was made. Compare again, look at it, then use it.",
)
_REMOVED = Text("Edisi dihapus.", "The edition is removed.")
_LOADED = Text(
    "Batas sudah dimuat. Belum dipakai: bandingkan dulu.", "The boundaries are loaded. They are not in use yet: compare them first."
)


After = Annotated[int, Query(ge=0, le=LAST)]


async def impact_filter(
    perubahan: Annotated[str, Query(max_length=30, pattern="^([a-z]+-[a-z]+)?$")] = "", kelurahan: Annotated[str, Query(max_length=13)] = ""
) -> ImpactFilter:
    return ImpactFilter(perubahan, kelurahan)


WantedChanges = Annotated[ImpactFilter, Depends(impact_filter)]


class EditionsRoute(PageRoute):
    """Whatever is wrong with a form is said on the page that had it, and what was typed is still there."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except (Unauthenticated, Forbidden, NotFound):
                raise
            except TitikError as error:
                if request.method != "POST":
                    raise
                return await _again(request, error)

        return answered


router = APIRouter(route_class=EditionsRoute, prefix=EDITIONS, include_in_schema=False)


@router.get("")
@needs(Action.EDITION_COMPARE)
async def get_editions_page(request: Request, sudah: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The editions, the newest first, and what is at work."""
    async with Editing(request) as editor:
        rows = await editor.session.all(queries.PAGE, before=LAST, limit=EDITIONS_AT_ONCE)
        at_work = await editor.session.all(queries.JOBS_UNDER_WAY)
    here = base_url(request)
    listed = [(pages.address_of(row["name"], row["id"]), edition_json(row, here)) for row in rows]
    answers = [job_json(row, here, language_of(request)) for row in at_work]
    done = _REMOVED.say(language_of(request)) if sudah == "dihapus" else ""
    return page_answer(request, pages.editions(await page_frame(request), listed, answers, done))


# -- a job, until it has done what was asked


@router.get("/pekerjaan/{job}")
@needs(Action.EDITION_COMPARE)
async def get_edition_job(job: JobId, request: Request) -> Response:
    """How far it is; where it is done, what came of it."""
    async with Editing(request) as editor:
        row = await jobs.find(editor.session, job)
    shown = job_json(row, base_url(request), language_of(request))
    if shown["state"] == "done":
        leads_to = {"load": "?sudah=dimuat", "compare": "/dampak", "activate": "/hasil"}[shown["kind"]]
        return led(request, pages.address_of(shown["edition"], row["edition_id"]) + leads_to)
    return page_answer(request, pages.job(await page_frame(request), shown, _form_of(row) if row["kind"] == "load" else None))


def _form_of(row: Row) -> EditionForm:
    options = row["options"]
    texts = {name: str(options[name]) for name in ("edition", "source", "legal_basis", "valid_from", "layer") if options[name]}
    return EditionForm(
        **texts,
        accuracy_m=f"{options['accuracy_m']:g}",
        columns=options["columns"],
        incomplete=options["incomplete"],
        accept=tuple(options["accept"]),
    )


# -- one edition, and what it would change


@router.get("/edisi/{edition}")
@needs(Action.EDITION_COMPARE)
async def get_edition_page(edition: EditionName, request: Request, sudah: Annotated[str, Query(max_length=20)] = "") -> Response:
    """What is known of an edition, what its check has found, and what can be done with it."""
    return await _edition(request, edition, EditionTrouble(), done=_LOADED.say(language_of(request)) if sudah == "dimuat" else "")


@router.post("/edisi/{edition}/bandingkan", openapi_extra=FORM_BODY)
@needs(Action.EDITION_COMPARE)
async def post_comparison(edition: EditionName, request: Request) -> Response:
    """Has it found out what using the edition would change."""
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        job = await jobs.begin_comparison(editor.session, editor.actor, found, None)
    return to_job(request, job)


@router.get("/edisi/{edition}/dampak")
@needs(Action.EDITION_COMPARE)
async def get_impact_page(edition: EditionName, request: Request, wanted: WantedChanges, setelah: After = 0) -> Response:
    """The points and kelurahan that using the edition would change: first as a list, then on a map."""
    return await _changes(request, edition, "compare", wanted, setelah, EditionTrouble())


@router.get("/edisi/{edition}/hasil")
@needs(Action.EDITION_COMPARE)
async def get_activation_page(edition: EditionName, request: Request, wanted: WantedChanges, setelah: After = 0) -> Response:
    """The same of what using it has changed."""
    return await _changes(request, edition, "activate", wanted, setelah, EditionTrouble())


@router.get("/edisi/{edition}/dampak/peta")
@needs(Action.EDITION_COMPARE)
async def get_impact_map(edition: EditionName, request: Request, wanted: WantedChanges) -> Response:
    """What the map that can be moved draws of it."""
    return await _map(request, edition, "compare", wanted)


@router.get("/edisi/{edition}/hasil/peta")
@needs(Action.EDITION_COMPARE)
async def get_activation_map(edition: EditionName, request: Request, wanted: WantedChanges) -> Response:
    """The same of what using it has changed."""
    return await _map(request, edition, "activate", wanted)


async def _map(request: Request, edition: str, kind: KindOfChanges, wanted: ImpactFilter) -> Response:
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        job = await jobs.find_changes(editor.session, found, kind)
        rows = await editor.session.all(queries.CHANGED_POINTS, id=job["id"], after=0, limit=impact_pages.MOST_PLACES, **wanted._asdict())
        changes = [point_json(row["value"]) for row in rows]
        places = await _places(editor.session, [one["id"] for one in changes])
    before, after = await _outlines(request, found, job)
    drawn = await asyncio.to_thread(impact_pages.map_of, before, after, changes, places, language_of(request))
    return GeoJson(orjson.dumps(drawn), 200, PRIVATE)


@router.post("/edisi/{edition}/pakai", openapi_extra=FORM_BODY)
@needs(Action.EDITION_ACTIVATE)
async def post_activation(edition: EditionName, request: Request) -> Response:
    """Puts the edition into use, by a job: with the tag of the comparison that was looked at, or with its name typed out."""
    fields = await read_form(request)
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        tag, name = fields.get("tag", ""), fields.get("confirm", "").strip()
        confirmation = Confirmation([tag], None) if tag else Confirmation(None, name)
        job = await jobs.begin_activation(editor.session, editor.actor, found, confirmation, None)
    return to_job(request, job)


@router.post("/edisi/{edition}/hapus", openapi_extra=FORM_BODY)
@needs(Action.EDITION_REMOVE)
async def post_removal(edition: EditionName, request: Request) -> Response:
    """Takes an edition away that was never in use."""
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        await service.remove(editor.session, found.id, editor.actor.id)
    return led(request, f"{EDITIONS}?sudah=dihapus")


async def _again(request: Request, error: TitikError) -> Response:
    """The page that had the form, with what was wrong and what was typed."""
    language, body = language_of(request), problem_of(error, request)
    sentence = " ".join(filter(None, (body["detail"], body.get("hint"))))
    edition = request.path_params["edition"]
    if error.code == "activation-under-way" and (job := error.members.get("job")):
        return led(request, f"{EDITIONS}/pekerjaan/{job}")
    fields = {fault.where.strip("/"): say_fault(fault.code, fault.facts, language) for fault in error.faults}
    if error.code == "impact-outdated":
        sentence = _OUTDATED.say(language)
    trouble = EditionTrouble("" if fields else sentence, fields, await read_form(request))
    if "tag" in trouble.typed:
        return await _changes(request, str(edition), "compare", ImpactFilter(), 0, trouble, error)
    return await _edition(request, str(edition), trouble, error)


async def _edition(request: Request, edition: str, trouble: EditionTrouble, error: TitikError | None = None, done: str = "") -> Response:
    language = language_of(request)
    async with Editing(request, counted=error is None, reading=True) as editor:
        session = editor.session
        found = await jobs.find_edition(session, edition)
        row = await session.one(queries.ONE, edition_id=found.id)
        report = await session.value(queries.REPORT, edition_id=found.id)
        newest = {kind: await session.first(queries.NEWEST_JOB, edition_id=found.id, kind=kind) for kind in ("compare", "activate")}
        at_work = {kind: await session.first(queries.JOB_UNDER_WAY, edition_id=found.id, kind=kind) for kind in newest}
    compared = newest["compare"]
    shown = EditionPage(
        edition_json(row, base_url(request)), findings_json([*report.get("findings", ()), *report.get("notes", ())], language),
        compared["ended_at"] if compared else None, {kind: str(one["id"]) for kind, one in at_work.items() if one}, newest["activate"] is not None, done,
    )  # fmt: skip
    return page_answer(request, pages.edition(await page_frame(request), shown, pages.address_of(found.name, found.id), trouble), error)


async def _changes(
    request: Request,
    edition: str,
    kind: KindOfChanges,
    wanted: ImpactFilter,
    after: int,
    trouble: EditionTrouble,
    error: TitikError | None = None,
) -> Response:
    language, known = language_of(request), services(request).catalogue.known
    async with Editing(request, counted=error is None, reading=True) as editor:
        session = editor.session
        found = await jobs.find_edition(session, edition)
        own = pages.address_of(found.name, found.id)
        try:
            job = await jobs.find_changes(session, found, kind)
        except (NotFound, Conflict):
            return led(request, own)
        row = await session.one(queries.ONE, edition_id=found.id)
        rows = await session.all(queries.CHANGED_POINTS, id=job["id"], after=after, limit=POINTS_AT_ONCE + 1, **wanted._asdict())
        tallies = [ChangeTally(**one) for one in await session.all(queries.TALLIES, id=job["id"])]
        areas = await session.all(queries.LISTED["areas"], id=job["id"], after=0, limit=KELURAHAN_AT_MOST)
        outdated_by = await jobs.why_outdated(session, job) if kind == "compare" else None
        listed = rows[:POINTS_AT_ONCE]
        points = [point_json(one["value"]) for one in listed]
        places = await _places(session, [one["id"] for one in points])
        titles = {
            one["id"]: Text(one["title"]["id"], one["title"]["en"]).say(language) for one in await session.all(category_queries.NAMES)
        }
    shown = ImpactPage(
        edition_json(row, base_url(request)), kind, job["ended_at"], job["found"]["counts"], outdated_by,
        jobs.tag_of(job) if kind == "compare" and outdated_by is None else "", points, [one["value"] for one in areas], places, after,
        listed[-1]["number"] if len(rows) > len(listed) else None, tallies, wanted,
    )  # fmt: skip
    before, outlines = await _outlines(request, found, job)
    text = await asyncio.to_thread(
        impact_pages.impact, await page_frame(request), known.directory, shown, own, before, outlines, titles, trouble
    )
    return page_answer(request, text, error)


async def _places(session: WriteSession, points: list[str]) -> dict[str, PublicPlace]:
    """Of those that are published, as everybody sees them: who compares editions need not know where an entry lies that is not."""
    rows = await session.all(queries.PUBLIC_PLACES, points=points) if points else ()
    return {str(row["id"]): PublicPlace(row["name"], row["lon"], row["lat"]) for row in rows}


async def _outlines(request: Request, found: EditionRef, job: Row) -> tuple[tuple[Outline, ...], tuple[Outline, ...]]:
    """Those that the job compares with, and those of this edition. A comparison is with the edition in use now, an activation with that before;
    of one that ended before it was kept which that was, the latter are not known.
    """
    known, former = services(request).catalogue.known, job["found"].get("former")
    async with Editing(request, counted=False, reading=True) as editor:
        own = await edition_named(editor.session, found.name)
        other = await edition_named(editor.session, former) if former and former != found.name else None
    after = tuple(await outlines_of(request, known, own))
    if job["kind"] == "compare":
        return tuple(await outlines_of(request, known)), after
    return tuple(await outlines_of(request, known, other)) if other else (), after
