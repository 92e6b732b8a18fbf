"""The bytes of a request's head. Refuses whatever could be read as something else than one header line."""

import re
from typing import Final

from faregate.kernel.egress.messages import Request
from faregate.kernel.errors import BadRequest

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FRAMING: Final = {name: name for name in ("host", "content-length", "transfer-encoding", "authorization")}
BODILESS: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "DELETE"))
KNOWN_NAMES: Final = 4096
CHUNKED: Final = -1

_kinds: dict[str, str] = {}
"""Header names already found valid, with their lower-case form where it concerns framing, else an empty string."""


class Framed:
    """A head ready to be written, and how the body after it is delimited."""

    __slots__ = ("head", "length")

    def __init__(self, head: bytes, length: int) -> None:
        self.head = head
        self.length = length


def frame(request: Request, target: str, host: str, credentials: str, extra: str) -> Framed:
    """The request's head for `target`. `extra` is one more header line or empty; `credentials` an Authorization value.

    Raises BadRequest for CR, LF or NUL, invalid names, or framing headers that contradict the body.
    """
    given: dict[str, str] = {}
    for name, value in request.headers:
        kind = _kinds.get(name)
        if kind is None:
            kind = _learn(name)
        if kind:
            _remember(given, kind, value)
    length = _length(request, given)
    lines = [f"{_method(request.method)} {target} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    if extra:
        lines.append(extra)
    if credentials and "authorization" not in given:
        lines.append(f"Authorization: {credentials}")
    if length == CHUNKED:
        lines.append("Transfer-Encoding: chunked")
    elif "content-length" not in given and (length or request.method not in BODILESS):
        lines.append(f"Content-Length: {length}")
    return Framed(_joined(lines), length)


def _joined(lines: list[str]) -> bytes:
    """One pass over the whole text finds any control character that would start a line of its own."""
    lines += ("", "")
    text = "\r\n".join(lines)
    breaks = len(lines) - 1
    if text.count("\r") != breaks or text.count("\n") != breaks or "\0" in text:
        raise BadRequest("a header contains a line break", param="headers", code="egress.header_invalid")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as fault:
        raise BadRequest("a header is not text", param="headers", code="egress.header_invalid") from fault


def _learn(name: str) -> str:
    if not TOKEN.fullmatch(name):
        raise BadRequest("a header name is invalid", param="headers", code="egress.header_invalid", detail=repr(name))
    if len(_kinds) >= KNOWN_NAMES:
        _kinds.clear()
    kind = _kinds[name] = FRAMING.get(name.lower(), "")
    return kind


def _remember(given: dict[str, str], kind: str, value: str) -> None:
    if kind in given and kind != "authorization":
        raise BadRequest(f"{kind} is given twice", param="headers", code="egress.header_invalid")
    given[kind] = value


def _method(method: str) -> str:
    if method == "POST" or (TOKEN.fullmatch(method) and method != "CONNECT"):
        return method
    raise BadRequest("the method is invalid", param="method", code="egress.method_invalid", detail=repr(method))


def _length(request: Request, given: dict[str, str]) -> int:
    """Bytes of body to come, or CHUNKED when only its end will tell."""
    if "transfer-encoding" in given:
        raise BadRequest("transfer-encoding is the gateway's to set", param="headers", code="egress.header_invalid")
    declared = given.get("content-length", "")
    if declared and not (declared.isascii() and declared.isdigit()):
        raise BadRequest("content-length is not a number", param="headers", code="egress.header_invalid")
    if not isinstance(request.body, bytes):
        return int(declared) if declared else CHUNKED
    if "content-length" in given and declared != str(len(request.body)):
        raise BadRequest("content-length does not match the body", param="headers", code="egress.header_invalid")
    return len(request.body)
