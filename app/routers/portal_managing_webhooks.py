"""The administrator's pages of webhooks: complete without scripts, on the services of `/webhooks`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.access.rights import Actor
from app.audit.record import Action
from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Conflict, Invalid, NotFound, TitikError
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import frame_of, language_of, root_of
from app.http.parameters import PRIVATE, WebhookId
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, page_actor, page_answer, refused_fields
from app.pages import managing_webhooks as pages
from app.pages.frame import Frame
from app.pages.managing_webhooks import EMPTY, WEBHOOKS, WebhookForm, WebhookPage
from app.pages.visitor import Visitor
from app.routers.portal_managing import Cursor, SearchWord
from app.routers.webhooks import NEWEST
from app.webhooks import service
from app.webhooks.delivering import ping
from app.webhooks.event_types import TYPES
from app.webhooks.schemas import ChangedWebhook, NewWebhook, Replaying
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=WEBHOOKS, include_in_schema=False)

_AT_ONCE = 30
_REFUSED = (Invalid, BadRequest, Conflict)


@router.get("")
@needs(Action.WEBHOOK_READ)
async def get_list(request: Request, sudah: SearchWord = "") -> Response:
    """All webhooks, with those that fail or are paused marked."""
    async with Editing(request) as editor:
        found = await service.read_all(editor.session, editor.actor, language_of(request))
    return page_answer(request, pages.webhooks(_frame(request, editor.actor), found, sudah))


@router.get("/baru")
@needs(Action.WEBHOOK_WRITE)
async def get_new(request: Request) -> Response:
    """The form of a new one. The password is asked for before it is filled in, not after."""
    actor = await page_actor(request, is_fresh=True)
    return page_answer(request, pages.new_webhook(_frame(request, actor), EMPTY, _known(request)))


@router.post("/baru", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_WRITE)
async def post_new(request: Request) -> Response:
    """Adds a webhook, and shows its secret this once; where something is wrong, the form again with what was typed."""
    fields, settings = await read_form(request), services(request).settings
    try:
        async with Editing(request) as editor:
            new = parse(NewWebhook, {name: value for name, value in _members(fields).items() if value is not None})
            with_networks = bool(settings.networks_of_webhooks)
            webhook, secret = await service.add(editor.session, editor.actor, new, settings.secret, with_networks=with_networks)
    except _REFUSED as error:
        actor = await page_actor(request)
        form = WebhookForm(fields, _ticked(fields), _wrong(request, error))
        return page_answer(request, pages.new_webhook(_frame(request, actor), form, _known(request)), error)
    return await _page(request, webhook, secret=secret)


@router.get("/{webhook}")
@needs(Action.WEBHOOK_READ)
async def get_one(webhook: WebhookId, request: Request, sudah: SearchWord = "", gagal: SearchWord = "", cursor: Cursor = "") -> Response:
    """One webhook, and what became of each event."""
    return await _page(request, webhook, done=sudah, failed_only=gagal == "ya", cursor=cursor)


@router.post("/{webhook}", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_WRITE)
async def post_one(webhook: WebhookId, request: Request) -> Response:
    """Changes where it leads and what it is told."""
    fields = await read_form(request)
    with_networks = bool(services(request).settings.networks_of_webhooks)
    try:
        async with Editing(request) as editor:
            changed = parse(ChangedWebhook, _members(fields))
            await service.change(editor.session, editor.actor, webhook, changed, with_networks=with_networks)
    except _REFUSED as error:
        return await _page(request, webhook, error=error, form=WebhookForm(fields, _ticked(fields), _wrong(request, error)))
    return _to(request, webhook, "tersimpan")


@router.post("/{webhook}/keadaan", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_WRITE)
async def post_state(webhook: WebhookId, request: Request) -> Response:
    """Pauses it, or goes on where it stopped."""
    fields = await read_form(request)
    async with Editing(request) as editor:
        changed = parse(ChangedWebhook, {"state": fields.get("state", "")})
        await service.change(editor.session, editor.actor, webhook, changed, with_networks=True)
    return _to(request, webhook, "lanjut" if changed.state == "active" else "dijeda")


@router.post("/{webhook}/rahasia", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_WRITE)
async def post_secret(webhook: WebhookId, request: Request) -> Response:
    """A new secret, shown this once."""
    async with Editing(request) as editor:
        rotated = await service.rotate(editor.session, editor.actor, webhook, services(request).settings.secret)
    return await _page(request, webhook, secret=rotated["secret"], secret_before_until=rotated["secret_before_until"])


@router.post("/{webhook}/kirim-ulang", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_REPLAY)
async def post_again(webhook: WebhookId, request: Request) -> Response:
    """Tries at once what has failed, or sends again from an event on."""
    fields = await read_form(request)
    by = {"event": fields["event"]} if "event" in fields else {"failed": "failed" in fields or None}
    try:
        async with Editing(request) as editor:
            await service.replay(editor.session, editor.actor, webhook, parse(Replaying, by))
    except (*_REFUSED, NotFound) as error:
        if isinstance(error, NotFound) and error.code != "event-unknown":
            raise
        return await _page(request, webhook, error=error, wrong={"": next(iter(_wrong(request, error).values()))})
    return _to(request, webhook, "ulang")


@router.post("/{webhook}/coba", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_REPLAY)
async def post_trial(webhook: WebhookId, request: Request) -> Response:
    """Sends an event without content, and tells what came of it."""
    present = services(request)
    async with Editing(request) as editor:
        row = await service.take(editor.session, editor.actor, webhook)
    return await _page(request, webhook, pong=await ping(present.database, present.settings, row, language_of(request)))


@router.post("/{webhook}/hapus", openapi_extra=FORM_BODY)
@needs(Action.WEBHOOK_WRITE)
async def post_removal(webhook: WebhookId, request: Request) -> Response:
    """Ends it, with all that is known of its deliveries."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, webhook)
    return RedirectResponse(f"{root_of(request)}{WEBHOOKS}?sudah=dihapus", 303, PRIVATE)


