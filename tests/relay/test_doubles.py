"""A body that names a field twice goes up with the one we read; every other goes up as it came."""

import json

import pytest

from faregate.kernel.errors import BadRequest
from faregate.relay.doubles import undoubled


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (rb'{"model":"dear","model":"cheap","x":1.10}', rb'{"model":"cheap","x":1.10}'),
        (rb'{"max_tokens":1000000, "model":"m", "max_tokens":1}', rb'{"max_tokens":1,"model":"m"}'),
        (rb'{"n":9,"n":1,"n":2}', rb'{"n":2}'),
        (rb'{"mod\u0065l":"dear","model":"cheap"}', rb'{"model":"cheap"}'),
    ],
)
def test_the_last_of_a_doubled_field_is_the_one_that_goes_up(body: bytes, sent: bytes) -> None:
    assert undoubled(body) == sent


@pytest.mark.parametrize(
    "body",
    [
        b' {"model": "m",\n "n": 1.0 }',
        b'{"model":"m","tools":[{"model":1,"n":2},{"model":3,"n":4}],"x":{"model":{"model":5}},"n":1}',
        json.dumps({"model": "m", "messages": [{"role": "user", "content": '{"model":"a","model":"b"}'}]}).encode(),
        b"{}",
    ],
)
def test_a_body_without_doubles_is_the_very_same(body: bytes) -> None:
    assert undoubled(body) is body


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"\xff":1}', b'{"a":' + b"[" * 100_000])
def test_what_is_no_object_is_the_callers_fault(body: bytes) -> None:
    with pytest.raises(BadRequest):
        undoubled(body)
