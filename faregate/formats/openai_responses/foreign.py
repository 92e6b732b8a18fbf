"""Reasoning items that this gateway made or packed, in a Responses request: OpenAI refuses those it did not issue."""

from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.foreign import PACKED, edited, encoded
from faregate.formats.openai_responses.reasoning import MADE, reasoning_item, thinking_of
from faregate.formats.openai_responses.wire import MALFORMED, OWN, decode_item
from faregate.formats.seal import opens_for

_MADE_ID = f'"{MADE}'.encode()


def carries_foreign(body: bytes) -> bool:
    """True when there may be something to take out: a quick look, which words of a user can deceive."""
    return _MADE_ID in body or PACKED in body


def without_foreign(body: bytes, quirks: Quirks, notes: Notes) -> bytes:
    """The body without reasoning that this upstream did not issue; the very body when it has none."""

    def item(raw: Raw) -> Raw | None:
        return _item(raw, quirks.origin, notes)

    return edited(body, "input", item)


def _item(raw: Raw, origin: str, notes: Notes) -> Raw | None:
    """The item itself, None for foreign reasoning; reasoning of this upstream that came packed is shown as issued."""
    try:
        item = decode_item(raw)
    except MALFORMED:
        return raw
    if item.type != "reasoning":
        return raw
    part = thinking_of(item)
    if part.sealed is None or not opens_for(part.sealed, OWN, origin):
        notes.dropped_once("thinking")
        return None
    issued = reasoning_item(part.text, part.sealed, "")
    return raw if issued.get("encrypted_content", "") == (item.encrypted_content or "") else encoded(issued)
