"""Testing a channel: a tiny call through the pipeline's own parts, to one channel, that nobody pays for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote as quoted

import msgspec

from faregate.channels.health import Health
from faregate.channels.snapshot import ChannelView
from faregate.channels.testing import Probe, ProbeResult
from faregate.formats.dialect import Envelope
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.identity import ENABLED, KeyRecord
from faregate.kernel.errors import BadRequest, GatewayError, UpstreamFailure
from faregate.kernel.ids import request_id
from faregate.kernel.log import get_logger
from faregate.relay.arrival import Arrival
from faregate.relay.attempt import Attempt
from faregate.relay.faults import fault_of
from faregate.relay.pipeline import Pipeline
from faregate.relay.plan import Candidate, Plan, Wish, options
from faregate.relay.providers import BY_TYPE
from faregate.relay.records import Ending, usage_record
from faregate.relay.request import Request
from faregate.relay.responder import Responder
from faregate.relay.routes import Operation, match
from faregate.relay.till import charge_for, quote

_WITHIN_S = 60.0
_MAX_TOKENS = 16
_NAME = "channel test"
_HI = [{"role": "user", "content": "hi"}]
_log = get_logger(__name__)
# New API's names of endpoints; what is not listed is a chat.
_PATHS = {
    "openai-response": "/v1/responses",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/{model}:generateContent",
    "embeddings": "/v1/embeddings",
}
_CHAT = "/v1/chat/completions"
_ABSENT = frozenset(("openai-response-compact", "jina-rerank", "image-generation"))
_EMBEDDING_MARKS = ("embedding", "embed", "bge-")


class ChannelProber:
    """Makes test calls under the pipeline's present rules."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @property
    def switches_off(self) -> bool:
        """True when the operator wants what is broken switched off."""
        return self._pipeline.rules.auto_disable

    async def probe(self, channel: ChannelView, ask: Probe) -> ProbeResult:
        """The result, whatever it is."""
        candidate: Candidate | None = None
        started = self._pipeline.clock.ticks()
        try:
            request = self._request(channel, ask)
            candidate = _candidate(channel, request)
            await self._call(request, candidate)
        except GatewayError as error:
            return self._failed(channel, candidate, error)
        seconds = self._pipeline.clock.ticks() - started
        return ProbeResult(success=True, time_s=seconds, credential_id=candidate.credential.id)

    def _request(self, channel: ChannelView, ask: Probe) -> Request:
        path = _path(ask)
        operation = match("POST", path)
        if operation is None:
            raise BadRequest(f"the model name {ask.model!r} cannot be put into a path")
        arrival = Arrival(
            request_id=request_id(),
            method="POST",
            path=path,
            query=b"",
            headers=(),
            first={},
            peer="",
            operation=operation,
            dialect=operation.dialect,
            started=self._pipeline.clock.ticks(),
            at=self._pipeline.clock.now(),
        )
        return Request(
            arrival,
            _key(ask),
            _body(ask, operation, path),
            Envelope(model=ask.model, stream=ask.stream, max_output_tokens=_MAX_TOKENS),
            group=ask.group,
            address="",
            wish=Wish(operation.mode, operation.dialect, ask.model, path),
            affinity=None,
            picked_channel=channel.id,
        )

    async def _call(self, request: Request, candidate: Candidate) -> None:
        """The exchange and its line in the log. Raises GatewayError."""
        pipeline, rules = self._pipeline, self._pipeline.rules
        price = quote(rules.tariffs, request)
        attempt = Attempt(
            request,
            candidate,
            rules.preparer.prepare(request, candidate),
            Responder(request.arrival, _swallow),
            body_limit_bytes=pipeline.limits.body_bytes,
            frame_limit_bytes=pipeline.limits.frame_bytes,
            first_token_s=_WITHIN_S,
            special_ratio=price.ratio.special,
            complete=_no_settling,
        )
        await attempt.run(pipeline.egress)
        usage = attempt.meter.total(lambda: request.prompt_tokens)
        charged = charge_for(rules.tariffs, price, request, usage)
        ending = Ending("done" if attempt.meter.done else "eof")
        record = usage_record(attempt, [candidate.channel.id], usage, charged, ending, pipeline.clock.ticks())
        record.requests, record.counts = 0, False
        record.line.content = _NAME
        if rules.logs_usage:
            pipeline.ledger.note(record)

    def _failed(self, channel: ChannelView, candidate: Candidate | None, error: GatewayError) -> ProbeResult:
        rules = self._pipeline.rules
        secret = ""
        if isinstance(error, UpstreamFailure):
            error = rules.mapped(error, channel)
            secret = candidate.credential.secret if candidate else ""
        fault = fault_of(error, "")
        if error.detail:
            _log.info("channel.test_failed", channel=channel.id, code=error.code, detail=error.detail)
        # Providers like to repeat what was presented.
        message = fault.message.replace(secret, "***") if secret else fault.message
        return ProbeResult(
            success=False,
            message=message,
            error_code=str(fault.code or fault.type),
            credential_id=candidate.credential.id if candidate else 0,
            permanent=rules.is_permanent(error, fault),
        )


