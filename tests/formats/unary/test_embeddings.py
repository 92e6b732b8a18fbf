"""Embeddings: bounds, usage, the encoding that was asked for, Gemini's form."""

import json

import pytest

from faregate.formats.unary import embeddings
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest, Garbage, Unrepresentable

FLOATS = b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25]}],"model":"m","x":1.10}'
TEXTS = b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAAPwAAgL4="}],"model":"m","x":1.10}'


@pytest.mark.parametrize(
    ("body", "param"),
    [(b'{"input":"a"}', "model"), (b'{"model":"m"}', "input"), (b'{"model":"m","input":null}', "input")],
)
def test_model_and_input_are_needed(body: bytes, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        embeddings.peek(body)
    assert caught.value.param == param


def test_the_texts_are_the_weight() -> None:
    assert embeddings.peek(b'{"model":"m","input":"a"}').model == "m"
    assert embeddings.weigh(b'{"model":"m","input":"a"}').text == "a"
    assert embeddings.weigh(b'{"model":"m","input":["a","b"]}').text == "a\nb"
    assert embeddings.weigh(b'{"model":"m","input":[1,2]}').text == ""
    assert embeddings.weigh(b"nonsense").text == ""


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ("[1,2,3]", 3),
        ("[[1,2],[3]]", 3),
        ("[1.0, 2]", 2),
        ("[[],[7]]", 1),
        ("[]", 0),
        ('"[1,2,3]"', 0),
        ('["a","b"]', 0),
        ("[true]", 0),
        ("null", 0),
    ],
)
def test_inputs_given_by_number_are_counted(given: str, count: int) -> None:
    assert embeddings.token_numbers(f'{{"model":"m","input":{given}}}'.encode()) == count


@pytest.mark.parametrize("body", [b'{"model":"m"}', b"[nonsense", b"[1,2]", b'{"prompt":[1,2]}', b"[" * 100_000])
def test_what_has_no_inputs_counts_nothing(body: bytes) -> None:
    assert embeddings.token_numbers(body) == 0


def test_vectors_come_in_the_encoding_that_was_asked_for() -> None:
    assert json.loads(embeddings.honour_base64(FLOATS, True)) == json.loads(TEXTS)
    assert json.loads(embeddings.honour_base64(TEXTS, False)) == json.loads(FLOATS)
    assert embeddings.honour_base64(FLOATS, False) is FLOATS
    assert embeddings.honour_base64(TEXTS, True) is TEXTS
    assert embeddings.wants_base64(b'{"model":"m","input":"a","encoding_format":"base64"}')
    assert not embeddings.wants_base64(b'{"model":"m","input":"a"}')


@pytest.mark.parametrize(
    "body",
    [b"<html>", b'{"data":[{"embedding":"!"}]}', b'{"data":[{"embedding":"QUJD"}]}', b'{"data":{}}', b'{"data":[5]}'],
)
def test_what_is_no_vector_is_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        embeddings.honour_base64(body, False)


def test_usage_of_either_dialect_is_read() -> None:
    assert embeddings.usage_of_reply(b'{"data":[],"usage":{"prompt_tokens":4}}') == Usage(input=4, prompt=4)
    gemini = b'{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":4}}'
    assert embeddings.usage_of_reply(gemini) == Usage(input=4, prompt=4, semantic="gemini")
    assert embeddings.usage_of_reply(b'{"data":[]}') is None
    assert embeddings.usage_of_reply(b"<html>") is None


def test_a_request_goes_to_gemini_as_a_batch_and_back() -> None:
    body = b'{"model":"m","input":["a","b"],"dimensions":2}'
    sent = embeddings.to_gemini(body, "up")
    one = {"model": "models/up", "outputDimensionality": 2}
    assert json.loads(sent) == {"requests": [one | {"content": {"parts": [{"text": text}]}} for text in ("a", "b")]}
    assert json.loads(embeddings.from_gemini(sent, "m")) == {"model": "m", "input": ["a", "b"], "dimensions": 2}
    single = b'{"content":{"parts":[{"text":"a"},{"text":"b"}]}}'
    assert json.loads(embeddings.from_gemini(single, "m")) == {"model": "m", "input": ["a\nb"]}
    with pytest.raises(Unrepresentable):
        embeddings.to_gemini(b'{"model":"m","input":[1,2]}', "up")


def test_an_answer_comes_from_gemini_as_a_list_and_back() -> None:
    batch = b'{"embeddings":[{"values":[0.5]},{"values":[0.25]}]}'
    shown = embeddings.reply_from_gemini(batch, "m", Usage(input=3))
    assert json.loads(shown) == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.5]},
            {"object": "embedding", "index": 1, "embedding": [0.25]},
        ],
        "model": "m",
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    assert json.loads(embeddings.reply_to_gemini(shown, batch=True)) == json.loads(batch)
    assert json.loads(embeddings.reply_to_gemini(shown, batch=False)) == {"embedding": {"values": [0.5]}}
    assert json.loads(embeddings.reply_to_gemini(TEXTS, batch=False)) == {"embedding": {"values": [0.5, -0.25]}}
    single = json.loads(embeddings.reply_from_gemini(b'{"embedding":{"values":[1]}}', "m", Usage(input=3)))
    assert [item["embedding"] for item in single["data"]] == [[1]]


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"data":[{"embedding":{}}]}'])
def test_an_answer_without_vectors_is_garbage(body: bytes) -> None:
    with pytest.raises(Garbage):
        embeddings.reply_from_gemini(body, "m", Usage())
    with pytest.raises(Garbage):
        embeddings.reply_to_gemini(body, batch=True)
