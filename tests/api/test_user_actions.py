"""What the console does to several users at once."""

import pytest

from tests.api.world import Client, World

PATH = "/api/console/users/actions"


async def balance(world: World, ident: int) -> int:
    return (await world.root.get(f"/api/user/{ident}"))["data"]["quota"]


async def lines(world: World) -> list[str]:
    return [one["content"] for one in (await world.root.get("/api/log/?type=3"))["data"]["items"]]


@pytest.fixture
async def two(world: World) -> tuple[Client, Client]:
    """Two plain users."""
    return await world.user("ann"), await world.user("bob")


async def test_a_balance_is_changed_for_a_reason(world: World, two: tuple[Client, Client]) -> None:
    ann, _ = two
    for action, quota, after in (("add", 1500, 1500), ("subtract", 500, 1000), ("set", 7, 7)):
        body = {"ids": [ann.id], "action": action, "quota": quota, "reason": " March invoice "}
        assert (await world.root.post(PATH, body)) == {"success": True, "message": "", "data": 1}
        assert await balance(world, ann.id) == after
    told = await lines(world)
    assert told[2] == f"add 1500 quota of user ann (id {ann.id}), before: 0, because: March invoice"
    assert told[0] == f"override 7 quota of user ann (id {ann.id}), before: 1000, because: March invoice"


async def test_several_users_are_topped_up_moved_and_switched(world: World, two: tuple[Client, Client]) -> None:
    ids = [one.id for one in two]
    for body in ({"action": "add", "quota": 5}, {"action": "group", "group": "vip"}, {"action": "disable"}):
        assert (await world.root.post(PATH, {"ids": [*ids, ids[0]], **body}))["data"] == 2
    for ident in ids:
        found = (await world.root.get(f"/api/user/{ident}"))["data"]
        assert (found["quota"], found["group"], found["status"]) == (5, "vip", 2)
    assert f"moved user bob (id {ids[1]}) from group default to vip" in await lines(world)
    assert (await two[0].call("GET", "/api/user/self")).status_code == 401
    assert (await world.root.post(PATH, {"ids": ids, "action": "enable"}))["data"] == 2
    assert (await world.root.get(f"/api/user/{ids[0]}"))["data"]["status"] == 1


async def test_staying_in_a_group_changes_nothing(world: World, two: tuple[Client, Client]) -> None:
    assert (await world.root.post(PATH, {"ids": [two[0].id], "action": "group", "group": "default"}))["data"] == 1
    assert not any(one.startswith("moved user") for one in await lines(world))
    assert (await two[0].get("/api/user/self"))["success"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"action": "group", "group": "none"}, "There is no group 'none'."),
        ({"action": "disable", "ids": [2, 1]}, "Your role is not above the other account's."),
        ({"action": "add", "quota": 5, "ids": [2, 99]}, "There is no such user."),
    ],
)
async def test_what_is_refused_changes_nobody(
    world: World, two: tuple[Client, Client], change: dict[str, object], text: str
) -> None:
    boss = await world.user("boss", role=10)
    got = await boss.post(PATH, {"ids": [two[0].id], **change})
    assert not got["success"]
    assert got["message"] == text
    found = (await world.root.get(f"/api/user/{two[0].id}"))["data"]
    assert (found["quota"], found["status"], found["group"]) == (0, 1, "default")


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "action": "enable"},
        {"ids": list(range(1, 102)), "action": "enable"},
        {"ids": [2], "action": "delete"},
        {"ids": [2], "action": "add", "quota": 5, "reason": "r" * 256},
    ],
)
async def test_bad_actions_are_refused(world: World, two: tuple[Client, Client], body: object) -> None:
    got = await world.root.post(PATH, body)
    assert not got["success"]
    assert got["message"]


async def test_only_administrators_act(world: World, two: tuple[Client, Client]) -> None:
    answer = await two[0].call("POST", PATH, {"ids": [two[1].id], "action": "disable"})
    assert answer.status_code == 403
