"""Turn -> Reply: what the sandbox answers, whatever the dialect."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from faregate.formats.estimate import estimate_text
from faregate.formats.events import Choice, Reply, ReplyPart
from faregate.formats.turn import DialectName, Text, Thinking, ToolCall, Turn
from faregate.relay.providers.sandbox.asked import Asked, Use, answer_to, asked, shortened, tools_to_call
from faregate.relay.providers.sandbox.example import example
from faregate.relay.providers.sandbox.knobs import Knobs
from faregate.relay.providers.sandbox.pieces import count_words, filled, pieces
from faregate.relay.providers.sandbox.script import CREATED
from faregate.relay.providers.sandbox.thinking import are_shown, seal_of, thoughts

_ID_PREFIXES: dict[DialectName, str] = {
    "openai_chat": "chatcmpl-",
    "openai_responses": "resp_",
    "anthropic": "msg_",
    "gemini": "",
}
_CALL_PREFIXES: dict[DialectName, str] = {"anthropic": "toolu_"}


class Spoken(Struct, frozen=True):
    """A reply without usage, and what was thought for it, shown or not."""

    reply: Reply
    thought: str


def speak(turn: Turn, model: str, knobs: Knobs, seed: bytes) -> Spoken:
    """The answer to a turn; its id is made from `seed`."""
    question = asked(turn.messages)
    thought, is_cut = _cut(thoughts(turn, shortened(question.text), forced=knobs.thinking), turn.max_output_tokens)
    choice = Choice((), "length") if is_cut else _choice(turn, question, knobs, thought)
    choice = replace(choice, parts=_thought_first(turn, thought, choice.parts))
    reply = Reply(
        id=f"{_ID_PREFIXES[turn.dialect]}sandbox{_digest(seed)}",
        model=model,
        created=CREATED,
        choices=(choice,) * (turn.choices or 1),
    )
    return Spoken(reply, thought)


def _choice(turn: Turn, question: Asked, knobs: Knobs, thought: str) -> Choice:
    """Tool calls when they are due, else words."""
    if knobs.text is None and (uses := tools_to_call(turn, question, eager=knobs.tools)):
        return Choice(tuple(_calls(turn, uses)), "tool_calls")
    limit = turn.max_output_tokens
    left = max(1, limit - tokens(thought)) if limit and thought else limit
    return _words(turn, _text(turn, question, knobs), left)


def _text(turn: Turn, question: Asked, knobs: Knobs) -> str:
    """The text of the answer before any limit: as told, a JSON document, or a reply to what was said."""
    if knobs.text is not None:
        return knobs.text
    output = turn.output
    if output is not None and output.kind == "schema":
        return msgspec.json.encode(example(output.schema)).decode()
    answer = filled(answer_to(question), knobs.chunks)
    if output is not None and output.kind == "object":
        return msgspec.json.encode({"text": answer}).decode()
    return answer


def _words(turn: Turn, text: str, limit: int | None) -> Choice:
    """A text up to the first stop word, in at most `limit` tokens."""
    places = [(text.find(word), word) for word in turn.stop if word and word in text]
    hit = min(places, default=None)
    if hit is not None:
        text = text[: hit[0]]
    text, is_cut = _cut(text, limit)
    parts = (Text(text),)
    if is_cut:
        return Choice(parts, "length")
    return Choice(parts, "stop") if hit is None else Choice(parts, "stop_sequence", sequence=hit[1])


def _cut(text: str, limit: int | None) -> tuple[str, bool]:
    """The text in at most `limit` tokens (None and 0: no limit) but at least one word, and whether it was cut."""
    if not limit or tokens(text) <= limit:
        return text, False
    low, high = 1, count_words(text)
    words = list(pieces(text, 0))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens("".join(words[:middle])) <= limit else (low, middle - 1)
    return "".join(words[:low]).rstrip(), low < len(words)


def _calls(turn: Turn, uses: Sequence[Use]) -> Iterable[ToolCall]:
    prefix = _CALL_PREFIXES.get(turn.dialect, "call_")
    for index, (tool, dictated) in enumerate(uses):
        arguments = dictated or msgspec.json.encode(example(tool.schema)).decode()
        seed = f"{len(turn.messages)} {index} {tool.name} {arguments}"
        yield ToolCall(prefix + _digest(seed.encode("utf8", "replace")), tool.name, arguments)


def _thought_first(turn: Turn, thought: str, parts: tuple[ReplyPart, ...]) -> tuple[ReplyPart, ...]:
    """The parts behind the thoughts. Gemini's signature sits on the first part that follows them."""
    if not thought:
        return parts
    seal, is_shown = seal_of(thought, turn.dialect), are_shown(turn)
    if turn.dialect != "gemini":
        return (Thinking(thought, seal) if is_shown else Thinking("", seal, redacted=True), *parts)
    first = parts[0] if parts else None
    if isinstance(first, Text | ToolCall):
        parts = (replace(first, sealed=seal), *parts[1:])
    return (Thinking(thought), *parts) if is_shown else parts


def tokens(text: str) -> int:
    """About how many tokens a text of the sandbox is."""
    return estimate_text(text, "other")


def _digest(seed: bytes) -> str:
    return hashlib.blake2b(seed, digest_size=12).hexdigest()
