"""The stream of changes over a socket, from a service as people start it: heard at once, and no hindrance when the service is to end."""

import json
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.factories import PUBLISH, a_feature, decision_of
from tests.test_cli import Served

pytestmark = pytest.mark.disruptive(14)


def test_who_listens_hears_it_at_once_and_does_not_keep_the_service_from_ending(tmp_path: Path) -> None:
    served = Served(tmp_path / "data")
    try:
        pic, walidata = ({"Authorization": f"Bearer {served.tokens[f'TITIK_TOKEN_{who}']}"} for who in ("PIC", "WALIDATA"))
        parts = urlsplit(served.url)
        # One who asks and never reads, and one who reads.
        deaf = socket.create_connection((parts.hostname or "", parts.port or 0))
        deaf.sendall(b"GET /changes/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        with httpx.Client(timeout=20, trust_env=False) as client, client.stream(
            "GET", f"{served.url}/changes/stream", headers={"Accept-Encoding": "gzip, br"}
        ) as stream:  # fmt: skip
            lines = stream.iter_lines()
            assert (next(lines), next(lines)[:4], next(lines)) == ("retry: 3000", "id: ", "")
            posted = client.post(f"{served.url}/collections/posyandu/items", json=a_feature(name="Posyandu Aliran"), headers=pic).json()
            began = time.monotonic()
            assert client.post(served.url + decision_of(posted), json=PUBLISH, headers=walidata).status_code == 200
            assert next(lines).startswith("id: ")
            assert next(lines) == "event: change"
            told = json.loads(next(lines).removeprefix("data: "))
            assert (told["id"], told["feature"]["properties"]["name"]) == (posted["id"], "Posyandu Aliran")
            heard_after = time.monotonic() - began
            began = time.monotonic()
            assert served.end(signal.SIGTERM) == 0
            ended_after = time.monotonic() - began
            assert list(lines) == [""]
        deaf.close()
    finally:
        served.kill()
    assert heard_after < 3
    assert ended_after < 4
    assert served.errors == ""
    print(f"heard after {heard_after:.2f} s, ended after {ended_after:.2f} s")  # noqa: T201
