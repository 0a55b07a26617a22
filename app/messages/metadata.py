"""What can be wrong when metadata of activities and variables are asked for."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {
    "activity-unknown": Message(
        Text("Kegiatan tidak ada", "No such activity"),
        Text("Tidak ada kegiatan dengan id ini.", "There is no activity of this id."),
        Text("Lihat daftarnya di /metadata/activities.", "See the list at /metadata/activities."),
    ),
}
