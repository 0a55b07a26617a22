"""What numbers of progress say, and where their records are. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

DAY_S = 86_400
WORK = ("drafted", "submitted", "returned")
STATES = {"drafted": "draft", "submitted": "submitted", "returned": "returned"}
LOWER = {"city": "kecamatan", "kecamatan": "kelurahan"}


class AreaPlace(NamedTuple):
    """Of which area a row is; `kecamatan`: its name, of a kelurahan."""

    level: str
    code: str
    name: str
    kecamatan: str | None


def share_of(expected: int | None, missing: int | None) -> float | None:
    """Of what is expected so many per cent are there; what is beyond that in one place makes up for nothing in another."""
    if not expected or missing is None:
        return None
    return round(100 * (expected - missing) / expected, 1)


def days_in_review(submitted: int, submitted_s: int, now: datetime) -> float | None:
    """How long what waits has been waiting, on average."""
    return round(max(now.timestamp() - submitted_s / submitted, 0) / DAY_S, 1) if submitted else None


def age_of(verified_at: datetime | None, now: datetime) -> int | None:
    return None if verified_at is None else max((now - verified_at).days, 0)


def work_of(row: Mapping[str, Any], now: datetime, *, is_seen: bool) -> dict[str, Any]:
    """None is not 0: it is not for this reader."""
    if not is_seen:
        return dict.fromkeys((*WORK, "days_in_review"))
    return {name: row[name] for name in WORK} | {"days_in_review": days_in_review(row["submitted"], row["submitted_s"], now)}


def map_records(here: str, place: AreaPlace, row: Mapping[str, Any], period: str, *, is_seen: bool) -> dict[str, str]:
    """By figure where exactly what it counts is listed, for the same reader. A sum leads to the rows that it is made of."""
    category = row["category"]
    if place.level != "kelurahan":
        return {"rows": _rows(f"{here}/progress", place, {"category": category, "period": period})}
    items = f"{here}/collections/{category}/items"
    # Codes and ids need no escaping, and there are thousands of them.
    found = {"published": f"{items}?kelurahan={place.code}"}
    if row["value"] is not None:
        found["expected"] = f"{here}/profiles/values/{row['value']}"
    if is_seen:
        for name, state in STATES.items():
            found[name] = f"{items}?view=work&state={state}&kelurahan={place.code}"
        found["reports"] = f"{here}/reports?state=received&category={category}&kelurahan={place.code}"
    return found


def figures_records(here: str, place: AreaPlace, period: str, *, is_seen: bool) -> dict[str, str]:
    if place.level != "kelurahan":
        return {"rows": _rows(f"{here}/progress/profiles", place, {"period": period})}
    profile = f"{here}/profiles/{place.code}/{period}"
    work = {name: f"{profile}?view=work&state={state}" for name, state in STATES.items()} if is_seen else {}
    return {"published": profile, **work}


def _rows(address: str, place: AreaPlace, more: Mapping[str, str]) -> str:
    return f"{address}?{urlencode({'level': LOWER[place.level], place.level: place.code, **more})}"
