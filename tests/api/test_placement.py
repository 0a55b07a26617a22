"""Is the point where it says? The verdicts of DESIGN §4 as a phone gets them, on squares that are exact to 5 m."""

from typing import Any

import pytest
from pyproj import Transformer
from shapely.geometry import MultiPolygon, box

from app.db import WriteSession
from app.settings import Settings
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, GAYAM, GRID, GRID_SQUARES, IN_MOJOROTO, MOJOROTO, MRICAN, NGAMPEL, a_feature, tile_of, value

pytestmark = pytest.mark.anyio

POSYANDU = "/collections/posyandu/items"
EAST = 112.01  # of Mojoroto; the gap to Bujel is 33.1 m wide, a thousandth of a degree of longitude 110.3 m
IN_OVERLAP = (112.0202, -7.805)
IN_GAP = (EAST + 0.00015, -7.805)
IN_NGAMPEL = (112.025, -7.805)
STORED = (
    "SELECT (SELECT count(*) FROM titik.point) + (SELECT count(*) FROM titik.revision)"
    " + (SELECT count(*) FROM titik.audit WHERE action = 'point.submit') + (SELECT count(*) FROM titik.outbox WHERE type = 'point.submit')"
)


async def placed(client: Client, lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    """The placement of a point that is taken."""
    answer = await client.post(POSYANDU, json=a_feature(lon, lat, **properties))
    assert answer.status_code == 201, answer.text
    placement: dict[str, Any] = answer.json()["properties"]["placement"]
    return placement


async def refused(client: Client, lon: float, lat: float, *, language: str = "id", **properties: Any) -> dict[str, Any]:
    """The problem of a point that is not."""
    answer = await client.post(POSYANDU, json=a_feature(lon, lat, **properties), headers={"Accept-Language": language})
    assert answer.status_code == 422, answer.text
    problem: dict[str, Any] = answer.json()
    problem["code"] = problem["type"].rpartition(":")[2]
    return problem


# -- accepted


async def test_a_point_within_its_kelurahan_is_inside(grid: Settings, as_role: AsRole) -> None:
    placement = await placed(await as_role("pic", MOJOROTO), 112.005, -7.805)
    assert {name: placement[name] for name in placement if name != "neighbours"} == {
        "verdict": "inside",
        "kelurahan": MOJOROTO,
        "kelurahan_name": "Mojoroto",
        "distance_m": 0,
        "bearing": None,
        "edition": GRID,
        "flags": [],
    }


async def test_the_border_itself_is_inside(grid: Settings, as_role: AsRole) -> None:
    placement = await placed(await as_role("pic", MOJOROTO), EAST, -7.805)
    assert (placement["verdict"], placement["distance_m"], placement["flags"]) == ("inside", 0, [])


async def test_a_little_over_the_border_is_near_and_flagged_with_distance_and_neighbour(grid: Settings, as_role: AsRole) -> None:
    placement = await placed(await as_role("pic", MOJOROTO), 112.005, -7.79991)
    assert (placement["verdict"], placement["flags"], placement["kelurahan"]) == ("near", ["near"], GAYAM)
    assert placement["distance_m"] == pytest.approx(9.95, abs=0.1)
    assert placement["bearing"] == pytest.approx(0, abs=1)
    assert (placement["neighbours"][0]["code"], placement["neighbours"][0]["distance_m"]) == (GAYAM, 0)


async def test_a_point_in_a_gap_is_near_both_and_taken_for_either(grid: Settings, as_role: AsRole) -> None:
    for code, other in ((MOJOROTO, BUJEL), (BUJEL, MOJOROTO)):
        placement = await placed(await as_role("pic", code), *IN_GAP)
        assert (placement["verdict"], placement["flags"][0]) == ("near", "near")
        assert placement["distance_m"] == pytest.approx(16.5, abs=0.2)
        assert placement["neighbours"][0]["code"] == other
        assert placement["neighbours"][0]["distance_m"] == pytest.approx(16.5, abs=0.2)


async def test_a_point_in_an_overlap_is_inside_of_either_and_flagged(grid: Settings, as_role: AsRole) -> None:
    for code, other in ((BUJEL, NGAMPEL), (NGAMPEL, BUJEL)):
        placement = await placed(await as_role("pic", code), *IN_OVERLAP)
        assert (placement["verdict"], placement["kelurahan"], placement["flags"][0]) == ("inside", code, "overlap")
        assert (placement["neighbours"][0]["code"], placement["neighbours"][0]["distance_m"]) == (other, 0)


async def test_a_second_part_of_a_kelurahan_is_inside(grid: Settings, as_role: AsRole) -> None:
    placement = await placed(await as_role("pic", GAYAM), 112.0025, -7.8275)
    assert (placement["verdict"], placement["kelurahan"]) == ("inside", GAYAM)


@pytest.mark.parametrize(
    ("accuracy_m", "offset", "status"), [(5, 0.00012, 201), (5, 0.00016, 422), (60, 0.00055, 201), (60, 0.00062, 422), (9_000, 0.00095, 422)]
)  # fmt: skip
async def test_the_accuracy_of_the_phone_widens_the_tolerance_up_to_its_bounds(
    grid: Settings, as_role: AsRole, accuracy_m: float, offset: float, status: int
) -> None:
    """15 m at least, 100 m at most; 60 m and the 5 m of the edition are 65 m. To the south there is nobody else."""
    pic = await as_role("pic", MOJOROTO)
    answer = await pic.post(POSYANDU, json=a_feature(112.005, -7.81 - offset, accuracy_m=accuracy_m))
    assert answer.status_code == status


# -- refused, and what is said


async def test_a_point_elsewhere_is_refused_with_that_kelurahan_distance_and_direction(
    grid: Settings, as_role: AsRole, owner: WriteSession
) -> None:
    pic = await as_role("pic", MOJOROTO)
    problem = await refused(pic, *IN_NGAMPEL)
    assert problem["code"] == "point-elsewhere"
    assert problem["detail"] == "Titik ini berada di Ngampel, bukan di Mojoroto: 1,7 km di sebelah timur batas Mojoroto."
    placement = problem["placement"]
    assert (placement["verdict"], placement["kelurahan"]) == ("elsewhere", NGAMPEL)
    assert placement["distance_m"] == pytest.approx(1654.4, abs=2)
    assert placement["bearing"] == pytest.approx(90, abs=1)
    english = await refused(pic, *IN_NGAMPEL, language="en")
    assert english["detail"] == "This point is in Ngampel, not in Mojoroto: 1.7 km to the east of the boundary of Mojoroto."
    assert await value(owner, STORED) == 0


async def test_a_point_in_a_gap_beyond_tolerance_is_elsewhere(grid: Settings, as_role: AsRole) -> None:
    problem = await refused(await as_role("pic", MOJOROTO), EAST + 0.00026, -7.805)
    assert (problem["placement"]["verdict"], problem["placement"]["kelurahan"]) == ("elsewhere", BUJEL)
    assert problem["detail"] == "Titik ini berada di Bujel, bukan di Mojoroto: 29 m di sebelah timur batas Mojoroto."


async def test_five_kilometres_off_by_the_approximate_boundaries(as_role: AsRole, owner: WriteSession) -> None:
    far = "35.71.03.1004"
    lon, lat = [await value(owner, f"SELECT {what} FROM titik.region WHERE code = :code", code=far) for what in ("label_lon", "label_lat")]
    true_m = await value(
        owner,
        "SELECT ST_Distance(b.geom::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography) FROM titik.boundary b"
        " JOIN titik.boundary_edition e ON e.id = b.edition_id AND e.active WHERE b.region_code = :code",
        code=MOJOROTO, lon=lon, lat=lat,
    )  # fmt: skip
    problem = await refused(await as_role("pic", MOJOROTO), lon, lat, kelurahan=MOJOROTO)
    assert problem["placement"]["kelurahan"] == far
    assert problem["placement"]["distance_m"] == pytest.approx(true_m, abs=0.1)
    assert 4_000 < true_m < 6_000
    assert f"{true_m / 1000:.1f} km".replace(".", ",") in problem["detail"]
    assert problem["detail"].startswith("Titik ini berada di Jamsaren, bukan di Mojoroto: ")


async def test_a_point_outside_of_all_is_refused(grid: Settings, as_role: AsRole, owner: WriteSession) -> None:
    problem = await refused(await as_role("pic", MOJOROTO), 112.2, -7.805)
    assert (problem["code"], problem["placement"]["verdict"], problem["placement"]["kelurahan"]) == ("point-outside", "outside", None)
    assert "suggestion" not in problem
    assert await value(owner, STORED) == 0


async def test_with_a_reason_it_is_taken_and_flagged_and_the_reason_never_public(
    grid: Settings, as_role: AsRole, client: Client, owner: WriteSession
) -> None:
    pic, walidata, reason = await as_role("pic", MOJOROTO), await as_role("walidata"), "Balai-warisan-keluarga"
    for lon, verdict in ((IN_NGAMPEL[0], "elsewhere"), (112.2, "outside")):
        posted = await pic.post(POSYANDU, json=a_feature(lon, -7.805, override_reason=reason))
        assert posted.status_code == 201
        feature = posted.json()["properties"]
        assert (feature["placement"]["verdict"], feature["placement"]["flags"], feature["kelurahan"]) == (verdict, ["override"], MOJOROTO)
        assert feature["override_reason"] == reason
        decided = await walidata.post(f"/reviews/{feature['revision']}/decision", json={"decision": "publish"})
        assert decided.status_code == 200
        public = await client.get(posted.headers["location"])
        tile = await client.get(f"/collections/posyandu/tiles/WebMercatorQuad/{tile_of(lon, -7.805, 14)}")
        assert (public.status_code, tile.status_code) == (200, 200)
        assert reason not in public.text
        assert reason.encode() not in tile.content
    assert reason not in (await client.get(POSYANDU)).text
    assert await value(owner, "SELECT count(*) FROM published.item WHERE item::text LIKE '%' || :reason || '%'", reason=reason) == 0


async def test_a_reason_of_blanks_is_none(grid: Settings, as_role: AsRole) -> None:
    assert (await refused(await as_role("pic", MOJOROTO), *IN_NGAMPEL, override_reason="  "))["code"] == "body-invalid"


UTM = Transformer.from_crs("EPSG:4326", "EPSG:32749", always_xy=True).transform(*IN_MOJOROTO)


@pytest.mark.parametrize(
    ("lon", "lat", "repairs"),
    [
        (IN_MOJOROTO[1], IN_MOJOROTO[0], ["swap"]),
        (IN_MOJOROTO[0], -IN_MOJOROTO[1], ["minus"]),
        (-IN_MOJOROTO[1], IN_MOJOROTO[0], ["swap", "minus"]),
        (*UTM, ["utm-49s"]),
        (*reversed(UTM), ["swap", "utm-49s"]),
    ],
    ids=["swapped axes", "lost minus", "both", "UTM 49S metres", "UTM 49S, northing first"],
)
async def test_a_coordinate_that_can_be_repaired_is_refused_with_the_suggestion(
    grid: Settings, as_role: AsRole, owner: WriteSession, lon: float, lat: float, repairs: list[str]
) -> None:
    problem = await refused(await as_role("pic", MOJOROTO), lon, lat)
    assert problem["code"] == "point-outside"
    suggestion = problem["suggestion"]
    assert suggestion["repairs"] == repairs
    assert (suggestion["lon"], suggestion["lat"]) == pytest.approx(IN_MOJOROTO, abs=1e-6)
    assert await value(owner, STORED) == 0


# -- no kelurahan declared


async def test_a_pic_of_one_kelurahan_writes_for_it(grid: Settings, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    assert (await placed(pic, 112.005, -7.805))["kelurahan"] == MOJOROTO
    assert (await refused(pic, *IN_NGAMPEL))["code"] == "point-elsewhere"


async def test_for_a_pic_of_several_the_place_tells(grid: Settings, as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO, NGAMPEL)
    for lon, code in ((112.005, MOJOROTO), (IN_NGAMPEL[0], NGAMPEL)):
        answer = await pic.post(POSYANDU, json=a_feature(lon, -7.805))
        assert (answer.status_code, answer.json()["properties"]["kelurahan"]) == (201, code)


async def test_a_place_that_tells_a_foreign_kelurahan_is_forbidden(grid: Settings, as_role: AsRole, owner: WriteSession) -> None:
    answer = await (await as_role("pic", MOJOROTO, NGAMPEL)).post(POSYANDU, json=a_feature(112.015, -7.805))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:titik:problem:kelurahan-not-yours")
    assert await value(owner, STORED) == 0


@pytest.mark.parametrize(
    ("role", "own"), [("pic", (MOJOROTO, BUJEL)), ("walidata", ())], ids=["a PIC of several", "a walidata without kelurahan"]
)
@pytest.mark.parametrize(
    ("place", "candidates"), [(IN_GAP, {MOJOROTO, BUJEL}), (IN_OVERLAP, {BUJEL, NGAMPEL}), ((EAST, -7.8), {MOJOROTO, GAYAM, MRICAN})]
)
async def test_where_it_is_unclear_the_candidates_are_named(
    grid: Settings, as_role: AsRole, role: str, own: tuple[str, ...], place: tuple[float, float], candidates: set[str]
) -> None:
    problem = await refused(await as_role(role, *own), *place)
    assert problem["code"] == "kelurahan-unclear"
    named = {candidate["code"]: candidate["name"] for candidate in problem["candidates"]}
    assert set(named) == candidates
    assert all(named.values())


async def test_a_walidata_has_no_kelurahan_and_the_place_tells(grid: Settings, as_role: AsRole) -> None:
    walidata = await as_role("walidata")
    assert (await placed(walidata, *IN_NGAMPEL))["kelurahan"] == NGAMPEL
    assert (await refused(walidata, *IN_NGAMPEL, kelurahan=MOJOROTO))["code"] == "point-elsewhere"


def test_the_squares_are_as_these_tests_believe() -> None:
    """A gap, an overlap, a second part: else the verdicts above would say nothing."""
    shapes = {code: MultiPolygon([box(*part) for part in parts]) for code, parts in GRID_SQUARES.items()}
    assert shapes[MOJOROTO].distance(shapes[BUJEL]) == pytest.approx(0.0003)
    assert shapes[BUJEL].intersection(shapes[NGAMPEL]).area > 0
    assert len(shapes[GAYAM].geoms) == 2
