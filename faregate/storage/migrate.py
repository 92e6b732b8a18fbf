"""Bringing a database to the schema this release knows. Alembic does it; one process at a time.

A database that is there already is only looked at: a process that serves never loads Alembic then.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from faregate.kernel.errors import GatewayError
from faregate.storage.engine import Database
from faregate.storage.tables import Base

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7263181
_PATIENCE_S = 300


class UnknownSchema(GatewayError):
    """The database was brought to a schema that this release does not know: it is older than the last one that ran."""

    code = "storage.unknown_schema"


class NamesTaken(GatewayError):
    """Tables with our names are there before the first migration: it was cut off on MySQL, whose DDL cannot be taken
    back, or they are another program's."""

    code = "storage.names_taken"


class MigrationBusy(GatewayError):
    """Another process has been migrating for too long."""

    code = "storage.migration_busy"


async def migrate(database: Database) -> None:
    """Upgrade to the newest schema. Several nodes may start at once: they take turns."""
    async with _turn(database), database.engine.begin() as connection:
        if database.backend == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await connection.run_sync(_upgrade)


@asynccontextmanager
async def _turn(database: Database) -> AsyncGenerator[None]:
    """MySQL's turn, on a connection of its own since DDL commits; the other engines lock inside the transaction."""
    if database.backend != "mysql":
        yield
        return
    name = f"CONCAT('faregate-', MD5(DATABASE()), '-{_LOCK}')"
    async with database.engine.connect() as connection:
        if not await connection.scalar(text(f"SELECT GET_LOCK({name}, {_PATIENCE_S})")):
            raise MigrationBusy("another process has been migrating the database for too long")
        try:
            yield
        finally:
            await connection.execute(text(f"SELECT RELEASE_LOCK({name})"))


def _upgrade(connection: Connection) -> None:
    present = _present(connection)
    if present == _newest():
        return
    taken = set(inspect(connection).get_table_names()) & Base.metadata.tables.keys()
    if taken and not present:
        raise NamesTaken(
            f"the database has tables named {', '.join(sorted(taken)[:3])} and so on, but no schema revision:"
            " drop it and create it again if a first start was cut off, or name another one if they are not ours"
        )
    # Here, for it is rarely needed and takes 5 MB and a tenth of a second.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownSchema(f"this release cannot migrate the database: {error}") from error


async def schema_revision(database: Database) -> tuple[str, str]:
    """The revision the database has ("" for none) and the newest this release knows."""
    async with database.engine.connect() as connection:
        present = await connection.run_sync(_present)
    return present, _newest()


def _newest() -> str:
    return max(script.name.partition("_")[0] for script in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _present(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
