"""Accounts, for administrators: who may write for which kelurahan, new passwords by link, handing over."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.access.rights import Role
from app.accounts import service, signing
from app.accounts.schemas import Account, Accounts, ChangedAccount, HandedOver, HandingOver, NewAccount, ResetLink, Revoked
from app.audit.record import Action
from app.http.editing import Editing
from app.http.framing import base_url
from app.http.paging import Paging
from app.http.parameters import PRIVATE, body_of
from app.http.problems import problems
from app.http.rights import needs
from app.http.route import StrictRoute
from app.http.services import services
from app.wire import parse, read_json

router = APIRouter(route_class=StrictRoute, prefix="/accounts", tags=["accounts"])

AccountPath = Annotated[str, Path(max_length=100)]


@router.get("", responses=problems(400, 401, 403, 503))
@needs(Action.ACCOUNT_READ)
async def get_accounts(
    request: Request,
    response: Response,
    paged: Paging,
    role: Annotated[Role | None, Query()] = None,
    kelurahan: Annotated[str | None, Query(max_length=64)] = None,
) -> Accounts:
    """The accounts by name."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        after = paged.after("accounts", "")
        accounts, last = await service.read_accounts(editor.session, editor.actor, after, role, kelurahan, paged.limit)
    return {"accounts": accounts, "numberReturned": len(accounts), "links": paged.links("accounts", last)}


@router.post("", status_code=201, openapi_extra=body_of(NewAccount), responses=problems(400, 401, 403, 409, 413, 422, 503))
@needs(Action.ACCOUNT_ADD)
async def post_account(request: Request, response: Response) -> Account:
    """Adds an account. It has no password and no token yet: a link lets its holder choose one."""
    async with Editing(request) as editor:
        new = parse(NewAccount, read_json(await request.body()))
        await service.add_account(editor.session, new, editor.actor)
        account = await service.read_account(editor.session, editor.actor, new.name)
    response.headers.update(PRIVATE | {"Location": f"{base_url(request)}/accounts/{new.name}"})
    return account


@router.get("/{account}", responses=problems(400, 401, 403, 404, 503))
@needs(Action.ACCOUNT_READ)
async def get_account(account: AccountPath, request: Request, response: Response) -> Account:
    """One account."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        return await service.read_account(editor.session, editor.actor, account)


@router.patch(
    "/{account}",
    operation_id="patchAccount",
    openapi_extra=body_of(ChangedAccount, "application/merge-patch+json"),
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
@needs(Action.ACCOUNT_CHANGE)
async def patch_account(account: AccountPath, request: Request, response: Response) -> Account:
    """Changes the kelurahan, the address, or whether it is active; only what is sent."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        change = parse(ChangedAccount, read_json(await request.body()))
        await service.change_account(editor.session, editor.actor, account, change)
        return await service.read_account(editor.session, editor.actor, account)


@router.post("/{account}/hand-over", openapi_extra=body_of(HandingOver), responses=problems(400, 401, 403, 404, 409, 413, 422, 503))
@needs(Action.ACCOUNT_HAND_OVER)
async def post_hand_over(account: AccountPath, request: Request, response: Response) -> HandedOver:
    """A PIC goes: another takes over its kelurahan, its drafts and what was returned to it. The account of the one who goes ends."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        handing = parse(HandingOver, read_json(await request.body()))
        return await service.hand_over(editor.session, editor.actor, account, handing)


@router.post("/{account}/reset-link", status_code=201, responses=problems(400, 401, 403, 404, 409, 503))
@needs(Action.ACCOUNT_RESET_PASSWORD)
async def post_reset_link(account: AccountPath, request: Request, response: Response) -> ResetLink:
    """A link by which the holder of the account chooses a password, once, within a day. It is shown this once; earlier ones end."""
    response.headers.update(PRIVATE)
    settings = services(request).settings
    async with Editing(request) as editor:
        code, expires_at = await signing.make_link(editor.session, settings.secret, editor.actor, account)
    return {"account": account, "link": f"{base_url(request)}/me/reset/{code}", "expires_at": expires_at}


@router.delete("/{account}/second-factor", status_code=204, responses=problems(400, 401, 403, 404, 503))
@needs(Action.ACCOUNT_REMOVE_SECOND_FACTOR)
async def delete_second_factor(account: AccountPath, request: Request) -> Response:
    """Takes away the second factor of an account: for somebody whose telephone and recovery codes are lost. Its browsers are signed out."""
    async with Editing(request) as editor:
        await signing.remove_second_factor(editor.session, editor.actor, account)
    return Response(status_code=204, headers=PRIVATE)


@router.delete("/{account}/tokens", responses=problems(400, 401, 403, 404, 503))
@needs(Action.ACCOUNT_REVOKE_TOKENS)
async def delete_tokens(account: AccountPath, request: Request, response: Response) -> Revoked:
    """Ends all tokens of an account and signs out its browsers: for a telephone that was lost."""
    response.headers.update(PRIVATE)
    async with Editing(request) as editor:
        return {"revoked": await signing.revoke_all(editor.session, editor.actor, account)}
