"""Thoughts and signatures of other dialects' models in a generateContent request: Google refuses their signatures.

A foreign thought goes with all its pieces; from words, calls and media only the signature is taken. Where a content has
lost one, its first call gets Google's skip mark, as calls of other dialects' turns do (see contents.py): Google refuses
calls without any signature.
"""

from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.foreign import NOTHING, edited, encoded, fields_of, items_of, text_of
from faregate.formats.gemini.camel import camel
from faregate.formats.gemini.signature import ENVELOPE, SKIP_MARK, own_signature, read_signature
from faregate.formats.gemini.wire import absent

_PACKED = f'"{ENVELOPE}'.encode()
_SIGNATURE = "thoughtSignature"
_NO_THOUGHT = ("functionCall", "functionResponse", "inlineData", "fileData")  # parts of these kinds never are one


def carries_foreign(body: bytes) -> bool:
    """True when there may be something to take out: a quick look, which words of a user can deceive."""
    return _PACKED in body


def without_foreign(body: bytes, quirks: Quirks, notes: Notes) -> bytes:
    """The body without thoughts and signatures that are not for this upstream; the very body when it has none."""
    return edited(body, "contents", _Cleaning(quirks, notes).content)


class _Part:
    """A part as it came. `sent`: what goes up in its place, None for nothing."""

    __slots__ = ("fields", "given", "raw", "sent", "signature")

    def __init__(self, raw: Raw, origin: str) -> None:
        named = {camel(name): value for name, value in fields_of(raw).items()}
        self.raw = raw
        self.fields = named
        self.given = text_of(named.get(_SIGNATURE, NOTHING))
        self.signature = own_signature(read_signature(self.given), origin)
        self.sent: Raw | None = raw if self.signature == self.given else self._resigned()

    def has(self, name: str) -> bool:
        return not absent(self.fields.get(name, NOTHING))

    @property
    def is_foreign(self) -> bool:
        return bool(self.given) and not self.signature

    @property
    def is_thought(self) -> bool:
        return bytes(self.fields.get("thought", NOTHING)) == b"true" and not any(map(self.has, _NO_THOUGHT))

    def _resigned(self) -> Raw | None:
        """The part under the signature that its issuer knows, or under none; None when it held nothing else."""
        kept = {name: value for name, value in fields_of(self.raw).items() if camel(name) != _SIGNATURE}
        if self.signature:
            return encoded({**kept, _SIGNATURE: self.signature})
        is_empty = kept.keys() <= {"text", "thought"} and not text_of(kept.get("text", NOTHING))
        return None if is_empty else encoded(kept)


class _Cleaning:
    """Cleans the contents of one request for one upstream."""

    def __init__(self, quirks: Quirks, notes: Notes) -> None:
        self._quirks = quirks
        self._notes = notes

    def content(self, raw: Raw) -> Raw | None:
        """What is left of a content, None when that is nothing."""
        if _PACKED not in bytes(raw):
            return raw
        content = fields_of(raw)
        parts = [_Part(part, self._quirks.origin) for part in items_of(content.get("parts", NOTHING))]
        if all(part.sent is part.raw for part in parts):
            return raw
        self._drop_thoughts(parts)
        self._note(parts)
        if text_of(content.get("role", NOTHING)) == "model":
            self._mark(parts)
        sent = [part.sent for part in parts if part.sent is not None]
        return encoded({**content, "parts": sent}) if sent else None

    def _drop_thoughts(self, parts: list[_Part]) -> None:
        """Drop foreign thoughts. A thought may come in pieces, the last of which is signed."""
        pieces: list[_Part] = []
        for part in parts:
            if not part.is_thought:
                pieces = []
                continue
            pieces.append(part)
            if part.is_foreign:
                for piece in pieces:
                    piece.sent = None
            if part.given:
                pieces = []

    def _note(self, parts: list[_Part]) -> None:
        for part in parts:
            if part.is_foreign:
                self._notes.dropped_once("thinking" if part.is_thought else "thought_signature")

    def _mark(self, parts: list[_Part]) -> None:
        """Tell Google not to look for the signature of calls that another model made."""
        if not self._quirks.thought_signature or any(part.signature for part in parts):
            return
        call = next((part for part in parts if part.has("functionCall")), None)
        if call is not None and call.sent is not None:
            call.sent = encoded({**fields_of(call.sent), _SIGNATURE: SKIP_MARK})
