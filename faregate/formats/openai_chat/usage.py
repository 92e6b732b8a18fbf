"""Token counts of chat completions: the wire's `usage` object to disjoint buckets and back.

Prompt counts include cached, written, image and audio tokens; completion counts include reasoning. Host dialects:
DeepSeek `prompt_cache_hit_tokens`, Moonshot and Zhipu `usage.cached_tokens`, llama.cpp `timings.cache_n`.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from faregate.formats.openai_chat.counts import count
from faregate.formats.openai_chat.relayed import relayed_usage
from faregate.formats.openai_chat.wire import Answer, is_given
from faregate.formats.usage import Usage, shares


class Details(Struct):
    """Of the prompt or the completion."""

    cached_tokens: Any = None
    cached_creation_tokens: Any = None
    cache_write_tokens: Any = None
    cache_creation_tokens: Any = None
    audio_tokens: Any = None
    image_tokens: Any = None
    reasoning_tokens: Any = None


class ServerTools(Struct):
    """Calls of tools that ran at the host."""

    web_search_requests: Any = None


class WireUsage(Struct):
    """Every spelling of a count that is read. Values may be text or fractions."""

    prompt_tokens: Any = None
    completion_tokens: Any = None
    total_tokens: Any = None
    input_tokens: Any = None
    output_tokens: Any = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None
    input_tokens_details: Details | None = None
    output_tokens_details: Details | None = None
    prompt_cache_hit_tokens: Any = None
    cached_tokens: Any = None
    cache_read_input_tokens: Any = None
    cache_creation_input_tokens: Any = None
    server_tool_use: ServerTools | None = None
    usage_semantic: Any = None
    usage_source: Any = None
    claude_cache_creation_5_m_tokens: Any = None
    claude_cache_creation_1_h_tokens: Any = None
    billing_usage: Raw = Raw()


Count = Annotated[int, Meta(ge=0)]
Zero = Annotated[int, Meta(ge=0, le=0)] | None


class PlainAsked(Struct, forbid_unknown_fields=True):
    """Details of an ordinary prompt."""

    cached_tokens: Count | None = None
    audio_tokens: Zero = None
    image_tokens: Zero = None
    text_tokens: Count | None = None


class PlainGiven(Struct, forbid_unknown_fields=True):
    """Details of an ordinary completion."""

    reasoning_tokens: Count | None = None
    audio_tokens: Zero = None
    image_tokens: Zero = None
    text_tokens: Count | None = None
    accepted_prediction_tokens: Count | None = None
    rejected_prediction_tokens: Count | None = None


class PlainUsage(Struct, forbid_unknown_fields=True):
    """An ordinary report."""

    prompt_tokens: Count
    completion_tokens: Count
    total_tokens: Count = 0
    prompt_tokens_details: PlainAsked | None = None
    completion_tokens_details: PlainGiven | None = None


class Timings(Struct):
    """llama.cpp's figures."""

    cache_n: Any = None


_plain_of = msgspec.json.Decoder(PlainUsage).decode
_usage_of = msgspec.json.Decoder(WireUsage).decode
_timings_of = msgspec.json.Decoder(Timings).decode
_NO_DETAILS = Details()


def usage_of(answer: Answer) -> Usage | None:
    """The usage of a chunk or whole answer; None when it reports none, or zeros."""
    plain = _plain(answer)
    if plain is not None:
        return None if plain.is_empty else plain
    raws = [answer.usage, *(choice.usage for choice in answer.choices or ())]
    reports = [report for report in map(_read, filter(is_given, raws)) if report is not None]
    if not reports:
        return None
    cached = max(_cached(report) for report in reports) or _cached_by_timings(answer.timings)
    usage = relayed_usage(reports[0], cached) or _buckets(reports[0], cached)
    return None if usage.is_empty else usage