async def _page(
    request: Request, webhook: UUID, *, error: TitikError | None = None, form: WebhookForm | None = None, wrong: Mapping[str, str] | None = None,
    failed_only: bool = False, cursor: str = "", **shown: Any,
) -> Response:  # fmt: skip
    secret, purpose = services(request).settings.secret, f"{WEBHOOKS}/{webhook}"
    async with Editing(request, counted=False, reading=True) as editor:
        before = int(read_cursor(secret, purpose, cursor)) if cursor else NEWEST
        found = await service.read(editor.session, editor.actor, webhook, language_of(request))
        deliveries, last = await service.read_deliveries(
            editor.session, editor.actor, webhook, before, _AT_ONCE, delivered=False if failed_only else None, language=language_of(request)
        )
    following = f"{root_of(request)}{purpose}?{'gagal=ya&' if failed_only else ''}cursor={write_cursor(secret, purpose, str(last))}#kiriman"
    filled = form or pages.form_of(found)._replace(wrong=wrong or {})
    values = WebhookPage(found, deliveries, filled, following if last else None, failed_only, **shown)
    return page_answer(request, pages.webhook(_frame(request, editor.actor), values, _known(request)), error)


def _members(fields: Mapping[str, str]) -> dict[str, object]:
    """The body of the API that the fields of the form mean; what is empty takes a limit away."""
    types = [name for name in TYPES if name in fields]
    listed = {
        name: [part for text in fields.get(name, "").split(",") if (part := text.strip())] or None for name in ("categories", "kelurahan")
    }
    return {"url": fields.get("url", "").strip(), "types": types, **listed, "description": fields.get("description", "").strip() or None}


def _ticked(fields: Mapping[str, str]) -> frozenset[str]:
    return frozenset(fields) & TYPES.keys()


def _wrong(request: Request, error: TitikError) -> dict[str, str]:
    """By the field of the form: of several in one field, the first."""
    told = refused_fields(request, error, "")
    return {name.partition("/")[0]: text for name, text in reversed(told.items())}


def _known(request: Request) -> Mapping[str, Sequence[str]]:
    known = services(request).catalogue.known
    return {"categories": sorted(known.categories), "kelurahan": sorted(one.name for one in known.directory.kelurahan.values())}


def _frame(request: Request, actor: Actor) -> Frame:
    return frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))


def _to(request: Request, webhook: UUID, done: str) -> Response:
    return RedirectResponse(f"{root_of(request)}{WEBHOOKS}/{webhook}?sudah={done}", 303, PRIVATE)
