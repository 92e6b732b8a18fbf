"""A real gateway process for tests: started on a free port, set up over its own API, stopped or killed at will."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT_NAME, ROOT_PASSWORD, SETUP_SECRET = "root", "a-long-root-pass", "tests-setup-secret"
_STARTS_WITHIN_S = 60.0
_QUIET = {
    "GLOBAL_API_RATE_LIMIT_ENABLE": "false",
    "CRITICAL_RATE_LIMIT_ENABLE": "false",
    "SEARCH_RATE_LIMIT_ENABLE": "false",
    "FAREGATE_SETUP_SECRET": SETUP_SECRET,
}


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command_line(process: int) -> bytes:
    """What a process was started with; nothing when it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def until_ended(processes: list[int]) -> None:
    """Return when none of them runs any more."""
    deadline = time.monotonic() + 20
    while left := [process for process in processes if command_line(process)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.02)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


@dataclass
class Gateway:
    """One server process over one data directory and database."""

    data_dir: Path
    database: str = ""
    workers: int = 1
    environment: dict[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    token: str = ""

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start, and do not wait."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = (self.data_dir / "server.log").open("ab")
        environment = {**os.environ, **_QUIET, "FAREGATE_DATABASE": self.database, **self.environment}
        command = [sys.executable, "-m", "faregate", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--data-dir", str(self.data_dir), "--workers", str(self.workers)]
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        return self.process

    def start(self) -> "Gateway":
        """Start and wait until it answers."""
        process = self.launch()
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                if self.call("GET", "/api/status").status == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError("the server did not come up: " + (self.data_dir / "server.log").read_text()[-2000:])

    def set_up(self) -> "Gateway":
        """Make the root account and sign in."""
        body = {"username": ROOT_NAME, "password": ROOT_PASSWORD, "confirmPassword": ROOT_PASSWORD}
        made = self.call("POST", "/api/setup", {**body, "setup_secret": SETUP_SECRET}).json
        assert made["success"], made
        return self.sign_in()

    def sign_in(self) -> "Gateway":
        """Sign root in."""
        got = self.call("POST", "/api/user/login", {"username": ROOT_NAME, "password": ROOT_PASSWORD}).json
        self.token = got["data"]["access_token"]
        return self

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, timeout: float = 60
    ) -> Answer:
        """One HTTP call; `body` is JSON unless it is bytes."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as found:
                return Answer(found.status, {k.lower(): v for k, v in found.headers.items()}, found.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, {k.lower(): v for k, v in refused.headers.items()}, refused.read())

    def manage(self, method: str, path: str, body: Any = None) -> Any:
        """One management call as root; the envelope's data. Fails the test when it is refused."""
        got = self.call(method, path, body, {"Authorization": f"Bearer {self.token}"}).json
        if got.get("code") == "AUTH_TOKEN_EXPIRED":
            self.sign_in()
            return self.manage(method, path, body)
        assert got["success"], (method, path, got)
        return got.get("data")

    def option(self, key: str, value: Any) -> None:
        """Set one option."""
        self.manage(
            "PUT", "/api/option/", {"key": key, "value": value if isinstance(value, str) else json.dumps(value)}
        )

    def channel(self, models: str, type: int = 1001, **more: Any) -> int:
        """Add a channel (the sandbox unless another type is given); its id."""
        body = {"type": type, "name": f"channel-{type}", "key": "sk-up", "models": models, "group": "default", **more}
        self.manage("POST", "/api/channel/", {"mode": "single", "channel": body})
        page = self.manage("GET", "/api/channel/?p=1&page_size=100&id_sort=true")
        return max(row["id"] for row in page["items"])

    def key(self, quota: int | None = None, **more: Any) -> str:
        """Make an API key of root: unlimited unless a quota is given."""
        name = f"key-{time.monotonic_ns()}"
        fields = {
            "name": name,
            "unlimited_quota": quota is None,
            "remain_quota": quota or 0,
            "expired_time": -1,
            **more,
        }
        self.manage("POST", "/api/token/", fields)
        rows = self.manage("GET", "/api/token/?p=1&page_size=100")["items"]
        ident = next(row["id"] for row in rows if row["name"] == name)
        return "sk-" + str(self.manage("POST", f"/api/token/{ident}/key")["key"]).removeprefix("sk-")

    def balance(self, quota: int, user: int = 1) -> None:
        """Set a user's balance."""
        self.manage("POST", "/api/user/manage", {"id": user, "action": "add_quota", "mode": "override", "value": quota})

    def worker_processes(self) -> list[int]:
        """The process ids of the workers, or of what comes before them."""
        assert self.process is not None
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in command_line(int(child))]

    def stop(self) -> int:
        """SIGTERM, and wait; the exit status."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """SIGKILL to the whole group, and wait."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)

    def doctor(self) -> tuple[int, str]:
        """What `faregate doctor` says of the books: exit status and text."""
        environment = {**os.environ, "FAREGATE_DATABASE": self.database}
        command = [sys.executable, "-m", "faregate", "doctor", "--data-dir", str(self.data_dir)]
        found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        return found.returncode, found.stdout + found.stderr
