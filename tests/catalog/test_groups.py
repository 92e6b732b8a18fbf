"""What groups mean."""

from faregate.catalog import GroupSettings, auto_groups, group_ratio, resolve_groups, selectable_groups

SETTINGS = GroupSettings(
    ratios={"default": 1, "vip": 0.5, "hidden": 2},
    usable={"default": "standard", "vip": "faster", "gone": "no ratio", "auto": "best first"},
    special={"vip": {"-:default": "", "+:hidden": "for vips", "extra": "no ratio"}},
    special_ratios={"default": {"vip": 0.25}},
    automatic=["hidden", "vip", "default"],
)


def test_a_user_may_use_what_everybody_may_and_its_own_group() -> None:
    assert list(resolve_groups(SETTINGS, "default")) == ["default", "vip", "gone", "auto"]
    assert list(resolve_groups(SETTINGS, "hidden")) == ["default", "vip", "gone", "auto", "hidden"]
    assert "" not in resolve_groups(SETTINGS, "")


def test_a_group_may_have_more_or_fewer() -> None:
    assert resolve_groups(SETTINGS, "vip") == {
        "vip": "faster",
        "gone": "no ratio",
        "auto": "best first",
        "hidden": "for vips",
        "extra": "no ratio",
    }


def test_only_groups_that_exist_are_selectable() -> None:
    assert selectable_groups(SETTINGS, "default") == ["default", "vip"]
    assert selectable_groups(SETTINGS, "vip") == ["vip", "hidden"]


def test_auto_tries_the_selectable_ones_in_order() -> None:
    assert auto_groups(SETTINGS, "default") == ["vip", "default"]
    assert auto_groups(SETTINGS, "default", ["default", "hidden"]) == ["default"]
    without = SETTINGS.model_copy(update={"usable": {"default": "standard"}})
    assert auto_groups(without, "default") == []


def test_a_ratio_may_depend_on_the_users_group() -> None:
    assert group_ratio(SETTINGS, "default", "vip") == 0.25
    assert group_ratio(SETTINGS, "vip", "vip") == 0.5
    assert group_ratio(SETTINGS, "default", "unknown") == 1
