"""Signing in, refreshing, signing out."""

import asyncio

import pytest
from sqlalchemy import select, update

from faregate.identity import AccessSettings, Limit, Passwords
from faregate.identity.models import Session, SpentRefresh, User
from faregate.storage import Database
from tests.api.world import OFF, PASSWORD, Client, World, open_world

_BCRYPT = "$2b$04$/aXj3EPSLxqdui0nhlrRO.E.movJb4za8ZEMXydYK9xEvTX7rhwDO"  # of "password-1", cost 4


async def refresh(client: Client, **headers: str) -> tuple[int, str]:
    """Status and code of a refresh by cookie alone."""
    quiet = Client(client.world)
    quiet.cookie = client.cookie
    answer = await quiet.call("POST", "/api/user/auth/refresh", **headers)
    client.cookie = quiet.cookie
    return answer.status_code, answer.json().get("code", "")


async def me(client: Client) -> tuple[int, str]:
    answer = await client.call("GET", "/api/user/self")
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "root"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "ROOT", "password": PASSWORD},
    ],
)
async def test_every_failed_sign_in_has_one_message(world: World, given: dict[str, str]) -> None:
    refused = await world.public.post("/api/user/login", given)
    assert refused == {"success": False, "message": "The name or password is wrong, or the account is disabled."}


async def test_signing_in_by_address_ignores_case(world: World) -> None:
    async with world.context.database.write() as session:
        await session.execute(update(User).values(email="root@example.org"))
    assert (await world.sign_in(" Root@Example.ORG ")).id == 1


async def test_the_answer_and_its_headers(world: World) -> None:
    client = Client(world)
    answer = await client.call(
        "POST", "/api/user/login", {"username": "root", "password": PASSWORD}, user_agent="laptop/1"
    )
    data = answer.json()["data"]
    assert data["access_expires_at"] == world.clock.at + 900
    assert data["token_type"] == "Bearer"
    assert data["session"] == {
        "sid": data["session"]["sid"],
        "current": True,
        "login_method": "password",
        "ip": "127.0.0.1",
        "user_agent": "laptop/1",
        "created_at": world.clock.at,
        "last_active_at": world.clock.at,
        "expires_at": world.clock.at + 30 * 86400,
    }
    parts = answer.headers["set-cookie"].split("; ")
    assert parts[0].startswith(f"new_api_refresh={data['session']['sid']}.")
    assert parts[1:] == ["Path=/api/user/auth", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"]
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.headers["pragma"], answer.headers["expires"]) == ("no-cache", "0")


async def test_racing_tabs_are_given_the_same_next_cookie(world: World) -> None:
    stale = world.root.cookie
    assert await refresh(world.root) == (200, "")
    fresh, world.root.cookie = world.root.cookie, stale
    world.clock.at += 30
    assert await refresh(world.root) == (200, "")
    assert world.root.cookie == fresh != stale


async def test_a_replaced_cookie_used_late_ends_the_session(world: World) -> None:
    stale = world.root.cookie
    await refresh(world.root)
    fresh, world.root.cookie = world.root.cookie, stale
    world.clock.at += 31
    assert await refresh(world.root) == (401, "AUTH_SESSION_REVOKED")
    assert world.root.cookie == "new_api_refresh="
    world.root.cookie = fresh
    assert await refresh(world.root) == (401, "AUTH_SESSION_REVOKED")
    assert await me(world.root) == (401, "AUTH_SESSION_REVOKED")
    async with world.context.database.read() as session:
        assert await session.scalar(select(Session.revoke_reason)) == "refresh_reuse"


async def test_any_former_cookie_is_theft_at_once(world: World) -> None:
    oldest = world.root.cookie
    for _ in range(3):
        assert await refresh(world.root) == (200, "")
    world.root.cookie = oldest
    assert await refresh(world.root) == (401, "AUTH_SESSION_REVOKED")
    assert await me(world.root) == (401, "AUTH_SESSION_REVOKED")


@pytest.mark.parametrize("cookie", ["", "new_api_refresh=nothing.real", "new_api_refresh=nothing"])
async def test_a_made_up_cookie_is_refused_and_cleared(world: World, cookie: str) -> None:
    client = Client(world)
    client.cookie = cookie
    assert await refresh(client) == (401, "AUTH_UNAUTHORIZED")
    assert client.cookie == "new_api_refresh="


