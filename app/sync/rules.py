"""Merging what two people made of the same version of a point, field by field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.common_fields import OF_PLACE

# A place is one field together with what describes it: the accuracy of one measurement beside the coordinate of another would be a lie.
# A reason to accept a place is none for another place.
TOGETHER: dict[str, tuple[str, ...]] = {
    "geometry": ("geometry", *OF_PLACE),
    "predecessors": ("predecessors", "succession"),
}
_HEADS = {name: head for head, names in TOGETHER.items() for name in names}
ENDED = ("closed", "moved")

Fields = Mapping[str, object]
"""A point as flat names and values. What is None is not there."""


@dataclass(frozen=True, slots=True)
class Merged:
    """`fields` are theirs with mine on top; of `conflicts`, the fields that both have changed to something else, they are theirs."""

    fields: dict[str, object]
    conflicts: tuple[str, ...]


def merge(base: Fields, mine: Fields, theirs: Fields) -> Merged:
    """Each field that only one has changed is taken from that one; one that both have changed alike is no conflict.

    That they have ended the point touches every field: nothing is changed of what is being closed without knowing it.
    """
    fields: dict[str, object] = {}
    conflicts: list[str] = []
    for field in sorted({*_units(base), *_units(mine), *_units(theirs)}):
        before, here, there = _value(base, field), _value(mine, field), _value(theirs, field)
        is_mine = there == before and here != before
        fields |= here if is_mine else there
        if before not in (here, there) and here != there:
            conflicts.append(field)
    ended = theirs.get("status") in ENDED and theirs.get("status") != base.get("status")
    if ended and "status" not in conflicts and changed(base, mine):
        conflicts.append("status")
    return Merged(fields, tuple(conflicts))


def changed(before: Fields, after: Fields) -> tuple[str, ...]:
    """The fields that differ, each group by its first name."""
    return tuple(field for field in sorted({*_units(before), *_units(after)}) if _value(before, field) != _value(after, field))


def _units(fields: Fields) -> set[str]:
    return {_HEADS.get(name, name) for name, value in fields.items() if value is not None}


def _value(fields: Fields, field: str) -> dict[str, object]:
    return {name: fields[name] for name in TOGETHER.get(field, (field,)) if fields.get(name) is not None}
