"""Use over time for the console: sums of a period and the one before, a measure by a dimension in buckets."""

from typing import Any, get_args

import pytest
from sqlalchemy import insert

from faregate.channels.models import Channel
from faregate.logbook.models import ERROR
from faregate.logbook.request_filter import RequestFilter, resolve
from faregate.logbook.usage import Asked, Dimension, Measure, Sums, summary
from faregate.logbook.usage import usage as used
from faregate.logbook.writer import rollup
from faregate.storage import Database
from tests.api.world import Client, World
from tests.logbook.scene import NOW, failed, usage, write

USAGE = "/api/console/usage"
HOUR = NOW - NOW % 3600
DAY = NOW - NOW % 86_400
SPAN = f"since={HOUR - 3600}&until={HOUR + 3600}"


@pytest.fixture
async def ann(world: World) -> Client:
    """Five answers in two hours and two before; one request that failed."""
    ann = await world.user("ann")
    ident, _ = await world.key(ann, name="ann's")
    async with world.context.database.write() as session:
        session.add(Channel(name="first", models="log-a"))
    await write(
        world.context.database,
        usage("0", user_id=ann.id, key_id=ident, at=HOUR - 7200, charge=7),
        usage("00", user_id=ann.id, key_id=ident, at=HOUR - 3700, charge=8, line_model="log-b"),
        usage("1", user_id=ann.id, key_id=ident, at=HOUR - 3600, charge=100, line_model="log-b"),
        usage("2", user_id=ann.id, key_id=ident, at=HOUR - 10, charge=20),
        usage("3", user_id=ann.id, key_id=ident, at=HOUR, charge=30, line_group="vip"),
        usage("4", user_id=ann.id, key_id=99, at=HOUR + 61, charge=40, line_duration_ms=5001),
        usage("5", user_id=world.root.id, key_id=98, at=HOUR + 1, charge=50, channel_id=2, line_username="root"),
        usage("6-1", user_id=ann.id, key_id=ident, at=HOUR + 5, charge=0, line_type=ERROR, line_request_id="6"),
        usage("6-2", user_id=ann.id, key_id=ident, at=HOUR + 5, charge=0, line_type=ERROR, line_request_id="6"),
        usage("2-1", user_id=ann.id, key_id=ident, at=HOUR - 10, charge=0, line_type=ERROR, line_request_id="2"),
    )
    return ann


async def asked(client: Client, query: str, path: str = "") -> Any:
    got = await client.get(f"{USAGE}{path}?{query}")
    assert got["success"], got
    return got["data"]


async def test_a_summary_tells_of_two_periods(world: World, ann: Client) -> None:
    assert await asked(world.root, SPAN, "/summary") == {
        "since": HOUR - 3600,
        "until": HOUR + 3600,
        "now": {"requests": 5, "charge": 240, "tokens": 750, "latency_ms": 3399, "errors": 1},
        "before": {"requests": 2, "charge": 15, "tokens": 300, "latency_ms": 2999, "errors": 0},
    }


async def test_ones_own_summary_is_without_others(world: World, ann: Client) -> None:
    own = await asked(ann, SPAN, "/summary")
    assert (own["now"]["requests"], own["now"]["charge"], own["now"]["errors"]) == (4, 190, 1)
    mine = await asked(world.root, SPAN + "&mine=true", "/summary")
    assert (mine["now"]["requests"], mine["now"]["charge"], mine["now"]["errors"]) == (1, 50, 0)


async def test_a_measure_by_a_dimension_is_ranked(world: World, ann: Client) -> None:
    assert await asked(world.root, SPAN + "&dimension=model") == {
        "since": HOUR - 3600,
        "until": HOUR + 3600,
        "times": [HOUR - 3600, HOUR],
        "series": [
            {"id": "log-a", "name": "log-a", "rest": False, "values": [20, 120]},
            {"id": "log-b", "name": "log-b", "rest": False, "values": [100, 0]},
        ],
        "ranking": [
            {"id": "log-a", "name": "log-a", "value": 140, "before": 7},
            {"id": "log-b", "name": "log-b", "value": 100, "before": 8},
        ],
        "total": 240,
        "before": 15,
    }


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("measure=requests", {"": [2, 3]}),
        ("measure=tokens", {"": [300, 450]}),
        ("measure=latency", {"": [2999, 3666]}),
        ("measure=errors", {"": [0, 1]}),
        ("dimension=key", {"ann's": [120, 30], "98": [0, 50], "99": [0, 40]}),
        ("dimension=user", {"ann": [120, 70], "root": [0, 50]}),
        ("dimension=channel", {"first": [120, 70], "2": [0, 50]}),
        ("dimension=group", {"default": [120, 90], "vip": [0, 30]}),
        ("dimension=channel&measure=errors", {"first": [0, 1]}),
    ],
)
async def test_every_measure_and_dimension(world: World, ann: Client, query: str, series: dict[str, Any]) -> None:
    found = await asked(world.root, f"{SPAN}&{query}")
    assert {one["name"]: one["values"] for one in found["series"]} == series


async def test_minutes_come_from_the_records(ann: Client) -> None:
    found = await asked(ann, f"since={HOUR}&until={HOUR + 180}&bucket=minute")
    assert (found["times"], found["series"][0]["values"]) == ([HOUR, HOUR + 60, HOUR + 120], [30, 40, 0])


