"""Health of each credential × model from passive signals: a breaker, closed → open → half-open.

State of one cell: consecutive failures, when it may be tried again, whether its one trial is under way. Kept in the
worker's memory, bounded; nothing is asked of a provider to learn it.
"""

import random
from collections import OrderedDict
from dataclasses import dataclass

from faregate.kernel.clock import SYSTEM, Clock

_MAX_CELLS = 20_000
_TRIP_AFTER = 5
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 120.0
_MOST_TRIPS = 7  # after so many in a row the pause has its full length


@dataclass(slots=True)
class _Cell:
    failures: int = 0
    open_until: float = 0.0
    trial: bool = False
    trips: int = 0
    slow_s: float = 0.0  # smoothed time to the first token


class Health:
    """Breakers of one worker. Keys are (credential id, upstream model)."""

    def __init__(self, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._cells: OrderedDict[tuple[int, str], _Cell] = OrderedDict()

    def may_try(self, credential: int, model: str) -> bool:
        """True when closed, or open long enough for one trial (which the caller then makes)."""
        cell = self._cells.get((credential, model))
        if cell is None or not cell.open_until:
            return True
        return not cell.trial and self._clock.ticks() >= cell.open_until

    def score(self, credential: int, model: str) -> float:
        """Between 0 and 1: what a weight is multiplied with."""
        cell = self._cells.get((credential, model))
        return 1.0 if cell is None else 1.0 / (1 + cell.failures)

    def begin(self, credential: int, model: str) -> None:
        """An attempt starts; on an open breaker it is the trial."""
        cell = self._cells.get((credential, model))
        if cell is not None and cell.open_until:
            cell.trial = True

    def succeeded(self, credential: int, model: str, first_token_s: float = 0.0) -> None:
        """Close the breaker."""
        cell = self._cells.get((credential, model))
        if cell is None:
            return
        cell.failures, cell.open_until, cell.trial, cell.trips = 0, 0.0, False, 0
        cell.slow_s = first_token_s if not cell.slow_s else 0.8 * cell.slow_s + 0.2 * first_token_s

    def failed(self, credential: int, model: str, *, retry_after_s: float = 0.0) -> None:
        """Count a failure of the upstream (not of the caller); open after several, or when told to wait."""
        key = (credential, model)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = _Cell()
            if len(self._cells) > _MAX_CELLS:
                self._cells.popitem(last=False)
        cell.failures += 1
        if cell.failures < _TRIP_AFTER and not cell.open_until and not retry_after_s:
            return
        now = self._clock.ticks()
        wait = min(retry_after_s, _LONGEST_PAUSE_S)
        if now < cell.open_until and not cell.trial:
            # A call that was under way when the breaker opened tells of the same outage: the pause is no longer for it.
            cell.open_until = max(cell.open_until, now + wait)
            return
        cell.trips = min(cell.trips + 1, _MOST_TRIPS)
        pause = min(_FIRST_PAUSE_S * 2 ** (cell.trips - 1), _LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
        cell.open_until = now + max(pause, wait)
        cell.trial = False

    def ended(self, credential: int, model: str) -> None:
        """The attempt is over, whatever it told: another trial may be made."""
        cell = self._cells.get((credential, model))
        if cell is not None:
            cell.trial = False
