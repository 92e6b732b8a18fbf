"""Hourly figures."""

import pytest

from tests.api.world import Client, World
from tests.logbook.scene import NOW, usage, write

HOUR = NOW - NOW % 3600
SPAN = f"start_timestamp={HOUR - 7200}&end_timestamp={HOUR + 7200}"


@pytest.fixture
async def ann(world: World) -> Client:
    """A user with three calls in two hours beside one of root's."""
    ann = await world.user("ann")
    await write(
        world.context.database,
        usage("1", user_id=ann.id),
        usage("2", user_id=ann.id, key_id=2, charge=5),
        usage("3", user_id=ann.id, at=NOW - 3600, line_model="log-b"),
        usage("4", user_id=world.root.id, line_username="root"),
    )
    return ann


def row(**told: object) -> dict[str, object]:
    nothing = {"id": 0, "user_id": 0, "username": "", "model_name": "", "use_group": "", "token_id": 0, "channel_id": 0}
    return {**nothing, "node_name": "", **told}


async def test_everybodys_figures_are_by_model(world: World, ann: Client) -> None:
    assert (await world.root.get(f"/api/data/?{SPAN}"))["data"] == [
        row(model_name="log-b", created_at=HOUR - 3600, token_used=150, count=1, quota=10),
        row(model_name="log-a", created_at=HOUR, token_used=450, count=3, quota=25),
    ]


async def test_one_users_figures_and_ones_own_are_the_same(world: World, ann: Client) -> None:
    who = {"user_id": ann.id, "username": "ann"}
    expected = [
        row(**who, model_name="log-b", created_at=HOUR - 3600, token_used=150, count=1, quota=10),
        row(**who, model_name="log-a", created_at=HOUR, token_used=300, count=2, quota=15),
    ]
    assert (await world.root.get(f"/api/data/?username=ann&{SPAN}"))["data"] == expected
    assert (await ann.get(f"/api/data/self?{SPAN}"))["data"] == expected
    assert (await world.root.get(f"/api/data/?username=nobody&{SPAN}"))["data"] == []


async def test_figures_are_by_user(world: World, ann: Client) -> None:
    assert (await world.root.get(f"/api/data/users?start_timestamp={HOUR}&end_timestamp={HOUR}"))["data"] == [
        row(username="root", created_at=HOUR, token_used=150, count=1, quota=10),
        row(username="ann", created_at=HOUR, token_used=300, count=2, quota=15),
    ]


async def test_without_a_time_there_are_no_figures(world: World, ann: Client) -> None:
    for path in ("/api/data/", "/api/data/users", "/api/data/self"):
        assert (await world.root.get(path)) == {"success": True, "message": "", "data": []}


async def test_ones_own_figures_are_asked_for_a_month_at_most(world: World, ann: Client) -> None:
    refused = await ann.get(f"/api/data/self?start_timestamp={NOW - 2_592_001}&end_timestamp={NOW}")
    assert not refused["success"]
    assert "30 days" in refused["message"]
    assert (await ann.get(f"/api/data/self?start_timestamp={NOW - 2_592_000}&end_timestamp={NOW}"))["success"]


@pytest.mark.parametrize("path", ["/api/data/", "/api/data/users"])
async def test_everybodys_figures_are_for_administrators(world: World, ann: Client, path: str) -> None:
    assert (await ann.call("GET", f"{path}?{SPAN}")).status_code == 403
