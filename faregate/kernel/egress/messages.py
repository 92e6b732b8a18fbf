"""What goes out and what comes back: plain values, with no HTTP client in sight."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Deadlines(NamedTuple):
    """Seconds; 0 switches one off.

    `connect_s`: pool permit, DNS, TCP, proxy and TLS together. `first_byte_s`: from the end of our request to the end
    of the answer's headers. `idle_s`: longest wait for a next piece of body. `total_s`: everything.
    """

    connect_s: float = 10
    first_byte_s: float = 300
    idle_s: float = 300
    total_s: float = 0


class Request(NamedTuple):
    """One call. Order, case and duplicates of `headers` are kept; `header_text` turns raw bytes into their strings.

    Framing belongs to the door: it adds `Host` and `Content-Length` (or chunked coding, for an iterator without a
    declared length) where missing. `proxy` is a URL (http, https, socks5, socks5h), empty for the operator's setting.
    `guarded`: a user had a say in the URL, so the guard's rules apply.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | AsyncIterator[bytes] = b""
    proxy: str = ""
    deadlines: Deadlines = Deadlines()
    guarded: bool = False


@dataclass(slots=True)
class Head:
    """Status and headers of an answer, in the order and case of the wire."""

    status: int
    headers: list[tuple[str, str]]
    _index: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)

    def get(self, name: str, default: str = "") -> str:
        """The first value of the header called `name`, which must be given in lower case."""
        index = self._index
        if index is None:
            index = self._index = {key.lower(): value for key, value in reversed(self.headers)}
        return index.get(name, default)


def header_text(raw: bytes) -> str:
    """A header's bytes as the string that `Request` and `Head` use; every byte survives the way there and back."""
    return raw.decode("utf-8", "surrogateescape")
