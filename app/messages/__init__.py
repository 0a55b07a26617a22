"""The sentences of every error, in both languages: what is wrong, and what to do next. `{…}` are facts, never input.

One module per field; here they are one table of problems and one of faults.
"""

from app.language import Text
from app.messages import imports, listeners, phones, requests, rows, values
from app.messages.kinds import Message

__all__ = ["FAULTS", "PROBLEMS", "SUGGESTION", "Message"]

# Added to the hint of a misplaced point where exactly one other reading of its coordinate lands.
SUGGESTION = Text(
    "Mungkin maksudnya {lon}, {lat} ({repairs}).",
    "Perhaps {lon}, {lat} was meant ({repairs}).",
)

PROBLEMS: dict[str, Message] = requests.PROBLEMS | imports.PROBLEMS | rows.PROBLEMS | phones.PROBLEMS | listeners.PROBLEMS

FAULTS: dict[str, Text] = values.FAULTS | imports.FAULTS | rows.FAULTS | phones.FAULTS | listeners.FAULTS
