"""What other dialects' models thought or sealed is taken out of a request, and nothing else of it is touched."""

import base64
from typing import NamedTuple

import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini.signature import SKIP_MARK
from faregate.formats.turn import DialectName

ACCOUNT = "7"
QUIRKS = Quirks(origin=ACCOUNT, thought_signature=False)
NAMES: tuple[DialectName, ...] = tuple(DIALECTS)


def packed(envelope: str) -> bytes:
    """A packed seal as a Gemini client gives it back."""
    return base64.b64encode(envelope.encode())


GOOGLES = b'"thoughtSignature":"CpwBAVKhc7kz"'
CLAUDES = b'"thoughtSignature":"%s"' % packed("fg1.anthropic.7.EqQB")

# --- requests with much that the interior does not know; `%s` is where the foreign part stands ---------------------
WHOLE: dict[DialectName, bytes] = {
    "anthropic": (
        b'{"model":"m","container":"c_1","max_tokens":9,"context_management":{"edits":[{"type":"clear"}]},'
        b'"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","scope":"global"}}],'
        b'"tools":[{"name":"f","input_schema":{"type":"object"},"defer_loading":true,"input_examples":[{"n":1.10}]}],'
        b'"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain",'
        b'"data":"d"},"context":"c","citations":{"enabled":true}},{"type":"text","text":"fg1."}]},'
        b'{"role":"assistant","content":[%s{"type":"thinking","thinking":"own","signature":"EqQB"},'
        b'{"type":"text","text":"yes","citations":[{"type":"char_location","cited_text":"d"}]},'
        b'{"type":"tool_use","id":"t","name":"f","input":{"n":1.10,"big":123456789012345678901},"caller":{"a":1}}]},'
        b'{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r",'
        b'"cache_control":{"type":"ephemeral","scope":"org"}}]}]}'
    ),
    "openai_chat": (
        b'{"model":"m","provider":{"order":["a"]},"messages":['
        b'{"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]},'
        b'{"role":"user","content":"fg1.","name":"ada","odd":1.10},'
        b'{"role":"assistant","content":"yes","annotations":[{"type":"url_citation"}],"prefix":true,'
        b'"reasoning_details":[{"type":"reasoning.text","text":"own","signature":"sig","format":"x","new":1.10}%s],'
        b'"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"},'
        b'"extra_content":{"google":{"thought_signature":"s"}}}]},'
        b'{"role":"tool","tool_call_id":"t","content":"r","odd":true}]}'
    ),
    "openai_responses": (
        b'{"model":"m","reasoning":{"effort":"low","context":"all"},"prompt_cache_options":{"mode":"x"},"input":['
        b'{"type":"message","role":"user","content":[{"type":"input_text","text":"fg1.","odd":1.10}]},'
        b'{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA","status":"completed"},%s'
        b'{"type":"message","id":"msg_1","status":"completed","role":"assistant","phase":"commentary",'
        b'"content":[{"type":"output_text","text":"yes","annotations":[{"type":"url_citation"}],"logprobs":[]}]},'
        b'{"type":"function_call","id":"fc_1","call_id":"t","name":"f","arguments":"{}","status":"completed"},'
        b'{"type":"function_call_output","call_id":"t","output":"r","status":"completed"}]}'
    ),
    "gemini": (
        b'{"labels":{"a":"b"},"contents":[{"role":"user","parts":[{"fileData":{"fileUri":"u"},"videoMetadata":'
        b'{"fps":1.10},"mediaResolution":{"level":"low"}},{"text":"fg1."}]},'
        b'{"role":"model","parts":[%s{"text":"yes","partMetadata":{"a":1}},{"functionCall":{"id":"t","name":"f",'
        b'"args":{"n":1.10},"willContinue":false}}]},{"role":"user","parts":[{"functionResponse":{"id":"t","name":"f",'
        b'"response":{"r":1.10},"scheduling":"SILENT"}}]}],'
        b'"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING","response":{"type":"OBJECT"}}]}]}'
    ),
}
FOREIGN: dict[DialectName, bytes] = {
    "anthropic": b'{"type":"thinking","thinking":"hm","signature":"fg1.gemini.3.Cpw"},',
    "openai_chat": b',{"type":"reasoning.encrypted","data":"fg1.anthropic.3.EqQB","format":"anthropic","length":2}',
    "openai_responses": b'{"type":"reasoning","id":"rs_fg_1_0","summary":[{"type":"summary_text","text":"hm"}]},',
    "gemini": b'{"text":"hm","thought":true,%s},' % CLAUDES,
}


