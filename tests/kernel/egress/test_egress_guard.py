"""What a URL in which a user had a say may reach."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from faregate.kernel.egress import Egress, EgressSettings, Guard, Request
from faregate.kernel.errors import BadRequest, Unreachable
from tests.kernel.egress.egress_upstream import OK, always, upstream

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "198.17.0.1"]
PUBLIC_6 = ["2606:4700:4700::1111", "2a00:1450:4001::1", "2003::1"]
SPECIAL = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1"),
    *("192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
]
SPECIAL_6 = [
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *(
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
    ),
    *("2002:7f00:1::", "2002:0808:0808::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1"),
    *("febf::1", "fec0::1", "ff02::1"),
]


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class Wall:
    """A door behind which nothing answers: what gets that far has passed the guard."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._addresses: list[str] = []
        settings = EgressSettings(environment={**environment, "ALL_PROXY": "http://127.0.0.1:1"})
        self._egress = Egress(settings, self._resolve)

    async def refusal(self, url: str, guard: Guard, *addresses: str) -> str:
        """The refusal's message, or "passed". A name has `addresses`, or none that can be found."""
        self._addresses = list(addresses)
        self._egress.guard = guard
        outcome: list[BaseException] = await asyncio.gather(
            self._egress.send(Request("GET", url, guarded=True)), return_exceptions=True
        )  # type: ignore[assignment]
        match outcome[0]:
            case BadRequest(code="egress.refused", param="url", message=message):
                return message
            case Unreachable():
                return "passed"
            case other:
                raise AssertionError(other)

    async def close(self) -> None:
        await self._egress.close()

    async def _resolve(self, host: str, port: int) -> list[str]:
        if not self._addresses:
            raise OSError("no such name")
        return self._addresses


@pytest_asyncio.fixture
async def wall(no_trust: dict[str, str]) -> AsyncIterator[Wall]:
    here = Wall(no_trust)
    yield here
    await here.close()


ADDRESS = "this address is not allowed"
HOST = "this host is not allowed"
DOMAIN = "this domain is not allowed"
PORT = "this port is not allowed"


async def test_a_special_purpose_address_is_refused_as_literal_and_behind_a_name(wall: Wall) -> None:
    expected = dict.fromkeys(SPECIAL + SPECIAL_6, ADDRESS)
    literal = {address: await wall.refusal(f"http://{bracketed(address)}/", Guard()) for address in expected}
    behind = {address: await wall.refusal("http://hook.example/", Guard(), address) for address in expected}
    beside = {address: await wall.refusal("http://hook.example/", Guard(), "8.8.8.8", address) for address in expected}
    assert (literal, behind, beside) == (expected, expected, expected)


async def test_a_special_purpose_address_passes_where_private_ones_are_allowed(wall: Wall) -> None:
    guard, expected = Guard(allow_private=True), dict.fromkeys(SPECIAL + SPECIAL_6, "passed")
    literal = {address: await wall.refusal(f"http://{bracketed(address)}/", guard) for address in expected}
    behind = {address: await wall.refusal("http://hook.example/", guard, address) for address in expected}
    assert (literal, behind) == (expected, expected)


async def test_a_public_address_passes_as_literal_and_behind_a_name(wall: Wall) -> None:
    expected = dict.fromkeys(PUBLIC + PUBLIC_6, "passed")
    literal = {address: await wall.refusal(f"https://{bracketed(address)}/", Guard()) for address in expected}
    behind = {address: await wall.refusal("https://hook.example/", Guard(), address) for address in expected}
    assert (literal, behind) == (expected, expected)


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "10.1", "0", "a.0x1", "1.2.3.4.5"],
)
async def test_an_address_in_disguise_is_refused_even_where_names_are_not_resolved(wall: Wall, host: str) -> None:
    assert await wall.refusal(f"http://{host}/", Guard(check_resolved=False)) == HOST


@pytest.mark.parametrize("host", ["[fe80::1%25eth0]", "[2606:4700::1%25eth0]"])
async def test_an_address_with_a_zone_is_refused(wall: Wall, host: str) -> None:
    assert await wall.refusal(f"http://{host}/", Guard(allow_private=True)) in (HOST, ADDRESS, "this is not a URL")


@pytest.mark.parametrize(
    ("ports", "port", "outcome"),
    [
        (("80", "443", "8080", "8443"), 8080, "passed"),
        (("80", "443", "8080", "8443"), 22, PORT),
        (("8000-9000",), 8000, "passed"),
        (("8000-9000",), 9000, "passed"),
        (("8000-9000",), 9001, PORT),
        (("nonsense", "81"), 81, "passed"),
        (("nonsense",), 81, PORT),
        ((), 22, "passed"),
    ],
)
async def test_a_port_must_be_listed(wall: Wall, ports: tuple[str, ...], port: int, outcome: str) -> None:
    assert await wall.refusal(f"http://hook.example:{port}/", Guard(allowed_ports=ports)) == outcome


