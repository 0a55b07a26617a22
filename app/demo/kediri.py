"""Kota Kediri, the city of the demonstration: a table like that of any other city, loaded by the same way.

Places and areas are computed from polygons of 2025 (WGS 84, geodesic); the area of the kota is its own figure of Kepmendagri 300.2.2-2430/2025.
"""

from functools import cache
from importlib.resources import as_file, files

from app.db import WriteSession
from app.operator import cities
from app.regions.codes import Region
from app.regions.rules import RegionRow, merged, read

CITY = "35.71"


@cache
def regions() -> tuple[Region, ...]:
    """The kota, its 3 kecamatan and 46 kelurahan, parents first."""
    return tuple(merged(entry, None) for entry in read(_rows()).entries)


async def load(session: WriteSession) -> None:
    await cities.load(session, _rows())


@cache
def _rows() -> tuple[RegionRow, ...]:
    with as_file(files("app.demo").joinpath("kediri.csv")) as path:
        return tuple(cities.read_rows(path))
