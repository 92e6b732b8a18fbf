"""One request in full, and all of a filter as a file."""

import csv
import io
from urllib.parse import quote

import pytest

from tests.api.world import Client, World
from tests.logbook.scene import NOW, usage, write

LIST = "/api/console/requests"


async def test_a_request_in_full(world: World, ann: Client) -> None:
    full = (await world.root.get(LIST + "/a3"))["data"]
    assert full["attempts"] == [
        {
            "number": 1,
            "channel_id": 1,
            "channel": "first",
            "outcome": "failed",
            "started_ms": 0,
            "ended_ms": 1000,
            "status_code": 429,
            "error_type": "openai_error",
            "error_code": "slow",
            "error": "slow down 1",
        },
        {
            "number": 2,
            "channel_id": 2,
            "channel": "second",
            "outcome": "answered",
            "started_ms": 1000,
            "ended_ms": 2999,
            "status_code": 0,
            "error_type": "",
            "error_code": "",
            "error": "",
        },
    ]
    assert full["usage"] == [
        {"name": "input", "tokens": 60},
        {"name": "cache_read", "tokens": 40},
        {"name": "output", "tokens": 50},
    ]
    # 60 x 1.25 x 2 + 40 x 0.125 x 2 + 50 x 10 x 2
    assert full["bill"] == {
        "lines": [
            {"item": "input", "count": 60, "per": "million", "usd": "2.5", "quota": "150"},
            {"item": "cache_read", "count": 40, "per": "million", "usd": "0.25", "quota": "10"},
            {"item": "output", "count": 50, "per": "million", "usd": "20", "quota": "1000"},
        ],
        "group_ratio": 2,
        "sum": "1160",
        "rest": "-550",
        "charge": 610,
    }
    assert (full["path"], full["dialects"]) == ("/v1/chat/completions", ["OpenAI Compatible"])
    assert full["stream"] == {"reason": "done", "error": "", "junk_events": 0}
    assert full["route"] == {
        "usage_path": "upstream",
        "is_counted_here": False,
        "credential_index": None,
        "affinity": "",
    }


async def test_users_see_their_request_without_its_route(ann: Client) -> None:
    full = (await ann.get(LIST + "/a3"))["data"]
    assert full["route"] is None
    assert [(one["channel"], one["channel_id"]) for one in full["attempts"]] == [("", 0), ("", 0)]
    assert full["request"]["channel"] == ""


async def test_who_may_not_read_channels_sees_no_route_and_no_column(ann: Client, boss: Client) -> None:
    full = (await boss.get(LIST + "/a3"))["data"]
    assert (full["route"], full["request"]["user"], full["request"]["channel"]) == (None, "ann", "")
    assert [(one["channel"], one["channel_id"]) for one in full["attempts"]] == [("", 0), ("", 0)]
    row = (await lines(boss))[0]
    assert ("user" in row, "channel" in row) == (True, False)


async def test_a_failed_request_has_no_bill(world: World, ann: Client) -> None:
    full = (await world.root.get(LIST + "/f1"))["data"]
    assert full["bill"] is None
    assert full["upstream_request_id"] == "up-7"
    assert [(one["channel"], one["ended_ms"]) for one in full["attempts"]] == [("first", 100), ("second", 250)]


@pytest.mark.parametrize("request_id", ["r1", "nothing"])
async def test_a_request_of_others_is_not_there(ann: Client, request_id: str) -> None:
    answer = await ann.call("GET", f"{LIST}/{request_id}")
    assert answer.status_code == 404
    assert answer.json()["message"] == f"There is no request {request_id!r} in the log."


async def lines(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = await client.call("GET", LIST + ".csv" + query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="requests.csv"'
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_the_file_has_every_row_and_the_sums(world: World, ann: Client) -> None:
    rows = await lines(world.root, "?kind=answered")
    assert [row["request_id"] for row in rows] == ["r1", "a3", "a2", "a1", ""]
    assert rows[1] == {
        "time": "2027-01-15T07:55:00Z",
        "outcome": "answered",
        "request_id": "a3",
        "upstream_request_id": "",
        "model": "log-a",
        "upstream_model": "log-a-2",
        "key": "key",
        "user": "ann",
        "channel": "second",
        "group": "default",
        "stream": "yes",
        "prompt_tokens": "100",
        "cached_tokens": "40",
        "completion_tokens": "50",
        "duration_ms": "2999",
        "first_token_ms": "321",
        "charge_quota": "610",
        "charge_usd": "0.00122000",
        "status_code": "",
        "error": "",
    }
    total = {name: value for name, value in rows[-1].items() if value}
    assert total == {
        "time": "total",
        "outcome": "4 rows",
        "prompt_tokens": "400",
        "cached_tokens": "40",
        "completion_tokens": "200",
        "charge_quota": "930",
        "charge_usd": "0.00186000",
    }


async def test_a_users_file_names_no_channel_and_no_user(ann: Client) -> None:
    rows = await lines(ann)
    assert [row["request_id"] for row in rows] == ["f1", "a3", "a2", "a1", ""]
    assert "channel" not in rows[0]
    assert "user" not in rows[0]


async def test_the_file_holds_no_formula(world: World) -> None:
    await write(
        world.context.database,
        usage("x1", line_model="=cmd|' /C calc'!A0", line_key_name="@sum", line_username="+1", user_id=1),
    )
    row = (await lines(world.root))[0]
    assert (row["model"], row["key"], row["user"]) == ("'=cmd|' /C calc'!A0", "'@sum", "'+1")


async def test_the_file_goes_on_beyond_one_batch(world: World) -> None:
    await write(world.context.database, *(usage(f"n{n}", at=NOW + n // 7) for n in range(2100)))
    rows = await lines(world.root, f"?model={quote('log-a')}")
    assert [row["request_id"] for row in rows[:-1]] == [f"n{n}" for n in reversed(range(2100))]
    assert rows[-1]["outcome"] == "2100 rows"
