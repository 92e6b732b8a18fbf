"""New API's type 58: a channel whose own table says which incoming path goes to which upstream path, converted how.

A route: `incoming_path` ({model} stands for one), `upstream_path`, `converter` (New API's names, or none), `models`,
`auth` {type none|header|query, name, value}.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from msgspec import Struct, ValidationError, convert

from faregate.channels.snapshot import ChannelView
from faregate.formats.turn import DialectName
from faregate.relay.providers.base import Headers, Provider, Target, base_of, bearer

# The dialect a converter of New API's writes; "none" keeps the client's.
_WRITES: dict[str, DialectName] = {
    "anthropic_messages_to_openai_chat_completions": "openai_chat",
    "gemini_generate_content_to_openai_chat_completions": "openai_chat",
    "openai_responses_to_openai_chat_completions": "openai_chat",
    "openai_chat_completions_to_anthropic_messages": "anthropic",
    "openai_chat_completions_to_gemini_generate_content": "gemini",
    "openai_responses_to_gemini_generate_content": "gemini",
    "openai_chat_completions_to_openai_responses": "openai_responses",
}
_NATIVE: tuple[tuple[str, DialectName], ...] = (
    ("/chat/completions", "openai_chat"),
    ("/responses", "openai_responses"),
    ("/messages", "anthropic"),
    ("enerateContent", "gemini"),
)


class _Auth(Struct, frozen=True):
    type: str = "header"
    name: str = ""
    value: str = ""


class _Route(Struct, frozen=True):
    incoming_path: str
    upstream_path: str
    converter: str = ""
    models: tuple[str, ...] = ()
    auth: _Auth | None = None


def _routes(channel: ChannelView) -> tuple[_Route, ...]:
    listed: Any = channel.permissions.advanced_custom.get("advanced_routes") or []
    try:
        return convert(listed, tuple[_Route, ...])
    except ValidationError:
        return ()


@lru_cache(maxsize=1024)
def _pattern(incoming: str) -> re.Pattern[str]:
    return re.compile("^" + ".+".join(re.escape(part) for part in incoming.split("{model}")) + "$")


def _route(channel: ChannelView, path: str, model: str) -> _Route | None:
    for route in _routes(channel):
        if (not route.models or model in route.models) and _pattern(route.incoming_path).match(path):
            return route
    return None


def _speaks(channel: ChannelView, path: str, model: str) -> tuple[DialectName, ...]:
    route = _route(channel, path, model)
    if route is None:
        return ()
    if route.converter in _WRITES:
        return (_WRITES[route.converter],)
    for mark, dialect in _NATIVE:
        if mark in path:
            return (dialect,)
    return ("openai_chat",)


def _address(target: Target) -> str:
    route = _route(target.channel, target.path, target.model)
    path = route.upstream_path if route else target.path
    return base_of(target, "") + path.replace("{model}", quote(target.model, safe=""))


def _sign(target: Target) -> Headers:
    route = _route(target.channel, target.path, target.model)
    auth = route.auth if route else None
    if auth is None or not auth.name:
        return [] if auth and auth.type == "none" else bearer(target)
    value = (auth.value or "{api_key}").replace("{api_key}", target.credential.secret)
    return [(auth.name, value)] if auth.type == "header" else []


ADVANCED_CUSTOM = Provider(
    type=58,
    name="Advanced Custom",
    owner="custom",
    dialects=(),
    address=_address,
    sign=_sign,
    models_path="",
    speaks=_speaks,
)
