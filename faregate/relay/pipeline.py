"""A request's life, in order: authenticate, parse, authorise, plan, hold, attempt, settle, record.

Exactly one of settle and release ends every hold, whatever happens on the way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from faregate.billing import Hold, Ledger, Settlement
from faregate.channels.health import Health
from faregate.channels.snapshot import EMPTY, ChannelView, Routing
from faregate.formats.dialect import Fault
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.identity import KeyRecord
from faregate.kernel.clock import SYSTEM, Clock
from faregate.kernel.egress import Egress
from faregate.kernel.errors import (
    GatewayError,
    IdleTimeout,
    Misconfigured,
    Unavailable,
    Unrepresentable,
    UpstreamFailure,
)
from faregate.kernel.log import get_logger
from faregate.relay.attempt import Attempt
from faregate.relay.faults import RefusedBy, fault_of
from faregate.relay.plan import Candidate, Offers, Plan, Turns, options
from faregate.relay.records import Ending, error_record, usage_record
from faregate.relay.request import Request
from faregate.relay.responder import Responder
from faregate.relay.rules import Rules
from faregate.relay.till import Quote, accounts_of, charge_for, hold_for, quote
from faregate.relay.upstream import Prepared
from faregate.relay.watch import Receive, Watch, Watches

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one exchange."""

    body_bytes: int
    frame_bytes: int
    first_token_s: float
    error_records: bool = True


class Pipeline:
    """Everything a request meets. `rules` and `offers` are swapped whole when settings or channels change."""

    def __init__(
        self, ledger: Ledger, egress: Egress, health: Health, rules: Rules, limits: Limits, clock: Clock = SYSTEM
    ) -> None:
        self.ledger = ledger
        self.egress = egress
        self.health = health
        self.rules = rules
        self.limits = limits
        self.clock = clock
        self.offers = Offers(EMPTY)
        self._turns = Turns()
        self._watches = Watches()
        self.on_exhausted: Callable[[KeyRecord], Awaitable[None]] | None = None
        self.on_permanent_failure: Callable[[Candidate, Fault], None] | None = None

    async def exhausted(self, key: KeyRecord) -> None:
        """Told of a key found used up on use."""
        if self.on_exhausted is not None:
            await self.on_exhausted(key)

    @property
    def routing(self) -> Routing:
        """The present view of channels."""
        return self.offers.routing

    def publish(self, routing: Routing) -> None:
        """Go by this view of channels from now on."""
        self.offers = Offers(routing)
        self.rules.preparer.forget()

    async def serve(self, request: Request, receive: Receive, responder: Responder) -> None:
        """Answer one request of a known caller. Raises GatewayError while nothing has been sent."""
        plan = self.plan(request)
        quoted = quote(self.rules.tariffs, request)
        held = await hold_for(self.ledger, request, quoted, self.exhausted)
        call = _Call(self, request, plan, quoted, held, responder)
        try:
            with self._watches.over(receive) as watch:
                await call.run(watch)
        finally:
            call.let_go()

    def plan(self, request: Request) -> Plan:
        """The candidates for a request, to be tried in turn."""
        if request.picked_channel:
            offered = options((self.routing.by_id[request.picked_channel],), request.wish)
        else:
            offered = self.offers.find(request.group, request.wish)
        override = self._override(request)
        return Plan(offered, request.wish, self.health, turns=self._turns, affinity=request.affinity, override=override)

    def _override(self, request: Request) -> Callable[[ChannelView, str], DialectName | None] | None:
        """Chat and Claude calls that the operator wants answered by a Responses endpoint."""
        policy = self.rules.responses_policy
        if policy is None or request.dialect not in ("openai_chat", "anthropic"):
            return None
        return policy


