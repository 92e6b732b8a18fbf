"""Models by channel type."""

from collections.abc import AsyncIterator

import pytest

from faregate.relay.providers import BY_TYPE
from faregate.storage import Database
from tests.api.world import Client, World, open_world


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened


async def test_a_user_sees_the_models_of_every_type_that_can_be_called(world: World) -> None:
    ann = await world.user("ann")
    found = (await ann.get("/api/models"))["data"]
    assert set(found) == {str(type) for type in BY_TYPE}
    assert {"gpt-4o", "text-embedding-3-small"} <= set(found["1"])
    assert (found["14"][0], found["58"]) == ("claude-3-sonnet-20240229", [])


async def test_a_stranger_sees_none(world: World) -> None:
    assert (await Client(world).call("GET", "/api/models")).status_code == 401
