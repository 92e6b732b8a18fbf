"""Whatever is searched by name: letters of every alphabet are found in either case, on every database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from faregate.channels.models import Channel
from faregate.storage import Database
from tests.api.world import World, open_world
from tests.logbook.scene import usage, write

NAME = "Иван Émile"


@pytest.fixture
async def peopled(database: Database) -> AsyncIterator[World]:
    """A user, a key, a channel and a request with a name beyond ASCII, and others beside them."""
    async with open_world(database) as world:
        await world.set_up()
        await world.user(NAME)
        await world.user("ivan emile")
        await world.key(world.root, name=NAME)
        await world.key(world.root, name="plain")
        async with database.write() as session:
            session.add_all([Channel(id=1, name=NAME, models="Модель"), Channel(id=2, name="plain", models="m")])
        await write(database, usage("r-1", line_key_name=NAME), usage("r-2", line_content="plain"))
        yield world


async def found(world: World, path: str, field: str) -> list[Any]:
    answer = (await world.root.get(path))["data"]
    return [one[field] for one in (answer["items"] if isinstance(answer, dict) else answer)]


@pytest.mark.parametrize("wanted", [NAME, "иван é", "ИВАН ÉMI", "ВАН"])
async def test_names_are_found_in_either_case(peopled: World, wanted: str) -> None:
    assert await found(peopled, f"/api/user/search?keyword={wanted}", "username") == [NAME]
    assert await found(peopled, f"/api/channel/search?keyword={wanted}", "id") == [1]
    assert await found(peopled, f"/api/token/search?keyword=%25{wanted}%25", "name") == [NAME]
    assert await found(peopled, f"/api/console/keys?find={wanted}", "name") == [NAME]
    assert await found(peopled, f"/api/console/requests?text={wanted}", "request_id") == ["r-1"]
    kinds = await found(peopled, f"/api/console/find?q={wanted}", "kind")
    assert kinds == ["key", "channel", "user"]


async def test_models_of_a_channel_are_found_in_either_case(peopled: World) -> None:
    assert await found(peopled, "/api/channel/search?model=модель", "id") == [1]
