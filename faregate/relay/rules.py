"""The operator's rules as the data plane needs them: one immutable value, made anew when a setting changes."""

import re
from collections.abc import Callable

from msgspec import Struct, structs

from faregate.channels.snapshot import ChannelView
from faregate.formats.dialect import Fault
from faregate.formats.turn import DialectName
from faregate.kernel.egress import Deadlines
from faregate.kernel.errors import GatewayError, Misconfigured, Refused, UpstreamFailure
from faregate.relay.faults import RefusedBy
from faregate.relay.settings import (
    AffinitySettings,
    DialectSettings,
    ResponsesPolicy,
    RoutingSettings,
    status_ranges,
)
from faregate.relay.till import Tariffs
from faregate.relay.upstream import Preparer

Policy = Callable[[ChannelView, str], DialectName | None]
_CALLERS_FAULT = frozenset((400, 404, 405, 406, 409, 411, 413, 414, 415, 416, 422, 431))


class Rules(Struct, frozen=True, eq=False):
    """What the pipeline goes by."""

    tariffs: Tariffs
    preparer: Preparer
    affinity: AffinitySettings
    retry_times: int
    retry_statuses: frozenset[int]
    disable_statuses: frozenset[int]
    disable_keywords: tuple[str, ...]
    responses_policy: Policy | None
    logs_usage: bool = True
    auto_disable: bool = False

    def goes_on(self, failure: UpstreamFailure) -> bool:
        """True when another candidate is worth trying. What is no answer of an upstream, or no status, always is."""
        if not isinstance(failure, Refused) or not 100 <= failure.status <= 599:
            return True
        return failure.status in self.retry_statuses

    def mapped(self, failure: UpstreamFailure, channel: ChannelView) -> UpstreamFailure:
        """The failure with the channel's status mapping applied: before anything is decided by it."""
        if not isinstance(failure, RefusedBy):
            return failure
        status = channel.status_mapping.get(failure.status)
        if status is None:
            return failure
        fault = structs.replace(failure.fault, status=status)
        return RefusedBy(fault, committed=failure.committed, retry_after=failure.retry_after)

    def blames_upstream(self, failure: UpstreamFailure) -> bool:
        """True when the failure tells something about the upstream's health, not about the request."""
        return not isinstance(failure, Refused) or failure.status not in _CALLERS_FAULT

    def is_permanent(self, failure: GatewayError, fault: Fault) -> bool:
        """True when the operator's policy calls this failure final for the credential; `fault` is what it says."""
        if not self.auto_disable:
            return False
        if not isinstance(failure, RefusedBy):
            return isinstance(failure, Misconfigured)
        text = fault.message.lower()
        return fault.status in self.disable_statuses or any(word in text for word in self.disable_keywords)


def rules_of(
    routing: RoutingSettings,
    affinity: AffinitySettings,
    dialects: DialectSettings,
    tariffs: Tariffs,
    *,
    deadlines: Deadlines,
    azure_api_version: str,
    logs_usage: bool,
) -> Rules:
    """The rules that these settings describe."""
    words = (line.strip().lower() for line in routing.disable_keywords.splitlines())
    return Rules(
        tariffs=tariffs,
        preparer=Preparer(dialects, deadlines, azure_api_version),
        affinity=affinity,
        retry_times=routing.retry_times,
        retry_statuses=_statuses(routing.retry_statuses),
        disable_statuses=_statuses(routing.disable_statuses),
        disable_keywords=tuple(word for word in words if word),
        responses_policy=_policy(dialects.responses_policy),
        logs_usage=logs_usage,
        auto_disable=routing.auto_disable,
    )


def _statuses(text: str) -> frozenset[int]:
    return frozenset(status for low, high in status_ranges(text) for status in range(low, high + 1))


def _policy(policy: ResponsesPolicy) -> Policy | None:
    """Which channel and model go to the Responses endpoint; None when none does."""
    if not policy.enabled or not policy.model_patterns:
        return None
    patterns = [re.compile(pattern) for pattern in policy.model_patterns]

    def forced(channel: ChannelView, model: str) -> DialectName | None:
        listed = policy.all_channels or channel.id in policy.channel_ids or channel.type in policy.channel_types
        return "openai_responses" if listed and any(pattern.search(model) for pattern in patterns) else None

    return forced
