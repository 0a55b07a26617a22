"""Where coordinates of other datums lie, worked out from the parameters of the EPSG dataset (v12, its numbers beside each way) by formulas of our own:
no PROJ, and nothing of `app`. For each datum those ways to WGS 84 whose area meets Indonesia; for some that people write there by mistake, none.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

Place = tuple[float, float]
_ARC_SECOND, _MICRORADIAN = math.pi / 648_000, 1e-6


class Ellipsoid(NamedTuple):
    name: str
    a: float
    rf: float


class Way(NamedTuple):
    """Translation in metres, rotation (position vector) in radians, scale in 1e-6; `area`: west, south, east, north."""

    epsg: int
    accuracy_m: float
    area: tuple[float, float, float, float]
    t: tuple[float, float, float]
    r: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ppm: float = 0.0


WGS84 = Ellipsoid("WGS 84", 6378137.0, 298.257223563)
BESSEL = Ellipsoid("Bessel 1841", 6377397.155, 299.1528128)
INDONESIAN = Ellipsoid("Indonesian National Spheroid", 6378160.0, 298.247)
GRS80 = Ellipsoid("GRS 1980", 6378137.0, 298.257222101)
AUSTRALIAN = Ellipsoid("Australian National Spheroid", 6378160.0, 298.25)
CLARKE = Ellipsoid("Clarke 1866", 6378206.4, 294.9786982138982)


@dataclass(frozen=True)
class Datum:
    """`names`: as .prj files, columns and headings call it."""

    code: int
    names: tuple[str, ...]
    ellipsoid: Ellipsoid
    ways: tuple[Way, ...]
    foreign: Way | None = None

    def best(self, lon: float, lat: float) -> Way | None:
        within = [way for way in self.ways if way.area[0] <= lon <= way.area[2] and way.area[1] <= lat <= way.area[3]]
        return min(within, key=lambda way: way.accuracy_m, default=None)

    def _any(self, lon: float, lat: float) -> Way:
        """The best one there, else one that is meant for elsewhere."""
        return self.best(lon, lat) or self.foreign or self.ways[0]

    def to_wgs84(self, lon: float, lat: float, way: Way | None = None) -> Place:
        way = way or self._any(lon, lat)
        x, y, z = _geocentric(lon, lat, self.ellipsoid)
        rx, ry, rz = way.r
        s = 1 + way.ppm * 1e-6
        return _geodetic(
            (way.t[0] + s * (x - rz * y + ry * z), way.t[1] + s * (rz * x + y - rx * z), way.t[2] + s * (-ry * x + rx * y + z)), WGS84
        )

    def from_wgs84(self, lon: float, lat: float) -> Place:
        """The numbers of this datum for a place, by the best way there."""
        way = self._any(lon, lat)
        x, y = lon, lat
        for _ in range(8):
            there = self.to_wgs84(x, y, way)
            x, y = x + lon - there[0], y + lat - there[1]
        return x, y


def _geocentric(lon: float, lat: float, on: Ellipsoid) -> tuple[float, float, float]:
    e2 = (2 - 1 / on.rf) / on.rf
    sine, cosine = math.sin(math.radians(lat)), math.cos(math.radians(lat))
    n = on.a / math.sqrt(1 - e2 * sine * sine)
    return n * cosine * math.cos(math.radians(lon)), n * cosine * math.sin(math.radians(lon)), n * (1 - e2) * sine


def _geodetic(at: tuple[float, float, float], on: Ellipsoid) -> Place:
    x, y, z = at
    e2 = (2 - 1 / on.rf) / on.rf
    across = math.hypot(x, y)
    lat = math.atan2(z, across * (1 - e2))
    for _ in range(10):
        n = on.a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
        lat = math.atan2(z + e2 * n * math.sin(lat), across)
    return math.degrees(math.atan2(y, x)), math.degrees(lat)


def distance_m(one: Place, other: Place) -> float:
    """Between places some kilometres apart at most."""
    lat = math.radians((one[1] + other[1]) / 2)
    e2 = (2 - 1 / WGS84.rf) / WGS84.rf
    w2 = 1 - e2 * math.sin(lat) ** 2
    north = math.radians(one[1] - other[1]) * WGS84.a * (1 - e2) / w2**1.5
    return math.hypot(north, math.radians(one[0] - other[0]) * WGS84.a / math.sqrt(w2) * math.cos(lat))


def transverse_mercator(lon: float, lat: float, on: Ellipsoid, middle: float, k: float, easting: float, northing: float) -> Place:
    """Krueger's series to the third flattening to the fourth: well under a millimetre within a zone."""
    n = 1 / (2 * on.rf - 1)
    whole = on.a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alphas = (
        n / 2 - 2 / 3 * n**2 + 5 / 16 * n**3 + 41 / 180 * n**4,
        13 / 48 * n**2 - 3 / 5 * n**3 + 557 / 1440 * n**4,
        61 / 240 * n**3 - 103 / 140 * n**4,
    )
    e = math.sqrt((2 - 1 / on.rf) / on.rf)
    sine = math.sin(math.radians(lat))
    t = math.sinh(math.atanh(sine) - e * math.atanh(e * sine))
    lam = math.radians(lon - middle)
    xi, eta = math.atan2(t, math.cos(lam)), math.asinh(math.sin(lam) / math.hypot(t, math.cos(lam)))
    east = eta + sum(alpha * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, alpha in enumerate(alphas, 1))
    north = xi + sum(alpha * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, alpha in enumerate(alphas, 1))
    return easting + k * whole * east, northing + k * whole * north


