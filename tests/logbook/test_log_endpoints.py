"""The log over the wire."""

import json
from typing import Any

import pytest

from faregate.channels.models import Channel
from faregate.logbook.models import ERROR
from tests.api.world import Client, World
from tests.logbook.scene import NOW, failed, usage, write


@pytest.fixture
async def ann(world: World) -> Client:
    """A user with id 2 and four usage records, one of another user, one hidden, one failed."""
    ann = await world.user("ann")
    async with world.context.database.write() as session:
        session.add(Channel(name="first", models="log-a"))
    await write(
        world.context.database,
        usage("a1", at=NOW - 500),
        usage("a2", at=NOW - 400, line_model="log-b", channel_id=2, charge=300),
        usage("r1", at=NOW - 30, user_id=1, key_id=7, line_username="root", line_model="log_c", line_group="vip"),
        usage("h1", at=NOW - 20, line_type=0),
        usage("e1", at=NOW - 10, charge=0, line_type=ERROR, line_upstream_request_id="up-1"),
    )
    return ann


async def names(client: Client, query: str, path: str = "/api/log/") -> list[str]:
    """Request ids of a page, newest first; sign-ins and acts are left out."""
    data = (await client.get(path + query))["data"]
    return [row["request_id"] for row in data["items"] if row["model_name"]]


async def test_an_administrator_sees_every_column(world: World, ann: Client) -> None:
    page = (await world.root.get("/api/log/?type=2&p=1&page_size=10"))["data"]
    assert (page["page"], page["page_size"], page["total"]) == (1, 10, 3)
    row = page["items"][2]
    other = json.loads(row.pop("other"))
    assert row.pop("id") > 0
    assert row == {
        "user_id": 2,
        "created_at": NOW - 500,
        "type": 2,
        "content": "",
        "username": "ann",
        "token_name": "key",
        "model_name": "log-a",
        "quota": 10,
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "use_time": 2,
        "is_stream": False,
        "channel": 1,
        "channel_name": "first",
        "token_id": 1,
        "group": "default",
        "ip": "",
        "request_id": "a1",
    }
    assert sorted(other) == ["admin_info", "audit_info", "channel_name", "model_ratio"]
    assert page["items"][1]["channel_name"] == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?type=0", ["e1", "r1", "a2", "a1"]),
        ("?type=2", ["r1", "a2", "a1"]),
        ("?type=5", ["e1"]),
        ("?type=42", []),
        ("?type=2&username=ann", ["a2", "a1"]),
        ("?type=2&username=an", []),
        ("?type=2&username=an%25", ["a2", "a1"]),
        ("?type=2&model_name=log_c", ["r1"]),
        ("?type=2&model_name=log-%25", ["a2", "a1"]),
        ("?type=2&model_name=log_%25", ["r1"]),
        ("?type=2&channel=2", ["a2"]),
        ("?type=2&group=vip", ["r1"]),
        ("?type=2&token_name=key&p=2&page_size=2", ["a1"]),
        ("?request_id=a2", ["a2"]),
        ("?upstream_request_id=up-1", ["e1"]),
        (f"?type=2&start_timestamp={NOW - 400}&end_timestamp={NOW - 30}", ["r1", "a2"]),
        ("?end_timestamp=1000", []),
        ("?type=2&p=9", []),
    ],
)
async def test_filters_restrict_the_list(world: World, ann: Client, query: str, found: list[str]) -> None:
    assert await names(world.root, query) == found


@pytest.mark.parametrize("query", ["model_name=l%25", "model_name=%25lo%25g%25", "username=log%25%25"])
async def test_a_bad_pattern_is_refused(world: World, ann: Client, query: str) -> None:
    for path in ("/api/log/", "/api/log/stat", "/api/log/self"):
        if "username" not in query or path != "/api/log/self":
            assert (await world.root.get(f"{path}?{query}"))["success"] is False


async def test_the_newest_is_the_latest_in_time(world: World, ann: Client) -> None:
    await write(world.context.database, usage("late-import", at=NOW - 1000))
    assert (await names(world.root, "?type=2"))[-1] == "late-import"


async def test_a_user_sees_its_own_rows_numbered_and_cleaned(world: World, ann: Client) -> None:
    page = (await ann.get("/api/log/self?p=1&page_size=3&type=2&username=root&channel=9"))["data"]
    assert page["total"] == 2
    assert [(row["id"], row["request_id"], row["channel_name"]) for row in page["items"]] == [
        (1, "a2", ""),
        (2, "a1", ""),
    ]
    assert page["items"][0]["other"] == '{"model_ratio":1.1}'
    assert [row["id"] for row in (await ann.get("/api/log/self?type=2&p=2&page_size=1"))["data"]["items"]] == [2]


async def test_text_that_is_no_json_is_kept_from_users(world: World, ann: Client) -> None:
    await write(world.context.database, usage("x", line_other="admin_info: secret"), usage("y", line_other=""))
    shown = (await ann.get("/api/log/self?type=2"))["data"]["items"]
    assert [row["other"] for row in shown[:2]] == ["", ""]


