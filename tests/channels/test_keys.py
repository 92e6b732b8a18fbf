"""The keys of a channel that has several."""

from typing import Any

import pytest

from tests.api.world import Client, World
from tests.channels.scene import administrator, audited, make, secrets, stored


async def manage(client: Client, action: str, **more: Any) -> dict[str, Any]:
    return await client.post("/api/channel/multi_key/manage", {"channel_id": 1, "action": action, **more})


@pytest.fixture
async def many(any_world: World) -> World:
    keys = "\n".join(f"sk-key-number-{number}" for number in range(4))
    await make(any_world.root, "multi_to_single", key=keys)
    return any_world


async def test_keys_are_switched_by_place(many: World) -> None:
    assert (await manage(many.root, "disable_key", key_index=1))["message"] == "The key is off."
    page = (await manage(many.root, "get_key_status", status=2))["data"]
    state = {"index": 1, "status": 2, "disabled_time": int(many.clock.at), "reason": None}
    assert page["keys"] == [{**state, "key_preview": "sk-key-num..."}]
    assert (page["total"], page["enabled_count"], page["manual_disabled_count"]) == (1, 3, 1)
    assert (await many.root.get("/api/channel/"))["data"]["items"][0]["channel_info"] == {
        "is_multi_key": True,
        "multi_key_size": 4,
        "multi_key_status_list": {"1": 2},
        "multi_key_polling_index": 0,
        "multi_key_mode": "random",
    }
    assert (await manage(many.root, "enable_key", key_index=1))["success"]
    assert [status for _, _, status in await secrets(many.context, 1)] == [1, 1, 1, 1]


async def test_all_keys_off_leave_the_channel_itself_on(many: World) -> None:
    assert (await manage(many.root, "disable_all_keys"))["message"] == "4 keys are off."
    assert not (await manage(many.root, "disable_all_keys"))["success"]
    assert (await stored(many.context, 1)).status == 1
    assert (await manage(many.root, "enable_all_keys"))["message"] == "4 keys are on."
    assert (await manage(many.root, "enable_all_keys"))["success"]


async def test_places_move_up_with_their_states_when_a_key_goes(many: World) -> None:
    await manage(many.root, "disable_key", key_index=3)
    assert (await manage(many.root, "delete_key", key_index=0))["success"]
    assert await secrets(many.context, 1) == [
        (0, "sk-key-number-1", 1),
        (1, "sk-key-number-2", 1),
        (2, "sk-key-number-3", 2),
    ]


async def test_only_keys_that_were_switched_off_by_themselves_are_removed_together(many: World) -> None:
    await manage(many.root, "disable_key", key_index=0)
    assert not (await manage(many.root, "delete_disabled_keys"))["success"]


async def test_the_last_key_stays(many: World) -> None:
    for _ in range(3):
        assert (await manage(many.root, "delete_key", key_index=0))["success"]
    assert (await manage(many.root, "delete_key", key_index=0))["message"] == "The last key of a channel stays."


@pytest.mark.parametrize(("page", "shown"), [(1, [0, 1, 2]), (2, [3]), (50, [3]), (0, [0, 1, 2])])
async def test_states_come_in_pages_and_a_page_too_far_is_the_last(world: World, page: int, shown: list[int]) -> None:
    await make(world.root, "multi_to_single", key="a1\na2\na3\na4")
    found = (await manage(world.root, "get_key_status", page=page, page_size=3))["data"]
    assert ([key["index"] for key in found["keys"]], found["total_pages"]) == (shown, 2)


async def test_short_keys_are_not_shown_whole(world: World) -> None:
    await make(world.root, "multi_to_single", key="sk-3\nsk-another")
    previews = [key["key_preview"] for key in (await manage(world.root, "get_key_status"))["data"]["keys"]]
    assert previews == ["sk...", "sk-ano..."]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"action": "disable_key"}, "key_index must be between 0 and 1."),
        ({"action": "disable_key", "key_index": 9}, "key_index must be between 0 and 1."),
        ({"action": "enable_key", "key_index": -1}, "key_index must be between 0 and 1."),
        ({"action": "dance"}, "There is no action 'dance'."),
        ({"action": "get_key_status", "channel_id": 99}, "There is no such channel."),
        ({"action": "get_key_status", "channel_id": 2}, "This channel does not have several keys."),
        ({"action": "disable_all_keys", "channel_id": 2}, "This channel does not have several keys."),
    ],
)
async def test_what_cannot_be_done_to_keys_is_refused(world: World, asked: dict[str, Any], why: str) -> None:
    await make(world.root, "multi_to_single", key="sk-a\nsk-b")
    await make(world.root)
    assert (await manage(world.root, **asked)) == {"success": False, "message": why}


async def test_removing_keys_needs_the_sensitive_right_and_switching_does_not(world: World) -> None:
    await make(world.root, "multi_to_single", key="sk-a\nsk-b")
    ada = await administrator(world, operate=True)
    assert "channel.sensitive_write" in (await manage(ada, "delete_key", key_index=0))["message"]
    assert (await manage(ada, "disable_key", key_index=0))["success"]
    assert len(await secrets(world.context, 1)) == 2


async def test_looking_leaves_nothing_in_the_audit_log(world: World) -> None:
    await make(world.root, "multi_to_single", key="sk-a\nsk-b")
    before = len(await audited(world.context))
    await manage(world.root, "get_key_status")
    assert len(await audited(world.context)) == before
    await manage(world.root, "disable_key", key_index=0)
    assert (await audited(world.context))[-1] == {
        "action": "channel.multi_key_manage",
        "params": {"id": 1, "action": "disable_key"},
    }
