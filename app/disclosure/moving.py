"""How far a cell of a table can be moved while all that is public stays as it is. Pure.

A move is a circle of cells that rise and sink by the same number. Moving on from the true table by circles reaches every table that somebody outside has to
think possible, and nothing else, in whole persons: it is the search for a maximal flow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from app.disclosure.tabulation import Arc, Tabulation

UNBOUNDED = 1 << 60
FREE = 1
"""The price of a step through a cell that is withheld; 0: no way through."""


@dataclass(slots=True)
class Room:
    """How far each cell may sink and rise, and at what price it may be moved at all."""

    down: Sequence[int]
    up: Sequence[int]
    prices: list[int]


class Reached(NamedTuple):
    opened: list[int]
    """Cells that have to be withheld for it."""
    moved: dict[int, int]
    lacking: int
    """How much of what was needed could not be had."""


def reach(form: Tabulation, room: Room, target: int, step: int, need: int, *, paying: bool = False) -> Reached:
    """Lets the target rise (`step` 1) or sink (-1) by `need`, as far as that goes.

    Only when `paying` it opens cells that are not withheld, the cheapest circle first, where those that are do not suffice.
    """
    down, up, prices = list(room.down), list(room.up), list(room.prices)
    arc: Arc = form.arcs[target]
    start, goal = (arc.head, arc.tail) if step > 0 else (arc.tail, arc.head)
    here = min(need, (up if step > 0 else down)[target]) if prices[target] else 0
    beyond = need - here
    prices[target] = 0
    opened: list[int] = []
    moved = {target: 0}
    while here > 0:
        path = _widest(form, (down, up, prices), start, goal, here, FREE)
        if path is None and paying:
            path = _widest(form, (down, up, prices), start, goal, here, UNBOUNDED)
        if path is None:
            break
        amount = min([here, *((up if rising > 0 else down)[cell] for cell, rising in path)])
        moved[target] += amount * step
        for cell, rising in path:
            down[cell] += amount * rising
            up[cell] -= amount * rising
            moved[cell] = moved.get(cell, 0) + amount * rising
            if prices[cell] > FREE:
                prices[cell] = FREE
                opened.append(cell)
        here -= amount
    return Reached(opened, moved, beyond + here)


CellPath = list[tuple[int, int]]
"""Cells, and whether they rise (1) or sink (-1)."""


def _widest(
    form: Tabulation, room: tuple[list[int], list[int], list[int]], start: int, goal: int, need: int, limit: int
) -> CellPath | None:
    """The cheapest path for all that is needed; else for half of it, and so on."""
    while need > 0:
        if (path := _cheapest(form, room, start, goal, need, limit)) is not None:
            return path
        need //= 2
    return None


def _cheapest(
    form: Tabulation, room: tuple[list[int], list[int], list[int]], start: int, goal: int, amount: int, limit: int
) -> CellPath | None:
    down, up, prices = room
    best = {start: 0}
    came: dict[int, tuple[int, int, int]] = {}
    heap = [(0, start)]
    while heap:
        so_far, node = heappop(heap)
        if node == goal:
            break
        if so_far > best[node]:
            continue
        for cell, other, rising in form.around[node]:
            price = prices[cell]
            if not 0 < price <= limit or (up if rising > 0 else down)[cell] < amount:
                continue
            if (cost := so_far + price) < best.get(other, UNBOUNDED):
                best[other] = cost
                came[other] = (cell, rising, node)
                heappush(heap, (cost, other))
    if goal not in best:
        return None
    path: CellPath = []
    while goal != start:
        cell, rising, goal = came[goal]
        path.append((cell, rising))
    return path
