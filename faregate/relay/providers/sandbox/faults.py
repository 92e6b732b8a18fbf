"""Where a fault breaks an answer, and what the sandbox says when it refuses."""

from typing import NamedTuple

from faregate.formats import DIALECTS
from faregate.formats.dialect import Fault, FaultKind
from faregate.formats.faults import kind_of_status
from faregate.formats.frames import frame
from faregate.formats.turn import DialectName
from faregate.kernel.errors import BadRequest, ClientError, NoAnswer, Unreachable
from faregate.relay.providers.sandbox.knobs import FaultName, Knobs
from faregate.relay.providers.sandbox.script import EVENTS, JSON, PAGE, Call, Ending, Script, whole


class Break(NamedTuple):
    """An answer that stops early: before its content or half-way through it, and what happens then."""

    halfway: bool
    stream: Ending
    unary: Ending


_BREAKS: dict[FaultName, Break] = {
    "stall": Break(halfway=False, stream="hang", unary="hang"),
    "stall_middle": Break(halfway=True, stream="hang", unary="hang"),
    "cut": Break(halfway=True, stream="clean", unary="reset"),
    "reset": Break(halfway=True, stream="reset", unary="reset"),
    "error_in_stream": Break(halfway=True, stream="clean", unary="clean"),
}
_HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_GARBAGE = b'{"this is": not JSON'
_BUSY = frozenset((429, 503, 529))
# OpenAI's words, type and code, for each kind; other dialects choose theirs from the kind.
_WORDS: dict[FaultKind, tuple[str, str | None]] = {
    "invalid_request": ("invalid_request_error", None),
    "authentication": ("invalid_request_error", "invalid_api_key"),
    "insufficient_credit": ("insufficient_quota", "insufficient_quota"),
    "permission": ("permission_error", None),
    "not_found": ("invalid_request_error", "model_not_found"),
    "too_large": ("invalid_request_error", "request_too_large"),
    "rate_limit": ("rate_limit_error", "rate_limit_exceeded"),
    "overloaded": ("overloaded_error", None),
    "timeout": ("timeout_error", None),
    "server": ("server_error", None),
}
IN_STREAM_STATUS = 500


def break_of(knobs: Knobs) -> Break | None:
    """Where the answer breaks; None when it is complete."""
    return None if knobs.fault is None else _BREAKS.get(knobs.fault)


def fault(status: int, message: str = "", param: str | None = None) -> Fault:
    """What the sandbox says with an error status."""
    kind = kind_of_status(status)
    type, code = _WORDS[kind]
    told = message or f"the sandbox was asked to fail with status {status}"
    return Fault(status=status, message=told, kind=kind, type=type, code=code, param=param)


def failed(call: Call, knobs: Knobs) -> Script | None:
    """The script of a fault that needs no answer; None for all others. Raises Unreachable or NoAnswer."""
    match knobs.fault:
        case "unreachable":
            raise Unreachable("the sandbox was asked to refuse the connection")
        case "close":
            raise NoAnswer("the sandbox was asked to close the connection before its answer")
        case "html":
            return _bare(knobs, _HTML, PAGE)
        case "empty":
            return _bare(knobs, b"", EVENTS if call.stream else JSON)
        case "garbage":
            return _bare(knobs, frame(_GARBAGE) if call.stream else _GARBAGE, EVENTS if call.stream else JSON)
        case _:
            return refused(call.dialect, fault(knobs.status), knobs) if knobs.status else None


def refused_by(dialect: DialectName, error: ClientError) -> Script:
    """The script that tells the caller of its own mistake."""
    param = error.param if isinstance(error, BadRequest) else None
    return refused(dialect, fault(error.status, error.message, param or None), Knobs())


def refused(dialect: DialectName, told: Fault, knobs: Knobs) -> Script:
    """The script of an error status."""
    return Script(
        frames=whole(DIALECTS[dialect].render_error(told)),
        status=told.status,
        latency_s=knobs.latency_ms / 1000,
        retry_after_s=knobs.retry_after_s if told.status in _BUSY else None,
    )


def unary(call: Call, knobs: Knobs, body: bytes) -> Script:
    """The script of an answer in one piece, broken as the knobs say."""
    broken = break_of(knobs)
    if knobs.fault == "error_in_stream":
        body = DIALECTS[call.dialect].render_error(fault(IN_STREAM_STATUS))
    elif broken is not None:
        body = body[: len(body) // 2] if broken.halfway else b""
    return Script(
        frames=whole(body),
        latency_s=knobs.latency_ms / 1000,
        ending=broken.unary if broken else "clean",
    )


def _bare(knobs: Knobs, body: bytes, content_type: str) -> Script:
    return Script(frames=whole(body), content_type=content_type, latency_s=knobs.latency_ms / 1000)
