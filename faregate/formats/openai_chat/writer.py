"""Events to chunks of a chat stream.

State: what every chunk repeats (id, model, created), the place of each open block, tool calls counted per choice
(0, 1, ...), and which choices have stopped. Blocks may interleave: chunks carry the index of their call.
"""

import msgspec

from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, Seal, Start, Stop, StopReason
from faregate.formats.frames import frame
from faregate.formats.openai_chat.errors import render_error
from faregate.formats.openai_chat.parts import address_of
from faregate.formats.openai_chat.thoughts import ON_TEXT, Details
from faregate.formats.openai_chat.usage import shown
from faregate.formats.turn import FileReference, Inline, Media, Opaque
from faregate.formats.usage import Usage

FINISH_REASONS: dict[StopReason, str] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "context": "length",
    "tool_calls": "tool_calls",
    "refusal": "content_filter",
    "pause": "stop",
    "other": "stop",
}
DONE = b"data: [DONE]\n\n"
_FIELDS: dict[Kind, bytes] = {"text": b"content", "thinking": b"reasoning_content", "refusal": b"refusal"}
_encode = msgspec.json.encode


class _Block:
    """An open block: its kind and choice, for a tool its number, and how many characters it has brought."""

    __slots__ = ("call_id", "choice", "custom", "field", "kind", "length", "number")

    def __init__(self, opened: Open, number: int) -> None:
        self.kind = opened.kind
        self.field = _FIELDS.get(opened.kind)
        self.choice = opened.choice
        self.call_id = opened.call_id
        self.custom = opened.custom
        self.number = number
        self.length = 0


class Writer:
    """Writes one stream. `opening` fills in what the upstream did not say."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._head = b""
        self._blocks: dict[int, _Block] = {}
        self._tools: dict[int, int] = {}
        self._seen: set[int] = set()
        self._with_text: set[int] = set()
        self._stopped: set[int] = set()
        self._details: dict[int, Details] = {}
        self._ended = False

    def write(self, event: Event) -> bytes:
        """The chunk of one event; b"" for those that chat has no chunk for."""
        match event:
            case Delta():
                return self._delta(self._blocks[event.block], event.data)
            case Open():
                return self._open(event)
            case Close():
                return self._close(self._blocks.pop(event.block))
            case Stop():
                return self._stop(event.choice, event.reason)
            case Seal():
                return self._seal(self._blocks[event.block], event)
            case Item():
                return self._item(self._blocks[event.block], event.part)
            case Start():
                return self._start(event)

    def end(self, usage: Usage) -> bytes:
        """Finish chunks still missing, the usage chunk when it is wanted, and the end mark; nothing the second time."""
        if self._ended:
            return b""
        self._ended = True
        out = self._begin(0)
        out += b"".join(self._stop(choice, "stop") for choice in sorted(self._seen - self._stopped))
        if self._opening.wants_usage:
            out += self._head[:-1] + b'],"usage":' + _encode(shown(usage)) + b"}\n\n"
        return out + DONE

    def fail(self, fault: Fault) -> bytes:
        """The error as a frame; nothing follows it."""
        self._ended = True
        return frame(render_error(fault))

    def _start(self, start: Start) -> bytes:
        opening = self._opening
        head = {
            "id": start.id or f"chatcmpl-{opening.id}",
            "object": "chat.completion.chunk",
            "created": start.created or opening.created,
            "model": start.model or opening.model,
        }
        self._head = b"data: " + _encode(head)[:-1] + b',"choices":[{'
        return self._begin(0)

    def _begin(self, choice: int) -> bytes:
        """The chunk that opens a choice, once."""
        if choice in self._seen:
            return b""
        if not self._head:
            return self._start(Start("", ""))
        self._seen.add(choice)
        return self._chunk(choice, b'{"role":"assistant","content":""}')

    def _chunk(self, choice: int, delta: bytes, finish: bytes = b"null") -> bytes:
        return b'%s"index":%d,"delta":%s,"finish_reason":%s}]}\n\n' % (self._head, choice, delta, finish)

    def _open(self, opened: Open) -> bytes:
        out = self._begin(opened.choice)
        number = 0
        if opened.kind == "tool":
            number = self._tools.get(opened.choice, 0)
            self._tools[opened.choice] = number + 1
            out += self._chunk(opened.choice, self._call(opened, number))
        self._blocks[opened.block] = _Block(opened, number)
        return out

    def _call(self, opened: Open, number: int) -> bytes:
        call_id = opened.call_id or f"call_{self._opening.id}_{opened.block}"
        call: dict[str, object] = {"index": number, "id": call_id}
        if opened.custom:
            call |= {"type": "custom", "custom": {"name": opened.name, "input": ""}}
        else:
            call |= {"type": "function", "function": {"name": opened.name, "arguments": ""}}
        return b'{"tool_calls":[%s]}' % _encode(call)

    def _delta(self, block: _Block, data: str) -> bytes:
        block.length += len(data)
        if block.kind == "tool":
            shape = b'{"tool_calls":[{"index":%d,"custom":{"input":%s}}]}' if block.custom else _ARGUMENTS
            return self._chunk(block.choice, shape % (block.number, _encode(data)))
        if block.kind == "text":
            self._with_text.add(block.choice)
        return self._chunk(block.choice, b'{"%s":%s}' % (block.field, _encode(data))) if block.field else b""

    def _close(self, block: _Block) -> bytes:
        if block.kind == "thinking" and block.length:
            self._details_of(block.choice).plain(block.length)
        if block.kind == "tool" and not block.length and not block.custom:
            return self._delta(block, "{}")  # arguments must be JSON
        return b""

    def _seal(self, block: _Block, event: Seal) -> bytes:
        target = block.call_id if block.kind == "tool" else ON_TEXT if block.kind == "text" else ""
        entries = self._details_of(block.choice).entries(event.sealed, None, block.length, target)
        if block.kind == "thinking":
            block.length = 0
        return self._chunk(block.choice, b'{"reasoning_details":%s}' % _encode(entries))

    def _details_of(self, choice: int) -> Details:
        return self._details.setdefault(choice, Details())

    def _item(self, block: _Block, part: Media | Opaque) -> bytes:
        delta = media_delta(part, after_text=block.choice in self._with_text)
        if not delta:
            return b""
        if "content" in delta:
            self._with_text.add(block.choice)
        return self._chunk(block.choice, _encode(delta))

    def _stop(self, choice: int, reason: StopReason) -> bytes:
        out = self._begin(choice)
        if choice in self._stopped:
            return out
        self._stopped.add(choice)
        return out + self._chunk(choice, b"{}", _encode(finish_reason(reason, choice in self._tools)))


_ARGUMENTS = b'{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}'


def finish_reason(reason: StopReason, has_calls: bool) -> str:
    """Chat's word for why a choice ended; with calls it never says `stop`."""
    return "tool_calls" if has_calls and reason in ("stop", "other") else FINISH_REASONS[reason]


def media_delta(part: Media | Opaque, *, after_text: bool) -> dict[str, object]:
    """Media made by the model: sound in its own field, the rest as a Markdown link in the text (as clients expect).

    Of another dialect's item its words, where it has any.
    """
    if isinstance(part, Opaque):
        return {"content": part.words} if part.words else {}
    if isinstance(part.source, FileReference):
        return {}
    if part.kind == "audio" and isinstance(part.source, Inline):
        return {"audio": {"id": "audio_0", "data": part.source.data, "transcript": "", "expires_at": 0}}
    label = "![image]" if part.kind == "image" else "[media]"
    gap = "\n" if after_text else ""
    return {"content": f"{gap}{label}({address_of(part.source)})"}
