"""A call as it arrived: what the server knows before anything is read or believed."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from faregate.formats.turn import DialectName
from faregate.relay.routes import Operation

Scope = Mapping[str, Any]
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(slots=True, frozen=True)
class Arrival:
    """One call. `headers` keep order, duplicates and bytes; `first` has the first value of each name, lower-case."""

    request_id: str
    method: str
    path: str
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    first: Mapping[bytes, bytes]
    peer: str
    operation: Operation
    dialect: DialectName  # whose error shape the caller expects
    started: float  # monotonic seconds
    at: float  # unix seconds

    def header(self, name: bytes) -> str:
        """A header's first value, or ""."""
        return self.first.get(name, b"").decode("latin-1")

    def query_value(self, name: str) -> str:
        """A query parameter's last value, or ""."""
        if not self.query:
            return ""
        pairs = parse_qsl(self.query.decode("latin-1"), keep_blank_values=True)
        return next((value for key, value in reversed(pairs) if key == name), "")


def first_values(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The first value of each header; ASGI gives names in lower case."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in found:
            found[name] = value
    return found


def client_address(arrival: Arrival, trusted: Sequence[_Network]) -> str:
    """The caller's address: the peer's, or what a trusted proxy says it is (the last hop that is not trusted)."""
    if not trusted or not _is_in(arrival.peer, trusted):
        return arrival.peer
    forwarded = arrival.header(b"x-forwarded-for")
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_in(hop, trusted):
            return hop
    return arrival.header(b"x-real-ip").strip() or arrival.peer if not forwarded else forwarded.split(",")[0].strip()


def _is_in(address: str, networks: Sequence[_Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
