"""Legacy completions between the two manners of answering: nothing an upstream said is lost on the way."""

import json
from typing import Any

from faregate.formats.dialect import Opening
from faregate.formats.frames import data_of
from faregate.formats.usage import Usage
from faregate.relay.completing import CompletionGathering, chunk_of

OPENING = Opening(model="asked", id="r1", created=7)
USAGE = Usage(input=10, output=5)


def gathered(*chunks: object) -> Any:
    gathering = CompletionGathering(OPENING)
    for chunk in chunks:
        gathering.feed(b"data: " + (chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode()) + b"\n\n")
    return json.loads(gathering.whole(USAGE))


def piece(text: str, index: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": "c1", "created": 3, "model": "m", "choices": [{"index": index, "text": text, **more}]}


def test_texts_and_log_probabilities_grow_by_choice() -> None:
    found = gathered(
        piece("hello", logprobs={"tokens": ["hello"], "token_logprobs": [-0.10]}),
        piece("yes", 1, logprobs=None, finish_reason="length"),
        piece(" there", finish_reason="stop", logprobs={"tokens": [" there"], "token_logprobs": [-0.2]}),
        {"choices": [], "usage": {"prompt_tokens": 1}},
        b"[DONE]",
    )
    probabilities = {"tokens": ["hello", " there"], "token_logprobs": [-0.1, -0.2]}
    assert found["choices"] == [
        {"index": 0, "text": "hello there", "logprobs": probabilities, "finish_reason": "stop"},
        {"index": 1, "text": "yes", "logprobs": None, "finish_reason": "length"},
    ]
    assert (found["id"], found["object"], found["created"], found["model"]) == ("c1", "text_completion", 3, "m")
    assert found["usage"]["total_tokens"] == 15


def test_what_no_chunk_says_comes_from_the_call() -> None:
    found = gathered({"choices": [{"text": "hi", "logprobs": "odd"}]}, b"{nope", b'"text"')
    assert (found["id"], found["created"], found["model"]) == ("cmpl-r1", 7, "asked")
    assert found["choices"] == [{"index": 0, "text": "hi", "logprobs": None, "finish_reason": None}]


def test_a_whole_answer_becomes_one_chunk_in_one_line_without_its_usage() -> None:
    body = json.dumps({**piece("a\nb"), "usage": {"total_tokens": 3}, "extra": 1}, indent=1).encode()
    chunk = chunk_of(body)
    assert chunk.count(b"\n") == 2
    assert json.loads(data_of(chunk)) == {**piece("a\nb"), "extra": 1}
