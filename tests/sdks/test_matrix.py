"""Official SDKs as real clients: each with upstreams of all four dialects, whole and streamed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.sdks.exchange import CLIENTS, Exchange
from tests.sdks.expected import expected, plain
from tests.sdks.pair import LABELS, UPSTREAMS
from tests.sdks.scenarios import PLAYS, SCENARIOS, Scenario

every_client = pytest.mark.parametrize("client", CLIENTS)
every_upstream = pytest.mark.parametrize("upstream", UPSTREAMS)


@every_client
@every_upstream
@pytest.mark.parametrize(("scenario", "streamed"), PLAYS)
def test_a_client_gets_the_exact_answer(
    exchange: Exchange, client: str, upstream: str, scenario: Scenario, streamed: bool
) -> None:
    outcome = exchange.cell(client, upstream).outcomes[scenario, streamed]
    assert plain(outcome) == expected(scenario, CLIENTS[client])


@every_client
@every_upstream
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_stream_counts_what_a_whole_answer_counts(
    exchange: Exchange, client: str, upstream: str, scenario: Scenario
) -> None:
    outcomes = exchange.cell(client, upstream).outcomes
    whole, streamed = outcomes[scenario, False], outcomes[scenario, True]
    assert [turn.tokens for turn in streamed.turns] == [turn.tokens for turn in whole.turns]
    assert min(turn.tokens[0] for turn in whole.turns) > 0


@every_client
@every_upstream
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_stream_comes_in_pieces(exchange: Exchange, client: str, upstream: str, scenario: Scenario) -> None:
    turns = exchange.cell(client, upstream).outcomes[scenario, True].turns
    assert all(turn.pieces > 1 for turn in turns if turn.text)
    assert all(turn.pieces >= 1 for turn in turns)


@every_client
@every_upstream
def test_the_usage_records_name_both_dialects_and_the_counts_that_the_client_saw(
    exchange: Exchange, client: str, upstream: str
) -> None:
    cell, own = exchange.cell(client, upstream), CLIENTS[client]
    labels = [LABELS[own]] if own == upstream else [LABELS[own], LABELS[upstream]]
    turns = [(streamed, turn) for (_, streamed), outcome in cell.outcomes.items() for turn in outcome.turns]
    assert [_told(record) for record in cell.records] == [(streamed, *turn.tokens, labels) for streamed, turn in turns]


def _told(record: Mapping[str, Any]) -> tuple[Any, ...]:
    counts = record["prompt_tokens"], record["completion_tokens"]
    return (record["is_stream"], *counts, record["other"]["request_conversion"])
