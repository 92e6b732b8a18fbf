"""Requests for the console: filters, pages by place, sums."""

from dataclasses import replace

import pytest

from faregate.logbook.request_filter import RequestFilter, resolve
from faregate.logbook.request_pages import Place, newer_page, older_page, totals
from faregate.storage import Database
from tests.api.world import Client, World
from tests.logbook.scene import NOW, usage, write

LIST = "/api/console/requests"


async def ids(client: Client, query: str = "") -> list[str]:
    got = await client.get(LIST + query)
    assert got["success"], got
    return [row["request_id"] for row in got["data"]["items"]]


async def test_a_request_is_one_line_with_its_outcome(world: World, ann: Client) -> None:
    page = (await world.root.get(LIST))["data"]
    shown = [(row["request_id"], row["outcome"], row["attempts"], row["error"]) for row in page["items"]]
    assert shown == [
        ("f2", "failed", 1, "slow down 1"),
        ("r1", "answered", 1, ""),
        ("f1", "failed", 2, "slow down 2"),
        ("a3", "answered", 2, ""),
        ("a2", "answered", 1, ""),
        ("a1", "answered", 1, ""),
    ]
    assert (page["older"], page["newer"], page["looked_to"]) == ("", "", 0)


async def test_an_administrator_sees_every_column(world: World, ann: Client) -> None:
    row = (await world.root.get(LIST + "?request_id=a3"))["data"]["items"][0]
    assert row.pop("id") > 0
    assert row == {
        "request_id": "a3",
        "created_at": NOW - 300,
        "outcome": "answered",
        "model": "log-a",
        "upstream_model": "log-a-2",
        "key_id": 1,
        "key": "key",
        "user_id": 2,
        "user": "ann",
        "channel_id": 2,
        "channel": "second",
        "group": "default",
        "is_stream": True,
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "cached_tokens": 40,
        "duration_ms": 2999,
        "first_token_ms": 321,
        "charge": 610,
        "attempts": 2,
        "status_code": 0,
        "error": "",
    }


async def test_a_user_sees_only_what_is_hers_and_no_channel(ann: Client) -> None:
    items = (await ann.get(LIST))["data"]["items"]
    assert [row["request_id"] for row in items] == ["f1", "a3", "a2", "a1"]
    assert {(row["user"], row["user_id"], row["channel"], row["channel_id"]) for row in items} == {("", 0, "", 0)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=answered", ["r1", "a3", "a2", "a1"]),
        ("?kind=failed", ["f2", "f1"]),
        ("?kind=attempts", ["f2", "f1", "f1", "a3"]),
        (f"?since={NOW - 400}&until={NOW - 200}", ["a3", "a2"]),
        ("?model=log-a", ["f1", "a3", "a1"]),
        ("?model=log-%25", ["f1", "a3", "a2", "a1"]),
        ("?model=log_%25", ["f2", "r1"]),
        ("?model=nothing", []),
        ("?key=%231", ["f1", "a3", "a2", "a1"]),
        ("?key=key", ["f2", "r1", "f1", "a3", "a2", "a1"]),
        ("?key=ke%25", ["f2", "r1", "f1", "a3", "a2", "a1"]),
        ("?key=kez", []),
        ("?user=ann", ["f1", "a3", "a2", "a1"]),
        ("?user=%231", ["f2", "r1"]),
        ("?user=ro%25", ["f2", "r1"]),
        ("?user=nobody", []),
        ("?mine=true", ["f2", "r1"]),
        ("?channel=second", ["f1", "a3", "a2"]),
        ("?channel=%231&kind=answered", ["r1", "a1"]),
        ("?channel=%25s%25t&kind=answered", ["r1", "a1"]),
        ("?channel=%25st&kind=failed", ["f2"]),
        ("?channel=%25con%25&kind=answered", ["a3", "a2"]),
        ("?channel=nothing", []),
        ("?group=vip", ["r1"]),
        ("?stream=yes", ["a3", "a2"]),
        ("?stream=no&kind=answered", ["r1", "a1"]),
        ("?request_id=a3", ["a3"]),
        ("?request_id=a3&kind=failed", []),
        ("?upstream_request_id=up-7", ["f1"]),
        ("?text=SLOW%20down%202", ["f1"]),
        ("?text=log_c", ["f2", "r1"]),
        ("?text=%20a3%20", ["a3"]),
        ("?text=100%25", []),
        ("?model=log-a&channel=second&user=ann&stream=yes&kind=answered", ["a3"]),
    ],
)
async def test_filters_narrow_what_is_shown(world: World, ann: Client, query: str, found: list[str]) -> None:
    assert await ids(world.root, query) == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?kind=audit", "kind"),
        ("?since=-1", "since"),
        ("?size=101", "size"),
        ("?stream=maybe", "stream"),
        (f"?since={NOW}&until={NOW}", "until must be later than since."),
        ("?before=yesterday", "before must be a place as an earlier page told it, like 1800000000.42."),
        (f"?before={10**18}.1", "before must be a place as an earlier page told it, like 1800000000.42."),
        ("?after=1.", "after must be a place as an earlier page told it, like 1800000000.42."),
        ("?before=1.1&after=1.1", "before and after exclude each other."),
        ("?model=%25%25", "A search pattern takes at most two separate % and needs two other characters."),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, query: str, message: str) -> None:
    got = await world.root.get(LIST + query)
    assert not got["success"]
    assert message in got["message"]


