"""The fields that the columns of a file may be, and the names that people give them. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from app.categories.rules import Category
from app.common_fields import FIELDS, OF_PLACE
from app.common_fields import Kind as CommonKind
from app.language import Text

FieldKind = CommonKind | Literal["place"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name that it has in the GeoJSON of a point; `names` are others that it goes by, in either language. `loose` names are
    used for other things too: there the cells decide.
    """

    name: str
    kind: FieldKind
    title: Text
    names: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_attribute: bool = False


class Column(NamedTuple):
    """One column of a file: where it stands, what it is called there, which field it is. None: one that is not read. Several may be one field:
    the one of the lowest `rank` goes first.
    """

    at: int
    header: str
    field: Field | None
    is_canonical: bool = False
    """Called as in the exports, in a file that has all the marks of one."""
    rank: int = 0
    is_loose: bool = False
    """Called by a name that is used for other things too."""
    alias: str = ""
    """What its layer calls it beside its name."""


ID_BESIDE_ANOTHER = "id2"
"""What GDAL calls the field `id` of a KML, whose placemarks have ids of their own."""

_SHARED = tuple(
    Field(field.name, field.kind, field.headings.title, field.headings.names, field.headings.loose, field.choices)
    for field in FIELDS
    if field.headings
)
COMMON = (
    Field("id", "text", Text("ID titik", "Id of the point"), ("uuid", "id titik", "point id", ID_BESIDE_ANOTHER)),
    *(field for field in _SHARED if field.name not in OF_PLACE),
    Field("rt_rw", "text", Text("RT/RW", "RT/RW"), ("rt rw", "rtrw", "rt dan rw")),
    Field("rw_rt", "text", Text("RW/RT", "RW/RT"), ("rw rt", "rwrt", "rw dan rt")),
    Field(
        "lat", "place", Text("Lintang", "Latitude"),
        ("latitude", "lintang", "garis lintang", "koordinat y", "koordinat lintang", "lintang selatan", "latitude y", "lintang y", "utm y"),
        ("y", "ls", "northing", "utm northing", "point y", "y coord", "coord y", "ycoord", "koord y", "titik y"),
    ),
    Field(
        "lon", "place", Text("Bujur", "Longitude"),
        ("lng", "longitude", "bujur", "garis bujur", "koordinat x", "koordinat bujur", "bujur timur", "longitude x", "bujur x", "utm x"),
        ("long", "x", "bt", "easting", "utm easting", "point x", "x coord", "coord x", "xcoord", "koord x", "titik x"),
    ),
    Field(
        "coordinate", "place", Text("Koordinat", "Coordinate"),
        ("koordinat", "titik koordinat", "koordinat lokasi", "koordinat gps", "koordinat titik", "coordinates", "lat long", "latlong", "lat lon", "latlon", "latlng",
         "lat lng", "latitude longitude", "latitude dan longitude", "lintang bujur", "lintang dan bujur", "google maps", "link google maps", "google map",
         "link google map", "link gmaps", "gmaps", "link maps", "link lokasi", "link koordinat", "tautan lokasi", "tautan google maps", "geopoint", "plus code", "kode plus", "wkt", "geom wkt", "wkt geom", "wkt geometry"),
        ("titik", "gps", "maps", "geo", "titik lokasi", "lokasi titik", "titik gps", "lokasi gps", "gps lokasi", "lokasi koordinat", "posisi", "share loc", "shareloc", "share lok", "sharelok", "share lokasi",
         "share location", "serlok", "geom", "geometry", "geolocation", "geolokasi", "the geom"),
    ),
    *(field for field in _SHARED if field.name in OF_PLACE),
)  # fmt: skip
"""Those that have a column of a revision, and other ways to say them."""
# What is said of coordinates in cells beside them. Categories may have fields of their own by these names, which then are those.
_OF_PLACES = (
    Field(
        "datum", "place", Text("Datum atau sistem koordinat", "Datum or coordinate system"),
        ("crs", "srs", "srid", "epsg", "kode epsg", "epsg code", "sistem koordinat", "koordinat sistem", "referensi koordinat", "sistem acuan", "sistem referensi", "sistem referensi koordinat", "datum geodesi",
         "datum horizontal", "horizontal datum", "geodetic datum", "geodeticdatum", "coordinate system", "coordinate reference system", "spatial reference",
         "verbatimsrs", "proyeksi", "sistem proyeksi", "projection", "ellipsoid", "elipsoid", "spheroid"),
    ),
    Field("zone", "place", Text("Zona UTM atau TM-3", "Zone of UTM or TM-3"), ("zona", "zona utm", "utm zona", "utm zone", "zona tm3", "zona tm 3", "zona proyeksi")),
)  # fmt: skip


def folded(text: str) -> str:
    """A header without case, accents, units in brackets and punctuation."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]|\*", " ", text)
    letters = unicodedata.normalize("NFKD", bare).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def kinds_of(category: Category) -> tuple[str, ...]:
    """What the facilities of a category are called: `pos kamling`."""
    return tuple(dict.fromkeys(filter(None, map(folded, (category.id, *category.titles)))))


def fields_of(category: Category) -> dict[str, Field]:
    """All fields of a category by name, the common ones first."""
    found = {field.name: field for field in COMMON}
    for name, schema in category.attribute_schema.get("properties", {}).items():
        if (kind := _kind(schema)) and name not in found:
            title = str(schema.get("title", name))
            choices = tuple(one for one in schema.get("enum", ()) if isinstance(one, str))
            found[name] = Field(
                name, kind, Text(title, str(schema.get("x-title-en", title))), _REMARKS.get(name, ()), (), choices, is_attribute=True
            )
    return found | {field.name: field for field in _OF_PLACES if field.name not in found}


# By their name in the layers of the national map.
_REMARKS: Mapping[str, tuple[str, ...]] = dict.fromkeys(("keterangan", "catatan"), ("remark", "remarks"))


def _kind(schema: Mapping[str, Any]) -> FieldKind | None:
    named = schema.get("type")
    types = [
        one for one in ([named] if isinstance(named, str) else named or ["string"] if "enum" in schema else named or []) if one != "null"
    ]
    if types == ["string"]:
        return {"date": "date", "date-time": "instant"}.get(str(schema.get("format")), "text")  # type: ignore[return-value]
    return {("integer",): "integer", ("number",): "number", ("boolean",): "boolean", ("array",): "list"}.get(tuple(types))  # type: ignore[arg-type,return-value]
