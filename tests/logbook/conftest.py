"""A world for the tests of the log over the wire."""

from collections.abc import AsyncIterator

import pytest

from faregate.channels.models import Channel
from faregate.storage import Database
from tests.api.world import Client, World, open_world
from tests.logbook.scene import NOW, PRICED, failed, usage, write


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """A world with a root account."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened


@pytest.fixture
async def boss(world: World) -> Client:
    """An administrator who may not read channels."""
    boss = await world.user("boss", role=10)
    edit = {"id": boss.id, "username": "boss", "admin_permissions": {"channel": {"read": False}}}
    assert (await world.root.put("/api/user/", edit))["success"]
    return boss


@pytest.fixture
async def ann(world: World) -> Client:
    """Six requests: three of ann, one failing over, two failing; one of root; and lines that are no requests."""
    ann = await world.user("ann")
    async with world.context.database.write() as session:
        session.add_all([Channel(name="first", models="log-a"), Channel(name="second", models="log-a")])
    await write(
        world.context.database,
        usage("a1", at=NOW - 500),
        usage("a2", at=NOW - 400, line_model="log-b", channel_id=2, charge=300, line_is_stream=True),
        failed("a3", 1, at=NOW - 300, line_duration_ms=1000),
        usage("a3", at=NOW - 300, channel_id=2, charge=610, line_other=PRICED, line_is_stream=True),
        failed("f1", 1, at=NOW - 200, line_duration_ms=100),
        failed("f1", 2, at=NOW - 200, channel_id=2, line_duration_ms=250, line_upstream_request_id="up-7"),
        usage("r1", at=NOW - 30, user_id=1, key_id=7, line_username="root", line_model="log_c", line_group="vip"),
        failed("f2", 1, at=NOW - 20, user_id=1, key_id=7, line_username="root", line_model="log_c"),
        usage("h1", at=NOW - 10, line_type=0),
        usage("m1", at=NOW - 5, line_type=3),
    )
    return ann
