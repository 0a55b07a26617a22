"""Photos: taken once, made anew without what they told, looked at by who works on the point, seen by others when published."""

import asyncio
import io
import math
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from PIL import Image

from app.connections import open_once
from app.db import WriteSession
from app.photos import developing, storing
from app.photos.storing import PICTURES, photo_store, tried_meanwhile
from app.photos.sweeping import sweep
from app.published import projection
from app.settings import Settings
from app.storage import blobs
from app.storage.blobs import BlobDirectory, Bucket, Holding, Store, store_of
from app.uuid7 import uuid7
from tests.conftest import AsRole, Client
from tests.factories import BUJEL, IN_MOJOROTO, MOJOROTO, PUBLISH, a_feature, code_of, decision_of, execute, published, submitted, value
from tests.photographs import WORDS, a_bomb, a_photo, a_polyglot, a_wide_profile, exif_time, opened

pytestmark = pytest.mark.anyio

Json = dict[str, Any]
JPEG = {"Content-Type": "image/jpeg"}
FAR = (IN_MOJOROTO[0] + 0.01, IN_MOJOROTO[1])


def at(feature: Json) -> str:
    return f"/points/{feature['id']}/photos"


async def sent(who: Client, feature: Json, content: bytes | None = None, headers: dict[str, str] | None = None) -> Json:
    answer = await who.post(at(feature), content=content or a_photo(), headers=headers or JPEG)
    assert answer.status_code == 201, answer.text
    photo: Json = answer.json()
    return photo


def files(settings: Settings) -> list[Path]:
    return sorted(path for path in (settings.data_dir / "photos").rglob("*") if path.is_file())


