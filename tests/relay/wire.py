"""The smallest sensible exchange of every dialect: 10 tokens in, 5 out, the words "hello there"."""

import json
from typing import Any

from tests.serving import Answer

DIALECTS = ("openai_chat", "openai_responses", "anthropic", "gemini")
CHANNEL_TYPES = {"openai_chat": 1, "openai_responses": 1, "anthropic": 14, "gemini": 24}
WORDS = "hello there"
TROUBLE = "the engine stopped"
SIGNATURE = "EqQB"
_ERRORS: dict[str, Any] = {
    "openai_chat": {"error": {"message": TROUBLE, "type": "server_error", "param": None, "code": "engine"}},
    "anthropic": {"type": "error", "error": {"type": "api_error", "message": TROUBLE}},
    "gemini": {"error": {"code": 500, "message": TROUBLE, "status": "INTERNAL"}},
}
_ERRORS["openai_responses"] = _ERRORS["openai_chat"]


def dialect_of(path: str) -> str:
    """Whose path this is."""
    if "/messages" in path:
        return "anthropic"
    if ":" in path:
        return "gemini"
    return "openai_responses" if path.endswith("/responses") else "openai_chat"


def _packed(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def ask(dialect: str, model: str, *, stream: bool = False, **more: Any) -> tuple[str, dict[str, Any]]:
    """The path and body of a request."""
    turn = [{"role": "user", "content": "hi"}]
    match dialect:
        case "openai_chat":
            body = {"model": model, "messages": turn}
        case "openai_responses":
            body = {"model": model, "input": "hi"}
        case "anthropic":
            body = {"model": model, "max_tokens": 100, "messages": turn}
        case _:
            verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
            return f"/v1beta/models/{model}:{verb}", {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], **more}
    path = {"openai_chat": "/v1/chat/completions", "openai_responses": "/v1/responses", "anthropic": "/v1/messages"}
    return path[dialect], {**body, **({"stream": True} if stream else {}), **more}


def carrying(dialect: str, key: str) -> dict[str, str]:
    """The header in which this dialect's clients send their key."""
    if dialect == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"x-goog-api-key": key} if dialect == "gemini" else {"Authorization": f"Bearer {key}"}


