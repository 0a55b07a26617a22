"""How far the items of categories reach: what maps are told, so that they ask for tiles only where there is something."""

from collections.abc import Sequence

from app.db import ReadSession
from app.published.catalogue import Half, Known
from app.regions.cities import Extent
from app.statement import Statement

_OF_ITEMS: dict[Half, Statement] = {
    half: Statement(f"""
        SELECT wanted.category, ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north
          FROM unnest(CAST(:categories AS text[])) AS wanted (category)
         CROSS JOIN LATERAL (SELECT ST_Extent(i.geom) AS box FROM {half}.item i WHERE i.category = wanted.category) reach
         WHERE box IS NOT NULL
    """)  # noqa: S608 - one of two constants
    for half in ("published", "internal")
}


class Extents:
    """One for each worker. Of each category it is looked up once for each version, since that reads all its items."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Half, str], tuple[int, Extent | None]] = {}

    async def of(self, session: ReadSession, known: Known, half: Half, categories: Sequence[str]) -> list[Extent]:
        """Those of the categories that have items."""
        versions = {category: known.standing(half, category).version for category in categories}
        lacking = [category for category, version in versions.items() if self._kept.get((half, category), (None,))[0] != version]
        if lacking:
            rows = await session.all(_OF_ITEMS[half], categories=lacking)
            found = {row["category"]: (row["west"], row["south"], row["east"], row["north"]) for row in rows}
            self._kept |= {(half, category): (versions[category], found.get(category)) for category in lacking}
        extents = (self._kept[half, category][1] for category in categories)
        return [extent for extent in extents if extent is not None]


def together(extents: Sequence[Extent]) -> Extent:
    """The one that holds all of these; there is at least one."""
    wests, souths, easts, norths = zip(*extents, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