def files_of(path: Path) -> list[Path]:
    return [one for one in path.rglob("*") if one.is_file()]


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.02)


Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the log says of the place of photos."""
    lines: Told = []

    class Log:
        def info(self, event: str, **facts: Any) -> None:
            lines.append((event, facts))

        warning = info

    monkeypatch.setattr(blobs, "_log", Log())
    monkeypatch.setattr(storing, "_log", Log())
    return lines


@pytest.fixture(autouse=True)
def no_files(settings: Settings) -> None:
    for path in files(settings):
        path.unlink()


# -- what becomes of a photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_made_anew_without_what_it_told(as_role: AsRole, database: Settings, kind: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    content = a_photo(kind, (3000, 1500), orientation=6)
    photo = await sent(pic, feature, content, {"Content-Type": f"image/{kind.lower()}"})
    assert (photo["width"], photo["height"]) == (1024, 2048)
    assert photo["distance_m"] < 1
    assert photo["flags"] == []
    for address, size in ((photo["href"], (1024, 2048)), (photo["thumbnail"], (160, 320))):
        answer = await pic.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-store"
        image = opened(answer.content)
        assert (image.format, image.size) == ("JPEG", size)
        assert not image.getexif()
        assert b"Rahasia" not in answer.content
        assert not {"exif", "icc_profile", "comment"} & set(image.info)
        # Turned upright: what was left is above.
        above: Any = image.getpixel((5, 5))
        assert above[0] > 150 > above[2]
        assert (await pic.get(address, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    assert [path.suffixes for path in files(database)] == [[".jpg"], [".small", ".jpg"]]
    assert all(path.stat().st_mode & 0o77 == 0 for path in files(database))


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "1"), ("WEBP", "RGBA")])  # fmt: skip
async def test_every_kind_of_colours_is_read(as_role: AsRole, kind: str, mode: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    photo = await sent(pic, await submitted(pic, a_feature()), a_photo(kind, mode=mode), {"Content-Type": f"image/{kind.lower()}"})
    assert opened((await pic.get(photo["href"])).content).mode == "RGB"


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")])
async def test_wide_colours_are_those_that_everybody_shows(kind: str, mode: str) -> None:
    profile = a_wide_profile()

    async def red_green(profile: bytes | None) -> tuple[int, int]:
        picture = await developing.Darkroom().develop(a_photo(kind, colour=(200, 60, 60), mode=mode, profile=profile))
        red, green, *_ = cast("tuple[int, ...]", opened(picture.content).getpixel((5, 5)))
        assert "icc_profile" not in opened(picture.content).info
        return red, green

    plain, wide = await red_green(None), await red_green(profile)
    # By the matrices of both colour spaces (219, 37); the colours of a palette are near.
    assert 15 <= wide[0] - plain[0] <= 40
    assert 15 <= plain[1] - wide[1] <= 50
    for broken in (b"x" * 300, profile[:200], profile.replace(b"RGB ", b"GRAY")):
        assert await red_green(broken) == plain


async def test_grey_of_sixteen_bits_stays_grey() -> None:
    made = io.BytesIO()
    Image.new("I;16", (64, 48), 0x8000).save(made, "PNG")
    picture = await developing.Darkroom().develop(made.getvalue())
    pixel = cast("tuple[int, ...]", opened(picture.content).getpixel((5, 5)))
    assert all(125 <= part <= 131 for part in pixel)


@pytest.mark.parametrize("datum", ["TOKYO", b"TOKYO\0", "Tokyo97", "Bessel 1841", "NAD27", "Unknown", "?"])
async def test_a_place_of_another_datum_makes_no_photo_far(as_role: AsRole, datum: str | bytes) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(accuracy_m=8.0))
    photo = await sent(pic, feature, a_photo(place=FAR, datum=datum))
    assert (photo["flags"], photo.get("distance_m")) == ([], None)


@pytest.mark.parametrize("datum", ["WGS-84", b"WGS-84\0", "WGS84", "wgs 84", "WGS1984", "", "DGN95", "SRGI 2013"])
async def test_a_place_of_wgs84_makes_a_photo_far(as_role: AsRole, datum: str | bytes) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature(accuracy_m=8.0))
    assert (await sent(pic, feature, a_photo(place=FAR, datum=datum)))["flags"] == ["photo-far"]


async def test_where_and_when_it_was_taken_is_told_to_the_reviewer(as_role: AsRole, owner: WriteSession) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    captured = datetime(2026, 11, 20, 1, tzinfo=UTC)
    feature = await submitted(pic, a_feature(captured_at=captured.isoformat(), accuracy_m=8.0))
    wib = captured + timedelta(hours=7)
    near = await sent(pic, feature, a_photo(taken=exif_time(wib)))
    assert (near["flags"], near["taken_at"]) == ([], "2026-11-20T01:00:00Z")
    far = await sent(pic, feature, a_photo(place=FAR, taken=exif_time(wib - timedelta(hours=30))))
    assert sorted(far["flags"]) == ["photo-far", "photo-old"]
    assert 1_090 < far["distance_m"] < 1_110
    silent = await sent(pic, feature, a_photo(place=None))
    assert "distance_m" not in silent
    assert "taken_at" not in silent
    (entry,) = (await walidata.get("/reviews")).json()["reviews"]
    assert entry["photos"] == {"number": 3, "flags": ["photo-far", "photo-old"]}
    assert await value(owner, "SELECT count(*) FROM titik.audit WHERE action = 'photo.add'") == 3
    assert await value(owner, "SELECT count(*) FROM titik.outbox WHERE type LIKE 'photo.%'") == 0


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"])
async def test_damaged_exif_is_no_reason_to_refuse(as_role: AsRole, exif: bytes) -> None:
    pic = await as_role("pic", MOJOROTO)
    photo = a_photo()
    head, _, rest = photo.partition(b"\xff\xe1")
    length = int.from_bytes(rest[:2], "big")
    damaged = head + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + rest[length:]
    assert (await sent(pic, await submitted(pic, a_feature()), damaged))["flags"] == []


async def test_letters_of_the_globe_may_be_bytes(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    photo = await sent(pic, await submitted(pic, a_feature()), a_photo(letters=(b"S", b"E")))
    assert photo["flags"] == []
    assert photo["distance_m"] < 20


async def test_a_place_that_the_camera_did_not_know_is_none(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    photo = await sent(pic, await submitted(pic, a_feature()), a_photo(place=(math.nan, math.nan)))
    assert photo["flags"] == []
    assert "distance_m" not in photo


# -- what is refused


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"GIF89a" + b"\0" * 40, "image/jpeg", 422, "photo-format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/png", 422, "photo-format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/jpeg", 422, "photo-format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic", 415, "media-type-unsupported"),
        (b"<svg/>", "image/svg+xml", 415, "media-type-unsupported"),
        (b"", "image/jpeg", 422, "photo-format"),
        (a_photo("PNG"), "image/jpeg", 422, "photo-type-differs"),
        (a_photo()[:-2000], "image/jpeg", 422, "photo-unreadable"),
        (a_photo("PNG")[:-200], "image/png", 422, "photo-unreadable"),
        (a_photo("WEBP")[:60], "image/webp", 422, "photo-unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png", 422, "photo-unreadable"),
        (a_bomb(), "image/png", 422, "photo-too-many-pixels"),
        (a_bomb(6_000), "image/png", 422, "photo-unreadable"),
        (a_photo("PNG", (8_000, 5_001)), "image/png", 422, "photo-too-many-pixels"),
        (b"\xff\xd8\xff" + b"\0" * (10 * 1_048_576), "image/jpeg", 413, "body-too-large"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_no_photo_is_refused_and_leaves_nothing(
    as_role: AsRole, database: Settings, content: bytes, media_type: str, status: int, code: str
) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    answer = await pic.post(at(feature), content=content, headers={"Content-Type": media_type})
    assert code_of(answer) == (status, code)
    assert (await pic.get(at(feature))).json() == {"photos": []}
    assert files(database) == []


async def test_a_picture_that_is_also_a_page_is_only_a_picture_afterwards(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    content = a_polyglot()
    assert WORDS in content
    photo = await sent(pic, await submitted(pic, a_feature()), content, {"Content-Type": "image/png"})
    assert WORDS not in (await pic.get(photo["href"])).content
    kept = [path.read_bytes() for path in files(database)]
    assert len(kept) == 2
    assert [word for word in (WORDS, b"<html") for content in kept if word in content] == []


async def test_a_child_that_takes_too_long_is_ended(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    monkeypatch.setattr(developing, "WITHIN_S", 0.01)
    assert code_of(await pic.post(at(feature), content=a_photo(), headers=JPEG)) == (422, "photo-unreadable")


async def test_there_is_room_for_five(as_role: AsRole, database: Settings) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    several = [a_photo(colour=(number * 20, 0, 0)) for number in range(8)]
    answers = await asyncio.gather(*(pic.post(at(feature), content=one, headers=JPEG) for one in several))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
    assert {code_of(answer) for answer in answers if answer.status_code == 409} == {(409, "photos-full")}
    photos = (await pic.get(at(feature))).json()["photos"]
    assert len(photos) == 5
    assert (await pic.delete(photos[0]["href"])).status_code == 204
    assert (await pic.get(photos[0]["href"])).status_code == 404
    assert (await pic.post(at(feature), content=several[7], headers=JPEG)).status_code in (200, 201)


# -- again and again


async def test_the_same_photo_is_added_once(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    content, address = a_photo(), f"{at(feature)}/{uuid7()}"
    answers = await asyncio.gather(*(pic.put(address, content=content, headers=JPEG) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert code_of(await pic.put(address, content=a_photo(colour=(0, 0, 0)), headers=JPEG)) == (409, "id-taken")
    assert (await pic.post(at(feature), content=content, headers=JPEG)).status_code == 200
    assert await value(owner, "SELECT count(*) FROM titik.photo") == 1
    other = await submitted(pic, a_feature(112.003, -7.805))
    assert code_of(await pic.put(f"{at(other)}/{address[-36:]}", content=content, headers=JPEG)) == (409, "id-taken")
    wrong = await pic.put(f"{at(other)}/0190a6f0-7d3c-4f1e-8c55-0123456789ab", content=content, headers=JPEG)
    assert code_of(wrong) == (400, "parameter-invalid")


async def test_a_row_is_only_written_when_its_bytes_are_there(as_role: AsRole, service: Any, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    store: BlobDirectory = service.app.state.services.photo_store
    store.path.mkdir(exist_ok=True)
    for mode in (True, False):
        if mode:
            service.app.state.services.photo_store = BlobDirectory(Path("/proc/nowhere"), PICTURES)
        else:
            service.app.state.services.photo_store = store
        answer = await pic.post(at(feature), content=a_photo(), headers=JPEG)
        assert answer.status_code == (503 if mode else 201)
        assert await value(owner, "SELECT count(*) FROM titik.photo") == (0 if mode else 1)


# -- who sees it


async def test_of_a_foreign_kelurahan_nothing_is_seen_and_nothing_changed(as_role: AsRole) -> None:
    pic, stranger = await as_role("pic", MOJOROTO), await as_role("pic", BUJEL)
    feature = await submitted(pic, a_feature())
    photo = await sent(pic, feature)
    assert (await stranger.get(at(feature))).json() == {"photos": []}
    assert code_of(await stranger.get(photo["href"])) == (404, "photo-unknown")
    assert code_of(await stranger.post(at(feature), content=a_photo(), headers=JPEG)) == (404, "point-unknown")
    assert code_of(await stranger.delete(photo["href"])) == (404, "point-unknown")
    for role in ("opd", "admin"):
        assert (await (await as_role(role)).post(at(feature), content=a_photo(), headers=JPEG)).status_code == 403


async def test_others_see_what_was_published_with_the_point_as_far_as_its_category_says(
    as_role: AsRole, client: Client, database: Settings
) -> None:
    pic, walidata, opd = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd")
    feature = await submitted(pic, a_feature())
    shown, kept = await sent(pic, feature), await sent(pic, feature, a_photo(colour=(0, 90, 0)))
    own = await sent(walidata, feature, a_photo(colour=(0, 0, 90)))
    await walidata.post(decision_of(feature), json=PUBLISH | {"photos": [shown["id"], own["id"], str(uuid7())]})

    async def seen(who: Client) -> list[str]:
        return [one["id"] for one in (await who.get(at(feature))).json()["photos"]]

    async with open_once(database.owner_dsn) as session:
        recorded = await value(session, "SELECT detail -> 'photos' FROM titik.audit WHERE action = 'photo.publish'")
    assert recorded == [shown["id"]]
    assert await seen(pic) == [shown["id"], kept["id"], own["id"]]
    assert [one["published"] for one in (await pic.get(at(feature))).json()["photos"]] == [True, False, False]
    # Nobody publishes their own; and without a word of the category nothing is public.
    assert (await seen(opd), await seen(client)) == ([shown["id"]], [])
    assert (await opd.get(shown["href"])).status_code == 200
    assert "flags" not in (await opd.get(at(feature))).json()["photos"][0]
    assert code_of(await client.get(shown["href"])) == (404, "photo-unknown")
    try:
        async with open_once(database.owner_dsn) as session:
            await execute(
                session, "UPDATE titik.category SET field_visibility = field_visibility || '{\"photos\": \"public\"}' WHERE id = 'posyandu'"
            )
            await projection.rebuild(session)
        assert await seen(client) == [shown["id"]]
        public = await client.get(shown["href"])
        assert (public.status_code, public.headers["cache-control"]) == (200, "public, max-age=300")
        item = (await client.get(f"/collections/posyandu/items/{feature['id']}")).json()
        assert "photos" not in item["properties"]
        await walidata.post(f"/points/{feature['id']}/revisions", json={"move": "unpublish", "reason": "Ragu"})
        assert (await seen(opd), await seen(client)) == ([], [])
    finally:
        async with open_once(database.owner_dsn) as session:
            await execute(session, "UPDATE titik.category SET field_visibility = field_visibility - 'photos' WHERE id = 'posyandu'")


async def test_what_is_deleted_is_gone_for_everybody(as_role: AsRole) -> None:
    pic, walidata, opd = await as_role("pic", MOJOROTO), await as_role("walidata"), await as_role("opd")
    feature = await submitted(pic, a_feature())
    photo = await sent(pic, feature)
    await walidata.post(decision_of(feature), json=PUBLISH | {"photos": [photo["id"]]})
    assert (await opd.get(photo["href"])).status_code == 200
    assert (await pic.delete(photo["href"])).status_code == 204
    assert (await opd.get(photo["href"])).status_code == 404


async def test_photos_follow_their_point_to_another_kelurahan(as_role: AsRole, grid: object, owner: WriteSession) -> None:
    walidata, second = await as_role("walidata"), await as_role("walidata")
    feature = await published(walidata, second, a_feature(112.005, -7.805, kelurahan=MOJOROTO))
    await sent(walidata, feature)
    moved = {"geometry": {"coordinates": [112.015, -7.805]}, "properties": {"kelurahan": BUJEL}}
    changed = await walidata.patch(f"/collections/posyandu/items/{feature['id']}", json=moved, headers={"If-Match": "*"})
    await second.post(decision_of(changed.json()), json=PUBLISH)
    assert await value(owner, "SELECT kelurahan FROM titik.photo") == BUJEL


# -- many at once, and what is left behind


async def test_photos_stop_nobody_else(as_role: AsRole, client: Client) -> None:
    """While large photos are decoded the loop answers others at once."""
    pic = await as_role("pic", MOJOROTO)
    features = [await submitted(pic, a_feature(112.0016 + number / 1000, name=f"Posyandu {number}")) for number in range(6)]
    large = a_photo(size=(6000, 4000))
    uploads = asyncio.gather(*(pic.post(at(one), content=large, headers=JPEG) for one in features))
    slowest = 0.0
    while not uploads.done():
        began = time.monotonic()
        assert (await client.get("/health/live")).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.02)
    assert [answer.status_code for answer in await uploads] == [201] * 6
    assert slowest < 1.0


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3, on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["directory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address, as operators write it."""
    if request.param == "directory":
        return f"file://{tmp_path}/foto%20titik"
    endpoint = request.getfixturevalue("s3")
    bucket = f"foto-{uuid7()}"
    for name, told in {"AWS_ACCESS_KEY_ID": "uji", "AWS_SECRET_ACCESS_KEY": "uji", "AWS_REGION": "ap-southeast-3", "AWS_ENDPOINT_URL": endpoint}.items():  # fmt: skip
        monkeypatch.setenv(name, told)
    assert httpx.put(f"{endpoint}/{bucket}").status_code == 200
    return f"s3://{bucket}/titik/foto"


