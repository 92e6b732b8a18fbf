"""Which of its groups a call goes by."""

from faregate.relay.admission import AUTO, choose_group
from faregate.relay.plan import Offers, Wish
from faregate.relay.routes import Mode
from tests.relay.making import channel, routing

OPENAI, ANTHROPIC = 1, 14
OFFERS = Offers(routing(channel(1, ANTHROPIC, groups=("a",)), channel(2, OPENAI, groups=("b",))))


def wish(mode: Mode, model: str = "m") -> Wish:
    return Wish(mode, "openai_chat", model, "/")


def test_the_first_group_that_can_do_what_is_wished_is_chosen() -> None:
    assert choose_group(("a", "b"), OFFERS, wish(Mode.GENERATE)) == "a"
    assert choose_group(("a", "b"), OFFERS, wish(Mode.EMBED)) == "b"
    assert choose_group(("none", "a", "b"), OFFERS, wish(Mode.COMPLETE)) == "b"


def test_where_none_can_it_is_the_first_with_a_channel_for_the_model() -> None:
    assert choose_group(("none", "a"), OFFERS, wish(Mode.EMBED)) == "a"
    assert choose_group(("none", "a"), OFFERS, wish(Mode.EMBED, "other")) == "none"
    assert choose_group((), OFFERS, wish(Mode.EMBED)) == AUTO


def test_a_single_group_is_taken_as_it_is() -> None:
    assert choose_group(("a",), OFFERS, wish(Mode.EMBED)) == "a"
