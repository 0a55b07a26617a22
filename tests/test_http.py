"""What strangers may do to the connection itself: a served process, spoken to in bytes. Line 60 of the bad inputs, and its friends.

uvicorn alone would answer what it cannot read with plain text, take heads, trailers and pipelines of any size, merge trailers into the
headers, read the body of an upgrade as the next request, and wait for ever for a head, for a body, or for somebody to read its answer.
`app/server/protocol.py` and `app/http/intake.py` make that good.
"""

import asyncio
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import asyncpg
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from app.cluster import open_cluster
from app.cluster.server import ADMIN
from app.server.protocol import Protocol
from app.settings import Settings
from tests.factories import a_feature
from tests.test_cli import Served, environment

pytestmark = [pytest.mark.anyio, pytest.mark.disruptive(10)]

# How long heads and bodies may take here.
PATIENCE_S = 2.0
MARK = b"rahasia-7f3a"
STORED = "SELECT (SELECT count(*) FROM titik.point), (SELECT count(*) FROM titik.revision), (SELECT count(*) FROM titik.audit)"
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'titik' AND state <> 'idle'"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Service:
    """A served process, and its rows as they were before."""

    def __init__(self, served: Served, data_dir: Path) -> None:
        url = urlsplit(served.url)
        self.served, self.data_dir, self.host = served, data_dir, url.netloc.encode()
        self.address = (url.hostname or "", url.port or 0)
        self.token = served.tokens["TITIK_TOKEN_PIC"].encode()
        self.stored = asyncio.run(self.look(STORED))

    async def look(self, sql: str) -> tuple[Any, ...]:
        with open_cluster(self.data_dir) as cluster:
            # Others' sessions are shown to a superuser only.
            connection = await asyncpg.connect(cluster.url(ADMIN))
            try:
                return tuple(await connection.fetchrow(sql))
            finally:
                await connection.close()

    def connections(self) -> int:
        """Those that the service has open (ESTABLISHED or CLOSE_WAIT)."""
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(line[1].endswith(f":{self.address[1]:04X}") and line[3] in ("01", "08") for line in lines)

    async def ask(self, sent: bytes, *later: bytes, every: float = 0.3) -> tuple[list[Answer], float]:
        """Sends, `later` bit by bit, and reads until the service closes; how long that took."""
        loop, began, received = asyncio.get_running_loop(), time.monotonic(), b""
        with socket.socket() as stranger:
            stranger.setblocking(False)
            await loop.sock_connect(stranger, self.address)

            async def trickle() -> None:
                with suppress(ConnectionError):
                    await loop.sock_sendall(stranger, sent)
                    for part in later:
                        await asyncio.sleep(every)
                        await loop.sock_sendall(stranger, part)

            trickling = asyncio.create_task(trickle())
            # Who goes on sending may be reset, but after the answer.
            with suppress(ConnectionResetError):
                async with asyncio.timeout(20):
                    while part := await loop.sock_recv(stranger, 1 << 20):
                        received += part
            trickling.cancel()
            await asyncio.wait([trickling])
        return answers(received, is_head=sent.startswith(b"HEAD")), time.monotonic() - began


def answers(received: bytes, *, is_head: bool = False) -> list[Answer]:
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = 0 if is_head else int(headers.get("content-length", "0"))
        found.append(Answer(int(first.split()[1]), headers, received[:length]))
        received = received[length:]
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """When all is over, nothing was stored, no connection is open, nobody is busy, and no task is left that the end must cancel."""
    data_dir = tmp_path_factory.mktemp("http") / "data"
    served = Served(data_dir, env=environment(data_dir, TITIK_BODY_TIMEOUT_S=str(PATIENCE_S)))
    try:
        one = Service(served, data_dir)
        yield one
        until = time.monotonic() + 10
        while one.connections() or asyncio.run(one.look(BUSY)) != (0,):
            assert time.monotonic() < until, (one.connections(), asyncio.run(one.look(BUSY)))
            time.sleep(0.1)
        assert asyncio.run(one.look(STORED)) == one.stored
        served.end(signal.SIGTERM)
        assert "Cancel" not in served.told
        assert "Traceback" not in served.told
        assert served.errors == ""
    finally:
        served.kill()


def get(path: bytes = b"/health/live", *headers: bytes, host: bytes = b"Host: titik.test", line: bytes = b"GET %b HTTP/1.1") -> bytes:
    """A request that ends its connection."""
    return b"\r\n".join([line % path, *filter(None, [host]), b"Connection: close", *headers, b"", b""])


