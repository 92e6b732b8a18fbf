"""Google's `thoughtSignature`: base64 of bytes that only Google reads, or of a sealed item of another dialect.

Client libraries decode the field and encode it again, in either base64 alphabet; an envelope survives that.
"""

import base64
import binascii

from faregate.formats.seal import opens_for, pack, unpack
from faregate.formats.turn import Sealed

SKIP_MARK = "context_engineering_is_the_way_to_go"  # documented: "do not check this call's signature"
ENVELOPE = "ZmcxL"  # how base64 of "fg1." begins
_STANDARD = str.maketrans("-_", "+/")


def read_signature(text: str | None, origin: str = "") -> Sealed | None:
    """The sealed item in a thoughtSignature; None when there is none."""
    if not text:
        return None
    if text.startswith(ENVELOPE):
        try:
            padded = text.translate(_STANDARD).rstrip("=")
            envelope = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return Sealed("gemini", text, origin)
        sealed = unpack(envelope, "gemini")
        if sealed.data != envelope:
            return sealed
    return Sealed("gemini", text, origin)


def show_signature(sealed: Sealed) -> str:
    """The thoughtSignature for a client: Google's own as issued, another dialect's in its envelope."""
    if sealed.dialect == "gemini":
        return sealed.data
    return base64.b64encode(pack(sealed).encode()).decode()


def own_signature(sealed: Sealed | None, origin: str) -> str:
    """The thoughtSignature for an upstream of account `origin`; "" when the seal is not for it."""
    return sealed.data if sealed is not None and opens_for(sealed, "gemini", origin) else ""
