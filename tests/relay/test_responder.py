"""One answer: its head, and what a caller can be told of a refusal."""

import json
from collections.abc import MutableMapping
from typing import Any

import pytest

from faregate.formats.dialect import Fault
from faregate.relay.responder import Responder
from tests.relay.making import arrival


class Line:
    """What was sent to a caller, who may have come from a page."""

    def __init__(self, **headers: str) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.responder = Responder(arrival(**headers), self._send)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    def all(self, name: bytes) -> list[bytes]:
        return [value for found, value in self.sent[0]["headers"] if found == name]


@pytest.mark.parametrize(
    ("status", "told"),
    [(304, 500), (999, 500), (600, 500), (204, 500), (99, 500), (0, 500)]
    + [(status, status) for status in (301, 302, 303, 305, 400, 429, 599)],
)
async def test_a_refusal_has_a_status_that_may_have_a_body(status: int, told: int) -> None:
    line = Line()
    await line.responder.fault(Fault(status=status, message="no", kind="server"))
    assert (line.sent[0]["status"], line.responder.status) == (told, told)
    assert json.loads(line.sent[1]["body"])["error"]["message"]
    assert line.all(b"content-length") == [str(len(line.sent[1]["body"])).encode()]


async def test_an_answer_without_content_names_no_length() -> None:
    line = Line()
    await line.responder.whole(204, [(b"x", b"y")], b"")
    assert (line.all(b"content-length"), line.all(b"x")) == ([], [b"y"])


@pytest.mark.parametrize(("headers", "named"), [({}, []), ({"origin": "https://a.example"}, [b"*"])])
async def test_a_page_of_any_origin_may_read_an_answer(headers: dict[str, str], named: list[bytes]) -> None:
    line = Line(**headers)
    await line.responder.json(200, b"{}")
    assert line.all(b"access-control-allow-origin") == named
