"""What needs somebody's attention: what is missing before the first call, and what went wrong since."""

from typing import Literal

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.catalog import PriceSettings, SiteSettings, price_book
from faregate.channels import Channel, ServedModel
from faregate.channels.models import AUTO_DISABLED, ENABLED
from faregate.identity import ROLE_ADMIN, Access, ByCaller, Context, InContext, Reply, Router, may
from faregate.identity.models import Key
from faregate.logbook import CONSUME, ERROR, Record

router = Router("/api/console", "console")
_SHOWN = 20
_HOUR_S = 3600
_FEWEST_FAILURES = 3


class AilingChannel(BaseModel):
    """A channel that was switched off by itself, or whose calls mostly failed in the last hour."""

    id: int
    name: str
    state: Literal["switched_off", "failing"]
    reason: str
    failed: int
    calls: int


class AttentionView(BaseModel):
    """`has_key`: the caller has a key. The rest is for administrators: for users all is well there.

    `unpriced`: the first of `unpriced_count` models that are served but refused, since they have no price.
    """

    has_key: bool
    has_channel: bool = True
    channels: list[AilingChannel] = []
    unpriced: list[str] = []
    unpriced_count: int = 0


@router.get("/attention", access=Access.USER)
async def attention(caller: ByCaller, context: InContext) -> Reply[AttentionView]:
    """What the caller should look at."""
    async with context.database.read() as session:
        mine = select(Key.id).where(Key.user_id == caller.id, Key.deleted_at.is_(None)).limit(1)
        has_key = await session.scalar(mine) is not None
        if caller.user.role < ROLE_ADMIN:
            return Reply(data=AttentionView(has_key=has_key))
        unpriced = await _unpriced(context, session)
        sees_channels = may(caller.user, "channel.read")
        return Reply(
            data=AttentionView(
                has_key=has_key,
                has_channel=await session.scalar(select(Channel.id).limit(1)) is not None,
                channels=await _ailing(session, context.now()) if sees_channels else [],
                unpriced=unpriced[:_SHOWN],
                unpriced_count=len(unpriced),
            )
        )


async def _ailing(session: AsyncSession, now: int) -> list[AilingChannel]:
    return await _switched_off(session) + await _failing(session, now)


async def _switched_off(session: AsyncSession) -> list[AilingChannel]:
    query = select(Channel).where(Channel.status == AUTO_DISABLED).order_by(Channel.status_at.desc()).limit(_SHOWN)
    return [
        AilingChannel(id=one.id, name=one.name, state="switched_off", reason=one.status_reason, failed=0, calls=0)
        for one in await session.scalars(query)
    ]


async def _failing(session: AsyncSession, now: int) -> list[AilingChannel]:
    """Enabled channels at least half of whose calls of the last hour failed, and not just one or two."""
    query = (
        select(Channel.id, Channel.name, Record.type, func.count())
        .join(Record, Record.channel_id == Channel.id)
        .where(Record.created_at >= now - _HOUR_S, Record.type.in_((CONSUME, ERROR)), Channel.status == ENABLED)
        .group_by(Channel.id, Channel.name, Record.type)
    )
    found: dict[int, AilingChannel] = {}
    for id, name, type, count in await session.execute(query):
        one = found.setdefault(id, AilingChannel(id=id, name=name, state="failing", reason="", failed=0, calls=0))
        one.calls += count
        one.failed += count if type == ERROR else 0
    bad = [one for one in found.values() if one.failed >= _FEWEST_FAILURES and 2 * one.failed >= one.calls]
    return sorted(bad, key=lambda one: (-one.failed, one.id))[:_SHOWN]


async def _unpriced(context: Context, session: AsyncSession) -> list[str]:
    site = context.settings.get(SiteSettings)
    if site.self_use:
        return []
    book = price_book(context.settings.get(PriceSettings), site.quota_per_unit)
    served = await session.scalars(select(ServedModel.model).distinct().order_by(ServedModel.model))
    return [name for name in served if book.find(name) is None]
