"""What channels need of the data plane: calls to providers, through its own parts. Built by the composition root."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from faregate.channels.snapshot import ChannelView
from faregate.channels.testing import ChannelTests


class ModelFetcher(Protocol):
    """Asks a provider for its models."""

    async def fetch(self, channel: ChannelView) -> list[str]:
        """Names of the models, trimmed, each once. Raises UpstreamFailure, or BadRequest where there is no list."""
        ...


@dataclass(frozen=True)
class ChannelDoors:
    """Ways to providers."""

    tests: ChannelTests
    fetcher: ModelFetcher


def _doors(request: Request) -> ChannelDoors:
    return request.app.state.channels


ThroughDoors = Annotated[ChannelDoors, Depends(_doors)]
