"""Signing in with a password, refreshing, signing out, and the list of one's sessions."""

from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity import access_tokens
from faregate.identity.audit import record_sign_in
from faregate.identity.callers import Visit, bearer
from faregate.identity.context import Context
from faregate.identity.cookies import check_origin, clear_cookie, read_cookie, set_cookie
from faregate.identity.envelope import Done, Reply
from faregate.identity.errors import SESSION_MISMATCH, SESSION_NOT_FOUND, AuthRefusal
from faregate.identity.models import ENABLED, Session, User
from faregate.identity.refresh import refresh
from faregate.identity.routing import Access, ByCaller, InContext, LimitClass, OnVisit, Router
from faregate.identity.sessions import LIFETIME_S, active_sessions, open_session, refresh_digest, revoke, revoke_all
from faregate.identity.settings import SignInSettings
from faregate.identity.user_views import SelfUser, self_view
from faregate.identity.users import find_by_login, quota_of
from faregate.kernel.errors import BadRequest
from faregate.kernel.secrets import same

router = Router("/api/user", "sessions")
_PROOFS = 3
_REFUSED = "The name or password is wrong, or the account is disabled."


class Credentials(BaseModel):
    """A name or e-mail address, and a password."""

    username: str = ""
    password: str = ""


class SessionView(BaseModel):
    """A sign-in session."""

    sid: str
    current: bool
    login_method: str
    ip: str
    user_agent: str
    created_at: int
    last_active_at: int
    expires_at: int


class Bearer(BaseModel):
    """An access token and the session it belongs to."""

    access_token: str
    token_type: str = "Bearer"
    access_expires_at: int
    session: SessionView


class SignedIn(Bearer):
    """What a sign-in answers."""

    user: SelfUser


class Revoked(BaseModel):
    """A session that was ended."""

    revoked_sid: str
    current: bool


class RevokedOthers(BaseModel):
    """How many other sessions were ended."""

    revoked_count: int


class SignedOut(BaseModel):
    """The session that was signed out of. `cookie_cleared`: the cookie was this session's."""

    revoked_sid: str
    cookie_cleared: bool


def session_view(row: Session, *, current: bool) -> SessionView:
    """A session as it is shown."""
    return SessionView(
        sid=row.id,
        current=current,
        login_method=row.method,
        ip=row.ip,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_active_at=row.last_used_at,
        expires_at=row.expires_at,
    )


def new_bearer(context: Context, row: Session, user: User) -> Bearer:
    """A new access token for a session."""
    now = context.now()
    token = access_tokens.mint(
        context.vault,
        user_id=user.id,
        session_id=row.id,
        user_version=user.auth_version,
        session_version=row.version,
        now=now,
    )
    return Bearer(
        access_token=token,
        access_expires_at=now + access_tokens.LIFETIME_S,
        session=session_view(row, current=True),
    )


async def signed_in(context: Context, session: AsyncSession, row: Session, user: User) -> SignedIn:
    """The whole answer of a sign-in."""
    view = self_view(user, await quota_of(context, session, user.id))
    return SignedIn(**new_bearer(context, row, user).model_dump(), user=view)


@router.post("/login", access=Access.PUBLIC, limit=LimitClass.CRITICAL, no_cache=True, bounded_body=True)
async def sign_in(given: Credentials, context: InContext, visit: OnVisit, response: Response) -> Reply[SignedIn]:
    """Sign in with a password. One message for every refusal, so that nothing is learnt about accounts."""
    if not context.settings.get(SignInSettings).password_login:
        raise BadRequest("Signing in with a password is switched off.")
    answer, cookie = await _let_in(context, visit, given)
    response.headers["Cache-Control"] = "no-store"
    set_cookie(response, context.access, cookie, LIFETIME_S)
    return Reply(data=answer)


async def _let_in(context: Context, visit: Visit, given: Credentials) -> tuple[SignedIn, str]:
    """Open a session for who knows the password. One that was changed in between has to be proved again."""
    for _ in range(_PROOFS):
        user_id, known, new_hash = await _verified(context, given)
        async with context.database.write() as session:
            user = await session.get(User, user_id, with_for_update=True)
            if user is None or user.status != ENABLED or user.deleted_at is not None:
                raise BadRequest(_REFUSED)
            if user.password_hash == known:
                user.password_hash = new_hash or known
                return await complete_sign_in(context, session, user, visit, "password")
    raise BadRequest(_REFUSED)


async def complete_sign_in(
    context: Context, session: AsyncSession, user: User, visit: Visit, method: str
) -> tuple[SignedIn, str]:
    """Open a session for somebody who has proved who they are: the answer, and the refresh cookie."""
    opened = await open_session(context, session, user, visit, method=method)
    user.last_login_at = context.now()
    await record_sign_in(context, session, user, visit, method)
    return await signed_in(context, session, opened.session, user), opened.cookie


