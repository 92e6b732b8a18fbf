"""Accounts: what people and administrators do; finding, balances and deleting are tried on every database."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from faregate.logbook.models import Record
from faregate.storage import Database
from tests.api.world import PASSWORD, SETUP_SECRET, Client, World, open_world


@pytest.fixture
async def any_world(database: Database) -> AsyncIterator[World]:
    async with open_world(database) as opened:
        await opened.set_up()
        yield opened


async def lines(world: World, type: int = 3) -> list[dict[str, Any]]:
    """What the log's lines of a kind say, oldest first."""
    async with world.context.database.read() as session:
        rows = await session.scalars(select(Record.other).where(Record.type == type).order_by(Record.id))
        return [msgspec.json.decode(row) for row in rows]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "alma"},
        {"username": "  ", "password": PASSWORD},
        {"username": "a" * 21, "password": PASSWORD},
        {"username": "alma", "password": "seven77"},
        {"username": "alma", "password": "p" * 129},
        {"username": "alma", "password": PASSWORD, "role": 100},
        {"username": "alma", "password": PASSWORD, "role": 5},
        {"username": "alma", "password": PASSWORD, "role": -1},
        {"username": "root", "password": PASSWORD},
        {"username": "alma", "password": PASSWORD, "display_name": "a" * 21},
    ],
)
async def test_accounts_that_cannot_be_are_refused(world: World, given: dict[str, object]) -> None:
    assert not (await world.root.post("/api/user/", given))["success"]
    assert (await world.root.get("/api/user/"))["data"]["total"] == 1


async def test_passwords_may_be_long(bare: World) -> None:
    first, second, third = (letter * 128 for letter in "abc")
    asked = {"username": "root", "password": first, "confirmPassword": first, "setup_secret": SETUP_SECRET}
    assert (await bare.public.post("/api/setup", asked))["success"]
    bare.root = await bare.sign_in("root", first)
    assert (await bare.root.post("/api/user/", {"username": "alma", "password": first}))["success"]
    alma = await bare.sign_in("alma", first)
    assert (await bare.root.put("/api/user/", {"id": alma.id, "username": "alma", "password": second}))["success"]
    alma = await bare.sign_in("alma", second)
    refused = await alma.put("/api/user/self", {"password": "d" * 129, "original_password": second})
    assert refused["message"] == "The password must have 8 to 128 characters."
    assert (await alma.put("/api/user/self", {"password": third, "original_password": second}))["success"]
    await bare.sign_in("alma", third)


async def test_a_new_account_has_its_welcome_quota_and_side_bar(world: World) -> None:
    await world.root.put("/api/option/", {"key": "QuotaForNewUser", "value": 700})
    alma = await world.user(" alma ")
    shown = (await alma.get("/api/user/self"))["data"]
    assert (shown["username"], shown["display_name"], shown["quota"], shown["group"]) == (
        "alma",
        "alma",
        700,
        "default",
    )
    assert len(shown["aff_code"]) == 4
    setting = msgspec.json.decode(shown["setting"])
    assert setting["gotify_priority"] == 0
    assert list(msgspec.json.decode(setting["sidebar_modules"])) == ["chat", "console", "personal"]
    assert (await alma.get("/api/user/aff"))["data"] == shown["aff_code"]


async def test_users_are_listed_found_and_sorted(any_world: World) -> None:
    root = any_world.root
    for name, role in (("alma", 1), ("Al_bert", 10), ("boss", 10)):
        await root.post("/api/user/", {"username": name, "password": PASSWORD, "role": role})
    await root.post("/api/user/manage", {"id": 2, "action": "add_quota", "mode": "add", "value": 5})
    await root.post("/api/user/manage", {"id": 4, "action": "delete"})

    async def names(query: str) -> list[str]:
        return [user["username"] for user in (await root.get(f"/api/user/{query}"))["data"]["items"]]

    assert await names("?p=1&page_size=3") == ["boss", "Al_bert", "alma"]
    assert await names("?p=2&page_size=3") == ["root"]
    assert await names("?sort_by=quota&sort_order=desc&page_size=2") == ["root", "alma"]
    assert await names("search?keyword=AL") == ["Al_bert", "alma"]
    assert await names("search?keyword=l_b") == ["Al_bert"]
    assert await names("search?keyword=%25") == []
    assert await names("search?keyword=3") == ["Al_bert"]
    assert await names("search?role=10&sort_by=username&sort_order=asc") == ["Al_bert", "boss"]
    assert await names("search?status=-1") == ["boss"]
    assert await names("search?status=1&role=10") == ["Al_bert"]
    assert await names("search?role=rubbish&group=default") == ["boss", "Al_bert", "alma", "root"]


