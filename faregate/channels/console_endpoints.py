"""Channels for the console: rows with their last test, creation that tells ids, keys by their ends."""

from typing import Annotated, Literal

from fastapi import Path, Query

from faregate.channels import creation
from faregate.channels.console_views import ChannelRows, KeyRows, TagCount, key_rows, row
from faregate.channels.credentials import digest
from faregate.channels.keys import keys_of
from faregate.channels.models import AUTO_DISABLED, DISABLED, ENABLED
from faregate.channels.repository import Wanted, credential_states, list_channels, tag_counts, type_counts
from faregate.channels.schemas import Creation
from faregate.identity import Access, ByCaller, InContext, Paged, Reply, Router

router = Router("/api/console/channels", "console")
ChannelId = Annotated[int, Path(ge=0, le=2**62)]
_READ, _SENSITIVE = "channel.read", "channel.sensitive_write"
_LONGEST = 255
Text = Annotated[str, Query(max_length=_LONGEST, pattern=r"^[^\x00]*$")]
State = Literal["", "enabled", "by_hand", "by_itself"]
Sorting = Literal["", "id", "name", "priority", "response_time", "test_time"]


@router.get("", access=Access.ADMIN, permission=_READ)
async def rows(
    context: InContext,
    paging: Paged,
    q: Text = "",
    status: State = "",
    type: Text = "",
    group: Text = "",
    tag: Text = "",
    sort: Sorting = "",
    ascending: bool = False,
    by_tag: bool = False,
) -> Reply[ChannelRows]:
    """A page of channels. `q`: part of a name or address, an id, or a whole key; `by_tag`: tag by tag."""
    text = q.strip()
    wanted = Wanted(
        keyword=text,
        key_digest=digest(context.vault, text) if text else "",
        group=group,
        status=status,
        type=type,
        tag=tag,
        sort_by=sort,
        ascending=ascending,
        by_tag=by_tag,
    )
    async with context.database.read() as session:
        total, channels = await list_channels(session, wanted, paging.offset, paging.size)
        found = await credential_states(session, channels)
        types = await type_counts(session, wanted)
        tags = await tag_counts(session)
    return Reply(
        data=ChannelRows(
            items=[row(channel, found.get(channel.id, ())) for channel in channels],
            total=total,
            page=paging.page,
            page_size=paging.size,
            types=types,
            tags=[TagCount(tag=name, channels=count, on=on) for name, count, on in tags],
        )
    )


@router.post("", access=Access.ADMIN, permission=_SENSITIVE)
async def create(given: Creation, caller: ByCaller, context: InContext) -> Reply[list[int]]:
    """Make one channel, one for every key, or one with many keys; their ids."""
    async with context.database.write() as session:
        made = await creation.create(context, session, caller, given)
        return Reply(data=[channel.id for channel in made])


@router.get("/{channel_id}/keys", access=Access.ADMIN, permission=_READ)
async def keys(
    channel_id: ChannelId, context: InContext, paging: Paged, status: Annotated[int, Query(ge=0, le=3)] = 0
) -> Reply[KeyRows]:
    """A page of the keys of a channel with several, in order; `status` picks those on (1), off by hand (2), off by
    itself (3)."""
    async with context.database.read() as session:
        _, found = await keys_of(session, channel_id)
    picked = [one for one in found if status in (0, one.status)]
    shown = picked[paging.offset : paging.offset + paging.size]
    counts = {state: sum(one.status == state for one in found) for state in (ENABLED, DISABLED, AUTO_DISABLED)}
    return Reply(
        data=KeyRows(
            items=list(key_rows(context.vault, shown)),
            total=len(picked),
            page=paging.page,
            page_size=paging.size,
            on=counts[ENABLED],
            by_hand=counts[DISABLED],
            by_itself=counts[AUTO_DISABLED],
        )
    )
