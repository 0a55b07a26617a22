"""XML of strangers, read as a stream: no declarations of any kind, so no entities, and no depth without end."""

from collections.abc import Iterable, Iterator
from typing import Final, NoReturn
from xml.parsers import expat

from app.errors import Unreadable
from app.imports.limits import DEEPEST, LONGEST_RECORD

NOT_XML: Final = (expat.ExpatError, LookupError, ValueError)
"""What reading raises of a file that is no XML; the last two are encodings that nobody knows, or that need more than a byte a letter."""


class GuardedParser:
    """Override `start`, `end` and, where `texts` is set, `text`. Names come without their prefix, attributes with it.

    expat fetches nothing from anywhere by itself; that a document type is refused keeps it from expanding entities too.
    """

    texts = False

    def __init__(self) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 64 << 10
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        if self.texts:
            parser.CharacterDataHandler = self._text
        self._parser = parser
        self._depth = self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text; there may be more of it."""

    def steps(self, chunks: Iterable[bytes]) -> Iterator[None]:
        """One turn for each piece, so that what was found can be taken in between. One of `NOT_XML` otherwise."""
        fed = 0
        for chunk in chunks:
            self._parser.Parse(chunk, False)
            fed += len(chunk)
            # A tag or comment that does not end is looked through from its beginning with each piece.
            if fed - self._parser.CurrentByteIndex > LONGEST_RECORD:
                raise Unreadable("record-too-long", most=LONGEST_RECORD)
            yield
        self._parser.Parse(b"", True)
        yield

    @property
    def line(self) -> int:
        """Where it is, counted from 1."""
        return self._parser.CurrentLineNumber

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._length = 0
        if self._depth > DEEPEST:
            raise Unreadable("xml-too-deep", most=DEEPEST)
        self.start(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(name.rpartition(":")[2])

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST_RECORD:
            raise Unreadable("record-too-long", most=LONGEST_RECORD)
        self.text(text)


def _refuse(*_: object) -> NoReturn:
    raise Unreadable("xml-declares")
