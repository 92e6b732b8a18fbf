"""Thoughts and signatures that other dialects' models sealed, in a chat request: no host of this dialect can open them.

They stand in `reasoning_details` (see thoughts.py); the words that such a seal belongs to go with it. Words without a
seal may go to any host.
"""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.foreign import NOTHING, PACKED, edited, encoded, fields_of, text_of
from faregate.formats.openai_chat.thoughts import Details, Told, told
from faregate.formats.openai_chat.wire import is_given
from faregate.formats.seal import opens_for

NAME = "openai_chat"
_WORDS = ("reasoning_content", "reasoning")
_SAID = ("content", "tool_calls", "function_call", "refusal", "audio")  # one of these must be there


class _Call(Struct):
    id: str | None = None


class _Message(Struct):
    role: str = ""
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Raw] | None = None
    tool_calls: list[_Call] | None = None


_MESSAGE = msgspec.json.Decoder(_Message)


def carries_foreign(body: bytes) -> bool:
    """True when there may be something to take out: a quick look, which words of a user can deceive."""
    return PACKED in body


def without_foreign(body: bytes, quirks: Quirks, notes: Notes) -> bytes:
    """The body without what is sealed for another dialect or account; the very body when it has none."""
    return edited(body, "messages", _Cleaning(quirks.origin, notes).message)


class _Cleaning:
    """Cleans the messages of one request for the account `origin`."""

    def __init__(self, origin: str, notes: Notes) -> None:
        self._origin = origin
        self._notes = notes

    def message(self, raw: Raw) -> Raw:
        """The message, its reasoning without what is foreign in it."""
        if PACKED not in bytes(raw):
            return raw
        try:
            message = _MESSAGE.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return raw
        if message.role != "assistant" or not message.reasoning_details:
            return raw
        plain = message.reasoning_content or message.reasoning or ""
        targets = [call.id for call in message.tool_calls or () if call.id]
        entries = list(told(plain, message.reasoning_details, targets))
        shown = [(self._entry(entry), entry) for entry in entries]
        if all(after is entry.raw for after, entry in shown):
            return raw
        kept = [(after, entry) for after, entry in shown if after is not None]
        details = [after for after, entry in kept if entry.raw and not entry.measures]
        return _with_reasoning(raw, details, _words(entries), _words([entry for _, entry in kept]))

    def _entry(self, entry: Told) -> object:
        """The entry itself, None for a foreign one; an own one that came packed is shown as its host issued it."""
        text, sealed, target = entry.thought
        if sealed is None or not entry.is_packed:
            return entry.raw
        if not opens_for(sealed, NAME, self._origin):
            self._notes.dropped_once("signature" if target else "thinking")
            return None
        return Details().entries(sealed, text, len(text), target)[-1]


def _words(entries: list[Told]) -> str:
    return "".join(entry.thought.text for entry in entries)


def _with_reasoning(raw: Raw, details: list[object], before: str, after: str) -> Raw:
    """The message with these details, and with the words that are left of those before."""
    message = fields_of(raw)
    edits: dict[str, object] = {"reasoning_details": details}
    if after != before:
        edits |= {name: after for name in _WORDS if text_of(message.get(name, NOTHING))}
    for name, value in edits.items():
        message[name] = encoded(value)
        if not value:
            del message[name]
    if not any(is_given(message.get(name, NOTHING)) for name in _SAID):
        message["content"] = encoded("")
    return encoded(message)