class _Call:
    """One request on its way. State: the hold, the channels tried, the failures met."""

    def __init__(
        self,
        pipeline: Pipeline,
        request: Request,
        plan: Plan,
        quoted: Quote,
        held: Hold | None,
        responder: Responder,
    ) -> None:
        self._pipeline = pipeline
        self._request = request
        self._plan = plan
        self._quoted = quoted
        self._hold = held
        self._responder = responder
        self._tried: list[int] = []
        self._settled = False

    async def run(self, watch: Watch) -> None:
        """Try candidates until one answers. Raises the last failure when none does."""
        rules, request = self._pipeline.rules, self._request
        retries = 0 if request.picked_channel else rules.retry_times
        last: GatewayError | None = None
        while len(self._tried) <= retries:
            candidate = self._plan.next()
            if candidate is None:
                break
            try:
                prepared = rules.preparer.prepare(request, candidate)
            except Unrepresentable as reason:
                self._plan.exclude(candidate.channel)
                last = last or reason
                continue
            except Misconfigured as failure:
                last = self._set_aside(candidate, failure)
                continue
            failure = await self._attempt(candidate, prepared, watch)
            if failure is None:
                return
            last = failure
            if not rules.goes_on(failure):
                break
        try:
            raise last or no_channel(request.group, request.model)
        finally:
            last = failure = None  # their traceback holds this frame: only the collector would part them

    async def _attempt(self, candidate: Candidate, prepared: Prepared, watch: Watch) -> UpstreamFailure | None:
        """One attempt: None when the caller was answered, the failure when nothing had been sent."""
        pipeline, limits = self._pipeline, self._pipeline.limits
        self._tried.append(candidate.channel.id)
        attempt = Attempt(
            self._request,
            candidate,
            prepared,
            self._responder,
            body_limit_bytes=limits.body_bytes,
            frame_limit_bytes=limits.frame_bytes,
            first_token_s=limits.first_token_s if self._request.envelope.stream else 0,
            special_ratio=self._quoted.ratio.special,
            complete=self._complete,
        )
        pipeline.health.begin(candidate.credential.id, candidate.model)
        try:
            await attempt.run(pipeline.egress)
        except UpstreamFailure as failure:
            return await self._failed(attempt, failure)
        except asyncio.CancelledError:
            self._left(attempt, gone=watch.gone)
            if not watch.forgive():
                raise
        except Exception:
            if attempt.committed:  # a defect of ours does not make free what the caller has
                self._settle(attempt, Ending("scanner_error", "the gateway failed while it answered"))
            raise
        finally:
            pipeline.health.ended(candidate.credential.id, candidate.model)
        return None

    def _complete(self, attempt: Attempt, usage: Usage) -> None:
        """The upstream's answer is whole: charge it before the caller has the last of it."""
        self._pipeline.health.succeeded(attempt.candidate.credential.id, attempt.candidate.model)
        self._settle(attempt, Ending("done" if attempt.meter.done else "eof"), usage)

    async def _failed(self, attempt: Attempt, failure: UpstreamFailure) -> UpstreamFailure | None:
        candidate = attempt.candidate
        failure = self._pipeline.rules.mapped(failure, candidate.channel)
        fault = fault_of(failure, self._request.arrival.request_id)
        self._learn(candidate, failure, fault)
        if attempt.committed:
            self._settle(attempt, Ending(_end_reason(failure), fault.message))
            await attempt.fail(failure)
            return None
        self._note(candidate, failure, fault)
        return failure

    def _set_aside(self, candidate: Candidate, failure: Misconfigured) -> Misconfigured:
        """Leave out a channel that cannot be called as it is set."""
        self._tried.append(candidate.channel.id)
        self._plan.exclude(candidate.channel)
        fault = fault_of(failure, self._request.arrival.request_id)
        self._report(candidate, failure, fault)
        self._note(candidate, failure, fault)
        return failure

    def _note(self, candidate: Candidate, failure: UpstreamFailure, fault: Fault) -> None:
        pipeline = self._pipeline
        if pipeline.limits.error_records:
            now = pipeline.clock.ticks()
            pipeline.ledger.note(error_record(self._request, candidate, self._tried, fault, failure, now))

    def _learn(self, candidate: Candidate, failure: UpstreamFailure, fault: Fault) -> None:
        pipeline = self._pipeline
        if pipeline.rules.blames_upstream(failure):
            wait = _seconds(failure.retry_after) if isinstance(failure, RefusedBy) else 0.0
            pipeline.health.failed(candidate.credential.id, candidate.model, retry_after_s=wait)
        self._report(candidate, failure, fault)

    def _report(self, candidate: Candidate, failure: UpstreamFailure, fault: Fault) -> None:
        tell = self._pipeline.on_permanent_failure
        if tell is not None and self._pipeline.rules.is_permanent(failure, fault):
            tell(candidate, fault)

    def _left(self, attempt: Attempt, *, gone: bool) -> None:
        """The caller left (or we are stopping): what was produced until then is charged."""
        if attempt.committed or attempt.meter.has_content:
            self._settle(attempt, Ending("client_gone" if gone else "shutdown", "the caller closed the connection"))

    def _settle(self, attempt: Attempt, ending: Ending, usage: Usage | None = None) -> None:
        if self._settled:
            return
        self._settled = True
        request, tariffs = self._request, self._pipeline.rules.tariffs
        usage = usage or attempt.meter.total(lambda: request.prompt_tokens)
        charged = charge_for(tariffs, self._quoted, request, usage)
        record = usage_record(attempt, self._tried, usage, charged, ending, self._pipeline.clock.ticks())
        if not self._pipeline.rules.logs_usage:
            record.line.type = 0
        self._end(charged.quota, record)

    def _end(self, charge: int, record: Settlement) -> None:
        ledger = self._pipeline.ledger
        if self._hold is not None:
            ledger.settle(self._hold, charge, record)
            self._hold = None  # only now: a charge that the ledger refuses leaves a hold to let go
        elif charge:  # a free model's searches
            ledger.debit(*accounts_of(self._request.key), charge, record)
        else:
            ledger.note(record)

    def let_go(self) -> None:
        """Release the hold if nothing settled it."""
        held, self._hold = self._hold, None
        if held is not None:
            self._pipeline.ledger.release(held)


def no_channel(group: str, model: str) -> Unavailable:
    """What a caller is told when nothing serves the model."""
    return Unavailable(f"no channel of group {group!r} serves the model {model!r}", code="model_not_found")


def _end_reason(failure: UpstreamFailure) -> str:
    if isinstance(failure, IdleTimeout):
        return "timeout"
    return "error_event" if isinstance(failure, RefusedBy) else "scanner_error"


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
