"""What can be wrong with what phones send: batches, photos, cursors of changes."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "rescue-unreadable": Message(
        Text("Bukan berkas penyelamat", "Not a rescue file"),
        Text("Berkas ini bukan berkas penyelamat dari ponsel, atau rusak.", "This file is no rescue file from a phone, or it is damaged."),
        Text(
            "Simpan lagi dari halaman Catat di ponsel itu, lalu kirim.", "Save it again from the page Record on that phone, then send it."
        ),
    ),
    "rescue-writer-gone": Message(
        Text("Pencatatnya tidak aktif", "Its recorder is not active"),
        Text(
            "Akun yang mencatat isi berkas ini tidak ada atau tidak aktif lagi.",
            "The account that recorded this is not there, or is no longer active.",
        ),
        Text("Hubungi admin.", "Ask the administrator."),
    ),
    "rescue-not-yours": Message(
        Text("Bukan kelurahan Anda", "Not your kelurahan"),
        Text("Isi berkas ini dicatat untuk kelurahan yang bukan kelurahan Anda.", "This was recorded for a kelurahan that is not yours."),
        Text("Minta PIC kelurahan itu, atau walidata, mengirimnya.", "Ask the PIC of that kelurahan, or a walidata, to send it."),
    ),
    "changed-both": Message(
        Text("Diubah di dua tempat", "Changed in two places"),
        Text(
            "Titik ini sudah diubah orang lain pada isian yang sama; lihat conflicts, base, theirs dan mine.",
            "Somebody else has changed the same fields of this point; see conflicts, base, theirs and mine.",
        ),
        Text(
            "Pilih nilai yang benar, lalu kirim lagi sebagai perubahan baru (client_id baru) dengan base = version.",
            "Choose the right values, then send them as a new change (a new client_id) with base = version.",
        ),
    ),
    "point-withdrawn": Message(
        Text("Titik sudah ditarik", "The point was withdrawn"),
        Text("Titik ini sudah ditarik dan tidak dapat diubah lagi.", "This point was withdrawn and cannot be changed any more."),
        Text(
            "Bila titiknya memang ada, kirim sebagai titik baru dengan id baru.", "If it does exist, send it as a new point with a new id."
        ),
    ),
    "base-unknown": Message(
        Text("Versi dasar tidak ada", "No such base version"),
        Text("Titik ini tidak punya versi yang disebut pada base.", "This point has no version of the number in base."),
        Text("Baca lagi titiknya dan sebut versi yang Anda ubah.", "Read the point again and name the version that you change."),
    ),
    "change-before-missing": Message(
        Text("Perubahan sebelumnya belum jalan", "The change before is missing"),
        Text(
            "Perubahan yang disebut pada after belum dijalankan untuk titik ini.",
            "The change named in after has not been carried out for this point.",
        ),
        Text(
            "Kirim dulu perubahan itu sampai berhasil, lalu kirim ini lagi.", "Send that one until it succeeds, then send this one again."
        ),
    ),
    "client-id-used": Message(
        Text("client_id sudah dipakai", "client_id already used"),
        Text("client_id ini sudah dipakai untuk perubahan lain.", "This client_id was used for another change."),
        Text("Beri setiap perubahan client_id sendiri.", "Give every change a client_id of its own."),
    ),
    "sync-later": Message(
        Text("Belum sempat", "Not reached yet"),
        Text("Perubahan ini belum dijalankan karena waktunya habis.", "This change was not carried out because time ran out."),
        Text("Kirim lagi perubahan yang berstatus later.", "Send the changes of status later again."),
    ),
    "photo-unknown": Message(
        Text("Foto tidak ditemukan", "No such photo"),
        Text("Titik ini tidak punya foto dengan id ini yang dapat Anda lihat.", "This point has no photo of this id that you can see."),
    ),
    "photos-full": Message(
        Text("Foto sudah penuh", "No room for another photo"),
        Text("Satu titik memuat paling banyak {most} foto.", "A point has at most {most} photos."),
        Text("Hapus dulu foto yang tidak dipakai lagi.", "Delete those that are no longer needed first."),
    ),
    "photo-format": Message(
        Text("Bukan foto yang dikenal", "Not a photo that is read here"),
        Text("Yang dibaca hanya {accepted}.", "Only {accepted} are read."),
        Text(
            "Simpan fotonya sebagai JPEG; pada iPhone: Pengaturan, Kamera, Format, Paling Kompatibel.",
            "Save the photo as JPEG; on an iPhone: Settings, Camera, Formats, Most Compatible.",
        ),
    ),
    "photo-type-differs": Message(
        Text("Content-Type tidak cocok", "Content-Type does not match"),
        Text("Isinya {found}, tetapi dikirim sebagai {called}.", "This is {found}, but it was sent as {called}."),
        Text("Kirim dengan Content-Type: {found}.", "Send it with Content-Type: {found}."),
    ),
    "photo-unreadable": Message(
        Text("Foto tidak terbaca", "Photo not readable"),
        Text("Foto ini rusak atau terpotong.", "This photo is damaged or cut off."),
        Text("Kirim lagi berkas aslinya, atau ambil foto baru.", "Send the original file again, or take another photo."),
    ),
    "photo-too-many-pixels": Message(
        Text("Foto terlalu besar", "Photo too large"),
        Text("Foto ini punya lebih dari {most} megapiksel.", "This photo has more than {most} megapixels."),
        Text("Kecilkan fotonya, lalu kirim lagi.", "Make it smaller, then send it again."),
    ),
    "photos-unavailable": Message(
        Text("Tempat foto tidak menjawab", "Store of photos not answering"),
        Text("Tempat menyimpan foto sedang tidak dapat dipakai.", "The place where photos are kept cannot be used now."),
        Text("Coba lagi sebentar lagi.", "Try again in a moment."),
    ),
}

FAULTS: dict[str, Text] = {
    "member-of-other-operation": Text("Bukan untuk operasi {op}.", "Not for the operation {op}."),
    "base-or-after": Text("Sebut salah satu: base atau after.", "Name one of the two: base or after."),
    "captured-ahead": Text(
        "Waktu ini lebih dari sehari di masa depan. Periksa tanggal dan jamnya; bila jam ponsel salah, betulkan juga.",
        "This time is more than a day in the future. Check the date and the hour; if the clock of the phone is wrong, set it right too.",
    ),
    "too-deep": Text("Bertingkat terlalu dalam.", "Nested too deep."),
}
