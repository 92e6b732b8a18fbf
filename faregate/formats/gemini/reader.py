"""Google's events to the interior's.

Google's stream has no block lifecycle: text and thoughts come in pieces, calls whole. A piece of another kind closes
the open block. Some hosts repeat the finish reason in every event, so the end is told at the end.
"""

import hashlib
import re
from collections.abc import Iterable

import msgspec
from msgspec import Raw, structs

from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, Seal, Start, Stop
from faregate.formats.gemini.code import code_words
from faregate.formats.gemini.generation import MAX_CANDIDATES
from faregate.formats.gemini.media import read_blob, read_file
from faregate.formats.gemini.messages import arguments_of, opaque_part
from faregate.formats.gemini.signature import read_signature
from faregate.formats.gemini.stops import is_told, read_stop
from faregate.formats.gemini.wire import Chunk, FunctionCall, Part, RawChunk, payload
from faregate.formats.turn import Media, Opaque, Sealed

CHUNK = msgspec.json.Decoder(Chunk)
_RAW_CHUNK = msgspec.json.Decoder(RawChunk)
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_-]")
_ID_LENGTH = 24  # OpenAI takes call ids of at most 40 characters


class Reader:
    """State: the id, the number of blocks and calls so far; for each choice the open block, and the reason to stop."""

    __slots__ = ("_blocks", "_called", "_calls", "_id", "_open", "_origin", "_started", "_stops")

    def __init__(self, origin: str = "") -> None:
        self._origin = origin
        self._started = False
        self._id = ""
        self._blocks = 0
        self._calls = 0
        self._open: dict[int, tuple[int, Kind]] = {}
        self._called: set[int] = set()
        self._stops: dict[int, str] = {}

    def feed(self, frame: bytes) -> Iterable[Event]:
        """Events of one frame."""
        data = payload(frame)
        if not data:
            return ()
        try:
            chunk = CHUNK.decode(data)
        except (msgspec.MsgspecError, RecursionError):
            return ()
        return self.take(chunk, data)

    def take(self, chunk: Chunk, data: bytes) -> list[Event]:
        """Events of one decoded chunk; `data` are its bytes."""
        events: list[Event] = []
        if not self._started:
            self._started = True
            self._id = chunk.response_id or ""
            events.append(Start(self._id, ""))
        for place, candidate in enumerate(chunk.candidates or ()):
            index = candidate.index
            choice = index if index is not None and 0 <= index < MAX_CANDIDATES else place
            parts = candidate.content.parts if candidate.content is not None else None
            for number, part in enumerate(parts or ()):
                self._part(events, choice, part, (data, place, number))
            if candidate.finish_reason is not None and is_told(candidate.finish_reason):
                self._stops[choice] = candidate.finish_reason
        if chunk.prompt_feedback is not None and not chunk.candidates:
            blocked = chunk.prompt_feedback.block_reason
            if blocked is not None and is_told(blocked):
                self._stops[0] = blocked
        return events

    def end(self) -> Iterable[Event]:
        """The open blocks' Close and, for each choice whose reason came, its Stop."""
        events: list[Event] = []
        for choice in list(self._open):
            self._close(events, choice)
        for choice, raw in sorted(self._stops.items()):
            events.append(Stop(read_stop(raw, called=choice in self._called), raw, choice=choice))
        self._stops = {}
        return events

    def _part(self, events: list[Event], choice: int, part: Part, where: tuple[bytes, int, int]) -> None:
        if part.function_call is not None:
            self._call(events, choice, part.function_call, read_signature(part.thought_signature, self._origin))
        elif (part.inline_data is not None or part.file_data is not None) and not part.thought:
            self._item(events, choice, self._media(part))
        elif part.text is not None or part.thought_signature:
            sealed = read_signature(part.thought_signature, self._origin) if part.thought_signature else None
            self._text(events, choice, "thinking" if part.thought else "text", part.text or "", sealed)
        else:
            found = _opaque(*where)
            if found is not None:
                self._item(events, choice, found)

    def _text(self, events: list[Event], choice: int, kind: Kind, text: str, sealed: Sealed | None) -> None:
        if not text and sealed is None:
            return
        current = self._open.get(choice)
        if current is None or current[1] != kind:
            current = (self._begin(events, choice), kind)
            self._open[choice] = current
            events.append(Open(current[0], kind, choice=choice))
        if text:
            events.append(Delta(current[0], text))
        if sealed is not None:
            events.append(Seal(current[0], sealed))
            self._close(events, choice)

    def _call(self, events: list[Event], choice: int, call: FunctionCall, sealed: Sealed | None) -> None:
        block = self._begin(events, choice)
        self._called.add(choice)
        self._calls += 1
        arguments = arguments_of(call)
        id = call.id or self._call_id(call.name or "", arguments)
        events += (Open(block, "tool", id, call.name or "", choice), Delta(block, arguments))
        if sealed is not None:
            events.append(Seal(block, sealed))
        events.append(Close(block))

    def _item(self, events: list[Event], choice: int, item: Media | Opaque) -> None:
        block = self._begin(events, choice)
        events += (Open(block, "item", choice=choice), Item(block, item), Close(block))

    def _media(self, part: Part) -> Media | Opaque:
        sealed = read_signature(part.thought_signature, self._origin)
        if part.inline_data is not None:
            return read_blob(part.inline_data, sealed)
        assert part.file_data is not None
        return read_file(part.file_data, sealed)

    def _begin(self, events: list[Event], choice: int) -> int:
        self._close(events, choice)
        self._blocks += 1
        return self._blocks - 1

    def _close(self, events: list[Event], choice: int) -> None:
        current = self._open.pop(choice, None)
        if current is not None:
            events.append(Close(current[0]))

    def _call_id(self, name: str, arguments: str) -> str:
        """An id that differs from those of other answers in the same conversation, and is the same on every reading."""
        answer = _NOT_IN_IDS.sub("", self._id)[-_ID_LENGTH:]
        if not answer:
            answer = hashlib.sha256(f"{name}\n{arguments}".encode()).hexdigest()[:_ID_LENGTH]
        return f"call_{answer}_{self._calls}"


def _opaque(data: bytes, place: int, number: int) -> Opaque | None:
    candidate = (_RAW_CHUNK.decode(data).candidates or [])[place]
    parts: list[Raw] = (candidate.content.parts or []) if candidate.content is not None else []
    found = opaque_part(parts[number])
    return found if found is None else structs.replace(found, words=code_words(found))
