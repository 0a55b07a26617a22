"""The kinds of notices, each in one place: its word, its sentence in a mail, what it is about, and who is told.

A new kind is a line here, and a call of `inbox.service.tell` where it happens. Only one that is told to others than all before needs a statement
of its own (`queries.TELL`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from app.language import Text

About = Literal["revision", "account", "report"]
Recipients = Literal["keeper", "successor", "account", "officers", "administrators"]
"""`keeper`: whoever looks after a revision. `account`: itself, and the administrators. `officers`: the PIC of a kelurahan, else the walidata."""


class KindOfNotice(NamedTuple):
    """`mail`: how many of them, as a line of the mail. `about`: what its reader is led to."""

    mail: Text
    told: Recipients
    about: About | None = None


KINDS: Mapping[str, KindOfNotice] = {
    "returned": KindOfNotice(
        Text("{number} isian dikembalikan untuk diperbaiki", "{number} {number:entry was|entries were} returned to be corrected"),
        "keeper", "revision",
    ),
    "unpublished": KindOfNotice(
        Text("{number} isian ditarik dari publikasi", "{number} {number:entry was|entries were} taken out of publication"), "keeper", "revision"
    ),
    "handed-over": KindOfNotice(Text("tugas sebuah kelurahan diserahkan kepada Anda", "the work of a kelurahan was handed over to you"), "successor"),
    "webhook-paused": KindOfNotice(
        Text("{number} webhook dijeda; lihat /webhooks", "{number} {number:webhook was|webhooks were} paused; see /webhooks"), "administrators"
    ),
    "identity-asks": KindOfNotice(
        Text(
            "{number} orang dari server identitas minta dihubungkan dengan sebuah akun",
            "{number} {number:person|persons} of the identity server {number:asks|ask} to be bound to an account",
        ),
        "account", "account",
    ),
    "identity-bound": KindOfNotice(
        Text("{number} akun dihubungkan dengan server identitas", "{number} {number:account was|accounts were} bound to the identity server"),
        "account", "account",
    ),
    "reset-link": KindOfNotice(
        Text(
            "{number} tautan sandi baru dibuat untuk sebuah akun",
            "{number} {number:link for a new password of an account was|links for a new password of an account were} made",
        ),
        "account", "account",
    ),
    "token-issued": KindOfNotice(
        Text(
            "{number} token dicetak operator untuk sebuah akun",
            "{number} {number:token of an account was|tokens of an account were} printed by an operator",
        ),
        "account", "account",
    ),
    "role-changed": KindOfNotice(Text("{number} akun berganti peran", "{number} {number:account|accounts} got another role"), "account", "account"),
    "reviewer-added": KindOfNotice(
        Text(
            "{number} akun walidata baru, yang memeriksa dan menerbitkan",
            "{number} new {number:account that reviews and publishes|accounts that review and publish}",
        ),
        "account", "account",
    ),
    "admin-added": KindOfNotice(Text("{number} akun admin baru", "{number} new {number:administrator|administrators}"), "account", "account"),
    "account-changed": KindOfNotice(
        Text("{number} perubahan akun oleh admin", "{number} {number:change|changes} of accounts by an administrator"), "account", "account"
    ),
    "report": KindOfNotice(
        Text("{number} laporan warga menunggu jawaban", "{number} {number:report of a citizen waits|reports of citizens wait} for an answer"),
        "officers", "report",
    ),
}  # fmt: skip
if TYPE_CHECKING:
    NoticeKind = str
else:
    # The table is the list of them.
    NoticeKind = Literal[tuple(KINDS)]
