"""The moves of a revision (DESIGN §3)."""

from typing import get_args

import pytest

from app.workflow.table import MOVES, Move, State, after, before

STATES: tuple[State, ...] = get_args(State)
ALL_MOVES: tuple[Move, ...] = get_args(Move)
# Rows are states, columns moves, as the design says it; a dash where a move is not possible.
TABLE = """
             submit     publish    return    withdraw   unpublish
draft        submitted  -          -         withdrawn  -
submitted    -          published  returned  withdrawn  -
returned     submitted  -          -         withdrawn  -
published    -          -          -         -          unpublished
withdrawn    -          -          -         -          -
superseded   -          -          -         -          -
unpublished  -          -          -         -          -
"""


def expected() -> dict[tuple[str, str], str | None]:
    moves, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {(state, move): None if to == "-" else to for state, *tos in rows for move, to in zip(moves, tos, strict=True)}


def test_the_table_knows_every_state_and_move() -> None:
    assert set(expected()) == {(state, move) for state in STATES for move in ALL_MOVES}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", ALL_MOVES)
def test_every_move_from_every_state(state: State, move: Move) -> None:
    assert after(state, move) == expected()[state, move]
    assert (state in before(move)) == (after(state, move) is not None)


@pytest.mark.parametrize("move", ALL_MOVES)
def test_a_move_leads_to_one_state_wherever_it_begins(move: Move) -> None:
    """A decision is claimed with the states before it and one state after it."""
    assert before(move)
    assert len(set(before(move))) == len(before(move))
    assert len({after(state, move) for state in before(move)}) == 1


def test_no_move_leads_back_to_a_draft_or_stays_where_it_is() -> None:
    assert "draft" not in MOVES.values()
    assert all(state != to for (state, _), to in MOVES.items())


def test_nothing_is_published_that_was_not_submitted() -> None:
    assert [state for (state, _), to in MOVES.items() if to == "published"] == ["submitted"]
