"""What the commands do to an installation. The front door loads this only for a command that needs it."""

import asyncio
import os
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from faregate import __version__
from faregate.app import House, build, open_database
from faregate.billing.doctor import examine
from faregate.identity import prepare_installation
from faregate.identity.installation import RootAccount, make_root
from faregate.kernel.clock import SYSTEM
from faregate.kernel.errors import GatewayError
from faregate.kernel.secrets import Vault, load_master_secret
from faregate.logbook import Bookkeeper
from faregate.settings import Settings, without_password
from faregate.storage import Database, database_url
from faregate.storage.migrate import migrate, schema_revision


class NoInstallation(GatewayError):
    """There is no database of ours where the settings say."""

    code = "commands.no_installation"


def prepare_database(settings: Settings) -> str:
    """Migrate and make what an installation needs; the setup secret on a first start, else ""."""
    return asyncio.run(_prepare(settings))


def initialize(settings: Settings, username: str, password: str) -> None:
    """Make the root account. Raises GatewayError where it is there or the name or password does not fit."""
    asyncio.run(_initialize(settings, username, password))


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database to this release's schema."""
    asyncio.run(_migrate(settings))


def imbalances(settings: Settings) -> list[str]:
    """A line for every rule that an account breaks, naming both. Raises NoInstallation; makes nothing."""
    return asyncio.run(_examine(settings))


async def _prepare(settings: Settings) -> str:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data_dir / "journal").mkdir(exist_ok=True)
    database = open_database(settings)
    try:
        await migrate(database)
        vault = Vault(load_master_secret(settings.data_dir, settings.secret))
        return await prepare_installation(database, vault, SYSTEM, settings.setup_secret, __version__)
    finally:
        await database.close()


async def _initialize(settings: Settings, username: str, password: str) -> None:
    await _migrate(settings)
    house = await build(settings, os.environ)
    try:
        await make_root(house.context, RootAccount(username, password, password), {})
    finally:
        await _close(house)


async def _close(house: House) -> None:
    await house.egress.close()
    await house.ledger.abandon()
    await house.database.close()


async def _migrate(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings)
    try:
        await migrate(database)
    finally:
        await database.close()


async def _examine(settings: Settings) -> list[str]:
    _look_for_file(settings)
    database = open_database(settings)
    try:
        await _look_for_schema(database)
        return [str(finding) for finding in await examine(database, Bookkeeper())]
    finally:
        await database.close()


def _look_for_file(settings: Settings) -> None:
    """Opening an embedded database would make it."""
    url = database_url(settings.database, settings.data_dir)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise NoInstallation(f"there is no database at {url.database!r}: is the data directory the right one?")


async def _look_for_schema(database: Database) -> None:
    where = without_password(database.url.render_as_string())
    try:
        present, _ = await schema_revision(database)
    except (SQLAlchemyError, OSError) as error:
        reason = without_password(str(getattr(error, "orig", error)))
        raise NoInstallation(f"the database {where!r} cannot be read: {reason}") from error
    if not present:
        raise NoInstallation(f"the database {where!r} is none of Faregate's: it has no schema")
