"""The child process that decodes one photo: bytes of strangers on standard input, a new picture without anything else on standard output.

It knows nothing of the service and has nothing of it: no settings, no database, no right to write a file, and not much memory or time.
First line: JSON with what was found; after it the picture, and then the small one.
"""

import io
import json
import math
import sys
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from app.background.child_limits import OF_PHOTOS, settle

MOST_PIXELS = 40_000_000
LONGEST, SMALL = 2_048, 320
QUALITY = 85

_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011
_DATUM, _LONGEST_DATUM = 18, 100
# Loaded before the memory is limited, and so that no other decoder is looked for.
_DECODERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)


def main() -> None:
    settle(OF_PHOTOS)
    out = sys.stdout.buffer
    try:
        found, pictures = develop(sys.stdin.buffer)
    except Image.DecompressionBombError:
        found, pictures = {"refused": "pixels"}, []
    except Exception:  # noqa: BLE001 - decoders raise whatever their formats make them
        found, pictures = {"refused": "unreadable"}, []
    out.write(json.dumps(found | {"sizes": [len(one) for one in pictures]}).encode() + b"\n" + b"".join(pictures))
    out.flush()


def develop(feed: BinaryIO) -> tuple[dict[str, object], list[bytes]]:
    """What the photo says of itself, and the two pictures made of it: upright, at most so large, JPEG, without any metadata."""
    image: Image.Image = Image.open(io.BytesIO(feed.read()), formats=("JPEG", "PNG", "WEBP"))
    if image.width * image.height > MOST_PIXELS:
        # Known from the header: nothing has been decoded yet.
        raise Image.DecompressionBombError
    found = _metadata(image)
    # Of a large JPEG only as much is decoded as is kept.
    image.draft("RGB", (LONGEST, LONGEST))
    image.load()
    upright = ImageOps.exif_transpose(_plain(image))
    upright.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    picture = _on_white(_in_srgb(upright, image.info.get("icc_profile")))
    small = picture.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return found | {"width": picture.width, "height": picture.height}, [_jpeg(picture), _jpeg(small)]


def _plain(image: Image.Image) -> Image.Image:
    """In colours that can be scaled. Its EXIF stays with it, because it knows which side is up."""
    if image.mode in ("RGB", "L", "RGBA", "CMYK"):
        return image
    exif = image.getexif()
    if image.mode.startswith("I"):
        # Grey of sixteen bits, which would be cut off at the first eight.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    plain = image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")
    plain.getexif().update(exif)
    return plain


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours that everybody takes a picture without a profile to have. A broken profile, or one of other colours, says nothing."""
    if profile is None:
        return image
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=wanted) or image
    except Exception:  # noqa: BLE001 - as above
        return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _jpeg(image: Image.Image) -> bytes:
    """Of the pixels alone: a fresh picture has no comment, profile or EXIF that could come along."""
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    jpeg = io.BytesIO()
    fresh.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    return jpeg.getvalue()


def _metadata(image: Image.Image) -> dict[str, object]:
    """Place and time; EXIF that cannot be read says nothing, and is no reason to refuse a photo."""
    metadata: dict[str, object] = {}
    try:
        exif = image.getexif()
        inner, gps = exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
        metadata["taken"], metadata["offset"] = str(inner.get(_TAKEN, "")), str(inner.get(_OFFSET, ""))
        metadata["datum"] = _text(gps.get(_DATUM, ""))[:_LONGEST_DATUM]
        metadata["lat"] = _degrees(gps[2], _letter(gps[1]) == "S")
        metadata["lon"] = _degrees(gps[4], _letter(gps[3]) == "W")
    except Exception:  # noqa: BLE001 - as above
        return metadata
    return metadata


def _letter(value: object) -> str:
    """The half of the globe."""
    return _text(value)[:1].upper()


def _text(value: object) -> str:
    """Some cameras write bytes."""
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


def _degrees(parts: Any, negative: bool) -> float:  # noqa: FBT001 - the letter beside the number
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        # 0/0 is what cameras write that do not know where they are.
        raise ValueError
    return -found if negative else found


if __name__ == "__main__":
    main()
