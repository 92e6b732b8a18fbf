"""What the data plane knows of an API key: one immutable record, found by the key's digest."""

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.addresses import Network, parse_networks
from faregate.identity.doors import ALLOWANCE, WALLET, Balances
from faregate.identity.models import ENABLED, EXHAUSTED, EXPIRED, Key, User
from faregate.storage import Topic, bump


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A key and its owner. `model_limits`: None allows every model. `networks`: None allows every address.

    `wallet_id` and `allowance_id` are accounts, 0 when there is none. `expires_at` is unix seconds, -1 never.
    `is_deleted`: the owner is gone.
    """

    id: int
    name: str
    status: int
    expires_at: int
    unlimited: bool
    used_quota: int
    allowance_id: int
    model_limits: frozenset[str] | None
    networks: tuple[Network, ...] | None
    group: str
    auto_groups: tuple[str, ...]
    cross_group_retry: bool
    user_id: int
    username: str
    user_status: int
    user_group: str
    role: int
    is_deleted: bool
    wallet_id: int
    record_ip: bool
    accept_unpriced: bool
    language: str = ""

    def is_expired(self, now: float) -> bool:
        """True when the key's time is over."""
        return self.expires_at != -1 and self.expires_at < now

    @property
    def is_owner_enabled(self) -> bool:
        """True when the owner may call."""
        return self.user_status == ENABLED and not self.is_deleted


async def find_key_owner(session: AsyncSession, balances: Balances, digest: str) -> KeyRecord | None:
    """The record of the key with this digest, or None when there is none or it was deleted."""
    found = (
        select(Key, User).outerjoin(User, User.id == Key.user_id).where(Key.digest == digest, Key.deleted_at.is_(None))
    )
    row = (await session.execute(found)).first()
    if row is None:
        return None
    key, user = row
    allowances = await balances.account_ids(session, ALLOWANCE, [key.id])
    wallets = await balances.account_ids(session, WALLET, [key.user_id])
    return _record(key, user or _nobody(key.user_id), allowances.get(key.id, 0), wallets.get(key.user_id, 0))


def _nobody(user_id: int) -> User:
    """Stands for an owner whose row was removed for good."""
    return User(id=user_id, username="", role=0, status=0, group="", deleted_at=1)


def _record(key: Key, user: User, allowance_id: int, wallet_id: int) -> KeyRecord:
    setting = user.setting or {}
    return KeyRecord(
        id=key.id,
        name=key.name,
        status=key.status,
        expires_at=key.expires_at,
        unlimited=key.unlimited,
        used_quota=key.used_quota,
        allowance_id=allowance_id,
        model_limits=model_limits(key),
        networks=parse_networks(key.allow_ips),
        group=key.group,
        auto_groups=tuple(key.auto_groups or ()),
        cross_group_retry=key.cross_group_retry,
        user_id=key.user_id,
        username=user.username,
        user_status=user.status,
        user_group=user.group,
        role=user.role,
        is_deleted=user.deleted_at is not None,
        wallet_id=wallet_id,
        record_ip=setting.get("record_ip_log") is True,
        accept_unpriced=setting.get("accept_unset_model_ratio_model") is True,
        language=str(setting.get("language") or ""),
    )


def model_limits(key: Key) -> frozenset[str] | None:
    """The models the key is limited to; None when it is not."""
    if not key.model_limits_enabled:
        return None
    return frozenset(name for name in (part.strip() for part in key.model_limits.split(",")) if name)


async def mark_expired(session: AsyncSession, key_id: int) -> None:
    """Note that an enabled key was found expired on use."""
    await _mark(session, key_id, EXPIRED)


async def mark_exhausted(session: AsyncSession, key_id: int) -> None:
    """Note that an enabled key was found used up."""
    await _mark(session, key_id, EXHAUSTED)


async def _mark(session: AsyncSession, key_id: int, status: int) -> None:
    await session.execute(update(Key).where(Key.id == key_id, Key.status == ENABLED).values(status=status))
    bump(session, Topic.KEYS)
