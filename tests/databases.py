"""Throw-away databases for tests: SQLite in a folder, PostgreSQL and MySQL/MariaDB where a server answers.

A service that is absent skips its tests and says so, unless FAREGATE_TEST_REQUIRE names it (comma-separated: postgres,
mysql, redis, chromium). FAREGATE_TEST_POSTGRES and FAREGATE_TEST_MYSQL are the addresses of servers where databases
may be made and dropped.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

import faregate.billing.models
import faregate.channels.models
import faregate.identity.models
import faregate.logbook.models  # noqa: F401 - the tables that `prepare` makes
from faregate.storage import Base, Database, database_url

BACKENDS = ("sqlite", "postgresql", "mysql")
_SERVICES = {"postgresql": "postgres", "mysql": "mysql"}
_ADDRESSES = {
    "postgresql": ("FAREGATE_TEST_POSTGRES", "postgresql://root@127.0.0.1/postgres"),
    "mysql": ("FAREGATE_TEST_MYSQL", "mysql://root@127.0.0.1:3306/mysql"),
}


async def prepare(database: Database) -> None:
    """Make every table of the house in an empty database."""
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def absent(service: str, why: str) -> None:
    """Skip the test because `service` is missing, or fail it when it is required."""
    sentence = f"{service} is missing here: {why}"
    if service in os.environ.get("FAREGATE_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{sentence}; FAREGATE_TEST_REQUIRE asks for it")
    pytest.skip(sentence)


@asynccontextmanager
async def temporary(backend: str, folder: Path) -> AsyncIterator[URL]:
    """The address of an empty database, gone afterwards."""
    if backend == "sqlite":
        yield database_url("", folder)
        return
    variable, default = _ADDRESSES[backend]
    server = database_url(os.environ.get(variable, default), folder)
    name = f"fg_{secrets.token_hex(6)}"
    try:
        await _command(server, f"CREATE DATABASE {name}")
    except (SQLAlchemyError, OSError) as error:
        absent(_SERVICES[backend], f"no server answers at {server.render_as_string()} ({type(error).__name__})")
    try:
        yield server.set(database=name)
    finally:
        await _command(server, f"DROP DATABASE {name}" + (" WITH (FORCE)" if backend == "postgresql" else ""))


async def _command(server: URL, command: str) -> None:
    engine = create_async_engine(make_url(server), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(command))
    finally:
        await engine.dispose()
