"""Making channels: every mode, what is stored of the keys, copies, every refusal."""

import pytest
from sqlalchemy import select

from faregate.channels.models import Channel, Credential
from tests.api.world import World
from tests.channels.scene import administrator, audited, credential_ids, make, named, secrets, served, stored


async def test_a_single_channel_keeps_its_key_as_it_is_and_is_served_at_once(any_world: World) -> None:
    key = '{"type": "service_account",\n "project": "p"}'
    assert await make(any_world.root, key=key, models=" m-1, m-2 ,m-1,", group="default,vip") == {
        "success": True,
        "message": "",
    }
    context = any_world.context
    assert await secrets(context, 1) == [(0, key, 1)]
    assert await served(context) == [("default", "m-1", 1), ("default", "m-2", 1), ("vip", "m-1", 1), ("vip", "m-2", 1)]
    shown = (await any_world.root.get("/api/channel/1"))["data"]
    assert (shown["models"], shown["group"], shown["key"]) == ("m-1,m-2", "default,vip", "")
    assert await audited(context) == [{"action": "channel.create", "params": {"count": 1, "name": "one", "type": 1}}]


async def test_the_lines_around_a_copied_key_are_not_part_of_it(world: World) -> None:
    assert (await make(world.root, key="\n sk-abc\n"))["success"]
    assert await secrets(world.context, 1) == [(0, "sk-abc", 1)]


async def test_proxies_and_headers_that_can_be_are_kept(world: World) -> None:
    setting = '{"proxy": "socks5h://user:p%20w@[::1]:1080"}'
    headers = '{"*": "", "re:^x-": "", "regex:^y-.*": "", "X-Own_1": "a b", "X-N": 7}'
    assert (await make(world.root, setting=setting, header_override=headers))["success"]
    row = await stored(world.context, 1)
    assert (row.setting, row.header_override) == (setting, headers)


async def test_the_stored_key_is_sealed(world: World) -> None:
    await make(world.root, key="sk-very-secret")
    async with world.context.database.read() as session:
        row = await session.scalar(select(Credential))
    assert row is not None
    assert row.sealed.startswith("v1.")
    assert "secret" not in row.sealed + row.digest
    assert row.hint == "sk-very-s..."


async def test_a_batch_makes_one_channel_for_every_key_each_with_its_own_prefix(world: World) -> None:
    more = {"batch_add_set_key_prefix_2_name": True}
    await make(world.root, "batch", more, key="sk-one-1111-2222\n\nsk-two-1111-2222\n", name="b")
    assert await named(world.root) == ["b sk-one-1", "b sk-two-1"]
    assert await secrets(world.context, 2) == [(0, "sk-two-1111-2222", 1)]


async def test_many_keys_become_one_channel(any_world: World) -> None:
    more = {"multi_key_mode": "polling"}
    await make(any_world.root, "multi_to_single", more, key="sk-a\n sk-b \n\nsk-a\nsk-c")
    assert await secrets(any_world.context, 1) == [(0, "sk-a", 1), (1, "sk-b", 1), (2, "sk-c", 1)]
    shown = (await any_world.root.get("/api/channel/1"))["data"]["channel_info"]
    assert (shown["is_multi_key"], shown["multi_key_size"], shown["multi_key_mode"]) == (True, 3, "polling")


async def test_a_json_list_of_keys_is_split_into_its_elements(world: World) -> None:
    await make(world.root, "multi_to_single", key='[{"a": 1.10}, "sk-text"]')
    assert await secrets(world.context, 1) == [(0, '{"a": 1.10}', 1), (1, "sk-text", 1)]


async def test_the_sandbox_needs_no_key(world: World) -> None:
    assert (await make(world.root, type=1001, key=""))["success"]
    assert await secrets(world.context, 1) == [(0, "sandbox", 1)]


