"""What a channel must be like beyond the form of its fields: what its type asks for, and how large it may be."""

import json
from typing import Any

from faregate.channels.models import Channel
from faregate.channels.snapshot import split_names
from faregate.identity import Caller, may
from faregate.kernel.errors import BadRequest, Forbidden

VERTEX, CODEX, ADVANCED_CUSTOM, NEW_API, SANDBOX = 41, 57, 58, 60, 1001
SANDBOX_KEY = "sandbox"
_MOST_SERVED = 50_000
_SENSITIVE = "channel.sensitive_write"


def check_channel(channel: Channel) -> None:
    """Raise BadRequest when a channel lacks what its type needs, or serves too much."""
    if channel.type == NEW_API and not channel.base_url:
        raise BadRequest("A channel of this type needs a base_url.", param="base_url")
    if channel.type == VERTEX and not _object(channel.other).get("default"):
        raise BadRequest("other must be a JSON object with the region under 'default'.", param="other")
    served = len(split_names(channel.models)) * len(split_names(channel.groups))
    if served > _MOST_SERVED:
        raise BadRequest(f"Models times groups is {served}; a channel takes at most {_MOST_SERVED}.", param="models")


def check_secret(type: int, secret: str) -> None:
    """Raise BadRequest for a secret that cannot be one of this type."""
    if "\0" in secret or not secret.strip():
        raise BadRequest("key must not be empty.", param="key")
    if type == CODEX:
        found = _object(secret)
        if not found.get("access_token") or not found.get("account_id"):
            raise BadRequest("key must be a JSON object with access_token and account_id.", param="key")


def _object(text: str) -> dict[str, Any]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def check_sensitive(caller: Caller, what: str) -> None:
    """Raise Forbidden unless the caller may change where a channel points and what it presents there."""
    if not may(caller.user, _SENSITIVE):
        raise Forbidden(f"You do not have the right {_SENSITIVE}, which changing {what} needs.")