async def test_days_begin_in_the_viewers_zone(world: World) -> None:
    await write(
        world.context.database,
        usage("1", at=DAY - 3600, charge=1),
        usage("2", at=DAY + 3600, charge=2),
        usage("3", at=DAY + 60_000, charge=4),
    )
    span = f"since={DAY - 7200}&until={DAY + 80_000}&bucket=day"
    greenwich = await asked(world.root, span)
    assert (greenwich["times"], greenwich["series"][0]["values"]) == ([DAY - 86_400, DAY], [1, 6])
    china = await asked(world.root, f"{span}&zone_s=28800")
    assert (china["times"], china["series"][0]["values"]) == ([DAY - 28_800, DAY + 57_600], [3, 4])


async def test_what_is_beyond_the_largest_is_one_series(world: World) -> None:
    await write(world.context.database, *(usage(f"m{n}", at=HOUR, charge=n + 1, line_model=f"m{n}") for n in range(30)))
    found = await asked(world.root, SPAN + "&dimension=model")
    assert [one["name"] for one in found["series"]] == [f"m{n}" for n in range(29, 21, -1)] + [""]
    assert found["series"][-1] == {"id": "", "name": "", "rest": True, "values": [0, sum(range(1, 23))]}
    assert (len(found["ranking"]), found["total"]) == (20, sum(range(1, 31)))


async def test_without_data_there_are_no_series(world: World) -> None:
    found = await asked(world.root, SPAN)
    assert (found["series"], found["ranking"], found["total"], found["before"]) == ([], [], 0, 0)


async def test_who_may_not_read_channels_may_not_ask_by_them(ann: Client, boss: Client) -> None:
    answer = await boss.call("GET", f"{USAGE}?{SPAN}&dimension=channel")
    assert (answer.status_code, answer.json()["message"]) == (403, "Your account may not read channels.")
    assert (await boss.call("GET", f"{USAGE}?{SPAN}&dimension=user")).status_code == 200


@pytest.mark.parametrize("dimension", ["channel", "user"])
async def test_users_may_not_ask_by_channel_or_user(ann: Client, dimension: str) -> None:
    answer = await ann.call("GET", f"{USAGE}?{SPAN}&dimension={dimension}")
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Only administrators may ask by {dimension}."


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "since"),
        (f"since={NOW}&until={NOW}", "until must be later than since."),
        (f"since=0&until={NOW}&bucket=minute", "bucket 'minute' is too small for this time: at most 1500."),
        (f"since={DAY}&until={DAY + 700_000}&dimension=group", "By group at most 8 days can be asked for."),
        (SPAN + "&measure=love", "measure"),
        (SPAN + "&dimension=love", "dimension"),
        (SPAN + "&bucket=week", "bucket"),
        (SPAN + "&zone_s=90000", "zone_s"),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, query: str, message: str) -> None:
    got = await world.root.get(f"{USAGE}?{query}")
    assert not got["success"]
    assert message in got["message"]


@pytest.mark.parametrize("path", ["", "/summary"])
async def test_nobody_else_may_ask(world: World, path: str) -> None:
    assert (await Client(world).call("GET", f"{USAGE}{path}?{SPAN}")).status_code == 401


async def test_sums_are_whole_however_many_entries_there_are(world: World) -> None:
    """Sixty thousand pairs of an hour and a key: more than any answer could tell one by one."""
    first: dict[str, Any] = {"user_id": 1, "model": "m", "channel_id": 1, "requests": 1, "charge": 1}
    rows = [first | {"hour": HOUR - 3600 * (n // 2500), "key_id": n % 2500, "charge": n % 2500} for n in range(60_000)]
    async with world.context.database.write() as session:
        await session.execute(insert(rollup), rows)
    found = await asked(world.root, f"since={HOUR - 23 * 3600}&until={HOUR + 3600}&dimension=key")
    whole = sum(row["charge"] for row in rows)
    assert (found["total"], sum(map(sum, (one["values"] for one in found["series"])))) == (whole, whole)
    assert [one["id"] for one in found["ranking"]] == [str(key) for key in range(2499, 2479, -1)]
    assert found["ranking"][0]["value"] == 24 * 2499


@pytest.mark.parametrize("dimension", get_args(Dimension))
@pytest.mark.parametrize("measure", get_args(Measure))
async def test_figures_are_the_same_on_every_engine(database: Database, dimension: Dimension, measure: Measure) -> None:
    answered = (
        usage(f"u{n}", at=HOUR + n * 100, charge=n, key_id=n % 4, line_model=f"m{n % 4}", line_duration_ms=n)
        for n in range(72)
    )
    await write(database, *answered, failed("e", 1, at=HOUR + 60, key_id=3, line_model="m3"))
    wanted = Asked(measure, dimension, since=HOUR, until=HOUR + 7200, bucket="hour")
    async with database.read() as session:
        found = await used(session, wanted, ranked=2, shown=1)
        assert (await summary(session, wanted)).requests == 72
    whole = {"charge": 2556, "requests": 72, "tokens": 10_800, "latency": 36, "errors": 1}[measure]
    for sums in (found.now, found.buckets):
        total = Sums()
        for one in sums.values():
            total.add(one)
        assert total.of(measure) == whole
    ranked: dict[Measure, list[str]] = {"charge": ["m3", "m2"], "latency": ["m3", "m2"], "errors": ["m3"]}
    if dimension == "model":
        assert found.largest == ranked.get(measure, ["m0", "m1"])


async def test_a_filter_by_model_is_summed_from_the_hours(database: Database) -> None:
    async with database.read() as session:
        assert (await resolve(session, RequestFilter(model="m1"))).rolled_up() is not None
