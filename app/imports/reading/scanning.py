"""JSON texts value by value, with as much of them in memory as one value takes."""

import json
import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any, Final, NoReturn, TextIO

from app.errors import Unreadable
from app.imports.limits import LONGEST_RECORD

_CHUNK: Final = 256 << 10
_UNFINISHED: Final = 16
_BLANK: Final = re.compile(r"[ \t\r\n\ufeff]*")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


class Scanner:
    """The values of a JSON text, one by one, with as much of it in memory as one value takes."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank; `""` at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, wanted: str) -> None:
        """Passes this character."""
        if self.peek() != wanted:
            self.damaged()
        self._at += 1

    def value(self) -> Any:
        """The value that stands here."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                # What is wrong in the middle stays wrong, however much follows; a text that has not ended yet is told at its beginning.
                middle = len(self._text) - error.pos > _UNFINISHED and not error.msg.startswith("Unterminated")
                if middle or not self._more():
                    self.damaged()
                continue
            except RecursionError as error:
                raise Unreadable("json-too-deep") from error
            except ValueError:
                self.damaged()
            # A number may go on.
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def array(self) -> Iterator[object]:
        """The elements of a list, which begins here."""
        self.take("[")
        while self.peek() != "]":
            yield self.value()
            self._separated("]")
        self.take("]")

    def members(self) -> Iterator[str]:
        """The names of the members of an object, which begins here; the value of each has to be taken before the next name."""
        self.take("{")
        while self.peek() != "}":
            name = self.value()
            self.take(":")
            yield name
            self._separated("}")
        self.take("}")

    def end(self) -> None:
        """Nothing stands behind this."""
        if self.peek():
            self.damaged()

    def _separated(self, end: str) -> None:
        if self.peek() == ",":
            self.take(",")
        elif self.peek() != end:
            self.damaged()

    def damaged(self) -> NoReturn:
        """Says so, with the line."""
        raise Unreadable("json-damaged", line=self._line + self._text.count("\n", 0, self._at))

    def _more(self) -> bool:
        if self._ended:
            return False
        if len(self._text) - self._at > LONGEST_RECORD:
            raise Unreadable("record-too-long", most=LONGEST_RECORD)
        chunk = self._file.read(_CHUNK)
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        self._ended = not chunk
        return not self._ended


class Sequence(Scanner):
    """Values one after the other; a record separator before each is blank space like any other."""

    def peek(self) -> str:
        while (found := super().peek()) == "\x1e":
            self.take("\x1e")
        return found

    def take(self, wanted: str) -> None:
        if super().peek() != wanted:
            self.damaged()
        self._at += 1
