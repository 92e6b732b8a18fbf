"""What a conversation comes down to: the last thing the user said, showed or answered, and the tools to call for it."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from faregate.formats.turn import FunctionTool, Media, Message, Text, ToolResult, Turn

_PING = re.compile(r"(?:say\s+pong|ping)\W*", re.IGNORECASE)
_LONGEST_ECHO = 1000  # characters; an agent's prompt is not worth repeating whole
_WISH = "use the tool"
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


def tools_to_call(turn: Turn, question: Asked, *, eager: bool) -> tuple[FunctionTool, ...]:
    """The tools that the answer calls. `eager`: one even if nobody asked for it."""
    choice = turn.tool_choice
    if question.results or (choice is not None and choice.mode == "none"):
        return ()
    offered = [tool for tool in turn.tools if isinstance(tool, FunctionTool)]
    if choice is not None and choice.names:
        offered = [tool for tool in offered if tool.name in choice.names]
    forced = choice is not None and choice.mode in ("required", "tool")
    named = tuple(_named(offered, question.text))
    if not named and (forced or eager or _WISH in question.text.lower()):
        named = tuple(offered[:1])
    return named[:1] if turn.parallel_tools is False else named


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
