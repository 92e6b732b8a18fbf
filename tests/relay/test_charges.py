"""Charges that are easily missed, through the whole gateway: searches of free models, token numbers, quota in use."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.kernel.egress.egress_upstream import Line
from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.stage import ACTS, Call, Stage, answer
from tests.relay.wire import ask, carrying, whole
from tests.serving import Answer, Gateway

SEARCHES, SEARCH_QUOTA = 1000, 5000  # 10 USD a thousand


async def _searches(line: Line, call: Call) -> None:
    counted = f':5,"server_tool_use":{{"web_search_requests":{SEARCHES}}}'.encode()
    await line.say(answer(whole(call.dialect).replace(b":5", counted)))


async def _embeds(line: Line, _: Call) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [0.5]}
    await line.say(answer(json.dumps({"object": "list", "model": "m", "data": [vector]}).encode()))


async def _completes(line: Line, _: Call) -> None:
    choice = {"index": 0, "text": "", "finish_reason": "stop"}
    await line.say(answer(json.dumps({"id": "c", "object": "text_completion", "choices": [choice]}).encode()))


@dataclass
class Shop:
    """A gateway, its upstream and its books."""

    gateway: Gateway
    stage: Stage
    books: Books

    def charge(self, answered: Answer) -> int:
        """What a call was charged, by its record."""
        assert answered.status == 200, answered
        ident = answered.headers["x-faregate-request-id"]
        return int(self.books.wait_for([ident])[ident].charge)

    def newest_key(self) -> tuple[int, int, int]:
        """Status, what is left and what was used of the key made last."""
        row = self.gateway.manage("GET", "/api/token/?p=1&page_size=1")["items"][0]
        return row["status"], row["remain_quota"], row["used_quota"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as patch:
        for name, act in (("searches", _searches), ("embeds", _embeds), ("completes", _completes)):
            patch.setitem(ACTS, name, act)
        stage = Stage()
        gateway = Gateway(tmp_path_factory.mktemp("shop")).start().set_up()
        try:
            books = furnish(
                gateway,
                Route("paid", stage.url("ok")),
                Route("embeds", stage.url("embeds")),
                Route("completes", stage.url("completes")),
                Route("searches", stage.url("searches"), 14),
            )
            gateway.option("ModelRatio", {"paid": 1, "embeds": 1, "completes": 1, "searches": 0})
            gateway.balance(10**9)
            until_served(gateway, gateway.key(), "searches")
            yield Shop(gateway, stage, books)
        finally:
            gateway.kill()
            stage.close()


@pytest.mark.parametrize("held", [True, False])
def test_searches_of_a_free_model_are_charged_whether_or_not_anything_was_held(shop: Shop, held: bool) -> None:
    shop.gateway.option("quota_setting.enable_free_model_pre_consume", json.dumps(held))
    key, before = shop.gateway.key(10**8), shop.books.balance()
    path, body = ask("anthropic", "searches")
    answered = shop.gateway.call("POST", path, body, carrying("anthropic", key))
    assert shop.charge(answered) == SEARCHES * SEARCH_QUOTA
    assert before - shop.books.balance() == SEARCHES * SEARCH_QUOTA
    assert shop.newest_key() == (1, 10**8 - SEARCHES * SEARCH_QUOTA, SEARCHES * SEARCH_QUOTA)
    assert shop.books.findings() == []


def test_a_key_whose_quota_is_held_is_short_of_credit_and_stays_on(shop: Shop) -> None:
    key = shop.gateway.key(1000)
    path, body = ask("openai_chat", "paid")

    def call() -> Answer:
        return shop.gateway.call("POST", path, body, carrying("openai_chat", key))

    before = len(shop.stage.of("ok"))
    shop.stage.delay_s = 2
    with ThreadPoolExecutor() as pool:
        under_way = [pool.submit(call) for _ in range(2)]
        while len(shop.stage.of("ok")) < before + 2:
            time.sleep(0.01)
        third = call()
        assert not any(one.done() for one in under_way)
        shop.stage.delay_s = 0
        assert [shop.charge(one.result()) for one in under_way] == [15, 15]
    assert (third.status, third.json["error"]["code"]) == (403, "pre_consume_token_quota_failed")
    assert shop.charge(call()) == 15
    assert shop.newest_key() == (1, 955, 45)


@pytest.mark.parametrize(
    ("path", "model", "field"), [("/v1/embeddings", "embeds", "input"), ("/v1/completions", "completes", "prompt")]
)
def test_token_numbers_are_charged_one_by_one_where_no_usage_is_reported(
    shop: Shop, path: str, model: str, field: str
) -> None:
    key = shop.gateway.key()
    for given, tokens in ((list(range(8000)), 8000), ([list(range(100))] * 3, 300)):
        answered = shop.gateway.call("POST", path, {"model": model, field: given}, carrying("openai_chat", key))
        assert shop.charge(answered) == tokens
