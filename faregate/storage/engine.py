"""One door to SQLite, PostgreSQL and MySQL/MariaDB.

`read()` gives a session that is rolled back at the end, `write()` one transaction that is committed when the block
ends and rolled back when it raises. On SQLite all writes of a process queue for one connection (BEGIN IMMEDIATE, busy
timeout), so writers never meet "database is locked"; other processes are waited for.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from faregate.kernel.errors import GatewayError

_BUSY_MS = 30_000
_GO_MYSQL = re.compile(r"^(?P<user>[^:@/]*)(:(?P<password>[^@]*))?@(tcp\((?P<host>[^)]*)\))?/(?P<name>[^?]*)(\?.*)?$")
_DRIVERS = {"postgresql": "postgresql+asyncpg", "mysql": "mysql+asyncmy", "sqlite": "sqlite+aiosqlite"}


class BadDatabaseAddress(GatewayError):
    """The address of the database cannot be read."""

    code = "storage.bad_address"


def database_url(address: str, data_dir: Path) -> URL:
    """The database that `address` names; "" is SQLite in the data directory.

    Takes `sqlite:///…`, `postgres://`, `postgresql://`, `mysql://`, New API's `local…` (SQLite) and Go's MySQL form
    `user:password@tcp(host:port)/name`. Raises BadDatabaseAddress.
    """
    if not address or address.startswith("local"):
        return URL.create("sqlite+aiosqlite", database=str(data_dir / "faregate.db"))
    if "://" not in address:
        return _go_mysql(address)
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", address))
    except (ArgumentError, ValueError) as error:
        raise BadDatabaseAddress("the database address is not a URL") from error
    backend = "mysql" if url.get_backend_name() == "mariadb" else url.get_backend_name()
    if backend not in _DRIVERS:
        raise BadDatabaseAddress(f"{backend!r} is no database we know: use sqlite, postgresql or mysql")
    query = {name: value for name, value in url.query.items() if not (backend == "mysql" and name == "parseTime")}
    return url.set(drivername=_DRIVERS[backend], query=_postgres_query(query) if backend == "postgresql" else query)


def _postgres_query(query: dict[str, Any]) -> dict[str, Any]:
    """libpq's `sslmode` under the name asyncpg has for it."""
    return {("ssl" if name == "sslmode" else name): value for name, value in query.items()}


def _go_mysql(address: str) -> URL:
    found = _GO_MYSQL.match(address)
    if not found:
        raise BadDatabaseAddress("the database address is neither a URL nor user:password@tcp(host:port)/name")
    host, _, port = (found["host"] or "127.0.0.1:3306").partition(":")
    return URL.create(
        "mysql+asyncmy",
        username=found["user"],
        password=found["password"],
        host=host,
        port=int(port or 3306),
        database=found["name"],
    )


class Database:
    """The engine and its two kinds of session."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        self.url = url
        self.backend = url.get_backend_name()
        self._readers, self._writers = self._engines(url, pool_size)
        self._read = async_sessionmaker(self._readers, expire_on_commit=False)
        self._write = async_sessionmaker(self._writers, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database."""
        return self.backend == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes (migrations, DDL)."""
        return self._writers

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """All engines, for listeners."""
        return (self._readers,) if self._readers is self._writers else (self._readers, self._writers)

    def _engines(self, url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
        if not self.is_sqlite:
            more: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": True}
            if self.backend == "mysql":
                more["isolation_level"] = "READ COMMITTED"
            engine = create_async_engine(url, pool_recycle=1800, **more)
            return engine, engine
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        readers = create_async_engine(url, pool_size=4, max_overflow=0, pool_timeout=60)
        writers = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=120)
        _tame(readers, "BEGIN")
        _tame(writers, "BEGIN IMMEDIATE")
        return readers, writers

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session for reading; whatever it changed is rolled back."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._write() as session, session.begin():
            yield session

    async def is_up(self) -> bool:
        """True when a trivial query is answered."""
        try:
            async with self.read() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        for engine in self.engines:
            await engine.dispose()


def _tame(engine: AsyncEngine, begin: str) -> None:
    """SQLite as we want it: write-ahead log, patience, transactions that begin when we say so."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)
