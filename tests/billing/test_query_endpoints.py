"""OpenAI's old billing queries, as keys ask them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from faregate.billing.models import ALLOWANCE
from faregate.identity.models import Key, User
from faregate.storage import Database
from tests.api.world import Client, World, open_world

PREFIXES = ("/dashboard/billing", "/v1/dashboard/billing")


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened


@pytest.fixture
async def key(world: World) -> Client:
    """A key that was given 2 000 000 and used 200 000 of it."""
    fields = {"unlimited_quota": False, "remain_quota": 1_800_000, "expired_time": 2_000_000_000}
    ident, text = await world.key(world.root, **fields)
    async with world.context.database.write() as session:
        await session.execute(update(Key).where(Key.id == ident).values(used_quota=200_000))
        await session.execute(update(User).values(used_quota=1_000_000))
    client = Client(world, f"sk-{text}")
    client.id = ident
    return client


def subscription(limit: float, until: int) -> dict[str, object]:
    limits = dict.fromkeys(("soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd"), limit)
    return {"object": "billing_subscription", "has_payment_method": True, **limits, "access_until": until}


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_key_hears_what_it_was_given_and_used(key: Client, prefix: str) -> None:
    assert await key.get(f"{prefix}/subscription?start_date=2026-01-01") == subscription(4, 2_000_000_000)
    answer = await key.call("GET", f"{prefix}/usage")
    assert answer.json() == {"object": "list", "total_usage": 40}
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_key_without_a_limit_has_very_much(world: World) -> None:
    _, text = await world.key(world.root)
    assert await Client(world, text).get("/dashboard/billing/subscription") == subscription(100_000_000, 0)


@pytest.mark.parametrize(
    ("kind", "limit", "used"),
    [("USD", 4, 40), ("CUSTOM", 4, 40), ("CNY", 29.2, 292), ("TOKENS", 2_000_000, 20_000_000)],
)
async def test_figures_are_in_the_currency_of_the_site(
    world: World, key: Client, kind: str, limit: float, used: float
) -> None:
    await world.root.put("/api/option/", {"key": "general_setting.quota_display_type", "value": kind})
    assert (await key.get("/dashboard/billing/subscription"))["hard_limit_usd"] == pytest.approx(limit)
    assert (await key.get("/dashboard/billing/usage"))["total_usage"] == pytest.approx(used)


async def test_figures_may_be_the_users(world: World, key: Client) -> None:
    await world.root.put("/api/option/", {"key": "DisplayTokenStatEnabled", "value": "false"})
    assert await key.get("/dashboard/billing/subscription") == subscription(202, 0)
    assert (await key.get("/dashboard/billing/usage"))["total_usage"] == 200


async def test_what_was_given_stays_while_calls_run(world: World, key: Client) -> None:
    await world.reserve(ALLOWANCE, key.id, 100_000)
    assert await key.get("/dashboard/billing/subscription") == subscription(4, 2_000_000_000)
    assert (await key.get("/dashboard/billing/usage"))["total_usage"] == 60


async def refused(client: Client, status: int, code: str = "") -> None:
    for prefix in PREFIXES:
        for query in ("subscription", "usage"):
            answer = await client.call("GET", f"{prefix}/{query}")
            error = answer.json()["error"]
            assert (answer.status_code, error["type"], error["code"]) == (status, "new_api_error", code)


async def test_without_a_good_key_nothing_is_told(world: World, key: Client) -> None:
    await refused(Client(world), 401)
    await refused(Client(world, "sk-wrong"), 401)
    await refused(world.root, 401)
    world.clock.at = 2_000_000_001
    await refused(key, 401)


async def test_a_key_that_is_switched_off_hears_nothing(world: World, key: Client) -> None:
    await world.root.put("/api/token/?status_only=true", {"id": key.id, "status": 2})
    await refused(key, 401)


@pytest.mark.parametrize(("rule", "status"), [("203.0.113.7", 403), ("127.0.0.1", 200)])
async def test_a_key_is_good_from_its_addresses_alone(world: World, rule: str, status: int) -> None:
    _, text = await world.key(world.root, allow_ips=rule)
    client = Client(world, text)
    if status == 403:
        await refused(client, 403, "access_denied")
    else:
        assert (await client.call("GET", "/dashboard/billing/usage")).status_code == status


async def test_a_disabled_owner_and_a_lost_group_close_the_key(world: World) -> None:
    ann = await world.user("ann")
    _, plain = await world.key(ann)
    _, of_group = await world.key(ann, group="vip")
    assert (await Client(world, of_group).call("GET", "/dashboard/billing/usage")).status_code == 200
    await world.root.put("/api/option/", {"key": "UserUsableGroups", "value": '{"default": "all"}'})
    await refused(Client(world, of_group), 403)
    await world.root.post("/api/user/manage", {"id": ann.id, "action": "disable"})
    await refused(Client(world, plain), 403)


async def test_a_preflight_is_answered(world: World) -> None:
    answer = await Client(world).call("OPTIONS", "/v1/dashboard/billing/usage")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
