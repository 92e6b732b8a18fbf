"""The Anthropic SDK, Messages."""

from typing import Any

from anthropic import Anthropic

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

_TOOLS: list[Any] = [{"name": TOOL, "description": TOOL_HELP, "input_schema": TOOL_SCHEMA}]


class AnthropicClient:
    """Messages; streams by the SDK's own accumulator."""

    def __init__(self, base_url: str, key: str) -> None:
        self.sdk = Anthropic(base_url=base_url, api_key=key, max_retries=0)

    def text(self, model: str, streamed: bool) -> Outcome:
        """A question in words."""
        return Outcome((self._told(model, streamed, [_user(QUESTION)])[0],))

    def image(self, model: str, streamed: bool) -> Outcome:
        """A question with a picture."""
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE_BASE64}
        content = [{"type": "text", "text": PICTURE_QUESTION}, {"type": "image", "source": source}]
        return Outcome((self._told(model, streamed, [_user(content)])[0],))

    def tools(self, model: str, streamed: bool) -> Outcome:
        """A tool call, its result, and the final answer."""
        messages: list[Any] = [_user(WISH)]
        call, found = self._told(model, streamed, messages, tools=_TOOLS)
        called = next(block for block in found.content if block.type == "tool_use")
        messages.append({"role": "assistant", "content": [block.to_dict() for block in found.content]})
        messages.append(_user([{"type": "tool_result", "tool_use_id": called.id, "content": TOOL_RESULT}]))
        return Outcome((call, self._told(model, streamed, messages, tools=_TOOLS)[0]))

    def _told(self, model: str, streamed: bool, messages: list[Any], **more: Any) -> tuple[Turn, Any]:
        if not streamed:
            found = self.sdk.messages.create(model=model, messages=messages, max_tokens=200, **more)
            return _turn(found, 0), found
        with self.sdk.messages.stream(model=model, messages=messages, max_tokens=200, **more) as stream:
            pieces = sum(1 for event in stream if event.type == "content_block_delta")
            final = stream.get_final_message()
        return _turn(final, pieces), final


def _user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def _turn(found: Any, pieces: int) -> Turn:
    calls = [block for block in found.content if block.type == "tool_use"]
    return Turn(
        text="".join(block.text for block in found.content if block.type == "text"),
        stop=found.stop_reason,
        tokens=(found.usage.input_tokens, found.usage.output_tokens),
        pieces=pieces,
        tool=calls[0].name if calls else "",
        arguments=dict(calls[0].input) if calls else None,
    )
