"""Upstream errors of every form, and addresses hidden in them."""

import pytest

from faregate.formats.dialect import Fault, FaultKind
from faregate.formats.faults import kind_of_status, masked, read_fault

UNREADABLE = "bad_response_status_code"


def test_an_openai_error_keeps_its_words_type_code_and_param() -> None:
    body = b'{"error":{"message":"slow down","type":"rate_limit_error","param":"messages","code":"rate_limited"}}'
    assert read_fault(body, 429) == Fault(
        status=429,
        message="slow down",
        kind="rate_limit",
        type="rate_limit_error",
        code="rate_limited",
        param="messages",
        native_type="rate_limit_error",
    )


@pytest.mark.parametrize(
    ("body", "message", "type", "code"),
    [
        (b'{"error":{"message":"m","type":"t","code":42}}', "m", "t", 42),
        (b'{"error":{"message":"m","type":"t"}}', "m", "t", None),
        (b'{"error":{"message":"m","type":"t","code":null}}', "m", "t", None),
        (b'{"error":{"message":"m","code":"c"}}', "m", "upstream_error", "c"),
        (b'{"error":{"message":"","type":"t","code":"c"}}', "bad response status code 400", UNREADABLE, UNREADABLE),
        (b'{"type":"error","error":{"type":"overloaded_error","message":"m"}}', "m", "overloaded_error", None),
        (b'{"error":"m"}', "m", UNREADABLE, UNREADABLE),
        (b'{"error":["m"]}', "m", UNREADABLE, UNREADABLE),
        (b'{"error":7}', "7", UNREADABLE, UNREADABLE),
        (b'{"error":{"msg":"m","code":"c"}}', "m", "upstream_error", "c"),
        (b'{"message":"m","code":7}', "m", UNREADABLE, UNREADABLE),
        (b'{"msg":"m"}', "m", UNREADABLE, UNREADABLE),
        (b'{"err":"m"}', "m", UNREADABLE, UNREADABLE),
        (b'{"error_msg":"m"}', "m", UNREADABLE, UNREADABLE),
        (b'{"detail":"m"}', "m", UNREADABLE, UNREADABLE),
        (b'{"detail":[{"loc":["body","x",0],"msg":"m"},{"msg":"n"}]}', "body/x/0: m; n", UNREADABLE, UNREADABLE),
        (b'{"header":{"message":"m"}}', "m", UNREADABLE, UNREADABLE),
        (b'{"response":{"error":{"code":"c","message":"m"}}}', "m", "upstream_error", "c"),
        (b'{"type":"error","code":"c","message":"m","param":null}', "m", "upstream_error", "c"),
        (b'{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}', "m", "upstream_error", 400),
        (b'[{"error":{"message":"m"}}]', "m", UNREADABLE, UNREADABLE),
        (b'[{"error":{"code":400,"message":"m","status":"X"}}]', "m", "upstream_error", 400),
        (b"{}", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b"[]", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b"null", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b"upstream is down", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b"<html>502</html>", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b"", "bad response status code 400", UNREADABLE, UNREADABLE),
        (b'{"error":{"message":"\xff"}}', "bad response status code 400", UNREADABLE, UNREADABLE),
        (b'{"error":null,"message":"m"}', "m", UNREADABLE, UNREADABLE),
    ],
)
def test_every_form_is_read(body: bytes, message: str, type: str, code: object) -> None:
    fault = read_fault(body, 400)
    assert (fault.status, fault.message, fault.type, fault.code) == (400, message, type, code)


def test_metadata_is_kept_and_added_to_the_message() -> None:
    fault = read_fault(b'{"error":{"message":"m","code":502,"metadata":{"raw":"r"}}}', 400)
    assert fault.message == 'm ({"raw":"r"})'
    assert fault.metadata == b'{"raw":"r"}'


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b'{"error":{"message":"m","type":"t"}}', 200, 500),
        (b'{"error":{"message":"m","code":503}}', 200, 503),
        (b'{"error":{"message":"m","code":42}}', 200, 500),
        (b'{"error":{"message":"m"},"status":429}', 200, 429),
        (b'{"message":"m"}', 200, 500),
        (b"<html>", 200, 500),
        (b'{"error":{"message":"m"}}', 202, 500),
        (b'{"message":"m"}', 202, 202),
        (b'{"error":{"message":"m","code":503}}', 429, 429),
        (b'{"error":{"message":"m"}}', 302, 302),
    ],
)
def test_an_error_in_a_success_becomes_a_failure(body: bytes, status: int, told: int) -> None:
    assert read_fault(body, status).status == told


def test_a_success_that_is_no_json_says_that_the_body_was_bad() -> None:
    fault = read_fault(b"<html>", 200)
    assert (fault.type, fault.code) == ("bad_response_body", "bad_response_body")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request"),
        (401, "authentication"),
        (402, "insufficient_credit"),
        (403, "permission"),
        (404, "not_found"),
        (413, "too_large"),
        (422, "invalid_request"),
        (429, "rate_limit"),
        (500, "server"),
        (502, "server"),
        (503, "overloaded"),
        (504, "timeout"),
        (529, "overloaded"),
        (301, "server"),
    ],
)
def test_the_kind_follows_the_status(status: int, kind: FaultKind) -> None:
    assert kind_of_status(status) == kind


def test_where_the_status_says_little_the_own_type_tells_the_kind() -> None:
    overloaded = b'{"type":"error","error":{"type":"overloaded_error","message":"m"}}'
    assert read_fault(overloaded, 200).kind == "overloaded"
    assert read_fault(b'{"error":{"message":"m","code":"rate_limit_exceeded"}}', 500).kind == "rate_limit"
    assert read_fault(b'{"error":{"message":"m","status":"UNAVAILABLE"}}', 200).native_type == "UNAVAILABLE"
    assert read_fault(b'{"error":{"message":"m","type":"invalid_request_error"}}', 401).kind == "authentication"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://api.vendor.example.com/v1/x?key=abc.", "see https://***.com/***/***?key=***."),
        ("https://gw.acme.co.uk/a", "https://***.co.uk/***"),
        ("wss://10.0.0.1:80/x", "wss://***/***"),
        ("from 10.1.2.3 or vendor.com", "from ***.***.***.*** or ***.com"),
        ("api_key:sk-12345, bad", "api_key:***, bad"),
        ('{"api_key": "sk-1"}', '{"api_key": "***"}'),
        ("messages.0.content is gpt-4.1, 3.5 e.g. so", "messages.0.content is gpt-4.1, 3.5 e.g. so"),
        ("http://localhost:3000/x", "http://***/***"),
        ("nothing to hide", "nothing to hide"),
        ("http://[::1/x", "http://***"),
    ],
)
def test_addresses_and_keys_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_what_is_read_is_masked() -> None:
    assert read_fault(b'{"error":{"message":"at vendor.com"}}', 400).message == "at ***.com"
