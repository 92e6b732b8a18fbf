"""What a gateway has written: records and balances, read from its database beside it."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from faregate.billing.doctor import examine
from faregate.channels.models import Channel, Credential, ServedModel
from faregate.channels.snapshot import CREDENTIAL_PURPOSE
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.logbook import Bookkeeper
from faregate.storage import Database, Topic, bump, database_url
from tests.serving import Gateway

CONSUME, ERROR = 2, 5
CREDENTIAL = "sk-upstream-0123456789"  # what every channel presents
_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Route:
    """A channel to add."""

    models: str
    base_url: str = ""
    type: int = 1
    priority: int = 0
    groups: str = "default"
    settings: dict[str, str] = field(default_factory=dict[str, str])  # more columns, as an import may have left them


class Books:
    """Reads (and, for channels, writes) the database of a gateway."""

    def __init__(self, database: str, data_dir: Path) -> None:
        self._url = database_url(database, data_dir)
        self._data_dir = data_dir

    def rows(self, query: str, **values: Any) -> list[Any]:
        """The rows of a query."""

        async def read(database: Database) -> list[Any]:
            async with database.read() as session:
                return list((await session.execute(text(query), values)).all())

        return self._with(read)

    def records(self, kind: int = CONSUME) -> dict[str, Any]:
        """Records of a kind by request id; fails when one is there twice."""
        found = self.rows(
            "SELECT request_id, settlement_id, charge, prompt_tokens, completion_tokens, is_stream, channel_id,"
            " user_id, key_id, model, content, other FROM record WHERE type = :kind",
            kind=kind,
        )
        if kind == CONSUME:
            assert len({row.request_id for row in found}) == len(found), "a request is recorded twice"
        return {row.request_id: row for row in found}

    def wait_for(self, ids: Iterable[str], kind: int = CONSUME) -> dict[str, Any]:
        """Records of a kind once all of `ids` are among them."""
        wanted, deadline = set(ids), time.monotonic() + _PATIENCE_S
        while not wanted <= (found := self.records(kind)).keys():
            assert time.monotonic() < deadline, f"not recorded: {wanted - found.keys()}"
            time.sleep(0.05)
        return found

    def balance(self, user: int = 1) -> int:
        """What a user has, in the account and in open leases."""
        return int(
            self.rows(
                "SELECT a.balance + COALESCE((SELECT SUM(granted - settled) FROM lease WHERE account_id = a.id), 0)"
                " FROM account a WHERE a.kind = 'wallet' AND a.owner_id = :user",
                user=user,
            )[0][0]
        )

    def held(self) -> int:
        """What open holds reserve."""
        return int(self.rows("SELECT COALESCE(SUM(held), 0) FROM lease")[0][0])

    def findings(self) -> list[str]:
        """What `faregate doctor` would say of the books: nothing when they balance."""

        async def check(database: Database) -> list[str]:
            return [finding.sentence for finding in await examine(database, Bookkeeper())]

        return self._with(check)

    def add(self, *routes: Route) -> None:
        """Add channels, in one transaction."""
        self._with(lambda database: self._insert(database, routes))

    async def _insert(self, database: Database, routes: Iterable[Route]) -> None:
        vault = Vault(load_master_secret(self._data_dir))
        async with database.write() as session:
            for route in routes:
                fields = {
                    "type": route.type,
                    "name": route.models[:100],
                    "models": route.models,
                    "groups": route.groups,
                }
                channel = Channel(**fields, **route.settings, base_url=route.base_url, priority=route.priority)
                session.add(channel)
                await session.flush()
                sealed = vault.seal(CREDENTIAL_PURPOSE, str(channel.id), CREDENTIAL)
                session.add(Credential(channel_id=channel.id, position=0, sealed=sealed, digest="x"))
                for model in route.models.split(","):
                    session.add(ServedModel(group=route.groups, model=model, channel_id=channel.id))
            bump(session, Topic.CHANNELS)

    def _with(self, work: Any) -> Any:
        async def run() -> Any:
            database = Database(self._url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())


def books_of(gateway: Gateway) -> Books:
    """The books of a running (or dead) gateway."""
    return Books(gateway.database, gateway.data_dir)


def furnish(gateway: Gateway, *routes: Route, prices: dict[str, Any] | None = None) -> Books:
    """Channels for a gateway that is up, priced at 1 quota a token unless `prices` says what a call costs."""
    books = books_of(gateway)
    books.add(*routes)
    models = sorted({model for route in routes for model in route.models.split(",")} - set(prices or {}))
    gateway.option("ModelRatio", dict.fromkeys(models, 1))
    gateway.option("CompletionRatio", dict.fromkeys(models, 1))
    if prices:
        gateway.option("ModelPrice", prices)
    return books


def until_served(gateway: Gateway, key: str, model: str) -> None:
    """Return when every worker that answers knows `model` (twice as often as there are workers in a row)."""
    deadline, seen = time.monotonic() + _PATIENCE_S, 0
    while seen < 4 * gateway.workers:
        assert time.monotonic() < deadline, f"{model} is not served"
        listed = gateway.call("GET", "/v1/models", headers={"Authorization": f"Bearer {key}"})
        ready = listed.status == 200 and model in {row["id"] for row in listed.json["data"]}
        seen = seen + 1 if ready else 0
        if not ready:
            time.sleep(0.05)
