"""Models and prices of the console."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from faregate.channels.models import DISABLED, Channel, ServedModel
from faregate.storage import Database
from tests.api.world import Client, World, open_world

SETTINGS: dict[str, Any] = {
    "ModelRatio": {"per-token": 3, "vip-only": 4, "not-served": 1},
    "CompletionRatio": {"per-token": 4},
    "CacheRatio": {"per-token": 0.1},
    "CreateCacheRatio": {},
    "ModelPrice": {"per-call": 0.04},
    "GroupRatio": {"default": 1, "vip": 0.5, "secret": 9},
    "GroupGroupRatio": {},
    "UserUsableGroups": {"default": "everyone"},
    "faregate.use_catalogue": False,
}
SERVED = (("default", "per-token", 1), ("vip", "per-token", 1), ("vip", "per-token", 3), ("default", "per-call", 1))
MORE = (("vip", "vip-only", 1), ("default", "unpriced", 3), ("default", "off", 2), ("all", "open", 1))
NO_PRICE = dict.fromkeys(
    ("input", "output", "cache_read", "cache_write", "image_in", "audio_in", "audio_out", "per_call")
)
PATH = "/api/console/models"


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """A world with prices, groups, two enabled channels and a disabled one."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        for key, value in SETTINGS.items():
            assert (await opened.root.put("/api/option/", {"key": key, "value": json.dumps(value)}))["success"]
        async with sqlite.write() as session:
            session.add_all([Channel(id=1, name="first"), Channel(id=2, status=DISABLED)])
            session.add(Channel(id=3, name="third", priority=5))
            session.add_all(
                [ServedModel(group=group, model=model, channel_id=ident) for group, model, ident in (*SERVED, *MORE)]
            )
        yield opened


async def names(client: Client, query: str = "") -> list[str]:
    return [one["model"] for one in (await client.get(f"{PATH}?page_size=100{query}"))["data"]["items"]]


async def view(client: Client, model: str, query: str = "") -> dict[str, Any]:
    return (await client.get(f"{PATH}/price?model={model}{query}"))["data"]


async def option(world: World, key: str) -> dict[str, float]:
    rows = (await world.root.get("/api/option/"))["data"]
    return json.loads(next(row["value"] for row in rows if row["key"] == key))


async def change(world: World, model: str, price: object) -> Any:
    asked = {"model": model, "revision": (await view(world.root, model))["revision"], "price": price}
    return await world.root.put(f"{PATH}/price", {"changes": [asked]})


async def test_administrators_list_what_is_served_unpriced_or_priced(world: World) -> None:
    served = ["open", "per-call", "per-token", "unpriced", "vip-only"]
    assert await names(world.root) == served
    assert await names(world.root, "&show=unpriced") == ["open", "unpriced"]
    assert await names(world.root, "&show=all") == sorted([*served, "not-served"])
    assert await names(world.root, "&show=all&find=PER-") == ["per-call", "per-token"]
    page = (await world.root.get(f"{PATH}?p=2&page_size=2"))["data"]
    assert [one["model"] for one in page.pop("items")] == ["per-token", "unpriced"]
    assert page == {
        "page": 2,
        "page_size": 2,
        "total": 5,
        "served": 5,
        "unpriced": 2,
        "group": "default",
        "groups": [
            {"name": "default", "ratio": 1, "is_served": True},
            {"name": "secret", "ratio": 9, "is_served": True},
            {"name": "vip", "ratio": 0.5, "is_served": True},
        ],
    }


async def test_a_line_has_the_price_and_what_the_group_makes_of_it(world: World) -> None:
    rows = (await world.root.get(f"{PATH}?group=vip"))["data"]["items"]
    lines = {one["model"]: one for one in rows}
    assert len(lines["per-token"].pop("revision")) == 16
    assert lines["per-token"] == {
        "model": "per-token",
        "is_served": True,
        "origin": "operator",
        "price": NO_PRICE
        | {
            "input": 6,
            "output": 24,
            "cache_read": 0.6,
            "cache_write": 7.5,
            "image_in": 6,
            "audio_in": 6,
            "audio_out": 24,
        },
        "own": ["input", "output", "cache_read"],
        "output_factor": 1,
        "is_output_fixed": False,
        "final": NO_PRICE
        | {
            "input": 3,
            "output": 12,
            "cache_read": 0.3,
            "cache_write": 3.75,
            "image_in": 3,
            "audio_in": 3,
            "audio_out": 12,
        },
        "groups": ["default", "vip"],
        "channels": 2,
    }
    assert (lines["per-call"]["price"], lines["per-call"]["final"]["per_call"]) == (NO_PRICE | {"per_call": 0.04}, 0.02)
    assert (lines["unpriced"]["price"], lines["unpriced"]["final"]) == (None, None)
    assert (lines["unpriced"]["origin"], lines["unpriced"]["own"]) == ("unset", [])
    assert lines["open"]["groups"] == ["default", "secret", "vip"]


