"""The fields of Google's JSON that are read (Gemini API reference, generateContent, 2026-11). Unknown ones are skipped.

Every field may be absent or null. `Raw` fields keep the exact bytes of what is only carried.
"""

from typing import NoReturn

import msgspec
from msgspec import Raw, Struct

from faregate.formats.frames import data_of
from faregate.kernel.errors import BadRequest


class Blob(Struct, rename="camel"):
    """Media in the message, base64."""

    mime_type: str | None = None
    data: str | None = None
    display_name: str | None = None


class FileData(Struct, rename="camel"):
    """Media by address."""

    file_uri: str | None = None
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCall(Struct, rename="camel"):
    """A wish to call a function; `args` is an object."""

    name: str | None = None
    id: str | None = None
    args: Raw = Raw()


class ResponsePart(Struct, rename="camel"):
    """Media inside a function's answer."""

    inline_data: Blob | None = None
    file_data: FileData | None = None


class FunctionResponse(Struct, rename="camel"):
    """A function's answer; `response` is an object."""

    name: str | None = None
    id: str | None = None
    response: Raw = Raw()
    parts: list[ResponsePart] | None = None


class Part(Struct, rename="camel"):
    """One piece of a content."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(Struct, rename="camel"):
    """A message."""

    role: str | None = None
    parts: list[Part] | None = None


class RawContent(Struct):
    """A message whose parts keep their bytes: for the rare part that only Google can express."""

    parts: list[Raw] | None = None


class FunctionDeclaration(Struct, rename="camel"):
    """A function the client offers."""

    name: str
    description: str | None = None
    parameters: Raw = Raw()
    parameters_json_schema: Raw = Raw()


class FunctionCallingConfig(Struct, rename="camel"):
    """Which functions may be called."""

    mode: str | None = None
    allowed_function_names: list[str] | None = None


class ThinkingConfig(Struct, rename="camel"):
    """How much to think. A budget of 0 is none, -1 as much as the model likes."""

    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class GenerationConfig(Struct, rename="camel"):
    """Sampling, limits and the form of the answer."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    candidate_count: int | None = None
    max_output_tokens: int | None = None
    stop_sequences: list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    response_modalities: list[str] | None = None
    response_mime_type: str | None = None
    response_schema: Raw = Raw()
    response_json_schema: Raw = Raw()
    thinking_config: ThinkingConfig | None = None


class Grounding(Struct, rename="camel"):
    """What a web search of the provider found."""

    web_search_queries: list[str] | None = None


class Candidate(Struct, rename="camel"):
    """One answer, or a piece of it."""

    content: Content | None = None
    finish_reason: str | None = None
    index: int | None = None
    grounding_metadata: Grounding | None = None


class PromptFeedback(Struct, rename="camel"):
    """Why the prompt was not answered."""

    block_reason: str | None = None


class Chunk(Struct, rename="camel"):
    """A whole answer, or one event of a stream: both have this form."""

    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    model_version: str | None = None
    response_id: str | None = None
    usage_metadata: Raw = Raw()
    error: Raw = Raw()


class RawCandidate(Struct):
    """A candidate whose parts keep their bytes."""

    content: RawContent | None = None


class RawChunk(Struct):
    """A chunk whose parts keep their bytes."""

    candidates: list[RawCandidate] | None = None


def absent(raw: Raw) -> bool:
    """True for a field that was not there, or null."""
    return not raw or start_of(raw, 5) == b"null"


def start_of(raw: Raw, length: int = 1) -> bytes:
    """The first bytes of a value, without copying the rest."""
    return bytes(memoryview(raw)[:length])


def compact(raw: Raw) -> str:
    """The text of a value without the white space between its tokens (Google indents whole answers, not streams)."""
    return msgspec.json.format(raw, indent=-1).decode("utf8", "replace")


def payload(frame: bytes) -> bytes:
    """The JSON of an SSE frame, b"" when it has none; quick for Google's own form, one line and a blank one."""
    if frame.startswith(b"data: {") and frame.find(b"\n") >= len(frame) - 3:
        return frame[6:].rstrip()
    data = data_of(frame)
    return b"" if data == b"[DONE]" else data


def refuse(error: Exception, param: str) -> NoReturn:
    """Raise BadRequest for what a decoder found at or below `param`."""
    reason, _, path = str(error).partition(" - at `$")
    inner = path.rstrip("`").lstrip(".")
    where = ".".join(filter(None, (param, inner))).replace(".[", "[")
    if not where:
        raise BadRequest(f"the request body is invalid: {reason}") from error
    raise BadRequest(f"{where} is invalid: {reason}", param=where) from error


FIELDS = msgspec.json.Decoder(dict[str, Raw])
