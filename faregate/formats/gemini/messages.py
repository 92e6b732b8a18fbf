"""Google's contents to messages.

Calls without an id get one (`call_1`, `call_2`, ... unique in the request); answers find their call by id, else by
name and order. Pieces of one thought or of one signed text, as a stream cut them, grow together again.
"""

import msgspec
from msgspec import Raw

from faregate.formats.gemini.media import read_blob, read_file
from faregate.formats.gemini.signature import read_signature
from faregate.formats.gemini.wire import (
    FIELDS,
    Content,
    FunctionCall,
    FunctionResponse,
    Part,
    RawContent,
    absent,
    compact,
    refuse,
    start_of,
)
from faregate.formats.turn import Media, Message, Opaque, Text, Thinking, ToolCall, ToolResult
from faregate.formats.turn import Part as TurnPart
from faregate.kernel.errors import BadRequest

_CONTENTS = msgspec.json.Decoder(list[Content])
_RAW_CONTENTS = msgspec.json.Decoder(list[RawContent])
_WRAPPERS = ("content", "output", "result", "error")
_NOT_CONTENT = frozenset(("thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"))


def read_contents(raw: Raw) -> tuple[Message, ...]:
    """The conversation. Raises BadRequest naming the field."""
    try:
        contents = _CONTENTS.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, "contents")
    if not contents:
        raise BadRequest("contents is required: a list with at least one content", param="contents")
    reader = _Conversation(raw, contents)
    return tuple(reader.message(index, content) for index, content in enumerate(contents))


class _Conversation:
    """State: the ids in use and given, and the calls that no answer has come for."""

    def __init__(self, raw: Raw, contents: list[Content]) -> None:
        self._raw = raw
        self._bytes: list[RawContent] | None = None
        self._taken = _given_ids(contents)
        self._made = 0
        self._open: list[tuple[str, str]] = []  # id and name

    def message(self, index: int, content: Content) -> Message:
        parts: list[TurnPart] = []
        for place, part in enumerate(content.parts or ()):
            found = self._part(part, index, place)
            if found is not None:
                _add(parts, found)
        return Message("assistant" if content.role == "model" else "user", tuple(parts))

    def _part(self, part: Part, index: int, place: int) -> TurnPart | None:
        sealed = read_signature(part.thought_signature)
        if part.function_call is not None:
            call = part.function_call
            return ToolCall(self._call_id(call), call.name or "", arguments_of(call), sealed=sealed)
        if part.function_response is not None:
            return self._result(part.function_response)
        if part.inline_data is not None:
            return read_blob(part.inline_data, sealed)
        if part.file_data is not None:
            return read_file(part.file_data, sealed)
        if part.thought:
            text = part.text or ""
            return Thinking(text, sealed, redacted=not text) if text or sealed else None
        if part.text is not None or sealed is not None:
            return Text(part.text or "", sealed=sealed)
        return self._opaque(index, place)

    def _opaque(self, index: int, place: int) -> Opaque | None:
        if self._bytes is None:
            self._bytes = _RAW_CONTENTS.decode(self._raw)
        return opaque_part((self._bytes[index].parts or [])[place])

    def _call_id(self, call: FunctionCall) -> str:
        id = call.id or self._fresh_id()
        self._open.append((id, call.name or ""))
        return id

    def _fresh_id(self) -> str:
        self._made += 1
        while f"call_{self._made}" in self._taken:
            self._made += 1
        return f"call_{self._made}"

    def _result(self, answer: FunctionResponse) -> ToolResult:
        name = answer.name or ""
        id = self._answered(answer.id, name)
        structured = "" if absent(answer.response) else compact(answer.response)
        words, is_error = _words(answer.response)
        media = tuple(_response_media(answer))
        content: tuple[Text | Media, ...] = (Text(words), *media) if structured else media
        return ToolResult(id, content, name, is_error, structured=structured)

    def _answered(self, id: str | None, name: str) -> str:
        """The id of the call that is answered: the given one, else the oldest open call of that name."""
        for place, (call_id, call_name) in enumerate(self._open):
            if call_id == id if id else call_name == name:
                del self._open[place]
                return call_id
        return id or self._fresh_id()


def arguments_of(call: FunctionCall) -> str:
    """The arguments as JSON text."""
    return "{}" if absent(call.args) else compact(call.args)


def opaque_part(raw: Raw) -> Opaque | None:
    """A part that only Google can express; None when there is nothing in it."""
    for name, value in FIELDS.decode(raw).items():
        if name not in _NOT_CONTENT and not absent(value):
            return Opaque("gemini", name, compact(raw).encode())
    return None


def _given_ids(contents: list[Content]) -> set[str]:
    return {
        part.function_call.id
        for content in contents
        for part in content.parts or ()
        if part.function_call is not None and part.function_call.id
    }


def _add(parts: list[TurnPart], part: TurnPart) -> None:
    last = parts[-1] if parts else None
    if isinstance(part, Thinking) and isinstance(last, Thinking) and last.sealed is None:
        text = last.text + part.text
        parts[-1] = Thinking(text, part.sealed, redacted=not text)
    elif isinstance(part, Text) and isinstance(last, Text) and not part.text and part.sealed and last.sealed is None:
        parts[-1] = Text(last.text, sealed=part.sealed)
    else:
        parts.append(part)


def _words(response: Raw) -> tuple[str, bool]:
    """The text of a function's answer, and whether it tells of an error. A lone text is taken out of its wrapper."""
    if absent(response):
        return "", False
    try:
        fields = FIELDS.decode(response)
    except (msgspec.MsgspecError, RecursionError) as error:
        refuse(error, "contents.parts.functionResponse.response")
    if len(fields) == 1:
        (name, value), *_ = fields.items()
        if name in _WRAPPERS and start_of(value) == b'"':
            return msgspec.json.decode(value, type=str), name == "error"
    return compact(response), "error" in fields and len(fields) == 1


def _response_media(answer: FunctionResponse) -> list[Media]:
    out: list[Media] = []
    for part in answer.parts or ():
        if part.inline_data is not None:
            out.append(read_blob(part.inline_data))
        elif part.file_data is not None:
            out.append(read_file(part.file_data))
    return out
