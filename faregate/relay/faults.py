"""What a caller is told: every error of the house, and every refusal of an upstream, as a Fault.

The OpenAI-shaped words (`type`, `code`) are New API's, because clients match on them.
"""

from msgspec import structs

from faregate.formats.dialect import Dialect, Fault, FaultKind
from faregate.kernel.errors import (
    BadRequest,
    ClientError,
    CutOff,
    Forbidden,
    Garbage,
    GatewayError,
    IdleTimeout,
    InsufficientCredit,
    Misconfigured,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unrepresentable,
    UpstreamFailure,
)

_SHORTEST_SECRET = 8  # a shorter text may stand in any sentence
_KINDS: tuple[tuple[type[GatewayError], FaultKind], ...] = (
    (Unauthenticated, "authentication"),
    (InsufficientCredit, "insufficient_credit"),
    (Forbidden, "permission"),
    (NotFound, "not_found"),
    (TooLarge, "too_large"),
    (RateLimited, "rate_limit"),
    (ClientError, "invalid_request"),
    (Unavailable, "overloaded"),
)
# What is wrong before a channel is looked for has no code in New API.
_ROUTING_FIELDS = ("", "model", "group")
# How an upstream's failure is called on the wire: type, code.
_UPSTREAM: tuple[tuple[type[UpstreamFailure], str, str], ...] = (
    (CutOff, "read_response_body_failed", "read_response_body_failed"),
    (IdleTimeout, "new_api_error", "do_request_failed"),
    (Garbage, "bad_response_body", "bad_response_body"),
    (UpstreamFailure, "new_api_error", "do_request_failed"),
)


class RefusedBy(Refused):
    """An upstream's refusal, with what it said."""

    def __init__(self, fault: Fault, *, committed: bool = False, retry_after: str = "") -> None:
        super().__init__(fault.message, status=fault.status, committed=committed, retry_after=retry_after)
        self.fault = fault


def said_by(dialect: Dialect, body: bytes, status: int, secret: str) -> Fault:
    """What an upstream's error says, without the key that it was asked with: providers like to repeat it."""
    fault = dialect.parse_error(body, status)
    is_told = secret in fault.message or secret.encode() in fault.metadata
    if not is_told or len(secret) < _SHORTEST_SECRET:
        return fault
    return structs.replace(fault, message=fault.message.replace(secret, "***"), metadata=b"")


def fault_of(error: GatewayError, request_id: str) -> Fault:
    """What to tell the caller of this error."""
    if isinstance(error, RefusedBy):
        return error.fault
    if isinstance(error, UpstreamFailure):
        return _of_upstream(error, request_id)
    kind = _kind(error)
    message = error.message if kind != "server" else "something went wrong in the gateway"
    return Fault(
        status=error.status,
        message=message,
        kind=kind,
        code=_wire_code(error),
        param=error.param if isinstance(error, BadRequest) else "",
        request_id=request_id,
    )


def _kind(error: GatewayError) -> FaultKind:
    for known, kind in _KINDS:
        if isinstance(error, known):
            return kind
    return "server"


def _wire_code(error: GatewayError) -> str:
    """New API's code. Ours have the form room.reason and stay inside."""
    if "." not in error.code:
        return error.code
    if error.code.startswith("pricing."):
        return "model_price_error"
    if isinstance(error, Unrepresentable):
        return "convert_request_failed"
    if isinstance(error, BadRequest):
        return "" if error.param in _ROUTING_FIELDS else "invalid_request"
    return ""


def _of_upstream(error: UpstreamFailure, request_id: str) -> Fault:
    if isinstance(error, Misconfigured):
        return Fault(status=500, message=error.message, kind="server", code=error.code, request_id=request_id)
    type, code = next((type, code) for known, type, code in _UPSTREAM if isinstance(error, known))
    timed_out = error.status == 504
    return Fault(
        status=500,
        message=f"upstream error: {error.message}",
        kind="timeout" if timed_out else "server",
        type=type,
        code=code,
        request_id=request_id,
    )
