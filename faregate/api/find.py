"""Everything by name, for the console's palette: keys, channels, models, users, settings, a request by its id.

Callers find what is theirs; administrators everybody's. A few of each kind, the best match first.
"""

from typing import Literal
from urllib.parse import quote

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels import Channel
from faregate.channels.models import ServedModel
from faregate.identity import (
    ROLE_ADMIN,
    ROLE_ROOT,
    Access,
    ByCaller,
    Caller,
    Context,
    InContext,
    Reply,
    Router,
    like,
    may,
)
from faregate.identity.models import Key, User
from faregate.logbook.models import Record

router = Router("/api/console", "console")
_EACH = 5
_LONGEST = 100


class Found(BaseModel):
    """One thing, and the page of the console that shows it."""

    kind: Literal["key", "channel", "model", "user", "setting", "request"]
    name: str
    to: str


@router.get("/find", access=Access.USER)
async def find(
    caller: ByCaller, context: InContext, q: str = Query(min_length=1, max_length=_LONGEST)
) -> Reply[list[Found]]:
    """What the caller may see and whose name contains `q`; a request only by its whole id."""
    wanted = q.strip()
    async with context.database.read() as session:
        found = await _request(session, caller, wanted) + await _keys(session, caller, wanted)
        if may(caller.user, "channel.read"):
            found += await _channels(session, wanted)
        if caller.user.role >= ROLE_ADMIN:
            found += await _users(session, wanted)
        found += await _models(context, session, caller, wanted)
    if caller.user.role >= ROLE_ROOT:
        found += _settings(context, wanted)
    return Reply(data=found)


async def _request(session: AsyncSession, caller: Caller, wanted: str) -> list[Found]:
    query = select(Record.request_id).where(Record.request_id == wanted).limit(1)
    if caller.user.role < ROLE_ADMIN:
        query = query.where(Record.user_id == caller.id)
    known = await session.scalar(query)
    return [Found(kind="request", name=known, to=f"/requests?open={known}")] if known else []


async def _keys(session: AsyncSession, caller: Caller, wanted: str) -> list[Found]:
    mine = select(Key.id, Key.name).where(Key.user_id == caller.id, Key.deleted_at.is_(None))
    rows = await session.execute(mine.where(func.lower(Key.name).like(like(wanted), escape="!")).limit(_EACH))
    return [Found(kind="key", name=name, to=f"/keys?open={id}") for id, name in rows]


async def _channels(session: AsyncSession, wanted: str) -> list[Found]:
    matches = func.lower(Channel.name).like(like(wanted), escape="!")
    if wanted.isdecimal():
        matches = matches | (Channel.id == int(wanted[:18]))
    rows = await session.execute(select(Channel.id, Channel.name).where(matches).limit(_EACH))
    return [Found(kind="channel", name=f"{name} · {id}", to=f"/channels/{id}") for id, name in rows]


async def _users(session: AsyncSession, wanted: str) -> list[Found]:
    text = like(wanted)
    matches = func.lower(User.username).like(text, escape="!") | func.lower(User.email).like(text, escape="!")
    query = select(User.id, User.username).where(matches, User.deleted_at.is_(None)).limit(_EACH)
    return [Found(kind="user", name=name, to=f"/users?open={id}") for id, name in await session.execute(query)]


async def _models(context: Context, session: AsyncSession, caller: Caller, wanted: str) -> list[Found]:
    served = select(ServedModel.model).distinct().where(func.lower(ServedModel.model).like(like(wanted), escape="!"))
    if caller.user.role < ROLE_ADMIN:
        served = served.where(ServedModel.group.in_(list(context.groups.selectable(caller.user.group))))
    names = await session.scalars(served.order_by(ServedModel.model).limit(_EACH))
    return [Found(kind="model", name=name, to=f"/models?open={quote(name)}") for name in names]


def _settings(context: Context, wanted: str) -> list[Found]:
    text = wanted.lower()
    matches = [(key, title) for key, title in context.settings.titles().items() if text in f"{title} {key}".lower()]
    return [Found(kind="setting", name=title, to=f"/settings?find={key}") for key, title in matches[:_EACH]]
