"""Chunks of a chat stream, or the message of a whole answer, to events.

Deltas have no block lifecycle: words, thoughts and a refusal share one open block per choice, which a delta of another
kind closes; each tool call keeps a block of its own until the end, for hosts interleave parallel calls. The stop reason
is held until the end too, because some hosts send more after it.
"""

import base64
import binascii
from collections.abc import Iterable

import msgspec
from msgspec import Raw

from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, Seal, Start, Stop, StopReason
from faregate.formats.openai_chat.parts import picture
from faregate.formats.openai_chat.thoughts import ON_TEXT, read_thoughts
from faregate.formats.openai_chat.wire import (
    Answer,
    Audio,
    Call,
    ContentPiece,
    ReplyChoice,
    answer_of,
    arguments_text,
    payload,
    piece_of,
)
from faregate.formats.openai_chat.wire import Delta as WireDelta
from faregate.formats.turn import Inline, Media, Sealed

STOP_REASONS: dict[str, StopReason] = {
    "stop": "stop",
    "stop_sequence": "stop_sequence",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refusal",
}
_LEGACY_KEY = -1
_SOUND_MARKS = (("UklGR", "audio/wav"), ("SUQz", "audio/mpeg"), ("//", "audio/mpeg"), ("T2dnUw", "audio/ogg"))


_UNOPENED = -1


class _Tool:
    """A call. `block` is open from the moment its name is known; `held`: words that came before; `tail`: the newest."""

    __slots__ = ("block", "custom", "held", "id", "name", "tail")

    def __init__(self, call_id: str, custom: bool) -> None:
        self.id = call_id
        self.custom = custom
        self.block = _UNOPENED
        self.name = ""
        self.held = ""
        self.tail = ""

    def is_followed_by(self, call_id: str, name: str, words: str) -> bool:
        """True when this piece of the same index begins the next call: some hosts give every call the index 0.

        Google's chat endpoint leaves out ids as well: then another name does, or new arguments behind whole ones.
        """
        if not name or not self.name:
            return False
        if call_id:
            return call_id != self.id
        if not self.tail:
            return False
        return name != self.name or (self.tail.rstrip().endswith("}") and words.lstrip().startswith("{"))


class _ChoiceState:
    """One choice. `flow`: the open block of words, thoughts or refusal and its kind; `tools` by the host's index."""

    __slots__ = ("flow", "kind", "open_tools", "sound", "stop", "tools")

    def __init__(self) -> None:
        self.flow = -1
        self.kind: Kind | None = None
        self.tools: dict[int, _Tool] = {}
        self.open_tools: list[_Tool] = []
        self.sound: list[str] = []
        self.stop: Stop | None = None


