"""Time. The one place that reads the clocks, so that tests can set them."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall and monotonic time in seconds."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def ticks(self) -> float:
        """Monotonic seconds; only differences mean anything."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Aware UTC date and time."""
        return datetime.fromtimestamp(self.now(), UTC)


SYSTEM = Clock()
