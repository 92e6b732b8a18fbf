"""Calling the sandbox as the relay does, with pauses that are written down instead of waited for."""

import json
from typing import Any, NamedTuple, cast

from faregate.channels.snapshot import Behaviour, ChannelView, CredentialView, Permissions
from faregate.formats import DIALECTS
from faregate.formats.events import Reply
from faregate.formats.fold import Fold
from faregate.formats.frames import Frames
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.relay.providers.base import LocalAnswer, Target
from faregate.relay.providers.sandbox import answering
from faregate.relay.routes import Mode

CREDENTIAL = CredentialView(1, 0, "")
CHANNEL = ChannelView(
    id=1,
    type=1001,
    name="sandbox",
    status=1,
    base_url="",
    models=frozenset({"sandbox"}),
    groups=("default",),
    priority=0,
    weight=0,
    auto_ban=False,
    mapping={},
    status_mapping={},
    body_override={},
    header_override={},
    organization="",
    other="",
    created_at=0,
    behaviour=Behaviour(),
    permissions=Permissions(),
    credentials=(CREDENTIAL,),
    is_multi_key=False,
    polls=False,
)
ALL: tuple[DialectName, ...] = ("openai_chat", "openai_responses", "anthropic", "gemini")


class Stop(Exception):
    """Raised by a pause that would never end."""


class Heard(NamedTuple):
    """An answer as it came: `pauses` are (chunks before it, seconds)."""

    status: int
    headers: dict[str, str]
    chunks: list[bytes]
    pauses: list[tuple[int, float]]
    failure: Exception | None

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def said(dialect: DialectName, text: str, **fields: Any) -> dict[str, Any]:
    """A request of this dialect in which the user says `text`."""
    match dialect:
        case "openai_responses":
            return {"model": "sandbox", "input": text, **fields}
        case "gemini":
            return {"contents": [{"role": "user", "parts": [{"text": text}]}], **fields}
        case "anthropic":
            return {"model": "sandbox", "max_tokens": 4096, "messages": [{"role": "user", "content": text}], **fields}
        case "openai_chat":
            return {"model": "sandbox", "messages": [{"role": "user", "content": text}], **fields}


def target(dialect: DialectName, mode: Mode, model: str, *, stream: bool = False, action: str = "") -> Target:
    """A call of this kind."""
    return Target(CHANNEL, CREDENTIAL, model, mode, dialect, stream, action, "", {}, {})


async def call(
    dialect: DialectName,
    body: dict[str, Any],
    *,
    mode: Mode = Mode.GENERATE,
    model: str = "sandbox",
    stream: bool = False,
    action: str = "",
) -> Heard:
    """The whole answer, up to its end, its failure or a pause of an hour. Raises what the call itself raises."""
    chunks: list[bytes] = []
    pauses: list[tuple[int, float]] = []

    async def sleep(seconds: float) -> None:
        pauses.append((len(chunks), seconds))
        if seconds >= 3600:
            raise Stop

    answer: LocalAnswer = answering(sleep)(
        target(dialect, mode, model, stream=stream, action=action), json.dumps(body).encode(), {}
    )
    failure: Exception | None = None
    try:
        async for chunk in answer.chunks():
            chunks.append(chunk)
    except Exception as error:
        failure = error
    return Heard(answer.status, dict(answer.headers), chunks, pauses, failure)


async def reply(dialect: DialectName, body: dict[str, Any], *, model: str = "sandbox", stream: bool = False) -> Reply:
    """The answer read back through the dialect."""
    heard = await call(dialect, body, model=model, stream=stream)
    assert (heard.status, heard.failure) == (200, None), heard.body
    return read_stream(dialect, heard.chunks) if stream else DIALECTS[dialect].parse_reply(heard.body)


def read_stream(dialect: DialectName, chunks: list[bytes]) -> Reply:
    """A stream read back through the dialect, its usage merged as the meter merges it."""
    known = DIALECTS[dialect]
    reader, folded, frames = known.reader(""), Fold(), Frames()
    usage: Usage | None = None
    for chunk in chunks:
        for frame in frames.feed(chunk):
            if (report := known.glimpse(frame).usage) is not None:
                usage = known.merge(usage, report)
            folded.feed(reader.feed(frame))
    folded.feed(reader.end())
    return folded.reply(usage)


def function(dialect: DialectName, name: str, schema: dict[str, Any]) -> Any:
    """A function offered in this dialect, as one entry of `tools`."""
    match dialect:
        case "openai_chat":
            return {"type": "function", "function": {"name": name, "parameters": schema}}
        case "openai_responses":
            return {"type": "function", "name": name, "parameters": schema}
        case "anthropic":
            return {"name": name, "input_schema": schema}
        case "gemini":
            return {"functionDeclarations": [{"name": name, "parametersJsonSchema": schema}]}


def texts(answer: Reply) -> list[str]:
    """The words of each choice."""
    return ["".join(cast(str, getattr(part, "text", "")) for part in choice.parts) for choice in answer.choices]