async def test_totals_count_usage_alone(world: World, ann: Client) -> None:
    assert (await world.root.get("/api/log/stat?type=5"))["data"] == {"quota": 320, "rpm": 1, "tpm": 150}
    assert (await world.root.get("/api/log/stat?username=ann&model_name=log-b"))["data"] == {
        "quota": 300,
        "rpm": 0,
        "tpm": 0,
    }
    assert (await world.root.get(f"/api/log/stat?end_timestamp={NOW - 450}"))["data"] == {
        "quota": 10,
        "rpm": 1,
        "tpm": 150,
    }
    assert (await world.root.get("/api/log/stat?username=nobody"))["data"] == {"quota": 0, "rpm": 0, "tpm": 0}


async def test_own_totals_are_ones_own_whoever_is_named(world: World, ann: Client) -> None:
    assert (await ann.get("/api/log/self/stat?username=root"))["data"] == {"quota": 310, "rpm": 0, "tpm": 0}


async def test_a_key_sees_its_own_rows(world: World, ann: Client) -> None:
    ident, key = await world.key(ann)
    await write(world.context.database, usage("k1", key_id=ident), usage("k2", key_id=ident + 1))
    asking = Client(world, f"sk-{key}")
    answer = await asking.call("GET", "/api/log/token")
    assert answer.headers["access-control-allow-origin"] == "*"
    rows: list[dict[str, Any]] = answer.json()["data"]
    expected = [(1, "k1"), (2, "e1"), (3, "a2"), (4, "a1")] if ident == 1 else [(1, "k1")]
    assert [(row["id"], row["request_id"]) for row in rows] == expected
    assert rows[0]["other"] == '{"model_ratio":1.1}'
    bare = await world.public.call("GET", "/api/log/token", authorization=f"sk-{key}")
    assert bare.json() == answer.json()


async def test_a_session_is_no_key(world: World, ann: Client) -> None:
    for client in (world.root, Client(world), Client(world, "sk-unknown")):
        answer = await client.call("GET", "/api/log/token")
        assert (answer.status_code, answer.json()["success"]) == (401, False)


@pytest.mark.parametrize("path", ["/api/log/", "/api/log/stat", "/api/log/search"])
async def test_everybodys_log_is_for_administrators(world: World, ann: Client, path: str) -> None:
    answer = await ann.call("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_INSUFFICIENT_PRIVILEGE")


async def test_who_may_not_read_channels_sees_everybodys_log_without_them(ann: Client, boss: Client) -> None:
    await write(boss.world.context.database, failed("e2", 1))
    items = (await boss.get("/api/log/?page_size=100"))["data"]["items"]
    calls = {row["request_id"]: row for row in items if row["model_name"]}
    assert {(row["channel"], row["channel_name"]) for row in calls.values()} == {(0, "")}
    assert sorted(json.loads(calls["a1"]["other"])) == ["audit_info", "model_ratio"]
    assert sorted(json.loads(calls["e2"]["other"])) == ["error_code", "error_type", "status_code"]
    assert "admin_info" in json.loads(next(row["other"] for row in items if row["type"] == 3))
    for path in ("/api/log/", "/api/log/stat"):
        answer = await boss.call("GET", f"{path}?channel=1")
        assert (answer.status_code, answer.json()["message"]) == (403, "Your account may not read channels.")


async def test_the_old_searches_say_what_to_use(world: World, ann: Client) -> None:
    assert "/api/log/." in (await world.root.get("/api/log/search?keyword=x"))["message"]
    assert "/api/log/self." in (await ann.get("/api/log/self/search?keyword=x"))["message"]


async def test_removing_old_rows_leaves_a_line_of_its_own(world: World, ann: Client) -> None:
    removed = await world.root.delete(f"/api/log/?target_timestamp={NOW - 100}")
    assert removed["data"] == 2
    assert await names(world.root, "?type=0") == ["e1", "r1"]
    line = (await world.root.get("/api/log/?type=3&p=1&page_size=1"))["data"]["items"][0]
    assert json.loads(line["other"])["op"] == {
        "action": "log.cleanup",
        "params": {"target_timestamp": NOW - 100, "count": 2},
    }


async def test_removing_is_roots_and_only_of_what_is_past(world: World, ann: Client) -> None:
    boss = await world.user("boss", role=10)
    assert (await boss.call("DELETE", f"/api/log/?target_timestamp={NOW - 100}")).status_code == 403
    refused = await world.root.delete("/api/log/?target_timestamp=9999999999")
    assert refused["message"] == "target_timestamp must not be in the future: every line would be removed."
    assert len(await names(world.root, "?type=2")) == 3


@pytest.mark.parametrize("query", ["", "?target_timestamp=0", "?target_timestamp=soon"])
async def test_removing_needs_a_time(world: World, ann: Client, query: str) -> None:
    assert "target_timestamp" in (await world.root.delete(f"/api/log/{query}"))["message"]
    assert (await ann.call("DELETE", f"/api/log/{query}")).status_code == 403
    assert len(await names(world.root, "?type=2")) == 3
