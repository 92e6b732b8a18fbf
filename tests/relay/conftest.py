"""One gateway process for the tests of the data plane, with channels for every act of a misbehaving upstream."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.stage import ACTS, Stage
from tests.relay.wire import CHANNEL_TYPES, carrying
from tests.serving import Answer, Gateway

HURRIED = {
    "FAREGATE_MAX_BODY_MB": "1",
    "FAREGATE_FIRST_TOKEN_TIMEOUT_SECONDS": "1",
    "FAREGATE_ANSWER_TIMEOUT_SECONDS": "1",
    "FAREGATE_IDLE_TIMEOUT_SECONDS": "1",
    "FAREGATE_CONNECT_TIMEOUT_SECONDS": "2",
}


@dataclass
class Plane:
    """A gateway, its upstream, its books, and root's unlimited key."""

    gateway: Gateway
    stage: Stage
    books: Books
    key: str

    def ask(self, dialect: str, path: str, body: object, *, key: str = "", **headers: str) -> Answer:
        """One relay call in a dialect's manner."""
        return self.gateway.call("POST", path, body, {**carrying(dialect, key or self.key), **headers})


def model_of(act: str, dialect: str, *, spare: bool = False) -> str:
    """The model whose channel does `act` in the dialect; with `spare`, a second channel is well."""
    return f"{act}-{CHANNEL_TYPES[dialect]}" + ("-spare" if spare else "")


def _routes(stage: Stage) -> Iterator[Route]:
    acts = [*ACTS, "refuse", "slam"]
    for kind in sorted(set(CHANNEL_TYPES.values())):
        yield Route(f"ok-{kind}", stage.url("ok"), kind)
        spares = ",".join(f"{act}-{kind}-spare" for act in acts)
        yield Route(spares, stage.url("ok"), kind)
        for act in acts:
            yield Route(f"{act}-{kind},{act}-{kind}-spare", stage.url(act), kind, priority=10)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """The gateway of these tests, with an upstream that misbehaves on order."""
    stage = Stage()
    gateway = Gateway(tmp_path_factory.mktemp("plane"), environment=HURRIED).start().set_up()
    try:
        books = furnish(gateway, *_routes(stage))
        gateway.balance(10**12)
        key = gateway.key()
        until_served(gateway, key, "ok-1")
        yield Plane(gateway, stage, books, key)
    finally:
        gateway.kill()
        stage.close()
