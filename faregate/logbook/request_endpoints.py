"""Requests for the console: pages, sums, one in full, a file. Users see their own, administrators everybody's.

Channels are for those who hold the right to read them.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.catalog import SiteSettings
from faregate.channels import Channel
from faregate.identity import ROLE_ADMIN, Access, ByCaller, Caller, InContext, Refusal, Reply, Router, may
from faregate.kernel.errors import BadRequest
from faregate.logbook.models import ERROR
from faregate.logbook.repository import channel_names
from faregate.logbook.request_csv import csv_of
from faregate.logbook.request_detail import RequestDetail, detail, rows_of_request
from faregate.logbook.request_filter import Kind, RequestFilter, resolve
from faregate.logbook.request_pages import every_row, newer_page, older_page, parse_place, totals
from faregate.logbook.request_views import RequestsView, Sight, TotalsView, request_views
from faregate.logbook.writer import record

router = Router("/api/console", "console")
_LONGEST, _FAR = 191, 10**12
Word = Annotated[str, Query(max_length=_LONGEST)]
Moment = Annotated[int, Query(ge=0, le=_FAR)]


def is_admin(caller: Caller) -> bool:
    """True for those who see everybody's."""
    return caller.user.role >= ROLE_ADMIN


def refuse_channels_unless_seen(caller: Caller) -> None:
    """Raise Refusal for those who may not read channels."""
    if not may(caller.user, "channel.read"):
        raise Refusal("Your account may not read channels.", status=403)


def _sight(caller: Caller) -> Sight:
    return Sight(users=is_admin(caller), channels=may(caller.user, "channel.read"))


def _asked(
    caller: ByCaller,
    kind: Kind = "all",
    mine: bool = False,
    since: Moment = 0,
    until: Moment = 0,
    model: Word = "",
    key: Word = "",
    user: Word = "",
    channel: Word = "",
    group: Word = "",
    stream: Literal["", "yes", "no"] = "",
    request_id: Word = "",
    upstream_request_id: Word = "",
    text: Word = "",
) -> RequestFilter:
    if (user or channel) and not is_admin(caller):
        raise Refusal("Only administrators may filter by user or channel.", status=403)
    if channel:
        refuse_channels_unless_seen(caller)
    if until and until <= since:
        raise BadRequest("until must be later than since.", param="until")
    return RequestFilter(
        kind=kind,
        since=since,
        until=until,
        owner_id=caller.id if mine or not is_admin(caller) else 0,
        model=model,
        key=key,
        user=user,
        channel=channel,
        group=group,
        stream=stream,
        request_id=request_id,
        upstream_request_id=upstream_request_id,
        text=text,
    )


Asked = Annotated[RequestFilter, Depends(_asked)]


@router.get("/requests", access=Access.USER)
async def list_requests(
    caller: ByCaller,
    context: InContext,
    asked: Asked,
    before: str = "",
    after: str = "",
    size: int = Query(50, ge=1, le=100),
) -> Reply[RequestsView]:
    """One page of requests, newest first: the newest, those older than `before`, or those newer than `after`."""
    sight = _sight(caller)
    start, end = parse_place(before, "before"), parse_place(after, "after")
    if start and end:
        raise BadRequest("before and after exclude each other.", param="after")
    async with context.database.read() as session:
        rules = (await resolve(session, asked)).rules(asked.kind)
        page = await (newer_page(session, rules, size, end) if end else older_page(session, rules, size, start))
        channels = await channel_names(session, page.rows) if sight.channels else {}
        failures = await _failures(session, page.rows)
    return Reply(
        data=RequestsView(
            items=request_views(page.rows, channels, failures, sight),
            older=str(page.older or ""),
            newer=str(page.newer or ""),
            looked_to=page.looked_to,
        )
    )


@router.get("/requests/totals", access=Access.USER)
async def sum_requests(context: InContext, asked: Asked) -> Reply[TotalsView]:
    """Sums over the filter."""
    async with context.database.read() as session:
        found = await totals(session, await resolve(session, asked), asked.kind)
    return Reply(
        data=TotalsView(
            requests=found.requests,
            failed=found.failed,
            charge=found.charge,
            prompt_tokens=found.prompt_tokens,
            completion_tokens=found.completion_tokens,
            is_complete=found.is_complete,
        )
    )


@router.get("/requests.csv", access=Access.USER)
async def export_requests(caller: ByCaller, context: InContext, asked: Asked) -> StreamingResponse:
    """All requests of the filter as a CSV file, newest first, the sums in its last line."""
    sight = _sight(caller)
    async with context.database.read() as session:
        rules = (await resolve(session, asked)).rules(asked.kind)
        named = select(Channel.id, Channel.name)
        channels: dict[int, str] = dict((await session.execute(named)).all()) if sight.channels else {}  # pyright: ignore[reportArgumentType]
    unit = context.settings.get(SiteSettings).quota_per_unit
    pieces = csv_of(every_row(context.database, rules), channels, unit, sight)
    headers = {"Content-Disposition": 'attachment; filename="requests.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/requests/{request_id}", access=Access.USER)
async def get_request(caller: ByCaller, context: InContext, request_id: str) -> Reply[RequestDetail]:
    """Everything about one request."""
    sight = _sight(caller)
    async with context.database.read() as session:
        rows = await rows_of_request(session, request_id, 0 if is_admin(caller) else caller.id)
        channels = await channel_names(session, rows) if sight.channels else {}
    if not rows:
        raise Refusal(f"There is no request {request_id!r} in the log.", status=404)
    unit = context.settings.get(SiteSettings).quota_per_unit
    return Reply(data=detail(rows, channels, unit, sight))


async def _failures(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[str, int]:
    """The number of failed attempts of the requests that `rows` tell of."""
    idents = sorted({row.request_id for row in rows if row.request_id})
    if not idents:
        return {}
    query = select(record.c.request_id, func.count()).where(record.c.request_id.in_(idents), record.c.type == ERROR)
    return dict((await session.execute(query.group_by(record.c.request_id))).all())  # pyright: ignore[reportArgumentType]
