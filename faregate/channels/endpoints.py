"""Channels over the wire: reading, making, editing, switching and removing them."""

from typing import Annotated

from fastapi import Path, Request

from faregate.channels import creation, editing, switching
from faregate.channels.credentials import credentials_of, digest
from faregate.channels.models import DISABLED, ENABLED, Channel
from faregate.channels.repository import (
    Wanted,
    credential_states,
    get_channel,
    list_by_tag,
    list_channels,
    models_enabled,
    type_counts,
)
from faregate.channels.schemas import (
    ChannelEdit,
    ChannelPage,
    Copied,
    Creation,
    EditedChannel,
    FoundChannels,
    Ids,
    KnownModel,
    Operating,
    Rebuilt,
    ShownChannel,
    StatusChange,
    StatusChanges,
    Tag,
    TagChange,
    TagEdit,
)
from faregate.channels.upstream_models import known_models
from faregate.channels.views import shown, states
from faregate.identity import Access, ByCaller, Context, Done, InContext, Paged, Refusal, Reply, Router, whole

router = Router("/api/channel", "channels")
ChannelId = Annotated[int, Path(ge=0, le=2**62)]
READ, OPERATE, WRITE, SENSITIVE = "channel.read", "channel.operate", "channel.write", "channel.sensitive_write"
_FOUND_SIZE, _MOST_FOUND = 20, 1000


# --- reading --------------------------------------------------------------------------------------------------


def _wanted(context: Context, request: Request, *, search: bool) -> Wanted:
    query = {name: _plain(text) for name, text in request.query_params.items()}
    keyword = query.get("keyword", "").strip() if search else ""
    return Wanted(
        keyword=keyword,
        key_digest=digest(context.vault, keyword) if keyword else "",
        model=query.get("model", "").strip() if search else "",
        group=query.get("group", "").strip(),
        status=query.get("status", ""),
        type=query.get("type", ""),
        sort_by=query.get("sort_by", ""),
        ascending=query.get("sort_order") == "asc",
        newest_first=query.get("id_sort") == "true",
        whole_tags=search and query.get("tag_mode") == "true",
    )


def _plain(text: str) -> str:
    """Without zero bytes, which PostgreSQL does not take."""
    return text.replace("\0", "")


@router.get("/", access=Access.ADMIN, permission=READ)
async def list_all(request: Request, context: InContext, paging: Paged) -> Reply[ChannelPage]:
    """A page of channels; with `tag_mode` a page of tags and all their channels."""
    wanted = _wanted(context, request, search=False)
    by_tag = request.query_params.get("tag_mode") == "true"
    async with context.database.read() as session:
        find = list_by_tag if by_tag else list_channels
        total, channels = await find(session, wanted, paging.offset, paging.size)
        found = await credential_states(session, channels)
        counts = await type_counts(session, wanted)
    items = [shown(channel, found.get(channel.id, ())) for channel in channels]
    page = ChannelPage(items=items, total=total, page=paging.page, page_size=paging.size, type_counts=counts)
    return Reply(data=page)


@router.get("/search", access=Access.ADMIN, permission=READ)
async def search(request: Request, context: InContext) -> Reply[FoundChannels]:
    """Channels by id, part of a name or address, whole key, model and group; with `tag_mode` whole tags."""
    wanted = _wanted(context, request, search=True)
    size = whole(request.query_params.get("page_size"), _FOUND_SIZE)
    size = min(size, _MOST_FOUND) if size > 0 else _FOUND_SIZE
    page = min(max(1, whole(request.query_params.get("p"), 1)), 1_000_000)
    async with context.database.read() as session:
        total, channels = await list_channels(session, wanted, (page - 1) * size, size)
        found = await credential_states(session, channels)
        counts = await type_counts(session, wanted)
    items = [shown(channel, found.get(channel.id, ())) for channel in channels]
    return Reply(data=FoundChannels(items=items, total=total, type_counts=counts))


@router.get("/models", access=Access.ADMIN, permission=READ)
async def models() -> Reply[list[KnownModel]]:
    """Every model known by name."""
    return Reply(data=known_models())


@router.get("/models_enabled", access=Access.ADMIN, permission=READ)
async def enabled_models(context: InContext) -> Reply[list[str]]:
    """Every model that is served."""
    async with context.database.read() as session:
        return Reply(data=await models_enabled(session))


@router.get("/ops", access=Access.ADMIN, permission=READ)
async def operating(context: InContext) -> Reply[Operating]:
    """Settings that the list of channels shows."""
    return Reply(data=Operating(retry_times=whole(context.settings.listed().get("RetryTimes"))))


@router.get("/tag/models", access=Access.ADMIN, permission=READ)
async def tag_models(context: InContext, tag: str = "") -> Reply[str]:
    """The longest list of models among the channels of a tag."""
    if not tag:
        raise Refusal("tag must not be empty.", status=400)
    async with context.database.read() as session:
        return Reply(data=await switching.models_of_tag(session, _plain(tag)))


