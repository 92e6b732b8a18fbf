"""One's own API keys as the console asks for them; storing is tried on every database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from faregate.identity import Movement
from faregate.identity.models import DISABLED, EXHAUSTED, Key
from faregate.storage import Database
from tests.api.world import Client, World, open_world


@pytest.fixture
async def any_world(database: Database) -> AsyncIterator[World]:
    async with open_world(database) as opened:
        await opened.set_up()
        yield opened


async def made(owner: Client, **fields: object) -> int:
    answer = await owner.post("/api/console/keys", {"name": "key", **fields})
    assert answer["success"], answer
    return answer["data"]["id"]


async def names(owner: Client, query: str) -> list[str]:
    return [key["name"] for key in (await owner.get(f"/api/console/keys?{query}"))["data"]["items"]]


async def keep(world: World, ident: int, **columns: object) -> None:
    async with world.context.database.write() as session:
        await session.execute(update(Key).where(Key.id == ident).values(**columns))


async def test_a_key_is_made_shown_whole_and_listed(any_world: World) -> None:
    sam = await any_world.user("sam")
    wish = {"name": " first ", "limit": 5000, "models": ["b", "a", "b"], "allow_ips": ["10.0.0.0/8", "::1"]}
    answer = await sam.post("/api/console/keys", {**wish, "expires_at": 1_900_000_000})
    ident, key = answer["data"]["id"], answer["data"]["key"]
    assert key == "sk-" + (await sam.post(f"/api/token/{ident}/key"))["data"]["key"]
    expected = {
        "id": ident,
        "name": "first",
        "hint": f"{key[:7]}**********{key[-4:]}",
        "state": "on",
        "used": 0,
        "limit": 5000,
        "group": "",
        "auto_groups": [],
        "cross_group_retry": False,
        "models": ["a", "b"],
        "allow_ips": ["10.0.0.0/8", "::1"],
        "created_at": any_world.clock.at,
        "last_used_at": 0,
        "expires_at": 1_900_000_000,
    }
    assert (await sam.get("/api/console/keys"))["data"] == {
        "page": 1,
        "page_size": 10,
        "total": 1,
        "items": [expected],
    }
    assert (await sam.get(f"/api/console/keys/{ident}"))["data"] == expected


async def test_the_limit_counts_what_was_used(any_world: World) -> None:
    sam = await any_world.user("sam")
    ident = await made(sam, limit=5000)
    await keep(any_world, ident, used_quota=1200)
    wish = {"name": "key", "limit": 2000}
    shown = (await sam.put(f"/api/console/keys/{ident}", wish))["data"]
    assert (shown["used"], shown["limit"]) == (1200, 2000)
    assert (await sam.get(f"/api/token/{ident}"))["data"]["remain_quota"] == 800
    refused = await sam.put(f"/api/console/keys/{ident}", {**wish, "limit": 1199})
    assert refused["message"] == "limit must be above 0 and not below what the key has used (1200)."
    free = (await sam.put(f"/api/console/keys/{ident}", {"name": "key"}))["data"]
    assert (free["used"], free["limit"]) == (1200, None)


async def test_keys_are_found_by_name_key_and_state(world: World) -> None:
    sam = await world.user("sam")
    whole = (await sam.post("/api/console/keys", {"name": "Laptop 100%"}))["data"]["key"]
    off, late, empty = await made(sam, name="off"), await made(sam, name="late"), await made(sam, name="empty", limit=1)
    await keep(world, off, status=DISABLED)
    await keep(world, late, expires_at=int(world.clock.at) - 1)
    await keep(world, empty, status=EXHAUSTED)
    assert await names(sam, "find=lAPtop") == ["Laptop 100%"]
    assert await names(sam, "find=100%25") == ["Laptop 100%"]
    assert await names(sam, f"find={whole}") == ["Laptop 100%"]
    assert await names(sam, "find=_") == []
    assert await names(sam, "status=on") == ["Laptop 100%"]
    assert await names(sam, "status=off") == ["off"]
    assert await names(sam, "status=expired") == ["late"]
    assert await names(sam, "status=used_up") == ["empty"]
    assert await names(sam, "page_size=2&p=2") == ["off", "Laptop 100%"]


async def test_an_edited_key_that_had_run_out_is_on_again(world: World) -> None:
    sam = await world.user("sam")
    ident = await made(sam, limit=10)
    await keep(world, ident, status=EXHAUSTED, used_quota=10)
    assert (await sam.put(f"/api/console/keys/{ident}", {"name": "k", "limit": 10}))["data"]["state"] == "used_up"
    assert (await sam.put(f"/api/console/keys/{ident}", {"name": "k", "limit": 30}))["data"]["state"] == "on"


async def test_an_end_that_has_passed_may_stay(world: World) -> None:
    sam = await world.user("sam")
    past = int(world.clock.at) - 5
    ident = await made(sam)
    await keep(world, ident, expires_at=past)
    kept = await sam.put(f"/api/console/keys/{ident}", {"name": "renamed", "expires_at": past})
    assert (kept["data"]["name"], kept["data"]["state"]) == ("renamed", "expired")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"name": " "}, "name must not be empty."),
        ({"name": "é" * 26}, "The name must not be longer than 50 bytes."),
        ({"limit": 0}, "limit must be above 0 and not below what the key has used (0)."),
        ({"limit": 10**18}, "remain_quota must be between 0 and 500000000000000."),
        ({"expires_at": 5}, "expires_at must be in the future, or -1 for never."),
        ({"group": "secret"}, "group: you may not use the group 'secret'."),
        ({"models": ["a,b"]}, "models must be names without a comma."),
        ({"models": ["a"] * 501}, "models must not have more than 500 entries."),
        ({"allow_ips": ["10.0.0.300"]}, "allow_ips: '10.0.0.300' is no IP address and no CIDR range."),
        ({"group": "auto", "auto_groups": ["secret"]}, "auto_groups: you may not use the group 'secret'."),
    ],
)
async def test_what_a_key_cannot_have_is_refused(world: World, wish: dict[str, Any], message: str) -> None:
    refused = await world.root.post("/api/console/keys", {"name": "key", **wish})
    assert (refused["success"], refused["message"]) == (False, message)


async def test_several_keys_are_switched(any_world: World) -> None:
    sam = await any_world.user("sam")
    first, second, foreign = await made(sam, name="a"), await made(sam, name="b", limit=9), await made(any_world.root)
    off = await sam.post("/api/console/keys/status", {"ids": [first, second, foreign], "on": False})
    assert off["data"] == {"changed": 2, "refused": []}
    assert await names(any_world.root, "status=on") == ["key"]
    await keep(any_world, second, status=EXHAUSTED)
    async with any_world.context.database.write() as session:
        await any_world.context.balances.override(session, "allowance", second, 0, Movement("allowance", reason="test"))
    on = await sam.post("/api/console/keys/status", {"ids": [first, second], "on": True})
    assert on["data"] == {"changed": 1, "refused": ["b"]}
    none = await sam.post("/api/console/keys/status", {"ids": [], "on": True})
    assert none["message"] == "ids must name 1 to 1000 keys."


async def test_keys_of_others_are_not_there(world: World) -> None:
    sam = await world.user("sam")
    ident = await made(world.root)
    for answer in (
        await sam.get(f"/api/console/keys/{ident}"),
        await sam.put(f"/api/console/keys/{ident}", {"name": "x"}),
    ):
        assert answer["message"] == "There is no such key."
    assert await names(sam, "") == []


async def test_a_visitor_may_not_ask(world: World) -> None:
    stranger = Client(world)
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PUT", "/1"),
        ("POST", "/status"),
        ("GET", "/usage"),
    ):
        assert (await stranger.call(method, f"/api/console/keys{path}", {})).status_code == 401
