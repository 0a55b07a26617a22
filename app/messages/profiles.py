"""What can be wrong with the figures of a kelurahan, and what checks say of them."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "value-unknown": Message(
        Text("Angka tidak ada", "No such figure"),
        Text("Tidak ada angka dengan id ini, atau bukan untuk Anda.", "There is no figure of this id, or it is not for you."),
        Text("Cari di /profiles, menurut kelurahan dan periode.", "Look in /profiles, by kelurahan and period."),
    ),
    "profile-kelurahan-unknown": Message(
        Text("Kelurahan tidak ada", "No such kelurahan"),
        Text("Tidak ada kelurahan dengan kode ini.", "There is no kelurahan of this code."),
        Text(
            "Tulis kodenya, misalnya 35.71.01.1011; daftarnya di /collections/kelurahan/items.",
            "Write its code, e.g. 35.71.01.1011; see /collections/kelurahan/items.",
        ),
    ),
    "period-unknown": Message(
        Text("Periode tidak dikenal", "No such period"),
        Text("Ini bukan tahun, semester, bulan atau hari.", "This is neither a year, a semester, a month nor a day."),
        Text("Tulis seperti 2026, 2026-S1, 2026-08 atau 2026-08-17.", "Write it like 2026, 2026-S1, 2026-08 or 2026-08-17."),
    ),
    "value-stale": Message(
        Text("Angka sudah berubah", "The figure has changed"),
        Text("Angka ini sudah berubah sejak Anda membacanya.", "This figure has changed since you read it."),
        Text("Baca lagi profilnya, bandingkan, lalu kirim ulang.", "Read the profile again, compare, then send once more."),
    ),
    "workbook-foreign": Message(
        Text("Bukan buku kerja profil", "No workbook of a profile"),
        Text(
            "Ini bukan buku kerja profil dari Titik, atau kolomnya sudah dihapus.",
            "This is no workbook of a profile by Titik, or columns were deleted.",
        ),
        Text(
            "Unduh buku kerjanya lagi, salin isian Anda ke kolom yang kuning, lalu kirim.",
            "Download the workbook again, copy what you wrote into the yellow columns, and send it.",
        ),
    ),
    "workbook-rows": Message(
        Text("Buku kerja terlalu panjang", "Workbook too long"),
        Text("Lembar Data berisi lebih dari {most} baris atau kolom.", "The sheet Data holds more than {most} rows or columns."),
        Text(
            "Unduh buku kerjanya lagi, dan isi hanya baris yang ada di sana.",
            "Download the workbook again, and fill in only the rows that are there.",
        ),
    ),
}

FAULTS: dict[str, Text] = {
    "period-invalid": Text("Tulis seperti 2026, 2026-S1, 2026-08 atau 2026-08-17.", "Write it like 2026, 2026-S1, 2026-08 or 2026-08-17."),
    "value-indicator-unknown": Text(
        "Tidak ada indikator dengan id ini. Lihat daftarnya di /indicators.",
        "There is no indicator of this id. See the list at /indicators.",
    ),
    "value-not-entered": Text(
        "Angka ini dihitung sendiri (dari peta atau dari angka lain), jadi tidak diisi.",
        "This figure is computed (from the map or from other figures), so nobody enters it.",
    ),
    "value-not-of-kelurahan": Text("Indikator ini tidak diisi per kelurahan.", "This indicator is not given by kelurahan."),
    "value-period": Text("Indikator ini diisi menurut: {known}.", "This indicator is given by: {known}."),
    "value-without-classes": Text(
        "Indikator ini tidak dibagi menurut kelas. Hapus class.", "This indicator has no classes. Leave class out."
    ),
    "value-class": Text("Kelas yang ada: {known}.", "There are these classes: {known}."),
    "value-class-form": Text("Huruf, angka, titik dan garis, paling panjang 41.", "Letters, digits, dots and dashes, at most 41."),
    "value-decimals": Text("Paling banyak {expected} angka di belakang koma.", "At most {expected} {expected:decimal|decimals}."),
    "number-ambiguous": Text(
        "Maksudnya {whole}, atau {fraction}? Tulis {whole} tanpa tanda, atau {fraction} dengan koma dan nol di belakang.",
        "Do you mean {whole}, or {fraction}? Write {whole} without a mark, or {fraction} with a comma and a zero behind.",
    ),
    "number-unread": Text("Tulis angkanya saja, misalnya 12 atau 2,49.", "Write the number alone, for example 12 or 2,49."),
    "value-alien": Text(
        "Ada angka, padahal dikatakan kosong atau tidak berlaku. Hapus salah satu.",
        "There is a number although it is said to be empty or not applicable. Take one of them out.",
    ),
    "workbook-row-added": Text(
        "Baris ini bukan dari buku kerja. Hapus; angka hanya ditulis di baris yang sudah ada.",
        "This row is not of the workbook. Delete it; figures are written only in the rows that are there.",
    ),
    "workbook-row-elsewhere": Text(
        "Baris ini dari kelurahan atau periode lain, atau kunci tersembunyinya berubah. Unduh buku kerja yang benar, lalu salin angkanya ke sana.",
        "This row is of another kelurahan or period, or its hidden key has changed. Download the right workbook and copy the figure into it.",
    ),
    "workbook-meaning": Text(
        "Pilih dari daftar: angka, kosong, atau tidak berlaku.", "Choose from the list: number, empty, or not applicable."
    ),
    "workbook-status": Text("Pilih dari daftar: sementara, tetap, atau revisi.", "Choose from the list: provisional, final, or revised."),
    "workbook-number-missing": Text(
        "Tulis angkanya, atau pilih kosong atau tidak berlaku di kolom Arti.",
        "Write the number, or choose empty or not applicable in the column Meaning.",
    ),
    "workbook-stale": Text(
        "Angka ini sudah berubah sejak buku kerjanya diunduh: versi {version} menjadi {now}. Unduh lagi, lalu ulangi perubahan Anda.",
        "This figure has changed since the workbook was downloaded: from version {version} to {now}. Download it again, and repeat your change.",
    ),
    "misfit-parts": Text(
        "{is} tidak sama dengan jumlah bagiannya, {expected} ({with}). Perbaiki salah satunya.",
        "{is} is not the sum of its parts, {expected} ({with}). Correct one of them.",
    ),
    "misfit-classes": Text(
        "Jumlah kelasnya {is}, sedangkan {with} {expected}. Perbaiki salah satunya.",
        "Its classes add up to {is}, but {with} is {expected}. Correct one of them.",
    ),
    "misfit-at_most": Text(
        "{is} lebih besar daripada {with} ({expected}). Perbaiki salah satunya.",
        "{is} is more than {with} ({expected}). Correct one of them.",
    ),
    "misfit-change": Text(
        "{is} berbeda {with} persen dari periode sebelumnya ({expected}). Perbaiki.",
        "{is} differs by {with} per cent from the period before ({expected}). Correct it.",
    ),
    "misfit-map": Text(
        "{is}, sedangkan di peta {expected} ({with}). Perbaiki salah satunya.",
        "{is}, but the map has {expected} ({with}). Correct one of them.",
    ),
    "explain-parts": Text(
        "{is} tidak sama dengan jumlah bagiannya, {expected} ({with}). Perbaiki, atau jelaskan di explanation mengapa benar.",
        "{is} is not the sum of its parts, {expected} ({with}). Correct it, or explain in explanation why it is right.",
    ),
    "explain-classes": Text(
        "Jumlah kelasnya {is}, sedangkan {with} {expected}. Perbaiki, atau jelaskan di explanation mengapa benar.",
        "Its classes add up to {is}, but {with} is {expected}. Correct it, or explain in explanation why it is right.",
    ),
    "explain-at_most": Text(
        "{is} lebih besar daripada {with} ({expected}). Perbaiki, atau jelaskan di explanation mengapa benar.",
        "{is} is more than {with} ({expected}). Correct it, or explain in explanation why it is right.",
    ),
    "explain-change": Text(
        "{is} berbeda {with} persen dari periode sebelumnya ({expected}). Perbaiki, atau jelaskan di explanation mengapa benar.",
        "{is} differs by {with} per cent from the period before ({expected}). Correct it, or explain in explanation why it is right.",
    ),
    "explain-map": Text(
        "{is}, sedangkan di peta {expected} ({with}). Perbaiki, atau jelaskan di explanation mengapa benar.",
        "{is}, but the map has {expected} ({with}). Correct it, or explain in explanation why it is right.",
    ),
}
