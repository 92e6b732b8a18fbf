"""Reading the little of a request that the pipeline and the estimate need, cheaply."""

from contextlib import suppress
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from faregate.formats.anthropic.wire import Metadata, bounded, given, refusal
from faregate.formats.dialect import Envelope, Weight
from faregate.kernel.errors import BadRequest


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


class _Block(Struct):
    type: str | None = None
    text: str | None = None
    name: str | None = None
    input: Raw = Raw()
    content: Raw = Raw()
    source: Raw = Raw()


_Content = str | list[_Block] | None


class _Message(Struct):
    role: str = ""
    content: _Content = None


class _Source(Struct):
    type: str | None = None
    data: str | None = None
    content: Raw = Raw()


class _Tool(Struct):
    name: str | None = None
    description: str | None = None
    input_schema: Raw = Raw()


class _Text(Struct):
    system: _Content = None
    messages: list[_Message] | None = None
    tools: list[_Tool] | None = None


_TEXT = msgspec.json.Decoder(_Text)
_CONTENT = msgspec.json.Decoder(_Content)
_MESSAGE = msgspec.json.Decoder(_Message)
_TOOL = msgspec.json.Decoder(_Tool)
_SOURCE = msgspec.json.Decoder(_Source)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_RAWS = msgspec.json.Decoder(list[Raw])
_Value = TypeVar("_Value")
_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Scale:
    """State: the pieces of text found so far, and how many media."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.images = 0
        self.files = 0

    def content(self, content: _Content) -> None:
        """Weigh words, or blocks. Thoughts of earlier turns are stripped by the API and weigh nothing."""
        if isinstance(content, str):
            self.pieces.append(content)
            return
        for block in content or ():
            self.block(block)

    def block(self, block: _Block) -> None:
        match block.type:
            case "image":
                self.images += 1
            case "document":
                self.document(_read(_SOURCE, block.source) or _Source())
            case "tool_use" | "server_tool_use":
                self.pieces += [block.name or "", _shown(block.input)]
            case _:
                self.pieces.append(block.text or "")
                if given(block.content):
                    self.content(_read(_CONTENT, block.content))

    def document(self, source: _Source) -> None:
        """A document of words weighs its words; any other is a file."""
        if source.type == "text":
            self.pieces.append(source.data or "")
        elif source.type == "content":
            self.content(_read(_CONTENT, source.content))
        else:
            self.files += 1


def weigh(body: bytes) -> Weight:
    """The text of a request and its media. Odd content weighs nothing; never raises."""
    found = _read(_TEXT, body) or _piecemeal(body)
    messages, tools = found.messages or [], found.tools or []
    scale = _Scale()
    scale.content(found.system)
    for message in messages:
        scale.pieces.append(message.role)
        scale.content(message.content)
    for tool in tools:
        scale.pieces += [tool.name or "", tool.description or "", _shown(tool.input_schema)]
    return Weight(
        "\n".join(filter(None, scale.pieces)),
        messages=len(messages),
        tools=len(tools),
        images=scale.images,
        files=scale.files,
    )


def _piecemeal(body: bytes) -> _Text:
    """What can be read of a request that is odd somewhere."""
    fields = _read(_FIELDS, body) or {}
    return _Text(
        system=_read(_CONTENT, fields.get("system")),
        messages=_readable(_MESSAGE, fields.get("messages")),
        tools=_readable(_TOOL, fields.get("tools")),
    )


def _readable(decoder: msgspec.json.Decoder[_Value], raw: Raw | None) -> list[_Value]:
    found = (_read(decoder, item) for item in _read(_RAWS, raw) or ())
    return [item for item in found if item is not None]


def _read(decoder: msgspec.json.Decoder[_Value], raw: bytes | Raw | None) -> _Value | None:
    with suppress(*_ERRORS):
        return decoder.decode(raw) if raw else None
    return None


def _shown(raw: Raw) -> str:
    return bytes(raw).decode("utf8", "replace") if given(raw) else ""
