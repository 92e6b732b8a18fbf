"""What every client is asked to do, and what comes of it, told in the same words whichever SDK did it.

Knows no SDK and nothing of the gateway: the child process with an older SDK imports it too.
"""

import base64
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Scenario = Literal["text", "tools", "image"]
Play = tuple[Scenario, bool]  # what is asked, and whether the answer is streamed
SCENARIOS: tuple[Scenario, ...] = ("text", "tools", "image")
PLAYS: tuple[Play, ...] = tuple((scenario, streamed) for scenario in SCENARIOS for streamed in (False, True))

QUESTION = "What is the weather in Oslo?"
ANSWER = "You said: What is the weather in Oslo?"
WISH = "Please call get_weather for Oslo."
TOOL = "get_weather"
TOOL_HELP = "The weather of a place for some days."
TOOL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Oslo", "Bergen"]}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOL_ARGUMENTS = {"city": "Oslo", "days": 1}
TOOL_RESULT = "4 degrees and rain"
TOOL_ANSWER = "The tool answered: 4 degrees and rain"
PICTURE_QUESTION = "What is in this picture?"
PICTURE_ANSWER = "You said: What is in this picture?\nI saw 1 image."
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PICTURE_BASE64 = base64.b64encode(PICTURE).decode()


@dataclass(frozen=True)
class Turn:
    """One answer as an SDK tells it. `stop` in the client's own word; `pieces`: deltas that grew text or arguments."""

    text: str
    stop: str
    tokens: tuple[int, int]  # prompt, completion
    pieces: int = 0
    tool: str = ""
    arguments: dict[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """The answers of one scenario, in order: one, or with tools the call and the final answer."""

    turns: tuple[Turn, ...]


class Client(Protocol):
    """An official SDK pointed at a gateway. `model` chooses the upstream dialect."""

    def text(self, model: str, streamed: bool) -> Outcome:
        """A question in words."""
        ...

    def tools(self, model: str, streamed: bool) -> Outcome:
        """A tool call, its result, and the final answer."""
        ...

    def image(self, model: str, streamed: bool) -> Outcome:
        """A question with a picture."""
        ...


def play(client: Client, scenario: Scenario, model: str, streamed: bool) -> Outcome:
    """What comes of one scenario."""
    match scenario:
        case "text":
            return client.text(model, streamed)
        case "tools":
            return client.tools(model, streamed)
        case "image":
            return client.image(model, streamed)