@router.get("/{channel_id}", access=Access.ADMIN, permission=READ)
async def show(channel_id: ChannelId, context: InContext) -> Reply[ShownChannel]:
    """One channel."""
    async with context.database.read() as session:
        channel = await get_channel(session, channel_id)
        found = states(await credentials_of(session, channel_id)) if channel.is_multi_key else ()
    return Reply(data=shown(channel, found))


# --- making and editing ---------------------------------------------------------------------------------------


@router.post("/", access=Access.ADMIN, permission=SENSITIVE)
async def create(given: Creation, caller: ByCaller, context: InContext) -> Done:
    """Make one channel, one for every key, or one with many keys."""
    async with context.database.write() as session:
        await creation.create(context, session, caller, given)
    return Done()


@router.put("/", access=Access.ADMIN, permission=WRITE)
async def edit(given: ChannelEdit, caller: ByCaller, context: InContext) -> Reply[EditedChannel]:
    """Edit a channel; what is left out stays as it is."""
    async with context.database.write() as session:
        return Reply(data=await editing.update(context, session, caller, given))


@router.post("/copy/{channel_id}", access=Access.ADMIN, permission=SENSITIVE)
async def copy(
    channel_id: ChannelId, caller: ByCaller, context: InContext, suffix: str = "_复制", reset_balance: bool = True
) -> Reply[Copied]:
    """Make a copy of a channel."""
    async with context.database.write() as session:
        made: Channel = await creation.copy(
            context, session, caller, channel_id, suffix=_plain(suffix)[:64], reset_balance=reset_balance
        )
        return Reply(data=Copied(id=made.id))


# --- switching ------------------------------------------------------------------------------------------------


@router.post("/{channel_id}/status", access=Access.ADMIN, permission=OPERATE)
async def set_status(channel_id: ChannelId, given: StatusChange, caller: ByCaller, context: InContext) -> Reply[bool]:
    """Switch a channel on or off; whether that changed anything."""
    async with context.database.write() as session:
        return Reply(data=await switching.set_status(context, session, caller, channel_id, given.status))


@router.post("/status/batch", access=Access.ADMIN, permission=OPERATE)
async def set_statuses(given: StatusChanges, caller: ByCaller, context: InContext) -> Reply[int]:
    """Switch several channels; how many changed."""
    async with context.database.write() as session:
        return Reply(data=await switching.set_statuses(context, session, caller, given.ids, given.status))


@router.post("/tag/enabled", access=Access.ADMIN, permission=OPERATE)
async def enable_tag(given: Tag, caller: ByCaller, context: InContext) -> Done:
    """Switch all channels of a tag on."""
    async with context.database.write() as session:
        await switching.switch_tag(context, session, caller, given.tag, ENABLED)
    return Done()


@router.post("/tag/disabled", access=Access.ADMIN, permission=OPERATE)
async def disable_tag(given: Tag, caller: ByCaller, context: InContext) -> Done:
    """Switch all channels of a tag off."""
    async with context.database.write() as session:
        await switching.switch_tag(context, session, caller, given.tag, DISABLED)
    return Done()


@router.put("/tag", access=Access.ADMIN, permission=WRITE)
async def edit_tag(given: TagEdit, caller: ByCaller, context: InContext) -> Done:
    """Edit all channels of a tag."""
    async with context.database.write() as session:
        await switching.edit_tag(context, session, caller, given)
    return Done()


@router.post("/batch/tag", access=Access.ADMIN, permission=WRITE)
async def set_tag(given: TagChange, caller: ByCaller, context: InContext) -> Reply[int]:
    """Give several channels a tag, or take it away."""
    async with context.database.write() as session:
        return Reply(data=await switching.set_tag(context, session, caller, given.ids, given.tag))


@router.post("/fix", access=Access.ADMIN, permission=OPERATE)
async def fix(context: InContext) -> Reply[Rebuilt]:
    """Derive the routing of all channels anew."""
    return Reply(data=await switching.rebuild(context))


# --- removing -------------------------------------------------------------------------------------------------


@router.delete("/disabled", access=Access.ADMIN, permission=SENSITIVE)
async def delete_disabled(caller: ByCaller, context: InContext) -> Reply[int]:
    """Remove every channel that is off; how many there were."""
    async with context.database.write() as session:
        return Reply(data=await switching.delete_disabled(context, session, caller))


@router.post("/batch", access=Access.ADMIN, permission=SENSITIVE)
async def delete_several(given: Ids, caller: ByCaller, context: InContext) -> Reply[int]:
    """Remove several channels; how many there were."""
    async with context.database.write() as session:
        return Reply(data=await switching.delete_several(context, session, caller, given.ids))


@router.delete("/{channel_id}", access=Access.ADMIN, permission=SENSITIVE)
async def delete(channel_id: ChannelId, caller: ByCaller, context: InContext) -> Done:
    """Remove a channel."""
    async with context.database.write() as session:
        await switching.delete_one(context, session, caller, channel_id)
    return Done()
