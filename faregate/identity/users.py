"""Users: making one, finding them, and what names and passwords must be like."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.audit import record_system
from faregate.identity.context import Context
from faregate.identity.doors import WALLET, Movement
from faregate.identity.envelope import Paging, like, whole
from faregate.identity.models import ENABLED, ROLE_USER, User
from faregate.identity.permissions import Rights
from faregate.identity.settings import NewUserSettings
from faregate.identity.user_views import default_setting
from faregate.kernel.errors import BadRequest, Conflict, NotFound
from faregate.kernel.ids import random_text

NAME_LENGTH, REMARK_LENGTH = 20, 255
_SHORTEST, _LONGEST = 8, 128  # of a password
_CODE_LENGTH, _CODE_TRIES = 4, 20
_DELETED = -1
RowType = TypeVar("RowType")


@dataclass(frozen=True)
class NewUser:
    """Who is to be made. `password_hash` is empty for somebody who signs in otherwise."""

    username: str
    password_hash: str
    display_name: str = ""
    role: int = ROLE_USER
    email: str = ""
    permissions: Rights | None = None
    inviter_id: int | None = None


def checked_name(name: str) -> str:
    """`name` trimmed. Raises BadRequest when it is empty or too long."""
    trimmed = name.strip()
    if not trimmed:
        raise BadRequest("The username must not be empty.", param="username")
    if len(trimmed) > NAME_LENGTH:
        raise BadRequest(f"The username must not be longer than {NAME_LENGTH} characters.", param="username")
    return trimmed


def checked_display_name(name: str) -> str:
    """`name` trimmed. Raises BadRequest when it is too long."""
    if len(name.strip()) > NAME_LENGTH:
        raise BadRequest(f"The display name must not be longer than {NAME_LENGTH} characters.", param="display_name")
    return name.strip()


def check_password(password: str) -> None:
    """Raise BadRequest for a password of a wrong length."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise BadRequest(f"The password must have {_SHORTEST} to {_LONGEST} characters.", param="password")


async def create_user(context: Context, session: AsyncSession, new: NewUser) -> User:
    """A new user with its wallet and welcome quota. Raises Conflict when the name is taken (deleted users count)."""
    await check_free(session, new.username)
    user = User(
        username=new.username,
        password_hash=new.password_hash,
        display_name=new.display_name or new.username,
        email=new.email,
        role=new.role,
        status=ENABLED,
        permissions=new.permissions,
        inviter_id=new.inviter_id,
        aff_code=await _free_code(session),
        setting=default_setting(new.role),
        created_at=context.now(),
    )
    await insert_user(context, session, user)
    await _welcome(context, session, user)
    return user


async def insert_user(context: Context, session: AsyncSession, user: User) -> None:
    """Store the row and open its wallet. Raises Conflict when somebody else was faster with the name."""
    session.add(user)
    await flush_name(session, user.username)
    await context.balances.open_account(session, WALLET, user.id)


async def flush_name(session: AsyncSession, username: str) -> None:
    """Flush a row with a new name. Raises Conflict when the database knows the name already."""
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(f"The name {username!r} is already taken.") from error


async def _welcome(context: Context, session: AsyncSession, user: User) -> None:
    quota = context.settings.get(NewUserSettings).welcome_quota
    if quota:
        why = Movement("opening", reason="welcome quota", reference=f"welcome:{user.id}")
        await context.balances.credit(session, WALLET, user.id, quota, why)
        await record_system(context, session, user, f"welcome quota of {quota}")


async def check_free(session: AsyncSession, username: str, *, except_id: int = 0) -> None:
    """Raise Conflict when another user, deleted ones included, has the name."""
    taken = await session.scalar(select(User.id).where(User.username == username, User.id != except_id))
    if taken is not None:
        raise Conflict(f"The name {username!r} is already taken.")


async def _free_code(session: AsyncSession) -> str:
    for _ in range(_CODE_TRIES):
        code = random_text(_CODE_LENGTH)
        if await session.scalar(select(User.id).where(User.aff_code == code)) is None:
            return code
    return random_text(_CODE_LENGTH * 4)


async def invite_code(session: AsyncSession, user: User) -> str:
    """The user's invite code, made on first asking."""
    if not user.aff_code:
        user.aff_code = await _free_code(session)
    return user.aff_code


async def get_user(session: AsyncSession, user_id: int, *, locked: bool = False) -> User:
    """A user that was not deleted. Raises NotFound."""
    user = await session.get(User, user_id, with_for_update=True if locked else None) if user_id > 0 else None
    if user is None or user.deleted_at is not None:
        raise NotFound("There is no such user.")
    return user


async def find_by_login(session: AsyncSession, identifier: str) -> User | None:
    """The live user with this name (case counts) or e-mail address (case does not)."""
    name = identifier.strip()
    if not name:
        return None
    matches = or_(User.username == name, User.email == name.lower())
    found = list(
        await session.scalars(select(User).where(User.deleted_at.is_(None), matches).order_by(User.id).limit(10))
    )
    return next((user for user in found if user.username == name), found[0] if found else None)


async def quota_of(context: Context, session: AsyncSession, user_id: int) -> int:
    """What the user sees as its balance."""
    return (await context.balances.visible(session, WALLET, [user_id])).get(user_id, 0)


@dataclass(frozen=True)
class UserFilter:
    """What administrators look for. `status` -1 asks for deleted users."""

    keyword: str = ""
    group: str = ""
    role: int | None = None
    status: int | None = None
    sort_by: str = ""
    ascending: bool = False


async def list_users(
    context: Context, session: AsyncSession, wanted: UserFilter, paging: Paging
) -> tuple[int, list[User], dict[int, int]]:
    """How many users fit, one page of them (newest first unless sorted), and the page's balances by id."""
    found = _filtered(select(User), wanted)
    total = await session.scalar(_filtered(select(func.count()).select_from(User), wanted)) or 0
    order = _order(context, wanted)
    rows = list(await session.scalars(found.order_by(*order).offset(paging.offset).limit(paging.size)))
    quotas = await context.balances.visible(session, WALLET, [user.id for user in rows])
    return total, rows, dict(quotas)


def _filtered(query: Select[RowType], wanted: UserFilter) -> Select[RowType]:
    if wanted.keyword:
        query = query.where(_matches(wanted.keyword))
    if wanted.group:
        query = query.where(User.group == wanted.group)
    if wanted.role is not None:
        query = query.where(User.role == wanted.role)
    if wanted.status == _DELETED:
        return query.where(User.deleted_at.is_not(None))
    if wanted.status is not None:
        query = query.where(User.status == wanted.status, User.deleted_at.is_(None))
    return query


def _matches(keyword: str) -> ColumnElement[bool]:
    pattern = like(keyword)
    columns = (User.username, User.email, User.display_name)
    tests = [func.lower(column).like(pattern, escape="!") for column in columns]
    number = whole(keyword, -1)
    return or_(*tests, User.id == number) if number >= 0 else or_(*tests)


def _order(context: Context, wanted: UserFilter) -> list[ColumnElement[object]]:
    columns: dict[str, ColumnElement[object]] = {
        "id": User.id,
        "username": User.username,
        "group": User.group,
        "created_at": User.created_at,
        "last_login_at": User.last_login_at,
        "quota": context.balances.balance(WALLET, User.id.expression),
    }  # pyright: ignore[reportAssignmentType]
    column = columns.get(wanted.sort_by)
    if column is None:
        return [User.id.desc()]  # pyright: ignore[reportReturnType]
    return [column.asc() if wanted.ascending else column.desc(), User.id.desc()]  # pyright: ignore[reportReturnType]
