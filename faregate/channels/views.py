"""From rows to what the wire shows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from faregate.channels.models import ENABLED, Channel, Credential
from faregate.channels.schemas import ChannelInfo, EditedChannel, ShownChannel

States = Sequence[tuple[int, int]]  # position and status of every credential


def states(credentials: Iterable[Credential]) -> States:
    """What a view needs to know of credentials."""
    return [(row.position, row.status) for row in credentials]


def info(channel: Channel, found: States) -> ChannelInfo:
    """The keys of a channel."""
    if not channel.is_multi_key:
        return ChannelInfo()
    off = {str(position): status for position, status in found if status != ENABLED}
    return ChannelInfo(
        is_multi_key=True,
        multi_key_size=len(found),
        multi_key_status_list=off or None,
        multi_key_mode=channel.multi_key_mode,
    )


def _other_info(channel: Channel) -> str:
    if not channel.status_at:
        return ""
    return json.dumps({"status_reason": channel.status_reason, "status_time": channel.status_at}, ensure_ascii=False)


def shown(channel: Channel, found: States = ()) -> ShownChannel:
    """A channel as lists show it."""
    return ShownChannel.model_construct(**_fields(channel), channel_info=info(channel, found))


def edited(channel: Channel, found: States, multi_key_mode: str | None, key_mode: str | None) -> EditedChannel:
    """A channel after an edit."""
    return EditedChannel.model_construct(
        **_fields(channel),
        channel_info=info(channel, found),
        multi_key_mode=multi_key_mode,
        key_mode=key_mode,
    )


def _fields(channel: Channel) -> Mapping[str, Any]:
    return {
        "id": channel.id,
        "type": channel.type,
        "key": "",
        "openai_organization": channel.openai_organization,
        "test_model": channel.test_model,
        "status": channel.status,
        "name": channel.name,
        "weight": channel.weight,
        "created_time": channel.created_at,
        "test_time": channel.tested_at,
        "response_time": channel.response_ms,
        "base_url": channel.base_url,
        "other": channel.other,
        "balance": channel.balance,
        "balance_updated_time": channel.balance_updated_at,
        "models": channel.models,
        "group": channel.groups,
        "used_quota": channel.used_quota,
        "model_mapping": channel.model_mapping,
        "status_code_mapping": channel.status_code_mapping,
        "priority": channel.priority,
        "auto_ban": channel.auto_ban,
        "other_info": _other_info(channel),
        "tag": channel.tag,
        "setting": channel.setting,
        "param_override": channel.param_override,
        "header_override": channel.header_override,
        "remark": channel.remark,
        "settings": channel.settings,
    }
