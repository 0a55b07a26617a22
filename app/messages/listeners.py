"""What can be wrong with webhooks and streams of events."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "changes-restarted": Message(
        Text("Umpan dimulai lagi", "The feed has begun anew"),
        Text(
            "Basis data ini dipulihkan atau dipindahkan, sehingga penanda ini tidak berlaku lagi.",
            "This database was restored or moved, so this cursor is no longer valid.",
        ),
        Text(
            "Ambil lagi seluruh data dari ekspor dan lanjutkan dari header Titik-Changes-Cursor di jawabannya, atau panggil /changes tanpa since.",
            "Take all data again from an export and go on from the header Titik-Changes-Cursor of its answer, or call /changes without since.",
        ),
    ),
    "streams-full": Message(
        Text("Aliran penuh", "No room for another stream"),
        Text("Terlalu banyak yang sedang mendengarkan di sini.", "Too many are listening here already."),
        Text("Coba lagi sebentar lagi, atau baca /changes secara berkala.", "Try again in a moment, or read /changes every now and then."),
    ),
    "streams-of-address-full": Message(
        Text("Terlalu banyak aliran dari alamat ini", "Too many streams from this address"),
        Text("Dari satu alamat paling banyak {most} aliran dapat dibuka.", "An address may have {most} streams open."),
        Text(
            "Tutup yang tidak dipakai, atau baca /changes secara berkala. Untuk kantor yang besar, operator dapat menaikkan TITIK_STREAMS_PER_ADDRESS.",
            "Close those that are not used, or read /changes every now and then. For a large office the operator can raise TITIK_STREAMS_PER_ADDRESS.",
        ),
    ),
    "webhook-unknown": Message(
        Text("Webhook tidak ditemukan", "No such webhook"),
        Text("Tidak ada webhook dengan id ini.", "There is no webhook of this id."),
        Text("Daftarnya ada di /webhooks.", "They are listed at /webhooks."),
    ),
    "webhooks-full": Message(
        Text("Webhook sudah terlalu banyak", "Too many webhooks"),
        Text("Ada paling banyak {most} webhook.", "There are at most {most} webhooks."),
        Text("Hapus dulu yang tidak dipakai lagi.", "Delete those that are no longer used first."),
    ),
    "event-unknown": Message(
        Text("Kabar tidak ditemukan", "No such event"),
        Text("Kabar itu tidak ada, atau sudah lebih dari 30 hari.", "There is no such event, or it is more than 30 days old."),
        Text("Yang lebih lama dapat dibaca dari ekspor atau dari /changes.", "What is older can be read from an export or from /changes."),
    ),
}

FAULTS: dict[str, Text] = {
    "category-unknown": Text(
        "Tidak ada kategori dengan nama ini. Yang ada: {known}.", "There is no category of this name. There are: {known}."
    ),
    "webhook-url-invalid": Text(
        "Harus alamat lengkap seperti https://penerima.contoh.id/titik.",
        "It must be a whole address such as https://receiver.example/titik.",
    ),
    "webhook-url-user": Text(
        "Alamatnya tidak boleh berisi nama pengguna atau sandi; penerima mengenali Titik dari tanda tangannya.",
        "The address must have no user or password in it; the receiver knows Titik by its signature.",
    ),
    "webhook-url-not-https": Text(
        "Harus https, kecuali ke jaringan yang diizinkan operator (TITIK_WEBHOOK_NETWORKS).",
        "It must be https, unless it leads into a network that the operator has named (TITIK_WEBHOOK_NETWORKS).",
    ),
    "replay-one-of": Text("Sebutkan satu saja: since, event atau failed.", "Name just one: since, event or failed."),
}