async def test_an_edit_leaves_what_it_does_not_name(world: World) -> None:
    alma = await world.user("alma")
    edit = {"id": alma.id, "username": "alma", "display_name": "Alma", "remark": "a note"}
    assert (await world.root.put("/api/user/", edit))["success"]
    assert (await world.root.put("/api/user/", {"id": alma.id, "username": "alma", "group": ""}))["success"]
    shown = (await world.root.get(f"/api/user/{alma.id}"))["data"]
    assert (shown["display_name"], shown["remark"], shown["group"]) == ("Alma", "a note", "default")
    assert (await alma.get("/api/user/self"))["success"]


@pytest.mark.parametrize("change", [{"group": "vip"}, {"password": "password-2"}])
async def test_another_group_or_password_ends_the_sessions(world: World, change: dict[str, str]) -> None:
    alma = await world.user("alma")
    assert (await world.root.put("/api/user/", {"id": alma.id, "username": "alma", **change}))["success"]
    assert (await alma.get("/api/user/self"))["code"] == "AUTH_SESSION_REVOKED"


@pytest.mark.parametrize(
    "change",
    [
        {"username": ""},
        {"username": "root"},
        {"role": 10},
        {"remark": "r" * 256},
        {"id": 0},
        {"id": 99},
        {"group": "g" * 65},
        {"password": "short"},
    ],
)
async def test_a_refused_edit_changes_nothing(world: World, change: dict[str, object]) -> None:
    alma = await world.user("alma")
    before = await world.root.get(f"/api/user/{alma.id}")
    edit = {"id": alma.id, "username": "alma2", "display_name": "Other", **change}
    assert not (await world.root.put("/api/user/", edit))["success"]
    assert await world.root.get(f"/api/user/{alma.id}") == before


async def test_balances_move_and_refuse(any_world: World) -> None:
    alma = await any_world.user("alma")

    async def move(mode: str | None, value: int) -> bool:
        body = {"id": alma.id, "action": "add_quota", "mode": mode, "value": value}
        return (await any_world.root.post("/api/user/manage", body))["success"]

    assert await move("add", 1500)
    assert await move("subtract", 400)
    assert (await alma.get("/api/user/self"))["data"]["quota"] == 1100
    assert await move("override", 250)
    for mode, value in (("add", 0), ("add", -5), ("subtract", -5), (None, 5), ("steal", 5), ("add", 2**63 - 1)):
        assert not await move(mode, value)
    assert (await alma.get("/api/user/self"))["data"]["quota"] == 250
    written = [line["op"] for line in await lines(any_world) if line["op"]["action"].startswith("user.quota")]
    assert written == [
        {"action": "user.quota_add", "params": {"target_user_id": 2, "quota": "1500"}},
        {"action": "user.quota_subtract", "params": {"target_user_id": 2, "quota": "400"}},
        {"action": "user.quota_override", "params": {"target_user_id": 2, "from": "1100", "to": "250"}},
    ]


async def test_nobody_named_means_nobody(world: World) -> None:
    body = {"action": "add_quota", "mode": "add", "value": 5}
    assert not (await world.root.post("/api/user/manage", body))["success"]
    assert (await world.root.get("/api/user/self"))["data"]["quota"] == 100_000_000


async def test_roles_and_states(world: World) -> None:
    alma, boss = await world.user("alma"), await world.user("boss", 10)
    peer = await world.user("peer", 10)

    async def act(by: Client, target: int, action: str) -> dict[str, Any]:
        return await by.post("/api/user/manage", {"id": target, "action": action})

    for by, target, action in (
        (boss, alma.id, "promote"),
        (boss, peer.id, "disable"),
        (boss, 1, "disable"),
        (world.root, 1, "disable"),
        (world.root, 1, "delete"),
        (world.root, 1, "promote"),
        (world.root, 1, "demote"),
        (world.root, alma.id, "demote"),
        (world.root, alma.id, "dance"),
        (world.root, 99, "disable"),
    ):
        assert not (await act(by, target, action))["success"]
    assert (await act(world.root, alma.id, "promote"))["data"]["role"] == 10
    assert (await alma.get("/api/user/self"))["code"] == "AUTH_SESSION_REVOKED"
    assert not (await act(world.root, alma.id, "promote"))["success"]
    assert (await act(world.root, alma.id, "demote"))["data"] | {} == (await act_shape(1, 1))
    assert (await act(boss, alma.id, "disable"))["data"]["status"] == 2
    assert (await act(boss, alma.id, "disable"))["success"]
    refused = await world.public.post("/api/user/login", {"username": "alma", "password": PASSWORD})
    assert not refused["success"]
    assert (await act(boss, alma.id, "enable"))["data"]["status"] == 1
    await world.sign_in("alma")


