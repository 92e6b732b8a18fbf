"""Two gateways and every client between them: who asks, who answers, what came of it and what the log says.

The far one answers from its sandbox in all four dialects. The near one, under test, has a channel for each dialect
that speaks no other, so that each client meets its own and three foreign ones.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.sdks import genai2
from tests.sdks.anthropic_client import AnthropicClient
from tests.sdks.chat_client import ChatClient
from tests.sdks.gemini_client import GeminiClient
from tests.sdks.responses_client import ResponsesClient
from tests.sdks.scenarios import PLAYS, Client, Outcome, Play, play
from tests.serving import Gateway

UPSTREAMS = ("openai_chat", "openai_responses", "anthropic", "gemini")
LABELS = {
    "openai_chat": "OpenAI Compatible",
    "openai_responses": "OpenAI Responses",
    "anthropic": "Claude Messages",
    "gemini": "Google Gemini",
}
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
MODELS = {upstream: tuple(f"{name}-to-{upstream}" for name in (*CLIENTS, *_BESIDE)) for upstream in UPSTREAMS}
_LOGGED_WITHIN_S = 20.0
_RESPONSES_ROUTES = (
    ("/v1/responses", "none"),
    ("/v1/chat/completions", "openai_chat_completions_to_openai_responses"),
    ("/v1/messages", "anthropic_messages_to_openai_responses"),
    ("/v1/models/{model}:generateContent", "gemini_generate_content_to_openai_responses"),
    ("/v1beta/models/{model}:generateContent", "gemini_generate_content_to_openai_responses"),
)


@dataclass(frozen=True)
class Cell:
    """One client with one upstream: the outcomes in the order of PLAYS, and the usage records of their calls."""

    outcomes: Mapping[Play, Outcome]
    records: tuple[Mapping[str, Any], ...]


class Exchange:
    """State: the cells played so far. Each is played once in a session, by whoever asks first."""

    def __init__(self, folder: Path) -> None:
        gateways = Gateway(folder / "far"), Gateway(folder / "near")
        with ThreadPoolExecutor() as pool:
            self._far, self._near = pool.map(lambda gateway: gateway.start().set_up(), gateways)
        self._cells: dict[tuple[str, str], Cell] = {}
        self._connect()
        self.key = self._near.key()

    @property
    def url(self) -> str:
        """The near gateway's address."""
        return self._near.url

    def cell(self, client: str, upstream: str) -> Cell:
        """What comes of a client with an upstream."""
        if (client, upstream) not in self._cells:
            outcomes = self._play(client, _model(client, upstream))
            calls = sum(len(outcome.turns) for outcome in outcomes.values())
            self._cells[client, upstream] = Cell(outcomes, self.records(_model(client, upstream), calls))
        return self._cells[client, upstream]

    def records(self, model: str, calls: int) -> tuple[Mapping[str, Any], ...]:
        """The usage records of a model, oldest first, once all of them are written."""
        deadline, pause = time.monotonic() + _LOGGED_WITHIN_S, threading.Event()
        while True:
            page = self._near.manage("GET", f"/api/log/?type=2&p=1&page_size=100&model_name={model}")
            rows = sorted(page["items"], key=lambda row: row["id"])
            if len(rows) >= calls or time.monotonic() > deadline:
                assert len(rows) == calls, f"{len(rows)} usage records for {calls} calls of {model}"
                return tuple({**row, "other": json.loads(row["other"])} for row in rows)
            pause.wait(0.05)

    def stop(self) -> None:
        """End both gateways."""
        self._near.stop()
        self._far.stop()

    def _connect(self) -> None:
        self._far.option("ModelRatio", {"sandbox": 1})
        self._far.channel("sandbox")
        far, key = self._far.url, self._far.key()
        self._near.option("ModelRatio", {model: 1 for models in MODELS.values() for model in models})
        routes = [
            {"incoming_path": path, "upstream_path": "/v1/responses", "converter": converter}
            for path, converter in _RESPONSES_ROUTES
        ]
        settings = json.dumps({"advanced_custom": {"advanced_routes": routes}})
        self._channel("openai_chat", 8, key, base_url=f"{far}/v1/chat/completions")
        self._channel("openai_responses", 58, key, base_url=far, settings=settings)
        self._channel("anthropic", 14, key, base_url=far)
        self._channel("gemini", 24, key, base_url=far)

    def _channel(self, upstream: str, type: int, key: str, **more: str) -> None:
        mapping = json.dumps(dict.fromkeys(MODELS[upstream], "sandbox"))
        self._near.channel(",".join(MODELS[upstream]), type, name=upstream, key=key, model_mapping=mapping, **more)

    def _play(self, client: str, model: str) -> Mapping[Play, Outcome]:
        if client == genai2.SERVICE:
            return self._older[model]
        sdk = _SDKS[client](self._near.url, self.key)
        return {(scenario, streamed): play(sdk, scenario, model, streamed) for scenario, streamed in PLAYS}

    @cached_property
    def _older(self) -> Mapping[str, Mapping[Play, Outcome]]:
        models = [_model(genai2.SERVICE, upstream) for upstream in UPSTREAMS]
        return genai2.played(self._near.url, self.key, models)


def _model(client: str, upstream: str) -> str:
    return f"{client}-to-{upstream}"
