"""Switching channels on and off, changing them by tag, removing them, and deriving the routing index anew."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.models import DISABLED, ENABLED, Channel
from faregate.channels.repository import (
    channels_tagged,
    channels_with,
    get_channel,
    reindex,
    remove,
    switched_off,
)
from faregate.channels.rules import check_channel, check_sensitive
from faregate.channels.schemas import Rebuilt, TagEdit
from faregate.identity import Caller, Context, record
from faregate.kernel.errors import BadRequest
from faregate.storage import Topic, bump

_AT_ONCE = 200


async def switch(session: AsyncSession, channels: Sequence[Channel], status: int, now: int, reason: str = "") -> int:
    """Give channels a status and say why; how many had another. Their routing follows."""
    changed = [channel for channel in channels if channel.status != status]
    for channel in changed:
        channel.status, channel.status_reason, channel.status_at = status, reason, now
    if changed:
        await reindex(session, changed)
        bump(session, Topic.CHANNELS)
    return len(changed)


def _checked(status: int) -> int:
    if status not in (ENABLED, DISABLED):
        raise BadRequest(f"status must be {ENABLED} (on) or {DISABLED} (off).", param="status")
    return status


async def set_status(context: Context, session: AsyncSession, caller: Caller, channel_id: int, status: int) -> bool:
    """True when the channel had another status. Raises NotFound."""
    _checked(status)
    channel = await get_channel(session, channel_id, locked=True)
    changed = bool(await switch(session, [channel], status, context.now()))
    text = f"set channel {channel_id} to status {status}"
    await record(context, session, caller, "channel.status_update", text, id=channel_id, status=status, changed=changed)
    return changed


async def set_statuses(context: Context, session: AsyncSession, caller: Caller, ids: Sequence[int], status: int) -> int:
    """How many channels had another status."""
    _checked(status)
    if not ids:
        raise BadRequest("ids must name channels.", param="ids")
    count = await switch(session, await channels_with(session, ids), status, context.now())
    text = f"set {count} channels to status {status}"
    await record(
        context, session, caller, "channel.status_update_batch", text, count=count, status=status, total=len(ids)
    )
    return count


async def switch_tag(context: Context, session: AsyncSession, caller: Caller, tag: str, status: int) -> None:
    """Switch all channels of a tag. Raises BadRequest without one."""
    channels = await channels_tagged(session, _named(tag))
    count = await switch(session, channels, status, context.now())
    action = "channel.tag_enable" if status == ENABLED else "channel.tag_disable"
    await record(context, session, caller, action, f"set {count} channels of tag {tag} to status {status}", tag=tag)


def _named(tag: str) -> str:
    if not tag:
        raise BadRequest("tag must not be empty.", param="tag")
    return tag


async def edit_tag(context: Context, session: AsyncSession, caller: Caller, edit: TagEdit) -> None:
    """Change all channels of a tag; a tag nobody has is no mistake. Raises BadRequest or Forbidden."""
    if edit.param_override is not None or edit.header_override is not None:
        check_sensitive(caller, "overrides")
    channels = await channels_tagged(session, _named(edit.tag))
    changes: dict[str, object] = {
        "tag": edit.new_tag,
        "priority": edit.priority,
        "weight": edit.weight,
        "model_mapping": edit.model_mapping,
        "models": edit.models or None,
        "groups": edit.groups or None,
        "param_override": edit.param_override.strip() if edit.param_override is not None else None,
        "header_override": edit.header_override.strip() if edit.header_override is not None else None,
    }
    for channel in channels:
        for name, value in changes.items():
            if value is not None:
                setattr(channel, name, value)
        check_channel(channel)
    if edit.models or edit.groups:
        await reindex(session, channels)
    bump(session, Topic.CHANNELS)
    await record(context, session, caller, "channel.tag_edit", f"changed the channels of tag {edit.tag}", tag=edit.tag)


async def set_tag(context: Context, session: AsyncSession, caller: Caller, ids: Sequence[int], tag: str | None) -> int:
    """Give channels a tag or take it away; how many there are."""
    if not ids:
        raise BadRequest("ids must name channels.", param="ids")
    channels = await channels_with(session, ids)
    for channel in channels:
        channel.tag = tag
    bump(session, Topic.CHANNELS)
    text = f"gave {len(channels)} channels the tag {tag or ''}"
    await record(context, session, caller, "channel.tag_batch_set", text, count=len(channels))
    return len(channels)


async def models_of_tag(session: AsyncSession, tag: str) -> str:
    """The longest list of models among the channels of a tag."""
    lists = (await session.execute(select(Channel.models).where(Channel.tag == tag).order_by(Channel.id))).scalars()
    return max(lists, key=lambda models: len(models.split(",")), default="")


async def delete_one(context: Context, session: AsyncSession, caller: Caller, channel_id: int) -> None:
    """Remove a channel. Raises NotFound."""
    channel = await get_channel(session, channel_id, locked=True)
    name = channel.name
    await _delete(session, [channel])
    text = f"removed channel {name} (id {channel_id})"
    await record(context, session, caller, "channel.delete", text, id=channel_id, name=name)


async def delete_several(context: Context, session: AsyncSession, caller: Caller, ids: Sequence[int]) -> int:
    """Remove channels; how many there were."""
    if not ids:
        raise BadRequest("ids must name channels.", param="ids")
    count = await _delete(session, await channels_with(session, ids))
    await record(context, session, caller, "channel.delete_batch", f"removed {count} channels", count=count)
    return count


async def delete_disabled(context: Context, session: AsyncSession, caller: Caller) -> int:
    """Remove every channel that is not on; how many there were."""
    count = await _delete(session, await switched_off(session))
    text = f"removed {count} channels that were off"
    await record(context, session, caller, "channel.delete_disabled", text, count=count)
    return count


async def _delete(session: AsyncSession, channels: Sequence[Channel]) -> int:
    await remove(session, channels)
    bump(session, Topic.CHANNELS)
    return len(channels)


async def rebuild(context: Context) -> Rebuilt:
    """Derive the routing index of every channel anew, a few hundred at a time. Safe to run twice at once."""
    done = unfit = last = 0
    while True:
        async with context.database.write() as session:
            rows = select(Channel).where(Channel.id > last).order_by(Channel.id).limit(_AT_ONCE).with_for_update()
            channels = list((await session.execute(rows)).scalars())
            if not channels:
                bump(session, Topic.CHANNELS)
                return Rebuilt(success=done, fails=unfit)
            failed = await reindex(session, channels)
        done, unfit, last = done + len(channels) - failed, unfit + failed, channels[-1].id
