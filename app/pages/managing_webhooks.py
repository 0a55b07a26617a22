"""The administrator's pages of webhooks: who is told of what, and what has reached them. From values to HTML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.language import Text
from app.nouns import NOUNS
from app.pages.frame import Frame, page
from app.webhooks.rules import PING, PREFIX
from app.webhooks.schemas import Delivery, Pong, WaitedWebhook, Webhook

WEBHOOKS = "/portal/kelola/webhook"
_MANAGE = Text("Kelola", "Manage")
_TITLE = Text("Webhook", "Webhooks")
_NEW = Text("Webhook baru", "New webhook")

_NOUNS = {"point": Text("titik", "a point")}
_OF_NOUN = {
    "published": Text("Terbit untuk pertama kali: {noun}", "Published for the first time: {noun}"),
    "changed": Text("Berubah di peta: {noun}", "Changed on the map: {noun}"),
    "removed": Text("Turun dari peta: {noun}", "Taken from the map: {noun}"),
}


def _public(kind: str) -> dict[str, Text]:
    """The types of a noun's public events."""
    noun = _NOUNS.get(kind, Text(kind, kind))
    return {
        f"{PREFIX}{kind}.{deed}": Text(text.say("id", {"noun": noun.id}), text.say("en", {"noun": noun.en}))
        for deed, text in _OF_NOUN.items()
    }


TYPES: Mapping[str, Text] = {
    **{name: text for noun in NOUNS for name, text in _public(noun.kind).items()},
    f"{PREFIX}revision.submitted": Text("Isian dikirim untuk diperiksa", "An entry was submitted"),
    f"{PREFIX}revision.withdrawn": Text("Isian ditarik penulisnya", "An entry was withdrawn by its writer"),
    f"{PREFIX}revision.returned": Text("Isian dikembalikan", "An entry was returned"),
    f"{PREFIX}revision.published": Text("Isian diterbitkan", "An entry was published"),
    f"{PREFIX}revision.unpublished": Text("Isian ditarik dari publikasi", "An entry was taken out of publication"),
    f"{PREFIX}edition.activated": Text("Edisi batas baru diaktifkan", "An edition of the boundaries was activated"),
}
_PING = Text("Percobaan", "A trial")
DONE: Mapping[str, Text] = {
    "tersimpan": Text("Perubahan tersimpan.", "The changes are saved."),
    "dijeda": Text("Dijeda. Kabar dikumpulkan sampai dilanjutkan, paling lama 30 hari.", "Paused. Events are kept until it goes on, for 30 days at the most."),
    "lanjut": Text("Dilanjutkan dari tempatnya berhenti.", "It goes on where it stopped."),
    "ulang": Text("Dikirim ulang; hasilnya muncul di bawah dalam beberapa detik.", "Being sent again; what comes of it is below within seconds."),
    "dihapus": Text("Webhook dihapus.", "The webhook is deleted."),
}  # fmt: skip


class WebhookForm(NamedTuple):
    """What was typed, which types are ticked, and what is wrong by its field; that which is about no field stands under the empty name."""

    fields: Mapping[str, str]
    types: frozenset[str]
    wrong: Mapping[str, str]


class WebhookPage(NamedTuple):
    """`secret` is shown this once; `pong` is what came of a trial; `failed_only` whether only deliveries that failed are listed."""

    webhook: WaitedWebhook
    deliveries: Sequence[Delivery]
    form: WebhookForm
    following: str | None = None
    failed_only: bool = False
    done: str = ""
    secret: str | None = None
    secret_before_until: datetime | None = None
    pong: Pong | None = None


EMPTY = WebhookForm({}, frozenset({f"{PREFIX}point.published", f"{PREFIX}point.changed", f"{PREFIX}point.removed"}), {})


def form_of(webhook: Webhook) -> WebhookForm:
    """As it is stored."""
    fields = {name: ", ".join(webhook.get(name) or ()) for name in ("categories", "kelurahan")}  # type: ignore[arg-type]
    return WebhookForm({**fields, "url": webhook["url"], "description": webhook.get("description", "")}, frozenset(webhook["types"]), {})


def webhooks(frame: Frame, found: Sequence[Webhook], done: str) -> str:
    return page(
        "managing_webhooks.html", frame, _TITLE.say(frame.language), _crumbs(frame), webhooks=found, path=frame.root + WEBHOOKS,
        done=DONE[done].say(frame.language) if done in DONE else "",
    )  # fmt: skip


def new_webhook(frame: Frame, form: WebhookForm, known: Mapping[str, Sequence[str]]) -> str:
    return page(
        "managing_webhook_new.html", frame, _NEW.say(frame.language), _crumbs(frame, (_TITLE, WEBHOOKS)), form=form, types=_types(frame),
        path=f"{frame.root}{WEBHOOKS}/baru", known=known,
    )  # fmt: skip


def webhook(frame: Frame, shown: WebhookPage, known: Mapping[str, Sequence[str]]) -> str:
    found = shown.webhook
    return page(
        "managing_webhook.html", frame, found.get("description") or found["url"], _crumbs(frame, (_TITLE, WEBHOOKS)), shown=shown, webhook=found,
        form=shown.form, types=_types(frame), known=known, path=f"{frame.root}{WEBHOOKS}/{found['id']}",
        done=DONE[shown.done].say(frame.language) if shown.done in DONE else "", type_text=lambda name: type_text(name, frame),
    )  # fmt: skip


def type_text(name: str, frame: Frame) -> str:
    """The type itself where it has no sentence: of a later version."""
    text = _PING if name == PING else TYPES.get(name)
    return text.say(frame.language) if text else name


def _types(frame: Frame) -> list[tuple[str, str]]:
    return [(name, text.say(frame.language)) for name, text in TYPES.items()]


def _crumbs(frame: Frame, *more: tuple[Text, str]) -> list[tuple[str, str]]:
    return [(title.say(frame.language), frame.root + path) for title, path in ((_MANAGE, "/portal/kelola"), *more)]
