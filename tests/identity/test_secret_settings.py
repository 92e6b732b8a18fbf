"""The history of settings as it was before secrets were known by their names."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select

import faregate.storage.migrate as migrating
from faregate.storage import Database
from faregate.storage.migrate import migrate
from faregate.storage.setting_changes import SettingChange


def _back_to_0004(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.downgrade(config, "0004")


async def test_what_was_kept_of_secrets_is_forgotten(database: Database) -> None:
    keys = ("SMTPToken", "some.api_key", "Footer", "Monkey")
    async with database.engine.begin() as connection:
        await connection.run_sync(_back_to_0004)
    async with database.write() as session:
        for key in keys:
            values = {"before": "a", "after": "b", "changed_at": 1, "user_id": 1, "username": "root"}
            session.add(SettingChange(key=key, **values))
    await migrate(database)
    async with database.read() as session:
        rows = list(await session.scalars(select(SettingChange).order_by(SettingChange.id)))
    assert [(row.key, row.before, row.after, row.is_secret) for row in rows] == [
        ("SMTPToken", None, None, True),
        ("some.api_key", None, None, True),
        ("Footer", "a", "b", False),
        ("Monkey", "a", "b", False),
    ]
