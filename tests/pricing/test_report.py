"""Reading raw counts where prices or hosts decide."""

from faregate.pricing import Report, Tokens, rates_by_ratio, tokens_from_report, without_cache

PLAIN = rates_by_ratio("m", model_ratio=1.5, completion_ratio=5, cache_ratio=0.1)


def test_reads_and_writes_beyond_the_prompt_leave_nothing_negative() -> None:
    report = Report(prompt=100, cached=90, cache_write=90)
    assert tokens_from_report(report, PLAIN) == Tokens(cache_read=90, cache_write=90)


def test_audio_input_gets_a_bucket_only_where_it_has_a_price() -> None:
    report = Report(prompt=100, audio_in=40)
    gemini = rates_by_ratio("gemini-2.5-flash", model_ratio=1, audio_input_price=1.0)
    assert tokens_from_report(report, PLAIN) == Tokens(input=100)
    assert tokens_from_report(report, gemini) == Tokens(input=60, audio_in=40)


def test_writes_are_guessed_from_the_cost_only_when_it_fits() -> None:
    report = Report(semantic="anthropic", prompt=1000, cached=100)
    told = Report(semantic="anthropic", prompt=900, cached=100)
    assert without_cache(report, PLAIN, 0.0) == told
    assert without_cache(report, PLAIN, 1000.0) == told  # more writes than prompt
    assert without_cache(report, PLAIN, 0.000001) == told  # cheaper than without writes
    flat = rates_by_ratio("m", model_ratio=1.5, create_cache_ratio=1)
    assert without_cache(report, flat, 0.003) == told  # writes cost what input costs


def test_told_writes_are_taken_out_of_the_prompt() -> None:
    report = Report(semantic="anthropic", prompt=1000, cached=100, cached_creation=50)
    assert without_cache(report, PLAIN) == Report(semantic="anthropic", prompt=850, cached=100, cached_creation=50)
