"""What needs attention, by who asks."""

from typing import Any

from faregate.channels.models import AUTO_DISABLED, DISABLED, Channel, ServedModel
from tests.api.world import Client, World
from tests.logbook.scene import NOW, failed, usage, write

WELL: dict[str, Any] = {"has_key": True, "has_channel": True, "channels": [], "unpriced": [], "unpriced_count": 0}


async def asked(client: Client) -> Any:
    return (await client.get("/api/console/attention"))["data"]


async def test_a_new_site_has_no_channel_and_no_key(world: World) -> None:
    assert await asked(world.root) == {**WELL, "has_key": False, "has_channel": False}


async def test_users_are_told_of_their_key_alone(world: World) -> None:
    ann = await world.user("ann")
    assert await asked(ann) == {**WELL, "has_key": False}
    await world.key(ann)
    assert await asked(ann) == WELL


async def test_channels_that_fail_or_were_switched_off_are_named(world: World) -> None:
    await world.key(world.root)
    async with world.context.database.write() as session:
        session.add_all(
            [
                Channel(name="off", status=AUTO_DISABLED, status_reason="revoked key"),
                Channel(name="resting", status=DISABLED),
                Channel(name="failing"),
                Channel(name="fine"),
            ]
        )
    await write(
        world.context.database,
        *(failed(f"f{n}", 1, channel_id=3, at=NOW - 60) for n in range(3)),
        *(usage(f"a{n}", channel_id=3, at=NOW - 60) for n in range(3)),
        *(failed(f"g{n}", 1, channel_id=4, at=NOW - 60) for n in range(2)),
        *(failed(f"o{n}", 1, channel_id=4, at=NOW - 4000) for n in range(9)),
    )
    assert await asked(world.root) == {
        **WELL,
        "channels": [
            {"id": 1, "name": "off", "state": "switched_off", "reason": "revoked key", "failed": 0, "calls": 0},
            {"id": 3, "name": "failing", "state": "failing", "reason": "", "failed": 3, "calls": 6},
        ],
    }


async def test_served_models_without_a_price_are_named(world: World) -> None:
    await world.key(world.root)
    async with world.context.database.write() as session:
        session.add(Channel(name="first"))
        names = ["gpt-4o", *(f"nobody-knows-{n:02}" for n in range(22))]
        session.add_all([ServedModel(group="default", model=name, channel_id=1) for name in names])
    found = await asked(world.root)
    assert found["unpriced"] == [f"nobody-knows-{n:02}" for n in range(20)]
    assert found["unpriced_count"] == 22
    await world.root.put("/api/option/", {"key": "SelfUseModeEnabled", "value": "true"})
    assert (await asked(world.root))["unpriced_count"] == 0


async def test_nobody_else_may_ask(world: World) -> None:
    assert (await Client(world).call("GET", "/api/console/attention")).status_code == 401
