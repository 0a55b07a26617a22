"""`titik account …` and `titik token …`: what an administrator does over HTTP, and the first account of all."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

import typer
from rich.markup import escape

from app.access.rights import SCOPE_NAMES, Role
from app.accounts import queries, service, signing
from app.accounts.schemas import ChangedAccount, HandingOver, NewAccount
from app.cli.common import Returned, as_owner, named_by_options, say, show, table, yes_or_no
from app.db import WriteSession
from app.errors import OperatorError
from app.language import Text
from app.operator import operation
from app.settings import Settings
from app.wire import parse

account = typer.Typer(no_args_is_help=True, help="Akun · accounts")
token = typer.Typer(no_args_is_help=True, help="Token API · API tokens")

NameArgument = Annotated[str, typer.Argument(help="Nama akun · account name")]
KelurahanOption = Annotated[list[str] | None, typer.Option(help="Kode atau nama kelurahan; hanya untuk pic · code or name; for pic only")]
EmailOption = Annotated[str | None, typer.Option(help="Alamat surel untuk pemberitahuan · where notices are mailed to")]

ROLE_UNKNOWN = Text("Peran harus salah satu dari: {known}.", "The role must be one of: {known}.")
SCOPE_UNKNOWN = Text("Cakupan harus salah satu dari: {known}.", "The scope must be one of: {known}.")
EXPIRES = Text("Tulis masa berlaku seperti 90d atau 12h.", "Write how long it is valid like 90d or 12h.")
ADDED = Text(
    "Akun {name} dibuat. Tautan sandinya: titik account reset-link {name} · tokennya: titik token issue {name}",
    "Account {name} added. A link for its password: titik account reset-link {name} · a token: titik token issue {name}",
)
ADMIN_ADDED = Text(
    "Akun {name} dibuat. Buka tautan ini untuk memilih sandi dan masuk.",
    "Account {name} added. Open this link to choose a password and sign in.",
)
CHANGED = Text("Akun {name} diubah.", "Account {name} changed.")
HANDED_OVER = Text(
    "{old} menyerahkan {kelurahan} kepada {new}, dengan {open} isian terbuka. Akun {old} tidak aktif lagi.",
    "{old} has handed {kelurahan} over to {new}, with {open} open {open:entry|entries}. The account {old} is active no longer.",
)
LINK = Text(
    "Kirim tautan ini kepada pemilik akun. Berlaku sekali, sampai {until:%Y-%m-%d %H:%M} UTC.",
    "Send this link to the holder of the account. It works once, until {until:%Y-%m-%d %H:%M} UTC.",
)
ADDRESS_UNKNOWN = Text(
    "Alamat layanan tidak diketahui di sini; ganti awal tautan ini, atau isi TITIK_PUBLIC_URL.",
    "The address of the service is not known here; replace the beginning of this link, or set TITIK_PUBLIC_URL.",
)
REVOKED = Text(
    "{number} token dan peramban {name} tidak berlaku lagi.", "{number} {number:token or browser|tokens and browsers} of {name} ended."
)
FACTOR_REMOVED = Text(
    "Kode kedua {name} dihapus, dan semua perambannya harus masuk lagi.",
    "The second factor of {name} is taken away, and all its browsers have to sign in again.",
)
ACCOUNT, ROLE, KELURAHAN = Text("akun", "account"), Text("peran", "role"), Text("kelurahan", "kelurahan")
ACTIVE, PASSWORD = Text("aktif", "active"), Text("sandi", "password")
LAST_USED = Text("terakhir dipakai (UTC)", "last used (UTC)")
SUBJECT, SINCE = Text("sub", "sub"), Text("sejak (UTC)", "since (UTC)")
_UNITS = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}
OPTIONS = {"name": "NAME", "role": "--role", "kelurahan": "--kelurahan", "email": "--email", "active": "--active", "oidc_subject": "--bind"}
_LOCAL = "http://127.0.0.1:8000"


def as_admin(work: Callable[[WriteSession, Settings], Awaitable[Returned]]) -> Returned:
    """Whoever holds the owner's address may do what an administrator may."""

    async def acting(session: WriteSession, settings: Settings) -> Returned:
        await session.run(queries.ACT_AS_ADMIN)
        return await work(session, settings)

    return as_owner(acting)


@account.command("add")
def account_add(
    name: NameArgument,
    role: Annotated[str, typer.Option(help=" | ".join(get_args(Role)))],
    kelurahan: KelurahanOption = None,
    email: EmailOption = None,
) -> None:
    """Tambah akun; untuk admin tautan masuknya dicetak · add an account; of an admin the link to sign in is printed."""
    if role not in get_args(Role):
        raise OperatorError("role-unknown", ROLE_UNKNOWN, known=", ".join(get_args(Role)))
    with named_by_options(**OPTIONS):
        new = parse(NewAccount, {"name": name, "role": role, "kelurahan": kelurahan or [], "email": email})

        async def work(session: WriteSession, settings: Settings) -> str | None:
            await service.add_account(session, new)
            return await _link(session, settings, name) if role == "admin" else None

        link = as_admin(work)
    if link is None:
        say(ADDED, name=name)
    else:
        # Of a new house nobody could sign in to make a link for this one.
        say(ADMIN_ADDED, name=name)
        print(link)  # noqa: T201 - the answer itself


