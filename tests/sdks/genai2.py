"""The older major of the Google Gen AI SDK. One environment holds one version, so it lives in a folder of its own and
runs in a child process that sees nothing but that folder and the repository.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.sdks.scenarios import Outcome, Play, Turn

_REPOSITORY = Path(__file__).parents[2]
_LOCK = Path(__file__).parent / "genai2.lock"
_CHILD = "tests.sdks.genai2_child"
_INSTALLED_WITHIN_S, _PLAYED_WITHIN_S = 300, 60
SERVICE = "genai2"


def version() -> str:
    """The version that the lock file pins."""
    pin = next(line for line in _LOCK.read_text().splitlines() if line.startswith("google-genai=="))
    return pin.removeprefix("google-genai==").split()[0]


def installed() -> Path:
    """The folder with the SDK, made when it is not there. Skips when it cannot be fetched."""
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]
    folder = _REPOSITORY / ".artifacts" / f"genai2-{sys.implementation.cache_tag}-{digest}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="genai2-") as fresh:
        target = Path(fresh) / "packages"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--target", str(target), "--requirement", str(_LOCK)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALLED_WITHIN_S, check=False)
        if done.returncode:
            _absent(f"google-genai 2.x could not be fetched: {_last_line(done.stderr)}")
        if not folder.is_dir():
            target.rename(folder)
    return folder


def _last_line(text: str) -> str:
    return next(reversed(text.strip().splitlines()), "pip said nothing")


def _absent(sentence: str) -> None:
    if SERVICE in os.environ.get("FAREGATE_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{sentence}; FAREGATE_TEST_REQUIRE asks for it")
    pytest.skip(sentence)


def played(base_url: str, key: str, models: Sequence[str]) -> Mapping[str, dict[Play, Outcome]]:
    """What comes of every scenario with every model."""
    told = json.dumps({"base_url": base_url, "key": key, "models": list(models)})
    path = os.pathsep.join((str(installed()), str(_REPOSITORY)))
    done = subprocess.run(
        [sys.executable, "-S", "-m", _CHILD],
        input=told,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=_PLAYED_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    assert answer["version"] == version()
    found: dict[str, dict[Play, Outcome]] = {model: {} for model in models}
    for one in answer["played"]:
        turns = tuple(Turn(**{**turn, "tokens": tuple(turn["tokens"])}) for turn in one["turns"])
        found[one["model"]][one["scenario"], one["streamed"]] = Outcome(turns)
    return found
