"""Editing a channel, in the semantics of New API's PUT: what is left out stays, and what points elsewhere needs more.

Text without a null of its own (name, models, group, …) is not emptied by an empty text; fields that may be null take
empty texts and zeros as said.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels.credentials import credentials_of, put_secrets, split_secrets
from faregate.channels.models import Channel
from faregate.channels.repository import get_channel, reindex
from faregate.channels.rules import check_channel, check_secret, check_sensitive
from faregate.channels.schemas import ChannelEdit, EditedChannel
from faregate.channels.views import edited, states
from faregate.identity import Caller, Context, record
from faregate.kernel.errors import BadRequest
from faregate.storage import Topic, bump

_KEPT_WHEN_EMPTY = frozenset(("type", "name", "models", "group", "other", "settings"))
_PLAIN = (
    "name", "models", "group", "test_model", "weight", "model_mapping", "status_code_mapping", "priority", "auto_ban",
    "tag", "remark",
)  # fmt: skip
_SENSITIVE = (
    "type", "base_url", "openai_organization", "header_override", "param_override", "setting", "other", "settings",
)  # fmt: skip
_MANAGED = frozenset(
    (
        "created_time", "test_time", "response_time", "balance", "balance_updated_time", "used_quota", "channel_info",
        "other_info",
    )
)  # fmt: skip
_COLUMNS = {"group": "groups"}
_INDEXED = frozenset(("models", "group"))


async def update(context: Context, session: AsyncSession, caller: Caller, edit: ChannelEdit) -> EditedChannel:
    """The channel as it is afterwards. Raises NotFound, BadRequest or Forbidden."""
    unknown = set(edit.model_extra or ()) - _MANAGED
    if "status" in unknown:
        raise BadRequest("status is changed by its own route.", param="status")
    channel = await get_channel(session, edit.id, locked=True)
    changes = _changes(channel, edit)
    if touched := sorted({*unknown, *(name for name in _SENSITIVE if name in changes)}):
        check_sensitive(caller, ", ".join(touched))
    for name, value in changes.items():
        setattr(channel, _COLUMNS.get(name, name), value)
    check_channel(channel)
    changed = list(changes)
    if await _change_key(context, session, caller, channel, edit):
        changed.append("key")
    if channel.is_multi_key and edit.multi_key_mode and edit.multi_key_mode != channel.multi_key_mode:
        channel.multi_key_mode = edit.multi_key_mode
        changed.append("multi_key_mode")
    if _INDEXED & changes.keys():
        await reindex(session, [channel])
    await session.flush()
    bump(session, Topic.CHANNELS)
    text = f"changed channel {channel.name} (id {channel.id}): {', '.join(changed) or 'nothing'}"
    await record(
        context, session, caller, "channel.update", text, id=channel.id, name=channel.name, changed_fields=changed
    )
    found = states(await credentials_of(session, channel.id)) if channel.is_multi_key else ()
    return edited(channel, found, edit.multi_key_mode, edit.key_mode)


def _changes(channel: Channel, edit: ChannelEdit) -> Mapping[str, object]:
    """What the edit really changes, by wire name."""
    found: dict[str, object] = {}
    for name in (*_PLAIN, *_SENSITIVE):
        value = getattr(edit, name)
        if value is None or (name in _KEPT_WHEN_EMPTY and not value):
            continue
        if value != getattr(channel, _COLUMNS.get(name, name)):
            found[name] = value
    return found


async def _change_key(
    context: Context, session: AsyncSession, caller: Caller, channel: Channel, edit: ChannelEdit
) -> bool:
    """Give the channel the key that the edit brings. An empty one keeps what is there."""
    text = edit.key or ""
    if not text.strip():
        return False
    secrets = split_secrets(text) if channel.is_multi_key else [text.strip()]
    for secret in secrets:
        check_secret(channel.type, secret)
    append = channel.is_multi_key and edit.key_mode == "append"
    if not await put_secrets(session, context.vault, channel.id, secrets, append=append):
        return False
    check_sensitive(caller, "key")
    return True