def cleaned(dialect: DialectName, body: bytes, quirks: Quirks = QUIRKS) -> tuple[bytes, list[str]]:
    """The body for an upstream of its own dialect, and what the log row says of it."""
    notes = Notes()
    assert DIALECTS[dialect].carries_foreign(body)
    return DIALECTS[dialect].without_foreign(body, quirks, notes), notes.lines


def rerendered(dialect: DialectName, body: bytes) -> bytes:
    """The body by way of the interior, as an upstream of another dialect would be told."""
    turn = DIALECTS[dialect].parse(body)
    return DIALECTS[dialect].render(turn, QUIRKS, Notes())


@pytest.mark.parametrize("dialect", NAMES)
def test_all_but_the_foreign_thought_keeps_its_bytes(dialect: DialectName) -> None:
    body, notes = cleaned(dialect, WHOLE[dialect] % FOREIGN[dialect])
    assert body == WHOLE[dialect] % b""
    assert len(notes) == 1
    assert notes[0].startswith("thinking")


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("words", [b'"fg1.anthropic.3.EqQB"', b'"ZmcxLmFu"', b'{"signature": ""}', b'"rs_fg_1"'])
def test_words_that_look_like_a_seal_leave_the_very_body(dialect: DialectName, words: bytes) -> None:
    body = (WHOLE[dialect] % b"").replace(b"1.10", words).replace(b",", b" , ")
    notes = Notes()
    assert DIALECTS[dialect].without_foreign(body, QUIRKS, notes) is body
    assert notes.lines == []


@pytest.mark.parametrize("dialect", NAMES)
def test_a_body_without_a_mark_is_not_looked_into(dialect: DialectName) -> None:
    body = (WHOLE[dialect] % b"").replace(b"fg1.", b"hi")
    assert not DIALECTS[dialect].carries_foreign(body)


# --- one message or item at a time ------------------------------------------------------------------------------
class Case(NamedTuple):
    """A piece of a conversation as a client gives it back, and what goes up; `kept` None: the very body."""

    given: bytes
    kept: bytes | None


FRAMES: dict[DialectName, bytes] = {
    "anthropic": b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}%s]}',
    "openai_chat": b'{"model":"m","messages":[{"role":"user","content":"a"}%s]}',
    "openai_responses": b'{"model":"m","input":[{"role":"user","content":"a"}%s]}',
    "gemini": b'{"contents":[{"role":"user","parts":[{"text":"a"}]}%s]}',
}
OWN_ITEM = rb"{\"id\":\"rs_1\",\"encrypted_content\":\"gAAA\"}"
OWN_ENTRY = rb"{\"type\":\"reasoning.text\",\"signature\":\"sig\"}"

