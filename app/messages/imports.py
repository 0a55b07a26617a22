"""What can be wrong with files that are imported."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {}

FAULTS: dict[str, Text] = {}