def _frame(*seconds: float) -> tuple[float, float, float]:
    """Coordinate frame rotation in arc seconds: the other way round."""
    return tuple(-one * _ARC_SECOND for one in seconds)  # type: ignore[return-value]


def _vector(*seconds: float) -> tuple[float, float, float]:
    return tuple(one * _ARC_SECOND for one in seconds)  # type: ignore[return-value]


_WORLD, _NUSANTARA = (-180, -90, 180, 90), (92.01, -13.95, 141.46, 7.79)
_NULL = (0.0, 0.0, 0.0)
DATUMS = (
    Datum(4326, ("D_WGS_1984", "WGS 84", "WGS_1984", "WGS84"), WGS84, (Way(0, 0.0, _WORLD, _NULL),)),
    Datum(4755, ("D_Datum_Geodesi_Nasional_1995", "DGN95", "Datum_Geodesi_Nasional_1995"), WGS84, (Way(15912, 1.0, _NUSANTARA, _NULL),)),
    Datum(
        9470, ("Sistem_Referensi_Geospasial_Indonesia_2013", "SRGI2013"), WGS84,
        # The inverse of 9472, whose rotations are microradians.
        (Way(9472, 1.2, _NUSANTARA, (0.2773, -0.0534, -0.4819), (0.0935 * _MICRORADIAN, -0.0286 * _MICRORADIAN, 0.00969 * _MICRORADIAN), 0.028),),
    ),
    Datum(
        4211, ("D_Batavia", "Batavia", "Genuk", "Batavia (Genuk)"), BESSEL,
        (Way(8452, 6.0, (95.16, -8.91, 115.77, 5.97), (-377.0, 681.0, -50.0)), Way(1813, 5.0, (105.77, -6.89, 110.01, -4.07), (-378.873, 676.002, -46.255)),
         Way(1814, 5.0, (112.8, -8.46, 117.01, -6.8), (-377.7, 675.1, -52.2))),
    ),
    Datum(
        4238, ("D_Indonesian_1974", "ID74", "Indonesian 1974", "Indonesian_Datum_1974"), INDONESIAN,
        (Way(1833, 3.0, (95.16, -10.98, 141.01, 5.97), (-1.977, -13.06, -9.993), _frame(-0.364, -0.254, -0.689), -1.037),
         Way(1832, 25.0, (95.16, -10.98, 141.01, 5.97), (2.691, -14.757, 4.724), _vector(0, 0, 0.774), -0.6)),
    ),
    Datum(
        4613, ("D_Gunung_Segara", "Segara", "Gunung Segara", "Gunung_Segara"), BESSEL,
        (Way(1897, 999.0, (114.55, -4.24, 119.06, 4.29), (-403.0, 684.0, 41.0)), Way(1898, 5.0, (114.55, -4.24, 117.99, 0.0), (-387.06, 636.53, 46.29)),
         Way(1899, 10.0, (116.96, -0.06, 119.06, 4.29), (-403.4, 681.12, 46.56)), Way(1838, 1.0, (116.72, -1.24, 117.99, 0.0), (-404.78, 685.68, 45.47))),
    ),
    Datum(4257, ("D_Makassar", "Makassar"), BESSEL, (Way(1837, 999.0, (118.71, -6.54, 120.78, -1.88), (-587.8, 519.75, 145.76)),)),
    Datum(4219, ("D_Bukit_Rimpah", "Bukit Rimpah"), BESSEL, (Way(1126, 999.0, (105.07, -3.3, 108.35, -1.44), (-384.0, 664.0, -48.0)),)),
    Datum(4322, ("D_WGS_1972", "WGS 72", "WGS72"), Ellipsoid("WGS 72", 6378135.0, 298.26), (Way(1238, 2.0, _WORLD, (0, 0, 4.5), _vector(0, 0, 0.554), 0.219),)),
    Datum(4283, ("D_GDA_1994", "GDA94"), GRS80, (Way(1150, 3.0, (93.41, -60.55, 173.34, -8.47), _NULL),)),
    Datum(4203, ("D_Australian_1984", "AGD84"), AUSTRALIAN, (Way(1669, 3.0, (109.23, -38.53, 153.61, -9.37), (-117.763, -51.51, 139.061), _frame(-0.292, -0.443, -0.277), -0.191),)),
    # None of these has a way that is meant for Indonesia. Here is one that is meant for elsewhere.
    Datum(4301, ("D_Tokyo", "Tokyo", "TOKYO"), BESSEL, (), Way(1230, 20.0, (128.31, 30.18, 145.87, 45.54), (-148.0, 507.0, 685.0))),
    Datum(4267, ("D_North_American_1927", "NAD27"), CLARKE, (), Way(1173, 10.0, (-125, 24, -66, 50), (-8.0, 160.0, 176.0))),
    Datum(4230, ("D_European_1950", "ED50"), Ellipsoid("International 1924", 6378388.0, 297.0), (), Way(1133, 6.0, (-10, 35, 32, 72), (-87.0, -98.0, -121.0))),
    Datum(4284, ("D_Pulkovo_1942", "Pulkovo 1942"), Ellipsoid("Krassowsky 1940", 6378245.0, 298.3), (), Way(1254, 4.0, (19, 35, 180, 82), (28.0, -130.0, -95.0))),
    # Names that are no datum: what somebody means by them is Batavia.
    Datum(0, ("D_Bessel_1841", "Bessel", "Bessel 1841", "D_unknown"), BESSEL, (), Way(8452, 6.0, _WORLD, (-377.0, 681.0, -50.0))),
)  # fmt: skip
