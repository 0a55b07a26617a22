"""The CRS in the header of a FlatGeobuf, as it stands there. GDAL's word for it (`pyogrio.read_info`) is `EPSG:32749` for any metres whose base is
*called* WGS 84, whatever its datum.
"""

from struct import Struct, error
from typing import IO, Final

_MAGIC: Final = b"fgb\x03fgb"
_LONGEST: Final = 64 << 20
_U32, _I32, _U16 = Struct("<I"), Struct("<i"), Struct("<H")
# Fields of the tables Header and Crs of the format, counted from 0.
_CRS, _ORG, _CODE, _WKT, _CODE_STRING = 10, 0, 1, 4, 5


def crs_of_flatgeobuf(file: IO[bytes]) -> str | None:
    """Its WKT, else its code (`EPSG:32749`); None where it names none. Of a file at its beginning; ValueError where it is no FlatGeobuf."""
    try:
        start = file.read(12)
        size = _U32.unpack_from(start, 8)[0]
        if not start.startswith(_MAGIC) or size > _LONGEST:
            raise ValueError("no FlatGeobuf")
        header = file.read(size)
        at = _field(header, _U32.unpack_from(header, 0)[0], _CRS)
        if at is None:
            return None
        crs = at + _U32.unpack_from(header, at)[0]
        code = _field(header, crs, _CODE)
        number = 0 if code is None else _I32.unpack_from(header, code)[0]
        named = _text(header, crs, _CODE_STRING) or (str(number) if number > 0 else None)
        return _text(header, crs, _WKT) or (f"{_text(header, crs, _ORG) or 'EPSG'}:{named}" if named else None)
    except (error, IndexError, UnicodeDecodeError) as damage:
        raise ValueError("a damaged FlatGeobuf") from damage


def _field(buffer: bytes, table: int, number: int) -> int | None:
    """Where a field of a table begins; None where it is left out (FlatBuffers)."""
    layout = table - _I32.unpack_from(buffer, table)[0]
    if layout < 0 or 4 + 2 * number + 2 > _U16.unpack_from(buffer, layout)[0]:
        return None
    offset: int = _U16.unpack_from(buffer, layout + 4 + 2 * number)[0]
    return table + offset if offset else None


def _text(buffer: bytes, table: int, number: int) -> str | None:
    if (at := _field(buffer, table, number)) is None:
        return None
    at += _U32.unpack_from(buffer, at)[0]
    length = _U32.unpack_from(buffer, at)[0]
    return buffer[at + 4 : at + 4 + length].decode() or None
