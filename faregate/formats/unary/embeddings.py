"""Embeddings: what the pipeline reads of them, the encoding a client asked for, and OpenAI's form to Gemini's and back.

Hosts that ignore `encoding_format: base64` answer floats, and the OpenAI JS client would then decode a wrong vector
without noticing; so the reply is brought into the encoding that was asked for. Numbers are little-endian float32.
"""

import base64
import binascii
import struct

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.openai_chat.completions import count_numbers
from faregate.formats.openai_chat.usage import shown, usage_of
from faregate.formats.openai_chat.wire import Answer, decoded, is_given
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest, Garbage, Unrepresentable


class _Request(Struct):
    model: str = ""
    input: Raw = Raw()
    encoding_format: str | None = None
    dimensions: int | None = None


class _Numbered(Struct):
    input: list[float | list[float]] = []  # some hosts take 1.0 for 1


class _Part(Struct):
    text: str | None = None


class _Content(Struct):
    parts: list[_Part] = []


class _GeminiRequest(Struct):
    content: _Content | None = None
    output_dimensionality: int | None = msgspec.field(default=None, name="outputDimensionality")


class _GeminiBody(_GeminiRequest):
    requests: list[_GeminiRequest] = []


class _Values(Struct):
    values: list[float] = []


class _Metadata(Struct):
    tokens: int | None = msgspec.field(default=None, name="promptTokenCount")


class _GeminiReply(Struct):
    embedding: _Values | None = None
    embeddings: list[_Values] | None = None
    usage: _Metadata | None = msgspec.field(default=None, name="usageMetadata")


class _Vector(Struct):
    embedding: list[float] | str = []


class _Reply(Struct):
    data: list[_Vector] | None = None
    usage: Raw = Raw()


_REQUEST = msgspec.json.Decoder(_Request)
_NUMBERED = msgspec.json.Decoder(_Numbered)
_INPUT = msgspec.json.Decoder(str | list[str])
_GEMINI = msgspec.json.Decoder(_GeminiBody)
_GEMINI_REPLY = msgspec.json.Decoder(_GeminiReply)
_REPLY = msgspec.json.Decoder(_Reply)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[dict[str, Raw]])


# --- what the pipeline reads -------------------------------------------------------------------------------
def peek(body: bytes) -> Envelope:
    """The envelope of a request. Raises BadRequest naming the field."""
    seen = decoded(_REQUEST, body)
    if not seen.model:
        raise BadRequest("model is required", param="model")
    if not is_given(seen.input):
        raise BadRequest("input is required", param="input")
    return Envelope(model=seen.model)


def weigh(body: bytes) -> Weight:
    """The texts to embed, joined by newlines; inputs given as token numbers are for `token_numbers`."""
    try:
        texts = _INPUT.decode(_REQUEST.decode(body).input)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Weight("")
    return Weight(texts if isinstance(texts, str) else "\n".join(texts))


def token_numbers(body: bytes) -> int:
    """How many tokens the inputs give by number: none without a list, and the first text ends the search."""
    if b"[" not in body:
        return 0
    try:
        return count_numbers(_NUMBERED.decode(body).input)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0


def wants_base64(body: bytes) -> bool:
    """True when the client asked for vectors as base64."""
    return decoded(_REQUEST, body).encoding_format == "base64"


def usage_of_reply(body: bytes) -> Usage | None:
    """The usage an answer of either dialect reports; None when it reports none."""
    try:
        reply, gemini = _REPLY.decode(body), _GEMINI_REPLY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if gemini.usage is not None and (gemini.usage.tokens or 0) > 0:
        tokens = gemini.usage.tokens or 0
        return Usage(input=tokens, prompt=tokens, semantic="gemini")
    return usage_of(Answer(usage=reply.usage))


