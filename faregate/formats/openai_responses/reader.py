"""A Responses stream to events.

Items are known by `output_index`, else by their id. Whatever an item says in its last form (`...done`, or in the final
response) and was never streamed is emitted then, so hosts that leave out deltas or `done` events lose nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw, Struct

from faregate.formats.events import Close, Delta, Event, Item, Kind, Open, Seal, Start, Stop
from faregate.formats.openai_responses.glimpse import FINAL, response_in
from faregate.formats.openai_responses.reasoning import BREAK, pieces_of, seal_of
from faregate.formats.openai_responses.reply import call_of, ending_of
from faregate.formats.openai_responses.wire import (
    MALFORMED,
    NO_RAW,
    OWN,
    Response,
    compact,
    decode_item,
    lenient_parts,
    payload,
    present,
    text_or_json,
    tolerantly,
)
from faregate.formats.openai_responses.wire import (
    Item as WireItem,
)
from faregate.formats.turn import Opaque, ToolCall


class _Event(Struct):
    type: str | None = None
    delta: object = None
    output_index: int | None = None
    content_index: int | None = None
    summary_index: int | None = None
    item_id: str | None = None
    item: Raw = NO_RAW
    response: Raw = NO_RAW
    name: str | None = None
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None


_decode = msgspec.json.Decoder(_Event).decode
_WORDS: dict[str, Kind] = {"response.output_text": "text", "response.refusal": "refusal"}
_THOUGHTS = {"response.reasoning_summary_text": "s", "response.reasoning_text": "c"}
_CALLS = {"response.function_call_arguments": False, "response.custom_tool_call_input": True}


@dataclass(slots=True)
class _State:
    """One output item: its open block (-1 when none), and how much of each of its texts was sent."""

    identity: str = ""
    block: int = -1
    key: tuple[str, int] = ("", 0)
    sent: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    waiting: list[str] = field(default_factory=list[str])  # arguments that came before their call was known
    thought: int = 0  # characters of a reasoning item that were sent; hosts move them between its fields
    called: bool = False
    done: bool = False
    name: str = ""
    custom: bool = False


class Reader:
    """State: the items seen, the next block number, whether a call was seen and whether the end was.

    A block of words or thoughts is closed when the next item begins to speak; calls stay open side by side.
    """

    __slots__ = ("_by_id", "_by_index", "_called", "_ended", "_next", "_origin", "_speaking", "_started")

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._by_index: dict[int, _State] = {}
        self._by_id: dict[str, _State] = {}
        self._speaking: _State | None = None
        self._next = 0
        self._called = False
        self._started = False
        self._ended = False

    def feed(self, frame: bytes) -> Iterator[Event]:
        """Events of one frame; none for what cannot be read and for what follows the end."""
        data = payload(frame)
        if not data or self._ended:
            return
        try:
            event = tolerantly(_decode, data)
        except MALFORMED:
            return
        kind = event.type or ""
        if present(event.response):
            yield from self._respond(kind, event.response)
        elif kind.startswith("response."):
            if not self._started:
                yield from self._start(Response())
            yield from self._step(kind, event)

    def end(self) -> Iterator[Event]:
        """Closes for the blocks that a stream without an end has left open."""
        yield from self._orphans()
        yield from self._close_all()

    # --- the response ------------------------------------------------------------------------------------

    def _respond(self, kind: str, raw: Raw) -> Iterator[Event]:
        response = response_in(raw)
        if not self._started:
            yield from self._start(response)
        if kind not in FINAL:
            return
        for index, one in enumerate(response.output or []):
            yield from self._complete(one, index, final=True)
        yield from self.end()
        self._ended = True
        ending = ending_of(response, self._called)
        yield Stop(ending.reason, ending.raw)

    def _start(self, response: Response) -> Iterator[Event]:
        self._started = True
        yield Start(response.id or "", response.model or "", int(response.created_at or 0))

    # --- steps -------------------------------------------------------------------------------------------

    def _step(self, kind: str, event: _Event) -> Iterator[Event]:
        topic, _, verb = kind.rpartition(".")
        if verb not in ("delta", "done", "added"):
            return
        if topic == "response.output_item":
            if present(event.item):
                yield from self._complete(event.item, event.output_index, final=verb == "done", begin=verb == "added")
            return
        state = self._find(event.output_index, event.item_id or "")
        if topic in _WORDS:
            whole = event.refusal if topic == "response.refusal" else event.text
            key = ("p", event.content_index or 0)
            yield from self._speak(state, _WORDS[topic], key, *_piece(event, verb, whole))
        elif topic in _THOUGHTS:
            mark = _THOUGHTS[topic]
            key = (mark, (event.summary_index if mark == "s" else event.content_index) or 0)
            yield from self._speak(state, "thinking", key, *_piece(event, verb, event.text))
        elif topic in _CALLS:
            state.custom, state.name = _CALLS[topic], event.name or state.name
            whole = event.input if state.custom else event.arguments
            yield from self._argue(state, *_piece(event, verb, whole))

    def _find(self, index: int | None, identity: str) -> _State:
        """The item by index, else by id; hosts exist that change an item's id from event to event."""
        if index is None and not identity:
            index = 0
        state = self._by_index.get(index) if index is not None else None
        state = state or self._by_id.get(identity) or _State(identity)
        if index is not None:
            self._by_index.setdefault(index, state)
        if identity:
            state.identity = state.identity or identity
            self._by_id.setdefault(identity, state)
        return state

    def _complete(self, raw: Raw, index: int | None, *, final: bool, begin: bool = False) -> Iterator[Event]:
        """An item as it begins or in its last form."""
        try:
            item = decode_item(raw)
        except MALFORMED:
            return
        known = self._by_id.get(item.id or "") if final and item.id else None
        state = known or self._find(index, item.id or "")
        if state.done:
            return
        if item.type in ("function_call", "custom_tool_call"):
            yield from self._call(state, item, final=final)
        elif begin:
            return
        elif item.type == "message":
            yield from self._message(state, item)
        elif item.type == "reasoning":
            yield from self._reasoning(state, item)
        elif item.type:
            yield from self._item(state, Opaque(OWN, item.type, compact(raw)))
        if final:
            state.done = True
            yield from self._close(state)

    # --- words and thoughts ------------------------------------------------------------------------------

    def _speak(self, state: _State, kind: Kind, key: tuple[str, int], text: str, whole: bool) -> Iterator[Event]:
        """Text of one piece of an item: a delta, or (`whole`) all of it, of which only the unsent tail is news."""
        before = state.sent.get(key, 0)
        if whole:
            text = text[before:]
        if not text or state.done:
            return
        gap = kind == "thinking" and state.block >= 0 and not before
        if state.block < 0 or (kind != "thinking" and key != state.key):
            yield from self._close(state)
            yield from self._open(state, kind, state.identity if kind == "thinking" else "")
        state.key = key
        state.sent[key] = before + len(text)
        text = BREAK + text if gap else text
        state.thought += len(text)
        yield Delta(state.block, text)

    def _message(self, state: _State, item: WireItem) -> Iterator[Event]:
        for index, part in enumerate(lenient_parts(item.content)):
            refused = part.type == "refusal"
            text = (part.refusal if refused else part.text) or ""
            yield from self._speak(state, "refusal" if refused else "text", ("p", index), text, True)

    def _reasoning(self, state: _State, item: WireItem) -> Iterator[Event]:
        pieces = pieces_of(item)
        tail = BREAK.join(piece for _, piece in pieces)[state.thought :]
        if tail:
            if state.block < 0:
                yield from self._open(state, "thinking", state.identity)
            yield Delta(state.block, tail)
        seal = seal_of(item, pieces, self._origin)
        if seal is not None:
            if state.block < 0:
                yield from self._open(state, "thinking", state.identity)
            yield Seal(state.block, seal)

    # --- calls and other items ---------------------------------------------------------------------------

    def _call(self, state: _State, item: WireItem, *, final: bool) -> Iterator[Event]:
        call = call_of(item)
        if not state.called and (call.name or final):
            yield from self._begin_call(state, call)
        whole = item.input or "" if call.custom else text_or_json(item.arguments)
        yield from self._argue(state, whole, True)

    def _begin_call(self, state: _State, call: ToolCall) -> Iterator[Event]:
        state.called = self._called = True
        yield from self._open(state, "tool", call.id, call.name, call.custom)
        for piece in state.waiting:
            yield Delta(state.block, piece)
        state.waiting.clear()

    def _argue(self, state: _State, text: str, whole: bool) -> Iterator[Event]:
        """Arguments of a call: passed on when the call is known, kept back until then."""
        before = state.sent.get(("a", 0), 0)
        if whole:
            text = text[before:]
        if not text or state.done:
            return
        state.sent["a", 0] = before + len(text)
        if state.called:
            yield Delta(state.block, text)
        else:
            state.waiting.append(text)

    def _orphans(self) -> Iterator[Event]:
        """Calls whose item never came: only those that at least have a name."""
        for index, state in enumerate(self._states()):
            if state.waiting and state.name:
                fallback = state.identity or f"call_output_{index}"
                yield from self._begin_call(state, ToolCall(fallback, state.name, custom=state.custom))

    def _item(self, state: _State, part: Opaque) -> Iterator[Event]:
        yield from self._open(state, "item")
        yield Item(state.block, part)

    # --- blocks ------------------------------------------------------------------------------------------

    def _open(
        self, state: _State, kind: Kind, identity: str = "", name: str = "", custom: bool = False
    ) -> Iterator[Event]:
        speaking = self._speaking
        if speaking is not None and speaking is not state:
            yield from self._close(speaking)
        self._speaking = state if kind != "tool" else None
        state.block, self._next = self._next, self._next + 1
        yield Open(state.block, kind, identity, name, custom=custom)

    def _close(self, state: _State) -> Iterator[Event]:
        if state.block >= 0:
            yield Close(state.block)
            state.block = -1

    def _close_all(self) -> Iterator[Event]:
        for state in sorted(self._states(), key=lambda one: one.block):
            yield from self._close(state)

    def _states(self) -> list[_State]:
        return list({id(state): state for state in (*self._by_index.values(), *self._by_id.values())}.values())


def _piece(event: _Event, verb: str, whole: str | None) -> tuple[str, bool]:
    """The text of a step and whether it is all of it."""
    if verb == "done":
        return whole or "", True
    return (event.delta if isinstance(event.delta, str) else ""), False
