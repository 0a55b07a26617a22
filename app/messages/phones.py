"""What can be wrong with what phones send: batches, photos, cursors of changes."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
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
}

FAULTS: dict[str, Text] = {
    "member-of-other-operation": Text("Bukan untuk operasi {op}.", "Not for the operation {op}."),
    "base-or-after": Text("Sebut salah satu: base atau after.", "Name one of the two: base or after."),
    "captured-ahead": Text(
        "Lebih dari sehari di masa depan; betulkan jam telepon, lalu perbaiki waktunya.",
        "More than a day in the future; set the clock of the phone right, then correct the time.",
    ),
    "too-deep": Text("Bertingkat terlalu dalam.", "Nested too deep."),
}
