"""What one answer used: the upstream's own report where it can be believed, else a flagged count of what came."""

import pytest

from faregate.formats import DIALECTS
from faregate.formats.events import Glimpse
from faregate.formats.turn import DialectName
from faregate.formats.usage import Usage
from faregate.relay.meter import Meter

WORDS = "hello there"  # 3 tokens by the estimate


def meter(dialect: DialectName, *glimpses: Glimpse, model: str = "m") -> Meter:
    made = Meter(DIALECTS[dialect], model)
    for glimpse in glimpses:
        made.see(glimpse)
    return made


def used(meter: Meter, prompt: int = 20) -> tuple[int, int, bool]:
    """Input, output and whether something was estimated."""
    usage = meter.total(lambda: prompt)
    return usage.total_input, usage.total_output, usage.estimated


def report(input: int, output: int, **more: int) -> Glimpse:
    return Glimpse(usage=Usage(input=input, prompt=input, output=output, completion=output, **more))


STOP = Glimpse(final=True)


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic", "gemini"])
def test_a_report_is_believed(dialect: DialectName) -> None:
    made = meter(dialect, Glimpse(live=True, text=WORDS), report(10, 5), STOP)
    assert made.reported
    assert used(made) == (10, 5, False)


def test_the_prompt_is_not_estimated_when_it_was_told() -> None:
    def never() -> int:
        raise AssertionError("estimated for nothing")

    assert meter("openai_chat", report(10, 5), STOP).total(never).total_output == 5


def test_without_a_report_the_text_is_counted() -> None:
    made = meter("openai_chat", Glimpse(live=True, text="hello"), Glimpse(live=True, text=" there"), STOP)
    assert not made.reported
    assert used(made) == (20, 3, True)


def test_every_tool_call_adds_seven() -> None:
    made = meter("openai_chat", Glimpse(live=True, text=WORDS, tool_calls=2), STOP)
    assert used(made) == (20, 3 + 14, True)


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
def test_a_report_of_nothing_is_no_report(dialect: DialectName) -> None:
    made = meter(dialect, Glimpse(live=True, text=WORDS), report(0, 0), STOP)
    assert not made.reported
    assert used(made) == (20, 3, True)


@pytest.mark.parametrize(("input", "output"), [(2**30 + 1, 5), (10, 2**30 + 1), (10**18, 10**18)])
def test_a_report_beyond_belief_is_no_report(input: int, output: int) -> None:
    made = meter("openai_chat", Glimpse(live=True, text=WORDS), report(input, output), STOP)
    assert not made.reported
    assert used(made) == (20, 3, True)


def test_a_report_of_searches_beyond_belief_is_no_report() -> None:
    made = meter("anthropic", Glimpse(live=True, text=WORDS), report(10, 5, web_searches=10**6), STOP)
    usage = made.total(lambda: 20)
    assert (usage.total_input, usage.total_output, usage.web_searches) == (20, 3, 0)


def test_a_report_without_input_gets_an_estimate_of_it() -> None:
    assert used(meter("openai_chat", report(0, 5), STOP)) == (20, 5, True)


def test_an_answer_that_broke_off_is_charged_the_larger_of_told_and_come() -> None:
    assert used(meter("anthropic", report(10, 1), Glimpse(live=True, text=WORDS))) == (10, 3, True)
    assert used(meter("anthropic", report(10, 9), Glimpse(live=True, text=WORDS))) == (10, 9, False)


def test_a_chat_host_may_say_that_nothing_was_said_others_may_not() -> None:
    glimpses = (Glimpse(live=True, text=WORDS), report(10, 0), STOP)
    assert used(meter("openai_chat", *glimpses)) == (10, 0, False)
    assert used(meter("gemini", *glimpses)) == (10, 3, True)


def test_the_last_report_of_a_chat_stream_wins() -> None:
    assert used(meter("openai_chat", report(10, 1), report(10, 5), STOP)) == (10, 5, False)


def test_content_is_words_calls_or_a_report() -> None:
    assert not meter("openai_chat").has_content
    assert not meter("openai_chat", Glimpse(live=True), report(0, 0)).has_content
    assert meter("openai_chat", Glimpse(text="x")).has_content
    assert meter("openai_chat", Glimpse(tool_calls=1)).has_content
    assert meter("openai_chat", report(10, 0)).has_content


def test_junk_is_counted() -> None:
    assert meter("openai_chat", Glimpse(junk=True), Glimpse(), Glimpse(junk=True)).junk == 2


@pytest.mark.parametrize(
    ("dialect", "semantic"),
    [("openai_chat", "openai"), ("openai_responses", "openai"), ("anthropic", "anthropic"), ("gemini", "gemini")],
)
def test_an_estimate_counts_in_the_upstreams_manner(dialect: DialectName, semantic: str) -> None:
    assert meter(dialect, Glimpse(text=WORDS)).total(lambda: 1).semantic == semantic
