"""Worlds for the tests of the management API."""

from collections.abc import AsyncIterator

import pytest

from faregate.storage import Database
from tests.api.world import World, open_world


@pytest.fixture
async def bare(sqlite: Database) -> AsyncIterator[World]:
    """A world that nobody has set up."""
    async with open_world(sqlite) as opened:
        yield opened


@pytest.fixture
async def world(bare: World) -> World:
    """A world with a root account."""
    await bare.set_up()
    return bare
