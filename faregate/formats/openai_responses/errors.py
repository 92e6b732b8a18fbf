"""Errors as clients of the Responses dialect read them: the same object as chat's."""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Fault, FaultKind

# `error.code` of a response object is a closed set (OpenAI API reference, Responses, 2026-10).
_RESPONSE_CODES: dict[FaultKind, str] = {
    "rate_limit": "rate_limit_exceeded",
    "invalid_request": "invalid_prompt",
}


def render_error(fault: Fault) -> bytes:
    """The body `{"error": {message, type, param, code}}`, with `metadata` where the upstream gave one."""
    error: dict[str, object] = {
        "message": message_of(fault),
        "type": fault.type,
        "param": fault.param,
        "code": fault.code,
    }
    if fault.metadata:
        error["metadata"] = Raw(fault.metadata)
    return msgspec.json.encode({"error": error})


def message_of(fault: Fault) -> str:
    """The fault's words and the request id to quote when asking about it."""
    if fault.request_id and fault.request_id not in fault.message:
        return f"{fault.message} (request id: {fault.request_id})"
    return fault.message


def response_error(fault: Fault) -> dict[str, object]:
    """The `error` of a response that failed: the upstream's own code word where it gave one."""
    code = fault.code if isinstance(fault.code, str) and fault.code else _RESPONSE_CODES.get(fault.kind, "server_error")
    return {"code": code, "message": message_of(fault)}