@account.command("list")
def account_list() -> None:
    """Daftar akun · the accounts."""
    rows = as_admin(lambda session, _: session.all(queries.ACCOUNTS, after="", role=None, kelurahan=None, limit=100_000))
    listed = table(ACCOUNT, ROLE, KELURAHAN, ACTIVE, PASSWORD, LAST_USED)
    for row in rows:
        used = f"{row['last_used_at']:%Y-%m-%d %H:%M}" if row["last_used_at"] else ""
        has_password = yes_or_no(is_so=True) if row["has_password"] else ""
        listed.add_row(row["name"], row["role"], ", ".join(row["kelurahan"]), yes_or_no(row["active"]), has_password, used)
    show(listed)


@account.command("change")
def account_change(
    name: NameArgument,
    kelurahan: KelurahanOption = None,
    email: EmailOption = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Aktif atau tidak · active or not")] = None,
    bind: Annotated[
        str | None, typer.Option("--bind", help="Hubungkan dengan sub di server identitas · bind to this sub of the identity server")
    ] = None,
    unbind: Annotated[bool, typer.Option("--unbind", help="Lepas dari server identitas · untie from the identity server")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Ubah kelurahan, surel, atau aktif tidaknya · change the kelurahan, the address, or whether it is active."""
    sent = {"kelurahan": kelurahan, "email": email, "active": active}
    body: dict[str, object] = {key: value for key, value in sent.items() if value is not None}
    with named_by_options(**OPTIONS):
        change = parse(ChangedAccount, body | ({"oidc_subject": None if unbind else bind} if unbind or bind else {}))
        as_admin(lambda session, _: service.change_account(session, None, name, change))
    say(CHANGED, name=name)


@account.command("identities")
def account_identities() -> None:
    """Siapa dari server identitas yang minta masuk ke akun mana · who of the identity server asks for which account."""
    rows = as_admin(lambda session, _: session.all(queries.IDENTITY_REQUESTS))
    listed = table(ACCOUNT, SUBJECT, SINCE)
    for row in rows:
        listed.add_row(row["account"], escape(row["subject"]), f"{row['asked_at']:%Y-%m-%d %H:%M}")
    show(listed, 400)


@account.command("hand-over")
def account_hand_over(name: NameArgument, to: Annotated[str, typer.Argument(help="Penggantinya · the successor")]) -> None:
    """Serahkan tugas PIC kepada penggantinya, dengan draf-drafnya · hand the work of a PIC over, with its drafts."""
    with named_by_options(to="TO"):
        handed = as_admin(lambda session, _: service.hand_over(session, None, name, parse(HandingOver, {"to": to})))
    say(HANDED_OVER, old=name, new=to, kelurahan=", ".join(handed["kelurahan"]) or "-", open=handed["open_revisions"])


@account.command("reset-link")
def account_reset_link(name: NameArgument) -> None:
    """Cetak tautan sekali pakai untuk memilih sandi · print a link by which a password is chosen once."""

    print(as_admin(lambda session, settings: _link(session, settings, name)))  # noqa: T201 - the answer itself


async def _link(session: WriteSession, settings: Settings, name: str) -> str:
    code, until = await signing.make_link(session, settings.secret, None, name)
    say(LINK, until=until)
    address = operation.known_address(settings)
    if not address:
        say(ADDRESS_UNKNOWN)
    return f"{address or _LOCAL}/me/reset/{code}"


@account.command("remove-second-factor")
def account_remove_second_factor(name: NameArgument) -> None:
    """Hapus kode kedua: ponsel dan kode cadangannya hilang · take away the second factor: telephone and recovery codes are lost."""
    as_admin(lambda session, _: signing.remove_second_factor(session, None, name))
    say(FACTOR_REMOVED, name=name)


@token.command("issue")
def token_issue(
    name: NameArgument,
    expires: Annotated[str, typer.Option(help="Masa berlaku, misalnya 90d, 12h · how long it is valid")] = "90d",
    label: Annotated[str | None, typer.Option(help="Untuk apa · what it is for")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Batasi: " + " | ".join(SCOPE_NAMES) + " · limit it")] = None,
    without_if_match: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--without-if-match", help="Untuk QGIS: boleh mengubah tanpa If-Match · for QGIS: may change without If-Match")
    ] = False,
) -> None:
    """Cetak token baru, hanya tokennya · print a new token and nothing else; it is shown this once only."""
    seconds = _seconds(expires)
    scopes = [known for known in SCOPE_NAMES if known in scope] if scope else None
    if scope and set(scope) - set(SCOPE_NAMES):
        raise OperatorError("scope-unknown", SCOPE_UNKNOWN, known=", ".join(SCOPE_NAMES))

    async def work(session: WriteSession, settings: Settings) -> str:
        issued = await signing.issue_for(session, settings.secret, name, seconds, label, scopes, without_if_match=without_if_match)
        return issued.token

    print(as_admin(work))  # noqa: T201 - the answer itself


@token.command("revoke")
def token_revoke(name: NameArgument) -> None:
    """Cabut semua token akun ini dan keluarkan perambannya · revoke all tokens of this account, sign out its browsers."""
    number = as_admin(lambda session, _: signing.revoke_all(session, None, name))
    say(REVOKED, number=number, name=name)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,4})([hdw])", text)
    if not found or int(found[1]) == 0:
        raise OperatorError("expires", EXPIRES)
    return int(found[1]) * _UNITS[found[2]]
