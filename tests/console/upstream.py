"""A provider on loopback for tests in a browser: lists models, answers chats, refuses the keys it is told to refuse."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = ("gpt-4o", "gpt-4o-mini", "house-model")


class Upstream:
    """An OpenAI-compatible provider. `refused`: keys it does not know."""

    def __init__(self) -> None:
        self.refused = {"sk-wrong-key"}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        refused = self.refused

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({"data": [{"id": name} for name in MODELS]})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                message = {"role": "assistant", "content": "hello"}
                self._answer(
                    {
                        "id": "c",
                        "object": "chat.completion",
                        "created": 1,
                        "model": "gpt-4o",
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                    }
                )

            def _answer(self, body: Any) -> None:
                known = self.headers.get("authorization", "").removeprefix("Bearer ") not in refused
                refusal = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
                data = json.dumps(body if known else refusal).encode()
                self.send_response(200 if known else 401)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler
