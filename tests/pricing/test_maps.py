"""Reading and refusing price and group options."""

import pytest

from faregate.kernel.errors import BadRequest
from faregate.pricing import (
    GroupRatio,
    OutOfRange,
    default_group_ratios,
    default_maps,
    group_ratios_from_options,
    maps_from_options,
    parse_map,
    parse_special_ratios,
)


def test_defaults_have_the_published_sizes() -> None:
    maps = default_maps()
    sizes = (len(maps.model_ratio), len(maps.model_price), len(maps.completion_ratio), len(maps.cache_ratio))
    assert sizes == (237, 31, 4, 73)
    assert (len(maps.create_cache_ratio), len(maps.image_ratio)) == (42, 1)
    assert (len(maps.audio_ratio), len(maps.audio_completion_ratio)) == (5, 7)


def test_a_saved_map_replaces_the_whole_default() -> None:
    maps = maps_from_options({"ModelRatio": '{"m": 2}'})
    assert maps.model_ratio == {"m": 2}
    assert maps.model_price == default_maps().model_price


@pytest.mark.parametrize("text", ["not json", '{"m": "2"}', "[1]", '{"m": null}'])
def test_a_text_that_is_no_map_of_numbers_is_refused(text) -> None:
    with pytest.raises(BadRequest, match="ModelRatio"):
        parse_map("ModelRatio", text)


def test_a_negative_ratio_is_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="'m'") as caught:
        parse_map("ModelRatio", '{"m": -1}')
    assert caught.value.code == "pricing.out_of_range"


@pytest.mark.parametrize("text", ['{"vip": 1}', "x", '{"vip": {"default": -1}}'])
def test_special_ratios_must_be_maps_of_maps_of_prices(text) -> None:
    with pytest.raises(BadRequest, match="GroupGroupRatio"):
        parse_special_ratios(text)


def test_group_options_fall_back_one_by_one() -> None:
    assert group_ratios_from_options({}) == default_group_ratios()
    ratios = group_ratios_from_options({"GroupRatio": '{"a": 2}', "GroupGroupRatio": '{"vip": {"a": 0.5}}'})
    assert ratios.get("default", "a") == GroupRatio(2, -1)
    assert ratios.get("vip", "a") == GroupRatio(0.5, 0.5)
    assert ratios.get("vip", "unknown") == GroupRatio(1, -1)