def whole(dialect: str) -> bytes:
    """A whole answer."""
    match dialect:
        case "openai_chat":
            choice = {"index": 0, "message": {"role": "assistant", "content": WORDS}, "finish_reason": "stop"}
            return _packed({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
                            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})  # fmt: skip
        case "openai_responses":
            return _packed(_response("completed"))
        case "anthropic":
            return _packed({"id": "m1", "type": "message", "role": "assistant", "model": "m",
                            "content": [{"type": "text", "text": WORDS}], "stop_reason": "end_turn",
                            "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 5}})  # fmt: skip
        case _:
            return _packed(_candidate(WORDS, finishReason="STOP") | _gemini_usage(5))


def _response(status: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": WORDS, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    done = status == "completed"
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m", "error": None,
            "output": [item] if done else [], "usage": usage if done else None}  # fmt: skip


def _candidate(text: str, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": text}]}, **more}]}


def _gemini_usage(output: int) -> dict[str, Any]:
    return {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": output, "totalTokenCount": 10 + output}}


def frames(dialect: str) -> list[bytes]:
    """A whole stream, frame by frame."""
    match dialect:
        case "openai_chat":
            return _chat_frames()
        case "openai_responses":
            return _responses_frames()
        case "anthropic":
            return _anthropic_frames()
        case _:
            last = _candidate("", finishReason="STOP") | _gemini_usage(5)
            return [_data(_candidate("hello")), _data(_candidate(" there")), _data(last)]


def _data(value: Any, event: str = "") -> bytes:
    return (f"event: {event}\n".encode() if event else b"") + b"data: " + _packed(value) + b"\n\n"


def _chat_frames() -> list[bytes]:
    def piece(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _data({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})

    usage = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
             "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}  # fmt: skip
    return [
        piece({"role": "assistant", "content": ""}),
        piece({"content": "hello"}),
        piece({"content": " there"}),
        piece({}, "stop"),
        _data(usage),
        b"data: [DONE]\n\n",
    ]


def _responses_frames() -> list[bytes]:
    where = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
    events = [
        {"type": "response.created", "response": _response("in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {
            "type": "response.content_part.added",
            **where,
            "part": {"type": "output_text", "text": "", "annotations": []},
        },
        {"type": "response.output_text.delta", **where, "delta": "hello"},
        {"type": "response.output_text.delta", **where, "delta": " there"},
        {"type": "response.completed", "response": _response("completed")},
    ]
    return [_data({**event, "sequence_number": number}, str(event["type"])) for number, event in enumerate(events)]


def _anthropic_frames() -> list[bytes]:
    message = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
               "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 1}}  # fmt: skip
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " there"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return [_data(event, str(event["type"])) for event in events]


def completion() -> bytes:
    """A whole legacy completion."""
    return _packed(_completion(WORDS, "stop") | _COMPLETION_USAGE)


def completion_frames() -> list[bytes]:
    """The same as a stream."""
    usage = {**_completion("", None), "choices": []} | _COMPLETION_USAGE
    pieces = [_completion("hello", None), _completion(" there", "stop"), usage]
    return [*map(_data, pieces), b"data: [DONE]\n\n"]


_COMPLETION_USAGE = {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}


def _completion(text: str, reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": reason}
    return {"id": "c1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}


def signed() -> bytes:
    """A whole answer of Claude's that begins with signed thoughts."""
    said = json.loads(whole("anthropic"))
    thought = {"type": "thinking", "thinking": "hm", "signature": SIGNATURE}
    return _packed(said | {"content": [thought, *said["content"]]})


def signed_frames() -> list[bytes]:
    """A stream of Claude's that is all signed thoughts."""
    start, begin, *words, close, delta, stop = frames("anthropic")
    begin = begin.replace(b'{"type":"text","text":""}', b'{"type":"thinking","thinking":"","signature":""}')
    words = [frame.replace(b'"text_delta","text"', b'"thinking_delta","thinking"') for frame in words]
    signature = {"type": "signature_delta", "signature": SIGNATURE}
    sign = _data({"type": "content_block_delta", "index": 0, "delta": signature}, "content_block_delta")
    return [start, begin, *words, sign, close, delta, stop]


def error_body(dialect: str) -> bytes:
    """An upstream's refusal."""
    return _packed(_ERRORS[dialect])


def error_frame(dialect: str) -> bytes:
    """An upstream's error inside a stream."""
    if dialect == "openai_responses":
        return _data({"type": "error", "code": "engine", "message": TROUBLE, "param": None}, "error")
    return _data(_ERRORS[dialect], "error" if dialect == "anthropic" else "")


def told(dialect: str, body: bytes) -> str:
    """The message of an error body; fails when it has not the dialect's shape."""
    found = json.loads(body)
    error = found["error"]
    assert isinstance(error["message"], str), found
    assert error["message"], found
    match dialect:
        case "anthropic":
            assert found["type"] == "error", found
            assert set(error) == {"type", "message"}, found
        case "gemini":
            assert isinstance(error["code"], int), found
            assert isinstance(error["status"], str), found
        case _:
            assert {"message", "type", "param", "code"} <= set(error), found
    return str(error["message"])


def events_of(body: bytes) -> list[tuple[str, Any]]:
    """The events of a stream: name (or "") and decoded data; [DONE] as text."""
    found: list[tuple[str, Any]] = []
    for frame in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in frame.split("\n") if ": " in line)
        if "data" in lines:
            data = lines["data"]
            found.append((lines.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


def words_of(dialect: str, body: bytes) -> str:
    """The text of a stream."""
    texts: list[str] = []
    for _, data in events_of(body):
        if not isinstance(data, dict) or data.get("error"):
            continue
        match dialect:
            case "openai_chat":
                texts += [choice["delta"].get("content") or "" for choice in data["choices"]]
            case "openai_responses":
                texts.append(data["delta"] if data["type"] == "response.output_text.delta" else "")
            case "anthropic":
                texts.append(data["delta"]["text"] if data["type"] == "content_block_delta" else "")
            case _:
                parts = [c.get("content", {}).get("parts", []) for c in data.get("candidates", [])]
                texts += [part.get("text", "") for some in parts for part in some]
    return "".join(texts)


def said(dialect: str, body: bytes) -> str:
    """The text of a whole answer."""
    found = json.loads(body)
    match dialect:
        case "openai_chat":
            return str(found["choices"][0]["message"]["content"])
        case "openai_responses":
            return str(found["output"][0]["content"][0]["text"])
        case "anthropic":
            return str(found["content"][0]["text"])
        case _:
            return str(found["candidates"][0]["content"]["parts"][0]["text"])


def ended_well(dialect: str, body: bytes) -> bool:
    """True when the stream has its dialect's proper end."""
    events = events_of(body)
    match dialect:
        case "openai_chat":
            return events[-1][1] == "[DONE]" and not any(isinstance(d, dict) and "error" in d for _, d in events)
        case "openai_responses":
            return events[-1][0] == "response.completed"
        case "anthropic":
            return events[-1][0] == "message_stop"
        case _:
            return any("finishReason" in c for _, data in events for c in data.get("candidates", []))


def stream_fault(dialect: str, body: bytes) -> str:
    """The message of the error event that ends a broken stream; fails when it ends otherwise."""
    events = events_of(body)
    if events[-1][1] == "[DONE]":
        events.pop()
    name, last = events[-1]
    if dialect == "openai_responses":
        assert name in ("error", "response.failed"), events
        return str(last["message"] if name == "error" else last["response"]["error"]["message"])
    if dialect == "anthropic":
        assert name == "error", events
    return told(dialect, json.dumps(last).encode())


def text_of(dialect: str, answer: Answer) -> str:
    """The text of an answer, streamed or whole."""
    streamed = answer.headers.get("content-type", "").startswith("text/event-stream")
    return words_of(dialect, answer.body) if streamed else said(dialect, answer.body)