@pytest.fixture
def store(place: str) -> Store:
    made = photo_store(Settings(photo_store=place))
    if place.startswith("s3://"):
        assert isinstance(made, Bucket)
        assert isinstance(made._store, S3Store)
    return made


async def listed(store: Store, before: datetime) -> list[str]:
    return sorted([name async for names in store.names(before) for name in names])


async def test_a_store_keeps_what_it_is_given(store: Store) -> None:
    names = [f"{number:02x}/{number:064x}.jpg" for number in range(3)]
    for name in names:
        await store.put(name, b"isi")
        await store.put(name, name.encode())
    later, earlier = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1))
    assert [await store.get(name) for name in names] == [name.encode() for name in names]
    assert (await listed(store, later), await listed(store, earlier)) == (names, [])
    await store.remove(names[:2])
    assert await listed(store, later) == names[2:]
    assert await store.get(names[0]) is None


async def test_each_kind_of_bytes_is_alone_in_the_place_that_it_shares(place: str, store: Store) -> None:
    """Whatever is kept beside photos, by other names: neither sees, nor takes, what is the other's."""
    others = store_of(
        place, Holding(re.compile(r"rilis/\d{4}\.\d+/(?:\w+\.gpkg|\.new-\w+)"), "application/geopackage+sqlite3", "storage-full")
    )
    photo, other = f"ab/{'ab' * 32}.jpg", "rilis/2026.1/posyandu.gpkg"
    await store.put(photo, b"foto")
    await others.put(other, b"rilis")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert (await listed(store, later), await listed(others, later)) == ([photo], [other])
    assert await others.get(other) == b"rilis"
    await others.remove([other])
    assert (await listed(store, later), await listed(others, later), await others.has(other)) == ([photo], [], False)


