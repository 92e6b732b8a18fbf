"""What a conversation comes down to: the last thing the user said, showed or answered, and the tools to call for it."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from faregate.formats.turn import FunctionTool, Media, Message, Text, ToolResult, Turn

_PING = re.compile(r"(?:say\s+pong|ping)\W*", re.IGNORECASE)
_LONGEST_ECHO = 1000  # characters; an agent's prompt is not worth repeating whole
_WISH = "use the tool"
_ORDER = re.compile(r"sandbox:\s*call\s+([\w.-]+)\s*")
_JSON = json.JSONDecoder()
_PLURALS = {"image": "images", "file": "files", "audio": "audio clips", "video": "videos"}
_SINGULARS = {"image": "image", "file": "file", "audio": "audio clip", "video": "video"}


class Asked(NamedTuple):
    """The last message of the user: its last text, its media and the tool results in it."""

    text: str = ""
    media: tuple[Media, ...] = ()
    results: tuple[ToolResult, ...] = ()


def asked(messages: Sequence[Message]) -> Asked:
    """What the user asks for; nothing when there is no message of the user."""
    last = next((message for message in reversed(messages) if message.role == "user"), None)
    if last is None:
        return Asked()
    texts = [part.text for part in last.parts if isinstance(part, Text)]
    return Asked(
        texts[-1].strip() if texts else "",
        tuple(part for part in last.parts if isinstance(part, Media)),
        tuple(part for part in last.parts if isinstance(part, ToolResult)),
    )


class Use(NamedTuple):
    """A tool to call. `arguments` is the JSON text that the user dictated, or "": made from the schema."""

    tool: FunctionTool
    arguments: str = ""


def answer_to(question: Asked) -> str:
    """The words of the answer."""
    if question.results:
        return "The tool answered: " + "; ".join(map(_told, question.results))
    if _PING.fullmatch(question.text) and not question.media:
        return "pong"
    said = f"You said: {shortened(question.text)}" if question.text else ""
    saw = f"I saw {_counted(question.media)}." if question.media else ""
    return "\n".join(filter(None, (said, saw))) or "Hello from the sandbox."


def shortened(text: str) -> str:
    """The text, or its beginning when it is long."""
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"


def tools_to_call(turn: Turn, question: Asked, *, eager: bool) -> tuple[Use, ...]:
    """The calls of the answer. `eager`: one even if nobody asked for it."""
    choice = turn.tool_choice
    if question.results or (choice is not None and choice.mode == "none"):
        return ()
    offered = [tool for tool in turn.tools if isinstance(tool, FunctionTool)]
    if choice is not None and choice.names:
        offered = [tool for tool in offered if tool.name in choice.names]
    forced = choice is not None and choice.mode in ("required", "tool")
    uses = tuple(_dictated(offered, question.text)) or tuple(map(Use, _named(offered, question.text)))
    if not uses and (forced or eager or _WISH in question.text.lower()):
        uses = tuple(map(Use, offered[:1]))
    return uses[:1] if turn.parallel_tools is False else uses


def _dictated(offered: Iterable[FunctionTool], text: str) -> Iterable[Use]:
    """`sandbox: call Bash {"command": "ls"}`: real tools need arguments that no schema tells."""
    by_name = {tool.name: tool for tool in offered}
    for order in _ORDER.finditer(text):
        tool = by_name.get(order[1])
        if tool is not None:
            yield Use(tool, _object_at(text, order.end()))


def _object_at(text: str, start: int) -> str:
    """The JSON object that begins here, as it is written; "" when there is none."""
    if text[start : start + 1] != "{":
        return ""
    try:
        _, end = _JSON.raw_decode(text, start)
    except (ValueError, RecursionError):
        return ""
    return text[start:end]


def _named(offered: Iterable[FunctionTool], text: str) -> Iterable[FunctionTool]:
    for tool in offered:
        if tool.name in text and re.search(rf"(?<![\w-]){re.escape(tool.name)}(?![\w-])", text):
            yield tool


def _told(result: ToolResult) -> str:
    text = "".join(part.text for part in result.content if isinstance(part, Text)) or result.structured
    media = [part for part in result.content if isinstance(part, Media)]
    saw = f"({_counted(media)})" if media else ""
    return shortened(" ".join(filter(None, (text, saw))) or "(nothing)")


def _counted(media: Sequence[Media]) -> str:
    """`2 images and 1 file`."""
    counts = {kind: sum(1 for one in media if one.kind == kind) for kind in _PLURALS}
    told = [f"{n} {(_SINGULARS if n == 1 else _PLURALS)[kind]}" for kind, n in counts.items() if n]
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
