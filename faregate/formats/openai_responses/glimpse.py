"""The little that the pipeline must know of one frame of a Responses stream. Hot: every event passes here."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.events import BLANK, Glimpse
from faregate.formats.openai_responses.usage import read_usage
from faregate.formats.openai_responses.wire import (
    MALFORMED,
    NO_RAW,
    Response,
    decode_response,
    payload,
    present,
    told,
    tolerantly,
)

FINAL = frozenset(("response.completed", "response.incomplete", "response.done"))
FAILED = frozenset(("response.failed", "response.error", "error"))
# Items that say something by being there; messages and reasoning speak in their deltas.
_SILENT_ITEMS = frozenset(("message", "reasoning"))
_CALLS = frozenset(("function_call", "custom_tool_call"))


class _Item(Struct):
    type: object = None
    name: object = None


class _Event(Struct):
    type: object = None
    delta: object = None
    item: Raw = NO_RAW
    response: Raw = NO_RAW
    error: Raw = NO_RAW


_decode = msgspec.json.Decoder(_Event).decode
_decode_item = msgspec.json.Decoder(_Item).decode
_LIVE = Glimpse(live=True)
_NO_RESPONSE = Response()


def glimpse(frame: bytes) -> Glimpse:
    """What the frame carries; usage also when the response failed."""
    data = payload(frame)
    if not data or data == b"[DONE]":
        return BLANK
    try:
        event = tolerantly(_decode, data)
    except msgspec.ValidationError:
        return BLANK
    except MALFORMED:
        return Glimpse(junk=True)
    kind = event.type
    if not isinstance(kind, str):
        return Glimpse(error=data) if told(event.error) else BLANK
    if kind.endswith(".delta"):
        delta = event.delta
        if isinstance(delta, str) and not kind.endswith("audio.delta"):
            return Glimpse(True, False, delta)
        return _LIVE
    if kind in FINAL or kind in FAILED:
        return _last(kind, event, data)
    return _other(kind, event)


def _last(kind: str, event: _Event, data: bytes) -> Glimpse:
    response = response_in(event.response)
    usage = read_usage(response.usage, response.output)
    if kind in FAILED or response.status == "failed" or told(response.error):
        return Glimpse(usage=usage, error=data)
    return Glimpse(live=True, final=True, usage=usage)


def response_in(raw: Raw) -> Response:
    """The response object of an event, an empty one where it is missing or odd."""
    try:
        return decode_response(raw) if present(raw) else _NO_RESPONSE
    except MALFORMED:
        return _NO_RESPONSE


def _other(kind: str, event: _Event) -> Glimpse:
    if kind == "response.output_item.added" and present(event.item):
        return _added(event.item)
    # `...done` repeats what the deltas said, or is the first to say it; pictures come in parts.
    return _LIVE if kind.endswith((".done", ".partial_image")) else BLANK


def _added(raw: Raw) -> Glimpse:
    try:
        item = _decode_item(raw)
    except MALFORMED:
        return BLANK
    if not isinstance(item.type, str) or item.type in _SILENT_ITEMS:
        return BLANK
    if item.type in _CALLS:
        return Glimpse(live=True, text=item.name if isinstance(item.name, str) else "", tool_calls=1)
    return _LIVE
