"""Requests as a CSV file, row by row, with the totals in the last line. Safe to open in a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from faregate.logbook.request_views import RequestView, Sight, request_view

_COLUMNS = (
    "time",
    "outcome",
    "request_id",
    "upstream_request_id",
    "model",
    "upstream_model",
    "key",
    "user",
    "channel",
    "group",
    "stream",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "duration_ms",
    "first_token_ms",
    "charge_quota",
    "charge_usd",
    "status_code",
    "error",
)
_SUMMED = ("prompt_tokens", "cached_tokens", "completion_tokens", "charge_quota")
# What makes a spreadsheet read a cell as a formula; see OWASP, CSV injection.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_FLUSH_CHARACTERS = 65_536


async def csv_of(
    rows: AsyncIterator[Row[Any]], channels: Mapping[int, str], quota_per_unit: float, sight: Sight
) -> AsyncIterator[bytes]:
    """The file in pieces: a head, a line for each of `rows`, a line of sums. Times are UTC."""
    hidden = {name for name, seen in (("user", sight.users), ("channel", sight.channels)) if not seen}
    columns = [name for name in _COLUMNS if name not in hidden]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    sums = dict.fromkeys(_SUMMED, 0)
    count = 0
    async for row in rows:
        line = _line(row, request_view(row, channels, {}, sight), quota_per_unit)
        for name in _SUMMED:
            sums[name] += line[name]
        count += 1
        writer.writerow(line)
        if buffer.tell() > _FLUSH_CHARACTERS:
            yield _taken(buffer)
    usd = _usd(sums["charge_quota"], quota_per_unit)
    writer.writerow({"time": "total", "outcome": f"{count} rows", **sums, "charge_usd": usd})
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    """What is in the buffer, which is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _line(row: Row[Any], view: RequestView, quota_per_unit: float) -> dict[str, Any]:
    moment = datetime.fromtimestamp(row.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    numbers = {"time": moment, "charge_quota": view.charge, "charge_usd": _usd(view.charge, quota_per_unit)}
    words = {
        "outcome": view.outcome,
        "request_id": view.request_id,
        "upstream_request_id": row.upstream_request_id,
        "model": view.model,
        "upstream_model": view.upstream_model,
        "key": view.key,
        "user": view.user,
        "channel": view.channel or (f"#{view.channel_id}" if view.channel_id else ""),
        "group": view.group,
        "stream": "yes" if view.is_stream else "no",
        "error": view.error,
    }
    first = "" if view.first_token_ms is None else view.first_token_ms
    return {
        **numbers,
        **dict(_harmless(words)),
        "prompt_tokens": view.prompt_tokens,
        "cached_tokens": view.cached_tokens,
        "completion_tokens": view.completion_tokens,
        "duration_ms": view.duration_ms,
        "first_token_ms": first,
        "status_code": view.status_code or "",
    }


def _harmless(words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in words.items():
        yield name, f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _usd(quota: int, quota_per_unit: float) -> str:
    return f"{quota / quota_per_unit:.8f}"
