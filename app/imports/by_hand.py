"""The sentences for people who import on the page rather than by a program: they choose from lists and press buttons. Pure."""

from collections.abc import Mapping

from app.language import Text

BY_HAND = "by hand"
"""What says which column is what, where it is chosen from a list."""

FAULTS_BY_HAND: Mapping[str, Text] = {
    "columns-not-the-field": Text(
        "Judul kolom ini seperti {title}, tetapi isinya bukan, jadi kolomnya tidak dibaca. Bila memang itu maksudnya, pilih {title} di daftar kolom.",
        "These columns are headed like {title}, yet their cells are something else, so they are not read. If that is what they are, choose {title} in the list of columns.",
    ),
    "columns-not-there": Text("Berkas ini tidak punya kolom berjudul {headings}.", "This file has no column headed {headings}."),
    "columns-contacts": Text(
        "Kolom ini berisi nama atau nomor orang, jadi tidak ikut ke titiknya. Bila perlu, simpan sebagai kontak di bagian Simpan: kontak tidak pernah terbuka untuk umum.",
        "These columns hold names or numbers of people, so they do not become part of the point. If need be, keep them as contacts, under Save: contacts are never public.",
    ),
    "columns-place-name": Text(
        "Nama titik di kategori ini dibuat dari nomornya, jadi kolom ini tidak dipakai. Bila isinya memang nama tempat, pilih Nama di daftar kolom.",
        "Points of this category are named by their numbers, so this column is not used. If it does hold names of places, choose Name in the list of columns.",
    ),
    "row-field-unmatched": Text(
        "{title} belum ada. Mungkin maksudnya kolom ini: {columns}. Pilih {title} untuk kolom itu di daftar kolom.",
        "{title} is missing. It may be one of these columns: {columns}. Choose {title} for it in the list of columns.",
    ),
    "row-field-unread": Text(
        "{title} belum ada. Kolom yang tidak dibaca: {columns}. Bila salah satunya yang dimaksud, pilih {title} untuk kolom itu di daftar kolom.",
        "{title} is missing. These columns are not read: {columns}. If one of them is meant, choose {title} for it in the list of columns.",
    ),
    "coordinate-datum-differs": Text(
        "Kolom datum baris ini menyebut datum lain daripada berkasnya, atau datum yang tidak dikenal. Betulkan di berkas, atau pilih “tidak dibaca” untuk kolom itu.",
        "The column of the datum names another one in this row than the file, or one that is not known. Correct it in the file, or choose “not read” for that column.",
    ),
    "name-not-made": Text(
        "Nama di kategori ini dibuat dari nomornya: {made}. Nama lain terbuka untuk umum: terima hanya bila ini nama tempat, bukan nama orang.",
        "Names in this category are made of the numbers: {made}. Another name becomes public: accept it only if it is that of a place, not of a person.",
    ),
}
"""In place of those that tell a program what to send."""

_MAKE_ROOM = Text(
    "Simpan impor yang sudah diperiksa, atau hapus yang tidak diperlukan lagi. Titik yang sudah disimpan tetap ada.",
    "Save the imports that have been checked, or delete those that are no longer needed. Points that were saved stay.",
)
_CHOOSE_SHEET = Text("Tulis nama salah satunya di bawah, lalu periksa lagi.", "Write the name of one of them below, then check again.")
HINTS_BY_HAND: Mapping[str, Text] = {
    "imports-open-full": _MAKE_ROOM,
    "imports-bytes-full": _MAKE_ROOM,
    "imports-rows-full": _MAKE_ROOM,
    "layers-several": _CHOOSE_SHEET,
    "layer-missing": _CHOOSE_SHEET,
    "sheet-missing": _CHOOSE_SHEET,
    "columns-unknown": Text(
        "Pilih di bawah apa isi setiap kolom, lalu periksa lagi. Atau pakai templat.",
        "Choose below what each column holds, then check again. Or use the template.",
    ),
    "import-unknown": Text("Kembali ke daftar impor Anda.", "Go back to the list of your imports."),
    "import-not-judged": Text("Tunggu sampai pemeriksaan selesai.", "Wait until it has been checked."),
    "import-has-faults": Text("Perbaiki barisnya di berkas, atau simpan baris yang baik saja.", "Correct the rows in the file, or save only those that are good."),
    "import-rows-unfit": Text("Pilih hanya baris yang bertanya.", "Choose only rows that ask something."),
    "import-committed": Text(
        "Di bawah ini keadaannya sekarang. Untuk baris yang tersisa, perbaiki berkasnya dan kirim lagi.",
        "Below is how it stands now. For the rows that are left, correct the file and send it again.",
    ),
    "import-without-contacts": Text("Simpan tanpa kontak, atau pilih kolom nama kontak di daftar kolom.", "Save without contacts, or choose the column of their names in the list of columns."),
    "form-not-one-file": Text("Pilih satu berkas, lalu kirim.", "Choose one file, then send it."),
}  # fmt: skip
