"""Who is at the other end: the client's address behind trusted proxies, and the address lists of keys."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_address(text: str) -> Address | None:
    """The address in `text`, an IPv4 address inside IPv6 as IPv4; None when it is none."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def parse_networks(text: str | None) -> tuple[Network, ...] | None:
    """The networks of a key's list (one a line; blanks and commas mean nothing), None when any address may come.

    Lines that cannot be read are skipped; a list of nothing else is an empty tuple, which lets nobody in.
    """
    lines = [line for line in (raw.replace(" ", "").replace(",", "") for raw in (text or "").splitlines()) if line]
    if not lines:
        return None
    found: list[Network] = []
    for line in lines:
        try:
            found.append(ipaddress.ip_network(line, strict=False))
        except ValueError:
            continue
    return tuple(found)


def within(address: Address, networks: Sequence[Network]) -> bool:
    """True when one of `networks` holds `address`."""
    return any(address.version == network.version and address in network for network in networks)


def client_address(peer: str, forwarded_for: str, real_ip: str, trusted: Sequence[Network]) -> str:
    """The client's address as text: the peer's, or what trusted proxies say about it.

    `X-Forwarded-For` is read from the right; the first address that is no trusted proxy is the client. A list with an
    unreadable entry is not believed, then `X-Real-IP` is looked at.
    """
    known = parse_address(peer)
    if known is None:
        return peer
    if not within(known, trusted):
        return str(known)
    named = _from_list(forwarded_for, trusted) or parse_address(real_ip)
    return str(named or known)


def _from_list(forwarded_for: str, trusted: Sequence[Network]) -> Address | None:
    parts = [part for part in forwarded_for.split(",") if part.strip()]
    for at in range(len(parts) - 1, -1, -1):
        address = parse_address(parts[at])
        if address is None:
            return None
        if at == 0 or not within(address, trusted):
            return address
    return None
