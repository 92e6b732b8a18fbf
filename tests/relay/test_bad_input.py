"""What callers do wrong, in every dialect: each is told so in its own words, nothing goes upstream, nothing is paid."""

import json
import socket
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.relay.conftest import Plane
from tests.relay.packing import PACKERS
from tests.relay.wire import DIALECTS, ask, carrying, told
from tests.serving import Answer

MEGABYTE = 1 << 20
MODEL = "ok-1"
FIELDS = {
    "openai_chat": ("messages", "stream", "stream_options", "max_tokens", "n", "tools", "web_search_options"),
    "openai_responses": ("input", "stream", "max_output_tokens", "tools", "reasoning", "text"),
    "anthropic": ("messages", "max_tokens", "stream", "system", "tools", "thinking"),
    "gemini": ("contents", "systemInstruction", "generationConfig", "tools"),
}
STRANGE: list[Any] = [True, -1, 1.5, 10**30, "x", [[]], [None], {"a": 1}]


@pytest.fixture(autouse=True)
def _nothing_happens_upstream(plane: Plane) -> Iterator[None]:
    """These calls reach no upstream and leave the balance as it is."""
    calls, balance = len(plane.stage.calls), plane.books.balance()
    yield
    assert [call.path for call in plane.stage.calls[calls:]] == []
    assert plane.books.balance() == balance


def refused(dialect: str, answer: Answer, status: int) -> str:
    """The message of a refusal with this status, in the dialect's shape."""
    assert answer.status == status, (answer.status, answer.body[:300])
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers["x-faregate-request-id"]) >= 20
    return told(dialect, answer.body)


def packed(dialect: str, **more: Any) -> tuple[str, bytes]:
    """Path and body of a good request."""
    path, body = ask(dialect, MODEL, **more)
    return path, json.dumps(body).encode()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'"x"', b"\x00", b"{}{}", b'{"a":\xff}', b"[" * 100_000], ids=repr
)
def test_what_is_no_json_object_is_a_bad_request(plane: Plane, dialect: str, body: bytes) -> None:
    path, _ = ask(dialect, MODEL)
    assert refused(dialect, plane.ask(dialect, path, body), 400)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_empty_body_is_a_bad_request(plane: Plane, dialect: str) -> None:
    path, _ = ask(dialect, MODEL)
    assert "the request has no body" in refused(dialect, plane.ask(dialect, path, b""), 400)


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic"])
@pytest.mark.parametrize("model", ["", None, 5, [], {}], ids=repr)
def test_a_model_must_be_a_name(plane: Plane, dialect: str, model: Any) -> None:
    path, body = ask(dialect, MODEL)
    assert "model" in refused(dialect, plane.ask(dialect, path, {**body, "model": model}), 400)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_conversation_must_be_there(plane: Plane, dialect: str) -> None:
    path, body = ask(dialect, MODEL)
    field = {"openai_responses": "input", "gemini": "contents"}.get(dialect, "messages")
    without = {name: value for name, value in body.items() if name != field}
    assert field in refused(dialect, plane.ask(dialect, path, without), 400)
    assert field in refused(dialect, plane.ask(dialect, path, {**body, field: None}), 400)


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("openai_chat", {"max_tokens": 1 << 30}),
        ("openai_chat", {"max_completion_tokens": 18446744073686646784}),
        ("openai_chat", {"max_tokens": -1}),
        ("openai_chat", {"max_tokens": 1.5}),
        ("openai_chat", {"n": -1}),
        ("openai_chat", {"n": 129}),
        ("openai_chat", {"n": 1 << 40}),
        ("openai_responses", {"max_output_tokens": 1 << 30}),
        ("openai_responses", {"max_output_tokens": -1}),
        ("anthropic", {"max_tokens": 1 << 30}),
        ("anthropic", {"max_tokens": -5}),
        ("anthropic", {"thinking": {"type": "enabled", "budget_tokens": 1 << 40}}),
        ("anthropic", {"thinking": {"type": "enabled", "budget_tokens": -1}}),
        ("gemini", {"generationConfig": {"maxOutputTokens": 1 << 30}}),
        ("gemini", {"generationConfig": {"maxOutputTokens": -1}}),
        ("gemini", {"generationConfig": {"candidateCount": 1 << 40}}),
        ("gemini", {"generationConfig": {"thinkingConfig": {"thinkingBudget": 1 << 40}}}),
    ],
    ids=str,
)
def test_numbers_that_multiply_a_price_have_bounds(plane: Plane, dialect: str, more: dict[str, Any]) -> None:
    path, body = ask(dialect, MODEL)
    assert refused(dialect, plane.ask(dialect, path, {**body, **more}), 400)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_model_is_served_by_nobody(plane: Plane, dialect: str) -> None:
    answer = plane.ask(dialect, *ask(dialect, "nobody-serves-this"))
    assert "no channel of group 'default' serves the model 'nobody-serves-this'" in refused(dialect, answer, 503)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_path_or_a_wrong_method_is_not_found(plane: Plane, dialect: str) -> None:
    path, body = ask(dialect, MODEL)
    headers = carrying(dialect, plane.key)
    base = "/v1/messages" if dialect == "anthropic" else "/v1beta" if dialect == "gemini" else "/v1"
    assert "Invalid URL (POST" in refused(dialect, plane.ask(dialect, f"{base}/nowhere", body), 404)
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        if dialect == "gemini" and method in ("GET", "DELETE"):
            continue  # a model by that name
        answer = plane.gateway.call(method, path, body, headers)
        assert "Invalid URL" in refused(dialect, answer, 404)


