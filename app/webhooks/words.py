"""What people are told of attempts and pauses."""

from app.language import Text

ERRORS = {
    "timeout": Text("Penerima tidak menjawab dalam 15 detik.", "The receiver did not answer within 15 seconds."),
    "name-unresolved": Text("Nama servernya tidak ditemukan.", "The name of the server was not found."),
    "address-forbidden": Text(
        "Nama servernya menuju alamat yang bukan alamat umum. Bila itu jaringan sendiri, operator dapat mengizinkannya dengan TITIK_WEBHOOK_NETWORKS.",
        "The name of the server leads to an address that is not public. If that is a network of your own, the operator can allow it by TITIK_WEBHOOK_NETWORKS.",
    ),
    "not-encrypted": Text("Tanpa https hanya boleh ke jaringan sendiri.", "Without https only networks of one's own are allowed."),
    "unreachable": Text("Servernya tidak dapat dihubungi.", "The server cannot be reached."),
    "tls-failed": Text("Sertifikat TLS servernya tidak sah.", "The server's TLS certificate is not valid."),
    "answer-unreadable": Text("Jawabannya bukan HTTP yang benar.", "The answer is not correct HTTP."),
    "not-sendable": Text(
        "Titik gagal mengirimnya; penyebabnya ada di log layanan.", "Titik failed to send it; the log of the service says why."
    ),
    "redirected": Text(
        "Penerima mengalihkan ke alamat lain. Itu tidak diikuti; daftarkan alamat yang baru.",
        "The receiver redirects to another address. That is not followed; register the new one.",
    ),
    "gone": Text("Penerima menjawab 410: tidak mau lagi menerima.", "The receiver answered 410: it wants no more."),
    "refused": Text("Penerima tidak menerima kabar ini; lihat code.", "The receiver did not take it; see code."),
    "secret-unreadable": Text(
        "Rahasianya tidak dapat dibaca lagi sejak TITIK_SECRET_KEY diganti. Buat yang baru: POST /webhooks/{id}/secret.",
        "Its secret can no longer be read since TITIK_SECRET_KEY was changed. Make a new one: POST /webhooks/{id}/secret.",
    ),
}

PAUSES = {
    "failing": Text(
        "Dijeda karena terlalu lama gagal. Tidak ada kabar yang hilang; setelah diperbaiki, lanjutkan dengan PATCH state active.",
        "Paused because it failed for too long. No event is lost; once it is mended, go on with PATCH state active.",
    ),
    "gone": Text(
        "Dijeda karena penerima menjawab 410. Lanjutkan dengan PATCH state active, atau hapus.",
        "Paused because the receiver answered 410. Go on with PATCH state active, or delete it.",
    ),
    "by-hand": Text("Dijeda oleh admin.", "Paused by an administrator."),
}
