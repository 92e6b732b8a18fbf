"""What a call needs of the connection it runs on, whoever made that."""

import asyncio
from typing import Protocol

from faregate.kernel.egress.alarm import Alarm
from faregate.kernel.egress.messages import Head


class Connection(Protocol):
    """One connection in the hands of one call: `begin`, write, `head`, `take` and `more`, then `release` or `drop`."""

    alarm: Alarm

    @property
    def transport(self) -> asyncio.WriteTransport:
        """Where the request is written."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer is here, read or not."""
        ...

    @property
    def is_clean(self) -> bool:
        """Whether it is whole, everything written has left, and another call may follow."""
        ...

    def begin(self, bodiless: bool) -> None:
        """An answer is expected from now on, without a body if so said. Raises when the connection is closed."""
        ...

    async def head(self) -> Head:
        """The final head. Raises NoAnswer, Garbage or what `fail` was given."""
        ...

    def take(self) -> bytes:
        """What is here of the body; empty when nothing is, for whatever reason."""
        ...

    async def more(self) -> bytes:
        """The next piece of body, empty at its end. Raises CutOff, Garbage or what `fail` was given."""
        ...

    async def drain(self) -> None:
        """Returns when more may be written. Raises ConnectionError when nothing may."""
        ...

    def fail(self, fault: BaseException) -> None:
        """Whoever waits gets `fault` raised; of no effect on an answer that is whole."""
        ...

    def release(self) -> None:
        """Gives a clean connection back."""
        ...

    def drop(self) -> None:
        """Closes the connection now, whatever is under way. Nothing is waited for."""
        ...