async def test_a_channel_may_be_made_switched_off_and_is_not_served(world: World) -> None:
    await make(world.root, status=2)
    assert (await stored(world.context, 1)).status == 2
    assert await served(world.context) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"key": ""}, "key must not be empty."),
        ({"key": "\n\n"}, "key must not be empty."),
        ({"models": "m" * 256}, "is longer than 255 characters"),
        ({"group": "g" * 65}, "is longer than 64 characters"),
        ({"setting": "{nope"}, "must be a JSON object"),
        ({"setting": '{"proxy": "ftp://x"}'}, "proxy must be an address"),
        ({"setting": '{"proxy": 7}'}, "proxy must be an address"),
        ({"setting": '{"proxy": "http://"}'}, "the proxy must be an http"),
        ({"setting": '{"proxy": "http://a:99999"}'}, "the proxy is not a URL"),
        ({"setting": '{"proxy": "http://a:0"}'}, "the host or the port of the proxy cannot be"),
        ({"setting": '{"proxy": "http://a..b"}'}, "the host or the port of the proxy cannot be"),
        ({"setting": '{"proxy": "http://u:p w@h:1"}'}, "must not contain blanks"),
        ({"setting": '{"proxy": " http://h:1"}'}, "must not contain blanks"),
        ({"setting": '{"proxy": "http://h:1\u2028"}'}, "must not contain blanks"),
        ({"header_override": '{"X Y": "v"}'}, "'X Y' is not the name of a header"),
        ({"header_override": '{"": "v"}'}, "'' is not the name of a header"),
        ({"header_override": '{"re:": true}'}, "'re:' is not the name of a header"),
        ({"header_override": '{"X-Y": "a\\r\\nb"}'}, "the value of 'X-Y' must be one line"),
        ({"settings": "[]"}, "must be a JSON object"),
        ({"model_mapping": '"a"'}, "must be a JSON object"),
        ({"param_override": "{"}, "must be a JSON object"),
        ({"base_url": "ftp://x"}, "must be an http or https address"),
        ({"base_url": "javascript:alert(1)"}, "must be an http or https address"),
        ({"base_url": "http://a.example/\u2028x"}, "must be an http or https address"),
        ({"base_url": "http://a.example/\u202ex"}, "must be an http or https address"),
        ({"base_url": "http://a.example/\u3000x"}, "must be an http or https address"),
        ({"type": 60}, "needs a base_url"),
        ({"type": 41, "key": "{}"}, "with the region"),
        ({"type": 41, "key": "{}", "other": '{"m": "us"}'}, "with the region"),
        ({"type": 57}, "access_token and account_id"),
        ({"type": 57, "key": '{"access_token": "t"}'}, "access_token and account_id"),
        ({"type": 57, "key": "[" * 5000}, "access_token and account_id"),
        ({"weight": -1}, "greater than or equal to 0"),
        ({"name": "n" * 192}, "at most 191 characters"),
        ({"name": "a\0b"}, "zero bytes"),
        ({"key": "[nope"}, "begins like a JSON array"),
    ],
)
async def test_what_cannot_be_a_channel_is_refused_and_leaves_nothing(
    world: World, wrong: dict[str, object], why: str
) -> None:
    mode = "batch" if wrong.get("key") == "[nope" else "single"
    answer = await make(world.root, mode, **wrong)
    assert not answer["success"]
    assert why in answer["message"]
    assert await named(world.root) == []
    assert await credential_ids(world.context, 1) == []


async def test_too_many_served_pairs_are_refused(world: World) -> None:
    models = ",".join(f"m{number}" for number in range(26_000))
    answer = await make(world.root, models=models, group="a,b")
    assert answer["message"] == "Models times groups is 52000; a channel takes at most 50000."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"mode": "other", "channel": {"key": "k"}}, "mode must be single, batch or multi_to_single."),
        ({"mode": "single"}, "channel is missing."),
        (b"{nope", "The request body is not valid JSON."),
    ],
)
async def test_a_creation_without_sense_is_refused(world: World, body: object, why: str) -> None:
    assert await world.root.post("/api/channel/", body) == {"success": False, "message": why}


async def test_half_a_character_is_refused(world: World) -> None:
    body = b'{"mode": "single", "channel": {"key": "k", "name": "\\ud800"}}'
    answer = await world.root.post("/api/channel/", body)
    assert answer["success"] is False
    assert "half a character" in answer["message"]


async def test_making_channels_needs_the_sensitive_right(world: World) -> None:
    ada = await administrator(world, write=True)
    answer = await ada.call("POST", "/api/channel/", {"mode": "single", "channel": {"key": "k"}})
    assert answer.status_code == 403


async def test_a_copy_has_the_keys_another_name_and_no_history(any_world: World) -> None:
    context = any_world.context
    await make(any_world.root, "multi_to_single", key="sk-a\nsk-b", name="source")
    async with context.database.write() as session:
        row = await session.get_one(Channel, 1)
        row.used_quota, row.balance, row.response_ms, row.tested_at = 5, 7.5, 9, 11
    assert (await any_world.root.post("/api/channel/copy/1"))["data"] == {"id": 2}
    assert (await any_world.root.post("/api/channel/copy/1?suffix=-b&reset_balance=false"))["data"] == {"id": 3}
    assert await named(any_world.root) == ["source", "source_复制", "source-b"]
    assert await secrets(context, 2) == [(0, "sk-a", 1), (1, "sk-b", 1)]
    second, third = await stored(context, 2), await stored(context, 3)
    assert (second.used_quota, second.balance, second.response_ms, second.tested_at) == (0, 0, 0, 0)
    assert (third.used_quota, third.balance, third.response_ms, third.tested_at) == (5, 7.5, 0, 0)
    assert ("default", "m-1", 2) in await served(context)
    copied = {"action": "channel.copy", "params": {"sourceId": 1, "id": 3, "name": "source-b"}}
    assert (await audited(context))[-1] == copied
    assert not (await any_world.root.post("/api/channel/copy/99"))["success"]
