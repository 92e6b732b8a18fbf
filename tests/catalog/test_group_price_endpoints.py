"""Groups of the console."""

import json
from typing import Any

import pytest

from faregate.storage import Database
from tests.api.world import World, open_world

PATH = "/api/console/groups"
DEFAULT = {"name": "default", "ratio": 1, "is_open": True, "description": "everyone", "users": 1}
VIP = {"name": "vip", "ratio": 0.5, "is_open": False, "description": "", "users": 0}
SPECIAL = {"user_group": "vip", "group": "default", "ratio": 0.8}
SETTINGS: dict[str, Any] = {
    "GroupRatio": {"default": 1, "vip": 0.5},
    "GroupGroupRatio": {"vip": {"default": 0.8, "gone": 2}},
    "UserUsableGroups": {"default": "everyone", "auto": "best"},
}


@pytest.fixture
async def world(sqlite: Database) -> Any:
    """A world with two groups."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        for key, value in SETTINGS.items():
            assert (await opened.root.put("/api/option/", {"key": key, "value": json.dumps(value)}))["success"]
        yield opened


async def table(world: World) -> dict[str, Any]:
    return (await world.root.get(PATH))["data"]


async def option(world: World, key: str) -> Any:
    rows = (await world.root.get("/api/option/"))["data"]
    return json.loads(next(row["value"] for row in rows if row["key"] == key))


async def test_groups_are_listed_with_their_ratios_and_users(world: World) -> None:
    found = await table(world)
    assert len(found.pop("revision")) == 16
    assert found == {"groups": [DEFAULT, VIP], "special": [SPECIAL]}


@pytest.mark.parametrize(
    ("key", "value", "groups"),
    [
        ("UserUsableGroups", {"default": "d" * 300}, [DEFAULT | {"description": "d" * 300}, VIP]),
        ("GroupRatio", {}, []),
        ("GroupRatio", {"g" * 65: 1}, [VIP | {"name": "g" * 65, "ratio": 1}]),
    ],
)
async def test_what_other_clients_stored_is_shown(world: World, key: str, value: object, groups: object) -> None:
    assert (await world.root.put("/api/option/", {"key": key, "value": json.dumps(value)}))["success"]
    assert (await table(world))["groups"] == groups


async def test_groups_are_changed_in_one_write(world: World) -> None:
    before = await table(world)
    groups = [DEFAULT | {"ratio": 1.5}, {"name": "pro", "ratio": 2, "is_open": True}]
    special = [{"user_group": "pro", "group": "default", "ratio": 0}]
    got = await world.root.put(PATH, {"groups": groups, "special": special, "revision": before["revision"]})
    assert got["success"], got
    assert got["data"] == await table(world)
    assert [(one["name"], one["ratio"], one["description"]) for one in got["data"]["groups"]] == [
        ("default", 1.5, "everyone"),
        ("pro", 2, "pro"),
    ]
    assert await option(world, "GroupRatio") == {"default": 1.5, "pro": 2}
    assert await option(world, "UserUsableGroups") == {"default": "everyone", "pro": "pro", "auto": "best"}
    assert await option(world, "GroupGroupRatio") == {"pro": {"default": 0}}
    line = (await world.root.get("/api/log/?type=3"))["data"]["items"][0]
    assert line["content"] == "changed groups: default 1.0 to 1.5, pro new to 2.0, vip 0.5 to removed"


async def test_groups_that_changed_meanwhile_are_not_overwritten(world: World) -> None:
    before = await table(world)
    await world.root.put("/api/option/", {"key": "GroupRatio", "value": '{"default": 3}'})
    answer = await world.root.call("PUT", PATH, before)
    assert (answer.status_code, answer.json()["code"]) == (409, "GROUPS_CHANGED")
    assert await option(world, "GroupRatio") == {"default": 3}


async def test_a_group_with_users_stays(world: World) -> None:
    before = await table(world)
    got = await world.root.put(PATH, {"groups": [VIP], "special": [], "revision": before["revision"]})
    assert got["message"] == "The group 'default' still has 1 users; move them to another group first."
    assert await option(world, "GroupRatio") == SETTINGS["GroupRatio"]


@pytest.mark.parametrize(
    ("groups", "special", "text"),
    [
        ([DEFAULT, DEFAULT], [], "A group is named twice."),
        ([DEFAULT | {"name": "auto"}], [], "A group cannot be called 'auto'."),
        ([DEFAULT | {"name": "a,b"}], [], "The name of a group must not contain a comma."),
        ([DEFAULT], [SPECIAL | {"group": "none"}], "There is no group 'none' to set a ratio for."),
    ],
)
async def test_bad_groups_are_refused(world: World, groups: object, special: object, text: str) -> None:
    revision = (await table(world))["revision"]
    got = await world.root.put(PATH, {"groups": groups, "special": special, "revision": revision})
    assert (got["success"], got["message"]) == (False, text)


@pytest.mark.parametrize("bad", [{"name": ""}, {"name": "g" * 65}, {"ratio": -1}, {"ratio": "much"}])
async def test_lines_are_checked(world: World, bad: dict[str, object]) -> None:
    assert not (await world.root.put(PATH, {"groups": [DEFAULT | bad], "special": [], "revision": ""}))["success"]


async def test_who_may_read_and_change_groups(world: World) -> None:
    ann, bob = await world.user("ann"), await world.user("bob", role=10)
    assert (await ann.call("GET", PATH)).status_code == 403
    assert (await bob.get(PATH))["success"]
    assert (await bob.call("PUT", PATH, await table(world))).status_code == 403