def post(*headers: bytes, body: bytes = b"{}") -> bytes:
    """A body for the collection; `{token}` stands for that of a PIC."""
    return get(b"/collections/posyandu/items", b"Authorization: Bearer {token}", *headers, line=b"POST %b HTTP/1.1") + body


def chunked(*chunks: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", body=b"".join(chunks))


UNREADABLE, TOO_LARGE = (400, "request-unreadable"), (431, "head-too-large")
UNKNOWN, NOT_OFFERED = (404, "collection-unknown"), (405, "method-not-allowed")
REFUSED: dict[str, tuple[bytes, tuple[int, str]]] = {
    "10,000 headers": (get(b"/", *(b"X-%d: a" % number for number in range(10_000))), TOO_LARGE),
    "101 headers": (get(b"/", *(b"X-%d: a" % number for number in range(99))), TOO_LARGE),
    "one header of 2 MB": (get(b"/", b"X: " + MARK * 170_000), TOO_LARGE),
    "one header of 70 KB, and 200 KB in all": (get(b"/", *[b"X: " + b"a" * 70_000] * 3), TOO_LARGE),
    "the name of a header of 1 MB": (get(b"/", b"X" * 1_000_000 + b": a"), TOO_LARGE),
    "a key of 1 MB": (post(b"Idempotency-Key: " + MARK * 90_000, b"Content-Length: 2"), TOO_LARGE),
    "a key of 300 bytes": (post(b"Idempotency-Key: " + b"k" * 300, b"Content-Length: 2"), (400, "parameter-invalid")),
    "a path of 9 KB": (get(b"/" + MARK * 750), (414, "address-too-long")),
    "a path of 2 MB": (get(b"/" + MARK * 170_000), (414, "address-too-long")),
    "a query of 2 MB": (get(b"/?" + MARK * 170_000), (414, "address-too-long")),
    "a line in a path": (get(b"/collections/a%0d%0aSet-Cookie:%20" + MARK), UNKNOWN),
    "a bare line in a path": (get(b"/a\r\nSet-Cookie: b"), (404, "not-found")),
    "a bare CR in a value": (get(b"/", b"X: a\rSet-Cookie: b"), UNREADABLE),
    "a bare LF in a value": (get(b"/", b"X: a\nSet-Cookie: b"), UNREADABLE),
    "a folded value": (get(b"/", b"X: a\r\n b"), UNREADABLE),
    "a NUL in a value": (get(b"/", b"X: a\x00b"), UNREADABLE),
    "a blank before the colon": (get(b"/", b"Content-Length : 2"), UNREADABLE),
    "no name": (get(b"/", b": a"), UNREADABLE),
    "length and chunks": (post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), UNREADABLE),
    "chunks and length": (post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"), UNREADABLE),
    "two lengths": (post(b"Content-Length: 2", b"Content-Length: 3"), UNREADABLE),
    "the same length twice": (post(b"Content-Length: 2", b"Content-Length: 2"), UNREADABLE),
    "two lengths in one": (post(b"Content-Length: 2, 2"), UNREADABLE),
    "a negative length": (post(b"Content-Length: -2"), UNREADABLE),
    "a length with a sign": (post(b"Content-Length: +2"), UNREADABLE),
    "a length in hexadecimal": (post(b"Content-Length: 0x2"), UNREADABLE),
    "a length of 30 digits": (post(b"Content-Length: " + b"9" * 30), UNREADABLE),
    "a length of 1 TB": (post(b"Content-Length: 1000000000000"), (413, "body-too-large")),
    "20 MB": (post(b"Content-Length: 20000000", body=b" " * 20_000_000), (413, "body-too-large")),
    "7 MB": (post(b"Content-Length: 7000000", body=b" " * 7_000_000), (413, "body-too-large")),
    "7 MB in chunks": (chunked(*[b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 107, b"0\r\n\r\n"), (413, "body-too-large")),
    "a chunk of no size": (chunked(b"\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "a chunk of letters": (chunked(b"xyz\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "a chunk of less than nothing": (chunked(b"-2\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "a chunk of 0x2": (chunked(b"0x2\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "a chunk of 2^72": (chunked(b"F" * 18 + b"\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "a chunk longer than it says": (chunked(b"1\r\n{}\r\n0\r\n\r\n"), UNREADABLE),
    "an endless extension of a chunk": (chunked(b"2;" + b"a" * 400_000), TOO_LARGE),
    "an endless trailer": (chunked(b"2\r\n{}\r\n0\r\nX: " + b"a" * 400_000), TOO_LARGE),
    "endless trailers": (chunked(b"2\r\n{}\r\n0\r\n" + b"X: a\r\n" * 100_000), TOO_LARGE),
    "a trailer that would be a media type": (chunked(b"2\r\n{}\r\n0\r\nContent-Type: text/plain\r\n\r\n"), (422, "body-invalid")),
    "another coding than chunks": (post(b"Transfer-Encoding: identity"), UNREADABLE),
    "chunks in disguise": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), UNREADABLE),
    "chunks and then another": (post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), UNREADABLE),
    "gzip in chunks": (post(b"Transfer-Encoding: gzip, chunked", body=b"2\r\n\x1f\x8b\r\n0\r\n\r\n"), (400, "body-not-json")),
    "a gzip bomb": (post(b"Content-Encoding: gzip", b"Content-Length: 2", body=b"\x1f\x8b"), (415, "encoding-unsupported")),
    "a form": (post(b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: 2"), (415, "media-type-unsupported")),
    "TRACE": (get(b"/", line=b"TRACE %b HTTP/1.1"), NOT_OFFERED),
    "CONNECT": (get(b"titik.test:443", line=b"CONNECT %b HTTP/1.1"), UNREADABLE),
    # RFC 9110 §9.3.7 lets it be about the server; we have nothing to say about that.
    "OPTIONS of everything": (get(b"*", line=b"OPTIONS %b HTTP/1.1"), (404, "not-found")),
    "a method in lower case": (get(line=b"get %b HTTP/1.1"), UNREADABLE),
    "an unknown method": (get(line=b"XYZ %b HTTP/1.1"), UNREADABLE),
    "an unknown version": (get(line=b"GET %b HTTP/9.9"), UNREADABLE),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", UNREADABLE),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500, UNREADABLE),
    "garbage": (MARK * 100, UNREADABLE),
    "a bare NUL in a path": (get(b"/collections/a\x00"), UNREADABLE),
    "a NUL in a path": (get(b"/collections/posyandu%00/items"), (404, "not-found")),
    "a path that is not UTF-8": (get(b"/collections/%ff%fe/items"), UNKNOWN),
    "a path that is not ASCII": (get(b"/collections/\xff\xfe/items"), UNREADABLE),
    "a query that is not ASCII": (get(b"/collections/posyandu/items?limit=\xff"), UNREADABLE),
    "broken percent-encodings": (get(b"/collections/%zz%f%%/items"), UNKNOWN),
    "a broken percent-encoding in a query": (get(b"/collections/posyandu/items?limit=%zz%"), (400, "parameter-invalid")),
    "another address for the same": (get(b"/collections/"), (404, "not-found")),
    "no host": (get(b"/collections", host=b""), (400, "host-invalid")),
    "two hosts": (get(b"/collections", b"Host: " + MARK), (400, "host-invalid")),
    "a host with a path": (get(b"/collections", host=b"Host: titik.test/" + MARK), (400, "host-invalid")),
    "a host that is HTML": (get(b"/?f=html", host=b'Host: "><script>' + MARK), (400, "host-invalid")),
    "a host of a user": (get(b"/collections", host=b"Host: " + MARK + b"@titik.test"), (400, "host-invalid")),
    "a host of 10 KB": (get(b"/collections", host=b"Host: " + b"a" * 10_000), (400, "host-invalid")),
    "a bad host of a write": (
        get(b"/collections/posyandu/items", b"Authorization: Bearer {token}", b"Content-Length: {length}", host=b"Host: a b", line=b"POST %b HTTP/1.1") + b"{feature}",
        (400, "host-invalid"),
    ),
    "another method by a header": (
        get(b"/collections/warung/items", b"X-HTTP-Method-Override: POST", b"X-HTTP-Method: DELETE", b"X-Method-Override: PUT"), UNKNOWN,
    ),
    "an upgrade of a write": (
        b"POST /collections/posyandu/items HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nAuthorization: Bearer {token}\r\n"
        b"Content-Length: 40\r\n\r\n" + b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n\r\n", (400, "body-not-json"),
    ),
}  # fmt: skip


def filled(sent: bytes, service: Service) -> bytes:
    feature = json.dumps(a_feature(kelurahan="35.71.01.1011", address=MARK.decode())).encode()
    for name, value in ((b"{token}", service.token), (b"{length}", b"%d" % len(feature)), (b"{feature}", feature)):
        sent = sent.replace(name, value, 1)
    return sent


def refusal(found: list[Answer], status: int, code: str) -> Answer:
    """The one answer, after all that holds for each refusal."""
    assert [one.status for one in found] == [status]
    answer = found[0]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert len(answer.body) < 65_536
    problem = json.loads(answer.body)
    # The path is told as `instance`, and nothing else of what was sent.
    assert MARK not in json.dumps(problem | {"instance": ""}).encode()
    assert len(problem["instance"]) <= 200
    assert (problem["type"], problem["status"]) == (f"urn:titik:problem:{code}", status)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    return answer


async def test_what_is_no_request_is_refused_at_once(service: Service) -> None:
    slow: dict[str, float] = {}
    for name, (sent, (status, code)) in REFUSED.items():
        try:
            found, took = await service.ask(filled(sent, service))
            refusal(found, status, code)
        except Exception as error:
            raise AssertionError(name) from error
        slow |= {name: took} if took >= 1 else {}
    # Whatever else this machine does now, it will not do it twice at the same place.
    again = {name: (await service.ask(filled(REFUSED[name][0], service)))[1] for name in slow}
    assert {name: took for name, took in again.items() if took >= 1} == {}


async def test_what_is_only_strange_is_answered(service: Service) -> None:
    many = get(b"/collections", b"Range: bytes=" + b",".join([b"0-1"] * 10_000))
    forwarded = [b"X-Forwarded-%b: %b.example" % (name, MARK) for name in (b"Host", b"For", b"Proto", b"Prefix", b"Server")]
    strange = {
        "HTTP/1.0": get(line=b"GET %b HTTP/1.0"),
        "an address with its host": get(b"http://jauh.example/health/live"),
        "10,000 ranges": many,
        "forged forwarding": get(b"/collections", *forwarded, b"Forwarded: for=1.2.3.4;host=" + MARK),
        "a host by number": get(b"/collections", host=b"Host: [::1]:8000"),
        "an empty line before": b"\r\n" + get(),
        "a body of a GET": get(b"/health/live", b"Content-Length: 2") + b"{}",
        "a WebSocket": get(
            b"/health/live", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        ),
    }  # fmt: skip
    for name, sent in strange.items():
        (answer,), took = await service.ask(sent)
        assert (answer.status, "upgrade" in answer.headers) == (200, False), name
        assert MARK not in answer.body, name
        assert took < 5, name
    (plain,), _ = await service.ask(get(b"/collections"))
    assert plain == (await service.ask(many))[0][0]._replace(headers=plain.headers)
    assert b'"href":"http://titik.test/collections"' in plain.body


async def test_head_is_get_without_its_body(service: Service) -> None:
    mutable = {"date", "x-request-id"}
    for path in (b"/", b"/api", b"/collections/posyandu", b"/collections/posyandu/tiles/WebMercatorQuad/0/0/0", b"/tidak/ada", b"/reviews"):
        (get_answer,), _ = await service.ask(get(path))
        (head_answer,), _ = await service.ask(get(path, line=b"HEAD %b HTTP/1.1"))
        assert head_answer.body == b""
        assert head_answer.status == get_answer.status
        assert {name: value for name, value in head_answer.headers.items() if name not in mutable} == {
            name: value for name, value in get_answer.headers.items() if name not in mutable
        }
        assert int(head_answer.headers["content-length"]) == len(get_answer.body) > 0


async def test_requests_sent_ahead_are_answered_in_order_up_to_a_bound(service: Service) -> None:
    ask, unknown = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /collections/warung HTTP/1.1\r\nHost: a\r\n\r\n"
    found, _ = await service.ask(ask + unknown + ask + get())
    assert [one.status for one in found] == [200, 404, 200, 200]
    flood, took = await service.ask(ask * 5_000)
    assert 1 < len(flood) <= 20
    assert took < 5
    # What is wrong after good ones takes no answer from them, and gets none that could be taken for theirs.
    garbage, took = await service.ask(ask + unknown + MARK + b"\r\n\r\n")
    assert [one.status for one in garbage] == [200, 404]
    longer, _ = await service.ask(b"GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}" + MARK + b"\r\n\r\n")
    assert [one.status for one in longer] == [200]


async def test_nobody_holds_a_connection_by_being_slow(service: Service) -> None:
    """Each for itself would hold it for ever; while they try, others are served."""
    alive = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
    drip = [bytes([letter]) for letter in b"X-Slow: " + b"a" * 100]
    body = filled(post(b"Content-Length: 1000"), service)
    chunks = filled(chunked(b"1\r\n{\r\n"), service)
    slow = {
        "nothing at all": (service.ask(b""), []),
        "a head": (service.ask(b"GET / HTTP/1.1\r\n", *drip), [408]),
        "empty lines": (service.ask(b"\r\n", *[b"\r\n"] * 100), [408]),
        "a body": (service.ask(body, *[b" "] * 100), [408]),
        "chunks": (service.ask(chunks, *[b"1\r\n \r\n"] * 100), [408]),
        "trailers": (service.ask(chunks + b"0\r\n", *[b"X: a\r\n"] * 100), [408]),
        "nothing after an answer": (service.ask(alive + b"\r\n"), [200]),
        "empty lines after an answer": (service.ask(alive + b"\r\n", *[b"\r\n"] * 100), [200, 408]),
        "a second head": (service.ask(alive + b"\r\nGET / HTTP/1.1\r\n", *drip), [200, 408]),
        "a body that nobody reads": (service.ask(alive + b"Content-Length: 1000\r\n\r\n", *[b" "] * 100), [200]),
        "a body after its refusal": (
            service.ask(body.replace(b"POST /collections/posyandu/items", b"GET /tidak/ada").replace(b"Connection: close\r\n", b""), *[b" "] * 100), [404],
        ),
    }  # fmt: skip
    others = [asyncio.create_task(service.ask(get(b"/collections"))) for _ in range(5)]
    done = await asyncio.gather(*(asked for asked, _ in slow.values()))
    for (name, (_, statuses)), (found, took) in zip(slow.items(), done, strict=True):
        assert [one.status for one in found] == statuses, name
        assert PATIENCE_S - 0.5 < took < 3 * PATIENCE_S + 5, name
        for one in found:
            if one.status == 408:
                assert (one.headers["connection"], one.headers["content-type"]) == ("close", "application/problem+json"), name
    assert [found[0].status for found, _ in await asyncio.gather(*others)] == [200] * 5


async def test_nobody_holds_an_answer_by_not_reading_it(service: Service) -> None:
    """Asks for more than the system's buffers hold, and reads nothing."""
    loop = asyncio.get_running_loop()
    with socket.socket() as reader:
        reader.setblocking(False)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        await loop.sock_connect(reader, service.address)
        for _ in range(150):
            # One after the other, as more than a few would not be taken; at last nothing is.
            await loop.sock_sendall(reader, b"GET /api HTTP/1.1\r\nHost: a\r\n\r\n")
            await asyncio.sleep(0.01)
        assert service.connections() == 1
        until = time.monotonic() + 10 * PATIENCE_S
        while service.connections():
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


async def test_a_body_without_an_end_is_cut_off(service: Service) -> None:
    """Who goes on after 8 MB need not hear the answer; what counts is that it ends."""
    began, sent = time.monotonic(), 0
    loop = asyncio.get_running_loop()
    with socket.socket() as stranger, suppress(ConnectionError):
        stranger.setblocking(False)
        await loop.sock_connect(stranger, service.address)
        await loop.sock_sendall(stranger, filled(chunked(), service))
        while sent < 100_000_000:
            await loop.sock_sendall(stranger, b"10000\r\n" + b" " * 65_536 + b"\r\n")
            sent += 65_536
    assert 8_000_000 < sent < 50_000_000
    assert time.monotonic() - began < 10


async def test_a_body_that_is_cut_off_leaves_nothing(service: Service) -> None:
    """Twelve bytes short, and then the end: neither is it answered nor stored; `service` looks when all is over."""
    sent = filled(post(b"Content-Length: {length}", body=b"{feature}"), service)
    for cut in (1, 12, len(sent) - sent.index(b"\r\n\r\n") - 4):
        reader, writer = await asyncio.open_connection(*service.address)
        writer.write(sent[:-cut])
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(-1), 5) == b""
        writer.close()


async def test_refusals_are_logged_without_what_was_sent(service: Service) -> None:
    await service.ask(get(b"/" + MARK * 750))
    assert MARK.decode() not in service.served.printed + service.served.told
    refused = re.findall(r'"code":"address-too-long".*?"path":"\?"', service.served.printed)
    assert refused


class Adding:
    """A service that has always just added something."""

    state = SimpleNamespace(services=SimpleNamespace(settings=Settings()))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"location", b"/items/1"), (b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


async def test_where_it_was_added_is_told_in_the_spelling_that_qgis_knows() -> None:
    config = uvicorn.Config(Adding(), log_config=None, access_log=False, lifespan="off", proxy_headers=False)
    config.load()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: Protocol(config, ServerState(), {}), "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        received = await reader.read()
        writer.close()
    assert received.startswith(b"HTTP/1.1 201 Created\r\nLocation: /items/1\r\ncontent-length: 0\r\n")
