"""Bringing a database to the schema this release knows. Alembic does it; one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from faregate.storage.engine import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7263181


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Upgrade to the newest schema. Several nodes may start at once: they take turns."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_upgrade, database.backend)


def _upgrade(connection: Connection, backend: str) -> None:
    if backend == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    elif backend == "mysql":
        connection.execute(text(f"SELECT GET_LOCK('faregate-{_LOCK}', 60)"))
    try:
        command.upgrade(_config(connection), "head")
    finally:
        if backend == "mysql":
            connection.execute(text(f"SELECT RELEASE_LOCK('faregate-{_LOCK}')"))


async def schema_revision(database: Database) -> tuple[str, str]:
    """The revision the database has ("" for none) and the newest this release knows."""
    async with database.engine.connect() as connection:
        present = await connection.run_sync(lambda found: MigrationContext.configure(found).get_current_revision())
    return present or "", ScriptDirectory.from_config(_config()).get_current_head() or ""
