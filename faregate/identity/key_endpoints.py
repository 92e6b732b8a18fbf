"""API keys (`token` on the wire): one's own list and its changes, and what a key may ask about itself."""

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.identity.context import Context
from faregate.identity.doors import ALLOWANCE
from faregate.identity.envelope import Done, Page, Paged, Reply
from faregate.identity.key_search import own_keys, page_of_keys, search_keys
from faregate.identity.keys import (
    KeyFields,
    check_fields,
    create_key,
    delete_keys,
    get_key,
    reveal,
    reveal_many,
    switch_key,
    update_key,
)
from faregate.identity.models import Key
from faregate.identity.routing import Access, ByCaller, ByKey, InContext, LimitClass, Router
from faregate.identity.times import rfc3339
from faregate.kernel.errors import BadRequest, NotFound

router = Router("/api/token", "keys")
usage_router = Router("/api/usage/token", "keys")
_QUOTA_PER_UNIT = 500_000.0  # while the setting, which a room above owns, was never saved


class KeyView(BaseModel):
    """A key as its owner's lists show it; `key` is masked."""

    model_config = ConfigDict(serialize_by_alias=True)
    id: int
    user_id: int
    key: str
    status: int
    name: str
    created_time: int
    accessed_time: int
    expired_time: int
    remain_quota: int
    unlimited_quota: bool
    model_limits_enabled: bool
    model_limits: str
    allow_ips: str | None
    used_quota: int
    group: str
    cross_group_retry: bool
    auto_groups: list[str] | None
    deleted_at: str | None = Field(default=None, serialization_alias="DeletedAt")


class KeyRequest(BaseModel):
    """A key to be made or changed. `expired_time`: unix seconds, -1 never; `remain_quota`: quota."""

    id: StrictInt = 0
    status: int = 0
    name: str = ""
    remain_quota: int = 0
    unlimited_quota: bool = False
    expired_time: int = 0
    model_limits_enabled: bool = False
    model_limits: str = ""
    allow_ips: str | None = None
    group: str | None = None
    cross_group_retry: bool = False
    auto_groups: list[str] | None = None


class KeyIds(BaseModel):
    """Several keys."""

    ids: list[StrictInt] = Field(default_factory=list[int])


class Revealed(BaseModel):
    """A key, without `sk-`."""

    key: str


class RevealedKeys(BaseModel):
    """Keys by id, without `sk-`."""

    keys: dict[str, str]


class AutoGroups(BaseModel):
    """Groups a key may list for `auto`, and how many of them."""

    groups: list[str]
    max_count: int


class KeyUsage(BaseModel):
    """What a key was given and has used, in quota. `expires_at` 0: never."""

    object: str = "token_usage"
    name: str
    total_granted: int
    total_used: int
    total_available: int
    unlimited_quota: bool
    model_limits: dict[str, bool]
    model_limits_enabled: bool
    expires_at: int


class KeyUsageReply(BaseModel):
    """This answer has its own envelope."""

    code: bool = True
    message: str = "ok"
    data: KeyUsage


async def _views(context: Context, session: AsyncSession, keys: list[Key]) -> list[KeyView]:
    left = await context.balances.visible(session, ALLOWANCE, [key.id for key in keys])
    held = await context.balances.held(session, ALLOWANCE, [key.id for key in keys])
    return [_view(key, left.get(key.id, 0), held.get(key.id, 0)) for key in keys]


def _view(key: Key, remain_quota: int, held: int) -> KeyView:
    """The key as its owner sees it: what requests under way have reserved counts as used."""
    return KeyView(
        id=key.id,
        user_id=key.user_id,
        key=key.hint,
        status=key.status,
        name=key.name,
        created_time=key.created_at,
        accessed_time=key.accessed_at,
        expired_time=key.expires_at,
        remain_quota=remain_quota,
        unlimited_quota=key.unlimited,
        model_limits_enabled=key.model_limits_enabled,
        model_limits=key.model_limits,
        allow_ips=key.allow_ips,
        used_quota=key.used_quota + held,
        group=key.group,
        cross_group_retry=key.cross_group_retry,
        auto_groups=key.auto_groups,
        deleted_at=rfc3339(key.deleted_at),
    )


def _fields(given: KeyRequest, group: str, auto_groups: list[str] | None) -> KeyFields:
    return KeyFields(
        name=given.name,
        remain_quota=given.remain_quota,
        unlimited_quota=given.unlimited_quota,
        expired_time=given.expired_time,
        model_limits_enabled=given.model_limits_enabled,
        model_limits=given.model_limits,
        allow_ips=given.allow_ips,
        group=group,
        cross_group_retry=given.cross_group_retry,
        auto_groups=tuple(auto_groups) if auto_groups else None,
    )


def _check(context: Context, caller: ByCaller, fields: KeyFields) -> None:
    text = context.settings.text("QuotaPerUnit")
    try:
        per_unit = float(text) if text else _QUOTA_PER_UNIT
    except ValueError:
        per_unit = _QUOTA_PER_UNIT
    check_fields(context, fields, caller.user.group, per_unit)


