"""Sessions as their holder sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NotRequired

from app.language import Language, Text
from app.wire import Answer, answer_from

_BOTH = Text("{browser} di {system}", "{browser} on {system}")
_UNKNOWN = Text("Peramban tidak dikenal", "Unknown browser")


class SignedInBrowser(Answer):
    id: int
    device: str
    """What it says it is: Chrome on Android."""
    address: NotRequired[str]
    """From where it signed in."""
    origin: Literal["password", "oidc", "link"]
    created_at: datetime
    last_used_at: datetime
    """To within a minute."""
    expires_at: datetime
    """When it ends if it is not used until then, at the latest."""
    current: NotRequired[Literal[True]]
    """The one in use."""


class SignedInBrowsers(Answer):
    sessions: list[SignedInBrowser]


def device_words(browser: str | None, system: str | None, language: Language) -> str:
    if browser and system:
        return _BOTH.say(language, {"browser": browser, "system": system})
    return browser or system or _UNKNOWN.say(language)


def session_json(row: Mapping[str, object], in_use: int | None, language: Language) -> SignedInBrowser:
    browser, system = row["browser"], row["system"]
    device = device_words(None if browser is None else str(browser), None if system is None else str(system), language)
    current = True if row["id"] == in_use else None
    return answer_from(SignedInBrowser, {**row, "device": device, "expires_at": row["ends_at"], "current": current})
