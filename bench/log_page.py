"""Times of the request log with many rows: fills a database of its own, asks what the console asks, prints medians.

    python bench/log_page.py                                         # SQLite in a temporary folder, a million rows
    python bench/log_page.py --database postgresql://root@127.0.0.1/bench --rows 200000

A database that is named must be empty; its rows are left there, and found again by the next run.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from rich.progress import Progress
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.logbook.models import CONSUME, ERROR
from faregate.logbook.request_filter import RequestFilter, resolve
from faregate.logbook.request_pages import SUM_BOUND, newer_page, older_page, totals
from faregate.logbook.usage import GROUP_DAYS, Asked, summary, usage
from faregate.logbook.writer import record, rollup
from faregate.storage import Database, database_url
from faregate.storage.migrate import migrate

START, SPACING_S = 1_790_000_000, 3  # a million rows are 35 days
BATCH = 2000
USERS, KEYS, CHANNELS, MODELS, ERROR_SHARE = 200, 500, 20, 40, 0.03
OTHER = msgspec.json.encode(
    {
        "model_ratio": 1.25, "group_ratio": 1, "completion_ratio": 8, "cache_tokens": 900, "cache_ratio": 0.1,
        "model_price": -1, "user_group_ratio": -1, "frt": 412, "billing_source": "wallet",
        "request_path": "/v1/chat/completions", "request_conversion": ["openai"],
        "stream_status": {"status": "ok", "end_reason": "done"},
        "admin_info": {"use_channel": ["3"], "usage_billing_path": "upstream"},
    }
).decode()  # fmt: skip


def _row(number: int, dice: random.Random) -> dict[str, Any]:
    key, model = min(int(dice.paretovariate(0.6)), KEYS), min(int(dice.paretovariate(0.5)), MODELS)
    failed = dice.random() < ERROR_SHARE
    return {
        "settlement_id": f"req-{number:09d}",
        "created_at": START + number * SPACING_S,
        "type": ERROR if failed else CONSUME,
        "user_id": key % USERS + 1,
        "username": f"user{key % USERS + 1}",
        "key_id": key,
        "key_name": f"key {key}",
        "model": f"model-{model}",
        "channel_id": (model + (dice.random() < 0.1)) % CHANNELS + 1,
        "group": "vip" if dice.random() < 0.01 else "default",
        "charge": 0 if failed else dice.randint(1, 90_000),
        "prompt_tokens": 1500,
        "completion_tokens": 320,
        "duration_ms": dice.randint(300, 20_000),
        "is_stream": dice.random() < 0.7,
        "request_id": f"req-{number:09d}",
        "upstream_request_id": f"up-{number:09d}",
        "content": "status_code=429, slow down" if failed else "",
        "other": OTHER,
    }


async def fill(database: Database, rows: int) -> None:
    """Migrate, and write the rows and their hourly sums unless they are there."""
    await migrate(database)
    async with database.read() as session:
        if await session.scalar(select(func.count()).select_from(record)):
            return
    dice = random.Random(1)
    with Progress() as progress:
        work = progress.add_task("writing rows", total=rows)
        for start in range(0, rows, BATCH):
            async with database.write() as session:
                batch = [_row(number, dice) for number in range(start, min(rows, start + BATCH))]
                await (await session.connection()).execute(record.insert(), batch)
            progress.advance(work, BATCH)
    await _sum_up(database)


async def _sum_up(database: Database) -> None:
    hour = (record.c.created_at - record.c.created_at % 3600).label("hour")
    columns = (hour, record.c.user_id, record.c.key_id, record.c.channel_id, record.c.model)
    sums = [func.sum(record.c[name]) for name in ("charge", "prompt_tokens", "completion_tokens", "duration_ms")]
    names = [*rollup.primary_key.columns.keys(), "requests", "charge", "prompt_tokens", "completion_tokens"]
    rows = select(*columns, func.count(), *sums).where(record.c.type == CONSUME)
    async with database.write() as session:
        await session.execute(insert(rollup).from_select([*names, "duration_ms"], rows.group_by(*columns)))
        if database.backend == "mysql":
            await session.execute(text("ANALYZE TABLE record"))
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if database.backend != "mysql":
            await connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def questions(now: int) -> dict[str, RequestFilter]:
    """What the console asks of the log."""
    week, month = now - 7 * 86_400, now - 30 * 86_400
    return {
        "newest, a day": RequestFilter(since=now - 86_400),
        "newest, all time": RequestFilter(),
        "failed, a month": RequestFilter(kind="failed", since=month),
        "failed, one user": RequestFilter(kind="failed", since=month, user="#7"),
        "model": RequestFilter(model="model-40", since=month),
        "model, a rare one and a channel": RequestFilter(model="model-40", channel="#1", since=month),
        "model pattern": RequestFilter(model="model-3%", since=month),
        "key": RequestFilter(key="#400", since=month),
        "user, an old week": RequestFilter(user="#9", since=month, until=month + 604_800),
        "group": RequestFilter(group="vip", since=month),
        "stream and channel": RequestFilter(stream="no", channel="#3", since=week),
        "text, nowhere": RequestFilter(text="not to be found", since=month),
        "upstream id, old": RequestFilter(upstream_request_id="up-000000010"),
        "request id": RequestFilter(request_id="req-000000777"),
    }


async def measure(database: Database, runs: int) -> None:
    """Print the median of every question in milliseconds."""
    async with database.read() as session:
        now = (await session.scalar(select(func.max(record.c.created_at))) or START) + 1
        print(f"{await session.scalar(select(func.count()).select_from(record))} rows, {database.backend}")
    print(f"{'filter':34} {'page':>8} {'older':>8} {'newer':>8} {'totals':>8}   ms")
    for name, wanted in questions(now).items():
        async with database.read() as session:
            found = await resolve(session, wanted)
            rules = found.rules(wanted.kind)
            page = await older_page(session, rules, 50, None)
            older, newer = page.older, None
            if older is not None:
                newer = (await older_page(session, rules, 50, older)).newer
            times = [
                await _median(runs, lambda s=session, r=rules: older_page(s, r, 50, None)),
                await _median(runs, lambda s=session, r=rules, o=older: older_page(s, r, 50, o)),
                await _median(runs, lambda s=session, r=rules, n=newer: newer_page(s, r, 50, n)) if newer else 0.0,
                await _median(runs, lambda s=session, f=found, k=wanted.kind: totals(s, f, k, SUM_BOUND)),
            ]
        print(f"{name:34} " + " ".join(f"{one:8.1f}" for one in times))
    await _measure_usage(database, now, runs)


async def _measure_usage(database: Database, now: int, runs: int) -> None:
    async def timed(name: str, ask: Callable[[AsyncSession], Awaitable[object]]) -> None:
        async with database.read() as session:
            print(f"{name:34} {await _median(runs, lambda: ask(session)):8.1f}")

    ask = partial(usage, ranked=20, shown=8)
    month = now - 30 * 86_400
    await timed("summary, a month", lambda session: summary(session, Asked(since=month, until=now)))
    for dimension in ("none", "model", "key", "user"):
        asked = Asked(dimension=dimension, since=month, until=now, bucket="day")
        await timed(f"charge by {dimension}, a month", lambda session, asked=asked: ask(session, asked))
    by_group = Asked(dimension="group", since=now - GROUP_DAYS * 86_400, until=now, bucket="day")
    await timed("charge by group, longest span", lambda session: ask(session, by_group))
    errors = Asked(measure="errors", dimension="channel", since=month, until=now, bucket="day")
    await timed("errors by channel, a month", lambda session: ask(session, errors))


async def _median(runs: int, ask: Callable[[], Awaitable[object]]) -> float:
    times: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


async def run(address: str, rows: int, runs: int) -> None:
    """Fill and measure one database."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(database_url(address, Path(folder)))
        await fill(database, rows)
        await measure(database, runs)
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="", help="an address; SQLite in a temporary folder unless given")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    asyncio.run(run(given.database, given.rows, given.runs))
