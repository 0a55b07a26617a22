"""What becomes of coordinates on their way to WGS 84: where they come to lie, how far that is from where their numbers would lie in WGS 84, and
how well the way is known at these very points. Pure.

PROJ answers for every point, also where it knows no way: then the numbers stay as they are, without an error, some hundreds of metres off. So the
ways are asked for one by one, and each counts in its area only (docs/adr/0029).
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]
from pyproj.transformer import TransformerGroup

Array = np.ndarray[Any, np.dtype[np.float64]]

NEAR_M, NEAR_WITHIN_M = 1.0, 3.0
"""What moves by less than the one, and is known to the other, is WGS 84 under another name: DGN95, SRGI2013, ITRF."""

_GEOD: Final = Geod(ellps="WGS84")
_WGS84: Final = CRS.from_epsg(4326)
# Of PROJ's scale: other names, the same datum, ellipsoid and axes. Below that only names are alike.
_SAME: Final = 70
_NO_NAME: Final = "unknown"


class Moved(NamedTuple):
    """Of each point: where it lies (WGS 84, degrees), the metres from there to where its numbers would lie in WGS 84, and how exact the way
    is in metres: infinite where its accuracy is not known, NaN (as its place) where there is no way.
    """

    lons: Array
    lats: Array
    moved_m: Array
    accuracy_m: Array

    @property
    def is_near(self) -> Any:
        """Which points are those of WGS 84 as far as anybody can tell."""
        return (self.moved_m < NEAR_M) & (self.accuracy_m <= NEAR_WITHIN_M)


class _Way(NamedTuple):
    """`area`: west, south, east, north in degrees."""

    transformer: Transformer
    area: tuple[float, float, float, float]
    accuracy_m: float


class _Angles(NamedTuple):
    """How a geographic CRS counts: from which meridian (degrees from Greenwich), and how many degrees its unit has."""

    meridian: float
    unit: float

    @classmethod
    def of(cls, crs: CRS) -> "_Angles":
        first, unit = crs.prime_meridian, crs.axis_info[0].unit_conversion_factor
        meridian = float(first.longitude) * float(first.unit_conversion_factor) if first else 0.0
        return cls(float(np.degrees(meridian)), float(np.degrees(unit)))

    def degrees(self, xs: Array, ys: Array) -> tuple[Array, Array]:
        return xs * self.unit + self.meridian, ys * self.unit

    def of_degrees(self, lons: Array, lats: Array) -> tuple[Array, Array]:
        return (lons - self.meridian) / self.unit, lats / self.unit


class Transformation:
    """From one CRS to WGS 84. ValueError where the CRS is none of the ground, or its datum is one that nobody knows a way from."""

    def __init__(self, crs: CRS) -> None:
        set_network_enabled(active=False)
        flat = _flat(crs)
        self.is_projected = flat.is_projected
        stated = flat.source_crs if flat.is_bound else flat
        base = stated.geodetic_crs if stated is not None else None
        if stated is None or base is None or not base.is_geographic or (stated.is_derived and not stated.is_projected):
            raise ValueError(crs.name)
        known = _registered(base)
        self.datum = (known or base).name
        self.epsg = known.to_epsg() if known else None
        self._to_base = Transformer.from_crs(stated, base, always_xy=True) if flat.is_projected else None
        self._angles, self._known_angles = _Angles.of(base), _Angles.of(known or base)
        self._bound = Transformer.from_crs(flat, _WGS84, always_xy=True) if flat.is_bound else None
        self._ways = [] if known is None else _ways(known.to_authority())
        if not self._ways and self._bound is None:
            raise ValueError(crs.name)
        self.is_identity = known == _WGS84 and not self.is_projected and np.allclose(self._angles, (0, 1))
        """Its numbers are degrees of WGS 84 already, longitude first."""

    def __call__(self, xs: Sequence[float] | Array, ys: Sequence[float] | Array, *, together: bool = False) -> Moved:
        """`xs` and `ys` (easting, northing or longitude, latitude of the CRS). `together`: all by the same way, so that shapes stay whole."""
        xs, ys = np.array(xs, dtype=float), np.array(ys, dtype=float)
        lons, lats = self.own_degrees(xs, ys)
        known_x, known_y = self._known_angles.of_degrees(lons, lats)
        found = Moved(*(np.full(len(xs), np.nan) for _ in Moved._fields))
        for way in self._ways:
            within = _within(way.area, lons, lats)
            if together:
                within[:] = within.all()
            chosen = within & np.isnan(found.accuracy_m)
            if chosen.any():
                found.lons[chosen], found.lats[chosen] = way.transformer.transform(known_x[chosen], known_y[chosen])
                found.accuracy_m[chosen] = way.accuracy_m
        if self._bound is not None:
            _hold_against(found, *self._bound.transform(xs, ys))
        return _checked(found, lons, lats)

    def own_degrees(self, xs: Array, ys: Array) -> tuple[Array, Array]:
        """Longitude from Greenwich and latitude on the datum of this CRS; infinite where the numbers are none of it."""
        return self._angles.degrees(*(self._to_base.transform(xs, ys) if self._to_base else (xs, ys)))


def _hold_against(found: Moved, lons: Array, lats: Array) -> None:
    """Where the definition itself says how to get to WGS 84, and nobody else does or they disagree, nobody knows how exact that is."""
    is_known = np.isfinite(found.accuracy_m)
    apart = np.full(len(lons), np.inf)
    apart[is_known] = _GEOD.inv(found.lons[is_known], found.lats[is_known], lons[is_known], lats[is_known])[2]
    differs = ~(apart <= found.accuracy_m)
    found.lons[differs], found.lats[differs], found.accuracy_m[differs] = lons[differs], lats[differs], np.inf


def _checked(found: Moved, lons: Array, lats: Array) -> Moved:
    """With the metres; what is no place has none."""
    good = (np.abs(found.lons) <= 180) & (np.abs(found.lats) <= 90) & (np.abs(lons) <= 360) & (np.abs(lats) <= 90)
    for column in (found.lons, found.lats, found.accuracy_m):
        column[~good] = np.nan
    if good.any():
        found.moved_m[good] = _GEOD.inv(lons[good], lats[good], found.lons[good], found.lats[good])[2]
    return found


def _within(area: tuple[float, float, float, float], lons: Array, lats: Array) -> Any:
    west, south, east, north = area
    is_between = (lons >= west) & (lons <= east) if west <= east else (lons >= west) | (lons <= east)
    return is_between & (lats >= south) & (lats <= north)


def _flat(crs: CRS) -> CRS:
    """Without heights."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    return crs if crs.is_bound or len(crs.axis_info) < 3 else crs.to_2d()


