"""What a start does to an installation that is there."""

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from faregate.app import build
from faregate.identity.settings import GitHubSettings
from faregate.settings import Settings
from faregate.storage import Database
from faregate.storage.sections import SettingRow


async def stored(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {row.key: row.value for row in await session.scalars(select(SettingRow))}


async def test_workers_that_start_seal_what_an_earlier_release_left_in_clear(sqlite: Database, tmp_path: Path) -> None:
    async with sqlite.write() as session:
        session.add(SettingRow(key="GitHubClientSecret", value="hush"))
        session.add(SettingRow(key="SystemName", value="Gate"))
    houses = [await build(Settings(data_dir=tmp_path), {}) for _ in range(2)]
    await asyncio.gather(*(house.start() for house in houses))
    rows = await stored(sqlite)
    assert (rows["GitHubClientSecret"][:10], rows["SystemName"]) == ("sealed:v1.", "Gate")
    for house in houses:
        assert house.store.get(GitHubSettings).client_secret == "hush"
        await house.stop()


async def test_another_master_secret_stops_no_start(sqlite: Database, tmp_path: Path) -> None:
    house = await build(Settings(data_dir=tmp_path), {})
    async with sqlite.write() as session:
        await house.store.write(session, {"GitHubClientSecret": "hush", "GitHubClientId": "gate"})
    await house.start()
    assert house.store.get(GitHubSettings).client_secret == "hush"
    await house.stop()
    before = await stored(sqlite)
    moved = await build(Settings(data_dir=tmp_path, secret="another"), {})
    await moved.start()
    assert moved.store.get(GitHubSettings) == GitHubSettings(client_id="gate")
    await moved.stop()
    assert await stored(sqlite) == before


async def test_a_data_directory_that_is_made_is_private(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        await build(Settings(data_dir=tmp_path / "data"), {})  # nobody has prepared a database there
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
