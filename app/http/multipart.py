"""The one file within a form (multipart/form-data, RFC 7578), taken out while the form is read."""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import BadRequest
from app.plaintext import plain

MEDIA_TYPE = "multipart/form-data"
LONGEST_NAME = 200
_AS_IT_IS = ("", "7bit", "8bit", "binary")


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == MEDIA_TYPE


class FormFile:
    """Is fed the form as it comes, and gives what of it is of the file: never more than it was fed, and nothing is kept.

    `BadRequest` where it is no such form (`form-unreadable`), or one that holds anything but one file (`form-not-one-file`).
    """

    def __init__(self, content_type: str) -> None:
        self.name = ""
        """As its sender calls it, without folders, at most `LONGEST_NAME` letters."""
        self.media_type = ""
        self._found, self._is_over = bytearray(), False
        self._headers: dict[str, str] = {}
        self._field, self._value = bytearray(), bytearray()
        self._files = 0
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise BadRequest("form-unreadable")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._know,
                    "on_part_data": lambda data, start, end: self._found.extend(data[start:end]),
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise BadRequest("form-unreadable") from None

    def feed(self, part: bytes, *, is_last: bool) -> bytes:
        """What of this part of the form is of the file."""
        try:
            self._parser.write(part)
        except FormParserError:
            raise BadRequest("form-unreadable") from None
        if is_last and not self._is_over:
            raise BadRequest("form-unreadable")
        found = bytes(self._found)
        self._found.clear()
        return found

    def _begin(self) -> None:
        self._files += 1
        if self._files > 1:
            raise BadRequest("form-not-one-file")
        self._headers.clear()

    def _end_header(self) -> None:
        self._headers[self._field.decode("latin-1").strip().lower()] = self._value.decode("latin-1").strip()
        self._field.clear()
        self._value.clear()

    def _know(self) -> None:
        if self._headers.get("content-transfer-encoding", "").lower() not in _AS_IT_IS:
            raise BadRequest("form-unreadable")
        options = parse_options_header(self._headers.get("content-disposition"))[1]
        # A field has no name of a file; where nobody has chosen one, browsers send an empty name.
        if not options.get(b"filename"):
            raise BadRequest("form-not-one-file")
        name = options[b"filename"].decode(errors="replace").replace("\0", "").replace("\\", "/")
        # Its end says what kind of file it is.
        self.name = plain(name.rpartition("/")[2])[-LONGEST_NAME:]
        self.media_type = self._headers.get("content-type", "").partition(";")[0].strip().lower()

    def _end(self) -> None:
        self._is_over = True
        if not self._files:
            raise BadRequest("form-not-one-file")