def _registered(base: CRS) -> CRS | None:
    """The geographic CRS of EPSG that this one is, by datum, ellipsoid and meridian. A name alone is none: beside another ellipsoid it is
    taken at its word by PROJ, 18 m off.
    """
    if base.datum is None or base.datum.name.lower() == _NO_NAME:
        # PROJ takes that for whatever the name of the whole says.
        return None
    try:
        # In the words of Esri names lose what they were decorated with, and the order of axes does not count.
        code = CRS.from_wkt(base.to_wkt("WKT1_ESRI")).to_epsg(_SAME)
        return CRS.from_epsg(code) if code else None
    except ProjError:
        return None


@lru_cache(maxsize=64)
def _ways(authority: tuple[str, str]) -> list[_Way]:
    """All ways from a geographic CRS, the most exact first."""
    try:
        with warnings.catch_warnings():
            # Of a better way that would need a grid: what there is says how exact it is itself.
            warnings.simplefilter("ignore", UserWarning)
            group = TransformerGroup(CRS.from_authority(*authority), _WGS84, always_xy=True, allow_ballpark=False)
    except (ProjError, IndexError):
        # pyproj looks at the first of no ways.
        return []
    found = [
        _Way(one, one.area_of_use.bounds, one.accuracy if one.accuracy >= 0 else np.inf) for one in group.transformers if one.area_of_use
    ]
    return sorted(found, key=lambda way: way.accuracy_m)
