"""What stands in the place of a withheld figure. One note for all of them: which one is small, and which one protects it, is told to nobody."""

from app.language import Text

WITHHELD = "withheld"
"""Beside a value that is null; what has not come yet has no note."""
NOTES = {
    WITHHELD: Text(
        "Tidak ditampilkan untuk melindungi perorangan. Angka ini bisa kecil atau besar, bisa juga nol.",
        "Not shown, to protect individuals. The figure may be small or large, or zero.",
    )
}
