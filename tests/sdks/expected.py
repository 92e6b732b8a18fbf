"""What every client must be told, whatever dialect its upstream speaks."""

import dataclasses

from tests.sdks.scenarios import (
    ANSWER,
    PICTURE_ANSWER,
    TOOL,
    TOOL_ANSWER,
    TOOL_ARGUMENTS,
    Outcome,
    Scenario,
    Turn,
)

# How each dialect calls a natural end, and an end with a tool call.
_STOPS = {
    "openai_chat": ("stop", "tool_calls"),
    "openai_responses": ("completed", "completed"),
    "anthropic": ("end_turn", "tool_use"),
    "gemini": ("STOP", "STOP"),
}
_PROMPT = 0  # its count depends on the upstream's dialect


def expected(scenario: Scenario, dialect: str) -> tuple[Turn, ...]:
    """The turns of a scenario for a client of this dialect, as `plain` shows them."""
    stop, stop_with_call = _STOPS[dialect]
    match scenario:
        case "text":
            return (Turn(ANSWER, stop, (_PROMPT, 14)),)
        case "image":
            return (Turn(PICTURE_ANSWER, stop, (_PROMPT, 19)),)
        case "tools":
            call = Turn("", stop_with_call, (_PROMPT, 14), tool=TOOL, arguments=TOOL_ARGUMENTS)
            return (call, Turn(TOOL_ANSWER, stop, (_PROMPT, 12)))


def plain(outcome: Outcome) -> tuple[Turn, ...]:
    """The turns without what differs between streams and whole answers, and between upstreams."""
    return tuple(dataclasses.replace(turn, tokens=(_PROMPT, turn.tokens[1]), pieces=0) for turn in outcome.turns)
