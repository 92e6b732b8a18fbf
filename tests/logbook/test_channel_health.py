"""How channels did of late."""

import pytest

from faregate.logbook import ERROR
from faregate.storage import Database
from tests.api.world import World, open_world
from tests.logbook.scene import NOW, usage, write

PATH = "/api/console/channel-health"
SINCE = (NOW - 3600) // 3600 * 3600


def failure(id: str, channel_id: int, *, at: int = NOW, text: str = "status_code=500, broken"):
    return usage(
        id, at=at, channel_id=channel_id, charge=0, requests=0, counts=False, line_type=ERROR, line_content=text
    )


async def test_calls_since_the_last_whole_hour_are_counted_by_channel(database: Database) -> None:
    async with open_world(database) as world:
        await world.set_up()
        assert (await world.root.get(PATH))["data"] == {"since": SINCE, "channels": []}
        await write(
            database,
            usage("1", channel_id=1),
            usage("2", channel_id=1, at=SINCE),
            usage("3", channel_id=1, at=SINCE - 1),
            failure("4", 1, text="first"),
            failure("5", 1, text="last"),
            failure("6", 2, at=SINCE, text="x" * 900),
            failure("7", 3, at=SINCE - 1),
        )
        assert (await world.root.get(PATH))["data"]["channels"] == [
            {"channel_id": 1, "answered": 2, "failed": 2, "last_failure": "last", "last_failure_at": NOW},
            {"channel_id": 2, "answered": 0, "failed": 1, "last_failure": "x" * 500, "last_failure_at": SINCE},
        ]


@pytest.mark.parametrize(("role", "status"), [(1, 403), (10, 200)])
async def test_it_is_for_administrators(world: World, role: int, status: int) -> None:
    someone = await world.user("ann", role)
    assert (await someone.call("GET", PATH)).status_code == status
    assert (await world.public.call("GET", PATH)).status_code == 401