@pytest.mark.parametrize("path", ["", "/totals", ".csv"])
@pytest.mark.parametrize("query", ["?user=root", "?channel=first"])
async def test_users_may_not_filter_by_user_or_channel(ann: Client, path: str, query: str) -> None:
    answer = await ann.call("GET", LIST + path + query)
    assert answer.status_code == 403
    assert answer.json()["message"] == "Only administrators may filter by user or channel."


async def test_who_may_not_read_channels_sees_everybodys_requests_without_them(ann: Client, boss: Client) -> None:
    items = (await boss.get(LIST))["data"]["items"]
    assert [row["user"] for row in items] == ["root", "root", "ann", "ann", "ann", "ann"]
    assert {(row["channel"], row["channel_id"]) for row in items} == {("", 0)}


@pytest.mark.parametrize("path", ["", "/totals", ".csv"])
async def test_who_may_not_read_channels_may_not_filter_by_them(ann: Client, boss: Client, path: str) -> None:
    answer = await boss.call("GET", LIST + path + "?channel=first")
    assert (answer.status_code, answer.json()["message"]) == (403, "Your account may not read channels.")


@pytest.mark.parametrize("path", ["", "/totals", ".csv", "/a1"])
async def test_nobody_else_may_ask(world: World, path: str) -> None:
    answer = await Client(world).call("GET", LIST + path)
    assert answer.status_code == 401


async def test_pages_lead_there_and_back(world: World, ann: Client) -> None:
    first = (await world.root.get(LIST + "?size=2"))["data"]
    second = (await world.root.get(f"{LIST}?size=2&before={first['older']}"))["data"]
    third = (await world.root.get(f"{LIST}?size=2&before={second['older']}"))["data"]
    pages = [[row["request_id"] for row in page["items"]] for page in (first, second, third)]
    assert pages == [["f2", "r1"], ["f1", "a3"], ["a2", "a1"]]
    assert (first["newer"], third["older"]) == ("", "")
    back = (await world.root.get(f"{LIST}?size=2&after={third['newer']}"))["data"]
    assert [row["request_id"] for row in back["items"]] == ["f1", "a3"]
    front = (await world.root.get(f"{LIST}?size=2&after={back['newer']}"))["data"]
    assert [row["request_id"] for row in front["items"]] == ["f2", "r1"]
    assert front["newer"] == ""
    assert front["older"] == first["older"]


