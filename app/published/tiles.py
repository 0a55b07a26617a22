"""Vector tiles of the public half: one fixed statement, all values bound."""

from app.db import ReadSession, Statement

# The envelope that is searched has the buffer that the symbols have (64 of 4096 units), so that none is cut at an edge; the order
# makes the same data the same bytes. Points of low zooms are bounded until the cluster pyramid takes their place.
_POINTS = Statement("""
    SELECT ST_AsMVT(tile, CAST(:category AS text), 4096, 'geom', 'feature_id')
      FROM (
        SELECT ST_AsMVTGeom(i.geom_mercator, ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int)), 4096, 64, true) AS geom,
               i.feature_id, i.id::text AS id, i.name, i.kelurahan, i.properties ->> 'kelurahan_name' AS kelurahan_name
          FROM published.item i
         WHERE i.category = :category
           AND i.geom_mercator && ST_TileEnvelope(CAST(:z AS int), CAST(:x AS int), CAST(:y AS int), margin => 64.0 / 4096)
         ORDER BY i.id LIMIT 10000
      ) tile
""")


async def points(session: ReadSession, category: str, z: int, x: int, y: int) -> bytes:
    """A Mapbox Vector Tile 2.1 with one layer, named like the category; empty where nothing lies."""
    tile: bytes | None = await session.value(_POINTS, category=category, z=z, x=x, y=y)
    return tile or b""
