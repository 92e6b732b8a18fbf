"""What carries word between processes: an ear hears that something changed, a voice says so.

An ear opens, hears until its connection is lost, and closes; neither ear nor voice retries or logs. Every step has a
deadline. Each kind has a file of its own, for each needs a client that only its users should load.
"""

from typing import Protocol

PROMPT_S = 5.0
SILENCE_S = 15.0


class Ear(Protocol):
    """One connection that hears other processes."""

    name: str
    faults: tuple[type[Exception], ...]

    async def open(self) -> None:
        """Connect and subscribe. Raises one of `faults`."""
        ...

    async def hear(self) -> None:
        """Return when something was said, or the far side has proved alive after a silence. Raises a fault."""
        ...

    async def close(self) -> None:
        """Drop the connection, if there is one."""
        ...


class Voice(Protocol):
    """One connection on which other processes are told."""

    name: str
    faults: tuple[type[Exception], ...]

    async def say(self) -> None:
        """Tell whoever listens that something moved. Raises one of `faults`."""
        ...

    async def close(self) -> None:
        """Drop the connection, if there is one."""
        ...
