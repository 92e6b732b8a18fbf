"""The messages of a Turn as chat messages.

Chat wants the results of tools right behind the calls, takes words only from tools and no media from the model: media
of either follow in a user message.
"""

from collections.abc import Iterable, Sequence

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai import wants_developer
from faregate.formats.openai_chat.parts import render_part
from faregate.formats.openai_chat.thoughts import ON_TEXT, Details, details_of
from faregate.formats.openai_chat.tools import render_cache
from faregate.formats.seal import opens_for
from faregate.formats.turn import (
    FileReference,
    Media,
    Message,
    Opaque,
    Part,
    Refusal,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)

NAME = "openai_chat"
MEDIA_FOLLOWS = "The media of this result follow in the next user message."


class Conversation:
    """Renders the messages of one turn. State: names of the calls so far, media the model made that still wait."""

    def __init__(self, turn: Turn, quirks: Quirks, notes: Notes) -> None:
        self._turn = turn
        self._quirks = quirks
        self._notes = notes
        self._own = turn.dialect == NAME
        self._leader = "developer" if self._leads_as_developer() else "system"
        self._names: dict[str, str] = {}
        self._media: list[Media] = []

    def messages(self) -> list[object]:
        """System first, then the conversation."""
        out: list[object] = []
        if self._turn.system:
            out.append({"role": self._leader, "content": self._words(self._turn.system, "\n\n")})
        for message in self._turn.messages:
            match message.role:
                case "assistant":
                    out += self._assistant(message)
                case "user":
                    out += self._user(message)
                case "system" | "developer":
                    role = self._leader if message.role == "system" and not out else message.role
                    known = role == "system" or self._quirks.developer_role
                    out.append(self._plain(role if known else "system", message.parts, message.name))
        return out + self._pictures()

    def _leads_as_developer(self) -> bool:
        return not self._own and self._quirks.developer_role and wants_developer(self._turn.model)

    def _words(self, texts: Sequence[Text], joint: str) -> object:
        """Several texts stay apart in the client's own dialect; others become one text, which every host reads."""
        if len(texts) == 1 and (texts[0].cache is None or not self._own):
            self._note_cache(texts)
            return texts[0].text
        if self._own:
            return self._content(texts)
        self._note_cache(texts)
        return joint.join(text.text for text in texts)

    def _note_cache(self, parts: Iterable[Part]) -> None:
        marked = any(part.cache is not None for part in parts if isinstance(part, Text | Media | ToolCall | ToolResult))
        if marked and "cache_control" not in self._notes.lines:
            self._notes.dropped("cache_control")

    def _plain(self, role: str, parts: Sequence[Part], name: str) -> object:
        content: object = ""
        if len(parts) == 1 and isinstance(parts[0], Text):
            content = self._words((parts[0],), "")
        elif parts:
            content = self._content(parts)
        return {"role": role, "content": content} | ({"name": name} if name else {})

    def _content(self, parts: Sequence[Part]) -> object:
        if not self._own:
            self._note_cache(parts)
        return [self._part(part) for part in parts]

    def _part(self, part: Part) -> object:
        rendered = render_part(part)
        cache = part.cache if isinstance(part, Text | Media) else None
        if cache is not None and self._own and isinstance(rendered, dict):
            return rendered | render_cache(cache.ttl)  # pyright: ignore[reportUnknownVariableType]
        return rendered

    # --- the model's turns
    def _assistant(self, message: Message) -> list[object]:
        parts = message.parts
        if not self._own:
            self._note_cache(parts)
            parts = tuple(part for part in parts if not self._set_aside(part))
        thoughts = [part for part in parts if isinstance(part, Thinking) and self._may_send(part)]
        calls = [part for part in parts if isinstance(part, ToolCall)]
        content = [part for part in parts if isinstance(part, Text | Opaque | Media)]
        refusals = [part for part in parts if isinstance(part, Refusal)]
        wire: dict[str, object] = {"role": "assistant", "content": self._said(content, bool(calls or refusals))}
        if message.name:
            wire["name"] = message.name
        if refusals:
            wire["refusal"] = "".join(part.text for part in refusals)
        if spoken := "".join(map(_spoken_id, content)):
            wire["audio"] = {"id": spoken}
        if words := "".join(part.text for part in thoughts):
            wire["reasoning_content"] = words
        if details := self._details(thoughts, content, calls):
            wire["reasoning_details"] = details
        if calls:
            wire["tool_calls"] = [self._call(call) for call in calls]
        is_blank = not self._own and len(wire) == 2 and not wire["content"]
        return ([] if is_blank else [wire]) + ([] if calls else self._pictures())

    def _set_aside(self, part: Part) -> bool:
        """Media that the model made: chat takes them from users only, so they follow in a user message."""
        if isinstance(part, Media) and not _spoken_id(part):
            self._media.append(part)
            return True
        return False

    def _pictures(self) -> list[object]:
        media, self._media = self._media, []
        return [self._plain("user", (Text("Media of the answer above:"), *media), "")] if media else []

    def _said(self, content: list[Text | Opaque | Media], or_null: bool) -> object:
        kept = [part for part in content if not _spoken_id(part)]
        if not kept:
            return None if or_null else ""
        texts = [part for part in kept if isinstance(part, Text)]
        return self._words(texts, "\n") if len(texts) == len(kept) else self._content(kept)

    def _may_send(self, thought: Thinking) -> bool:
        """Unsealed words may go to any chat host; a sealed thought only to who issued it, else not at all."""
        if thought.sealed is None or opens_for(thought.sealed, NAME, self._quirks.origin):
            return True
        self._notes.dropped("thinking")
        return False

    def _details(self, thoughts: list[Thinking], content: Iterable[Part], calls: Iterable[ToolCall]) -> list[object]:
        made = Details()
        details = details_of(thoughts, made)
        placed: list[tuple[str, Sealed | None]] = [(ON_TEXT, p.sealed) for p in content if isinstance(p, Text)]
        placed += [(call.id, call.sealed) for call in calls]
        for target, sealed in placed:
            if sealed is None:
                continue
            if opens_for(sealed, NAME, self._quirks.origin):
                details += made.entries(sealed, None, 0, target)
            else:
                self._notes.dropped("signature")
        return details

    def _call(self, call: ToolCall) -> object:
        self._names[call.id] = call.name
        if call.custom:
            return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}

    # --- the user's turns
    def _user(self, message: Message) -> list[object]:
        """Tool results first (chat wants them right behind the calls), then what the user said."""
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        rest = [part for part in message.parts if not isinstance(part, ToolResult)]
        out: list[object] = [self._result(result) for result in results]
        for result in () if self._own else results:
            media = [part for part in result.content if isinstance(part, Media)]
            if media:  # a tool message takes words only
                label = Text(f"Media of the tool result {result.id}:")
                out.append(self._plain("user", (label, *media), ""))
        out += self._pictures()
        if rest or not results:
            out.append(self._plain("user", rest, message.name))
        return out

    def _result(self, result: ToolResult) -> object:
        if result.is_error:
            self._notes.dropped("tool_result.is_error")
        self._note_cache((result,))
        wire_content = self._result_content(result)
        wire: dict[str, object] = {"role": "tool", "tool_call_id": result.id, "content": wire_content}
        name = result.name or self._names.get(result.id, "")
        return wire | ({"name": name} if name else {})

    def _result_content(self, result: ToolResult) -> object:
        texts = [part for part in result.content if isinstance(part, Text)]
        if len(texts) == len(result.content):
            return self._words(texts, "\n") if texts else result.structured
        if self._own:
            return self._content(result.content)
        for part in result.content:
            if isinstance(part, Opaque):
                render_part(part)
        return self._words(texts, "\n") if texts else MEDIA_FOLLOWS


def _spoken_id(part: Part) -> str:
    """The id of sound the model made earlier, which chat names in a field of its own; "" for all else."""
    match part:
        case Media(kind="audio", source=FileReference() as source):
            return source.id
        case _:
            return ""
