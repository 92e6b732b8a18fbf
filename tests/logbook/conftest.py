"""A world for the tests of the log over the wire."""

from collections.abc import AsyncIterator

import pytest

from faregate.storage import Database
from tests.api.world import World, open_world


@pytest.fixture
async def world(sqlite: Database) -> AsyncIterator[World]:
    """A world with a root account."""
    async with open_world(sqlite) as opened:
        await opened.set_up()
        yield opened
