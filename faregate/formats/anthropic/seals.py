"""Thoughts and their seals in this dialect's two blocks, `thinking` and `redacted_thinking`.

A `thinking` block may be empty but for its signature (display "omitted"). Elsewhere a seal without text means a
redacted block, so such a signature is kept as `omitted:<signature>` and comes back as the block it was.
A seal of another dialect travels in the same fields as an envelope (see formats/seal.py).
"""

from typing import Any

import msgspec

from faregate.formats.anthropic.wire import NAME
from faregate.formats.seal import pack, unpack
from faregate.formats.turn import Sealed, Thinking

_OMITTED = "omitted:"  # no base64 text contains a colon


def seal(text: str, signature: str, origin: str = "") -> Sealed | None:
    """The seal of a thinking block, bound to the account `origin` when it is this dialect's own."""
    if not signature:
        return None
    found = _bound(unpack(signature, NAME), origin)
    if text or found.dialect != NAME:
        return found
    return msgspec.structs.replace(found, data=_OMITTED + found.data)


def redacted_seal(data: str, origin: str = "") -> Sealed:
    """The seal of a redacted block."""
    return _bound(unpack(data, NAME), origin)


def thinking(text: str, signature: str) -> Thinking:
    """The part of a thinking block."""
    sealed = seal(text, signature)
    return Thinking(text, sealed=sealed, redacted=sealed is not None and not text)


def redacted(data: str) -> Thinking:
    """The part of a redacted block."""
    return Thinking("", sealed=redacted_seal(data), redacted=True)


def opaque_text(sealed: Sealed) -> str:
    """What stands in the opaque field: the own data as issued, or an envelope."""
    return sealed.data.removeprefix(_OMITTED) if sealed.dialect == NAME else pack(sealed)


def is_omitted(sealed: Sealed) -> bool:
    """True for the signature of a thinking block without text."""
    return sealed.dialect == NAME and sealed.data.startswith(_OMITTED)


def thinking_block(part: Thinking) -> dict[str, Any]:
    """The block of thoughts; without a seal the signature is empty."""
    sealed = part.sealed
    if sealed is None:
        return {"type": "thinking", "thinking": part.text, "signature": ""}
    if part.text or is_omitted(sealed):
        return {"type": "thinking", "thinking": part.text, "signature": opaque_text(sealed)}
    return {"type": "redacted_thinking", "data": opaque_text(sealed)}


def _bound(sealed: Sealed, origin: str) -> Sealed:
    if sealed.dialect != NAME or sealed.origin:
        return sealed
    return msgspec.structs.replace(sealed, origin=origin)
