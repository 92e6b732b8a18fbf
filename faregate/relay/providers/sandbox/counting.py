"""Token counts of the sandbox's answers, by the estimate that the gateway itself uses."""

from collections.abc import Iterator

from msgspec.structs import replace

from faregate.formats.dialect import Dialect
from faregate.formats.estimate import prompt_estimate
from faregate.formats.events import ReplyPart
from faregate.formats.turn import CacheMark, FunctionTool, Text, Thinking, ToolCall, ToolResult, Turn
from faregate.formats.usage import NOTHING, Usage
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.reply import Spoken, tokens


def count_prompt(dialect: Dialect, body: bytes, model: str) -> int:
    """About how many tokens a request has; at least one."""
    weight = dialect.weigh(body)
    estimate = prompt_estimate(
        weight.text,
        model,
        tools=weight.tools,
        messages=weight.messages,
        named=weight.named,
        images=weight.images,
        audio=weight.audio,
        video=weight.video,
        files=weight.files,
        openai_client=dialect.name.startswith("openai"),
    )
    return max(1, estimate)


def used(turn: Turn, spoken: Spoken, knobs: Knobs, prompt: int) -> Usage:
    """The usage of an answer to a prompt of `prompt` tokens, or the one that the caller chose."""
    if knobs.fault == "no_usage":
        return NOTHING
    if knobs.counted is not None:
        return knobs.counted
    choices = spoken.reply.choices
    output, reasoning = sum(map(_tokens_of, choices[0].parts)), tokens(spoken.thought)
    if turn.max_output_tokens and choices[0].stop == "length":  # one word is said whatever the limit
        reasoning = min(reasoning, turn.max_output_tokens)
        output = min(output, turn.max_output_tokens - reasoning)
    return replace(_inward(turn, prompt), output=len(choices) * output, reasoning=len(choices) * reasoning)


def _tokens_of(part: ReplyPart) -> int:
    match part:
        case Text():
            return tokens(part.text)
        case ToolCall():
            return tokens(f"{part.name} {part.arguments}")
        case _:
            return 0  # thoughts are counted apart, the sandbox says nothing else


def _inward(turn: Turn, prompt: int) -> Usage:
    """What stands before the last cache mark was read from a cache; in a conversation's first turn it was written."""
    marked, ttl = _marked(turn)
    if not marked:
        return Usage(input=prompt)
    cached = min(tokens(marked), prompt)
    if any(message.role == "assistant" for message in turn.messages):
        return Usage(input=prompt - cached, cache_read=cached)
    if ttl == "1h":
        return Usage(input=prompt - cached, cache_write_1h=cached)
    if turn.dialect == "anthropic":
        return Usage(input=prompt - cached, cache_write_5m=cached)
    return Usage(input=prompt - cached, cache_write=cached)


def _marked(turn: Turn) -> tuple[str, str]:
    """The text up to the last cache mark and that mark's lifetime."""
    texts: list[str] = []
    covered, ttl = 0, ""
    for text, mark in _pieces(turn):
        texts.append(text)
        if mark is not None:
            covered, ttl = len(texts), mark.ttl
    return "\n".join(texts[:covered]), ttl


def _pieces(turn: Turn) -> Iterator[tuple[str, CacheMark | None]]:
    """The prompt in the order in which providers cache it: tools, system, messages."""
    for tool in turn.tools:
        if isinstance(tool, FunctionTool):
            yield f"{tool.name} {tool.description or ''} {tool.schema.decode('utf8', 'replace')}", tool.cache
    for text in turn.system:
        yield text.text, text.cache
    for message in turn.messages:
        for part in message.parts:
            match part:
                case Text():
                    yield part.text, part.cache
                case ToolCall():
                    yield part.arguments, part.cache
                case ToolResult():
                    yield "".join(inner.text for inner in part.content if isinstance(inner, Text)), part.cache
                case Thinking():
                    yield part.text, None
                case _:
                    yield "", getattr(part, "cache", None)
