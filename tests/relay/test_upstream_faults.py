"""Upstreams that fail in every way we know: what the caller is told, what is charged, who is asked next.

Each test asks in all four dialects, streaming and not, at the same time, and compares all eight outcomes at once.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.relay.books import CREDENTIAL, ERROR
from tests.relay.conftest import BROKEN, Plane, model_of
from tests.relay.wire import DIALECTS, TROUBLE, WORDS, ask, ended_well, events_of, stream_fault, text_of, told
from tests.serving import Answer

Case = tuple[str, bool]  # dialect, streaming
CASES: list[Case] = [(dialect, stream) for dialect in DIALECTS for stream in (False, True)]
STREAMS = [case for case in CASES if case[1]]
WHOLES = [case for case in CASES if not case[1]]
FIRST_WORD = "hello"
HIDDEN = "no such key: ***"


def play(plane: Plane, act: str, cases: Iterable[Case] = CASES, *, spare: bool = False) -> dict[Case, Answer]:
    """The answers of all cases, asked at once. A stream that breaks goes on when its first words are here."""

    def one(case: Case) -> Answer:
        dialect, stream = case
        path, body = ask(dialect, model_of(act, dialect, spare=spare), stream=stream)
        if stream and act in AFTER:
            with plane.listen(dialect, path, body) as listener:
                listener.until(FIRST_WORD.encode())
                plane.stage.go_on(act, dialect)
                return listener.rest()
        return plane.ask(dialect, path, body)

    wanted = list(cases)
    with ThreadPoolExecutor(len(wanted)) as pool:
        return dict(zip(wanted, pool.map(one, wanted), strict=True))


def ident(answer: Answer) -> str:
    """The gateway's id of a request."""
    return answer.headers["x-faregate-request-id"]


def refused(answers: dict[Case, Answer]) -> dict[Case, tuple[int, str]]:
    """Status and message of refusals; fails when a body has not its dialect's shape."""
    assert all(answer.headers["content-type"] == "application/json" for answer in answers.values())
    return {case: (answer.status, told(case[0], answer.body)) for case, answer in answers.items()}


def costs(plane: Plane, answers: dict[Case, Answer], cases: Iterable[Case]) -> dict[Case, tuple[int, int, int]]:
    """Charge, prompt and completion tokens of the records."""
    records = plane.books.wait_for(ident(answers[case]) for case in cases)
    rows = {case: records[ident(answers[case])] for case in cases}
    return {case: (row.charge, row.prompt_tokens, row.completion_tokens) for case, row in rows.items()}


def same(value: Any, cases: Iterable[Case]) -> dict[Case, Any]:
    """The same outcome for all."""
    return dict.fromkeys(cases, value)


def test_a_healthy_upstream_is_passed_on_and_charged_to_the_unit(plane: Plane, spent: Callable[[], int]) -> None:
    answers = play(plane, "ok")
    assert {case: answer.status for case, answer in answers.items()} == same(200, CASES)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    assert all(ended_well(dialect, answers[dialect, True].body) for dialect in DIALECTS)
    assert costs(plane, answers, CASES) == same((15, 10, 5), CASES)
    assert spent() == 8 * 15


def test_a_stream_that_comes_byte_by_byte_is_the_same_stream(plane: Plane) -> None:
    answers = play(plane, "drip", STREAMS)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, STREAMS)
    assert all(ended_well(dialect, answers[dialect, True].body) for dialect in DIALECTS)
    assert costs(plane, answers, STREAMS) == same((15, 10, 5), STREAMS)


@pytest.mark.parametrize("act", ["called_text", "called_json", "called_nothing", "unclosed"])
def test_a_stream_is_known_by_what_it_says(plane: Plane, act: str) -> None:
    answers = play(plane, act)
    assert {case: answer.status for case, answer in answers.items()} == same(200, CASES)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    assert all(ended_well(dialect, answers[dialect, True].body) for dialect in DIALECTS)
    assert costs(plane, answers, CASES) == same((15, 10, 5), CASES)


@pytest.mark.parametrize("act", ["unfinished", "held_open"])
def test_a_stream_that_has_told_its_end_is_complete_whatever_its_connection_does(plane: Plane, act: str) -> None:
    cases = [case for case in CASES if case[0] != "gemini"]
    answers = play(plane, act, cases)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, cases)
    assert all(ended_well(case[0], answers[case].body) for case in cases if case[1])
    assert costs(plane, answers, cases) == same((15, 10, 5), cases)


