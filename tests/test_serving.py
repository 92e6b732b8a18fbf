"""Starts that come to nothing: what is left of them, and their exit status."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.serving import Gateway, until_ended


@pytest.mark.parametrize("workers", [1, 2])
def test_a_first_start_that_fails_has_an_exit_status_that_says_so(tmp_path: Path, workers: int) -> None:
    gateway = Gateway(tmp_path, workers=workers, environment={"SSL_CERT_FILE": str(tmp_path / "none")})
    try:
        assert gateway.launch().wait(60) == 3
    finally:
        gateway.kill()


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_parent_that_ends_before_it_serves_leaves_nobody_behind(
    tmp_path: Path, end: signal.Signals, status: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        database = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        gateway = Gateway(tmp_path, database, workers=2)
        try:
            process = gateway.launch()
            waiting, _ = silent.accept()  # who prepares the database is at it
            helpers = gateway.worker_processes()
            assert helpers
            os.kill(process.pid, end)
            assert process.wait(10) == status
            until_ended(helpers)
            waiting.close()
        finally:
            gateway.kill()
