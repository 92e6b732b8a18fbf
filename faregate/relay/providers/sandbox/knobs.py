"""What a caller may turn: directives behind the model's name, and the `sandbox` field of a request, which wins.

`sandbox-slow:chunks=64,fault=cut` and `{"sandbox": {"chunks": 64, "fault": "cut"}}` say the same. Names are read
without regard to case, `-` and `_`.
"""

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from faregate.formats.usage import Usage
from faregate.kernel.body import fields
from faregate.kernel.errors import BadRequest

FaultName = Literal[
    "refuse",
    "unreachable",
    "close",
    "slow_headers",
    "stall",
    "stall_middle",
    "cut",
    "reset",
    "error_in_stream",
    "garbage",
    "html",
    "empty",
    "no_usage",
]
FAULTS: tuple[str, ...] = get_args(FaultName)
PREFIX = "sandbox"
FIELD = "sandbox"
MOST_CHUNKS = 10_000
_Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
_Bucket = Literal[
    "input",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "image_in",
    "audio_in",
    "output",
    "reasoning",
    "image_out",
    "audio_out",
    "web_searches",
]
_Counts = dict[_Bucket, Annotated[int, Meta(ge=0, le=1_000_000_000)]]
_REFUSED = 503
_SLOW_HEADERS_MS = 30_000


class Knobs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to answer. `chunks` 0: a delta for each word; `status` 0: no error; `text` and `usage` None: made up."""

    latency_ms: _Milliseconds = 0  # before the first byte of the body
    interval_ms: _Milliseconds = 0  # between two deltas
    chunks: Annotated[int, Meta(ge=0, le=MOST_CHUNKS)] = 0
    text: str | None = None
    usage: _Counts | None = None
    tools: bool = False  # call a tool whenever one is offered
    thinking: bool = False  # think whether asked or not
    fault: FaultName | None = None
    status: Annotated[int, Meta(ge=0, le=599)] = 0
    retry_after_s: Annotated[int, Meta(ge=0, le=86_400)] = 1

    @property
    def counted(self) -> Usage | None:
        """The usage to report instead of the one that was counted."""
        return None if self.usage is None else Usage(**self.usage)


_NAMES = {
    "latency": "latency_ms",
    "latencyms": "latency_ms",
    "interval": "interval_ms",
    "intervalms": "interval_ms",
    "chunks": "chunks",
    "text": "text",
    "usage": "usage",
    "tools": "tools",
    "thinking": "thinking",
    "fault": "fault",
    "status": "status",
    "retryafter": "retry_after_s",
    "retryafters": "retry_after_s",
}
# What the words of a model's name mean: sandbox-slow, sandbox-tools-thinking.
_VARIANTS: dict[str, dict[str, Any]] = {
    "tools": {"tools": True},
    "thinking": {"thinking": True},
    "slow": {"latency_ms": 1000, "interval_ms": 100},
}
_OBJECT: msgspec.json.Decoder[dict[str, Any] | None] = msgspec.json.Decoder(dict[str, Any] | None)


def read_knobs(model: str, body: bytes) -> Knobs:
    """The knobs of a call. Raises BadRequest for a directive or field that is not known or out of bounds."""
    settings = {**_of_name(model), **_of_body(body)}
    try:
        knobs = msgspec.convert(settings, Knobs, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{FIELD} is invalid: {error}", param=FIELD) from error
    if 0 < knobs.status < 400:
        raise BadRequest(f"{FIELD}.status is invalid: it must be from 400 to 599", param=FIELD)
    if knobs.fault == "refuse" and not knobs.status:
        return msgspec.structs.replace(knobs, status=_REFUSED)
    if knobs.fault == "slow_headers" and not knobs.latency_ms:
        return msgspec.structs.replace(knobs, latency_ms=_SLOW_HEADERS_MS)
    return knobs


def _of_name(model: str) -> dict[str, Any]:
    if not model.startswith(PREFIX):
        return {}
    base, _, directives = model.partition(":")
    settings: dict[str, Any] = {}
    for word in base.split("-")[1:]:
        settings |= _VARIANTS.get(word, {})
    for directive in filter(None, directives.split(",")):
        name, given, value = directive.partition("=")
        settings |= _bare(name) if not given else dict([_setting(name, value)])
    return settings


def _bare(word: str) -> dict[str, Any]:
    """A directive without a value: a variant or a fault."""
    return _VARIANTS.get(word.strip().lower()) or dict([_setting("fault", word)])


def _of_body(body: bytes) -> dict[str, Any]:
    if b'"sandbox"' not in body or (raw := fields(body).get(FIELD)) is None:
        return {}
    try:
        given = _OBJECT.decode(raw) or {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"{FIELD} is invalid: {error}", param=FIELD) from error
    return dict(_setting(name, value) for name, value in given.items())


def _setting(name: str, value: Any) -> tuple[str, Any]:
    """A knob and its value. A fault that is a number is a status."""
    plain = name.strip().lower().replace("-", "").replace("_", "")
    known = _NAMES.get(plain)
    if known is None:
        raise BadRequest(f"{FIELD}.{name.strip()} is not known: use one of {', '.join(sorted(_NAMES))}", param=FIELD)
    if known != "fault" or value is None:
        return known, value
    word = str(value).strip().lower().replace("-", "_")
    if word.isdigit():
        return "status", int(word)
    if word and word not in FAULTS:
        raise BadRequest(f"{FIELD}.fault {word!r} is not known: use a status or {', '.join(FAULTS)}", param=FIELD)
    return "fault", word or None
