"""The two gateways of these tests, started once."""

from collections.abc import Iterator

import pytest

from tests.sdks.exchange import Exchange


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Every client and every upstream."""
    started = Exchange(tmp_path_factory.mktemp("sdks"))
    yield started
    started.pair.stop()
