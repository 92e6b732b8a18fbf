"""Embedding calls: what the pipeline reads of them, and answers between OpenAI's form and Gemini's."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Envelope, Weight
from faregate.formats.events import Glimpse
from faregate.formats.turn import DialectName
from faregate.formats.unary import embeddings
from faregate.formats.usage import Usage
from faregate.kernel.errors import BadRequest
from faregate.relay.routes import Operation


class _GeminiBody(Struct):
    content: dict[str, Raw] | None = None
    requests: list[dict[str, Raw]] | None = None


class _Answer(Struct):
    data: list[Raw] | None = None
    embedding: Raw = Raw()
    embeddings: list[Raw] | None = None
    error: Raw = Raw()


_GEMINI = msgspec.json.Decoder(_GeminiBody)
_ANSWER = msgspec.json.Decoder(_Answer)


def peek_gemini(body: bytes) -> Envelope:
    """The envelope of embedContent or batchEmbedContents; the path fills in the model. Raises BadRequest."""
    try:
        seen = _GEMINI.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"the request body does not fit: {error}") from error
    if not seen.content and not seen.requests:
        raise BadRequest("content (or requests) is required", param="content")
    return Envelope(model="")


def weigh(body: bytes, operation: Operation, model: str) -> Weight:
    """The texts to embed."""
    return embeddings.weigh(body if operation.dialect == "openai_chat" else embeddings.from_gemini(body, model))


def glimpse_reply(body: bytes) -> Glimpse:
    """What the pipeline must know of an answer of either form."""
    try:
        answer = _ANSWER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Glimpse(junk=True)
    if answer.data is None and answer.embeddings is None and not answer.embedding:
        told = bool(answer.error) and bytes(answer.error) != b"null"
        return Glimpse(error=body) if told else Glimpse(junk=True)
    return Glimpse(final=True, usage=embeddings.usage_of_reply(body))


def rendered(body: bytes, upstream: DialectName, model: str, operation: Operation) -> bytes:
    """The caller's request in the upstream's form."""
    if upstream == "gemini":
        return embeddings.to_gemini(body, model)
    return embeddings.from_gemini(body, model) if operation.dialect == "gemini" else body


def answered(
    body: bytes, request: bytes, operation: Operation, upstream: DialectName, model: str, usage: Usage
) -> bytes:
    """The upstream's answer in the caller's form and in the encoding it asked for."""
    if operation.dialect == "gemini":
        return body if upstream == "gemini" else embeddings.reply_to_gemini(body, batch="batch" in operation.action)
    listed = embeddings.reply_from_gemini(body, model, usage) if upstream == "gemini" else body
    return embeddings.honour_base64(listed, embeddings.wants_base64(request))
