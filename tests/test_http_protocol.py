"""Connections as callers use them, over real sockets: pipelined, upgraded, endless, HTTP/1.0."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from faregate.http_protocol import MAX_HEAD_BYTES
from tests.relay.books import Books, Route, furnish, until_served
from tests.serving import Gateway

PROMPTLY_S = 3.0
CHAT = "/v1/chat/completions"
H2C = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA"}
CHUNKED = {"Transfer-Encoding": "chunked"}


@dataclass
class Place:
    """A gateway, its books, and a key."""

    gateway: Gateway
    books: Books
    key: str

    def request(self, method: str, path: str, body: bytes = b"", version: str = "1.1", **headers: str) -> bytes:
        """The bytes of a request."""
        given = {"Host": "x", "Authorization": f"Bearer {self.key}", **headers}
        if body and "Transfer-Encoding" not in given:
            given |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/{version}", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        return "\r\n".join(lines).encode() + body

    def models(self, **headers: str) -> bytes:
        """The bytes of a small request."""
        return self.request("GET", "/v1/models", **headers)

    def call(self) -> "Caller":
        """A connection to it."""
        return Caller(socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10))


@dataclass
class Caller:
    """One connection. `got` is what came and was not taken yet."""

    line: socket.socket
    got: bytes = b""

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def send(self, *pieces: bytes) -> None:
        """Send each piece by itself, as far as they are taken apart."""
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            self.line.sendall(piece)
            time.sleep(0.05 if len(pieces) > 1 else 0)

    def until(self, words: bytes) -> bytes:
        """What came up to and with `words`."""
        while words not in self.got:
            piece = self.line.recv(65536)
            assert piece, self.got
            self.got += piece
        found, _, self.got = self.got.partition(words)
        return found + words

    def head(self) -> tuple[int, list[tuple[str, str]]]:
        """An answer's status and headers."""
        status, *lines = self.until(b"\r\n\r\n").decode().split("\r\n")[:-2]
        pairs = [line.split(": ", 1) for line in lines]
        return int(status.split(" ")[1]), [(name.lower(), value) for name, value in pairs]

    def whole(self) -> tuple[int, bytes]:
        """An answer's status and body, which has a length."""
        status, headers = self.head()
        size = int(dict(headers)["content-length"])
        while len(self.got) < size:
            piece = self.line.recv(65536)
            assert piece, self.got
            self.got += piece
        body, self.got = self.got[:size], self.got[size:]
        return status, body

    def rest(self) -> bytes:
        """Everything up to the connection's end."""
        while piece := self.line.recv(65536):
            self.got += piece
        found, self.got = self.got, b""
        return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The gateway of these tests, with the sandbox behind it."""
    gateway = Gateway(tmp_path_factory.mktemp("place")).start().set_up()
    try:
        books = furnish(gateway, Route("sandbox", type=1001))
        gateway.balance(10**12)
        key = gateway.key()
        until_served(gateway, key, "sandbox")
        yield Place(gateway, books, key)
    finally:
        gateway.kill()


def chat(text: str = "ping", **more: Any) -> bytes:
    """A chat call's body."""
    return json.dumps({"model": "sandbox", "messages": [{"role": "user", "content": text}], **more}).encode()


def stalling() -> bytes:
    """The body of a stream that says five words and is silent then."""
    return chat(stream=True, sandbox={"fault": "stall_middle", "chunks": 10})


def pong(answer: tuple[int, bytes]) -> bool:
    """True for the sandbox's answer to `ping`."""
    status, body = answer
    assert status == 200, answer
    return json.loads(body)["choices"][0]["message"]["content"] == "pong"


def chunked(body: bytes, trailers: str = "") -> bytes:
    """A body in two chunks."""
    half = len(body) // 2
    pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:half], body[half:])]
    return b"".join(pieces) + f"0\r\n{trailers}\r\n".encode()


# --- pipelining ---


def left_behind(place: Place, rest: bytes, *, later: bool) -> Any:
    """The record of a stream whose caller left in its middle, with `rest` sent behind it: soon written."""
    stream = place.request("POST", CHAT, stalling())
    with place.call() as caller:
        caller.send(stream if later else stream + rest)
        _, headers = caller.head()
        for _ in range(5):
            caller.until(b'"content":"')
        if later:
            time.sleep(0.1)  # by now the gateway listens for the caller's leaving
            caller.send(rest)
            time.sleep(0.1)
    left_at = time.monotonic()
    ident = dict(headers)["x-faregate-request-id"]
    row = place.books.wait_for([ident])[ident]
    assert time.monotonic() - left_at < PROMPTLY_S
    return row


