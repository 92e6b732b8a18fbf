"""What users do for themselves: their profile, password, preferences, access token, invite code, leaving."""

import re
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.callers import Caller
from faregate.identity.context import Context
from faregate.identity.envelope import Done, Reply
from faregate.identity.models import ROLE_ADMIN, ROLE_ROOT, User
from faregate.identity.routing import Access, ByCaller, InContext, LimitClass, Router
from faregate.identity.session_endpoints import Bearer, new_bearer
from faregate.identity.sessions import renew_security
from faregate.identity.user_views import SelfUser, self_view
from faregate.identity.users import (
    check_free,
    check_password,
    checked_display_name,
    checked_name,
    flush_name,
    get_user,
    invite_code,
    quota_of,
)
from faregate.kernel.errors import BadRequest, Forbidden
from faregate.kernel.ids import random_text
from faregate.kernel.secrets import key_digest
from faregate.storage import Topic, bump

router = Router("/api/user", "self")
LANGUAGES = ("en", "zh-CN", "zh-TW")
_TOKEN_LENGTH = 32
_MODULES_LENGTH = 65_536
_URL = re.compile(r"^https?://[^\s/?#]+", re.IGNORECASE)
_WRONG_PASSWORD = "The present password is wrong."
_CHANNELS = ("email", "webhook", "bark", "gotify")
Address = Annotated[str, Field(max_length=2048)]
Secret = Annotated[str, Field(max_length=512)]


class SelfChange(BaseModel):
    """A change of the side bar, else of the language, else of the profile; empty texts leave things as they are."""

    sidebar_modules: str | None = None
    language: str | None = None
    username: str = ""
    display_name: str = ""
    password: str = ""
    original_password: str = ""


class Preferences(BaseModel):
    """How a user wants to be notified, and what its calls may do."""

    notify_type: str = ""
    quota_warning_threshold: float = 0
    webhook_url: Address = ""
    webhook_secret: Secret = ""
    notification_email: Address = ""
    bark_url: Address = ""
    gotify_url: Address = ""
    gotify_token: Secret = ""
    gotify_priority: int = 0
    upstream_model_update_notify_enabled: bool | None = None
    accept_unset_model_ratio_model: bool = False
    record_ip_log: bool = False


@router.get("/self", access=Access.USER)
async def show_self(caller: ByCaller, context: InContext) -> Reply[SelfUser]:
    """One's own account."""
    async with context.database.read() as session:
        return Reply(data=self_view(caller.user, await quota_of(context, session, caller.id)))


@router.put("/self", access=Access.USER, limit=LimitClass.CRITICAL, no_cache=True)
async def change_self(given: SelfChange, caller: ByCaller, context: InContext) -> Reply[Bearer] | Reply[None] | Done:
    """Change the side bar, the language, or the profile and password. A new password answers a new access token."""
    if given.sidebar_modules is not None:
        if len(given.sidebar_modules) > _MODULES_LENGTH:
            message = f"sidebar_modules must not be longer than {_MODULES_LENGTH} characters."
            raise BadRequest(message, param="sidebar_modules")
        return await _keep_setting(context, caller, "sidebar_modules", given.sidebar_modules)
    if given.language is not None:
        if given.language not in LANGUAGES:
            raise BadRequest(f"The language must be one of {', '.join(LANGUAGES)}.", param="language")
        return await _keep_setting(context, caller, "language", given.language)
    new_hash = await _new_hash(context, caller, given)
    async with context.database.write() as session:
        user = await get_user(session, caller.id, locked=True)
        await _change_names(session, user, given)
        if not new_hash:
            return Done()
        if user.password_hash != caller.user.password_hash:
            raise BadRequest(_WRONG_PASSWORD, param="original_password")
        user.password_hash = new_hash
        kept = await renew_security(context, session, user, "password_changed", keep=caller.session_id)
        bump(session, Topic.USERS)
    return Reply(data=new_bearer(context, kept, user)) if kept is not None else Done()


async def _keep_setting(context: Context, caller: Caller, name: str, value: str) -> Reply[None]:
    async with context.database.write() as session:
        user = await get_user(session, caller.id, locked=True)
        user.setting = {**(user.setting or {}), name: value}
        bump(session, Topic.USERS)
    return Reply(message="Saved.", data=None)


async def _change_names(session: AsyncSession, user: User, given: SelfChange) -> None:
    if given.display_name.strip():
        user.display_name = checked_display_name(given.display_name)
    if given.username.strip():
        name = checked_name(given.username)
        await check_free(session, name, except_id=user.id)
        user.username = name
        await flush_name(session, name)
        bump(session, Topic.USERS)