CASES: dict[DialectName, dict[str, Case]] = {
    "anthropic": {
        "unsigned": Case(
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},'
            b'{"type":"thinking","thinking":"hm"},{"type":"text","text":"b"}]}',
            b',{"role":"assistant","content":[{"type":"text","text":"b"}]}',
        ),
        "an assistant that only thought is left out": Case(
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":null}]}', b""
        ),
        "no other message may be empty": Case(
            b',{"role":"user","odd":1,"content":[{"type":"thinking","thinking":"hm","signature":""}]}',
            b',{"role":"user","odd":1,"content":"..."}',
        ),
        "redacted": Case(
            b',{"role":"assistant","content":[{"type":"redacted_thinking","data":"fg1.openai_chat..x"},'
            b'{"type":"redacted_thinking","data":"own"},{"type":"text","text":"b"}]}',
            b',{"role":"assistant","content":[{"type":"redacted_thinking","data":"own"},{"type":"text","text":"b"}]}',
        ),
        "own, packed elsewhere": Case(
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"fg1.anthropic.7.EqQB",'
            b'"odd":1},{"type":"redacted_thinking","data":"fg1.anthropic..own"},{"type":"text","text":"b"}]}',
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"EqQB","odd":1},'
            b'{"type":"redacted_thinking","data":"own"},{"type":"text","text":"b"}]}',
        ),
        "own, without words": Case(
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"fg1.anthropic.7.Eq"'
            b'},{"type":"text","text":"b"}]}',
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"Eq"},'
            b'{"type":"text","text":"b"}]}',
        ),
        "another account's": Case(
            b',{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"fg1.anthropic.8.EqQB"},'
            b'{"type":"text","text":"b"}]}',
            b',{"role":"assistant","content":[{"type":"text","text":"b"}]}',
        ),
        "an empty signature in a call": Case(
            b',{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"signature": ""}}]}', None
        ),
    },
    "openai_chat": {
        "words go with their seal": Case(
            b',{"role":"assistant","content":"b","reasoning_content":"plainsealed","reasoning":"plainsealed",'
            b'"reasoning_details":[{"type":"reasoning.text","length":5,"index":0},{"type":"reasoning.encrypted",'
            b'"data":"fg1.anthropic.3.x","length":6,"index":1}]}',
            b',{"role":"assistant","content":"b","reasoning_content":"plain","reasoning":"plain"}',
        ),
        "words behind the last seal stay": Case(
            b',{"role":"assistant","content":"b","reasoning_details":[{"type":"reasoning.encrypted",'
            b'"data":"fg1.gemini.3.x","length":6}],"reasoning_content":"sealedplain"}',
            b',{"role":"assistant","content":"b","reasoning_content":"plain"}',
        ),
        "nothing but sealed words": Case(
            b',{"role":"assistant","content":null,"refusal":null,"reasoning":"sealed","reasoning_details":['
            b'{"type":"reasoning.encrypted","data":"fg1.gemini.3.x","length":6}]}',
            b',{"role":"assistant","content":"","refusal":null}',
        ),
        "signatures of words and calls": Case(
            b',{"role":"assistant","content":"b","reasoning_content":"plain","tool_calls":[{"id":"t","type":"function",'
            b'"function":{"name":"f","arguments":"{}"},"odd":1}],"reasoning_details":[{"type":"reasoning.encrypted",'
            b'"data":"fg1.gemini.3.x","id":"content"},{"type":"reasoning.encrypted","data":"fg1.gemini.3.x","id":"t"}]}',
            b',{"role":"assistant","content":"b","reasoning_content":"plain","tool_calls":[{"id":"t","type":"function",'
            b'"function":{"name":"f","arguments":"{}"},"odd":1}]}',
        ),
        "own entries beside a foreign one": Case(
            b',{"role":"assistant","content":"b","reasoning_content":"own","reasoning_details":[7,{"type":'
            b'"reasoning.encrypted","data":"fg1.gemini.3.x","length":0},{"type":"reasoning.summary","summary":"own",'
            b'"data":"sig","odd":1.10}]}',
            b',{"role":"assistant","content":"b","reasoning_content":"own","reasoning_details":[7,'
            b'{"type":"reasoning.summary","summary":"own","data":"sig","odd":1.10}]}',
        ),
        "own, packed elsewhere": Case(
            b',{"role":"assistant","content":"b","reasoning_content":"own","reasoning_details":[{"type":'
            b'"reasoning.encrypted","data":"fg1.openai_chat.7.%s","length":3}]}' % OWN_ENTRY,
            b',{"role":"assistant","content":"b","reasoning_content":"own","reasoning_details":[{"type":'
            b'"reasoning.text","signature":"sig","text":"own"}]}',
        ),
        "another account's": Case(
            b',{"role":"assistant","content":"b","reasoning_content":"own","reasoning_details":[{"type":'
            b'"reasoning.encrypted","data":"fg1.openai_chat.8.%s","length":3}]}' % OWN_ENTRY,
            b',{"role":"assistant","content":"b"}',
        ),
        "an own entry with such words": Case(
            b',{"role":"assistant","content":"fg1.","reasoning_details":[{"type":"reasoning.text","text":"fg1."}]}',
            None,
        ),
        "words of a user": Case(b',{"role":"user","content":"fg1.gemini.3.x"}', None),
    },
    "openai_responses": {
        "made and packed here": Case(
            b',{"type":"reasoning","id":"rs_fg_1","summary":[]},{"type":"reasoning","id":"rs_fg_2","summary":[],'
            b'"encrypted_content":"fg1.gemini.3.x"},{"role":"assistant","content":"b"}',
            b',{"role":"assistant","content":"b"}',
        ),
        "without the id, as some clients leave it out": Case(
            b',{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"reasoning","summary":[],'
            b'"encrypted_content":"fg1.gemini.3.x"},{"role":"assistant","content":"b"}',
            b',{"role":"assistant","content":"b"}',
        ),
        "own, packed elsewhere": Case(
            b',{"type":"reasoning","id":"rs_fg_1","summary":[],"encrypted_content":"fg1.openai_responses.7.%s"},'
            b'{"role":"assistant","content":"b"}' % OWN_ITEM,
            b',{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},'
            b'{"role":"assistant","content":"b"}',
        ),
        "another account's": Case(
            b',{"type":"reasoning","id":"rs_fg_1","summary":[],"encrypted_content":"fg1.openai_responses.8.%s"},'
            b'{"role":"assistant","content":"b"}' % OWN_ITEM,
            b',{"role":"assistant","content":"b"}',
        ),
        "words of a user": Case(b',{"role":"user","content":"fg1.gemini.3.x"}', None),
    },
    "gemini": {
        "a thought in pieces": Case(
            b',{"role":"model","parts":[{"text":"h","thought":true},{"text":"m","thought":true},{"text":"","thought":'
            b'true,%s},{"text":"own","thought":true,%s},{"text":"b"}]}' % (CLAUDES, GOOGLES),
            b',{"role":"model","parts":[{"text":"own","thought":true,%s},{"text":"b"}]}' % GOOGLES,
        ),
        "thoughts before words are others": Case(
            b',{"role":"model","parts":[{"text":"plain","thought":true},{"text":"b",%s}]}' % CLAUDES,
            b',{"role":"model","parts":[{"text":"plain","thought":true},{"text":"b"}]}',
        ),
        "a part that only carried it": Case(
            b',{"role":"model","parts":[{"text":"b"},{"text":"",%s}]}' % CLAUDES,
            b',{"role":"model","parts":[{"text":"b"}]}',
        ),
        "snake case": Case(
            b',{"role":"model","parts":[{"function_call":{"id":"t","name":"f","args":{"n":1.10}},'
            b'"thought_signature":"%s"}]}' % packed("fg1.openai_responses.3.x"),
            b',{"role":"model","parts":[{"function_call":{"id":"t","name":"f","args":{"n":1.10}}}]}',
        ),
        "own, packed elsewhere": Case(
            b',{"role":"model","parts":[{"text":"b","thoughtSignature":"%s","odd":1}]}' % packed("fg1.gemini.7.Cpw"),
            b',{"role":"model","parts":[{"text":"b","odd":1,"thoughtSignature":"Cpw"}]}',
        ),
        "another account's": Case(
            b',{"role":"model","parts":[{"text":"b","thoughtSignature":"%s"}]}' % packed("fg1.gemini.8.Cpw"),
            b',{"role":"model","parts":[{"text":"b"}]}',
        ),
        "in a content that names no role": Case(
            b',{"parts":[{"text":"b",%s}]}' % CLAUDES,
            b',{"parts":[{"text":"b"}]}',
        ),
        "words of a user": Case(b',{"role":"user","parts":[{"text":"ZmcxL"}]}', None),
    },
}


