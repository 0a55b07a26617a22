"""The administrator's pages: accounts, the record and its chain. They work without scripts, on the services of `/accounts` and `/audit`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.rights import Actor
from app.accounts import service, signing
from app.accounts.schemas import ChangedAccount, HandingOver, NewAccount
from app.audit import sealing
from app.audit.record import Action
from app.audit.searching import AuditFilter, names_of, page
from app.audit.subjects import subject_of
from app.cursors import read_cursor, write_cursor
from app.errors import BadRequest, Conflict, Fault, Invalid, NotFound, TitikError
from app.http.editing import Editing, Editor
from app.http.forms import FORM_BODY, read_form
from app.http.framing import base_url, frame_of, language_of, page_headers, root_of
from app.http.parameters import PRIVATE
from app.http.problems import problem_of, status_of
from app.http.rights import needs
from app.http.services import services
from app.http.visiting import PageRoute
from app.language import Text
from app.messages import say_fault
from app.operator.numbers import state_of_things
from app.pages import managing as pages
from app.pages.frame import Frame
from app.pages.managing import ACCOUNTS, MANAGE, RECORD, AccountList, AccountPage, ChainPage, SentForm
from app.pages.managing_record import KnownNames, RecordPage, record
from app.pages.visitor import Visitor
from app.regions import queries as regions
from app.routers.audit import VERIFIED_AT_ONCE
from app.wire import parse

router = APIRouter(route_class=PageRoute, prefix=MANAGE, include_in_schema=False)

AccountInPath = Annotated[str, Path(max_length=100)]
SearchWord = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str, Query(max_length=500)]
_AT_ONCE = 50
_NEWEST = 2**63 - 1
_SAVED = Text("Perubahan tersimpan.", "The changes are saved.")
_ADDED = Text(
    "Akun ditambahkan. Buat tautan sandi supaya orangnya dapat masuk.",
    "The account is added. Make a link for its password so that the person can sign in.",
)
_ENDED = Text(
    "Diakhiri: {number} sesi dan token. Orangnya harus masuk lagi.", "Ended: {number} sessions and tokens. The person has to sign in again."
)
_HANDED = Text(
    "Diserahkan kepada {to}: {kelurahan} kelurahan, {open} isian.", "Handed over to {to}: {kelurahan} kelurahan, {open} entries."
)
_DONE = {"tersimpan": _SAVED, "baru": _ADDED}


@router.get("")
@needs(Action.ACCOUNT_READ)
async def get_home(request: Request) -> Response:
    """Where an administrator begins: the parts, and what waits or fails."""
    async with Editing(request) as editor:
        numbers = await state_of_things(editor.session)
    return _page(request, pages.home(_frame(request, editor.actor), numbers))


@router.get("/akun")
@needs(Action.ACCOUNT_READ)
async def get_accounts_page(request: Request, role: SearchWord = "", kelurahan: SearchWord = "", cursor: Cursor = "") -> Response:
    """The accounts by name."""
    secret, filters = services(request).settings.secret, {"role": role, "kelurahan": kelurahan.strip()}
    async with Editing(request) as editor:
        after = read_cursor(secret, ACCOUNTS, cursor) if cursor else ""
        try:
            found, last = await service.read_accounts(
                editor.session, editor.actor, after, role or None, filters["kelurahan"] or None, _AT_ONCE
            )
            wrong: dict[str, str] = {}
        except BadRequest as error:
            found, last, wrong = [], None, _wrong(request, error)
    shown = AccountList(found, filters, _following(request, ACCOUNTS, filters, last), wrong)
    text = pages.accounts(_frame(request, editor.actor), services(request).catalogue.known.directory, shown)
    return _page(request, text, 400 if wrong else 200)


@router.get("/akun/baru")
@needs(Action.ACCOUNT_ADD)
async def get_new_account(request: Request) -> Response:
    """The form of a new account."""
    async with Editing(request) as editor:
        actor = editor.actor
    return _page(request, pages.new_account(_frame(request, actor), services(request).catalogue.known.directory, pages.NOTHING_SENT))


@router.post("/akun/baru", openapi_extra=FORM_BODY)
@needs(Action.ACCOUNT_ADD)
async def post_new_account(request: Request) -> Response:
    """Adds an account, and leads to its page; where something is wrong, the form again with what was typed."""
    fields = await read_form(request)
    try:
        async with Editing(request) as editor:
            new = parse(
                NewAccount,
                {"name": fields.get("name", "").strip(), "role": fields.get("role", ""), "kelurahan": _listed(fields), **_email(fields)},
            )
            await service.add_account(editor.session, new, editor.actor)
    except (Invalid, BadRequest, Conflict) as error:
        return await _again(
            request,
            _and_kelurahan(error, fields),
            lambda frame, sent: _completed(pages.new_account(frame, services(request).catalogue.known.directory, sent)),
            fields,
        )
    return _to(request, f"{ACCOUNTS}/{quote(new.name)}?sudah=baru")


@router.get("/akun/{account}")
@needs(Action.ACCOUNT_READ)
async def get_account_page(account: AccountInPath, request: Request, sudah: SearchWord = "") -> Response:
    """One account, and what can be done with it."""
    language = language_of(request)
    async with Editing(request) as editor:
        found = await service.read_account(editor.session, editor.actor, account)
    return _account(request, editor.actor, AccountPage(found, _DONE[sudah].say(language) if sudah in _DONE else ""))


@router.post("/akun/{account}", openapi_extra=FORM_BODY)
@needs(Action.ACCOUNT_CHANGE)
async def post_account_page(account: AccountInPath, request: Request) -> Response:
    """Changes the kelurahan, the address, and whether it may sign in: only what differs."""
    fields = await read_form(request)

    async def work(editor: Editor) -> None:
        found = await service.read_account(editor.session, editor.actor, account)
        kelurahan = {"kelurahan": _codes(request, fields)} if found["role"] == "pic" else {}
        sent = {**kelurahan, "email": fields.get("email", "").strip() or None, "active": "active" in fields}
        is_the_same = {"active": found["active"], "email": found.get("email"), "kelurahan": found["kelurahan"]}
        change = {name: value for name, value in sent.items() if value != is_the_same[name]}
        if change:
            await service.change_account(editor.session, editor.actor, account, parse(ChangedAccount, change))

    return await _done(request, account, fields, work, f"{ACCOUNTS}/{quote(account)}?sudah=tersimpan")


@router.post("/akun/{account}/tautan", openapi_extra=FORM_BODY)
@needs(Action.ACCOUNT_RESET_PASSWORD)
async def post_link_page(account: AccountInPath, request: Request) -> Response:
    """A link by which its holder chooses a password, shown this once, as a code to scan too."""
    async with Editing(request) as editor:
        code, expires_at = await signing.make_link(editor.session, services(request).settings.secret, editor.actor, account)
        found = await service.read_account(editor.session, editor.actor, account)
    return _account(request, editor.actor, AccountPage(found, link=f"{base_url(request)}/me/reset/{code}", expires_at=expires_at))


@router.post("/akun/{account}/serah-terima", openapi_extra=FORM_BODY)
@needs(Action.ACCOUNT_HAND_OVER)
async def post_hand_over_page(account: AccountInPath, request: Request) -> Response:
    """A PIC goes, another takes over."""
    fields = await read_form(request)

    async def work(editor: Editor) -> str:
        handed = await service.hand_over(editor.session, editor.actor, account, parse(HandingOver, {"to": fields.get("to", "").strip()}))
        facts = {"to": handed["to"], "kelurahan": len(handed["kelurahan"]), "open": handed["open_revisions"]}
        return _HANDED.say(language_of(request), facts)

    return await _done(request, account, fields, work)


@router.post("/akun/{account}/akhiri", openapi_extra=FORM_BODY)
@needs(Action.ACCOUNT_REVOKE_TOKENS)
async def post_end_page(account: AccountInPath, request: Request) -> Response:
    """Ends all sessions and tokens of an account: for a telephone that was lost."""

    async def work(editor: Editor) -> str:
        return _ENDED.say(language_of(request), {"number": await signing.revoke_all(editor.session, editor.actor, account)})

    return await _done(request, account, {}, work)


@router.get("/catatan")
@needs(Action.AUDIT_READ)
async def get_record_page(
    request: Request,
    account: SearchWord = "",
    action: SearchWord = "",
    subject: SearchWord = "",
    kelurahan: SearchWord = "",
    datetime: SearchWord = "",
    cursor: Cursor = "",
) -> Response:
    """What was done, the newest first, by its filters; with a sentence at the filter that names what there is not."""
    sent = {"account": account, "action": action, "subject": subject, "kelurahan": kelurahan, "datetime": datetime}
    filters = {name: text.strip() for name, text in sent.items() if text.strip()}
    secret, wrong = services(request).settings.secret, {}
    async with Editing(request) as editor:
        before = int(read_cursor(secret, RECORD, cursor)) if cursor else _NEWEST
        try:
            code = await regions.code_of_parameter(editor.session, filters.get("kelurahan"))
            wanted = AuditFilter(
                filters.get("account"), filters.get("action"), filters.get("subject"), None, code, None, filters.get("datetime")
            )
            entries, last = await page(editor.session, wanted, before, _AT_ONCE)
        except BadRequest as error:
            entries, last, wrong = [], None, _wrong(request, error)
        found = await names_of(editor.session, map(subject_of, entries)) if entries else {}
    shown = RecordPage(entries, filters, _following(request, RECORD, filters, last), wrong)
    known = services(request).catalogue.known
    names = KnownNames(found, {one.id: one.title for one in known.categories.values()}, known.directory)
    text = record(_frame(request, editor.actor), names, shown)
    return _page(request, text, 400 if wrong else 200)


@router.get("/catatan/periksa")
@needs(Action.AUDIT_READ)
async def get_chain_page(request: Request, cursor: Cursor = "") -> Response:
    """Reads a part of the chain, and says whether it holds."""
    secret, purpose = services(request).settings.secret, f"{RECORD}/periksa"
    async with Editing(request) as editor:
        part = await sealing.verify_part(editor.session, int(read_cursor(secret, purpose, cursor)) if cursor else 0, VERIFIED_AT_ONCE)
        if part is None:
            raise NotFound
        head = None if part.goes_on else await sealing.signed_head(editor.session, secret)
    findings = [one.answer(language_of(request)) for one in part.findings[:_AT_ONCE]]
    shown = ChainPage(findings, part.last, head, _following(request, purpose, {}, part.last if part.goes_on else None))
    return _page(request, pages.chain(_frame(request, editor.actor), shown))


async def _done(
    request: Request, account: str, fields: Mapping[str, str], work: Callable[[Editor], Awaitable[str | None]], leads_to: str | None = None
) -> Response:
    """Does it, and shows the account with what was done, or leads there; where something is wrong, the same page with what was typed."""
    try:
        async with Editing(request) as editor:
            done = await work(editor)
            found = await service.read_account(editor.session, editor.actor, account)
    except (Invalid, BadRequest, Conflict, NotFound) as error:
        return await _again(request, error, lambda frame, sent: _account_again(request, frame, account, sent), fields)
    return _to(request, leads_to) if leads_to else _account(request, editor.actor, AccountPage(found, done or ""))


async def _account_again(request: Request, frame: Frame, account: str, sent: SentForm) -> str:
    async with Editing(request, counted=False, reading=True) as editor:
        found = await service.read_account(editor.session, editor.actor, account)
    return pages.account(frame, services(request).catalogue.known.directory, AccountPage(found, sent=sent))


async def _completed(text: str) -> str:
    return text


async def _again(
    request: Request, error: TitikError, show: Callable[[Frame, SentForm], Awaitable[str]], fields: Mapping[str, str]
) -> Response:
    async with Editing(request, counted=False, reading=True) as editor:
        actor = editor.actor
    return _page(request, await show(_frame(request, actor), SentForm(fields, _wrong(request, error))), status_of(error))


def _wrong(request: Request, error: TitikError) -> dict[str, str]:
    """By field, what is wrong with it; with none, what is wrong altogether."""
    language = language_of(request)
    if isinstance(error, Invalid | BadRequest) and error.faults:
        faults = [(fault, fault.where.strip("/").partition("/")[0]) for fault in reversed(error.faults)]
        return {
            field: _FORMS[field].say(language)
            if fault.code == "value-invalid" and field in _FORMS
            else say_fault(fault.code, fault.facts, language)
            for fault, field in faults
        }
    body = problem_of(error, request)
    if error.code in _FIELDS:
        return {_FIELDS[error.code]: body["detail"]}
    return {"": " ".join(filter(None, (body["detail"], body.get("hint"))))}


_FORMS = {
    "name": Text(
        "Pakai huruf, angka, titik, atau tanda hubung, tanpa spasi; misalnya pic-semampir.",
        "Use letters, digits, dots or hyphens, without blanks; such as pic-semampir.",
    ),
    "email": Text("Tulis satu alamat surel, misalnya nama@contoh.id.", "Write one e-mail address, such as name@example.org."),
}
"""What the fields take whose form is wrong."""
# At which field it stands that a name is taken, or is nobody's.
_FIELDS = {"account-taken": "name", "account-unknown": "to"}


def _codes(request: Request, fields: Mapping[str, str]) -> list[str]:
    """Of the kelurahan that were typed, so that the same by name is no change; what is none stays as it was typed, and is refused."""
    directory = services(request).catalogue.known.directory
    return [found.code if (found := directory.find(name)) else name for name in _listed(fields)]


def _listed(fields: Mapping[str, str]) -> list[str]:
    """Of a field in which several stand, separated by commas."""
    return [part for text in fields.get("kelurahan", "").split(",") if (part := text.strip())]


def _and_kelurahan(error: TitikError, fields: Mapping[str, str]) -> TitikError:
    """What is wrong with single fields, and that a PIC has no kelurahan, which is looked at only once those are right."""
    if isinstance(error, Invalid) and error.faults and fields.get("role") == "pic" and not _listed(fields):
        others = [fault for fault in error.faults if fault.where != "/kelurahan"]
        return Invalid(faults=[*others, Fault("/kelurahan", "account-kelurahan")])
    return error


def _email(fields: Mapping[str, str]) -> dict[str, str]:
    return {"email": text} if (text := fields.get("email", "").strip()) else {}


def _following(request: Request, purpose: str, filters: Mapping[str, str], last: object) -> str | None:
    if last is None:
        return None
    cursor = write_cursor(services(request).settings.secret, purpose, str(last))
    query = urlencode({**{name: value for name, value in filters.items() if value}, "cursor": cursor})
    return f"{root_of(request)}{request.scope['path']}?{query}"


def _account(request: Request, actor: Actor, shown: AccountPage) -> Response:
    return _page(request, pages.account(_frame(request, actor), services(request).catalogue.known.directory, shown))


def _frame(request: Request, actor: Actor) -> Frame:
    return frame_of(request, visitor=Visitor(actor.name, actor.role, actor.kelurahan))


def _to(request: Request, path: str) -> Response:
    return RedirectResponse(root_of(request) + path, 303, PRIVATE)


def _page(request: Request, text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, page_headers(request) | PRIVATE)
