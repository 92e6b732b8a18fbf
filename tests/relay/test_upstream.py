"""The body that one candidate is sent: the caller's very bytes wherever nothing has to be sorted out of them."""

import json
from typing import Any

import pytest

from faregate.channels.snapshot import Behaviour, Permissions
from faregate.formats.gemini.signature import show_signature
from faregate.formats.turn import DialectName, Sealed
from faregate.kernel import egress
from faregate.relay.plan import options
from faregate.relay.settings import DialectSettings
from faregate.relay.upstream import Prepared, Preparer
from tests.relay.making import channel, request

TYPES: dict[DialectName, int] = {"openai_chat": 1, "openai_responses": 1, "anthropic": 14, "gemini": 24}
USER = {"role": "user", "content": "hi"}


def sent(body: object, dialect: DialectName = "openai_chat", **more: Any) -> bytes:
    """What a channel of the caller's own dialect is sent."""
    body = prepared(body, dialect, **more).request.body
    assert isinstance(body, bytes)
    return body


def prepared(body: object, dialect: DialectName, **more: Any) -> Prepared:
    asked = request(body, dialect)
    offered = options([channel(1, TYPES[dialect], **more)], asked.wish)
    preparer = Preparer(DialectSettings(), egress.Deadlines(), "")
    return preparer.prepare(asked, offered[0].candidates(None)[0])


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
    assert json.loads(sent(body, "anthropic"))["messages"][1] == {
        "role": "assistant",
        "content": [{"type": "text", "text": "yes"}],
    }


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
    assert parts == [{"text": "yes"}]


# A conversation that went on elsewhere for a turn: one foreign thought, and a field that only this dialect knows.
FOREIGN: dict[DialectName, bytes] = {
    "openai_chat": (
        b'{"model":"m","service_tier":"flex","messages":[{"role":"assistant","content":"yes","prefix":true%s}]}'
    ),
    "openai_responses": (
        b'{"model":"m","service_tier":"flex","input":[%s{"id":"msg_1","role":"assistant","content":"yes"}]}'
    ),
    "anthropic": (
        b'{"model":"m","service_tier":"auto","max_tokens":9,"messages":[{"role":"user","content":"hi"},'
        b'{"role":"assistant","content":[%s{"type":"text","text":"yes","citations":[]}]}]}'
    ),
    "gemini": b'{"service_tier":"x","contents":[{"role":"model","parts":[%s{"text":"yes","partMetadata":{}}]}]}',
}
THOUGHTS: dict[DialectName, bytes] = {
    "openai_chat": b',"reasoning_details":[{"type":"reasoning.encrypted","data":"fg1.anthropic.7.EqQB"}]',
    "openai_responses": b'{"type":"reasoning","id":"rs_fg_1","summary":[]},',
    "anthropic": b'{"type":"thinking","thinking":"hm","signature":"fg1.gemini.7.Cpw"},',
    "gemini": (
        b'{"text":"hm","thought":true,"thoughtSignature":"%s"},'
        % show_signature(Sealed("anthropic", "EqQB", "7")).encode()
    ),
}
NAMES = tuple(FOREIGN)
OPEN = Permissions(allow_service_tier=True)


@pytest.mark.parametrize("dialect", NAMES)
def test_a_foreign_thought_is_all_that_an_upstream_is_not_told(dialect: DialectName) -> None:
    found = prepared(FOREIGN[dialect] % THOUGHTS[dialect], dialect, permissions=OPEN)
    assert found.request.body == FOREIGN[dialect] % b""
    assert len(found.notes) == 1
    assert "thinking" in found.notes[0]


@pytest.mark.parametrize("dialect", NAMES)
def test_a_channels_own_edits_come_on_top(dialect: DialectName) -> None:
    mapping = {} if dialect == "gemini" else {"m": "m-2"}  # Google's model is in the address
    body = json.loads(sent(FOREIGN[dialect] % THOUGHTS[dialect], dialect, mapping=mapping, body_override={"more": 1}))
    wanted = json.loads(FOREIGN[dialect] % b"")
    del wanted["service_tier"]
    assert body == wanted | {"more": 1} | ({"model": "m-2"} if mapping else {})


@pytest.mark.parametrize("dialect", NAMES)
def test_a_body_passed_through_is_freed_of_foreign_thoughts_alone(dialect: DialectName) -> None:
    more = {"mapping": {"m": "m-2"}, "behaviour": Behaviour(pass_through_body_enabled=True)}
    assert sent(FOREIGN[dialect] % THOUGHTS[dialect], dialect, **more) == FOREIGN[dialect] % b""


@pytest.mark.parametrize("dialect", NAMES)
def test_words_about_our_seals_are_words(dialect: DialectName) -> None:
    body = (FOREIGN[dialect] % b"").replace(b'"yes"', b' "fg1.gemini.7.Cpw" ').replace(b"}", b" }")
    assert sent(body, dialect, permissions=OPEN) == body


def test_googles_own_signature_goes_up_as_it_came() -> None:
    body = json.dumps(gemini("CpwBAVKhc7kz")).encode()
    assert sent(body, "gemini") == body
