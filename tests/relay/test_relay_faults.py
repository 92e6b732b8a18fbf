"""What callers are told of every error of the house."""

import pytest

from faregate.formats.dialect import Fault
from faregate.kernel.errors import (
    BadRequest,
    CutOff,
    Defect,
    FirstTokenTimeout,
    Forbidden,
    Garbage,
    GatewayError,
    IdleTimeout,
    InsufficientCredit,
    NoAnswer,
    NotFound,
    Overloaded,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unreachable,
    Unrepresentable,
)
from faregate.pricing.errors import OutOfRange
from faregate.relay.faults import RefusedBy, fault_of


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (BadRequest("no", param="max_tokens"), 400, "invalid_request", "invalid_request"),
        (BadRequest("no", param="model"), 400, "invalid_request", ""),
        (Unrepresentable("a picture", "gemini"), 400, "invalid_request", "convert_request_failed"),
        (OutOfRange("no"), 400, "invalid_request", "model_price_error"),
        (Unauthenticated("no"), 401, "authentication", ""),
        (Forbidden("no", code="access_denied"), 403, "permission", "access_denied"),
        (InsufficientCredit("no"), 403, "insufficient_credit", ""),
        (NotFound("no"), 404, "not_found", ""),
        (TooLarge("no", code="read_request_body_failed"), 413, "too_large", "read_request_body_failed"),
        (RateLimited("no"), 429, "rate_limit", ""),
        (Unavailable("no", code="model_not_found"), 503, "overloaded", "model_not_found"),
    ],
)
def test_our_own_refusals_keep_status_and_words(error: GatewayError, status: int, kind: str, code: str) -> None:
    fault = fault_of(error, "r1")
    assert (fault.status, fault.kind, fault.code, fault.type) == (status, kind, code, "new_api_error")
    assert (fault.message, fault.request_id) == (error.message, "r1")


def test_a_bad_request_names_its_field() -> None:
    assert fault_of(BadRequest("no", param="max_tokens"), "r1").param == "max_tokens"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (Unreachable("gone"), "server", "do_request_failed"),
        (NoAnswer("gone"), "server", "do_request_failed"),
        (FirstTokenTimeout("gone"), "timeout", "do_request_failed"),
        (IdleTimeout("gone"), "timeout", "do_request_failed"),
        (Overloaded("gone"), "server", "do_request_failed"),
        (CutOff("gone"), "server", "read_response_body_failed"),
        (Garbage("gone"), "server", "bad_response_body"),
    ],
)
def test_what_an_upstream_did_is_a_500_with_new_apis_code(error: GatewayError, kind: str, code: str) -> None:
    fault = fault_of(error, "r1")
    assert (fault.status, fault.kind, fault.code, fault.message) == (500, kind, code, "upstream error: gone")


def test_a_defect_is_never_shown_in_detail() -> None:
    fault = fault_of(Defect("the hold of 5 was ended twice", detail="secret"), "r1")
    assert (fault.status, fault.kind, fault.message) == (500, "server", "something went wrong in the gateway")


def test_an_upstreams_refusal_passes_as_it_is() -> None:
    told = Fault(status=429, message="slow down", kind="rate_limit", type="tokens", code="rate_limit_exceeded")
    refused = RefusedBy(told, retry_after="7")
    assert fault_of(refused, "r1") is told
    assert (refused.status, refused.message, refused.retry_after) == (429, "slow down", "7")
