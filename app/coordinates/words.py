"""What rescue tells people: the repairs that a reading needs, and why there is none that may be used."""

import re

from app.coordinates.datums import datum_of
from app.language import Text

_REPAIRS = {
    "swap": Text("bujur dan lintang tertukar", "longitude and latitude swapped"),
    "minus": Text("tanda minus lintang hilang", "the minus sign of the latitude lost"),
    "double-minus": Text("tanda minus ganda", "more than one minus sign"),
    "comma": Text("koma desimal", "decimal comma"),
    "lost-point": Text("titik desimal hilang", "the decimal point lost"),
    "thousands": Text("titik ribuan di dalam angka", "marks of thousands within the number"),
    "minutes": Text("menit ditulis sebagai desimal", "minutes written as decimals"),
    "map-centre": Text("tengah peta, bukan pin", "the middle of the map, not a pin"),
    "short-plus-code": Text("plus code pendek, dilengkapi di sekitar kota", "a short plus code, completed around the city"),
}
_DATUM = re.compile(r"datum-(\d+)-(\d+)")
_ZONE = re.compile(r"(utm|tm3)-(.+)")

REASONS = {
    "nothing-read": Text(
        "Tidak ada koordinat dalam teks ini. Tulis lintang dan bujur, misalnya -7.8160, 112.0113, atau tempel tautan petanya.",
        "There is no coordinate in this text. Write latitude and longitude, e.g. -7.8160, 112.0113, or paste the link of a map.",
    ),
    "other-words": Text(
        "Ada angka koordinat dalam teks ini, tetapi kata atau angka di sampingnya dapat mengubah artinya. Tulis koordinatnya saja.",
        "There are numbers of a coordinate in this text, but words or numbers beside them may change what they mean. Write only the coordinate.",
    ),
    "zone-missing": Text(
        "Ini meter tanpa nama zonanya, dan tidak cocok dengan zona kota ini. Tulis juga zonanya, misalnya UTM 49S atau TM-3 zona 49.2.",
        "These are metres without the name of their zone, and they do not fit the zones of this city. Write the zone too, e.g. UTM 49S or TM-3 zone 49.2.",
    ),
    "nothing-lands": Text(
        "Tidak satu pun arti teks ini terletak di dalam kota.",
        "None of the things that this text may mean lies within the city.",
    ),
    "several-land": Text(
        "Teks ini dapat berarti beberapa tempat di dalam kota; pilih satu.",
        "This text may mean several places within the city; choose one.",
    ),
    "minutes": Text(
        "Ini tampaknya derajat dan menit yang ditulis sebagai desimal (7,48 untuk 7°48'). Tulis dengan ° dan ', atau salin derajat desimalnya.",
        "These seem to be degrees and minutes written as decimals (7.48 for 7°48'). Write ° and ', or copy the decimal degrees.",
    ),
    "too-coarse": Text(
        "Angkanya kurang dari tiga desimal: itu lebih dari satu kilometer. Salin koordinat lengkapnya.",
        "The numbers have fewer than three decimals: that is more than a kilometre. Copy the whole coordinate.",
    ),
    "several-places": Text(
        "Ada beberapa tempat dalam teks ini, dan tempatnya berbeda. Tulis satu saja.",
        "There are several places in this text, and they differ. Write only one.",
    ),
    "datum-unknown": Text(
        "Datum yang ditulis di sini tidak dikenal, atau lebih dari satu. Ubah koordinatnya ke WGS 84, lalu tulis tanpa nama datum.",
        "The datum that is written here is not known, or there is more than one. Convert the coordinate to WGS 84 and write it without a datum.",
    ),
    "datum-far": Text(
        "Tidak ada cara yang cukup teliti untuk mengubah datum ini ke WGS 84 di tempat ini. Ubah koordinatnya sendiri, atau ukur lagi dengan GPS.",
        "There is no way from this datum to WGS 84 that is exact enough at this place. Convert the coordinate yourself, or measure it again by GPS.",
    ),
    "route": Text(
        "Tautan rute ini tidak memuat koordinat tujuannya. Buka tempatnya di peta, lalu salin koordinatnya.",
        "This link of a route does not hold the coordinate of where it ends. Open that place on the map, then copy its coordinate.",
    ),
    "short-link": Text(
        "Tautan pendek tidak memuat koordinat. Buka tautannya, lalu salin koordinat dari peta.",
        "A short link holds no coordinate. Open it, then copy the coordinate from the map.",
    ),
    "date": Text(
        "Lembar kerja telah mengubah koordinat ini menjadi tanggal. Jadikan kolomnya teks, lalu ketik ulang koordinatnya.",
        "A spreadsheet has made a date of this coordinate. Make the column text, then type the coordinate anew.",
    ),
}


def repair(name: str) -> Text:
    """The words of a repair; those of metres name their zone, and those of a datum how far it moves the place."""
    if datum := _DATUM.fullmatch(name):
        known = datum_of(datum[1])
        named = known.name if known else f"EPSG:{datum[1]}"
        return Text(f"datum {named} diubah ke WGS 84: bergeser {datum[2]} m", f"datum {named} made WGS 84: moved by {datum[2]} m")
    if zone := _ZONE.fullmatch(name):
        grid = {"utm": ("UTM", ""), "tm3": ("TM-3", "zona ")}[zone[1]]
        return Text(f"meter {grid[0]} {grid[1]}{zone[2].upper()}", f"metres of {grid[0]} {'zone ' if grid[1] else ''}{zone[2].upper()}")
    return _REPAIRS[name]
