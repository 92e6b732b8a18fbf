"""The ledger's numbers in one place."""

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Seconds and sizes of the ledger. The defaults are what runs; tests slow or hurry it."""

    flush_s: float = 0.1
    batch: int = 500  # settlements in one transaction
    backlog: int = 100_000  # settlements that may wait for a database that is down
    backlog_bytes: int = 256 << 20  # on disk
    term_s: float = 120  # a worker that wrote nothing for so long grants nothing
    renew_s: float = 10
    grace_s: float = 30  # after its deadline, before a worker is swept
    hold_s: float = 10  # the longest a request waits for an answer of the database
    patience_s: float = 2.5  # for quota that siblings have free
    courtesy_s: float = 0.6  # for quota that siblings hold, or have settled and not yet shown
    pause_s: float = 0.05  # between two looks while waiting for siblings
    poll_s: float = 0.25  # how often a worker looks who wants its idle quota
    idle_s: float = 30  # unused for so long, a lease goes back
    adopt_s: float = 5


DEFAULTS = Limits()
