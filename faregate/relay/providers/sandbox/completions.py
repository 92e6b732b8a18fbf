"""Legacy text completions: the same answers in OpenAI's older shape.

Source: OpenAI API reference, Completions, 2026-10.
"""

from typing import Any

import msgspec
from msgspec import Struct

from faregate.formats import DIALECTS
from faregate.formats.dialect import Fault
from faregate.formats.events import Choice, Delta, Event, Open, Reply, Stop, StopReason
from faregate.formats.frames import frame
from faregate.formats.turn import Message, Text, Turn
from faregate.formats.usage import NOTHING, Usage
from faregate.kernel.errors import BadRequest
from faregate.relay.providers.sandbox.faults import unary
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.reply import speak, tokens
from faregate.relay.providers.sandbox.script import CREATED, Call, Script, Texts, texts_of
from faregate.relay.providers.sandbox.stream import streamed

_MOST_CHOICES = 128


class _Options(Struct):
    include_usage: bool | None = None


class _Request(Struct):
    prompt: Texts = ""
    max_tokens: int | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    stream_options: _Options | None = None


_REQUEST = msgspec.json.Decoder(_Request)


def complete(call: Call, body: bytes, knobs: Knobs) -> Script:
    """The script of a completion for each prompt. Raises BadRequest."""
    try:
        request = _REQUEST.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"the request body is invalid: {error}") from error
    prompts = texts_of(request.prompt) or [""]
    _check_choices(request.n, len(prompts))
    reply = _reply(call, body, knobs, request, prompts)
    usage = _used(reply, knobs, sum(map(tokens, prompts)))
    if call.stream:
        options = request.stream_options
        wants_usage = options is None or options.include_usage is True
        return streamed(reply, usage, knobs, lambda: _CompletionWriter(reply, wants_usage))
    choices = [
        _choice(index, _text(choice), _FINISH.get(choice.stop, "stop")) for index, choice in enumerate(reply.choices)
    ]
    return unary(call, knobs, msgspec.json.encode({**_head(reply), "choices": choices, "usage": _shown(usage)}))


def _check_choices(n: int | None, prompts: int) -> None:
    if n is not None and n < 1:
        raise BadRequest("n is invalid: it must be at least 1", param="n")
    if (n or 1) * prompts > _MOST_CHOICES:
        raise BadRequest(f"n is invalid: all prompts together may have {_MOST_CHOICES} choices", param="n")


def _reply(call: Call, body: bytes, knobs: Knobs, request: _Request, prompts: list[str]) -> Reply:
    """The answers to all prompts, one after the other."""
    replies = [speak(_turn(call, request, prompt), call.model, knobs, body).reply for prompt in prompts]
    first = replies[0]
    return Reply(
        id=first.id.replace("chatcmpl-", "cmpl-"),
        model=call.model,
        created=CREATED,
        choices=tuple(_only_text(choice) for reply in replies for choice in reply.choices),
    )


def _only_text(choice: Choice) -> Choice:
    """A completion has no place for thoughts."""
    return msgspec.structs.replace(choice, parts=(Text(_text(choice)),))


def _turn(call: Call, request: _Request, prompt: str) -> Turn:
    stop = request.stop
    return Turn(
        dialect="openai_chat",
        model=call.model,
        messages=(Message("user", (Text(prompt),)),),
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        max_output_tokens=request.max_tokens,
        choices=request.n,
    )


def _text(choice: Choice) -> str:
    return "".join(part.text for part in choice.parts if isinstance(part, Text))


def _used(reply: Reply, knobs: Knobs, prompt: int) -> Usage:
    if knobs.fault == "no_usage":
        return NOTHING
    return knobs.counted or Usage(input=prompt, output=sum(tokens(_text(choice)) for choice in reply.choices))


# --- the wire ----------------------------------------------------------------------------------------------
_FINISH: dict[StopReason, str] = {"length": "length"}


def _head(reply: Reply) -> dict[str, Any]:
    return {"id": reply.id, "object": "text_completion", "created": reply.created, "model": reply.model}


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"text": text, "index": index, "logprobs": None, "finish_reason": finish}


def _shown(usage: Usage) -> dict[str, int]:
    prompt, completion = usage.total_input, usage.total_output
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


class _CompletionWriter:
    """State: which choice each block belongs to."""

    def __init__(self, reply: Reply, wants_usage: bool) -> None:
        self._head = _head(reply)
        self._wants_usage = wants_usage
        self._choices: dict[int, int] = {}

    def write(self, event: Event) -> bytes:
        """A chunk for each delta and each stop."""
        match event:
            case Open():
                self._choices[event.block] = event.choice
            case Delta(block, data):
                return self._chunk([_choice(self._choices[block], data, None)])
            case Stop():
                return self._chunk([_choice(event.choice, "", _FINISH.get(event.reason, "stop"))])
            case _:
                pass
        return b""

    def end(self, usage: Usage) -> bytes:
        """The usage, where it is wanted, and the mark of the end."""
        told = self._chunk([], usage=_shown(usage)) if self._wants_usage else b""
        return told + b"data: [DONE]\n\n"

    def fail(self, fault: Fault) -> bytes:
        """The error as a chunk."""
        return frame(DIALECTS["openai_chat"].render_error(fault))

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        return frame(msgspec.json.encode({**self._head, "choices": choices, **more}))
