"""The body that one candidate is sent: the caller's very bytes wherever nothing has to be sorted out of them."""

import json
from typing import Any

import pytest

from faregate.channels.snapshot import Behaviour
from faregate.formats.gemini.signature import show_signature
from faregate.formats.turn import DialectName, Sealed
from faregate.kernel import egress
from faregate.relay.plan import options
from faregate.relay.settings import DialectSettings
from faregate.relay.upstream import Preparer
from tests.relay.making import channel, request

TYPES: dict[DialectName, int] = {"openai_chat": 1, "anthropic": 14, "gemini": 24}
USER = {"role": "user", "content": "hi"}


def sent(body: object, dialect: DialectName = "openai_chat", **more: Any) -> bytes:
    """What a channel of the caller's own dialect is sent."""
    asked = request(body, dialect)
    offered = options([channel(1, TYPES[dialect], **more)], asked.wish)
    preparer = Preparer(DialectSettings(), egress.Deadlines(), "")
    prepared = preparer.prepare(asked, offered[0].candidates(None)[0])
    assert isinstance(prepared.request.body, bytes)
    return prepared.request.body


def claude(*thoughts: dict[str, Any]) -> dict[str, Any]:
    answer = {"role": "assistant", "content": [*thoughts, {"type": "text", "text": "yes"}]}
    return {"model": "m", "max_tokens": 9, "messages": [USER, answer, USER]}


def gemini(signature: str) -> dict[str, Any]:
    said = {"role": "model", "parts": [{"text": "yes", "thoughtSignature": signature}]}
    asked = {"role": "user", "parts": [{"text": "hi"}]}
    return {"contents": [asked, said, asked]}


DOUBLED = b'{"model":"dear","max_tokens":1000000,"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]}'


@pytest.mark.parametrize("passed_through", [False, True])
def test_an_upstream_sees_the_model_and_the_limit_that_are_priced(passed_through: bool) -> None:
    body = sent(DOUBLED, behaviour=Behaviour(pass_through_body_enabled=passed_through))
    assert body.count(b'"model"') == body.count(b'"max_tokens"') == 1
    assert (json.loads(body)["model"], json.loads(body)["max_tokens"]) == ("m", 1)


def test_names_inside_of_tools_leave_a_body_as_it_came() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"model": {"n": 1}, "max_tokens": {"n": 2}}}}
    body = json.dumps({"model": "m", "n": 1, "messages": [USER], "tools": [tool, tool]}, indent=1).encode()
    assert sent(body) == body


@pytest.mark.parametrize("gap", ["", " "])
@pytest.mark.parametrize("signature", ["", None])
def test_unsigned_thoughts_do_not_go_to_claude(gap: str, signature: str | None) -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": signature}
    body = json.dumps(claude(thought), separators=(",", ":" + gap)).encode()
    assert json.loads(sent(body, "anthropic"))["messages"][1] == {"role": "assistant", "content": "yes"}


def test_signed_thoughts_go_to_claude_as_they_came() -> None:
    body = json.dumps(claude({"type": "thinking", "thinking": "hm", "signature": "EqQB"})).encode()
    assert sent(body, "anthropic") == body


def test_words_about_an_empty_signature_are_words() -> None:
    asked = {"role": "user", "content": '{"signature":""}'}
    body = json.dumps({"model": "m", "max_tokens": 9, "messages": [asked]}).encode()
    assert sent(body, "anthropic") == body


def test_an_envelope_of_ours_does_not_go_to_gemini() -> None:
    foreign = show_signature(Sealed("anthropic", "EqQB", "7"))
    parts = json.loads(sent(gemini(foreign), "gemini"))["contents"][1]["parts"]
    assert [part["text"] for part in parts] == ["yes"]
    assert foreign not in json.dumps(parts)


def test_googles_own_signature_goes_up_as_it_came() -> None:
    body = json.dumps(gemini("CpwBAVKhc7kz")).encode()
    assert sent(body, "gemini") == body
