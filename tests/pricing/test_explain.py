"""A charge explained, and its fields in a usage record."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from faregate.pricing import Line, Surcharge, Tokens, charge, explain, rates_by_ratio, rates_per_call, record_fields

CLAUDE = rates_by_ratio("claude", model_ratio=1.5, completion_ratio=5, cache_ratio=0.1)


def test_price_times_tokens_is_the_charge() -> None:
    tokens = Tokens(input=3, output=1, cache_read=9000)
    charged = charge(CLAUDE, 1, tokens)
    lines = explain(charged, tokens)
    assert lines == (
        Line("input", 3, Decimal(3), Decimal("4.5")),
        Line("cache_read", 9000, Decimal("0.3"), Decimal(1350)),
        Line("output", 1, Decimal(15), Decimal("7.5")),
    )
    assert sum(line.quota for line in lines) == charged.quota == 1362


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([0.5, 1.0, 1.3]), st.integers(0, 5))
def test_lines_add_up_with_ratios_and_tools(read, written, group, calls) -> None:
    tokens = Tokens(input=1, cache_read=read, cache_write=written)
    surcharges = (Surcharge("web_search", calls, 10.0),) if calls else ()
    charged = charge(CLAUDE, group, tokens, other_ratios={"n": 2.0, "bad": 0.0}, surcharges=surcharges)
    total = sum(line.quota for line in explain(charged, tokens))
    assert abs(charged.quota - total) <= Decimal("0.5")


def test_a_call_with_a_price_is_one_line() -> None:
    charged = charge(rates_per_call("m", 0.04), 2, Tokens(input=5))
    assert explain(charged, Tokens(input=5)) == (Line("call", 1, Decimal("0.04"), Decimal(40000)),)


def test_a_plain_record_has_the_seven_fields() -> None:
    tokens = Tokens(input=10)
    assert record_fields(charge(CLAUDE, 1, tokens), tokens) == {
        "model_ratio": 1.5,
        "group_ratio": 1,
        "completion_ratio": 5,
        "cache_tokens": 0,
        "cache_ratio": 0.1,
        "model_price": -1,
        "user_group_ratio": -1,
    }


def test_a_record_of_a_price_per_call_has_no_ratios() -> None:
    tokens = Tokens(input=1)
    rates = rates_per_call("m", 0.04).scaled(2)
    fields = record_fields(charge(rates, 1, tokens), tokens, special_ratio=0.9)
    shown = (fields["model_price"], fields["model_ratio"], fields["completion_ratio"], fields["cache_ratio"])
    assert shown == (0.08, 0, 0, 0)
    assert fields["user_group_ratio"] == 0.9


def test_an_anthropic_record_always_tells_cache_writes() -> None:
    plain = record_fields(charge(CLAUDE, 1, Tokens(input=1)), Tokens(input=1), is_anthropic=True)
    assert (plain["claude"], plain["usage_semantic"], plain["cache_creation_tokens"]) == (True, "anthropic", 0)
    assert "cache_write_tokens" not in plain
    tokens = Tokens(cache_write=20, cache_write_5m=10, cache_write_1h=5)
    split = record_fields(charge(CLAUDE, 1, tokens), tokens, is_anthropic=True)
    assert (split["cache_creation_tokens"], split["cache_write_tokens"]) == (35, 35)
    assert (split["cache_creation_tokens_5m"], split["cache_creation_ratio_5m"]) == (10, 1.25)
    assert (split["cache_creation_tokens_1h"], split["cache_creation_ratio_1h"]) == (5, 2.0)


def test_images_audio_and_tools_are_recorded_when_there_are_any() -> None:
    tokens = Tokens(input=1, output=2, image_in=3, audio_in=4, audio_out=5)
    rates = rates_by_ratio("m", model_ratio=1, image_ratio=2, audio=(8.0, 2.0))
    charged = charge(rates, 1, tokens, surcharges=(Surcharge("web_search", 1, 10.0),))
    fields = record_fields(charged, tokens)
    assert (fields["image"], fields["image_ratio"], fields["image_output"]) == (True, 2, 3)
    assert (fields["audio"], fields["audio_input"], fields["audio_output"]) == (True, 4, 5)
    assert (fields["text_input"], fields["text_output"]) == (1, 2)
    assert (fields["audio_ratio"], fields["audio_completion_ratio"]) == (8, 2)
    assert fields["tool_surcharges"] == [{"name": "web_search", "count": 1, "price": 10.0}]


def test_audio_with_a_dollar_price_is_recorded_with_it() -> None:
    tokens = Tokens(audio_in=4)
    rates = rates_by_ratio("gemini-2.5-flash", model_ratio=1, audio_input_price=1.0)
    fields = record_fields(charge(rates, 1, tokens), tokens)
    assert (fields["audio_input_seperate_price"], fields["audio_input_token_count"]) == (True, 4)
    assert fields["audio_input_price"] == 1.0


def test_audio_billed_as_text_leaves_no_trace() -> None:
    tokens = Tokens(audio_in=4)
    assert "audio" not in record_fields(charge(CLAUDE, 1, tokens), tokens)
