"""Requests of other dialects, as Google is asked."""

import json
from typing import Any

import pytest
from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.gemini import DIALECT
from faregate.formats.turn import (
    CacheMark,
    FileReference,
    FunctionTool,
    Inline,
    Link,
    Media,
    Message,
    Opaque,
    OpaqueTool,
    OutputFormat,
    Part,
    Reasoning,
    Refusal,
    Sampling,
    Sealed,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from faregate.kernel.errors import Unrepresentable

MARK = "context_engineering_is_the_way_to_go"
CITY = b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}'
PICTURE = Media("image", Inline("image/png", "eA=="))


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts: Part | str) -> Message:
    return Message("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def render(*messages: Message, notes: Notes | None = None, quirks: Quirks | None = None, **fields: Any) -> Any:
    turn = Turn(**{"dialect": "openai_chat", "model": "gemini-x", "messages": messages or (user("ping"),), **fields})
    return json.loads(DIALECT.render(turn, quirks or Quirks(), notes or Notes()))


def contents(*messages: Message, **fields: Any) -> Any:
    return render(*messages, **fields)["contents"]


def test_the_smallest_request_has_no_model() -> None:
    assert render() == {"contents": [{"role": "user", "parts": [{"text": "ping"}]}], "generationConfig": {}}


def test_instructions_are_one_text_with_a_line_each() -> None:
    notes = Notes()
    body = render(
        user("a"), Message("developer", (Text("later"),)), system=(Text("one"), Text("two", CacheMark())), notes=notes
    )
    assert body["systemInstruction"] == {"parts": [{"text": "one\ntwo\nlater"}]}
    assert notes.lines == ["system.cache", "the place of instructions inside the conversation"]


def test_instructions_alone_are_said_by_the_user() -> None:
    assert render(user(""), system=(Text("be"),)) == {
        "contents": [{"role": "user", "parts": [{"text": "be"}]}],
        "generationConfig": {},
    }


def test_answers_to_parallel_calls_stand_together_in_the_order_of_the_calls() -> None:
    assert contents(
        assistant("Looking.", ToolCall("a", "f", '{"x":1.10}'), ToolCall("b", "g", "")),
        user(ToolResult("b", (Text("[1]"),))),
        user(ToolResult("a", (Text('{"hour":12}'),)), "Go on."),
    ) == [
        {
            "role": "model",
            "parts": [
                {"text": "Looking."},
                {"functionCall": {"name": "f", "args": {"x": 1.10}}, "thoughtSignature": MARK},
                {"functionCall": {"name": "g", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "f", "response": {"hour": 12}}},
                {"functionResponse": {"name": "g", "response": {"result": [1]}}},
            ],
        },
        {"role": "user", "parts": [{"text": "Go on."}]},
    ]


@pytest.mark.parametrize(
    ("result", "response"),
    [
        (ToolResult("a", (Text("rain"),)), {"content": "rain"}),
        (ToolResult("a", ()), {"content": ""}),
        (ToolResult("a", (Text("[broken"),)), {"content": "[broken"}),
        (ToolResult("a", (Text("{broken"),)), {"content": "{broken"}),
        (ToolResult("a", (Text("no"),), is_error=True), {"error": "no"}),
        (ToolResult("a", (Text('{"code":1}'),), is_error=True), {"error": {"code": 1}}),
    ],
)
def test_an_answer_is_an_object(result: ToolResult, response: Any) -> None:
    assert contents(user(result))[0]["parts"] == [{"functionResponse": {"name": "a", "response": response}}]


def test_a_picture_in_an_answer_goes_inside_it_or_for_older_models_beside_it() -> None:
    shown = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}
    result = user(ToolResult("a", (PICTURE,), "shot"))
    assert contents(result, model="gemini-3-flash")[0]["parts"] == [
        {"functionResponse": {"name": "shot", "response": {"content": ""}, "parts": [shown]}}
    ]
    assert contents(result, model="gemini-2.5-flash")[0]["parts"] == [
        {"functionResponse": {"name": "shot", "response": {"content": ""}}},
        shown,
    ]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (ToolCall("a", "f", "oops"), {"arguments": "oops"}),
        (ToolCall("a", "f", "[1]"), {"arguments": "[1]"}),
        (ToolCall("a", "f", "{}", custom=True), {"arguments": "{}"}),
    ],
)
def test_arguments_that_are_no_object_go_as_text_in_one(call: ToolCall, arguments: Any) -> None:
    assert contents(assistant(call))[0]["parts"][0]["functionCall"]["args"] == arguments


