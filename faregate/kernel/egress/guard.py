"""Rules for URLs in which a user had a say, so that the gateway is no way into the network it stands in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from yarl import URL

from faregate.kernel.errors import BadRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""The IANA special-purpose registries: what is not an ordinary host of the public internet."""

CARRIES_IPV4: Final = (
    (ip_network("::/96"), 0),
    (ip_network("::ffff:0:0/96"), 0),
    (ip_network("64:ff9b::/96"), 0),
    (ip_network("2002::/16"), 80),
)
"""IPv6 ranges with an IPv4 address inside, and how many bits stand to the right of it."""

ENDS_IN_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")


@dataclass(frozen=True)
class Guard:
    """What a guarded request may reach. The defaults are those of `fetch_setting`.

    The two `..._only` modes turn a list from "anything but these" into "nothing but these".
    """

    enabled: bool = True
    allow_private: bool = False
    allowed_ports: tuple[str, ...] = ("80", "443", "8080", "8443")
    domains: tuple[str, ...] = ()
    domains_only: bool = False
    addresses: tuple[str, ...] = ()
    addresses_only: bool = False
    check_resolved: bool = True

    def check_url(self, url: URL) -> Address | None:
        """The address when the host is one, after all checks that need no DNS; None for a name that may be resolved.

        Raises BadRequest when a rule refuses the URL.
        """
        if url.scheme not in ("http", "https"):
            raise _refused("only http and https URLs are allowed", url.scheme)
        if self.allowed_ports and not any(_covers(entry, url.port or 0) for entry in self.allowed_ports):
            raise _refused("this port is not allowed", str(url.port))
        address = _literal(url.host or "")
        if address is None:
            self._check_domain(url.host or "")
        else:
            self.check_address(address)
        return address

    def check_resolved_addresses(self, addresses: Sequence[str]) -> None:
        """Every address of a name must pass, or none is dialled. Raises BadRequest."""
        if not self.check_resolved:
            return
        for address in addresses:
            self.check_address(ip_address(address.partition("%")[0]))

    def check_address(self, address: Address) -> None:
        """Raises BadRequest for a special-purpose address or by the address list."""
        if not self.allow_private and is_special(address):
            raise _refused("this address is not allowed", str(address))
        listed = any(_listed(entry, address) for entry in self.addresses)
        if listed is not self.addresses_only:
            raise _refused("this address is not allowed", str(address))

    def _check_domain(self, host: str) -> None:
        name = host.lower().rstrip(".")
        listed = any(_under(entry, name) for entry in self.domains)
        if listed is not self.domains_only:
            raise _refused("this domain is not allowed", name)


def is_special(address: Address) -> bool:
    """Whether it lies in a special-purpose range: private, loopback, link-local, shared, translated, reserved."""
    return any(address in network for network in SPECIAL)


def _refused(message: str, detail: str) -> BadRequest:
    return BadRequest(message, param="url", code="egress.refused", detail=detail)


def _literal(host: str) -> Address | None:
    """The address written as host. Spellings that only some parsers take for one (127.1, 0x7f000001) are refused."""
    try:
        address = ip_address(host)
    except ValueError:
        if not host or ":" in host or ENDS_IN_NUMBER.fullmatch(host):
            raise _refused("this host is not allowed", host) from None
        return None
    if "%" in host:
        raise _refused("this host is not allowed", host)
    return address


def _covers(entry: str, port: int) -> bool:
    first, _, last = entry.partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return False


def _under(entry: str, name: str) -> bool:
    """`*.example.com` covers example.com and everything below it; a plain name only itself."""
    entry = entry.strip().lower().rstrip(".")
    if entry.startswith("*."):
        return name == entry[2:] or name.endswith(entry[1:])
    return name == entry


def _listed(entry: str, address: Address) -> bool:
    network = _network(entry.strip())
    return network is not None and any(spelling in network for spelling in _spellings(address))


@lru_cache(maxsize=1024)
def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _spellings(address: Address) -> list[Address]:
    """The address and the IPv4 address that it carries, if any: a list entry for one meets the other."""
    found: list[Address] = [address]
    for network, shift in CARRIES_IPV4:
        if address in network:
            found.append(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    return found
