"""What has changed since: page by page, or as it happens (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.db import Database
from app.errors import BadRequest, Fault, Gone, Unavailable
from app.limiting import counted_as
from app.problems import problems
from app.published import changes
from app.published.catalogue import Catalogue, Half
from app.published.changes import Change, Feed
from app.published.positions import BEGINNING, Edge, Position, read_position, write_position
from app.published.streaming import Listener, Streams
from app.routers.deps import PRIVATE, Limit, StrictRoute, base_url, half_of, open_to_all, read_limit
from app.wire import Link

router = APIRouter(route_class=StrictRoute, prefix="/changes", tags=["changes"])

NOW = "now"
HEARTBEAT_S = 15.0
RETRY_MS = 3_000
GRACE_S = 1.0
EVENTS = "text/event-stream"

Since = Annotated[str | None, Query(max_length=200, description="The cursor of the last answer; `now`; absent: from the beginning")]


@router.get("", responses={200: {"model": Feed}, **problems(400, 401, 410, 503)})
@open_to_all
async def get_changes(request: Request, since: Since = None, limit: Limit = None) -> Response:
    """The points that were published, changed or removed since a cursor, each as it is now. With a token of the city's offices the
    internal form of them.
    """
    number = read_limit(limit, changes.DEFAULT_LIMIT, changes.MAX_LIMIT)
    if number is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    half = await half_of(request)
    database: Database = request.app.state.database
    session = database.public if half == "published" else database.internal
    edge = await _edge(request)
    if since == NOW:
        page = changes.Page([], await changes.now(session), more=False)
    else:
        page = await changes.page(session, half, _position(request, half, edge, since), number)
    following = _cursor(request, half, edge, page.following)
    here = f"{base_url(request)}/changes"
    kept = "" if limit is None else f"&limit={number}"
    links: list[Link] = [
        {"rel": "self", "type": "application/json", "href": f"{here}{'?' if request.url.query else ''}{request.url.query}"},
        {"rel": "next", "type": "application/json", "href": f"{here}?since={quote(following)}{kept}"},
    ]
    tail = {"next": following, "more": page.more, "numberReturned": len(page.changes), "links": links}
    body = '{"changes":[' + ",".join(change.text for change in page.changes) + "]," + orjson.dumps(tail).decode()[1:]
    headers = PRIVATE if half == "internal" else {"Cache-Control": "no-store", "Vary": "Authorization"}
    return Response(body, 200, headers, "application/json")


@router.get(
    "/stream",
    response_class=Response,
    responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}, **problems(400, 410, 429, 503)},
)
@open_to_all
async def get_changes_stream(request: Request, since: Since = None) -> Response:
    """The public changes as they happen, as server-sent events; each id is a cursor. After a pause `Last-Event-ID` goes on where it ended.
    Without a cursor it begins now.
    """
    edge = await _edge(request)
    sent = request.headers.get("last-event-id") or since or NOW
    database: Database = request.app.state.database
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.state.is_head:
        return Response(None, 200, headers, EVENTS)
    streams: Streams = request.app.state.streams
    after = await changes.now(database.public) if sent == NOW else _position(request, "published", edge, sent)
    listener = await streams.join(counted_as(request.state.address))
    return _EventStream(request, streams, listener, edge, after, headers)


async def _edge(request: Request) -> Edge:
    catalogue: Catalogue = request.app.state.catalogue
    if catalogue.edge is None:
        await changes.settle(request.app.state.database)
        await catalogue.refresh()
    if catalogue.edge is None:
        raise Unavailable("too-busy")
    return catalogue.edge


def _position(request: Request, half: Half, edge: Edge, since: str | None) -> Position:
    if since is None:
        return BEGINNING
    try:
        return read_position(request.app.state.settings.secret, half, edge.epoch, since)
    except BadRequest:
        raise BadRequest(faults=[Fault("since", "cursor-unknown")]) from None


def _cursor(request: Request, half: Half, edge: Edge, position: Position) -> str:
    return write_position(request.app.state.settings.secret, half, edge.epoch, position)


class _EventStream(StreamingResponse):
    """Ends when the listener is let go; one that takes nothing any more is cut off."""

    def __init__(
        self, request: Request, streams: Streams, listener: Listener, edge: Edge, after: Position, headers: dict[str, str]
    ) -> None:
        super().__init__(_told(request, streams, listener, edge, after), 200, headers, EVENTS)
        self._streams = streams
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(super().__call__(scope, receive, send))
        released = asyncio.ensure_future(self._listener.released.wait())
        try:
            await asyncio.wait({sending, released}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({sending}, timeout=GRACE_S)
            if sending.done():
                await sending
        finally:
            self._streams.leave(self._listener)
            sending.cancel()
            released.cancel()
            await asyncio.gather(sending, released, return_exceptions=True)


async def _told(request: Request, streams: Streams, listener: Listener, edge: Edge, after: Position) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\nid: {_cursor(request, 'published', edge, after)}\n\n".encode()
    async with aclosing(streams.events(listener, after, HEARTBEAT_S)) as events:  # type: ignore[type-var]
        try:
            async for page in events:
                yield b"".join(_event(request, edge, change) for change in page) or b": \n\n"
        except (Gone, Unavailable):
            # The head has been sent. Whoever comes back is told why.
            return


def _event(request: Request, edge: Edge, change: Change) -> bytes:
    return f"id: {_cursor(request, 'published', edge, change.position)}\nevent: change\ndata: {change.text}\n\n".encode()
