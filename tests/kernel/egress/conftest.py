"""Every contract test runs on both event loops: the one in production and the one of the standard library."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
import uvloop

from faregate.kernel.egress import Egress, EgressSettings
from tests.kernel.egress.egress_upstream import Authority


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def no_trust(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with one authority that signs nothing: far quicker to load than the system's."""
    return {"SSL_CERT_FILE": str(Authority(tmp_path_factory.mktemp("stranger")).file)}


@pytest_asyncio.fixture
async def egress(no_trust: dict[str, str]) -> AsyncIterator[Egress]:
    door = Egress(EgressSettings(environment=no_trust))
    yield door
    await door.close()