async def test_a_user_sees_what_its_groups_may_call(world: World) -> None:
    ann = await world.user("ann")
    assert await names(ann, "&show=all") == ["open", "per-call", "per-token", "unpriced"]
    assert await names(ann, "&show=unpriced") == ["open", "unpriced"]
    assert (await view(ann, "per-token"))["serving"] == []
    page = (await ann.get(PATH))["data"]
    assert ([one["channels"] for one in page["items"]], page["groups"]) == (
        [0, 0, 0, 0],
        [{"name": "default", "ratio": 1, "is_served": True}],
    )
    refused = await ann.get(f"{PATH}?group=vip")
    assert (refused["success"], refused["message"]) == (False, "group must be one of default.")
    for model in ("vip-only", "not-served"):
        refused = await ann.get(f"{PATH}/price?model={model}")
        assert (refused["success"], refused["message"]) == (False, f"Nothing serves or prices the model {model!r}.")


async def test_an_administrator_who_may_not_read_channels_sees_prices_without_them(world: World) -> None:
    boss = await world.user("boss", role=10)
    edit = {"id": boss.id, "username": "boss", "admin_permissions": {"channel": {"read": False}}}
    assert (await world.root.put("/api/user/", edit))["success"]
    assert "not-served" in await names(boss, "&show=all")
    assert {one["channels"] for one in (await boss.get(PATH))["data"]["items"]} == {0}
    found = await view(boss, "per-token")
    assert (found["channels"], found["serving"]) == (0, [])


async def test_one_model_has_what_an_editor_needs(world: World) -> None:
    found = await view(world.root, "per-token")
    assert len(found["revision"]) == 16
    assert (found["priced_as"], found["shipped"]) == ("per-token", None)
    assert (found["output_factor"], found["is_output_fixed"]) == (1, False)
    assert found["group_prices"] == [
        {"name": "default", "ratio": 1, "is_served": True},
        {"name": "secret", "ratio": 9, "is_served": False},
        {"name": "vip", "ratio": 0.5, "is_served": True},
    ]
    assert found["serving"] == [
        {"id": 3, "name": "third", "groups": ["vip"]},
        {"id": 1, "name": "first", "groups": ["default", "vip"]},
    ]
    assert (await view(world.root, "not-served"))["is_served"] is False


async def test_the_catalogue_counts_among_all(world: World) -> None:
    assert "GLM-4-Air" not in await names(world.root, "&show=all&find=GLM-4-Air")
    await world.root.put("/api/option/", {"key": "faregate.use_catalogue", "value": "true"})
    assert "GLM-4-Air" in await names(world.root, "&show=all&find=GLM-4-Air")
    found = await view(world.root, "GLM-4-Air")
    assert (found["origin"], found["price"]["input"], found["shipped"]["input"]) == ("shipped", 0.069, 0.069)


async def test_a_price_in_dollars_becomes_ratios(world: World) -> None:
    got = await change(world, "per-token", {"input": 3, "output": 10, "cache_read": None, "cache_write": 3.75})
    assert got["success"], got
    assert (await option(world, "ModelRatio")) == SETTINGS["ModelRatio"] | {"per-token": 1.5}
    assert (await option(world, "CompletionRatio")) == {"per-token": 10 / 3}
    assert (await option(world, "CacheRatio"), await option(world, "CreateCacheRatio")) == ({}, {"per-token": 1.25})
    price = (await view(world.root, "per-token"))["price"]
    assert (price["input"], price["output"], price["cache_write"]) == (3, 10, 3.75)
    listed = (await world.root.get("/api/pricing"))["data"]
    assert next(one for one in listed if one["model_name"] == "per-token")["model_ratio"] == 1.5
    line = (await world.root.get("/api/log/?type=3"))["data"]["items"][0]
    assert line["content"] == "changed prices: per-token from $6 in, $24 out to $3 in, $10 out"


