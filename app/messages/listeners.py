"""What can be wrong with webhooks and streams of events."""

from app.language import Text
from app.messages.kinds import Message

PROBLEMS: dict[str, Message] = {}

FAULTS: dict[str, Text] = {}
