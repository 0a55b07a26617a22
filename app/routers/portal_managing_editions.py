"""`/portal/kelola/batas`: editions of the boundaries by hand, on the services of `/boundaries`. Every step is a form that works without scripts."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.audit.record import Action
from app.boundaries import jobs, queries
from app.boundaries.checking import ACCEPTABLE
from app.boundaries.columns import FIELDS
from app.boundaries.jobs import Confirmation, EditionRef, KindOfChanges, LoadOptions
from app.boundaries.outlines import Outline
from app.boundaries.schemas import edition_json, findings_json, job_json, point_json
from app.categories import queries as category_queries
from app.db import Row, WriteSession
from app.errors import BadRequest, Conflict, Forbidden, NotFound, TitikError, Unauthenticated
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import base_url, language_of, root_of
from app.http.intake import sent_as, uploaded
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rendering import GeoJson, outlines_of
from app.http.rights import needs
from app.http.route import takes_a_file
from app.http.services import services
from app.http.storing import turn_to_store
from app.http.visiting import PageRoute, page_answer, page_frame
from app.language import Language, Text
from app.messages import say_fault
from app.pages import managing_editions as pages
from app.pages.managing_editions import EDITIONS, EditionForm, EditionPage, EditionTrouble, FileLimits, ImpactPage, PublicPlace
from app.placement.edition import edition_named
from app.routers.boundaries import LAST, EditionName, JobId

EDITIONS_AT_ONCE, POINTS_AT_ONCE, KELURAHAN_AT_MOST = 100, 50, 500
_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {FORM_OF_A_FILE: {"schema": {"type": "object"}}}}}
_OF_FORM = ("edition", "source", "legal_basis", "valid_from", "accuracy_m", "layer")
_OF_FILE = frozenset(
    {"form-not-one-file", "form-unreadable", "file-empty", "body-too-large", "editions-loading-full", "too-busy", "no-room"}
)
_TAKEN = Text("Sudah ada edisi dengan nama ini. Tulis nama lain.", "There is an edition of this name already. Write another.")
_SOURCE = Text("Tulis dari siapa batas ini.", "Write whose boundaries these are.")
_ACCURACY = Text("Tulis bilangan dari 0,1 sampai 10000.", "Write a number from 0.1 to 10000.")
_LONG = Text("Terlalu panjang: paling banyak {most} huruf.", "Too long: at most {most} letters.")
_OUTDATED = Text(
    "Sejak perbandingan ini dibuat, titik atau batas yang dipakai sudah berubah. Bandingkan lagi, lihat hasilnya, lalu pakai.",
    "Points, or the boundaries in use, have changed since this comparison was made. Compare again, look at it, then use it.",
)
_LOADED = Text(
    "Batas sudah dimuat. Belum dipakai: bandingkan dulu.", "The boundaries are loaded. They are not in use yet: compare them first."
)
_UNDER_WAY = Text(
    "Sebuah edisi sedang diaktifkan. Tunggu sampai selesai, lalu ulangi.",
    "An edition is being put into use. Wait until that is done, then try again.",
)
_LENGTHS = {"edition": 100, "source": 500, "legal_basis": 500, "layer": 100}


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

Sent = Annotated[str, Query(max_length=2_000)]


Word = Annotated[str, Query(max_length=10)]
Column = Annotated[str, Query(max_length=200)]


async def _texts(
    edition: Sent = "", source: Sent = "", legal_basis: Sent = "", valid_from: Sent = "", accuracy_m: Sent = "", layer: Sent = "",
    incomplete: Word = "",
) -> dict[str, str]:  # fmt: skip
    return {
        "edition": edition, "source": source, "legal_basis": legal_basis, "valid_from": valid_from, "accuracy_m": accuracy_m, "layer": layer,
        "incomplete": incomplete,
    }  # fmt: skip


async def _choices(
    code: Annotated[Column, Query(alias="column-code")] = "",
    bps_code: Annotated[Column, Query(alias="column-bps_code")] = "",
    name: Annotated[Column, Query(alias="column-name")] = "",
    kecamatan: Annotated[Column, Query(alias="column-kecamatan")] = "",
    far: Annotated[Word, Query(alias="accept-kelurahan-far")] = "",
    label: Annotated[Word, Query(alias="accept-label-far")] = "",
    repaired: Annotated[Word, Query(alias="accept-repaired-much")] = "",
) -> dict[str, str]:
    columns = {"code": code, "bps_code": bps_code, "name": name, "kecamatan": kecamatan}
    accepted = {"kelurahan-far": far, "label-far": label, "repaired-much": repaired}
    return {f"column-{field}": text for field, text in columns.items()} | {f"accept-{code}": text for code, text in accepted.items()}


async def sent_form(
    texts: Annotated[dict[str, str], Depends(_texts)], choices: Annotated[dict[str, str], Depends(_choices)]
) -> EditionForm:
    """What the address says of a file: within a form of several parts the file would not be its only one."""
    return _form({name: text for name, text in (texts | choices).items() if text})


FormInQuery = Annotated[EditionForm, Depends(sent_form)]


def _form(sent: Mapping[str, str]) -> EditionForm:
    texts = {name: sent[name].strip() for name in _OF_FORM if name in sent}
    columns = {field: column for field in FIELDS if (column := sent.get(f"column-{field}", "").strip())}
    accept = tuple(code for code in ACCEPTABLE if sent.get(f"accept-{code}"))
    return EditionForm(**texts, columns=columns, incomplete=bool(sent.get("incomplete")), accept=accept)


# -- loading a file


@router.get("")
@needs(Action.EDITION_COMPARE)
async def get_editions_page(request: Request) -> Response:
    """The editions, the newest first, and what is at work."""
    async with Editing(request) as editor:
        rows = await editor.session.all(queries.PAGE, before=LAST, limit=EDITIONS_AT_ONCE)
        at_work = await editor.session.all(queries.JOBS_UNDER_WAY)
    here = base_url(request)
    listed = [(pages.address_of(row["name"], row["id"]), edition_json(row, here)) for row in rows]
    answers = [job_json(row, here, language_of(request)) for row in at_work]
    return page_answer(request, pages.editions(await page_frame(request), listed, answers))


@router.get("/baru")
@needs(Action.EDITION_LOAD)
async def get_new_edition(request: Request, form: FormInQuery) -> Response:
    """What is to be said of a file, before it is sent."""
    async with Editing(request):
        pass
    return page_answer(request, pages.new_edition(await page_frame(request), form, EditionTrouble()))


@router.get("/berkas")
@needs(Action.EDITION_LOAD)
async def get_edition_file(request: Request, form: FormInQuery) -> Response:
    """The form of the file alone; where something is wrong with what was said of it, that form again."""
    async with Editing(request) as editor:
        _, wrong = await _options(editor.session, form, "file", language_of(request))
    return await _file_page(request, form, wrong)


@router.post("/berkas", openapi_extra=_FILE)
@needs(Action.EDITION_LOAD)
@takes_a_file
async def post_edition_file(request: Request, form: FormInQuery) -> Response:
    """Takes the file, to be loaded by a job."""
    async with turn_to_store(request), Editing(request) as editor:
        options, wrong = await _options(editor.session, form, sent_as(request)[0] or "file", language_of(request))
        job = None if wrong else await jobs.begin_load(editor.session, editor.actor, uploaded(request), options, None)
    return await _file_page(request, form, wrong) if job is None else _to_job(request, job)


async def _file_page(request: Request, form: EditionForm, wrong: Mapping[str, str], error: TitikError | None = None) -> Response:
    frame, trouble = await page_frame(request), EditionTrouble(fields=wrong)
    if wrong.keys() - {"file"}:
        return page_answer(request, pages.new_edition(frame, form, trouble), error or BadRequest())
    return page_answer(request, pages.edition_file(frame, form, FileLimits(services(request).settings.max_import_bytes), trouble), error)


async def _options(session: WriteSession, form: EditionForm, called: str, language: Language) -> tuple[LoadOptions, dict[str, str]]:
    """What the form says, and by field what is wrong with it."""
    wrong = {
        name: _LONG.say(language, {"most": most})
        for name, most in _LENGTHS.items()
        if len(getattr(form, name)) > most and name != "edition"
    }
    if not 0 < len(form.edition) <= _LENGTHS["edition"] or "/" in form.edition:
        wrong["edition"] = say_fault("edition-name", {}, language)
    elif await session.first(queries.FIND, name=form.edition) is not None:
        wrong["edition"] = _TAKEN.say(language)
    if not form.source:
        wrong["source"] = _SOURCE.say(language)
    accuracy_m = _accuracy(form.accuracy_m)
    if accuracy_m is None:
        wrong["accuracy_m"] = _ACCURACY.say(language)
    valid_from = _date(form.valid_from)
    if form.valid_from and valid_from is None:
        wrong["valid_from"] = say_fault("not-a-date", {}, language)
    options = LoadOptions(
        called, form.edition, accuracy_m or jobs.ACCURACY_M, form.source, form.legal_basis or None, valid_from, form.layer or None, form.columns,
        form.incomplete, form.accept,
    )  # fmt: skip
    return options, wrong


def _accuracy(text: str) -> float | None:
    """Metres, as `10`, `0.5` or `0,5`."""
    text = text.replace(",", ".")
    metres = float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text) else 0.0
    return metres if 0.1 <= metres <= 10_000 else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


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
        return _to(request, pages.address_of(shown["edition"], row["edition_id"]) + leads_to)
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


def _to_job(request: Request, job: Row) -> Response:
    return _to(request, f"{EDITIONS}/pekerjaan/{job['id']}")


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
    return _to_job(request, job)


@router.get("/edisi/{edition}/dampak")
@needs(Action.EDITION_COMPARE)
async def get_impact_page(edition: EditionName, request: Request, setelah: Annotated[int, Query(ge=0, le=LAST)] = 0) -> Response:
    """The points and kelurahan that using the edition would change: first as a list, then on a map."""
    return await _changes(request, edition, "compare", setelah, EditionTrouble())


@router.get("/edisi/{edition}/hasil")
@needs(Action.EDITION_COMPARE)
async def get_activation_page(edition: EditionName, request: Request, setelah: Annotated[int, Query(ge=0, le=LAST)] = 0) -> Response:
    """The same of what using it has changed."""
    return await _changes(request, edition, "activate", setelah, EditionTrouble())


@router.get("/edisi/{edition}/dampak/peta")
@needs(Action.EDITION_COMPARE)
async def get_impact_map(edition: EditionName, request: Request) -> Response:
    """What the map that can be moved draws of it."""
    async with Editing(request) as editor:
        found = await jobs.find_edition(editor.session, edition)
        job = await jobs.find_changes(editor.session, found, "compare")
        rows = await editor.session.all(queries.LISTED["points"], id=job["id"], after=0, limit=pages.MOST_PLACES)
        changes = [point_json(row["value"]) for row in rows]
        places = await _places(editor.session, [one["id"] for one in changes])
    before, after = await _outlines(request, found)
    drawn = await asyncio.to_thread(pages.map_of, before, after, changes, places, language_of(request))
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
    return _to_job(request, job)


async def _again(request: Request, error: TitikError) -> Response:
    """The page that had the form, with what was wrong and what was typed."""
    language, body = language_of(request), problem_of(error, request)
    sentence = " ".join(filter(None, (body["detail"], body.get("hint"))))
    edition = request.path_params.get("edition")
    if edition is None:
        field = "edition" if error.code == "edition-taken" else "file"
        if field == "file" and error.code not in _OF_FILE:
            raise error
        return await _file_page(
            request, _form(request.query_params), {field: _TAKEN.say(language) if field == "edition" else body["detail"]}, error
        )
    if error.code == "activation-under-way" and (job := error.members.get("job")):
        return _to(request, f"{EDITIONS}/pekerjaan/{job}")
    fields = {fault.where.strip("/"): say_fault(fault.code, fault.facts, language) for fault in error.faults}
    if error.code == "impact-outdated":
        sentence = _OUTDATED.say(language)
    trouble = EditionTrouble("" if fields else sentence, fields, await read_form(request))
    if "tag" in trouble.typed:
        return await _changes(request, str(edition), "compare", 0, trouble, error)
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
    request: Request, edition: str, kind: KindOfChanges, after: int, trouble: EditionTrouble, error: TitikError | None = None
) -> Response:
    language, known = language_of(request), services(request).catalogue.known
    async with Editing(request, counted=error is None, reading=True) as editor:
        session = editor.session
        found = await jobs.find_edition(session, edition)
        own = pages.address_of(found.name, found.id)
        try:
            job = await jobs.find_changes(session, found, kind)
        except (NotFound, Conflict):
            return _to(request, own)
        row = await session.one(queries.ONE, edition_id=found.id)
        rows = await session.all(queries.LISTED["points"], id=job["id"], after=after, limit=POINTS_AT_ONCE + 1)
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
        listed[-1]["number"] if len(rows) > len(listed) else None,
    )  # fmt: skip
    before, outlines = await _outlines(request, found) if kind == "compare" else ((), ())
    text = await asyncio.to_thread(pages.impact, await page_frame(request), known.directory, shown, own, before, outlines, titles, trouble)
    return page_answer(request, text, error)


async def _places(session: WriteSession, points: list[str]) -> dict[str, PublicPlace]:
    """Of those that are published, as everybody sees them: who compares editions need not know where an entry lies that is not."""
    rows = await session.all(queries.PUBLIC_PLACES, points=points) if points else ()
    return {str(row["id"]): PublicPlace(row["name"], row["lon"], row["lat"]) for row in rows}


async def _outlines(request: Request, found: EditionRef) -> tuple[tuple[Outline, ...], tuple[Outline, ...]]:
    """Those of the edition in use, and those of this one."""
    known = services(request).catalogue.known
    async with Editing(request, counted=False, reading=True) as editor:
        named = await edition_named(editor.session, found.name)
    return tuple(await outlines_of(request, known)), tuple(await outlines_of(request, known, named))


def _to(request: Request, path: str) -> Response:
    return RedirectResponse(root_of(request) + path, 303, PRIVATE)
