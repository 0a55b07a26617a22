"""Which cells and ranges a tile needs: held against their definition, cell by cell."""

from hypothesis import given
from hypothesis import strategies as st

from app.geo import MAX_ZOOM
from app.tiles.quadtree import (
    BUFFER,
    DEEPEST,
    EXTENT,
    LEVELS,
    UNIT_BITS,
    Tile,
    around,
    block_level,
    clustered,
    counted,
    ranges,
    stored_level,
)

WORLD = 1 << UNIT_BITS


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    zoom = draw(st.integers(0, MAX_ZOOM))
    return Tile(zoom, draw(st.integers(0, 2**zoom - 1)), draw(st.integers(0, 2**zoom - 1)))


def interleaved(x: int, y: int) -> int:
    return sum((x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1 for bit in range(UNIT_BITS))


def near(tile: Tile, data: st.DataObject) -> tuple[int, int]:
    """A position in the tile or its buffer."""
    size = WORLD >> tile.z
    buffer = size * BUFFER // EXTENT
    x = data.draw(st.integers(max(0, tile.x * size - buffer), min(WORLD, (tile.x + 1) * size + buffer) - 1))
    y = data.draw(st.integers(max(0, tile.y * size - buffer), min(WORLD, (tile.y + 1) * size + buffer) - 1))
    return x, y


@given(tiles(), st.data())
def test_what_is_near_a_tile_is_in_one_range_that_knows_its_block(tile: Tile, data: st.DataObject) -> None:
    x, y = near(tile, data)
    held = [one for one in ranges(tile) if one.low <= interleaved(x, y) <= one.high]
    assert len(held) == 1
    down = UNIT_BITS - block_level(tile)
    assert (held[0].block_x, held[0].block_y) == (x >> down, y >> down)
    assert len(ranges(tile)) <= 37


@given(tiles(), st.data())
def test_what_is_near_a_tile_is_counted_and_clustered_with_its_whole_block(tile: Tile, data: st.DataObject) -> None:
    x, y = near(tile, data)
    for cells in (counted(tile), clustered(tile)):
        assert cells.level in LEVELS
        down = UNIT_BITS - cells.level
        assert cells.west <= x >> down <= cells.east
        assert cells.north <= y >> down <= cells.south
    count, up = counted(tile), counted(tile).level - block_level(tile)
    assert (count.west % (1 << up), (count.east + 1) % (1 << up)) == (0, 0)
    # Few rows are read: of a category three blocks by three, and at most 34 cells by 34.
    assert (count.east - count.west + 1) * (count.south - count.north + 1) <= max(256, 36)
    shown = clustered(tile)
    assert (shown.east - shown.west + 1) * (shown.south - shown.north + 1) <= 34 * 34


@given(st.integers(0, MAX_ZOOM))
def test_cells_are_as_fine_as_asked_or_the_finest(zoom: int) -> None:
    assert stored_level(zoom) == next((level for level in LEVELS if level >= zoom), DEEPEST)


def test_the_world_ends_at_its_edges() -> None:
    assert around(Tile(1, 0, 1), 1) == (1, 0, 0, 1, 1)
    assert around(Tile(0, 0, 0), 4) == (4, 0, 0, 15, 15)
