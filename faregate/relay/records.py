"""The log rows of a relay call, in New API's words: what was used, by which route, at what price."""

from collections.abc import Sequence
from typing import Any

import msgspec

from faregate.billing import Line, Settlement
from faregate.formats.dialect import Fault
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.logbook import CONSUME, ERROR
from faregate.pricing import Charge
from faregate.pricing.explain import record_fields
from faregate.relay.attempt import Attempt
from faregate.relay.faults import RefusedBy
from faregate.relay.plan import Candidate
from faregate.relay.request import Request
from faregate.relay.upstream import conversion_labels

_NO_FIRST_TOKEN = -1000
_LONGEST_SAID = 4096  # characters of an upstream's error that a row keeps: some repeat the whole request
_encode = msgspec.json.Encoder().encode


class Ending(msgspec.Struct, frozen=True):
    """How a call ended: `reason` is done, eof, timeout, client_gone or scanner_error; `error` for a broken stream."""

    reason: str
    error: str = ""

    @property
    def is_clean(self) -> bool:
        """True for a proper end."""
        return self.reason in ("done", "eof")


def usage_record(
    attempt: Attempt, tried: Sequence[int], usage: Usage, charged: Charge, ending: Ending, finished: float
) -> Settlement:
    """The settlement of a call that is charged (or was free). The ledger fills in the money."""
    request, candidate = attempt.request, attempt.candidate
    line = _line(request, finished)
    line.type = CONSUME
    line.prompt_tokens = usage.prompt
    line.completion_tokens = usage.completion
    line.is_stream = attempt.streamed
    line.upstream_request_id = attempt.upstream_request_id[:128]
    line.other = _encode(_other(attempt, tried, usage, charged, ending)).decode()
    return _settlement(request, candidate.channel.id, line)


def error_record(
    request: Request, candidate: Candidate, tried: Sequence[int], fault: Fault, failure: Exception, finished: float
) -> Settlement:
    """The row of one failed attempt; it moves no money."""
    line = _line(request, finished)
    line.type = ERROR
    line.is_stream = request.envelope.stream
    line.content = f"status_code={fault.status}, {_cut(fault.message)}"
    channel = candidate.channel
    line.other = _encode(
        {
            "request_path": request.arrival.path,
            "error_type": "openai_error" if isinstance(failure, RefusedBy) else fault.type,
            "error_code": _cut(str(fault.code or "")),
            "status_code": fault.status,
            "channel_id": channel.id,
            "channel_name": channel.name,
            "channel_type": channel.type,
            "admin_info": {"use_channel": [str(ident) for ident in tried]},
        }
    ).decode()
    settlement = _settlement(request, channel.id, line)
    settlement.id = f"{request.arrival.request_id}-{len(tried)}"
    settlement.requests, settlement.counts = 0, False
    return settlement


def _cut(said: str) -> str:
    return said if len(said) <= _LONGEST_SAID else said[:_LONGEST_SAID] + "…"


def _line(request: Request, finished: float) -> Line:
    key = request.key
    return Line(
        username=key.username,
        key_name=key.name,
        model=request.model[:191],
        group=request.group,
        duration_ms=int((finished - request.arrival.started) * 1000),
        ip=request.address if key.record_ip else "",
        request_id=request.arrival.request_id,
    )


def _settlement(request: Request, channel_id: int, line: Line) -> Settlement:
    return Settlement(
        id=request.arrival.request_id,
        at=int(request.arrival.at),
        line=line,
        user_id=request.key.user_id,
        key_id=request.key.id,
        channel_id=channel_id,
    )


def _other(attempt: Attempt, tried: Sequence[int], usage: Usage, charged: Charge, ending: Ending) -> dict[str, Any]:
    request, candidate = attempt.request, attempt.candidate
    other: dict[str, Any] = record_fields(
        charged,
        usage,
        is_anthropic=usage.semantic == "anthropic",
        special_ratio=attempt.special_ratio,
    )
    if usage.relayed:
        other["input_tokens_total"] = usage.total_input
    first = attempt.first_token_at
    other["frt"] = int((first - request.arrival.started) * 1000) if first else _NO_FIRST_TOKEN
    other["billing_source"] = "wallet"
    other["request_path"] = request.arrival.path
    other["request_conversion"] = conversion_labels(request.dialect, candidate.dialect)
    if candidate.model != request.model:
        other["is_model_mapped"] = True
        other["upstream_model_name"] = candidate.model
    if request.envelope.effort:
        other["reasoning_effort"] = request.envelope.effort
    if attempt.prepared.notes:
        other["notes"] = list(attempt.prepared.notes)
    if attempt.streamed:
        other["stream_status"] = _stream_status(attempt, ending)
    other["admin_info"] = _admin_info(attempt, tried, usage)
    return other


def _stream_status(attempt: Attempt, ending: Ending) -> dict[str, Any]:
    junk = attempt.meter.junk
    status: dict[str, Any] = {
        "status": "ok" if ending.is_clean and not junk else "error",
        "end_reason": ending.reason,
    }
    if ending.error:
        status["end_error"] = _cut(ending.error)
    if junk:
        status["error_count"] = junk
        status["errors"] = ["an event of the upstream was not JSON"]
    return status


def _admin_info(attempt: Attempt, tried: Sequence[int], usage: Usage) -> dict[str, Any]:
    request, candidate = attempt.request, attempt.candidate
    info: dict[str, Any] = {
        "use_channel": [str(ident) for ident in tried],
        "usage_billing_path": _billing_path(usage, candidate.dialect),
    }
    if usage.estimated:
        info["local_count_tokens"] = True
    if candidate.channel.is_multi_key:
        info["is_multi_key"] = True
        info["multi_key_index"] = candidate.credential.index
    if request.affinity is not None:
        info["channel_affinity"] = {
            **request.affinity.described(request.group, request.model, request.arrival.path),
            "channel_id": candidate.channel.id,
        }
    return info


def _billing_path(usage: Usage, upstream: DialectName) -> str:
    """Whose numbers were billed, in New API's words."""
    if usage.relayed or (upstream in ("anthropic", "gemini") and usage.semantic == upstream):
        return f"billing-usage-{usage.semantic}{'-estimated' if usage.estimated else ''}"
    return "local" if usage.estimated else "upstream"
