"""One door to SQLite, PostgreSQL and MySQL/MariaDB.

`read()` gives a session that is rolled back at the end, `write()` one transaction that is committed when the block
ends and rolled back when it raises. On SQLite all writes of a process queue for one connection (BEGIN IMMEDIATE, busy
timeout), so writers never meet "database is locked"; other processes are waited for. There too, `lower()` knows all
letters, as elsewhere.
"""

import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

_BUSY_MS = 30_000
_WAL_TRIES, _WAL_WAIT_S = 200, 0.005
# For each of five connections. What it does not hold, the system's own cache of the file does.
_PAGES_KIB = 4000
_LOWER = "faregate_lower"
LAST = "last step"  # in the `info` of a session: what `write()` does before it commits
CommitListener = Callable[[Mapping[Any, Any]], None]


class Database:
    """The engine and its two kinds of session."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        self.url = url
        self.backend = url.get_backend_name()
        self._readers, self._writers = self._engines(url, pool_size)
        self._read = async_sessionmaker(self._readers, expire_on_commit=False)
        self._write = async_sessionmaker(self._writers, expire_on_commit=False)
        self._on_commit: list[CommitListener] = []

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
            engine = create_async_engine(url, pool_recycle=1800, hide_parameters=True, **more)
            return engine, engine
        Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        readers = create_async_engine(url, pool_size=4, max_overflow=0, pool_timeout=60, hide_parameters=True)
        writers = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=120, hide_parameters=True)
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
        async with self._write() as session:
            async with session.begin():
                yield session
                if LAST in session.info:
                    await session.info[LAST](session)
            for listener in self._on_commit:
                listener(session.info)

    def on_commit(self, listener: CommitListener) -> None:
        """Call `listener`, which must not wait, after every committed write with the `info` of its session."""
        self._on_commit.append(listener)

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


def _switch_to_wal(cursor: Any) -> None:
    """Two who make a new file at once both want it alone; SQLite refuses one of them at once, whatever its patience."""
    for _ in range(_WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_WAL_WAIT_S)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _asks_beyond_ascii(parameters: Any) -> bool:
    return any(isinstance(value, str) and not value.isascii() for value in parameters)


def _tame(engine: AsyncEngine, begin: str) -> None:
    """SQLite as we want it: write-ahead log, patience, transactions that begin when we say so, all letters lowered."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        _switch_to_wal(cursor)
        for pragma in (
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{_PAGES_KIB}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        connection.create_function(_LOWER, 1, _lower, deterministic=True)

    # SQLite's own lower() knows ASCII alone, and is seven times as fast: ours serves where other letters are asked for.
    @event.listens_for(engine.sync_engine, "before_cursor_execute", retval=True)
    def asked(*call: Any) -> tuple[str, Any]:  # pyright: ignore[reportUnusedFunction]
        _, _, statement, parameters, _, executemany = call
        if "lower(" in statement and not executemany and _asks_beyond_ascii(parameters):
            statement = statement.replace("lower(", f"{_LOWER}(")
        return statement, parameters

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)
