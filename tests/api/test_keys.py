"""API keys: their owner's list, and what a key may ask about itself; storing is tried on every database."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from faregate.billing.models import ALLOWANCE, Account, Entry
from faregate.identity import KeyRecord, find_key_owner, mark_exhausted, mark_expired
from faregate.identity.models import Key
from faregate.kernel.secrets import key_digest
from faregate.storage import Database
from tests.api.world import Client, World, open_world


@pytest.fixture
async def any_world(database: Database) -> AsyncIterator[World]:
    async with open_world(database) as opened:
        await opened.set_up()
        yield opened


async def record_of(world: World, key: str) -> KeyRecord:
    async with world.context.database.read() as session:
        found = await find_key_owner(session, world.context.balances, key_digest(key))
    assert found is not None
    return found


async def test_a_key_is_made_listed_masked_and_revealed(any_world: World) -> None:
    sam = await any_world.user("sam")
    made = await sam.post("/api/token/", {"name": "first", "remain_quota": 5000, "allow_ips": "10.0.0.0/8"})
    assert made == {"success": True, "message": ""}
    listed = (await sam.get("/api/token/"))["data"]
    revealed = (await sam.post("/api/token/1/key"))["data"]["key"]
    assert (len(revealed), revealed.isalnum()) == (48, True)
    assert listed == {
        "page": 1,
        "page_size": 10,
        "total": 1,
        "items": [
            {
                "id": 1,
                "user_id": 2,
                "key": f"{revealed[:4]}**********{revealed[-4:]}",
                "status": 1,
                "name": "first",
                "created_time": any_world.clock.at,
                "accessed_time": any_world.clock.at,
                "expired_time": -1,
                "remain_quota": 5000,
                "unlimited_quota": False,
                "model_limits_enabled": False,
                "model_limits": "",
                "allow_ips": "10.0.0.0/8",
                "used_quota": 0,
                "group": "",
                "cross_group_retry": False,
                "auto_groups": None,
                "DeletedAt": None,
            }
        ],
    }
    async with any_world.context.database.read() as session:
        assert revealed not in str((await session.execute(select(Key.digest, Key.sealed, Key.hint))).all())


async def test_the_allowance_is_an_account_with_entries(any_world: World) -> None:
    ident, _ = await any_world.key(any_world.root, unlimited_quota=False, remain_quota=300)
    changed = await any_world.root.put(
        "/api/token/", {"id": ident, "name": "key", "remain_quota": 100, "expired_time": -1}
    )
    assert changed["data"]["remain_quota"] == 100
    async with any_world.context.database.read() as session:
        account = await session.scalar(select(Account.id).where(Account.kind == "allowance", Account.owner_id == ident))
        amounts = await session.scalars(select(Entry.amount).where(Entry.account_id == account).order_by(Entry.id))
        assert list(amounts) == [300, -200]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "n" * 51},
        {"name": "名" * 17},
        {"remain_quota": -1},
        {"remain_quota": 500_000_000_000_001},
        {"unlimited_quota": True, "remain_quota": 10**19},
        {"expired_time": -2},
        {"group": "g" * 65},
        {"group": "auto", "auto_groups": ["moon"]},
        {"group": "auto", "auto_groups": ["default", "default"]},
        {"group": "auto", "auto_groups": list("abcdef")},
        {"model_limits": "m" * 65_536},
        {"name": 7},
        {"name": None},
    ],
)
async def test_what_a_key_cannot_have_is_refused(world: World, fields: dict[str, object]) -> None:
    refused = await world.root.post("/api/token/", {"name": "key", **fields})
    assert not refused["success"]
    assert refused["message"]
    assert (await world.root.get("/api/token/"))["data"]["total"] == 0


async def test_auto_groups_are_kept_for_auto_alone(world: World) -> None:
    more = {"cross_group_retry": True, "auto_groups": ["default", "vip"]}
    for group, groups, retry in (("auto", ["default", "vip"], True), ("vip", None, False)):
        ident, _ = await world.key(world.root, group=group, **more)
        shown = (await world.root.get(f"/api/token/{ident}"))["data"]
        assert (shown["group"], shown["auto_groups"], shown["cross_group_retry"]) == (group, groups, retry)
    edit = {"id": 1, "name": "key", "group": "auto", "expired_time": -1}
    assert (await world.root.put("/api/token/", edit))["data"]["auto_groups"] == ["default", "vip"]
    assert (await world.root.put("/api/token/", edit | {"auto_groups": None}))["data"]["auto_groups"] is None
    assert (await world.root.get("/api/token/auto-groups"))["data"] == {"groups": ["default", "vip"], "max_count": 5}


async def test_a_key_is_nobody_elses(any_world: World) -> None:
    sam, tom = await any_world.user("sam"), await any_world.user("tom")
    ident, key = await any_world.key(sam)
    for stranger in (tom, any_world.root):
        assert (await stranger.get("/api/token/"))["data"]["total"] == 0
        assert not (await stranger.get(f"/api/token/{ident}"))["success"]
        assert not (await stranger.post(f"/api/token/{ident}/key"))["success"]
        assert not (await stranger.put("/api/token/", {"id": ident, "name": "mine"}))["success"]
        assert not (await stranger.put("/api/token/?status_only=true", {"id": ident, "status": 2}))["success"]
        assert not (await stranger.delete(f"/api/token/{ident}"))["success"]
        assert (await stranger.post("/api/token/batch", {"ids": [ident]}))["data"] == 0
        assert (await stranger.post("/api/token/batch/keys", {"ids": [ident]}))["data"] == {"keys": {}}
        assert (await stranger.get(f"/api/token/search?token=sk-{key}"))["data"]["items"] == []
    assert (await sam.post("/api/token/batch/keys", {"ids": [ident, 99]}))["data"] == {"keys": {str(ident): key}}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("keyword=first", ["first"]),
        ("keyword=firs", []),
        ("keyword=%25ir%25", ["third", "first"]),
        ("keyword=%25IR%25", ["third", "first"]),
        ("keyword=firs_", []),
        ("keyword=%25", None),
        ("keyword=%25f%25r%25", None),
        ("token=%25", None),
        ("", ["third", "second", "first"]),
    ],
)
async def test_keys_are_found_by_name(world: World, query: str, names: list[str] | None) -> None:
    for name in ("first", "second", "third"):
        await world.root.post("/api/token/", {"name": name})
    found = await world.root.get(f"/api/token/search?{query}")
    assert found["success"] is (names is not None)
    if names is not None:
        assert [item["name"] for item in found["data"]["items"]] == names


async def test_keys_are_found_by_themselves(world: World) -> None:
    _, key = await world.key(world.root, name="first")
    await world.key(world.root, name="second")
    for query in (f"sk-{key}", key, f"{key[:8]}%25", f"%25{key[-8:]}"):
        found = await world.root.get(f"/api/token/search?token={query}")
        assert [item["name"] for item in found["data"]["items"]] == ["first"]


async def test_a_key_whose_time_or_amount_is_over_is_not_switched_on(any_world: World) -> None:
    context = any_world.context
    ident, _ = await any_world.key(any_world.root, unlimited_quota=False, remain_quota=10)

    async def switch(status: int) -> bool:
        switched = await any_world.root.put(
            "/api/token/?status_only=true", {"id": ident, "status": status, "name": "no"}
        )
        return switched["success"]

    async def edit(**fields: object) -> dict[str, object]:
        base = {"id": ident, "name": "key", "expired_time": -1, "unlimited_quota": False}
        return (await any_world.root.put("/api/token/", base | fields))["data"]

    assert not await switch(7)
    assert await switch(2)
    assert await switch(1)
    await edit(expired_time=1_600_000_000, remain_quota=10)
    async with context.database.write() as session:
        await mark_expired(session, ident)
    assert not await switch(1)
    assert (await edit(remain_quota=0, status=1))["status"] == 3
    assert await switch(1)
    async with context.database.write() as session:
        await mark_exhausted(session, ident)
    assert not await switch(1)
    assert (await edit(remain_quota=5))["status"] == 4
    assert await switch(1)


async def test_deleted_keys_are_gone(world: World) -> None:
    first, key = await world.key(world.root)
    second, _ = await world.key(world.root)
    assert (await world.root.delete(f"/api/token/{first}"))["success"]
    assert not (await world.root.delete(f"/api/token/{first}"))["success"]
    assert not (await world.root.get(f"/api/token/{first}"))["success"]
    assert (await world.root.post("/api/token/batch", {"ids": [first, second, 99]}))["data"] == 1
    assert not (await world.root.post("/api/token/batch", {"ids": []}))["success"]
    async with world.context.database.read() as session:
        assert await find_key_owner(session, world.context.balances, key_digest(key)) is None


async def test_the_number_of_keys_is_limited(world: World) -> None:
    await world.root.put("/api/option/", {"key": "token_setting.max_user_tokens", "value": "1"})
    assert (await world.root.post("/api/token/", {"name": "first"}))["success"]
    assert not (await world.root.post("/api/token/", {"name": "second"}))["success"]
    await world.root.delete("/api/token/1")
    assert (await world.root.post("/api/token/", {"name": "third"}))["success"]


async def test_the_record_holds_what_the_data_plane_needs(any_world: World) -> None:
    sam = await any_world.user("sam")
    ident, key = await any_world.key(
        sam,
        model_limits_enabled=True,
        model_limits="gpt-a, gpt-b,",
        allow_ips="nonsense",
        group="auto",
        auto_groups=["vip"],
    )
    await sam.put("/api/user/setting", {"notify_type": "email", "quota_warning_threshold": 1, "record_ip_log": True})
    record = await record_of(any_world, key)
    assert (record.id, record.name, record.status, record.user_id, record.username) == (ident, "key", 1, 2, "sam")
    assert record.model_limits == {"gpt-a", "gpt-b"}
    assert record.networks == ()
    assert (record.group, record.auto_groups, record.user_group, record.role) == ("auto", ("vip",), "default", 1)
    assert (record.unlimited, record.record_ip, record.accept_unpriced) == (True, True, False)
    assert record.wallet_id != record.allowance_id
    assert min(record.wallet_id, record.allowance_id) > 0
    assert record.is_owner_enabled
    assert not record.is_expired(2e9)


@pytest.mark.parametrize("way", ["disable", "delete", "remove"])
async def test_the_record_tells_when_the_owner_is_gone(world: World, way: str) -> None:
    sam = await world.user("sam")
    _, key = await world.key(sam)
    if way == "remove":
        await world.root.delete(f"/api/user/{sam.id}")
        async with world.context.database.read() as session:
            assert await find_key_owner(session, world.context.balances, key_digest(key)) is None
        return
    await world.root.post("/api/user/manage", {"id": sam.id, "action": way})
    record = await record_of(world, key)
    assert not record.is_owner_enabled
    assert record.is_deleted is (way == "delete")


async def test_a_key_asks_about_itself(world: World) -> None:
    ident, key = await world.key(
        world.root, unlimited_quota=False, remain_quota=5, model_limits_enabled=True, model_limits="gpt-a"
    )
    asking = Client(world, f"sk-{key}")
    usage = await asking.call("GET", "/api/usage/token/")
    assert usage.json() == {
        "code": True,
        "message": "ok",
        "data": {
            "object": "token_usage",
            "name": "key",
            "total_granted": 5,
            "total_used": 0,
            "total_available": 5,
            "unlimited_quota": False,
            "model_limits": {"gpt-a": True},
            "model_limits_enabled": True,
            "expires_at": 0,
        },
    }
    assert usage.headers["access-control-allow-origin"] == "*"
    assert (await asking.call("OPTIONS", "/api/usage/token/")).status_code == 204
    assert (await world.public.call("GET", "/api/usage/token/", authorization=key)).status_code == 401
    assert (await world.public.call("GET", "/api/usage/token/")).status_code == 401
    await world.root.put("/api/token/?status_only=true", {"id": ident, "status": 2})
    assert (await asking.call("GET", "/api/usage/token/")).status_code == 401


async def test_what_a_key_was_given_stays_while_calls_run(world: World) -> None:
    ident, key = await world.key(world.root, unlimited_quota=False, remain_quota=500)
    await world.reserve(ALLOWANCE, ident, 200)
    figures = (await Client(world, key).get("/api/usage/token/"))["data"]
    told = (figures["total_granted"], figures["total_used"], figures["total_available"])
    assert told == (500, 200, 300)


async def test_an_expired_key_still_tells_but_not_one_of_a_disabled_owner(world: World) -> None:
    sam = await world.user("sam")
    _, key = await world.key(sam, expired_time=1_600_000_000)
    asking = Client(world, key)
    assert (await asking.get("/api/usage/token/"))["data"]["expires_at"] == 1_600_000_000
    await world.root.post("/api/user/manage", {"id": sam.id, "action": "disable"})
    assert (await asking.call("GET", "/api/usage/token/")).status_code == 403


async def test_a_key_of_another_master_secret_is_not_shown_and_stops_no_search(any_world: World) -> None:
    old, secret = await any_world.key(any_world.root, name="old")
    async with open_world(any_world.context.database, master=b"o" * 32) as moved:
        root = await moved.sign_in("root")
        new, _ = await moved.key(root, name="new")
        refused = await root.call("POST", f"/api/token/{old}/key")
        several = await root.post("/api/token/batch/keys", {"ids": [new, old]})
        told = "The key 'old' was sealed with another master secret and cannot be shown; make a new one."
        assert (refused.status_code, refused.json()) == (200, {"success": False, "message": told})
        assert several == refused.json()
        assert (await root.post("/api/token/batch/keys", {"ids": [new]}))["data"]["keys"].keys() == {str(new)}
        for query, names in (
            (secret, ["old"]),
            (f"{secret[:4]}%25", ["old"]),
            (f"%25{secret[-4:]}", ["old"]),
            (f"{secret[:12]}%25", []),
        ):
            found = await root.get(f"/api/token/search?token={query}")
            assert [key["name"] for key in found["data"]["items"]] == names, query
