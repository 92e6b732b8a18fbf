"""What a read and a write promise, on every engine; what is special about the embedded one."""

import asyncio
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, literal, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.storage import Database, Topic, bump, database_url
from faregate.storage.revision import Revision
from faregate.storage.sections import SettingRow

CHILD = Path(__file__).parent / "writing_child.py"


async def stored(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {row.key: row.value for row in await session.scalars(select(SettingRow))}


async def add_one(database: Database) -> None:
    """Read, think, write: right only if writers take turns."""
    async with database.write() as session:
        row = await session.get_one(SettingRow, "count")
        await asyncio.sleep(0)
        row.value = str(int(row.value) + 1)


async def test_a_folder_made_for_the_embedded_database_is_private(tmp_path: Path) -> None:
    await Database(database_url("", tmp_path / "data")).close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


async def test_a_write_is_there_when_its_block_has_ended(database: Database) -> None:
    async with database.write() as session:
        session.add(SettingRow(key="a", value="1"))
        assert await stored(database) == {}
    assert await stored(database) == {"a": "1"}


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            session.add(SettingRow(key="a", value="1"))
            await session.flush()
            bump(session, Topic.SETTINGS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await stored(database) == {}
    async with database.read() as session:
        assert (await session.scalars(select(Revision))).all() == []


async def test_a_write_that_is_cancelled_leaves_nothing_and_frees_the_writer(database: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.write() as session:
            session.add(SettingRow(key="a", value="1"))
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10), database.write() as session:
        session.add(SettingRow(key="b", value="2"))
    assert await stored(database) == {"b": "2"}


async def test_what_a_reader_changes_is_rolled_back(database: Database) -> None:
    async with database.write() as session:
        session.add(SettingRow(key="a", value="1"))
    async with database.read() as session:
        await session.execute(update(SettingRow).values(value="2"))
    assert await stored(database) == {"a": "1"}


async def test_texts_keep_their_letters_and_keys_their_case(database: Database) -> None:
    given = {"Key": "ä 😀 '\"\\%", "key": "second", "long": "x" * 100_000}
    async with database.write() as session:
        session.add_all(SettingRow(key=key, value=value) for key, value in given.items())
    assert await stored(database) == given


async def test_listeners_hear_of_committed_writes_and_of_nothing_else(database: Database) -> None:
    heard: list[Mapping[Any, Any]] = []
    database.on_commit(heard.append)

    def note(session: AsyncSession, word: str) -> None:
        session.info["word"] = word
        assert heard == []

    with suppress(ZeroDivisionError):
        async with database.write() as session:
            note(session, "lost")
            raise ZeroDivisionError
    async with database.read() as session:
        note(session, "read")
    async with database.write() as session:
        note(session, "kept")
    assert heard == [{"word": "kept"}]


async def test_a_database_that_answers_is_up(database: Database) -> None:
    assert await database.is_up() is True


@pytest.mark.parametrize("address", ["postgresql://u@127.0.0.1:1/x", "mysql://u@127.0.0.1:1/x"])
async def test_a_server_that_is_not_there_is_not_up(address: str) -> None:
    database = Database(database_url(address, Path()))
    assert await database.is_up() is False
    await database.close()


async def test_the_embedded_database_makes_its_folder(tmp_path: Path) -> None:
    database = Database(database_url("", tmp_path / "new" / "deep"))
    assert await database.is_up() is True
    await database.close()


async def test_embedded_writers_of_two_processes_take_turns(sqlite: Database) -> None:
    beside = Database(sqlite.url)
    async with sqlite.write() as session:
        session.add(SettingRow(key="count", value="0"))
    await asyncio.gather(*(add_one(database) for database in (sqlite, beside) for _ in range(25)))
    await beside.close()
    assert await stored(sqlite) == {"count": "50"}


async def test_embedded_readers_do_not_wait_for_a_writer(sqlite: Database) -> None:
    async with sqlite.write() as session:
        session.add(SettingRow(key="a", value="1"))
        await session.flush()
        async with asyncio.timeout(10):
            found = await asyncio.gather(*(stored(sqlite) for _ in range(20)))
    assert found == [{}] * 20


async def test_a_child_process_and_many_coroutines_write_at_once_and_nothing_is_locked(sqlite: Database) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(sqlite.url.database), "100",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"

    async def write() -> None:
        async with sqlite.write() as session:
            bump(session, Topic.KEYS)

    finished = asyncio.create_task(child.communicate(b"go\n"))
    await asyncio.gather(*(write() for _ in range(100)))
    _, complaints = await finished
    assert (child.returncode, complaints) == (0, b"")
    async with sqlite.read() as session:
        assert await session.scalar(select(Revision.value)) == 200


async def test_a_failing_statement_does_not_tell_its_values(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(SQLAlchemyError) as caught:
            await session.execute(text("SELECT nothing FROM nowhere WHERE x = :secret"), {"secret": "hush-hush"})
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize(("name", "wanted"), [("Иван", "иван"), ("Émile", "émile"), ("ÄÖÜ x", "äöü X")])
async def test_every_letter_is_lowered(database: Database, name: str, wanted: str) -> None:
    async with database.write() as session:
        session.add_all([SettingRow(key=name, value=""), SettingRow(key="ascii", value="")])
    async with database.read() as session:
        found = select(SettingRow.key).where(func.lower(SettingRow.key).like(f"%{wanted.lower()}%"))
        assert (await session.scalars(found)).all() == [name]
        assert await session.scalar(select(func.lower(None)).where(literal("é") == "é")) is None
