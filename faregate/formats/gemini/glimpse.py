"""The little of an answer that the pipeline must know. Hot: runs for every event of every stream."""

import msgspec
from msgspec import Raw, Struct

from faregate.formats.events import BLANK, Glimpse
from faregate.formats.gemini.stops import is_told
from faregate.formats.gemini.usage import UsageMetadata, count, read_usage
from faregate.formats.gemini.wire import Grounding, PromptFeedback, absent, payload
from faregate.formats.usage import Usage


class _Call(Struct):
    name: str | None = None
    args: Raw = Raw()


class _Part(Struct, rename="camel"):
    text: str | None = None
    function_call: _Call | None = None
    inline_data: Raw = Raw()
    file_data: Raw = Raw()
    executable_code: Raw = Raw()
    code_execution_result: Raw = Raw()


class _Content(Struct):
    parts: list[_Part] | None = None


class _Candidate(Struct, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None
    grounding_metadata: Grounding | None = None


class _Seen(Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    usage_metadata: UsageMetadata | None = None
    prompt_feedback: PromptFeedback | None = None
    error: Raw = Raw()


class _LooseSeen(Struct, rename="camel"):
    """The same with counts in a form that UsageMetadata does not read."""

    candidates: list[_Candidate] | None = None
    usage_metadata: Raw = Raw()
    prompt_feedback: PromptFeedback | None = None
    error: Raw = Raw()


_STRICT = msgspec.json.Decoder(_Seen)
_LOOSE = msgspec.json.Decoder(_LooseSeen)
_JUNK = Glimpse(junk=True)


def glimpse(frame: bytes) -> Glimpse:
    """What the pipeline must know of one SSE frame."""
    data = payload(frame)
    return _look(data) if data else BLANK


def glimpse_reply(body: bytes) -> Glimpse:
    """The same of a whole answer; junk when it has none of a Gemini answer's fields."""
    seen = _look(body)
    known = b'"candidates"' in body or b'"promptFeedback"' in body or b'"usageMetadata"' in body
    return seen if known or seen.error else _JUNK


def _look(data: bytes) -> Glimpse:
    try:
        seen = _STRICT.decode(data)
        usage = seen.usage_metadata
        report = None if usage is None else count(usage)
    except (msgspec.MsgspecError, RecursionError):
        return _look_again(data)
    return _told(seen, report, data)


def _look_again(data: bytes) -> Glimpse:
    try:
        seen = _LOOSE.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return _JUNK
    return _told(seen, read_usage(seen.usage_metadata), data)


def _told(seen: _Seen | _LooseSeen, usage: Usage | None, data: bytes) -> Glimpse:
    if seen.error and not absent(seen.error):
        return Glimpse(error=data, usage=usage)
    text, calls, live, final = "", 0, False, False
    for candidate in seen.candidates or ():
        if candidate.finish_reason is not None:
            final = final or is_told(candidate.finish_reason)
        if candidate.grounding_metadata is not None and candidate.grounding_metadata.web_search_queries:
            usage = _searched(usage)
        if candidate.content is None or not candidate.content.parts:
            continue
        for part in candidate.content.parts:
            if part.text:
                text += part.text
                live = True
            elif part.function_call is not None:
                text += _call_text(part.function_call)
                calls += 1
                live = True
            elif part.inline_data or part.file_data or part.executable_code or part.code_execution_result:
                live = True
    if seen.prompt_feedback is not None:
        final = final or is_told(seen.prompt_feedback.block_reason)
    bare = usage is not None and not seen.candidates and not final
    return Glimpse(live, final, text, usage, bare, b"", calls)


def _call_text(call: _Call) -> str:
    return (call.name or "") + bytes(call.args).decode("utf8", "replace")


def _searched(usage: Usage | None) -> Usage:
    """The provider's web search is charged once for each answer, however many queries it made."""
    if usage is None:
        return Usage(web_searches=1, semantic="gemini")
    return msgspec.structs.replace(usage, web_searches=1)
