"""Google's usageMetadata to and from Usage. Prompt counts include cached tokens; thoughts stand beside candidates.

In a stream every event carries running totals, so the last one counts.
"""

import math
import re
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from faregate.formats.gemini.wire import absent
from faregate.formats.usage import Usage

Count = Annotated[int, Meta(ge=0)]  # what breaks this is read loosely


class ModalityCount(Struct, rename="camel"):
    """The tokens of one kind of media."""

    modality: str | None = None
    token_count: Count | None = None


class UsageMetadata(Struct, rename="camel"):
    """Counts as the upstream tells them. The tables are decoded only when they can matter."""

    prompt_token_count: Count | None = None
    candidates_token_count: Count | None = None
    total_token_count: Count | None = None
    thoughts_token_count: Count | None = None
    cached_content_token_count: Count | None = None
    tool_use_prompt_token_count: Count | None = None
    prompt_tokens_details: Raw = Raw()
    cache_tokens_details: Raw = Raw()
    candidates_tokens_details: Raw = Raw()
    tool_use_prompt_tokens_details: Raw = Raw()


class ShownCount(Struct, rename="camel"):
    """One line of a modality table."""

    modality: str
    token_count: int


class ShownUsage(Struct, rename="camel", omit_defaults=True):
    """Counts as a client sees them."""

    prompt_token_count: int
    candidates_token_count: int
    total_token_count: int
    cached_content_token_count: int = 0
    thoughts_token_count: int = 0
    prompt_tokens_details: tuple[ShownCount, ...] = ()
    candidates_tokens_details: tuple[ShownCount, ...] = ()


_STRICT = msgspec.json.Decoder(UsageMetadata)
_TABLE = msgspec.json.Decoder(list[ModalityCount])
_LOOSE = msgspec.json.Decoder(dict[str, Raw])
_LOOSE_TABLE = msgspec.json.Decoder(list[dict[str, Raw]])
_ANY = msgspec.json.Decoder()
_MEDIA = re.compile(rb"IMAGE|AUDIO").search
_TABLES = tuple(name for name in UsageMetadata.__struct_fields__ if name.endswith("details"))


def read_usage(raw: Raw, searches: int = 0) -> Usage | None:
    """The usage in a usageMetadata object, whatever form its numbers have; None when nothing was counted."""
    if absent(raw):
        return count(None, searches)
    try:
        return count(_STRICT.decode(raw), searches)
    except msgspec.MsgspecError:
        return count(_loosely(raw), searches)


def count(told: UsageMetadata | None, searches: int = 0) -> Usage | None:
    """The buckets of a usageMetadata; None when it counts nothing."""
    if told is None:
        return Usage(web_searches=searches, semantic="gemini") if searches else None
    prompt = (told.prompt_token_count or 0) + (told.tool_use_prompt_token_count or 0)
    thoughts = told.thoughts_token_count or 0
    completion = (told.candidates_token_count or 0) + thoughts
    if completion == 0:
        completion = max((told.total_token_count or 0) - prompt, 0)
    if not (prompt or completion):
        return count(None, searches)
    cached = told.cached_content_token_count or 0
    if cached > prompt:
        cached = prompt
    image_in = audio_in = image_out = audio_out = 0
    tables = told.prompt_tokens_details, told.tool_use_prompt_tokens_details
    if (tables[0] and _MEDIA(tables[0])) or (tables[1] and _MEDIA(tables[1])):
        image_in, audio_in = _media_in(told, prompt - cached)
    if told.candidates_tokens_details and _MEDIA(told.candidates_tokens_details):
        image, audio = _media(told.candidates_tokens_details)
        image_out, audio_out = _fitting(image, audio, completion - thoughts)
    return Usage(
        input=prompt - cached - image_in - audio_in,
        cache_read=cached,
        image_in=image_in,
        audio_in=audio_in,
        output=completion - thoughts - image_out - audio_out,
        reasoning=thoughts,
        image_out=image_out,
        audio_out=audio_out,
        prompt=prompt,
        completion=completion,
        web_searches=searches,
        semantic="gemini",
    )


def merge(seen: Usage | None, report: Usage) -> Usage:
    """The usage after one more report: the last counts, but a side that says nothing (0) overrides nothing."""
    if seen is None:
        return report
    known_in = report if report.total_input else seen
    known_out = report if report.total_output else seen
    return msgspec.structs.replace(
        known_in,
        output=known_out.output,
        reasoning=known_out.reasoning,
        image_out=known_out.image_out,
        audio_out=known_out.audio_out,
        completion=known_out.completion,
        web_searches=max(seen.web_searches, report.web_searches),
    )


def show(usage: Usage) -> ShownUsage:
    """`usage` in Google's convention."""
    prompt, output = usage.total_input, usage.total_output
    return ShownUsage(
        prompt,
        output - usage.reasoning,
        prompt + output,
        usage.cache_read,
        usage.reasoning,
        _table(prompt, usage.image_in, usage.audio_in),
        _table(output - usage.reasoning, usage.image_out, usage.audio_out),
    )


def _media_in(told: UsageMetadata, room: int) -> tuple[int, int]:
    """Uncached image and audio tokens of the prompt: the tables count cached ones too."""
    image, audio = _media(told.prompt_tokens_details)
    tool_image, tool_audio = _media(told.tool_use_prompt_tokens_details)
    cached_image, cached_audio = _media(told.cache_tokens_details)
    return _fitting(image + tool_image - cached_image, audio + tool_audio - cached_audio, room)


def _media(table: Raw) -> tuple[int, int]:
    """The image and audio tokens of a table."""
    image = audio = 0
    for line in _lines(table) if table else ():
        if line.modality == "IMAGE":
            image += line.token_count or 0
        elif line.modality == "AUDIO":
            audio += line.token_count or 0
    return image, audio


def _fitting(image: int, audio: int, room: int) -> tuple[int, int]:
    image = min(max(image, 0), room)
    return image, min(max(audio, 0), room - image)


def _table(total: int, image: int, audio: int) -> tuple[ShownCount, ...]:
    if not (image or audio):
        return ()
    lines = (("TEXT", total - image - audio), ("IMAGE", image), ("AUDIO", audio))
    return tuple(ShownCount(modality, tokens) for modality, tokens in lines if tokens)


def _loosely(raw: Raw) -> UsageMetadata | None:
    """The same from numbers in text, fractions and other oddities."""
    try:
        fields = _LOOSE.decode(raw)
    except msgspec.MsgspecError:
        return None
    told = UsageMetadata()
    names = UsageMetadata.__struct_encode_fields__
    for field, name in zip(UsageMetadata.__struct_fields__, names, strict=True):
        if name in fields:
            setattr(told, field, fields[name] if field in _TABLES else _number(fields[name]))
    return told


def _lines(table: Raw) -> list[ModalityCount]:
    try:
        return _TABLE.decode(table)
    except msgspec.MsgspecError:
        return _loose_lines(table)


def _loose_lines(table: Raw) -> list[ModalityCount]:
    try:
        lines = _LOOSE_TABLE.decode(table)
    except msgspec.MsgspecError:
        return []
    named = [(bytes(line.get("modality", Raw())).decode().strip('"'), line.get("tokenCount", Raw())) for line in lines]
    return [ModalityCount(modality, _number(tokens)) for modality, tokens in named]


def _number(raw: Raw) -> int:
    """A count, whatever its form, never below 0."""
    try:
        value: object = _ANY.decode(raw) if raw else None
    except msgspec.MsgspecError:  # beyond what a number can hold
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0
    return max(int(number), 0) if math.isfinite(number) else 0
