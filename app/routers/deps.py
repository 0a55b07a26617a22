"""The words of signatures: who may call a handler, and which door to the database it gets.

All dependencies are coroutines: FastAPI would run a plain function in a thread, which costs more than the function. They are few,
because each costs about as much as a small statement: what only needs the request is a plain function to call.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from pydantic import WithJsonSchema
from starlette.types import ASGIApp, Receive, Scope, Send

from app import request_checks
from app.accounts import attempts
from app.accounts import service as accounts
from app.accounts.attempts import Attempt
from app.accounts.rights import Actor
from app.audit import Action
from app.db import Database, ReadSession, WriteSession
from app.errors import NotFound, TooMany
from app.intake import WEIGHT_OF_JSON
from app.intake import body_of as body_sent
from app.language import Language
from app.limiting import Limits
from app.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.multipart import is_form
from app.problems import language_of
from app.published.catalogue import Half
from app.settings import Settings
from app.wire import Wire


async def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def open_read(request: Request) -> ReadSession:
    database: Database = request.app.state.database
    return database.public


def bearer(request: Request) -> str | None:
    """The token of the request, if it carries one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


Reading = Annotated[ReadSession, Depends(open_read)]
Configured = Annotated[Settings, Depends(settings_of)]


async def language(request: Request) -> Language:
    return language_of(request)


Speaking = Annotated[Language, Depends(language)]


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody with a token, and the transaction in which what they do will be committed. What they may do, the service decides."""

    actor: Actor
    session: WriteSession


Handler = TypeVar("Handler", bound=Callable[..., Any])
# Which actions the handler of a route may carry out: having the right to one of them opens the door.
_NEEDED: dict[Callable[..., Any], frozenset[Action]] = {}


def needs(*actions: Action) -> Callable[[Handler], Handler]:
    """Declares what a handler does, in the words of `accounts/rights.py`. `Editing` lets in who may do one of these; which of them a
    body asks for, and on whose rows, the service decides.
    """

    def declare(handler: Handler) -> Handler:
        _NEEDED[handler] = frozenset(actions)
        return handler

    return declare


def open_to_all(handler: Handler) -> Handler:
    """Declares that a handler shows everybody what is public; with a token perhaps more."""
    return needs()(handler)


_READING_QUERIES: set[Callable[..., Any]] = set()
_READING_TEXTS: set[Callable[..., Any]] = set()


def reads_its_texts(handler: Handler) -> Handler:
    """Declares that a handler reads its parameters itself: it takes the request and, by the names of its signature, texts as they were sent.
    For what is asked most: FastAPI's way to a handler would be half of what a 304 costs.
    """
    _READING_TEXTS.add(handler)
    return handler


def reads_its_query(handler: Handler) -> Handler:
    """The same, and that it refuses what it does not know: its parameters depend on the collection."""
    _READING_QUERIES.add(handler)
    return reads_its_texts(handler)


def needed(handler: Callable[..., Any]) -> frozenset[Action]:
    """What a handler has declared. LookupError where it has not: such a route must not exist."""
    return _NEEDED[handler]


class Editing:
    """`async with Editing(request) as editor:` signs in and opens the transaction; it is committed on leaving, so before the answer.

    `Unauthenticated` without a token that is valid, `Forbidden` where the role may do nothing of what the route declares.

    Not a dependency with `yield`: those of request scope commit after the answer, and those of function scope cost as much as
    three statements (docs/adr/0009).

    `counted=False`: one of several transactions of a request that has been counted. `reading`: nothing is written, as in every GET; so it goes
    on while nothing can be.
    """

    __slots__ = ("_counted", "_request", "_session", "_transaction")

    def __init__(self, request: Request, *, counted: bool = True, reading: bool = False) -> None:
        database: Database = request.app.state.database
        self._request = request
        self._counted = counted
        self._transaction = database.open_write(reading=reading or request.method in ("GET", "HEAD", "OPTIONS"))

    async def __aenter__(self) -> Editor:
        session = self._session = await self._transaction.__aenter__()
        settings: Settings = self._request.app.state.settings
        try:
            actor = await accounts.sign_in(session, settings.secret, bearer(self._request))
            if self._counted:
                await self._count(actor)
            actor.demand_one_of(needed(self._request.scope["endpoint"]))
        except BaseException as error:
            await self._transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        return Editor(actor, session)

    async def _count(self, actor: Actor) -> None:
        limits: Limits = self._request.app.state.limits
        state = self._request.scope["state"]
        if state.get("is_counted"):
            return
        state["is_counted"] = True
        if window := limits.of_account(actor.id):
            state.setdefault("windows", []).append(window)
            if not window.allowed:
                raise TooMany(seconds=window.reset_s)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._transaction.__aexit__(kind, error, trace)
        if self._session.changes_public:
            # Whoever has published reads it at once; other workers hear of it a moment later.
            await self._request.app.state.catalogue.refresh()


async def half_of(request: Request) -> Half:
    """The half that is read: without a token the public one; with the token of whoever may, the internal one. `Unauthenticated`."""
    if bearer(request) is None:
        return "published"
    async with Editing(request) as editor:
        return "internal" if editor.actor.may(Action.ITEM_READ_INTERNAL) else "published"


async def count_sign_in(request: Request, account: str) -> Attempt:
    """Counts a try of a password, for good. `TooMany` where there were too many of this account from this address, or from this address."""
    database: Database = request.app.state.database
    state = request.scope["state"]
    async with database.open_write() as session:
        attempt = await attempts.count(session, request.app.state.settings, state["address"], account)
    state.setdefault("windows", []).extend(attempt.windows)
    attempt.check()
    return attempt


def uuid_of(text: str, unknown: str) -> UUID:
    """What is no UUID names nothing: 404, as for one that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(unknown) from None