async def _new_hash(context: Context, caller: Caller, given: SelfChange) -> str:
    """The hash of the new password; empty when none is wanted. Raises BadRequest unless the old one is known."""
    checked_display_name(given.display_name)
    if not given.password:
        return ""
    check_password(given.password)
    if not caller.session_id:
        raise Forbidden("The password can only be changed in a sign-in session.")
    if not caller.user.password_hash:
        raise BadRequest("This account has no password.", param="original_password")
    if not await context.passwords.verify(caller.user.password_hash, given.original_password):
        raise BadRequest(_WRONG_PASSWORD, param="original_password")
    return await context.passwords.hash(given.password)


@router.delete("/self", access=Access.USER)
async def leave(caller: ByCaller, context: InContext) -> Done:
    """Delete one's own account; it cannot be brought back."""
    if caller.user.role >= ROLE_ROOT:
        raise Forbidden("The root account cannot be deleted.")
    async with context.database.write() as session:
        user = await get_user(session, caller.id, locked=True)
        user.deleted_at = context.now()
        await renew_security(context, session, user, "user_deleted")
        bump(session, Topic.USERS, Topic.KEYS)
    return Done()


@router.put("/setting", access=Access.USER)
async def change_preferences(given: Preferences, caller: ByCaller, context: InContext) -> Reply[None]:
    """Replace one's notification preferences; language, side bar and what else was stored stay."""
    chosen = _checked(given, caller.user.role)
    async with context.database.write() as session:
        user = await get_user(session, caller.id, locked=True)
        kept = {name: value for name, value in (user.setting or {}).items() if name not in Preferences.model_fields}
        user.setting = kept | chosen
        bump(session, Topic.USERS)
    return Reply(message="Saved.", data=None)


def _checked(given: Preferences, role: int) -> dict[str, object]:
    if given.notify_type not in _CHANNELS:
        raise BadRequest(f"notify_type must be one of {', '.join(_CHANNELS)}.", param="notify_type")
    if not 0 < given.quota_warning_threshold < 2**63:
        raise BadRequest("quota_warning_threshold must be above 0.", param="quota_warning_threshold")
    chosen: dict[str, object] = {
        "notify_type": given.notify_type,
        "quota_warning_threshold": given.quota_warning_threshold,
        "gotify_priority": 0,
    }
    chosen |= _channel(given)
    if given.upstream_model_update_notify_enabled and role >= ROLE_ADMIN:
        chosen["upstream_model_update_notify_enabled"] = True
    if given.accept_unset_model_ratio_model:
        chosen["accept_unset_model_ratio_model"] = True
    if given.record_ip_log:
        chosen["record_ip_log"] = True
    return chosen


def _channel(given: Preferences) -> dict[str, object]:
    match given.notify_type:
        case "webhook":
            _check_url(given.webhook_url, "webhook_url")
            kept = {"webhook_url": given.webhook_url, "webhook_secret": given.webhook_secret}
            return {name: value for name, value in kept.items() if value}
        case "bark":
            _check_url(given.bark_url, "bark_url")
            return {"bark_url": given.bark_url}
        case "gotify":
            _check_url(given.gotify_url, "gotify_url")
            if not given.gotify_token:
                raise BadRequest("gotify_token must not be empty.", param="gotify_token")
            priority = given.gotify_priority if 0 <= given.gotify_priority <= 10 else 5
            return {"gotify_url": given.gotify_url, "gotify_token": given.gotify_token, "gotify_priority": priority}
        case _:
            if given.notification_email and "@" not in given.notification_email:
                raise BadRequest("notification_email is no e-mail address.", param="notification_email")
            return {"notification_email": given.notification_email} if given.notification_email else {}


def _check_url(address: str, name: str) -> None:
    if not _URL.match(address):
        raise BadRequest(f"{name} must be an http or https address.", param=name)


@router.get("/token", access=Access.USER, limit=LimitClass.CRITICAL, user_limit="access-token", no_cache=True)
async def new_access_token(caller: ByCaller, context: InContext) -> Reply[str]:
    """A new personal access token, shown this once; the former one ends."""
    token = random_text(_TOKEN_LENGTH)
    async with context.database.write() as session:
        user = await get_user(session, caller.id, locked=True)
        user.access_token_digest = key_digest(token)
    return Reply(data=token)


@router.get("/aff", access=Access.USER)
async def own_invite_code(caller: ByCaller, context: InContext) -> Reply[str]:
    """One's own invite code."""
    async with context.database.write() as session:
        code = await invite_code(session, await get_user(session, caller.id, locked=True))
    return Reply(data=code)
