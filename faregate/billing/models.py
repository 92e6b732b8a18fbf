"""Money as rows: accounts, leases, ledger entries, and the workers that hold leases.

Invariant, proved by `faregate doctor`: for every account
    sum(entries) - charged = balance + sum over open leases of (granted - settled)
and charged = sum of the charges of its usage records + pruned.
"""

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from faregate.storage import Base, Identity, LongText

WALLET, ALLOWANCE = "wallet", "allowance"


class Account(Base):
    """Quota that can be spent: a user's wallet (`owner_id` a user) or a key's allowance (`owner_id` a key)."""

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_kind_owner_id", "kind", "owner_id", unique=True), Base.__table_args__)

    id: Mapped[Identity]
    kind: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    charged: Mapped[int] = mapped_column(BigInteger, default=0)
    pruned: Mapped[int] = mapped_column(BigInteger, default=0)  # charges of records that retention removed


class Lease(Base):
    """Quota lent to one worker: `granted` left the balance, `settled` of it became charges, `held` is reserved now.

    A row with granted 0 belongs to an account without a limit and only shows what is held. `wanted` is 1 while a hold
    of this worker waits for what other workers have left over; they give it back when they see it.
    """

    __tablename__ = "lease"
    __table_args__ = (
        Index("ix_lease_account_id_worker_id", "account_id", "worker_id", unique=True),
        CheckConstraint("settled >= 0 AND settled <= granted AND held >= 0", name="sound"),
        Base.__table_args__,
    )

    id: Mapped[Identity]
    account_id: Mapped[int] = mapped_column(BigInteger)
    worker_id: Mapped[str] = mapped_column(String(36), index=True)
    granted: Mapped[int] = mapped_column(BigInteger, default=0)
    settled: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    wanted: Mapped[int] = mapped_column(BigInteger, default=0, index=True)


class Worker(Base):
    """A process that may hold leases. Its leases are swept when `deadline_at` has passed or its journal was adopted.

    `writes` numbers the worker's transactions: after a commit of unknown outcome the number tells, and a worker whose
    row is gone knows that it was swept.
    """

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    node: Mapped[str] = mapped_column(String(191), default="")
    journal: Mapped[str] = mapped_column(String(1024), default="")
    writes: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[int] = mapped_column(BigInteger, default=0)
    deadline_at: Mapped[int] = mapped_column(BigInteger, default=0, index=True)


class Entry(Base):
    """A credit or debit that is not a request: append-only, unique per source event."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_account_id_id", "account_id", "id"), Base.__table_args__)

    id: Mapped[Identity]
    account_id: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))  # opening, admin_add, admin_subtract, admin_override, allowance, …
    actor_id: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(LongText, default="")
    reference: Mapped[str] = mapped_column(String(191), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
