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

from app.errors import BadRequest, Fault, Gone, Unavailable
from app.feed import changes
from app.feed.changes import Feed, FeedChange
from app.feed.streaming import Listener, Streams
from app.http.parameters import PRIVATE, PageLimit, read_limit
from app.http.problems import problems
from app.http.reader import reader_of
from app.http.rights import open_to_all
from app.http.route import StrictRoute
from app.http.services import services
from app.limits.windows import counted_as
from app.published.catalogue import Half
from app.published.positions import BEGINNING, Edge, Position, read_position, write_position
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
async def get_changes(request: Request, since: Since = None, limit: PageLimit = None) -> Response:
    """The points that were published, changed or removed since a cursor, each as it is now. With a token of the city's offices the
    internal form of them.
    """
    number = read_limit(limit, changes.DEFAULT_LIMIT, changes.MAX_LIMIT)
    if number is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    reader = await reader_of(request)
    half, session = reader.half, reader.session
    edge = await _edge(request)
    if since == NOW:
        page = changes.FeedPage([], await changes.now(session), more=False)
    else:
        page = await changes.page(session, half, _position(request, half, edge, since), number)
    following = _cursor(request, half, edge, page.following)
    here = f"{reader.here}/changes"
    limit_of_link = "" if limit is None else f"&limit={number}"
    links: list[Link] = [
        {"rel": "self", "type": "application/json", "href": f"{here}{'?' if request.url.query else ''}{request.url.query}"},
        {"rel": "next", "type": "application/json", "href": f"{here}?since={quote(following)}{limit_of_link}"},
    ]
    tail = {"next": following, "more": page.more, "numberReturned": len(page.changes), "links": links}
    body = '{"changes":[' + ",".join(change.text for change in page.changes) + "]," + orjson.dumps(tail).decode()[1:]
    headers = PRIVATE if half == "internal" else {"Cache-Control": "no-store", "Vary": "Authorization, Cookie"}
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
    database = services(request).database
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.state.is_head:
        return Response(None, 200, headers, EVENTS)
    request.state.is_stream = True
    streams = services(request).streams
    after = await changes.now(database.public) if sent == NOW else _position(request, "published", edge, sent)
    listener = await streams.join(counted_as(request.state.address))
    return _EventStream(request, streams, listener, edge, after, headers)


async def _edge(request: Request) -> Edge:
    catalogue = services(request).catalogue
    if catalogue.edge is None:
        await changes.settle(services(request).database)
        await catalogue.refresh()
    if catalogue.edge is None:
        raise Unavailable("too-busy")
    return catalogue.edge


def _position(request: Request, half: Half, edge: Edge, since: str | None) -> Position:
    if since is None:
        return BEGINNING
    try:
        return read_position(services(request).settings.secret, half, edge.epoch, since)
    except BadRequest:
        raise BadRequest(faults=[Fault("since", "cursor-unknown")]) from None


def _cursor(request: Request, half: Half, edge: Edge, position: Position) -> str:
    return write_position(services(request).settings.secret, half, edge.epoch, position)


class _EventStream(StreamingResponse):
    """Ends when the listener is let go; one that takes nothing any more is cut off."""

    def __init__(
        self, request: Request, streams: Streams, listener: Listener, edge: Edge, after: Position, headers: dict[str, str]
    ) -> None:
        super().__init__(_event_stream(request, streams, listener, edge, after), 200, headers, EVENTS)
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


async def _event_stream(request: Request, streams: Streams, listener: Listener, edge: Edge, after: Position) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\nid: {_cursor(request, 'published', edge, after)}\n\n".encode()
    async with aclosing(streams.events(listener, after, HEARTBEAT_S)) as events:  # type: ignore[type-var]
        try:
            async for page in events:
                yield b"".join(_event(request, edge, change) for change in page) or b": \n\n"
        except (Gone, Unavailable):
            # The head has been sent. Whoever comes back is told why.
            return


def _event(request: Request, edge: Edge, change: FeedChange) -> bytes:
    return f"id: {_cursor(request, 'published', edge, change.position)}\nevent: change\ndata: {change.text}\n\n".encode()
