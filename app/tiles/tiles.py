"""Vector tiles of either half: fixed statements, all values bound, each bounded in what it reads and what it gives.

How points and clusters are told apart: docs/adr/0016.
"""

from datetime import date

from app.db import ReadSession
from app.published.catalogue import Half
from app.statement import Statement
from app.tiles.quadtree import Tile, block_level, clustered, counted, ranges
from app.tiles.tilesets import LABELS_FROM, POINTS_FROM, Tileset

POINTS_AT_MOST = 1_000
"""So many points of a tile are shown, else clusters. With those in its buffer a tile has at most a quarter more."""

# First how many points the blocks hold that the tile and its buffer lie in. Blocks that hold too many show their cells of the pyramid, all
# others their points: read along the curve of places, so no more of them than are allowed. Names are cut so that no tile can be too large.
# OFFSET 0 keeps each look-up what it is: one short range of an index.
_POINTS_SQL = """
    WITH tile AS MATERIALIZED (
        SELECT ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int)) AS bounds,
               ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int), margin => 64.0 / 4096) AS searched
    ), block AS MATERIALIZED (
        SELECT c.x >> (CAST(:counted_level AS int) - CAST(:block_level AS int)) AS x,
               c.y >> (CAST(:counted_level AS int) - CAST(:block_level AS int)) AS y, sum(c.number) > CAST(:most AS int) AS is_crowded
          FROM unnest(CAST(:categories AS text[])) AS wanted (category),
               generate_series(CAST(:counted_north AS int), CAST(:counted_south AS int)) AS line (y),
               LATERAL (SELECT c.x, c.y, c.number FROM {half}.cluster c
                         WHERE c.category = wanted.category AND c.level = CAST(:counted_level AS int) AND c.y = line.y
                           AND c.x BETWEEN CAST(:counted_west AS int) AND CAST(:counted_east AS int) OFFSET 0) c
         GROUP BY 1, 2
    ), spot AS MATERIALIZED (
        SELECT i.*
          FROM unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[]), CAST(:block_xs AS int[]), CAST(:block_ys AS int[]))
                 WITH ORDINALITY AS reach (low, high, block_x, block_y, n)
          JOIN block ON block.x = reach.block_x AND block.y = reach.block_y AND NOT block.is_crowded
         CROSS JOIN tile
         CROSS JOIN unnest(CAST(:categories AS text[])) AS wanted (category)
         CROSS JOIN LATERAL (
            SELECT i.id, i.feature_id, i.category, i.name, i.kelurahan, i.properties, i.geom_mercator FROM {half}.item i
             WHERE i.category = wanted.category AND i.quad BETWEEN reach.low AND reach.high OFFSET 0) i
         WHERE i.geom_mercator && tile.searched
         ORDER BY reach.n > 1, i.id LIMIT 1250
    ), cell AS MATERIALIZED (
        SELECT c.y, c.x, sum(c.number) AS number, sum(c.sum_x)::float8 / sum(c.number)::float8 AS unit_x,
               sum(c.sum_y)::float8 / sum(c.number)::float8 AS unit_y,
               CASE WHEN cardinality(CAST(:categories AS text[])) > 1 THEN jsonb_object_agg('count_' || c.category, c.number) END AS counts
          FROM (SELECT x, y, CAST(:clustered_level AS int) - CAST(:block_level AS int) AS finer FROM block WHERE is_crowded) block
         CROSS JOIN unnest(CAST(:categories AS text[])) AS wanted (category)
         CROSS JOIN LATERAL generate_series(greatest(block.y << finer, CAST(:clustered_north AS int)),
                                            least((block.y + 1 << finer) - 1, CAST(:clustered_south AS int))) AS line (y)
         CROSS JOIN LATERAL (
            SELECT c.* FROM {half}.cluster c
             WHERE c.category = wanted.category AND c.level = CAST(:clustered_level AS int) AND c.y = line.y
               AND c.x BETWEEN greatest(block.x << finer, CAST(:clustered_west AS int))
                           AND least((block.x + 1 << finer) - 1, CAST(:clustered_east AS int)) OFFSET 0) c
         GROUP BY c.y, c.x
    )
    SELECT coalesce((
        SELECT ST_AsMVT(shown, CAST(:layer AS text), 4096, 'geom', 'feature_id')
          FROM (SELECT ST_AsMVTGeom(spot.geom_mercator, tile.bounds, 4096, 64, true) AS geom, feature_id, id::text AS id,
                       left(name, 64) AS name, kelurahan, properties ->> 'kelurahan_name' AS kelurahan_name, category,
                       properties ->> 'status' AS status
                  FROM spot, tile ORDER BY spot.id) shown
         WHERE geom IS NOT NULL), '')
        || coalesce((
        SELECT ST_AsMVT(shown, 'clusters', 4096, 'geom', 'feature_id')
          FROM (SELECT ST_AsMVTGeom(ST_SetSRID(ST_MakePoint((unit_x + 0.5) / 2147483648 * 40075016.685578488 - 20037508.342789244,
                                                            20037508.342789244 - (unit_y + 0.5) / 2147483648 * 40075016.685578488), 3857),
                                    tile.bounds, 4096, 64, true) AS geom,
                       cell.y::bigint << 18 | cell.x AS feature_id, number::int AS point_count, counts
                  FROM cell, tile ORDER BY cell.y, cell.x) shown
         WHERE geom IS NOT NULL), '')
"""
_POINTS: dict[Half, Statement[bytes]] = {
    "published": Statement[bytes](_POINTS_SQL.replace("{half}", "published")),
    "internal": Statement[bytes](_POINTS_SQL.replace("{half}", "internal")),
}