class Reader:
    """State: blocks opened so far, and per choice its open blocks, the sound so far and the stop reason."""

    __slots__ = ("_blocks", "_choices", "_ended", "_id", "_origin", "_started")

    def __init__(self, origin: str = "") -> None:
        self._origin = origin
        self._started = False
        self._ended = False
        self._id = ""
        self._blocks = 0
        self._choices: dict[int, _ChoiceState] = {}

    def feed(self, frame: bytes) -> Iterable[Event]:
        """Events of one frame; comments, rubbish and what follows the end mark yield none."""
        data = payload(frame)
        if not data or self._ended:
            return ()
        if data == b"[DONE]":
            return self.end()
        try:
            answer = answer_of(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ()
        return self.take(answer)

    def take(self, answer: Answer) -> list[Event]:
        """Events of one decoded chunk, or of a whole answer."""
        events: list[Event] = []
        if not answer.choices:
            return events
        self._start(answer, events)
        for choice in answer.choices:
            self._choice(choice, choice.index or 0, events)
        return events

    def end(self) -> Iterable[Event]:
        """The closing of what is open, and each choice's stop."""
        events: list[Event] = []
        if self._ended or not self._started:
            return events
        self._ended = True
        for index in sorted(self._choices):
            state = self._choices[index]
            self._close_flow(state, events)
            for tool in state.open_tools:
                if tool.block == _UNOPENED:  # a call that was never named
                    self._open_tool(tool, "", index, events)
                events.append(Close(tool.block))
            if state.sound:
                self._item(Media("audio", _joined_sound(state.sound)), index, events)
            if state.stop is not None:
                events.append(state.stop)
        return events

    def _start(self, answer: Answer, events: list[Event]) -> None:
        if self._started:
            return
        self._started = True
        self._id = str(answer.id or "")
        created = int(answer.created) if isinstance(answer.created, int | float) else 0
        events.append(Start(self._id, answer.model or "", created))

    def _choice(self, choice: ReplyChoice, index: int, events: list[Event]) -> None:
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _ChoiceState()
        delta = choice.delta or choice.message
        if delta is not None:
            self._delta(delta, state, index, events)
        if choice.finish_reason and state.stop is None:
            reason = STOP_REASONS.get(choice.finish_reason, "other")
            if reason == "stop" and state.open_tools:  # some hosts say `stop` beside calls
                reason = "tool_calls"
            state.stop = Stop(reason, choice.finish_reason, choice=index)

    def _delta(self, delta: WireDelta, state: _ChoiceState, index: int, events: list[Event]) -> None:
        if delta.reasoning_content or delta.reasoning or delta.reasoning_details:
            seals = self._thoughts(delta, state, index, events)
        else:
            seals = ()
        if delta.content:
            self._content(delta.content, state, index, events)
        if delta.refusal:
            self._words("refusal", delta.refusal, state, index, events)
        for raw in delta.images or ():
            if (media := picture(raw)) is not None:
                self._close_flow(state, events)
                self._item(media, index, events)
        if delta.audio is not None:
            self._sound(delta.audio, state, index, events)
        for position, call in enumerate(delta.tool_calls or ()):
            self._call(call, position, state, index, events)
        if delta.function_call is not None:
            self._call(Call(index=_LEGACY_KEY, function=delta.function_call), 0, state, index, events)
        for target, sealed in seals:
            self._place_seal(target, sealed, state, index, events)

    def _content(self, content: str | list[Raw], state: _ChoiceState, index: int, events: list[Event]) -> None:
        """Words; as a list (Mistral) also thoughts."""
        if isinstance(content, str):
            self._words("text", content, state, index, events)
            return
        for raw in content:
            try:
                piece = piece_of(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if thought := _thought_of(piece):
                self._words("thinking", thought, state, index, events)
            if piece.text:
                self._words("text", piece.text, state, index, events)

    def _words(self, kind: Kind, words: str, state: _ChoiceState, index: int, events: list[Event]) -> None:
        if state.kind != kind:
            self._close_flow(state, events)
            state.flow, state.kind = self._open(kind, index, events), kind
        events.append(Delta(state.flow, words))

    def _thoughts(
        self, delta: WireDelta, state: _ChoiceState, index: int, events: list[Event]
    ) -> list[tuple[str, Sealed]]:
        """Thoughts of a delta. Returns the seals that sit elsewhere: on a call, or on the text."""
        plain = delta.reasoning_content or delta.reasoning or ""
        if not delta.reasoning_details:
            self._words("thinking", plain, state, index, events)
            return []
        targets = [tool.id for tool in state.open_tools]
        targets += [call.id for call in delta.tool_calls or () if call.id]
        placed: list[tuple[str, Sealed]] = []
        for thought in read_thoughts(plain, delta.reasoning_details, targets, self._origin):
            if thought.target and thought.sealed:
                placed.append((thought.target, thought.sealed))
                continue
            if thought.text:
                self._words("thinking", thought.text, state, index, events)
            if thought.sealed:
                self._seal_thought(thought.sealed, state, index, events)
        return placed

    def _seal_thought(self, sealed: Sealed, state: _ChoiceState, index: int, events: list[Event]) -> None:
        """A seal ends its thought; one without a thought is a redacted thought."""
        if state.kind != "thinking":
            self._close_flow(state, events)
            state.flow, state.kind = self._open("thinking", index, events), "thinking"
        events.append(Seal(state.flow, sealed))
        self._close_flow(state, events)

    def _place_seal(self, target: str, sealed: Sealed, state: _ChoiceState, index: int, events: list[Event]) -> None:
        tool = next((tool for tool in state.open_tools if tool.id == target), None)
        if tool is not None and tool.block != _UNOPENED:
            events.append(Seal(tool.block, sealed))
        elif target == ON_TEXT and state.kind == "text":
            events.append(Seal(state.flow, sealed))
        else:
            self._seal_thought(sealed, state, index, events)

    def _call(self, call: Call, position: int, state: _ChoiceState, index: int, events: list[Event]) -> None:
        key = position if call.index is None else call.index
        name, words = _said_by(call)
        tool = state.tools.get(key)
        if tool is None or tool.is_followed_by(call.id or "", name, words):
            call_id = call.id or f"call_{self._id}_{len(state.open_tools)}"
            tool = state.tools[key] = _Tool(call_id, call.custom is not None)
            state.open_tools.append(tool)
        if tool.block == _UNOPENED and name:
            self._close_flow(state, events)
            self._open_tool(tool, name, index, events)
        if not words:
            return
        if tool.block == _UNOPENED:
            tool.held += words
            return
        tool.tail = words
        events.append(Delta(tool.block, words))

    def _open_tool(self, tool: _Tool, name: str, index: int, events: list[Event]) -> None:
        tool.name = name
        tool.block = self._open("tool", index, events, tool.id, name, tool.custom)
        if tool.held:
            events.append(Delta(tool.block, tool.held))
            tool.tail, tool.held = tool.held, ""

    def _sound(self, audio: Audio, state: _ChoiceState, index: int, events: list[Event]) -> None:
        """What was said goes on as words; the sound itself is kept until the end."""
        if audio.transcript:
            self._words("text", audio.transcript, state, index, events)
        if audio.data:
            state.sound.append(audio.data)

    def _item(self, media: Media, index: int, events: list[Event]) -> None:
        block = self._open("item", index, events)
        events += (Item(block, media), Close(block))

    def _open(
        self, kind: Kind, index: int, events: list[Event], call_id: str = "", name: str = "", custom: bool = False
    ) -> int:
        block = self._blocks
        self._blocks += 1
        events.append(Open(block, kind, call_id, name, index, custom))
        return block

    def _close_flow(self, state: _ChoiceState, events: list[Event]) -> None:
        if state.kind is not None:
            events.append(Close(state.flow))
            state.kind = None


def _said_by(call: Call) -> tuple[str, str]:
    """Name and words of a piece of a call."""
    if call.custom is not None:
        return call.custom.name or "", call.custom.input or ""
    if call.function is None:
        return "", ""
    return call.function.name or "", arguments_text(call.function.arguments)


def _thought_of(piece: ContentPiece) -> str:
    if isinstance(piece.thinking, str):
        return piece.thinking
    return "".join(inner.text or "" for inner in piece.thinking or ())


def _joined_sound(pieces: list[str]) -> Inline:
    """The pieces as one; each was encoded by itself. The wire does not name the format: its first bytes tell."""
    try:
        data = base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode() if len(pieces) > 1 else pieces[0]
    except (binascii.Error, ValueError):
        data = "".join(pieces)
    mime = next((mime for mark, mime in _SOUND_MARKS if data.startswith(mark)), "audio/pcm")
    return Inline(mime, data)
