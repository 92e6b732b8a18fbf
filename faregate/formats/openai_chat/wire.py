"""What is read of chat completions JSON: requests, messages, chunks and whole answers. Everything else is skipped.

Source: OpenAI API reference, Chat completions, 2026-08; reasoning fields as DeepSeek (`reasoning_content`), vLLM
(`reasoning`) and OpenRouter (`reasoning_details`, `images`) send them. What answers are made of is kept from the
collector (`gc=False`): it lives for one frame and can hold no cycle.
"""

import re
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from faregate.formats.frames import data_of
from faregate.kernel.errors import BadRequest

MAX_TOKENS_LIMIT = 1_073_741_823
MAX_CHOICES = 128
T = TypeVar("T")
_PLACE = re.compile(r"^(.*?) - at `\$\.?(.*)`$", re.DOTALL)


class FunctionCall(Struct, gc=False):
    """Name and arguments of a call; some hosts send the arguments as an object."""

    name: str | None = None
    arguments: str | dict[str, Raw] | None = None


class CustomCall(Struct, gc=False):
    """A call of a free-text tool."""

    name: str | None = None
    input: str | None = None


class Call(Struct, gc=False):
    """One entry of `tool_calls`, whole or a piece of it."""

    index: int | None = None
    id: str | None = None
    function: FunctionCall | None = None
    custom: CustomCall | None = None


class Audio(Struct, gc=False):
    """Spoken output, whole or a piece; in requests only the id."""

    id: str | None = None
    data: str | None = None
    transcript: str | None = None


class Delta(Struct, gc=False):
    """A piece of an answer, or a whole assistant message: both have the same fields."""

    content: str | list[Raw] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Raw] | None = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None
    function_call: FunctionCall | None = None
    images: list[Raw] | None = None
    audio: Audio | None = None


class ReplyChoice(Struct, gc=False):
    """A choice of a chunk (`delta`), of a whole answer (`message`) or of a legacy completion (`text`)."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    text: str | None = None
    finish_reason: str | None = None
    usage: Raw = Raw()


class Answer(Struct, gc=False):
    """A chunk or a whole answer."""

    id: str | int | None = None
    object: str | None = None
    model: str | None = None
    created: int | float | str | None = None
    choices: list[ReplyChoice] | None = None
    usage: Raw = Raw()
    timings: Raw = Raw()
    error: Raw = Raw()


class ContentPiece(Struct):
    """One element of a `content` list, in requests and answers."""

    type: str = ""
    text: str | None = None
    thinking: str | list["ContentPiece"] | None = None
    refusal: str | None = None
    image_url: Raw = Raw()
    input_audio: Raw = Raw()
    file: Raw = Raw()
    video_url: Raw = Raw()
    cache_control: Raw = Raw()


class RequestMessage(Struct):
    """One message of a request."""

    role: str
    content: str | list[Raw] | None = None
    name: str | None = None
    tool_calls: list[Call] | None = None
    function_call: FunctionCall | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Raw] | None = None
    audio: Audio | None = None


class ReasoningWish(Struct):
    """OpenRouter's `reasoning` object."""

    effort: str | None = None
    max_tokens: int | None = None
    enabled: bool | None = None
    exclude: bool | None = None
    summary: str | None = None


class Request(Struct):
    """The fields of a request that have a place in a Turn; all others travel as extras."""

    model: str
    messages: list[RequestMessage] | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: Raw = Raw()
    stop: str | list[str] | None = None
    tools: list[Raw] | None = None
    tool_choice: Raw = Raw()
    functions: list[Raw] | None = None
    function_call: Raw = Raw()
    parallel_tool_calls: bool | None = None
    response_format: Raw = Raw()
    reasoning_effort: str | None = None
    reasoning: ReasoningWish | None = None
    user: str | None = None
    metadata: Raw = Raw()
    service_tier: str | None = None
    store: bool | None = None
    prompt_cache_key: str | None = None
    verbosity: str | None = None
    modalities: list[str] | None = None
    web_search_options: Raw = Raw()


answer_of = msgspec.json.Decoder(Answer).decode
piece_of = msgspec.json.Decoder(ContentPiece).decode


def is_given(raw: Raw) -> bool:
    """True when an optional Raw field was there and not null."""
    return len(raw) > 0 and bytes(raw) != b"null"


def payload(frame: bytes) -> bytes:
    """The data of a frame; the common form (`data: {...}` and a blank line) without a search."""
    if frame[:6] == b"data: " and frame[-2:] == b"\n\n" and frame.count(b"\n") == 2:
        return frame[6:-2]
    return data_of(frame)


def arguments_text(arguments: str | dict[str, Raw] | None) -> str:
    """Arguments as JSON text, however they were sent; "" when there are none."""
    if isinstance(arguments, dict):
        return msgspec.json.encode(arguments).decode()
    return arguments or ""


def decoded(decoder: msgspec.json.Decoder[T], body: bytes | Raw, place: str = "") -> T:
    """`body` as the decoder's type. Raises BadRequest naming the field; `place` is the path of a nested value."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise refused(str(error), place) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the request body is not valid JSON: {error}") from error


def refused(complaint: str, place: str = "") -> BadRequest:
    """The refusal of a field, from the decoder's complaint."""
    found = _PLACE.match(complaint)
    rule, inner = found.groups() if found else (complaint, "")
    param = ".".join(filter(None, (place, inner))).replace(".[", "[")
    return BadRequest(f"{param} is invalid: {rule}" if param else f"the request body is invalid: {rule}", param=param)


def check_limits(*, max_tokens: int | None, max_completion_tokens: int | None, n: int | None) -> None:
    """Raises BadRequest when a number that multiplies the price is out of bounds."""
    if max_tokens is not None and not 0 <= max_tokens <= MAX_TOKENS_LIMIT:
        raise _out_of_bounds("max_tokens", 0, MAX_TOKENS_LIMIT)
    if max_completion_tokens is not None and not 0 <= max_completion_tokens <= MAX_TOKENS_LIMIT:
        raise _out_of_bounds("max_completion_tokens", 0, MAX_TOKENS_LIMIT)
    if n is not None and not 1 <= n <= MAX_CHOICES:
        raise _out_of_bounds("n", 1, MAX_CHOICES)


def _out_of_bounds(name: str, low: int, high: int) -> BadRequest:
    return BadRequest(f"{name} is invalid: it must be between {low} and {high}", param=name)
