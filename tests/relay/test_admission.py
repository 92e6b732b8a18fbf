"""Which of its groups a call goes by, from where it comes, and which channel an administrator picked."""

import pytest
from msgspec import structs

from faregate.identity import KeyRecord, parse_networks
from faregate.kernel.errors import BadRequest, Forbidden
from faregate.relay.admission import AUTO, Admission, Caller, choose_group, pick_channel
from faregate.relay.arrival import first_values
from faregate.relay.keyring import Keyring
from faregate.relay.plan import Offers, Wish
from faregate.relay.routes import Mode
from faregate.settings import Settings
from tests.relay.making import arrival, channel, record, routing

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


async def address(*headers: tuple[str, str], allowed: str = "") -> str:
    """Where a call with these header lines comes from, by a proxy on this machine and a key for `allowed`."""
    key = structs.replace(record("k"), networks=parse_networks(allowed))

    async def load(_: str) -> KeyRecord:
        return key

    async def expired(_: KeyRecord) -> None:
        raise AssertionError

    def groups():
        raise AssertionError

    lines = [(b"authorization", b"Bearer k"), *((name.encode(), value.encode()) for name, value in headers)]
    call = structs.replace(arrival(), headers=lines, first=first_values(lines))
    admission = Admission(Keyring(load), groups, Settings().trusted_proxies, expired=expired)
    return (await admission.identify(call)).address


FORWARDED, REAL = "x-forwarded-for", "x-real-ip"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], "127.0.0.1"),
        ([(FORWARDED, "203.0.113.7")], "203.0.113.7"),
        ([(FORWARDED, "198.51.100.9"), (FORWARDED, "203.0.113.7")], "203.0.113.7"),
        ([(FORWARDED, "198.51.100.9"), ("accept", "*/*"), (FORWARDED, "203.0.113.7, 10.0.0.1")], "203.0.113.7"),
        ([(FORWARDED, ""), (FORWARDED, "203.0.113.7")], "203.0.113.7"),
        ([(REAL, "203.0.113.7")], "203.0.113.7"),
        ([(FORWARDED, "203.0.113.7"), (REAL, "198.51.100.9")], "203.0.113.7"),
    ],
)
async def test_a_caller_is_where_the_nearest_proxy_says(headers: list[tuple[str, str]], found: str) -> None:
    assert await address(*headers) == found


async def test_a_line_of_the_callers_own_does_not_pass_a_keys_list() -> None:
    spoofed = [(FORWARDED, "198.51.100.9"), (FORWARDED, "203.0.113.7")]
    with pytest.raises(Forbidden, match=r"203\.0\.113\.7"):
        await address(*spoofed, allowed="198.51.100.9")
    assert await address(*spoofed, allowed="203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("picked", ["2", "x", "\u00b2", "\u0661", "-1", "9" * 5000, "0" * 5000 + "1"])
def test_a_suffix_that_is_no_channels_id_is_a_bad_request(picked: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        pick_channel(Caller(record("k"), ("default",), "", picked), routing(channel(1)))
    assert len(refusal.value.message) < 100


def test_a_suffix_picks_its_channel() -> None:
    one = channel(1)
    assert pick_channel(Caller(record("k"), ("default",), "", "1"), routing(one)) is one
    assert pick_channel(Caller(record("k"), ("default",), "", ""), routing(one)) is None
