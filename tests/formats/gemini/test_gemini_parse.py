"""Requests as Gemini clients write them."""

import json
from typing import Any

import pytest
from msgspec import Raw

from faregate.formats.gemini import DIALECT
from faregate.formats.turn import (
    FileReference,
    FunctionTool,
    Inline,
    Link,
    Media,
    Message,
    Opaque,
    OpaqueTool,
    OutputFormat,
    Reasoning,
    Sealed,
    Text,
    Thinking,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    WebSearchTool,
)
from faregate.kernel.errors import BadRequest


def parse(**fields: Any) -> Turn:
    fields.setdefault("contents", [{"role": "user", "parts": [{"text": "ping"}]}])
    return DIALECT.parse(json.dumps(fields).encode())


def parts(*given: dict[str, Any], role: str = "user") -> tuple[Any, ...]:
    return parse(contents=[{"role": role, "parts": list(given)}]).messages[0].parts


def test_roles_are_user_and_assistant() -> None:
    turn = parse(
        contents=[{"parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}, {"role": "function"}]
    )
    assert turn.messages == (
        Message("user", (Text("a"),)),
        Message("assistant", (Text("b"),)),
        Message("user", ()),
    )


def test_snake_case_says_the_same() -> None:
    snake = parse(
        system_instruction={"parts": [{"text": "brief"}]},
        contents=[{"parts": [{"inline_data": {"mime_type": "image/png", "data": "eA=="}}]}],
        generation_config={"max_output_tokens": 5, "top_p": 0.2, "thinking_config": {"thinking_budget": 9}},
        tool_config={"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}},
        tools=[{"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]}],
    )
    camel = parse(
        systemInstruction={"parts": [{"text": "brief"}]},
        contents=[{"parts": [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}]}],
        generationConfig={"maxOutputTokens": 5, "topP": 0.2, "thinkingConfig": {"thinkingBudget": 9}},
        toolConfig={"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        tools=[{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]}],
    )
    snake_schema = snake.tools[0]
    assert isinstance(snake_schema, FunctionTool)
    assert json.loads(snake_schema.schema) == {"type": "object"}
    assert snake == camel


def test_a_lone_object_is_a_list_of_one() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}
    answer = {"functionResponse": {"name": "f", "response": {"parts": {"a": 1}}, "parts": blob}}
    listed = {"functionResponse": {"name": "f", "response": {"parts": {"a": 1}}, "parts": [blob]}}
    assert parse(
        systemInstruction={"parts": {"text": "brief"}},
        contents={"parts": answer},
        tools={"functionDeclarations": {"name": "f", "parameters": {"type": "OBJECT"}}},
    ) == parse(
        systemInstruction={"parts": [{"text": "brief"}]},
        contents=[{"parts": [listed]}],
        tools=[{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}],
    )


@pytest.mark.parametrize(
    "body",
    [
        {"contents": {"parts": {"text": "x"}}},
        {"contents": {"role": "user", "parts": [{"text": "x"}]}},
        {"contents": [{"parts": {"text": "x"}}]},
    ],
)
def test_what_public_scripts_send_is_read(body: Any) -> None:
    more = {"system_instruction": {"parts": {"text": "be"}}, "tools": {"function_declarations": [{"name": "f"}]}}
    for given in (body, {**body, **more}):
        turn = DIALECT.parse(json.dumps(given, indent=2).encode())
        assert turn.messages == (Message("user", (Text("x"),)),)
    assert (turn.system, turn.tools) == ((Text("be"),), (FunctionTool("f"),))


def test_words_that_look_like_a_lone_object_are_left_alone() -> None:
    call = {"functionCall": {"name": "f", "args": {"parts": {"contents": {}}}}}
    assert parts({"text": '"parts": {'}, call) == (
        Text('"parts": {'),
        ToolCall("call_1", "f", '{"parts":{"contents":{}}}'),
    )


def test_arguments_and_answers_keep_their_snake_case() -> None:
    call, result = parse(
        contents=[
            {"role": "model", "parts": [{"function_call": {"name": "f", "args": {"a_b": {"c_d": 1}}}}]},
            {"role": "user", "parts": [{"function_response": {"name": "f", "response": {"e_f": 2}}}]},
        ]
    ).messages
    assert call.parts == (ToolCall("call_1", "f", '{"a_b":{"c_d":1}}'),)
    assert result.parts == (ToolResult("call_1", (Text('{"e_f":2}'),), "f", structured='{"e_f":2}'),)


def test_media_are_sorted_by_type_and_place() -> None:
    assert parts(
        {"inlineData": {"mimeType": "image/png", "data": "_-8="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "eA==", "displayName": "a.pdf"}},
        {"fileData": {"mimeType": "audio/mp3", "fileUri": "https://files.example/a"}},
        {"fileData": {"fileUri": "https://youtu.be/1"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/a.png"}},
        {"fileData": {"fileUri": "https://files.example/b.jpg?x=1"}},
    ) == (
        Media("image", Inline("image/png", "/+8=")),
        Media("file", Inline("application/pdf", "eA=="), name="a.pdf"),
        Media("audio", Link("https://files.example/a", "audio/mp3")),
        Media("video", Link("https://youtu.be/1")),
        Media("image", FileReference("gemini", "gs://bucket/a.png image/png")),
        Media("image", Link("https://files.example/b.jpg?x=1")),
    )


def test_what_only_google_says_stays_whole() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "x"}}
    assert parts(code) == (Opaque("gemini", "executableCode", json.dumps(code, separators=(",", ":")).encode()),)


def test_snake_case_in_what_only_google_says_is_renamed_on_top() -> None:
    (part,) = parts({"executable_code": {"code": "a_b"}}, {"video_metadata": None, "text": None})
    assert part == Opaque("gemini", "executableCode", b'{"executableCode":{"code":"a_b"}}')


def test_an_address_that_is_none_is_a_file() -> None:
    assert parts({"fileData": {"fileUri": "http://[broken"}}) == (Media("file", Link("http://[broken")),)


def test_an_unknown_part_is_kept_and_an_empty_one_is_not() -> None:
    assert parts({"toolCall": {"id": "1"}}, {}, {"text": None}) == (
        Opaque("gemini", "toolCall", b'{"toolCall":{"id":"1"}}'),
    )


def test_every_call_has_its_own_id_and_answers_find_it_by_name_and_order() -> None:
    def call(name: str, **more: str) -> dict[str, Any]:
        return {"functionCall": {"name": name, "args": {}, **more}}

    def answer(name: str, **more: str) -> dict[str, Any]:
        return {"functionResponse": {"name": name, "response": {}, **more}}

    turn = parse(
        contents=[
            {"role": "model", "parts": [call("f"), call("g"), call("f"), call("h", id="call_2")]},
            {"role": "user", "parts": [answer("g"), answer("f"), answer("f"), answer("h", id="call_2")]},
            {"role": "model", "parts": [call("f")]},
            {"role": "user", "parts": [answer("f"), answer("unasked")]},
        ]
    )
    ids = [[part.id for part in message.parts if isinstance(part, ToolCall | ToolResult)] for message in turn.messages]
    assert ids == [
        ["call_1", "call_3", "call_4", "call_2"],
        ["call_3", "call_1", "call_4", "call_2"],
        ["call_5"],
        ["call_5", "call_6"],
    ]


@pytest.mark.parametrize(
    ("response", "text", "is_error"),
    [
        ({"content": "rain"}, "rain", False),
        ({"output": "rain"}, "rain", False),
        ({"result": "rain"}, "rain", False),
        ({"error": "no"}, "no", True),
        ({"error": {"code": 1}}, '{"error":{"code":1}}', True),
        ({"result": [1]}, '{"result":[1]}', False),
        ({"content": "a", "more": 1}, '{"content":"a","more":1}', False),
    ],
)
def test_a_lone_text_in_an_answer_is_taken_out_of_its_wrapper(
    response: dict[str, Any], text: str, is_error: bool
) -> None:
    (result,) = parts({"functionResponse": {"name": "f", "response": response}})
    assert isinstance(result, ToolResult)
    assert (result.content, result.is_error) == ((Text(text),), is_error)
    assert json.loads(result.structured) == response


def test_a_picture_in_an_answer_is_part_of_it() -> None:
    (result,) = parts(
        {"functionResponse": {"name": "f", "parts": [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}]}}
    )
    assert isinstance(result, ToolResult)
    assert result.content == (Media("image", Inline("image/png", "eA==")),)
    (linked,) = parts({"functionResponse": {"parts": [{"fileData": {"fileUri": "https://files.example/a.png"}}, {}]}})
    assert isinstance(linked, ToolResult)
    assert linked.content == (Media("image", Link("https://files.example/a.png")),)


def test_pieces_of_a_thought_grow_together_up_to_its_signature() -> None:
    assert parts(
        {"text": "thi", "thought": True},
        {"text": "nk", "thought": True},
        {"text": "", "thought": True, "thoughtSignature": "c2ln"},
        {"text": "more", "thought": True},
        {"text": "Hel"},
        {"text": "lo"},
        {"text": "", "thoughtSignature": "c2lnMg=="},
        role="model",
    ) == (
        Thinking("think", Sealed("gemini", "c2ln")),
        Thinking("more"),
        Text("Hel"),
        Text("lo", sealed=Sealed("gemini", "c2lnMg==")),
    )


@pytest.mark.parametrize(
    "padded", ["ZmcxLmFudGhyb3BpYy5hY2MuPz4_fg==", "ZmcxLmFudGhyb3BpYy5hY2MuPz4/fg", "ZmcxLmFudGhyb3BpYy5hY2MuPz4/fg=="]
)
def test_another_dialect_s_signature_comes_out_of_its_envelope(padded: str) -> None:
    (thought,) = parts({"text": "hm", "thought": True, "thoughtSignature": padded}, role="model")
    assert thought == Thinking("hm", Sealed("anthropic", "?>?~", "acc"))


def test_a_broken_envelope_is_google_s_own_signature() -> None:
    (text,) = parts({"text": "a", "thoughtSignature": "ZmcxL!"}, role="model")
    assert text == Text("a", sealed=Sealed("gemini", "ZmcxL!"))


@pytest.mark.parametrize(
    ("config", "reasoning"),
    [
        ({"thinkingBudget": 0}, Reasoning("disabled")),
        ({"thinkingBudget": -1, "includeThoughts": True}, Reasoning("adaptive", shown=True)),
        ({"thinkingBudget": 2000}, Reasoning("enabled", budget_tokens=2000)),
        ({"thinkingLevel": "HIGH"}, Reasoning(effort="high")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
    ],
)
def test_thinking_is_read(config: dict[str, Any], reasoning: Reasoning) -> None:
    assert parse(generationConfig={"thinkingConfig": config}).reasoning == reasoning


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"responseMimeType": "text/plain"}, OutputFormat("text")),
        ({"responseMimeType": "application/json"}, OutputFormat("object")),
        ({"responseSchema": {"type": "STRING"}}, OutputFormat("schema", schema=b'{"type":"string"}')),
        ({"responseJsonSchema": {"type": "string"}}, OutputFormat("schema", schema=b'{"type": "string"}')),
    ],
)
def test_the_form_of_the_answer_is_read(config: dict[str, Any], output: OutputFormat) -> None:
    assert parse(generationConfig=config).output == output


