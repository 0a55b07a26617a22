"""What a photo says of its own place and time, and what a reviewer should look at. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from app.geo import distance_m, is_position

AT_MOST = 5
"""Photos of a point."""
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP"}

FAR_M = 100.0
"""Beyond the accuracy of the point: across a yard or a street a photo is still one of the place."""
DEFAULT_ACCURACY_M = 20.0
OLD = timedelta(hours=24)
# Cameras write the time of their clock, and many no zone with it.
WIB = timezone(timedelta(hours=7))
_LIKE_WGS84 = frozenset({"wgs84", "wgs1984", "worldgeodeticsystem1984", "epsg4326", "dgn95", "srgi2013"})
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Shot:
    """Where and when a photo was taken, as far as it says; the place is compared and not kept."""

    lon: float | None
    lat: float | None
    taken_at: datetime | None
    is_of_clock: bool = False
    """Whether the time is that of a clock that says no zone, taken for that of the west."""

    def by(self, clock: timezone) -> "Shot":
        """Where the clock was another one."""
        if self.taken_at is None or not self.is_of_clock:
            return self
        return replace(self, taken_at=self.taken_at.astimezone(WIB).replace(tzinfo=clock).astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Findings:
    """The metres between a photo and its point, and the flags for the reviewer."""

    distance_m: float | None
    flags: tuple[str, ...]


def media_type_of(content: bytes) -> str | None:
    """By its first bytes, never by what somebody calls it."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def shot_of(metadata: Mapping[str, Any]) -> Shot:
    """From what the decoder found: `lon`, `lat`, `datum`, `taken` (`2026:11:24 08:30:00`), `offset` (`+07:00`); any may be missing or nonsense.

    A place of another datum than WGS 84 is none: in Kediri that of TOKYO is 730 m away, and would make every photo look far.
    """
    lon, lat = metadata.get("lon"), metadata.get("lat")
    if not _is_wgs84(metadata.get("datum")):
        lon = lat = None
    placed = isinstance(lon, float) and isinstance(lat, float) and is_position(lon, lat) and (lon, lat) != (0, 0)
    is_of_clock = _OFFSET.fullmatch(str(metadata.get("offset"))) is None
    return Shot(lon if placed else None, lat if placed else None, _taken_at(metadata.get("taken"), metadata.get("offset")), is_of_clock)


def _is_wgs84(datum: object) -> bool:
    """As cameras write it; where none is written it is the one of the satellites. Those of Indonesia lie within a quarter of a metre."""
    text = str(datum or "").partition("\0")[0].strip().lower()
    return not text or re.sub(r"[^a-z0-9]", "", text) in _LIKE_WGS84


def _taken_at(taken: object, offset: object) -> datetime | None:
    try:
        naive = datetime.strptime(str(taken)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - its zone comes next
        found = _OFFSET.fullmatch(str(offset))
        zone = WIB
        if found:
            minutes = int(found[2]) * 60 + int(found[3])
            zone = timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
        return naive.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def judge(shot: Shot, point: Mapping[str, Any], now: datetime) -> Findings:
    """`point`: `lon`, `lat`, `accuracy_m`, `captured_at` of the revision that the photo was sent for. Nothing of this refuses a photo."""
    flags = []
    apart = None
    if shot.lon is not None and shot.lat is not None:
        apart = round(distance_m(shot.lon, shot.lat, point["lon"], point["lat"]), 1)
        if apart > FAR_M + (point["accuracy_m"] or DEFAULT_ACCURACY_M):
            flags.append("photo-far")
    if shot.taken_at is not None and shot.taken_at < (point["captured_at"] or now) - OLD:
        flags.append("photo-old")
    return Findings(apart, tuple(flags))
