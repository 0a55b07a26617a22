"""Coordinates as people write them: a corpus by hand, and places of the city damaged in every listed way."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pluscodes.openlocationcode import openlocationcode
from pyproj import Transformer

from app.coordinates.datums import datum_of
from app.coordinates.pairs import AxisOrder
from app.coordinates.rescue import zones_of
from app.coordinates.sentences import accuracy_in
from app.coordinates.text import decide, read_cells, read_text
from app.geo import crs_around

WEST, SOUTH, EAST, NORTH = EXTENT = (111.95, -7.88, 112.09, -7.77)
ZONES = zones_of(crs_around(EXTENT))
NEAR = (112.02, -7.825)
PLACES = {
    "A": (112.0054167, -7.8140833), "B": (112.0114, -7.8225), "C": (112.027518, -7.796342), "D": (112.0233, -7.8510), "E": (111.9652, -7.7805),
    "F": (112.0617, -7.86412),
}  # fmt: skip


def cases() -> list[tuple[str, ...]]:
    lines = Path(__file__).with_name("written.txt").read_text().splitlines()
    return [
        tuple(part.strip() if n < 3 else part[1:] for n, part in enumerate(line.split("|", 3))) for line in lines if line and line[0] != "#"
    ]


@pytest.mark.parametrize(("decision", "place", "repairs", "text"), cases(), ids=lambda value: value if " " in value else None)
def test_a_written_coordinate(decision: str, place: str, repairs: str, text: str) -> None:
    read = read_text(text, ZONES, NEAR)
    decided = decide(read, [WEST <= one.lon <= EAST and SOUTH <= one.lat <= NORTH for one in read.readings])
    assert (decided.decision, decided.reason) == (decision, decided.reason), read
    if place in PLACES:
        assert decided.reading
        assert decided.reading[:2] == pytest.approx(PLACES[place], abs=1.2e-5, rel=0)
    if decision == "one-repair":
        assert decided.reading
        assert sorted(decided.reading.repairs) == sorted(repairs.split())
    if decision == "none":
        assert decided.reason
        assert decided.reading is None


# -- never silently elsewhere

Damage = Callable[[float, float, int], str]


def dms(degrees: float, decimals: int) -> tuple[int, int, str]:
    """Seconds rounded, and carried where they make a minute."""
    seconds = round(abs(degrees) * 3600, decimals)
    whole = int(seconds // 60)
    return whole // 60, whole % 60, f"{seconds - whole * 60:.{decimals}f}"


def grouped(text: str) -> str:
    """As a spreadsheet groups digits by thousands: from the right."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    digits = digits.replace(".", "")
    head = len(digits) % 3 or 3
    return sign + ".".join([digits[:head], *(digits[at : at + 3] for at in range(head, len(digits), 3))])


def in_metres(crs: str, form: str = "{} {}") -> Damage:
    transform = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    return lambda lon, lat, _k: form.format(*(round(metres, 1) for metres in transform(lon, lat)))


def in_degrees(form: str) -> Damage:
    """`form` is filled with degrees, minutes and seconds of both."""

    def damage(lon: float, lat: float, k: int) -> str:
        (d, m, s), (e, n, t) = dms(lat, k - 3), dms(lon, k - 3)
        return form.format(d=d, m=m, s=s, e=e, n=n, t=t, sc=s.replace(".", ","), tc=t.replace(".", ","))

    return damage