async def item_id(item: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(item, "item-unknown")


async def point_id(point: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(point, "point-unknown")


async def webhook_id(webhook: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(webhook, "webhook-unknown")


async def revision_id(revision: Annotated[str, Path(max_length=64)]) -> UUID:
    return uuid_of(revision, "revision-unknown")


PointId = Annotated[UUID, Depends(point_id)]
ItemId = Annotated[UUID, Depends(item_id)]
WebhookId = Annotated[UUID, Depends(webhook_id)]
RevisionId = Annotated[UUID, Depends(revision_id)]


# `?draft=true` keeps what is sent without submitting it.
AsDraft = Annotated[Literal["true", "false"] | None, Query(alias="draft"), WithJsonSchema({"type": "boolean"})]
# Read by `read_limit`, which takes more than there is for the most.
Limit = Annotated[str | None, Query(description="Entries of a page"), WithJsonSchema({"type": "integer", "minimum": 1})]


def read_limit(limit: str | None, default: int, most: int) -> int | None:
    """The number of a page's items; above the maximum it is clamped, as OGC API Features wants. None: it is no number from 1."""
    if limit is None:
        return default
    if limit.isdecimal() and limit.isascii() and len(limit) < 16 and int(limit) > 0:
        return min(int(limit), most)
    return None


def base_url(request: Request) -> str:
    """The address of the service as this client sees it, without a slash at its end."""
    settings: Settings = request.app.state.settings
    return settings.public_url.rstrip("/") or f"{request.scope['scheme']}://{request.headers.get('host', '')}"


async def here(request: Request) -> str:
    return base_url(request)


Here = Annotated[str, Depends(here)]


# From where the feed of changes goes on after what is answered (docs/changes.md).
CHANGES_CURSOR = "Titik-Changes-Cursor"
# What only the asker may see, and no cache may keep.
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Authorization"}


def body_of(model: type[Wire], *media_types: str, required: bool = True) -> dict[str, Any]:
    """The body of a route as OpenAPI tells it, JSON where no types are named; it is read by `wire.parse`."""
    content = {media_type: {"schema": model.model_json_schema()} for media_type in media_types or ("application/json",)}
    return {"requestBody": {"required": required, "content": content}}


# The formats that a route can answer in, as the parameter `f`.
AsJson = Annotated[Literal["json"] | None, Query(alias="f")]
AsGeoJson = Annotated[Literal["json", "geojson"] | None, Query(alias="f")]
AsTile = Annotated[Literal["mvt"] | None, Query(alias="f")]
AsPage = Annotated[Literal["json", "html"] | None, Query(alias="f")]


def file_of(*media_types: str, description: str = "The file itself") -> dict[str, Any]:
    """The body of a route that is a file, as OpenAPI tells it; it may also come within a form, as its only part."""
    file = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": ["file"], "properties": {"file": file}, "additionalProperties": False}
    content = {media_type: {"schema": file} for media_type in media_types} | {FORM_OF_A_FILE: {"schema": form}}
    return {"requestBody": {"required": True, "description": f"{description}, or a form with it as its only part", "content": content}}


_TAKING_FILES: set[Callable[..., Any]] = set()


def takes_a_file(handler: Handler) -> Handler:
    """Declares that the body of a route is a file, which the handler finds on the disk: `uploaded(request)`."""
    _TAKING_FILES.add(handler)
    return handler


async def _take_in(request: Request, handler: Callable[..., Any], *, is_json: bool) -> None:
    """A large body: nothing of it is read before it is known that its sender may do what the route does, and that there is room."""
    body, is_file = body_sent(request), handler in _TAKING_FILES
    if body is None or not (body.is_large or is_file):
        return
    if needed(handler):
        # It writes nothing itself; but where nothing can be written, nothing need be read.
        async with Editing(request, reading=request.url.path == "/sync"):
            pass
        if not is_file:
            body.reserve(weight=WEIGHT_OF_JSON if is_json else 1)
    if is_file:
        request.scope["state"]["upload"] = await body.to_file()
    else:
        await request.body()


class StrictRoute(APIRoute):
    """A route whose handler declares what it does (`needs`, `open_to_all`): without that the service does not start.

    It refuses parameters of the query which it does not declare, or which are given twice (OGC API Features §7.15.4), and bodies
    of another media type than those that it documents.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if endpoint not in _NEEDED:
            raise TypeError(f"{path}: the handler {endpoint.__name__} declares neither needs(…) nor open_to_all")
        options["operation_id"] = options.get("operation_id") or _camel(endpoint.__name__)
        super().__init__(path, endpoint, **options)
        if endpoint in _READING_TEXTS:
            self.app = _straight(self.get_route_handler())

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        is_checked = self.endpoint not in _READING_QUERIES
        # The type that a handler gives is for the document alone: what it has made is written as it is, not held against it again.
        described = self.response_field
        self.response_field = described and create_model_field("answer", Any, mode="serialization")
        handle = _with_texts(self.endpoint, self.dependant) if self.endpoint in _READING_TEXTS else super().get_route_handler()
        self.response_field = described
        known, media_types = _query_parameters(self.dependant), request_checks.media_types(self.openapi_extra or {})
        is_json, takes_forms = "application/json" in media_types, FORM_OF_A_FILE in media_types

        async def strict(request: Request) -> Response:
            # PostgreSQL has no text with a NUL in it, so such a path names nothing.
            if "\0" in request.scope["path"]:
                raise NotFound
            request_checks.check_host(request)
            if media_types:
                request_checks.check_media_type(request, media_types)
            if request.scope["query_string"]:
                request_checks.check_parameters(request, known if is_checked else set(request.query_params))
            if takes_forms and is_form(sent := request.headers.get("content-type", "")) and (body := body_sent(request)):
                body.take_out(sent)
            await _take_in(request, self.endpoint, is_json=is_json)
            return await handle(request)

        return strict


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _with_texts(
    handler: Callable[..., Coroutine[Any, Any, Response]], dependant: Dependant
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    of_path = {parameter.alias: parameter.name for parameter in dependant.path_params}
    of_query = {parameter.alias: parameter.name for parameter in dependant.query_params}

    async def handle(request: Request) -> Response:
        texts = {of_path[alias]: text for alias, text in request.path_params.items()}
        if of_query and request.scope["query_string"]:
            texts |= {of_query[alias]: text for alias, text in request.query_params.items()}
        return await handler(request=request, **texts)

    return handle


def _straight(handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handle(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


def _query_parameters(dependant: Dependant) -> set[str]:
    """The parameters of the query that a handler or any of its dependencies declares."""
    return {parameter.alias for parameter in dependant.query_params}.union(*map(_query_parameters, dependant.dependencies))