async def test_totals_count_requests_not_attempts(world: World, ann: Client) -> None:
    assert (await world.root.get(LIST + "/totals"))["data"] == {
        "requests": 4,
        "failed": 2,
        "charge": 930,
        "prompt_tokens": 400,
        "completion_tokens": 200,
        "is_complete": True,
    }
    of_attempts = (await world.root.get(LIST + "/totals?kind=attempts"))["data"]
    assert (of_attempts["requests"], of_attempts["failed"], of_attempts["charge"]) == (0, 4, 0)


@pytest.mark.parametrize(
    ("query", "sums"),
    [
        ("?kind=failed", (0, 2, 0)),
        ("?kind=answered", (4, 0, 930)),
        ("?mine=true", (1, 1, 10)),
        ("?model=log-%25", (3, 1, 920)),
        ("?group=vip", (1, 0, 10)),
        (f"?since={NOW - 400}&until={NOW - 200}", (2, 0, 910)),
        ("?text=slow", (0, 2, 0)),
    ],
)
async def test_totals_follow_the_filter(world: World, ann: Client, query: str, sums: tuple[int, int, int]) -> None:
    found = (await world.root.get(LIST + "/totals" + query))["data"]
    assert (found["requests"], found["failed"], found["charge"]) == sums


async def test_totals_are_equal_from_hourly_sums_and_from_records(database: Database) -> None:
    hour = NOW - NOW % 3600
    await write(database, *(usage(f"t{n}", at=hour - 9000 + n * 500, charge=1 << n) for n in range(20)))
    wanted = RequestFilter(kind="answered", since=hour - 8600, until=hour - 600)
    async with database.read() as session:
        by_hours = await totals(session, await resolve(session, wanted), "answered")
        by_records = await totals(session, await resolve(session, replace(wanted, text="log-a")), "answered")
    expected = [n for n in range(20) if wanted.since <= hour - 9000 + n * 500 < wanted.until]
    assert (by_hours.requests, by_hours.charge) == (len(expected), sum(1 << n for n in expected))
    assert by_hours == by_records


async def test_a_long_search_says_where_it_stopped_and_goes_on(database: Database) -> None:
    await write(
        database, *(usage(f"s{n}", at=NOW + n // 3, line_group="vip" if n in (1, 7) else "") for n in range(12))
    )
    async with database.read() as session:
        rules = (await resolve(session, RequestFilter(group="vip"))).rules("all")
        found: list[tuple[list[str], int]] = []
        place: Place | None = None
        while True:
            page = await older_page(session, rules, 5, place, bound=4)
            found.append(([row.request_id for row in page.rows], page.looked_to))
            place = page.older
            if place is None:
                break
        assert found == [([], NOW + 2), (["s7"], NOW + 1), (["s1"], NOW), ([], 0)]
        up = await newer_page(session, rules, 5, Place(NOW, 1), bound=4)
        assert ([row.request_id for row in up.rows], up.looked_to) == (["s1"], NOW + 1)
        partial = await totals(session, await resolve(session, RequestFilter(group="vip")), "answered", bound=4)
    assert (partial.requests, partial.is_complete) == (0, False)


async def test_pages_are_the_same_on_every_engine(database: Database) -> None:
    await write(database, *(usage(f"p{n}", at=NOW + n // 4, line_model=f"m{n % 2}") for n in range(20)))
    async with database.read() as session:
        rules = (await resolve(session, RequestFilter(model="m1", since=NOW + 1))).rules("all")
        first = await older_page(session, rules, 3, None)
        second = await older_page(session, rules, 3, first.older)
        back = await newer_page(session, rules, 3, second.newer or Place(0, 0))
    shown = [[row.request_id for row in page.rows] for page in (first, second, back)]
    assert shown == [["p19", "p17", "p15"], ["p13", "p11", "p9"], ["p19", "p17", "p15"]]
