"""Worlds for the tests of channels: the management API alone, and the whole house with the sandbox as provider."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faregate.storage import Database
from tests.api.world import World, open_world
from tests.channels.scene import Site, open_site
from tests.databases import Shelf


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """The management API with a root account."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened


@pytest.fixture
async def any_world(database: Database) -> AsyncIterator[World]:
    """The same, once for every engine that is here."""
    async with open_world(database) as opened:
        await opened.set_up()
        yield opened


@pytest.fixture
async def site(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Site]:
    """A whole gateway with a root account."""
    await shelf.take("sqlite", tmp_path)
    async with open_site(tmp_path) as opened:
        yield opened
