"""Who is calling: a bearer credential becomes a Caller, or the refusal that New API's clients know.

A credential that looks like one of our session tokens is only ever treated as one; anything else is looked up as a
personal access token.
"""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import access_tokens
from faregate.identity.access_tokens import Claims
from faregate.identity.context import Context
from faregate.identity.errors import (
    SESSION_REVOKED,
    UNAUTHORIZED,
    USER_DISABLED,
    USER_INVALID,
    AuthRefusal,
)
from faregate.identity.models import ENABLED, Session, User
from faregate.identity.permissions import ROLES
from faregate.kernel.secrets import key_digest


@dataclass(frozen=True)
class Visit:
    """Where a request comes from."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


@dataclass
class Caller:
    """The signed-in user of a request. `session_id` is empty for a personal access token.

    State: `recorded`, set when the endpoint wrote its own line to the audit log.
    """

    user: User
    visit: Visit
    session_id: str = ""
    recorded: bool = field(default=False)

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    @property
    def method(self) -> str:
        """`session` or `access_token`, as the audit log names it."""
        return "session" if self.session_id else "access_token"


def bearer(header: str) -> str:
    """The credential in an `Authorization` header, with or without `Bearer`."""
    scheme, _, rest = header.strip().partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else header.strip()


async def authenticate(context: Context, session: AsyncSession, header: str, visit: Visit) -> Caller:
    """The caller behind an `Authorization` header. Raises AuthRefusal."""
    credential = bearer(header)
    if not credential:
        raise AuthRefusal(UNAUTHORIZED)
    if access_tokens.peek(credential) is not None:
        claims = access_tokens.verify(context.vault, credential, context.now())
        return await _by_session(context, session, claims, visit)
    return await _by_access_token(session, credential, visit)


async def _by_session(context: Context, session: AsyncSession, claims: Claims, visit: Visit) -> Caller:
    row = await session.get(Session, claims.sid)
    user = await session.get(User, row.user_id) if row is not None else None
    if row is None or user is None or not stands(row, user, context.now()):
        raise AuthRefusal(SESSION_REVOKED)
    if (claims.sub, claims.uv, claims.sv) != (str(user.id), user.auth_version, row.version):
        raise AuthRefusal(SESSION_REVOKED)
    _check_role(user)
    return Caller(user, visit, session_id=row.id)


def stands(row: Session, user: User, now: int) -> bool:
    """True while the session may be used: not ended, and its user neither gone nor changed in what matters."""
    return (
        row.revoked_at is None
        and row.expires_at > now
        and row.auth_version == user.auth_version
        and user.status == ENABLED
        and user.deleted_at is None
    )


async def _by_access_token(session: AsyncSession, token: str, visit: Visit) -> Caller:
    found = select(User).where(User.access_token_digest == key_digest(token), User.deleted_at.is_(None))
    user = await session.scalar(found)
    if user is None:
        raise AuthRefusal(UNAUTHORIZED)
    if user.status != ENABLED:
        raise AuthRefusal(USER_DISABLED)
    _check_role(user)
    return Caller(user, visit)


def _check_role(user: User) -> None:
    if user.role not in ROLES:
        raise AuthRefusal(USER_INVALID)
