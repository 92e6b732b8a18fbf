"""What the pipeline needs of a request: bounds checked, nothing else decoded. Also countTokens, which is free."""

import msgspec
from msgspec import Raw, Struct, field

from faregate.formats.dialect import Envelope
from faregate.formats.gemini.generation import check_numbers
from faregate.formats.gemini.wire import absent, refuse, start_of
from faregate.kernel.errors import BadRequest


class _Thinking(Struct):
    budget: int | None = field(name="thinkingBudget", default=None)
    budget_snake: int | None = field(name="thinking_budget", default=None)
    level: str | None = field(name="thinkingLevel", default=None)
    level_snake: str | None = field(name="thinking_level", default=None)


class _Config(Struct):
    max_tokens: int | None = field(name="maxOutputTokens", default=None)
    max_tokens_snake: int | None = field(name="max_output_tokens", default=None)
    candidates: int | None = field(name="candidateCount", default=None)
    candidates_snake: int | None = field(name="candidate_count", default=None)
    thinking: _Thinking | None = field(name="thinkingConfig", default=None)
    thinking_snake: _Thinking | None = field(name="thinking_config", default=None)


class _Request(Struct):
    contents: Raw = Raw()
    requests: Raw = Raw()
    content: Raw = Raw()
    config: _Config | None = field(name="generationConfig", default=None)
    config_snake: _Config | None = field(name="generation_config", default=None)
    cached: str | None = field(name="cachedContent", default=None)
    cached_snake: str | None = field(name="cached_content", default=None)


class _Count(Struct, rename="camel"):
    contents: Raw = Raw()
    generate_content_request: Raw = Raw()


class _Named(Struct):
    model: str | None = None


_REQUEST = msgspec.json.Decoder(_Request)
_COUNT = msgspec.json.Decoder(_Count)
_NAMED = msgspec.json.Decoder(_Named)
_NO_CONFIG, _NO_THINKING = _Config(), _Thinking()


def peek(body: bytes) -> Envelope:
    """What the pipeline needs; model and stream flag are in the URL. Raises BadRequest naming the field.

    The cached content, if any, is the affinity: only the account that made it can read it.
    """
    try:
        request = _REQUEST.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        refuse(error, "")
    _check_contents(request)
    config = request.config or request.config_snake
    if config is None:
        return Envelope(model="", affinity=request.cached or request.cached_snake or "")
    max_tokens = _either(config.max_tokens, config.max_tokens_snake)
    candidates = _either(config.candidates, config.candidates_snake)
    thinking = config.thinking or config.thinking_snake or _NO_THINKING
    check_numbers(max_tokens, candidates, _either(thinking.budget, thinking.budget_snake))
    return Envelope(
        model="",
        max_output_tokens=max_tokens or 0,
        choices=candidates or 1,
        affinity=request.cached or request.cached_snake or "",
        effort=(thinking.level or thinking.level_snake or "").lower(),
    )


def peek_count(body: bytes) -> Envelope:
    """The same of a countTokens request: `contents`, or a whole request in `generateContentRequest`."""
    try:
        count = _COUNT.decode(body)
        if absent(count.generate_content_request):
            return peek(body)
        model = _NAMED.decode(count.generate_content_request).model or ""
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        refuse(error, "")
    inner = peek(bytes(count.generate_content_request))
    return msgspec.structs.replace(inner, model=model.removeprefix("models/"))


def count_tokens_reply(tokens: int) -> bytes:
    """The answer to countTokens."""
    return b'{"totalTokens":%d}' % tokens


def _either(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _check_contents(request: _Request) -> None:
    if not absent(request.contents):
        if start_of(request.contents) != b"{":  # Google takes a lone content as a list of one
            _check_list(request.contents, "contents")
    elif not absent(request.requests):
        _check_list(request.requests, "requests")
    elif absent(request.content):
        raise BadRequest("contents is required", param="contents")


def _check_list(raw: Raw, name: str) -> None:
    start = start_of(raw, 64)
    if not start.startswith(b"["):
        raise BadRequest(f"{name} is invalid: it must be a list", param=name)
    if start.rstrip(b"] \t\r\n") == b"[":
        raise BadRequest(f"{name} is required: a list with at least one item", param=name)