def test_google_s_own_items_go_back_as_they_came() -> None:
    code = Opaque("gemini", "executableCode", b'{"executableCode":{"code":"x"}}')
    assert contents(assistant(code), dialect="gemini")[0]["parts"] == [{"executableCode": {"code": "x"}}]


def test_the_skip_mark_stands_on_the_first_call_or_text_unless_there_is_a_signature() -> None:
    assert contents(assistant(Thinking("hm"), "a", "b"))[0]["parts"] == [
        {"text": "hm", "thought": True},
        {"text": "a", "thoughtSignature": MARK},
        {"text": "b"},
    ]
    signed = ToolCall("a", "f", sealed=Sealed("gemini", "c2ln", "acc"))
    assert contents(assistant("a", signed), quirks=Quirks(origin="acc"))[0]["parts"] == [
        {"text": "a"},
        {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"},
    ]
    assert contents(assistant("a"), quirks=Quirks(thought_signature=False))[0]["parts"] == [{"text": "a"}]


def test_what_is_sealed_for_another_is_left_out_with_a_note() -> None:
    notes = Notes()
    parts = contents(
        assistant(
            Thinking("secret", Sealed("anthropic", "sig")),
            Thinking("own", Sealed("gemini", "c2ln", "other")),
            Text("a", sealed=Sealed("gemini", "c2ln", "other")),
        ),
        quirks=Quirks(origin="acc", thought_signature=False),
        notes=notes,
    )[0]["parts"]
    assert parts == [{"text": "a"}]
    assert notes.lines == ["thinking", "thinking", "thought_signature"]


def test_media_go_inline_or_by_address() -> None:
    assert contents(
        user(
            Media("image", Inline("image/jpg", "eA=="), detail="low"),
            Media("file", Inline("application/pdf", "eA=="), name="a.pdf"),
            Media("audio", Inline("audio/x-wav; rate=1", "eA==")),
            Media("image", Link("https://files.example/a.PNG")),
            Media("image", Link("https://files.example/a")),
            Media("video", Link("https://www.youtube.com/watch?v=1.mp4")),
            Media("image", FileReference("gemini", "gs://b/a image/png")),
        )
    )[0]["parts"] == [
        {"inlineData": {"mimeType": "image/jpeg", "data": "eA=="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "eA=="}},
        {"inlineData": {"mimeType": "audio/wav", "data": "eA=="}},
        {"fileData": {"mimeType": "image/png", "fileUri": "https://files.example/a.PNG"}},
        {"fileData": {"fileUri": "https://files.example/a"}},
        {"fileData": {"fileUri": "https://www.youtube.com/watch?v=1.mp4"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a"}},
    ]


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (Media("image", Inline("image/gif", "eA==")), "media of type 'image/gif'"),
        (Media("file", Inline("", "eA==")), "media of type ''"),
        (Media("file", FileReference("openai_chat", "file-1")), "a file uploaded to openai_chat"),
        (Opaque("anthropic", "server_tool_use", b"{}"), "server_tool_use of anthropic"),
        (
            ToolResult("a", (Opaque("anthropic", "tool_reference", b"{}"),)),
            "tool_reference of anthropic in a tool result",
        ),
    ],
)
def test_content_google_cannot_take_is_refused_by_name(part: Part, what: str) -> None:
    with pytest.raises(Unrepresentable) as caught:
        render(user(part))
    assert (caught.value.what, caught.value.dialect) == (what, "gemini")


def test_a_foreign_hosted_tool_is_refused_by_name() -> None:
    with pytest.raises(Unrepresentable, match="the tool 'computer_use'"):
        render(tools=(OpaqueTool("openai_responses", "computer_use", b"{}"),))


def test_refusals_are_words_and_cache_marks_and_names_are_noted() -> None:
    notes = Notes()
    turns = contents(
        Message("user", (Text("a", CacheMark()),), name="bob"),
        assistant(Refusal("No."), ToolCall("a", "f", cache=CacheMark())),
        user(ToolResult("a", (), cache=CacheMark()), Media("image", Inline("image/png", "eA=="), cache=CacheMark())),
        notes=notes,
    )
    assert turns[1]["parts"][0] == {"text": "No."}
    assert notes.lines == ["messages.name", "cache", "cache", "cache", "cache"]


def test_settings_are_written() -> None:
    notes = Notes()
    body = render(
        notes=notes,
        sampling=Sampling(
            temperature=0,
            top_p=0.9,
            top_k=40,
            seed=0,
            presence_penalty=0.1,
            frequency_penalty=0.2,
            logprobs=True,
            top_logprobs=3,
        ),
        stop=("a", "b", "c", "d", "e", "f"),
        max_output_tokens=77,
        choices=2,
        modalities=("text", "image"),
    )
    assert body["generationConfig"] == {
        "temperature": 0,
        "topP": 0.9,
        "topK": 40,
        "maxOutputTokens": 77,
        "candidateCount": 2,
        "stopSequences": ["a", "b", "c", "d", "e"],
        "seed": 0,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 3,
        "responseModalities": ["TEXT", "IMAGE"],
    }
    assert notes.lines == ["stop beyond the first 5"]


def test_zeros_that_google_refuses_are_noted() -> None:
    notes = Notes()
    body = render(notes=notes, sampling=Sampling(top_p=0, top_k=0), max_output_tokens=0, choices=1)
    assert body["generationConfig"] == {}
    assert notes.lines == ["top_p", "top_k", "max_output_tokens"]


def test_what_has_no_counterpart_is_noted() -> None:
    notes = Notes()
    body = render(
        notes=notes,
        sampling=Sampling(logit_bias=Raw(b"{}")),
        parallel_tools=False,
        user="u",
        metadata=Raw(b"{}"),
        service_tier="flex",
        store=False,
        prompt_cache_key="k",
        verbosity="low",
        extras={"x": Raw(b"1"), "extra_body": Raw(b"[]")},
        tools=(FunctionTool("f", strict=True), WebSearchTool(max_uses=2, city="Bonn")),
    )
    assert set(body) == {"contents", "generationConfig", "tools"}
    assert sorted(notes.lines) == [
        "extras.extra_body",
        "extras.x",
        "logit_bias",
        "metadata",
        "parallel_tools",
        "prompt_cache_key",
        "service_tier",
        "store",
        "tools.strict",
        "tools.web_search (beside functions)",
        "user",
        "verbosity",
    ]


def test_google_s_own_settings_in_a_chat_request_are_taken() -> None:
    extra = {
        "google": {
            "thinking_config": {"thinking_budget": 5, "thinking_level": "low"},
            "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
            "cached_content": "cachedContents/1",
        }
    }
    notes = Notes()
    body = render(extras={"extra_body": Raw(json.dumps(extra).encode())}, notes=notes)
    assert body["generationConfig"] == {
        "thinkingConfig": {"thinkingBudget": 5, "thinkingLevel": "low", "includeThoughts": True},
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
    }
    assert body["cachedContent"] == "cachedContents/1"
    assert notes.lines == []


def test_safety_settings_and_picture_models_come_from_the_quirks() -> None:
    quirks = Quirks(safety_settings=(("HARASSMENT", "OFF"), ("HATE_SPEECH", "")), gemini_image_models=("gemini-x",))
    body = render(quirks=quirks)
    assert body["safetySettings"] == [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]
    assert body["generationConfig"] == {"responseModalities": ["TEXT", "IMAGE"]}
    assert "safetySettings" not in render(quirks=quirks, dialect="gemini")


def test_functions_are_declared_with_google_s_schema() -> None:
    body = render(
        tools=(
            FunctionTool("weather", "Weather now", CITY),
            FunctionTool("clock", schema=b'{"type":"object","properties":{}}'),
            WebSearchTool(),
            FunctionTool("codeExecution"),
        ),
        tool_choice=ToolChoice("auto"),
    )
    city = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
    assert body["tools"] == [
        {"codeExecution": {}},
        {
            "functionDeclarations": [
                {"name": "weather", "description": "Weather now", "parameters": city},
                {"name": "clock"},
            ]
        },
    ]
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice("required"), {"mode": "ANY"}),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("tool", ("f",)), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice("auto", ("f",)), {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}),
    ],
)
def test_the_choice_of_tools_is_written(choice: ToolChoice, config: Any) -> None:
    body = render(tools=(FunctionTool("f"),), tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": config}
    assert "toolConfig" not in render(tool_choice=choice)


def test_only_declared_functions_are_chosen() -> None:
    tools = (FunctionTool("f"), FunctionTool("codeExecution"), WebSearchTool())
    body = render(tools=tools, tool_choice=ToolChoice("tool", ("web_search", "f", "codeExecution")))
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}}
    notes = Notes()
    assert "toolConfig" not in render(tools=tools, tool_choice=ToolChoice("tool", ("web_search",)), notes=notes)
    assert notes.lines == ["tools.web_search (beside functions)", "tool_choice (of a hosted tool)"]


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gemini-3.6-flash", "gemini-x"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_search_beside_functions_is_left_out_and_noted(model: str, place: int) -> None:
    notes = Notes()
    tools: list[Tool] = [FunctionTool("shell")]
    tools.insert(place, WebSearchTool(max_uses=2, city="Bonn"))
    body = render(dialect="openai_responses", model=model, tools=tuple(tools), notes=notes)
    assert body["tools"] == [{"functionDeclarations": [{"name": "shell"}]}]
    assert notes.lines == ["tools.web_search (beside functions)"]