DAMAGES: dict[str, Damage] = {
    "right": lambda lon, lat, k: f"{lat:.{k}f}, {lon:.{k}f}",
    "swapped": lambda lon, lat, k: f"{lon:.{k}f}, {lat:.{k}f}",
    "no minus": lambda lon, lat, k: f"{-lat:.{k}f} {lon:.{k}f}",
    "no minus, swapped": lambda lon, lat, k: f"{lon:.{k}f}; {-lat:.{k}f}",
    "two minuses": lambda lon, lat, k: f"-{lat:.{k}f}, {lon:.{k}f}",
    "another minus": lambda lon, lat, k: f"\N{MINUS SIGN}{-lat:.{k}f}, {lon:.{k}f}",
    "commas": lambda lon, lat, k: f"{lat:.{k}f}; {lon:.{k}f}".replace(".", ","),
    "commas and a comma": lambda lon, lat, k: f"{lat:.{k}f},{lon:.{k}f}".replace(".", ","),
    "points lost": lambda lon, lat, k: f"{lat:.{k}f} {lon:.{k}f}".replace(".", ""),
    "points lost, swapped, no minus": lambda lon, lat, k: f"{lon:.{k}f} {-lat:.{k}f}".replace(".", ""),
    "points of thousands": lambda lon, lat, k: f"{grouped(f'{lat:.{k}f}')} {grouped(f'{lon:.{k}f}')}",
    "zeros dropped": lambda lon, lat, k: f"{round(lat, k)!r}, {round(lon, k)!r}",
    "letters": lambda lon, lat, k: f"{-lat:.{k}f} LS {lon:.{k}f} BT",
    "letters before": lambda lon, lat, k: f"E{lon:.{k}f} S{-lat:.{k}f}",
    "seconds": in_degrees("{d}°{m}'{sc}\" LS {e}°{n}'{tc}\" BT"),
    "seconds, English": in_degrees("{d}°{m:02}'{s}\"S, {e}°{n:02}'{t}\"E"),
    "seconds in words": in_degrees("{e} derajat {n} menit {tc} detik BT {d} derajat {m} menit {sc} detik LS"),
    "seconds without marks": in_degrees("S {d} {m} {s} E {e} {n} {t}"),
    "seconds without letters": in_degrees("{d}°{m}'{s}\" {e}°{n}'{t}\""),
    "UTM": in_metres("EPSG:32749"),
    "UTM, named": in_metres("EPSG:32749", "49S {} {}"),
    "UTM, another zone": in_metres("EPSG:32748", "UTM 48S {} {}"),
    "TM-3": in_metres("EPSG:23836", "{}; {}"),
    "a link": lambda lon, lat, k: f"https://www.google.com/maps?q={lat:.{k}f},{lon:.{k}f}",
    "a plus code": lambda lon, lat, _k: openlocationcode.encode(lat, lon, 11),
    "a short plus code": lambda lon, lat, _k: openlocationcode.shorten(openlocationcode.encode(lat, lon, 11), NEAR[1], NEAR[0]) + " Kediri",
    "minutes as decimals": lambda lon, lat, _k: f"{dms(lat, 0)[0]},{dms(lat, 0)[1]:02} LS {dms(lon, 0)[0]},{dms(lon, 0)[1]:02} BT",
    "truncated": lambda lon, lat, _k: f"{int(lat * 100) / 100}, {int(lon * 100) / 100}",
    "truncated to three": lambda lon, lat, _k: f"{lat:.3f}, {lon:.3f}",
}


@pytest.mark.parametrize("name", DAMAGES)
@settings(max_examples=150, deadline=None)
@given(st.floats(WEST, EAST), st.floats(SOUTH, NORTH), st.integers(4, 7))
def test_a_damaged_place_is_found_again_or_reported_and_never_another(name: str, lon: float, lat: float, k: int) -> None:
    text = DAMAGES[name](lon, lat, k)
    read = read_text(text, ZONES, NEAR)
    decided = decide(read, [WEST - 1e-3 <= one.lon <= EAST + 1e-3 and SOUTH - 1e-3 <= one.lat <= NORTH + 1e-3 for one in read.readings])
    if decided.reading is None:
        assert decided.reason
        assert name in {
            "minutes as decimals",
            "truncated",
            "zeros dropped",
            "points lost",
            "points lost, swapped, no minus",
            "points of thousands",
        }, (text, read)
        return
    within = 6e-4 if name == "truncated to three" else 1.01 * 10.0**-k + 2e-5
    assert decided.reading[:2] == pytest.approx((lon, lat), abs=within, rel=0), text


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="0123456789.,-°'\" LSBTUENW;/+abcmtu:49", max_size=40))
def test_whatever_is_written_has_an_answer(text: str) -> None:
    read = read_text(text, ZONES, NEAR)
    decide(read, [True] * len(read.readings))
    assert len(read.readings) < 500


@pytest.mark.parametrize(
    ("cells", "order", "decision", "repairs"),
    [
        (("-7.8225", "112.0114"), "lat-lon", "as-is", ()),
        (("112.0114", "-7.8225"), "lon-lat", "as-is", ()),
        (("112.0114", "-7.8225"), "lat-lon", "one-repair", ("swap",)),
        (("-7,8225", "112,0114"), "lat-lon", "one-repair", ("comma",)),
        (("7.8225", "112.0114"), "lat-lon", "one-repair", ("minus",)),
        (("7°49'21\" LS", "112°0'41.04\" BT"), "lon-lat", "as-is", ()),
        (("611508.75", "9135191.00"), "lon-lat", "one-repair", ("utm-49s",)),
        (("611508.75", "9135191.00"), "lat-lon", "one-repair", ("utm-49s",)),
        (("", "112.0114"), "lat-lon", "none", ()),
        (("7-Agu", "112.0114"), "lat-lon", "none", ()),
        (("-7.8225", "7-Agu"), "lat-lon", "none", ()),
    ],
)
def test_a_pair_of_cells(cells: tuple[str, str], order: AxisOrder, decision: str, repairs: tuple[str, ...]) -> None:
    read = read_cells(*cells, ZONES, order)
    decided = decide(read, [WEST <= one.lon <= EAST and SOUTH <= one.lat <= NORTH for one in read.readings])
    assert decided.decision == decision, read
    if decided.reading:
        assert decided.reading[:2] == pytest.approx(PLACES["B"], abs=1.2e-5, rel=0)
        assert decided.reading.repairs == repairs


