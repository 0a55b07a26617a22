"""The administrator's pages: accounts, and whether the record of what was done is whole (`managing_record.py` shows it). From values to HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from app.accounts.schemas import Account
from app.audit.schemas import SignedHead, WrongLink
from app.language import Text
from app.pages.frame import Frame, page
from app.pages.managing_words import ROLES, SECTIONS
from app.pages.qr import qr_code
from app.regions.codes import Directory

MANAGE, ACCOUNTS, RECORD = "/portal/kelola", "/portal/kelola/akun", "/portal/kelola/catatan"
HOME_TITLE = Text("Kelola", "Manage")
_ACCOUNTS = Text("Akun", "Accounts")
_NEW = Text("Akun baru", "New account")
RECORD_TITLE = Text("Catatan perbuatan", "Record of what was done")
_CHAIN = Text("Periksa catatan", "Verify the record")


class SentForm(NamedTuple):
    """What was typed into a form, and by field what was wrong with it."""

    fields: Mapping[str, str]
    wrong: Mapping[str, str]


NOTHING_SENT = SentForm({}, {})


class AccountList(NamedTuple):
    """`filters` are the parameters of the address, with what is `wrong` with one; `following` is the address of the next page."""

    accounts: Sequence[Account]
    filters: Mapping[str, str]
    following: str | None
    wrong: Mapping[str, str] = {}


class AccountPage(NamedTuple):
    """`link` is a new one for the password, which is shown this once; `done` what has just been done."""

    account: Account
    done: str = ""
    link: str | None = None
    expires_at: datetime | None = None
    sent: SentForm = NOTHING_SENT


class ChainPage(NamedTuple):
    """A part of the chain that was read; `following` reads the next."""

    findings: Sequence[WrongLink]
    verified_to: int
    head: SignedHead | None
    following: str | None


def home(frame: Frame, numbers: Mapping[str, object]) -> str:
    sections = [
        (f"{frame.root}{section.path}", section.title.say(frame.language), section.lead.say(frame.language)) for section in SECTIONS
    ]
    return page("managing_home.html", frame, HOME_TITLE.say(frame.language), sections=sections, numbers=numbers)


def accounts(frame: Frame, directory: Directory, shown: AccountList) -> str:
    return page(
        "managing_accounts.html", frame, _ACCOUNTS.say(frame.language), _crumbs(frame), shown=shown, roles=_roles(frame), path=frame.root + ACCOUNTS,
        lines=[(account, ROLES[account["role"]].say(frame.language), _kelurahan(account, directory)) for account in shown.accounts],
    )  # fmt: skip


def new_account(frame: Frame, directory: Directory, sent: SentForm) -> str:
    return page(
        "managing_new_account.html", frame, _NEW.say(frame.language), _crumbs(frame, (_ACCOUNTS, ACCOUNTS)), sent=sent, roles=_roles(frame),
        path=frame.root + ACCOUNTS, known=_known(directory),
    )  # fmt: skip


def account(frame: Frame, directory: Directory, shown: AccountPage) -> str:
    found = shown.account
    code: Markup | None = qr_code(shown.link) if shown.link else None
    return page(
        "managing_account.html", frame, found["name"], _crumbs(frame, (_ACCOUNTS, ACCOUNTS)), shown=shown, account=found, code=code,
        role=ROLES[found["role"]].say(frame.language), kelurahan=_kelurahan(found, directory), path=f"{frame.root}{ACCOUNTS}/{found['name']}",
        typed=", ".join(typed_name(code, directory) for code in found["kelurahan"]),
        record=f"{frame.root}{RECORD}?account={found['name']}", known=_known(directory),
    )  # fmt: skip


def chain(frame: Frame, shown: ChainPage) -> str:
    return page("managing_chain.html", frame, _CHAIN.say(frame.language), _crumbs(frame, (RECORD_TITLE, RECORD)), shown=shown)


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    return [(title.say(frame.language), frame.root + path) for title, path in ((HOME_TITLE, MANAGE), *more)]


def _roles(frame: Frame) -> list[tuple[str, str]]:
    return [(role, text.say(frame.language)) for role, text in ROLES.items()]


def _kelurahan(found: Account, directory: Directory) -> list[tuple[str, str]]:
    """The name and the code of each."""
    return [(_name(code, directory), code) for code in found["kelurahan"]]


def typed_name(code: str, directory: Directory) -> str:
    """As somebody would type it: the name, unless another kelurahan has the same."""
    name = _name(code, directory)
    found = directory.find(name)
    return name if found and found.code == code else code


def _name(code: str, directory: Directory) -> str:
    region = directory.kelurahan.get(code)
    return region.name if region else code


def _known(directory: Directory) -> list[str]:
    return sorted(region.name for region in directory.kelurahan.values())
