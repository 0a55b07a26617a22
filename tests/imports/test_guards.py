"""What a stranger may send on purpose: nothing is fetched, nothing is written elsewhere, nothing grows beyond its bound."""

import io
import resource
import socket
import stat
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import ROOT
from app.imports.limits import AT_ONCE
from app.imports.reading import open_table
from tests.imports.files import opened, redeclared, refused, saved, zipped
from tests.imports.test_vectors import KML, collection, feature, layer, point, shapefile


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Whoever connects to it is seen: `accept` would not wait."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


# -- archives


def member(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.create_system = 3
    return info, content


def archive(path: Path, *members: tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.kml", KML)
        for info, content in members:
            made.writestr(info, content)
    return path


@pytest.mark.parametrize(
    "name", ["../../luar.shp", "a/../../luar.shp", "/luar.shp", "\\luar.shp", "C:\\luar.shp", "c:luar.shp", "a\\..\\..\\luar.shp"]
)
def test_names_that_lead_outside(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "dalam" / "sini"
    inner.mkdir(parents=True)
    assert refused(archive(inner / "a.zip", member(name))) == "archive-names"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a.zip", "dalam", "sini"]


def test_links_and_devices(tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        assert refused(archive(tmp_path / "a.zip", member("posyandu.shp", b"/etc/passwd", kind | 0o777))) == "archive-links"


def test_equal_names_archives_inside_passwords_and_methods(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "a.zip", member("a.kml"))
    assert refused(path) == "archive-names"
    assert refused(archive(tmp_path / "b.zip", member("A.KML"))) == "archive-names"
    assert refused(archive(tmp_path / "c.zip", member("x/y.ZIP"))) == "archive-nested"
    assert refused(archive(tmp_path / "d.zip", *[member(f"{at}.png") for at in range(2_000)])) == "archive-many-members"
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a.kml", KML)
    assert refused(tmp_path / "e.zip") == "archive-method"
    locked = bytearray(archive(tmp_path / "f.zip").read_bytes())
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(saved(tmp_path, "f.zip", bytes(locked))) == "archive-locked"
    assert refused(zipped(tmp_path / "g.zip", {"a.csv": b"a,b\n"})) == "archive-without-table"
    assert refused(zipped(tmp_path / "h.zip", {})) == "archive-without-table"


@pytest.mark.parametrize("part", ["dbf", "shp", "prj"])
def test_a_shapefile_that_inflates_beyond_what_it_says(tmp_path: Path, part: str) -> None:
    path = redeclared(shapefile(tmp_path, replaced={f"data/posyandu.{part}": bytes(50 << 20)}), f"data/posyandu.{part}", 500)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(path) in ("archive-lies", "layer-damaged")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    assert not list(tmp_path.glob("reading-*"))


def test_four_gigabytes_are_refused_by_their_declaration(tmp_path: Path) -> None:
    assert refused(redeclared(shapefile(tmp_path), "data/posyandu.dbf", 0xFFFF_FFF0)) == "archive-bomb"


def test_members_that_overlap_are_counted_each(tmp_path: Path) -> None:
    """The quine-like bombs: many entries of the directory, all of one block of data."""
    with zipfile.ZipFile(tmp_path / "a.kmz", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("doc.kml", KML)
        made.writestr("a.png", bytes(15 << 20))
        original = made.getinfo("a.png")
        for at in range(30):
            copy = zipfile.ZipInfo(f"{at}.png")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(copy, name, getattr(original, name))
            made.filelist.append(copy)
    assert refused(tmp_path / "a.kmz") == "archive-bomb"


# -- XML


def test_external_entities_are_neither_read_nor_fetched(tmp_path: Path, listener: socket.socket) -> None:
    secret = saved(tmp_path, "rahasia", "rahasia")
    for system in (address(listener), secret.as_uri(), "/etc/passwd"):
        for doctype in (
            f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{system}">]>',
            f'<!DOCTYPE kml SYSTEM "{system}">',
            f'<!DOCTYPE kml [<!ENTITY % x SYSTEM "{system}"> %x;]>',
        ):
            text = KML.replace("?><kml", f"?>{doctype}<kml").replace("Melati", "&x;")
            assert refused(saved(tmp_path, "a.kml", text)) == "xml-declares"
            assert refused(zipped(tmp_path / "a.kmz", {"doc.kml": text.encode()})) == "xml-declares"
            assert (
                refused(
                    saved(tmp_path, "a.gpx", f'{doctype.replace("kml", "gpx", 1)}<gpx><wpt lat="1" lon="1"><name>&x;</name></wpt></gpx>')
                )
                == "xml-declares"
            )
            assert refused(saved(tmp_path, "b.kml", text.replace(' encoding="UTF-8"', "").encode("utf-16"))) == "xml-declares"


def test_laughs_do_not_multiply(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{at + 1} "{f"&l{at};" * 10}">' for at in range(12))
    text = KML.replace("?><kml", f'?><!DOCTYPE kml [<!ENTITY l0 "ha">{entities}]><kml').replace("Melati", "&l12;")
    start = time.process_time()
    assert refused(saved(tmp_path, "a.kml", text)) == "xml-declares"
    assert time.process_time() - start < 1


def test_network_links_are_refused_and_nothing_of_a_kml_is_fetched(tmp_path: Path, listener: socket.socket) -> None:
    link = "<NetworkLink><Link><href>{}</href></Link></NetworkLink>"
    for target in ("http://169.254.169.254/latest/meta-data/", address(listener), "/etc/passwd", "/vsicurl/http://127.0.0.1/"):
        text = KML.replace("<Folder>", f"{link.format(target)}<Folder>")
        assert refused(saved(tmp_path, "a.kml", text)) == "kml-network-link"
        assert refused(zipped(tmp_path / "a.kmz", {"doc.kml": text.encode()})) == "kml-network-link"
    # Icons are addresses too, in almost every KML there is.
    rows = opened(saved(tmp_path, "b.kml", KML.replace("http://127.0.0.1:9", address(listener))))[1]
    assert len(rows) == 5


def test_depth_and_length_of_xml(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, "a.kml", "<kml>" + "<Folder>" * 100_000)) == "xml-too-deep"
    assert refused(saved(tmp_path, "b.kml", "<kml><Placemark><name>" + "x" * 3_000_000)) == "record-too-long"
    for endless in ('<Placemark id="', "<!-- "):
        start = time.perf_counter()
        assert refused(saved(tmp_path, "d.kml", f"<kml>{endless}" + "x" * 20_000_000)) == "record-too-long"
        assert time.perf_counter() - start < 2
    many = "".join(f'<Data name="k{at}"><value>1</value></Data>' for at in range(300))
    assert refused(saved(tmp_path, "c.kml", f"<kml><Placemark>{many}</Placemark></kml>")) == "columns-too-many"


def test_what_nobody_asked_for_is_not_held(tmp_path: Path) -> None:
    member = "[" + "[]," * 200_000 + "[]]"
    text = "{" + "".join(f'"a{at}":{member},' for at in range(8)) + collection(feature(point(112, -7.8), {"n": 1}))[1:]
    path = saved(tmp_path, "a.geojson", text)
    tracemalloc.start()
    assert len(opened(path)[1]) == 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 50 << 20


# -- names and addresses


def test_what_points_elsewhere_is_no_table(tmp_path: Path, listener: socket.socket) -> None:
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{address(listener)}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    for name in ("a.vrt", "a.kml", "a.gpkg"):
        assert refused(saved(tmp_path, name, vrt)) == "file-not-known"
    wms = f"<GDAL_WMS><Service><ServerUrl>{address(listener)}</ServerUrl></Service></GDAL_WMS>"
    assert refused(saved(tmp_path, "b.xml", wms)) == "file-not-known"
    prj = f'GEOGCS["a",DATUM["b",SPHEROID["c",6378137,298],EXTENSION["PROJ4_GRIDS","{address(listener)}/a.tif"]],PRIMEM["d",0],UNIT["degree",0.0174532925199433]]'
    assert refused(shapefile(tmp_path, replaced={"data/posyandu.prj": prj.encode()})) == "crs-not-known"
    crs = {"type": "link", "properties": {"href": address(listener)}}
    assert refused(saved(tmp_path, "c.json", collection(feature(point(1, 1)), crs=crs))) == "crs-not-known"


def test_the_name_of_the_upload_is_never_a_path(tmp_path: Path, listener: socket.socket) -> None:
    path = layer(tmp_path / "a.fgb")
    for name in ("../../etc/passwd", f"/vsicurl/{address(listener)}/a.fgb", "a\0b", "", "/vsizip/a.zip", "a" * 5_000):
        assert sum(len(batch) for batch in open_table(path, name).batches) == 2
    odd = path.rename(tmp_path / "a?mode=rwc&immutable=0#x%20.gpkg")
    assert len(opened(odd)[1]) == 2


def test_a_private_directory_goes_with_the_table(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    table = open_table(path, "a.zip")
    (private,) = tmp_path.glob("reading-*")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert sorted(one.name for one in private.iterdir()) == ["data.dbf", "data.shp", "data.shx"]
    # Whether it was never read, in part, or to the end.
    del table
    assert not list(tmp_path.glob("reading-*"))
    table = open_table(path, "a.zip")
    assert next(table.batches)
    table.batches.close()  # type: ignore[attr-defined]
    assert not list(tmp_path.glob("reading-*"))


def test_pictures_and_programs_are_told_from_tables(tmp_path: Path) -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(99), b"\xff\xd8\xff\xe0" + bytes(99), b"%PDF-1.4", b"{\\rtf1 x}"):
        assert refused(saved(tmp_path, "a.csv", content)) == "file-not-a-table"
    assert refused(saved(tmp_path, "b.csv", b"\x7fELF" + bytes(99))) == "file-not-known"
    assert refused(saved(tmp_path, "c.csv", b"\xff\xfe\0\0")) == "file-empty"


def test_reading_text_loads_neither_gdal_nor_arrow(tmp_path: Path) -> None:
    """The child that reads a CSV has 25 MB, not 120."""
    csv, kml = saved(tmp_path, "a.csv", "Nama,Alamat\nA,B\n"), saved(tmp_path, "a.kml", KML)
    gpkg = layer(tmp_path / "a.gpkg")
    code = (
        "import sys; from pathlib import Path; from app.imports.reading import open_table\n"
        "for name in sys.argv[1:]: print(sum(len(b) for b in open_table(Path(name), name).batches))\n"
        "assert not {'pyogrio', 'pyarrow', 'numpy', 'pyproj', 'python_calamine', 'fastapi', 'sqlalchemy'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code, csv, kml, gpkg], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["1", "5", "2"], "")


def test_rows_are_given_before_the_end_is_read(tmp_path: Path) -> None:
    text = io.StringIO()
    text.write("Nama,Alamat\n")
    text.writelines(f"Melati {at},Jl. Mawar\n" for at in range(12_000))
    table = open_table(saved(tmp_path, "a.csv", text.getvalue()), "a.csv")
    assert [len(batch) for batch in table.batches] == [AT_ONCE] * (12_000 // AT_ONCE)
