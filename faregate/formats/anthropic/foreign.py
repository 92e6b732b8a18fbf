"""Thoughts of other dialects' models in a Messages request: Claude refuses every one that it did not sign."""

import re

from msgspec import Raw

from faregate.formats.anthropic.conversation import FILLER
from faregate.formats.anthropic.seals import opaque_text, redacted, thinking
from faregate.formats.anthropic.wire import NAME
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.foreign import NOTHING, PACKED, edited, edited_items, encoded, fields_of, text_of
from faregate.formats.seal import opens_for

_UNSIGNED = re.compile(rb'"signature"\s*:\s*(?:""|null)')  # how thoughts of hosts that sign none are shown here
_OPAQUE = {"thinking": "signature", "redacted_thinking": "data"}  # where a block keeps its seal


def carries_foreign(body: bytes) -> bool:
    """True when there may be something to take out: a quick look, which words of a user can deceive."""
    return PACKED in body or (b'"signature"' in body and _UNSIGNED.search(body) is not None)


def without_foreign(body: bytes, quirks: Quirks, notes: Notes) -> bytes:
    """The body without thoughts that are not sealed for this upstream; the very body when it has none."""
    return edited(body, "messages", _Cleaning(quirks.origin, notes).message)


class _Cleaning:
    """Cleans the messages of one request for the account `origin`."""

    def __init__(self, origin: str, notes: Notes) -> None:
        self._origin = origin
        self._notes = notes

    def message(self, raw: Raw) -> Raw | None:
        """What is left of a message; one of the assistant that holds nothing more is left out."""
        message = fields_of(raw)
        kept = edited_items(message.get("content", NOTHING), self._block)
        if kept is None:
            return raw
        if not kept and text_of(message.get("role", NOTHING)) == "assistant":
            return None
        return encoded({**message, "content": kept or FILLER})

    def _block(self, raw: Raw) -> Raw | None:
        block = fields_of(raw)
        kind = text_of(block.get("type", NOTHING))
        field = _OPAQUE.get(kind)
        if field is None:
            return raw
        given = text_of(block.get(field, NOTHING))
        sealed = (thinking("", given) if kind == "thinking" else redacted(given)).sealed
        if sealed is None or not opens_for(sealed, NAME, self._origin):
            self._notes.dropped_once("thinking (not sealed for this upstream)")
            return None
        own = opaque_text(sealed)
        return raw if own == given else encoded({**block, field: own})
