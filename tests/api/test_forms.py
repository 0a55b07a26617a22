"""Files within a form (multipart/form-data), as `curl -F file=@x.csv` and browsers send them: the file is taken as if it had come by itself."""

from typing import Any

import httpx
import pytest

from app.db import WriteSession
from app.settings import Settings
from tests.api.test_bad_input import refusal
from tests.api.test_imports import OWN, finished, posyandu, table
from tests.conftest import AsRole, Client
from tests.factories import MOJOROTO, a_feature, submitted, value
from tests.photographs import a_photo

IMPORT = "/imports?category=posyandu"
A_FILE = ("posyandu baru.csv", table(posyandu(1), posyandu(2)), "text/csv")
STORED = "SELECT count(*) FROM titik.import"
pytestmark = pytest.mark.usefixtures("grid")


async def photos_of(pic: Client) -> str:
    return f"/points/{(await submitted(pic, a_feature()))['id']}/photos"


async def test_a_file_in_a_form_is_imported_as_one_by_itself(as_role: AsRole, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    answer = await pic.post(IMPORT, files={"file": A_FILE})
    assert answer.status_code == 202, answer.text
    wrapped = await finished(pic, answer.json()["id"])
    bare = await finished(pic, (await pic.post(IMPORT, content=A_FILE[1])).json()["id"])
    assert wrapped["name"] == "posyandu baru.csv"
    assert (wrapped["state"], wrapped["counts"]) == ("judged", bare["counts"])
    assert wrapped["counts"]["good"] == 2
    assert await value(owner, "SELECT count(DISTINCT sha256) FROM titik.import") == 1


async def test_a_name_in_the_address_comes_before_that_of_the_form(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    answer = await pic.post(f"{IMPORT}&name=daftar.csv", files={"file": A_FILE})
    assert (await finished(pic, answer.json()["id"]))["name"] == "daftar.csv"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_photo_in_a_form_is_the_same_as_by_itself(as_role: AsRole, kind: str) -> None:
    pic = await as_role("pic", MOJOROTO)
    path, content = await photos_of(pic), a_photo(kind)
    by_itself = await pic.post(path, content=content, headers={"Content-Type": f"image/{kind.lower()}"})
    assert by_itself.status_code == 201, by_itself.text
    for called in (f"image/{kind.lower()}", "application/octet-stream"):
        answer = await pic.post(path, files={"photo": ("rumah.bin", content, called)})
        assert (answer.status_code, answer.json()["id"]) == (200, by_itself.json()["id"])


async def test_a_photo_is_what_its_part_calls_it(as_role: AsRole) -> None:
    pic = await as_role("pic", MOJOROTO)
    path = await photos_of(pic)
    refusal(await pic.post(path, files={"file": ("x.png", a_photo(), "image/png")}), 422, "photo-type-differs")
    refusal(await pic.post(path, files={"file": ("x.txt", a_photo(), "text/plain")}), 415, "media-type-unsupported")


async def test_a_form_that_is_too_large_is_refused(as_role: AsRole, database: Settings, owner: WriteSession) -> None:
    pic = await as_role("pic", OWN)
    large = bytes(database.max_import_bytes)
    refusal(await pic.post(IMPORT, files={"file": ("x.csv", large, "text/csv")}), 413, "body-too-large")

    async def unannounced() -> Any:
        request = httpx.Request("POST", "http://x", files={"file": ("x.csv", large, "text/csv")}, headers={"Content-Type": FORM})
        for start in range(0, len(body := request.read()), 1 << 20):
            yield body[start : start + (1 << 20)]

    refusal(await pic.post(IMPORT, content=unannounced(), headers={"Content-Type": FORM}), 413, "body-too-large")
    assert await value(owner, STORED) == 0


FORM = "multipart/form-data; boundary=garis"
UNREADABLE = {
    "no boundary": ("multipart/form-data", b"a,b\n1,2\n"),
    "a boundary that is too long": (f"multipart/form-data; boundary={'x' * 300}", b"a,b\n1,2\n"),
    "no form": (FORM, b"a,b\n1,2\n"),
    "cut off": (FORM, b'--garis\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\na,b\r\n'),
    "encoded": (
        FORM,
        b'--garis\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--garis--\r\n',
    ),
    "endless headers": (FORM, b"--garis\r\nX: " + b"a" * 20_000 + b"\r\n\r\na\r\n--garis--\r\n"),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_is_no_form_is_told(as_role: AsRole, owner: WriteSession, case: str) -> None:
    content_type, body = UNREADABLE[case]
    pic = await as_role("pic", OWN)
    refusal(await pic.post(IMPORT, content=body, headers={"Content-Type": content_type}), 400, "form-unreadable")
    assert await value(owner, STORED) == 0


NOT_ONE: dict[str, dict[str, Any]] = {
    "two files": {"files": [("file", A_FILE), ("file", A_FILE)]},
    "a field beside it": {"files": {"file": A_FILE}, "data": {"category": "posyandu"}},
    "a field instead of it": {"files": {"file": (None, "a,b")}},
    "no name chosen": {"files": {"file": ("", b"")}},
    "no part": {"content": b"--garis--\r\n", "headers": {"Content-Type": FORM}},
    "no body": {"content": b"", "headers": {"Content-Type": FORM}},
}


@pytest.mark.parametrize("case", NOT_ONE)
async def test_a_form_holds_exactly_one_file(as_role: AsRole, owner: WriteSession, case: str) -> None:
    pic = await as_role("pic", OWN)
    told = refusal(await pic.post(IMPORT, **NOT_ONE[case]), 400, "form-not-one-file")
    assert "curl" in told["hint"]
    path = await photos_of(pic) if case != "a field beside it" else "/points/0190a6f0-7d3c-7f1e-8c55-0123456789ab/photos"
    refusal(await pic.post(path, **NOT_ONE[case]), 400, "form-not-one-file")
    assert await value(owner, STORED) == 0


async def test_two_large_files_are_refused_while_they_are_read(as_role: AsRole) -> None:
    pic = await as_role("pic", OWN)
    large = ("x.csv", bytes(100_000), "text/csv")
    for path in (IMPORT, "/points/0190a6f0-7d3c-7f1e-8c55-0123456789ab/photos"):
        refusal(await pic.post(path, files=[("file", large), ("file", large)]), 400, "form-not-one-file")
