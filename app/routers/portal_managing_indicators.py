"""`/portal/kelola/indikator`: indicators by a form, on the services of `/indicators`. It works without scripts."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.audit.record import Action
from app.errors import Conflict, Forbidden, Invalid, NotFound, Stale, TitikError
from app.figures import definitions
from app.http.editing import Editing, Editor
from app.http.forms import FORM_BODY, read_form
from app.http.framing import language_of, root_of
from app.http.parameters import PRIVATE
from app.http.problems import problem_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, page_answer, page_frame
from app.indicators import queries, service
from app.indicators.form import IndicatorForm, definition_of, form_from, form_of, place_of
from app.indicators.schemas import IndicatorDefinition, IndicatorVersion
from app.language import Text
from app.messages import say_fault
from app.pages import managing_indicators as pages
from app.pages.indicators import ListedIndicator
from app.pages.managing_indicators import MANAGED_INDICATORS, ManagedIndicator
from app.published.catalogue import Known
from app.routers.indicators import SHOWN_VERSIONS, IndicatorId
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=MANAGED_INDICATORS, include_in_schema=False)

_DONE = {
    "tersimpan": Text("Versi baru tersimpan.", "The new version is saved."),
    "baru": Text("Indikator ditambahkan.", "The indicator is added."),
}
_STALE = Text(
    "Orang lain sudah mengubah indikator ini sejak halaman ini dibuka. Salin yang Anda tulis, buka lagi dari daftar, lalu ulangi perubahannya.",
    "Somebody has changed this indicator since the page was opened. Copy what you wrote, open it from the list again, then repeat the change.",
)
_THERE = Text(
    "Sudah ada indikator dengan nama singkat ini. Tulis nama singkat lain.", "There is an indicator of this short name. Write another."
)


@router.get("")
@needs(Action.INDICATOR_CHANGE)
async def get_indicators_page(request: Request) -> Response:
    """All indicators, by subject."""
    return page_answer(request, pages.managed_indicators(await page_frame(request), await _listed(request)))


@router.get("/indikator-baru")
@needs(Action.INDICATOR_ADD)
async def get_new_indicator(request: Request) -> Response:
    """An empty form. The password is asked for before anything is written into it. No id of an indicator has a hyphen, as this address."""
    await _fresh(request)
    return await _shown(request, ManagedIndicator(IndicatorForm()))


@router.post("/indikator-baru", openapi_extra=FORM_BODY)
@needs(Action.INDICATOR_ADD)
async def post_new_indicator(request: Request) -> Response:
    """Adds an indicator; where something is wrong, the form again with what was typed."""
    form = form_from(await read_form(request))
    return await _saved(request, form._replace(version=""))


@router.get("/{indicator}")
@needs(Action.INDICATOR_CHANGE)
async def get_indicator_form(indicator: IndicatorId, request: Request, sudah: Annotated[str, Query(max_length=20)] = "") -> Response:
    """An indicator as a form. The password is asked for before anything is written into it."""
    await _fresh(request)
    async with Editing(request, counted=False) as editor:
        row = await editor.session.first(queries.ONE, indicator=indicator)
        if row is None:
            raise NotFound("indicator-unknown")
        found = await editor.session.all(queries.VERSIONS, indicator=indicator, most=SHOWN_VERSIONS)
    versions = [IndicatorVersion(version=one["version"], at=one["at"], links=[]) for one in found]
    done = _DONE[sudah].say(language_of(request)) if sudah in _DONE else ""
    return await _shown(request, ManagedIndicator(form_of(row["definition"], row["version"]), done=done, versions=versions))


@router.post("/{indicator}", openapi_extra=FORM_BODY)
@needs(Action.INDICATOR_CHANGE)
async def post_indicator_form(indicator: IndicatorId, request: Request) -> Response:
    """Makes another version of an indicator."""
    form = form_from(await read_form(request))
    return await _saved(request, form._replace(id=indicator, version=form.version if form.version.isdecimal() else "1"))


async def _fresh(request: Request) -> None:
    async with Editing(request) as editor:
        editor.actor.demand_password()


async def _saved(request: Request, form: IndicatorForm) -> Response:
    """What was typed stays, whatever comes of it."""
    language, known = language_of(request), services(request).catalogue.known
    written, unread = definition_of(form)
    wrong = {one.where: one.text.say(language) for one in reversed(unread)}
    try:
        async with Editing(request) as editor:
            await _store(editor, form, written, known, is_readable=not wrong)
    except (Invalid, Conflict, Stale) as error:
        return await _shown(request, ManagedIndicator(form, _wrong(request, form, error) | wrong), error)
    except Forbidden as error:
        if error.code != "reauthenticate":
            raise
        return await _shown(request, ManagedIndicator(form, is_late=True), error)
    path = f"{root_of(request)}{MANAGED_INDICATORS}/{written['id']}?sudah={'tersimpan' if form.is_known else 'baru'}"
    return RedirectResponse(path, 303, PRIVATE)


async def _store(editor: Editor, form: IndicatorForm, written: Mapping[str, Any], known: Known, *, is_readable: bool) -> None:
    """`Invalid` also where something of the form cannot be read; `Conflict` where a new one is there already."""
    definition = parse(IndicatorDefinition, written)
    if not is_readable:
        raise Invalid
    if form.is_known:
        await service.change(editor.session, editor.actor, form.id, definition, known, [int(form.version[:9])])
    elif not (await service.add(editor.session, editor.actor, definition, known)).stored:
        raise Conflict("indicator-there")


def _wrong(request: Request, form: IndicatorForm, error: TitikError) -> dict[str, str]:
    """By field of the form what is wrong with it; with none, what is wrong altogether."""
    language = language_of(request)
    if error.faults:
        return {place_of(form, fault.where): say_fault(fault.code, fault.facts, language) for fault in reversed(error.faults)}
    if error.code == "indicator-there":
        return {"id": _THERE.say(language)}
    if error.code == "indicator-stale":
        return {"": _STALE.say(language)}
    if error.code == Invalid.code:
        return {}
    body = problem_of(error, request)
    return {"": " ".join(filter(None, (body["detail"], body.get("hint"))))}


async def _listed(request: Request) -> list[ListedIndicator]:
    async with Editing(request, counted=False, reading=True) as editor:
        rows = await definitions.newest(editor.session)
    return [ListedIndicator(row["id"], row["version"], row["definition"]) for row in rows.values()]


async def _shown(request: Request, shown: ManagedIndicator, error: TitikError | None = None) -> Response:
    language, known = language_of(request), services(request).catalogue.known
    categories = [(card.id, card.title.say(language)) for card in known.visible("internal")]
    return page_answer(request, pages.managed_indicator(await page_frame(request), shown, categories, await _others(request)), error)


async def _others(request: Request) -> list[ListedIndicator]:
    """Read by everybody's session: the password may have to be given again before anything else."""
    rows = await definitions.newest(services(request).database.public)
    return [ListedIndicator(row["id"], row["version"], row["definition"]) for row in rows.values()]