async def test_bytes_without_a_row_are_swept(as_role: AsRole, service: Any, database: Settings, store: Store) -> None:
    pic = await as_role("pic", MOJOROTO)
    service.app.state.services.photo_store = store
    feature = await submitted(pic, a_feature())
    kept, removed = await sent(pic, feature), await sent(pic, feature, a_photo(colour=(0, 90, 0)))
    await store.put(f"ab/{'ab' * 32}.jpg", b"tanpa baris")
    await pic.delete(removed["href"])
    later = datetime.now(UTC) + timedelta(hours=2)
    assert await sweep(database, store) == 0
    assert await sweep(database, store, later) == 3
    assert await sweep(database, store, later) == 0
    assert (await pic.get(kept["href"])).status_code == (await pic.get(kept["thumbnail"])).status_code == 200
    again = await pic.post(at(feature), content=a_photo(colour=(0, 90, 0)), headers=JPEG)
    assert again.status_code == 201
    assert (await pic.get(again.json()["href"])).status_code == 200


class Slow(BlobDirectory):
    """Waits for `allowed` after it has put something there, and says that it has."""

    def __init__(self, path: Path, holding: Holding) -> None:
        super().__init__(path, holding)
        self.written, self.allowed = asyncio.Event(), asyncio.Event()

    async def put(self, name: str, content: bytes) -> None:
        await super().put(name, content)
        self.written.set()
        await self.allowed.wait()


