"""Prices over the wire."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from faregate.channels.models import DISABLED, Channel, ServedModel
from faregate.storage import Database
from tests.api.world import Client, World, open_world

SETTINGS: dict[str, Any] = {
    "ModelRatio": {"per-token": 2, "vip-only": 4, "claude-3-opus-x": 7.5},
    "CompletionRatio": {"per-token": 3, "claude-3-opus-x": 2},
    "CacheRatio": {"per-token": 0.1},
    "ImageRatio": {"per-token": 2.5},
    "ModelPrice": {"per-call": 0.04},
    "GroupRatio": {"default": 1, "vip": 0.5, "secret": 9},
    "GroupGroupRatio": {"vip": {"default": 0.8}},
    "UserUsableGroups": {"default": "everyone", "vip": "paying"},
    "AutoGroups": ["vip", "default", "secret"],
}
SERVED = (("default", "per-token"), ("vip", "per-token"), ("default", "per-call"), ("vip", "vip-only"))


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """A world with prices, groups, an enabled channel of type 14 and a disabled one."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        for key, value in SETTINGS.items():
            assert (await opened.root.put("/api/option/", {"key": key, "value": json.dumps(value)}))["success"]
        async with sqlite.write() as session:
            session.add_all([Channel(id=1, type=14), Channel(id=2, type=1, status=DISABLED)])
            more = (("default", "claude-3-opus-x"), ("default", "unpriced"), ("secret", "secret-only"), ("all", "open"))
            served = [ServedModel(group=group, model=model, channel_id=1) for group, model in (*SERVED, *more)]
            session.add_all([*served, ServedModel(group="default", model="off", channel_id=2)])
        yield opened


def line(page: dict[str, Any], model: str) -> dict[str, Any]:
    return next(one for one in page["data"] if one["model_name"] == model)


async def test_a_visitor_sees_what_the_open_groups_may_call(world: World) -> None:
    page = await Client(world).get("/api/pricing")
    names = [one["model_name"] for one in page["data"]]
    assert names == ["claude-3-opus-x", "open", "per-call", "per-token", "unpriced", "vip-only"]
    assert (page["group_ratio"], page["usable_group"]) == ({"default": 1, "vip": 0.5}, SETTINGS["UserUsableGroups"])
    assert (page["auto_groups"], page["vendors"], page["success"]) == (["vip", "default"], [], True)
    assert len(page["pricing_version"]) == 32


async def test_a_line_says_how_a_model_is_priced(world: World) -> None:
    page = await world.root.get("/api/pricing")
    plain = {"owner_by": "", "supported_endpoint_types": []}
    assert line(page, "per-token") == plain | {
        "model_name": "per-token",
        "quota_type": 0,
        "model_ratio": 2,
        "model_price": 0,
        "completion_ratio": 3,
        "cache_ratio": 0.1,
        "image_ratio": 2.5,
        "enable_groups": ["default", "vip"],
    }
    assert line(page, "per-call") == plain | {
        "model_name": "per-call",
        "quota_type": 1,
        "model_ratio": 0,
        "model_price": 0.04,
        "completion_ratio": 0,
        "enable_groups": ["default"],
    }
    assert line(page, "unpriced")["model_ratio"] == 37.5
    assert line(page, "claude-3-opus-x")["completion_ratio"] == 5


async def test_a_user_sees_its_own_ratios_and_group(world: World) -> None:
    vip = await world.user("vip")
    await world.root.put("/api/user/", {"id": vip.id, "username": "vip", "group": "vip"})
    vip = await world.sign_in("vip")
    assert (await vip.get("/api/pricing"))["group_ratio"] == {"default": 0.8, "vip": 0.5}
    await world.root.put("/api/user/", {"id": vip.id, "username": "vip", "group": "secret"})
    vip = await world.sign_in("vip")
    page = await vip.get("/api/pricing")
    assert page["group_ratio"] == {"default": 1, "vip": 0.5, "secret": 9}
    assert line(page, "secret-only")["enable_groups"] == ["secret"]
    assert page["auto_groups"] == ["vip", "default", "secret"]


async def test_the_page_may_ask_for_signing_in(world: World) -> None:
    modules = json.dumps({"pricing": {"enabled": True, "requireAuth": True}})
    await world.root.put("/api/option/", {"key": "HeaderNavModules", "value": modules})
    answer = await Client(world).call("GET", "/api/pricing")
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_UNAUTHORIZED")
    assert (await world.root.get("/api/pricing"))["success"]


async def test_the_page_may_be_switched_off(world: World) -> None:
    await world.root.put("/api/option/", {"key": "HeaderNavModules", "value": '{"pricing": false}'})
    answer = await world.root.call("GET", "/api/pricing")
    assert (answer.status_code, answer.json()["success"]) == (403, False)


async def test_the_tables_are_published_when_the_operator_says_so(world: World) -> None:
    answer = await Client(world).call("GET", "/api/ratio_config")
    assert (answer.status_code, answer.json()["success"]) == (403, False)
    await world.root.put("/api/option/", {"key": "ExposeRatioEnabled", "value": "true"})
    tables = (await Client(world).get("/api/ratio_config"))["data"]
    assert sorted(tables) == ["cache_ratio", "completion_ratio", "create_cache_ratio", "model_price", "model_ratio"]
    assert (tables["model_ratio"], tables["model_price"]) == (SETTINGS["ModelRatio"], SETTINGS["ModelPrice"])


async def test_the_ratios_go_back_to_the_shipped_ones(world: World) -> None:
    assert (await world.root.post("/api/option/rest_model_ratio"))["success"]
    ratios = next(one for one in (await world.root.get("/api/option/"))["data"] if one["key"] == "ModelRatio")["value"]
    assert "per-token" not in json.loads(ratios)
    assert json.loads(ratios)["gpt-4o"] == 1.25
    assert line(await world.root.get("/api/pricing"), "per-call")["model_price"] == 0.04


async def test_only_root_resets_the_ratios(world: World) -> None:
    ann = await world.user("ann", role=10)
    assert (await ann.call("POST", "/api/option/rest_model_ratio")).status_code == 403
    assert line(await world.root.get("/api/pricing"), "per-token")["model_ratio"] == 2
