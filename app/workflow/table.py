"""The moves of a revision, as a table. Pure."""

from typing import Literal

State = Literal["draft", "submitted", "returned", "published", "withdrawn", "superseded", "unpublished"]
Move = Literal["submit", "publish", "return", "withdraw", "unpublish"]

MOVES: dict[tuple[State, Move], State] = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "publish"): "published",
    ("submitted", "return"): "returned",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "withdraw"): "withdrawn",
    ("published", "unpublish"): "unpublished",
}


def after(state: State, move: Move) -> State | None:
    """The state that a move leads to; None where it is not possible."""
    return MOVES.get((state, move))


def before(move: Move) -> list[State]:
    """The states from which a move is possible."""
    return [state for state, possible in MOVES if possible == move]
