"""The headers that one candidate is sent: the caller's own, without credentials, addresses and proxies' marks."""

import pytest
from msgspec import structs

from faregate.formats.turn import DialectName
from faregate.kernel import egress
from faregate.relay.arrival import first_values
from faregate.relay.plan import options
from faregate.relay.settings import DialectSettings
from faregate.relay.upstream import Preparer
from tests.relay.making import channel, request

OPENAI, ANTHROPIC = 1, 14
BODIES: dict[DialectName, object] = {"openai_chat": {"model": "m", "messages": [{"role": "user", "content": "hi"}]}}


def sent(*lines: tuple[str, str], type: int = OPENAI) -> dict[str, str]:
    """What a channel is sent of a chat call's header lines, and with them; names in lower case."""
    asked = request(BODIES["openai_chat"])
    headers = [(name.encode(), value.encode()) for name, value in lines]
    call = structs.replace(asked.arrival, headers=headers, first=first_values(headers))
    asked.arrival = call
    candidate = options([channel(1, type)], asked.wish)[0].candidates(None)[0]
    prepared = Preparer(DialectSettings(), egress.Deadlines(), "").prepare(asked, candidate)
    return {name.lower(): value for name, value in prepared.request.headers}


@pytest.mark.parametrize(
    "name",
    [
        "cf-connecting-ip", "cf-ray", "cf-ipcountry", "cdn-loop", "true-client-ip", "x-client-ip", "x-real-ip",
        "x-cluster-client-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-client-cert", "forwarded", "via",
        "x-original-forwarded-for", "x-original-uri", "x-auth-request-email", "x-auth-request-access-token",
        "x-amzn-oidc-data", "x-envoy-external-address", "x-faregate-anything", "cookie", "x-api-key",
    ],
)  # fmt: skip
def test_what_names_the_caller_or_its_proxies_stays_here(name: str) -> None:
    assert "203.0.113.7" not in sent((name, "203.0.113.7"), ("x-own", "1")).values()


def test_the_callers_other_headers_go_up_as_they_came() -> None:
    own = [("user-agent", "me/1"), ("x-own", "a"), ("cfx", "b"), ("x-stainless-lang", "python"), ("openai-beta", "c")]
    found = sent(*own, ("connection", "keep-alive"))
    assert {name: found.get(name) for name, _ in own} == dict(own)
    assert "connection" not in found


@pytest.mark.parametrize("type", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize(
    "lines",
    [
        [("connection", "x-hop, keep-alive, User-Agent")],
        [("connection", "keep-alive"), ("connection", " X-Hop ,user-agent")],
    ],
)
def test_what_the_connection_names_belongs_to_the_connection(lines: list[tuple[str, str]], type: int) -> None:
    found = sent(("x-hop", "1"), ("user-agent", "me/1"), ("traceparent", "00-1"), *lines)
    assert not {"x-hop", "user-agent", "connection"} & found.keys()
    assert found["traceparent"] == "00-1"


def test_the_connection_cannot_take_away_what_is_ours() -> None:
    found = sent(("connection", "authorization, content-type, accept"), ("accept", "application/json"))
    assert (found["authorization"], found["content-type"]) == ("Bearer s", "application/json")
