"""API keys as their owners keep them: making, editing, switching, revealing, deleting.

A key is stored as a digest (finds it) and sealed (its owner may see it again); its allowance is a ledger account.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.context import Context
from faregate.identity.doors import ALLOWANCE, Movement
from faregate.identity.models import DISABLED, ENABLED, EXHAUSTED, EXPIRED, Key, User
from faregate.identity.settings import KeySettings
from faregate.kernel.errors import BadRequest, Conflict, NotFound
from faregate.kernel.ids import random_text
from faregate.kernel.log import get_logger
from faregate.kernel.secrets import BadSecret, key_digest
from faregate.storage import Topic, bump

_log = get_logger(__name__)
NEVER = -1
AUTO = "auto"
_PURPOSE = "api-key"
_LENGTH = 48
_NAME_BYTES, _GROUP_LENGTH, _LIST_LENGTH = 50, 64, 65_535
_MOST_UNITS = 1_000_000_000
_LATEST = 2**53
_SHORT, _MIDDLE = 4, 8
_REVEALED_AT_ONCE = 100


@dataclass(frozen=True)
class KeyFields:
    """What an owner decides about a key. `auto_groups` is meant only with the group `auto`; None clears it."""

    name: str = ""
    remain_quota: int = 0
    unlimited_quota: bool = False
    expired_time: int = 0
    model_limits_enabled: bool = False
    model_limits: str = ""
    allow_ips: str | None = None
    group: str = ""
    cross_group_retry: bool = False
    auto_groups: tuple[str, ...] | None = None


def mask(key: str) -> str:
    """The key with its middle hidden."""
    if len(key) <= _SHORT:
        return "*" * len(key)
    if len(key) <= _MIDDLE:
        return key[:2] + "****" + key[-2:]
    return key[:4] + "**********" + key[-4:]


def bare(presented: str) -> str:
    """A key without its `sk-`."""
    return presented.strip().removeprefix("sk-")


def check_fields(context: Context, fields: KeyFields, user_group: str, quota_per_unit: float) -> None:
    """Raise BadRequest, naming the field, for anything a key cannot have."""
    if len(fields.name.encode()) > _NAME_BYTES:
        raise BadRequest(f"The name must not be longer than {_NAME_BYTES} bytes.", param="name")
    most = min(int(_MOST_UNITS * quota_per_unit), 2**62)
    if not fields.unlimited_quota and not 0 <= fields.remain_quota <= most:
        raise BadRequest(f"remain_quota must be between 0 and {most}.", param="remain_quota")
    if fields.unlimited_quota and abs(fields.remain_quota) > most:
        raise BadRequest("remain_quota is too large.", param="remain_quota")
    if not NEVER <= fields.expired_time <= _LATEST:
        raise BadRequest("expired_time must be unix seconds, or -1 for never.", param="expired_time")
    if len(fields.group) > _GROUP_LENGTH:
        raise BadRequest(f"The group must not be longer than {_GROUP_LENGTH} characters.", param="group")
    for name, text in (("model_limits", fields.model_limits), ("allow_ips", fields.allow_ips or "")):
        if len(text.encode()) > _LIST_LENGTH:
            raise BadRequest(f"{name} is too long.", param=name)
    if fields.group == AUTO and fields.auto_groups:
        _check_auto_groups(context, fields.auto_groups, user_group)


def _check_auto_groups(context: Context, listed: tuple[str, ...], user_group: str) -> None:
    if len(listed) > context.groups.max_listed:
        raise BadRequest(
            f"auto_groups must not list more than {context.groups.max_listed} groups.", param="auto_groups"
        )
    if len(set(listed)) < len(listed):
        raise BadRequest("auto_groups must not name a group twice.", param="auto_groups")
    strange = next((name for name in listed if name not in context.groups.selectable(user_group)), None)
    if strange is not None:
        raise BadRequest(f"auto_groups: you may not use the group {strange!r}.", param="auto_groups")


async def create_key(context: Context, session: AsyncSession, user_id: int, fields: KeyFields) -> Key:
    """A new key. Raises Conflict beyond the limit; keys made at the same moment queue for the owner's row."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update())
    limit = context.settings.get(KeySettings).max_per_user
    mine = select(func.count()).select_from(Key).where(Key.user_id == user_id, Key.deleted_at.is_(None))
    if (await session.scalar(mine) or 0) >= limit:
        raise Conflict(f"You have as many keys as allowed ({limit}).")
    return await add_key(context, session, user_id, fields)


