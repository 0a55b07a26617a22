"""`/portal/impor`: files by hand. Every step is a form that works without a script; the services are those of `/imports`."""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.audit.record import Action
from app.categories import queries as category_queries
from app.errors import BadRequest, Fault, Forbidden, TitikError, Unauthenticated
from app.http.editing import Editing, Editor
from app.http.forms import FORM_BODY, read_form
from app.http.framing import frame_of, language_of, page_headers, root_of
from app.http.intake import sent_as, uploaded
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.problems import problem_of
from app.http.rendering import outlines_of
from app.http.rights import needs
from app.http.route import takes_a_file
from app.http.services import services
from app.http.storing import turn_to_store
from app.http.visiting import PageRoute, visitor_of
from app.imports import fields as import_fields
from app.imports import queries, service
from app.imports.answers import Answers, spelled_out
from app.imports.by_hand import BY_HAND, HINTS_BY_HAND
from app.imports.fields import folded
from app.imports.headings import RUNNING_NUMBERS
from app.imports.limits import MOST_ROWS
from app.imports.people import FIELDS
from app.imports.rows import FindingKind, kind_of
from app.imports.schemas import Answering, Committing, LevelFilter, Rejudging, import_json, row_json
from app.language import Language, Text
from app.pages import files as pages
from app.pages.files import FileCategory, ReportView, Shown, Target, Trouble, UploadLimits
from app.routers.imports import LAST, ImportId, codes_of
from app.routers.rescue import take_in
from app.wire import parse

ROWS_AT_ONCE, IMPORTS_AT_ONCE = 50, 25
PRIVATE = {"Cache-Control": "private, no-store"}
_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {FORM_OF_A_FILE: {"schema": {"type": "object"}}}}}
_GROUPS = {False: Text("Semua titik", "All points"), True: Text("Kategori ini", "This category")}
_PEOPLE = Text("Orang", "People")
# Which field of a form a fault of what it became is about.
_FIELDS = {"/contacts/legal_basis": "dasar", "/contacts/term_ends_on": "akhir", "/columns": "columns", "/sheet": "lembar"}