@pytest.mark.parametrize("act", ["unfinished", "held_open"])
def test_gemini_tells_no_end_of_its_own(plane: Plane, act: str) -> None:
    """Some of its models name the stop reason in every piece."""
    broken = play(plane, act, [("gemini", True), ("gemini", False)])
    assert stream_fault("gemini", broken["gemini", True].body)
    assert broken["gemini", False].status == 500


@pytest.mark.parametrize("streamed", [True, False])
def test_the_stop_of_one_choice_is_not_the_end_of_all(plane: Plane, streamed: bool) -> None:
    """A connection that breaks behind a stop reason, before the mark of the end."""
    broken = play(plane, "one_choice", [("openai_chat", streamed)])["openai_chat", streamed]
    if streamed:
        assert stream_fault("openai_chat", broken.body)
        assert not ended_well("openai_chat", broken.body)
    else:
        assert broken.status == 500


def test_the_mark_of_the_end_ends_a_stream_whether_asked_for_or_not(plane: Plane) -> None:
    cases = [("openai_chat", False), ("openai_chat", True)]
    answers = play(plane, "unreasoned", cases)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, cases)
    assert costs(plane, answers, cases) == same((15, 10, 5), cases)


def test_an_upstream_that_answers_in_the_other_manner_is_understood(plane: Plane) -> None:
    answers = play(plane, "contrary")
    assert {case: answer.status for case, answer in answers.items()} == same(200, CASES)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    assert all(ended_well(dialect, answers[dialect, True].body) for dialect in DIALECTS)
    assert costs(plane, answers, CASES) == same((15, 10, 5), CASES)


def test_a_completion_in_the_other_manner_keeps_its_text_and_its_price(plane: Plane) -> None:
    body = {"model": model_of("contrary", "openai_chat"), "prompt": "hi"}
    streamed = plane.ask("openai_chat", "/v1/completions", {**body, "stream": True})
    events = [data for _, data in events_of(streamed.body)]
    assert events[0]["choices"][0] == {"index": 0, "text": WORDS, "logprobs": None, "finish_reason": "stop"}
    assert (events[1]["choices"], events[1]["usage"]["total_tokens"], events[-1]) == ([], 15, "[DONE]")
    whole = plane.ask("openai_chat", "/v1/completions", body)
    assert (whole.json["object"], whole.json["usage"]["total_tokens"]) == ("text_completion", 15)
    assert whole.json["choices"][0] == {"index": 0, "text": WORDS, "logprobs": None, "finish_reason": "stop"}
    records = plane.books.wait_for([ident(streamed), ident(whole)])
    assert [records[ident(one)].charge for one in (streamed, whole)] == [15, 15]


# What goes up of the query `x=a b&x=1&key=…&beta=true`, by the dialect that is asked.
QUERIES = {
    "openai_chat": "?x=a+b&x=1&beta=true",
    "openai_responses": "?x=a+b&x=1&beta=true",
    "anthropic": "?beta=true",
    "gemini": "",
}


@pytest.mark.parametrize("dialect", QUERIES)
def test_a_query_goes_up_where_the_provider_takes_one_but_never_a_key(plane: Plane, dialect: str) -> None:
    path, body = ask(dialect, model_of("ok", dialect), stream=False)
    answer = plane.ask(dialect, f"{path}?x=a%20b&x=1&key={plane.key}&beta=true", body)
    assert answer.status == 200
    sent = plane.stage.of("ok")[-1].path
    assert sent.partition("?")[2] == QUERIES[dialect].removeprefix("?")


def test_a_translated_call_takes_no_query_along(plane: Plane) -> None:
    path, body = ask("anthropic", model_of("ok", "openai_chat"), stream=False)
    assert plane.ask("anthropic", f"{path}?beta=true&x=1", body).status == 200
    assert plane.stage.of("ok")[-1].path == "/v1/chat/completions"


# Before the commit point: status, and a part of what the caller is told.
BEFORE: dict[str, tuple[int, str]] = {
    "refuse": (500, "upstream error: upstream not reached: connection failed"),
    "slam": (500, "upstream error: the upstream closed the connection without an answer"),
    "hang_up": (500, "upstream error: the upstream closed the connection without an answer"),
    "not_http": (500, "upstream error: the upstream's answer is not HTTP"),
    "error_in_200": (500, TROUBLE),
    "other_json": (500, "upstream error: "),
    "half_json": (500, "upstream error: "),
    "html": (500, "upstream error: "),
    "html_502": (502, "bad response status code 502"),
    "empty": (500, "upstream error: "),
    "busy": (429, TROUBLE),
    "callers_fault": (400, TROUBLE),
    "echo": (422, "bad response status code 422"),
    "moved": (302, ""),
    "stall_head": (500, "upstream error: "),
}
NOT_TRIED_AGAIN = {"callers_fault"}


