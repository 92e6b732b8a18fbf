"""Identifiers: request ids, keys, session ids. All random comes from the operating system."""

import os
import secrets
import string
import time

_ALPHANUMERIC = string.ascii_letters + string.digits
_NODE = os.urandom(3).hex()


def random_text(length: int) -> str:
    """`length` letters and digits, uniform."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def request_id() -> str:
    """A sortable request id: UTC time to the nanosecond, this process, 8 random hex digits."""
    now = time.time_ns()
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 1_000_000_000))
    return f"{stamp}{now % 1_000_000_000:09d}{_NODE}{os.urandom(4).hex()}"
