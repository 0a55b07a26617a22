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
}

FAULTS: dict[str, Text] = {}
