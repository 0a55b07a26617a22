"""Days and times as people read them, by the clock of their city; within `<time datetime>`, so that machines read them too. Pure."""

from datetime import UTC, date, datetime, timezone

from markupsafe import Markup

from app.language import Language

_MONTHS: dict[Language, tuple[str, ...]] = {
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}
_TIME = Markup('<time datetime="{}">{}</time>')


def day_words(day: date, language: Language) -> str:
    """30 November 2026."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def moment_words(at: datetime, language: Language, zone: timezone, *, seconds: bool = False) -> str:
    """30 November 2026 pukul 18.40 WIB; 30 November 2026, 18:40 WIB."""
    here = at.astimezone(zone)
    dot = "." if language == "id" else ":"
    clock = here.strftime(dot.join(("%H", "%M", "%S") if seconds else ("%H", "%M")))
    return f"{day_words(here, language)}{' pukul' if language == 'id' else ','} {clock} {here.tzname()}"


def moment_time(at: datetime, language: Language, zone: timezone, *, seconds: bool = False) -> Markup:
    """The moment as an element of a page. For an attribute `moment_words`, or `striptags`."""
    return _TIME.format(
        at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), moment_words(at, language, zone, seconds=seconds)
    )


def day_time(day: date, language: Language, zone: timezone) -> Markup:
    """The day as an element of a page; of a moment that on which it was there."""
    there = day.astimezone(zone).date() if isinstance(day, datetime) else day
    return _TIME.format(there.isoformat(), day_words(there, language))
