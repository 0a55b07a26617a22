"""`/portal/kelola/kategori`: categories by a form, on the services of `/categories`. Every step is a form that works without scripts."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.audit.record import Action
from app.definitions import queries, service
from app.definitions.comparing import definition_faults
from app.definitions.examining import as_stored
from app.definitions.form import CategoryForm, form_from, form_of, stepped
from app.definitions.form_writing import definition_of, place_of
from app.definitions.schemas import ChangeReport, Definition
from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Stale, TitikError, TooLarge, Unavailable
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import language_of, root_of
from app.http.intake import uploaded
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rights import needs
from app.http.route import takes_a_file
from app.http.services import services
from app.http.visiting import PageRoute, page_answer, page_frame
from app.language import Language, Text
from app.messages import say_fault
from app.pages import managing_categories as pages
from app.pages.managing_categories import CATEGORIES, CategoryLine, CategoryPage
from app.pages.signs import signs
from app.routers.categories import CategoryId, settled
from app.wire import parse, read_json

router = APIRouter(route_class=PageRoute, prefix=CATEGORIES, include_in_schema=False)

_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {FORM_OF_A_FILE: {"schema": {"type": "object"}}}}}
_MOST_FIELDS = 3_500
"""Of a form: some 30 for each of 100 attributes."""
_LARGEST = 256 * 1024
"""Of a file with a definition, whose schema has at most 64 kB."""
_VERSIONS = 20
_NEWEST = 2**31 - 1
_DONE = {
    "tersimpan": Text("Perubahan tersimpan.", "The change is saved."),
    "baru": Text(
        "Kategori ditambahkan. Petugas sudah dapat mencatat titiknya.", "The category is added. Officers can record its points already."
    ),
}
_WITHIN_FORM: Mapping[str, Text] = {
    "category-there": Text(
        "Sudah ada kategori dengan nama singkat ini. Tulis nama singkat lain.", "There is a category of this short name. Write another."
    ),
    "category-stale": Text(
        "Orang lain sudah mengubah kategori ini sejak halaman ini dibuka. Salin yang Anda tulis, buka lagi kategorinya dari daftar, lalu ulangi perubahannya.",
        "Somebody has changed this category since the page was opened. Copy what you wrote, open the category from the list again, then repeat the change.",
    ),
}
"""What the form says in place of the words for programs."""
_SHOWS = Text(
    "Ini memperlihatkan yang tadinya tersembunyi. Bila memang itu maksudnya, centang kotaknya di atas, lalu simpan.",
    "This shows what was hidden. If that is meant, tick the box above, then save.",
)
_MISFITS = Text("Ada titik yang isinya tidak cocok dengan ini.", "There are points that would not fit this.")


@router.get("")
@needs(Action.CATEGORY_CHANGE)
async def get_categories_page(request: Request) -> Response:
    return await _listing(request)


@router.get("/kategori-baru")
@needs(Action.CATEGORY_ADD)
async def get_new_category(request: Request) -> Response:
    """An empty form. The password is asked for before anything is written into it. No id of a category has a hyphen, as this address."""
    await _fresh(request)
    return await _shown(request, CategoryPage(CategoryForm()))


@router.post("/kategori-baru", openapi_extra=FORM_BODY)
@needs(Action.CATEGORY_ADD)
async def post_new_category(request: Request) -> Response:
    return await _stepped(request, form_from(await read_form(request, _MOST_FIELDS)))


@router.post("/dari-berkas", openapi_extra=_FILE)
@needs(Action.CATEGORY_ADD, Action.CATEGORY_CHANGE)
@takes_a_file
async def post_definition_file(request: Request) -> Response:
    """Shows what a file says as the form of a new category, or of the one that it changes. Nothing is stored."""
    file = uploaded(request)
    try:
        if file.size > _LARGEST:
            raise TooLarge(limit=_LARGEST)
        definition = parse(Definition, read_json(await asyncio.to_thread(file.file.read)))
        if faults := definition_faults(definition):
            raise Invalid(faults=faults)
    except TitikError as error:
        return await _listing(request, error)
    async with Editing(request) as editor:
        row = await editor.session.first(queries.ONE, category=definition.id)
    version = None if row is None else definition.version or row["version"]
    return await _shown(request, CategoryPage(form_of(definition.model_dump(mode="json"), version)))


@router.get("/{category}")
@needs(Action.CATEGORY_CHANGE)
async def get_category_page(category: CategoryId, request: Request, sudah: Annotated[str, Query(max_length=20)] = "") -> Response:
    """A category as a form. The password is asked for before anything is written into it."""
    await _fresh(request)
    async with Editing(request, counted=False) as editor:
        row = await editor.session.first(queries.ONE, category=category)
        if row is None:
            raise NotFound("category-unknown")
        versions = await service.past_versions(editor.session, category, _NEWEST, _VERSIONS)
    done = _DONE[sudah].say(language_of(request)) if sudah in _DONE else ""
    return await _shown(request, CategoryPage(form_of(service.answer_of(row), row["version"]), done=done, versions=versions))


@router.post("/{category}", openapi_extra=FORM_BODY)
@needs(Action.CATEGORY_CHANGE)
async def post_category_page(category: Annotated[str, Path(max_length=64)], request: Request) -> Response:
    """A step of the form; `save` changes the category."""
    form = form_from(await read_form(request, _MOST_FIELDS))
    return await _stepped(request, form._replace(id=category, version=form.version if form.version.isdecimal() else "1"))


async def _fresh(request: Request) -> None:
    async with Editing(request) as editor:
        editor.actor.demand_password()


async def _stepped(request: Request, form: CategoryForm) -> Response:
    """What a button of the form does; what was typed stays, whatever comes of it."""
    sent = await read_form(request, _MOST_FIELDS)
    step, is_shown = sent.get("step", "check"), "show" in sent
    try:
        if step not in ("check", "save"):
            async with Editing(request):
                changed, focus = stepped(form, step)
            return await _shown(request, CategoryPage(changed, focus=focus))
        return await _looked_at(request, form, may_show=is_shown, is_saved=step == "save")
    except Forbidden as error:
        if error.code != "reauthenticate":
            raise
        return await _shown(request, CategoryPage(form, is_late=True), error)


async def _looked_at(request: Request, form: CategoryForm, *, may_show: bool, is_saved: bool) -> Response:
    """Checks what the form says, and tells what it would do; or stores it, and leads to the category."""
    written, unreadable = definition_of(form)
    language = language_of(request)
    wrong = {one.where: one.text.say(language) for one in reversed(unreadable)}
    shown = CategoryPage(form, wrong, after=written, is_shown=may_show)
    try:
        async with Editing(request) as editor:
            definition = parse(Definition, written)
            row = await editor.session.first(queries.ONE, category=form.id) if form.is_known else None
            shown = shown._replace(before=as_stored(service.answer_of(row)) if row else None)
            # What cannot be read is not stored either, but all else that is wrong is said with it.
            is_dry = bool(wrong) or not is_saved
            if form.is_known:
                versions = [int(form.version[:9])]
                saved = await service.change(
                    editor.session, editor.actor, form.id, definition, versions=versions, show=may_show, dry_run=is_dry
                )
            else:
                saved = await service.add(editor.session, editor.actor, definition, dry_run=is_dry)
    except (Invalid, Conflict, Stale, Unavailable) as error:
        refused = shown._replace(
            wrong=_wrong(request, form, error) | wrong, report=_report_of(error), can_save=error.code == "category-shows"
        )
        return await _shown(request, refused if refused.report else refused._replace(after=None), error)
    if saved.stored:
        await settled(request, is_stored=True)
        path = f"{root_of(request)}{CATEGORIES}/{definition.id}?sudah={'tersimpan' if form.is_known else 'baru'}"
        return RedirectResponse(path, 303, PRIVATE)
    shown = shown._replace(report=saved.report)
    if wrong:
        return await _shown(request, shown, Invalid())
    if not form.is_known and is_saved:
        taken = Conflict("category-there")
        return await _shown(request, shown._replace(wrong=_wrong(request, form, taken)), taken)
    misfitting = _misfitting(form, saved.report, language)
    return await _shown(request, shown._replace(wrong=misfitting, can_save=not misfitting))


def _report_of(error: TitikError) -> ChangeReport | None:
    """What a refusal tells of the change, so that the page shows it as the check does."""
    found: Any = error.members
    if "differences" not in found:
        return None
    misfits = found.get("misfits", service.NO_MISFITS)
    return ChangeReport(
        category="", version=0, possible=False, differences=found["differences"], misfits=misfits, rewritten=0, at_once=True
    )


def _wrong(request: Request, form: CategoryForm, error: TitikError) -> dict[str, str]:
    """By field of the form what is wrong with it; with none, what is wrong altogether."""
    language = language_of(request)
    if error.faults:
        told: dict[str, str] = {}
        for fault in error.faults:
            place, sentence = place_of(form, fault.where), say_fault(fault.code, fault.facts, language)
            told[place] = f"{told[place]} {sentence}" if place == "" and place in told else told.get(place, sentence)
        return told
    if error.code == "category-there":
        return {"id": _WITHIN_FORM[error.code].say(language)}
    if error.code == "category-shows":
        pointers = str(error.facts["fields"]).split(", ")
        return {place_of(form, pointer): _SHOWS.say(language) for pointer in pointers}
    if error.code == "category-misfits" and (report := _report_of(error)):
        return _misfitting(form, report, language)
    body = problem_of(error, request)
    own = _WITHIN_FORM.get(error.code)
    return {"": own.say(language) if own else " ".join(filter(None, (body["detail"], body.get("hint"))))}


def _misfitting(form: CategoryForm, report: ChangeReport, language: Language) -> dict[str, str]:
    """At the fields of the form that points would not fit."""
    found = {}
    for example in report["misfits"]["examples"]:
        for pointer in example["fields"]:
            name = pointer.strip("/").partition("/")[0]
            own = place_of(form, f"/attribute_schema/properties/{name}/type") or place_of(form, f"/required/{name}")
            found[own] = _MISFITS.say(language)
    return found


async def _shown(request: Request, shown: CategoryPage, error: TitikError | None = None) -> Response:
    known = services(request).catalogue.known
    return page_answer(request, pages.category(await page_frame(request), known.directory, known.categories.values(), shown), error)


async def _listing(request: Request, error: TitikError | None = None) -> Response:
    language, known = language_of(request), services(request).catalogue.known
    async with Editing(request, counted=error is None, reading=True) as editor:
        rows = await editor.session.all(queries.ALL)
        steps = {row["category"]: row for row in await editor.session.all(queries.ALL_STEPS)}
    every = signs(known.categories.values(), language)
    lines = [
        CategoryLine(
            row["id"], Text(row["title"]["id"], row["title"]["en"]).say(language), every.get(row["id"]), row["audience"] == "public",
            known.standing("internal", row["id"]).number, row["expected_count"], len(row["attribute_schema"].get("properties", {})),
            *((steps[row["id"]]["done"], steps[row["id"]]["total"]) if row["id"] in steps else ()),
        )
        for row in rows
    ]  # fmt: skip
    wrong = _of_file(request, error) if error else ""
    return page_answer(request, pages.categories(await page_frame(request), lines, list(every.values()), wrong), error)


def _of_file(request: Request, error: TitikError) -> str:
    """What is wrong with a file: with the first places, as its writer has to find them."""
    language, body = language_of(request), problem_of(error, request)
    places = [f"{fault.where}: {_say(fault, language)}" for fault in error.faults[:5]]
    return " ".join(filter(None, (body["detail"], *places, "" if places else body.get("hint"))))


def _say(fault: Fault, language: Language) -> str:
    return say_fault(fault.code, fault.facts, language)