async def test_a_made_up_secret_does_not_end_the_session(world: World) -> None:
    thief = Client(world)
    thief.cookie = world.root.cookie.split(".")[0] + "." + "x" * 64
    assert await refresh(thief) == (401, "AUTH_UNAUTHORIZED")
    assert await me(world.root) == (200, "")


async def test_a_refresh_may_name_its_session(world: World) -> None:
    sid = world.root.cookie.removeprefix("new_api_refresh=").split(".")[0]
    assert await refresh(world.root, x_auth_session="other") == (409, "AUTH_SESSION_MISMATCH")
    assert await refresh(world.root, x_auth_session=sid) == (200, "")


async def test_access_tokens_run_out_and_sessions_end_after_thirty_days(world: World) -> None:
    world.clock.at += 905
    assert await me(world.root) == (401, "AUTH_TOKEN_EXPIRED")
    world.clock.at += 30 * 86400
    assert await refresh(world.root) == (401, "AUTH_SESSION_REVOKED")


async def test_sessions_are_listed_and_ended(world: World) -> None:
    phone = await world.sign_in("root")
    listed = (await world.root.get("/api/user/sessions"))["data"]
    assert [row["current"] for row in listed] == [True, False]
    ended = await world.root.delete(f"/api/user/sessions/{listed[1]['sid']}")
    assert ended["data"] == {"revoked_sid": listed[1]["sid"], "current": False}
    assert await me(phone) == (401, "AUTH_SESSION_REVOKED")
    missing = await world.root.call("DELETE", f"/api/user/sessions/{listed[1]['sid']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "AUTH_SESSION_NOT_FOUND")
    await world.sign_in("root")
    assert (await world.root.post("/api/user/sessions/revoke-others"))["data"] == {"revoked_count": 1}
    assert await me(world.root) == (200, "")


async def test_signing_out_by_token_and_by_cookie(world: World) -> None:
    other = await world.sign_in("root")
    mismatch = await other.call("POST", "/api/user/auth/logout", x_auth_session="other")
    assert (mismatch.status_code, mismatch.json()["code"]) == (409, "AUTH_SESSION_MISMATCH")
    out = (await other.post("/api/user/auth/logout"))["data"]
    assert out["cookie_cleared"] is True
    assert other.cookie == "new_api_refresh="
    assert (await other.post("/api/user/auth/logout"))["data"] == {**out, "cookie_cleared": False}
    third = await world.sign_in("root")
    token, third.token = third.token, ""
    assert await third.post("/api/user/auth/logout") == {"success": True, "message": ""}
    assert await me(Client(world, token)) == (401, "AUTH_SESSION_REVOKED")
    assert await world.public.post("/api/user/auth/logout") == {"success": True, "message": ""}


async def test_a_new_password_keeps_the_acting_session_alone(world: World) -> None:
    other = await world.sign_in("root")
    change = {"password": "password-2", "original_password": "wrong-one"}
    assert not (await world.root.put("/api/user/self", change))["success"]
    changed = await world.root.put("/api/user/self", change | {"original_password": PASSWORD})
    assert await me(world.root) == (401, "AUTH_SESSION_REVOKED")
    world.root.token = changed["data"]["access_token"]
    assert await me(world.root) == (200, "")
    assert await me(other) == (401, "AUTH_SESSION_REVOKED")
    assert await refresh(world.root) == (200, "")
    await world.sign_in("root", "password-2")


async def test_sessions_are_limited_at_once_and_by_time(sqlite: Database) -> None:
    limits = AccessSettings(session_limit=2, session_issuance_limit=4, api_limit=OFF, critical_limit=Limit(False, 1, 1))
    async with open_world(sqlite, limits) as world:
        root = await world.set_up()
        await world.sign_in("root")
        given = {"username": "root", "password": PASSWORD}
        third = await world.public.call("POST", "/api/user/login", given)
        assert (third.status_code, third.json()["code"]) == (409, "AUTH_SESSION_LIMIT")
        for _ in range(2):
            await root.post("/api/user/sessions/revoke-others")
            await world.sign_in("root")
        fifth = await world.public.call("POST", "/api/user/login", given)
        assert (fifth.status_code, fifth.json()["code"]) == (429, "AUTH_SESSION_ISSUANCE_LIMIT")
        world.clock.at += 86_401
        await root.call("GET", "/api/user/self")
        refused = await world.public.call("POST", "/api/user/login", given)
        assert refused.json()["code"] == "AUTH_SESSION_LIMIT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://gate.example.org.evil.example"}, 403),
        ({"origin": "https://gate.example.org, https://other.example.org"}, 403),
        ({"referer": "https://evil.example/x"}, 403),
        ({"origin": "HTTPS://gate.example.org:443"}, 200),
        ({"referer": "https://gate.example.org/console?x=1"}, 200),
        ({"origin": "http://gateway"}, 200),
    ],
)
async def test_a_secure_cookie_is_taken_from_trusted_origins(
    sqlite: Database, headers: dict[str, str], status: int
) -> None:
    access = AccessSettings(
        secure_cookie=True, cookie_origins=("https://gate.example.org",), api_limit=OFF, critical_limit=OFF
    )
    async with open_world(sqlite, access) as world:
        root = await world.set_up()
        answered, code = await refresh(root, **headers)
        assert (answered, code) == (status, "" if status == 200 else "AUTH_ORIGIN_FORBIDDEN")


