"""Usage records for tests, written as the ledger writes them."""

import json
from typing import Any

from faregate.billing import Line, Settlement
from faregate.logbook import ERROR, Bookkeeper
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


FAILURE = json.dumps({"status_code": 429, "error_code": "slow", "error_type": "openai_error", "channel_id": 1})
PRICED = json.dumps(
    {
        "model_ratio": 1.25,
        "group_ratio": 2,
        "completion_ratio": 8,
        "cache_tokens": 40,
        "cache_ratio": 0.1,
        "model_price": -1,
        "frt": 321,
        "request_path": "/v1/chat/completions",
        "request_conversion": ["OpenAI Compatible"],
        "upstream_model_name": "log-a-2",
        "stream_status": {"status": "ok", "end_reason": "done"},
        "admin_info": {"use_channel": ["1", "2"], "usage_billing_path": "upstream"},
    }
)


def failed(id: str, number: int, **more: Any) -> Settlement:
    """The row of a failed attempt of request `id`."""
    words: dict[str, Any] = {
        "line_content": f"status_code=429, slow down {number}",
        "line_other": FAILURE,
        "line_request_id": id,
    }
    return usage(f"{id}-{number}", **{"charge": 0, "line_type": ERROR, **words, **more})
