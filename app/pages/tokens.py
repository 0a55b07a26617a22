"""Keys for other systems, of one's own account: which there are, and making one. From values to HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.access.rights import RIGHTS, SCOPES, Role, Scope
from app.accounts.schemas import KeptToken
from app.audit.record import Action
from app.language import Text
from app.pages.frame import Frame, page
from app.pages.times import moment_time

TOKENS = "/portal/akun/token"
DAYS = (7, 30, 90, 365)
_TITLE = Text("Kunci untuk sistem lain", "Keys for other systems")
_NEW = Text("Kunci baru", "New key")
_ACCOUNT = Text("Akun saya", "My account")
SCOPE_WORDS: Mapping[Scope, Text] = {
    "read": Text("Membaca yang internal dan yang sedang dikerjakan", "Read what is internal and what is being worked on"),
    "write": Text("Mencatat dan mengubah titik, impor, foto", "Record and change points, imports, photos"),
    "review": Text("Memeriksa dan menerbitkan", "Review and publish"),
    "contacts": Text("Membaca dan menulis kontak orang", "Read and write contacts of people"),
    "account": Text("Mengurus akun sendiri, termasuk membuat kunci", "Manage the own account, making keys too"),
    "admin": Text("Mengelola: akun, kategori, batas, webhook", "Manage: accounts, categories, boundaries, webhooks"),
}
_ORIGINS = {
    "issued": Text("dibuat sebagai kunci", "made as a key"),
    "password": Text("masuk dengan sandi", "signed in with the password"),
    "oidc": Text("masuk lewat akun kota", "signed in by an identity of the city"),
}
ENDED = Text(
    "Kunci diakhiri. Sistem yang memakainya tidak dapat masuk lagi.", "The key is ended. The system that used it cannot come in any more."
)


class TokenForm(NamedTuple):
    fields: Mapping[str, str]
    wrong: Mapping[str, str]


class TokensPage(NamedTuple):
    """`secret` is that of a new key, shown this once."""

    tokens: Sequence[KeptToken]
    secret: str | None = None
    done: str = ""


EMPTY = TokenForm({"scope-read": "ya", "expires_days": "90"}, {})


def tokens(frame: Frame, shown: TokensPage) -> str:
    rows = [
        {
            **token, "id": token["id"], "name": token.get("label") or token["prefix"] + "…", "origin": _ORIGINS[token["origin"]].say(frame.language),
            "may": [SCOPE_WORDS[scope].say(frame.language) for scope in token.get("scopes", ())],
            "used": _at(frame, token.get("last_used_at")), "ends": _at(frame, token["expires_at"]),
        }
        for token in shown.tokens
    ]  # fmt: skip
    return page("signing_tokens.html", frame, _TITLE.say(frame.language), _crumbs(frame), shown=shown, rows=rows, path=frame.root + TOKENS)


def new_token(frame: Frame, role: Role, form: TokenForm) -> str:
    offered = [(scope, words.say(frame.language)) for scope, words in SCOPE_WORDS.items() if _is_of_use(scope, role)]
    return page(
        "signing_token_new.html", frame, _NEW.say(frame.language), _crumbs(frame, (_TITLE, TOKENS)), form=form, scopes=offered, days=DAYS,
        path=f"{frame.root}{TOKENS}/baru",
    )  # fmt: skip


def _is_of_use(scope: Scope, role: Role) -> bool:
    """Whether a key of this role may do something by it that no other scope allows."""
    others = frozenset[Action]().union(*(actions for other, actions in SCOPES.items() if other != scope))
    return bool((SCOPES[scope] & RIGHTS[role]) - others)


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    return [(title.say(frame.language), frame.root + path) for title, path in ((_ACCOUNT, "/portal/akun"), *more)]


def _at(frame: Frame, moment: datetime | None) -> str:
    return moment_time(moment, frame.language, frame.cities.zone) if moment else ""
