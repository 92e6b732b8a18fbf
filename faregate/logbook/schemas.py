"""The log on the wire, in New API's words."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field
from sqlalchemy import Row

from faregate.logbook.models import CONSUME, ERROR

_FOR_ADMINISTRATORS = ("admin_info", "audit_info", "channel_name")
_OF_CHANNELS = ("admin_info", "channel_id", "channel_name", "channel_type")


def _is_empty(text: str) -> bool:
    return not text


TextIfAny = Annotated[str, Field(exclude_if=_is_empty)]


class LogView(BaseModel):
    """One line. `use_time`: whole seconds. `channel`: its id. `other`: JSON as text. Empty request ids are left out."""

    id: int
    user_id: int
    created_at: int
    type: int
    content: str
    username: str
    token_name: str
    model_name: str
    quota: int
    prompt_tokens: int
    completion_tokens: int
    use_time: int
    is_stream: bool
    channel: int
    channel_name: str
    token_id: int
    group: str
    ip: str
    request_id: TextIfAny
    upstream_request_id: TextIfAny
    other: str


class StatView(BaseModel):
    """Quota charged; requests and tokens a minute."""

    quota: int
    rpm: int
    tpm: int


class HourView(BaseModel):
    """Sums of one hour (`created_at` is its start); columns that were summed over are 0 or empty."""

    id: int = 0
    user_id: int = 0
    username: str = ""
    model_name: str = ""
    created_at: int
    use_group: str = ""
    token_id: int = 0
    channel_id: int = 0
    node_name: str = ""
    token_used: int
    count: int
    quota: int


def full_views(rows: Sequence[Row[Any]], channels: Mapping[int, str]) -> list[LogView]:
    """Rows as administrators see them, with the names of `channels` by id."""
    return [_view(row, row.id, channels.get(row.channel_id, ""), row.other) for row in rows]


def views_without_channels(rows: Sequence[Row[Any]]) -> list[LogView]:
    """Rows as administrators see them who may not read channels."""
    return [_view(row, row.id, "", _of_no_channel(row)).model_copy(update={"channel": 0}) for row in rows]


def _of_no_channel(row: Row[Any]) -> str:
    # Of an administrative act, `admin_info` tells who did it.
    return _without(row.other, _OF_CHANNELS) if row.type in (CONSUME, ERROR) else row.other


def own_views(rows: Sequence[Row[Any]], offset: int = 0) -> list[LogView]:
    """Rows as their user or key sees them: numbered from `offset` + 1, without what is for administrators."""
    return [_view(row, number, "", for_users(row.other)) for number, row in enumerate(rows, offset + 1)]


def for_users(other: str) -> str:
    """The `other` text without what is for administrators; text that is no JSON object is not shown at all."""
    return _without(other, _FOR_ADMINISTRATORS)


def _without(other: str, hidden: Sequence[str]) -> str:
    if not other:
        return ""
    try:
        fields = msgspec.json.decode(other, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return ""
    kept = {name: value for name, value in fields.items() if name not in hidden}
    return msgspec.json.encode(kept).decode()


def _view(row: Row[Any], number: int, channel_name: str, other: str) -> LogView:
    return LogView(
        id=number,
        user_id=row.user_id,
        created_at=row.created_at,
        type=row.type,
        content=row.content,
        username=row.username,
        token_name=row.key_name,
        model_name=row.model,
        quota=row.charge,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        use_time=row.duration_ms // 1000,
        is_stream=row.is_stream,
        channel=row.channel_id,
        channel_name=channel_name,
        token_id=row.key_id,
        group=row.group,
        ip=row.ip,
        request_id=row.request_id,
        upstream_request_id=row.upstream_request_id,
        other=other,
    )
