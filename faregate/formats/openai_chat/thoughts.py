"""Reasoning and its seals in chat: `reasoning_content` for the words, `reasoning_details` for what is sealed.

`reasoning_details` is OpenRouter's extension (docs, Reasoning tokens, 2026-08): entries of type `reasoning.text`,
`reasoning.summary` or `reasoning.encrypted`. A seal of another dialect travels as an encrypted entry whose `data` is
an envelope; `length` says how many characters of `reasoning_content` it belongs to, `id` that it sits on a tool call
(the call's id) or on the text (`content`). An own entry is kept as its JSON without the words.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from faregate.formats.seal import pack, unpack
from faregate.formats.turn import Sealed, Thinking

ON_TEXT = "content"
_NAME = "openai_chat"
_WORDS = {"reasoning.text": "text", "reasoning.summary": "summary"}


class Detail(Struct):
    """What is read of an entry."""

    type: str = ""
    text: str | None = None
    summary: str | None = None
    data: str | None = None
    signature: str | None = None
    id: str | None = None
    length: int | None = None


class Thought(NamedTuple):
    """A piece of reasoning. `target`: the tool call id or `content` that the seal sits on, "" for the thought."""

    text: str
    sealed: Sealed | None = None
    target: str = ""


class Told(NamedTuple):
    """An entry and the piece of reasoning that it stands for. `raw` is empty for words behind the last entry."""

    raw: Raw
    entry: Detail
    thought: Thought

    @property
    def measures(self) -> bool:
        """True when the entry only says how many of the plain words it stands for, as `Details` has some do."""
        entry = self.entry
        return entry.length is not None and not (entry.text or entry.summary or entry.data or entry.signature)

    @property
    def is_packed(self) -> bool:
        """True when the seal stands in an envelope of ours."""
        data = self.entry.data or self.entry.signature or ""
        return unpack(data, _NAME).data != data


_detail_of = msgspec.json.Decoder(Detail).decode
_fields_of = msgspec.json.Decoder(dict[str, Raw]).decode


def read_thoughts(
    plain: str, details: Iterable[Raw] | None, targets: Iterable[str] = (), origin: str = ""
) -> list[Thought]:
    """Reasoning in order. When entries carry words of their own, `plain` only repeats them and is not read."""
    if not details:
        return [Thought(plain)] if plain else []
    thoughts = (entry.thought for entry in told(plain, details, targets, origin))
    return [thought for thought in thoughts if thought.text or thought.sealed]


def told(plain: str, details: Iterable[Raw], targets: Iterable[str] = (), origin: str = "") -> Iterator[Told]:
    """Every entry with its piece of reasoning (empty where it cannot be read or tells none), then words left over."""
    entries = [(_read(raw), raw) for raw in details]
    repeats = any(entry.text or entry.summary for entry, _ in entries if entry is not None)
    rest = "" if repeats else plain
    for entry, raw in entries:
        if entry is None:
            yield Told(raw, Detail(), Thought(""))
            continue
        sealed = _seal_of(entry, raw, origin)
        if sealed and entry.id and (entry.id == ON_TEXT or entry.id in targets):
            yield Told(raw, entry, Thought("", sealed, entry.id))
            continue
        length = len(rest) if entry.length is None else max(entry.length, 0)
        words = (entry.text or entry.summary or "") if repeats else rest[:length]
        rest = rest[len(words) :] if not repeats else ""
        yield Told(raw, entry, Thought(words, sealed))
    if rest:
        yield Told(Raw(), Detail(), Thought(rest))


class Details:
    """Makes the entries of one answer or message. State: how many there are, and unsealed characters so far."""

    __slots__ = ("_count", "_unsealed")

    def __init__(self) -> None:
        self._count = 0
        self._unsealed = 0

    def plain(self, length: int) -> None:
        """Reasoning of `length` characters went by without a seal."""
        self._unsealed += length

    def entries(self, sealed: Sealed, text: str | None, length: int, target: str = "") -> list[object]:
        """The entries for one seal. `text`: the words, where they may be repeated in an entry of this dialect."""
        made: list[object] = []
        if self._unsealed and not target:
            made.append({"type": "reasoning.text", "length": self._unsealed, "index": self._next()})
            self._unsealed = 0
        made.append(self._entry(sealed, text, length, target))
        return made

    def _entry(self, sealed: Sealed, text: str | None, length: int, target: str) -> object:
        if sealed.dialect == _NAME:
            own = _own_entry(sealed, text)
            if own is not None:
                return own
        data = sealed.data if sealed.dialect == _NAME else pack(sealed)
        entry: dict[str, object] = {"type": "reasoning.encrypted", "data": data, "format": sealed.dialect}
        entry |= {"id": target} if target else {"length": length}
        return entry | {"index": self._next()}

    def _next(self) -> int:
        self._count += 1
        return self._count - 1


def details_of(thoughts: Iterable[Thinking], made: Details) -> list[object]:
    """The entries for whole thoughts, in order."""
    out: list[object] = []
    for thought in thoughts:
        if thought.sealed is None:
            made.plain(len(thought.text))
        else:
            out += made.entries(thought.sealed, thought.text, len(thought.text))
    return out


def _read(raw: Raw) -> Detail | None:
    try:
        return _detail_of(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _seal_of(entry: Detail, raw: Raw, origin: str) -> Sealed | None:
    data = entry.data or entry.signature
    if not data:
        return None
    sealed = unpack(data, _NAME)
    if sealed.dialect != _NAME or sealed.data != data:
        return sealed
    fields = _fields_of(raw)
    for words in _WORDS.values():
        fields.pop(words, None)
    return Sealed(_NAME, msgspec.json.encode(fields).decode(), origin)


def _own_entry(sealed: Sealed, text: str | None) -> object | None:
    """The entry as its host issued it, its words put back; None when the data is no entry."""
    try:
        fields = _fields_of(sealed.data)
        kind = msgspec.json.decode(fields.get("type", Raw(b'""')), type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if kind in _WORDS and text:
        fields[_WORDS[kind]] = Raw(msgspec.json.encode(text))
    return fields
