"""A Turn as a chat request: `render`. Losses go to the notes, content that chat cannot say is refused."""

import msgspec
from msgspec import Raw

from faregate.formats.dialect import Notes, Quirks
from faregate.formats.openai import reasons, suited
from faregate.formats.openai_chat.conversation import Conversation
from faregate.formats.openai_chat.tools import render_tools
from faregate.formats.turn import OutputFormat, Turn

NAME = "openai_chat"
SERVICE_TIERS = ("auto", "default", "flex", "scale", "priority")
_MAX_STOPS = 4
_OPTIONS = msgspec.json.Decoder(dict[str, Raw])
_SAMPLING = (
    "temperature",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)


def render(turn: Turn, quirks: Quirks, notes: Notes) -> bytes:
    """The request in chat. Raises Unrepresentable for content, tools or files that chat has no words for."""
    own = turn.dialect == NAME
    turn = turn if own else suited(turn, notes)
    wire: dict[str, object] = {"model": turn.model, "messages": Conversation(turn, quirks, notes).messages()}
    wire |= _stream_fields(turn, quirks)
    wire |= _limits(turn)
    wire |= _sampling(turn)
    if turn.stop:
        wire["stop"] = _stops(turn, notes)
    wire |= render_tools(turn, notes)
    if turn.output is not None:
        wire["response_format"] = _output(turn.output)
    wire |= _reasoning(turn, notes)
    wire |= _labels(turn, notes)
    for name, raw in turn.extras.items():
        if not own:
            notes.dropped(f"extras.{name}")
        elif name != "stream_options":
            wire[name] = raw
    return msgspec.json.encode(wire)


def _stream_fields(turn: Turn, quirks: Quirks) -> dict[str, object]:
    fields: dict[str, object] = {"stream": turn.stream}
    options: dict[str, object] = {}
    if turn.dialect == NAME and "stream_options" in turn.extras:
        options |= _OPTIONS.decode(turn.extras["stream_options"])
    if turn.stream and quirks.asks_usage:
        options["include_usage"] = True
    return fields | ({"stream_options": options} if options else {})


def _limits(turn: Turn) -> dict[str, object]:
    """Responses' own word for the limit is the newer one, which OpenAI's reasoning models insist on; hosts of the other
    dialects' clients know `max_tokens`.
    """
    fields: dict[str, object] = {}
    if turn.max_output_tokens is not None:
        newer = turn.dialect == "openai_responses" or (turn.dialect != NAME and reasons(turn.model))
        fields["max_completion_tokens" if newer else "max_tokens"] = turn.max_output_tokens
    if turn.choices is not None:
        fields["n"] = turn.choices
    return fields


def _sampling(turn: Turn) -> dict[str, object]:
    """The sampling fields. Chat takes `top_logprobs` beside `logprobs` only; Responses has the first alone."""
    sampling = turn.sampling
    fields = {name: value for name in _SAMPLING if (value := getattr(sampling, name)) is not None}
    if turn.dialect != NAME and sampling.top_logprobs is not None and sampling.logprobs is None:
        fields["logprobs"] = True
    return fields


def _stops(turn: Turn, notes: Notes) -> object:
    if turn.dialect == NAME or len(turn.stop) <= _MAX_STOPS:
        return turn.stop[0] if len(turn.stop) == 1 else turn.stop
    notes.dropped(f"stop beyond the first {_MAX_STOPS}")
    return turn.stop[:_MAX_STOPS]


def _output(output: OutputFormat) -> object:
    if output.kind != "schema":
        return {"type": "text" if output.kind == "text" else "json_object"}
    schema: dict[str, object] = {"name": output.name or "response"}  # refused without a name
    if output.description:
        schema["description"] = output.description
    if output.schema:
        schema["schema"] = Raw(output.schema)
    if output.strict is not None:
        schema["strict"] = output.strict
    return {"type": "json_schema", "json_schema": schema}


def _reasoning(turn: Turn, notes: Notes) -> dict[str, object]:
    wish = turn.reasoning
    if wish is None:
        return {}
    if turn.dialect == NAME and (wish.mode or wish.budget_tokens is not None or wish.shown is not None or wish.summary):
        told = {
            "effort": wish.effort or None,
            "max_tokens": wish.budget_tokens,
            "enabled": None if wish.mode is None else wish.mode == "enabled",
            "exclude": None if wish.shown is None else not wish.shown,
            "summary": wish.summary or None,
        }
        return {"reasoning": {name: value for name, value in told.items() if value is not None}}
    if wish.budget_tokens is not None:
        notes.dropped("reasoning.budget_tokens")
    if wish.mode is not None and not wish.effort:
        notes.dropped("reasoning.mode")
    effort = "xhigh" if wish.effort == "max" and turn.dialect != NAME else wish.effort
    return {"reasoning_effort": effort} if effort else {}


def _labels(turn: Turn, notes: Notes) -> dict[str, object]:
    fields: dict[str, object] = {
        "user": turn.user,
        "prompt_cache_key": turn.prompt_cache_key,
        "verbosity": turn.verbosity,
        "modalities": turn.modalities,
    }
    fields = {name: value for name, value in fields.items() if value}
    if turn.service_tier:
        if turn.dialect == NAME or turn.service_tier in SERVICE_TIERS:
            fields["service_tier"] = turn.service_tier
        else:
            notes.dropped("service_tier")
    if turn.metadata is not None:
        fields["metadata"] = turn.metadata
    if turn.store is not None:
        fields["store"] = turn.store
    return fields
