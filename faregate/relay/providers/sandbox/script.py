"""What one call asks for, and the prepared answer to it: everything but the passing of time."""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from msgspec import Struct

from faregate.formats.turn import DialectName
from faregate.relay.routes import Mode

CREATED = 1767225600  # 2026-01-01: answers tell a fixed time, so that the same call has the same bytes
JSON, EVENTS, PAGE = "application/json", "text/event-stream", "text/html; charset=utf-8"
Texts = str | list[str | int | list[int]]  # as OpenAI takes them: words, or numbers of tokens
Ending = Literal["clean", "hang", "reset"]


class Call(NamedTuple):
    """The part of a target that an answer depends on."""

    mode: Mode
    dialect: DialectName
    model: str
    stream: bool
    action: str


class Frame(NamedTuple):
    """Bytes that leave together. `paced`: they grow a block, so the interval passes before them."""

    data: bytes
    paced: bool = False


class Script(Struct, frozen=True, kw_only=True):
    """An answer ready to be played. `frames` can be asked for again and again."""

    frames: Callable[[], Iterable[Frame]]
    content_type: str = JSON
    status: int = 200
    latency_s: float = 0
    interval_s: float = 0
    ending: Ending = "clean"
    retry_after_s: int | None = None


def whole(body: bytes) -> Callable[[], Iterable[Frame]]:
    """The frames of an answer in one piece; none for an empty one."""
    frames = (Frame(body),) if body else ()
    return lambda: frames


def texts_of(given: Texts) -> list[str]:
    """One input or many as texts; token numbers as they are written."""
    if isinstance(given, str):
        return [given]
    numbers = [one for one in given if isinstance(one, int)]
    if numbers:
        return [" ".join(map(str, numbers))]
    return [one if isinstance(one, str) else " ".join(map(str, one)) for one in given if not isinstance(one, int)]
