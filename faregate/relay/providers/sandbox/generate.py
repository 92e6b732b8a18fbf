"""A conversation's next turn, in every dialect: parse, speak, count, render."""

from msgspec.structs import replace

from faregate.formats import DIALECTS
from faregate.formats.dialect import Opening
from faregate.relay.providers.sandbox.counting import count_prompt, used
from faregate.relay.providers.sandbox.faults import unary
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.reply import speak
from faregate.relay.providers.sandbox.script import CREATED, Call, Script
from faregate.relay.providers.sandbox.stream import streamed


def generate(call: Call, body: bytes, knobs: Knobs) -> Script:
    """The script of an answer. Raises BadRequest for a request that is not one."""
    dialect = DIALECTS[call.dialect]
    turn = dialect.parse(body)
    spoken = speak(turn, call.model, knobs, body)
    prompt = count_prompt(dialect, body, call.model)
    usage = used(turn, spoken, knobs, prompt)
    # Only chat lets a caller decline the usage of a stream.
    wants_usage = not (call.stream and call.dialect == "openai_chat") or dialect.peek(body).wants_usage
    opening = Opening(call.model, usage.input, wants_usage, spoken.reply.id, CREATED)
    if call.stream:
        return streamed(spoken.reply, usage, knobs, lambda: dialect.writer(opening))
    return unary(call, knobs, dialect.render_reply(replace(spoken.reply, usage=usage), opening))
