"""What differs between two states of a figure. Pure."""

from collections.abc import Mapping

from app.workflow.differences import Difference

COMPARED = ("value", "meaning", "status", "source", "note", "explanation")


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[Difference]:
    return [
        {"property": name, "before": before.get(name), "after": after.get(name)} for name in COMPARED if before.get(name) != after.get(name)
    ]
