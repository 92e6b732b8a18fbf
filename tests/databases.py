"""Throw-away databases for tests: SQLite in a folder, PostgreSQL and MySQL/MariaDB where a server answers.

A service that is absent skips its tests and says so, unless FAREGATE_TEST_REQUIRE names it (comma-separated: postgres,
mysql, redis, chromium). FAREGATE_TEST_POSTGRES and FAREGATE_TEST_MYSQL are the addresses of servers where databases
may be made and dropped.
"""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

import faregate.billing.models
import faregate.channels.models
import faregate.identity.models
import faregate.logbook.models
import faregate.storage.setting_changes  # noqa: F401 - the tables that `_empty` clears
from faregate.storage import Base, Database, database_url
from faregate.storage.migrate import migrate

BACKENDS = ("sqlite", "postgresql", "mysql")
_SERVICES = {"postgresql": "postgres", "mysql": "mysql"}
_ADDRESSES = {
    "postgresql": ("FAREGATE_TEST_POSTGRES", "postgresql://root@127.0.0.1/postgres"),
    "mysql": ("FAREGATE_TEST_MYSQL", "mysql://root@127.0.0.1:3306/mysql"),
}


async def prepare(database: Database) -> None:
    """Bring an empty database to the present schema, as an operator would."""
    await migrate(database)


class Shelf:
    """One prepared database for every engine, emptied between tests: making tables is what takes time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, URL] = {}

    async def take(self, backend: str, folder: Path) -> URL:
        """The address of a database with all tables and no rows."""
        if backend not in self._kept:
            url = database_url("", self._folder) if backend == "sqlite" else await create(backend)
            self._kept[backend] = url
            await self._with(url, prepare)
        elif backend != "sqlite":
            await self._with(self._kept[backend], _empty)
        if backend != "sqlite":
            return self._kept[backend]
        fresh = database_url("", folder)
        shutil.copy(str(self._kept[backend].database), str(fresh.database))
        return fresh

    async def clear(self) -> None:
        """Drop what was made on servers."""
        for backend, url in self._kept.items():
            if backend != "sqlite":
                await drop(url)

    async def _with(self, url: URL, act: Callable[[Database], Awaitable[None]]) -> None:
        database = Database(url)
        await act(database)
        await database.close()


async def _empty(database: Database) -> None:
    """Remove all rows; ids begin at 1 again."""
    quote = database.engine.dialect.identifier_preparer.quote
    names = [quote(table.name) for table in reversed(Base.metadata.sorted_tables)]
    async with database.engine.begin() as connection:
        filled = " UNION ALL ".join(f"(SELECT {place} FROM {name} LIMIT 1)" for place, name in enumerate(names))
        used = [names[place] for place in sorted(await connection.scalars(text(filled)))]
        for together in [", ".join(used)] if used and database.backend == "postgresql" else used:
            await connection.execute(text(f"TRUNCATE {together}"))
        if database.backend == "postgresql":
            moved = "SELECT quote_ident(sequencename) AS name FROM pg_sequences WHERE last_value IS NOT NULL"
            await connection.execute(text(f"SELECT setval(name::regclass, 1, false) FROM ({moved}) AS moved"))


def absent(service: str, why: str) -> None:
    """Skip the test because `service` is missing, or fail it when it is required."""
    sentence = f"{service} is missing here: {why}"
    if service in os.environ.get("FAREGATE_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{sentence}; FAREGATE_TEST_REQUIRE asks for it")
    pytest.skip(sentence)


@asynccontextmanager
async def temporary(backend: str, folder: Path) -> AsyncIterator[URL]:
    """The address of a database without tables, gone afterwards."""
    if backend == "sqlite":
        yield database_url("", folder)
        return
    url = await create(backend)
    try:
        yield url
    finally:
        await drop(url)


async def create(backend: str) -> URL:
    """A new database on a server, without tables."""
    variable, default = _ADDRESSES[backend]
    server = database_url(os.environ.get(variable, default), Path())
    name = f"fg_{secrets.token_hex(6)}"
    try:
        await _command(server, f"CREATE DATABASE {name}")
    except (SQLAlchemyError, OSError) as error:
        absent(_SERVICES[backend], f"no server answers at {server.render_as_string()} ({type(error).__name__})")
    return server.set(database=name)


async def drop(url: URL) -> None:
    """Remove a database made by `create`."""
    variable, default = _ADDRESSES[url.get_backend_name()]
    server = database_url(os.environ.get(variable, default), Path())
    force = " WITH (FORCE)" if url.get_backend_name() == "postgresql" else ""
    await _command(server, f"DROP DATABASE {url.database}{force}")


async def _command(server: URL, command: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(command))
    finally:
        await engine.dispose()