async def test_the_port_of_the_scheme_counts(wall: Wall) -> None:
    assert await wall.refusal("https://hook.example/", Guard(allowed_ports=("80",))) == PORT
    assert await wall.refusal("https://hook.example/", Guard(allowed_ports=("443",))) == "passed"


@pytest.mark.parametrize(
    ("listed", "host", "covered"),
    [
        ("example.com", "example.com", True),
        ("example.com", "EXAMPLE.com", True),
        ("EXAMPLE.com", "example.com", True),
        ("example.com", "example.com.", True),
        ("example.com", "a.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", True),
        ("*.example.com", "badexample.com", False),
        ("*.example.com", "example.com.evil.org", False),
    ],
)
async def test_a_domain_list_says_nothing_but_these_or_anything_but_these(
    wall: Wall, listed: str, host: str, covered: bool
) -> None:
    only, never = Guard(domains=(listed,), domains_only=True), Guard(domains=(listed,))
    assert await wall.refusal(f"http://{host}/", only) == ("passed" if covered else DOMAIN)
    assert await wall.refusal(f"http://{host}/", never) == (DOMAIN if covered else "passed")


@pytest.mark.parametrize(
    ("listed", "address", "covered"),
    [
        ("8.8.8.8", "8.8.8.8", True),
        ("8.8.8.0/24", "8.8.8.8", True),
        ("8.8.8.1/24", "8.8.8.8", True),
        ("8.8.4.0/24", "8.8.8.8", False),
        ("2606:4700::/32", "2606:4700::1", True),
        ("nonsense", "8.8.8.8", False),
    ],
)
async def test_an_address_list_says_nothing_but_these_or_anything_but_these(
    wall: Wall, listed: str, address: str, covered: bool
) -> None:
    only, never = Guard(addresses=(listed,), addresses_only=True), Guard(addresses=(listed,))
    for url, resolved in ((f"http://{bracketed(address)}/", ()), ("http://hook.example/", (address,))):
        assert await wall.refusal(url, only, *resolved) == ("passed" if covered else ADDRESS)
        assert await wall.refusal(url, never, *resolved) == (ADDRESS if covered else "passed")


@pytest.mark.parametrize("address", ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"])
async def test_a_listed_ipv4_address_is_met_inside_an_ipv6_address_too(wall: Wall, address: str) -> None:
    guard = Guard(allow_private=True, addresses=("8.8.8.8",))
    assert await wall.refusal(f"http://{bracketed(address)}/", guard) == ADDRESS


async def test_a_private_address_on_the_list_is_still_private(wall: Wall) -> None:
    guard = Guard(addresses=("10.0.0.1",), addresses_only=True)
    assert await wall.refusal("http://10.0.0.1/", guard) == ADDRESS


async def test_names_pass_whatever_they_resolve_to_when_the_check_is_off() -> None:
    egress = Egress(EgressSettings(guard=Guard(allowed_ports=(), check_resolved=False)))
    async with upstream(always(OK)) as server:
        async with await egress.send(Request("GET", server.url(host="localhost"), guarded=True)) as answer:
            assert await answer.read(2) == b"ok"
        with pytest.raises(BadRequest):
            await egress.send(Request("GET", server.url(), guarded=True))
    await egress.close()


async def test_a_name_of_this_machine_is_refused_before_it_is_dialled() -> None:
    egress = Egress(EgressSettings(guard=Guard(allowed_ports=())))
    async with upstream(always(OK)) as server:
        with pytest.raises(BadRequest):
            await egress.send(Request("GET", server.url(host="localhost"), guarded=True))
        assert server.lines == 0
    await egress.close()


async def test_an_unguarded_call_and_a_switched_off_guard_reach_private_addresses() -> None:
    egress = Egress(EgressSettings())
    async with upstream(always(OK)) as server:
        await (await egress.send(Request("GET", server.url()))).close()
        with pytest.raises(BadRequest):
            await egress.send(Request("GET", server.url(), guarded=True))
        egress.guard = Guard(enabled=False)
        await (await egress.send(Request("GET", server.url(), guarded=True))).close()
        assert len(server.heads) == 2
    await egress.close()


async def test_an_unguarded_connection_is_not_lent_to_a_guarded_call() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    egress = Egress(EgressSettings(guard=Guard(allowed_ports=())), resolve)
    async with upstream(always(OK)) as server:
        await (await egress.send(Request("GET", server.url(host="hook.example")))).close()
        with pytest.raises(BadRequest):
            await egress.send(Request("GET", server.url(host="hook.example"), guarded=True))
        assert len(server.heads) == 1
    await egress.close()


async def test_a_refusal_does_not_tell_the_user_what_the_name_resolves_to(wall: Wall) -> None:
    assert "10.1.2.3" not in await wall.refusal("http://hook.example/", Guard(), "10.1.2.3")


async def test_a_name_without_addresses_is_unreachable() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return []

    egress = Egress(EgressSettings(), resolve)
    with pytest.raises(Unreachable):
        await egress.send(Request("GET", "http://hook.example/", guarded=True))
    await egress.close()
