"""Content that once made the gateway stumble, found by mutating good exchanges at random."""

import json

import msgspec
import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.events import BLANK
from faregate.formats.turn import DialectName

NO_SCHEMA = {
    "openai_chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n"}},
    },
    "openai_responses": {
        "model": "m",
        "input": "hi",
        "text": {"format": {"type": "json_schema", "name": "n"}},
    },
}


@pytest.mark.parametrize("target", ["openai_chat", "openai_responses", "anthropic", "gemini"])
@pytest.mark.parametrize("source", NO_SCHEMA)
def test_a_wish_for_json_without_its_schema_goes_up_as_json(source: DialectName, target: DialectName) -> None:
    turn = DIALECTS[source].parse(json.dumps(NO_SCHEMA[source]).encode())
    body = DIALECTS[target].render(msgspec.structs.replace(turn, model="m"), Quirks(), Notes())
    assert isinstance(json.loads(body), dict)


def test_anthropic_is_told_in_words_to_answer_with_json_when_there_is_no_schema() -> None:
    turn = DIALECTS["openai_responses"].parse(json.dumps(NO_SCHEMA["openai_responses"]).encode())
    body = json.loads(DIALECTS["anthropic"].render(turn, Quirks(), Notes()))
    assert "output_config" not in body
    assert body["system"][0]["text"].startswith("Answer with exactly one valid JSON object")


@pytest.mark.parametrize("type", [[], {}, None, 5, True], ids=repr)
def test_an_item_whose_type_is_no_text_says_nothing(type: object) -> None:
    event = {"type": "response.output_item.added", "item": {"type": type}}
    frame = b"event: response.output_item.added\ndata: " + json.dumps(event).encode() + b"\n\n"
    assert DIALECTS["openai_responses"].glimpse(frame) == BLANK
