"""Traffic that goes on while something terrible happens to the gateway."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.relay.load import Outcome, call
from tests.relay.wire import ask, carrying


class Traffic:
    """Callers that call again and again, streaming and not, until told to stop."""

    def __init__(self, port: int, key: str, model: str, *, callers: int = 12, pause_s: float = 0.0) -> None:
        self.outcomes: list[Outcome] = []
        self._port = port
        self._headers = carrying("openai_chat", key)
        self._model = model
        self._callers = callers
        self._pause_s = pause_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> "Traffic":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Return when the last caller has hung up."""
        self._over.set()
        self._thread.join(60)

    @property
    def good(self) -> list[Outcome]:
        """Those who got a whole answer."""
        return [outcome for outcome in list(self.outcomes) if outcome.good]

    async def _run(self) -> None:
        await asyncio.gather(*(self._caller() for _ in range(self._callers)))

    async def _caller(self) -> None:
        for number in count():
            if self._over.is_set():
                return
            path, body = ask("openai_chat", self._model, stream=number % 2 == 1)
            outcome = await call(self._port, path, self._headers, body)
            self.outcomes.append(outcome)
            # Nobody there: do not spin.
            await asyncio.sleep(self._pause_s if outcome.status else 0.02)


@contextmanager
def traffic(port: int, key: str, model: str, *, callers: int = 12, pause_s: float = 0.0) -> Iterator[Traffic]:
    """Traffic for the length of a block."""
    running = Traffic(port, key, model, callers=callers, pause_s=pause_s).start()
    try:
        yield running
    finally:
        running.stop()
