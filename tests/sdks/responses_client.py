"""The OpenAI SDK, Responses."""

import json
from typing import Any

from openai import OpenAI

from tests.sdks.scenarios import (
    PICTURE_BASE64,
    PICTURE_QUESTION,
    QUESTION,
    TOOL,
    TOOL_HELP,
    TOOL_RESULT,
    TOOL_SCHEMA,
    WISH,
    Outcome,
    Turn,
)

_TOOLS: list[Any] = [
    {"type": "function", "name": TOOL, "description": TOOL_HELP, "parameters": TOOL_SCHEMA, "strict": True}
]
_GROWING = ("response.output_text.delta", "response.function_call_arguments.delta")


class ResponsesClient:
    """Responses without server state; streams by the SDK's own accumulator."""

    def __init__(self, base_url: str, key: str) -> None:
        self.sdk = OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0)

    def text(self, model: str, streamed: bool) -> Outcome:
        """A question in words."""
        return Outcome((self._told(model, streamed, QUESTION)[0],))

    def image(self, model: str, streamed: bool) -> Outcome:
        """A question with a picture."""
        content = [
            {"type": "input_text", "text": PICTURE_QUESTION},
            {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE_BASE64}", "detail": "auto"},
        ]
        return Outcome((self._told(model, streamed, [{"role": "user", "content": content}])[0],))

    def tools(self, model: str, streamed: bool) -> Outcome:
        """A tool call, its result, and the final answer."""
        items: list[Any] = [{"role": "user", "content": WISH}]
        call, found = self._told(model, streamed, items, tools=_TOOLS)
        items += found.output
        called = next(item for item in found.output if item.type == "function_call")
        items.append({"type": "function_call_output", "call_id": called.call_id, "output": TOOL_RESULT})
        return Outcome((call, self._told(model, streamed, items, tools=_TOOLS)[0]))

    def _told(self, model: str, streamed: bool, items: Any, **more: Any) -> tuple[Turn, Any]:
        if not streamed:
            found = self.sdk.responses.create(model=model, input=items, store=False, **more)
            return _turn(found, 0), found
        with self.sdk.responses.stream(model=model, input=items, store=False, **more) as stream:
            pieces = sum(1 for event in stream if event.type in _GROWING)
            final = stream.get_final_response()
        return _turn(final, pieces), final


def _turn(found: Any, pieces: int) -> Turn:
    calls = [item for item in found.output if item.type == "function_call"]
    return Turn(
        text=found.output_text,
        stop=found.status,
        tokens=(found.usage.input_tokens, found.usage.output_tokens),
        pieces=pieces,
        tool=calls[0].name if calls else "",
        arguments=json.loads(calls[0].arguments) if calls else None,
    )
