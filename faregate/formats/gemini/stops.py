"""Why an answer ended: Google's words and the interior's."""

from faregate.formats.events import StopReason

_READ: dict[str, StopReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "FINISH_REASON_UNSPECIFIED": "other",
}
_SHOWN: dict[StopReason, str] = {
    "stop": "STOP",
    "stop_sequence": "STOP",
    "tool_calls": "STOP",
    "pause": "STOP",
    "other": "STOP",
    "length": "MAX_TOKENS",
    "context": "MAX_TOKENS",
    "refusal": "SAFETY",
}
_UNSAID = ("FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED")


def is_told(reason: str | None) -> bool:
    """True for a word that ends an answer."""
    return bool(reason) and reason not in _UNSAID


def read_stop(raw: str, *, called: bool) -> StopReason:
    """The reason behind Google's word. Calls end with STOP; all but STOP and MAX_TOKENS is a kind of refusal."""
    reason = _READ.get(raw, "refusal")
    return "tool_calls" if called and reason == "stop" else reason


def show_stop(reason: StopReason, raw: str) -> str:
    """Google's word for the reason: the upstream's own when that was Google's."""
    google = raw.isupper() and (read_stop(raw, called=False) == reason or (raw, reason) == ("STOP", "tool_calls"))
    return raw if google else _SHOWN[reason]
