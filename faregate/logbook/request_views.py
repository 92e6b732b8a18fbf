"""Requests as the console shows them. Users see neither channels nor what is for administrators."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel
from sqlalchemy import Row

from faregate.logbook.models import CONSUME
from faregate.logbook.particulars import Particulars, particulars

Outcome = Literal["answered", "broken", "failed"]


class Sight(NamedTuple):
    """What somebody sees of requests beside what is everybody's own: whose they are, and the channels they took."""

    users: bool
    channels: bool


class RequestView(BaseModel):
    """One request by its outcome. `broken`: charged, but its stream did not end well. `attempts`: upstream calls.

    `cached_tokens` were read from a cache; `first_token_ms` is None where nothing was measured; `error` is what the
    last failure said. Channel and user are empty for those who may not see them.
    """

    id: int
    request_id: str
    created_at: int
    outcome: Outcome
    model: str
    upstream_model: str
    key_id: int
    key: str
    user_id: int
    user: str
    channel_id: int
    channel: str
    group: str
    is_stream: bool
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    duration_ms: int
    first_token_ms: int | None
    charge: int
    attempts: int
    status_code: int
    error: str


class RequestsView(BaseModel):
    """A page, newest first. `older` and `newer` are places to go on from, empty at the ends; `looked_to` is the time
    down (or up) to which the log was searched when the page is not full yet, else 0."""

    items: list[RequestView]
    older: str
    newer: str
    looked_to: int


class TotalsView(BaseModel):
    """Sums over a filter; `is_complete` is false when only its newest part was looked at. `charge` in quota."""

    requests: int
    failed: int
    charge: int
    prompt_tokens: int
    completion_tokens: int
    is_complete: bool


def outcome_of(row: Row[Any], told: Particulars) -> Outcome:
    """How a row's request ended."""
    if row.type != CONSUME:
        return "failed"
    status = told.stream_status
    return "broken" if status is not None and status.status == "error" else "answered"


def request_views(
    rows: Sequence[Row[Any]], channels: Mapping[int, str], failures: Mapping[str, int], sight: Sight
) -> list[RequestView]:
    """Rows with the names of `channels` by id and the number of failed attempts by request id."""
    return [request_view(row, channels, failures, sight) for row in rows]


def request_view(row: Row[Any], channels: Mapping[int, str], failures: Mapping[str, int], sight: Sight) -> RequestView:
    """One row."""
    told = particulars(row.other)
    answered = row.type == CONSUME
    return RequestView(
        id=row.id,
        request_id=row.request_id,
        created_at=row.created_at,
        outcome=outcome_of(row, told),
        model=row.model,
        upstream_model=told.upstream_model_name,
        key_id=row.key_id,
        key=row.key_name,
        user_id=row.user_id if sight.users else 0,
        user=row.username if sight.users else "",
        channel_id=row.channel_id if sight.channels else 0,
        channel=channels.get(row.channel_id, "") if sight.channels else "",
        group=row.group,
        is_stream=row.is_stream,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        cached_tokens=told.cache_tokens,
        duration_ms=row.duration_ms,
        first_token_ms=told.first_token_ms if answered else None,
        charge=row.charge,
        attempts=failures.get(row.request_id, 0) + (1 if answered else 0),
        status_code=told.status_code,
        error=_error(row, told),
    )


def _error(row: Row[Any], told: Particulars) -> str:
    if row.type != CONSUME:
        return failure_text(row.content)
    return told.stream_status.end_error if told.stream_status else ""


def failure_text(content: str) -> str:
    """What a failure said, without the status that its row begins with."""
    head, found, text = content.partition(", ")
    return text if found and head.startswith("status_code=") else content