@pytest.mark.parametrize(("behind", "later"), [(1, False), (1, True), (3, True), (100, False)])
def test_who_leaves_a_stream_with_requests_behind_it_ends_it_and_pays_for_what_came(
    place: Place, behind: int, later: bool
) -> None:
    row, alone = left_behind(place, place.models() * behind, later=later), left_behind(place, b"", later=False)
    assert json.loads(row.other)["stream_status"]["end_reason"] == "client_gone"
    assert row.charge == row.prompt_tokens + row.completion_tokens
    assert row.completion_tokens == alone.completion_tokens > 0


def test_who_leaves_while_a_waiting_call_runs_ends_that_one(place: Place) -> None:
    stream = place.request("POST", CHAT, stalling())
    with place.call() as caller:
        caller.send(place.models() + place.models() + stream + place.models() + place.models())
        assert [caller.whole()[0], caller.whole()[0]] == [200, 200]
        ident = dict(caller.head()[1])["x-faregate-request-id"]
        caller.until(b'"content":"')
    left_at = time.monotonic()
    place.books.wait_for([ident])
    assert time.monotonic() - left_at < PROMPTLY_S


def test_pipelined_requests_are_answered_in_their_order(place: Place) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat("1"), **H2C) + place.request("POST", CHAT, chat("2")) * 20)
        said = [json.loads(caller.whole()[1])["choices"][0]["message"]["content"] for _ in range(21)]
    assert said == ["You said: 1", *["You said: 2"] * 20]


# --- upgrades ---


@pytest.mark.parametrize("protocol", ["h2c", "H2C", "TLS/1.3, h2c", "example"])
def test_an_upgrade_that_nobody_serves_is_ignored(place: Place, protocol: str) -> None:
    headers = {**H2C, "Upgrade": protocol}
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat(), **headers))
        assert pong(caller.whole())
        caller.send(place.models(**headers))
        assert caller.whole()[0] == 200
        caller.send(place.request("POST", CHAT, chat()))
        assert pong(caller.whole())


def test_an_ignored_upgrade_loses_no_byte_wherever_the_request_is_cut(place: Place) -> None:
    bytes_ = place.request("POST", CHAT, chat(), **H2C)
    end = bytes_.index(b"\r\n\r\n")
    for at in (10, end, end + 2, end + 4, end + 9, len(bytes_) - 1):
        with place.call() as caller:
            caller.send(bytes_[:at], bytes_[at:])
            assert pong(caller.whole()), at


def test_an_ignored_upgrade_may_have_a_large_or_a_chunked_body(place: Place) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat("x" * 500_000), **H2C))
        assert caller.whole()[0] == 200
        caller.send(place.request("POST", CHAT, chunked(chat()), **H2C, **CHUNKED))
        assert pong(caller.whole())


def test_many_ignored_upgrades_at_once_are_all_answered(place: Place) -> None:
    with place.call() as caller:
        caller.send(place.request("GET", "/v1/nowhere", **H2C) * 600)
        assert {caller.whole()[0] for _ in range(600)} == {404}


def test_an_upgrade_to_websockets_is_answered_as_ever(place: Place) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    with place.call() as caller:
        caller.send(place.request("GET", "/v1/responses", **headers))
        assert caller.whole()[0] == 426
        caller.send(place.models())
        assert caller.whole()[0] == 200


# --- heads without end ---


def refused(answer: tuple[int, bytes]) -> bool:
    """True for the answer to a head that is too large."""
    status, body = answer
    return status == 431 and json.loads(body)["error"]["code"] == "request_header_fields_too_large"


@pytest.mark.parametrize(
    "endless",
    [
        b"GET /v1/models HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 400_000,
        b"GET /v1/models HTTP/1.1\r\nHost: x\r\nX-A:" + b" " * 400_000,
        b"GET /v1/models HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 70_000,
        b"GET /v1/models HTTP/1.1\r\nHost: x\r\n" + b"a" * 400_000,
        b"GET /v1/models?" + b"a" * 400_000,
        b"\r\n" * 200_000,
    ],
    ids=["value", "blanks", "headers", "name", "address", "lines"],
)
@pytest.mark.parametrize("before", [0, 1])
def test_a_head_without_end_is_refused(place: Place, endless: bytes, before: int) -> None:
    with place.call() as caller:
        caller.send(place.models() * before + endless)
        for _ in range(before):
            assert caller.whole()[0] == 200
        assert refused(caller.whole())


