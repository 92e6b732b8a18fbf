"""The README's first request, run as it is written, against a gateway that was started as it says."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.serving import Gateway

_README = (Path(__file__).parents[2] / "README.md").read_text("utf8")
_STEP = re.compile(r"<!-- run -->\n```sh\n(.*?)```", re.DOTALL)
_STARTED = "FAREGATE_SETUP_SECRET=choose-your-own make run"
_ADDRESS = "http://127.0.0.1:3000"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the README's commands print, one after the other in one shell."""
    assert _STARTED in _README
    gateway = Gateway(tmp_path_factory.mktemp("readme"), environment={"FAREGATE_SETUP_SECRET": "choose-your-own"})
    gateway.start()
    try:
        script = "\n".join(_STEP.findall(_README)).replace(_ADDRESS, gateway.url)
        done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    finally:
        gateway.stop()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_set_up_and_both_creations_succeed(printed: str) -> None:
    assert printed.count('"success":true') == 3
    assert '"success":false' not in printed


def test_the_whole_answer_comes_in_both_dialects(printed: str) -> None:
    assert '"message":{"role":"assistant","content":"pong"}' in printed
    assert '"content":[{"type":"text","text":"pong"}]' in printed


def test_the_stream_comes_with_its_end(printed: str) -> None:
    assert '"delta":{"content":"pong"}' in printed
    assert "data: [DONE]" in printed


def test_the_three_calls_are_in_the_log_with_their_charge(printed: str) -> None:
    assert re.findall(r'"model_name": "(\w+)"', printed) == ["sandbox", "sandbox", "sandbox"]
    assert all(int(quota) > 0 for quota in re.findall(r'"quota": (\d+)', printed))
