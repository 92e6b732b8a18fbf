"""What is answered at the door, without a key: preflights of browsers, and paths with a slash too many."""

from typing import Any

import pytest

from faregate.app import House

ASKED = [
    (b"origin", b"https://app.example"),
    (b"access-control-request-method", b"POST"),
    (b"access-control-request-headers", b"authorization,content-type"),
]


async def answer(house: House, method: str, path: str, *headers: tuple[bytes, bytes], query: bytes = b"") -> Any:
    """Status and header lines of the answer to one call."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"method": method, "path": path, "query_string": query, "headers": headers, "client": ("127.0.0.1", 1)}
    await house.relay(scope, receive, send)
    return sent[0]["status"], sent[0]["headers"]


def lines(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for found, value in headers if found == name]


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/files/f1", "/v1/models/m", "/v1beta/models/g:generateContent"]
)
async def test_a_browser_may_call_the_relay_with_a_key(house: House, path: str) -> None:
    status, headers = await answer(house, "OPTIONS", path, *ASKED)
    assert (status, lines(headers, b"content-length")) == (204, [])
    assert lines(headers, b"access-control-allow-origin") == [b"*"]
    assert lines(headers, b"access-control-allow-headers") == [b"authorization, *"]
    assert b"POST" in lines(headers, b"access-control-allow-methods")[0].split(b", ")


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "location"),
    [
        ("POST", "/v1/chat/completions/", b"", 307, b"/v1/chat/completions"),
        ("POST", "/v1/messages/", b"beta=true", 307, b"/v1/messages?beta=true"),
        ("POST", "/v1beta/models/a b\r\nx:generateContent/", b"", 404, None),
        ("POST", "/v1beta/models/a b\rx:generateContent/", b"", 307, b"/v1beta/models/a%20b%0Dx:generateContent"),
        ("GET", "/v1/models/", b"", 301, b"/v1/models"),
        ("GET", "/v1/chat/completions/", b"", 404, None),
        ("POST", "/v1/nowhere/", b"", 404, None),
    ],
)
async def test_a_slash_too_many_is_sent_where_it_belongs(
    house: House, method: str, path: str, query: bytes, status: int, location: bytes | None
) -> None:
    found, headers = await answer(house, method, path, query=query)
    assert (found, lines(headers, b"location")) == (status, [location] if location else [])