def test_who_goes_on_sending_still_reads_the_refusal_and_then_the_end(place: Place) -> None:
    with place.call() as caller:
        for piece in (b"GET / HTTP/1.1\r\nX-A: ", *[b"a" * 1_000_000] * 20):
            caller.send(piece)
        assert refused(caller.whole())
        assert caller.rest() == b""


@pytest.mark.parametrize(("size", "status"), [(MAX_HEAD_BYTES, 200), (MAX_HEAD_BYTES + 1, 431)])
def test_a_whole_head_has_64_kb_at_most(place: Place, size: int, status: int) -> None:
    bytes_ = place.models(**{"X-A": "a" * (size - len(place.models(**{"X-A": ""})))})
    assert len(bytes_) == size
    with place.call() as caller:
        caller.send(bytes_)
        assert caller.whole()[0] == status
    with place.call() as caller:
        caller.send(bytes_[:60_000], bytes_[60_000:])
        assert caller.whole()[0] == status
    with place.call() as caller:
        caller.send(place.models() + bytes_)
        assert [caller.whole()[0], caller.whole()[0]] == [200, status]


def test_every_request_of_a_connection_has_a_head_of_its_own(place: Place) -> None:
    large = {"X-A": "a" * 60_000}
    with place.call() as caller:
        for _ in range(3):
            caller.send(place.models(**large))
            assert caller.whole()[0] == 200
        caller.send(place.models(**large) * 3)
        assert {caller.whole()[0] for _ in range(3)} == {200}


def test_a_body_is_no_part_of_the_head(place: Place) -> None:
    body, large = chat("x" * 900_000), {"X-A": "a" * 60_000}
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, body, **large) + place.request("POST", CHAT, chat(), **large))
        assert caller.whole()[0] == 200
        assert pong(caller.whole())
        caller.send(place.request("POST", CHAT, chunked(body), **CHUNKED) + place.models())
        assert [caller.whole()[0], caller.whole()[0]] == [200, 200]


def test_a_refusal_comes_in_its_turn(place: Place) -> None:
    slow = chat(sandbox={"latency_ms": 500})
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, slow) + place.models(**{"X-A": "a" * 100_000}))
        assert pong(caller.whole())
        assert refused(caller.whole())
        assert caller.rest() == b""
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, slow), b"GET /" + b"a" * 100_000)
        assert pong(caller.whole())
        assert refused(caller.whole())


@pytest.mark.parametrize("endless", [b"0\r\nX-A: " + b"a" * 400_000, b"1;" + b"a" * 400_000], ids=["trailer", "chunk"])
def test_a_body_whose_frame_has_no_end_is_refused(place: Place, endless: bytes) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chunked(chat())[:-5], **CHUNKED), endless)
        assert caller.head()[0] == 400


def test_a_trailer_is_no_header(place: Place) -> None:
    bytes_ = place.request("POST", CHAT, chunked(chat(), f"Authorization: Bearer {place.key}\r\n"), **CHUNKED)
    name = b"Authorization: Bearer "
    with place.call() as caller:
        caller.send(bytes_.replace(name, b"X-Nothing: ", 1))
        assert caller.whole()[0] == 401


# --- HTTP/1.0, and answers that end with their connection ---


@pytest.mark.parametrize("keeping", [{}, {"Connection": "keep-alive"}])
def test_a_stream_over_http_1_0_is_raw_and_ends_with_its_connection(place: Place, keeping: dict[str, str]) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat(stream=True), version="1.0", **keeping))
        status, headers = caller.head()
        body = caller.rest()
    assert status == 200
    assert [value for name, value in headers if name == "connection"] == ["close"]
    assert not {"transfer-encoding", "content-length"} & {name for name, _ in headers}
    assert body.startswith(b"data: {")
    assert body.endswith(b"data: [DONE]\n\n")


def test_a_whole_answer_over_http_1_0_has_its_length(place: Place) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat(), version="1.0"))
        assert pong(caller.whole())
        assert caller.rest() == b""
    with place.call() as caller:
        caller.send(place.request("HEAD", "/v1/models", version="1.0"))
        caller.head()
        assert caller.rest() == b""


def test_who_wants_the_connection_closed_reads_so_once(place: Place) -> None:
    with place.call() as caller:
        caller.send(place.request("POST", CHAT, chat(stream=True), Connection="close"))
        status, headers = caller.head()
        body = caller.rest()
    assert status == 200
    assert [value for name, value in headers if name == "connection"] == ["close"]
    assert dict(headers)["transfer-encoding"] == "chunked"
    assert body.endswith(b"0\r\n\r\n")