@router.get("/", access=Access.USER)
async def list_own(caller: ByCaller, context: InContext, paging: Paged) -> Reply[Page[KeyView]]:
    """One's own keys, newest first."""
    async with context.database.read() as session:
        total, keys = await page_of_keys(session, own_keys(caller.id), paging)
        return paging.reply(total, await _views(context, session, keys))


@router.get("/search", access=Access.USER, limit=LimitClass.SEARCH)
async def search(
    caller: ByCaller, context: InContext, paging: Paged, keyword: str = "", token: str = ""
) -> Reply[Page[KeyView]]:
    """One's own keys by name or by the key itself."""
    async with context.database.read() as session:
        total, keys = await search_keys(context, session, caller.id, name=keyword, token=token, paging=paging)
        return paging.reply(total, await _views(context, session, keys))


@router.get("/auto-groups", access=Access.USER)
async def auto_groups(caller: ByCaller, context: InContext) -> Reply[AutoGroups]:
    """The groups that a key of one's own may list when its group is `auto`."""
    names = list(context.groups.selectable(caller.user.group))
    return Reply(data=AutoGroups(groups=names, max_count=context.groups.max_listed))


@router.get("/{key_id}", access=Access.USER)
async def show(key_id: int, caller: ByCaller, context: InContext) -> Reply[KeyView]:
    """One of one's own keys."""
    async with context.database.read() as session:
        key = await get_key(session, caller.id, key_id)
        return Reply(data=(await _views(context, session, [key]))[0])


@router.post("/", access=Access.USER)
async def create(given: KeyRequest, caller: ByCaller, context: InContext) -> Done:
    """Make a key; it is read by revealing it."""
    group = context.groups.default_for_keys if given.group is None else given.group
    fields = _fields(given, group, given.auto_groups)
    _check(context, caller, fields)
    async with context.database.write() as session:
        await create_key(context, session, caller.id, fields)
    return Done()


@router.put("/", access=Access.USER)
async def change(given: KeyRequest, caller: ByCaller, context: InContext, status_only: str = "") -> Reply[KeyView]:
    """Replace everything but the status; with `status_only`, change nothing else."""
    async with context.database.write() as session:
        key = await get_key(session, caller.id, given.id, locked=True)
        if status_only:
            await switch_key(context, session, key, given.status)
        else:
            kept = key.auto_groups if "auto_groups" not in given.model_fields_set else given.auto_groups
            fields = _fields(given, given.group or "", kept)
            _check(context, caller, fields)
            await update_key(context, session, caller.id, key, fields)
        return Reply(data=(await _views(context, session, [key]))[0])


@router.delete("/{key_id}", access=Access.USER)
async def delete(key_id: int, caller: ByCaller, context: InContext) -> Done:
    """Delete a key."""
    async with context.database.write() as session:
        if not await delete_keys(context, session, caller.id, [key_id]):
            raise NotFound("There is no such key.")
    return Done()


@router.post("/batch", access=Access.USER)
async def delete_several(given: KeyIds, caller: ByCaller, context: InContext) -> Reply[int]:
    """Delete several keys; how many were one's own comes out."""
    if not 1 <= len(given.ids) <= 1000:
        raise BadRequest("ids must name 1 to 1000 keys.", param="ids")
    async with context.database.write() as session:
        return Reply(data=await delete_keys(context, session, caller.id, given.ids))


@router.post("/{key_id}/key", access=Access.USER, limit=LimitClass.CRITICAL, no_cache=True)
async def reveal_one(key_id: int, caller: ByCaller, context: InContext) -> Reply[Revealed]:
    """The whole key; only to its owner."""
    async with context.database.read() as session:
        return Reply(data=Revealed(key=reveal(context, await get_key(session, caller.id, key_id))))


@router.post("/batch/keys", access=Access.USER, limit=LimitClass.CRITICAL, no_cache=True)
async def reveal_several(given: KeyIds, caller: ByCaller, context: InContext) -> Reply[RevealedKeys]:
    """Several whole keys; those of others are left out."""
    async with context.database.read() as session:
        return Reply(data=RevealedKeys(keys=await reveal_many(context, session, caller.id, given.ids)))


@usage_router.get("/", access=Access.KEY, limit=LimitClass.CRITICAL, cors=True)
async def usage(key: ByKey, context: InContext) -> KeyUsageReply:
    """What the calling key was given and has used."""
    async with context.database.read() as session:
        left = (await context.balances.visible(session, ALLOWANCE, [key.id])).get(key.id, 0)
        held = (await context.balances.held(session, ALLOWANCE, [key.id])).get(key.id, 0)
    used = key.used_quota + held  # as in the list of keys: what calls under way reserve counts as used
    data = KeyUsage(
        name=key.name,
        total_granted=left + used,
        total_used=used,
        total_available=left,
        unlimited_quota=key.unlimited,
        model_limits=dict.fromkeys(sorted(key.model_limits or ()), True),
        model_limits_enabled=key.model_limits is not None,
        expires_at=0 if key.expires_at == -1 else key.expires_at,
    )
    return KeyUsageReply(data=data)
