"""Channels as the console shows them: what a list's row needs, the keys of a channel by their ends."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from faregate.channels.credentials import tail
from faregate.channels.models import ENABLED, Channel, Credential
from faregate.channels.snapshot import split_names
from faregate.channels.views import States
from faregate.kernel.secrets import Vault


class ChannelRow(BaseModel):
    """A channel in a list. Times are unix seconds, 0 for never; `models` counts.

    `status_reason` and `status_at`: the last switching. `failure`: why the last test failed, empty when it passed;
    `tested_at` is that test's time, `response_ms` the figure of the last one that passed. `keys` and `keys_on` count
    the keys of a channel with several, else 0.
    """

    id: int
    type: int
    name: str
    status: int
    status_reason: str
    status_at: int
    models: int
    groups: list[str]
    tag: str
    priority: int
    weight: int
    tested_at: int
    response_ms: int
    failure: str
    used_quota: int
    remark: str
    keys: int
    keys_on: int


class TagCount(BaseModel):
    """A tag, its channels, and how many of them are on."""

    tag: str
    channels: int
    on: int


class ChannelRows(BaseModel):
    """One page of channels. `types`: how many there are of each type, whatever type is asked for; `tags`: all tags."""

    items: list[ChannelRow]
    total: int
    page: int
    page_size: int
    types: dict[str, int]
    tags: list[TagCount]


class KeyRow(BaseModel):
    """A key of a channel. `position`: its place, from 0; `tail`: its last characters, empty for a short one.

    `reason` and `since` (unix seconds): why and since when it is off.
    """

    position: int
    head: str
    tail: str
    status: int
    reason: str
    since: int


class KeyRows(BaseModel):
    """One page of keys, and how many of all are in which state."""

    items: list[KeyRow]
    total: int
    page: int
    page_size: int
    on: int
    by_hand: int
    by_itself: int


def row(channel: Channel, found: States = ()) -> ChannelRow:
    """A channel as a row."""
    return ChannelRow(
        id=channel.id,
        type=channel.type,
        name=channel.name,
        status=channel.status,
        status_reason=channel.status_reason,
        status_at=channel.status_at,
        models=len(split_names(channel.models)),
        groups=list(split_names(channel.groups)),
        tag=channel.tag or "",
        priority=channel.priority,
        weight=channel.weight,
        tested_at=channel.test_failed_at or channel.tested_at,
        response_ms=channel.response_ms,
        failure=channel.test_failure or "",
        used_quota=channel.used_quota,
        remark=channel.remark or "",
        keys=len(found),
        keys_on=sum(status == ENABLED for _, status in found),
    )


def key_rows(vault: Vault, rows: Iterable[Credential]) -> Sequence[KeyRow]:
    """Credentials as rows that tell no secret."""
    return [
        KeyRow(
            position=row.position,
            head=row.hint,
            tail=tail(vault, row),
            status=row.status,
            reason=row.disabled_reason,
            since=row.disabled_at,
        )
        for row in rows
    ]
