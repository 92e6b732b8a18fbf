"""The Messages API on the wire: structs that declare only what is read, and the reading of values that may be wrong.

Source: Anthropic docs and SDK 2.12, Messages API versions 2023-06-01 and 2026-10-21, 2026-11.
"""

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from faregate.formats.turn import CacheMark, DialectName
from faregate.kernel.errors import BadRequest

NAME: DialectName = "anthropic"
MAX_TOKENS = 1_073_741_823
_NULL = b"null"
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_INDEX = re.compile(r"\[(\d+)\]")
_Value = TypeVar("_Value")


class CacheControl(Struct):
    """A cache breakpoint."""

    type: str = "ephemeral"
    ttl: str | None = None


class Source(Struct):
    """Where media come from; which fields are filled depends on `type`."""

    type: str = ""
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None


class Typed(Struct):
    """Any block or tool: enough to choose how to read the rest."""

    type: str | None = None


class TextBlock(Struct):
    """Words."""

    text: str | None = None
    cache_control: CacheControl | None = None


class MediaBlock(Struct):
    """An image or a document."""

    source: Source
    title: str | None = None
    cache_control: CacheControl | None = None


class ThinkingBlock(Struct):
    """Thoughts and their signature."""

    thinking: str | None = None
    signature: str | None = None


class RedactedBlock(Struct):
    """Thoughts nobody may read."""

    data: str | None = None


class CallBlock(Struct):
    """A tool call."""

    id: str | None = None
    name: str | None = None
    input: Raw = Raw()
    cache_control: CacheControl | None = None


class ResultBlock(Struct):
    """The answer to a tool call."""

    tool_use_id: str
    content: Raw = Raw()
    is_error: bool | None = None
    cache_control: CacheControl | None = None


class WireMessage(Struct):
    """One message of a request."""

    role: str
    content: Raw = Raw()


class CustomTool(Struct):
    """A function the caller offers."""

    name: str
    description: str | None = None
    input_schema: Raw = Raw()
    strict: bool | None = None
    cache_control: CacheControl | None = None


class Location(Struct):
    """Where the end user is, roughly."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class SearchTool(Struct):
    """Anthropic's own web search."""

    max_uses: int | None = None
    user_location: Location | None = None


class Choice(Struct):
    """Which tool must be called."""

    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingConfig(Struct):
    """How to think."""

    type: str
    budget_tokens: int | None = None
    display: str | None = None


class Metadata(Struct):
    """Who the end user is."""

    user_id: str | None = None


class Format(Struct):
    """Structured output."""

    type: str
    schema: Raw = Raw()


def given(raw: Raw | None) -> bool:
    """True when the field is there and not null."""
    return raw is not None and bytes(memoryview(raw)[:5]) not in (b"", _NULL)


def is_text(raw: Raw) -> bool:
    """True when the field is a string."""
    return bytes(memoryview(raw)[:1]) == b'"'


def take(raw: Raw, decoder: msgspec.json.Decoder[_Value], where: str) -> _Value:
    """The decoded value. Raises BadRequest that names the field under `where`."""
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refusal(error, where) from error


def refusal(error: Exception, where: str = "") -> BadRequest:
    """A BadRequest that names the field, from the decoder's complaint."""
    text = str(error)
    found = _PATH.search(text)
    inner = _INDEX.sub(r".\1", found.group(1)).strip(".") if found else ""
    param = ".".join(filter(None, (where, inner)))
    reason = (text[: found.start()] if found else text).replace("`", "")
    if not isinstance(error, msgspec.ValidationError):
        return BadRequest(f"the request body is not valid JSON: {reason}", param=param)
    return BadRequest(f"{param or 'the request body'} is invalid: {reason}", param=param)


def bounded(value: int | None, name: str) -> int | None:
    """A token count within what any upstream takes. Raises BadRequest."""
    if value is not None and not 0 <= value <= MAX_TOKENS:
        raise BadRequest(f"{name} is invalid: it must be between 0 and {MAX_TOKENS}", param=name)
    return value


def mark(cache: CacheControl | None) -> CacheMark | None:
    """The cache wish of a block."""
    return None if cache is None else CacheMark(ttl=cache.ttl or "")


def shown_mark(cache: CacheMark) -> dict[str, Any]:
    """The same on the wire."""
    return {"type": "ephemeral", "ttl": cache.ttl} if cache.ttl else {"type": "ephemeral"}
