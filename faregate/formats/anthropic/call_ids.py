"""Ids of tool calls: letters, digits, `_` and `-`; the API refuses any other (Anthropic docs, tool use, 2026-11)."""

import hashlib
import re

_REFUSED = re.compile(r"[^a-zA-Z0-9_-]")
_DIGEST_LENGTH = 8


def accepted_id(id: str) -> str:
    """The id itself when the API takes it, else one it takes: the same for a call and its result, unlike any other."""
    if id and not _REFUSED.search(id):
        return id
    digest = hashlib.sha256(id.encode("utf8", "replace")).hexdigest()[:_DIGEST_LENGTH]
    return f"{_REFUSED.sub('_', id)}_{digest}"
