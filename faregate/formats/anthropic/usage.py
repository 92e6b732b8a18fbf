"""Token counts as this API tells them, and merging the reports of one stream.

`input_tokens` excludes what was read from or written to a cache. Written tokens come as a sum and, from newer hosts,
split by lifetime; what the split does not cover stays in `cache_write`.
"""

import math
from typing import Any, cast

import msgspec
from msgspec import Raw

from faregate.formats.usage import Usage

_ANY = msgspec.json.Decoder()


def read_usage(raw: bytes | Raw) -> Usage | None:
    """The usage in a wire object; None when it is absent, all zero or no object. Never raises."""
    if not raw:
        return None
    try:
        found: Any = _ANY.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    usage = _of(cast(dict[str, Any], found))  # keys of JSON objects are text
    return None if usage.is_empty and not usage.web_searches else usage


def _of(wire: dict[str, Any]) -> Usage:
    split, details = _object(wire, "cache_creation"), _object(wire, "output_tokens_details")
    prompt, completion = count(wire.get("input_tokens")), count(wire.get("output_tokens"))
    five_minutes = count(split.get("ephemeral_5m_input_tokens"))
    one_hour = count(split.get("ephemeral_1h_input_tokens"))
    thought = min(count(details.get("thinking_tokens")), completion)
    return Usage(
        input=prompt,
        cache_read=count(wire.get("cache_read_input_tokens")),
        cache_write=max(count(wire.get("cache_creation_input_tokens")) - five_minutes - one_hour, 0),
        cache_write_5m=five_minutes,
        cache_write_1h=one_hour,
        output=completion - thought,
        reasoning=thought,
        prompt=prompt,
        completion=completion,
        web_searches=count(_object(wire, "server_tool_use").get("web_search_requests")),
        semantic="anthropic",
    )


def _object(wire: dict[str, Any], name: str) -> dict[str, Any]:
    value: Any = wire.get(name)
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def count(value: Any) -> int:
    """A token count from whatever a host sent: numbers as text and fractions are read, the rest is 0."""
    if type(value) is int:
        return max(value, 0)
    if not isinstance(value, (float, str)):
        return 0
    try:
        number = float(value)
    except ValueError:
        return 0
    return max(int(number), 0) if math.isfinite(number) else 0


def merge(seen: Usage | None, report: Usage) -> Usage:
    """The usage after one more report.

    Output is cumulative: the newest positive count stands. The input side comes whole from the report that knows the
    cache split, since some hosts first send a prompt-scale input and only later the split.
    """
    if seen is None:
        return report
    inward = _inward(seen, report)
    outward = report if report.completion or report.total_output else seen
    return msgspec.structs.replace(
        inward,
        output=outward.output,
        reasoning=outward.reasoning,
        image_out=outward.image_out,
        audio_out=outward.audio_out,
        completion=outward.completion,
        web_searches=max(seen.web_searches, report.web_searches),
    )


def _inward(seen: Usage, report: Usage) -> Usage:
    """The report whose input side counts. Between two that know the split, the later one, completed by the earlier."""
    if not _knows_split(report):
        return seen if _knows_split(seen) or not report.input else report
    return _completed(report, seen) if _knows_split(seen) else report


def _knows_split(usage: Usage) -> bool:
    return usage.cache_read > 0 or usage.written > 0


def _completed(report: Usage, seen: Usage) -> Usage:
    """What the later report leaves out or says without lifetimes is taken from the earlier one."""
    return msgspec.structs.replace(
        report,
        input=report.input or seen.input,
        prompt=report.prompt or seen.prompt,
        cache_read=report.cache_read or seen.cache_read,
        **_written(report, seen),
    )


def _written(report: Usage, seen: Usage) -> dict[str, int]:
    split = seen.cache_write_5m + seen.cache_write_1h
    if report.cache_write_5m or report.cache_write_1h or (report.written and report.written < split):
        source, rest = report, report.cache_write
    else:
        source, rest = seen, max(report.written - split, 0) if report.written else seen.cache_write
    return {"cache_write": rest, "cache_write_5m": source.cache_write_5m, "cache_write_1h": source.cache_write_1h}


def show(usage: Usage) -> dict[str, Any]:
    """The counts as this API tells them, whatever the upstream's convention was."""
    shown: dict[str, Any] = {
        "input_tokens": usage.input + usage.image_in + usage.audio_in,
        "cache_creation_input_tokens": usage.written,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.total_output,
    }
    if usage.cache_write_5m or usage.cache_write_1h:
        shown["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        }
    if usage.reasoning:
        shown["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if usage.web_searches:
        shown["server_tool_use"] = {"web_search_requests": usage.web_searches}
    return shown
