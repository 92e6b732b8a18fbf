"""Messages -> the conversation this API takes: user first, something said in each, results right behind their calls.

Turns of this dialect are rendered as they stand. Others are reconciled no further than the API needs: instructions
move to `system`, neighbours of one role become one message, results come first in it; blank words are left out.
"""

from typing import Any, NamedTuple

from faregate.formats.anthropic.blocks import Block, Blocks, content_of
from faregate.formats.anthropic.wire import NAME
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import Media, Message, Text, Turn
from faregate.kernel.errors import Unrepresentable

FILLER = "..."  # an empty message, or a conversation the assistant begins, is refused
_INSTRUCTIONS = ("system", "developer")


class Conversation(NamedTuple):
    """The messages on the wire, and the instructions that had to leave them."""

    messages: list[dict[str, Any]]
    instructions: list[Text]


class _Said(NamedTuple):
    role: str
    blocks: list[Block]


def render_conversation(turn: Turn, quirks: Quirks, notes: Notes) -> Conversation:
    """The conversation. Raises Unrepresentable."""
    blocks = Blocks(quirks, notes, own=turn.dialect == NAME)
    if turn.dialect == NAME:
        said = [_said(message, blocks) for message in turn.messages]
        return Conversation([_shown(one) for one in said if one.blocks or one.role != "assistant"], [])
    instructions = _instructions(turn, blocks)
    said = [_said(message, blocks) for message in turn.messages if message.role not in _INSTRUCTIONS]
    for message in turn.messages:
        _check(message, blocks)
    messages = [_shown(one) for one in _merged(said)]
    if not messages or messages[0]["role"] != "user":
        messages.insert(0, {"role": "user", "content": [{"type": "text", "text": FILLER}]})
    return Conversation(messages, instructions)


def _instructions(turn: Turn, blocks: Blocks) -> list[Text]:
    found: list[Text] = []
    talking = False
    for message in turn.messages:
        if message.role not in _INSTRUCTIONS:
            talking = True
            continue
        found += [part for part in message.parts if isinstance(part, Text)]
        if talking:
            blocks.note("place of a system message in mid-conversation (moved to the front)")
    return found


def _check(message: Message, blocks: Blocks) -> None:
    if message.name:
        blocks.note("messages.name")
    if message.role == "assistant" and any(isinstance(part, Media) for part in message.parts):
        raise Unrepresentable("media in an assistant message", NAME)


def _said(message: Message, blocks: Blocks) -> _Said:
    found = (blocks.render(part) for part in message.parts)
    role = "system" if message.role == "developer" else message.role
    return _Said(role, [block for block in found if block is not None])


def _merged(said: list[_Said]) -> list[_Said]:
    """Neighbours of one role joined; an assistant that has nothing left to say is left out."""
    out: list[_Said] = []
    for one in said:
        if not one.blocks and one.role == "assistant":
            continue
        if out and out[-1].role == one.role:
            out[-1] = _Said(one.role, out[-1].blocks + one.blocks)
        else:
            out.append(one)
    return [_Said(one.role, sorted(one.blocks, key=_after_results)) for one in out]


def _after_results(block: Block) -> bool:
    return not (isinstance(block, dict) and block["type"] == "tool_result")


def _shown(said: _Said) -> dict[str, Any]:
    return {"role": said.role, "content": content_of(said.blocks) if said.blocks else FILLER}
