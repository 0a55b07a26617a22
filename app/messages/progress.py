"""What can be wrong with a question about progress."""

from app.language import Text

FAULTS: dict[str, Text] = {
    "progress-below-level": Text(
        "Dengan level={level} wilayahnya tidak dapat sekecil ini. Hapus saringan ini, atau tulis level yang lebih kecil.",
        "With level={level} areas are larger than this. Leave the filter out, or ask for a lower level.",
    ),
    "state-of-work": Text("Hanya bersama view=work.", "Only together with view=work."),
}
