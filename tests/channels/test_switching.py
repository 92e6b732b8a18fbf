"""Switching, tagging and removing channels; the routing index follows every time."""

import json

import pytest
from sqlalchemy import delete

from faregate.channels.models import Channel, ServedModel
from tests.api.world import World
from tests.channels.scene import administrator, audited, credential_ids, make, named, served, stored


async def three(world: World) -> None:
    for name, tag in (("one", "t"), ("two", "t"), ("three", None)):
        await make(world.root, name=name, tag=tag, models=name, key=f"sk-{name}")


async def names_served(world: World) -> list[str]:
    return [model for _, model, _ in await served(world.context)]


async def test_a_channel_that_is_off_is_not_served(any_world: World) -> None:
    await three(any_world)
    root = any_world.root
    assert (await root.post("/api/channel/1/status", {"status": 2}))["data"] is True
    assert (await root.post("/api/channel/1/status", {"status": 2}))["data"] is False
    assert await names_served(any_world) == ["three", "two"]
    assert (await root.post("/api/channel/status/batch", {"ids": [1, 7], "status": 1}))["data"] == 1
    assert await names_served(any_world) == ["one", "three", "two"]
    told = json.loads((await root.get("/api/channel/1"))["data"]["other_info"])
    assert told == {"status_reason": "", "status_time": int(any_world.clock.at)}
    assert [one["params"] for one in (await audited(any_world.context))[3:]] == [
        {"id": 1, "status": 2, "changed": True},
        {"id": 1, "status": 2, "changed": False},
        {"count": 1, "status": 1, "total": 2},
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("1/status", {"status": 3}),
        ("1/status", {}),
        ("status/batch", {"ids": [1], "status": 0}),
        ("status/batch", {"ids": [], "status": 1}),
        ("tag/disabled", {"tag": ""}),
        ("batch", {"ids": []}),
        ("batch/tag", {"ids": []}),
    ],
)
async def test_a_change_without_sense_is_refused(world: World, path: str, body: object) -> None:
    await make(world.root)
    assert not (await world.root.post(f"/api/channel/{path}", body))["success"]
    assert (await stored(world.context, 1)).status == 1


@pytest.mark.parametrize(("method", "path"), [("DELETE", "99"), ("POST", "99/status")])
async def test_a_channel_that_is_not_there_is_neither_removed_nor_switched(
    any_world: World, method: str, path: str
) -> None:
    await make(any_world.root)
    before = await audited(any_world.context)
    answer = await any_world.root.call(method, f"/api/channel/{path}", {"status": 2})
    assert answer.json() == {"success": False, "message": "There is no such channel."}
    assert await audited(any_world.context) == before


async def test_a_tag_switches_and_edits_all_its_channels(any_world: World) -> None:
    await three(any_world)
    root, context = any_world.root, any_world.context
    assert (await root.post("/api/channel/tag/disabled", {"tag": "t"}))["success"]
    assert await names_served(any_world) == ["three"]
    assert (await root.post("/api/channel/tag/enabled", {"tag": "t"}))["success"]
    edit = {"tag": "t", "new_tag": "u", "priority": 4, "models": "x", "groups": "vip", "param_override": ' {"a": 1} '}
    assert (await root.put("/api/channel/tag", edit))["success"]
    row = await stored(context, 2)
    assert (row.tag, row.priority, row.weight, row.models, row.groups) == ("u", 4, 0, "x", "vip")
    assert row.param_override == '{"a": 1}'
    assert await served(context) == [("default", "three", 3), ("vip", "x", 1), ("vip", "x", 2)]
    assert (await root.put("/api/channel/tag", {"tag": "nobody", "priority": 1}))["success"]
    assert not (await root.put("/api/channel/tag", {"priority": 1}))["success"]


async def test_overrides_of_a_tag_need_the_sensitive_right(world: World) -> None:
    await three(world)
    ada = await administrator(world, write=True)
    refused = await ada.put("/api/channel/tag", {"tag": "t", "priority": 9, "header_override": "{}"})
    assert "channel.sensitive_write" in refused["message"]
    assert (await stored(world.context, 1)).priority == 0
    assert (await ada.put("/api/channel/tag", {"tag": "t", "priority": 9}))["success"]


async def test_a_tag_is_given_and_taken_by_number(world: World) -> None:
    await three(world)
    assert (await world.root.post("/api/channel/batch/tag", {"ids": [1, 3, 50], "tag": "new"}))["data"] == 2
    assert (await world.root.post("/api/channel/batch/tag", {"ids": [1], "tag": None}))["data"] == 1
    assert [(await stored(world.context, ident)).tag for ident in (1, 2, 3)] == [None, "t", "new"]


async def test_a_removed_channel_leaves_nothing(any_world: World) -> None:
    await three(any_world)
    root, context = any_world.root, any_world.context
    assert (await root.delete("/api/channel/1"))["success"]
    assert await credential_ids(context, 1) == []
    assert await names_served(any_world) == ["three", "two"]
    assert (await root.post("/api/channel/batch", {"ids": [1, 2]}))["data"] == 1
    await root.post("/api/channel/3/status", {"status": 2})
    assert (await root.delete("/api/channel/disabled"))["data"] == 1
    assert (await named(root), await served(context)) == ([], [])
    assert [one["params"] for one in (await audited(context)) if one["action"].startswith("channel.delete")] == [
        {"id": 1, "name": "one"},
        {"count": 1},
        {"count": 1},
    ]
    await make(root, name="four")
    assert (await stored(context, 4)).name == "four"  # the id of a removed channel is never given again


async def test_the_routing_index_can_be_derived_anew(any_world: World) -> None:
    await three(any_world)
    before = await served(any_world.context)
    async with any_world.context.database.write() as session:
        await session.execute(delete(ServedModel))
        session.add(ServedModel(group="default", model="ghost", channel_id=1))
        (await session.get_one(Channel, 3)).groups = "g" * 70
    assert (await any_world.root.post("/api/channel/fix"))["data"] == {"success": 2, "fails": 1}
    assert await served(any_world.context) == [row for row in before if row[2] != 3]
