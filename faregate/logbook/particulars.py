"""What a record's `other` text says, as far as the console shows it. Text that is no JSON object says nothing."""

from typing import Any

import msgspec
from msgspec import Struct, field


class ToolCalls(Struct):
    """Calls of one tool; `price`: USD per 1000."""

    name: str = ""
    count: int = 0
    price: float = 0


class StreamStatus(Struct):
    """How a stream ended."""

    status: str = ""
    end_reason: str = ""
    end_error: str = ""
    error_count: int = 0


class AdminInfo(Struct):
    """What only administrators see."""

    use_channel: list[str] = field(default_factory=list[str])
    usage_billing_path: str = ""
    local_count_tokens: bool = False
    multi_key_index: int | None = None
    channel_affinity: dict[str, Any] = field(default_factory=dict[str, Any])


class Particulars(Struct):
    """The fields of usage records and of failures, under the names of the log API."""

    model_ratio: float = 0
    group_ratio: float = 1
    completion_ratio: float = 1
    cache_tokens: int = 0
    cache_ratio: float = 1
    model_price: float = -1
    claude: bool = False
    cache_write_tokens: int = 0
    cache_creation_tokens_5m: int = 0
    cache_creation_tokens_1h: int = 0
    cache_creation_ratio: float = 1.25
    image: bool = False
    image_ratio: float = 1
    image_output: int = 0
    audio: bool = False
    audio_input: int = 0
    audio_output: int = 0
    audio_ratio: float = 1
    audio_completion_ratio: float = 1
    audio_input_token_count: int = 0
    audio_input_price: float = 0
    tool_surcharges: list[ToolCalls] = field(default_factory=list[ToolCalls])
    frt: float = -1000
    request_path: str = ""
    request_conversion: list[str] | str = ""
    upstream_model_name: str = ""
    reasoning_effort: str = ""
    notes: list[str] = field(default_factory=list[str])
    stream_status: StreamStatus | None = None
    error_type: str = ""
    error_code: str = ""
    status_code: int = 0
    admin_info: AdminInfo = field(default_factory=AdminInfo)

    @property
    def first_token_ms(self) -> int | None:
        """Time to the first token; None where none was measured."""
        return int(self.frt) if self.frt >= 0 else None

    @property
    def conversion(self) -> list[str]:
        """The dialects a request went through, first to last."""
        told = self.request_conversion
        return told if isinstance(told, list) else [told] if told else []


def particulars(other: str) -> Particulars:
    """What `other` says; nothing when it cannot be read."""
    try:
        return msgspec.json.decode(other or "{}", type=Particulars, strict=False)
    except (msgspec.DecodeError, ValueError):
        return Particulars()
