"""How channels did of late, for the console: answered and failed calls, and what the last failure was."""

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import Access, InContext, Reply, Router
from faregate.logbook.models import ERROR
from faregate.logbook.writer import record, rollup

router = Router("/api/console/channel-health", "console")
_HOUR_S = 3600
_MOST_FAILURES = 10_000  # the newest that are looked at
_TEXT_LENGTH = 500


class ChannelHealth(BaseModel):
    """One channel since the start of the last whole hour. `last_failure_at`: unix seconds, 0 when none failed."""

    channel_id: int
    answered: int
    failed: int
    last_failure: str
    last_failure_at: int


class ChannelsHealth(BaseModel):
    """The channels that were called since `since` (unix seconds)."""

    since: int
    channels: list[ChannelHealth]


@router.get("", access=Access.ADMIN, permission="channel.read")
async def health(context: InContext) -> Reply[ChannelsHealth]:
    """Calls by channel since the start of the last whole hour: from one to two hours, as sums are kept by the hour."""
    since = (context.now() - _HOUR_S) // _HOUR_S * _HOUR_S
    async with context.database.read() as session:
        answered = await _answered(session, since)
        failed = await _failed(session, since)
        told = await _told(session, [newest for _, newest in failed.values()])
    return Reply(
        data=ChannelsHealth(
            since=since,
            channels=[
                _health(ident, answered.get(ident, 0), failed.get(ident, (0, 0)), told)
                for ident in sorted({*answered, *failed})
            ],
        )
    )


def _health(ident: int, answered: int, failed: tuple[int, int], told: dict[int, tuple[str, int]]) -> ChannelHealth:
    count, newest = failed
    text, at = told.get(newest, ("", 0))
    return ChannelHealth(channel_id=ident, answered=answered, failed=count, last_failure=text, last_failure_at=at)


async def _answered(session: AsyncSession, since: int) -> dict[int, int]:
    sums = select(rollup.c.channel_id, func.sum(rollup.c.requests)).where(
        rollup.c.hour >= since, rollup.c.channel_id > 0
    )
    return {ident: int(total) for ident, total in await session.execute(sums.group_by(rollup.c.channel_id))}


async def _failed(session: AsyncSession, since: int) -> dict[int, tuple[int, int]]:
    """How many failures a channel had, and the id of the newest. Bounded: an index gives the newest of all first."""
    newest = select(record.c.id, record.c.channel_id, record.c.created_at).where(record.c.type == ERROR)
    recent = newest.order_by(record.c.id.desc()).limit(_MOST_FAILURES).subquery()
    counted = select(recent.c.channel_id, func.count(), func.max(recent.c.id))
    rows = counted.where(recent.c.created_at >= since, recent.c.channel_id > 0).group_by(recent.c.channel_id)
    return {ident: (int(count), int(last)) for ident, count, last in await session.execute(rows)}


async def _told(session: AsyncSession, ids: list[int]) -> dict[int, tuple[str, int]]:
    if not ids:
        return {}
    rows = select(record.c.id, record.c.content, record.c.created_at).where(record.c.id.in_(ids))
    return {ident: (content[:_TEXT_LENGTH], at) for ident, content, at in await session.execute(rows)}