# --- bodies ---------------------------------------------------------------------------------------------------------


def too_large(dialect: str) -> bytes:
    """A good body of more than a megabyte."""
    body = ask(dialect, MODEL)[1]
    return json.dumps({**body, "padding": "x" * (MEGABYTE + 1)}).encode()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_body_over_the_limit_is_too_large(plane: Plane, dialect: str) -> None:
    path, _ = ask(dialect, MODEL)
    answer = exchange(plane, dialect, path, too_large(dialect))
    assert "larger than 1 MB" in refused(dialect, answer, 413)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_chunked_body_over_the_limit_is_too_large(plane: Plane, dialect: str) -> None:
    path, _ = ask(dialect, MODEL)
    answer = exchange(plane, dialect, path, too_large(dialect), chunked=True)
    assert "larger than 1 MB" in refused(dialect, answer, 413)


@cache
def bomb_of(coding: str) -> bytes:
    """A few kilobytes that are 16 MB."""
    bomb = PACKERS[coding](b" " * (16 * MEGABYTE))
    assert len(bomb) < MEGABYTE // 32
    return bomb


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("coding", PACKERS)
def test_a_compressed_bomb_is_too_large(plane: Plane, dialect: str, coding: str) -> None:
    path, _ = ask(dialect, MODEL)
    bomb = bomb_of(coding)
    answer = plane.ask(dialect, path, bomb, **{"Content-Encoding": coding})
    assert "larger than 1 MB" in refused(dialect, answer, 413)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("coding", PACKERS)
def test_a_body_that_is_not_compressed_as_it_says_is_a_bad_request(plane: Plane, dialect: str, coding: str) -> None:
    path, body = packed(dialect)
    for broken in (body, PACKERS[coding](body)[:-4], b"\x00"):
        answer = plane.ask(dialect, path, broken, **{"Content-Encoding": coding})
        assert f"not valid {coding}" in refused(dialect, answer, 400)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_content_coding_is_a_bad_request(plane: Plane, dialect: str) -> None:
    path, body = packed(dialect)
    answer = plane.ask(dialect, path, body, **{"Content-Encoding": "lzma"})
    assert "use gzip, br or zstd" in refused(dialect, answer, 400)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_stops_half_way_leaves_no_trace(plane: Plane, dialect: str, chunked: bool) -> None:
    path, body = packed(dialect)
    before = len(plane.books.rows("SELECT id FROM record"))
    with socket.create_connection(("127.0.0.1", plane.gateway.port), 10) as line:
        line.sendall(head(plane, dialect, path, None if chunked else len(body)))
        line.sendall(f"{len(body):x}\r\n".encode() + body if chunked else body[:10])
        line.shutdown(socket.SHUT_WR)
        line.settimeout(10)
        while line.recv(65536):
            pass
    assert len(plane.books.rows("SELECT id FROM record")) == before


