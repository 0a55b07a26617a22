"""Positions in the feed of changes, and the cursors that carry them. Pure."""

import hashlib
from typing import NamedTuple

from app.cursors import read_cursor, write_cursor
from app.errors import Gone


class Position(NamedTuple):
    """Behind this change. Transactions are in the order of their ids within one history, histories in the order of their numbers."""

    history: int
    transaction: int
    seq: int


BEGINNING = Position(0, 0, 0)


class Edge(NamedTuple):
    """What of the feed is firm: all of the histories before `number`, and of that one the transactions below `below`."""

    epoch: str
    number: int
    below: int

    @property
    def position(self) -> Position:
        return Position(self.number, self.below, 0)


def epoch_of(number: int, identity: str) -> str:
    """The name of a history. Copies of a database that are restored in two places have the same number, but not the same identity."""
    return hashlib.sha256(f"{number} {identity}".encode()).hexdigest()[:12]


def write_position(secret: bytes, half: str, epoch: str, position: Position) -> str:
    return write_cursor(secret, f"changes {half}", " ".join((epoch, *map(str, position))))


def read_position(secret: bytes, half: str, epoch: str, cursor: str) -> Position:
    """`BadRequest` for a cursor that is none of this half, `Gone` for one of a history that has ended."""
    written_in, *numbers = read_cursor(secret, f"changes {half}", cursor).split(" ")
    if written_in != epoch:
        raise Gone("changes-restarted")
    return Position(*map(int, numbers))
