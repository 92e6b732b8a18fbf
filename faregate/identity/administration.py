"""What administrators do to other users: edit, disable, promote, change balances, delete."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.audit import record
from faregate.identity.callers import Caller
from faregate.identity.context import Context
from faregate.identity.doors import CLOSED, WALLET, Movement
from faregate.identity.models import (
    DISABLED,
    ENABLED,
    ROLE_ADMIN,
    ROLE_ROOT,
    ROLE_USER,
    Key,
    User,
)
from faregate.identity.permissions import Rights, manages, overrides
from faregate.identity.sessions import forget_sessions, renew_security
from faregate.identity.users import REMARK_LENGTH, check_free, checked_display_name, checked_name, flush_name, get_user
from faregate.kernel.errors import BadRequest, Conflict, Forbidden
from faregate.storage import Topic, bump

Mode = Literal["add", "subtract", "override"]
_MOST = 2**62
_GROUP_LENGTH = 64


@dataclass(frozen=True)
class UserChange:
    """What an administrator sends; None leaves a thing as it is, an empty `password_hash` too."""

    id: int
    username: str
    display_name: str | None = None
    group: str | None = None
    remark: str | None = None
    role: int = 0
    password_hash: str = ""
    permissions: Rights | None = None


async def manageable(session: AsyncSession, caller: Caller, user_id: int) -> User:
    """A user, locked, that the caller may administer. Raises NotFound or Forbidden."""
    user = await get_user(session, user_id, locked=True)
    if not manages(caller.user, user):
        raise Forbidden("Your role is not above the other account's.")
    return user


def may_give_rights(caller: Caller, asked: Rights | None) -> None:
    """Raise Forbidden unless root names fine rights."""
    if asked is not None and caller.user.role < ROLE_ROOT:
        raise Forbidden("Only root can update admin permissions.")


async def update_user(context: Context, session: AsyncSession, caller: Caller, change: UserChange) -> None:
    """Apply `change`. Another group or password ends the user's sessions."""
    user = await manageable(session, caller, change.id)
    may_give_rights(caller, change.permissions)
    if change.role not in (0, user.role):
        raise BadRequest("The role cannot be changed here; promote or demote the account.", param="role")
    await _change_names(session, user, change)
    is_security_change = bool(change.password_hash) or change.group not in (None, "", user.group)
    user.group = change.group or user.group
    user.password_hash = change.password_hash or user.password_hash
    if change.permissions is not None or user.role < ROLE_ADMIN:
        user.permissions = overrides(change.permissions or {}) if user.role >= ROLE_ADMIN else None
    if is_security_change:
        await renew_security(context, session, user, "admin_user_update")
    bump(session, Topic.USERS, Topic.KEYS)
    await record(
        context,
        session,
        caller,
        "user.update",
        f"edited user {user.username} (id {user.id})",
        id=user.id,
        target_user_id=user.id,
        username=user.username,
    )


async def _change_names(session: AsyncSession, user: User, change: UserChange) -> None:
    name = checked_name(change.username)
    if name != user.username:
        await check_free(session, name, except_id=user.id)
        user.username = name
        await flush_name(session, name)
    if change.display_name is not None:
        user.display_name = checked_display_name(change.display_name)
    if change.remark is not None:
        if len(change.remark) > REMARK_LENGTH:
            raise BadRequest(f"The remark must not be longer than {REMARK_LENGTH} characters.", param="remark")
        user.remark = change.remark
    if change.group is not None and len(change.group) > _GROUP_LENGTH:
        raise BadRequest(f"The group must not be longer than {_GROUP_LENGTH} characters.", param="group")


async def set_status(context: Context, session: AsyncSession, user: User, status: int) -> None:
    """Enable or disable. Disabling ends the user's sessions; root cannot be disabled."""
    if status == DISABLED and user.role >= ROLE_ROOT:
        raise Forbidden("The root account cannot be disabled.")
    if user.status != status:
        user.status = status
        await renew_security(context, session, user, "user_security_changed")


async def set_group(context: Context, session: AsyncSession, caller: Caller, user: User, group: str) -> None:
    """Move a user to another group, which ends its sessions."""
    if user.group == group:
        return
    before, user.group = user.group, group
    await renew_security(context, session, user, "admin_user_update")
    bump(session, Topic.USERS, Topic.KEYS)
    text = f"moved user {user.username} (id {user.id}) from group {before} to {group}"
    who = {"id": user.id, "target_user_id": user.id, "username": user.username}
    await record(context, session, caller, "user.group", text, **who, **{"from": before, "to": group})


