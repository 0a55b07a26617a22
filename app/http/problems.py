"""Errors as HTTP answers: one table of statuses, RFC 9457 `application/problem+json`, in the reader's language."""

import re
from collections.abc import Mapping
from typing import Any, cast

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app import errors
from app.coordinates import words
from app.errors import Fault, TitikError
from app.geo import distance_words
from app.http.framing import frame_of, language_of, page_headers
from app.http.negotiation import favourite
from app.language import Language, Text
from app.messages import PROBLEMS, SUGGESTION, say_fault
from app.pages.problem import problem_page
from app.wire import MAX_FAULTS, FaultTold, Problem

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:titik:problem:"

STATUS: dict[type[TitikError], int] = {
    errors.BadRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.TooSlow: 408,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.AddressTooLong: 414,
    errors.WrongMedia: 415,
    errors.BeyondEnd: 416,
    errors.Invalid: 422,
    errors.Unreadable: 422,
    errors.Misplaced: 422,
    errors.Unconditional: 428,
    errors.TooMany: 429,
    errors.HeadTooLarge: 431,
    errors.Unavailable: 503,
}
_HEADERS = {401: {"WWW-Authenticate": 'Bearer realm="titik"'}, 503: {"Retry-After": "2"}}

_log = structlog.get_logger("titik")


def problem(error: TitikError, status: int, language: Language, instance: str, request_id: str) -> Problem:
    """The members of the answer; the input itself is never among them."""
    message = PROBLEMS[error.code]
    facts = {name: _fact(name, fact, language) for name, fact in error.facts.items()}
    answer: Problem = {
        "type": TYPE + error.code,
        "title": message.title.say(language),
        "status": status,
        "detail": message.detail.say(language, facts),
    }
    if hint := " ".join(filter(None, (_suggested(error, language), message.hint.say(language, facts)))):
        answer["hint"] = hint
    answer["instance"], answer["request_id"] = instance, request_id
    if error.faults:
        answer["errors"] = [_fault(fault, language) for fault in error.faults[:MAX_FAULTS]]
    return cast("Problem", {**answer, **error.members})


def _suggested(error: TitikError, language: Language) -> str:
    suggestion = error.members.get("suggestion")
    if not isinstance(suggestion, dict):
        return ""
    repairs = ", ".join(words.repair(repair).say(language) for repair in suggestion["repairs"])
    return SUGGESTION.say(language, {"lon": suggestion["lon"], "lat": suggestion["lat"], "repairs": repairs})


def _fact(name: str, fact: object, language: Language) -> object:
    if isinstance(fact, Text):
        return fact.say(language)
    return distance_words(fact, language) if name == "distance" and isinstance(fact, float) else fact


def _fault(fault: Fault, language: Language) -> FaultTold:
    # A body is pointed into by JSON pointer (it begins with / or is the whole, empty), a workbook by the cell; a parameter is named.
    place = "pointer" if fault.where == "" or fault.where.startswith("/") else "cell" if "!" in fault.where else "parameter"
    return cast("FaultTold", {place: fault.where, "code": fault.code, "detail": say_fault(fault.code, fault.facts, language)})


def status_of(error: TitikError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def problem_of(error: TitikError, request: Request, status: int | None = None) -> Problem:
    """The problem in the words of the reader; its status is that of the kind of error unless one is given."""
    status = status or status_of(error)
    request_id = request.scope.get("state", {}).get("request_id", "")
    return problem(error, status, language_of(request), request.url.path[:200], request_id)


def answer(error: TitikError, request: Request, status: int | None = None) -> Response:
    body = problem_of(error, request, status)
    status = body["status"]
    headers = {"Cache-Control": "no-store", "Content-Language": language_of(request), **_HEADERS.get(status, {})}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.facts["seconds"])
    elif isinstance(error, errors.BeyondEnd):
        headers["Content-Range"] = f"bytes */{error.facts['size']}"
    elif isinstance(error, errors.WrongMedia):
        # RFC 9110 §15.5.16: the answer may say what would have been read.
        headers["Accept" if error.code == "media-type-unsupported" else "Accept-Encoding"] = str(error.facts["accepted"])
    if wants_page(request):
        page = problem_page(frame_of(request), body, is_again=request.method != "GET")
        return Response(page, status, page_headers(request) | headers, "text/html; charset=utf-8")
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """Whether a person looks: browsers like a page best, and programs say what they want by `f` where they do not by `Accept`."""
    return favourite(request.headers.get("accept")) == "text/html" and request.query_params.get("f", "html") == "html"


# What the router itself refuses, before any of our code has seen the request.
_OF_STATUS = {404: "not-found", 405: "method-not-allowed"}


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def logged_path(scope: Mapping[str, Any]) -> str:
    """The route with its ids: what else stands in a path, somebody typed, and may be a name."""
    path = str(getattr(scope.get("route"), "path", "?"))
    for name, value in scope.get("path_params", {}).items():
        if _UUID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def _without_rows(error: BaseException | None) -> None:
    """PostgreSQL and its driver quote the row or the value that failed, and with it what people wrote: never into the log. The server
    that logs the error again has the same object.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if type(error).__module__.startswith("asyncpg"):
            error.args = (f"{getattr(error, 'sqlstate', None)} {getattr(error, 'constraint_name', None) or ''}",)
            error.detail = None  # type: ignore[attr-defined]
        error = error.__cause__ or error.__context__


def unforeseen(error: Exception, request: Request) -> Response:
    """The answer, with a fixed text, to what nobody foresaw, and its line in the log."""
    _without_rows(error)
    _log.error("failed", path=logged_path(request.scope), request_id=request.scope.get("state", {}).get("request_id"), exc_info=error)
    return answer(TitikError(), request)


def install(app: FastAPI) -> None:
    """Every error leaves as a problem: ours, and the router's own 404 and 405. What nobody foresaw is caught by `middleware.Around`."""

    async def ours(request: Request, error: Any) -> Response:
        _log.info("refused", code=error.code, path=logged_path(request.scope), request_id=request.scope.get("state", {}).get("request_id"))
        return answer(error, request)

    async def routers(request: Request, error: Any) -> Response:
        response = answer(TitikError(_OF_STATUS.get(error.status_code)), request, error.status_code)
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            # Each method is a route of its own; the router names only those of the first. `Around` turns HEAD into GET.
            allowed = {method for route in app.router.routes if route.matches(request.scope)[0] != Match.NONE for method in route.methods}  # type: ignore[attr-defined]
            response.headers["Allow"] = ", ".join(sorted(allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())))
        return response

    app.add_exception_handler(TitikError, ours)
    app.add_exception_handler(HTTPException, routers)


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The error answers of a route, for OpenAPI."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": _WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def problem_or_page(status: int) -> dict[str, object]:
    """The same of a route whose page says what is wrong above its form."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}, "text/html": {"schema": {"type": "string"}}}}


_WORDS = {
    400: "A parameter or the body cannot be read",
    401: "No token, or none that is valid",
    403: "Not allowed",
    404: "Not found",
    408: "The request did not arrive in time",
    409: "Conflict with the present state",
    410: "It is gone; the answer says where to begin anew",
    412: "The point has changed since it was read",
    413: "Body too large",
    414: "Address too long",
    415: "A body of a type or in an encoding that is not read here",
    416: "The file is not so long",
    422: "The content or the place needs correcting",
    428: "If-Match is needed",
    429: "Too many requests",
    431: "Too many headers, or too large ones",
    503: "Try again later",
}

SCHEMA = {"Problem": TypeAdapter(Problem).json_schema(mode="serialization")}
