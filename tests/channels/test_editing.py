"""Editing a channel: what stays, what counts as said, which fields need the sensitive right, what becomes of keys."""

import pytest
from sqlalchemy import update

from faregate.channels.models import Channel
from faregate.channels.publish import load_routing
from tests.api.world import World
from tests.channels.scene import administrator, audited, credential_ids, make, secrets, served, stored


async def test_what_is_left_out_or_empty_stays_and_nullable_fields_take_zero(any_world: World) -> None:
    root, context = any_world.root, any_world.context
    await make(root, weight=7, priority=5, tag="blue", model_mapping='{"a":"b"}', remark="r", base_url="http://u")
    await root.put("/api/channel/", {"id": 1, "name": "", "models": "", "group": "", "type": 0, "key": ""})
    row = await stored(context, 1)
    assert (row.name, row.models, row.groups, row.type) == ("one", "m-1", "default", 1)
    zeros = {"weight": 0, "priority": 0, "tag": "", "model_mapping": "", "remark": "", "base_url": ""}
    answer = await root.put("/api/channel/", {"id": 1, **zeros})
    assert {name: answer["data"][name] for name in zeros} == zeros
    assert await secrets(context, 1) == [(0, "sk-first", 1)]


async def test_the_audit_log_names_what_changed_and_never_a_value(world: World) -> None:
    await make(world.root)
    await world.root.put(
        "/api/channel/", {"id": 1, "name": "one", "group": "vip", "base_url": "http://u", "key": "sk-other"}
    )
    assert (await audited(world.context))[-1] == {
        "action": "channel.update",
        "params": {"id": 1, "name": "one", "changed_fields": ["group", "base_url", "key"]},
    }


async def test_new_models_and_groups_are_served_at_once(any_world: World) -> None:
    await make(any_world.root)
    await any_world.root.put("/api/channel/", {"id": 1, "models": "m-2", "group": "vip"})
    assert await served(any_world.context) == [("vip", "m-2", 1)]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"id": 1, "status": 2}, "status is changed by its own route."),
        ({"id": 99, "name": "x"}, "There is no such channel."),
        ({"id": 1, "setting": "{"}, "must be a JSON object"),
        ({"id": 1, "setting": '{"proxy": "http://a b:1"}'}, "must not contain blanks"),
        ({"id": 1, "header_override": '{"a:b": "v"}'}, "'a:b' is not the name of a header"),
        ({"id": 1, "status_code_mapping": '{"400": 1e999}'}, "must be a JSON object"),
        ({"id": 1, "status_code_mapping": '{"400": Infinity}'}, "must be a JSON object"),
        ({"id": 1, "model_mapping": '{"m-1": "\\ud800"}'}, "must be a JSON object"),
        ({"id": 1, "param_override": '{"a": ' + "[" * 30_000 + "}"}, "must be a JSON object"),
        ({"id": 1, "type": 60}, "needs a base_url"),
        ({"id": 1, "key_mode": "shuffle"}, "key_mode"),
        ([], "must be a JSON object"),
    ],
)
async def test_an_edit_without_sense_is_refused(world: World, edit: object, why: str) -> None:
    await make(world.root)
    answer = await world.root.put("/api/channel/", edit)
    assert not answer["success"]
    assert why in answer["message"]
    assert (await stored(world.context, 1)).type == 1


async def test_the_lines_around_a_copied_key_are_not_part_of_it(world: World) -> None:
    await make(world.root)
    assert (await world.root.put("/api/channel/", {"id": 1, "key": "sk-abc\n"}))["success"]
    assert await secrets(world.context, 1) == [(0, "sk-abc", 1)]


async def test_server_managed_fields_are_ignored(world: World) -> None:
    await make(world.root)
    managed = {"balance": 7.5, "used_quota": 1, "response_time": 9, "created_time": 5, "channel_info": {"x": 1}}
    assert (await world.root.put("/api/channel/", {"id": 1, **managed}))["success"]
    row = await stored(world.context, 1)
    assert (row.balance, row.used_quota, row.response_ms, row.created_at) == (0, 0, 0, int(world.clock.at))