async def test_several_prices_are_changed_at_once_or_not_at_all(world: World) -> None:
    models = ("per-token", "unpriced", "per-call")
    revisions = {model: (await view(world.root, model))["revision"] for model in models}

    def asked(**prices: object) -> dict[str, object]:
        told = {name.replace("_", "-"): price for name, price in prices.items()}
        return {"changes": [{"model": m, "revision": revisions[m], "price": price} for m, price in told.items()]}

    bad = await world.root.put(f"{PATH}/price", asked(per_token={"input": 1}, unpriced={"input": 0, "output": 2}))
    assert not bad["success"]
    assert (await option(world, "ModelRatio")) == SETTINGS["ModelRatio"]
    good = asked(per_token={"per_call": 0.5}, unpriced={"input": 1, "output": 2}, per_call={"input": 2, "output": 2})
    assert (await world.root.put(f"{PATH}/price", good))["success"]
    assert await option(world, "ModelPrice") == {"per-token": 0.5}
    assert await names(world.root, "&show=unpriced") == ["open"]
    line = (await world.root.get("/api/log/?type=3"))["data"]["items"][0]["content"]
    assert "unpriced from nothing, having no price to $1 in, $2 out" in line
    assert "per-call from $0.04 a call to $2 in, $2 out" in line


async def test_a_price_that_changed_meanwhile_is_not_overwritten(world: World) -> None:
    old = (await view(world.root, "per-token"))["revision"]
    other = (await view(world.root, "vip-only"))["revision"]
    assert (await change(world, "per-token", {"input": 5, "output": 5}))["success"]
    asked = {"changes": [{"model": "per-token", "revision": old, "price": {"input": 7, "output": 7}}]}
    answer = await world.root.call("PUT", f"{PATH}/price", asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "PRICE_CHANGED")
    assert answer.json()["message"] == (
        "The price was changed meanwhile: per-token now costs $5 in, $5 out. Nothing was saved."
    )
    asked = {"changes": [{"model": "vip-only", "revision": other, "price": {"input": 7, "output": 7}}]}
    assert (await world.root.put(f"{PATH}/price", asked))["success"]
    assert (await view(world.root, "per-token"))["price"]["input"] == 5


async def test_null_is_the_shipped_price(world: World) -> None:
    await world.root.put("/api/option/", {"key": "ModelRatio", "value": '{"gpt-4o": 7}'})
    assert (await view(world.root, "gpt-4o"))["shipped"]["input"] == 2.5
    assert (await change(world, "gpt-4o", None))["success"]
    assert await option(world, "ModelRatio") == {"gpt-4o": 1.25}
    assert (await change(world, "per-call", None))["success"]
    assert (await view(world.root, "per-call"))["origin"] == "unset"


async def test_saving_what_is_there_changes_nothing(world: World) -> None:
    before = (await world.root.get("/api/log/?type=3"))["data"]["total"]
    assert (await change(world, "per-call", {"per_call": 0.04}))["success"]
    assert await option(world, "ModelPrice") == {"per-call": 0.04}
    lines = (await world.root.get("/api/log/?type=3"))["data"]
    assert not any("per-call from" in one["content"] for one in lines["items"][: lines["total"] - before])


@pytest.mark.parametrize(
    "body",
    [
        {"changes": []},
        {"changes": [{"model": "m", "revision": "", "price": {"input": -1}}]},
        {"changes": [{"model": "m", "revision": "", "price": {"input": 1e7}}]},
        {"changes": [{"model": "", "revision": "", "price": None}]},
        {"changes": [{"model": "m", "revision": "", "price": {"inputs": 1}}]},
        {"changes": [{"model": "m", "revision": "", "price": None}] * 2},
    ],
)
async def test_bad_changes_are_refused(world: World, body: object) -> None:
    got = await world.root.put(f"{PATH}/price", body)
    assert not got["success"]
    assert got["message"]


async def test_only_root_changes_prices(world: World) -> None:
    for client in (await world.user("ann"), await world.user("bob", role=10)):
        body = {"changes": [{"model": "m", "revision": "", "price": None}]}
        assert (await client.call("PUT", f"{PATH}/price", body)).status_code == 403
    assert (await Client(world).call("GET", PATH)).status_code == 401
    assert (await Client(world).call("GET", f"{PATH}/price?model=per-token")).status_code == 401


async def test_a_price_higher_than_an_editor_may_send_is_shown_to_everybody(world: World) -> None:
    tables = {"ModelRatio": {"per-token": 9e11}, "CompletionRatio": {"per-token": 9e11}, "GroupRatio": {"default": 1e9}}
    for key, table in tables.items():
        assert (await world.root.put("/api/option/", {"key": key, "value": json.dumps(table)}))["success"]
    for client in (world.root, await world.user("ann")):
        page = await client.get(PATH)
        assert next(one for one in page["data"]["items"] if one["model"] == "per-token")["price"]["input"] == 1.8e12
        assert (await view(client, "per-token"))["final"]["output"] > 1e30
    assert (await change(world, "per-token", {"input": 3, "output": 3}))["success"]