@pytest.mark.parametrize(
    "text",
    [
        "1" * 2_000 + "x",
        "9999999." * 250,
        "\N{CIRCLED NUMBER TEN}" * 2_000,
        "1" * 310 + ".30,112",
        "https://x/?lat=" + "1" * 310 + ".30&lon=112",
    ],
)
def test_what_is_far_too_long_is_answered_at_once(text: str) -> None:
    began = time.process_time()
    assert read_text(text, ZONES, NEAR).reason == "nothing-read"
    assert not read_cells(text, text, ZONES).readings
    assert time.process_time() - began < 0.2


MEDAN = (98.60, 3.49, 98.76, 3.73)
PONTIANAK = (109.27, -0.10, 109.40, 0.05)


@pytest.mark.parametrize(
    ("extent", "text", "place", "repairs"),
    [
        (MEDAN, "UTM 47N 465000 397000", (98.6848505, 3.5916818), ()),
        (MEDAN, "47N 465000 397000", (98.6848505, 3.5916818), ()),
        (MEDAN, "47N 397000 465000", (98.6848505, 3.5916818), ("swap",)),
        (MEDAN, "UTM zona 47 465000 397000", (98.6848505, 3.5916818), ()),
        (MEDAN, "465000 397000", (98.6848505, 3.5916818), ("utm-47n",)),
        (PONTIANAK, "315000 3300", (109.3376863, 0.0298435), ("utm-49n",)),
        (PONTIANAK, "315000 9996700", (109.3376863, -0.0298435), ("utm-49s",)),
    ],
)  # fmt: skip
def test_metres_north_of_the_equator(
    extent: tuple[float, float, float, float], text: str, place: tuple[float, float], repairs: tuple[str, ...]
) -> None:
    west, south, east, north = extent
    read = read_text(text, zones_of(crs_around(extent)), ((west + east) / 2, (south + north) / 2))
    decided = decide(read, [west <= one.lon <= east and south <= one.lat <= north for one in read.readings])
    assert decided.reading
    assert decided.reading[:2] == pytest.approx(place, abs=2e-6, rel=0)
    assert decided.reading.repairs == repairs


def test_cells_may_name_a_datum_or_stand_below_a_heading_that_does() -> None:
    batavia = datum_of("Batavia")
    for read in (read_cells("-7.8225 (Batavia)", "112.0114", ZONES), read_cells("-7.8225", "112.0114", ZONES, datum=batavia)):
        assert read.readings[0].repairs == ("datum-4211-102",)
    assert read_text("-7.8225, 112.0114", ZONES, NEAR, datum=batavia).readings[0].repairs == ("datum-4211-102",)
    assert read_cells("-7.8225 WGS84", "112.0114", ZONES, datum=batavia).reason == "datum-unknown"
    assert read_cells("-7.8225", "112.0114 datum lokal", ZONES).reason == "datum-unknown"


def test_the_shift_of_batavia_is_the_published_one() -> None:
    """Batavia to WGS 84 (1) of EPSG, written out by hand: Bessel 1841 and three translations."""
    found = read_text("-7.8225, 112.0114 Batavia", ZONES, NEAR).readings[0]
    steps = (
        "+proj=pipeline", "+proj=unitconvert +xy_in=deg +xy_out=rad", "+proj=cart +ellps=bessel", "+proj=helmert +x=-377 +y=681 +z=-50",
        "+inv +proj=cart +ellps=WGS84", "+proj=unitconvert +xy_in=rad +xy_out=deg",
    )  # fmt: skip
    lon, lat = Transformer.from_pipeline(" +step ".join(steps)).transform(112.0114, -7.8225)
    assert found[:2] == pytest.approx((lon, lat), abs=1e-7, rel=0)


@pytest.mark.parametrize(
    ("text", "accuracy_m"),
    [
        ("Lokasi -7.8225, 112.0114 akurasi 5 m", 5.0),
        ("-7.8225, 112.0114 (Akurasi: 12,5 meter)", 12.5),
        ("-7.8225, 112.0114 ±6m", 6.0),
        ('{"lat":-7.8225,"lon":112.0114,"accuracy":4.5}', 4.5),
        ("-7.8225, 112.0114 akurasi 0 m", None),
        ("-7.8225, 112.0114", None),
        ("-7.8225, 112.0114 akurasi 5 m, akurasi 9 m", None),
    ],
)
def test_a_text_tells_its_accuracy(text: str, accuracy_m: float | None) -> None:
    assert accuracy_in(text) == accuracy_m


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Posyandu Melati", "nothing-read"),
        ("bukan -7.8225, 112.0114", "other-words"),
        ("X: 11508.75 Y: 35191.00", "zone-missing"),
        ("[112.0, -7.9, 112.1, -7.7]", "several-places"),
    ],
)
def test_the_reason_says_what_is_in_the_way(text: str, reason: str) -> None:
    read = read_text(text, ZONES, NEAR)
    assert decide(read, [WEST <= one.lon <= EAST and SOUTH <= one.lat <= NORTH for one in read.readings]).reason == reason