def head(plane: Plane, dialect: str, path: str, length: int | None) -> bytes:
    """A request's head; chunked without a length."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    fields = [f"{name}: {value}" for name, value in carrying(dialect, plane.key).items()]
    lines = [f"POST {path} HTTP/1.1", "Host: gateway", "Content-Type: application/json", framing, *fields, "", ""]
    return "\r\n".join(lines).encode()


def exchange(plane: Plane, dialect: str, path: str, body: bytes, *, chunked: bool = False) -> Answer:
    """One call on a raw socket, as careful clients make it: they read while they write."""
    with socket.create_connection(("127.0.0.1", plane.gateway.port), 10) as line:
        line.sendall(head(plane, dialect, path, None if chunked else len(body)))
        try:
            for at in range(0, len(body), 65536):
                piece = body[at : at + 65536]
                line.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece)
            if chunked:
                line.sendall(b"0\r\n\r\n")
        except ConnectionError:
            pass  # the answer may be there already
        return read_answer(line)


def read_answer(line: socket.socket) -> Answer:
    """One answer with a length."""
    line.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        assert piece, data
        data += piece
    start, _, body = data.partition(b"\r\n\r\n")
    first, *rest = start.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (row.split(": ", 1) for row in rest)}
    while len(body) < int(headers["content-length"]):
        body += line.recv(65536)
    return Answer(int(first.split(" ")[1]), headers, body)


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "key", ["sk-unknown", "sk-", "", "nonsense\u00e9", "sk-" + "x" * 5000], ids=lambda key: key[:12]
)
def test_a_foreign_key_is_not_let_in(plane: Plane, dialect: str, key: str) -> None:
    path, body = ask(dialect, MODEL)
    answer = plane.gateway.call("POST", path, body, carrying(dialect, key))
    assert refused(dialect, answer, 401)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_key_at_all_is_not_let_in(plane: Plane, dialect: str) -> None:
    answer = plane.gateway.call("POST", *ask(dialect, MODEL))
    assert "no API key was presented" in refused(dialect, answer, 401)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_expired_key_is_not_let_in(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key(expired_time=int(time.time()) + 1)
    deadline = time.monotonic() + 10
    while (answer := plane.ask(dialect, *ask(dialect, "nobody"), key=key)).status != 401:
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    assert "invalid API key" in refused(dialect, answer, 401)
    assert "invalid API key" in refused(dialect, plane.ask(dialect, *ask(dialect, MODEL), key=key), 401)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_key_without_quota_is_not_let_in(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key(quota=0)
    assert refused(dialect, plane.ask(dialect, *ask(dialect, MODEL), key=key), 401)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_key_with_too_little_quota_is_short_of_credit(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key(quota=3)
    assert refused(dialect, plane.ask(dialect, *ask(dialect, MODEL), key=key), 403)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_key_that_was_switched_off_is_not_let_in(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key()
    assert plane.gateway.call("GET", "/v1/models", headers=carrying("openai_chat", key)).status == 200
    newest = plane.gateway.manage("GET", "/api/token/?p=1&page_size=1")["items"][0]["id"]
    plane.gateway.manage("PUT", "/api/token/?status_only=true", {"id": newest, "status": 2})
    assert "invalid API key" in refused(dialect, plane.ask(dialect, *ask(dialect, MODEL), key=key), 401)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_caller_from_elsewhere_is_forbidden(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key(allow_ips="10.1.2.3\n192.168.0.0/16")
    refusal = plane.ask(dialect, *ask(dialect, MODEL), key=key)
    assert "is not on this API key's list" in refused(dialect, refusal, 403)
    spoofed = plane.ask(dialect, *ask(dialect, "nobody"), key=key, **{"X-Forwarded-For": "10.1.2.3"})
    assert spoofed.status == 503  # a proxy on this machine is believed: let in, to a model nobody serves


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_model_off_the_keys_list_is_forbidden(plane: Plane, dialect: str) -> None:
    key = plane.gateway.key(model_limits_enabled=True, model_limits="other-model")
    assert "may not use the model 'ok-1'" in refused(dialect, plane.ask(dialect, *ask(dialect, MODEL), key=key), 403)


def test_strange_values_in_known_fields_never_make_a_defect(plane: Plane) -> None:
    found: dict[tuple[str, str, str], int] = {}
    for dialect in DIALECTS:
        for field in FIELDS[dialect]:
            for value in STRANGE:
                path, body = ask(dialect, "nobody-serves-this")
                answer = plane.ask(dialect, path, {**body, field: value})
                told(dialect, answer.body)
                found[dialect, field, repr(value)] = answer.status
    assert set(found.values()) == {400, 503}, {
        case: status for case, status in found.items() if status not in (400, 503)
    }
    assert "relay.defect" not in (plane.gateway.data_dir / "server.log").read_text()
