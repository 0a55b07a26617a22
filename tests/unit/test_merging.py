"""Merging two changes that rest on the same version: nothing that somebody changed is lost unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.rules import clock
from app.sync.rules import TOGETHER, changed, merge

GROUPED = {name: head for head, names in TOGETHER.items() for name in names}
NAMES = ["name", "address", "rw", "status", "jenis", "strata", *GROUPED]
VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]), st.integers(0, 3))
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES)


def present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def unit(name: str) -> str:
    return GROUPED.get(name, name)


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
def test_what_touches_no_other_change_commutes(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    touched = set(changed(base, mine))
    apart = {name: value for name, value in theirs.items() if unit(name) not in touched}
    apart |= {name: base[name] for name in base if unit(name) in touched}
    one, other = merge(base, mine, apart), merge(base, apart, mine)
    assert one.conflicts == other.conflicts == ()
    assert one.fields == other.fields


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
def test_every_change_is_in_the_result_or_told(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(base, mine, theirs)
    for side in (mine, theirs):
        for field in changed(base, side):
            if field in changed(merged.fields, side):
                assert field in merged.conflicts
    # And nothing comes out that nobody wrote.
    for name, value in merged.fields.items():
        assert value in (mine.get(name), theirs.get(name))


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
def test_a_group_is_never_mixed(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(base, mine, theirs)
    for names in TOGETHER.values():
        group = {name: merged.fields.get(name) for name in names}
        assert group in ({name: side.get(name) for name in names} for side in (mine, theirs))


@given(base=FIELDS, other=FIELDS)
def test_whoever_changed_nothing_takes_over_and_the_same_twice_is_no_conflict(base: dict[str, Any], other: dict[str, Any]) -> None:
    assert merge(base, base, other).fields == merge(base, other, base).fields == present(other)
    again = merge(base, other, other)
    assert again.fields == present(other)
    assert set(again.conflicts) <= {"status"}


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
def test_sending_a_merged_change_once_more_changes_nothing(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(base, mine, theirs)
    if not merged.conflicts:
        assert changed(merged.fields, merge(base, mine, merged.fields).fields) == ()


def test_a_closing_touches_every_field() -> None:
    base = {"name": "a", "status": "active"}
    closing = {"name": "a", "status": "closed"}
    assert merge(base, {"name": "b", "status": "active"}, closing).conflicts == ("status",)
    assert merge(base, base, closing).conflicts == ()
    assert merge(closing, {"name": "b", "status": "closed"}, closing).conflicts == ()


@pytest.mark.parametrize(("ahead", "told"), [(-9000, "right"), (9, "right"), (11, "ahead"), (1439, "ahead"), (1441, "wrong")])
def test_clocks(ahead: int, told: str) -> None:
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert clock(now + timedelta(minutes=ahead), now) == told
