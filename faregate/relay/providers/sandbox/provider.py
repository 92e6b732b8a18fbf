"""The sandbox as a provider: from a target and a body to an answer that plays itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from faregate.kernel.errors import ClientError, CutOff, NotFound
from faregate.relay.providers.base import Headers, LocalAnswer, LocalSend, Provider, Target
from faregate.relay.providers.sandbox.completions import complete
from faregate.relay.providers.sandbox.counts import count
from faregate.relay.providers.sandbox.embeddings import embed
from faregate.relay.providers.sandbox.faults import failed, refused_by
from faregate.relay.providers.sandbox.generate import generate
from faregate.relay.providers.sandbox.knobs import Knobs, read_knobs
from faregate.relay.providers.sandbox.script import Call, Script
from faregate.relay.routes import Mode

MODELS: Final = ("sandbox", "sandbox-tools", "sandbox-thinking", "sandbox-slow", "sandbox-embedding")
Sleep = Callable[[float], Awaitable[None]]

_KEPT_SCRIPTS = 64
_LARGEST_KEPT_BYTES = 8192  # of a request's body
_TURNS = 64  # frames after which a stream without pauses lets others run
_HANG_S = 3600.0
_MODES: dict[Mode, Callable[[Call, bytes, Knobs], Script]] = {
    Mode.GENERATE: generate,
    Mode.COMPLETE: complete,
    Mode.EMBED: embed,
    Mode.COUNT: count,
}


class Answer:
    """A script being played. Only time passes here; everything else is in the script."""

    __slots__ = ("_script", "_sleep", "headers", "status")

    def __init__(self, script: Script, sleep: Sleep) -> None:
        self._script = script
        self._sleep = sleep
        self.status = script.status
        self.headers: Sequence[tuple[str, str]] = _headers(script)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, one frame of a stream at a time. Raises CutOff where the script breaks off."""
        script, sleep = self._script, self._sleep
        if script.latency_s:
            await sleep(script.latency_s)
        told = 0
        for frame in script.frames():
            if frame.paced:
                if told and script.interval_s:
                    await sleep(script.interval_s)
                elif told % _TURNS == _TURNS - 1:
                    await sleep(0)
                told += 1
            yield frame.data
        while script.ending == "hang":
            await sleep(_HANG_S)
        if script.ending == "reset":
            raise CutOff("the sandbox was asked to break its answer off")


def answering(sleep: Sleep) -> LocalSend:
    """A sandbox whose pauses are `sleep`. Scripts of small requests are kept: the same request costs little again."""
    kept = lru_cache(maxsize=_KEPT_SCRIPTS)(_script)

    def answer(target: Target, body: bytes, headers: Mapping[str, str]) -> LocalAnswer:
        """The sandbox's answer. Raises Unreachable or NoAnswer when asked to."""
        call = Call(target.mode, target.dialect, target.model, target.stream, target.action)
        script = kept(call, body) if len(body) <= _LARGEST_KEPT_BYTES else _script(call, body)
        return Answer(script, sleep)

    return answer


def _script(call: Call, body: bytes) -> Script:
    try:
        knobs = read_knobs(call.model, body)
        mode = _MODES.get(call.mode)
        if mode is None:
            raise NotFound(f"the sandbox has no call of the kind {call.mode.value!r}")
        return failed(call, knobs) or mode(call, body, knobs)
    except ClientError as error:
        return refused_by(call.dialect, error)


def _headers(script: Script) -> Sequence[tuple[str, str]]:
    headers = [("Content-Type", script.content_type)]
    if script.retry_after_s is not None:
        headers.append(("Retry-After", str(script.retry_after_s)))
    return headers


def _address(target: Target) -> str:
    """Names the place in logs; nothing is ever connected to."""
    return "sandbox:"


def _sign(target: Target) -> Headers:
    """No account, no signature."""
    return []


SANDBOX: Final = Provider(
    type=1001,
    name="Sandbox",
    owner="sandbox",
    dialects=("openai_chat", "openai_responses", "anthropic", "gemini"),
    address=_address,
    sign=_sign,
    completes=True,
    embeds=("openai_chat", "gemini"),
    counts=True,
    models_path="",
    endpoints=("openai", "openai-response", "anthropic", "gemini", "embeddings"),
    local=answering(asyncio.sleep),
    models=MODELS,
)
