"""What any reply is, whoever sent it: a stream of events, or the same folded into a Reply.

Grammar of one stream: Start (Open (Delta | Seal | Item)* Close | Stop)*. Blocks are numbered from 0 in order of
opening and closed exactly once; there is one Stop for each choice, after the last Close of that choice.
"""

from typing import Literal, NamedTuple

from msgspec import Struct

from faregate.formats.turn import Media, Opaque, Refusal, Sealed, Text, Thinking, ToolCall
from faregate.formats.usage import Usage

Kind = Literal["text", "thinking", "tool", "refusal", "item"]
StopReason = Literal["stop", "stop_sequence", "length", "tool_calls", "refusal", "pause", "context", "other"]


class Start(NamedTuple):
    """The reply begins. `created` is unix seconds, 0 when the dialect does not say."""

    id: str
    model: str
    created: int = 0


class Open(NamedTuple):
    """A block begins. Tools carry their call id and name; `custom` tools take free text."""

    block: int
    kind: Kind
    call_id: str = ""
    name: str = ""
    choice: int = 0
    custom: bool = False


class Delta(NamedTuple):
    """A piece of a block: words, thoughts, or the JSON text of arguments."""

    block: int
    data: str


class Seal(NamedTuple):
    """The open block's signature or encrypted form (a `thinking` block with a seal and no text is redacted)."""

    block: int
    sealed: Sealed


class Item(NamedTuple):
    """The whole content of an `item` block: media made by the model, or something only its dialect can express."""

    block: int
    part: Media | Opaque


class Close(NamedTuple):
    """A block is complete."""

    block: int


class Stop(NamedTuple):
    """A choice is complete. `raw` is the upstream's own word for the reason, `sequence` the stop word that hit."""

    reason: StopReason
    raw: str = ""
    sequence: str = ""
    choice: int = 0


Event = Start | Open | Delta | Seal | Item | Close | Stop

ReplyPart = Text | Thinking | ToolCall | Refusal | Media | Opaque


class Choice(Struct, frozen=True):
    """One answer: its parts in order and why it ended."""

    parts: tuple[ReplyPart, ...]
    stop: StopReason
    raw_stop: str = ""
    sequence: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """A whole answer. `usage` is None when the upstream did not report any."""

    id: str
    model: str
    choices: tuple[Choice, ...]
    created: int = 0
    usage: Usage | None = None


class Glimpse(Struct, frozen=True, gc=False):
    """The little that the pipeline must know of an upstream frame; the rest stays undecoded bytes."""

    live: bool = False  # carries content: from here on the reply is committed
    final: bool = False  # carries the stop reason: what ends without it was cut off
    text: str = ""  # words, thoughts, tool names and arguments: only to estimate output when no usage ever arrives
    usage: Usage | None = None
    bare: bool = False  # usage and nothing else: droppable when the client never asked for it
    error: bytes = b""  # an error reported inside a 200 stream: the JSON to give to parse_error
    tool_calls: int = 0  # tool calls that begin in this frame (the estimate adds 7 tokens for each)
    junk: bool = False  # data that is not JSON: passed on, counted, worth no trust


BLANK = Glimpse()