@pytest.mark.parametrize("act", BEFORE)
def test_a_failure_before_the_first_word_is_told_and_costs_nothing(
    plane: Plane, spent: Callable[[], int], act: str
) -> None:
    answers = play(plane, act)
    status, words = BEFORE[act]
    found = refused(answers)
    assert {case: status for case, (status, _) in found.items()} == same(status, CASES)
    assert all(words in message for _, message in found.values()), found
    assert spent() == 0
    errors = plane.books.wait_for((ident(answer) for answer in answers.values()), ERROR)
    rows = [errors[ident(answer)] for answer in answers.values()]
    assert [(row.charge, row.prompt_tokens) for row in rows] == [(0, 0)] * 8
    assert {json.loads(row.other)["status_code"] for row in rows} == {status}


@pytest.mark.parametrize("act", BEFORE)
def test_a_failure_before_the_first_word_is_made_good_by_the_next_channel(
    plane: Plane, spent: Callable[[], int], act: str
) -> None:
    answers = play(plane, act, spare=True)
    if act in NOT_TRIED_AGAIN:
        assert {case: answer.status for case, answer in answers.items()} == same(400, CASES)
        assert spent() == 0
        return
    assert {case: answer.status for case, answer in answers.items()} == same(200, CASES)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    assert costs(plane, answers, CASES) == same((15, 10, 5), CASES)
    assert spent() == 8 * 15


@pytest.mark.parametrize(("act", "status"), [("unmodified", 304), ("unheard_of", 999)])
def test_a_status_that_no_caller_can_be_told_is_told_as_500_and_tried_elsewhere(
    plane: Plane, spent: Callable[[], int], act: str, status: int
) -> None:
    alone, answers = play(plane, act), play(plane, act, spare=True)
    assert {case: status for case, (status, _) in refused(alone).items()} == same(500, CASES)
    assert alone["gemini", False].json["error"]["code"] == 500
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    errors = plane.books.wait_for((ident(answer) for answer in alone.values()), ERROR)
    assert {json.loads(errors[ident(answer)].other)["status_code"] for answer in alone.values()} == {status}
    assert spent() == 8 * 15


@pytest.mark.parametrize("name", BROKEN)
def test_a_channel_that_cannot_be_called_as_it_is_set_is_left_out(
    plane: Plane, spent: Callable[[], int], name: str
) -> None:
    code = f"channel:{BROKEN[name][1]}"
    calls = len(plane.stage.of("ok"))
    alone = play(plane, name, [("openai_chat", False)])["openai_chat", False]
    assert (alone.status, alone.json["error"]["code"], len(plane.stage.of("ok"))) == (500, code, calls)
    made_good = play(plane, name, [("openai_chat", False)], spare=True)["openai_chat", False]
    assert (made_good.status, spent()) == (200, 15)
    errors = plane.books.wait_for([ident(alone), ident(made_good)], ERROR)
    assert {json.loads(errors[ident(answer)].other)["error_code"] for answer in (alone, made_good)} == {code}


def test_a_long_winded_refusal_is_told_whole_and_recorded_in_short(plane: Plane) -> None:
    answers = play(plane, "long_winded")
    assert refused(answers) == same((400, "x" * 500_000), CASES)
    errors = plane.books.wait_for((ident(answer) for answer in answers.values()), ERROR)
    rows = [errors[ident(answer)] for answer in answers.values()]
    assert [row.content for row in rows] == ["status_code=400, " + "x" * 4096 + "…"] * 8


def test_silence_before_the_first_word_of_a_stream_moves_on_within_the_deadline(
    plane: Plane, spent: Callable[[], int]
) -> None:
    alone, answers = play(plane, "stall_first", STREAMS), play(plane, "stall_first", STREAMS, spare=True)
    assert refused(alone) == same((500, "upstream error: no content within 1 s"), STREAMS) | {
        case: (500, f"upstream error: no content within 1 s (request id: {ident(alone[case])})")
        for case in STREAMS
        if case[0].startswith("openai")
    }
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, STREAMS)
    assert spent() == 4 * 15


