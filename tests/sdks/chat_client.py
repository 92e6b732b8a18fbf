"""The OpenAI SDK, chat completions."""

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
    {
        "type": "function",
        "function": {"name": TOOL, "description": TOOL_HELP, "parameters": TOOL_SCHEMA, "strict": True},
    }
]


class ChatClient:
    """Chat completions; streams by the SDK's own accumulator."""

    def __init__(self, base_url: str, key: str) -> None:
        self.sdk = OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0)

    def text(self, model: str, streamed: bool) -> Outcome:
        """A question in words."""
        return Outcome((self._told(model, streamed, [_user(QUESTION)])[0],))

    def image(self, model: str, streamed: bool) -> Outcome:
        """A question with a picture."""
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE_BASE64}"}}
        content = [{"type": "text", "text": PICTURE_QUESTION}, picture]
        return Outcome((self._told(model, streamed, [_user(content)])[0],))

    def tools(self, model: str, streamed: bool) -> Outcome:
        """A tool call, its result, and the final answer."""
        messages: list[Any] = [_user(WISH)]
        call, message = self._told(model, streamed, messages, tools=_TOOLS)
        messages.append({"role": "assistant", "tool_calls": [one.to_dict() for one in message.tool_calls]})
        messages.append({"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": TOOL_RESULT})
        return Outcome((call, self._told(model, streamed, messages, tools=_TOOLS)[0]))

    def _told(self, model: str, streamed: bool, messages: list[Any], **more: Any) -> tuple[Turn, Any]:
        if streamed:
            return self._streamed(model, messages, more)
        found = self.sdk.chat.completions.create(model=model, messages=messages, **more)
        return _turn(found, 0), found.choices[0].message

    def _streamed(self, model: str, messages: list[Any], more: dict[str, Any]) -> tuple[Turn, Any]:
        completions, options = self.sdk.chat.completions, {"include_usage": True}
        with completions.stream(model=model, messages=messages, stream_options=options, **more) as stream:
            kinds = [event.type for event in stream]
            found = stream.get_final_completion()
        pieces = kinds.count("content.delta") + kinds.count("tool_calls.function.arguments.delta")
        return _turn(found, pieces), found.choices[0].message


def _user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def _turn(found: Any, pieces: int) -> Turn:
    choice = found.choices[0]
    calls = choice.message.tool_calls or []
    return Turn(
        text=choice.message.content or "",
        stop=choice.finish_reason,
        tokens=(found.usage.prompt_tokens, found.usage.completion_tokens),
        pieces=pieces,
        tool=calls[0].function.name if calls else "",
        arguments=json.loads(calls[0].function.arguments) if calls else None,
    )