def _plain(answer: Answer) -> Usage | None:
    """The usage of an ordinary report: whole numbers, in OpenAI's own fields, with at most cached and reasoning tokens.

    None for every other, which `usage_of` then reads field by field. Most answers are ordinary, and every one is read.
    """
    if not answer.usage or answer.timings:
        return None
    for choice in answer.choices or ():
        if choice.usage:
            return None
    try:
        report = _plain_of(answer.usage)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    prompt, completion = report.prompt_tokens, report.completion_tokens
    asked, given = report.prompt_tokens_details, report.completion_tokens_details
    cached = asked.cached_tokens or 0 if asked is not None else 0
    reasoning = given.reasoning_tokens or 0 if given is not None else 0
    if cached > prompt or reasoning > completion or (reasoning and report.total_tokens != prompt + completion):
        return None
    return Usage(
        input=prompt - cached,
        cache_read=cached,
        output=completion - reasoning,
        reasoning=reasoning,
        prompt=prompt,
        completion=completion,
    )


def shown(usage: Usage) -> dict[str, object]:
    """The `usage` object for a client: OpenAI's fields, details only where something was counted."""
    prompt = {
        "cached_tokens": usage.cache_read,
        "cached_creation_tokens": usage.written,
        "cache_write_tokens": usage.written,
        "audio_tokens": usage.audio_in,
        "image_tokens": usage.image_in,
    }
    completion = {
        "reasoning_tokens": usage.reasoning,
        "audio_tokens": usage.audio_out,
        "image_tokens": usage.image_out,
    }
    wire: dict[str, object] = {
        "prompt_tokens": usage.total_input,
        "completion_tokens": usage.total_output,
        "total_tokens": usage.total_input + usage.total_output,
    }
    for name, details in (("prompt_tokens_details", prompt), ("completion_tokens_details", completion)):
        if counted := {key: number for key, number in details.items() if number}:
            wire[name] = counted
    return wire


def merge(seen: Usage | None, report: Usage) -> Usage:
    """The newest report wins: hosts that count as they go repeat the whole object."""
    return report if seen is None or not report.is_empty else seen


def _read(raw: Raw) -> WireUsage | None:
    try:
        return _usage_of(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _cached(report: WireUsage) -> int:
    details = report.prompt_tokens_details or report.input_tokens_details or _NO_DETAILS
    return (
        count(details.cached_tokens)
        or count(report.prompt_cache_hit_tokens)
        or count(report.cached_tokens)
        or count(report.cache_read_input_tokens)
    )


def _cached_by_timings(raw: Raw) -> int:
    if not is_given(raw):
        return 0
    try:
        return count(_timings_of(raw).cache_n)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 0


def _written(report: WireUsage, details: Details) -> int:
    return max(
        count(details.cached_creation_tokens),
        count(details.cache_write_tokens),
        count(details.cache_creation_tokens),
        count(report.cache_creation_input_tokens),
    )


def _counts_like_claude(report: WireUsage) -> bool:
    """True for a host that reports Anthropic's counts, in which the prompt stands beside what the cache had."""
    return report.cache_read_input_tokens is not None or report.cache_creation_input_tokens is not None


def _buckets(report: WireUsage, cached: int) -> Usage:
    prompt = count(report.prompt_tokens) or count(report.input_tokens)
    completion = count(report.completion_tokens) or count(report.output_tokens)
    asked = report.prompt_tokens_details or report.input_tokens_details or _NO_DETAILS
    given = report.completion_tokens_details or report.output_tokens_details or _NO_DETAILS
    reasoning, written = count(given.reasoning_tokens), _written(report, asked)
    if reasoning and count(report.total_tokens) == prompt + completion + reasoning:
        completion += reasoning  # xAI counts reasoning beside the completion; its total tells
    if cached + written > prompt and _counts_like_claude(report):
        prompt += cached + written
    # What the cache read and wrote is charged beyond the prompt too (New API); other details are parts of what is left.
    fresh = max(prompt - cached - written, 0)
    image, audio = shares(fresh, count(asked.image_tokens), count(asked.audio_tokens))
    reasoning, image_out, audio_out = shares(
        completion, reasoning, count(given.image_tokens), count(given.audio_tokens)
    )
    return Usage(
        input=fresh - image - audio,
        cache_read=cached,
        cache_write=written,
        image_in=image,
        audio_in=audio,
        output=completion - reasoning - image_out - audio_out,
        reasoning=reasoning,
        image_out=image_out,
        audio_out=audio_out,
        prompt=prompt,
        completion=completion,
        web_searches=count(report.server_tool_use.web_search_requests) if report.server_tool_use else 0,
    )
