"""Errors in Google's form, with the OpenAI-shaped `type` and `param` that clients of New API match on."""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Fault, FaultKind

_STATUSES: dict[FaultKind, str] = {
    "invalid_request": "INVALID_ARGUMENT",
    "authentication": "UNAUTHENTICATED",
    "insufficient_credit": "PERMISSION_DENIED",
    "permission": "PERMISSION_DENIED",
    "not_found": "NOT_FOUND",
    "too_large": "INVALID_ARGUMENT",
    "rate_limit": "RESOURCE_EXHAUSTED",
    "overloaded": "UNAVAILABLE",
    "timeout": "DEADLINE_EXCEEDED",
    "server": "INTERNAL",
}
_NATIVE = frozenset(_STATUSES.values()) | {"FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "CANCELLED", "UNKNOWN"}


def render_error(fault: Fault) -> bytes:
    """An error body: `code` is the HTTP status, `status` Google's word for it."""
    error: dict[str, object] = {
        "code": fault.status,
        "message": fault.message,
        "status": fault.native_type if fault.native_type in _NATIVE else _STATUSES[fault.kind],
        "type": fault.type,
        "param": fault.param,
    }
    if fault.metadata:
        error["metadata"] = Raw(fault.metadata)
    return msgspec.json.encode({"error": error})
