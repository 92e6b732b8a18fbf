"""Turn -> a Messages request."""

from typing import Any

import msgspec
from msgspec import Raw

from faregate.formats.anthropic.blocks import marked
from faregate.formats.anthropic.conversation import render_conversation
from faregate.formats.anthropic.limits import render_limits
from faregate.formats.anthropic.schema import closed
from faregate.formats.anthropic.tools import render_choice, render_tools
from faregate.formats.anthropic.wire import NAME
from faregate.formats.dialect import Notes, Quirks
from faregate.formats.turn import Text, Turn
from faregate.kernel.errors import Unrepresentable

# This API can enforce a schema but not "any JSON object": the wish becomes an instruction.
JSON_ONLY = Text("Answer with exactly one valid JSON object: no words before or after it, no code fence.")
_FIELDS = msgspec.json.Decoder(dict[str, Raw])


def render(turn: Turn, quirks: Quirks, notes: Notes) -> bytes:
    """The request in this dialect; losses go to `notes`. Raises Unrepresentable."""
    if (turn.choices or 1) > 1:
        raise Unrepresentable("several answers (n)", NAME)
    said = render_conversation(turn, quirks, notes)
    body: dict[str, Any] = {"model": turn.model}
    if system := _system(turn, said.instructions, notes):
        body["system"] = system
    body["messages"] = said.messages
    body |= render_limits(turn, said.messages, quirks, notes)
    if stops := _stops(turn, notes):
        body["stop_sequences"] = stops
    if tools := render_tools(turn, notes):
        body["tools"] = tools
    if (choice := render_choice(turn, notes)) is not None:
        body["tool_choice"] = choice
    if config := body.get("output_config", {}) | _output_config(turn, notes):
        body["output_config"] = config
    body |= _account(turn, notes)
    if turn.stream:
        body["stream"] = True
    return msgspec.json.encode(body | _extras(turn, notes))


def _system(turn: Turn, instructions: list[Text], notes: Notes) -> list[dict[str, Any]]:
    """The instructions, with those that left the conversation; the API refuses blank ones."""
    said = [text for text in (*turn.system, *instructions) if text.text]
    kept = said if turn.dialect == NAME else [text for text in said if text.text.strip()]
    if len(kept) < len(said):
        notes.dropped("blank system text")
    if turn.output is not None and turn.output.kind != "text" and not turn.output.schema:
        kept = [*kept, JSON_ONLY]
    return [marked({"type": "text", "text": text.text}, text.cache) for text in kept]


def _stops(turn: Turn, notes: Notes) -> list[str]:
    """Stop words; the API refuses blank ones."""
    if turn.dialect == NAME:
        return list(turn.stop)
    kept = [stop for stop in turn.stop if stop.strip()]
    if len(kept) < len(turn.stop):
        notes.dropped("blank stop sequences")
    return kept


def _output_config(turn: Turn, notes: Notes) -> dict[str, Any]:
    """Structured output and an own request's effort; what else such a one said there stands in the extras."""
    own = turn.dialect == NAME
    config: dict[str, Any] = {}
    if own and "output_config" in turn.extras:
        config |= _FIELDS.decode(turn.extras["output_config"])
    if own and turn.reasoning is not None and turn.reasoning.effort:
        config["effort"] = turn.reasoning.effort
    if turn.output is not None and turn.output.schema:
        schema = Raw(turn.output.schema) if own else closed(turn.output.schema, notes)
        config["format"] = {"type": "json_schema", "schema": schema}
    return config


def _account(turn: Turn, notes: Notes) -> dict[str, Any]:
    """Who asks and on what terms; wishes that only other dialects know are noted."""
    shown: dict[str, Any] = {}
    if turn.dialect == NAME:
        if turn.service_tier:
            shown["service_tier"] = turn.service_tier
        if turn.metadata is not None:
            return shown | {"metadata": turn.metadata}
    else:
        _note_foreign(turn, notes)
    return shown | {"metadata": {"user_id": turn.user}} if turn.user else shown


def _note_foreign(turn: Turn, notes: Notes) -> None:
    unknown = {
        "metadata": turn.metadata is not None,
        "service_tier": bool(turn.service_tier),
        "store": bool(turn.store),
        "prompt_cache_key": bool(turn.prompt_cache_key),
        "verbosity": bool(turn.verbosity),
        "modalities": any(modality.lower() != "text" for modality in turn.modalities),
    }
    for name, is_set in unknown.items():
        if is_set:
            notes.dropped(name)


def _extras(turn: Turn, notes: Notes) -> dict[str, Raw]:
    """Fields without a place in a turn: back to this dialect, noted as dropped from any other."""
    if turn.dialect == NAME:
        return {name: raw for name, raw in turn.extras.items() if name != "output_config"}
    for name in turn.extras:
        notes.dropped(f"extras.{name}")
    return {}
