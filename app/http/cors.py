"""What pages of other sites may do here (Fetch standard, §3.3). What is public all of them may read; use a token only those of origins that
the operator has named: a page that can send one holds it.
"""

from collections.abc import Collection, Mapping

from starlette.types import Receive, Scope, Send

from app.http.credentials import SESSION_COOKIE

CorsHeaders = tuple[tuple[bytes, bytes], ...]

_EXPOSED = (
    b"Accept-Ranges, Allow, Content-Crs, Content-Disposition, Content-Range, ETag, Link, Location, OGC-NumberMatched, RateLimit, Retry-After, "
    b"Titik-Changes-Cursor"
)
_READING: CorsHeaders = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED))
_READ_METHODS = (b"GET", b"HEAD", b"OPTIONS")
_METHODS = (*_READ_METHODS, b"POST", b"PUT", b"PATCH", b"DELETE")
_READ_HEADERS = (b"accept", b"accept-language", b"content-type", b"if-none-match", b"if-range", b"range")
_HEADERS = tuple(
    sorted((*_READ_HEADERS, b"authorization", b"content-crs", b"idempotency-key", b"if-match", b"last-event-id", b"x-request-id"))
)
_VARY = (b"vary", b"Origin")
_COOKIE = SESSION_COOKIE.encode() + b"="


def is_preflight(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks, by OPTIONS, what a page of another site may do here; it has no token in hand then."""
    return b"origin" in headers and b"access-control-request-method" in headers


class Cors:
    """`named` are the origins whose pages may use a token."""

    def __init__(self, named: Collection[bytes]) -> None:
        self._named = named

    def headers(self, method: str, headers: Mapping[bytes, bytes]) -> CorsHeaders:
        """Those of an answer. Only of what depends on it the answer says that it does: what is public stays one copy for all."""
        # What is read with a cookie, only our own pages read: no origin is ever allowed to send one (`Access-Control-Allow-Credentials`).
        if _COOKIE in headers.get(b"cookie", b"") and b"authorization" not in headers:
            return ()
        if method in ("GET", "HEAD") and b"authorization" not in headers:
            return _READING
        if not self._named:
            return ()
        if headers.get(b"origin") not in self._named or (method == "OPTIONS" and is_preflight(headers)):
            return (_VARY,)
        return ((b"access-control-allow-origin", headers[b"origin"]), (b"access-control-expose-headers", _EXPOSED), _VARY)

    async def preflight(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """204 in any case, before anything else looks; without a word of leave where there is none, so that the browser does not go on."""
        headers = dict(scope["headers"])
        origin = headers[b"origin"]
        is_named = origin in self._named
        methods, askable = (_METHODS, _HEADERS) if is_named else (_READ_METHODS, _READ_HEADERS)
        wanted = {name.strip().lower() for name in headers.get(b"access-control-request-headers", b"").split(b",")} - {b""}
        pairs: list[tuple[bytes, bytes]] = []
        if headers[b"access-control-request-method"] in methods and wanted <= set(askable):
            pairs = [
                (b"access-control-allow-origin", origin if is_named else b"*"),
                (b"access-control-allow-methods", b", ".join(methods)),
                (b"access-control-allow-headers", b", ".join(askable)),
                (b"access-control-max-age", b"86400"),
            ]
        await send({"type": "http.response.start", "status": 204, "headers": pairs})
        await send({"type": "http.response.body", "body": b""})
