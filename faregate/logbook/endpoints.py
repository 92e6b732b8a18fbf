"""The log over the wire: all of it for administrators, one's own, a key's own; totals; cleaning up."""

from typing import Annotated

from fastapi import Depends

from faregate.identity import (
    Access,
    ByCaller,
    ByKey,
    Context,
    Done,
    InContext,
    LimitClass,
    Page,
    Paged,
    Reply,
    Router,
    may,
    record,
    whole,
)
from faregate.kernel.errors import BadRequest
from faregate.logbook.repository import (
    ALL_MOST,
    OWN_MOST,
    LogFilter,
    channel_names,
    page_of_log,
    rows_of_key,
    totals,
)
from faregate.logbook.request_endpoints import refuse_channels_unless_seen
from faregate.logbook.retention import clean_up
from faregate.logbook.schemas import LogView, StatView, full_views, own_views, views_without_channels

router = Router("/api/log", "log")


def _asked(
    type: str = "",
    start_timestamp: str = "",
    end_timestamp: str = "",
    username: str = "",
    token_name: str = "",
    model_name: str = "",
    channel: str = "",
    group: str = "",
    request_id: str = "",
    upstream_request_id: str = "",
) -> LogFilter:
    return LogFilter(
        type=whole(type),
        since=whole(start_timestamp),
        until=whole(end_timestamp),
        username=username,
        key_name=token_name,
        model=model_name,
        channel_id=whole(channel),
        group=group,
        request_id=request_id,
        upstream_request_id=upstream_request_id,
    )


def _asked_of_all(asked: Annotated[LogFilter, Depends(_asked)], caller: ByCaller) -> LogFilter:
    if asked.channel_id:
        refuse_channels_unless_seen(caller)
    return asked


def _asked_of_oneself(asked: Annotated[LogFilter, Depends(_asked)], caller: ByCaller) -> LogFilter:
    """Whoever and whichever channel is named: the caller's own rows."""
    return LogFilter(
        type=asked.type,
        since=asked.since,
        until=asked.until,
        user_id=caller.id,
        key_name=asked.key_name,
        model=asked.model,
        group=asked.group,
        request_id=asked.request_id,
        upstream_request_id=asked.upstream_request_id,
    )


AskedOfAll = Annotated[LogFilter, Depends(_asked_of_all)]
AskedOfOneself = Annotated[LogFilter, Depends(_asked_of_oneself)]


@router.get("/", access=Access.ADMIN)
async def list_all(caller: ByCaller, context: InContext, asked: AskedOfAll, paging: Paged) -> Reply[Page[LogView]]:
    """Everybody's lines, newest first. User and model are matched whole, or with `%` as a pattern."""
    async with context.database.read() as session:
        total, rows = await page_of_log(session, asked, paging, most=ALL_MOST)
        if not may(caller.user, "channel.read"):
            return paging.reply(total, views_without_channels(rows))
        return paging.reply(total, full_views(rows, await channel_names(session, rows)))


@router.get("/self", access=Access.USER)
async def list_own(context: InContext, asked: AskedOfOneself, paging: Paged) -> Reply[Page[LogView]]:
    """One's own lines, newest first, numbered from 1."""
    async with context.database.read() as session:
        total, rows = await page_of_log(session, asked, paging, most=OWN_MOST)
    return paging.reply(total, own_views(rows, paging.offset))


@router.get("/stat", access=Access.ADMIN)
async def sum_all(context: InContext, asked: AskedOfAll) -> Reply[StatView]:
    """Totals of usage records."""
    return await _sums(context, asked)


@router.get("/self/stat", access=Access.USER)
async def sum_own(context: InContext, asked: AskedOfOneself) -> Reply[StatView]:
    """Totals of one's own usage records."""
    return await _sums(context, asked)


async def _sums(context: Context, asked: LogFilter) -> Reply[StatView]:
    async with context.database.read() as session:
        found = await totals(session, asked, context.now())
    return Reply(data=StatView(quota=found.quota, rpm=found.requests, tpm=found.tokens))


@router.get("/token", access=Access.KEY, limit=LimitClass.CRITICAL, cors=True, bare_key=True)
async def list_of_key(key: ByKey, context: InContext) -> Reply[list[LogView]]:
    """The calling key's newest lines, numbered from 1."""
    async with context.database.read() as session:
        return Reply(data=own_views(await rows_of_key(session, key.id)))


@router.get("/search", access=Access.ADMIN)
async def search_all() -> Done:
    """Given up by New API as well; its clients expect the refusal."""
    raise _given_up("/api/log/")


@router.get("/self/search", access=Access.USER, limit=LimitClass.SEARCH)
async def search_own() -> Done:
    """Given up, like the other search."""
    raise _given_up("/api/log/self")


def _given_up(instead: str) -> BadRequest:
    return BadRequest(f"This search was given up: use the filters of {instead}.")


@router.delete("/", access=Access.ROOT)
async def remove_old(caller: ByCaller, context: InContext, target_timestamp: str = "") -> Reply[int]:
    """Remove lines older than `target_timestamp` (unix seconds), audit lines excepted; how many."""
    before = whole(target_timestamp)
    if before <= 0:
        raise BadRequest("target_timestamp must say before which time lines are removed.", param="target_timestamp")
    if before > context.now():
        raise BadRequest(
            "target_timestamp must not be in the future: every line would be removed.", param="target_timestamp"
        )
    removed = await clean_up(context.database, before, context.now())
    async with context.database.write() as session:
        text = f"removed {removed} log lines older than {before}"
        await record(context, session, caller, "log.cleanup", text, target_timestamp=before, count=removed)
    return Reply(data=removed)
