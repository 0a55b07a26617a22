"""The route that every handler has: what it declares is asked for before it is called."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import NotFound, Unauthenticated
from app.http import checks as request_checks
from app.http.compressing import compress_private
from app.http.credentials import check_origin, pass_over_cookie, session_secret
from app.http.editing import Editing
from app.http.intake import WEIGHT_OF_JSON
from app.http.intake import body_of as body_sent
from app.http.multipart import MEDIA_TYPE as FORM_OF_A_FILE
from app.http.multipart import is_form
from app.http.rights import _NEEDED, Handler, needed
from app.sessions.service import ENDED

_READING_QUERIES: set[Callable[..., object]] = set()


_READING_TEXTS: set[Callable[..., object]] = set()


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


_TAKING_FILES: set[Callable[..., object]] = set()


def takes_a_file(handler: Handler) -> Handler:
    """Declares that the body of a route is a file, which the handler finds on the disk: `uploaded(request)`."""
    _TAKING_FILES.add(handler)
    return handler


async def _take_in(request: Request, handler: Callable[..., object], *, is_json: bool) -> None:
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

    takes_file_of_form = True
    """Whether of a form its only file is the body; else the handler reads the form itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if endpoint not in _NEEDED:
            raise TypeError(f"{path}: the handler {endpoint.__name__} declares neither needs(…) nor open_to_all")
        options["operation_id"] = options.get("operation_id") or _camel(endpoint.__name__)
        super().__init__(path, endpoint, **options)
        if endpoint in _READING_TEXTS:
            self.app = _straight(self.get_route_handler())

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        is_checked = self.endpoint not in _READING_QUERIES
        # The type that a handler gives is for the document alone: what it has made is written as it is, not held against it again.
        described = self.response_field
        self.response_field = described and create_model_field("answer", object, mode="serialization")
        handle = _with_texts(self.endpoint, self.dependant) if self.endpoint in _READING_TEXTS else super().get_route_handler()
        self.response_field = described
        known, media_types = _query_parameters(self.dependant), request_checks.media_types(self.openapi_extra or {})
        is_json, takes_forms = "application/json" in media_types, self.takes_file_of_form and FORM_OF_A_FILE in media_types

        async def strict(request: Request) -> Response:
            # PostgreSQL has no text with a NUL in it, so such a path names nothing.
            if "\0" in request.scope["path"]:
                raise NotFound
            request_checks.check_host(request)
            check_origin(request)
            if media_types:
                request_checks.check_media_type(request, media_types)
            if request.scope["query_string"]:
                request_checks.check_parameters(request, known if is_checked else set(request.query_params))
            if takes_forms and is_form(sent := request.headers.get("content-type", "")) and (body := body_sent(request)):
                body.take_out(sent)
            await _take_in(request, self.endpoint, is_json=is_json)
            try:
                return await compress_private(request, await handle(request))
            except Unauthenticated as error:
                if needed(self.endpoint) or error.code not in ENDED or session_secret(request) is None:
                    raise
            # What everybody may see, somebody whose session has ended may see too.
            pass_over_cookie(request)
            return await handle(request)

        return strict


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _with_texts(
    handler: Callable[..., Coroutine[object, object, Response]], dependant: Dependant
) -> Callable[[Request], Coroutine[object, object, Response]]:
    of_path = {parameter.alias: parameter.name for parameter in dependant.path_params}
    of_query = {parameter.alias: parameter.name for parameter in dependant.query_params}

    async def handle(request: Request) -> Response:
        texts = {of_path[alias]: text for alias, text in request.path_params.items()}
        if of_query and request.scope["query_string"]:
            texts |= {of_query[alias]: text for alias, text in request.query_params.items()}
        return await handler(request=request, **texts)

    return handle


def _straight(handle: Callable[[Request], Coroutine[object, object, Response]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await handle(Request(scope, receive, send))
        await response(scope, receive, send)

    return app


def _query_parameters(dependant: Dependant) -> set[str]:
    """The parameters of the query that a handler or any of its dependencies declares."""
    return {parameter.alias for parameter in dependant.query_params}.union(*map(_query_parameters, dependant.dependencies))
