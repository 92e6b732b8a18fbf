"""Settings over the wire, and what the public sees of them."""

import json

import pytest

from tests.api.world import World


async def put(world: World, key: str, value: object) -> bool:
    return (await world.root.put("/api/option/", {"key": key, "value": value}))["success"]


async def listed(world: World) -> dict[str, str]:
    return {row["key"]: row["value"] for row in (await world.root.get("/api/option/"))["data"]}


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("SystemName", "My Gateway", "My Gateway"),
        ("DefaultCollapseSidebar", True, "true"),
        ("Price", 6.5, "6.5"),
        ("QuotaPerUnit", 1234567890123, "1234567890123"),
        ("AutoGroups", '["vip","default"]', '["vip","default"]'),
        ("AutoGroups", ["vip"], '["vip"]'),
        ("general_setting.made_up", "x", "x"),
        ("MadeUpKey2", "x", "x"),
    ],
)
async def test_a_setting_is_kept_as_text(world: World, key: str, value: object, shown: str) -> None:
    assert await put(world, key, value)
    assert (await listed(world))[key] == shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "x"),
        ("k" * 192, "x"),
        ("Footer", None),
        ("GroupRatio", "{"),
        ("GroupRatio", '{"default":-1}'),
        ("GroupRatio", '["default"]'),
        ("AutoGroups", "[broken"),
        ("MaxTokenAutoGroups", 0),
        ("MaxTokenAutoGroups", "two"),
        ("theme.frontend", "classic"),
        ("checkin_setting.min_quota", "some"),
        ("payment_setting.compliance_confirmed", True),
        ("QuotaForInviter", 5),
        ("GitHubOAuthEnabled", True),
        ("TurnstileCheckEnabled", True),
        ("oidc.enabled", "true"),
        ("oidc.enabled", "1"),
        ("discord.enabled", "T"),
        ("console_setting.faq", '[{"question":"q"}]'),
        ("USDExchangeRate", "inf"),
        ("ModelRatio", '{"a":' * 3000 + "1" + "}" * 3000),
        ("console_setting.announcements", "[" * 3000),
        *(
            ("ModelRequestRateLimitGroup", text)
            for text in ("{", "[]", '{"a":1}', '{"a":[1]}', '{"a":[1,2,3]}', "[" * 3000)
        ),
        *(
            ("ModelRequestRateLimitGroup", f'{{"a":{pair}}}')
            for pair in ("[-1,1]", "[0,0]", "[2147483648,1]", "[1,1.5]")
        ),
        *(("TopupGroupRatio", text) for text in ("{", '{"a":-1}', '{"a":"dear"}', "[]", "null")),
        *(("PayMethods", text) for text in ("nonsense", "{}", '["alipay"]', '[{"min_topup":5}]')),
    ],
)
async def test_a_refused_setting_changes_nothing(world: World, key: str, value: object) -> None:
    before = await listed(world)
    assert not await put(world, key, value)
    assert await listed(world) == before
    assert all(isinstance(text, str) for text in before.values())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ModelRequestRateLimitGroup", '{"default":[0,1],"vip":[2147483647,2147483647]}'),
        ("ModelRequestRateLimitGroup", ""),
        ("TopupGroupRatio", '{"default":1,"vip":0.5,"free":0}'),
        ("PayMethods", '[{"name":"Own","type":"custom1","min_topup":"50"}]'),
        ("PayMethods", []),
    ],
)
async def test_tables_of_parts_that_are_not_there_yet_are_kept(world: World, key: str, value: object) -> None:
    assert await put(world, key, value)
    assert (await listed(world))[key] == (value if isinstance(value, str) else "[]")


async def test_one_header_nested_without_end_closes_no_page(world: World) -> None:
    assert await put(world, "HeaderNavModules", '{"pricing":' * 3000 + "1" + "}" * 3000)
    for path in ("/api/pricing", "/api/status"):
        assert (await world.public.get(path))["success"]


async def test_what_output_costs_is_listed_for_every_model_that_a_table_names(world: World) -> None:
    await put(world, "ModelRatio", '{"plain":1}')
    await put(world, "CompletionRatio", '{"plain":7,"gpt-4-turbo":9,"only-output":3}')
    await put(world, "AudioRatio", '{"claude-3-heard":1}')
    rules = json.loads((await listed(world))["CompletionRatioMeta"])
    assert rules["plain"] == {"ratio": 7, "locked": False}
    assert rules["only-output"] == {"ratio": 3, "locked": False}
    assert rules["gpt-4-turbo"] == {"ratio": 3, "locked": True}
    assert rules["claude-3-heard"] == {"ratio": 5, "locked": True}
    assert "dall-e-3" in rules  # named by the table of prices per call
    assert "made-up" not in rules


async def test_a_switch_may_be_turned_on_once_its_setting_is_there(world: World) -> None:
    assert await put(world, "GitHubClientId", "id")
    assert await put(world, "GitHubOAuthEnabled", True)
    assert (await world.public.get("/api/status"))["data"]["github_oauth"] is True
    assert await put(world, "QuotaForInviter", 0)


async def test_secrets_are_never_listed(world: World) -> None:
    keys = ("SMTPToken", "GitHubClientSecret", "EpayKey", "oidc.client_secret", "some.api_key", "theme.frontend")
    for key in keys[:-1]:
        assert await put(world, key, "made-up-secret")
    shown = await listed(world)
    assert not set(keys) & set(shown)
    assert "made-up-secret" not in str(shown)


async def test_groups_have_two_spellings(world: World) -> None:
    assert await put(world, "group_ratio_setting.group_ratio", '{"default":2}')
    shown = await listed(world)
    assert shown["GroupRatio"] == shown["group_ratio_setting.group_ratio"] == '{"default":2}'


async def test_a_broken_body_is_a_bad_request(world: World) -> None:
    answer = await world.root.call("PUT", "/api/option/", b"{")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


async def test_texts_are_public(world: World) -> None:
    paths = {
        "notice": "Notice",
        "about": "About",
        "home_page_content": "HomePageContent",
        "user-agreement": "legal.user_agreement",
        "privacy-policy": "legal.privacy_policy",
    }
    for path, key in paths.items():
        assert await world.public.get(f"/api/{path}") == {"success": True, "message": "", "data": ""}
        await put(world, key, f"# {key}")
        assert (await world.public.get(f"/api/{path}"))["data"] == f"# {key}"


async def test_the_status_follows_the_settings(world: World) -> None:
    news = [
        {"content": "older", "publishDate": "2024-01-02T03:04:05Z"},
        {"content": "newer", "publishDate": "2024-06-02T03:04:05Z"},
    ]
    for key, value in {
        "console_setting.announcements": news,
        "console_setting.faq_enabled": False,
        "ServerAddress": "https://gate.example.org/",
        "DisplayInCurrencyEnabled": False,
        "legal.privacy_policy": "We store little.",
    }.items():
        assert await put(world, key, value)
    status = (await world.public.get("/api/status"))["data"]
    assert status["announcements"] == news[::-1]
    assert "faq" not in status
    assert (status["passkey_rp_id"], status["passkey_origins"]) == ("gate.example.org", "https://gate.example.org")
    assert (status["quota_display_type"], status["display_in_currency"]) == ("TOKENS", False)
    assert (status["user_agreement_enabled"], status["privacy_policy_enabled"]) == (False, True)


async def test_the_health_check_is_for_administrators(world: World) -> None:
    assert (await world.root.get("/api/status/test"))["http_stats"] == {"active_connections": 0}
    assert (await world.public.call("GET", "/api/status/test")).status_code == 401
    assert (await world.public.get("/api/uptime/status"))["data"] == []
