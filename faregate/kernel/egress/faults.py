"""From what the client behind the door raises to the house's own classes: not sent, sent, broken off, not HTTP."""

import ssl

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorSSLError,
    ClientHttpProxyError,
    ClientProxyConnectionError,
)
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from faregate.kernel.errors import (
    CutOff,
    FirstTokenTimeout,
    Garbage,
    IdleTimeout,
    NoAnswer,
    Unreachable,
    UpstreamFailure,
)


def connect_fault(fault: Exception) -> Unreachable:
    """The request was certainly not sent; the code says which step failed."""
    match fault:
        case ClientConnectorDNSError():
            code, what = "upstream.dns_failed", "its name cannot be resolved"
        case ClientConnectorCertificateError() | ClientConnectorSSLError() | ssl.SSLError() | ssl.CertificateError():
            code, what = "upstream.tls_failed", "no trusted TLS connection"
        case ClientHttpProxyError() | ClientProxyConnectionError():
            code, what = "upstream.proxy_failed", "the proxy did not connect"
        case TimeoutError():
            code, what = "upstream.connect_timeout", "connecting took too long"
        case _:
            code, what = "upstream.unreachable", "connection failed"
    return Unreachable(f"upstream not reached: {what}", code=code, detail=described(fault))


def head_fault(fault: Exception) -> UpstreamFailure:
    """The request was sent, at least in part, and no headers came back."""
    if isinstance(fault, HttpProcessingError):
        if isinstance(fault, LineTooLong) or isinstance(fault.__cause__, LineTooLong):
            return headers_too_large(described(fault))
        return not_http(described(fault))
    return no_answer(described(fault))


def body_fault(fault: Exception) -> UpstreamFailure:
    """Headers came, the body did not come whole."""
    if isinstance(fault, HttpProcessingError):
        return not_http(described(fault))
    return cut_off(described(fault))


def no_answer(detail: str) -> NoAnswer:
    """The request was sent, or might have been, and the connection ended before any headers."""
    return NoAnswer("the upstream closed the connection without an answer", detail=detail)


def cut_off(detail: str) -> CutOff:
    """Headers came, and the connection ended before the body did."""
    return CutOff("the upstream's answer broke off", detail=detail)


def not_http(detail: str) -> Garbage:
    """The request was sent, and what came back cannot be read."""
    return Garbage("the upstream's answer is not HTTP", detail=detail)


def headers_too_large(detail: str = "") -> Garbage:
    """The request was sent, and the headers or trailers that came back are more than is accepted."""
    return Garbage("the upstream's headers are too large", code="upstream.headers_too_large", detail=detail)


def no_address(detail: str = "") -> Unreachable:
    """The request was not sent: its host's name leads nowhere."""
    message = "upstream not reached: its name cannot be resolved"
    return Unreachable(message, code="upstream.dns_failed", detail=detail)


def first_byte_over() -> FirstTokenTimeout:
    """No headers in time."""
    return FirstTokenTimeout("the upstream did not answer in time", code="upstream.first_byte_timeout")


def idle_over() -> IdleTimeout:
    """No next piece of body in time."""
    return IdleTimeout("the upstream fell silent")


def total_over(answered: bool) -> UpstreamFailure:
    """The whole call took too long, before or after its headers."""
    kind = IdleTimeout if answered else FirstTokenTimeout
    return kind("the call took longer than allowed", code="upstream.total_timeout")


def described(fault: BaseException) -> str:
    """For the log: what it is and what it says."""
    return f"{type(fault).__name__}: {fault}"
