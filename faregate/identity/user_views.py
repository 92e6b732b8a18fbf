"""Users as they are shown: to themselves, and to administrators. Only what is listed here leaves the house."""

from collections.abc import Mapping

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from faregate.identity.models import ROLE_ADMIN, ROLE_ROOT, User
from faregate.identity.permissions import Rights, rights
from faregate.identity.times import rfc3339

_USER_MODULES = {
    "chat": {"enabled": True, "playground": True, "chat": True},
    "console": {"enabled": True, "detail": True, "token": True, "log": True, "midjourney": True, "task": True},
    "personal": {"enabled": True, "topup": True, "personal": True},
}
_OWN_SECRETS = ("webhook_secret", "gotify_token")
_ADMIN_MODULES = {
    "admin": {"enabled": True, "channel": True, "models": True, "redemption": True, "user": True, "setting": False}
}


class Permissions(BaseModel):
    """What the console may show, and the fine rights."""

    sidebar_settings: bool
    sidebar_modules: dict[str, bool | dict[str, bool]]
    admin_permissions: Rights


class Profile(BaseModel):
    """What both views share."""

    id: int = 0
    username: str = ""
    display_name: str = ""
    role: int = 0
    status: int = 0
    email: str = ""
    github_id: str = ""
    discord_id: str = ""
    oidc_id: str = ""
    wechat_id: str = ""
    telegram_id: str = ""
    linux_do_id: str = ""
    group: str = ""
    quota: int = 0
    used_quota: int = 0
    request_count: int = 0
    aff_code: str = ""
    aff_count: int = 0
    aff_quota: int = 0
    aff_history_quota: int = 0
    inviter_id: int = 0
    setting: str = ""
    stripe_customer: str = ""


class SelfUser(Profile):
    """A user as it sees itself."""

    sidebar_modules: str = ""
    permissions: Permissions


class AdminUser(Profile):
    """A user as administrators see it; the secrets of the original's rows are always empty."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)
    password: str = ""
    original_password: str = ""
    verification_code: str = ""
    remark: str = ""
    created_at: int = 0
    last_login_at: int = 0
    deleted_at: str | None = Field(default=None, alias="DeletedAt")


class AdminUserWithRights(AdminUser):
    """One user, with its fine rights."""

    admin_permissions: Rights


def _setting_text(setting: Mapping[str, object] | None) -> str:
    """A user's own settings as JSON text; empty when it never had any."""
    return "" if setting is None else msgspec.json.encode(setting).decode()


def _without_secrets(setting: Mapping[str, object] | None) -> dict[str, object] | None:
    if setting is None:
        return None
    return {name: value for name, value in setting.items() if name not in _OWN_SECRETS}


def default_setting(role: int) -> dict[str, object]:
    """The settings a new user starts with: every part of the side bar its role has."""
    modules = _USER_MODULES | (_ADMIN_MODULES if role >= ROLE_ADMIN else {})
    return {"gotify_priority": 0, "sidebar_modules": msgspec.json.encode(modules).decode()}


def _profile(user: User, quota: int) -> dict[str, object]:
    return {
        "id": user.id,
        "username": user.username,
        "display_name": user.display_name,
        "role": user.role,
        "status": user.status,
        "email": user.email,
        "group": user.group,
        "quota": quota,
        "used_quota": user.used_quota,
        "request_count": user.request_count,
        "aff_code": user.aff_code or "",
        "aff_count": user.aff_count,
        "aff_quota": user.aff_quota,
        "aff_history_quota": user.aff_history,
        "inviter_id": user.inviter_id or 0,
        "setting": _setting_text(user.setting),
    }


def self_view(user: User, quota: int) -> SelfUser:
    """What `GET /api/user/self` shows."""
    modules = (user.setting or {}).get("sidebar_modules")
    permissions = Permissions(
        sidebar_settings=user.role < ROLE_ROOT,
        sidebar_modules=_sidebar(user.role),
        admin_permissions=rights(user),
    )
    more = {"sidebar_modules": modules if isinstance(modules, str) else "", "permissions": permissions}
    return SelfUser.model_validate(_profile(user, quota) | more)


def _sidebar(role: int) -> dict[str, bool | dict[str, bool]]:
    if role >= ROLE_ROOT:
        return {}
    return {"admin": {"setting": False}} if role >= ROLE_ADMIN else {"admin": False}


def _admin(user: User, quota: int) -> dict[str, object]:
    return _profile(user, quota) | {
        "setting": _setting_text(_without_secrets(user.setting)),
        "remark": user.remark,
        "created_at": user.created_at,
        "last_login_at": user.last_login_at,
        "deleted_at": rfc3339(user.deleted_at),
    }


def admin_view(user: User, quota: int) -> AdminUser:
    """What administrators' lists show."""
    return AdminUser.model_validate(_admin(user, quota))


def admin_view_with_rights(user: User, quota: int) -> AdminUserWithRights:
    """What `GET /api/user/:id` shows."""
    return AdminUserWithRights.model_validate(_admin(user, quota) | {"admin_permissions": rights(user)})
