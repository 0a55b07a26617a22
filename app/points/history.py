"""What differs between two revisions of a point. Pure."""

from collections.abc import Mapping
from typing import Any

from app.common_fields import CONTENT
from app.geo import distance_m
from app.workflow.differences import Difference

_COMPARED = (*(field.name for field in CONTENT), "succession")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    places = [(row["lon"], row["lat"]) for row in (before, after)]
    if places[0] != places[1]:
        moved_m = round(distance_m(*places[0], *places[1]), 1)
        found.append({"property": "geometry", "before": list(places[0]), "after": list(places[1]), "moved_m": moved_m})
    found += [_difference(name, before[name], after[name]) for name in _COMPARED if before[name] != after[name]]
    if set(before["predecessors"]) != set(after["predecessors"]):
        found.append(_difference("predecessors", [str(one) for one in before["predecessors"]], [str(one) for one in after["predecessors"]]))
    old, new = before["attributes"], after["attributes"]
    found += [_difference(name, old.get(name), new.get(name)) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return found


def _difference(name: str, before: object, after: object) -> Difference:
    return {"property": name, "before": before, "after": after}
