"""What is asked in each case: of Titik, of the other servers the same in their words, of PostgreSQL alone the statement that Titik runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

import numpy as np

from app.collections import items
from app.cursors import write_cursor
from app.geo import Bbox, place
from app.language import Text
from app.statement import Statement
from app.tiles import tiles
from app.tiles.quadtree import Tile
from app.tiles.tilesets import Tileset
from benchmarks.load import recorded
from benchmarks.world import Points, code_of, id_of

ITEMS = "/collections/posyandu/items"
PEER_ITEMS = "/collections/bench.point/items"
LIMIT = 100
SEED = 7
_EARTH = 6378137.0
_ATTRIBUTES = "properties=id,name,kelurahan,kelurahan_name"
_POSYANDU = Tileset("posyandu", Text("Posyandu", "Posyandu"), "/collections/posyandu/tiles", "", layer="posyandu", categories=("posyandu",))


@dataclass(frozen=True, slots=True)
class Case:
    """The same questions to each; nobody (None) is asked what they do not have."""

    name: str
    titik: Sequence[str]
    tipg: Sequence[str] | None = None
    martin: Sequence[str] | None = None
    statements: Sequence[tuple[Statement[object], Mapping[str, object]]] | None = None
    headers: Sequence[str] = ()
    is_cold: bool = False
    """Titik and Martin with nothing kept."""
    is_unchanged: bool = False
    """Asked with the ETag of the first answer."""


def boxes(known: Points, holding: int, number: int) -> list[Bbox]:
    """Random boxes around random points, of random shape; each holds exactly so many points (or, where that is all, all)."""
    dice = np.random.default_rng([SEED, holding])
    order = np.argsort(known.lon)
    lon, lat = known.lon[order], known.lat[order]
    holding = min(holding, len(lon) - 1)
    found = []
    for at in dice.integers(len(lon), size=number):
        shape, reach, near = float(np.exp(dice.uniform(-0.7, 0.7))), 0.02, np.empty(0)
        while (near <= reach).sum() <= holding:
            reach *= 2
            some = slice(*np.searchsorted(lon, [lon[at] - reach * shape, lon[at] + reach * shape]))
            near = np.maximum(np.abs(lon[some] - lon[at]) / shape, np.abs(lat[some] - lat[at]))
        edge = float(np.partition(near, [holding - 1, holding])[holding - 1 : holding + 1].mean())
        west, south, east, north = lon[at] - edge * shape, lat[at] - edge, lon[at] + edge * shape, lat[at] + edge
        found.append(Bbox(*(round(float(side), 8) for side in (west, max(south, -90), min(east, 180), north))))
    return found


def tiles_of(known: Points, zoom: int, number: int, *, most: int | None = None) -> list[tuple[int, int, int]]:
    """Different tiles, by chance, that hold points (at most so many), as z, x, y."""
    size = 1 << zoom
    x = np.floor((known.lon + 180) / 360 * size).astype(np.int64)
    y = np.floor((0.5 - np.arcsinh(np.tan(np.radians(known.lat))) / (2 * np.pi)) * size).astype(np.int64)
    cells, counts = np.unique(x * size + y, return_counts=True)
    cells = cells if most is None else cells[counts <= most]
    chosen = np.random.default_rng([SEED, zoom]).permutation(cells)[:number]
    return [(zoom, int(cell) // size, int(cell) % size) for cell in chosen]


def in_box(known: Points, holding: int, number: int = 2_000) -> Case:
    found = boxes(known, holding, number)
    asked = [",".join(map(repr, box)) for box in found]
    return Case(
        f"items, box that holds {holding:,}",
        [f"{ITEMS}?limit={LIMIT}&bbox={box}" for box in asked],
        [f"{PEER_ITEMS}?limit={LIMIT}&bbox={box}" for box in asked],
        statements=[recorded(items.page, items.PageQuery("published", "posyandu", LIMIT, box), 0) for box in found],
    )


def tile(known: Points, zoom: int, number: int, *, most: int | None = None, name: str = "") -> Case:
    found = tiles_of(known, zoom, number, most=most)
    return Case(
        name or f"tile z{zoom}, cold",
        [f"/collections/posyandu/tiles/WebMercatorQuad/{z}/{y}/{x}" for z, x, y in found],
        [f"/collections/bench.point/tiles/WebMercatorQuad/{z}/{x}/{y}?{_ATTRIBUTES}" for z, x, y in found],
        [f"/point/{z}/{x}/{y}" for z, x, y in found],
        [recorded(tiles.tile, "published", _POSYANDU, Tile(z, x, y)) for z, x, y in found],
        is_cold=True,
    )


def _warm(known: Points) -> Case:
    one = tile(known, 14, 150, name="tiles z14 and z10, warm, gzip")
    other = tile(known, 10, 50)
    assert one.martin
    assert other.martin
    return Case(one.name, [*one.titik, *other.titik], None, [*one.martin, *other.martin], headers=("Accept-Encoding: gzip",))


def _deep(known: Points, page: int, secret: bytes, name: str) -> Case:
    """One page, over and over, as the first one is; so both find their items in the memory of PostgreSQL. Of a small world: as deep as it goes.
    Pages are in the order of places; how deep one is, a sample of them tells.
    """
    firsts = [min(page * LIMIT, len(known.numbers) - LIMIT - 1)] if page else [0]
    some = np.random.default_rng(SEED).integers(len(known.lon), size=10_000)
    sample = sorted(place(float(known.lon[at]), float(known.lat[at])) for at in some)
    behind = [sample[first * len(sample) // (len(known.numbers) + 1)] if first else None for first in firsts]
    places = [items.START if one is None else items.PageStart(one, items.FIRST) for one in behind]
    cursors = ["" if one is items.START else f"&cursor={quote(write_cursor(secret, 'places', f'{one.place} {one.id}'))}" for one in places]
    return Case(
        name,
        [f"{ITEMS}?limit={LIMIT}{cursor}" for cursor in cursors],
        [f"{PEER_ITEMS}?limit={LIMIT}&offset={first}" for first in firsts],
        statements=[recorded(items.page, items.PageQuery("published", "posyandu", LIMIT, after=place), 0) for place in places],
    )


def _of_kelurahan(known: Points) -> Case:
    chosen = np.random.default_rng(SEED).permutation(np.unique(known.kelurahan))[:2_000]
    codes = [code_of(int(one)) for one in chosen]
    return Case(
        "items of a kelurahan",
        [f"{ITEMS}?limit={LIMIT}&kelurahan={code}" for code in codes],
        [f"{PEER_ITEMS}?limit={LIMIT}&kelurahan={code}" for code in codes],
        statements=[recorded(items.page, items.PageQuery("published", "posyandu", LIMIT, kelurahan=code), 0) for code in codes],
    )


def _single(known: Points) -> Case:
    numbers = [int(one) for one in np.random.default_rng(SEED).choice(known.numbers, 2_000)]
    return Case(
        "single item",
        [f"{ITEMS}/{id_of(one)}" for one in numbers],
        [f"{PEER_ITEMS}/{one}" for one in numbers],
        statements=[recorded(items.one, "published", "posyandu", UUID(id_of(one))) for one in numbers],
    )


def _unchanged(known: Points) -> Case:
    asked = [",".join(map(repr, box)) for box in boxes(known, 100, 200)]
    return Case("items, 304", [f"{ITEMS}?limit={LIMIT}&bbox={box}" for box in asked], is_unchanged=True)


def cases(known: Points, secret: bytes) -> Iterator[tuple[str, Callable[[], Case]]]:
    """Each with the word by which one can choose it. Made when it is its turn."""
    yield from ((f"box{n}", lambda n=n: in_box(known, n)) for n in (100, 1_000, 10_000))
    yield "kelurahan", lambda: _of_kelurahan(known)
    yield "page1", lambda: _deep(known, 0, secret, "items, page 1")
    yield "page10000", lambda: _deep(known, 9_999, secret, "items, page 10,000")
    yield "single", lambda: _single(known)
    yield "304", lambda: _unchanged(known)
    yield from ((f"z{z}", lambda z=z: tile(known, z, 5_000)) for z in (14, 10, 8, 6))
    yield "warm", lambda: _warm(known)


def growth(known: Points) -> list[Case]:
    """The same work in worlds of any size: the first hundred of a thousand, and tiles that hold one to three points."""
    return [in_box(known, 1_000, 1_000), tile(known, 14, 2_000, most=3, name="tile z14 of 1 to 3 points, cold")]


def every_tile(known: Points, number: int) -> list[str]:
    """Tiles of all zooms, from the world to the street; of those with few tiles all."""
    return [f"/collections/posyandu/tiles/WebMercatorQuad/{z}/{y}/{x}" for zoom in range(19) for z, x, y in tiles_of(known, zoom, number)]
