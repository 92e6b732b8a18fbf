"""Embeddings of OpenAI's and Gemini's dialects: unit vectors made from a digest of the text.

The same text has the same vector, in numbers and in base64. Sources: OpenAI API reference, Embeddings, and Gemini API
reference, embedContent and batchEmbedContents, 2026-10.
"""

import base64
import hashlib
import math
import sys
from array import array
from typing import Any

import msgspec
from msgspec import Struct

from faregate.kernel.errors import BadRequest
from faregate.relay.providers.sandbox.faults import unary
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.reply import tokens
from faregate.relay.providers.sandbox.script import Call, Script, Texts, texts_of

_USUAL_DIMENSIONS = 1536
_MOST_DIMENSIONS = 4096
_MOST_INPUTS = 2048
_MOST_NUMBERS = _MOST_INPUTS * _USUAL_DIMENSIONS


class _OpenAIRequest(Struct):
    input: Texts
    dimensions: int | None = None
    encoding_format: str | None = None


class _Part(Struct):
    text: str | None = None


class _Content(Struct):
    parts: list[_Part] | None = None


class _GeminiRequest(Struct, rename="camel"):
    content: _Content
    output_dimensionality: int | None = None


class _GeminiBatch(Struct):
    requests: list[_GeminiRequest]


_OPENAI = msgspec.json.Decoder(_OpenAIRequest)
_GEMINI = msgspec.json.Decoder(_GeminiRequest)
_BATCH = msgspec.json.Decoder(_GeminiBatch)


def embed(call: Call, body: bytes, knobs: Knobs) -> Script:
    """The script of the vectors. Raises BadRequest."""
    try:
        answer = (_gemini if call.dialect == "gemini" else _openai)(call, body, knobs)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"the request body is invalid: {error}") from error
    return unary(call, knobs, msgspec.json.encode(answer))


def vector(text: str, dimensions: int) -> "array[float]":
    """The vector of a text: `dimensions` 32-bit numbers of length 1 together."""
    digest = hashlib.shake_256(text.encode("utf8", "replace")).digest(2 * dimensions)
    numbers = array("h", digest)
    if sys.byteorder == "big":
        numbers.byteswap()
    length = math.sqrt(sum(number * number for number in numbers)) or 1
    return array("f", [number / length for number in numbers])


def _openai(call: Call, body: bytes, knobs: Knobs) -> dict[str, Any]:
    request = _OPENAI.decode(body)
    texts = texts_of(request.input)
    dimensions = _bounded(request.dimensions, "dimensions")
    _check_size([dimensions] * len(texts), "input")
    shown = _base64 if request.encoding_format == "base64" else _numbers
    data = [
        {"object": "embedding", "index": index, "embedding": shown(vector(text, dimensions))}
        for index, text in enumerate(texts)
    ]
    used = {"prompt_tokens": (prompt := _prompt(texts, knobs)), "total_tokens": prompt}
    answer: dict[str, Any] = {"object": "list", "data": data, "model": call.model}
    return answer if knobs.fault == "no_usage" else answer | {"usage": used}


def _gemini(call: Call, body: bytes, knobs: Knobs) -> dict[str, Any]:
    single = call.action == "embedContent"
    requests = [_GEMINI.decode(body)] if single else _BATCH.decode(body).requests
    dimensions = [_bounded(request.output_dimensionality, "outputDimensionality") for request in requests]
    _check_size(dimensions, "requests")
    texts = ["".join(part.text or "" for part in request.content.parts or ()) for request in requests]
    values = [{"values": _numbers(vector(text, size))} for text, size in zip(texts, dimensions, strict=True)]
    answer: dict[str, Any] = {"embedding": values[0]} if single else {"embeddings": values}
    if knobs.fault != "no_usage":
        answer["usageMetadata"] = {"promptTokenCount": _prompt(texts, knobs)}
    return answer


def _prompt(texts: list[str], knobs: Knobs) -> int:
    return knobs.counted.total_input if knobs.counted is not None else max(1, sum(map(tokens, texts)))


def _numbers(numbers: "array[float]") -> list[float]:
    return numbers.tolist()


def _base64(numbers: "array[float]") -> str:
    little = array("f", numbers)
    if sys.byteorder == "big":
        little.byteswap()
    return base64.b64encode(little.tobytes()).decode()


def _bounded(dimensions: int | None, name: str) -> int:
    if dimensions is not None and not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise BadRequest(f"{name} is invalid: it must be between 1 and {_MOST_DIMENSIONS}", param=name)
    return dimensions or _USUAL_DIMENSIONS


def _check_size(dimensions: list[int], name: str) -> None:
    if not 1 <= len(dimensions) <= _MOST_INPUTS:
        raise BadRequest(f"{name} is invalid: it must hold between 1 and {_MOST_INPUTS} entries", param=name)
    if sum(dimensions) > _MOST_NUMBERS:
        raise BadRequest(f"{name} is invalid: its vectors have more than {_MOST_NUMBERS} numbers together", param=name)
