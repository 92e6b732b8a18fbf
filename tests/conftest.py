"""Fixtures that every room's tests may use."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from faregate.storage import Database
from tests.databases import BACKENDS, Shelf

# Helpers that assert tell what they saw, as tests do.
_HELPERS = ("api.world", "channels.scene", "console.browser", "kernel", "relay", "sdks", "serving")
pytest.register_assert_rewrite(*(f"tests.{name}" for name in _HELPERS))


# What takes longest begins first: with one file to a process, a long one that begins last runs alone.
_LONG = ("conformance", "sdks", "console", "chaos", "test_cli.py", "test_races.py", "relay")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files in the order in which they are handed out."""
    items.sort(key=lambda item: next((at for at, name in enumerate(_LONG) if name in item.path.parts), len(_LONG)))


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Prepared databases, one for every engine."""
    kept = Shelf(tmp_path_factory.mktemp("shelf"))
    yield kept
    asyncio.run(kept.clear())


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, shelf: Shelf, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with all tables and no rows, once for every engine that is here."""
    opened = Database(await shelf.take(request.param, tmp_path))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Database]:
    """An embedded database with all tables and no rows."""
    opened = Database(await shelf.take("sqlite", tmp_path))
    yield opened
    await opened.close()
