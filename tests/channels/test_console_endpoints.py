"""Channels for the console: rows, filters, ids of what is made, keys by their ends, models without a price."""

from typing import Any

import pytest
from sqlalchemy import select

from faregate.channels.models import Credential
from faregate.channels.snapshot import CREDENTIAL_PURPOSE
from faregate.kernel.secrets import Vault
from tests.api.world import Client, World
from tests.channels.scene import Provider, Site, administrator, make, open_provider, stored

PATH = "/api/console/channels"


async def names(client: Client, query: str = "") -> list[str]:
    found = await client.get(f"{PATH}?{query}")
    assert found["success"], found
    return [row["name"] for row in found["data"]["items"]]


async def several(world: World) -> None:
    """one: on, tag a; two: off by hand, tag b; three: off by itself, no tag, group vip."""
    await make(world.root, name="one", tag="a", priority=5)
    await make(world.root, name="two", tag="b", type=14, base_url="https://two.example", key="sk-second")
    await make(world.root, name="three", group="vip,default", models="m-1,m-2", priority=9)
    await world.root.post("/api/channel/2/status", {"status": 2})
    async with world.context.database.write() as session:
        row = await stored(world.context, 3)
        row.status, row.status_reason, row.status_at = 3, "status_code=401, bad key", 1_700_000_000
        await session.merge(row)


async def test_a_row_tells_what_a_list_shows(any_world: World) -> None:
    await several(any_world)
    (row,) = (await any_world.root.get(f"{PATH}?q=three"))["data"]["items"]
    assert row == {
        "id": 3,
        "type": 1,
        "name": "three",
        "status": 3,
        "status_reason": "status_code=401, bad key",
        "status_at": 1_700_000_000,
        "models": 2,
        "groups": ["vip", "default"],
        "tag": "",
        "priority": 9,
        "weight": 0,
        "tested_at": 0,
        "response_ms": 0,
        "failure": "",
        "used_quota": 0,
        "remark": "",
        "keys": 0,
        "keys_on": 0,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["three", "one", "two"]),
        ("status=enabled", ["one"]),
        ("status=by_hand", ["two"]),
        ("status=by_itself", ["three"]),
        ("type=14", ["two"]),
        ("group=vip", ["three"]),
        ("tag=a", ["one"]),
        ("q=two.example", ["two"]),
        ("q=sk-second", ["two"]),
        ("sort=name&ascending=true", ["one", "three", "two"]),
        ("by_tag=true", ["one", "two", "three"]),
        ("page_size=1&p=2", ["one"]),
    ],
)
async def test_rows_are_filtered_and_ordered(any_world: World, query: str, found: list[str]) -> None:
    await several(any_world)
    assert await names(any_world.root, query) == found


async def test_a_page_counts_types_and_tags_beside_its_rows(any_world: World) -> None:
    await several(any_world)
    data = (await any_world.root.get(f"{PATH}?type=14"))["data"]
    assert (data["total"], data["page"], data["page_size"]) == (1, 1, 10)
    assert data["types"] == {"1": 2, "14": 1}
    assert data["tags"] == [{"tag": "a", "channels": 1, "on": 1}, {"tag": "b", "channels": 1, "on": 0}]


@pytest.mark.parametrize("query", ["status=odd", "sort=key", "q=%00", "tag=" + "x" * 256])
async def test_filters_that_make_no_sense_are_refused(world: World, query: str) -> None:
    refused = await world.root.get(f"{PATH}?{query}")
    assert refused["success"] is False
    assert query.partition("=")[0] in refused["message"]


async def test_making_tells_the_ids(world: World) -> None:
    channel = {"type": 1, "name": "one", "key": "sk-1\nsk-2", "models": "m-1"}
    made = await world.root.post(PATH, {"mode": "batch", "channel": channel})
    assert made == {"success": True, "message": "", "data": [1, 2]}
    refused = await world.root.post(PATH, {"mode": "odd", "channel": channel})
    assert refused["message"] == "mode must be single, batch or multi_to_single."


