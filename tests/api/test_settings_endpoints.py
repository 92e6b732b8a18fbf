"""Settings for the console: sections, one atomic change, history, and changes that overtake each other."""

from typing import Any

from tests.api.world import World, open_world

URL = "/api/console/settings"


async def view(world: World) -> dict[str, Any]:
    return (await world.root.get(URL))["data"]


def fields(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for section in data["sections"] for field in section["fields"]}


async def save(world: World, revision: int, **changes: str | None) -> dict[str, Any]:
    return await world.root.put(URL, {"revision": revision, "changes": changes})


async def test_every_setting_is_shown_with_its_kind_and_its_default(world: World) -> None:
    found = fields(await view(world))
    assert (found["SystemName"]["kind"], found["Notice"]["kind"]) == ("text", "prose")
    assert found["DefaultCollapseSidebar"] == {
        "key": "DefaultCollapseSidebar",
        "title": found["DefaultCollapseSidebar"]["title"],
        "kind": "switch",
        "value": "false",
        "default": "false",
        "is_stored": False,
        "choices": [],
        "minimum": None,
        "maximum": None,
    }
    assert found["general_setting.quota_display_type"]["choices"] == ["USD", "CNY", "TOKENS", "CUSTOM"]
    assert found["GroupRatio"]["kind"] == "json"


async def test_several_settings_change_at_once_and_go_back_to_their_defaults(world: World) -> None:
    first = await view(world)
    saved = await save(world, first["revision"], SystemName="Gate", Footer="f")
    assert saved["success"], saved
    found = fields(saved["data"])
    assert (found["SystemName"]["value"], found["SystemName"]["is_stored"]) == ("Gate", True)
    assert found["Footer"]["value"] == "f"
    back = fields((await save(world, saved["data"]["revision"], SystemName=None))["data"])
    assert back["SystemName"]["value"] == back["SystemName"]["default"]
    assert not back["SystemName"]["is_stored"]


async def test_one_bad_value_changes_nothing(world: World) -> None:
    revision = (await view(world))["revision"]
    refused = await save(world, revision, Footer="x", GroupRatio="{")
    assert not refused["success"]
    assert "GroupRatio" in refused["message"]
    assert fields(await view(world))["Footer"]["value"] == ""


async def test_a_change_that_somebody_overtook_is_refused(world: World) -> None:
    revision = (await view(world))["revision"]
    assert (await save(world, revision, Footer="mine"))["success"]
    refused = await save(world, revision, Footer="yours")
    assert not refused["success"]
    assert "Footer was changed by" in refused["message"]
    assert (await save(world, revision, SystemName="another setting"))["success"]


async def test_the_history_tells_who_changed_what_and_no_secret(world: World) -> None:
    revision = (await view(world))["revision"]
    saved = await save(world, revision, Footer="one", GitHubClientSecret="hush")
    await world.root.put("/api/option/", {"key": "Footer", "value": "two"})
    rows = (await world.root.get(f"{URL}/changes"))["data"]
    assert [(row["key"], row["before"], row["after"]) for row in rows] == [
        ("Footer", "one", "two"),
        ("GitHubClientSecret", None, None),
        ("Footer", None, "one"),
    ]
    assert rows[1]["is_secret"]
    assert {row["username"] for row in rows} == {"root"}
    assert [row["after"] for row in (await world.root.get(f"{URL}/changes?key=Footer"))["data"]] == ["two", "one"]
    shown = fields(saved["data"])["GitHubClientSecret"]
    assert (shown["value"], shown["is_stored"], shown["kind"]) == ("", True, "secret")


async def test_a_secret_that_only_its_name_tells_is_not_in_the_history(world: World) -> None:
    for value in ("sk_live_first", "sk_live_second"):
        for key in ("StripeApiSecret", "SMTPToken"):
            assert (await world.root.put("/api/option/", {"key": key, "value": value}))["success"]
    rows = (await world.root.get(f"{URL}/changes"))["data"]
    assert [(row["before"], row["after"], row["is_secret"]) for row in rows] == [(None, None, True)] * 4


async def test_an_empty_change_and_a_bad_key_are_refused(world: World) -> None:
    assert not (await save(world, 0))["success"]
    assert not (await save(world, 0, **{"": "x"}))["success"]
    assert not (await save(world, 0, **{"payment_setting.compliance_confirmed": "true"}))["success"]


async def test_the_same_secret_saved_again_is_no_change(world: World) -> None:
    for value in ("hush", "hush", "louder"):
        assert (await world.root.put("/api/option/", {"key": "GitHubClientSecret", "value": value}))["success"]
    rows = (await world.root.get(f"{URL}/changes"))["data"]
    assert [row["key"] for row in rows] == ["GitHubClientSecret"] * 2


async def test_a_secret_of_another_master_secret_is_as_good_as_not_set(world: World) -> None:
    for key, value in (("TelegramBotToken", "hush"), ("TelegramOAuthEnabled", "true")):
        assert (await world.root.put("/api/option/", {"key": key, "value": value}))["success"]
    async with open_world(world.context.database, master=b"o" * 32) as moved:
        moved.root = await moved.sign_in("root")
        shown = await view(moved)
        assert not fields(shown)["TelegramBotToken"]["is_stored"]
        refused = await moved.root.put("/api/option/", {"key": "TelegramOAuthEnabled", "value": "true"})
        assert "while TelegramBotToken is empty" in refused["message"]
        saved = await save(moved, shown["revision"], TelegramBotToken="hush again")
        assert fields(saved["data"])["TelegramBotToken"]["is_stored"]
        assert moved.context.settings.text("TelegramBotToken") == "hush again"
