"""What identity needs of rooms above it, as protocols. The composition root passes the implementations in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

WALLET, ALLOWANCE = "wallet", "allowance"
CLOSED = "closed"  # the kind of the movement that ends an account whose owner is removed for good


@dataclass(frozen=True)
class Movement:
    """Why a balance changes. `reference` is unique for the source event; empty lets the ledger make one."""

    kind: str
    actor_id: int = 0
    reason: str = ""
    reference: str = ""


class Balances(Protocol):
    """Quota accounts of users (`WALLET`) and keys (`ALLOWANCE`), named by their owner. Amounts are quota."""

    async def open_account(self, session: AsyncSession, kind: str, owner_id: int) -> int:
        """Open the owner's account with nothing in it; its id comes out."""
        ...

    async def account_ids(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """Account ids by owner; owners without an account are left out."""
        ...

    async def visible(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """What owners see as their balance (what is lent to workers included), by owner."""
        ...

    async def held(self, session: AsyncSession, kind: str, owner_ids: Sequence[int]) -> Mapping[int, int]:
        """What requests under way have reserved, by owner."""
        ...

    async def credit(self, session: AsyncSession, kind: str, owner_id: int, amount: int, why: Movement) -> None:
        """Add `amount` (negative takes away). Raises BadRequest where the balance would leave 64 bits."""
        ...

    async def override(self, session: AsyncSession, kind: str, owner_id: int, balance: int, why: Movement) -> None:
        """Set what the owner sees as the balance."""
        ...

    def balance(self, kind: str, owner: ColumnElement[int]) -> ColumnElement[int]:
        """A scalar sub-query: the balance of the account of `owner`, to sort by."""
        ...


class LineType(IntEnum):
    """Kinds of log lines that identity writes, by their number on the wire."""

    TOP_UP = 1
    MANAGE = 3
    SYSTEM = 4
    LOGIN = 7


@dataclass(frozen=True)
class LogLine:
    """One line of the log that is not a request."""

    type: LineType
    user_id: int
    username: str
    content: str
    ip: str = ""
    request_id: str = ""
    other: Mapping[str, object] = field(default_factory=dict[str, object])


class Audit(Protocol):
    """Writes log lines within the caller's transaction."""

    async def write(self, session: AsyncSession, line: LogLine) -> None:
        """Append `line`."""
        ...


class GroupPolicy(Protocol):
    """Which groups a user may choose for keys."""

    def selectable(self, user_group: str) -> Sequence[str]:
        """Names of the groups, `auto` not among them."""
        ...

    def exists(self, group: str) -> bool:
        """True for a group that has a ratio."""
        ...

    @property
    def max_listed(self) -> int:
        """How many groups a key may list for `auto`."""
        ...

    @property
    def default_for_keys(self) -> str:
        """The group of a key that is made without being asked for: empty or `auto`."""
        ...


@dataclass(frozen=True)
class Served:
    """A model that enabled channels serve: to which groups, and through which of New API's endpoint types."""

    model: str
    groups: tuple[str, ...]
    endpoint_types: tuple[str, ...]


@dataclass(frozen=True)
class Server:
    """An enabled channel that serves a model, and the groups it serves it to."""

    id: int
    name: str
    groups: tuple[str, ...]


class Offer(Protocol):
    """Which models are served."""

    async def models(self, session: AsyncSession, groups: Sequence[str]) -> list[str]:
        """Names of the models that enabled channels serve to any of `groups`, without repetition."""
        ...

    async def served(self, session: AsyncSession) -> Sequence[Served]:
        """Every model that enabled channels serve, by name."""
        ...

    async def servers(self, session: AsyncSession, models: Sequence[str]) -> Mapping[str, Sequence[Server]]:
        """The enabled channels that serve each of `models`, best first; models that nothing serves are left out."""
        ...
