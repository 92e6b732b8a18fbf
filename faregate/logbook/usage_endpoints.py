"""Use over time for the console: sums of a period beside the one before, and a measure by a dimension."""

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.channels import Channel
from faregate.identity import Access, ByCaller, InContext, Refusal, Reply, Router
from faregate.identity.models import Key, User
from faregate.kernel.errors import BadRequest
from faregate.logbook.request_endpoints import Moment, is_admin, refuse_channels_unless_seen
from faregate.logbook.usage import (
    BUCKET_S,
    GROUP_DAYS,
    REST,
    Asked,
    Bucket,
    Buckets,
    Dimension,
    Entry,
    Measure,
    Sums,
    Usage,
    usage,
)
from faregate.logbook.usage import summary as summed

router = Router("/api/console", "console")
_SHOWN, _RANKED, _MOST_BUCKETS = 8, 20, 1500
_FOR_ADMINISTRATORS = ("channel", "user")
_MOST_ZONE_S = 50_400


class SumsView(BaseModel):
    """`charge` in quota; `latency_ms` is the mean; `errors` are requests without an answer."""

    requests: int
    charge: int
    tokens: int
    latency_ms: int
    errors: int


class SummaryView(BaseModel):
    """Sums of the time asked for, from the beginning of its first hour, and of the time of equal length before."""

    since: int
    until: int
    now: SumsView
    before: SumsView


class SeriesView(BaseModel):
    """One entry's values, one for each bucket. `rest`: all entries that have no series of their own."""

    id: str
    name: str
    rest: bool
    values: list[int]


class RankView(BaseModel):
    """One entry, its value and its value in the period before. `id` is a model's or group's name, else a number."""

    id: str
    name: str
    value: int
    before: int


class UsageView(BaseModel):
    """A measure over time. `times`: where buckets begin. `series` stack up to `total`, save for latency."""

    since: int
    until: int
    times: list[int]
    series: list[SeriesView]
    ranking: list[RankView]
    total: int
    before: int


def _asked(
    caller: ByCaller,
    since: Moment,
    until: Moment,
    measure: Measure = "charge",
    dimension: Dimension = "none",
    bucket: Bucket = "hour",
    mine: bool = False,
    zone_s: int = Query(0, ge=-_MOST_ZONE_S, le=_MOST_ZONE_S),
) -> Asked:
    if dimension in _FOR_ADMINISTRATORS and not is_admin(caller):
        raise Refusal(f"Only administrators may ask by {dimension}.", status=403)
    if dimension == "channel":
        refuse_channels_unless_seen(caller)
    if until <= since:
        raise BadRequest("until must be later than since.", param="until")
    if (until - since) // BUCKET_S[bucket] > _MOST_BUCKETS:
        raise BadRequest(f"bucket {bucket!r} is too small for this time: at most {_MOST_BUCKETS}.", param="bucket")
    if dimension == "group" and until - since > GROUP_DAYS * BUCKET_S["day"]:
        raise BadRequest(f"By group at most {GROUP_DAYS} days can be asked for.", param="dimension")
    # Sums are kept by whole hours: days begin at the full hour that is nearest to the zone's midnight.
    zone = zone_s if bucket == "minute" else round(zone_s / 3600) * 3600
    owner = caller.id if mine or not is_admin(caller) else 0
    return Asked(measure, dimension, bucket, since, until, zone, owner)


Wanted = Annotated[Asked, Depends(_asked)]


@router.get("/usage", access=Access.USER)
async def usage_over_time(context: InContext, asked: Wanted) -> Reply[UsageView]:
    """A measure by a dimension in buckets; the largest entries, ranked."""
    async with context.database.read() as session:
        used = await usage(session, asked, ranked=_RANKED, shown=_SHOWN)
        names = await _names(session, asked.dimension, used.largest)
    return Reply(data=_view(asked, used, names))


@router.get("/usage/summary", access=Access.USER)
async def usage_summary(
    caller: ByCaller, context: InContext, since: Moment, until: Moment, mine: bool = False
) -> Reply[SummaryView]:
    """Sums of a period and of the one before."""
    asked = _asked(caller, since, until, bucket="day", mine=mine, zone_s=0)
    hours = Asked(since=asked.since, until=until, owner_id=asked.owner_id)
    async with context.database.read() as session:
        now, before = await summed(session, hours), await summed(session, hours.before())
    return Reply(data=SummaryView(since=hours.start, until=until, now=_sums_view(now), before=_sums_view(before)))


def _sums_view(sums: Sums) -> SumsView:
    return SumsView(
        requests=sums.requests,
        charge=sums.charge,
        tokens=sums.tokens,
        latency_ms=sums.of("latency"),
        errors=sums.errors,
    )


def _view(asked: Asked, used: Usage, names: dict[Entry, str]) -> UsageView:
    times = list(range(asked.start, asked.until, BUCKET_S[asked.bucket]))
    nothing = Sums()
    series = [
        SeriesView(
            id=str(entry),
            name=names.get(entry, str(entry)),
            rest=False,
            values=_values(asked, used.buckets, times, place),
        )
        for place, entry in enumerate(used.largest[:_SHOWN])
    ]
    if any(place == REST for _, place in used.buckets):
        rest = asked.dimension != "none"
        series.append(SeriesView(id="", name="", rest=rest, values=_values(asked, used.buckets, times, REST)))
    ranking = [
        RankView(
            id=str(entry),
            name=names.get(entry, str(entry)),
            value=used.now.get(place, nothing).of(asked.measure),
            before=used.before.get(place, nothing).of(asked.measure),
        )
        for place, entry in enumerate(used.largest)
    ]
    return UsageView(
        since=asked.start,
        until=asked.until,
        times=times,
        series=series,
        ranking=ranking,
        total=_over(used.now).of(asked.measure),
        before=_over(used.before).of(asked.measure),
    )


def _values(asked: Asked, buckets: Buckets, times: list[int], place: int) -> list[int]:
    nothing = Sums()
    return [buckets.get((time, place), nothing).of(asked.measure) for time in times]


def _over(places: dict[int, Sums]) -> Sums:
    total = Sums()
    for sums in places.values():
        total.add(sums)
    return total


async def _names(session: AsyncSession, dimension: Dimension, entries: list[Entry]) -> dict[Entry, str]:
    """The present names of keys, channels and users; models and groups are their own."""
    columns: dict[str, tuple[Any, Any]] = {
        "key": (Key.id, Key.name),
        "channel": (Channel.id, Channel.name),
        "user": (User.id, User.username),
    }
    if dimension not in columns or not entries:
        return {}
    ident, name = columns[dimension]
    return {row[0]: row[1] for row in await session.execute(select(ident, name).where(ident.in_(entries)))}
