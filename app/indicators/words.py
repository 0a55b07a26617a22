"""What periods and levels are called by people."""

from collections.abc import Mapping

from app.language import Text

PERIOD_WORDS: Mapping[str, Text] = {
    "year": Text("tahun", "year"), "semester": Text("semester", "semester"), "month": Text("bulan", "month"), "day": Text("hari", "day"),
}  # fmt: skip
LEVEL_WORDS: Mapping[str, Text] = {
    "kelurahan": Text("kelurahan", "kelurahan"),
    "kecamatan": Text("kecamatan", "kecamatan"),
    "city": Text("kota", "city"),
}
