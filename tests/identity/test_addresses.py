"""The client's address and the address lists of keys."""

import ipaddress

import pytest

from faregate.identity import client_address, parse_address, parse_networks, within

PRIVATE = tuple(ipaddress.ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "real", "client"),
    [
        ("203.0.113.7", "198.51.100.1", "198.51.100.2", "203.0.113.7"),
        ("127.0.0.1", "", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.9, 198.51.100.1, 10.1.2.3", "", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "", "10.9.9.9"),
        ("127.0.0.1", "nonsense", "198.51.100.2", "198.51.100.2"),
        ("127.0.0.1", "nonsense", "nonsense", "127.0.0.1"),
        ("::ffff:127.0.0.1", "2001:db8::5", "", "2001:db8::5"),
        ("unix", "198.51.100.1", "", "unix"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str, real: str, client: str) -> None:
    assert client_address(peer, forwarded, real, PRIVATE) == client


@pytest.mark.parametrize("empty", [None, "", " \n , \n"])
def test_an_empty_list_lets_every_address_in(empty: str | None) -> None:
    assert parse_networks(empty) is None


def test_a_list_of_nonsense_lets_nobody_in() -> None:
    assert parse_networks("not-an-address\nnor this") == ()


def test_unreadable_lines_are_skipped_and_host_bits_do_not_matter() -> None:
    found = parse_networks("10.0.0.1/8 ,\nrubbish\n2001:db8::/32")
    assert found == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32"))


def test_an_ipv4_address_inside_ipv6_counts_as_ipv4() -> None:
    address = parse_address("::ffff:10.1.1.1")
    assert address is not None
    assert within(address, PRIVATE)
    assert not within(ipaddress.ip_address("2001:db8::1"), PRIVATE)
