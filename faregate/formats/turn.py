"""A request as the house understands it, whoever sent it: system, messages of typed parts, tools, sampling, limits.

Every optional field tells *absent* (None) from *zero*. Raw JSON that is only carried (schemas, arguments) stays text
or bytes. What only one dialect can say travels as `Opaque` and is rendered back to that dialect alone.
"""

from typing import Literal

from msgspec import Raw, Struct

DialectName = Literal["openai_chat", "openai_responses", "anthropic", "gemini"]


class Sealed(Struct, frozen=True):
    """An opaque item bound to who issued it: a signature, encrypted reasoning, a redacted block.

    Rendered back, byte for byte, only to its own dialect and origin (`origin` "" when unknown: the dialect decides).
    """

    dialect: DialectName
    data: str
    origin: str = ""


class CacheMark(Struct, frozen=True):
    """A wish to cache the prompt up to here. `ttl` is "" (the provider's default), "5m" or "1h"."""

    ttl: str = ""


class Inline(Struct, frozen=True):
    """Media carried in the request, base64 as it came."""

    mime: str
    data: str


class Link(Struct, frozen=True):
    """Media by address. We never fetch it."""

    url: str
    mime: str = ""


class FileReference(Struct, frozen=True):
    """Media uploaded earlier to the provider `dialect` speaks of."""

    dialect: DialectName
    id: str


Source = Inline | Link | FileReference
MediaKind = Literal["image", "file", "audio", "video"]


class Text(Struct, frozen=True, tag="text"):
    """Words. `sealed` binds a signature that sits on the text (Gemini)."""

    text: str
    cache: CacheMark | None = None
    sealed: Sealed | None = None


class Media(Struct, frozen=True, tag="media"):
    """A picture, document, sound or film. `detail` is OpenAI's fidelity wish, `name` a file name or title."""

    kind: MediaKind
    source: Inline | Link | FileReference
    detail: str = ""
    name: str = ""
    cache: CacheMark | None = None
    sealed: Sealed | None = None


class Thinking(Struct, frozen=True, tag="thinking"):
    """Reasoning of the model. `redacted`: no text, only the seal. Text and seal travel together or not at all."""

    text: str
    sealed: Sealed | None = None
    redacted: bool = False


class ToolCall(Struct, frozen=True, tag="tool_call"):
    """The model asks for a tool. `arguments` is JSON text as it came; with `custom` it is free text."""

    id: str
    name: str
    arguments: str = "{}"
    custom: bool = False
    cache: CacheMark | None = None
    sealed: Sealed | None = None


class Refusal(Struct, frozen=True, tag="refusal"):
    """The model declines, in words."""

    text: str


class Opaque(Struct, frozen=True, tag="opaque"):
    """An item only `dialect` can express (server tool blocks, search results, ...): its exact JSON.

    `words`: what clients of other dialects are shown of it in an answer, "" for nothing (`dialect` itself shows `raw`).
    """

    dialect: DialectName
    kind: str
    raw: bytes
    words: str = ""


class ToolResult(Struct, frozen=True, tag="tool_result"):
    """The answer to a tool call: words and media. `name` is known where the dialect tells it or a call did."""

    id: str
    content: tuple[Text | Media | Opaque, ...]
    name: str = ""
    is_error: bool = False
    custom: bool = False
    cache: CacheMark | None = None
    structured: str = ""  # the JSON object a Gemini response carried, so that it returns unchanged


Part = Text | Media | Thinking | ToolCall | ToolResult | Refusal | Opaque
Role = Literal["user", "assistant", "system", "developer"]


class Message(Struct, frozen=True):
    """One message. Tool results live in messages of role `user`. System entries in mid-conversation stay in place."""

    role: Role
    parts: tuple[Part, ...]
    name: str = ""


class FunctionTool(Struct, frozen=True, tag="function"):
    """A function the caller offers. `schema` is JSON Schema as bytes (lower-case types), b"" when none was given."""

    name: str
    description: str | None = None
    schema: bytes = b""
    strict: bool | None = None
    cache: CacheMark | None = None


class WebSearchTool(Struct, frozen=True, tag="web_search"):
    """The provider's own web search, the one hosted tool that several dialects know."""

    max_uses: int | None = None
    context_size: str = ""  # low, medium, high
    country: str = ""
    region: str = ""
    city: str = ""
    timezone: str = ""
    dialect: DialectName | None = None  # with `raw`: the exact tool of that dialect
    raw: bytes = b""


class OpaqueTool(Struct, frozen=True, tag="opaque_tool"):
    """A tool only `dialect` knows, as its exact JSON."""

    dialect: DialectName
    kind: str
    raw: bytes


Tool = FunctionTool | WebSearchTool | OpaqueTool


class ToolChoice(Struct, frozen=True):
    """Which tool must be called. `names` with mode "tool": exactly one of these; with "auto": limited to these."""

    mode: Literal["auto", "none", "required", "tool"]
    names: tuple[str, ...] = ()


class OutputFormat(Struct, frozen=True):
    """Structured output. `schema` is JSON Schema bytes for kind "schema"; `name` "" when the dialect has none."""

    kind: Literal["text", "object", "schema"]
    name: str = ""
    description: str = ""
    schema: bytes = b""
    strict: bool | None = None


class Reasoning(Struct, frozen=True):
    """How much to think and what of it to show.

    `mode`: "enabled", "adaptive" (the model decides), "disabled" or None (not said). `effort`: none, minimal, low,
    medium, high, xhigh, max. `shown`: the client wants the thoughts (Gemini includeThoughts); `summary`: Responses'
    summary kind; `display`: Anthropic's display.
    """

    mode: Literal["enabled", "adaptive", "disabled"] | None = None
    effort: str = ""
    budget_tokens: int | None = None
    shown: bool | None = None
    summary: str = ""
    display: str = ""


class Sampling(Struct, frozen=True, kw_only=True):
    """Randomness and repetition. None means the provider's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: Raw | None = None


class Turn(Struct, frozen=True, kw_only=True):
    """One request for one reply.

    `system`: instructions before the conversation, in order (an empty tuple when none). `user`: an end-user id.
    `extras`: top-level fields of `dialect` that have no place here, as their exact JSON; rendered back to that dialect
    alone, noted as dropped elsewhere.
    """

    dialect: DialectName
    model: str
    messages: tuple[Message, ...]
    system: tuple[Text, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    output: OutputFormat | None = None
    reasoning: Reasoning | None = None
    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    max_output_tokens: int | None = None
    choices: int | None = None  # how many answers; None and 1 mean one
    stream: bool = False
    user: str = ""
    metadata: Raw | None = None
    service_tier: str = ""
    store: bool | None = None
    prompt_cache_key: str = ""
    verbosity: str = ""
    modalities: tuple[str, ...] = ()
    extras: dict[str, Raw] = {}
