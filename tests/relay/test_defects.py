"""Our own mistakes: they give nothing away."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from faregate.app import House
from faregate.logbook import CONSUME
from faregate.logbook.models import Record
from tests.relay.inside import CHAT, Caller

STREAM = json.dumps(
    {"model": "sandbox", "stream": True, "messages": [{"role": "user", "content": "say it at some length"}]}
).encode()
PIECES = 3


async def test_what_was_produced_before_a_defect_is_paid(house: House) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        if len(sent) == PIECES:
            raise RuntimeError("the line is in no state to be written to")
        sent.append(message)

    with pytest.raises(RuntimeError):
        await Caller(house).call_into(send, CHAT, STREAM)
    await house.ledger.flush()
    async with house.database.read() as session:
        rows = list((await session.execute(select(Record).where(Record.type == CONSUME))).scalars())
    assert [json.loads(row.other)["stream_status"]["end_reason"] for row in rows] == ["scanner_error"]
    assert rows[0].charge > 0
