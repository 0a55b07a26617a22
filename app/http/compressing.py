"""Private answers are compressed too, where nobody but their reader can have caused them.

What is compressed tells by its length whether a text occurs in it twice. Whoever can make somebody's browser ask again and again, each time with
another text that the answer repeats, and sees how long the answers are, guesses what stands beside it, letter by letter (BREACH). So an answer for one
pair of eyes is compressed only where no page of others can have asked for it: with a token, which browsers send for nobody, or where the browser says
that a page of our own has asked. Where it says nothing, as over plain http, or comes from elsewhere, the answer goes out as it is.
What is asked but once and holds a secret (a link for a password, a new token) answers a POST, and is never compressed.
"""

from fastapi import Request, Response

from app.http.bodies import compressed, negotiated
from app.http.credentials import bearer

# Less than this saves nothing: it is one packet either way.
_LEAST = 1_000
_TYPES = ("application/json", "application/geo+json", "text/html")


async def compress_private(request: Request, response: Response) -> Response:
    """The same answer, packed where that is of use and safe; whatever is public, streamed, or a file is left alone."""
    body = getattr(response, "body", b"")
    headers = response.headers
    if len(body) < _LEAST or request.method != "GET" or response.status_code != 200 or "private" not in headers.get("cache-control", ""):
        return response
    if "content-encoding" in headers or not headers.get("content-type", "").startswith(_TYPES) or not _is_own(request):
        return response
    headers.add_vary_header("Accept-Encoding")
    encoding = negotiated(request.headers.get("accept-encoding"))
    if encoding == "identity":
        return response
    response.body = await compressed(bytes(body), encoding)
    headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(response.body))
    if (etag := headers.get("etag")) and not etag.startswith("W/"):
        # Not the same bytes, and still the same version for `If-Match`.
        headers["ETag"] = f"W/{etag}"
    return response


def _is_own(request: Request) -> bool:
    return bearer(request) is not None or request.headers.get("sec-fetch-site") == "same-origin"