async def test_imported_hashes_are_replaced_at_sign_in(world: World) -> None:
    async with world.context.database.write() as session:
        await session.execute(update(User).values(password_hash=_BCRYPT))
    await world.sign_in("root")
    async with world.context.database.read() as session:
        known = await session.scalar(select(User.password_hash))
    assert known is not None
    assert known.startswith("$argon2id$")
    await world.sign_in("root")


async def remembered(database: Database) -> tuple[int, int]:
    """How many sessions and spent refresh digests there are."""
    async with database.read() as session:
        sessions, spent = await session.scalars(select(Session)), await session.scalars(select(SpentRefresh))
        return len(list(sessions)), len(list(spent))


async def test_a_sign_in_forgets_what_ended_a_week_ago(database: Database) -> None:
    async with open_world(database) as world:
        root = await world.set_up()
        await refresh(root)
        await refresh(root)
        await root.post("/api/user/auth/logout")
        world.clock.at += 7 * 86400 - 1
        await world.sign_in("root")
        assert await remembered(database) == (2, 1)
        world.clock.at += 1
        await refresh(await world.sign_in("root"))
        assert await remembered(database) == (2, 0)
        world.clock.at += 37 * 86400
        await world.sign_in("root")
        assert await remembered(database) == (1, 0)


async def test_a_password_that_was_changed_meanwhile_signs_nobody_in(world: World) -> None:
    await world.user("ada")
    async with world.context.database.write() as session:  # one writer at a time: who signs in waits for its end
        ada = (await session.scalars(select(User).where(User.username == "ada"))).one()
        attempt = asyncio.create_task(Client(world).post("/api/user/login", {"username": "ada", "password": PASSWORD}))
        waiting, _ = await asyncio.wait({attempt}, timeout=1)
        assert not waiting
        ada.password_hash = await world.context.passwords.hash("another password")
    answer = await attempt
    assert answer["message"] == "The name or password is wrong, or the account is disabled."
    assert (await world.sign_in("ada", "another password")).token


async def test_a_password_that_was_changed_meanwhile_changes_none(world: World) -> None:
    client = await world.user("ada")
    wish = {"username": "ada", "display_name": "ada", "password": "a third password", "original_password": PASSWORD}
    async with world.context.database.write() as session:
        ada = (await session.scalars(select(User).where(User.username == "ada"))).one()
        attempt = asyncio.create_task(client.put("/api/user/self", wish))
        waiting, _ = await asyncio.wait({attempt}, timeout=1)
        assert not waiting
        ada.password_hash = await world.context.passwords.hash("another password")
    assert (await attempt)["message"] == "The present password is wrong."
    assert (await world.sign_in("ada", "another password")).token


async def test_an_outdated_hash_does_not_refuse_two_who_sign_in_at_once(world: World) -> None:
    await world.user("ada")
    outdated = await Passwords(memory_kib=32).hash(PASSWORD)
    async with world.context.database.write() as session:
        ada = (await session.scalars(select(User).where(User.username == "ada"))).one()
        ada.password_hash = outdated
    signed_in = await asyncio.gather(*(world.sign_in("ada") for _ in range(3)))
    assert all(client.token for client in signed_in)


async def test_a_removed_user_leaves_no_session_and_no_digest(database: Database) -> None:
    async with open_world(database) as world:
        await world.set_up()
        sam = await world.user("sam")
        for client in (sam, sam, world.root, world.root):
            await refresh(client)
        assert await remembered(database) == (2, 2)
        assert (await world.root.delete(f"/api/user/{sam.id}"))["success"]
        assert await remembered(database) == (1, 1)
