"""Writes places as people and programs do: the other side of what `app.coordinates` reads, with formatters of its own and pyproj."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from urllib.parse import quote

from pluscodes.openlocationcode import openlocationcode
from pyproj import CRS, Geod, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.crs import ProjectedCRS
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError

GEOD = Geod(ellps="WGS84")
DEGREE_M = 111_320.0


@dataclass(frozen=True)
class City:
    """West, south, east, north in degrees."""

    name: str
    box: tuple[float, float, float, float]

    @property
    def middle(self) -> tuple[float, float]:
        west, south, east, north = self.box
        return (west + east) / 2, (south + north) / 2

    def somewhere(self, random: Random) -> tuple[float, float]:
        west, south, east, north = self.box
        return random.uniform(west, east), random.uniform(south, north)


CITIES = (
    City("Kediri", (111.95, -7.88, 112.09, -7.77)),
    City("Medan", (98.60, 3.49, 98.76, 3.73)),
    City("Pontianak", (109.27, -0.10, 109.40, 0.05)),
    City("Manado", (124.76, 1.40, 124.93, 1.56)),
    City("Balikpapan", (116.80, -1.30, 117.02, -1.10)),
    City("Jayapura", (140.62, -2.62, 140.80, -2.45)),
    City("Makassar", (119.38, -5.22, 119.54, -5.06)),
)


@dataclass(frozen=True)
class Text:
    """What is written, and what may be made of it: a place within `within_m`, or (None) nothing. `is_readable`: it says all that is needed."""

    text: str
    place: tuple[float, float] | None
    within_m: float = 1.0
    is_readable: bool = True
    kind: str = ""
    asks: frozenset[str] = field(default_factory=frozenset)
    """Repairs of which one has to be asked about: what is said is not all that is meant."""


# -- numbers


def _degrees(value: float, letters: str, random: Random) -> tuple[str, float]:
    """Degrees, minutes, seconds with a letter; and how exact."""
    side = letters[0] if value >= 0 else letters[1]
    decimals = random.choice((1, 2, 3))
    style = random.choice(("seconds", "minutes"))
    if style == "minutes":
        total = round(abs(value) * 60, decimals + 2)
        degrees, minutes = int(total // 60), total - 60 * int(total // 60)
        return f"{degrees}°{minutes:0{decimals + 5}.{decimals + 2}f}'{side}", DEGREE_M / 60 / 10 ** (decimals + 2)
    total = round(abs(value) * 3600, decimals)
    minutes, seconds = int(total // 60), total - 60 * int(total // 60)
    written = f"{seconds:0{decimals + 3}.{decimals}f}"
    return f"{minutes // 60}°{minutes % 60:02}'{written}\"{side}", DEGREE_M / 3600 / 10**decimals


def _iso(value: float, whole: int, decimals: int) -> str:
    return f"{'-' if value < 0 else '+'}{abs(value):0{whole + 1 + decimals}.{decimals}f}"


def _packed(value: float, whole: int, decimals: int, letters: str) -> str:
    total = round(abs(value) * 60, decimals)
    degrees = int(total // 60)
    return f"{degrees:0{whole}}{total - 60 * degrees:0{3 + decimals}.{decimals}f},{letters[0] if value >= 0 else letters[1]}"


@lru_cache(maxsize=512)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def utm_of(lon: float, lat: float) -> tuple[int, str, float, float]:
    zone = math.floor((lon + 180) / 6) + 1
    easting, northing = _transformer("EPSG:4326", f"EPSG:{(32600 if lat >= 0 else 32700) + zone}").transform(lon, lat)
    return zone, "N" if lat >= 0 else "S", easting, northing


def tm3_of(lon: float, lat: float) -> tuple[str, float, float]:
    """DGN95 / Indonesia TM-3, by the parameters of its zones and not by their codes."""
    number = math.floor((lon - 93) / 3)
    name = f"{46 + (number + 1) // 2}.{2 if number % 2 == 0 else 1}"
    text = f"+proj=tmerc +lat_0=0 +lon_0={94.5 + 3 * number} +k=0.9999 +x_0=200000 +y_0=1500000 +ellps=WGS84 +units=m +type=crs"
    easting, northing = _transformer("EPSG:4326", text).transform(lon, lat)
    return name, easting, northing


def mgrs_of(lon: float, lat: float, digits: int) -> str:
    """After the tables of NGA.SIG.0012: cut, never rounded."""
    zone, _, easting, northing = utm_of(lon, lat)
    band = "CDEFGHJKLMNPQRSTUVWX"[math.floor((lat + 80) / 8)]
    column = "ABCDEFGHJKLMNPQRSTUVWXYZ"[(zone - 1) % 3 * 8 + math.floor(easting / 100_000) - 1]
    rows = "ABCDEFGHJKLMNPQRSTUV" if zone % 2 else "FGHJKLMNPQRSTUVABCDE"
    row = rows[math.floor(northing / 100_000) % 20]
    east, north = (f"{math.floor(number % 100_000):05}"[:digits] for number in (easting, northing))
    return f"{zone}{band}{column}{row}{east}{north}"


# -- notations: (lon, lat, random) to what is written and how exact that is, in metres

Notation = Callable[[float, float, Random], tuple[str, float]]


def _pair(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 7)
    form = random.choice(
        ("{lat}, {lon}", "{lat},{lon}", "{lat} {lon}", "{lat}; {lon}", "({lat}, {lon})", "lat: {lat}, lon: {lon}", "{lat} / {lon}")
    )
    return form.format(lat=f"{lat:.{k}f}", lon=f"{lon:.{k}f}"), DEGREE_M / 10**k


def _lettered(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 7)
    side = ("LS" if lat < 0 else "LU", "BT") if random.random() < 0.5 else ("S" if lat < 0 else "N", "E")
    return f"{abs(lat):.{k}f} {side[0]} {lon:.{k}f} {side[1]}", DEGREE_M / 10**k


def _sexagesimal(lon: float, lat: float, random: Random) -> tuple[str, float]:
    letters = ("NS", "EW") if random.random() < 0.5 else (("LU", "LS"), ("BT", "BB"))
    (one, exact), (other, its) = _degrees(lat, letters[0], random), _degrees(lon, letters[1], random)  # type: ignore[arg-type]
    return f"{one}{random.choice((' ', ', '))}{other}", max(exact, its)


def _lettered_degrees(lon: float, lat: float, random: Random) -> tuple[str, float]:
    """As PROJ writes them (`112d0'5.76"E`), and receivers (`7d48m14.75s S`)."""
    decimals = random.choice((2, 3))

    def one(value: float, letters: str, form: str) -> str:
        total = round(abs(value) * 3600, decimals)
        minutes, seconds = int(total // 60), total - 60 * int(total // 60)
        side = letters[value < 0]
        return form.format(d=minutes // 60, m=minutes % 60, s=f"{seconds:.{decimals}f}", side=side)

    form = random.choice(("{d}d{m}'{s}\"{side}", "{d}d{m}m{s}s {side}", "{side}{d}d{m}m{s}s", "{d}d{m:02}m{s}s{side}"))
    first, second = one(lat, "NS", form), one(lon, "EW", form)
    both = (second, first) if random.random() < 0.5 else (first, second)
    return random.choice((" ", ", ")).join(both), DEGREE_M / 3600 / 10**decimals


def _json(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(5, 7)
    form = random.choice(
        ("[{lon}, {lat}]", "[{lon},{lat}]", '{{"lat":{lat},"lon":{lon}}}', '{{"lng": "{lon}", "lat": "{lat}"}}', '{{"latitude":{lat},"longitude":{lon},"accuracy":5}}',
         '{{"type":"Point","coordinates":[{lon},{lat}]}}', '{{"x": {lon}, "y": {lat}}}')
    )  # fmt: skip
    return form.format(lat=f"{lat:.{k}f}", lon=f"{lon:.{k}f}"), DEGREE_M / 10**k


def _spaced(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 7)
    return f"{lat:.{k}f}{random.choice((', ', ' '))}{lon:.{k}f}".replace(".", ". "), DEGREE_M / 10**k


def _sentence(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 7)
    at = f"{lat:.{k}f}, {lon:.{k}f}"
    form = random.choice(
        ("Lokasi posyandu di {at} akurasi 5 m", "saya di {at} (akurasi 12,5 meter)", "Titik koordinat: {at}, ketelitian 4 m", "Pos kamling RT 03 RW 01 {at} ±6 m",
         "Here is the place: {at}, accuracy: 8 m")
    )  # fmt: skip
    return form.format(at=at), DEGREE_M / 10**k


def _labelled(lon: float, lat: float, random: Random) -> tuple[str, float]:
    zone, side, easting, northing = utm_of(lon, lat)
    form = random.choice(
        ("X: {e} Y: {n} UTM {z}{s}", "X={e}, Y={n} zona {z}{s}", "UTM {z}{s} X {e} m Y {n} m", "Y: {n} X: {e} UTM zone {z}{s}")
    )
    return form.format(z=zone, s=side, e=f"{easting:.2f}", n=f"{northing:.2f}"), 1.0


def _utm(lon: float, lat: float, random: Random) -> tuple[str, float]:
    zone, side, easting, northing = utm_of(lon, lat)
    k = random.randint(0, 2)
    e, n = f"{easting:.{k}f}", f"{northing:.{k}f}"
    form = random.choice(
        ("UTM {z}{s} {e} {n}", "{z}{s} {e} {n}", "UTM zona {z}{s} {e} {n}", "{e} mE {n} mN UTM {z}{s}", "UTM zona {z} {e} {n}", "UTM zone {z}{s}: E {e} N {n}",
         "{z}{b} {e} {n}", "WGS 84 / UTM zone {z}{s} {e} {n}")
    )  # fmt: skip
    return form.format(z=zone, s=side, e=e, n=n, b="CDEFGHJKLMNPQRSTUVWX"[math.floor((lat + 80) / 8)]), 1.0


def _tm3(lon: float, lat: float, random: Random) -> tuple[str, float]:
    zone, easting, northing = tm3_of(lon, lat)
    form = random.choice(("TM-3 zona {z} {e} {n}", "zona {z} {e} {n}", "TM3 {z}: {e}, {n}", "DGN95 / Indonesia TM-3 zone {z} {e} {n}"))
    return form.format(z=zone, e=f"{easting:.2f}", n=f"{northing:.2f}"), 1.0


def _mgrs(lon: float, lat: float, random: Random) -> tuple[str, float]:
    digits = random.choice((4, 5, 5))
    text = mgrs_of(lon, lat, digits)
    if random.random() < 0.4:
        text = f"{text[: -2 * digits - 2]} {text[-2 * digits - 2 : -2 * digits]} {text[-2 * digits : -digits]} {text[-digits:]}"
    return text, 1.5 * 10 ** (5 - digits)


def _plus_code(lon: float, lat: float, random: Random) -> tuple[str, float]:
    length = random.choice((10, 11))
    return openlocationcode.encode(lat, lon, length), 21.0 if length == 10 else 6.0


def _nmea(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.choice((3, 4))
    place = f"{_packed(lat, 2, k, 'NS')},{_packed(lon, 3, k, 'EW')}"
    body = f"GPGGA,092750.000,{place},1,8,1.03,61.7,M,55.2,M,,"
    check = 0
    for letter in body:
        check ^= ord(letter)
    return random.choice((place, f"${body}*{check:02X}", f"$GPRMC,092750.000,A,{place},0.02,31.66,280511,,,A")), DEGREE_M / 60 / 10**k


def _iso_6709(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 6)
    return f"{_iso(lat, 2, k)}{_iso(lon, 3, k)}{random.choice(('', '+62.1', '+62CRSWGS_84'))}/", DEGREE_M / 10**k


def _wkt(lon: float, lat: float, random: Random) -> tuple[str, float]:
    k = random.randint(4, 7)
    x, y = f"{lon:.{k}f}", f"{lat:.{k}f}"
    form = random.choice(
        (
            "POINT({x} {y})",
            "POINT ({x} {y})",
            "POINT Z ({x} {y} 62)",
            "POINTZ({x} {y} 0)",
            "SRID=4326;POINT({x} {y})",
            "MULTIPOINT(({x} {y}))",
        )
    )
    return form.format(x=x, y=y), DEGREE_M / 10**k


def _geo_uri(lon: float, lat: float, random: Random) -> tuple[str, float]:
    tail = random.choice(("", ";u=12", "?z=16", ";crs=wgs84;u=5"))
    return f"geo:{lat:.6f},{lon:.6f}{tail}", 0.2


def _pin(lon: float, lat: float, random: Random) -> tuple[str, float]:
    decoy = f"{lat + random.uniform(-0.02, 0.02):.5f},{lon + random.uniform(-0.02, 0.02):.5f}"
    at = f"{lat:.6f},{lon:.6f}"
    dms = f"{_degrees(lat, 'NS', Random(1))[0]} {_degrees(lon, 'EW', Random(1))[0]}"
    form = random.choice(
        (
            f"https://www.google.com/maps?q={at}", f"https://maps.google.com/?q={quote(at)}&ll={decoy}&z=15",
            f"https://www.google.com/maps/place/Kopi+7°/@{decoy},17z/data=!3m1!4b1!4m6!3m5!1s0x0:0x0!8m2!3d{lat:.6f}!4d{lon:.6f}",
            f"https://www.google.com/maps/place/{quote(dms)}/@{decoy},17z/data=!4m4!3m3!8m2!3d{lat:.6f}!4d{lon:.6f}",
            f"https://www.google.com/maps/search/?api=1&query={quote(at)}", f"https://www.google.com/maps/place/{at}/@{decoy},12z",
            f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}#map=15/{decoy.replace(',', '/')}", f"geo:0,0?q={at}(Posyandu)",
            f"geo:{decoy}?q={at}", f"https://osmand.net/map?pin={at}#15/{decoy.replace(',', '/')}", f"https://osmand.net/map/?pin={quote(at)}",
        )
    )  # fmt: skip
    return form, 0.4


def _route(lon: float, lat: float, random: Random) -> tuple[str, float]:
    """With the place where it ends in the link; every other place in it is none."""
    start = f"{lat + random.uniform(-0.02, 0.02):.5f},{lon + random.uniform(-0.02, 0.02):.5f}"
    at = f"{lat:.6f},{lon:.6f}"
    stop = f"!1m5!1m1!1s0x2e785:0x1a2b!2m2!1d{lon:.6f}!2d{lat:.6f}"
    named = f"!1m5!1m1!1s0x2e785:0x3c4d!2m2!1d{lon + 0.01:.6f}!2d{lat + 0.01:.6f}"
    form = random.choice(
        (
            f"https://www.google.com/maps/dir/{start}/Kantor+Kelurahan/@{start},15z/data=!3m1!4b1!4m9!4m8!1m1!4e1{stop}",
            f"https://www.google.com/maps/dir/Pasar/Kantor/@{start},15z/data=!3m1!4b1!4m14!4m13{named}{stop}!3e0",
            f"https://www.google.com/maps/dir/{start}/{at}/", f"https://www.google.com/maps/dir//{at}/@{start},12z",
            f"https://maps.google.com/?saddr={start}&daddr={at}", f"https://www.google.com/maps/dir/?api=1&origin={start}&destination={quote(at)}",
            f"https://www.openstreetmap.org/directions?engine=fossgis_osrm_car&route={start};{at}#map=15/{start.replace(',', '/')}",
        )
    )  # fmt: skip
    return form, 0.4


NOTATIONS: dict[str, Notation] = {
    "pair": _pair, "letters": _lettered, "degrees": _sexagesimal, "UTM": _utm, "TM-3": _tm3, "MGRS": _mgrs, "plus code": _plus_code,
    "NMEA": _nmea, "ISO 6709": _iso_6709, "WKT": _wkt, "geo": _geo_uri, "pin": _pin, "route": _route,
    "d m s": _lettered_degrees, "JSON": _json, "spaced": _spaced, "sentence": _sentence, "X Y": _labelled,
}  # fmt: skip
JOINTS = (" / ", "; ", " ", "\n", " = ", ", ", " atau ", " dan ", " (", "\t", " | ")


# -- texts


def single(city: City, random: Random) -> Text:
    place = city.somewhere(random)
    kind = random.choice(list(NOTATIONS))
    text, within_m = NOTATIONS[kind](*place, random)
    return Text(text, place, within_m + 0.2, kind=kind)


def twofold(city: City, random: Random) -> Text:
    """Two notations, of one place or of two."""
    kinds = random.choice(list(NOTATIONS)), random.choice(list(NOTATIONS))
    one = city.somewhere(random)
    other = one if random.random() < 0.3 else city.somewhere(random)
    (first, its_m), (second, within_m) = NOTATIONS[kinds[0]](*one, random), NOTATIONS[kinds[1]](*other, random)
    joint = random.choice(JOINTS)
    text = f"{first}{joint}{second}{')' if joint == ' (' else ''}"
    apart_m = GEOD.inv(*one, *other)[2]
    agree = apart_m <= its_m + within_m
    return Text(text, one if agree else None, its_m + within_m + 1, is_readable=False, kind=f"{kinds[0]} + {kinds[1]}")


def view(city: City, random: Random) -> Text:
    """Links that show a map and name no place, and routes that end nowhere."""
    lon, lat = city.somewhere(random)
    at = f"{lat:.6f},{lon:.6f}"
    shown = (
        f"https://www.google.com/maps/@{at},17z", f"https://www.openstreetmap.org/#map=17/{at.replace(',', '/')}",
        f"https://www.openstreetmap.org/?lat={lat:.6f}&lon={lon:.6f}&zoom=17", f"geo:{at}?q=Posyandu+Melati",
        f"https://www.google.com/maps?layer=c&cbll={at}", f"https://maps.google.com/?q=Puskesmas&sll={at}",
        f"https://www.google.com/maps/search/posyandu/@{at},12z", f"https://maps.google.com/?ll={at}&z=12",
        f"https://osmand.net/map#15/{at.replace(',', '/')}", f"https://osmand.net/go?lat={lat:.6f}&lon={lon:.6f}&z=15",
    )  # fmt: skip
    nowhere = (
        f"https://www.google.com/maps/dir/{at}/Kantor+Kelurahan/@{at},15z", f"https://maps.google.com/?saddr={at}&daddr=Kantor",
        f"https://www.google.com/maps/dir/?api=1&origin={at}&destination=Kantor", f"https://www.google.com/maps/dir/{at}//@{at},12z",
        f"https://www.google.com/maps/dir/Pasar/Kantor/data=!4m9!4m8!1m5!1m1!1s0x1:0x2!2m2!1d{lon:.6f}!2d{lat:.6f}!1m1!4e1", f"https://maps.app.goo.gl/{at}",
    )  # fmt: skip
    text = random.choice(shown + nowhere)
    return Text(text, None if text in nowhere else (lon, lat), 0.4, is_readable=False, kind="view", asks=frozenset({"map-centre"}))


@lru_cache(maxsize=1)
def datums() -> tuple[tuple[str, str], ...]:
    """Name and code of all geographic CRS of EPSG that meet Indonesia."""
    area = AreaOfInterest(95.0, -11.0, 141.0, 6.0)
    found = query_crs_info(auth_name="EPSG", pj_types=[PJType.GEOGRAPHIC_2D_CRS], area_of_interest=area, contains=False)
    return (*((one.name, f"EPSG:{one.code}") for one in found), ("Tokyo", "EPSG:4301"), ("NAD27", "EPSG:4267"), ("OSGB36", "EPSG:4277"))


@lru_cache(maxsize=1_024)
def _known_way(crs: str, city: City) -> Transformer | None:
    """What PROJ itself takes for that city, ballpark excluded."""
    west, south, east, north = city.box
    try:
        area = AreaOfInterest(west, south, east, north)
        found = Transformer.from_crs(crs, "EPSG:4326", always_xy=True, area_of_interest=area, allow_ballpark=False)  # type: ignore[arg-type]
        found.transform(*city.middle, errcheck=True)
    except ProjError:
        return None
    return found


def in_a_datum(city: City, random: Random) -> Text:
    """Degrees of a random datum, or metres of UTM on it; named in one way or another."""
    name, crs = random.choice(datums())
    lon, lat = city.somewhere(random)
    base = CRS.from_user_input(crs)
    name = random.choice((name, name.upper(), f"datum {name}", crs, f"({name})", f"CRS: {crs}"))
    way = _known_way(crs, city)
    has_greenwich = base.prime_meridian is not None and base.prime_meridian.longitude == 0
    if not has_greenwich:
        lon -= float(base.prime_meridian.longitude)  # type: ignore[union-attr]
    is_ellipsoid = base.ellipsoid is not None and base.ellipsoid.inverse_flattening > 0
    if has_greenwich and is_ellipsoid and random.random() < 0.25:
        zone, side, easting, northing = _utm_on(crs, lon, lat)
        written = f"{name} UTM {zone}{side} {easting:.2f} {northing:.2f}"
    else:
        written = random.choice(
            (f"{lat:.6f}, {lon:.6f} {name}", f"{name} {lat:.6f} {lon:.6f}", f"{abs(lat):.6f} {'S' if lat < 0 else 'N'} {lon:.6f} E {name}")
        )
        if random.random() < 0.2 and crs.startswith("EPSG:") and random.random() < 0.5:
            written = f"SRID={crs[5:]};POINT({lon:.6f} {lat:.6f})"
    place = way.transform(lon, lat) if way else None
    return Text(written, place, 1.0, is_readable=way is not None and crs == "EPSG:4326", kind=f"datum {crs}")


def _utm_on(crs: str, lon: float, lat: float) -> tuple[int, str, float, float]:
    zone = math.floor((lon + 180) / 6) + 1
    easting, northing = _drawn_on(crs, zone, lat < 0).transform(lon, lat)
    return zone, "S" if lat < 0 else "N", easting, northing


@lru_cache(maxsize=1_024)
def _drawn_on(crs: str, zone: int, is_south: bool) -> Transformer:  # noqa: FBT001
    base = CRS.from_user_input(crs)
    conversion = CRS.from_epsg((32700 if is_south else 32600) + zone).coordinate_operation
    return Transformer.from_crs(base, ProjectedCRS(conversion, geodetic_crs=base), always_xy=True)


UNKNOWN_WORDS = (
    "datum lokal",
    "Bessel",
    "Bessel 1841",
    "datum Potsdam 99",
    "ellipsoid Clarke",
    "datum: BPN",
    "D_Bessel_1841",
    "CRS: lokal",
    "EPSG:99999",
)


def in_an_unknown_datum(city: City, random: Random) -> Text:
    kind = random.choice([kind for kind in NOTATIONS if kind not in {"geo", "pin", "route", "plus code"}])
    text, _ = NOTATIONS[kind](*city.somewhere(random), random)
    word = random.choice(UNKNOWN_WORDS)
    return Text(random.choice((f"{text} {word}", f"{word} {text}", f"{text} ({word})")), None, is_readable=False, kind="unknown datum")


KINDS: tuple[tuple[int, Callable[[City, Random], Text]], ...] = (
    (4, single),
    (4, twofold),
    (2, in_a_datum),
    (1, view),
    (1, in_an_unknown_datum),
)


def write(seed: int) -> tuple[City, Text]:
    random = Random(seed)
    city = random.choice(CITIES)
    kind = random.choices([kind for _, kind in KINDS], [weight for weight, _ in KINDS])[0]
    return city, kind(city, random)
