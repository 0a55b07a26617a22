"""What can be wrong with what phones send: batches, photos, cursors of changes."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {}

FAULTS: dict[str, Text] = {}
