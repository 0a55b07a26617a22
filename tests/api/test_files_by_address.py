"""Files by their address: tags, parts, and that they are made once; the ids in them; what QGIS adds to a GeoPackage comes back."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import pytest

from app.exports.kept_files import KeptFiles
from app.http.ranges import part_of
from app.routers import exports
from app.settings import Settings
from tests.api.test_imports import committed, judged, report
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, code_of, published
from tests.test_cli import Served

pytestmark = pytest.mark.anyio

ITEMS = "/collections/posyandu/items"
FILES = ("geojsonseq", "csv", "fgb", "gpkg", "parquet", "kml", "xlsx")


async def some(as_role: AsRole, number: int = 3) -> tuple[Client, Client, list[dict[str, Any]]]:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    return pic, walidata, [await published(pic, walidata, a_feature(112.0016 + n / 1000, name=f"Posyandu {n}")) for n in range(number)]


@pytest.mark.parametrize("f", FILES)
async def test_every_file_has_a_tag_a_length_and_parts(as_role: AsRole, client: Client, f: str) -> None:
    pic, walidata, _ = await some(as_role)
    for who in (client, pic):
        whole = await who.get(ITEMS, params={"f": f})
        etag, size = whole.headers["etag"], len(whole.content)
        assert (whole.status_code, whole.headers["accept-ranges"], whole.headers["content-length"]) == (200, "bytes", str(size))
        assert whole.headers["ogc-numbermatched"] == "3"
        head = await who.head(ITEMS, params={"f": f}, headers={"Range": "bytes=0-3"})
        assert (head.status_code, head.content, head.headers["content-length"], head.headers["etag"]) == (200, b"", str(size), etag)
        for asked, first, last in (
            ("0-3", 0, 3),
            ("-5", size - 5, size - 1),
            (f"{size - 2}-", size - 2, size - 1),
            (f"1-{size + 9}", 1, size - 1),
        ):
            part = await who.get(ITEMS, params={"f": f}, headers={"Range": f"bytes={asked}", "If-Range": etag})
            assert (part.status_code, part.content, part.headers["etag"]) == (206, whole.content[first : last + 1], etag)
            assert (part.headers["content-range"], part.headers["content-length"]) == (
                f"bytes {first}-{last}/{size}",
                str(last - first + 1),
            )
        same = await who.get(ITEMS, params={"f": f}, headers={"If-None-Match": f'"x", W/{etag}', "Range": "bytes=0-3"})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        beyond = await who.get(ITEMS, params={"f": f}, headers={"Range": f"bytes={size}-"})
        assert (code_of(beyond), beyond.headers["content-range"]) == ((416, "range-beyond-end"), f"bytes */{size}")
    await published(pic, walidata, a_feature(112.0066, name="Posyandu Baru"))
    other = await client.get(ITEMS, params={"f": f}, headers={"Range": "bytes=0-3", "If-Range": etag, "If-None-Match": etag})
    assert (other.status_code, other.headers["ogc-numbermatched"]) == (200, "4"), "the whole of what has changed since"
    assert other.headers["etag"] != etag


async def test_it_is_made_once_however_many_ask_for_its_parts(as_role: AsRole, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await some(as_role)
    made, chunks = [], exports._chunks

    def counted(*asked: Any) -> Any:
        made.append(asked)
        return chunks(*asked)

    monkeypatch.setattr(exports, "_chunks", counted)
    parts = await asyncio.gather(*(client.get(f"{ITEMS}?f=gpkg", headers={"Range": f"bytes={n * 100}-{n * 100 + 99}"}) for n in range(20)))
    assert [part.status_code for part in parts] == [206] * 20
    whole = await client.get(f"{ITEMS}?f=gpkg")
    assert b"".join(part.content for part in parts) == whole.content[:2_000]
    assert len(made) == 1


@pytest.mark.parametrize("f", FILES)
async def test_the_same_version_is_the_same_bytes_wherever_it_is_made(as_role: AsRole, client: Client, database: Settings, f: str) -> None:
    await some(as_role)
    first = await client.get(ITEMS, params={"f": f})
    await asyncio.to_thread(KeptFiles(database.spool_directory).sweep, -1)
    assert not list((database.spool_directory / "kept").iterdir())
    await asyncio.sleep(1.1)
    again = await client.get(ITEMS, params={"f": f})
    assert (again.headers["etag"], again.content) == (first.headers["etag"], first.content)


def test_what_can_be_asked_for_is_read_as_it_stands() -> None:
    assert [part_of(asked, 10) for asked in ("bytes=0-0", "BYTES=9-", "bytes=-1", "bytes=-99")] == [(0, 0), (9, 9), (9, 9), (0, 9)]
    for whole in (None, "bytes=0-1,3-4", "bytes=5-2", "bytes=-", "items=0-1", "bytes=a-b", ""):
        assert part_of(whole, 10) is None, whole
    for beyond in ("bytes=10-", "bytes=99-100", "bytes=-0"):
        with pytest.raises(ValueError, match="bytes"):
            part_of(beyond, 10)


def test_files_that_are_read_stay_and_old_ones_go(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    (tmp_path / "kept").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "kept" / f"{name}.7").write_bytes(b"x" * 10)
    read = kept._find("a")
    assert read is not None
    assert (read.size, read.number) == (10, 7)
    kept.sweep(0)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a.7"]
    read.close()
    kept.sweep(0)
    assert not list((tmp_path / "kept").iterdir())


# -- ids


async def test_the_id_is_among_the_properties_when_asked_for_and_always_in_files(as_role: AsRole, client: Client) -> None:
    _, _, features = await some(as_role)
    ids = {one["id"] for one in features}
    page = (await client.get(f"{ITEMS}?properties=id,name")).json()["features"]
    assert {one["properties"]["id"] for one in page} == ids
    assert all(one["id"] == one["properties"]["id"] and set(one["properties"]) == {"id", "name"} for one in page)
    plain = (await client.get(ITEMS)).json()["features"]
    assert all("id" not in one["properties"] for one in plain)
    for asked in ("", "&properties=name", "&properties=id,name", "&properties=", "&crs=http://www.opengis.net/def/crs/EPSG/0/32749"):
        text = (await client.get(f"{ITEMS}?f=geojsonseq{asked}")).text
        lines = [json.loads(line) for line in text.replace("\x1e", "").splitlines()]
        assert {one["properties"]["id"] for one in lines} == ids == {one["id"] for one in lines}
    for f in ("fgb", "gpkg"):
        content = (await client.get(f"{ITEMS}?f={f}&properties=id,name")).content
        meta, _, _, values = pyogrio.raw.read(content)
        assert (list(meta["fields"]), set(values[0])) == (["id", "name"], ids)
    areas = (await client.get("/collections/kecamatan/items?properties=id,name")).json()["features"]
    assert all(one["id"] == one["properties"]["id"] for one in areas)


@pytest.mark.usefixtures("grid")
async def test_a_geopackage_can_be_grown_and_comes_back_with_its_new_point(as_role: AsRole, tmp_path: Path) -> None:
    pic, walidata = await as_role("pic", MOJOROTO), await as_role("walidata")
    known = await published(pic, walidata, a_feature(112.002, -7.806, name="Posyandu Lama", kelurahan=MOJOROTO))
    file = tmp_path / "posyandu.gpkg"
    file.write_bytes((await pic.get(f"{ITEMS}?f=gpkg")).content)
    meta, _, geometry, _ = pyogrio.raw.read(file)
    names = ["name", "kelurahan"]
    place = geometry[0][:5] + __import__("struct").pack("<dd", 112.006, -7.803)
    import numpy as np  # noqa: PLC0415 - of this test only

    pyogrio.raw.write(
        file, np.array([place], dtype=object), [np.array(["Posyandu Baru"], dtype=object), np.array([MOJOROTO], dtype=object)], names,
        layer="posyandu", driver="GPKG", append=True, geometry_type="Point", crs=meta["crs"],
    )  # fmt: skip
    one = await judged(pic, file.read_bytes(), name="posyandu.gpkg")
    rows = await report(pic, one)
    assert [row["act"] for row in rows] == ["same", "create"], rows
    done = await committed(pic, one)
    assert done["committed"]["stored"] == 1
    assert (await pic.get(f"{ITEMS}/{known['id']}")).json()["properties"]["version"] == 1


# -- by others, over a socket


class Ranged(io.RawIOBase):
    """A file at an address as readers in browsers have it: a length, then parts."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client()
        self._url, self._at = url, 0
        self._size = int(self._client.head(url).headers["content-length"])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        last = self._size - 1 if size < 0 else min(self._at + size, self._size) - 1
        if last < self._at:
            return b""
        got = self._client.get(self._url, headers={"Range": f"bytes={self._at}-{last}"})
        assert got.status_code == 206
        self._at = last + 1
        return got.content

    def close(self) -> None:
        self._client.close()
        super().close()


def test_gdal_and_parquet_readers_read_them_in_parts(tmp_path: Path) -> None:
    served = Served(tmp_path / "data")
    try:
        url = f"{served.url}{ITEMS}"
        total = httpx.get(f"{url}?limit=1").json()["numberMatched"]
        for f in ("fgb", "gpkg"):
            before = served.printed.count('"status":206')
            info = pyogrio.read_info(f"/vsicurl/{url}?f={f}", layer="posyandu")
            assert info["features"] == total
            _, _, places, _ = pyogrio.raw.read(f"/vsicurl/{url}?f={f}", layer="posyandu", bbox=(111.99, -7.82, 112.01, -7.80))
            assert 0 < len(places) < total
            assert served.printed.count('"status":206') > before, f
        with Ranged(f"{url}?f=parquet") as far:
            table = pq.ParquetFile(far)
            assert table.metadata.num_rows == total
            assert len(table.read(columns=["name"])) == total
    finally:
        served.kill()
