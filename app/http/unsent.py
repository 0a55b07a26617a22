"""Answers that nobody has taken yet: how much of them a worker holds. What it holds beyond a budget, it does not give (`Around`)."""

from starlette.types import Message, Scope

from app.budget import SMALL, Budget

_DIGITS = len(str(SMALL))


def has_room(start: Message, scope: Scope, budget: Budget) -> bool:
    """Whether there is room for an answer, by its head; it is taken until `give_back_when_sent`."""
    size = _held_by(start, scope)
    if not size:
        return True
    if not budget.take(size):
        return False
    scope["state"]["held"] = size
    return True


def _held_by(start: Message, scope: Scope) -> int:
    """Bytes of a large answer that lies in memory as a whole; 0 of any other. What is streamed comes in parts, each of which is taken
    before the next one is made.
    """
    # A plain loop, because every answer passes here.
    for name, value in start["headers"]:
        if name == b"content-length":
            is_light = len(value) < _DIGITS or int(value) <= SMALL or scope["state"].get("is_head") or scope["state"].get("is_in_parts")
            return 0 if is_light else int(value)
    return 0


def give_back_when_sent(scope: Scope, budget: Budget) -> None:
    """The server has an answer that room was taken for; whether the other side has it, its connection knows (`server/protocol.py`). Without a
    server: at once.
    """
    size = scope["state"]["held"]
    connection = scope.get("titik.connection")
    if connection is None:
        budget.give_back(size)
    else:
        connection.when_sent(lambda: budget.give_back(size))