async def test_what_is_swept_before_its_row_is_there_is_put_there_again(
    as_role: AsRole, service: Any, database: Settings, tmp_path: Path
) -> None:
    """A sweep takes the bytes of an earlier try, old enough, in the moment in which they are sent again."""
    pic = await as_role("pic", MOJOROTO)
    store = service.app.state.services.photo_store = Slow(tmp_path, PICTURES)
    feature = await submitted(pic, a_feature())
    uploading = asyncio.create_task(sent(pic, feature))
    await store.written.wait()
    await asyncio.sleep(0.2)
    assert await sweep(database, store, datetime.now(UTC) + timedelta(hours=2)) == 2
    store.allowed.set()
    photo = await uploading
    assert (await pic.get(photo["href"])).status_code == (await pic.get(photo["thumbnail"])).status_code == 200
    assert await sweep(database, store, datetime.now(UTC) + timedelta(hours=2)) == 0


async def test_a_bucket_that_hangs_keeps_nobody_from_a_connection(as_role: AsRole, service: Any, tmp_path: Path) -> None:
    """More photos wait for it than there are connections; points are taken all the while, and nothing is told of the database."""
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    store = service.app.state.services.photo_store = Slow(tmp_path, PICTURES)
    photos = [asyncio.create_task(pic.post(at(feature), content=a_photo(colour=(n * 20, 0, 90)), headers=JPEG)) for n in range(12)]
    await until(lambda: len(files_of(tmp_path)) == 24)
    began = time.monotonic()
    posted = [await pic.post("/collections/posyandu/items", json=a_feature(112.0026 + n / 1000, name=f"Pos {n}")) for n in range(8)]
    assert [answer.status_code for answer in posted] == [201] * 8
    assert time.monotonic() - began < 5
    store.allowed.set()
    answers = await asyncio.gather(*photos)
    assert {answer.status_code for answer in answers} <= {201, 409}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TimeoutError(), ConnectionResetError(), PermissionError()])
