"""Texts of people, of characters that can be seen. Pure."""

import re

# C0, DEL and C1, the separators of lines and paragraphs; what turns the direction of the text that follows (UAX #9).
_BREAKS = "\u2028\u2029\x85\n\t\r"
_UNSEEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ON_ONE_LINE, _ON_LINES = re.compile(f"[{_UNSEEN}{_BREAKS}]+"), re.compile(f"[{_UNSEEN}]+")


def plain(text: str) -> str:
    """The text on one line: control characters, breaks and marks of direction replaced by a blank."""
    return _ON_ONE_LINE.sub(" ", text)


def plain_lines(text: str) -> str:
    """The same, of a text that may have several lines."""
    return _ON_LINES.sub(" ", text)


def plain_values(value: object) -> object:
    """Every text of a JSON value, however deep; its names stay as they are."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [plain_values(one) for one in value]
    return {name: plain_values(one) for name, one in value.items()} if isinstance(value, dict) else value