def cases() -> list[object]:
    return [
        pytest.param(dialect, case, id=f"{dialect}-{name}")
        for dialect in NAMES
        for name, case in CASES[dialect].items()
    ]


@pytest.mark.parametrize(("dialect", "case"), cases())
def test_only_what_the_upstream_did_not_issue_is_taken_out(dialect: DialectName, case: Case) -> None:
    given = FRAMES[dialect] % case.given
    body, notes = cleaned(dialect, given)
    assert body == (given if case.kept is None else FRAMES[dialect] % case.kept)
    assert (body is given) == (case.kept is None)
    assert len(notes) == len(set(notes))


@pytest.mark.parametrize(("dialect", "case"), cases())
def test_it_is_what_a_rendering_leaves_out(dialect: DialectName, case: Case) -> None:
    given = FRAMES[dialect] % case.given
    assert rerendered(dialect, cleaned(dialect, given)[0]) == rerendered(dialect, given)


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("odd", [b'"fg1."', b"7", b"null", b"{}", b'[7,{},"x",{"role":7}]'])
def test_what_has_not_the_expected_form_is_left_to_the_upstream(dialect: DialectName, odd: bytes) -> None:
    names = {"openai_responses": b"input", "gemini": b"contents"}
    body = b'{"x":["fg1.","ZmcxL"],"%s":%s}' % (names.get(dialect, b"messages"), odd)
    assert DIALECTS[dialect].without_foreign(body, QUIRKS, Notes()) is body


