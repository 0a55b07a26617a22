"""Webhooks, for administrators: who is told of what, and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.audit.record import Action
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.paging import Paging
from app.http.parameters import PRIVATE, Configured, Speaking, WebhookId, body_of
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.http.services import services
from app.webhooks import service
from app.webhooks.delivering import ping
from app.webhooks.schemas import (
    AddedWebhook,
    ChangedWebhook,
    Deliveries,
    DeliveryOutcome,
    NewSecret,
    NewWebhook,
    Pong,
    Replaying,
    WaitedWebhook,
    Webhooks,
)
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/webhooks", tags=["webhooks"])

NEWEST = 2**63 - 1


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.WEBHOOK_READ)
async def get_webhooks(request: Request, response: Response, language: Speaking) -> Webhooks:
    """All webhooks; never their secrets."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        webhooks = await service.read_all(editor.session, editor.actor, language)
    return {"webhooks": webhooks, "numberReturned": len(webhooks)}


@router.post("", status_code=201, openapi_extra=body_of(NewWebhook), responses=problems(400, 401, 403, 409, 413, 422, 503))
@needs(Action.WEBHOOK_WRITE)
async def post_webhook(request: Request, response: Response, settings: Configured, language: Speaking) -> AddedWebhook:
    """Adds a webhook. Its secret is shown this once."""
    async with Editing(request) as editor:
        new = parse(NewWebhook, read_json(await request.body()))
        named = bool(settings.networks_of_webhooks)
        webhook, secret = await service.add(editor.session, editor.actor, new, settings.secret, with_networks=named)
        document = await service.read(editor.session, editor.actor, webhook, language)
    response.headers.update(PRIVATE | {"Location": f"{base_url(request)}/webhooks/{webhook}"})
    return {**document, "secret": secret}


@router.get("/{webhook}", responses=problems(400, 401, 403, 404, 503))
@needs(Action.WEBHOOK_READ)
async def get_webhook(webhook: WebhookId, request: Request, response: Response, language: Speaking) -> WaitedWebhook:
    """One webhook, and how many events wait for it."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        return await service.read(editor.session, editor.actor, webhook, language)


@router.patch(
    "/{webhook}",
    operation_id="patchWebhook",
    openapi_extra=body_of(ChangedWebhook, "application/merge-patch+json"),
    responses=problems(400, 401, 403, 404, 413, 422, 503),
)
@needs(Action.WEBHOOK_WRITE)
async def patch_webhook(
    webhook: WebhookId, request: Request, response: Response, settings: Configured, language: Speaking
) -> WaitedWebhook:
    """Changes only what is sent; `state` pauses it, or goes on where it stopped."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        changed = parse(ChangedWebhook, read_json(await request.body()))
        await service.change(editor.session, editor.actor, webhook, changed, with_networks=bool(settings.networks_of_webhooks))
        return await service.read(editor.session, editor.actor, webhook, language)


@router.delete("/{webhook}", status_code=204, operation_id="deleteWebhook", responses=problems(400, 401, 403, 404, 503))
@needs(Action.WEBHOOK_WRITE)
async def delete_webhook(webhook: WebhookId, request: Request) -> Response:
    """Ends a webhook, with all that is known of its deliveries."""
    async with Editing(request) as editor:
        await service.remove(editor.session, editor.actor, webhook)
    return Response(status_code=204, headers=PRIVATE)


@router.get("/{webhook}/deliveries", responses=problems(400, 401, 403, 404, 503))
@needs(Action.WEBHOOK_READ)
async def get_deliveries(
    webhook: WebhookId, request: Request, response: Response, paged: Paging, language: Speaking,
    status: Annotated[DeliveryOutcome | None, Query()] = None,
) -> Deliveries:  # fmt: skip
    """What became of each event, the newest first: attempts, the last answer, and what was wrong with it."""
    response.headers.update(PRIVATE)
    delivered = None if status is None else status == "delivered"
    async with Editing(request) as editor:
        before = int(paged.after("deliveries", str(NEWEST)))
        found, last = await service.read_deliveries(
            editor.session, editor.actor, webhook, before, paged.limit, delivered=delivered, language=language
        )
    return {"deliveries": found, "numberReturned": len(found), "links": paged.links("deliveries", last)}


@router.post("/{webhook}/replay", openapi_extra=body_of(Replaying), responses=problems(400, 401, 403, 404, 413, 422, 503))
@needs(Action.WEBHOOK_REPLAY)
async def post_replay(webhook: WebhookId, request: Request, response: Response, language: Speaking) -> WaitedWebhook:
    """Sends again, in order and under the same ids: since an instant, from an event on, or what has failed, at once."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        await service.replay(editor.session, editor.actor, webhook, parse(Replaying, read_json(await request.body())))
        return await service.read(editor.session, editor.actor, webhook, language)


@router.post("/{webhook}/secret", status_code=201, responses=problems(400, 401, 403, 404, 503))
@needs(Action.WEBHOOK_WRITE)
async def post_secret(webhook: WebhookId, request: Request, response: Response, settings: Configured) -> NewSecret:
    """A new secret, shown this once. For a day everything is signed with the old one too."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        return await service.rotate(editor.session, editor.actor, webhook, settings.secret)


@router.post("/{webhook}/ping", responses=problems(400, 401, 403, 404, 503))
@needs(Action.WEBHOOK_REPLAY)
async def post_ping(webhook: WebhookId, request: Request, response: Response, settings: Configured, language: Speaking) -> Pong:
    """Sends an event without content, once and at once, and tells what came of it. It may take 15 seconds."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        row = await service.take(editor.session, editor.actor, webhook)
    return await ping(services(request).database, settings, row, language)
