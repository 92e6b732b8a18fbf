"""One gateway process for the tests of the data plane, with channels for every act of a misbehaving upstream."""

import http.client
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faregate.app import House
from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.inside import open_house
from tests.relay.stage import ACTS, Stage
from tests.relay.wire import CHANNEL_TYPES, ask, carrying
from tests.serving import Answer, Gateway

HURRIED = {
    "FAREGATE_MAX_BODY_MB": "1",
    "FAREGATE_FIRST_TOKEN_TIMEOUT_SECONDS": "1",
    "FAREGATE_ANSWER_TIMEOUT_SECONDS": "1",
    "FAREGATE_IDLE_TIMEOUT_SECONDS": "1",
    "FAREGATE_CONNECT_TIMEOUT_SECONDS": "2",
}


class Listener:
    """One call whose answer is read piece by piece."""

    def __init__(self, port: int, path: str, body: object, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request("POST", path, data, {"Content-Type": "application/json", **headers})
        self._answer: http.client.HTTPResponse | None = None
        self._read = b""

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def answer(self) -> http.client.HTTPResponse:
        """The answer's head."""
        if self._answer is None:
            self._answer = self.connection.getresponse()
        return self._answer

    @property
    def request_id(self) -> str:
        """The gateway's id of this call."""
        return self.answer.headers["x-faregate-request-id"]

    def until(self, words: bytes) -> bytes:
        """What has come when `words` have; fails when they never do."""
        while words not in self._read:
            piece = self.answer.read1(65536)
            assert piece, (self.answer.status, self._read)
            self._read += piece
        return self._read

    def rest(self) -> Answer:
        """The whole answer."""
        self._read += self.answer.read()
        return Answer(self.answer.status, {k.lower(): v for k, v in self.answer.headers.items()}, self._read)

    def close(self) -> None:
        """Leave at once."""
        if self._answer is not None:
            self._answer.close()
        self.connection.close()


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

    def listen(self, dialect: str, path: str, body: object) -> Listener:
        """The same, read piece by piece."""
        return Listener(self.gateway.port, path, body, carrying(dialect, self.key))

    def settle(self) -> None:
        """Return when everything settled before this call is in the database: a later request's record is."""
        answer = self.ask("openai_chat", *ask("openai_chat", "ok-1"))
        self.books.wait_for([answer.headers["x-faregate-request-id"]])


def model_of(act: str, dialect: str, *, spare: bool = False) -> str:
    """The model whose channel does `act` in the dialect; with `spare`, a second channel is well."""
    return f"{act}-{CHANNEL_TYPES[dialect]}" + ("-spare" if spare else "")


# Settings by which no call can be made, and New API's code for them. Each has a model `<name>-1` of its own.
BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "looped": ({"model_mapping": '{"looped-1":"x","x":"looped-1","looped-1-spare":"looped-1"}'}, "model_mapped_error"),
    "unmapped": ({"model_mapping": "{oops"}, "model_mapped_error"),
    "unheaded": ({"header_override": '["no object"]'}, "header_override_invalid"),
    "unparametered": ({"param_override": "7"}, "param_override_invalid"),
}


def _routes(stage: Stage) -> Iterator[Route]:
    for name, (settings, _) in BROKEN.items():
        yield Route(f"{name}-1,{name}-1-spare", stage.url("ok"), priority=10, settings=settings)
        yield Route(f"{name}-1-spare", stage.url("ok"))
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


@pytest.fixture
def spent(plane: Plane) -> Callable[[], int]:
    """How much the balance has fallen since the test began, the settling request left out."""
    plane.settle()
    before = plane.books.balance()

    def since() -> int:
        plane.settle()
        return before - plane.books.balance() - 15

    return since


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The whole house in this process."""
    async with open_house(tmp_path) as opened:
        yield opened
