"""Which models somebody can call, and which of them are priced."""

import json
from collections.abc import AsyncIterator

import pytest

from faregate.channels.models import Channel, ServedModel
from faregate.storage import Database
from tests.api.world import Client, World, open_world

SETTINGS = {
    "ModelRatio": {"cheap": 1},
    "GroupRatio": {"default": 1, "vip": 1, "secret": 1},
    "UserUsableGroups": {"default": "everyone", "vip": "paying", "auto": "any"},
    "AutoGroups": ["vip", "secret"],
}


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """A world that serves a priced and an unpriced model to different groups."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        for key, value in SETTINGS.items():
            assert (await opened.root.put("/api/option/", {"key": key, "value": json.dumps(value)}))["success"]
        async with sqlite.write() as session:
            session.add(Channel(id=1, type=1))
            await session.flush()
            served = (("default", "cheap"), ("vip", "unpriced"), ("secret", "hidden"))
            session.add_all([ServedModel(group=group, model=model, channel_id=1) for group, model in served])
        yield opened


async def test_the_models_of_a_group_say_whether_they_are_priced(world: World) -> None:
    sam = await world.user("sam")
    cheap = {"name": "cheap", "priced": True, "endpoints": []}
    unpriced = {"name": "unpriced", "priced": False, "endpoints": []}
    assert (await sam.get("/api/console/callable"))["data"] == [cheap]
    assert (await sam.get("/api/console/callable?group=vip"))["data"] == [unpriced]
    assert (await sam.get("/api/console/callable?group=auto"))["data"] == [unpriced]
    assert (await sam.get("/api/console/callable?group=secret"))["data"] == []


async def test_where_unpriced_models_are_accepted_all_count_as_priced(world: World) -> None:
    await world.root.put("/api/option/", {"key": "SelfUseModeEnabled", "value": "true"})
    assert (await world.root.get("/api/console/callable?group=vip"))["data"] == [
        {"name": "unpriced", "priced": True, "endpoints": []}
    ]


async def test_administrators_ask_which_names_nothing_prices(world: World) -> None:
    asked = {"models": ["strange-2", "cheap", "strange-1"]}
    assert (await world.root.post("/api/console/callable/unpriced", asked))["data"] == ["strange-2", "strange-1"]
    too_many = await world.root.post("/api/console/callable/unpriced", {"models": ["x"] * 10_001})
    assert (too_many["success"], "models" in too_many["message"]) == (False, True)
    sam = await world.user("sam")
    assert (await sam.call("POST", "/api/console/callable/unpriced", asked)).status_code == 403


async def test_a_visitor_may_not_ask(world: World) -> None:
    assert (await Client(world).call("GET", "/api/console/callable")).status_code == 401