async def act_shape(role: int, status: int) -> dict[str, Any]:
    """The mostly empty user that `manage` answers."""
    texts = ("username", "password", "original_password", "verification_code", "display_name", "email", "github_id")
    texts += ("discord_id", "oidc_id", "wechat_id", "telegram_id", "linux_do_id", "group", "aff_code", "setting")
    numbers = (
        "id",
        "quota",
        "used_quota",
        "request_count",
        "aff_count",
        "aff_quota",
        "aff_history_quota",
        "inviter_id",
    )
    shape: dict[str, Any] = dict.fromkeys((*texts, "stripe_customer", "remark"), "")
    shape |= dict.fromkeys((*numbers, "created_at", "last_login_at"), 0)
    return shape | {"DeletedAt": None, "role": role, "status": status}


async def test_deleting_softly_keeps_the_name_and_removing_frees_it(any_world: World) -> None:
    alma, carl = await any_world.user("alma"), await any_world.user("carl")
    assert (await any_world.root.post("/api/user/manage", {"id": alma.id, "action": "delete"})) == {
        "success": True,
        "message": "",
    }
    assert not (await any_world.root.get(f"/api/user/{alma.id}"))["success"]
    assert not (await any_world.root.post("/api/user/manage", {"id": alma.id, "action": "enable"}))["success"]
    assert (await any_world.root.delete(f"/api/user/{carl.id}"))["success"]
    assert (await carl.get("/api/user/self"))["code"] == "AUTH_SESSION_REVOKED"
    assert not (await any_world.root.delete("/api/user/1"))["success"]
    again = {"username": "carl", "password": PASSWORD}
    assert (await any_world.root.post("/api/user/", again))["success"]
    assert not (await any_world.root.post("/api/user/", again | {"username": "alma"}))["success"]
    assert (await any_world.sign_in("carl")).id > carl.id


async def test_fine_rights_are_roots_to_give(world: World) -> None:
    rights = {"channel": {"read": False, "sensitive_write": True}}
    boss = await world.user("boss", 10)
    refused = {"username": "cy", "password": PASSWORD, "admin_permissions": rights}
    assert not (await boss.post("/api/user/", refused))["success"]
    assert (await world.root.put("/api/user/", {"id": boss.id, "username": "boss", "admin_permissions": rights}))[
        "success"
    ]
    shown = (await boss.get("/api/user/self"))["data"]["permissions"]
    assert shown["admin_permissions"]["channel"]["read"] is False
    assert shown["admin_permissions"]["channel"]["sensitive_write"] is True
    await world.root.put("/api/user/", {"id": boss.id, "username": "boss", "display_name": "The Boss"})
    assert (await boss.get("/api/user/self"))["data"]["permissions"] == shown
    catalogue = (await boss.get("/api/authz/catalog"))["data"]
    assert [role["key"] for role in catalogue["roles"]] == ["root", "admin"]
    assert [action["action"] for action in catalogue["resources"][0]["actions"]][-1] == "secret_view"


async def test_people_change_themselves(world: World) -> None:
    rita = await world.user("rita")
    kept = {"role": 100, "quota": 999, "group": "vip", "email": "r@example.org", "status": 2}
    assert (await rita.put("/api/user/self", {"username": "rita2", "display_name": "Rita", **kept}))["success"]
    shown = (await rita.get("/api/user/self"))["data"]
    assert (shown["username"], shown["display_name"], shown["role"], shown["group"]) == ("rita2", "Rita", 1, "default")
    assert (shown["quota"], shown["email"], shown["status"]) == (0, "", 1)
    for change in ({"username": "r" * 21}, {"display_name": "R" * 21}, {"username": "root"}, {"language": "tlh"}):
        assert not (await rita.put("/api/user/self", change))["success"]
    assert (await rita.put("/api/user/self", {"language": "zh-CN", "display_name": "ignored"}))["data"] is None
    await rita.put("/api/user/self", {"sidebar_modules": "{}"})
    shown = (await rita.get("/api/user/self"))["data"]
    assert shown["display_name"] == "Rita"
    assert msgspec.json.decode(shown["setting"]) == {"gotify_priority": 0, "sidebar_modules": "{}", "language": "zh-CN"}


@pytest.mark.parametrize(
    "change",
    [
        {"notify_type": "pigeon"},
        {"quota_warning_threshold": 0},
        {"notification_email": "nowhere"},
        {"notify_type": "webhook"},
        {"notify_type": "webhook", "webhook_url": "nonsense"},
        {"notify_type": "bark", "bark_url": "ftp://example.org/x"},
        {"notify_type": "gotify", "gotify_url": "https://example.org"},
    ],
)
async def test_preferences_that_cannot_work_are_refused(world: World, change: dict[str, object]) -> None:
    base = {"notify_type": "email", "quota_warning_threshold": 1000}
    assert not (await world.root.put("/api/user/setting", base | change))["success"]


