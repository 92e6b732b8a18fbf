"""The official client reads what we write: whole, streamed, failed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from faregate.formats import DIALECTS
from faregate.formats.dialect import Fault, Opening
from faregate.formats.events import Event, Open, Reply, Start
from faregate.formats.fold import unfold
from faregate.formats.openai_responses import DIALECT
from faregate.formats.usage import NOTHING

FIXTURES = Path(__file__).parent.parent / "fixtures"
REPLIES = sorted(FIXTURES.glob("*/*.reply.json"))
OPENING = Opening(model="m", id="req1", created=9)


def client(body: bytes, kind: str) -> openai.OpenAI:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body, headers={"content-type": kind})

    transport = httpx2.MockTransport(answer)
    return openai.OpenAI(api_key="k", base_url="http://gateway/v1", http_client=httpx2.Client(transport=transport))


def reply_of(path: Path) -> Reply:
    return DIALECTS[path.parent.name].parse_reply(path.read_bytes())  # type: ignore[index]


def stream_of(events: Iterator[Event], reply: Reply) -> bytes:
    out = DIALECT.writer(OPENING)
    return b"".join(map(out.write, events)) + out.end(reply.usage or NOTHING)


def without_status(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "status"}


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_a_whole_reply_and_its_stream_are_read_alike(path: Path) -> None:
    reply = reply_of(path)
    body = DIALECT.render_reply(reply, OPENING)
    whole = client(body, "application/json").responses.create(model="m", input="x")
    assert whole.usage is not None
    assert whole.usage.total_tokens == json.loads(body)["usage"]["total_tokens"]
    sent = stream_of(unfold(reply), reply)
    with client(sent, "text/event-stream").responses.stream(model="m", input="x") as stream:
        seen = list(stream)
    last: Any = seen[-1]
    assert last.type == f"response.{whole.status}"
    assert (last.response.output_text, last.response.id) == (whole.output_text, whole.id)
    assert [item.type for item in last.response.output] == [item.type for item in whole.output]
    assert [item.id for item in last.response.output] == [item.id for item in whole.output]


def test_a_failed_stream_is_seen_as_one() -> None:
    out = DIALECT.writer(OPENING)
    sent = out.write(Start("resp_1", "m")) + out.write(Open(0, "text"))
    sent += out.fail(Fault(status=502, message="broke off", kind="server"))
    with client(sent, "text/event-stream").responses.stream(model="m", input="x") as stream:
        last: Any = list(stream)[-1]
    assert (last.type, last.response.status, last.response.error.message) == ("response.failed", "failed", "broke off")
