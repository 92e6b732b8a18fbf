"""Reasoning items and Thinking parts: one Thinking holds one item, its id and shape kept inside the seal.

The seal of an own item is JSON `{"id", "encrypted_content", "parts"}`; `parts` lists kind ("s" summary, "c" content)
and length of every piece of text, and is left out for the usual single summary. OpenAI refuses encrypted content under
another id than it was issued with, hence the id. Ids that this gateway made begin with MADE and are worth nothing.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from faregate.formats.openai_responses.wire import MALFORMED, OWN, Item, lenient_parts
from faregate.formats.seal import pack, unpack
from faregate.formats.turn import Sealed, Thinking

MADE = "rs_fg_"
BREAK = "\n\n"  # between two pieces
PieceKind = Literal["s", "c"]


class _Inside(Struct, omit_defaults=True):
    id: str = ""
    encrypted_content: str = ""
    parts: list[tuple[PieceKind, int]] | None = None


def pieces_of(item: Item) -> list[tuple[PieceKind, str]]:
    """The texts of a reasoning item that say something: summaries first, then content."""
    summary = [("s", part.text) for part in lenient_parts(item.summary) if part.text]
    content = [("c", part.text) for part in lenient_parts(item.content) if part.text]
    return [*summary, *content]  # type: ignore[list-item]


def thinking_of(item: Item) -> Thinking:
    """The Thinking of a reasoning item."""
    pieces = pieces_of(item)
    text = BREAK.join(piece for _, piece in pieces)
    sealed = seal_of(item, pieces)
    return Thinking(text, sealed, redacted=sealed is not None and not text)


def seal_of(item: Item, pieces: list[tuple[PieceKind, str]], origin: str = "") -> Sealed | None:
    """What binds the item to its issuer; None when it carries nothing an upstream could ask back."""
    encrypted = item.encrypted_content or ""
    opened = unpack(encrypted, OWN)
    if encrypted and opened != Sealed(OWN, encrypted):
        return opened
    identity = item.id or ""
    if not encrypted and (not identity or identity.startswith(MADE)):
        return None
    usual = not pieces or [kind for kind, _ in pieces] == ["s"]
    parts: list[tuple[PieceKind, int]] | None = None if usual else [(kind, len(text)) for kind, text in pieces]
    return Sealed(OWN, msgspec.json.encode(_Inside(identity, encrypted, parts)).decode(), origin)


def reasoning_item(text: str, sealed: Sealed | None, made_id: str) -> dict[str, object]:
    """The reasoning item that shows `text`; an own seal gives back its id and content, a foreign one is packed.

    `made_id` names an item that has no id of its own; "" leaves the id out.
    """
    inside = _Inside(made_id)
    if sealed is not None and sealed.dialect == OWN:
        inside = _open(sealed, made_id)
    elif sealed is not None:
        inside.encrypted_content = pack(sealed)
    item: dict[str, object] = {"type": "reasoning"}
    if inside.id:
        item["id"] = inside.id
    pieces = _cut(text, inside.parts)
    item["summary"] = [{"type": "summary_text", "text": piece} for kind, piece in pieces if kind == "s"]
    content = [{"type": "reasoning_text", "text": piece} for kind, piece in pieces if kind == "c"]
    if content:
        item["content"] = content
    if inside.encrypted_content:
        item["encrypted_content"] = inside.encrypted_content
    return item


def issued_pieces(text: str, sealed: Sealed) -> list[tuple[PieceKind, str]]:
    """The pieces in which an own reasoning item was issued."""
    return _cut(text, _open(sealed, "").parts)


def own_id(sealed: Sealed | None) -> str:
    """The id an own seal was issued under, or ""."""
    return _open(sealed, "").id if sealed is not None and sealed.dialect == OWN else ""


def _open(sealed: Sealed, made_id: str) -> _Inside:
    try:
        inside = msgspec.json.decode(sealed.data, type=_Inside)
    except MALFORMED:
        return _Inside(made_id, sealed.data)
    inside.id = inside.id or made_id
    return inside


def _cut(text: str, parts: list[tuple[PieceKind, int]] | None) -> list[tuple[PieceKind, str]]:
    """The pieces `text` was joined from; one summary when it was changed on the way."""
    if not text:
        return []
    if not parts or sum(length for _, length in parts) + len(BREAK) * (len(parts) - 1) != len(text):
        return [("s", text)]
    pieces: list[tuple[PieceKind, str]] = []
    start = 0
    for kind, length in parts:
        pieces.append((kind, text[start : start + length]))
        start += length + len(BREAK)
    return pieces
