"""One request in full: its attempts in order, what was used, how the charge came about, its identifiers."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.logbook.bill import BillView, Bucket, bill, buckets, tokens_of
from faregate.logbook.models import CONSUME, ERROR
from faregate.logbook.particulars import Particulars, particulars
from faregate.logbook.request_views import RequestView, Sight, failure_text, request_view
from faregate.logbook.writer import record

_MOST_ROWS = 100


class AttemptView(BaseModel):
    """One upstream call. `started_ms` and `ended_ms` count from the request's arrival; channels are 0 and empty for
    those who may not see them."""

    number: int
    channel_id: int
    channel: str
    outcome: Literal["answered", "broken", "failed"]
    started_ms: int
    ended_ms: int
    status_code: int
    error_type: str
    error_code: str
    error: str


class StreamView(BaseModel):
    """How a stream ended: `reason` is done, eof, timeout, client_gone or scanner_error."""

    reason: str
    error: str
    junk_events: int


class RouteView(BaseModel):
    """What those who see channels see of the routing. `usage_path`: whose numbers were billed."""

    usage_path: str
    is_counted_here: bool
    credential_index: int | None
    affinity: str


class RequestDetail(BaseModel):
    """Everything about one request. `bill` is None where nothing was charged, `route` for those who see no channels."""

    request: RequestView
    upstream_request_id: str
    path: str
    dialects: list[str]
    ip: str
    reasoning_effort: str
    notes: list[str]
    attempts: list[AttemptView]
    usage: list[Bucket]
    bill: BillView | None
    stream: StreamView | None
    route: RouteView | None


async def rows_of_request(session: AsyncSession, request_id: str, owner_id: int) -> list[Row[Any]]:
    """The rows of a request in order, its answer last; only those of `owner_id` unless that is 0."""
    query = select(record).where(record.c.request_id == request_id, record.c.type.in_((CONSUME, ERROR)))
    if owner_id:
        query = query.where(record.c.user_id == owner_id)
    rows = list(await session.execute(query.order_by(record.c.id).limit(_MOST_ROWS)))
    return sorted(rows, key=lambda row: row.type == CONSUME)


def detail(rows: Sequence[Row[Any]], channels: Mapping[int, str], quota_per_unit: float, sight: Sight) -> RequestDetail:
    """The request that `rows` (at least one) tell of."""
    last = rows[-1]
    told = particulars(last.other)
    failures = {last.request_id: sum(row.type == ERROR for row in rows)}
    tokens = tokens_of(told, last.prompt_tokens, last.completion_tokens)
    answered = last.type == CONSUME
    return RequestDetail(
        request=request_view(last, channels, failures, sight),
        upstream_request_id=last.upstream_request_id,
        path=told.request_path,
        dialects=told.conversion,
        ip=last.ip,
        reasoning_effort=told.reasoning_effort,
        notes=told.notes,
        attempts=_attempts(rows, channels, sight),
        usage=buckets(tokens),
        bill=bill(told, tokens, last.charge, quota_per_unit) if answered else None,
        stream=_stream(told),
        route=_route(told) if sight.channels else None,
    )


def _attempts(rows: Sequence[Row[Any]], channels: Mapping[int, str], sight: Sight) -> list[AttemptView]:
    found: list[AttemptView] = []
    started = 0
    for number, row in enumerate(rows, 1):
        told = particulars(row.other)
        view = request_view(row, channels, {}, sight)
        found.append(
            AttemptView(
                number=number,
                channel_id=view.channel_id,
                channel=view.channel,
                outcome=view.outcome,
                started_ms=started,
                ended_ms=max(started, row.duration_ms),
                status_code=told.status_code,
                error_type=told.error_type,
                error_code=told.error_code,
                error=failure_text(row.content) if row.type == ERROR else view.error,
            )
        )
        started = max(started, row.duration_ms)
    return found


def _stream(told: Particulars) -> StreamView | None:
    status = told.stream_status
    if status is None:
        return None
    return StreamView(reason=status.end_reason, error=status.end_error, junk_events=status.error_count)


def _route(told: Particulars) -> RouteView:
    info = told.admin_info
    return RouteView(
        usage_path=info.usage_billing_path,
        is_counted_here=info.local_count_tokens,
        credential_index=info.multi_key_index,
        affinity=str(info.channel_affinity.get("rule_name", "")),
    )
