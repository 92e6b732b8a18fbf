"""API keys as the console shows and takes them: lists instead of joined texts, a limit instead of what is left."""

import ipaddress
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.context import Context
from faregate.identity.doors import ALLOWANCE
from faregate.identity.envelope import Paging, like
from faregate.identity.key_records import model_limits
from faregate.identity.key_search import own_keys, page_of_keys
from faregate.identity.keys import AUTO, NEVER, KeyFields, bare, check_fields
from faregate.identity.models import DISABLED, ENABLED, EXHAUSTED, EXPIRED, Key
from faregate.kernel.errors import BadRequest
from faregate.kernel.secrets import key_digest

State = Literal["on", "off", "expired", "used_up"]
_QUOTA_PER_UNIT = 500_000.0  # while the setting, which a room above owns, was never saved
_MOST_ENTRIES = 500


class ConsoleKey(BaseModel):
    """A key. `hint`: the masked key; `used`, `limit`: quota, None unlimited; times: unix seconds, 0 and -1 never."""

    id: int
    name: str
    hint: str
    state: State
    used: int
    limit: int | None
    group: str
    auto_groups: list[str]
    cross_group_retry: bool
    models: list[str]
    allow_ips: list[str]
    created_at: int
    last_used_at: int
    expires_at: int


class KeyWish(BaseModel):
    """What an owner decides about a key. `limit`: quota over its whole life, None without; empty lists allow all."""

    name: str = ""
    limit: int | None = None
    expires_at: int = NEVER
    group: str = ""
    auto_groups: list[str] = Field(default_factory=list[str])
    cross_group_retry: bool = False
    models: list[str] = Field(default_factory=list[str])
    allow_ips: list[str] = Field(default_factory=list[str])


async def find_keys(
    context: Context, session: AsyncSession, user_id: int, *, find: str, state: str, paging: Paging
) -> tuple[int, list[ConsoleKey]]:
    """How many of the user's keys fit, and one page of them. `find`: part of a name, or a whole key."""
    keys = own_keys(user_id)
    wanted = find.strip()
    if wanted:
        named = func.lower(Key.name).like(like(wanted), escape="!")
        keys = keys.where(named | (Key.digest == key_digest(bare(wanted))))
    if not state:
        total, rows = await page_of_keys(session, keys, paging)
        return total, await views(context, session, rows)
    # What is left is not a column: the user's keys, whose number is limited, are looked at one by one.
    seen = await views(context, session, list(await session.scalars(keys)))
    found = [key for key in seen if key.state == state]
    return len(found), found[paging.offset : paging.offset + paging.size]


async def views(context: Context, session: AsyncSession, keys: list[Key]) -> list[ConsoleKey]:
    """The keys as their owner sees them: what requests under way have reserved counts as used."""
    idents = [key.id for key in keys]
    left = await context.balances.visible(session, ALLOWANCE, idents)
    held = await context.balances.held(session, ALLOWANCE, idents)
    now = context.now()
    return [_view(key, left.get(key.id, 0), held.get(key.id, 0), now) for key in keys]


def _view(key: Key, left: int, held: int, now: int) -> ConsoleKey:
    used = key.used_quota + held
    return ConsoleKey(
        id=key.id,
        name=key.name,
        hint=f"sk-{key.hint}",
        state=_state(key, left, now),
        used=used,
        limit=None if key.unlimited else left + used,
        group=key.group,
        auto_groups=key.auto_groups or [],
        cross_group_retry=key.cross_group_retry,
        models=sorted(model_limits(key) or ()),
        allow_ips=_lines(key.allow_ips),
        created_at=key.created_at,
        last_used_at=0 if key.accessed_at == key.created_at and not used else key.accessed_at,
        expires_at=key.expires_at,
    )


def _state(key: Key, left: int, now: int) -> State:
    if key.status == DISABLED:
        return "off"
    if key.status == EXPIRED or (key.expires_at != NEVER and key.expires_at < now):
        return "expired"
    if key.status == EXHAUSTED or (not key.unlimited and left <= 0):
        return "used_up"
    return "on"


def _lines(text: str | None) -> list[str]:
    return [line for line in (raw.strip(" ,\r") for raw in (text or "").split("\n")) if line]


async def fields_of(
    context: Context, session: AsyncSession, user_group: str, wish: KeyWish, key: Key | None = None
) -> KeyFields:
    """The wish in the words of the key's row; `key` is the key that is edited. Raises BadRequest, naming the field."""
    _check(context, wish, user_group, key)
    used = 0
    if key is not None and wish.limit is not None:
        held = await context.balances.held(session, ALLOWANCE, [key.id])
        used = key.used_quota + held.get(key.id, 0)
    if wish.limit is not None and not (used <= wish.limit and wish.limit > 0):
        raise BadRequest(f"limit must be above 0 and not below what the key has used ({used}).", param="limit")
    fields = KeyFields(
        name=wish.name.strip(),
        remain_quota=0 if wish.limit is None else wish.limit - used,
        unlimited_quota=wish.limit is None,
        expired_time=wish.expires_at,
        model_limits_enabled=bool(wish.models),
        model_limits=",".join(dict.fromkeys(name.strip() for name in wish.models)),
        allow_ips="\n".join(line.strip() for line in wish.allow_ips),
        group=wish.group,
        cross_group_retry=wish.cross_group_retry,
        auto_groups=tuple(wish.auto_groups) or None,
    )
    check_fields(context, fields, user_group, _quota_per_unit(context))
    return fields


def _quota_per_unit(context: Context) -> float:
    text = context.settings.text("QuotaPerUnit")
    try:
        return float(text) if text else _QUOTA_PER_UNIT
    except ValueError:
        return _QUOTA_PER_UNIT


def _check(context: Context, wish: KeyWish, user_group: str, key: Key | None) -> None:
    if not wish.name.strip():
        raise BadRequest("name must not be empty.", param="name")
    kept_end = key is not None and key.expires_at == wish.expires_at
    if wish.expires_at != NEVER and wish.expires_at <= context.now() and not kept_end:
        raise BadRequest("expires_at must be in the future, or -1 for never.", param="expires_at")
    kept_group = key is not None and key.group == wish.group
    if wish.group not in ("", AUTO, *context.groups.selectable(user_group)) and not kept_group:
        raise BadRequest(f"group: you may not use the group {wish.group!r}.", param="group")
    for name, entries in (("models", wish.models), ("allow_ips", wish.allow_ips)):
        if len(entries) > _MOST_ENTRIES:
            raise BadRequest(f"{name} must not have more than {_MOST_ENTRIES} entries.", param=name)
    if any("," in name or not name.strip() for name in wish.models):
        raise BadRequest("models must be names without a comma.", param="models")
    strange = next((line for line in wish.allow_ips if not _is_network(line.strip())), None)
    if strange is not None:
        raise BadRequest(f"allow_ips: {strange!r} is no IP address and no CIDR range.", param="allow_ips")


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def is_usable_again(fields: KeyFields, now: int) -> bool:
    """True when a key with these fields has both time and amount left."""
    return (fields.unlimited_quota or fields.remain_quota > 0) and (
        fields.expired_time == NEVER or fields.expired_time > now
    )


def revived(key: Key, fields: KeyFields, now: int) -> int:
    """The status of an edited key: one that had run out is on again when it has time and amount left."""
    return ENABLED if key.status in (EXPIRED, EXHAUSTED) and is_usable_again(fields, now) else key.status
