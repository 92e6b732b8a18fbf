"""Legacy completions whose upstream answers in the other manner: whole where a stream was asked, or the reverse.

Chunk and whole answer have one form (OpenAI API reference, Completions, 2026-08): `text` choices, pieces or whole.
"""

from dataclasses import dataclass, field

import msgspec
from msgspec import Raw, Struct

from faregate.formats.dialect import Opening
from faregate.formats.frames import data_of, frame
from faregate.formats.openai_chat.reply import show_usage
from faregate.formats.usage import Usage
from faregate.kernel.body import fields


class _Piece(Struct):
    index: int | None = None
    text: str | None = None
    logprobs: Raw = Raw()
    finish_reason: str | None = None


class _Chunk(Struct):
    id: str | None = None
    created: int | float | None = None
    model: str | None = None
    choices: list[_Piece] | None = None


_chunk_of = msgspec.json.Decoder(_Chunk).decode
_logprobs_of = msgspec.json.Decoder(dict[str, list[Raw]] | None).decode


def chunk_of(body: bytes) -> bytes:
    """A whole completion as the one chunk of a stream: all it says but its usage, which has a chunk of its own."""
    said = fields(body)
    said.pop("usage", None)
    return frame(msgspec.json.format(msgspec.json.encode(said), indent=-1))


@dataclass(slots=True)
class _Choice:
    texts: list[str] = field(default_factory=list[str])
    logprobs: dict[str, list[Raw]] = field(default_factory=dict[str, list[Raw]])
    finish_reason: str | None = None

    def take(self, piece: _Piece) -> None:
        """Add a piece: texts and lists of log probabilities grow, the last reason counts."""
        self.texts.append(piece.text or "")
        self.finish_reason = piece.finish_reason or self.finish_reason
        for name, values in _logprobs(piece.logprobs).items():
            self.logprobs.setdefault(name, []).extend(values)

    def shown(self, index: int) -> dict[str, object]:
        """The choice of a whole answer."""
        text, logprobs = "".join(self.texts), self.logprobs or None
        return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": self.finish_reason}


class CompletionGathering:
    """State: who answers, from the first chunk that says so, and the choices so far, by index."""

    __slots__ = ("_choices", "_named", "_opening")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._named = _Chunk()
        self._choices: dict[int, _Choice] = {}

    def feed(self, frame: bytes) -> None:
        """Take one more frame; one that is no chunk adds nothing."""
        try:
            chunk = _chunk_of(data_of(frame))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if not self._named.id:
            self._named = chunk
        for piece in chunk.choices or ():
            self._choices.setdefault(piece.index or 0, _Choice()).take(piece)

    def whole(self, usage: Usage) -> bytes:
        """The completion; what no chunk said comes from the opening."""
        named, opening = self._named, self._opening
        answer = {
            "id": named.id or f"cmpl-{opening.id}",
            "object": "text_completion",
            "created": named.created or opening.created,
            "model": named.model or opening.model,
            "choices": [choice.shown(index) for index, choice in sorted(self._choices.items())],
        }
        return show_usage(msgspec.json.encode(answer), usage)


def _logprobs(raw: Raw) -> dict[str, list[Raw]]:
    try:
        return (_logprobs_of(raw) if raw else None) or {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
