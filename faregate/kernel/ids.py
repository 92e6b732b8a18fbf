"""Identifiers: request ids, keys, session ids. All random comes from the operating system."""

import os
import random
import secrets
import string
import time

_ALPHANUMERIC = string.ascii_letters + string.digits
_NANO = 1_000_000_000


def _fresh_node() -> str:
    return os.urandom(3).hex()


class _Node:
    """A few random digits of this process; a forked child gets its own."""

    text = _fresh_node()


os.register_at_fork(after_in_child=lambda: setattr(_Node, "text", _fresh_node()))


def random_text(length: int) -> str:
    """`length` letters and digits, uniform."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


class _Second:
    """The text of the present second, made once for all requests within it."""

    __slots__ = ("number", "text")

    def __init__(self) -> None:
        self.number = 0
        self.text = ""

    def shown(self, number: int) -> str:
        if number != self.number:
            self.text = time.strftime("%Y%m%d%H%M%S", time.gmtime(number))
            self.number = number
        return self.text


_second = _Second()


def request_id() -> str:
    """A sortable request id: UTC time to the nanosecond, this process, 8 random hex digits."""
    seconds, nanoseconds = divmod(time.time_ns(), _NANO)
    return f"{_second.shown(seconds)}{nanoseconds:09d}{_Node.text}{random.getrandbits(32):08x}"
