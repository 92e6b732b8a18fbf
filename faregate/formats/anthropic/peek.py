"""Reading the little of a request that the pipeline and the estimate need, cheaply."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec
from msgspec import Raw, Struct, field

from faregate.formats.anthropic.wire import Metadata, bounded, given, refusal
from faregate.formats.dialect import Envelope, Weight
from faregate.kernel.errors import BadRequest

_STRING = msgspec.json.Decoder(str)


class _Config(Struct):
    effort: str | None = None


class _Thinking(Struct):
    budget_tokens: int | None = None


class _Head(Struct):
    model: str | None = None
    messages: list[Raw] | None = None
    max_tokens: int | None = None
    stream: bool | None = None
    metadata: Metadata | None = None
    thinking: _Thinking | None = None
    output_config: _Config | None = None


_HEAD = msgspec.json.Decoder(_Head)


def peek(body: bytes) -> Envelope:
    """What the pipeline needs; `max_output_tokens` is 0 when the client gave none. Raises BadRequest."""
    try:
        head = _HEAD.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refusal(error) from error
    if not head.model:
        raise BadRequest("model is required", param="model")
    if not head.messages:
        raise BadRequest("messages is required: it must hold at least one message", param="messages")
    if head.thinking is not None:
        bounded(head.thinking.budget_tokens, "thinking.budget_tokens")
    return Envelope(
        model=head.model,
        stream=bool(head.stream),
        max_output_tokens=bounded(head.max_tokens, "max_tokens") or 0,
        affinity=(head.metadata.user_id if head.metadata else "") or "",
        effort=(head.output_config.effort if head.output_config else "") or "",
    )


def peek_count(body: bytes) -> Envelope:
    """The same for a token count, where nothing will be generated. Raises BadRequest."""
    found = peek(body)
    return Envelope(model=found.model, affinity=found.affinity)


def count_tokens_reply(tokens: int) -> bytes:
    """The answer of `POST /v1/messages/count_tokens`."""
    return b'{"input_tokens":%d}' % tokens


class _Message(Struct):
    role: str = ""
    content: Raw = field(default_factory=Raw)


class _Block(Struct):
    type: str = ""
    text: str = ""
    name: str = ""
    input: Raw = field(default_factory=Raw)
    content: Raw = field(default_factory=Raw)
    source: Raw = field(default_factory=Raw)


class _Source(Struct):
    type: str = ""
    data: str = ""
    content: Raw = field(default_factory=Raw)


class _Tool(Struct):
    name: str = ""
    description: str | None = None
    input_schema: Raw = field(default_factory=Raw)


class _Text(Struct):
    system: Raw = field(default_factory=Raw)
    messages: list[_Message] = []
    tools: list[_Tool] | None = None


_TEXT = msgspec.json.Decoder(_Text)
_RAWS = msgspec.json.Decoder(list[Raw])
_BLOCK = msgspec.json.Decoder(_Block)
_SOURCE = msgspec.json.Decoder(_Source)


class _Scale:
    """State: the pieces of text found so far, and how many media."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.images = 0
        self.files = 0

    def content(self, raw: Raw) -> None:
        """Weigh words, or a list of blocks."""
        if bytes(raw[:1]) == b'"':
            self.pieces.append(_STRING.decode(raw))
        elif given(raw):
            for block in _blocks(raw):
                self.block(block)

    def block(self, block: _Block) -> None:
        match block.type:
            case "image":
                self.images += 1
            case "document":
                self.document(block.source)
            case "tool_use" | "server_tool_use":
                self.pieces += [block.name, _shown(block.input)]
            case _:
                if block.text:
                    self.pieces.append(block.text)
                self.content(block.content)

    def document(self, raw: Raw) -> None:
        """A document of words weighs its words; any other is a file."""
        try:
            source = _SOURCE.decode(raw)
        except msgspec.MsgspecError:
            source = _Source()
        if source.type == "text":
            self.pieces.append(source.data)
        elif source.type == "content":
            self.content(source.content)
        else:
            self.files += 1


def weigh(body: bytes) -> Weight:
    """The text of a request and its media. Odd content weighs nothing; never raises."""
    try:
        found = _TEXT.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Weight("")
    scale = _Scale()
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        scale.content(found.system)
        for message in found.messages:
            scale.pieces.append(message.role)
            scale.content(message.content)
    tools = found.tools or []
    for tool in tools:
        scale.pieces += [tool.name, tool.description or "", _shown(tool.input_schema)]
    return Weight(
        "\n".join(filter(None, scale.pieces)),
        messages=len(found.messages),
        tools=len(tools),
        images=scale.images,
        files=scale.files,
    )


def _blocks(raw: Raw) -> Iterator[_Block]:
    """The blocks of a list that can be read; thoughts of earlier turns are stripped by the API and weigh nothing."""
    try:
        items = _RAWS.decode(raw)
    except msgspec.MsgspecError:
        return
    for item in items:
        try:
            yield _BLOCK.decode(item)
        except msgspec.MsgspecError:
            continue


def _shown(raw: Raw) -> str:
    return bytes(raw).decode("utf8", "replace") if given(raw) else ""
