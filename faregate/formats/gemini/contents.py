"""Messages to Google's contents.

Google wants the answers to parallel calls in one content, in the order of the calls, apart from what follows them.
A conversation that came in Google's own form goes back as it was.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini.media import write_media
from faregate.formats.gemini.signature import SKIP_MARK, own_signature
from faregate.formats.gemini.thinking import version_of
from faregate.formats.gemini.wire import FIELDS, start_of
from faregate.formats.turn import Inline, Media, Message, Opaque, Refusal, Text, Thinking, ToolCall, ToolResult, Turn
from faregate.formats.turn import Part as TurnPart
from faregate.kernel.errors import Unrepresentable

WirePart = dict[str, object]
_MEDIA_IN_ANSWERS = (3, 0)  # older models do not read pictures inside a functionResponse


def write_contents(turn: Turn, quirks: Quirks, notes: Notes) -> list[dict[str, object]]:
    """The conversation of a turn, without its instructions. Raises Unrepresentable for content Google cannot take."""
    writer = _Conversation(turn, quirks, notes)
    messages = (message for message in turn.messages if message.role in ("user", "assistant"))
    return list(writer.own(messages) if turn.dialect == "gemini" else writer.foreign(messages))


def write_arguments(call: ToolCall) -> Raw:
    """The arguments as an object; what is none goes as text in one."""
    if not call.custom:
        if not call.arguments.strip():
            return Raw(b"{}")
        raw = Raw(call.arguments.strip().encode())
        if is_object(raw):
            return raw
    return Raw(msgspec.json.encode({"arguments": call.arguments}))


def is_object(raw: Raw) -> bool:
    """True for the text of a JSON object."""
    try:
        FIELDS.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True


class _Conversation:
    """State: the calls made so far (id to name), and the order of the newest ones."""

    def __init__(self, turn: Turn, quirks: Quirks, notes: Notes) -> None:
        self._quirks, self._notes = quirks, notes
        self._own = turn.dialect == "gemini"
        self._inner_media = (version_of(turn.model) or _MEDIA_IN_ANSWERS) >= _MEDIA_IN_ANSWERS
        self._names: dict[str, str] = {}
        self._order: dict[str, int] = {}

    def own(self, messages: Iterator[Message]) -> Iterator[dict[str, object]]:
        for message in messages:
            parts = [shown for part in message.parts for shown in self._part(part)]
            yield {"role": "model" if message.role == "assistant" else "user", "parts": parts}

    def foreign(self, messages: Iterator[Message]) -> Iterator[dict[str, object]]:
        answers: list[ToolResult] = []
        for message in messages:
            if message.name:
                self._notes.dropped("messages.name")
            results = [part for part in message.parts if isinstance(part, ToolResult)]
            others = [part for part in message.parts if not isinstance(part, ToolResult)]
            answers += results
            if not others:
                continue
            yield from self._answers(answers)
            answers = []
            parts = [shown for part in others for shown in self._part(part)]
            if message.role == "assistant":
                self._remember(others)
                self._mark(parts)
            if parts:
                yield {"role": "model" if message.role == "assistant" else "user", "parts": parts}
        yield from self._answers(answers)

    def _answers(self, results: list[ToolResult]) -> Iterator[dict[str, object]]:
        if results:
            ordered = sorted(results, key=lambda result: self._order.get(result.id, len(self._order)))
            yield {"role": "user", "parts": [shown for result in ordered for shown in self._result(result)]}

    def _remember(self, parts: Sequence[TurnPart]) -> None:
        calls = [part for part in parts if isinstance(part, ToolCall)]
        self._names.update((call.id, call.name) for call in calls)
        self._order = {call.id: place for place, call in enumerate(calls)}

    def _mark(self, parts: list[WirePart]) -> None:
        """Tell Google not to look for a signature that another model could not give: on the first call, else text."""
        if not self._quirks.thought_signature or any("thoughtSignature" in part for part in parts):
            return
        for name in ("functionCall", "text"):
            for part in parts:
                if name in part and "thought" not in part:
                    part["thoughtSignature"] = SKIP_MARK
                    return

    def _part(self, part: TurnPart) -> list[WirePart]:
        match part:
            case Text():
                self._note_cache(part)
                return self._text(part)
            case Thinking():
                return self._thinking(part)
            case ToolCall():
                self._note_cache(part)
                return [self._signed({"functionCall": self._call(part)}, part)]
            case Media():
                self._note_cache(part)
                return [self._signed(write_media(part, check=not self._own), part)]
            case Refusal(text):
                return [{"text": text}] if text else []
            case ToolResult():
                return self._result(part)
            case Opaque("gemini", _, raw):
                return [dict(FIELDS.decode(raw))]
            case Opaque(dialect, kind):
                raise Unrepresentable(f"{kind} of {dialect}", "gemini")

    def _text(self, part: Text) -> list[WirePart]:
        shown = self._signed({"text": part.text}, part)
        return [shown] if part.text or self._own or len(shown) > 1 else []

    def _thinking(self, part: Thinking) -> list[WirePart]:
        signature = own_signature(part.sealed, self._quirks.origin)
        if part.sealed is not None and not signature:
            self._notes.dropped("thinking")
            return []
        shown: WirePart = {"text": part.text, "thought": True}
        return [{**shown, "thoughtSignature": signature} if signature else shown]

    def _signed(self, shown: WirePart, part: Text | Media | ToolCall) -> WirePart:
        signature = own_signature(part.sealed, self._quirks.origin)
        if signature:
            shown["thoughtSignature"] = signature
        elif part.sealed is not None:
            self._notes.dropped("thought_signature")
        return shown

    def _call(self, call: ToolCall) -> dict[str, object]:
        shown: dict[str, object] = {"name": call.name, "args": write_arguments(call)}
        return {"id": call.id, **shown} if self._own else shown

    def _result(self, result: ToolResult) -> list[WirePart]:
        self._note_cache(result)
        if self._own:
            return [self._own_result(result)]
        media = [write_media(part, check=True) for part in result.content if isinstance(part, Media)]
        answer: dict[str, object] = {"name": result.name or self._names.get(result.id) or result.id}
        answer["response"] = _response(result)
        if not media:
            return [{"functionResponse": answer}]
        inline = all(isinstance(part.source, Inline) for part in result.content if isinstance(part, Media))
        if inline and self._inner_media:
            return [{"functionResponse": {**answer, "parts": media}}]
        return [{"functionResponse": answer}, *media]

    def _own_result(self, result: ToolResult) -> WirePart:
        answer: dict[str, object] = {"id": result.id, "name": result.name}
        words = [part for part in result.content if not isinstance(part, Media)]
        if result.structured or words:
            answer["response"] = Raw(result.structured.encode()) if result.structured else _response(result)
        media = [write_media(part, check=False) for part in result.content if isinstance(part, Media)]
        return {"functionResponse": {**answer, "parts": media} if media else answer}

    def _note_cache(self, part: Text | Media | ToolCall | ToolResult) -> None:
        if part.cache is not None:
            self._notes.dropped("cache")


def _response(result: ToolResult) -> object:
    """The answer as the object Google wants: an object as it is, a list under `result`, words under `content`."""
    text = "".join(_words(part) for part in result.content if not isinstance(part, Media))
    raw = Raw(text.strip().encode())
    value: object = text
    if start_of(raw) == b"{" and is_object(raw):
        if not result.is_error:
            return raw
        value = raw
    if result.is_error:
        return {"error": value}
    return {"result": raw} if start_of(raw) == b"[" and _is_list(raw) else {"content": text}


def _words(part: Text | Opaque) -> str:
    if isinstance(part, Text):
        return part.text
    raise Unrepresentable(f"{part.kind} of {part.dialect} in a tool result", "gemini")


def _is_list(raw: Raw) -> bool:
    try:
        msgspec.json.decode(raw, type=list[Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True