async def _verified(context: Context, given: Credentials) -> tuple[int, str, str]:
    """The id of the user who knows the password, the stored hash, and a new one when that is outdated."""
    async with context.database.read() as session:
        user = await find_by_login(session, given.username)
    known = user.password_hash if user is not None else ""
    if not await context.passwords.verify(known, given.password) or user is None:
        raise BadRequest(_REFUSED)
    outdated = context.passwords.is_outdated(known)
    return user.id, known, await context.passwords.hash(given.password) if outdated else ""


# No critical limit: each visit of the console begins with it, many share an address, and cookies are not guessed.
@router.post("/auth/refresh", access=Access.PUBLIC, no_cache=True, bounded_body=True)
async def refresh_session(
    request: Request,
    response: Response,
    context: InContext,
    x_auth_session: Annotated[str, Header()] = "",
) -> Reply[SignedIn]:
    """A new access token and the next cookie, for the present cookie."""
    check_origin(request, context.access)
    done = await refresh(context, read_cookie(request), x_auth_session)
    async with context.database.read() as session:
        answer = await signed_in(context, session, done.session, done.user)
    response.headers["Cache-Control"] = "no-store"
    set_cookie(response, context.access, done.cookie, max(0, done.session.expires_at - context.now()))
    return Reply(data=answer)


@router.post("/auth/logout", access=Access.PUBLIC, limit=LimitClass.CRITICAL, no_cache=True, bounded_body=True)
async def sign_out(
    request: Request,
    response: Response,
    context: InContext,
    authorization: Annotated[str, Header()] = "",
    x_auth_session: Annotated[str, Header()] = "",
) -> Reply[SignedOut] | Done:
    """End the session of the access token, or of the cookie when there is no token."""
    check_origin(request, context.access)
    response.headers["Cache-Control"] = "no-store"
    by_token = _token_session(context, authorization)
    async with context.database.write() as session:
        by_cookie = await _cookie_session(context, session, read_cookie(request))
        if x_auth_session and x_auth_session not in (by_token, by_cookie):
            raise AuthRefusal(SESSION_MISMATCH)
        ending = by_token or by_cookie
        row = await session.get(Session, ending) if ending else None
        if row is not None:
            await revoke(context, session, row.id, row.user_id, "logout")
    if ending and ending == by_cookie:
        clear_cookie(response, context.access)
    return Reply(data=SignedOut(revoked_sid=by_token, cookie_cleared=by_token == by_cookie)) if by_token else Done()


def _token_session(context: Context, authorization: str) -> str:
    """The session of a well-signed token that has not run out, ended or not; empty for anything else."""
    try:
        return access_tokens.verify(context.vault, bearer(authorization), context.now()).sid
    except AuthRefusal:
        return ""


async def _cookie_session(context: Context, session: AsyncSession, cookie: str) -> str:
    """The session that a good cookie belongs to; empty for anything else."""
    session_id, _, secret = cookie.partition(".")
    row = await session.scalar(select(Session).where(Session.id == session_id)) if secret else None
    if row is None:
        return ""
    digest = refresh_digest(context, secret)
    return row.id if same(digest, row.refresh_digest) or same(digest, row.previous_digest) else ""


@router.get("/sessions", access=Access.USER, session_only=True, no_cache=True)
async def list_sessions(caller: ByCaller, context: InContext) -> Reply[list[SessionView]]:
    """One's active sessions, the present one first."""
    async with context.database.read() as session:
        rows = await active_sessions(context, session, caller.id)
    rows.sort(key=lambda row: row.id != caller.session_id)
    return Reply(data=[session_view(row, current=row.id == caller.session_id) for row in rows])


@router.delete("/sessions/{sid}", access=Access.USER, session_only=True, no_cache=True)
async def revoke_session(sid: str, caller: ByCaller, context: InContext, response: Response) -> Reply[Revoked]:
    """End one of one's sessions."""
    async with context.database.write() as session:
        if not await revoke(context, session, sid, caller.id, "user_revoked"):
            raise AuthRefusal(SESSION_NOT_FOUND)
    current = sid == caller.session_id
    if current:
        clear_cookie(response, context.access)
    return Reply(data=Revoked(revoked_sid=sid, current=current))


@router.post("/sessions/revoke-others", access=Access.USER, session_only=True, no_cache=True)
async def revoke_other_sessions(caller: ByCaller, context: InContext) -> Reply[RevokedOthers]:
    """End all of one's sessions but the present one."""
    async with context.database.write() as session:
        count = await revoke_all(context, session, caller.id, "user_revoked_others", keep=caller.session_id)
    return Reply(data=RevokedOthers(revoked_count=count))
