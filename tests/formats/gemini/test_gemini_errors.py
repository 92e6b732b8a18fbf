"""Errors in Google's form."""

import json

import pytest

from faregate.formats.dialect import Fault, FaultKind
from faregate.formats.gemini import DIALECT


@pytest.mark.parametrize(
    ("status", "kind", "native", "word"),
    [
        (400, "invalid_request", "", "INVALID_ARGUMENT"),
        (400, "invalid_request", "FAILED_PRECONDITION", "FAILED_PRECONDITION"),
        (401, "authentication", "invalid_api_key", "UNAUTHENTICATED"),
        (403, "insufficient_credit", "", "PERMISSION_DENIED"),
        (404, "not_found", "", "NOT_FOUND"),
        (429, "rate_limit", "rate_limit_error", "RESOURCE_EXHAUSTED"),
        (503, "overloaded", "overloaded_error", "UNAVAILABLE"),
        (504, "timeout", "", "DEADLINE_EXCEEDED"),
        (500, "server", "", "INTERNAL"),
    ],
)
def test_the_status_is_in_google_s_words(status: int, kind: FaultKind, native: str, word: str) -> None:
    fault = Fault(status=status, message="m", kind=kind, type="t", param="p", native_type=native, metadata=b'{"a":1}')
    assert json.loads(DIALECT.render_error(fault)) == {
        "error": {"code": status, "message": "m", "status": word, "type": "t", "param": "p", "metadata": {"a": 1}}
    }


def test_google_s_error_is_read_back() -> None:
    body = b'{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}'
    fault = DIALECT.parse_error(body, 429)
    assert (fault.kind, fault.code, fault.native_type) == ("rate_limit", 429, "RESOURCE_EXHAUSTED")
    assert json.loads(DIALECT.render_error(fault))["error"]["status"] == "RESOURCE_EXHAUSTED"