async def test_trouble_with_the_place_is_never_told_of_the_database(
    as_role: AsRole, service: Any, tmp_path: Path, told: Told, error: OSError
) -> None:
    class Broken(BlobDirectory):
        def _put(self, *_: object) -> None:
            raise error

    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    service.app.state.services.photo_store = Broken(tmp_path, PICTURES)
    answer = await pic.post(at(feature), content=a_photo(), headers=JPEG)
    assert code_of(answer) == (503, "photos-unavailable")
    assert answer.headers["retry-after"]
    assert ("bytes are not kept or read", type(error).__name__) in [(event, facts.get("kind")) for event, facts in told]
    assert (await pic.get("/health/ready")).status_code == 200


async def test_a_photo_that_was_lost_can_be_sent_again(as_role: AsRole, service: Any, database: Settings, owner: WriteSession) -> None:
    pic = await as_role("pic", MOJOROTO)
    feature = await submitted(pic, a_feature())
    chosen, content = str(uuid7()), a_photo(colour=(9, 9, 9))
    first = (await pic.put(f"{at(feature)}/{chosen}", content=content, headers=JPEG)).json()
    for lost in files(database):
        for one in files(database) if lost.name.endswith("l.jpg") else [lost]:
            one.unlink(missing_ok=True)
        assert (await pic.put(f"{at(feature)}/{chosen}", content=content, headers=JPEG)).json() == first
        assert (await pic.get(first["href"])).status_code == (await pic.get(first["thumbnail"])).status_code == 200
    again = await pic.post(at(feature), content=content, headers=JPEG)
    assert (again.status_code, again.json()["id"]) == (200, chosen)
    assert await value(owner, "SELECT count(*) FROM titik.photo") == 1


async def test_the_start_tries_the_place_out_and_goes_on(tmp_path: Path, told: Told) -> None:
    for path, is_well in ((tmp_path, True), (Path("/proc/nowhere"), False)):
        store = BlobDirectory(path, PICTURES)
        told.clear()
        async with tried_meanwhile(store):
            await until(lambda: told and told[-1][0].startswith("photos can"))
        assert told[-1][0].startswith("photos can be kept") == is_well
        if not is_well:
            assert "FileNotFoundError" in told[0][1].values()
    assert files_of(tmp_path) == []


async def test_sweeping_looks_at_nothing_else(tmp_path: Path, database: Settings) -> None:
    store = BlobDirectory(tmp_path, PICTURES)
    others = [tmp_path / "surat.txt", tmp_path / "ab" / "lain.jpg", tmp_path / "abc" / f"{'ab' * 32}.jpg", tmp_path / "ab" / "x" / "y.jpg"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("bukan foto")
    (tmp_path / "ab" / ".new-abc").write_text("ditinggalkan")
    assert await sweep(database, store, datetime.now(UTC) + timedelta(hours=2)) == 1
    assert all(path.exists() for path in others)


@pytest.mark.parametrize("url", ["s3://", "file://tuan/foto", "file:///", "/foto", "https://foto.example", "s3://a@b/c", "s3://b/c?x=1"])
def test_a_wrong_place_for_photos_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        Settings(photo_store=url)
