"""Sign-in sessions: opening within limits, listing, ending, and what a change of security does to them.

A session's refresh secret is never stored: `refresh_digest` is a keyed digest of it (see refresh.py).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.callers import Visit
from faregate.identity.context import Context
from faregate.identity.errors import ISSUANCE_LIMIT, SESSION_LIMIT, AuthRefusal
from faregate.identity.models import Session, SpentRefresh, User
from faregate.kernel.ids import random_text

LIFETIME_S = 30 * 86_400
_SECRET_LENGTH = 64
_LISTED = 100
_KEPT_ENDED_S = 7 * 86_400
_PURPOSE = "refresh"
_AGENT_LENGTH, _IP_LENGTH = 512, 64


@dataclass(frozen=True)
class Opened:
    """A session and the refresh cookie that continues it."""

    session: Session
    cookie: str


def refresh_digest(context: Context, secret: str) -> str:
    """What is stored of a refresh secret."""
    return context.vault.digest(_PURPOSE, secret)


async def open_session(
    context: Context, session: AsyncSession, user: User, visit: Visit, *, method: str = "password"
) -> Opened:
    """A new session of `user`. Raises AuthRefusal beyond the limits; sign-ins of one user queue for its row."""
    await session.execute(select(User.id).where(User.id == user.id).with_for_update())
    now = context.now()
    await forget_sessions(session, user.id, ended_before=now - _KEPT_ENDED_S)
    await _check_limits(context, session, user.id, now)
    secret = random_text(_SECRET_LENGTH)
    row = Session(
        id=str(uuid.uuid4()),
        user_id=user.id,
        refresh_digest=refresh_digest(context, secret),
        auth_version=user.auth_version,
        method=method,
        ip=visit.ip[:_IP_LENGTH],
        user_agent=visit.user_agent[:_AGENT_LENGTH],
        created_at=now,
        last_used_at=now,
        expires_at=now + LIFETIME_S,
        version=1,
    )
    session.add(row)
    await session.flush()
    return Opened(row, f"{row.id}.{secret}")


async def _check_limits(context: Context, session: AsyncSession, user_id: int, now: int) -> None:
    limits = context.access
    since = now - limits.session_issuance_window_s
    mine = select(func.count()).select_from(Session).where(Session.user_id == user_id)
    issued = await session.scalar(mine.where(Session.created_at > since)) or 0
    if issued >= limits.session_issuance_limit:
        raise AuthRefusal(ISSUANCE_LIMIT)
    active = await session.scalar(mine.where(Session.revoked_at.is_(None), Session.expires_at > now)) or 0
    if active >= limits.session_limit:
        raise AuthRefusal(SESSION_LIMIT)


async def active_sessions(context: Context, session: AsyncSession, user_id: int) -> list[Session]:
    """Sessions that have not ended, the last used first, at most 100."""
    found = (
        select(Session)
        .where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > context.now())
        .order_by(Session.last_used_at.desc(), Session.id)
        .limit(_LISTED)
    )
    return list(await session.scalars(found))


async def revoke(context: Context, session: AsyncSession, session_id: str, user_id: int, reason: str) -> bool:
    """End one session of a user; False when there is no such active one."""
    return await _end(context, session, user_id, reason, only=session_id) > 0


async def revoke_all(context: Context, session: AsyncSession, user_id: int, reason: str, *, keep: str = "") -> int:
    """End every session of a user but `keep`; how many comes out."""
    return await _end(context, session, user_id, reason, keep=keep)


async def _end(
    context: Context, session: AsyncSession, user_id: int, reason: str, *, only: str = "", keep: str = ""
) -> int:
    ending = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.id != keep)
    if only:
        ending = ending.where(Session.id == only)
    done = await session.execute(ending.values(revoked_at=context.now(), revoke_reason=reason))
    return done.rowcount if isinstance(done, CursorResult) else 0


async def renew_security(
    context: Context, session: AsyncSession, user: User, reason: str, *, keep: str = ""
) -> Session | None:
    """Void every access token of `user` and end its sessions but `keep`, which goes on under the new version."""
    user.auth_version += 1
    await revoke_all(context, session, user.id, reason, keep=keep)
    kept = await session.get(Session, keep, with_for_update=True) if keep else None
    if kept is not None:
        kept.auth_version = user.auth_version
        kept.version += 1
    await session.flush()
    return kept


async def forget_sessions(session: AsyncSession, user_id: int, *, ended_before: int | None = None) -> None:
    """Forget the sessions of a user with their refresh digests: all, or those that were over at that time."""
    gone = Session.user_id == user_id
    if ended_before is not None:
        gone &= or_(Session.expires_at <= ended_before, Session.revoked_at <= ended_before)
    await session.execute(delete(SpentRefresh).where(SpentRefresh.session_id.in_(select(Session.id).where(gone))))
    await session.execute(delete(Session).where(gone))