def test_a_media_type_that_says_more_is_kept_beside_the_schema() -> None:
    turn = parse(generationConfig={"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}})
    assert turn.output == OutputFormat("schema", schema=b'{"type":"string"}')
    assert turn.extras == {"generationConfig.responseMimeType": Raw(b'"text/x.enum"')}


def test_tools_are_read_in_order() -> None:
    turn = parse(
        tools=[
            {"googleSearch": {"x": 1}, "codeExecution": None},
            {"functionDeclarations": [{"name": "f", "description": "d"}, {"name": "g"}], "urlContext": {}},
        ]
    )
    assert turn.tools == (
        WebSearchTool(dialect="gemini", raw=b'{"googleSearch":{"x": 1}}'),
        FunctionTool("f", "d"),
        FunctionTool("g"),
        OpaqueTool("gemini", "urlContext", b'{"urlContext":{}}'),
    )


@pytest.mark.parametrize(
    ("config", "choice", "extras"),
    [
        ({"mode": "AUTO"}, ToolChoice("auto"), []),
        ({"mode": "ANY"}, ToolChoice("required"), []),
        ({"mode": "ANY", "allowedFunctionNames": ["f", "g"]}, ToolChoice("tool", ("f", "g")), []),
        ({"mode": "NONE"}, ToolChoice("none"), []),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, ToolChoice("auto", ("f",)), []),
        ({"mode": "VALIDATED"}, ToolChoice("auto"), ["toolConfig.functionCallingConfig"]),
        ({"mode": "MODE_UNSPECIFIED"}, None, ["toolConfig.functionCallingConfig"]),
    ],
)
def test_the_choice_of_tools_is_read(config: dict[str, Any], choice: ToolChoice | None, extras: list[str]) -> None:
    turn = parse(toolConfig={"functionCallingConfig": config})
    assert turn.tool_choice == choice
    assert list(turn.extras) == extras


def test_fields_without_a_place_are_extras() -> None:
    turn = parse(
        generationConfig={"speechConfig": {}, "topK": 3.0},
        toolConfig={"retrievalConfig": {}},
        labels={"a": "b"},
        x_unknown=1,
    )
    assert turn.sampling.top_k == 3
    assert turn.extras == {
        "labels": Raw(b'{"a": "b"}'),
        "x_unknown": Raw(b"1"),
        "generationConfig.speechConfig": Raw(b"{}"),
        "toolConfig.retrievalConfig": Raw(b"{}"),
    }


def test_instructions_are_read_part_by_part_or_as_one_text() -> None:
    assert parse(systemInstruction={"parts": [{"text": "a"}, {"text": "b"}]}).system == (Text("a"), Text("b"))
    assert parse(systemInstruction="a").system == (Text("a"),)
    odd = parse(systemInstruction={"parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": "eA=="}}]})
    assert odd.system == (Text("a"),)
    assert list(odd.extras) == ["systemInstruction"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": 5}, "contents"),
        ({"contents": None}, "contents"),
        ({"contents": [{"parts": "a"}]}, "contents[0].parts"),
        ({"contents": [{"parts": [{"text": 1}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{}], "generationConfig": {"temperature": "hot"}}, "generationConfig.temperature"),
        ({"contents": [{}], "generationConfig": 1}, "generationConfig"),
        ({"contents": [{}], "generationConfig": {"maxOutputTokens": -1}}, "generationConfig.maxOutputTokens"),
        ({"contents": [{}], "generationConfig": {"candidateCount": 0}}, "generationConfig.candidateCount"),
        ({"contents": [{}], "generationConfig": {"responseSchema": 1, "topK": []}}, "generationConfig.topK"),
        (
            {"contents": [{}], "generationConfig": {"responseSchema": {"a": 1e999}}},
            "generationConfig.responseSchema[...]",
        ),
        ({"contents": [{}], "tools": 5}, "tools"),
        ({"contents": [{}], "tools": [{"functionDeclarations": [{}]}]}, "tools.functionDeclarations[0]"),
        ({"contents": [{}], "toolConfig": []}, "toolConfig"),
        ({"contents": [{}], "systemInstruction": 4}, "systemInstruction"),
        (
            {"contents": [{"parts": [{"functionResponse": {"response": 4}}]}]},
            "contents.parts.functionResponse.response",
        ),
    ],
)
def test_a_bad_field_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.parse(json.dumps(body).replace("Infinity", "1e999").encode())
    assert caught.value.param == param
    assert caught.value.status == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"nonsense", b"[" * 5000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        DIALECT.parse(body)


@pytest.mark.parametrize("place", ["args", "response"])
def test_endless_nesting_is_refused_and_does_not_break(place: str) -> None:
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    name = b"functionCall" if place == "args" else b"functionResponse"
    part = b'{"%s":{"name":"f","%s":%s}}' % (name, place.encode(), deep)
    with pytest.raises(BadRequest):
        DIALECT.parse(b'{"contents":[{"parts":[%s]}]}' % part)
