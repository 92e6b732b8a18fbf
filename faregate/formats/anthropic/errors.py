"""Errors in Anthropic's shape."""

from typing import Any

import msgspec

from faregate.formats.dialect import Fault, FaultKind

TYPES: dict[FaultKind, str] = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "insufficient_credit": "billing_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "too_large": "request_too_large",
    "rate_limit": "rate_limit_error",
    "overloaded": "overloaded_error",
    "timeout": "timeout_error",
    "server": "api_error",
}
_OWN = frozenset(TYPES.values())


def render_error(fault: Fault) -> bytes:
    """The error body: the upstream's own type where Anthropic has it too, else the nearest."""
    error = {"type": fault.native_type if fault.native_type in _OWN else TYPES[fault.kind], "message": fault.message}
    body: dict[str, Any] = {"type": "error", "error": error}
    if fault.request_id:
        body["request_id"] = fault.request_id
    return msgspec.json.encode(body)
