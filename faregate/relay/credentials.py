"""Where a relay key may stand in a call, and which place wins.

Clients put keys where their SDK puts them: Authorization, x-api-key (Anthropic paths and model lists), x-goog-api-key
or ?key= (Gemini paths), a WebSocket sub-protocol, mj-api-secret. Later rules of the list win over earlier ones.
"""

from msgspec import Struct

from faregate.relay.arrival import Arrival

_PROTOCOL_MARK = "openai-insecure-api-key."
_PLACEHOLDER = "midjourney-proxy"


class Presented(Struct, frozen=True, gc=False):
    """What was presented: the key without `sk-`, and the channel an administrator picked with `-<id>`, or ""."""

    key: str
    channel: str = ""


def presented(arrival: Arrival) -> Presented:
    """The key of a call; an empty key when there is none or its scheme is unknown."""
    text = _from_header(arrival.header(b"authorization"))
    if protocols := arrival.header(b"sec-websocket-protocol"):
        text = _from_protocols(protocols)
    text = _from_path(arrival) or text
    if not text or text == _PLACEHOLDER:
        text = _from_header(arrival.header(b"mj-api-secret")) or text
    key, _, channel = text.removeprefix("sk-").partition("-")
    return Presented(key, channel)


def _from_header(value: str) -> str:
    scheme, blank, rest = value.strip().partition(" ")
    if not blank:
        return scheme
    return rest.strip() if scheme.lower() == "bearer" else ""


def _from_protocols(value: str) -> str:
    for part in value.split(","):
        if part.strip().startswith(_PROTOCOL_MARK):
            return part.strip()[len(_PROTOCOL_MARK) :]
    return ""


def _from_path(arrival: Arrival) -> str:
    path = arrival.path
    if path.startswith(("/v1beta/models", "/v1beta/openai/models", "/v1/models/")):
        found = arrival.header(b"x-goog-api-key").strip() or arrival.query_value("key")
        if found:
            return found
    elif path == "/v1/models" and (found := arrival.header(b"x-goog-api-key").strip()):
        return found
    if path.startswith(("/v1/messages", "/v1/models")):
        return arrival.header(b"x-api-key").strip()
    return ""