@pytest.mark.parametrize("act", ["stall_first", "stall_middle", "cut", "error_after"])
def test_a_whole_answer_that_never_becomes_whole_is_made_good_by_the_next_channel(
    plane: Plane, spent: Callable[[], int], act: str
) -> None:
    alone, answers = play(plane, act, WHOLES), play(plane, act, WHOLES, spare=True)
    assert {case: status for case, (status, _) in refused(alone).items()} == same(500, WHOLES)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, WHOLES)
    assert costs(plane, answers, WHOLES) == same((15, 10, 5), WHOLES)
    assert spent() == 4 * 15


# After the commit point: what the error event says, and why the record says it ended.
AFTER: dict[str, tuple[str, str]] = {
    "stall_middle": ("upstream error: the upstream fell silent", "timeout"),
    "cut": ("upstream error: the upstream's answer broke off", "scanner_error"),
    "cut_clean": ("upstream error: the upstream's stream ended before its stop reason", "scanner_error"),
    "error_after": (TROUBLE, "error_event"),
}


@pytest.mark.parametrize("act", AFTER)
@pytest.mark.parametrize("spare", [False, True])
def test_a_stream_that_breaks_ends_with_an_error_event_and_is_charged_for_what_came(
    plane: Plane, spent: Callable[[], int], act: str, spare: bool
) -> None:
    answers = play(plane, act, STREAMS, spare=spare)
    words, reason = AFTER[act]
    assert {case: answer.status for case, answer in answers.items()} == same(200, STREAMS)
    assert all(text_of(case[0], answer).startswith(FIRST_WORD) for case, answer in answers.items())
    ends = {case: stream_fault(case[0], answer.body) for case, answer in answers.items()}
    assert all(words in end for end in ends.values()), ends
    assert not any(ended_well(dialect, answers[dialect, True].body) for dialect in DIALECTS)
    charged = costs(plane, answers, STREAMS)
    assert all(charge == prompt + output and output == 3 for charge, prompt, output in charged.values()), charged
    assert spent() == sum(charge for charge, _, _ in charged.values())
    records = plane.books.records()
    notes = [json.loads(records[ident(answer)].other) for answer in answers.values()]
    assert [note["stream_status"]["end_reason"] for note in notes] == [reason] * 4
    assert [note["admin_info"]["local_count_tokens"] for note in notes] == [True] * 4


@pytest.mark.parametrize("act", ["absurd", "huge", "negative", "many_searches"])
def test_usage_that_cannot_be_true_never_becomes_an_absurd_charge(
    plane: Plane, spent: Callable[[], int], act: str
) -> None:
    answers = play(plane, act)
    assert {case: answer.status for case, answer in answers.items()} == same(200, CASES)
    charged = costs(plane, answers, CASES)
    assert all(0 < charge < 1000 for charge, _, _ in charged.values()), charged
    assert spent() == sum(charge for charge, _, _ in charged.values())


@pytest.mark.parametrize("act", ["fraction", "in_words", "uncounted"])
def test_usage_in_an_odd_form_is_read_or_counted(plane: Plane, act: str) -> None:
    answers = play(plane, act)
    assert {case: text_of(case[0], answer) for case, answer in answers.items()} == same(WORDS, CASES)
    charged = costs(plane, answers, CASES)
    assert all(charge == prompt + output and prompt > 0 for charge, prompt, output in charged.values()), charged


@pytest.mark.parametrize("act", ["repeats_key", "repeats_key_in_200", "repeats_key_contrary"])
def test_a_key_that_an_upstream_repeats_reaches_neither_the_caller_nor_the_log(plane: Plane, act: str) -> None:
    answers = play(plane, act)
    assert {case: message for case, (_, message) in refused(answers).items()} == same(HIDDEN, CASES)
    records = plane.books.wait_for((ident(answer) for answer in answers.values()), ERROR)
    for answer in answers.values():
        row = records[ident(answer)]
        assert "no such key: ***" in row.content
        assert CREDENTIAL not in f"{answer.body!r} {row.content} {row.other}"


def test_no_hold_is_left_open(plane: Plane) -> None:
    plane.settle()
    plane.settle()
    assert plane.books.held() == 0
    assert plane.books.findings() == []


def test_no_request_of_these_tests_ended_in_a_defect(plane: Plane) -> None:
    log = (plane.gateway.data_dir / "server.log").read_text()
    assert "relay.defect" not in log
    assert "Traceback" not in log