def test_odd_reasoning_of_a_chat_is_left_to_the_upstream() -> None:
    odd = b',{"role":"assistant","content":"b","reasoning_details":{"data":"fg1.gemini.3.x"}}'
    body = FRAMES["openai_chat"] % odd
    assert cleaned("openai_chat", body) == (body, [])


# --- Gemini's calls ----------------------------------------------------------------------------------------------
CALLS = b'{"functionCall":{"id":"t","name":"f"%s}%s},{"functionCall":{"id":"u","name":"f"}}'
MARKED = b',"thoughtSignature":"%s"' % SKIP_MARK.encode()


def said(*parts: bytes) -> bytes:
    return FRAMES["gemini"] % (b',{"role":"model","parts":[%s]}' % b",".join(parts))


@pytest.mark.parametrize("signature", [b"", b"," + CLAUDES])
def test_calls_of_another_model_are_not_checked_by_google(signature: bytes) -> None:
    thought = b'{"text":"hm","thought":true,%s}' % CLAUDES
    quirks = Quirks(origin=ACCOUNT, thought_signature=True)
    body, notes = cleaned("gemini", said(thought, CALLS % (b"", signature)), quirks)
    assert body == said(CALLS % (b"", MARKED))
    assert notes == (["thinking", "thought_signature"] if signature else ["thinking"])


def test_a_call_beside_googles_own_signature_gets_no_mark() -> None:
    own = b'{"text":"b",%s}' % GOOGLES
    quirks = Quirks(origin=ACCOUNT, thought_signature=True)
    assert cleaned("gemini", said(own, CALLS % (b"", b"," + CLAUDES)), quirks)[0] == said(own, CALLS % (b"", b""))


def test_words_get_no_mark() -> None:
    quirks = Quirks(origin=ACCOUNT, thought_signature=True)
    assert cleaned("gemini", said(b'{"text":"b",%s}' % CLAUDES), quirks)[0] == said(b'{"text":"b"}')


def test_a_model_that_only_thought_is_left_out_for_google() -> None:
    """Google refuses a content without parts."""
    assert cleaned("gemini", said(b'{"text":"hm","thought":true,%s}' % CLAUDES))[0] == FRAMES["gemini"] % b""
