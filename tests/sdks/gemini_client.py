"""The Google Gen AI SDK. Majors 2 and 3 are called alike; they differ on the wire (`/v1beta` and `/v1`)."""

from collections.abc import Sequence
from typing import Any

from google import genai
from google.genai import types

from tests.sdks.scenarios import (
    PICTURE,
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


class GeminiClient:
    """generateContent and streamGenerateContent."""

    def __init__(self, base_url: str, key: str) -> None:
        self.sdk = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=base_url))

    def text(self, model: str, streamed: bool) -> Outcome:
        """A question in words."""
        return Outcome((self._told(model, streamed, [_content("user", types.Part(text=QUESTION))])[0],))

    def image(self, model: str, streamed: bool) -> Outcome:
        """A question with a picture."""
        picture = types.Part.from_bytes(data=PICTURE, mime_type="image/png")
        asked = _content("user", types.Part(text=PICTURE_QUESTION), picture)
        return Outcome((self._told(model, streamed, [asked])[0],))

    def tools(self, model: str, streamed: bool) -> Outcome:
        """A tool call, its result, and the final answer. The call goes back as it came, signature included."""
        contents = [_content("user", types.Part(text=WISH))]
        call, parts = self._told(model, streamed, contents, _with_tools())
        called = next(part.function_call for part in parts if part.function_call)
        result = types.FunctionResponse(id=called.id, name=called.name, response={"output": TOOL_RESULT})
        contents += [_content("model", *parts), _content("user", types.Part(function_response=result))]
        return Outcome((call, self._told(model, streamed, contents, _with_tools())[0]))

    def _told(
        self, model: str, streamed: bool, contents: list[Any], config: Any = None
    ) -> tuple[Turn, list[types.Part]]:
        if not streamed:
            found = self.sdk.models.generate_content(model=model, contents=contents, config=config)
            return _turn([found], 0), _parts([found])
        chunks = list(self.sdk.models.generate_content_stream(model=model, contents=contents, config=config))
        pieces = sum(1 for part in _parts(chunks) if part.text or part.function_call)
        return _turn(chunks, pieces), _parts(chunks)


def _with_tools() -> types.GenerateContentConfig:
    declared = types.FunctionDeclaration(name=TOOL, description=TOOL_HELP, parameters_json_schema=TOOL_SCHEMA)
    return types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])


def _content(role: str, *parts: types.Part) -> types.Content:
    return types.Content(role=role, parts=list(parts))


def _parts(chunks: Sequence[types.GenerateContentResponse]) -> list[types.Part]:
    contents = [candidate.content for chunk in chunks for candidate in chunk.candidates or []]
    return [part for content in contents if content for part in content.parts or []]


def _turn(chunks: Sequence[types.GenerateContentResponse], pieces: int) -> Turn:
    parts = _parts(chunks)
    calls = [part.function_call for part in parts if part.function_call]
    stops = [one.finish_reason for chunk in chunks for one in chunk.candidates or [] if one.finish_reason]
    usage = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata][-1]
    return Turn(
        text="".join(part.text for part in parts if part.text and not part.thought),
        stop=stops[-1].name,
        tokens=(usage.prompt_token_count or 0, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)),
        pieces=pieces,
        tool=(calls[0].name or "") if calls else "",
        arguments=calls[0].args if calls else None,
    )
