"""Hourly figures: sums by model or by user, from the rollups that are written with the records."""

from typing import Any

from sqlalchemy import ColumnElement, Label, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import Access, ByCaller, InContext, Reply, Router, whole
from faregate.identity.models import User
from faregate.kernel.errors import BadRequest
from faregate.logbook.schemas import HourView
from faregate.logbook.writer import rollup

router = Router("/api/data", "figures")
_MONTH_S = 2_592_000
_MOST = 50_000  # rows of one answer
_SUMS: tuple[Label[Any], ...] = (
    func.sum(rollup.c.prompt_tokens + rollup.c.completion_tokens).label("tokens"),
    func.sum(rollup.c.requests).label("requests"),
    func.sum(rollup.c.charge).label("charge"),
)


@router.get("/", access=Access.ADMIN)
async def by_model(
    context: InContext, start_timestamp: str = "", end_timestamp: str = "", username: str = ""
) -> Reply[list[HourView]]:
    """Everybody's sums by model and hour, or one user's."""
    span = _span(start_timestamp, end_timestamp)
    async with context.database.read() as session:
        if not username:
            return Reply(data=await _models(session, span))
        user_id = await session.scalar(select(User.id).where(User.username == username))
        return Reply(data=[] if user_id is None else await _models(session, span, user_id, username))


@router.get("/users", access=Access.ADMIN)
async def by_user(context: InContext, start_timestamp: str = "", end_timestamp: str = "") -> Reply[list[HourView]]:
    """Sums by user and hour; users who are gone have an empty name."""
    name = func.coalesce(User.username, "").label("username")
    query = (
        select(rollup.c.hour, name, *_SUMS)
        .outerjoin(User, User.id == rollup.c.user_id)
        .where(*_within(_span(start_timestamp, end_timestamp)))
        .group_by(rollup.c.hour, rollup.c.user_id, User.username)
        .order_by(rollup.c.hour, rollup.c.user_id)
        .limit(_MOST)
    )
    async with context.database.read() as session:
        rows = (await session.execute(query)).all()
    return Reply(data=[_view(row, username=row.username) for row in rows])


@router.get("/self", access=Access.USER)
async def own_by_model(
    caller: ByCaller, context: InContext, start_timestamp: str = "", end_timestamp: str = ""
) -> Reply[list[HourView]]:
    """One's own sums by model and hour, over a month at most."""
    span = _span(start_timestamp, end_timestamp)
    if span[1] - span[0] > _MONTH_S:
        raise BadRequest("The time asked for must not be longer than 30 days.", param="end_timestamp")
    async with context.database.read() as session:
        return Reply(data=await _models(session, span, caller.id, caller.user.username))


def _span(start: str, end: str) -> tuple[int, int]:
    return whole(start), whole(end)


def _within(span: tuple[int, int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return rollup.c.hour >= span[0], rollup.c.hour <= span[1]


async def _models(session: AsyncSession, span: tuple[int, int], user_id: int = 0, username: str = "") -> list[HourView]:
    query = select(rollup.c.hour, rollup.c.model, *_SUMS).where(*_within(span))
    if user_id:
        query = query.where(rollup.c.user_id == user_id)
    query = query.group_by(rollup.c.hour, rollup.c.model).order_by(rollup.c.hour, rollup.c.model).limit(_MOST)
    rows = (await session.execute(query)).all()
    return [_view(row, model_name=row.model, user_id=user_id, username=username) for row in rows]


def _view(row: Any, **who: Any) -> HourView:
    return HourView(
        created_at=row.hour, token_used=int(row.tokens), count=int(row.requests), quota=int(row.charge), **who
    )
