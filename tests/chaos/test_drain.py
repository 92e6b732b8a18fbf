"""SIGTERM: running streams may end in peace, nobody new is let in, everything is written, the exit status is 0.

Workers whose parent is killed do the same.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.relay.books import Books, Route, furnish, until_served
from tests.relay.conftest import Listener
from tests.relay.stage import Stage
from tests.relay.wire import ask, carrying, ended_well, words_of
from tests.serving import Gateway, until_ended


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An upstream whose streams wait to be told to go on."""
    running = Stage()
    yield running
    running.close()


def opened(gateway: Gateway, stage: Stage) -> tuple[Books, str]:
    gateway.start().set_up()
    books = furnish(gateway, Route("to_order", stage.url("to_order")), Route("claude", stage.url("to_order"), 14))
    key = gateway.key()
    until_served(gateway, key, "claude")
    return books, key


def streaming(gateway: Gateway, dialect: str, model: str, key: str) -> Listener:
    """A stream whose first words are here."""
    listener = Listener(gateway.port, *ask(dialect, model, stream=True), carrying(dialect, key))
    listener.until(b"hello")
    return listener


def until_closed(gateway: Gateway) -> None:
    """Return when new connections are refused."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", gateway.port), 1).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("the gateway still lets callers in")


def journals(gateway: Gateway) -> list[str]:
    """What waits to be written."""
    return [path.name for path in (gateway.data_dir / "journal").iterdir() if path.suffix == ".journal"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_running_stream_ends_in_peace(stage: Stage, tmp_path: Path, workers: int) -> None:
    gateway = Gateway(tmp_path, workers=workers, environment={"FAREGATE_SHUTDOWN_GRACE_SECONDS": "20"})
    try:
        books, key = opened(gateway, stage)
        with streaming(gateway, "openai_chat", "to_order", key) as listener:
            assert gateway.process is not None
            os.kill(gateway.process.pid, signal.SIGTERM)
            until_closed(gateway)
            stage.go_on("to_order", "openai_chat")
            answer = listener.rest()
        assert words_of("openai_chat", answer.body) == "hello there"
        assert ended_well("openai_chat", answer.body)
        assert gateway.process.wait(30) == 0
    finally:
        gateway.kill()
    row = books.records()[listener.request_id]
    assert (row.charge, json.loads(row.other)["stream_status"]["end_reason"]) == (15, "done")
    assert journals(gateway) == []
    assert books.rows("SELECT id FROM lease") == []
    assert books.findings() == []


def test_a_stream_of_a_worker_whose_parent_is_killed_ends_in_peace(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, workers=2, environment={"FAREGATE_SHUTDOWN_GRACE_SECONDS": "20"})
    try:
        books, key = opened(gateway, stage)
        workers = gateway.worker_processes()
        with streaming(gateway, "openai_chat", "to_order", key) as listener:
            assert gateway.process is not None
            gateway.process.kill()
            until_closed(gateway)
            stage.go_on("to_order", "openai_chat")
            answer = listener.rest()
        assert ended_well("openai_chat", answer.body)
        until_ended(workers)
    finally:
        gateway.kill()
    assert books.records()[listener.request_id].charge == 15
    assert journals(gateway) == []
    assert books.rows("SELECT id FROM lease") == []
    assert books.findings() == []


def test_a_stream_that_goes_on_beyond_the_grace_is_cut_and_charged_for_what_came(stage: Stage, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, environment={"FAREGATE_SHUTDOWN_GRACE_SECONDS": "1"})
    try:
        books, key = opened(gateway, stage)
        with streaming(gateway, "anthropic", "claude", key) as listener:
            assert gateway.stop() == 0
    finally:
        gateway.kill()
    row = books.records()[listener.request_id]
    assert (row.charge, row.prompt_tokens, row.completion_tokens) == (13, 10, 3)
    assert json.loads(row.other)["stream_status"]["end_reason"] == "shutdown"
    assert journals(gateway) == []
    assert books.findings() == []
