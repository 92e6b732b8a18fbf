"""Every client with every upstream: who asks, who answers, what came of it and what the log says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.sdks import genai2
from tests.sdks.anthropic_client import AnthropicClient
from tests.sdks.chat_client import ChatClient
from tests.sdks.gemini_client import GeminiClient
from tests.sdks.pair import UPSTREAMS, Pair, model_of
from tests.sdks.responses_client import ResponsesClient
from tests.sdks.scenarios import PLAYS, Client, Outcome, Play, play

# Each client's own dialect.
CLIENTS = {
    "openai-chat": "openai_chat",
    "openai-responses": "openai_responses",
    "anthropic": "anthropic",
    "genai3": "gemini",
    "genai2": "gemini",
}
_SDKS: Mapping[str, Callable[[str, str], Client]] = {
    "openai-chat": ChatClient,
    "openai-responses": ResponsesClient,
    "anthropic": AnthropicClient,
    "genai3": GeminiClient,
}
_BESIDE = ("beside", "counted")  # models for calls that no cell counts


@dataclass(frozen=True)
class Cell:
    """One client with one upstream: the outcomes in the order of PLAYS, and the usage records of their calls."""

    outcomes: Mapping[Play, Outcome]
    records: tuple[Mapping[str, Any], ...]


class Exchange:
    """State: the cells played so far. Each is played once in a session, by whoever asks first."""

    def __init__(self, folder: Path) -> None:
        self.pair = Pair(folder, (*CLIENTS, *_BESIDE))
        self._cells: dict[tuple[str, str], Cell] = {}

    def cell(self, client: str, upstream: str) -> Cell:
        """What comes of a client with an upstream."""
        if (client, upstream) not in self._cells:
            model = model_of(client, upstream)
            outcomes = self._play(client, model)
            calls = sum(len(outcome.turns) for outcome in outcomes.values())
            self._cells[client, upstream] = Cell(outcomes, self.pair.records(model, calls))
        return self._cells[client, upstream]

    def _play(self, client: str, model: str) -> Mapping[Play, Outcome]:
        if client == genai2.SERVICE:
            return self._older[model]
        sdk = _SDKS[client](self.pair.url, self.pair.key)
        return {(scenario, streamed): play(sdk, scenario, model, streamed) for scenario, streamed in PLAYS}

    @cached_property
    def _older(self) -> Mapping[str, Mapping[Play, Outcome]]:
        models = [model_of(genai2.SERVICE, upstream) for upstream in UPSTREAMS]
        return genai2.played(self.pair.url, self.pair.key, models)