def test_a_search_without_functions_stays() -> None:
    notes = Notes()
    search = WebSearchTool(max_uses=2, city="Bonn")
    assert render(tools=(search,), notes=notes)["tools"] == [{"googleSearch": {}}]
    assert notes.lines == ["tools.web_search.max_uses", "tools.web_search.city"]
    both = render(dialect="anthropic", tools=(search, FunctionTool("urlContext")))["tools"]
    assert both == [{"googleSearch": {}}, {"urlContext": {}}]


def test_what_the_client_calls_by_google_s_name_is_sent_beside_functions() -> None:
    notes = Notes()
    tools = (FunctionTool("f"), FunctionTool("googleSearch"), WebSearchTool())
    assert render(tools=tools, notes=notes)["tools"] == [
        {"googleSearch": {}},
        {"functionDeclarations": [{"name": "f"}]},
    ]
    assert notes.lines == []


def test_google_s_own_tools_stay_as_they_came() -> None:
    search = WebSearchTool(dialect="gemini", raw=b'{"googleSearch":{"x":1}}')
    body = render(dialect="gemini", tools=(search, FunctionTool("f")))
    assert body["tools"] == [{"googleSearch": {"x": 1}}, {"functionDeclarations": [{"name": "f"}]}]


def test_what_is_changed_in_schemas_is_noted_once() -> None:
    notes = Notes()
    schema = b'{"type":"object","properties":{"a":{"type":"array"},"b":{"type":"integer","enum":[1,2]}}}'
    body = render(
        tools=(FunctionTool("f", schema=schema), FunctionTool("g", schema=schema)),
        output=OutputFormat("schema", schema=b'{"type":"array"}'),
        notes=notes,
    )
    google = {
        "type": "OBJECT",
        "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING"}}, "b": {"type": "INTEGER"}},
    }
    assert [tool["parameters"] for tool in body["tools"][0]["functionDeclarations"]] == [google, google]
    assert body["generationConfig"]["responseSchema"] == {"type": "ARRAY", "items": {"type": "STRING"}}
    assert notes.lines == ["output.schema.items", "tools.schema.enum", "tools.schema.items"]