# --- the encoding that was asked for ------------------------------------------------------------------------
def honour_base64(reply: bytes, wanted: bool) -> bytes:
    """The reply with every vector as base64 (`wanted`) or as numbers; unchanged bytes when it is so already.

    Raises Garbage for what is no list of embeddings.
    """
    try:
        return _brought(reply, wanted)
    except (msgspec.MsgspecError, binascii.Error, struct.error, ValueError) as error:
        raise Garbage("the upstream's answer is not a list of embeddings", detail=str(error)) from error


def _brought(reply: bytes, wanted: bool) -> bytes:
    fields = _FIELDS.decode(reply)
    listed = fields.get("data", Raw())
    items = _ITEMS.decode(listed) if is_given(listed) else []
    changed = False
    for item in items:
        vector = item.get("embedding", Raw())
        is_text = bytes(vector)[:1] == b'"'
        if is_given(vector) and is_text != wanted:
            item["embedding"] = Raw(msgspec.json.encode(_encoded(vector) if wanted else _numbers(vector)))
            changed = True
    return msgspec.json.encode(fields | {"data": items}) if changed else reply


def _encoded(vector: Raw) -> str:
    numbers = msgspec.json.decode(vector, type=list[float])
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def _numbers(vector: Raw) -> list[float]:
    data = base64.b64decode(msgspec.json.decode(vector, type=str), validate=True)
    return list(struct.unpack(f"<{len(data) // 4}f", data))


# --- OpenAI's form and Gemini's -----------------------------------------------------------------------------
def to_gemini(body: bytes, model: str) -> bytes:
    """An OpenAI request as a `batchEmbedContents` body. Raises Unrepresentable for inputs of token numbers."""
    seen = decoded(_REQUEST, body)
    try:
        texts = _INPUT.decode(seen.input)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unrepresentable("an input that is not text", "gemini") from error
    more = {"outputDimensionality": seen.dimensions} if seen.dimensions else {}
    requests = [
        {"model": f"models/{model}", "content": {"parts": [{"text": text}]}, **more}
        for text in ([texts] if isinstance(texts, str) else texts)
    ]
    return msgspec.json.encode({"requests": requests})


def from_gemini(body: bytes, model: str) -> bytes:
    """An `embedContent` or `batchEmbedContents` body as an OpenAI request."""
    seen = decoded(_GEMINI, body)
    requests: list[_GeminiRequest] = [*seen.requests] or [seen]
    texts = ["\n".join(part.text or "" for part in (one.content or _Content()).parts) for one in requests]
    wire: dict[str, object] = {"model": model, "input": texts}
    if requests[0].output_dimensionality:
        wire["dimensions"] = requests[0].output_dimensionality
    return msgspec.json.encode(wire)


def reply_from_gemini(body: bytes, model: str, usage: Usage) -> bytes:
    """A Gemini answer as OpenAI's list, with the metered usage. Raises Garbage."""
    try:
        reply = _GEMINI_REPLY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Garbage("the upstream's answer holds no embeddings") from error
    vectors = reply.embeddings if reply.embeddings is not None else [reply.embedding] if reply.embedding else None
    if vectors is None:
        raise Garbage("the upstream's answer holds no embeddings")
    data = [{"object": "embedding", "index": index, "embedding": vector.values} for index, vector in enumerate(vectors)]
    counts = {name: count for name, count in shown(usage).items() if name in ("prompt_tokens", "total_tokens")}
    return msgspec.json.encode({"object": "list", "data": data, "model": model, "usage": counts})


def reply_to_gemini(body: bytes, *, batch: bool) -> bytes:
    """An OpenAI answer as Gemini's: `embeddings` for a batch, else the first as `embedding`. Raises Garbage."""
    try:
        reply = _REPLY.decode(honour_base64(body, wanted=False))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Garbage("the upstream's answer is not a list of embeddings") from error
    vectors = [{"values": vector.embedding} for vector in reply.data or ()]
    if not vectors:
        raise Garbage("the upstream's answer holds no embeddings")
    return msgspec.json.encode({"embeddings": vectors} if batch else {"embedding": vectors[0]})
