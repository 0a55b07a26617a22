"""Pages of the points that a PIC looks after: by what there is to do, and one of them, with forms that say that it is still there, or gone."""

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.rights import Actor
from app.audit.record import Action
from app.cursors import read_cursor, write_cursor
from app.errors import Conflict, Fault, Invalid, NotFound, Stale, TitikError
from app.http.editing import Editing, Editor
from app.http.framing import base_url, frame_of, page_headers, root_of
from app.http.multipart import MEDIA_TYPE as FORM
from app.http.parameters import PRIVATE, PointId
from app.http.photo_forms import PHOTO, PhotoForm, read_photo_form
from app.http.photographing import take_in
from app.http.problems import status_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute, refused_fields
from app.pages import my_points as pages
from app.pages.frame import Frame
from app.pages.my_points import MyPointPage, MyPointsPage
from app.pages.visitor import Visitor
from app.photos import service as photos
from app.points import mine, queries
from app.points.mine import MineQuery
from app.points.schemas import as_sent, work_feature
from app.points.service import WriteOptions
from app.reviews import moves
from app.reviews.moves import Moving
from app.wire import parse


class PhotoPageRoute(PageRoute):
    """A page whose form has fields beside its photo."""

    takes_file_of_form = False


router = APIRouter(route_class=PhotoPageRoute, prefix="/portal/titik", include_in_schema=False)

_FORM_BODY = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "object"}} for name in (FORM, "application/x-www-form-urlencoded")},
    }
}
_AT_ONCE = 50
_OWN, _NOTE, _WHY = "saya", "note", "why"


