"""Pages of the lists for those who work here: `limit` and `cursor` in, a link to the next page out."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Fault
from app.http.framing import base_url
from app.http.parameters import PageLimit, read_limit
from app.settings import Settings
from app.wire import Link

DEFAULT_LIMIT, MAX_LIMIT = 50, 500


@dataclass(frozen=True, slots=True)
class Paged:
    """`limit`: items of the page; `cursor`: what the client sent of it, not yet looked at."""

    request: Request
    limit: int
    cursor: str | None

    def after(self, purpose: str, first: str) -> str:
        """Behind what the page begins, as `links` has written it for this purpose. `BadRequest` for a cursor that is none of ours."""
        return first if self.cursor is None else read_cursor(self._secret, purpose, self.cursor)

    def links(self, purpose: str, last: object) -> list[Link]:
        """`self`, and `next` behind the item `last` (None: there is no more), with the other parameters that were sent."""
        here, sent = base_url(self.request) + self.request.url.path, self.request.url.query
        links: list[Link] = [{"rel": "self", "type": "application/json", "href": f"{here}?{sent}" if sent else here}]
        if last is not None:
            parameters = {name: value for name, value in self.request.query_params.items() if name != "cursor"}
            following = urlencode({**parameters, "cursor": write_cursor(self._secret, purpose, str(last))})
            links.append({"rel": "next", "type": "application/json", "href": f"{here}?{following}"})
        return links

    @property
    def _secret(self) -> bytes:
        settings: Settings = self.request.app.state.services.settings
        return settings.secret


async def paged(
    request: Request,
    limit: PageLimit = None,
    cursor: Annotated[str | None, Query()] = None,
) -> Paged:
    number = read_limit(limit, DEFAULT_LIMIT, MAX_LIMIT)
    if number is None:
        raise BadRequest(faults=[Fault("limit", "limit-invalid")])
    return Paged(request, number, cursor)


Paging = Annotated[Paged, Depends(paged)]
