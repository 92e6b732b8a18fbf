"""The protocol of a wire format: a pair of halves that knows no other format.

Requests: `peek` (what the pipeline needs, cheaply), `weigh` (text for an estimate), `parse` and `render`; for an
upstream of the same dialect, whose bytes pass, `carries_foreign` and `without_foreign`.
Replies: `parse_reply`, `render_reply`, `glimpse_reply`, and for streams `glimpse`, `Reader`, `Writer`, `Passage`.
Tables beside them: `merge` of usage reports, `parse_error` and `render_error`.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

from faregate.formats.events import Event, Glimpse, Reply
from faregate.formats.turn import DialectName, Turn
from faregate.formats.usage import Usage

FaultKind = Literal[
    "invalid_request",
    "authentication",
    "insufficient_credit",
    "permission",
    "not_found",
    "too_large",
    "rate_limit",
    "overloaded",
    "timeout",
    "server",
]


class Fault(Struct, frozen=True, kw_only=True):
    """An error to show to a client, or one an upstream has shown to us.

    `type`, `code`, `param` and `metadata` are the OpenAI-shaped words (New API's clients match on them); `kind` is
    neutral, and the other dialects choose their own words from it and from `native_type`, the upstream's own type
    (kept so that an `overloaded_error` survives).
    """

    status: int
    message: str
    kind: FaultKind
    type: str = "new_api_error"
    code: str | int | None = ""
    param: str | None = ""
    native_type: str = ""
    metadata: bytes = b""  # a JSON object, or b""
    request_id: str = ""


class Envelope(Struct, frozen=True, kw_only=True):
    """The little of a request that the pipeline reads. Bounds are already checked: BadRequest names the field."""

    model: str
    stream: bool = False
    max_output_tokens: int = 0  # 0 when absent
    choices: int = 1
    wants_usage: bool = True  # chat streams: show the usage chunk (stream_options absent, or include_usage true)
    affinity: str = ""  # a session or cache key the client gave, "" when none
    effort: str = ""  # the reasoning effort asked for (log rows)


class Weight(NamedTuple):
    """What an estimate of the prompt is made of."""

    text: str  # all pieces, joined by newlines
    messages: int = 0
    named: int = 0
    tools: int = 0
    images: int = 0
    audio: int = 0
    video: int = 0
    files: int = 0


class Quirks(Struct, frozen=True, kw_only=True):
    """How one upstream deviates, and the operator's rules for rendering to it. Data, applied by `render`."""

    origin: str = ""  # the account that seals are bound to
    default_max_tokens: int = 8192  # Anthropic: when the client gave none
    thinking_budget_share: float = 0.8
    effort_budgets: tuple[tuple[str, int], ...] = (
        ("minimal", 1024),
        ("low", 1280),
        ("medium", 2048),
        ("high", 4096),
        ("xhigh", 16384),
        ("max", 32000),
    )
    safety_settings: tuple[tuple[str, str], ...] = ()  # Gemini: category (without HARM_CATEGORY_) -> threshold
    thought_signature: bool = True  # Gemini: give calls without a signature the documented skip mark
    gemini_image_models: tuple[str, ...] = ()
    asks_usage: bool = True  # chat: send stream_options.include_usage with streams
    developer_role: bool = True  # chat: the host knows the role `developer`


class Notes:
    """What a rendering had to leave out: shown in the log row, never silent."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[str] = []

    def dropped(self, what: str) -> None:
        """Record that `what` had no counterpart and was left out."""
        self.lines.append(what)

    def dropped_once(self, what: str) -> None:
        """The same, for what one request may lose in many places."""
        if what not in self.lines:
            self.lines.append(what)


class Reader(Protocol):
    """Upstream frames in, events out. Sans-IO."""

    def feed(self, frame: bytes) -> Iterable[Event]:
        """Events of one frame."""
        ...

    def end(self) -> Iterable[Event]:
        """Events that only the end of the stream brings (a Close or Stop held back)."""
        ...


class Writer(Protocol):
    """Events in, client bytes out. Sans-IO."""

    def write(self, event: Event) -> bytes:
        """Bytes to send now, possibly none."""
        ...

    def end(self, usage: Usage) -> bytes:
        """The dialect's own end of stream, with the final usage."""
        ...

    def fail(self, fault: Fault) -> bytes:
        """The dialect's own error event; nothing follows it."""
        ...


class Passage(Protocol):
    """Same dialect in and out: frames pass with their exact bytes; only a missing end is supplied."""

    def feed(self, frame: bytes, glimpse: Glimpse) -> bytes:
        """The frame, or b"" when the client must not see it."""
        ...

    def end(self, usage: Usage, reported: bool) -> bytes:
        """What the upstream left out of a proper end (a usage chunk, [DONE]). `reported`: usage came upstream."""
        ...

    def fail(self, fault: Fault) -> bytes:
        """The dialect's own error event; nothing follows it."""
        ...


class Opening(NamedTuple):
    """What a writer may need to know before the first event."""

    model: str  # the name the client asked for
    prompt_tokens: int = 0  # the estimate made for the hold (Anthropic announces it)
    wants_usage: bool = True
    id: str = ""  # the gateway's request id, for dialects whose upstream gave none
    created: int = 0  # unix seconds


class Dialect(Protocol):
    """A wire format."""

    @property
    def name(self) -> DialectName:
        """The format's name."""
        ...

    def peek(self, body: bytes) -> Envelope:
        """What the pipeline needs. Raises BadRequest (naming field and rule) for what no upstream would take."""
        ...

    def weigh(self, body: bytes) -> Weight:
        """The text of a request and the number of its media, for an estimate. Never raises on odd content."""
        ...

    def parse(self, body: bytes) -> Turn:
        """The typed request. Raises BadRequest."""
        ...

    def render(self, turn: Turn, quirks: Quirks, notes: Notes) -> bytes:
        """The request in this dialect. Raises Unrepresentable for content it cannot say."""
        ...

    def carries_foreign(self, body: bytes) -> bool:
        """True when a request may give back what another dialect's model thought or sealed. Quick; words deceive it."""
        ...

    def without_foreign(self, body: bytes, quirks: Quirks, notes: Notes) -> bytes:
        """The request without that, all else byte for byte; the very body when there is nothing to take out."""
        ...

    def parse_reply(self, body: bytes) -> Reply:
        """A whole answer. Raises Garbage when it is not this dialect's."""
        ...

    def render_reply(self, reply: Reply, opening: Opening) -> bytes:
        """A whole answer in this dialect; `reply.usage` must be filled."""
        ...

    def glimpse(self, frame: bytes) -> Glimpse:
        """What the pipeline must know of one SSE frame."""
        ...

    def glimpse_reply(self, body: bytes) -> Glimpse:
        """The same of a whole answer (final is True for a proper one; junk when it is not JSON of this dialect)."""
        ...

    def show_usage(self, body: bytes, usage: Usage) -> bytes:
        """A whole answer of this dialect with this usage spliced in (the upstream had left it out)."""
        ...

    def reader(self, origin: str) -> Reader:
        """A new reader; `origin` is the account that seals are bound to."""
        ...

    def writer(self, opening: Opening) -> Writer:
        """A new writer."""
        ...

    def passage(self, opening: Opening) -> Passage:
        """A new passage."""
        ...

    def merge(self, seen: Usage | None, report: Usage) -> Usage:
        """The usage after one more report in the same stream."""
        ...

    def parse_error(self, body: bytes, status: int) -> Fault:
        """What an upstream's error body says, whatever its form."""
        ...

    def render_error(self, fault: Fault) -> bytes:
        """An error body for a client of this dialect."""
        ...
