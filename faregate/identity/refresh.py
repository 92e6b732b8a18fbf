"""Refresh rotation.

A cookie is `<session id>.<secret>`. Its successor is computed from it (HMAC), so that tabs that race with the same
cookie are given the same next one. State of a session: the digest of the present secret, of the one before it (good
for another 30 seconds), and of all earlier ones (any use of those is theft and ends the session).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.callers import stands
from faregate.identity.context import Context
from faregate.identity.errors import (
    REFRESH_RACE,
    SESSION_MISMATCH,
    SESSION_REVOKED,
    UNAUTHORIZED,
    AuthRefusal,
)
from faregate.identity.models import Session, SpentRefresh, User
from faregate.identity.sessions import refresh_digest, revoke
from faregate.kernel.secrets import same

GRACE_S = 30


@dataclass(frozen=True)
class Refreshed:
    """A session that goes on with a new cookie."""

    session: Session
    user: User
    cookie: str


class StolenRefresh(Exception):
    """A refresh secret was used after its time; the session is to be ended in a transaction that is kept."""

    def __init__(self, row: Session) -> None:
        super().__init__(row.id)
        self.session_id = row.id
        self.user_id = row.user_id


def successor(context: Context, cookie: str) -> str:
    """The cookie that follows `cookie`; always the same one."""
    session_id, _, _ = cookie.partition(".")
    mac = hmac.new(context.vault.derive("refresh-rotate"), cookie.encode(), hashlib.sha256).digest()
    return f"{session_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def refresh(context: Context, cookie: str, named: str = "") -> Refreshed:
    """Rotate. `named` is the session the client believes it is in. Raises AuthRefusal."""
    session_id, _, secret = cookie.partition(".")
    if not session_id or not secret:
        raise AuthRefusal(UNAUTHORIZED, clear_cookie=True)
    if named and named != session_id:
        raise AuthRefusal(SESSION_MISMATCH)
    try:
        async with context.database.write() as session:
            return await _refresh(context, session, cookie, session_id, secret)
    except StolenRefresh as theft:
        async with context.database.write() as session:
            await revoke(context, session, theft.session_id, theft.user_id, "refresh_reuse")
        raise AuthRefusal(SESSION_REVOKED, clear_cookie=True) from theft


async def _refresh(context: Context, session: AsyncSession, cookie: str, session_id: str, secret: str) -> Refreshed:
    row = await session.scalar(select(Session).where(Session.id == session_id).with_for_update())
    if row is None:
        raise AuthRefusal(UNAUTHORIZED, clear_cookie=True)
    digest = refresh_digest(context, secret)
    is_present = same(digest, row.refresh_digest)
    if not is_present and not same(digest, row.previous_digest):
        await _look_for_theft(session, row, digest)
    user = await session.get(User, row.user_id)
    if user is None or not stands(row, user, context.now()):
        raise AuthRefusal(SESSION_REVOKED, clear_cookie=True)
    if is_present:
        await _rotate(context, session, row, cookie)
    elif context.now() - row.rotated_at > GRACE_S:
        raise StolenRefresh(row)
    row.last_used_at = context.now()
    return Refreshed(row, user, successor(context, cookie))


async def _look_for_theft(session: AsyncSession, row: Session, digest: str) -> None:
    spent = await session.get(SpentRefresh, digest)
    if spent is not None and spent.session_id == row.id:
        raise StolenRefresh(row)
    raise AuthRefusal(UNAUTHORIZED, clear_cookie=True)


async def _rotate(context: Context, session: AsyncSession, row: Session, cookie: str) -> None:
    """Move on to the successor; only one of several racers does, the others are told to try again."""
    following = refresh_digest(context, successor(context, cookie).partition(".")[2])
    if row.previous_digest:
        session.add(SpentRefresh(digest=row.previous_digest, session_id=row.id, spent_at=context.now()))
    moving = (
        update(Session)
        .where(Session.id == row.id, Session.refresh_digest == row.refresh_digest)
        .values(refresh_digest=following, previous_digest=row.refresh_digest, rotated_at=context.now())
    )
    moved = await session.execute(moving)
    if not (isinstance(moved, CursorResult) and moved.rowcount):
        raise AuthRefusal(REFRESH_RACE)
    await session.refresh(row)