@pytest.mark.parametrize(
    "edit",
    [{"base_url": "http://elsewhere"}, {"key": "sk-mine"}, {"type": 14}, {"setting": "{}"}, {"novelty": 1}],
)
async def test_pointing_a_channel_elsewhere_needs_the_sensitive_right(world: World, edit: dict[str, object]) -> None:
    await make(world.root, base_url="http://here")
    ada = await administrator(world, write=True)
    answer = await ada.put("/api/channel/", {"id": 1, "name": "renamed", **edit})
    assert answer["success"] is False
    assert "channel.sensitive_write" in answer["message"]
    row = await stored(world.context, 1)
    assert (row.name, row.base_url, row.type) == ("one", "http://here", 1)
    assert await secrets(world.context, 1) == [(0, "sk-first", 1)]


async def test_sending_sensitive_fields_back_unchanged_needs_no_right(world: World) -> None:
    await make(world.root, base_url="http://here")
    ada = await administrator(world, write=True)
    same = {"type": 1, "base_url": "http://here", "key": "sk-first", "other": "", "name": "renamed"}
    assert (await ada.put("/api/channel/", {"id": 1, **same}))["data"]["name"] == "renamed"


async def test_another_key_of_a_plain_channel_replaces_the_first(any_world: World) -> None:
    await make(any_world.root)
    before = await credential_ids(any_world.context, 1)
    await any_world.root.put("/api/channel/", {"id": 1, "key": "sk-other"})
    assert await secrets(any_world.context, 1) == [(0, "sk-other", 1)]
    assert await credential_ids(any_world.context, 1) != before


async def test_appended_keys_come_once_and_a_replacement_keeps_states_with_their_keys(any_world: World) -> None:
    root, context = any_world.root, any_world.context
    await make(root, "multi_to_single", key="sk-a\nsk-b\nsk-c")
    await root.post("/api/channel/multi_key/manage", {"channel_id": 1, "action": "disable_key", "key_index": 1})
    await root.put("/api/channel/", {"id": 1, "key": "sk-c\nsk-d\n", "key_mode": "append"})
    assert await secrets(context, 1) == [(0, "sk-a", 1), (1, "sk-b", 2), (2, "sk-c", 1), (3, "sk-d", 1)]
    kept = await credential_ids(context, 1)
    answer = await root.put("/api/channel/", {"id": 1, "key": "sk-d\nsk-x\nsk-b", "key_mode": "replace"})
    assert await secrets(context, 1) == [(0, "sk-d", 1), (1, "sk-x", 1), (2, "sk-b", 2)]
    now = await credential_ids(context, 1)
    assert (now[0], now[2]) == (kept[3], kept[1])
    assert answer["data"]["channel_info"]["multi_key_status_list"] == {"2": 2}
    assert (answer["data"]["key_mode"], answer["data"]["multi_key_mode"]) == ("replace", None)


async def test_the_way_keys_take_turns_may_change(world: World) -> None:
    await make(world.root, "multi_to_single", key="sk-a\nsk-b")
    answer = await world.root.put("/api/channel/", {"id": 1, "multi_key_mode": "polling"})
    assert answer["data"]["channel_info"]["multi_key_mode"] == "polling"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("status_code_mapping", '{"400": 1e999}'),
        ("setting", '{"proxy": "\\ud800"}'),
        ("settings", '{"a": ' + "[" * 30_000),
        ("model_mapping", "[" * 30_000),
    ],
)
async def test_a_row_that_cannot_be_read_leaves_the_routing_of_the_others(world: World, field: str, text: str) -> None:
    await make(world.root)
    await make(world.root, name="second", models="m-2")
    async with world.context.database.write() as session:
        await session.execute(update(Channel).where(Channel.id == 1).values({field: text}))
    routing = await load_routing(world.context.database, world.context.vault)
    assert routing.candidates("default", "m-2")