def test_google_s_own_schema_that_google_would_refuse_takes_the_second_door() -> None:
    declared = render(dialect="gemini", tools=(FunctionTool("f", schema=b'{"type":"array"}'),))["tools"][0]
    assert declared == {"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "array"}}]}


def test_a_number_of_logprobs_brings_the_flag_that_google_wants_beside_it() -> None:
    config = render(dialect="openai_responses", sampling=Sampling(top_logprobs=2))["generationConfig"]
    assert config == {"responseLogprobs": True, "logprobs": 2}
    own = render(dialect="gemini", sampling=Sampling(top_logprobs=2))["generationConfig"]
    assert own == {"logprobs": 2}


@pytest.mark.parametrize(
    ("output", "config"),
    [
        (OutputFormat("text"), {}),
        (OutputFormat("object"), {"responseMimeType": "application/json"}),
        (
            OutputFormat(
                "schema", "n", "d", b'{"type":"object","$schema":"x","properties":{"a":{"type":"string"}}}', True
            ),
            {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
            },
        ),
        (
            OutputFormat("schema", schema=b'{"type":"array","items":{"$ref":"#"}}'),
            {"responseMimeType": "application/json", "responseJsonSchema": {"type": "array", "items": {"$ref": "#"}}},
        ),
    ],
)
def test_the_form_of_the_answer_is_written(output: OutputFormat, config: Any) -> None:
    assert render(output=output)["generationConfig"] == config


@pytest.mark.parametrize(
    ("model", "wish", "config"),
    [
        ("gemini-2.5-flash", Reasoning(effort="medium"), {"thinkingBudget": 2048}),
        ("gemini-2.5-flash", Reasoning(effort="max"), {"thinkingBudget": 24576}),
        ("gemini-2.5-flash-lite", Reasoning(effort="none"), {"thinkingBudget": 512}),
        ("gemini-2.5-pro", Reasoning(effort="none"), {"thinkingBudget": 128}),
        ("gemini-2.5-flash", Reasoning("disabled", display="summarized"), {"thinkingBudget": 0}),
        ("gemini-2.5-pro", Reasoning("enabled", budget_tokens=2000), {"thinkingBudget": 2000, "includeThoughts": True}),
        (
            "gemini-2.5-pro",
            Reasoning("enabled", budget_tokens=2000, display="omitted"),
            {"thinkingBudget": 2000, "includeThoughts": False},
        ),
        ("gemini-2.5-pro", Reasoning("adaptive"), {"thinkingBudget": -1, "includeThoughts": True}),
        ("gemini-3-pro-preview", Reasoning("adaptive"), {"includeThoughts": True}),
        (
            "gemini-3-pro-preview",
            Reasoning(effort="medium", summary="auto"),
            {"thinkingLevel": "high", "includeThoughts": True},
        ),
        (
            "gemini-3.1-pro",
            Reasoning(effort="medium", summary="none"),
            {"thinkingLevel": "medium", "includeThoughts": False},
        ),
        ("gemini-3.1-pro", Reasoning(effort="minimal"), {"thinkingLevel": "low"}),
        ("gemini-3-flash", Reasoning(effort="none"), {"thinkingLevel": "minimal"}),
        ("gemini-3-flash", Reasoning(effort="xhigh"), {"thinkingLevel": "high"}),
        (
            "gemini-3-flash",
            Reasoning("enabled", budget_tokens=99999),
            {"thinkingBudget": 32768, "includeThoughts": True},
        ),
        ("gemini-flash-latest", Reasoning(effort="low"), {"thinkingBudget": 1280}),
        ("gemini-flash-latest", Reasoning(effort="low", shown=True), {"thinkingBudget": 1280, "includeThoughts": True}),
    ],
)
def test_the_wish_to_think_is_a_budget_or_a_level(model: str, wish: Reasoning, config: Any) -> None:
    assert render(model=model, reasoning=wish)["generationConfig"]["thinkingConfig"] == config


def test_a_model_that_cannot_think_is_not_asked_to() -> None:
    notes = Notes()
    assert render(model="gemini-2.0-flash", reasoning=Reasoning(effort="low"), notes=notes)["generationConfig"] == {}
    assert notes.lines == ["reasoning"]
    assert render(reasoning=Reasoning())["generationConfig"] == {}
