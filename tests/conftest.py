"""Fixtures that every room's tests may use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faregate.storage import Database
from tests.databases import BACKENDS, prepare, temporary


@pytest.fixture(params=BACKENDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with all tables, once for every engine that is here."""
    async with temporary(request.param, tmp_path) as url:
        opened = Database(url)
        await prepare(opened)
        yield opened
        await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty embedded database with all tables."""
    async with temporary("sqlite", tmp_path) as url:
        opened = Database(url)
        await prepare(opened)
        yield opened
        await opened.close()
