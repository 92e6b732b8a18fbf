"""What one's keys have used."""

from tests.api.world import Client, World
from tests.logbook.scene import NOW, usage, write


async def test_ones_own_keys_are_summed_from_the_hour_asked_for(world: World) -> None:
    ann = await world.user("ann")
    await write(
        world.context.database,
        usage("1", user_id=ann.id),
        usage("2", user_id=ann.id, line_model="log-b", charge=7),
        usage("3", user_id=ann.id, key_id=2, charge=5),
        usage("4", user_id=ann.id, key_id=3, at=NOW - 7200),
        usage("5", user_id=world.root.id, key_id=4),
    )
    assert (await ann.get(f"/api/console/keys/usage?since={NOW}"))["data"] == {"1": 17, "2": 5}
    assert (await ann.get(f"/api/console/keys/usage?since={NOW - 7200}"))["data"] == {"1": 17, "2": 5, "3": 10}


async def test_a_month_at_most(world: World) -> None:
    refused = await world.root.get(f"/api/console/keys/usage?since={NOW - 33 * 86_400}")
    assert (refused["success"], refused["message"]) == (False, "since must not lie more than 32 days back.")


async def test_a_visitor_may_not_ask(world: World) -> None:
    assert (await Client(world).call("GET", "/api/console/keys/usage?since=0")).status_code == 401