@router.get("")
@needs(Action.POINT_READ_WORK)
async def get_my_points(
    request: Request,
    state: Annotated[str, Query(max_length=20)] = "",
    category: Annotated[str, Query(max_length=64)] = "",
    kelurahan: Annotated[str, Query(max_length=100)] = "",
    whose: Annotated[str, Query(max_length=10)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    sudah: Annotated[str, Query(max_length=64)] = "",
    ditarik: Annotated[Literal["ya"] | None, Query()] = None,
    batas: Annotated[Literal["berubah", ""], Query()] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The points of one's kelurahan in one state, those that have waited longest first; `sudah`: the point about which something was said a
    moment ago; `ditarik`: something was taken back; `batas`: only those that other boundaries have turned.
    """
    filters = {
        name: value.strip()
        for name, value in (("category", category), ("kelurahan", kelurahan), ("whose", whose), ("q", q), ("batas", batas))
        if value.strip()
    }
    query = MineQuery(
        filters.get("kelurahan"), filters.get("category"), whose == _OWN, tuple(q.lower().replace(",", " ").split()), bool(batas)
    )
    secret = services(request).settings.secret
    purpose = f"titik {state}"
    after = _place(read_cursor(secret, purpose, cursor)) if cursor else None
    async with Editing(request) as editor:
        actor = editor.actor
        found = await mine.read_mine(editor.session, actor, query, state or None, after, _AT_ONCE)
        done = await _done(editor, sudah)
    following = None
    if found.last:
        parameters = {**filters, "state": found.standing}
        place = write_cursor(secret, f"titik {found.standing}", f"{found.last[0].isoformat()} {found.last[1]}")
        following = f"{root_of(request)}{pages.PATH}?{urlencode({**parameters, 'cursor': place})}"
    shown = MyPointsPage(found, filters, _choices(request, actor), following, done, ditarik is not None)
    page = pages.mine(_frame(request, actor), services(request).catalogue.known, shown)
    return HTMLResponse(page, 200, page_headers(request) | PRIVATE)


@router.get("/{point}")
@needs(Action.POINT_READ_WORK)
async def get_my_point(
    point: PointId,
    request: Request,
    tutup: Annotated[Literal["ya"] | None, Query()] = None,
    turunkan: Annotated[Literal["ya"] | None, Query()] = None,
    diturunkan: Annotated[Literal["ya"] | None, Query()] = None,
) -> Response:
    """One point: what there is of it, what its reviewer has said, and what can be done. `tutup` opens what says that it is gone, `turunkan` what
    takes it off the map; `diturunkan`: it was taken off a moment ago.
    """
    opened = _NOTE if tutup else _WHY if turunkan else ""
    return await _point(request, point, opened=opened, is_unpublished=diturunkan is not None)


@router.post("/{point}", openapi_extra=_FORM_BODY)
@needs(Action.POINT_CONFIRM)
async def post_my_point(point: PointId, request: Request) -> Response:
    """Says that it is still there, as it was shown, perhaps with a photo."""
    form = await read_photo_form(request)
    options = _as_seen(form)
    try:
        if form.photo is not None:
            await take_in(request, point, None, form.photo, form.media_type or None)
    except NotFound:
        raise
    except TitikError as error:
        return await _point(request, point, error, PHOTO)
    try:
        async with Editing(request, counted=False) as editor:
            await moves.move(editor.session, editor.actor, point, Moving(move="confirm"), options)
    except (Conflict, Invalid, Stale) as error:
        return await _point(request, point, error)
    return _back(request, f"state=published&sudah={point}")


@router.post("/{point}/tutup", openapi_extra=_FORM_BODY)
@needs(Action.POINT_CLOSE)
async def post_my_point_gone(point: PointId, request: Request) -> Response:
    """Proposes that it is closed, for one of the reasons on the page, or one that was written, or both."""
    refused = await _end(request, point, "close", _NOTE)
    return refused or _back(request, f"state=published&sudah={point}")


@router.post("/{point}/tarik", openapi_extra=_FORM_BODY)
@needs(Action.REVISION_WITHDRAW)
async def post_my_point_withdrawn(point: PointId, request: Request) -> Response:
    """Takes back what nobody has decided on yet; what is published of the point stays."""
    form = await read_photo_form(request)
    try:
        async with Editing(request) as editor:
            await moves.move(editor.session, editor.actor, point, Moving(move="withdraw"), _as_seen(form))
    except (Conflict, Stale) as error:
        return await _point(request, point, error)
    return _back(request, "ditarik=ya")


@router.post("/{point}/turunkan", openapi_extra=_FORM_BODY)
@needs(Action.REVISION_UNPUBLISH)
async def post_my_point_unpublished(point: PointId, request: Request) -> Response:
    """Takes it off the map at once, for one of the reasons on the page, or one that was written, or both."""
    refused = await _end(request, point, "unpublish", _WHY)
    return refused or RedirectResponse(f"{root_of(request)}{pages.PATH}/{point}?diturunkan=ya", 303, PRIVATE)


async def _end(request: Request, point: UUID, move: Literal["close", "unpublish"], field: str) -> Response | None:
    """With the reason that was pressed, and what was written in this field. The page again where that is refused."""
    form = await read_photo_form(request)
    note = form.fields.get(field, "")
    reason = " ".join(filter(None, (form.fields.get("reason"), note)))
    if not reason:
        return await _point(request, point, Invalid(faults=[Fault(f"/{field}", "closing-reason-missing")]), field)
    try:
        wanted = parse(Moving, {"move": move, "reason": reason})
        async with Editing(request) as editor:
            await moves.move(editor.session, editor.actor, point, wanted, _as_seen(form))
    except Invalid as error:
        return await _point(request, point, error, field, note)
    except (Conflict, Stale) as error:
        return await _point(request, point, error)
    return None


def _as_seen(form: PhotoForm) -> WriteOptions:
    """Only of the version that the page has shown."""
    version = form.fields.get("version", "")
    return WriteOptions(versions=[int(version)] if version.isdecimal() and len(version) < 10 else [-1])


def _back(request: Request, query: str) -> Response:
    return RedirectResponse(f"{root_of(request)}{pages.PATH}?{query}", 303, PRIVATE)


async def _point(
    request: Request,
    point: UUID,
    error: TitikError | None = None,
    field: str = "",
    typed: str = "",
    *,
    opened: str = "",
    is_unpublished: bool = False,
) -> Response:
    """The page of a point as it is now; with an `error` what is wrong, at its field or above all."""
    async with Editing(request, counted=error is None) as editor:
        actor = editor.actor
        row = await mine.read_one(editor.session, actor, point)
        current = await queries.newest(editor.session, None, point)
        pictures = await photos.of_point(editor.session, actor, point) or []
    if current is None:
        raise NotFound("point-unknown")
    words = next(iter(refused_fields(request, error, PHOTO).values()), "")
    here = f"{base_url(request)}/points/{point}/photos"
    shown = MyPointPage(
        row, as_sent(work_feature(current)), [f"{here}/{one['id']}" for one in pictures],
        note="" if field else words, errors={field: words} if field else {}, reason=typed,
        opened=field or opened, is_unpublished=is_unpublished,
    )  # fmt: skip
    page = pages.my_point(_frame(request, actor), services(request).catalogue.known, shown)
    return HTMLResponse(page, status_of(error) if error else 200, page_headers(request) | PRIVATE)


async def _done(editor: Editor, text: str) -> tuple[str, str] | None:
    """The name of a point that waits for a decision, and as what; None where there is none."""
    try:
        row = await editor.session.first(mine.ONE, point_id=UUID(text)) if text else None
    except ValueError:
        return None
    return (row["name"], row["kind"]) if row is not None and row["kind"] else None


def _choices(request: Request, actor: Actor) -> list[tuple[str, str]]:
    """The kelurahan that one may look at, by name: one's own, or all."""
    known = services(request).catalogue.known.directory.kelurahan
    codes = actor.kelurahan if actor.role == "pic" else known
    return sorted(((code, known[code].name) for code in codes if code in known), key=lambda one: one[1])


def _place(text: str) -> tuple[datetime, UUID]:
    since, _, point = text.partition(" ")
    return datetime.fromisoformat(since), UUID(point)


def _frame(request: Request, actor: Actor) -> Frame:
    return frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))
