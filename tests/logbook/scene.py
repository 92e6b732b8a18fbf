"""Usage records for tests, written as the ledger writes them."""

import json
from typing import Any

from faregate.billing import Line, Settlement
from faregate.logbook import Bookkeeper
from faregate.storage import Database

NOW = 1_800_000_000
OTHER = json.dumps({"model_ratio": 1.10, "admin_info": {"use_channel": ["1"]}, "audit_info": {}, "channel_name": "c"})


def usage(id: str, *, at: int = NOW, user_id: int = 2, key_id: int = 1, charge: int = 10, **more: Any) -> Settlement:
    """A settlement; `line_…` arguments go to its line."""
    line = {name.removeprefix("line_"): value for name, value in more.items() if name.startswith("line_")}
    rest = {name: value for name, value in more.items() if not name.startswith("line_")}
    words = {"username": "ann", "key_name": "key", "model": "log-a", "group": "default", "request_id": id, **line}
    counts = {"prompt_tokens": 100, "completion_tokens": 50, "duration_ms": 2999, "other": OTHER} | line
    return Settlement(
        id=id,
        at=at,
        line=Line(**(words | counts)),
        user_id=user_id,
        key_id=key_id,
        channel_id=rest.pop("channel_id", 1),
        charge=charge,
        **rest,
    )


async def write(database: Database, *settlements: Settlement) -> None:
    """Put them into the log."""
    async with database.write() as session:
        await Bookkeeper().write(session, settlements)
