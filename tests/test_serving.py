"""Starts that come to nothing: their exit status."""

from pathlib import Path

import pytest

from tests.serving import Gateway


@pytest.mark.parametrize("workers", [1, 2])
def test_a_first_start_that_fails_has_an_exit_status_that_says_so(tmp_path: Path, workers: int) -> None:
    (tmp_path / "journal").touch()  # where every worker wants a folder
    gateway = Gateway(tmp_path, workers=workers)
    try:
        assert gateway.launch().wait(60) == 3
    finally:
        gateway.kill()