async def set_role(context: Context, session: AsyncSession, caller: Caller, user: User, role: int) -> None:
    """Promote to administrator or demote to user; fine rights start anew and sessions end."""
    if role == ROLE_ADMIN and caller.user.role < ROLE_ROOT:
        raise Forbidden("Only root can promote.")
    if user.role >= ROLE_ROOT:
        raise Forbidden("The role of the root account cannot be changed.")
    if user.role == role:
        raise Conflict("The account has this role already.")
    user.role = role
    user.permissions = None
    await renew_security(context, session, user, "admin_demote" if role == ROLE_USER else "user_security_changed")


async def delete_softly(context: Context, session: AsyncSession, user: User) -> None:
    """Take an account out of use; its name stays taken."""
    if user.role >= ROLE_ROOT:
        raise Forbidden("The root account cannot be deleted.")
    user.deleted_at = context.now()
    await renew_security(context, session, user, "user_deleted")


async def remove(context: Context, session: AsyncSession, caller: Caller, user_id: int) -> None:
    """Remove an account for good: its name is free again, its id is never given out again, its keys die.

    Its wallet is closed: one entry takes out what is in it, so that the ledger tells where it went.
    """
    user = await get_user(session, user_id, locked=True)
    if caller.user.role <= user.role:
        raise Forbidden("Your role is not above the other account's.")
    await forget_sessions(session, user.id)
    dying = update(Key).where(Key.user_id == user.id, Key.deleted_at.is_(None))
    await session.execute(dying.values(deleted_at=context.now()))
    await _close_wallet(context, session, caller, user)
    await session.delete(user)
    bump(session, Topic.USERS, Topic.KEYS)
    await record(
        context,
        session,
        caller,
        "user.delete",
        f"removed user {user.username} (id {user.id}) for good",
        id=user.id,
        target_user_id=user.id,
        username=user.username,
    )


async def _close_wallet(context: Context, session: AsyncSession, caller: Caller, user: User) -> None:
    """Leave nothing in the wallet nor lent to workers. Calls under way still settle, below zero."""
    held = (await context.balances.held(session, WALLET, [user.id])).get(user.id, 0)
    reason = f"user {user.username} (id {user.id}) was removed by {caller.user.username}"
    why = Movement(CLOSED, actor_id=caller.id, reason=reason)
    # What calls under way have reserved is not in the balance an owner sees; it must not come back to nobody.
    await context.balances.override(session, WALLET, user.id, -held, why)


async def change_balance(
    context: Context, session: AsyncSession, caller: Caller, user: User, *, mode: Mode, value: int, reason: str = ""
) -> None:
    """Add to, take from or set a user's balance, in quota; written with its reason to the ledger and the audit log."""
    if abs(value) > _MOST:
        raise BadRequest("value is too large.", param="value")
    if mode != "override" and value <= 0:
        raise BadRequest("The change of quota must be above zero.", param="value")
    before = (await context.balances.visible(session, WALLET, [user.id])).get(user.id, 0)
    why = Movement(f"admin_{mode}", actor_id=caller.id, reason=reason or f"{mode} by {caller.user.username}")
    if mode == "override":
        await context.balances.override(session, WALLET, user.id, value, why)
        params: dict[str, object] = {"from": str(before), "to": str(value)}
    else:
        await context.balances.credit(session, WALLET, user.id, value if mode == "add" else -value, why)
        params = {"quota": str(value)}
    text = f"{mode} {value} quota of user {user.username} (id {user.id}), before: {before}"
    if reason:
        params["reason"] = reason
        text += f", because: {reason}"
    await record(context, session, caller, f"user.quota_{mode}", text, target_user_id=user.id, **params)


async def apply_action(context: Context, session: AsyncSession, caller: Caller, user: User, action: str) -> None:
    """Carry out `enable`, `disable`, `delete`, `promote` or `demote`. Raises BadRequest for anything else."""
    match action:
        case "enable" | "disable":
            await set_status(context, session, user, ENABLED if action == "enable" else DISABLED)
        case "promote" | "demote":
            await set_role(context, session, caller, user, ROLE_ADMIN if action == "promote" else ROLE_USER)
        case "delete":
            await delete_softly(context, session, user)
        case _:
            raise BadRequest(f"{action!r} is no action.", param="action")
    bump(session, Topic.USERS, Topic.KEYS)
    await record(
        context,
        session,
        caller,
        "user.manage",
        f"{action}: user {user.username} (id {user.id})",
        action=action,
        id=user.id,
        target_user_id=user.id,
        username=user.username,
    )
