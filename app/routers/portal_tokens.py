"""Keys of one's own account for other systems, by pages: listed, made, ended. On the service of `/tokens`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.access.rights import SCOPE_NAMES
from app.accounts import signing
from app.accounts.schemas import NewToken
from app.audit.record import Action
from app.errors import BadRequest, Forbidden, Invalid
from app.http.editing import Editing
from app.http.forms import FORM_BODY, read_form
from app.http.framing import frame_of, language_of, root_of
from app.http.parameters import PRIVATE
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, page_actor, page_answer, refused_fields
from app.pages import tokens as pages
from app.pages.tokens import EMPTY, TOKENS, TokenForm, TokensPage
from app.pages.visitor import Visitor
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=TOKENS, include_in_schema=False)


@router.get("")
@needs(Action.TOKEN_READ)
async def get_tokens_page(request: Request, sudah: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Those that are valid."""
    return await _page(request, done=pages.ENDED.say(language_of(request)) if sudah == "diakhiri" else "")


@router.get("/baru")
@needs(Action.TOKEN_ISSUE)
async def get_new_token(request: Request) -> Response:
    """The form of a new one. The password is asked for before it is filled in, not after."""
    actor = await page_actor(request, is_fresh=True)
    frame = frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))
    return page_answer(request, pages.new_token(frame, actor.role, EMPTY))


@router.post("/baru", openapi_extra=FORM_BODY)
@needs(Action.TOKEN_ISSUE)
async def post_new_token(request: Request) -> Response:
    """Makes a key and shows it this once; where something is wrong, the form again with what was typed."""
    fields = await read_form(request)
    days = fields.get("expires_days", "")
    sent = {
        "label": fields.get("label", "").strip(), "scopes": [scope for scope in SCOPE_NAMES if f"scope-{scope}" in fields],
        "expires_days": int(days) if days.isdecimal() and len(days) < 9 else days, "without_if_match": "without_if_match" in fields,
    }  # fmt: skip
    try:
        async with Editing(request) as editor:
            issued = await signing.issue_own(editor.session, services(request).settings.secret, editor.actor, parse(NewToken, sent))
    except (Invalid, BadRequest, Forbidden) as error:
        if isinstance(error, Forbidden) and error.code != "scope-missing":
            raise
        actor = await page_actor(request)
        frame = frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))
        wrong = {name.partition("/")[0]: text for name, text in reversed(refused_fields(request, error, "").items())}
        return page_answer(request, pages.new_token(frame, actor.role, TokenForm(fields, wrong)), error)
    return await _page(request, secret=issued.token)


@router.post("/{token:int}/akhiri", openapi_extra=FORM_BODY)
@needs(Action.TOKEN_REVOKE)
async def post_end_token(token: Annotated[int, Path(ge=1, le=2**31 - 1)], request: Request) -> Response:
    """Ends one of one's own keys."""
    async with Editing(request) as editor:
        await signing.revoke(editor.session, editor.actor, token)
    return RedirectResponse(f"{root_of(request)}{TOKENS}?sudah=diakhiri", 303, PRIVATE)


async def _page(request: Request, *, secret: str | None = None, done: str = "") -> Response:
    async with Editing(request, counted=False, reading=True) as editor:
        found = await signing.read_tokens(editor.session, editor.actor)
    actor = editor.actor
    frame = frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))
    return page_answer(request, pages.tokens(frame, TokensPage(found, secret, done)))