# Areas are the same in both halves. Neighbours have the same points along their common edge, and get the same places in the tile.
_AREAS = Statement[bytes | None]("""
    SELECT ST_AsMVT(shown, CAST(:level AS text), 4096, 'geom', 'feature_id')
      FROM (SELECT ST_AsMVTGeom(s.geom_mercator, ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int)), 4096, 64, true) AS geom,
                   replace(a.code, '.', '')::bigint AS feature_id, a.code, a.name, a.kecamatan
              FROM published.area_shape s JOIN published.area a ON a.code = s.code
             WHERE s.level = :level AND CAST(:z AS int) BETWEEN s.min_zoom AND s.max_zoom
               AND s.geom_mercator && ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int), margin => 64.0 / 4096)
             ORDER BY a.code LIMIT 3000) shown
     WHERE geom IS NOT NULL
""")
# One period for the whole map, so that its areas can be compared: that of exactly these days, else the longest that touches them, of those the
# latest. Figures become properties of their own, lists texts.
_PROFILES_SQL = """
    WITH chosen AS MATERIALIZED (
        SELECT w.period
          FROM (SELECT DISTINCT period, begins, ends FROM {half}.profile
                 WHERE begins <= CAST(:last AS date) AND ends >= CAST(:first AS date)) w
         ORDER BY (w.begins, w.ends) <> (CAST(:first AS date), CAST(:last AS date)), w.ends - w.begins DESC, w.begins DESC LIMIT 1
    )
    SELECT ST_AsMVT(shown, CAST(:layer AS text), 4096, 'geom', 'feature_id')
      FROM (SELECT ST_AsMVTGeom(s.geom_mercator, ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int)), 4096, 64, true) AS geom,
                   replace(a.code, '.', '')::bigint AS feature_id, w.id, a.code, a.name, a.kecamatan, w.period,
                   nullif(array_to_string(w.withheld, ' '), '') AS withheld, nullif(array_to_string(w.empty, ' '), '') AS empty,
                   nullif(array_to_string(w.not_applicable, ' '), '') AS not_applicable,
                   (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(w.figures) f WHERE f.key = ANY (CAST(:indicators AS text[]))) AS figures
              FROM published.area_shape s
              JOIN published.area a ON a.code = s.code
              JOIN {half}.profile w ON w.kelurahan = s.code AND w.period = (SELECT period FROM chosen)
             WHERE s.level = 'kelurahan' AND CAST(:z AS int) BETWEEN s.min_zoom AND s.max_zoom
               AND s.geom_mercator && ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int), margin => 64.0 / 4096)
             ORDER BY a.code LIMIT 3000) shown
     WHERE geom IS NOT NULL
"""
_PROFILES: dict[Half, Statement[bytes | None]] = {
    "published": Statement[bytes | None](_PROFILES_SQL.replace("{half}", "published")),
    "internal": Statement[bytes | None](_PROFILES_SQL.replace("{half}", "internal")),
}
_ALWAYS = (date.min, date.max)
_LABELS = Statement[bytes | None]("""
    SELECT ST_AsMVT(shown, 'labels', 4096, 'geom', 'feature_id')
      FROM (SELECT ST_AsMVTGeom(a.label_mercator, ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int)), 4096, 64, true) AS geom,
                   replace(a.code, '.', '')::bigint AS feature_id, a.level, a.code, a.name
              FROM published.area a
              JOIN unnest(CAST(:levels AS text[]), CAST(:from_zooms AS int[])) AS wanted (level, from_zoom) ON wanted.level = a.level
             WHERE CAST(:z AS int) >= wanted.from_zoom
               AND a.label_mercator && ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int), margin => 64.0 / 4096)
             ORDER BY a.code LIMIT 3000) shown
     WHERE geom IS NOT NULL
""")


