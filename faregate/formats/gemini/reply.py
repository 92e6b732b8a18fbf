"""A whole answer: bytes to Reply and back. It has the form of one event of a stream, and is read as one."""

import msgspec

from faregate.formats.dialect import Opening
from faregate.formats.events import Choice, Reply
from faregate.formats.fold import fold
from faregate.formats.gemini.parts import show_part
from faregate.formats.gemini.reader import CHUNK, Reader
from faregate.formats.gemini.stops import show_stop
from faregate.formats.gemini.usage import read_usage, show
from faregate.formats.gemini.wire import Chunk
from faregate.formats.usage import NOTHING, Usage
from faregate.kernel.body import splice
from faregate.kernel.errors import Garbage


def parse_reply(body: bytes) -> Reply:
    """A whole answer. A blocked prompt is a refusal without parts. Raises Garbage for an answer that holds nothing."""
    try:
        chunk = CHUNK.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Garbage("the upstream's answer is not in Google's form", detail=str(error)) from error
    reader = Reader()
    events = [*reader.take(chunk, body), *reader.end()]
    if not chunk.candidates and len(events) < 2:
        raise Garbage("the upstream answered without a candidate", code="upstream.empty_response", status=500)
    return fold(events, read_usage(chunk.usage_metadata, _searches(chunk)))


def render_reply(reply: Reply, opening: Opening) -> bytes:
    """A whole answer for a Gemini client."""
    body: dict[str, object] = {
        "candidates": [_candidate(index, choice) for index, choice in enumerate(reply.choices)],
        "usageMetadata": show(reply.usage or NOTHING),
        "modelVersion": opening.model or reply.model,
        "responseId": reply.id or opening.id,
    }
    return msgspec.json.encode(body)


def show_usage(body: bytes, usage: Usage) -> bytes:
    """`body` with `usage` in it."""
    return splice(body, usageMetadata=show(usage))


def _candidate(index: int, choice: Choice) -> dict[str, object]:
    parts = [shown for part in choice.parts if (shown := show_part(part)) is not None]
    reason = show_stop(choice.stop, choice.raw_stop)
    return {"content": {"parts": parts, "role": "model"}, "finishReason": reason, "index": index, "safetyRatings": []}


def _searches(chunk: Chunk) -> int:
    found = (candidate.grounding_metadata for candidate in chunk.candidates or ())
    return int(any(grounding is not None and grounding.web_search_queries for grounding in found))
