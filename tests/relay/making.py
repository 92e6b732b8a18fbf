"""Values of the data plane for unit tests: arrivals, requests, channels with only what a test cares about."""

import json
from typing import Any

from faregate.channels.snapshot import Behaviour, ChannelView, CredentialView, Permissions, Routing, build
from faregate.formats import DIALECTS
from faregate.formats.turn import DialectName
from faregate.identity import KeyRecord
from faregate.kernel.clock import Clock
from faregate.relay.arrival import Arrival, first_values
from faregate.relay.plan import Wish
from faregate.relay.request import Request
from faregate.relay.routes import Mode, Operation


class HandClock(Clock):
    """Time stands still until `advance`."""

    def __init__(self) -> None:
        self._now = 1_800_000_000.0

    def now(self) -> float:
        return self._now

    def ticks(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


def arrival(path: str = "/v1/chat/completions", query: str = "", **headers: str) -> Arrival:
    """A call; `x_api_key` in `headers` is the header x-api-key."""
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Arrival(
        request_id="r1",
        method="POST",
        path=path,
        query=query.encode(),
        headers=sent,
        first=first_values(sent),
        peer="127.0.0.1",
        operation=Operation(Mode.GENERATE, "openai_chat"),
        dialect="openai_chat",
        started=0.0,
        at=0.0,
    )


def record(name: str) -> KeyRecord:
    """An unlimited key of a user of group `default`."""
    return KeyRecord(
        id=1, name=name, status=1, expires_at=-1, unlimited=True, used_quota=0, allowance_id=1, model_limits=None,
        networks=None, group="", auto_groups=(), cross_group_retry=False, user_id=1, username="ada", user_status=1,
        user_group="default", role=1, is_deleted=False, wallet_id=1, record_ip=False, accept_unpriced=False,
    )  # fmt: skip


def request(body: object, dialect: DialectName = "openai_chat") -> Request:
    """An understood call for the next turn of a conversation; `body` is JSON or the very bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    envelope = DIALECTS[dialect].peek(data)
    return Request(
        arrival(),
        record("k"),
        data,
        envelope,
        group="default",
        address="",
        wish=Wish(Mode.GENERATE, dialect, envelope.model or "m", "/"),
        affinity=None,
        picked_channel=0,
    )


def channel(id: int, type: int = 1, *, credentials: int = 1, **more: Any) -> ChannelView:
    """An enabled channel of group `default` that lists `m`. Credential ids are 10 times the channel's and up."""
    fields: dict[str, Any] = {
        "name": f"c{id}",
        "status": 1,
        "base_url": "",
        "models": frozenset({"m"}),
        "groups": ("default",),
        "priority": 0,
        "weight": 0,
        "auto_ban": True,
        "mapping": {},
        "status_mapping": {},
        "body_override": {},
        "header_override": {},
        "organization": "",
        "other": "",
        "created_at": 0,
        "behaviour": Behaviour(),
        "permissions": Permissions(),
        "credentials": tuple(CredentialView(10 * id + index, index, "s") for index in range(credentials)),
        "is_multi_key": credentials > 1,
        "polls": False,
    }
    return ChannelView(id=id, type=type, **{**fields, **more})


def routing(*channels: ChannelView) -> Routing:
    """The routing of these channels."""
    return build(channels)