@pytest.mark.parametrize(
    ("field", "longest", "kind"),
    [
        ("webhook_url", 2048, "webhook"),
        ("webhook_secret", 512, "webhook"),
        ("notification_email", 2048, "email"),
        ("bark_url", 2048, "bark"),
        ("gotify_url", 2048, "gotify"),
        ("gotify_token", 512, "gotify"),
    ],
)
async def test_preferences_have_a_longest_length(world: World, field: str, longest: int, kind: str) -> None:
    address = "https://example.org/"
    base = {"webhook_url": address, "bark_url": address, "gotify_url": address, "gotify_token": "t"}
    base |= {"notify_type": kind, "quota_warning_threshold": 1}
    longest_text = ("a@example.org" if kind == "email" else address).ljust(longest, "x")
    assert (await world.root.put("/api/user/setting", base | {field: longest_text}))["success"]
    refused = await world.root.put("/api/user/setting", base | {field: longest_text + "x"})
    assert not refused["success"]
    assert field in refused["message"]


async def test_a_side_bar_that_is_too_long_is_refused_and_not_cut(world: World) -> None:
    assert (await world.root.put("/api/user/self", {"sidebar_modules": "m" * 65_536}))["success"]
    refused = await world.root.put("/api/user/self", {"sidebar_modules": "n" * 65_537})
    assert refused["message"] == "sidebar_modules must not be longer than 65536 characters."
    assert (await world.root.get("/api/user/self"))["data"]["sidebar_modules"] == "m" * 65_536


async def test_administrators_see_nobodys_notification_secrets(world: World) -> None:
    hooked = {"notify_type": "webhook", "webhook_url": "https://example.org/hook", "webhook_secret": "hush"}
    pushed = {"notify_type": "gotify", "gotify_url": "https://example.org/push", "gotify_token": "hush"}
    boss, rita = await world.user("boss", role=10), await world.user("rita")
    for client, given in ((world.root, hooked), (rita, pushed)):
        assert (await client.put("/api/user/setting", {"quota_warning_threshold": 9, **given}))["success"]
    for path in ("?page_size=100", "search?keyword=", str(rita.id)):
        shown = str(await boss.get(f"/api/user/{path}"))
        assert "https://example.org/push" in shown
        assert "hush" not in shown
    assert "hush" in (await rita.get("/api/user/self"))["data"]["setting"]


async def test_preferences_keep_language_and_side_bar(world: World) -> None:
    rita = await world.user("rita")
    await rita.put("/api/user/self", {"language": "en"})
    gotify = {"notify_type": "gotify", "gotify_url": "https://example.org", "gotify_token": "gt", "gotify_priority": 11}
    webhook = {"notify_type": "webhook", "webhook_url": "https://example.org", "webhook_secret": "hush"}
    for given in (webhook, gotify):
        assert (await rita.put("/api/user/setting", {"quota_warning_threshold": 9, **given}))["success"]
    setting = msgspec.json.decode((await rita.get("/api/user/self"))["data"]["setting"])
    assert setting.pop("sidebar_modules")
    assert setting == {**gotify, "quota_warning_threshold": 9, "gotify_priority": 5, "language": "en"}


async def test_leaving_ends_everything(world: World) -> None:
    rita = await world.user("rita")
    assert not (await world.root.delete("/api/user/self"))["success"]
    assert (await rita.delete("/api/user/self"))["success"]
    assert (await rita.get("/api/user/self"))["code"] == "AUTH_SESSION_REVOKED"
    refused = await world.public.post("/api/user/login", {"username": "rita", "password": PASSWORD})
    assert not refused["success"]


async def test_groups_and_models_of_a_user(world: World) -> None:
    rita = await world.user("rita")
    for key, value in {
        "UserUsableGroups": '{"default":"standard","vip":"faster","auto":"best first"}',
        "GroupRatio": '{"default":1,"vip":0.5,"hidden":2}',
        "GroupGroupRatio": '{"default":{"vip":0.25}}',
    }.items():
        await world.root.put("/api/option/", {"key": key, "value": value})
    assert (await rita.get("/api/user/self/groups"))["data"] == {
        "default": {"ratio": 1, "desc": "standard"},
        "vip": {"ratio": 0.25, "desc": "faster"},
        "auto": {"ratio": "auto", "desc": "best first"},
    }
    assert (await world.public.get("/api/user/groups"))["data"]["vip"]["ratio"] == 0.5
    assert (await world.root.get("/api/group/"))["data"] == ["default", "hidden", "vip"]
    assert (await rita.get("/api/user/models?group=hidden"))["data"] == []


@pytest.mark.parametrize("ident", [True, "1", 1.5, None])
async def test_an_id_is_a_number(world: World, ident: object) -> None:
    refused = await world.root.post("/api/user/manage", {"id": ident, "action": "disable"})
    assert refused["success"] is False
    assert refused["message"].startswith("id: ")
