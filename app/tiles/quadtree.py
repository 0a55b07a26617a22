"""Which cells and which items a tile of WebMercatorQuad needs, in numbers: plain arithmetic on the grid that halves with every zoom.

A cell (level, x, y) is the tile level/x/y. A position is a unit: 2⁻³¹ of the world's width. Items lie on a Z-order curve of their units
(`titik.quad`), so what lies in a cell is one range of that curve.
"""

from typing import NamedTuple

EXTENT = 4096
BUFFER = 64
"""So far around a tile, in units of its extent, what lies there is drawn as well: a symbol at an edge is whole on both sides."""
UNIT_BITS = 31
LEVELS = range(4, 19, 2)
"""Those of the pyramid of clusters."""
DEEPEST = LEVELS[-1]
# Cells of a cluster are a 16th or a 32nd of a tile: on screens, where tiles are 512 pixels wide, 32 or 16 pixels.
_FINER = 4
# Eighths of a tile are looked up for what lies just beside it.
_EIGHTH = 3


class Tile(NamedTuple):
    z: int
    x: int
    y: int


class Cells(NamedTuple):
    """A rectangle of cells of one level, all four ends included."""

    level: int
    west: int
    north: int
    east: int
    south: int


class Range(NamedTuple):
    """A range of the curve, both ends included, and the block that it lies in."""

    low: int
    high: int
    block_x: int
    block_y: int


def stored_level(zoom: int) -> int:
    """The coarsest level of the pyramid that is as fine as this zoom, else the finest that there is."""
    return min(max(LEVELS[0], zoom + zoom % 2), DEEPEST)


def block_level(tile: Tile) -> int:
    """Whether a tile shows points or clusters is decided for blocks: tiles of its own zoom, of the finest level where it is finer.

    A tile asks for its neighbours as they would decide, so that what lies beside an edge is the same on both sides of it.
    """
    return min(tile.z, DEEPEST)


def around(tile: Tile, level: int) -> Cells:
    """The cells of a level that hold the tile with its buffer. They end where the world does."""
    size = 1 << UNIT_BITS - tile.z
    buffer = size * BUFFER // EXTENT
    last, down = (1 << UNIT_BITS) - 1, UNIT_BITS - level
    west, north = max(0, tile.x * size - buffer), max(0, tile.y * size - buffer)
    east, south = min(last, (tile.x + 1) * size + buffer - 1), min(last, (tile.y + 1) * size + buffer - 1)
    return Cells(level, west >> down, north >> down, east >> down, south >> down)


def counted(tile: Tile) -> Cells:
    """The cells that say how many points the blocks of a tile hold: whole blocks, of the coarsest level that tells them apart."""
    blocks = around(tile, block_level(tile))
    level = stored_level(blocks.level)
    up = level - blocks.level
    return Cells(level, blocks.west << up, blocks.north << up, (blocks.east + 1 << up) - 1, (blocks.south + 1 << up) - 1)


def clustered(tile: Tile) -> Cells:
    """The cells that a tile shows where there are too many points."""
    return around(tile, stored_level(tile.z + _FINER))


def ranges(tile: Tile) -> list[Range]:
    """The ranges of items that a tile may show: its own first, then the eighths of tiles beside it."""
    level, block = tile.z + _EIGHTH, block_level(tile)
    eighths = around(tile, level)
    columns = [(x, _interleaved(x)) for x in range(eighths.west, eighths.east + 1)]
    outer = [(x, column) for x, column in columns if x >> _EIGHTH != tile.x]
    found = [_range(_interleaved(tile.x) | _interleaved(tile.y) << 1, tile.z, tile.x, tile.y, tile.z - block)]
    for y in range(eighths.north, eighths.south + 1):
        row = _interleaved(y) << 1
        found += [_range(column | row, level, x, y, level - block) for x, column in (outer if y >> _EIGHTH == tile.y else columns)]
    return found


def _range(cell: int, level: int, x: int, y: int, up: int) -> Range:
    """Of the cell with this number on its level's curve."""
    free = 2 * (UNIT_BITS - level)
    return Range(cell << free, (cell + 1 << free) - 1, x >> up, y >> up)


def _interleaved(number: int) -> int:
    """The binary digits of a number, a zero before each: read in base four."""
    return int(format(number, "b"), 4)