async def test_keys_are_shown_by_their_ends(any_world: World) -> None:
    await make(any_world.root, mode="multi_to_single", key="sk-a-long-key-1111\nsk-short\nsk-a-long-key-2222")
    off = {"channel_id": 1, "action": "disable_key", "key_index": 2}
    assert (await any_world.root.post("/api/channel/multi_key/manage", off))["success"]
    data = (await any_world.root.get(f"{PATH}/1/keys"))["data"]
    at = int(any_world.clock.at)
    expected: list[dict[str, Any]] = [
        {"position": 0, "head": "sk-a-long-...", "tail": "1111", "status": 1, "reason": "", "since": 0},
        {"position": 1, "head": "sk-sh...", "tail": "", "status": 1, "reason": "", "since": 0},
        {"position": 2, "head": "sk-a-long-...", "tail": "2222", "status": 2, "reason": "", "since": at},
    ]
    assert data == {
        "items": expected, "total": 3, "page": 1, "page_size": 10, "on": 2, "by_hand": 1, "by_itself": 0,
    }  # fmt: skip
    assert (await any_world.root.get(f"{PATH}/1/keys?status=2"))["data"]["items"] == expected[2:]
    assert (await any_world.root.get(f"{PATH}/1/keys?page_size=1&p=2"))["data"]["items"] == expected[1:2]
    (row,) = (await any_world.root.get(PATH))["data"]["items"]
    assert (row["keys"], row["keys_on"]) == (3, 2)


async def test_keys_of_no_channel_or_of_one_with_a_single_key_are_refused(world: World) -> None:
    await make(world.root)
    assert (await world.root.get(f"{PATH}/1/keys"))["message"] == "This channel does not have several keys."
    assert (await world.root.get(f"{PATH}/9/keys"))["message"] == "There is no such channel."
    assert "status" in (await world.root.get(f"{PATH}/1/keys?status=4"))["message"]


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", PATH, "channel.read"),
        ("POST", PATH, "channel.sensitive_write"),
        ("GET", f"{PATH}/1/keys", "channel.read"),
    ],
)
async def test_they_are_for_administrators_with_the_right(world: World, method: str, path: str, right: str) -> None:
    ann = await world.user("ann")
    ada = await administrator(world, read=False)
    body = {} if method == "POST" else None
    assert (await world.public.call(method, path, body)).status_code == 401
    assert (await ann.call(method, path, body)).status_code == 403
    refused = await ada.call(method, path, body)
    assert (refused.status_code, right in refused.text) == (403, True)


async def test_why_a_test_failed_stays_until_one_passes(site: Site) -> None:
    async with open_provider() as provider:
        await check_failure(site, provider)


async def check_failure(site: Site, provider: Provider) -> None:
    await site.channel(type=1, key="sk-up", base_url=provider.url, models="m-1")
    provider.says("/v1/chat/completions", {"error": {"message": "no money on sk-up", "code": "x"}}, 402)
    await site.get("/api/channel/test/1")
    (row,) = (await site.get(PATH))["data"]["items"]
    assert row["failure"] == "no money on ***"
    assert row["tested_at"] > 0
    copied = (await site.call("POST", "/api/channel/copy/1")).json()
    assert ((await stored(site.context, copied["data"]["id"])).test_failure) is None
    provider.says("/v1/chat/completions", {"id": "c", "object": "chat.completion", "created": 1, "choices": []})
    assert (await site.get("/api/channel/test/1"))["success"]
    row = (await site.get(f"{PATH}?sort=id&ascending=true"))["data"]["items"][0]
    assert row["failure"] == ""
    assert row["tested_at"] == (await stored(site.context, 1)).tested_at > 0


async def test_keys_sealed_with_another_master_secret_are_listed_and_may_be_replaced(world: World) -> None:
    await make(world.root, mode="multi_to_single", key="sk-a-long-key-1111\nsk-a-long-key-2222")
    async with world.context.database.write() as session:
        first = (await session.scalars(select(Credential).where(Credential.position == 0))).one()
        first.sealed = Vault(b"o" * 32).seal(CREDENTIAL_PURPOSE, "1", "sk-a-long-key-1111")
    shown = (await world.root.get(f"{PATH}/1/keys"))["data"]["items"]
    assert [row["tail"] for row in shown] == ["", "2222"]
    refused = await world.root.post("/api/channel/copy/1")
    assert refused["message"] == "Key 0 of channel 1 was sealed with another master secret: enter it anew."
    assert (await world.root.delete("/api/channel/1"))["success"]