class FilesRoute(PageRoute):
    """Whatever is wrong with a form is said on the page that had it, beside the field, and what was typed is still there."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except (Unauthenticated, Forbidden):
                raise
            except TitikError as error:
                if request.method != "POST":
                    raise
                return await _again(request, error)

        return answered


router = APIRouter(route_class=FilesRoute, prefix=pages.HOME, include_in_schema=False)


@router.get("")
@needs(Action.IMPORT_READ)
async def get_imports_page(request: Request, setelah: Annotated[str | None, Query(max_length=36)] = None) -> Response:
    return await _listing(request, Trouble(), setelah)


@router.post("", openapi_extra=_FILE)
@needs(Action.IMPORT_BEGIN)
@takes_a_file
async def post_import_page(request: Request, kategori: Annotated[str, Query(max_length=64)]) -> Response:
    """Takes a file. Its category is that of the button that was pressed, so that the file is all of the form."""
    quota = service.Quota.of(services(request).settings)
    async with turn_to_store(request), Editing(request) as editor:
        row = await service.begin(editor.session, editor.actor, kategori, sent_as(request)[0] or "file", uploaded(request), {}, quota=quota)
    return _led(request, f"/{row['id']}")


@router.post("/penyelamat", openapi_extra=_FILE)
@needs(Action.RESCUE_BRING)
@takes_a_file
async def post_rescue(request: Request) -> Response:
    """Takes in a rescue file, and shows what became of each of its records."""
    rescued = await take_in(request)
    names = {str(one.get("client_id")): _name_of(one) for one in rescued.file.changes if isinstance(one, dict)}
    frame = frame_of(request, visitor=await visitor_of(request))
    return _page(request, pages.rescued(frame, rescued.answer, names), Trouble())


def _name_of(change: Mapping[str, Any]) -> str:
    content = change.get("feature") or change.get("patch")
    properties = content.get("properties") if isinstance(content, dict) else None
    return str(properties.get("name") or "")[:200] if isinstance(properties, dict) else ""


@router.get("/{import_id}")
@needs(Action.IMPORT_READ)
async def get_import_page(
    import_id: ImportId,
    request: Request,
    tampil: Annotated[LevelFilter | None, Query()] = None,
    temuan: Annotated[FindingKind | None, Query()] = None,
    setelah: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    return await _one(request, import_id, Shown(tampil or "", temuan or "", setelah), Trouble())


@router.post("/{import_id}/kolom", openapi_extra=FORM_BODY)
@needs(Action.IMPORT_BEGIN)
async def post_columns(import_id: ImportId, request: Request) -> Response:
    """Judges the file again, with the columns that were chosen otherwise than they were taken for."""
    form = await read_form(request)
    async with Editing(request) as editor:
        row = await service.find(editor.session, import_id)
        named = dict(_chosen_otherwise(row["found"].get("columns", ()), form))
        sheet = form.get("lembar") or None
        await service.judge_again(editor.session, editor.actor, import_id, parse(Rejudging, {"columns": named, "sheet": sheet}))
    return _led(request, f"/{import_id}")


@router.post("/{import_id}/jawab", openapi_extra=FORM_BODY)
@needs(Action.IMPORT_COMMIT)
async def post_answers(import_id: ImportId, request: Request) -> Response:
    """Answers one row, or accepts all questions of a kind, or takes that back."""
    form = await read_form(request)
    is_yes = "terima" in form or form.get("jawaban") == "ya"
    kinds = [kind for name in ("terima", "tolak") if (kind := form.get(name))]
    rows = [int(form["baris"])] if form.get("baris", "").isdecimal() and len(form["baris"]) < 10 else []
    answering = parse(Answering, {"answer": "yes" if is_yes else "no", "kinds": kinds, "rows": rows})
    async with Editing(request) as editor:
        await service.answer(editor.session, editor.actor, import_id, answering)
    query = "?" + form["kembali"] if form.get("kembali") else ""
    return _led(request, f"/{import_id}{_safe(query)}#baris{f'-{rows[0]}' if rows else ''}")


@router.post("/{import_id}/simpan", openapi_extra=FORM_BODY)
@needs(Action.IMPORT_COMMIT)
async def post_commit(import_id: ImportId, request: Request) -> Response:
    form = await read_form(request)
    contacts = {"legal_basis": form.get("dasar", ""), "term_ends_on": form.get("akhir", ""), "role": form.get("jabatan", "ketua")}
    wanted: dict[str, object] = {"rows": form.get("pilihan", "good")} | ({"contacts": contacts} if form.get("kontak") else {})
    async with Editing(request) as editor:
        await service.confirm(editor.session, editor.actor, import_id, parse(Committing, wanted))
    return _led(request, f"/{import_id}")


@router.post("/{import_id}/hapus", openapi_extra=FORM_BODY)
@needs(Action.IMPORT_REMOVE)
async def post_removal(import_id: ImportId, request: Request) -> Response:
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, import_id)
    return _led(request, "")


def _led(request: Request, path: str) -> Response:
    return RedirectResponse(f"{root_of(request)}{pages.HOME}{path}", 303, PRIVATE)


def _safe(query: str) -> str:
    """The query of a page of ours, of nothing but names, numbers and what joins them."""
    return query if all(letter.isalnum() or letter in "?&=_-" for letter in query) and query.isascii() else ""


def _chosen_otherwise(columns: Any, form: Mapping[str, str]) -> Any:
    for at, column in enumerate(columns):
        chosen = form.get(f"kolom-{at}")
        if chosen is not None and column["header"] and chosen != (column["field"] or ""):
            yield column["header"], chosen or None


async def _again(request: Request, error: TitikError) -> Response:
    """The page that had the form, with what was wrong and what was typed."""
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    trouble = _trouble(request, error, await read_form(request) if is_form else {})
    given = request.path_params.get("import_id")
    if given is None:
        return await _listing(request, trouble, None)
    return await _one(request, UUID(str(given)), Shown("", "", 0), trouble)


def _trouble(request: Request, error: TitikError, typed: Mapping[str, str]) -> Trouble:
    problem = problem_of(error, request)
    hint = HINTS_BY_HAND[error.code].say(language_of(request), error.facts) if error.code in HINTS_BY_HAND else problem.get("hint", "")
    faults = {fault.where: told["detail"] for fault, told in zip(error.faults, problem.get("errors", ()), strict=False)}
    fields = {_FIELDS[where]: sentence for where, sentence in faults.items() if where in _FIELDS}
    if error.code in _OF_FILE:
        fields["rescue" if request.url.path.endswith("/penyelamat") else "file"] = problem["detail"]
    return Trouble(problem["title"], problem["detail"], hint, fields, typed, problem["status"])


_OF_FILE = frozenset({"form-not-one-file", "form-unreadable", "file-empty", "body-too-large", "rescue-unreadable"})


async def _listing(request: Request, trouble: Trouble, after: str | None) -> Response:
    language, settings = language_of(request), services(request).settings
    async with Editing(request, reading=True, counted=False) as editor:
        before = _before(after)
        rows = await editor.session.all(queries.LIST, account_id=editor.actor.id, before=before, limit=IMPORTS_AT_ONCE + 1)
        used = await editor.session.one(queries.USED, account_id=editor.actor.id)
        categories = await _categories(editor, language)
    shown = rows[:IMPORTS_AT_ONCE]
    limits = UploadLimits(
        settings.max_import_bytes, MOST_ROWS, used["open"], settings.imports_open, -(-used["bytes"] >> 20), settings.imports_mb
    )
    older = str(shown[-1]["id"]) if len(rows) > len(shown) else None
    frame = frame_of(request, visitor=await visitor_of(request))
    imports = [import_json(row, language, BY_HAND) for row in shown]
    return _page(request, pages.listing(frame, categories, imports, older, limits, trouble), trouble)


def _before(after: str | None) -> UUID:
    try:
        return UUID(after) if after else LAST
    except ValueError:
        raise BadRequest(faults=[Fault("setelah", "cursor-unknown")]) from None


async def _categories(editor: Editor, language: Language) -> list[FileCategory]:
    rows = await editor.session.all(category_queries.NAMES)
    return [FileCategory(row["id"], Text(row["title"]["id"], row["title"].get("en", row["title"]["id"])).say(language)) for row in rows]


async def _one(request: Request, import_id: UUID, shown: Shown, trouble: Trouble) -> Response:
    language = language_of(request)
    async with Editing(request, reading=True, counted=False) as editor:
        row = await service.find(editor.session, import_id)
        category = await category_queries.get(editor.session, row["category"], editor.actor.categories)
        titles = {one.id: one.title for one in await _categories(editor, language)}
        report = await _report(editor, row, shown, language) if row["judged_at"] and "counts" in row["found"] else None
    targets = [
        Target(name, field.title.say(language), _GROUPS[field.is_attribute].say(language))
        for name, field in import_fields.fields_of(category).items()
    ]
    targets += [Target(name, field.title.say(language), _PEOPLE.say(language)) for name, field in FIELDS.items()]
    asks = row["found"].get("asks", {})
    found = {**import_json(row, language, BY_HAND), "asks": {kind: asks[kind] for kind in pages.QUESTIONS if kind in asks},
             "unread": _unread(row["found"]), "accepted": sorted(spelled_out(Answers.of(row["options"]).accept))}  # fmt: skip
    outlines = await outlines_of(request, services(request).catalogue.known) if report else ()
    frame = frame_of(request, visitor=await visitor_of(request))
    return _page(
        request, pages.one(frame, found, titles.get(row["category"]) or row["category"], targets, report, outlines, trouble), trouble
    )


def _unread(found: Mapping[str, Any]) -> list[str]:
    """The headings of columns that are left out, but that of a running number."""
    headers = [one["header"] for one in found.get("columns", ()) if not one["field"] and one["header"]]
    return [header for header in headers if folded(header) not in RUNNING_NUMBERS]


async def _report(editor: Editor, row: Any, shown: Shown, language: Language) -> ReportView:
    found, session = row["found"], editor.session
    codes = codes_of(found, shown.kind or None)  # type: ignore[arg-type]
    wanted = {"id": row["id"], "level": shown.level or None, "codes": codes}
    rows = await session.all(queries.REPORT, **wanted, after=shown.after, limit=ROWS_AT_ONCE + 1)
    places = await session.all(queries.PLACES, **wanted, after=0, limit=pages.MOST_PLACES)
    listed, headers, answers = rows[:ROWS_AT_ONCE], [one["header"] for one in found["columns"]], Answers.of(row["options"])
    kinds = Counter(found.get("kinds", {}))
    for code, number in found.get("findings", {}).items():
        # What was judged by an earlier version does not know in how many rows a kind was found.
        kinds[kind_of(code)] = kinds[kind_of(code)] or number
    return ReportView(
        shown, kinds, [row_json(one, headers, answers, language, BY_HAND) for one in listed],
        listed[-1]["number"] if len(rows) > len(listed) else None, places, await service.plan(session, row),
    )  # fmt: skip


def _page(request: Request, text: str, trouble: Trouble) -> Response:
    return HTMLResponse(text, trouble.status, page_headers(request) | PRIVATE)
