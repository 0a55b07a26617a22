"""`/portal/kelola/batas/baru` and `/berkas`: a file of boundaries is described, then sent."""

import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.audit.record import Action
from app.boundaries import jobs, queries
from app.boundaries.checking import ACCEPTABLE
from app.boundaries.columns import FIELDS
from app.boundaries.jobs import LoadOptions
from app.db import Row, WriteSession
from app.errors import BadRequest, Forbidden, TitikError, Unauthenticated
from app.http.editing import Editing
from app.http.framing import language_of, root_of
from app.http.intake import sent_as, uploaded
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rights import needs
from app.http.route import takes_a_file
from app.http.services import services
from app.http.storing import turn_to_store
from app.http.visiting import PageRoute, page_answer, page_frame
from app.language import Language, Text
from app.messages import say_fault
from app.pages import managing_editions as pages
from app.pages.managing_editions import EDITIONS, EditionForm, EditionTrouble, FileLimits

_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {FORM_OF_A_FILE: {"schema": {"type": "object"}}}}}
_OF_FORM = ("edition", "source", "legal_basis", "valid_from", "accuracy_m", "layer")
_OF_FILE = frozenset(
    {"form-not-one-file", "form-unreadable", "file-empty", "body-too-large", "editions-loading-full", "too-busy", "no-room"}
)
_TAKEN = Text("Sudah ada edisi dengan nama ini. Tulis nama lain.", "There is an edition of this name already. Write another.")
_SOURCE = Text("Tulis dari siapa batas ini.", "Write whose boundaries these are.")
_ACCURACY = Text("Tulis bilangan dari 0,1 sampai 10000.", "Write a number from 0.1 to 10000.")
_LONG = Text("Terlalu panjang: paling banyak {most} huruf.", "Too long: at most {most} letters.")
_LENGTHS = {"edition": 100, "source": 500, "legal_basis": 500, "layer": 100}


class EditionFilesRoute(PageRoute):
    """Whatever is wrong with a file is said on the page that had it, and what was said of it is still there."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except (Unauthenticated, Forbidden):
                raise
            except TitikError as error:
                if request.method != "POST" or error.code not in (*_OF_FILE, "edition-taken"):
                    raise
                is_name = error.code == "edition-taken"
                sentence = _TAKEN.say(language_of(request)) if is_name else problem_of(error, request)["detail"]
                return await _file_page(request, _form(request.query_params), {"edition" if is_name else "file": sentence}, error)

        return answered


router = APIRouter(route_class=EditionFilesRoute, prefix=EDITIONS, include_in_schema=False)

SentText = Annotated[str, Query(max_length=2_000)]


FlagText = Annotated[str, Query(max_length=10)]
ColumnText = Annotated[str, Query(max_length=200)]


async def _texts(
    edition: SentText = "", source: SentText = "", legal_basis: SentText = "", valid_from: SentText = "", accuracy_m: SentText = "", layer: SentText = "",
    incomplete: FlagText = "",
) -> dict[str, str]:  # fmt: skip
    return {
        "edition": edition, "source": source, "legal_basis": legal_basis, "valid_from": valid_from, "accuracy_m": accuracy_m, "layer": layer,
        "incomplete": incomplete,
    }  # fmt: skip


async def _choices(
    code: Annotated[ColumnText, Query(alias="column-code")] = "",
    bps_code: Annotated[ColumnText, Query(alias="column-bps_code")] = "",
    name: Annotated[ColumnText, Query(alias="column-name")] = "",
    kecamatan: Annotated[ColumnText, Query(alias="column-kecamatan")] = "",
    far: Annotated[FlagText, Query(alias="accept-kelurahan-far")] = "",
    label: Annotated[FlagText, Query(alias="accept-label-far")] = "",
    repaired: Annotated[FlagText, Query(alias="accept-repaired-much")] = "",
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
    return await _file_page(request, form, wrong) if job is None else to_job(request, job)


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


def to_job(request: Request, job: Row) -> Response:
    return led(request, f"{EDITIONS}/pekerjaan/{job['id']}")


def led(request: Request, path: str) -> Response:
    return RedirectResponse(root_of(request) + path, 303, PRIVATE)
