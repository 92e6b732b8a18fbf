"""New API's type 58: a channel whose own table says which incoming path goes to which upstream path, converted how.

A route: `incoming_path` ({model} stands for one), `upstream_path` (under the base address, or a whole URL),
`converter`, `models` (names or `re:` and a pattern; none: all), `auth` {type none|header|query, name, value}.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct, ValidationError, convert

from faregate.channels.snapshot import ChannelView
from faregate.formats.turn import DialectName
from faregate.relay.providers.anthropic import VERSION
from faregate.relay.providers.base import Headers, Provider, Target, base_of, bearer

_NAMES: dict[DialectName, str] = {
    "openai_chat": "openai_chat_completions",
    "openai_responses": "openai_responses",
    "anthropic": "anthropic_messages",
    "gemini": "gemini_generate_content",
}
# Converters are named after what comes in and what goes up. New API knows seven of the twelve; here each pair exists.
_CONVERTERS: dict[str, tuple[DialectName, DialectName]] = {
    f"{_NAMES[client]}_to_{_NAMES[upstream]}": (client, upstream)
    for client in _NAMES
    for upstream in _NAMES
    if client != upstream
}
_NATIVE: tuple[tuple[str, DialectName], ...] = (
    ("/chat/completions", "openai_chat"),
    ("/responses", "openai_responses"),
    ("/messages", "anthropic"),
    ("enerateContent", "gemini"),
)
_WHOLE, _STREAMED = ":generateContent", ":streamGenerateContent"
_PATTERN_MARK = "re:"


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


@lru_cache(maxsize=256)
def _routes(channel: ChannelView) -> tuple[_Route, ...]:
    listed: Any = channel.permissions.advanced_custom.get("advanced_routes") or []
    try:
        return convert(listed, tuple[_Route, ...])
    except ValidationError:
        return ()


@lru_cache(maxsize=1024)
def _pattern(incoming: str) -> re.Pattern[str]:
    """What matches a route's path. One that ends in Gemini's verb stands for its streamed twin too."""
    named = ".+".join(re.escape(part) for part in incoming.split("{model}"))
    if incoming.endswith(_WHOLE):
        named = f"{named.removesuffix(re.escape(_WHOLE))}(?:{_WHOLE}|{_STREAMED})"
    return re.compile(named)


@lru_cache(maxsize=1024)
def _model_pattern(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _lists(route: _Route, model: str) -> bool:
    """Whether a route is for this model, as the client calls it."""
    if not route.models or model in route.models:
        return True
    marked = (one.removeprefix(_PATTERN_MARK) for one in route.models if one.startswith(_PATTERN_MARK))
    return any(found.search(model) for one in marked if (found := _model_pattern(one)))


def _route(channel: ChannelView, path: str, model: str) -> _Route | None:
    for route in _routes(channel):
        if _lists(route, model) and _pattern(route.incoming_path).fullmatch(path):
            return route
    return None


def _native(path: str) -> DialectName:
    for mark, dialect in _NATIVE:
        if mark in path:
            return dialect
    return "openai_chat"


def _speaks(channel: ChannelView, path: str, model: str) -> tuple[DialectName, ...]:
    """The one dialect of the call's route; none without a route or with a converter for another client."""
    route = _route(channel, path, model)
    if route is None:
        return ()
    if route.converter in ("", "none"):
        return (_native(path),)
    client, upstream = _CONVERTERS.get(route.converter, (None, None))
    return (upstream,) if upstream is not None and client == _native(path) else ()


def _address(target: Target) -> str:
    route = _route(target.channel, target.path, target.asked)
    path = (route.upstream_path if route else target.path).replace("{model}", quote(target.model, safe=""))
    if target.dialect == "gemini" and target.stream:
        path = _streamed(path)
    address = path if path.startswith(("http://", "https://")) else base_of(target, "") + path
    auth = route.auth if route else None
    if auth is None or auth.type != "query" or not auth.name:
        return address
    return _with_query(address, urlencode({auth.name: _filled(auth, target)}))


def _streamed(path: str) -> str:
    plain, _, query = path.replace(_WHOLE, _STREAMED).partition("?")
    rest = [part for part in query.split("&") if part and not part.startswith("alt=")]
    return f"{plain}?{'&'.join([*rest, 'alt=sse'])}"


def _with_query(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _filled(auth: _Auth, target: Target) -> str:
    return (auth.value or "{api_key}").replace("{api_key}", target.credential.secret)


def _sign(target: Target) -> Headers:
    route = _route(target.channel, target.path, target.asked)
    headers = _credentials(route.auth if route else None, target)
    return [*headers, ("anthropic-version", VERSION)] if target.dialect == "anthropic" else headers


def _credentials(auth: _Auth | None, target: Target) -> Headers:
    if auth is None:
        return bearer(target)
    if auth.type == "none" or auth.type == "query":
        return []
    return [(auth.name, _filled(auth, target))] if auth.name else bearer(target)


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
