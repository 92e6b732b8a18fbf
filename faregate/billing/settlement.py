"""What a finished request leaves behind: the frame of the journal, and the one who writes it into the log."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from faregate.kernel.errors import Defect

CHARGE_LIMIT = 10**15  # quota; 2 000 million USD for one request is a mistake
ID_LIMIT = 64  # characters
NUMBER_LIMIT = 2**62
_CONSUME = 2  # the log's type of a usage record


class Line(msgspec.Struct, array_like=True, gc=False):
    """What the log shows of a request beside ids and money. New fields go to the end: journals outlive releases."""

    type: int = _CONSUME
    username: str = ""
    key_name: str = ""
    model: str = ""
    group: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    duration_ms: int = 0
    is_stream: bool = False
    ip: str = ""
    request_id: str = ""
    upstream_request_id: str = ""
    content: str = ""
    other: str = ""


class Settlement(msgspec.Struct, array_like=True, gc=False):
    """One settled request, or a log line without money. New fields go to the end: journals outlive releases.

    `id` is unique, so that a replay is ignored; `at` unix seconds; `requests` counts into the user's requests and
    `counts` says whether the charge counts into the used quota of user, key and channel. The rest is the ledger's:
    of `charge`, `…_taken` came out of the lease `…_lease` and `…_direct` is debited from the account.
    """

    id: str
    at: int
    line: Line
    user_id: int = 0
    key_id: int = 0
    channel_id: int = 0
    requests: int = 1
    counts: bool = True
    charge: int = 0
    wallet_id: int = 0
    wallet_lease: int = 0
    wallet_taken: int = 0
    wallet_direct: int = 0
    allowance_id: int = 0
    allowance_lease: int = 0
    allowance_taken: int = 0
    allowance_direct: int = 0


class Bookkeeper(Protocol):
    """Writes settlements into the log, within the transaction that moves the money."""

    async def known(self, session: AsyncSession, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are in the log already."""
        ...

    async def write(self, session: AsyncSession, settlements: Sequence[Settlement]) -> None:
        """Insert the records and add them to the rollups."""
        ...

    async def charges(self, session: AsyncSession) -> dict[int, int]:
        """The sum of the charges in the log for every account they were taken from."""
        ...


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Settlement)


def render(settlement: Settlement) -> bytes:
    """The frame's payload. Text and numbers that cannot be written are replaced: what was settled is never lost."""
    try:
        return _encoder.encode(settlement)
    except (UnicodeEncodeError, OverflowError):
        scrub(settlement.line)
        return _encoder.encode(settlement)


def parse(payload: bytes) -> Settlement:
    """The settlement of a frame's payload. Defect when it is none of ours."""
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise Defect("a journal frame is not a settlement", detail=str(error)) from error


def scrub(line: Line) -> None:
    """Make every field of `line` storable: no lone surrogates, no zero bytes, no number beyond 62 bits."""
    for name in line.__struct_fields__:
        value: object = getattr(line, name)
        if isinstance(value, str):
            setattr(line, name, value.encode("utf-8", "replace").decode().replace("\0", ""))
        elif isinstance(value, int) and not isinstance(value, bool):
            setattr(line, name, max(-NUMBER_LIMIT, min(value, NUMBER_LIMIT)))


def bare(settlement: Settlement) -> Settlement:
    """The same money and ids with an empty line, for a record that no database takes."""
    line = Line(type=settlement.line.type, content="the record of this request could not be stored")
    return msgspec.structs.replace(settlement, line=line)


def unique(settlements: Iterable[Settlement]) -> list[Settlement]:
    """The first of every id, in order."""
    kept: dict[str, Settlement] = {}
    for settlement in settlements:
        kept.setdefault(settlement.id, settlement)
    return list(kept.values())
