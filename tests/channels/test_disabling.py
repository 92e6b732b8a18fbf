"""Switching off by itself what a provider refuses for good."""

import json

import pytest
from sqlalchemy import select

from faregate.channels.disabling import Disabler
from faregate.logbook.models import Record
from faregate.storage import Bus, Topic
from tests.api.world import World
from tests.channels.scene import credential_ids, make, secrets, served, stored


@pytest.fixture
def disabler(any_world: World) -> Disabler:
    return Disabler(any_world.context)


async def lines(world: World) -> list[str]:
    """System lines of the log."""
    async with world.context.database.read() as session:
        rows = select(Record.content).where(Record.type == 4, Record.user_id == 0)
        return list((await session.execute(rows)).scalars())


async def test_a_channel_with_one_key_goes_off_with_the_reason_and_may_be_switched_on_again(
    any_world: World, disabler: Disabler
) -> None:
    await make(any_world.root)
    (credential,) = await credential_ids(any_world.context, 1)
    disabler.tell(1, credential, "status_code=401, bad key sk-first")
    await disabler.idle()
    row = await stored(any_world.context, 1)
    assert (row.status, row.status_reason) == (3, "status_code=401, bad key ***")
    told = json.loads((await any_world.root.get("/api/channel/1"))["data"]["other_info"])
    assert told == {"status_reason": row.status_reason, "status_time": int(any_world.clock.at)}
    assert await served(any_world.context) == []
    assert await lines(any_world) == ["channel one (id 1) was switched off: status_code=401, bad key ***"]
    await any_world.root.post("/api/channel/1/status", {"status": 1})
    assert await secrets(any_world.context, 1) == [(0, "sk-first", 1)]
    assert await served(any_world.context) == [("default", "m-1", 1)]


async def test_of_many_keys_only_the_refused_one_goes_until_none_is_left(any_world: World, disabler: Disabler) -> None:
    await make(any_world.root, "multi_to_single", key="sk-a\nsk-b")
    first, second = await credential_ids(any_world.context, 1)
    disabler.tell(1, first, "refused")
    await disabler.idle()
    assert await secrets(any_world.context, 1) == [(0, "sk-a", 3), (1, "sk-b", 1)]
    assert (await stored(any_world.context, 1)).status == 1
    disabler.tell(1, second, "refused too")
    await disabler.idle()
    row = await stored(any_world.context, 1)
    assert (row.status, row.status_reason) == (3, "All keys are disabled")
    assert await served(any_world.context) == []
    assert await lines(any_world) == [
        "key 0 of channel one (id 1) was switched off: refused",
        "key 1 of channel one (id 1) was switched off: refused too. All keys are disabled",
    ]


async def test_repeats_are_ignored_and_listeners_hear_of_it_once(any_world: World, disabler: Disabler) -> None:
    await make(any_world.root)
    heard: list[str] = []

    async def listen() -> None:
        heard.append("changed")

    bus: Bus = any_world.context.bus
    await bus.refresh()
    bus.listen(Topic.CHANNELS, listen)
    (credential,) = await credential_ids(any_world.context, 1)
    for _ in range(50):
        disabler.tell(1, credential, "refused")
    await disabler.idle()
    disabler.tell(1, credential, "refused")
    await disabler.idle()
    assert heard == ["changed"]
    assert len(await lines(any_world)) == 1


async def test_a_channel_that_must_not_go_off_stays_on(any_world: World, disabler: Disabler) -> None:
    await make(any_world.root, auto_ban=0)
    (credential,) = await credential_ids(any_world.context, 1)
    disabler.tell(1, credential, "refused")
    await disabler.idle()
    assert (await stored(any_world.context, 1)).status == 1


async def test_the_refusal_of_a_key_that_was_replaced_meanwhile_hits_nobody(
    any_world: World, disabler: Disabler
) -> None:
    await make(any_world.root)
    (old,) = await credential_ids(any_world.context, 1)
    await any_world.root.put("/api/channel/", {"id": 1, "key": "sk-second"})
    disabler.tell(1, old, "refused")
    disabler.tell(99, 1234, "refused")
    await disabler.idle()
    assert (await stored(any_world.context, 1)).status == 1
