"""Two gateways in a row: the far one answers from its sandbox in all four dialects; the near one, under test, has a
channel for each dialect that speaks no other, so that each client meets its own dialect and three foreign ones.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.serving import Gateway

UPSTREAMS = ("openai_chat", "openai_responses", "anthropic", "gemini")
LABELS = {
    "openai_chat": "OpenAI Compatible",
    "openai_responses": "OpenAI Responses",
    "anthropic": "Claude Messages",
    "gemini": "Google Gemini",
}
_LOGGED_WITHIN_S = 20.0
_RESPONSES_ROUTES = (
    ("/v1/responses", "none"),
    ("/v1/chat/completions", "openai_chat_completions_to_openai_responses"),
    ("/v1/messages", "anthropic_messages_to_openai_responses"),
    ("/v1/models/{model}:generateContent", "gemini_generate_content_to_openai_responses"),
    ("/v1beta/models/{model}:generateContent", "gemini_generate_content_to_openai_responses"),
)


def model_of(name: str, upstream: str) -> str:
    """The model by which `name` reaches an upstream of this dialect."""
    return f"{name}-to-{upstream}"


class Pair:
    """State: both gateways and a key of the near one. `names`: who calls, each with models of its own."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._far, self._near = Gateway(folder / "far"), Gateway(folder / "near")
        self._models = {upstream: tuple(model_of(name, upstream) for name in names) for upstream in UPSTREAMS}
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda gateway: gateway.start().set_up(), (self._far, self._near)))
            self._connect()
            self.key = self._near.key()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """The near gateway's address."""
        return self._near.url

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that is served."""
        return tuple(model for models in self._models.values() for model in models)

    def records(self, model: str, calls: int) -> tuple[Mapping[str, Any], ...]:
        """The usage records of a model, oldest first, once `calls` of them are written. Fails when there are more."""
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
        for gateway in (self._near, self._far):
            if gateway.process is not None:
                gateway.stop()

    def _connect(self) -> None:
        self._far.option("ModelRatio", {"sandbox": 1})
        self._far.channel("sandbox")
        far, key = self._far.url, self._far.key()
        self._near.option("ModelRatio", dict.fromkeys(self.models, 1))
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
        models = self._models[upstream]
        mapping = json.dumps(dict.fromkeys(models, "sandbox"))
        self._near.channel(",".join(models), type, name=upstream, key=key, model_mapping=mapping, **more)
