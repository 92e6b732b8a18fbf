"""Seals of whole answers are bound to the account that issued them."""

import pytest

from faregate.formats.events import Choice, Reply
from faregate.formats.turn import Opaque, Refusal, Sealed, Text, Thinking
from faregate.relay.seals import bound
from tests.relay.conftest import Plane, model_of
from tests.relay.wire import SIGNATURE, ask


def test_own_seals_without_an_account_get_one_and_all_else_stays() -> None:
    elsewhere, named = Sealed("gemini", "b"), Sealed("anthropic", "c", "3")
    rest = (Thinking("y", elsewhere), Thinking("z", named), Text("t"), Refusal("no"), Opaque("anthropic", "k", b"{}"))
    reply = Reply(id="r", model="m", choices=(Choice((Thinking("x", Sealed("anthropic", "a")), *rest), "stop"),))
    found = bound(reply, "anthropic", "7").choices[0].parts
    assert found == (Thinking("x", Sealed("anthropic", "a", "7")), *rest)


@pytest.mark.parametrize("act", ["signed", "signed_contrary"])
def test_a_whole_answer_names_the_account_that_signed_its_thoughts(plane: Plane, act: str) -> None:
    path, body = ask("openai_chat", model_of(act, "anthropic"))
    answer = plane.ask("openai_chat", path, body)
    query = "SELECT c.id FROM credential c JOIN served_model s ON s.channel_id = c.channel_id WHERE s.model = :model"
    ((credential,),) = plane.books.rows(query, model=model_of(act, "anthropic"))
    details = answer.json["choices"][0]["message"]["reasoning_details"]
    assert details[0]["data"] == f"fg1.anthropic.{credential}.{SIGNATURE}"
