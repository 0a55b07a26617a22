"""Photos as phones take them, and files that only look like photos."""

import io
import struct
import zlib
from datetime import datetime

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from tests.factories import IN_MOJOROTO

WORDS = b"<script>alert('Halo')</script>"


def a_photo(
    kind: str = "JPEG",
    size: tuple[int, int] = (640, 480),
    place: tuple[float, float] | None = IN_MOJOROTO,
    taken: str | None = None,
    orientation: int = 1,
    colour: tuple[int, int, int] = (200, 30, 30),
    mode: str = "RGB",
    profile: bytes | None = None,
    letters: tuple[str | bytes, str | bytes] | None = None,
    datum: str | bytes | None = None,
) -> bytes:
    """Left half in `colour`, right half blue. `place` is lon, lat; `taken` as EXIF writes it, without a zone."""
    image = Image.new("RGB", size, colour)
    image.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Kamera Rahasia", orientation
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place:
        gps = exif.get_ifd(0x8825)
        south, east = letters or ("S" if place[1] < 0 else "N", "E" if place[0] > 0 else "W")
        gps[1], gps[2] = south, _sexagesimal(place[1])
        gps[3], gps[4] = east, _sexagesimal(place[0])
        if datum is not None:
            gps[18] = datum
    made = io.BytesIO()
    image.convert(mode).save(made, kind, exif=exif, icc_profile=profile)
    return made.getvalue()


def a_wide_profile() -> bytes:
    """An ICC profile of the colours of Display P3, as phones write it, but of gamma 2.2."""

    def fixed(*numbers: float) -> bytes:
        return b"".join(struct.pack(">i", round(number * 65_536)) for number in numbers)

    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, 0x0233)
    points = {
        b"wtpt": (0.9642, 1.0, 0.8249),
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    tags = {name: b"XYZ " + bytes(4) + fixed(*at) for name, at in points.items()} | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    start = 128 + 4 + 12 * len(tags)
    directory, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        directory += name + struct.pack(">II", start + len(content), len(tag))
        content += tag
    head = struct.pack(">I4xI4s4s4s12x4s28x", start + len(content), 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (head + fixed(*points[b"wtpt"])).ljust(128, b"\0") + directory + content


def exif_time(at: datetime) -> str:
    return at.strftime("%Y:%m:%d %H:%M:%S")


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Not a number: as cameras write that they do not know."""
    if degrees != degrees:  # noqa: PLR0124
        return (IFDRational(0, 0),) * 3
    seconds = abs(degrees) * 3600
    return IFDRational(int(seconds // 3600)), IFDRational(int(seconds % 3600 // 60)), IFDRational(round(seconds % 60 * 10_000), 10_000)


def a_bomb(side: int = 50_000) -> bytes:
    """A PNG of some kilobytes that says it is so many pixels wide and high, and holds many zeros."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 10_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def a_polyglot() -> bytes:
    """A PNG that is also a page: in a comment of it, and behind its end."""
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - only here

    info = PngInfo()
    info.add_text("Comment", WORDS.decode())
    made = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(made, "PNG", pnginfo=info)
    return made.getvalue() + b"<!doctype html><html>" + WORDS + b"</html>"


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
