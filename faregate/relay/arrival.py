"""A call as it arrived: what the server knows before anything is read or believed."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from faregate.formats.turn import DialectName
from faregate.relay.routes import Operation

Scope = Mapping[str, Any]


class Arrival(Struct, frozen=True, gc=False):
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
        value = self.first.get(name)
        return value.decode("latin-1") if value else ""

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
