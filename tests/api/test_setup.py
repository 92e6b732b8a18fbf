"""First start and set-up."""

import asyncio
import string

import pytest

from faregate.identity import SetupPresets, prepare_installation
from faregate.storage import Database
from tests.api.world import PASSWORD, SETUP_SECRET, Client, World, open_world

GOOD = {"username": "root", "password": PASSWORD, "confirmPassword": PASSWORD, "setup_secret": SETUP_SECRET}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"setup_secret": ""}, "setup_secret"),
        ({"setup_secret": "another"}, "setup_secret"),
        ({"username": "thirteen-long"}, "12 bytes"),
        ({"username": "  "}, "empty"),
        ({"confirmPassword": "other"}, "differ"),
        ({"password": "seven77", "confirmPassword": "seven77"}, "8 to 128 characters"),
        ({"password": "p" * 129, "confirmPassword": "p" * 129}, "8 to 128 characters"),
    ],
)
async def test_a_refused_set_up_leaves_it_unset(bare: World, change: dict[str, str], word: str) -> None:
    refused = await bare.public.post("/api/setup", GOOD | change)
    assert not refused["success"]
    assert word in refused["message"]
    state = await bare.public.get("/api/setup")
    assert state == {"success": True, "data": {"status": False, "root_init": False, "database_type": "sqlite"}}


async def test_set_up_works_once(bare: World) -> None:
    assert (await bare.public.post("/api/setup", GOOD | {"SelfUseModeEnabled": True}))["success"]
    assert not (await bare.public.post("/api/setup", GOOD | {"username": "other"}))["success"]
    assert (await bare.public.get("/api/setup"))["data"] == {"status": True, "root_init": False, "database_type": ""}
    status = (await bare.public.get("/api/status"))["data"]
    assert (status["setup"], status["self_use_mode_enabled"], status["demo_site_enabled"]) == (True, True, False)


async def test_root_starts_with_its_quota_and_every_right(world: World) -> None:
    root = (await world.root.get("/api/user/self"))["data"]
    assert (root["id"], root["role"], root["display_name"], root["quota"]) == (1, 100, "Root User", 100_000_000)
    assert root["permissions"] == {
        "sidebar_settings": False,
        "sidebar_modules": {},
        "admin_permissions": {
            "channel": {"read": True, "operate": True, "write": True, "sensitive_write": True, "secret_view": True}
        },
    }
    assert "password_hash" not in root


async def test_the_setup_secret_is_made_when_none_is_preset(sqlite: Database) -> None:
    async with open_world(sqlite) as world:
        context = world.context
        printed = await prepare_installation(sqlite, context.vault, context.clock, "", "test")
        assert len(printed) == 24
        assert set(printed) <= set(string.hexdigits)
        assert not (await world.public.post("/api/setup", GOOD))["success"]
        assert (await world.public.post("/api/setup", GOOD | {"setup_secret": printed}))["success"]
        assert await prepare_installation(sqlite, context.vault, context.clock, "again", "test") == ""
        assert not (await world.public.post("/api/setup", GOOD | {"setup_secret": "again"}))["success"]


async def test_root_may_be_given_a_key_and_an_access_token(sqlite: Database) -> None:
    async with open_world(sqlite, presets=SetupPresets("sk-preset-key", "preset-access-token")) as world:
        await world.set_up()
        assert (await Client(world, "preset-access-token").get("/api/user/self"))["data"]["username"] == "root"
        assert (await world.root.post("/api/token/1/key"))["data"]["key"] == "preset-key"


async def test_what_was_printed_stays_good_when_others_start(database: Database) -> None:
    async with open_world(database) as world:
        vault, clock = world.context.vault, world.context.clock
        houses = [Database(database.url) for _ in range(4)]
        starts = (prepare_installation(house, vault, clock, "", "test") for house in houses)
        (printed,) = set(await asyncio.gather(*starts))
        assert await prepare_installation(database, vault, clock, "", "test") == printed
        assert (await world.public.post("/api/setup", GOOD | {"setup_secret": printed}))["success"]
        for house in houses:
            await house.close()
