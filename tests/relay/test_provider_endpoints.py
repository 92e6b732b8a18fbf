"""The providers there are, as the console offers them."""

from collections.abc import AsyncIterator

import pytest

from faregate.relay.providers import BY_TYPE
from faregate.storage import Database
from tests.api.world import World, open_world

PATH = "/api/console/providers"


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened


async def test_every_provider_is_offered_with_what_it_needs(world: World) -> None:
    found = {one["type"]: one for one in (await world.root.get(PATH))["data"]}
    assert list(found) == sorted(BY_TYPE)
    assert found[1] == {
        "type": 1,
        "name": "OpenAI",
        "base_url": "https://api.openai.com",
        "dialects": ["openai_chat", "openai_responses"],
        "address": "optional",
        "needs_key": True,
        "lists_models": True,
        "fields": ["organization"],
    }
    assert {type: found[type]["address"] for type in (3, 8, 47, 58, 1001)} == {
        3: "required",
        8: "whole",
        47: "required",
        58: "required",
        1001: "none",
    }
    assert [type for type, one in found.items() if not one["needs_key"]] == [1001]
    assert [type for type, one in found.items() if not one["lists_models"]] == [3, 8]
    assert {type: found[type]["fields"] for type in (3, 8, 14, 24, 58, 1001)} == {
        3: ["api_version", "responses_version"],
        8: [],
        14: ["beta_query"],
        24: [],
        58: ["routes"],
        1001: [],
    }


@pytest.mark.parametrize(("role", "status"), [(1, 403), (10, 200)])
async def test_it_is_for_administrators(world: World, role: int, status: int) -> None:
    someone = await world.user("ann", role)
    assert (await someone.call("GET", PATH)).status_code == status
    assert (await world.public.call("GET", PATH)).status_code == 401
