"""Events of the house -> Anthropic's stream events."""

from typing import Any

import msgspec

from faregate.formats.anthropic.seals import is_omitted, opaque_text
from faregate.formats.anthropic.shown import carried_seal, media_words, stop_word
from faregate.formats.anthropic.stream import MESSAGE_STOP, error_frame
from faregate.formats.anthropic.usage import show
from faregate.formats.anthropic.wire import NAME
from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Close, Delta, Event, Item, Open, Seal, Start, Stop
from faregate.formats.frames import frame as sse
from faregate.formats.sequence import Sequencer
from faregate.formats.turn import Media, Opaque, Sealed
from faregate.formats.usage import Usage

_ENCODER = msgspec.json.Encoder()
_START = b'event: content_block_start\ndata: {"type":"content_block_start","index":%d,"content_block":%s}\n\n'
_STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
_DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%s","%s":%s}}\n\n'
)
_DELTA_FIELDS = {
    "text": (b"text_delta", b"text"),
    "refusal": (b"text_delta", b"text"),
    "thinking": (b"thinking_delta", b"thinking"),
    "tool": (b"input_json_delta", b"partial_json"),
}
_NO_TEXT: dict[str, Any] = {"type": "text", "text": ""}
_NO_THOUGHT: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}


class Writer:
    """State: the open block and what is held back for it, the next block's index, the stop reason until `end`.

    Blocks are strictly sequential and numbered here: a seal that a call carries becomes a block of its own behind it,
    one that words carry too, once another block follows (see shown.py). A thinking block is announced when it proves
    to be one: without words it is a redacted block.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._sequencer = Sequencer()
        self._open: Open | None = None
        self._template = (b"", b"")
        self._announced = False
        self._sealed: Sealed | None = None
        self._held_seal: Sealed | None = None  # of words just closed
        self._free_text: list[str] = []  # input of a custom tool: wrapped as a whole
        self._index = 0
        self._started = False
        self._called = False
        self._stop = Stop("stop")
        self._done = False

    def write(self, event: Event) -> bytes:
        """Bytes to send now, possibly none."""
        opened = self._open
        if type(event) is Delta and opened is not None and event.block == opened.block and self._announced:
            return _DELTA % (self._index, *self._template, _ENCODER.encode(event.data))
        return b"".join([self._take(ready) for ready in self._sequencer.take(event)])

    def end(self, usage: Usage) -> bytes:
        """message_delta with the stop reason and the final usage, and message_stop; once."""
        if self._done:
            return b""
        self._done = True
        head = self._begin("", "") + self._close()
        if not self._index:
            head += self._whole(_NO_TEXT)
        delta = {
            "stop_reason": stop_word(self._stop.reason, called=self._called),
            "stop_sequence": self._stop.sequence or None,
        }
        last = {"type": "message_delta", "delta": delta, "usage": show(usage)}
        return head + sse(_ENCODER.encode(last), "message_delta") + MESSAGE_STOP

    def fail(self, fault: Fault) -> bytes:
        """The error event; nothing follows it."""
        self._done = True
        return error_frame(fault)

    def _take(self, event: Event) -> bytes:
        match event:
            case Start(id, model):
                return self._begin(id, model)
            case Open():
                return self._begin("", "") + self._announce(event)
            case Delta(_, data):
                return self._grow(data)
            case Seal(_, sealed):
                return self._seal(sealed)
            case Item(_, part):
                return self._item(part)
            case Close():
                return self._close()
            case Stop():
                self._stop = event if event.choice == 0 else self._stop
                return b""

    def _begin(self, id: str, model: str) -> bytes:
        if self._started:
            return b""
        self._started = True
        message: dict[str, Any] = {
            "id": id or self._opening.id,
            "type": "message",
            "role": "assistant",
            "model": model or self._opening.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": show(Usage(input=self._opening.prompt_tokens)),
        }
        return sse(_ENCODER.encode({"type": "message_start", "message": message}), "message_start")

    def _announce(self, event: Open) -> bytes:
        """The start of a block, unless it must still prove what it is."""
        self._open, self._sealed, self._announced = event, None, False
        self._template = _DELTA_FIELDS.get(event.kind, (b"", b""))
        self._called = self._called or event.kind == "tool"
        if event.kind in ("thinking", "item"):
            return b""
        self._announced = not event.custom
        block: dict[str, Any] = {"type": "tool_use", "id": event.call_id, "name": event.name, "input": {}}
        return self._started_block(block if event.kind == "tool" else _NO_TEXT)

    def _grow(self, data: str) -> bytes:
        head = b""
        if self._open is None or self._open.kind == "item":
            return b""
        if self._open.custom:
            self._free_text.append(data)
            return b""
        if not self._announced:
            self._announced = True
            head = self._started_block(_NO_THOUGHT)
        return head + _DELTA % (self._index, *self._template, _ENCODER.encode(data))

    def _seal(self, sealed: Sealed) -> bytes:
        if self._open is None or self._open.kind != "thinking":
            self._sealed = sealed
            return b""
        if self._announced or is_omitted(sealed):
            head = b"" if self._announced else self._started_block(_NO_THOUGHT)
            self._announced = True
            signature = _ENCODER.encode(opaque_text(sealed))
            return head + _DELTA % (self._index, b"signature_delta", b"signature", signature)
        self._sealed = sealed
        return b""

    def _item(self, part: Media | Opaque) -> bytes:
        """A whole block. What only another dialect can say has no form here and is left out."""
        if isinstance(part, Media):
            return self._told(media_words(part))
        if part.words:
            return self._told(part.words)
        return self._whole(msgspec.Raw(part.raw)) if part.dialect == NAME else b""

    def _told(self, words: str) -> bytes:
        """A text block of these words. They come as a delta: SDKs read text from nothing else."""
        return self._announce(Open(-1, "text")) + self._grow(words) + self._close()

    def _close(self) -> bytes:
        opened, self._open = self._open, None
        if opened is None or opened.kind == "item":
            return b""
        if opened.kind == "thinking" and not self._announced:
            if self._sealed is None:
                return self._whole(_NO_THOUGHT)
            return self._whole({"type": "redacted_thinking", "data": opaque_text(self._sealed)})
        out = self._wrapped() if opened.custom else b""
        out += _STOP % self._index
        self._index += 1
        if opened.kind == "text":
            self._held_seal = self._sealed
            return out
        return out + self._carried(self._sealed)

    def _carried(self, sealed: Sealed | None) -> bytes:
        return b"".join([self._whole(block) for block in carried_seal(sealed)])

    def _behind_words(self) -> bytes:
        """The seal of the words before, now that they do not close the answer."""
        sealed, self._held_seal = self._held_seal, None
        return self._carried(sealed)

    def _wrapped(self) -> bytes:
        """The free text of a custom tool as the object that `input` must be."""
        text, self._free_text = "".join(self._free_text), []
        if not text:
            return b""
        wrapped = _ENCODER.encode(_ENCODER.encode({"arguments": text}).decode())
        return _DELTA % (self._index, b"input_json_delta", b"partial_json", wrapped)

    def _started_block(self, block: Any) -> bytes:
        head = self._behind_words()
        return head + _START % (self._index, _ENCODER.encode(block))

    def _whole(self, block: Any) -> bytes:
        """A block that begins and ends at once. Raw JSON is put on one line: a frame's data may hold no newline."""
        head = self._behind_words()
        shown = _ENCODER.encode(block)
        if b"\n" in shown or b"\r" in shown:
            shown = msgspec.json.format(shown, indent=-1)
        out = head + _START % (self._index, shown) + _STOP % self._index
        self._index += 1
        return out
