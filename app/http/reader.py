"""Who reads, once for a request: which half, by which session, at which moment, in which language, under which address of the service."""

from dataclasses import dataclass, field

from starlette.requests import Request

from app.db import ReadSession
from app.http.editing import half_of
from app.http.framing import base_url, language_of
from app.http.services import services
from app.language import Language
from app.published.catalogue import Half, Known


@dataclass(frozen=True, slots=True)
class Reader:
    """`known` is the moment of it: whatever is answered follows from this one, also where a newer comes meanwhile. Language and address are
    read of the request when somebody wants them: most answers need neither.
    """

    half: Half
    session: ReadSession
    known: Known
    _request: Request = field(repr=False)

    @property
    def language(self) -> Language:
        return language_of(self._request)

    @property
    def here(self) -> str:
        """The address of the service, without a slash at its end."""
        return base_url(self._request)


async def reader_of(request: Request) -> Reader:
    """`Unauthenticated` where the token is none."""
    half, present = await half_of(request), services(request)
    database = present.database
    session = database.public if half == "published" else database.internal
    return Reader(half, session, present.catalogue.known, request)
