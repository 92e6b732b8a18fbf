"""Migrations lead every engine to what the models say, whoever runs them and however often."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import produce_migrations
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import faregate.storage.migrate as migrating
from faregate.storage import Base, Database
from faregate.storage.migrate import NamesTaken, UnknownSchema, migrate, schema_revision
from tests.databases import BACKENDS, temporary

SCRIPTS = Path(migrating.__file__).parent / "migrations"


@pytest.fixture(params=BACKENDS)
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without tables, once for every engine that is here."""
    async with temporary(request.param, tmp_path) as url:
        database = Database(url)
        yield database
        await database.close()


def newest() -> str:
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def difference(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata, "compare_type": True})
    found = produce_migrations(context, Base.metadata).upgrade_ops
    assert found is not None
    return found.as_diffs()


def seen(connection: Connection) -> dict[str, Any]:
    """All that the engine tells about each table."""
    inspector = inspect(connection)
    return {
        name: {
            "columns": [{**column, "type": repr(column["type"])} for column in inspector.get_columns(name)],
            "key": inspector.get_pk_constraint(name),
            "indexes": sorted(inspector.get_indexes(name), key=str),
            "uniques": sorted(inspector.get_unique_constraints(name), key=str),
            "checks": sorted(inspector.get_check_constraints(name), key=str),
            "options": {**inspector.get_table_options(name), "mysql_auto_increment": None},
        }
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


async def pretend(database: Database, revision: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


async def test_migrations_lead_to_what_the_models_say(bare: Database, tmp_path: Path) -> None:
    await migrate(bare)
    async with temporary(bare.backend, tmp_path / "models") as url:
        models = Database(url)
        async with models.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            wanted = await connection.run_sync(seen)
        await models.close()
    async with bare.engine.connect() as connection:
        assert await connection.run_sync(difference) == []
        assert await connection.run_sync(seen) == wanted


async def test_migrating_again_changes_nothing(bare: Database) -> None:
    assert await schema_revision(bare) == ("", newest())
    await migrate(bare)
    async with bare.engine.connect() as connection:
        before = await connection.run_sync(seen)
    await migrate(bare)
    async with bare.engine.connect() as connection:
        assert await connection.run_sync(seen) == before
    assert await schema_revision(bare) == (newest(), newest())


async def test_nodes_that_start_at_once_take_turns(bare: Database) -> None:
    beside = Database(bare.url)
    await asyncio.gather(migrate(bare), migrate(beside), migrate(bare))
    assert await schema_revision(beside) == (newest(), newest())
    async with beside.read() as session:
        assert await session.scalar(text("SELECT COUNT(*) FROM alembic_version")) == 1
    await beside.close()


async def test_a_schema_of_a_later_release_is_refused_and_the_turn_is_left_to_the_next(bare: Database) -> None:
    await migrate(bare)
    await pretend(bare, "9999")
    with pytest.raises(UnknownSchema):
        await migrate(bare)
    assert await schema_revision(bare) == ("9999", newest())
    await pretend(bare, newest())
    beside = Database(bare.url)
    async with asyncio.timeout(10):
        await migrate(beside)
    await beside.close()


async def test_the_way_back_leaves_no_table(bare: Database) -> None:
    await migrate(bare)

    def down(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    async with bare.engine.begin() as connection:
        await connection.run_sync(down)
        assert await connection.run_sync(seen) == {}


def test_revisions_are_one_line_numbered_from_one() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert found[::-1] == [f"{number:04}" for number in range(1, len(found) + 1)]


async def test_tables_without_a_revision_are_left_alone_and_named(bare: Database) -> None:
    async with bare.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE account (id INTEGER)"))
    with pytest.raises(NamesTaken, match="has tables named account and so on, but no schema revision: drop it and"):
        await migrate(bare)
    assert await schema_revision(bare) == ("", newest())
