"""The one file of a form, however its bytes arrive."""

import httpx
import pytest

from app.http.multipart import FormFile

FORM = "multipart/form-data; boundary=garis"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 10_000])
def test_however_a_form_is_cut_its_file_is_whole(step: int) -> None:
    """Also where the file looks like the line that ends it, and the name is not of ASCII, or a path."""
    content = b"\r\n--gari\r\n--garis\r\r\n-" * 40
    request = httpx.Request("POST", "http://x", files={"file": ("C:\\Berkas\\Pos é.csv", content)}, headers={"Content-Type": FORM})
    body, file = request.read(), FormFile(FORM)
    content_found = b"".join(file.feed(body[at : at + step], is_last=at + step >= len(body)) for at in range(0, len(body), step))
    assert content_found == content
    assert file.name == "Pos é.csv"
