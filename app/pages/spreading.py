"""Marks of a drawing that would lie on each other are moved apart, no farther than needed. Pure."""

import math
from collections.abc import Sequence

XY = tuple[float, float]
_ROUNDS = 300
_NEARLY = 0.05
# Of marks at the very same place each goes another way: by the angle at which leaves of a plant do not cover each other.
_TURN = math.pi * (3 - math.sqrt(5))


def spread(marks: Sequence[XY], fixed: Sequence[XY], size: XY, apart: float) -> list[XY]:
    """Where marks are drawn so that each is `apart` from the others and from the `fixed` ones, within `size` (width, height), as far as there
    is room.
    """
    found = [list(mark) for mark in marks]
    width, height = size
    edge = apart / 2
    for _ in range(_ROUNDS):
        is_settled = True
        for at, mark in enumerate(found):
            for other in range(at):
                dx, dy, missing = _push(mark, found[other], apart, at)
                if missing > _NEARLY:
                    is_settled = False
                    _move(mark, dx * missing / 2, dy * missing / 2)
                    _move(found[other], -dx * missing / 2, -dy * missing / 2)
            for place in fixed:
                dx, dy, missing = _push(mark, place, apart, at)
                if missing > _NEARLY:
                    is_settled = False
                    _move(mark, dx * missing, dy * missing)
            mark[0], mark[1] = min(max(mark[0], edge), width - edge), min(max(mark[1], edge), height - edge)
        if is_settled:
            break
    return [(round(x, 1), round(y, 1)) for x, y in found]


def _push(mark: Sequence[float], other: Sequence[float], apart: float, number: int) -> tuple[float, float, float]:
    """The direction from the other one, and how much is missing."""
    dx, dy = mark[0] - other[0], mark[1] - other[1]
    distance = math.hypot(dx, dy)
    if distance < 1e-6:
        return math.cos(number * _TURN), math.sin(number * _TURN), apart
    return dx / distance, dy / distance, apart - distance


def _move(mark: list[float], dx: float, dy: float) -> None:
    mark[0] += dx
    mark[1] += dy
