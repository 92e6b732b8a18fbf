"""Replays what a running New API answered. Every difference is an entry, with its reason, in differences.toml.

The scenarios and answers are unchanged copies; two run from `adapted/`, which supplies what they leave out.
"""

import filecmp
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "conformance"
ADAPTED = sorted(path.stem for path in (HERE / "adapted" / "scenarios").glob("[!_]*.py"))
PLAIN = sorted(path.stem for path in (HERE / "scenarios").glob("[!_]*.py") if path.stem not in ADAPTED)


def _run(folder: Path, names: list[str]) -> dict[str, str]:
    """What the tool says of each scenario, two at a time."""
    serve = f"{sys.executable} -m faregate serve --host 127.0.0.1 --port {{PORT}} --data-dir {{DIR}}"
    command = [sys.executable, str(HERE / "conform.py"), "check", "--dir", str(folder), "--jobs", "2", "--start", serve]
    command += ["--differences", str(HERE / "differences.toml"), *names]
    run = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    reports = re.split(r"(?m)^(?=(?:ok  |FAIL) )", run.stdout)
    found = {report.split()[1].rstrip(":"): report for report in reports if report.startswith(("ok  ", "FAIL"))}
    assert found, run.stdout + run.stderr
    return found


@pytest.fixture(scope="module")
def reports() -> dict[str, str]:
    """The reports of all scenarios."""
    return _run(HERE, PLAIN) | _run(HERE / "adapted", ADAPTED)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [*PLAIN, *ADAPTED])
def test_the_scenario_is_answered_as_recorded(name: str, reports: dict[str, str]) -> None:
    report = reports[name]
    assert report.startswith("ok"), report
    stale = [line for line in report.splitlines() if "no longer differs" in line]
    assert name in ADAPTED or not stale, stale


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder that the copies came from is not here")
@pytest.mark.parametrize("folder", ["scenarios", "answers"])
def test_the_copies_are_unchanged(folder: str) -> None:
    names = [path.name for path in (HERE / folder).iterdir() if path.is_file() and path.name != "__init__.py"]
    _, different, missing = filecmp.cmpfiles(HERE / folder, SHARED / folder, names, shallow=False)
    assert (different, missing) == ([], [])