async def add_key(context: Context, session: AsyncSession, user_id: int, fields: KeyFields, *, secret: str = "") -> Key:
    """Store a key (`secret`, or a random one) and open its allowance."""
    secret = secret or random_text(_LENGTH)
    digest = key_digest(secret)
    now = context.now()
    key = Key(
        user_id=user_id,
        digest=digest,
        sealed=context.vault.seal(_PURPOSE, digest, secret),
        hint=mask(secret),
        status=ENABLED,
        created_at=now,
        accessed_at=now,
    )
    apply_fields(key, fields)
    key.expires_at = fields.expired_time or NEVER
    key.allow_ips = fields.allow_ips or ""
    session.add(key)
    await session.flush()
    await context.balances.open_account(session, ALLOWANCE, key.id)
    if fields.remain_quota:
        why = Movement("allowance", actor_id=user_id, reason="new key", reference=f"key:{key.id}")
        await context.balances.credit(session, ALLOWANCE, key.id, fields.remain_quota, why)
    return key


def apply_fields(key: Key, fields: KeyFields) -> None:
    """Put what the owner decided on the row; the amount is not there."""
    is_auto = fields.group == AUTO
    key.name = fields.name
    key.expires_at = fields.expired_time
    key.unlimited = fields.unlimited_quota
    key.model_limits_enabled = fields.model_limits_enabled
    key.model_limits = fields.model_limits
    key.allow_ips = fields.allow_ips
    key.group = fields.group
    key.cross_group_retry = fields.cross_group_retry and is_auto
    key.auto_groups = list(fields.auto_groups) if is_auto and fields.auto_groups else None


async def get_key(session: AsyncSession, user_id: int, key_id: int, *, locked: bool = False) -> Key:
    """One of the user's own keys. Raises NotFound, for somebody else's too."""
    found = select(Key).where(Key.id == key_id, Key.user_id == user_id, Key.deleted_at.is_(None))
    key = await session.scalar(found.with_for_update() if locked else found)
    if key is None:
        raise NotFound("There is no such key.")
    return key


async def update_key(context: Context, session: AsyncSession, user_id: int, key: Key, fields: KeyFields) -> None:
    """Replace everything but the status, and set the allowance."""
    apply_fields(key, fields)
    allowances = await context.balances.visible(session, ALLOWANCE, [key.id])
    if allowances.get(key.id) != fields.remain_quota:
        why = Movement("allowance", actor_id=user_id, reason="edited key")
        await context.balances.override(session, ALLOWANCE, key.id, fields.remain_quota, why)
    bump(session, Topic.KEYS)


async def switch_key(context: Context, session: AsyncSession, key: Key, status: int) -> None:
    """Switch a key on or off. Raises Conflict for one whose time or amount is used up."""
    if status not in (ENABLED, DISABLED):
        raise BadRequest(f"status must be {ENABLED} (on) or {DISABLED} (off).", param="status")
    if status == ENABLED:
        await _check_usable(context, session, key)
    key.status = status
    bump(session, Topic.KEYS)


async def _check_usable(context: Context, session: AsyncSession, key: Key) -> None:
    if key.status == EXPIRED and key.expires_at != NEVER and key.expires_at <= context.now():
        raise Conflict("The key has expired: give it a later end first.")
    if key.status == EXHAUSTED and not key.unlimited:
        allowances = await context.balances.visible(session, ALLOWANCE, [key.id])
        if allowances.get(key.id, 0) <= 0:
            raise Conflict("The key is used up: give it more quota first.")


async def delete_keys(context: Context, session: AsyncSession, user_id: int, key_ids: list[int]) -> int:
    """Delete those of the keys that are the user's; how many comes out."""
    found = select(Key).where(Key.id.in_(key_ids), Key.user_id == user_id, Key.deleted_at.is_(None))
    keys = list(await session.scalars(found.with_for_update()))
    for key in keys:
        key.deleted_at = context.now()
    await session.flush()
    bump(session, Topic.KEYS)
    return len(keys)


def reveal(context: Context, key: Key) -> str:
    """The key itself, without `sk-`, for its owner; noted in the server's log. Raises Conflict where it is lost."""
    try:
        secret = opened(context, key)
    except BadSecret as error:
        message = f"The key {key.name!r} was sealed with another master secret and cannot be shown; make a new one."
        raise Conflict(message) from error
    _log.info("key.revealed", key_id=key.id, user_id=key.user_id)
    return secret


def opened(context: Context, key: Key) -> str:
    """The key itself, without `sk-`. Raises BadSecret when the master secret was replaced."""
    return context.vault.unseal(_PURPOSE, key.digest, key.sealed)


async def reveal_many(context: Context, session: AsyncSession, user_id: int, key_ids: list[int]) -> dict[str, str]:
    """The keys themselves by id, those that are not the user's left out.

    Raises BadRequest beyond 100, Conflict where one is lost.
    """
    if not 1 <= len(key_ids) <= _REVEALED_AT_ONCE:
        raise BadRequest(f"ids must name 1 to {_REVEALED_AT_ONCE} keys.", param="ids")
    found = select(Key).where(Key.id.in_(key_ids), Key.user_id == user_id, Key.deleted_at.is_(None))
    return {str(key.id): reveal(context, key) for key in await session.scalars(found)}
