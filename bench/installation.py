"""A gateway to measure: one data directory for each canned upstream, set up over the gateway's own API."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "sk-bench0123456789bench0123456789bench0123456789ab"
UPSTREAMS = (9000, 9001, 9002)
_NAME, _PASSWORD, _SECRET = "root", "a-long-root-pass", "bench-setup-secret"
_BALANCE = 10**17
_STARTS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Installation:
    """Data directories below `root`, named by the port of their upstream; the gateway listens on `port`."""

    root: Path
    port: int

    @property
    def command(self) -> str:
        """What starts the gateway; `{UP}` is the upstream's port."""
        serve = f"{sys.executable} -m faregate serve --host 127.0.0.1 --workers 1"
        return f"{serve} --port {self.port} --data-dir {self.root}/{{UP}}"

    def start(self, upstream: int) -> subprocess.Popen[bytes]:
        """The gateway in front of this upstream, answering. Raises RuntimeError when it does not come up."""
        environment = os.environ | {"FAREGATE_SETUP_SECRET": _SECRET, "FAREGATE_ROOT_KEY": KEY}
        log = (self.root / f"{upstream}.log").open("wb")
        command = self.command.replace("{UP}", str(upstream)).split()
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < deadline and process.poll() is None:
            if self._answers():
                return process
            time.sleep(0.02)
        stop(process)
        raise RuntimeError(f"the gateway did not come up: {(self.root / f'{upstream}.log').read_text()[-800:]}")

    def set_up(self) -> None:
        """Root with a huge balance and an unlimited key, and one OpenAI channel, for every upstream."""
        for upstream in UPSTREAMS:
            process = self.start(upstream)
            try:
                self._fill(upstream)
            finally:
                stop(process)

    def seconds_to_ready(self) -> float:
        """From the start of the process to its first answer, the database being there already."""
        began = time.monotonic()
        process = self.start(UPSTREAMS[0])
        ready = time.monotonic() - began
        stop(process)
        return ready

    def _fill(self, upstream: int) -> None:
        root = {"username": _NAME, "password": _PASSWORD}
        self._call("POST", "/api/setup", {**root, "confirmPassword": _PASSWORD, "setup_secret": _SECRET})
        token = self._call("POST", "/api/user/login", root)["access_token"]
        balance = {"id": 1, "action": "add_quota", "mode": "override", "value": _BALANCE}
        self._call("POST", "/api/user/manage", balance, token)
        channel = {"type": 1, "name": "canned", "key": "sk-upstream", "models": "gpt-4o-mini", "group": "default"}
        channel["base_url"] = f"http://127.0.0.1:{upstream}"
        self._call("POST", "/api/channel/", {"mode": "single", "channel": channel}, token)

    def _answers(self) -> bool:
        try:
            self._call("GET", "/api/status")
        except OSError:
            return False
        return True

    def _call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                told = json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{method} {path}: {refused.code} {refused.read()[:300]!r}") from refused
        if not told["success"]:
            raise RuntimeError(f"{method} {path}: {told['message']}")
        return told.get("data")


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL after ten seconds, to the process and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