async def tile(session: ReadSession, half: Half, tileset: Tileset, place: Tile) -> bytes:
    """A Mapbox Vector Tile 2.1 with the layers of the tileset that have something here; empty where nothing lies."""
    if tileset.indicators:
        return await _profiles(session, half, tileset, place)
    layers = [await _areas(session, level, place) for level in tileset.levels]
    if tileset.levels:
        layers.append(await _labels(session, tileset, place))
    if tileset.categories:
        layers.append(await _points(session, half, tileset, place))
    return b"".join(layers)


async def _profiles(session: ReadSession, half: Half, tileset: Tileset, place: Tile) -> bytes:
    first, last = tileset.span or _ALWAYS
    chosen = {"layer": tileset.layer, "indicators": list(tileset.indicators), "first": first, "last": last}
    return await session.value(_PROFILES[half], **chosen, **place._asdict()) or b""


async def _points(session: ReadSession, half: Half, tileset: Tileset, place: Tile) -> bytes:
    found: bytes = await session.value(_POINTS[half], **values(tileset, place))
    return found


def values(tileset: Tileset, place: Tile) -> dict[str, object]:
    """What the statement of points is asked for a tile."""
    count, cells, reach = counted(place), clustered(place), ranges(place)
    return {
        **place._asdict(),
        "categories": list(tileset.categories),
        "layer": tileset.layer,
        "most": POINTS_AT_MOST if place.z >= POINTS_FROM else 0,
        "block_level": block_level(place),
        **{f"counted_{name}": number for name, number in count._asdict().items()},
        **{f"clustered_{name}": number for name, number in cells._asdict().items()},
        "lows": [one.low for one in reach],
        "highs": [one.high for one in reach],
        "block_xs": [one.block_x for one in reach],
        "block_ys": [one.block_y for one in reach],
    }


async def _areas(session: ReadSession, level: str, place: Tile) -> bytes:
    found: bytes | None = await session.value(_AREAS, level=level, **place._asdict())
    return found or b""


async def _labels(session: ReadSession, tileset: Tileset, place: Tile) -> bytes:
    zooms = [LABELS_FROM[level] for level in tileset.levels]
    found: bytes | None = await session.value(_LABELS, levels=list(tileset.levels), from_zooms=zooms, **place._asdict())
    return found or b""
