"""Usage that another gateway passes on: Claude's counts in chat's clothes, or its upstream's native object beside them.

Forms: `billing_usage.claude_usage` (the native object; it is what counts), `usage_semantic: "anthropic"` (the prompt
count leaves cached tokens out), and `claude_cache_creation_5_m_tokens` / `_1_h_tokens` (writes by lifetime).
"""

from typing import Any, Protocol

import msgspec
from msgspec import Raw, Struct

from faregate.formats.openai_chat.counts import count
from faregate.formats.usage import Usage


class Asked(Protocol):
    """What is read of a prompt's details: every spelling of the tokens written to a cache."""

    cached_creation_tokens: Any
    cache_write_tokens: Any
    cache_creation_tokens: Any


class Report(Protocol):
    """What is read of a usage object."""

    @property
    def prompt_tokens_details(self) -> Asked | None: ...
    @property
    def input_tokens_details(self) -> Asked | None: ...

    prompt_tokens: Any
    completion_tokens: Any
    usage_semantic: Any
    usage_source: Any
    cache_creation_input_tokens: Any
    claude_cache_creation_5_m_tokens: Any
    claude_cache_creation_1_h_tokens: Any
    billing_usage: Raw


class _Lifetimes(Struct):
    ephemeral_5m_input_tokens: Any = None
    ephemeral_1h_input_tokens: Any = None


class _Claude(Struct):
    input_tokens: Any = None
    output_tokens: Any = None
    cache_read_input_tokens: Any = None
    cache_creation_input_tokens: Any = None
    cache_creation: _Lifetimes | None = None


class _Native(Struct):
    semantic: str = ""
    claude_usage: _Claude | None = None


_native_of = msgspec.json.Decoder(_Native).decode


def relayed_usage(report: Report, cached: int) -> Usage | None:
    """The usage of a report in one of these forms; None for an ordinary one."""
    native = _native(report.billing_usage)
    if native is not None:
        return _of_claude(native)
    semantic = report.usage_semantic == "anthropic"
    short, long = count(report.claude_cache_creation_5_m_tokens), count(report.claude_cache_creation_1_h_tokens)
    if not semantic and (report.usage_semantic or report.usage_source or not (short or long)):
        return None
    prompt, completion = count(report.prompt_tokens), count(report.completion_tokens)
    return Usage(
        input=prompt,
        cache_read=cached,
        cache_write=max(_written(report) - short - long, 0),
        cache_write_5m=short,
        cache_write_1h=long,
        output=completion,
        prompt=prompt,
        completion=completion,
        semantic="anthropic" if semantic else "openai",
    )


def _written(report: Report) -> int:
    """All tokens written to a cache, whatever their lifetime."""
    total = count(report.cache_creation_input_tokens)
    details = report.prompt_tokens_details or report.input_tokens_details
    if details is None:
        return total
    spelled = (details.cached_creation_tokens, details.cache_write_tokens, details.cache_creation_tokens)
    return max(total, *map(count, spelled))


def _native(raw: Raw) -> _Claude | None:
    if not raw:
        return None
    try:
        found = _native_of(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found.claude_usage if found.semantic == "anthropic" else None


def _of_claude(found: _Claude) -> Usage:
    split = found.cache_creation or _Lifetimes()
    short, long = count(split.ephemeral_5m_input_tokens), count(split.ephemeral_1h_input_tokens)
    prompt, completion = count(found.input_tokens), count(found.output_tokens)
    return Usage(
        input=prompt,
        cache_read=count(found.cache_read_input_tokens),
        cache_write=max(count(found.cache_creation_input_tokens) - short - long, 0),
        cache_write_5m=short,
        cache_write_1h=long,
        output=completion,
        prompt=prompt,
        completion=completion,
        semantic="anthropic",
        relayed=True,
    )
