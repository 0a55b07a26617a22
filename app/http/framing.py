"""What the answer to a request is framed by: the language of its reader, the address of the service as they see it, and what every page has."""

import re
from urllib.parse import quote, urlsplit

from fastapi import Request

from app.access.rights import Actor
from app.http.services import services
from app.language import LANGUAGE_COOKIE, Language, accepted
from app.pages.frame import Frame, Links, policy
from app.pages.visitor import Visitor

LONGEST_PATH = 1000
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
VARYING = {"Vary": "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"}


def language_of(request: Request) -> Language:
    """What somebody has chosen on a page, else what the client wants, of what the cities offer; where it names none, what the settings say, else
    the first of those.
    """
    settings, offered = services(request).settings, services(request).catalogue.known.cities.languages
    default = settings.language if "language" in settings.model_fields_set else offered[0]
    if (chosen := request.cookies.get(LANGUAGE_COOKIE)) in offered:
        return chosen
    header = request.headers.get("accept-language")
    wanted = accepted(header) if header and re.search(r"\b(id|in|en)\b", header, re.IGNORECASE) else default
    return wanted if wanted in offered else offered[0]


def base_url(request: Request) -> str:
    """The address of the service as this client sees it, without a slash at its end."""
    settings = services(request).settings
    return settings.public_url.rstrip("/") or f"{request.scope['scheme']}://{request.headers.get('host', '')}"


def root_of(request: Request) -> str:
    """The path under which this client sees the service, without a slash at its end: empty where it has a host of its own."""
    return urlsplit(base_url(request)).path


def own_path(text: str | None, otherwise: str = "/") -> str:
    """A path of the service, as a page has sent it to be led back there; `otherwise` where it would lead elsewhere: `//evil.example`,
    `/\\evil.example`, an address.
    """
    return text if text and len(text) <= LONGEST_PATH and _OWN_PATH.fullmatch(text) else otherwise


def frame_of(request: Request, links: Links = (), visitor: Visitor | None = None) -> Frame:
    """What a page of this request has around it; the visitor is who is known to be signed in by now, unless one is given."""
    path, query = quote(request.scope["path"], safe="/:@!$&'()*+,;=~"), request.scope["query_string"].decode("latin-1")
    here = f"{path}?{query}" if query else path
    present = services(request)
    return Frame(
        base_url(request), language_of(request), links, present.catalogue.known.cities, here, visitor or _visitor(request),
        present.settings.basemap,
    )  # fmt: skip


def _visitor(request: Request) -> Visitor | None:
    """Whoever has signed in by a cookie, once `Editing` has looked."""
    actor: Actor | None = request.scope["state"].get("actor")
    return Visitor(actor.name, actor.role, actor.kelurahan) if actor else None


def page_headers(request: Request) -> dict[str, str]:
    basemap = services(request).settings.basemap
    return {"Content-Security-Policy": policy(basemap.origin if basemap else ""), "Content-Language": language_of(request), **VARYING}