def _candidate(channel: ChannelView, request: Request) -> Candidate:
    """The channel with one of its keys, in the dialect the plan would choose. Raises BadRequest."""
    if channel.type not in BY_TYPE:
        raise BadRequest("channels of this type cannot be tested", code="")
    if not channel.credentials:
        raise BadRequest("the channel has no key that is on", code="")
    found = Plan(options((channel,), request.wish), request.wish, Health()).next()
    if found is None:
        raise BadRequest(f"this channel has no endpoint for the model {request.model!r}", code="")
    return found


def _path(ask: Probe) -> str:
    """The path of the call: as asked, else by the model's name. Raises BadRequest for what cannot be tested."""
    name = ask.model.lower()
    if ask.endpoint in _ABSENT or (not ask.endpoint and "rerank" in name):
        raise BadRequest(f"{ask.endpoint or 'rerank'} calls cannot be tested", code="")
    if ask.endpoint:
        return _PATHS.get(ask.endpoint, _CHAT).format(model=quoted(ask.model, safe=""))
    if name.startswith("m3e") or any(mark in name for mark in _EMBEDDING_MARKS):
        return _PATHS["embeddings"]
    return _PATHS["openai-response"] if "codex" in name else _CHAT


def _body(ask: Probe, operation: Operation, path: str) -> bytes:
    return msgspec.json.encode(_fields(ask, operation.dialect, path))


def _fields(ask: Probe, dialect: DialectName, path: str) -> Mapping[str, Any]:
    if path == _PATHS["embeddings"]:
        return {"model": ask.model, "input": ["hello world"]}
    match dialect:
        case "gemini":
            return {
                "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
                "generationConfig": {"maxOutputTokens": _MAX_TOKENS},
            }
        case "openai_responses":
            return {"model": ask.model, "input": _HI, "stream": ask.stream}
        case "openai_chat" | "anthropic":
            return {"model": ask.model, "messages": _HI, "stream": ask.stream, "max_tokens": _MAX_TOKENS}


def _key(ask: Probe) -> KeyRecord:
    """Stands for a key in prices and records; it has no account."""
    return KeyRecord(
        id=0, name=_NAME, status=ENABLED, expires_at=-1, unlimited=True, used_quota=0, allowance_id=0,
        model_limits=None, networks=None, group="", auto_groups=(), cross_group_retry=False, user_id=ask.user_id,
        username=ask.username, user_status=ENABLED, user_group=ask.group, role=0, is_deleted=False, wallet_id=0,
        record_ip=False, accept_unpriced=False,
    )  # fmt: skip


def _no_settling(attempt: Attempt, usage: Usage) -> None:
    """The line in the log is written afterwards."""


async def _swallow(_: object) -> None:
    """Nobody waits for the answer itself."""
